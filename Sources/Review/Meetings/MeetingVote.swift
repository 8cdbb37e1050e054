import Judgement
public import Kernel
public import Store

/// A round of voting on an item.
public struct MeetingVote: Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// For, against or abstention.
        case approve
        /// So many of the item's cases, by the single transferable vote.
        case choose
    }

    public enum State: String, Codable, Sendable, SQLConvertible { case open, closed }

    /// Which share of whom carries; each has its dated number among the rules.
    public enum Threshold: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case members, present
        case twoThirds = "two-thirds"

        public var parameter: String { "panels.threshold.\(rawValue)" }

        public var title: Bilingual {
            switch self {
            case .members: Bilingual("全体委员（回避者不计）过半数", "More than half of all members who may vote")
            case .present: Bilingual("到会委员过半数", "More than half of the members present")
            case .twoThirds: Bilingual("到会委员三分之二以上", "Two thirds of the members present")
            }
        }
    }

    public let id: ID<MeetingVote>
    public let item: ID<MeetingItem>
    /// From 1.
    public let round: Int
    public let kind: Kind
    public let isSecret: Bool
    public let question: Bilingual
    /// How many are chosen.
    public let seats: Int
    public let threshold: Threshold
    /// The share as it stood on the day, e.g. `1/2`.
    public let rule: String
    /// Members who may vote on the item, and those of them in the room when the vote was opened.
    public let members: Int
    public let present: Int
    /// How many had to be there.
    public let quorum: Int
    public let state: State
    public let openedAt: Instant
    public let closedAt: Instant?
    public let result: VoteResult?

    init(row: Row) throws {
        id = try row["id"]
        item = try row["item"]
        round = try row["round"]
        kind = try row["kind"]
        isSecret = try row["is_secret"]
        question = try (row["question"] as JSONValue).decode()
        seats = try row["seats"]
        threshold = try row["threshold"]
        rule = try row["rule"]
        members = try row["members"]
        present = try row["present"]
        quorum = try row["quorum"]
        state = try row["state"]
        openedAt = try row["opened_at"]
        closedAt = try row["closed_at"]
        result = try (row["result"] as JSONValue?)?.decode()
    }

    /// What a vote on a motion needs.
    func limit() -> VoteThreshold? {
        let parts = rule.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        return VoteThreshold(
            parts: parts[0], of: parts[1], base: threshold == .members ? .members : .present,
            isMoreThan: threshold != .twoThirds)
    }
}

/// What came out of a vote, as it is kept.
public struct VoteResult: Codable, Hashable, Sendable {
    /// A stage of a count by the single transferable vote; candidates by their place in the item.
    public struct Stage: Codable, Hashable, Sendable {
        /// `first`, `surplus`, `exclusion` or `remaining`.
        public let action: String
        public let candidate: Int?
        /// `earlier-stage` or `lot` where the candidate was tied with others.
        public let tie: String?
        /// Votes by candidate, cut to five decimals; exact fractions stand in `exact`.
        public let votes: [String]
        public let exact: [String]
        public let exhausted: String
        public let elected: [Int]
    }

    /// Papers that were handed in.
    public let cast: Int
    public let invalid: Int
    public let yes: Int?
    public let no: Int?
    public let abstained: Int?
    /// Votes in favour that it took.
    public let needed: Int?
    public let carried: Bool?
    public let quota: Int?
    public let stages: [Stage]?
    public let elected: [Int]?
    /// The order that broke ties at last.
    public let lot: [Int]?
    /// SHA-256 over all papers, each as `code choice` (secret) or `name choice`, sorted, with line ends.
    public let papers: String
}

/// A paper of a closed vote, or of a member's own.
public struct VotePaper: Hashable, Sendable {
    public let code: String
    /// Nobody where the vote was secret.
    public let name: String?
    /// `yes`, `no`, `abstain`, or places of candidates in the order of preference, from 1, with spaces.
    public let choice: String
}

/// Who may vote, and who has.
public struct RollEntry: Hashable, Sendable {
    public let account: ID<Account>
    public let name: String
    public let hasVoted: Bool
}

extension MeetingStore {
    /// Secret papers are sealed while their vote is open.
    public static let sealed = SealedColumn(table: "meeting_paper", key: "code", column: "sealed_choice")

