import Kernel
import Store

/// Numbering, publication, coming into force.
enum NormIssue {
    static let register = "strategy.documents"

    private static func facts(_ context: ActionContext, _ norm: Norm, _ answers: JSONValue) -> ValidityFacts {
        var facts = ValidityFacts()
        facts.kind = norm.kind
        facts.temporary = answers["temporary"]?.string == "yes"
        func day(_ name: String) -> Day? { context.answers[name]?.string.flatMap { Day($0) } }
        facts.published = day("published-on") ?? context.day
        facts.effective = day("effective-on")
        facts.years = context.answers["years"]?.integer.flatMap { Int(exactly: $0) }
        facts.urgent = !(context.answers["urgent-reason"]?.string ?? "").isEmpty
        return facts
    }

    static func problems(_ context: ActionContext, _ city: Jurisdiction, _ tx: Tx) throws -> [FieldProblem] {
        let norm = try NormStore.require(context.file.id, tx)
        let facts = facts(context, norm, try CaseStore.answers(norm.caseID, tx).content)
        guard facts.effective != nil else { return [] }
        let rule = try ValidityRule(NormHooks.law(context))
        let outcome = rule.decide(facts)
        var found: [FieldProblem] = []
        func add(_ field: String, _ source: RuleSource) {
            found.append(
                NormHooks.problem(
                    "validity.\(outcome.verdict.rawValue)", outcome.words.zh, outcome.words.en, field: field,
                    basis: source.cited))
        }
        switch outcome.verdict {
        case .tooEarly: add("effective-on", rule.wait.reference.source)
        case .tooLong, .endless: add("years", rule.document.reference.source)
        case .valid, .unknown: break
        }
        if let published = facts.published, published > context.day {
            found.append(
                NormHooks.problem(
                    "validity.future", "公布日不能晚于今天", "The day of publication is not over yet", field: "published-on"))
        }
        if let given = context.answers["given-number"]?.string,
            try !RegisterStore.list(
                register, RegisterFilter(fields: ["document-number": given]), limit: 1, tx
            ).isEmpty
        {
            found.append(
                NormHooks.problem(
                    "norm.number-taken", "文号 \(given) 已登记", "The number \(given) is registered already",
                    field: "given-number"))
        }
        return found
    }

    /// Gives the text its number, if it is the bureau's own, and registers it.
    static func issue(_ context: ActionContext, _ city: Jurisdiction, _ tx: Tx) throws {
        let norm = try NormStore.require(context.file.id, tx)
        let answers = try CaseStore.answers(norm.caseID, tx).content
        let facts = facts(context, norm, answers)
        let rule = try ValidityRule(NormHooks.law(context))
        try RulingStore.keep(
            rule.ruling(facts, on: context.day), of: norm.caseID, by: context.actor, at: context.now, tx)
        let outcome = rule.decide(facts)
        let number =
            norm.kind.isOwn
            ? try nextNumber(context, tx) : context.answers["given-number"]?.string ?? norm.number
        let published = facts.published ?? context.day
        let own = try CaseValues.own(of: norm.caseID, tx)
        var values: [String: JSONValue] = [
            "name": .string(norm.title), "document-number": .string(number), "kind": .string(norm.kind.rawValue),
            "published-on": .string(published.description),
            "effective-on": .string((facts.effective ?? published).description),
            "interpretation": context.answers["interpretation"] ?? .null, "drafted-as": .string(norm.number),
            "competition": own["competition"] ?? .null, "exception-until": own["exception-until"] ?? .null,
        ]
        if let expires = outcome.expires { values["expires-on"] = .string(expires.description) }
        let act = RegisterAct(context, caseID: norm.caseID)
        let entry = try RegisterStore.add(
            try city.registers.require(register), .object(values), id: ID(UUIDv7.make(at: context.now)), act, tx)
        try CaseValues.set(norm.caseID, RegisterHooks.entryField, .string(entry.number), tx)
        try CaseValues.set(norm.caseID, RegisterHooks.numberField, .string(number), tx)
        try Record.append(
            Event(
                room: "strategy", kind: "norm.issued", subjectKind: "case", subject: norm.caseID.text,
                caseID: norm.caseID, actor: context.actor, at: context.now,
                content: [
                    "number": .string(number), "title": .string(norm.title),
                    "hash": .string(try NormStore.latest(of: norm.caseID, tx)?.hash ?? ""),
                ], isPublic: true), tx)
    }

