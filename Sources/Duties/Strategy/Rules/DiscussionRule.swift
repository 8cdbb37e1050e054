public import Kernel

/// How a collective discussion went.
public struct DiscussionFacts: RuleFacts {
    /// What the head decided.
    public enum Decision: String, FactChoice {
        case adopt, reject, postpone

        public var title: Bilingual {
            switch self {
            case .adopt: Bilingual("通过", "Adopt")
            case .reject: Bilingual("不通过", "Reject")
            case .postpone: Bilingual("修改或再次讨论", "Mend or discuss again")
            }
        }
    }

    /// Opinions of the members without the head.
    public var agree: Int?
    public var against: Int?
    public var abstain: Int?
    /// Whether the head spoke, and spoke last.
    public var headLast: Bool?
    public var decision: Decision?
    /// Whether the head gave reasons.
    public var reasoned: Bool?

    public init() {}

    public static let fields: [FactField<DiscussionFacts>] = [
        .number("agree", Bilingual("同意", "Agree"), in: 0...200, unit: Bilingual("人", "people"), \.agree),
        .number("against", Bilingual("不同意", "Against"), in: 0...200, unit: Bilingual("人", "people"), \.against),
        .number("abstain", Bilingual("其他意见", "Other opinions"), in: 0...200, unit: Bilingual("人", "people"), \.abstain),
        .yesNo("headLast", Bilingual("行政首长最后发表意见", "The head spoke last"), \.headLast),
        .choice("decision", Bilingual("行政首长的决定", "Decision of the head"), \.decision),
        .yesNo("reasoned", Bilingual("已说明理由", "Reasons are given"), \.reasoned),
    ]

    public static func sample(_ random: inout SeededRandom) -> DiscussionFacts {
        var facts = DiscussionFacts()
        facts.agree = Int.random(in: 0...7, using: &random)
        facts.against = Int.random(in: 0...4, using: &random)
        facts.abstain = Int.random(in: 0...2, using: &random)
        facts.headLast = Int.random(in: 0..<10, using: &random) > 0
        facts.decision = Decision.allCases.randomElement(using: &random)
        facts.reasoned = Bool.random(using: &random)
        return facts
    }
}

/// Whether a decision was reached as the rules want.
public struct DiscussionOutcome: RuleOutcome {
    public enum Verdict: String, Sendable {
        case valid
        case notDiscussed = "not-discussed"
        case headNotLast = "head-not-last"
        case unreasoned, unknown
    }

    public let verdict: Verdict
    /// Whether the decision differs from what most members said.
    public let againstMajority: Bool

    public var json: JSONValue {
        ["verdict": .string(verdict.rawValue), "againstMajority": .bool(againstMajority)]
    }
    public var summary: String { verdict.rawValue }
    public var words: Bilingual {
        switch verdict {
        case .valid:
            againstMajority
                ? Bilingual("与多数人意见不一致，已说明理由", "Against the majority, with reasons")
                : Bilingual("集体讨论符合程序", "Discussed as the rules want")
        case .notDiscussed: Bilingual("还没有会议组成人员发表意见", "No member has spoken yet")
        case .headNotLast: Bilingual("行政首长须最后发表意见", "The head must speak last")
        case .unreasoned: Bilingual("与多数人意见不一致，须说明理由", "Against the majority: reasons are needed")
        case .unknown: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 重大行政决策程序暂行条例 30: collective discussion, the head speaks last; where the decision differs from most opinions the
/// head gives reasons at the meeting. Departments apply it by reference (42).
public struct DiscussionRule: Rule {
    public static let id = "strategy.discussion"
    public static let version = 1
    public static let title = Bilingual("集体讨论决定", "Collective discussion")
    public static let parameters = ["strategy.legality.days"]
    public static let conditions = ["discussed", "head-last", "with-majority", "reasons"]

    /// The regulation whose article 30 speaks of the meeting; its terms are kept with the legality review.
    let source: LawReference

    public init(_ law: Law) throws(RuleBookError) {
        source = try law.number("strategy.legality.days").reference
    }

    public func decide(_ facts: DiscussionFacts, _ run: inout RuleRun) -> DiscussionOutcome {
        guard let agree = facts.agree, let against = facts.against, let abstain = facts.abstain,
            let headLast = facts.headLast, let decision = facts.decision
        else {
            if facts.agree == nil { run.misses("agree") }
            if facts.against == nil { run.misses("against") }
            if facts.abstain == nil { run.misses("abstain") }
            if facts.headLast == nil { run.misses("headLast") }
            if facts.decision == nil { run.misses("decision") }
            return DiscussionOutcome(verdict: .unknown, againstMajority: false)
        }
        func note(_ key: String, _ zh: String, _ en: String, _ isMet: Bool, _ value: FactValue) {
            run.note(TraceStep(key, Bilingual(zh, en), isMet ? .met : .unmet, value: value, law: source))
        }
        let people = Bilingual("人", "people")
        let all = agree + against + abstain
        note("discussed", "会议组成人员充分讨论", "Members discussed it", all > 0, .number(Int64(all), unit: people))
        guard all > 0 else { return DiscussionOutcome(verdict: .notDiscussed, againstMajority: false) }
        note("head-last", "行政首长最后发表意见", "The head spoke last", headLast, .yesNo(headLast))
        guard headLast else { return DiscussionOutcome(verdict: .headNotLast, againstMajority: false) }
        // More than half on one side is the opinion of most; without that nobody is overruled.
        let differs =
            decision == .adopt ? against * 2 > all : decision == .reject ? agree * 2 > all : false
        note("with-majority", "与多数人意见一致", "The decision follows the majority", !differs, decision.fact)
        guard differs else { return DiscussionOutcome(verdict: .valid, againstMajority: false) }
        guard let reasoned = facts.reasoned else {
            run.misses("reasoned")
            return DiscussionOutcome(verdict: .unknown, againstMajority: true)
        }
        note("reasons", "已在会上说明理由", "Reasons were given at the meeting", reasoned, .yesNo(reasoned))
        return DiscussionOutcome(verdict: reasoned ? .valid : .unreasoned, againstMajority: true)
    }
}
