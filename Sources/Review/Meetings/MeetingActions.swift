public import Kernel
public import Store

/// Plans meetings of panels and runs them. Everything that happens in the room is an event of the record.
public struct MeetingActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let zone: CityZone
    let rules: RuleBook
    let vault: Vault
    let facts: [String: MeetingFacts]

    /// - Parameter facts: what duties know of cases and experts, by procedure.
    public init(
        db: Database, clock: any Clock, ids: any IDSource, zone: CityZone, rules: RuleBook, vault: Vault,
        facts: [String: MeetingFacts] = [:]
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.zone = zone
        self.rules = rules
        self.vault = vault
        self.facts = facts
    }

    /// What an officer plans.
    public struct Plan: Sendable {
        public let call: String?
        public let title: String
        public let division: String
        public let place: String
        public let startsAt: Instant
        public let chair: ID<Account>?
        public let members: [ID<Account>]

        public init(
            call: String?, title: String, division: String, place: String, startsAt: Instant, chair: ID<Account>?,
            members: [ID<Account>]
        ) {
            self.call = call
            self.title = title
            self.division = division
            self.place = place
            self.startsAt = startsAt
            self.chair = chair
            self.members = members
        }
    }

    /// Plans a meeting and invites its members. The officer becomes its secretary.
    /// - Parameter found: what is wrong with what the person typed, to be told together with the rest.
    /// - Throws: ``MeetingError/incomplete(_:)`` with everything wrong.
    public func plan(_ plan: Plan, found: [FieldProblem] = [], by actor: Actor) async throws -> ID<Meeting> {
        try Policy.require(actor, .runReviews, in: plan.division)
        let (now, id, secret) = (clock.now(), ids.make(Meeting.self), SeedSecret(ids))
        let title = Bilingual(written: plan.title)
        return try await db.write { tx in
            let day = zone.day(of: now)
            let experts = try ExpertStore.find(accounts: Array(Set(plan.members)), tx)
            let gone = experts.compactMap { expert -> FieldProblem? in
                guard let why = expert.obstacle(on: day, present: zone.day(of: plan.startsAt)) else { return nil }
                return MeetingError.field(
                    "members", "\(expert.name)：\(why.zh)，请另选", "\(expert.name) \(why.en); choose another")
            }
            let problems = found + problems(plan, experts, now) + gone
            guard problems.isEmpty, let chair = experts.first(where: { $0.account == plan.chair }),
                let secretary = actor.account
            else { throw MeetingError.incomplete(problems) }
            let year = day.parts.year
            let number = "HY-\(year)-\(padded(try NumberSeries.next("meeting.\(year)", tx), 3))"
            try tx.run(
                """
                INSERT INTO meeting (id, number, call, title_zh, title_en, division, place, starts_at, state, chair,
                    chair_name, secretary, secretary_name, lot_secret, made_at)
                VALUES (\(id), \(number), \(plan.call), \(title.zh), \(title.en), \(plan.division), \(plan.place),
                    \(plan.startsAt), 'planned', \(chair.account), \(chair.name), \(secretary), \(actor.name),
                    \(secret.text), \(now))
                """)
            let meeting = try MeetingStore.require(id, tx)
            try log(
                "planned", meeting,
                ["number": .string(number), "lotCommitment": .string(secret.commitment)], actor, now, tx)
            for expert in experts { try enlist(expert, meeting, actor, now, tx) }
            return id
        }
    }

    private func problems(_ plan: Plan, _ experts: [Expert], _ now: Instant) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if plan.title.allSatisfy(\.isWhitespace) || plan.title.count > 100 {
            problems.append(MeetingError.field("title", "请写明会议名称（不超过 100 字）", "Name it, in at most 100 characters"))
        }
        if plan.place.allSatisfy(\.isWhitespace) || plan.place.count > 200 {
            problems.append(MeetingError.field("place", "请写明会议地点", "Say where it is held"))
        }
        if plan.startsAt.microseconds < now.microseconds {
            problems.append(
                FieldProblem(
                    field: "day", code: "meeting.starts",
                    message: Bilingual("会议时间不能早于现在", "It cannot begin before now")))
        }
        if experts.count < 3 || experts.count != Set(plan.members).count {
            problems.append(
                MeetingError.field("members", "请从专家库选择至少 3 位委员", "Choose at least 3 members from the pool"))
        }
        if plan.chair == nil || !experts.contains(where: { $0.account == plan.chair }) {
            problems.append(MeetingError.field("chair", "请在委员中选择主持人", "Choose the chair among the members"))
        }
        return problems
    }

    private func enlist(_ expert: Expert, _ meeting: Meeting, _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO meeting_member (meeting, account, expert, name, organisation_name, answer, reason)
            VALUES (\(meeting.id), \(expert.account), \(expert.id), \(expert.name), \(expert.organisationName),
                'invited', '') ON CONFLICT (meeting, account) DO NOTHING
            """)
        try Messages.tell(
            expert.account, Bilingual("请参加评审会议", "Please attend a panel meeting"),
            Bilingual(
                "\(meeting.title.zh)，\(zone.clockText(meeting.startsAt))，\(meeting.venue.zh)",
                "\(meeting.title.en), \(zone.clockText(meeting.startsAt)), \(meeting.venue.en)"),
            at: "/meetings/\(meeting.id.text)", now: now, tx)
        try log("invited", meeting, ["member": .string(expert.name)], actor, now, tx)
    }

    /// Adds a point to the agenda, and finds who has to keep out of it.
    /// - Throws: ``MeetingError``.
    @discardableResult
    public func add(
        _ title: Bilingual, minutes: Int, cases: [ID<CaseFile>], to id: ID<Meeting>, by actor: Actor
    ) async throws -> ID<MeetingItem> {
        let (now, item) = (clock.now(), ids.make(MeetingItem.self))
        return try await change(id, actor, in: [.planned, .open]) { meeting, tx in
            var problems: [FieldProblem] = []
            if title.zh.allSatisfy(\.isWhitespace) || title.zh.count > 200 {
                problems.append(
                    MeetingError.field("title", "请写明议题（不超过 200 字）", "Name the item, in at most 200 characters"))
            }
            if !(1...600).contains(minutes) {
                problems.append(MeetingError.field("minutes", "请填写 1 至 600 分钟", "From 1 to 600 minutes"))
            }
            let files = try cases.compactMap { try CaseStore.find($0, tx) }
            if files.count != cases.count || Set(cases).count != cases.count || cases.count > 60
                || !files.allSatisfy({ Policy.maySee(actor, $0) })
            {
                problems.append(MeetingError.field("cases", "请选择要审议的事项", "Choose what is to be judged"))
            }
            guard problems.isEmpty else { throw MeetingError.incomplete(problems) }
            let last: Int? = try tx.value("SELECT MAX(position) FROM meeting_item WHERE meeting = \(id)")
            let position = (last ?? 0) + 1
            try tx.run(
                """
                INSERT INTO meeting_item (id, meeting, position, title_zh, title_en, minutes, state)
                VALUES (\(item), \(id), \(position), \(title.zh), \(title.en), \(minutes), 'waiting')
                """)
            for (place, caseID) in cases.enumerated() {
                try tx.run("INSERT INTO meeting_case (item, place, case_id) VALUES (\(item), \(place), \(caseID))")
            }
            try log(
                "item-added", meeting, ["item": .string(title.zh), "position": .integer(Int64(position))], actor, now,
                tx)
            try findConflicts(item, meeting, actor, now, tx)
            return item
        }
    }

    /// Looks who has to keep out of an item; what was found or declared before stays.
    func findConflicts(_ item: ID<MeetingItem>, _ meeting: Meeting, _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        let cases = try MeetingStore.item(item, tx).item.cases.map(\.id)
        guard !cases.isEmpty else { return }
        let members = try MeetingStore.members(meeting.id, tx)
        let day = zone.day(of: now)
        let known = MeetingConflicts(facts: facts, windows: .known(rules, on: day))
        let found = try known.find(cases, members, on: day, tx)
        for member in members {
            guard let reason = found[member.account] else { continue }
            let count = try tx.run(
                """
                INSERT INTO meeting_recusal (item, account, name, reason_zh, reason_en, is_found)
                VALUES (\(item), \(member.account), \(member.name), \(reason.zh), \(reason.en), \(true))
                ON CONFLICT (item, account) DO NOTHING
                """)
            guard count > 0 else { continue }
            try log(
                "conflict-found", meeting,
                ["item": .string(item.text), "member": .string(member.name), "reason": .string(reason.zh)], actor, now,
                tx)
        }
    }

    /// Takes a member's answer to the invitation.
    /// - Throws: ``MeetingError``.
    public func answer(_ id: ID<Meeting>, accepts: Bool, reason: String, by actor: Actor) async throws {
        let now = clock.now()
        if !accepts { try Words.check(reason, "reason", Bilingual("理由", "Reason")) }
        try await db.write { tx in
            let meeting = try mine(id, actor, tx)
            guard meeting.state == .planned else { throw MeetingError.wrongState }
            let answer: MeetingMember.Answer = accepts ? .accepted : .declined
            try tx.run(
                """
                UPDATE meeting_member SET answer = \(answer), reason = \(reason)
                WHERE meeting = \(id) AND account = \(actor.account)
                """)
            try log(accepts ? "accepted" : "declined", meeting, ["reason": .string(reason)], actor, now, tx)
            guard !accepts else { return }
            try Messages.tell(
                meeting.secretary, Bilingual("委员不能参会", "A member cannot attend"),
                Bilingual("\(actor.name)：\(reason)", "\(actor.name): \(reason)"), at: "/desk/meetings/\(id.text)",
                now: now, tx)
        }
    }

    /// Takes a member who declined off the panel, or one who has not come, and names another in the place.
    public func replace(
        _ member: ID<Account>, with other: ID<Account>, of id: ID<Meeting>, by actor: Actor
    ) async throws {
        let now = clock.now()
        try await change(id, actor, in: [.planned]) { meeting, tx in
            let members = try MeetingStore.members(id, tx).map(\.account)
            let (today, held) = (zone.day(of: now), zone.day(of: meeting.startsAt))
            let expert = try ExpertStore.find(account: other, tx).flatMap { expert in
                expert.obstacle(on: today, present: held) == nil && !members.contains(other) ? expert : nil
            }
            var wrong: [FieldProblem] = []
            if member == meeting.chair || !members.contains(member) {
                wrong.append(
                    MeetingError.field("member", "请选择要更换的委员；主持人不能更换", "Choose the member to replace; the chair stays"))
            }
            if expert == nil {
                wrong.append(MeetingError.field("other", "请选择专家库中的另一位专家", "Choose another expert of the pool"))
            }
            guard wrong.isEmpty, let expert else { throw MeetingError.incomplete(wrong) }
            try tx.run("DELETE FROM meeting_member WHERE meeting = \(id) AND account = \(member)")
            try tx.run(
                """
                DELETE FROM meeting_recusal WHERE account = \(member)
                    AND item IN (SELECT id FROM meeting_item WHERE meeting = \(id))
                """)
            try log("member-replaced", meeting, ["member": .string(member.text)], actor, now, tx)
            try enlist(expert, meeting, actor, now, tx)
            for item in try MeetingStore.items(id, tx) { try findConflicts(item.id, meeting, actor, now, tx) }
        }
    }

    // MARK: Parts

    /// The meeting of a member.
    /// - Throws: ``MeetingError/notMember``.
    func mine(_ id: ID<Meeting>, _ actor: Actor, _ tx: Tx) throws -> Meeting {
        let meeting = try MeetingStore.require(id, tx)
        guard try MeetingStore.members(id, tx).contains(where: { $0.account == actor.account }) else {
            throw MeetingError.notMember
        }
        return meeting
    }

    /// Changes a meeting as an officer of its division, while it is in one of some states.
    func change<T: Sendable>(
        _ id: ID<Meeting>, _ actor: Actor, in states: Set<Meeting.State>,
        _ body: @escaping @Sendable (Meeting, Tx) throws -> T
    ) async throws -> T {
        try await db.write(locking: [LockKey("meeting.\(id)")]) { tx in
            let meeting = try MeetingStore.require(id, tx)
            try Policy.require(actor, .runReviews, in: meeting.division)
            guard states.contains(meeting.state) else { throw MeetingError.wrongState }
            return try body(meeting, tx)
        }
    }

    /// The plan is public, because it commits the house to its lots; nothing else is.
    func log(
        _ kind: String, _ meeting: Meeting, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: "meeting.\(kind)", subjectKind: "meeting", subject: meeting.id.text, actor: actor,
                at: now, content: content, isPublic: kind == "planned"), tx)
    }
}
