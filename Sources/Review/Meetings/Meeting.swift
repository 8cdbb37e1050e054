public import Kernel
public import Store

/// A meeting of a panel.
public struct Meeting: Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case planned, open, closed, signed

        public var title: Bilingual {
            switch self {
            case .planned: Bilingual("筹备中", "Planned")
            case .open: Bilingual("会议中", "In session")
            case .closed: Bilingual("待签字", "To be signed")
            case .signed: Bilingual("已签字", "Signed")
            }
        }
    }

    public let id: ID<Meeting>
    public let number: String
    /// The call whose applications it judges; nil for other cases.
    public let call: String?
    public let title: Bilingual
    public let division: String
    public let place: String
    public let startsAt: Instant
    public let state: State
    public let chair: ID<Account>
    public let chairName: String
    public let secretary: ID<Account>
    public let secretaryName: String
    /// From which ties are broken by lot: its hash is in the record from the start, itself in the minutes.
    let lotSecret: SeedSecret
    public let openedAt: Instant?
    public let closedAt: Instant?
    public let minutes: Bilingual?
    public let minutesHash: String?
    public let chairSignedAt: Instant?
    public let secretarySignedAt: Instant?

    /// The name of who is in the chair, as each language writes it.
    public func whoChairs(among members: [MeetingMember]) -> Bilingual {
        members.first { $0.account == chair }?.called ?? Bilingual(chairName, chairName)
    }

    /// Where it is held; an officer may write it in both languages.
    public var venue: Bilingual { Bilingual(written: place) }

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        call = try row["call"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        division = try row["division"]
        place = try row["place"]
        startsAt = try row["starts_at"]
        state = try row["state"]
        chair = try row["chair"]
        chairName = try row["chair_name"]
        secretary = try row["secretary"]
        secretaryName = try row["secretary_name"]
        lotSecret = SeedSecret(text: try row["lot_secret"])
        openedAt = try row["opened_at"]
        closedAt = try row["closed_at"]
        minutes = try (row["minutes"] as JSONValue?)?.decode()
        minutesHash = try row["minutes_hash"]
        chairSignedAt = try row["chair_signed_at"]
        secretarySignedAt = try row["secretary_signed_at"]
    }

    /// Published before the meeting.
    public var lotCommitment: String { lotSecret.commitment }
}

/// A member of the panel that meets.
public struct MeetingMember: Hashable, Sendable {
    public enum Answer: String, Codable, Sendable, SQLConvertible { case invited, accepted, declined }

    public let account: ID<Account>
    public let expert: ID<Expert>
    public let name: String
    private let nameEn: String?
    public let organisationName: String
    private let organisationEn: String?
    public let answer: Answer
    public let reason: String

    init(row: Row) throws {
        account = try row["account"]
        expert = try row["expert"]
        name = try row["name"]
        nameEn = try row["name_en"]
        organisationName = try row["organisation_name"]
        organisationEn = try row["organisation_en"]
        answer = try row["answer"]
        reason = try row["reason"]
    }

    /// The name as each language writes it; one that only exists in Chinese stays as it is.
    public var called: Bilingual { Bilingual(named: name, nameEn) }

    /// The employer's name, likewise.
    public var employer: Bilingual { Bilingual(named: organisationName, organisationEn) }
}

/// A stay in the room.
public struct MeetingPresence: Hashable, Sendable {
    public let account: ID<Account>
    public let name: String
    public let arrivedAt: Instant
    public let leftAt: Instant?

    init(row: Row) throws {
        account = try row["account"]
        name = try row["name"]
        arrivedAt = try row["arrived_at"]
        leftAt = try row["left_at"]
    }
}

/// A point of the agenda: a case, several to choose from, or a question without one.
public struct MeetingItem: Hashable, Sendable {
    public enum State: String, Codable, Sendable, SQLConvertible { case waiting, open, closed }

    public struct Case: Hashable, Sendable {
        public let id: ID<CaseFile>
        public let number: String
        public let title: Bilingual
    }

    public let id: ID<MeetingItem>
    public let meeting: ID<Meeting>
    public let position: Int
    public let title: Bilingual
    /// How long it is planned to take.
    public let minutes: Int
    public let state: State
    public let openedAt: Instant?
    public let closedAt: Instant?
    /// In the order in which papers list them.
    public var cases: [Case] = []

