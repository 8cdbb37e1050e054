public import Kernel
import Ledger
import Store

/// Changes of a contract's budget: who approves depends on what changes (国办发〔2021〕32号).
public enum BudgetChange {
    /// Who approves a change.
    public enum Kind: String, Sendable, CaseIterable {
        /// Other headings than equipment: the investigator.
        case other
        /// Equipment: the organisation.
        case equipment
        /// The sum: the bureau.
        case total

        public var title: Bilingual {
            switch self {
            case .other: Bilingual("由项目负责人决定", "The investigator decides")
            case .equipment: Bilingual("涉及设备费，由承担单位审批", "Equipment changes: the organisation approves")
            case .total: Bilingual("涉及总额，由市局审批", "The sum changes: the bureau approves")
            }
        }
    }

    /// The form: the whole budget as it shall be.
    static func form(_ budget: ContractBudget) -> Form {
        Form(sections: [
            FormSection(
                name: "budget", title: Bilingual("预算调剂", "Change of the budget"),
                fields: [
                    FormField(
                        name: "amount", label: Bilingual("资助总额（元）", "The sum awarded (yuan)"),
                        hint: Bilingual("只调剂科目时不变。", "Stays as it is where only headings change."), kind: .money,
                        minimum: 1),
                    FormField(
                        name: "budget", label: Bilingual("调整后的预算", "The budget as it shall be"), kind: .budget,
                        options: budget.headings, equals: "amount"),
                    FormField(
                        name: "reason", label: Bilingual("调剂理由", "Reason"), kind: .longText, atMost: 2_000, atLeast: 5),
                ])
        ])
    }

    /// What a change begins with.
    static func begin(_ budget: ContractBudget, _ project: Project) -> JSONValue {
        var cells: [String: JSONValue] = [:]
        for (heading, amount) in budget.amounts { cells[heading] = ["amount": .integer(amount.fen), "note": .null] }
        return ["amount": .integer(project.amount.fen), "budget": .object(cells)]
    }

    /// What kind of change answers are; nil where nothing changes.
    static func kind(_ answers: JSONValue, _ budget: ContractBudget, _ project: Project) -> Kind? {
        let wanted = ContractBudget.amounts(answers["budget"] ?? .null)
        if answers["amount"]?.integer != project.amount.fen { return .total }
        let changed = budget.headings.map(\.value).filter { (wanted[$0] ?? .zero) != (budget.amounts[$0] ?? .zero) }
        if changed.isEmpty { return nil }
        return changed.contains("equipment") ? .equipment : .other
    }

    /// Everything that stands against a change.
    static func problems(
        _ answers: JSONValue, _ project: Project, _ law: Law, saved kind: String?, _ tx: Tx
    ) throws -> [FieldProblem] {
        let budget = try ContractBudget.current(project, tx)
        var problems = form(budget).problems(answers, complete: true)
        guard problems.isEmpty else { return problems }
        let wanted = ContractBudget.amounts(answers["budget"] ?? .null)
        let found = self.kind(answers, budget, project)
        if found == nil || found?.rawValue != kind {
            problems.append(
                FieldProblem(
                    field: "budget", code: "budget-change.nothing",
                    message: found == nil
                        ? Bilingual("预算没有变化", "Nothing changes")
                        : Bilingual("合同预算已变化，请重新保存", "The budget has changed meanwhile; save again")))
        }
        let sums = try VoucherStore.sums(project: project.id, tx)
        for heading in budget.headings {
            let spent = (sums[heading.value]?.entered ?? .zero) + (sums[heading.value]?.booked ?? .zero)
            guard (wanted[heading.value] ?? .zero) < spent else { continue }
            problems.append(
                FieldProblem(
                    field: "budget.\(heading.value).amount", code: "budget-change.spent",
                    message: Bilingual(
                        "「\(heading.label.zh)」已支出 \(spent.yuanText) 元，不能低于此数",
                        "RMB \(spent.yuanText) is spent under \(heading.label.en); it cannot be below that")))
        }
        problems += try ContractCheck.indirect(answers["budget"] ?? .null, project, law)
        if found == .total, let last = try lastPlanned(project, tx) {
            let change = Money(fen: (answers["amount"]?.integer ?? 0) - project.amount.fen)
            if last.amount + change <= .zero {
                problems.append(
                    FieldProblem(
                        field: "amount", code: "budget-change.paid",
                        message: Bilingual(
                            "只能在未拨付的最后一期 \(last.amount.yuanText) 元内调减",
                            "It can be lowered only within the last tranche that is not paid, RMB \(last.amount.yuanText)"
                        )
                    ))
            }
        } else if found == .total {
            problems.append(
                FieldProblem(
                    field: "amount", code: "budget-change.all-paid",
                    message: Bilingual("各期拨款均已开单，总额不能再变", "All tranches are ordered; the sum cannot change any more")))
        }
        return problems
    }

