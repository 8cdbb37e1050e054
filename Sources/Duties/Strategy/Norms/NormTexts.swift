import Kernel
import Store

/// Texts and opinions as steps of the case: versions that are saved, opinions that are written down.
enum NormTexts {
    static func register(in hooks: inout ProcedureHooks) {
        hooks.guards["strategy.version"] = { context, tx in
            guard let latest = try NormStore.latest(of: context.file.id, tx) else {
                return [
                    NormHooks.problem("norm.no-text", "还没有文本，请先保存一个版本", "There is no text yet; save a version first")
                ]
            }
            return ClauseReader.problems(latest.text, field: "")
        }
        hooks.guards["strategy.text"] = { context, tx in
            let text = context.answers["text"]?.string ?? ""
            // What the field itself says of a missing or too long text is enough.
            guard !text.isEmpty, text.count <= ClauseReader.longest else { return [] }
            if try NormStore.latest(of: context.file.id, tx)?.text == text {
                return [
                    NormHooks.problem(
                        "norm.same", "文本与上一版本相同", "The text is the same as that of the last version", field: "text")
                ]
            }
            return ClauseReader.problems(text, field: "text")
        }
        hooks.effects["strategy.text"] = { context, tx in
            let norm = try NormStore.require(context.file.id, tx)
            let last = try NormStore.latest(of: norm.caseID, tx)?.version ?? 0
            try NormStore.add(
                context.answers["text"]?.string ?? "", note: context.answers["note"]?.string ?? "", to: norm,
                after: last, by: context.actor, at: context.now, tx)
            // The version is kept in its own place; the page of the case need not show it a second time.
            try CaseValues.forget(context.action.id, of: norm.caseID, tx)
        }
        hooks.guards["strategy.speak"] = { context, tx in try speaking(context, tx) }
        hooks.effects["strategy.speak"] = { context, tx in
            let norm = try NormStore.require(context.file.id, tx)
            let before = try OpinionStore.list(of: norm.caseID, session: norm.session, tx)
            let opinion = Opinion(
                position: before.count + 1, member: context.answers["member"]?.string ?? "",
                isHead: context.answers["is-head"]?.string == "yes",
                stance: Opinion.Stance(rawValue: context.answers["stance"]?.string ?? "") ?? .other,
                words: context.answers["words"]?.string ?? "")
            try OpinionStore.add(
                opinion, to: norm.caseID, session: norm.session, by: context.actor, at: context.now, tx)
            try CaseValues.forget(context.action.id, of: norm.caseID, tx)
        }
    }

    /// The order of speaking: nobody twice, the head last, and after the head nobody.
    private static func speaking(_ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        let norm = try NormStore.require(context.file.id, tx)
        let before = try OpinionStore.list(of: norm.caseID, session: norm.session, tx)
        let member = context.answers["member"]?.string ?? ""
        var found: [FieldProblem] = []
        if before.contains(where: { $0.member == member }) {
            found.append(
                NormHooks.problem(
                    "opinion.twice", "\(member)已发表意见", "\(member) has spoken already", field: "member"))
        }
        if before.last?.isHead ?? false {
            found.append(
                NormHooks.problem(
                    "opinion.after-head", "行政首长已最后发表意见，其后不得再发言",
                    "The head has spoken last; nobody speaks after", field: "member"))
        }
        if context.answers["is-head"]?.string == "yes", before.isEmpty {
            found.append(
                NormHooks.problem(
                    "opinion.head-first", "行政首长须最后发表意见", "The head must speak last", field: "is-head"))
        }
        return found
    }
}