    /// All votes of a meeting, by item and round.
    public static func votes(_ id: ID<Meeting>, _ tx: Tx) throws -> [MeetingVote] {
        try tx.rows(
            """
            SELECT v.* FROM meeting_vote v JOIN meeting_item i ON i.id = v.item
            WHERE i.meeting = \(id) ORDER BY i.position, v.round
            """, MeetingVote.init(row:))
    }

    /// - Throws: ``MeetingError/unknown``.
    public static func vote(_ id: ID<MeetingVote>, _ tx: Tx) throws -> MeetingVote {
        guard let found = try tx.first("SELECT * FROM meeting_vote WHERE id = \(id)", MeetingVote.init(row:)) else {
            throw MeetingError.unknown
        }
        return found
    }

    public static func roll(_ id: ID<MeetingVote>, _ tx: Tx) throws -> [RollEntry] {
        try tx.rows("SELECT * FROM meeting_roll WHERE vote = \(id) ORDER BY name, account") {
            RollEntry(account: try $0["account"], name: try $0["name"], hasVoted: try $0["has_voted"])
        }
    }

    /// How many of a meeting's rolls have voted, by vote.
    public static func turnout(_ id: ID<Meeting>, _ tx: Tx) throws -> [ID<MeetingVote>: (voted: Int, of: Int)] {
        var found: [ID<MeetingVote>: (voted: Int, of: Int)] = [:]
        try tx.forEach(
            """
            SELECT r.vote, SUM(CASE WHEN r.has_voted THEN 1 ELSE 0 END) AS voted, COUNT(*) AS n FROM meeting_roll r
            JOIN meeting_vote v ON v.id = r.vote JOIN meeting_item i ON i.id = v.item
            WHERE i.meeting = \(id) GROUP BY r.vote
            """
        ) { row in found[try row["vote"]] = (try row["voted"], try row["n"]) }
        return found
    }

    /// The papers of a closed vote, by code; none while it is open.
    public static func papers(_ id: ID<MeetingVote>, _ tx: Tx) throws -> [VotePaper] {
        try tx.rows(
            """
            SELECT p.code, p.name, p.choice FROM meeting_paper p JOIN meeting_vote v ON v.id = p.vote
            WHERE p.vote = \(id) AND v.state = 'closed' ORDER BY p.code
            """
        ) { VotePaper(code: try $0["code"], name: try $0["name"], choice: try $0["choice"]) }
    }

    /// Open votes on which an account may vote and has not, with their meetings.
    public static func openVotes(
        of account: ID<Account>, limit: Int, _ tx: Tx
    ) throws -> [(vote: MeetingVote, meeting: Meeting)] {
        try tx.rows(
            """
            SELECT v.id AS vote, i.meeting FROM meeting_roll r
            JOIN meeting_vote v ON v.id = r.vote AND v.state = 'open' JOIN meeting_item i ON i.id = v.item
            WHERE r.account = \(account) AND r.has_voted = \(false) ORDER BY v.id LIMIT \(limit)
            """
        ) { (try $0["vote"] as ID<MeetingVote>, try $0["meeting"] as ID<Meeting>) }
        .map { (try vote($0.0, tx), try require($0.1, tx)) }
    }
}

/// What panels have said of a case: the last closed vote on it in a meeting that is over.
public struct PanelVerdict: Hashable, Sendable {
    public let meeting: String
    /// Carried or chosen.
    public let isFavourable: Bool
    public let round: Int

    /// The verdicts on many cases, in one query.
    public static func all(_ cases: [ID<CaseFile>], _ tx: Tx) throws -> [ID<CaseFile>: PanelVerdict] {
        var found: [ID<CaseFile>: PanelVerdict] = [:]
        for part in cases.blocks() {
            try tx.forEach(
                """
                SELECT k.case_id, k.place, v.round, v.result, t.number FROM meeting_case k
                JOIN meeting_item i ON i.id = k.item JOIN meeting t ON t.id = i.meeting
                JOIN meeting_vote v ON v.item = i.id AND v.state = 'closed'
                WHERE k.case_id IN \(list: part) AND t.state IN ('closed', 'signed')
                ORDER BY t.id, i.position, v.round
                """
            ) { row in
                let result: VoteResult? = try (row["result"] as JSONValue?)?.decode()
                let place: Int = try row["place"]
                let isFavourable = result?.carried ?? result?.elected?.contains(place) ?? false
                found[try row["case_id"]] = PanelVerdict(
                    meeting: try row["number"], isFavourable: isFavourable, round: try row["round"])
            }
        }
        return found
    }
}
