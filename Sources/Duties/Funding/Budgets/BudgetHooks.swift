import Kernel
import Ledger
import Store

/// Guards and effects of `funding.budget` and `funding.year-end`.
enum BudgetHooks {
    static let procedure = "funding.budget"
    static let yearEndProcedure = "funding.year-end"

    static func register(in hooks: inout ProcedureHooks, rules: RuleBook) {
        hooks.guards["funding.budget-fits"] = { context, tx in
            try BudgetPaper.of(context.file.id, tx).problems(try ProgrammeStore.all(tx), tx)
        }
        hooks.guards["funding.budget-share"] = { context, tx in
            guard let ruling = try share(context, rules, tx), ruling.outcome["met"]?.bool == false,
                (context.answers["share-reason"]?.string ?? "").isEmpty
            else { return [] }
            let basis = ruling.trace.flatMap(\.flattened).compactMap(\.law).first?.source.cited
            return [
                FieldProblem(
                    field: "share-reason", code: "budget.share",
                    message: Bilingual("\(ruling.words.zh)。请说明理由", "\(ruling.words.en). Say why"), basis: basis)
            ]
        }
        hooks.effects["funding.budget-judged"] = { context, tx in
            guard let ruling = try share(context, rules, tx) else { return }
            try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        }
        hooks.effects["funding.budget-post"] = { context, tx in
            try BudgetStore.post(
                try BudgetPaper.of(context.file.id, tx), of: context.file.id,
                "\(context.file.title.zh) \(context.file.number)", try BookEntry.of(context, tx), tx)
        }
        yearEnd(&hooks)
    }

    /// The share of basic research as it would be; nil where the paper leaves programmes alone.
    private static func share(_ context: ActionContext, _ rules: RuleBook, _ tx: Tx) throws -> Ruling? {
        let paper = try BudgetPaper.of(context.file.id, tx)
        guard paper.changesProgrammes else { return nil }
        let facts = try BudgetStore.share(year: paper.year, with: paper, tx)
        return try BudgetShareRule(rules.law(on: context.day)).ruling(facts, on: context.day)
    }

    private static func yearEnd(_ hooks: inout ProcedureHooks) {
        hooks.guards["funding.year-over"] = { context, tx in
            let year = Int(try CaseStore.answers(context.file.id, tx).content["year"]?.integer ?? 0)
            guard let end = Day(year: year, month: 12, day: 31), context.day < end else { return [] }
            return [
                FieldProblem(
                    field: "year", code: "budget.year-running",
                    message: Bilingual("\(year) 年还没有结束，不能办理年末处理", "\(year) is not over yet"))
            ]
        }
        hooks.effects["funding.year-end"] = { context, tx in
            let answers = try CaseStore.answers(context.file.id, tx).content
            guard let treatment = answers["treatment"]?.string.flatMap(YearEnd.Treatment.init(rawValue:)) else {
                return
            }
            let entry = try BookEntry.of(context, tx)
            try YearEnd.settle(
                Int(answers["year"]?.integer ?? 0), treatment, source: FundingBooks.source, on: entry.day,
                origin: entry.origin, tx)
        }
    }
}
