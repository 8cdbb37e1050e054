import Judgement
public import Kernel
import Store

/// How many have to be there.
public struct MeetingQuorum: Hashable, Sendable {
    public let present: Int
    public let needed: Int
    /// Those who may vote.
    public let entitled: Int

    public var isReached: Bool { present >= needed }

    /// - Parameters:
    ///   - item: whose recusals count neither as members nor as present; nil for the whole meeting.
    static func of(
        _ meeting: ID<Meeting>, item: ID<MeetingItem>?, _ rules: RuleBook, on day: Day, _ tx: Tx
    ) throws -> MeetingQuorum {
        let out = try Set(MeetingStore.recusals(meeting, tx).filter { $0.item == item }.map(\.account))
        let members = try MeetingStore.members(meeting, tx).map(\.account).filter { !out.contains($0) }
        let here = try Set(MeetingStore.presence(meeting, tx).filter { $0.leftAt == nil }.map(\.account))
        return try MeetingQuorum(present: members.count(where: here.contains), entitled: members.count, rules, on: day)
    }

    /// - Throws: ``RuleBookError``.
    public init(present: Int, entitled: Int, _ rules: RuleBook, on day: Day) throws {
        let share = try rules.law(on: day).table("panels.quorum").value
        let threshold = VoteThreshold(
            parts: Int(share["parts"] ?? 1), of: Int(share["of"] ?? 1), base: .members, isMoreThan: false)
        self.present = present
        self.entitled = entitled
        needed = threshold?.needed(of: entitled) ?? entitled
    }

    func require() throws(MeetingError) {
        guard isReached else { throw .noQuorum(present: present, needed: needed, of: entitled) }
    }
}

/// What happens in the room.
extension MeetingActions {
    /// Marks a member as having come.
    public func arrive(_ account: ID<Account>, _ id: ID<Meeting>, by actor: Actor) async throws {
        let (now, stay) = (clock.now(), ids.next())
        try await change(id, actor, in: [.planned, .open]) { meeting, tx in
            guard let member = try MeetingStore.members(id, tx).first(where: { $0.account == account }) else {
                throw MeetingError.notMember
            }
            let here = try MeetingStore.presence(id, tx).contains { $0.account == account && $0.leftAt == nil }
            guard !here else { return }
            try tx.run(
                """
                INSERT INTO meeting_presence (id, meeting, account, name, arrived_at)
                VALUES (\(stay), \(id), \(account), \(member.name), \(now))
                """)
            if member.answer != .accepted {
                try tx.run(
                    """
                    UPDATE meeting_member SET answer = 'accepted' WHERE meeting = \(id) AND account = \(account)
                    """)
            }
            try log("arrived", meeting, ["member": .string(member.name)], actor, now, tx)
            for item in try MeetingStore.items(id, tx) where item.state == .open {
                try sendOut(item.id, meeting, actor, now, tx)
            }
        }
    }

    /// Marks a member as having left.
    public func leave(_ account: ID<Account>, _ id: ID<Meeting>, by actor: Actor) async throws {
        let now = clock.now()
        try await change(id, actor, in: [.planned, .open]) { meeting, tx in
            let count = try tx.run(
                """
                UPDATE meeting_presence SET left_at = \(now)
                WHERE meeting = \(id) AND account = \(account) AND left_at IS NULL
                """)
            guard count > 0 else { return }
            let name = try MeetingStore.members(id, tx).first { $0.account == account }?.name ?? ""
            try log("left", meeting, ["member": .string(name)], actor, now, tx)
        }
    }

    /// Calls the meeting to order.
    /// - Throws: ``MeetingError/noQuorum(present:needed:of:)``.
    public func open(_ id: ID<Meeting>, by actor: Actor) async throws {
        let now = clock.now()
        try await change(id, actor, in: [.planned]) { meeting, tx in
            let quorum = try MeetingQuorum.of(id, item: nil, rules, on: zone.day(of: now), tx)
            try quorum.require()
            try tx.run("UPDATE meeting SET state = 'open', opened_at = \(now) WHERE id = \(id)")
            try log(
                "opened", meeting,
                ["present": .integer(Int64(quorum.present)), "needed": .integer(Int64(quorum.needed))], actor, now, tx)
        }
    }

