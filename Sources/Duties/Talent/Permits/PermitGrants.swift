import Kernel
import Store

/// What a decision makes of a filing: an employer, a permit, a longer one, a changed one, none.
struct PermitGrants: Sendable {
    let city: Jurisdiction
    let vault: Vault

    /// Gives effect to an approval.
    /// - Returns: the filing with the permit and person it concerns.
    func grant(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws -> Filing {
        var filing = filing
        switch filing.kind {
        case .employer: try register(filing, answers, context, tx)
        case .newAbroad, .newDomestic, .shortTerm:
            let permit = try new(filing, answers, context, tx)
            (filing.permit, filing.foreigner) = (permit.id, permit.foreigner)
        case .extension: try extend(filing, answers, as: .extended, context, tx)
        case .change: try change(filing, answers, context, tx)
        case .cancellation: try cancel(filing, answers, context, tx)
        case .reissue: try reissue(filing, answers, context, tx)
        case .rVisa, .invitation, .appeal: break
        }
        return filing
    }

    private func register(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws {
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        try EmployerStore.save(
            Employer(
                organisation: filing.organisation, caseID: filing.caseID, state: .active, trade: text("trade"),
                district: text("district"), contact: text("contact"),
                telephone: try SealedText(text("telephone"), by: vault, at: context.now), registeredOn: context.day),
            tx)
    }

    /// The first and the last day of a new permit.
    /// - Throws: ``RuleBookError``.
    func term(_ kind: FilingKind, _ answers: JSONValue, on day: Day) throws -> (from: Day, to: Day)? {
        func date(_ name: String) -> Day? { answers[name]?.string.flatMap { Day($0) } }
        let numbers = PermitNumbers(city.rules, on: day)
        if kind == .shortTerm {
            guard let from = date("stay-from"), let to = date("stay-to") else { return nil }
            let start = max(from, day)
            return (start, min(to, start.adding(days: try numbers.number("short.most").value - 1)))
        }
        guard let from = date("contract-from"), let to = date("contract-to") else { return nil }
        let start = max(from, day)
        return (start, min(to, start.adding(months: try months(answers, numbers)).adding(days: -1)))
    }

    /// Longest permit of the category, in months.
    private func months(_ answers: JSONValue, _ numbers: PermitNumbers) throws -> Int {
        if answers["route"]?.string == "b-graduate" { return try numbers.number("validity.graduate").value }
        let category = answers["category"]?.string.flatMap(PermitClass.init(rawValue:)) ?? .c
        return try numbers.number("validity.\(category.rawValue.lowercased())").value
    }

    private func new(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws -> Permit {
        func text(_ name: String) -> String { answers[name]?.string ?? "" }
        guard let term = try term(filing.kind, answers, on: context.day),
            let passport = try? Passport(parsing: text("mrz"), on: context.day)
        else { throw PermitError.unknown }
        let isShort = filing.kind == .shortTerm
        let person = try person(filing, answers, passport, context, tx)
        let permit = Permit(
            id: ID(UUIDv7.make(at: context.now)), foreigner: person, organisation: filing.organisation,
            caseID: filing.caseID, term: isShort ? .short : .long,
            category: PermitClass(rawValue: text("category")) ?? .c, route: text("route"), post: text("post"),
            district: text("district"), trade: text("trade"),
            salary: Money(fen: answers["annual-salary"]?.integer ?? 0), startsOn: term.from, endsOn: term.to,
            checkCode: try Letters.checkCode(), issuedAt: context.now)
        try PermitStore.add(permit, by: context.actor, on: context.day, tx)
        return permit
    }

    /// The person of a passport or a permit number, or a new one: one person keeps one number for life.
    private func person(
        _ filing: Filing, _ answers: JSONValue, _ passport: Passport, _ context: ActionContext, _ tx: Tx
    ) throws -> Foreigner {
        if let known = try ForeignerStore.find(passport, vault: vault, tx) { return known }
        let typed = answers["permit-number"]?.string ?? ""
        if !typed.isEmpty, let known = try ForeignerStore.find(number: typed, tx) {
            try ForeignerStore.change(known.id, name: nil, passport: passport, vault: vault, at: context.now, tx)
            return known
        }
        let person = Foreigner(
            id: ID(UUIDv7.make(at: context.now)), number: typed.isEmpty ? try ForeignerStore.newNumber() : typed,
            name: answers["name"]?.string ?? passport.name,
            nationality: city.countries[answers["nationality"]?.string ?? ""]?.code ?? passport.nationality,
            sex: passport.sex,
            passportEnds: passport.ends)
        try ForeignerStore.add(person, passport, vault: vault, at: context.now, tx)
        return person
    }

    private func subject(_ filing: Filing, _ tx: Tx) throws -> Permit {
        guard let id = filing.permit else { throw PermitError.permitNeeded }
        return try PermitStore.require(id, tx)
    }

    /// Prolongs a permit until the end of the contract, at most as long as its category allows.
    func extend(
        _ filing: Filing, _ answers: JSONValue, as kind: PermitEntry.Kind, _ context: ActionContext, _ tx: Tx
    ) throws {
        var permit = try subject(filing, tx)
        let before = permit.endsOn
        let numbers = PermitNumbers(city.rules, on: context.day)
        let longest = before.adding(months: try months(answers, numbers))
        permit.endsOn = min(answers["contract-to"]?.string.flatMap { Day($0) } ?? longest, longest)
        // A contract that is over prolongs nothing; a decision is not taken then, and time alone changes no day.
        if permit.endsOn <= before {
            guard kind == .deemed else { throw PermitError.unknown }
            permit.endsOn = before
        }
        permit.state = .valid
        permit.basis = kind == .deemed ? .deemed : .decision
        (permit.closedOn, permit.closedFor) = (nil, nil)
        if kind == .extended, let category = answers["category"]?.string.flatMap(PermitClass.init(rawValue:)) {
            permit.category = category
            permit.route = answers["route"]?.string ?? permit.route
        }
        try PermitStore.change(
            permit, as: kind, ["from": .string(before.description), "to": .string(permit.endsOn.description)],
            case: filing.caseID, by: context.actor, on: context.day, at: context.now, tx)
    }

    private func change(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws {
        var permit = try subject(filing, tx)
        let what = Set((answers["what"]?.array ?? []).compactMap(\.string))
        let passport =
            try what.contains("passport")
            ? answers["mrz"]?.string.map { try Passport(parsing: $0, on: context.day) } : nil
        let name = what.contains("name") ? answers["name"]?.string : nil
        if name != nil || passport != nil {
            try ForeignerStore.change(
                permit.foreigner, name: name, passport: passport, vault: vault, at: context.now, tx)
        }
        if what.contains("post"), let post = answers["post"]?.string { permit.post = post }
        if what.contains("category"), let category = answers["category"]?.string.flatMap(PermitClass.init(rawValue:)) {
            permit.category = category
        }
        try PermitStore.change(
            permit, as: .changed, ["what": .array(what.sorted().map { .string($0) })], case: filing.caseID,
            by: context.actor, on: context.day, at: context.now, tx)
    }

    private func cancel(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws {
        var permit = try subject(filing, tx)
        permit.state = .cancelled
        permit.closedOn = context.day
        permit.closedFor = answers["cause"]?.string ?? ""
        try PermitStore.change(
            permit, as: .cancelled, ["cause": .string(permit.closedFor ?? "")], case: filing.caseID,
            by: context.actor, on: context.day, at: context.now, tx)
    }

    private func reissue(_ filing: Filing, _ answers: JSONValue, _ context: ActionContext, _ tx: Tx) throws {
        var permit = try subject(filing, tx)
        permit.checkCode = try Letters.checkCode()
        if let post = answers["post"]?.string { permit.post = post }
        if let name = answers["name"]?.string {
            try ForeignerStore.change(
                permit.foreigner, name: name, passport: nil, vault: vault, at: context.now, tx)
        }
        try PermitStore.change(
            permit, as: .reissued, ["cause": answers["cause"] ?? .null], case: filing.caseID, by: context.actor,
            on: context.day, at: context.now, tx)
    }
}