    init(row: Row) throws {
        id = try row["id"]
        meeting = try row["meeting"]
        position = try row["position"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        minutes = try row["minutes"]
        state = try row["state"]
        openedAt = try row["opened_at"]
        closedAt = try row["closed_at"]
    }
}

/// A member who keeps out of an item.
public struct MeetingRecusal: Hashable, Sendable {
    public let item: ID<MeetingItem>
    public let account: ID<Account>
    public let name: String
    public let reason: Bilingual
    /// Found by the house, or else declared by the member.
    public let isFound: Bool
    public let leftAt: Instant?
    public let returnedAt: Instant?

    init(row: Row) throws {
        item = try row["item"]
        account = try row["account"]
        name = try row["name"]
        reason = Bilingual(try row["reason_zh"], try row["reason_en"])
        isFound = try row["is_found"]
        leftAt = try row["left_at"]
        returnedAt = try row["returned_at"]
    }
}

/// A note of the discussion.
public struct MeetingNote: Hashable, Sendable {
    public let item: ID<MeetingItem>
    public let author: String
    public let note: String
    public let at: Instant
}

/// Reads meetings.
public enum MeetingStore {
    public static func find(_ id: ID<Meeting>, _ tx: Tx) throws -> Meeting? {
        try tx.first("SELECT * FROM meeting WHERE id = \(id)", Meeting.init(row:))
    }

