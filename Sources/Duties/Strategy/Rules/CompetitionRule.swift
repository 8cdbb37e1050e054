public import Kernel

/// What a fair-competition review found.
public struct CompetitionFacts: RuleFacts {
    /// Grounds of article 12 on which banned content may stay.
    public enum Ground: String, FactChoice {
        case none, security, innovation
        case publicInterest = "public-interest"
        case otherLaw = "other-law"

        public var title: Bilingual {
            switch self {
            case .none: Bilingual("不适用例外", "No exception")
            case .security: Bilingual("维护国家安全和发展利益", "National security and development interests")
            case .innovation: Bilingual("促进科技进步、增强自主创新能力", "Progress of science and technology, innovation")
            case .publicInterest:
                Bilingual("节约能源、保护环境、救灾救助等社会公共利益", "Public interest such as energy, environment, relief")
            case .otherLaw: Bilingual("法律、行政法规规定的其他情形", "Other cases set by law")
            }
        }
    }

    /// Whether the text concerns what market operators do.
    public var applies: Bool?
    /// Whether banned content was found: on entry and exit of the market, on free flow, on costs, on conduct.
    public var entry: Bool?
    public var flow: Bool?
    public var costs: Bool?
    public var conduct: Bool?
    /// Whether stakeholders were heard.
    public var heard: Bool?
    public var ground: Ground?
    /// Whether there is no other way that harms competition less.
    public var necessary: Bool?
    /// Whether the exception has its time limit or its end condition.
    public var limited: Bool?

    public init() {}

    public static let fields: [FactField<CompetitionFacts>] = [
        .yesNo("applies", Bilingual("涉及经营者经济活动", "Concerns the activity of market operators"), \.applies),
        .yesNo("entry", Bilingual("含有限制市场准入和退出的内容", "Restricts entry into or exit from the market"), \.entry),
        .yesNo("flow", Bilingual("含有限制商品、要素自由流动的内容", "Restricts the free flow of goods and factors"), \.flow),
        .yesNo(
            "costs", Bilingual("含有影响生产经营成本的内容（如选择性奖补、税费优惠）", "Affects costs, such as selective rewards or tax breaks"),
            \.costs),
        .yesNo("conduct", Bilingual("含有影响生产经营行为的内容", "Affects how operators act"), \.conduct),
        .yesNo("heard", Bilingual("已听取利害关系人意见", "Stakeholders were heard"), \.heard),
        .choice("ground", Bilingual("例外情形", "Ground of an exception"), \.ground),
        .yesNo("necessary", Bilingual("没有对公平竞争影响更小的替代方案", "There is no less restrictive option"), \.necessary),
        .yesNo("limited", Bilingual("已确定实施期限或者终止条件", "It has a time limit or an end condition"), \.limited),
    ]

    public static func sample(_ random: inout SeededRandom) -> CompetitionFacts {
        var facts = CompetitionFacts()
        func rarely() -> Bool { Int.random(in: 0..<8, using: &random) == 0 }
        facts.applies = !rarely()
        (facts.entry, facts.flow, facts.costs, facts.conduct) = (rarely(), rarely(), rarely(), rarely())
        facts.heard = !rarely()
        facts.ground = Ground.allCases.randomElement(using: &random)
        (facts.necessary, facts.limited) = (!rarely(), !rarely())
        return facts
    }
}

/// Whether a text may be issued after the review.
public struct CompetitionOutcome: RuleOutcome {
    public enum Verdict: String, Sendable {
        case notNeeded = "not-needed"
        case clear, exception, refused, unknown
    }

    public let verdict: Verdict
    /// Groups in which banned content was found.
    public let found: [String]

    public var mayIssue: Bool { [.notNeeded, .clear, .exception].contains(verdict) }
    public var json: JSONValue {
        ["verdict": .string(verdict.rawValue), "found": .array(found.map { .string($0) })]
    }
    public var summary: String { verdict.rawValue }
    public var words: Bilingual {
        switch verdict {
        case .notNeeded: Bilingual("不涉及经营者经济活动，无需审查", "Does not concern market operators; no review is needed")
        case .clear: Bilingual("没有排除、限制竞争的内容，可以出台", "No content that restricts competition; it may be issued")
        case .exception: Bilingual("适用例外规定，可以出台", "An exception applies; it may be issued")
        case .refused: Bilingual("不得出台", "It may not be issued")
        case .unknown: Bilingual("审查尚不完整", "The review is not complete")
        }
    }
}

/// 公平竞争审查条例 8–11 (four groups of banned content), 12 (exceptions: a ground, no less restrictive option, a limit in
/// time or an end condition), 16 (stakeholders are heard), 18 (without a review it may not be issued).
public struct CompetitionRule: Rule {
    public static let id = "strategy.fair-competition"
    public static let version = 1
    public static let title = Bilingual("公平竞争审查", "Fair-competition review")
    public static let parameters = ["strategy.fair-competition."]
    public static let conditions = [
        "applies", "heard", "entry", "flow", "costs", "conduct", "ground", "necessary", "limited",
    ]

    let groups: Legal<[String]>
    let grounds: Legal<[String]>

    public init(_ law: Law) throws(RuleBookError) {
        groups = try law.codes("strategy.fair-competition.groups")
        grounds = try law.codes("strategy.fair-competition.grounds")
    }

    public func decide(_ facts: CompetitionFacts, _ run: inout RuleRun) -> CompetitionOutcome {
        var isWhole = true
        func look(_ key: String, _ fact: Bool?, _ law: LawReference) -> Bool {
            guard let fact else {
                run.misses(key)
                isWhole = false
                return false
            }
            let label = CompetitionFacts.fields.first { $0.name == key }?.label ?? Bilingual(key, key)
            run.note(TraceStep(key, label, fact ? .met : .unmet, value: .yesNo(fact), law: law))
            return fact
        }
        guard look("applies", facts.applies, groups.reference) else {
            return CompetitionOutcome(verdict: isWhole ? .notNeeded : .unknown, found: [])
        }
        let isHeard = look("heard", facts.heard, groups.reference)
        let looks: [(String, Bool?)] = [
            ("entry", facts.entry), ("flow", facts.flow), ("costs", facts.costs), ("conduct", facts.conduct),
        ]
        let found = looks.filter { groups.value.contains($0.0) && look($0.0, $0.1, groups.reference) }.map(\.0)
        var isExcused = true
        if !found.isEmpty {
            let ground = facts.ground.map { $0 != .none && grounds.value.contains($0.rawValue) }
            let holds = [
                look("ground", ground, grounds.reference), look("necessary", facts.necessary, grounds.reference),
                look("limited", facts.limited, grounds.reference),
            ]
            isExcused = holds.allSatisfy { $0 }
        }
        guard isWhole else { return CompetitionOutcome(verdict: .unknown, found: found) }
        guard isHeard, isExcused else { return CompetitionOutcome(verdict: .refused, found: found) }
        return CompetitionOutcome(verdict: found.isEmpty ? .clear : .exception, found: found)
    }
}
