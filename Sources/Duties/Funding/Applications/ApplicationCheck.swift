public import Kernel
public import Store

/// Gathers what the automatic check asks of the database.
public enum ApplicationCheck {
    /// Everything that the machine finds in an application on a day. Once it is handed in, an answer that was erased
    /// since, or that no key opens any more, is nothing that the applicant could mend.
    /// - Parameter vault: opens the telephone, which is checked as well.
    public static func run(
        _ application: Application, vault: Vault, rules: RuleBook, on day: Day, _ tx: Tx
    ) throws -> AutomaticCheck {
        let call = try CallStore.require(application.call, tx)
        let answers = try CaseStore.answers(application.id, tx).content.readable(by: vault, or: .data)
        let counts = try DocumentStore.counts(of: application.id, tx)
        let isDrafted = FilingSteps.isDrafted(application.step)
        let problems = call.content.wholeForm.problems(answers, complete: true, files: counts)
        guard let organisation = try Registry.organisation(application.organisation, tx) else {
            throw RegistryError.unknown
        }
        let requested = Money(fen: answers["requested"]?.integer ?? 0)
        let host = LimitFacts.Host(rawValue: organisation.kind.rawValue) ?? .institute
        return AutomaticCheck(
            content: call.content, callNumber: call.number, host: host, requested: requested,
            termMonths: Int(answers["term-months"]?.integer ?? 0),
            limits: call.content.limited ? try limits(application, host, rules, day, tx) : nil,
            bars: try ApplicationStore.bars(application, on: day, tx),
            formProblems: problems.filter { isDrafted || !answers.lacks($0.field) })
    }

    private static func limits(
        _ application: Application, _ host: LimitFacts.Host, _ rules: RuleBook, _ day: Day, _ tx: Tx
    ) throws -> Ruling {
        let organisation = application.organisation.text
        let distinguished = try Registry.fact("distinguished", of: organisation, on: day, tx)?.value.bool ?? false
        let spending = try Registry.fact("research-spending.\(application.year - 1)", of: organisation, on: day, tx)
        let kind = try ProgrammeStore.find(application.programme, tx)?.kind ?? ""
        let facts = try ApplicationStore.limitFacts(
            host: host, programmeKind: kind, application: application,
            sharedKinds: try rules.codes("limits.enterprise.shared-kinds", on: day),
            facts: (distinguished, spending?.value.integer.map(Money.init(fen:))), tx)
        return try LimitsRule(rules.law(on: day)).ruling(facts, on: day)
    }
}

extension AutomaticCheck {
    /// What keeps an application from being submitted at all: the form, the host, the amount and the term. Limits
    /// and bans are judged at the formal check, where a person may override them with a reason.
    public var blocking: [FieldProblem] {
        findings.filter { $0.code != "limit.exceeded" && $0.code != "applicant.barred" }.map {
            FieldProblem(field: $0.field, code: $0.code, message: $0.message, basis: $0.basis)
        }
    }

    /// What the applicant should know before submitting.
    public var warnings: [FindingDraft] {
        findings.filter { $0.code == "limit.exceeded" || $0.code == "applicant.barred" }
    }
}
