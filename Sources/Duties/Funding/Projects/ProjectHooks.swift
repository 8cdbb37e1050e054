public import Kernel
import Ledger
import Store
import Treasury

/// Guards, effects and letters of `funding.project` and `funding.change`.
public enum ProjectHooks {
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        let rules = city.rules
        guards(&hooks, rules)
        steps(&hooks, rules)
        changes(&hooks, rules)
        hooks.letterValues["funding.project"] = { context, tx in
            try letterValues(context, rules, city.bureau, tx)
        }
    }

    private static func guards(_ hooks: inout ProcedureHooks, _ rules: RuleBook) {
        hooks.guards["project.contract-complete"] = { context, tx in
            let project = try ProjectStore.require(context.file.id, tx)
            let call = try CallStore.require(project.call, tx)
            let answers = try CaseStore.answers(context.file.id, tx).content
            var problems = try ContractCheck.problems(answers, call, project, rules, on: context.day, tx)
            if answers["amount"]?.integer != project.amount.fen {
                problems.append(
                    FieldProblem(
                        field: "amount", code: "contract.amount",
                        message: Bilingual(
                            "合同金额应等于立项金额 \(project.amount.yuanText) 元",
                            "The contract must be for the amount awarded, RMB \(project.amount.yuanText)")))
            }
            return problems
        }
        hooks.guards["project.acceptance-complete"] = { context, tx in
            let answers = try CaseStore.answers(context.file.id, tx).content
            return ContractForm.acceptance.problems(answers, complete: true)
        }
        hooks.guards["project.surplus"] = { context, tx in
            try surplusProblems(
                context.answers["surplus"]?.integer ?? 0, try ProjectStore.require(context.file.id, tx), tx)
        }
        hooks.guards["project.settled"] = { context, tx in
            let open: Int =
                try tx.value(
                    "SELECT COUNT(*) FROM recovery WHERE project = \(context.file.id) AND state = 'due'") ?? 0
            let error = ProjectError.unsettled(open)
            return open == 0 ? [] : [FieldProblem(field: "", code: error.code, message: error.message)]
        }
    }

    /// A surplus is at most what the books have left, and exactly that where spending was accounted for.
    private static func surplusProblems(_ surplus: Int64, _ project: Project, _ tx: Tx) throws -> [FieldProblem] {
        let left = try FundingBooks.unspent(project, tx)
        if surplus > left.fen {
            return [
                FieldProblem(
                    field: "surplus", code: "project.surplus",
                    message: Bilingual(
                        "结余不能超过已拨资金中未支出的 \(left.yuanText) 元",
                        "The surplus cannot be above the RMB \(left.yuanText) that are paid and not spent"))
            ]
        }
        guard try VoucherStore.hasBooked(project: project.id, tx), surplus != left.fen else { return [] }
        return [
            FieldProblem(
                field: "surplus", code: "project.surplus-books",
                message: Bilingual(
                    "账上未支出 \(left.yuanText) 元，结余应与此相等",
                    "The books have RMB \(left.yuanText) left, and so must the surplus"))
        ]
    }

    private static func steps(_ hooks: inout ProcedureHooks, _ rules: RuleBook) {
        hooks.effects["project.step"] = { context, tx in try setStep(context, tx) { _ in } }
        hooks.effects["project.acceptance-applied"] = { context, tx in try setStep(context, tx) { _ in } }
        hooks.effects["project.signed"] = { context, tx in
            let answers = try CaseStore.answers(context.file.id, tx).content
            let starts = answers["starts-on"]?.string.flatMap { Day($0) } ?? context.day
            let months = Int(answers["term-months"]?.integer ?? 12)
            try setStep(context, tx) { project in
                project.startsOn = starts
                project.endsOn = starts.adding(months: months).adding(days: -1)
            }
            let project = try ProjectStore.require(context.file.id, tx)
            let plans = try CallStore.require(project.call, tx).content.tranches
            try TrancheStore.plan(
                plans, amount: project.amount, project: project.id, startsOn: starts,
                ids: plans.map { _ in ID(UUIDv7.make(at: context.now)) }, tx)
            try FundingBooks.sign(project, try BookEntry.of(context, tx), tx)
            try ProjectEvents.term(project, rules, context, tx)
        }
        hooks.effects["project.outcome-proposed"] = { context, tx in try setStep(context, tx) { _ in } }
        hooks.effects["project.outcome-decided"] = { context, tx in try decide(context, rules, tx) }
        hooks.effects["project.terminated"] = { context, tx in
            try setStep(context, tx) { $0.closedAt = context.now }
            try TrancheStore.cancelRest(of: context.file.id, payment(context), tx)
            try FundingBooks.free(
                try ProjectStore.require(context.file.id, tx), try BookEntry.of(context, tx), tx)
        }
        hooks.effects["project.closed"] = { context, tx in try setStep(context, tx) { $0.closedAt = context.now } }
    }

    private static func payment(_ context: ActionContext) -> PaymentEntry {
        PaymentEntry(actor: context.actor, day: context.day, now: context.now)
    }

    private static func setStep(_ context: ActionContext, _ tx: Tx, _ change: (inout Project) -> Void) throws {
        var project = try ProjectStore.require(context.file.id, tx)
        project.step = context.action.to
        change(&project)
        try ProjectStore.save(project, tx)
        guard let applicant = context.file.applicant, applicant != context.actor.account else { return }
        try Messages.tell(
            applicant,
            Bilingual("\(project.number)：\(context.action.done.zh)", "\(project.number): \(context.action.done.en)"),
            context.news(
                Bilingual("项目《\(project.title.zh)》", "The project '\(project.title.en)'")),
            at: "/cases/\(project.id)", now: context.now, tx)
    }

    /// The outcome that the officer proposed, as the events keep it.
    static func proposal(
        _ id: ID<CaseFile>, _ tx: Tx
    ) throws -> (outcome: AcceptanceOutcome, surplus: Money, interest: Money, opinion: String) {
        let proposed = try Record.events(of: id, tx).last { $0.kind == "case.propose-outcome" }
        let answers = proposed?.content["answers"] ?? [:]
        guard let outcome = answers["outcome"]?.string.flatMap(AcceptanceOutcome.init(rawValue:)) else {
            throw ProjectError.unknown
        }
        return (
            outcome, Money(fen: answers["surplus"]?.integer ?? 0), Money(fen: answers["interest"]?.integer ?? 0),
            answers["opinion"]?.string ?? ""
        )
    }

    private static func decide(_ context: ActionContext, _ rules: RuleBook, _ tx: Tx) throws {
        let (outcome, surplus, interest, _) = try proposal(context.file.id, tx)
        let rule = try AcceptanceRule(rules.law(on: context.day))
        let project = try ProjectStore.require(context.file.id, tx)
        let facts = AcceptanceFacts(outcome: outcome, paid: try FundingBooks.paid(project, tx), surplus: surplus)
        let consequences = rule.decide(facts)
        let ruling = rule.ruling(facts, on: context.day)
        try RulingStore.keep(ruling, of: context.file.id, by: context.actor, at: context.now, tx)
        try setStep(context, tx) { $0.outcome = outcome }
        try TrancheStore.cancelRest(of: context.file.id, payment(context), tx)
        let entry = try BookEntry.of(context, tx)
        try FundingBooks.free(project, entry, tx)
        if outcome == .passed { try FundingBooks.keepSurplus(surplus, of: project, entry, tx) }
        let reason = outcome.title
        let basis = basis(of: ruling)
        // What a failed project spent is not recognised; it owes the whole again.
        if outcome == .failed { try FundingBooks.disallow(project, entry, tx) }
        let owed = outcome == .passed ? .zero : interest
        if consequences.recovery != nil || owed > .zero {
            try claim(consequences.recovery ?? .zero, interest: owed, of: project, reason, rules, entry, context, tx)
        }
        guard let years = consequences.banYears else { return }
        let until = context.day.adding(years: years)
        try ban(project.investigator, until, reason, basis, context, tx)
        try ProjectEvents.failed(project, until: until, context, tx)
        // Each other main participant gets a mark; marks that reach the limit make a ban.
        let others = try tx.rows(
            """
            SELECT DISTINCT person FROM application_participant WHERE case_id = \(project.application)
                AND person IS NOT NULL AND person <> \(project.investigator)
            """
        ) { try $0["person"] as ID<PersonMark> }
        for person in others {
            let marks: Int =
                try tx.value("SELECT COUNT(*) FROM funding_bar WHERE subject = \(person) AND kind = 'mark'") ?? 0
            try mark(person, reason, basis, context, tx)
            if let limit = consequences.marksForBan, marks + 1 >= limit {
                try ban(person, until, reason, basis, context, tx)
            }
        }
    }

    /// Claims money back by the city's term.
    private static func claim(
        _ amount: Money, interest: Money, of project: Project, _ reason: Bilingual, _ rules: RuleBook,
        _ entry: BookEntry, _ context: ActionContext, _ tx: Tx
    ) throws {
        let recovery = UUIDv7.make(at: context.now)
        let due = context.day.adding(months: try rules.number("recovery.due-months", on: context.day))
        if amount > .zero { try FundingBooks.claim(amount, of: project, recovery: recovery, entry, tx) }
        try tx.run(
            """
            INSERT INTO recovery (id, project, amount_fen, interest_fen, reason_zh, reason_en, state, due_on, made_at)
            VALUES (\(recovery), \(project.id), \(amount), \(interest), \(reason.zh), \(reason.en), 'due', \(due),
                \(context.now))
            """)
        try ProjectEvents.claimed(
            amount + interest, recovery: recovery, due: due, project, by: context.actor, at: context.now, tx)
    }

    /// The document and article that a consequence rests on; the contract where no legal number was used.
    private static func basis(of ruling: Ruling) -> Bilingual {
        ruling.trace.lazy.compactMap(\.law?.source.cited).first ?? Bilingual("项目合同书", "The contract")
    }

    /// Bars a person from municipal projects, and from awards and nominations.
    private static func ban(
        _ person: ID<PersonMark>, _ until: Day, _ reason: Bilingual, _ basis: Bilingual, _ context: ActionContext,
        _ tx: Tx
    ) throws {
        try Bars.impose(
            Kernel.Bar(
                id: ID(UUIDv7.make(at: context.now)), person: person, activities: [.projects, .awards],
                from: context.day, until: until, reason: reason, basis: basis, source: context.file.id,
                number: context.file.number), by: context.actor, at: context.now, tx)
    }

    private static func mark(
        _ person: ID<PersonMark>, _ reason: Bilingual, _ basis: Bilingual, _ context: ActionContext, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO funding_bar (id, subject_kind, subject, kind, starts_on, ends_on, case_id, reason_zh, reason_en,
                basis_zh, basis_en, made_at)
            VALUES (\(UUIDv7.make(at: context.now)), 'person', \(person), 'mark', \(context.day), NULL,
                \(context.file.id), \(reason.zh), \(reason.en), \(basis.zh), \(basis.en), \(context.now))
            """)
    }

    private static func changes(_ hooks: inout ProcedureHooks, _ rules: RuleBook) {
        hooks.guards["change.complete"] = { context, tx in
            let answers = try CaseStore.answers(context.file.id, tx).content
            var problems = ContractForm.change.problems(answers, complete: true)
            let names = ["new-end", "new-investigator", "other"]
            if names.allSatisfy({ (answers[$0] ?? .null) == .null }) {
                problems.append(
                    FieldProblem(
                        field: "other", code: "change.nothing",
                        message: Bilingual("请至少填写一项变更内容", "Fill in at least one change")))
            }
            return try problems + impossible(answers, context, tx)
        }
        hooks.effects["change.approved"] = { context, tx in
            guard let parent = context.file.parent else { return }
            var project = try ProjectStore.require(parent, tx)
            let answers = try CaseStore.answers(context.file.id, tx).content
            if let end = answers["new-end"]?.string.flatMap({ Day($0) }) { project.endsOn = end }
            if let orcid = answers["new-investigator"]?.string {
                guard let found = try investigator(orcid, tx) else { throw RegistryError.unknown }
                project.investigator = found.id
                project.investigatorName = found.name
            }
            try ProjectStore.save(project, tx)
            try ProjectEvents.term(project, rules, context, tx)
            try Record.append(
                Event(
                    room: "funding", kind: "project.changed", subjectKind: "case", subject: parent.text, caseID: parent,
                    actor: context.actor, at: context.now, content: ["change": .string(context.file.number)]), tx)
        }
    }

    /// What could not be carried out if it were approved.
    private static func impossible(_ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws -> [FieldProblem] {
        guard let parent = context.file.parent else { return [] }
        let project = try ProjectStore.require(parent, tx)
        var problems: [FieldProblem] = []
        if let end = answers["new-end"]?.string.flatMap({ Day($0) }), let present = project.endsOn, end <= present {
            problems.append(
                FieldProblem(
                    field: "new-end", code: "change.end",
                    message: Bilingual(
                        "「延期至」须晚于现在的到期日 \(present)", "New last day: must be after the present one, \(present)")))
        }
        if let orcid = answers["new-investigator"]?.string, try investigator(orcid, tx) == nil {
            problems.append(
                FieldProblem(
                    field: "new-investigator", code: "change.investigator",
                    message: Bilingual(
                        "主体库中没有 ORCID 为 \(orcid) 的人员，请先请其注册账号",
                        "New investigator: nobody with the ORCID \(orcid) is registered; ask them to register first")))
        }
        return problems
    }

    private static func investigator(_ orcid: String, _ tx: Tx) throws -> (id: ID<PersonMark>, name: String)? {
        try tx.first("SELECT id, name FROM person WHERE orcid = \(orcid)") { (try $0["id"], try $0["name"]) }
    }

    private static func letterValues(
        _ context: ActionContext, _ rules: RuleBook, _ bureau: Bilingual, _ tx: Tx
    ) throws -> [String: Bilingual] {
        let project = try ProjectStore.require(context.file.id, tx)
        let answers = try CaseStore.answers(project.id, tx).content
        let same = { (text: String) in Bilingual(text, text) }
        var values: [String: Bilingual] = [
            "bureau": bureau, "organisation": project.organisationName, "investigator": same(project.investigatorName),
            "project": same(project.number), "number": same(project.number), "title": project.title,
            "amount": Bilingual(project.amount.text(.chinese), project.amount.text(.english)),
            "starts": project.startsOn?.bilingual ?? same("—"), "ends": project.endsOn?.bilingual ?? same("—"),
        ]
        let indicators = (answers["indicators"]?.array ?? []).enumerated().map {
            "\($0.offset + 1). \($0.element["name"]?.string ?? ""): \($0.element["target"]?.string ?? "")"
        }
        values["indicators"] = same(indicators.joined(separator: "\n"))
        values["budget"] = try ContractBudget.current(project, tx).words
        let tranches = try TrancheStore.list(project: project.id, tx)
        values["tranches"] = Bilingual(
            tranches.map { "\($0.position). \($0.amount.text(.chinese))（\($0.condition.zh)）" }.joined(separator: "\n"),
            tranches.map { "\($0.position). \($0.amount.text(.english)) (\($0.condition.en))" }.joined(separator: "\n"))
        if let outcome = project.outcome {
            let (_, surplus, _, opinion) = try proposal(project.id, tx)
            let ruling = try AcceptanceRule(rules.law(on: context.day)).ruling(
                AcceptanceFacts(outcome: outcome, paid: try FundingBooks.paid(project, tx), surplus: surplus),
                on: context.day)
            values["outcome"] = outcome.title
            values["reasons"] = same(opinion)
            values["consequences"] = ruling.words
            values["basis"] = basis(of: ruling)
        }
        return values
    }
}
