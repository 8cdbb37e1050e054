import Kernel
import Store

/// Comments that came on paper, and answers, as steps of the case.
enum NormComments {
    static func register(in hooks: inout ProcedureHooks) {
        hooks.guards["strategy.comment"] = { context, tx in
            let norm = try NormStore.require(context.file.id, tx)
            guard let item = try ConsultationStore.find(norm.caseID, round: norm.round, tx),
                let version = try NormStore.version(item.version, of: norm.caseID, tx)
            else { return [] }
            let draft = NormActions.CommentDraft(
                clause: context.answers["clause"]?.string ?? "", text: context.answers["text"]?.string ?? " ",
                name: "", contact: "")
            // A missing text is named by the field itself.
            return NormActions.problems(draft, version.clauses).filter { $0.code != "field.required" }
        }
        hooks.effects["strategy.comment"] = { context, tx in
            let norm = try NormStore.require(context.file.id, tx)
            guard let item = try ConsultationStore.find(norm.caseID, round: norm.round, tx) else { return }
            _ = try ConsultationStore.add(
                context.answers["text"]?.string ?? "", on: context.answers["clause"]?.string ?? "", of: item,
                from: nil, at: context.now, tx)
            try CaseValues.forget(context.action.id, of: norm.caseID, tx)
        }
        hooks.guards["strategy.answer"] = { context, tx in
            guard let number = context.answers["comment"]?.integer else { return [] }
            return try comment(context, tx) == nil
                ? [
                    NormHooks.problem(
                        "comment.unknown", "没有第 \(number) 条意见", "There is no comment \(number)", field: "comment")
                ] : []
        }
        hooks.effects["strategy.answer"] = { context, tx in
            guard let comment = try comment(context, tx),
                let verdict = Comment.Verdict(rawValue: context.answers["verdict"]?.string ?? "")
            else { return }
            try ConsultationStore.answer(
                comment.id, verdict, reason: context.answers["reason"]?.string ?? "", by: context.actor,
                at: context.now, tx)
            try CaseValues.forget(context.action.id, of: context.file.id, tx)
        }
    }

    /// The comment with the number that is asked for, in the order in which they came.
    private static func comment(_ context: ActionContext, _ tx: Tx) throws -> Comment? {
        let norm = try NormStore.require(context.file.id, tx)
        let number = context.answers["comment"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        guard (1...100_000).contains(number) else { return nil }
        return try ConsultationStore.comment(number, of: norm.caseID, round: norm.round, tx)
    }
}
