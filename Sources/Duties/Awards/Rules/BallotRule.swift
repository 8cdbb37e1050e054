public import Kernel

/// One item of a secret ballot as it was counted.
public struct BallotFacts: RuleFacts {
    /// Where the vote is taken.
    public enum Stage: String, Codable, FactChoice {
        case group, committee

        public var title: Bilingual {
            switch self {
            case .group: Bilingual("专业评审组", "Review group")
            case .committee: Bilingual("评审委员会", "Committee")
            }
        }
    }

    public var stage: Stage?
    public var prize: Prize?
    public var grade: Grade?
    public var members: Int?
    /// Members who withdraw from this item; they count neither for the quorum nor for the votes.
    public var recused: Int?
    /// Members who voted on it.
    public var cast: Int?
    public var inFavour: Int?

    public init() {}

    public static let fields: [FactField<BallotFacts>] = [
        .choice("stage", Bilingual("表决环节", "Stage"), \.stage), .choice("prize", Bilingual("奖种", "Prize"), \.prize),
        .choice("grade", Bilingual("等级", "Grade"), \.grade),
        .number("members", Bilingual("委员人数", "Members"), in: 0...10_000, \.members),
        .number("recused", Bilingual("回避人数", "Members who withdraw"), in: 0...10_000, \.recused),
        .number("cast", Bilingual("参加表决人数", "Members who voted"), in: 0...10_000, \.cast),
        .number("inFavour", Bilingual("赞成票", "Votes in favour"), in: 0...10_000, \.inFavour),
    ]

    public static func sample(_ random: inout SeededRandom) -> BallotFacts {
        var facts = BallotFacts()
        facts.stage = Stage.allCases[Int.random(in: 0..<2, using: &random)]
        facts.prize = .progress
        facts.grade = Int.random(in: 0..<3, using: &random) == 0 ? .first : .second
        let members = Int.random(in: 5...21, using: &random)
        let recused = Int.random(in: 0...2, using: &random)
        let cast = Int.random(in: 0...(members - recused), using: &random)
        (facts.members, facts.recused, facts.cast) = (members, recused, cast)
        facts.inFavour = Int.random(in: 0...cast, using: &random)
        return facts
    }
}

/// Whether a ballot carries an item. The nation's thresholds are known in part only and the city's not at all: the
/// numbers are the bureau's and marked so.
public struct BallotRule: Rule {
    public static let id = "awards.ballot"
    public static let version = 1
    public static let title = Bilingual("评审表决", "Ballot on an award")
    public static let parameters = [
        "awards.ballot.quorum", "awards.ballot.group", "awards.ballot.committee", "awards.ballot.high",
    ]
    public static let conditions = ["counts", "quorum", "votes"]

    /// A part of a whole, as thresholds are written.
    struct Share: Sendable {
        let parts: Int64
        let of: Int64
        let law: LawReference

        init(_ table: Legal<[String: Int64]>) {
            parts = table.value["parts"] ?? 1
            of = max(1, table.value["of"] ?? 1)
            law = table.reference
        }

        var fact: FactValue { .text("\(parts)/\(of)") }
        func isReached(by number: Int, of whole: Int) -> Bool { Int64(number) * of >= Int64(whole) * parts }
        func isExceeded(by number: Int, of whole: Int) -> Bool { Int64(number) * of > Int64(whole) * parts }
    }

    let quorum: Share
    let group: Share
    let committee: Share
    let high: Share

    public init(_ law: Law) throws(RuleBookError) {
        quorum = Share(try law.table("awards.ballot.quorum"))
        group = Share(try law.table("awards.ballot.group"))
        committee = Share(try law.table("awards.ballot.committee"))
        high = Share(try law.table("awards.ballot.high"))
    }

    public func decide(_ facts: BallotFacts, _ run: inout RuleRun) -> AwardVerdict {
        AwardVerdict(
            verdicts(facts, &run), yes: Bilingual("表决通过", "Carried"), no: Bilingual("表决未通过", "Not carried"))
    }

    private func verdicts(_ facts: BallotFacts, _ run: inout RuleRun) -> [Bool?] {
        guard let members = facts.members, let recused = facts.recused, let cast = facts.cast,
            let favour = facts.inFavour, let stage = facts.stage
        else {
            if facts.stage == nil { run.misses("stage") }
            if facts.members == nil { run.misses("members") }
            if facts.recused == nil { run.misses("recused") }
            if facts.cast == nil { run.misses("cast") }
            if facts.inFavour == nil { run.misses("inFavour") }
            return [nil]
        }
        let entitled = members - recused
        let fits = run.condition(
            "counts", Bilingual("票数与人数相符", "The numbers fit each other"),
            entitled >= 1 && cast <= entitled && favour <= cast, value: .text("\(favour)/\(cast)/\(entitled)"), nil)
        guard fits == true else { return [false] }
        let isQuorate = run.condition(
            "quorum", Bilingual("达到法定人数（回避者不计）", "A quorum, members who withdraw not counted"),
            quorum.isReached(by: cast, of: entitled), value: .text("\(cast)/\(entitled)"), against: quorum.fact,
            quorum.law)
        let isHigh = stage == .committee && (facts.grade == .special || facts.grade == .first || facts.prize == .top)
        let share = isHigh ? high : stage == .group ? group : committee
        let isCarried = run.condition(
            "votes",
            isHigh
                ? Bilingual("赞成票不少于到会委员的", "Votes in favour are at least this share of those attending")
                : Bilingual("赞成票超过到会委员的", "Votes in favour are more than this share of those attending"),
            isHigh ? share.isReached(by: favour, of: cast) : share.isExceeded(by: favour, of: cast),
            value: .text("\(favour)/\(cast)"), against: share.fact, share.law)
        return [isQuorate, isCarried]
    }
}