    /// The next number of the bureau's yearly series: taken only if the transaction is kept, so that none is missing.
    static func nextNumber(_ context: ActionContext, _ tx: Tx) throws -> String {
        let dated = try context.procedures.rules.dated("strategy.number.pattern", on: context.day)
        guard case .text(let pattern) = dated.value else { throw RuleBookError.wrongKind("strategy.number.pattern") }
        return try NumberPattern.next(pattern, series: "strategy.number", year: context.day.parts.year, tx)
    }
}

/// Renewing a text that stays as it is.
enum NormRenewal {
    private static func entry(_ context: ActionContext, _ tx: Tx) throws -> RegisterEntry {
        let values = try CaseValues.all(of: context.file.id, tx)
        return try RegisterStore.require(
            NormIssue.register, values[RegisterHooks.entryField]?.string ?? "", tx)
    }

    private static func facts(
        _ entry: RegisterEntry, _ values: JSONValue, today: Day
    ) -> (facts: ValidityFacts, expires: Day?) {
        let expires = entry.content["expires-on"]?.string.flatMap { Day($0) }
        var facts = ValidityFacts()
        facts.kind = entry.content["kind"]?.string.flatMap(NormKind.init(rawValue:))
        facts.published = today
        facts.effective = expires.map { $0.adding(days: 1) } ?? today
        facts.years = values["years"]?.integer.flatMap { Int(exactly: $0) }
        facts.urgent = true
        return (facts, expires)
    }

    /// Whether a text may be renewed: it is in force, its time is not over, and the new time is not too long.
    static func problems(_ context: ActionContext, _ city: Jurisdiction, _ tx: Tx) throws -> [FieldProblem] {
        let entry = try entry(context, tx)
        let values = try CaseValues.all(of: context.file.id, tx)
        let (facts, expires) = facts(entry, values, today: context.day)
        var found: [FieldProblem] = []
        if entry.state != "in-force" {
            found.append(
                NormHooks.problem("renewal.not-in-force", "该文件已不在有效状态", "The document is no longer in force"))
        }
        guard let expires, expires >= context.day else {
            let what = expires == nil ? Bilingual("没有有效期", "has no end") : Bilingual("有效期已届满", "is over already")
            return found + [
                NormHooks.problem("renewal.over", "该文件\(what.zh)，不能续期", "The document \(what.en); it cannot be renewed")
            ]
        }
        let rule = try ValidityRule(NormHooks.law(context))
        let outcome = rule.decide(facts)
        if outcome.verdict != .valid {
            found.append(
                NormHooks.problem(
                    "validity.\(outcome.verdict.rawValue)", outcome.words.zh, outcome.words.en, field: "years",
                    basis: rule.document.reference.source.cited))
        }
        let isGiven = !(context.answers["given-number"]?.string ?? "").isEmpty
        if facts.kind?.isOwn != true, !isGiven {
            found.append(
                NormHooks.problem(
                    "renewal.number", "请填写续期通知的文号", "Give the number of the renewal notice", field: "given-number"))
        }
        return found
    }

    static func renew(_ context: ActionContext, _ city: Jurisdiction, _ tx: Tx) throws {
        let entry = try entry(context, tx)
        let (facts, _) = facts(entry, try CaseValues.all(of: context.file.id, tx), today: context.day)
        let rule = try ValidityRule(NormHooks.law(context))
        try RulingStore.keep(
            rule.ruling(facts, on: context.day), of: context.file.id, by: context.actor, at: context.now, tx)
        guard let expires = rule.decide(facts).expires else { return }
        let number =
            facts.kind?.isOwn == true
            ? try NormIssue.nextNumber(context, tx) : context.answers["given-number"]?.string ?? ""
        let act = RegisterAct(context, reason: Bilingual("续期通知 \(number)", "Renewed by \(number)"))
        try RegisterStore.change(
            entry, of: try city.registers.require(NormIssue.register),
            ["expires-on": .string(expires.description), "renewal-number": .string(number)], act, tx)
        try CaseValues.set(context.file.id, RegisterHooks.numberField, .string(number), tx)
    }
}
