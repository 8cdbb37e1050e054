import Kernel
import Store

/// What one member said at a meeting.
struct Opinion: Hashable, Sendable {
    enum Stance: String, Sendable, CaseIterable, SQLConvertible {
        case agree, against, other

        var title: Bilingual {
            switch self {
            case .agree: Bilingual("同意", "Agrees")
            case .against: Bilingual("不同意", "Against")
            case .other: Bilingual("其他意见", "Another opinion")
            }
        }
    }

    let position: Int
    let member: String
    let isHead: Bool
    let stance: Stance
    let words: String

    init(row: Row) throws {
        position = try row["position"]
        member = try row["member"]
        isHead = try row["is_head"]
        stance = try row["stance"]
        words = try row["words"]
    }

    init(position: Int, member: String, isHead: Bool, stance: Stance, words: String) {
        self.position = position
        self.member = member
        self.isHead = isHead
        self.stance = stance
        self.words = words
    }
}

extension [Opinion] {
    /// What the rule on discussions is told.
    func facts(deciding decision: DiscussionFacts.Decision, reasoned: Bool) -> DiscussionFacts {
        var facts = DiscussionFacts()
        let members = filter { !$0.isHead }
        facts.agree = members.filter { $0.stance == .agree }.count
        facts.against = members.filter { $0.stance == .against }.count
        facts.abstain = members.filter { $0.stance == .other }.count
        facts.headLast = last?.isHead ?? false
        facts.decision = decision
        facts.reasoned = reasoned
        return facts
    }
}

/// Opinions are written down in the order in which they were given, and never changed.
enum OpinionStore {
    static func list(of id: ID<CaseFile>, session: Int, _ tx: Tx) throws -> [Opinion] {
        try tx.rows(
            "SELECT * FROM norm_opinion WHERE case_id = \(id) AND session = \(session) ORDER BY position LIMIT 200",
            Opinion.init(row:))
    }

    static func add(
        _ opinion: Opinion, to id: ID<CaseFile>, session: Int, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO norm_opinion (case_id, session, position, member, is_head, stance, words, recorded_by,
                recorded_at)
            VALUES (\(id), \(session), \(opinion.position), \(opinion.member), \(opinion.isHead), \(opinion.stance),
                \(opinion.words), \(actor.account?.text ?? "system"), \(now))
            """)
    }
}