    /// Calls an item. Whoever has to keep out of it leaves the room, and the record says so.
    public func openItem(_ id: ID<MeetingItem>, by actor: Actor) async throws {
        let now = clock.now()
        let meeting = try await db.read { tx in try MeetingStore.item(id, tx).meeting.id }
        try await change(meeting, actor, in: [.open]) { meeting, tx in
            let items = try MeetingStore.items(meeting.id, tx)
            guard let item = items.first(where: { $0.id == id }), item.state == .waiting,
                !items.contains(where: { $0.state == .open })
            else { throw MeetingError.wrongState }
            try tx.run("UPDATE meeting_item SET state = 'open', opened_at = \(now) WHERE id = \(id)")
            try log("item-opened", meeting, ["item": .string(item.title.zh)], actor, now, tx)
            try findConflicts(id, meeting, actor, now, tx)
            try sendOut(id, meeting, actor, now, tx)
        }
    }

    /// Those in the room who have to keep out of an item leave it.
    private func sendOut(
        _ item: ID<MeetingItem>, _ meeting: Meeting, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        let here = try Set(MeetingStore.presence(meeting.id, tx).filter { $0.leftAt == nil }.map(\.account))
        for recusal in try MeetingStore.recusals(meeting.id, tx)
        where recusal.item == item && recusal.leftAt == nil && here.contains(recusal.account) {
            try tx.run(
                """
                UPDATE meeting_recusal SET left_at = \(now) WHERE item = \(item) AND account = \(recusal.account)
                """)
            try log(
                "left-room", meeting,
                [
                    "item": .string(item.text), "member": .string(recusal.name), "reason": .string(recusal.reason.zh),
                ], actor, now, tx)
        }
    }

    /// Ends an item; who kept out of it comes back.
    /// - Throws: ``MeetingError/voteOpen``.
    public func closeItem(_ id: ID<MeetingItem>, by actor: Actor) async throws {
        let now = clock.now()
        let meeting = try await db.read { tx in try MeetingStore.item(id, tx).meeting.id }
        try await change(meeting, actor, in: [.open]) { meeting, tx in
            let item = try MeetingStore.item(id, tx).item
            guard item.state == .open else { throw MeetingError.wrongState }
            let open: Int? = try tx.value("SELECT 1 FROM meeting_vote WHERE item = \(id) AND state = 'open'")
            guard open == nil else { throw MeetingError.voteOpen }
            try tx.run("UPDATE meeting_item SET state = 'closed', closed_at = \(now) WHERE id = \(id)")
            try tx.run(
                """
                UPDATE meeting_recusal SET returned_at = \(now)
                WHERE item = \(id) AND left_at IS NOT NULL AND returned_at IS NULL
                """)
            try log("item-closed", meeting, ["item": .string(item.title.zh)], actor, now, tx)
        }
    }

    /// Keeps a note of the discussion.
    public func note(_ text: String, on id: ID<MeetingItem>, by actor: Actor) async throws {
        try Words.check(text, "note", Bilingual("讨论记录", "Note"), most: 4_000)
        let (now, note) = (clock.now(), ids.next())
        let meeting = try await db.read { tx in try MeetingStore.item(id, tx).meeting.id }
        try await change(meeting, actor, in: [.open]) { meeting, tx in
            guard try MeetingStore.item(id, tx).item.state == .open else { throw MeetingError.wrongState }
            try tx.run(
                """
                INSERT INTO meeting_note (id, item, author, author_name, note, at)
                VALUES (\(note), \(id), \(actor.account), \(actor.name), \(text), \(now))
                """)
            try log("noted", meeting, ["item": .string(id.text)], actor, now, tx)
        }
    }

