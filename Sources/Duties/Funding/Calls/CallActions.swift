public import Kernel
import Ledger
public import Store

/// What officers and leaders do with calls: draft, propose, publish, return, cancel.
public struct CallActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let zone: CityZone
    let rules: RuleBook

    public init(db: Database, clock: any Clock, ids: any IDSource, zone: CityZone, rules: RuleBook) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.zone = zone
        self.rules = rules
    }

    /// Starts a draft in a programme and year.
    /// - Throws: a forbidden ``Problem`` for anyone but officers; ``PlainProblem/incomplete(_:)`` for titles and a
    ///   programme that there is not.
    public func draft(
        _ content: CallContent, programme code: String, year: Int, opensOn: Day, closesOn: Day, budget: Money,
        by actor: Actor
    ) async throws -> Call {
        try Policy.require(actor, .editCalls)
        let wrong = [
            Words.problem(content.title.zh, "title-zh", Bilingual("名称（中文）", "Title in Chinese"), most: 200),
            Words.problem(content.title.en, "title-en", Bilingual("名称（英文）", "Title in English"), most: 200),
        ].compactMap(\.self)
        let unknown = FieldProblem(
            field: "programme", code: "field.choice",
            message: Bilingual("没有这个科技计划，请从列表中选择", "There is no such programme; choose one of the list"))
        let now = clock.now()
        let id: ID<Call> = ids.make()
        let account = actor.account?.text ?? ""
        return try await db.write { tx in
            guard let programme = try ProgrammeStore.find(code: code, tx) else {
                throw PlainProblem.incomplete(wrong + [unknown])
            }
            guard wrong.isEmpty else { throw PlainProblem.incomplete(wrong) }
            try Policy.require(actor, .editCalls, in: programme.division)
            let number = try NumberSeries.next("call.\(programme.code).\(year)", tx)
            var content = content
            content.unsuitableMost = try FundLaw(programme, rules, on: zone.day(of: now))?.unsuitable
            let call = Call(
                id: id, number: "\(programme.code.uppercased())-\(year)-\(padded(number, 3))", programme: programme.id,
                year: year, state: .draft, opensOn: opensOn, closesOn: closesOn, budget: budget,
                division: programme.division, content: content, revision: 1, createdBy: account)
            try CallStore.insert(call, at: now, tx)
            try log("call.drafted", call, actor, now, tx)
            return call
        }
    }

    /// Saves a draft as far as it is; what is missing is told only when it is proposed.
    public func save(
        _ id: ID<Call>, expecting revision: Int, by actor: Actor, _ change: @escaping @Sendable (inout Call) -> Void
    ) async throws -> Call {
        try Policy.require(actor, .editCalls)
        let now = clock.now()
        return try await db.write { tx in
            var call = try CallStore.require(id, tx)
            try Policy.require(actor, .editCalls, in: call.division)
            guard call.revision == revision else { throw CallError.stale }
            guard call.state == .draft else { throw CallError.notDraft }
            change(&call)
            let saved = try CallStore.update(call, tx)
            try log("call.saved", saved, actor, now, tx)
            return saved
        }
    }

    /// Asks a leader to publish the call.
    /// - Throws: ``CallError/incomplete`` with every point to mend.
    public func propose(_ id: ID<Call>, by actor: Actor) async throws -> Call {
        try Policy.require(actor, .editCalls)
        let now = clock.now()
        return try await db.write { tx in
            var call = try CallStore.require(id, tx)
            try Policy.require(actor, .editCalls, in: call.division)
            guard call.state == .draft else { throw CallError.notDraft }
            try check(call, held: .zero, tx)
            call.state = .proposed
            call.proposedBy = actor.account?.text
            let saved = try CallStore.update(call, tx)
            try FundingBooks.hold(saved, try log("call.proposed", saved, actor, now, tx), tx)
            return saved
        }
    }

    /// Publishes a proposed call; only a leader who did not propose it.
    public func publish(_ id: ID<Call>, by actor: Actor) async throws -> Call {
        try Policy.require(actor, .publishCalls)
        let now = clock.now()
        return try await db.write(locking: FundingBooks.locks) { tx in
            var call = try CallStore.require(id, tx)
            if call.state == .published { return call }
            guard call.state == .proposed else { throw CallError.notProposed }
            guard call.proposedBy != actor.account?.text else { throw CallError.samePerson }
            try check(call, held: call.budget, tx)
            call.state = .published
            call.publishedBy = actor.account?.text
            call.publishedAt = now
            let saved = try CallStore.update(call, tx)
            try Search.index(saved.searchEntry, tx)
            try FundingBooks.reserve(saved, try log("call.published", saved, actor, now, tx), tx)
            return saved
        }
    }

    /// Sends a proposed call back to its officer with a reason.
    public func sendBack(_ id: ID<Call>, reason: String, by actor: Actor) async throws -> Call {
        try Policy.require(actor, .publishCalls)
        try Words.check(reason, "reason", Bilingual("退回原因", "Reason"))
        let now = clock.now()
        return try await db.write(locking: FundingBooks.locks) { tx in
            var call = try CallStore.require(id, tx)
            guard call.state == .proposed else { throw CallError.notProposed }
            call.state = .draft
            call.proposedBy = nil
            let saved = try CallStore.update(call, tx)
            try FundingBooks.release(
                "call", id.text, try log("call.returned", saved, actor, now, tx, note: reason), tx)
            return saved
        }
    }

    /// Gives what a finished call did not award back to its programme's budget. The effect of its last decision does so
    /// by itself; this is for calls that end otherwise, all refused or withdrawn.
    /// - Throws: ``CallError/notFinished``.
    public func finish(_ id: ID<Call>, by actor: Actor) async throws -> Call {
        try Policy.require(actor, .editProgrammes)
        let now = clock.now()
        return try await db.write { tx in
            let call = try CallStore.require(id, tx)
            try Policy.require(actor, .editProgrammes, in: call.division)
            guard try CallStore.isFinished(call, on: zone.day(of: now), tx) else { throw CallError.notFinished }
            guard try FundingBooks.left(of: call, tx) > .zero else { return call }
            try FundingBooks.free(call, try log("call.finished", call, actor, now, tx), tx)
            return call
        }
    }

    /// Enters the budget with which a programme starts into a year, by the house itself; never below what its calls
    /// take already. People change budgets by papers (`funding.budget`) that one proposes and another approves.
    /// - Throws: ``CallError/belowPromised(_:)``.
    public func setBudget(_ amount: Money, programme code: String, year: Int) async throws {
        let now = clock.now()
        try await db.write { tx in
            guard let programme = try ProgrammeStore.find(code: code, tx) else { throw CallError.unknown }
            let event = try Record.append(
                Event(
                    room: "funding", kind: "programme.budget-set", subjectKind: "programme", subject: programme.id.text,
                    actor: .system, at: now,
                    content: ["year": .integer(Int64(year)), "amountFen": .integer(amount.fen)]), tx)
            try FundingBooks.setBudget(
                amount, of: programme, year: year,
                BookEntry(
                    caseID: nil, event: event, actor: .system, rules: "funding.budget@1", day: zone.day(of: now),
                    now: now),
                tx)
        }
    }

    /// - Parameter held: what the call itself holds of the budget already.
    private func check(_ call: Call, held: Money, _ tx: Tx) throws {
        guard let programme = try ProgrammeStore.find(call.programme, tx) else { throw CallError.unknown }
        let money = try FundingBooks.money(of: programme, year: call.year, tx)
        let problems =
            call.content.problems(
                opensOn: call.opensOn, closesOn: call.closesOn, budget: call.budget, left: money.left + held)
            + (try FundLaw(programme, rules, on: zone.day(of: clock.now()))?.problems(call.content) ?? [])
        guard problems.isEmpty else { throw CallError.incomplete(problems) }
    }

    /// Writes the event, and says how what it means for the books is to be entered.
    @discardableResult
    private func log(
        _ kind: String, _ call: Call, _ actor: Actor, _ now: Instant, _ tx: Tx, note: String? = nil
    ) throws -> BookEntry {
        var content: [String: JSONValue] = [
            "number": .string(call.number), "revision": .integer(Int64(call.revision)),
            "state": .string(call.state.rawValue), "opensOn": .string(call.opensOn.description),
            "closesOn": .string(call.closesOn.description), "budgetFen": .integer(call.budget.fen),
        ]
        if let note { content["note"] = .string(note) }
        let event = try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "call", subject: call.id.text, actor: actor, at: now,
                content: .object(content)), tx)
        return BookEntry(
            caseID: nil, event: event, actor: actor, rules: "\(call.number)@\(call.revision)", day: zone.day(of: now),
            now: now)
    }
}
