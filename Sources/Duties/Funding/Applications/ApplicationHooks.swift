public import Kernel
import Review
import Store

/// Guards, effects and letters of `funding.application`.
public enum ApplicationHooks {
    public static func register(
        in hooks: inout ProcedureHooks, vault: Vault, rules: RuleBook, zone: CityZone, calendar: WorkCalendar
    ) {
        hooks.guards["application.complete"] = { context, tx in
            let application = try ApplicationStore.require(context.file.id, tx)
            return try ApplicationCheck.run(application, vault: vault, rules: rules, on: context.day, tx).blocking
        }
        hooks.guards["application.open"] = { context, tx in
            let application = try ApplicationStore.require(context.file.id, tx)
            let call = try CallStore.require(application.call, tx)
            guard !call.isOpen(on: context.day) else { return [] }
            let late = CallError.notOpen(opens: call.opensOn, closes: call.closesOn)
            return [FieldProblem(field: "", code: late.code, message: late.message)]
        }
        hooks.guards["application.no-open-finding"] = { context, tx in
            try FindingStore.openCount(of: context.file.id, tx) == 0 ? [] : [FindingError.open.problem]
        }
        hooks.guards["application.has-open-finding"] = { context, tx in
            try FindingStore.openCount(of: context.file.id, tx) > 0 ? [] : [FindingError.nothing.problem]
        }
        hooks.effects["application.step"] = { context, tx in
            let outcome =
                ["awarded", "not-funded", "refused", "withdrawn"].contains(context.action.to)
                ? context.action.to : nil
            try ApplicationStore.setStep(context.action.to, outcome: outcome, of: context.file.id, tx)
            try tell(context, tx)
        }
        hooks.effects["application.submitted"] = { context, tx in try freeze(context, vault, tx) }
        hooks.effects["application.endorsed"] = { context, tx in try check(context, vault, rules, tx) }
        hooks.effects["application.resubmitted"] = { context, tx in
            try freeze(context, vault, tx)
            try check(context, vault, rules, tx)
        }
        hooks.letterValues["funding.application"] = { context, tx in
            try letterValues(context, zone, rules, calendar, tx)
        }
        hooks.forms["funding.application"] = { ids, tx in try Funding.forms(ids, tx) }
        // Whoever was awarded is called until the project is closed or terminated.
        hooks.contactEnds["funding.application"] = """
            CASE WHEN c.step <> 'awarded' THEN c.step_since ELSE (
                SELECT f.step_since FROM project p JOIN case_file f ON f.id = p.case_id
                WHERE p.application = c.id AND f.holder = 'nobody') END
            """
    }

    /// Copies what lists, limits and conflicts need out of the answers, and hashes the whole.
    private static func freeze(_ context: ActionContext, _ vault: Vault, _ tx: Tx) throws {
        var application = try ApplicationStore.require(context.file.id, tx)
        let answers = try CaseStore.answers(context.file.id, tx).content
        let documents = try DocumentStore.list(of: context.file.id, tx)
        let form = try CallStore.require(application.call, tx).content.wholeForm
        let content: JSONValue = [
            "answers": try answers.marked(form, by: vault),
            "files": .array(documents.map { ["field": .string($0.field), "hash": .string($0.hash)] }),
        ]
        application.step = context.action.to
        application.requested = Money(fen: answers["requested"]?.integer ?? 0)
        application.keywords = answers["keywords"]?.string ?? ""
        if let named = answers["discipline"]?.string, !named.isEmpty { application.field = named }
        application.submittedAt = context.now
        application.contentHash = Digest.hex(Digest.sha256(content.canonicalBytes))
        try ApplicationStore.save(application, tx)
        try Record.append(
            Event(
                room: "funding", kind: "application.frozen", subjectKind: "case", subject: context.file.id.text,
                caseID: context.file.id, actor: context.actor, at: context.now,
                content: [
                    "number": .string(application.number), "hash": .string(application.contentHash ?? ""),
                    "requested": .integer(application.requested.fen),
                ]), tx)
        try ApplicationStore.setParticipants(answers["participants"]?.array ?? [], of: context.file.id, tx)
        try ApplicationStore.setUnsuitable(answers["unsuitable"]?.array ?? [], of: context.file.id, tx)
        try Duplicates.want(context.file.id, at: context.now, tx)
        try tell(context, tx)
    }

    private static func check(_ context: ActionContext, _ vault: Vault, _ rules: RuleBook, _ tx: Tx) throws {
        try ApplicationStore.setStep(context.action.to, outcome: nil, of: context.file.id, tx)
        let application = try ApplicationStore.require(context.file.id, tx)
        let check = try ApplicationCheck.run(application, vault: vault, rules: rules, on: context.day, tx)
        if let limits = check.limits {
            try RulingStore.keep(limits, of: context.file.id, by: context.actor, at: context.now, tx)
        }
        let found = check.findings + (try DuplicateTexts.findings(of: application, tx))
        try FindingStore.renew(found, of: context.file.id, at: context.now, tx)
        try tell(context, tx)
    }

    /// Tells the applicant of every move that somebody else made.
    private static func tell(_ context: ActionContext, _ tx: Tx) throws {
        guard let applicant = context.file.applicant, applicant != context.actor.account else { return }
        try Messages.tell(
            applicant,
            Bilingual(
                "\(context.file.number)：\(context.action.done.zh)",
                "\(context.file.number): \(context.action.done.en)"),
            context.news(
                Bilingual("您的申请《\(context.file.title.zh)》", "Your application '\(context.file.title.en)'")),
            at: "/cases/\(context.file.id)", now: context.now, tx)
    }

    private static func letterValues(
        _ context: ActionContext, _ zone: CityZone, _ rules: RuleBook, _ calendar: WorkCalendar, _ tx: Tx
    ) throws -> [String: Bilingual] {
        let application = try ApplicationStore.require(context.file.id, tx)
        let call = try CallStore.require(application.call, tx)
        let organisation = try Registry.organisation(application.organisation, tx)
        let same = { (text: String) in Bilingual(text, text) }
        var values: [String: Bilingual] = [
            "organisation": organisation?.name ?? same("—"), "applicant": same(application.investigatorName),
            "investigator": same(application.investigatorName),
            "number": same(application.number), "title": application.title, "call": call.title,
            "time": same(zone.clockText(application.submittedAt ?? context.now)),
            "hash": same(application.contentHash ?? ""),
            "day": Bilingual(context.day.text(.chinese), context.day.text(.english)),
        ]
        for (name, parameter) in [("promise", "formal-check.days"), ("correct-by", "correction.days")] {
            let due = try rules.period(parameter, on: context.day).end(after: context.day, calendar)
            values[name] = Bilingual(due.text(.chinese), due.text(.english))
        }
        let open = try FindingStore.list(of: application.id, tx).filter { $0.state == .open }
        values["findings"] = FindingStore.lines(open)
        if let zh = context.answers["reason-zh"]?.string {
            values["reasons"] = Bilingual(zh, context.answers["reason-en"]?.string ?? zh)
        } else {
            values["reasons"] = values["findings"]
        }
        if let amount = application.awarded {
            values["amount"] = Bilingual(amount.text(.chinese), amount.text(.english))
        }
        let children = try CaseStore.children(of: application.id, tx)
        if let project = children.last(where: { $0.procedure == "funding.project" }) {
            values["project"] = same(project.number)
            values["due"] = project.dueOn?.bilingual
        }
        return values
    }
}