    /// The numbers of the meetings of a page, by their identity, in one query.
    public static func numbers(_ ids: Set<ID<Meeting>>, _ tx: Tx) throws -> [ID<Meeting>: String] {
        let found = try tx.rows("SELECT id, number FROM meeting WHERE id IN \(list: Array(ids))") { row in
            (try row["id"] as ID<Meeting>, try row["number"] as String)
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    /// - Throws: ``MeetingError/unknown``.
    public static func require(_ id: ID<Meeting>, _ tx: Tx) throws -> Meeting {
        guard let found = try find(id, tx) else { throw MeetingError.unknown }
        return found
    }

    /// Newest first, before an identity.
    public static func list(
        state: Meeting.State?, call: String? = nil, before: ID<Meeting>?, limit: Int, _ tx: Tx
    ) throws -> [Meeting] {
        var conditions: [SQL] = ["1 = 1"]
        if let state { conditions.append("state = \(state)") }
        if let call { conditions.append("call = \(call)") }
        if let before { conditions.append("id < \(before)") }
        return try tx.rows(
            """
            SELECT * FROM meeting WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY id DESC LIMIT \(limit)
            """, Meeting.init(row:))
    }

    /// Those to which an account is invited, newest first.
    public static func list(
        of account: ID<Account>, before: ID<Meeting>?, limit: Int, _ tx: Tx
    ) throws -> [(meeting: Meeting, answer: MeetingMember.Answer)] {
        let edge: SQL = before.map { "AND m.meeting < \($0)" } ?? ""
        return try tx.rows(
            """
            SELECT t.*, m.answer FROM meeting_member m JOIN meeting t ON t.id = m.meeting
            WHERE m.account = \(account) \(edge) ORDER BY m.meeting DESC LIMIT \(limit)
            """
        ) { (try Meeting(row: $0), try $0["answer"]) }
    }

    public static func members(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingMember] {
        try tx.rows(
            """
            SELECT m.*, \(ExpertStore.english("m.name", "m.organisation_name"))
            FROM meeting_member m LEFT JOIN expert e ON e.id = m.expert
            WHERE m.meeting = \(id) ORDER BY m.name, m.account
            """, MeetingMember.init(row:))
    }

    public static func presence(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingPresence] {
        try tx.rows(
            "SELECT * FROM meeting_presence WHERE meeting = \(id) ORDER BY arrived_at, id",
            MeetingPresence.init(row:))
    }

    /// The agenda with its cases: two queries.
    public static func items(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingItem] {
        var items = try tx.rows(
            "SELECT * FROM meeting_item WHERE meeting = \(id) ORDER BY position", MeetingItem.init(row:))
        var cases: [ID<MeetingItem>: [MeetingItem.Case]] = [:]
        try tx.forEach(
            """
            SELECT k.item, c.id, c.number, c.title_zh, c.title_en FROM meeting_case k
            JOIN meeting_item i ON i.id = k.item JOIN case_file c ON c.id = k.case_id
            WHERE i.meeting = \(id) ORDER BY k.item, k.place
            """
        ) { row in
            cases[try row["item"], default: []].append(
                MeetingItem.Case(
                    id: try row["id"], number: try row["number"],
                    title: Bilingual(try row["title_zh"], try row["title_en"])))
        }
        for place in items.indices { items[place].cases = cases[items[place].id] ?? [] }
        return items
    }

    /// An item with the meeting that it belongs to.
    /// - Throws: ``MeetingError/unknown``.
    public static func item(_ id: ID<MeetingItem>, _ tx: Tx) throws -> (item: MeetingItem, meeting: Meeting) {
        let meeting: ID<Meeting>? = try tx.first("SELECT meeting FROM meeting_item WHERE id = \(id)") {
            try $0["meeting"]
        }
        guard let meeting, let item = try items(meeting, tx).first(where: { $0.id == id }) else {
            throw MeetingError.unknown
        }
        return (item, try require(meeting, tx))
    }

    /// Whether somebody sits in a meeting, or in that of an item or a vote. The same is asked whether there is such a
    /// one or not, so that nobody else learns of it.
    public static func sits(_ account: ID<Account>?, in place: String, _ tx: Tx) throws -> Bool {
        try tx.first(
            """
            SELECT 1 FROM meeting_member WHERE account = \(account) AND meeting IN (
                SELECT id FROM meeting WHERE id = \(place)
                UNION ALL SELECT meeting FROM meeting_item WHERE id = \(place)
                UNION ALL SELECT i.meeting FROM meeting_vote v JOIN meeting_item i ON i.id = v.item
                    WHERE v.id = \(place))
            """) != nil
    }

    public static func recusals(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingRecusal] {
        try tx.rows(
            """
            SELECT r.* FROM meeting_recusal r JOIN meeting_item i ON i.id = r.item
            WHERE i.meeting = \(id) ORDER BY i.position, r.name, r.account
            """, MeetingRecusal.init(row:))
    }

    public static func notes(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingNote] {
        try tx.rows(
            """
            SELECT n.* FROM meeting_note n JOIN meeting_item i ON i.id = n.item
            WHERE i.meeting = \(id) ORDER BY i.position, n.id
            """
        ) { row in
            MeetingNote(
                item: try row["item"], author: try row["author_name"], note: try row["note"], at: try row["at"])
        }
    }

    /// Whether an actor may read the papers of a case because a meeting judges it: a member who has not declined and
    /// keeps out of none of the items that name it, until the minutes are signed.
    public static func mayRead(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Bool {
        guard let account = actor.account else { return false }
        let rows = try tx.rows(
            """
            SELECT r.account AS recused FROM meeting_case k JOIN meeting_item i ON i.id = k.item
            JOIN meeting t ON t.id = i.meeting AND t.state <> 'signed'
            JOIN meeting_member m ON m.meeting = t.id AND m.account = \(account) AND m.answer <> 'declined'
            LEFT JOIN meeting_recusal r ON r.item = i.id AND r.account = \(account)
            WHERE k.case_id = \(id)
            """
        ) { try $0["recused"] as String? }
        return !rows.isEmpty && rows.allSatisfy { $0 == nil }
    }
}

extension MeetingStore {
    /// The cases that have these numbers, in the order of the numbers; unknown ones are left out.
    public static func cases(numbers: [String], _ tx: Tx) throws -> [CaseFile] {
        let found = try tx.rows("SELECT * FROM case_file WHERE number IN \(list: numbers)", CaseFile.init(stored:))
        let places = Dictionary(found.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        return numbers.compactMap { places[$0] }
    }

    /// Meetings whose minutes wait for an account's signature.
    public static func unsigned(of account: ID<Account>, limit: Int, _ tx: Tx) throws -> [Meeting] {
        try tx.rows(
            """
            SELECT * FROM meeting WHERE state = 'closed' AND ((chair = \(account) AND chair_signed_at IS NULL)
                OR (secretary = \(account) AND secretary_signed_at IS NULL)) ORDER BY id LIMIT \(limit)
            """, Meeting.init(row:))
    }

    /// Meetings to come to which an account has not answered.
    public static func unanswered(of account: ID<Account>, limit: Int, _ tx: Tx) throws -> [Meeting] {
        try tx.rows(
            """
            SELECT t.* FROM meeting_member m JOIN meeting t ON t.id = m.meeting AND t.state = 'planned'
            WHERE m.account = \(account) AND m.answer = 'invited' ORDER BY m.meeting LIMIT \(limit)
            """, Meeting.init(row:))
    }
}
