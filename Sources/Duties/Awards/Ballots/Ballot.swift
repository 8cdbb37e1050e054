import Kernel
import Review
import Store

/// A secret ballot on some nominations: who voted is known, how is not.
///
/// A paper is added to the counts in the transaction that marks the member as having voted, and is kept nowhere; the
/// counts are shown when the ballot is closed.
struct Ballot: Hashable, Sendable {
    enum State: String, Codable, Sendable, SQLConvertible { case open, closed }

    struct Item: Hashable, Sendable {
        let position: Int
        let caseID: ID<CaseFile>
        let number: String
        let title: Bilingual
        let prize: Prize?
        let grade: Grade?
        let inFavour: Int
        let against: Int
        let abstained: Int
        /// Nil while it is open, and where there was no quorum.
        let carried: Bool?

        var cast: Int { inFavour + against + abstained }
    }

    struct Member: Hashable, Sendable {
        let account: ID<Account>
        let name: String
        let hasVoted: Bool
    }

    let id: ID<Ballot>
    let number: String
    let title: String
    let stage: BallotFacts.Stage
    let state: State
    let openedAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        title = try row["title"]
        stage = BallotFacts.Stage(rawValue: try row["stage"]) ?? .group
        state = try row["state"]
        openedAt = try row["opened_at"]
    }
}

/// What a member writes on the paper for one item.
enum BallotMark: String, CaseIterable, Sendable {
    case favour, against, abstain, recuse

    var title: Bilingual {
        switch self {
        case .favour: Bilingual("赞成", "In favour")
        case .against: Bilingual("反对", "Against")
        case .abstain: Bilingual("弃权", "Abstain")
        case .recuse: Bilingual("回避", "I withdraw from it")
        }
    }
}

/// Reads ballots.
enum BallotStore {
    static func find(_ id: ID<Ballot>, _ tx: Tx) throws -> Ballot? {
        try tx.first("SELECT * FROM award_ballot WHERE id = \(id)", Ballot.init(row:))
    }

    static func require(_ id: ID<Ballot>, _ tx: Tx) throws -> Ballot {
        guard let found = try find(id, tx) else { throw BallotError.unknown }
        return found
    }

    /// Newest first, before an identity.
    static func list(before: ID<Ballot>?, limit: Int, _ tx: Tx) throws -> [Ballot] {
        let edge: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows("SELECT * FROM award_ballot \(edge) ORDER BY id DESC LIMIT \(limit)", Ballot.init(row:))
    }

    /// Those on which an account votes or voted, newest first.
    static func list(of account: ID<Account>, limit: Int, _ tx: Tx) throws -> [(ballot: Ballot, hasVoted: Bool)] {
        try tx.rows(
            """
            SELECT b.*, m.has_voted FROM award_ballot_member m JOIN award_ballot b ON b.id = m.ballot
            WHERE m.account = \(account) ORDER BY m.ballot DESC LIMIT \(limit)
            """
        ) { (try Ballot(row: $0), try $0["has_voted"]) }
    }

    /// Open ballots on which an account has not voted yet, oldest first.
    static func open(for account: ID<Account>, limit: Int, _ tx: Tx) throws -> [Ballot] {
        try tx.rows(
            """
            SELECT b.* FROM award_ballot_member m JOIN award_ballot b ON b.id = m.ballot AND b.state = 'open'
            WHERE m.account = \(account) AND m.has_voted = \(false) ORDER BY m.ballot LIMIT \(limit)
            """, Ballot.init(row:))
    }

    static func items(_ id: ID<Ballot>, _ tx: Tx) throws -> [Ballot.Item] {
        try tx.rows(
            """
            SELECT i.*, c.number, c.title_zh, c.title_en FROM award_ballot_item i JOIN case_file c ON c.id = i.case_id
            WHERE i.ballot = \(id) ORDER BY i.position
            """
        ) { row in
            Ballot.Item(
                position: try row["position"], caseID: try row["case_id"], number: try row["number"],
                title: Bilingual(try row["title_zh"], try row["title_en"]),
                prize: Prize(rawValue: try row["prize"]), grade: Grade(rawValue: try row["grade"]),
                inFavour: try row["in_favour"], against: try row["against"], abstained: try row["abstained"],
                carried: try row["carried"])
        }
    }

    static func members(_ id: ID<Ballot>, _ tx: Tx) throws -> [Ballot.Member] {
        try tx.rows("SELECT * FROM award_ballot_member WHERE ballot = \(id) ORDER BY name, account") {
            Ballot.Member(account: try $0["account"], name: try $0["name"], hasVoted: try $0["has_voted"])
        }
    }

    /// What is kept where a member asked to withdraw.
    static let asked = "本人申请回避"

    /// Why a member withdraws, in words: what is kept is that the member asked, or the code of a conflict; ballots of
    /// before keep Chinese words.
    static func words(of reason: String) -> Bilingual {
        if reason == asked { return Bilingual("本人申请回避", "asked to withdraw") }
        return Conflict(rawValue: reason)?.text ?? Bilingual(reason, reason)
    }

    /// Who withdraws from which item, and why.
    static func recusals(_ id: ID<Ballot>, _ tx: Tx) throws -> [(position: Int, account: ID<Account>, reason: String)] {
        try tx.rows(
            "SELECT * FROM award_ballot_recusal WHERE ballot = \(id) ORDER BY position, account"
        ) { (try $0["position"], try $0["account"], try $0["reason"]) }
    }

    /// Closed and open votes on a case, the last first.
    static func items(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [(ballot: Ballot, carried: Bool?)] {
        try tx.rows(
            """
            SELECT b.*, i.carried FROM award_ballot_item i JOIN award_ballot b ON b.id = i.ballot
            WHERE i.case_id = \(caseID) ORDER BY i.ballot DESC LIMIT 20
            """
        ) { (try Ballot(row: $0), try $0["carried"]) }
    }
}

/// Why a ballot cannot be held as asked.
enum BallotError: Problem, Hashable {
    case unknown
    case notMember
    case voted
    case closed
    case incomplete([FieldProblem])

    var kind: ProblemKind {
        switch self {
        case .unknown, .notMember: .notFound
        case .voted, .closed: .conflict
        case .incomplete: .invalid
        }
    }

    var code: String {
        switch self {
        case .unknown: "awards.ballot.unknown"
        case .notMember: "awards.ballot.not-member"
        case .voted: "awards.ballot.voted"
        case .closed: "awards.ballot.closed"
        case .incomplete: "awards.ballot.incomplete"
        }
    }

    var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这次表决。", "There is no such ballot.")
        case .notMember: Bilingual("您不是这次表决的委员。", "You are not a member of this ballot.")
        case .voted: Bilingual("您已经投过票，不能再投。", "You have voted already and cannot vote again.")
        case .closed: Bilingual("表决已经结束。", "The ballot is closed.")
        case .incomplete: Bilingual("还不能提交，请逐项改正。", "This cannot be handed in yet; mend each point.")
        }
    }

    var fields: [FieldProblem] { if case .incomplete(let problems) = self { problems } else { [] } }
}