    private static func lastPlanned(_ project: Project, _ tx: Tx) throws -> Tranche? {
        try TrancheStore.list(project: project.id, tx).last { $0.state == .planned }
    }

    /// Makes an approved change the contract's budget.
    static func takeEffect(_ answers: JSONValue, of project: Project, _ context: ActionContext, _ tx: Tx) throws {
        let before = try ContractBudget.current(project, tx)
        let wanted = ContractBudget.amounts(answers["budget"] ?? .null)
        let change = Money(fen: (answers["amount"]?.integer ?? project.amount.fen) - project.amount.fen)
        for heading in before.headings {
            try tx.run(
                """
                INSERT INTO project_budget (project, revision, heading, amount_fen, case_id, made_by, made_at)
                VALUES (\(project.id), \(before.revision + 1), \(heading.value), \(wanted[heading.value] ?? .zero),
                    \(context.file.id), \(context.actor.account?.text ?? "system"), \(context.now))
                """)
        }
        if change != .zero { try resize(project, by: change, context, tx) }
        try FundingBooks.limit(
            project, try ContractBudget.current(project, tx), by: context.actor, at: context.now, tx)
        var content: [String: JSONValue] = [
            "change": .string(context.file.number), "amountFen": .integer(project.amount.fen + change.fen),
        ]
        for heading in before.headings {
            let (old, new) = (before.amounts[heading.value] ?? .zero, wanted[heading.value] ?? .zero)
            if old != new { content[heading.value] = .array([.integer(old.fen), .integer(new.fen)]) }
        }
        try Record.append(
            Event(
                room: "funding", kind: "project.budget-changed", subjectKind: "case", subject: project.id.text,
                caseID: project.id, actor: context.actor, at: context.now, content: .object(content)), tx)
    }

    /// Another sum: from or to the programme's budget, in the last tranche that is not ordered.
    private static func resize(_ project: Project, by change: Money, _ context: ActionContext, _ tx: Tx) throws {
        guard let last = try lastPlanned(project, tx) else { throw ProjectError.trancheState }
        try tx.run("UPDATE tranche SET amount_fen = \(last.amount + change) WHERE id = \(last.id)")
        try tx.run("UPDATE project SET amount_fen = \(project.amount + change) WHERE case_id = \(project.id)")
        guard let programme = try ProgrammeStore.find(project.programme, tx) else { throw CallError.unknown }
        let budget = LedgerAccount.budget(programme.code, year: project.year)
        let contract = try FundingBooks.account(.contract, of: project, tx)
        let (from, to) = change > .zero ? (budget, contract) : (contract, budget)
        let entry = try BookEntry.of(context, tx)
        _ = try Ledger.post(
            Posting(
                Money(fen: abs(change.fen)), from: from, to: to, on: entry.day,
                "预算调整 \(project.number) / sum changed \(project.number)",
                key: "budget-change.\(context.file.id)", origin: entry.about(project.id).origin), tx)
    }

    static func register(in hooks: inout ProcedureHooks, rules: RuleBook) {
        hooks.guards["budget-change.complete"] = { context, tx in
            guard let parent = context.file.parent else { return [] }
            let project = try ProjectStore.require(parent, tx)
            guard project.step == "running" else {
                let error = ProjectError.notRunning
                return [FieldProblem(field: "", code: error.code, message: error.message)]
            }
            return try problems(
                try CaseStore.answers(context.file.id, tx).content, project, rules.law(on: context.day),
                saved: try CaseValues.all(of: context.file.id, tx)["change-kind"]?.string, tx)
        }
        hooks.effects["budget-change.effective"] = { context, tx in
            guard let parent = context.file.parent else { return }
            try takeEffect(
                try CaseStore.answers(context.file.id, tx).content, of: try ProjectStore.require(parent, tx), context,
                tx)
        }
    }
}