    /// A member declares to keep out of an item, before or while it is called; not during a vote on it.
    /// - Throws: ``MeetingError``.
    public func recuse(from id: ID<MeetingItem>, reason: String, by actor: Actor) async throws {
        try Words.check(reason, "reason", Bilingual("回避理由", "Why you keep out"))
        let now = clock.now()
        try await db.write { tx in
            let (item, found) = try MeetingStore.item(id, tx)
            let meeting = try mine(found.id, actor, tx)
            guard [.planned, .open].contains(meeting.state), item.state != .closed else {
                throw MeetingError.wrongState
            }
            // Whoever keeps out of a case keeps out of every item that it is in.
            let cases = Set(item.cases.map(\.id))
            let items = try MeetingStore.items(meeting.id, tx).filter { other in
                other.id == id || (other.state != .closed && other.cases.contains { cases.contains($0.id) })
            }
            let open = try MeetingStore.votes(meeting.id, tx).filter { $0.state == .open }.map(\.item)
            guard !items.contains(where: { open.contains($0.id) }) else { throw MeetingError.voteOpen }
            for one in items {
                try tx.run(
                    """
                    INSERT INTO meeting_recusal (item, account, name, reason_zh, reason_en, is_found)
                    VALUES (\(one.id), \(actor.account), \(actor.name), \(reason), \(reason), \(false))
                    ON CONFLICT (item, account) DO NOTHING
                    """)
                try log("recused", meeting, ["item": .string(one.id.text), "reason": .string(reason)], actor, now, tx)
                if one.state == .open { try sendOut(one.id, meeting, actor, now, tx) }
            }
        }
    }

    /// Ends the meeting: everybody leaves, and the minutes are made from the record.
    /// - Throws: ``MeetingError/wrongState`` while an item is open.
    public func close(_ id: ID<Meeting>, by actor: Actor) async throws {
        let (now, zone) = (clock.now(), zone)
        try await change(id, actor, in: [.open]) { meeting, tx in
            guard try !MeetingStore.items(id, tx).contains(where: { $0.state == .open }) else {
                throw MeetingError.wrongState
            }
            try tx.run(
                "UPDATE meeting_presence SET left_at = \(now) WHERE meeting = \(id) AND left_at IS NULL")
            try tx.run("UPDATE meeting SET state = 'closed', closed_at = \(now) WHERE id = \(id)")
            let minutes = try MeetingMinutes.make(try MeetingStore.require(id, tx), zone, tx)
            let hash = MeetingMinutes.hash(minutes)
            try tx.run(
                """
                UPDATE meeting SET minutes = \(try JSONValue(encoding: minutes)), minutes_hash = \(hash)
                WHERE id = \(id)
                """)
            try log("closed", meeting, ["minutes": .string(hash)], actor, now, tx)
            try Messages.tell(
                meeting.chair, Bilingual("请签署会议纪要", "Please sign the minutes"), meeting.title,
                at: "/meetings/\(id.text)/minutes", now: now, tx)
        }
    }

    /// Signs the minutes, as chair or as secretary.
    /// - Throws: ``MeetingError/notSigner``.
    public func sign(_ id: ID<Meeting>, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write(locking: [LockKey("meeting.\(id)")]) { tx in
            let meeting = try MeetingStore.require(id, tx)
            guard meeting.state == .closed, let minutes = meeting.minutes,
                MeetingMinutes.hash(minutes) == meeting.minutesHash
            else { throw MeetingError.wrongState }
            let role: String
            if actor.account == meeting.chair, meeting.chairSignedAt == nil {
                role = "chair"
                try tx.run("UPDATE meeting SET chair_signed_at = \(now) WHERE id = \(id)")
            } else if actor.account == meeting.secretary, meeting.secretarySignedAt == nil {
                role = "secretary"
                try tx.run("UPDATE meeting SET secretary_signed_at = \(now) WHERE id = \(id)")
            } else {
                throw MeetingError.notSigner
            }
            try log(
                "signed", meeting, ["as": .string(role), "minutes": .string(meeting.minutesHash ?? "")], actor, now, tx)
            try tx.run(
                """
                UPDATE meeting SET state = 'signed' WHERE id = \(id) AND chair_signed_at IS NOT NULL
                    AND secretary_signed_at IS NOT NULL
                """)
        }
    }
}
