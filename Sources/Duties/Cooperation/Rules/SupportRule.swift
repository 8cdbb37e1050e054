public import Kernel

/// What is supported.
public enum SupportKind: String, FactChoice {
    case research, hongKong = "hong-kong", event

    public var title: Bilingual {
        switch self {
        case .research: Bilingual("国际合作研发", "Joint research")
        case .hongKong: Bilingual("深港联合资助（A类）", "Shenzhen–Hong Kong, type A")
        case .event: Bilingual("国际科技交流活动（事后）", "International event, paid afterwards")
        }
    }
}

/// What the most support depends on.
public struct SupportFacts: RuleFacts {
    public var kind: SupportKind?
    /// Research input of the Chinese side, or reasonable cost of the event.
    public var base: Money?
    public var people: Int?
    public var foreigners: Int?

    public init() {}

    public static let fields: [FactField<SupportFacts>] = [
        .choice("kind", Bilingual("类型", "Kind"), \.kind),
        .money("base", Bilingual("中方研发投入或活动合理费用（元）", "Research input of our side or reasonable cost, in RMB"), \.base),
        .number("people", Bilingual("参会人数", "People at the event"), \.people),
        .number("foreigners", Bilingual("其中境外人员", "Foreigners among them"), \.foreigners),
    ]

    public static func sample(_ random: inout SeededRandom) -> SupportFacts {
        var facts = SupportFacts()
        facts.kind = SupportKind.allCases.randomElement(using: &random)
        facts.base = Money(fen: Int64.random(in: 10_000_000...1_000_000_000, using: &random))
        facts.people = Int.random(in: 20...400, using: &random)
        facts.foreigners = Int.random(in: 0...100, using: &random)
        return facts
    }
}

/// How much can be given at most.
public struct SupportOutcome: RuleOutcome {
    public let most: Money?

    public var json: JSONValue { ["most": most.map { .integer($0.fen) } ?? .null] }
    public var summary: String { most.map { $0.fen > 0 ? "supported" : "none" } ?? "?" }
    public var words: Bilingual {
        guard let most else { return Bilingual("资料不足", "Facts are missing") }
        return Bilingual("资助不超过 \(most.text(.chinese))", "At most \(most.text(.english))")
    }
}

/// 国际科技合作资助上限: a share of the input and an amount that no project gets more than; an event must be large and
/// foreign enough. Calls of the city of 2017, 2020 and 2023.
public struct SupportRule: Rule {
    public static let id = "cooperation.support"
    public static let version = 1
    public static let title = Bilingual("国际科技合作资助上限", "Most support of international cooperation")
    public static let parameters = ["cooperation.research.", "cooperation.hongkong.", "cooperation.event."]
    public static let conditions = ["below-most", "people", "foreigners"]

    let shares: [SupportKind: Legal<Int64>]
    let most: [SupportKind: Legal<Money>]
    let people: Legal<Int64>
    let foreigners: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        shares = [
            .research: try law.number("cooperation.research.share"),
            .hongKong: try law.number("cooperation.hongkong.share"),
            .event: try law.number("cooperation.event.share"),
        ]
        most = [
            .research: try law.money("cooperation.research.most"),
            .hongKong: try law.money("cooperation.hongkong.most"), .event: try law.money("cooperation.event.most"),
        ]
        people = try law.number("cooperation.event.people")
        foreigners = try law.number("cooperation.event.foreigners")
    }

    public func decide(_ facts: SupportFacts, _ run: inout RuleRun) -> SupportOutcome {
        guard let kind = facts.kind, let base = facts.base, let share = shares[kind], let most = most[kind] else {
            if facts.kind == nil { run.misses("kind") }
            if facts.base == nil { run.misses("base") }
            return SupportOutcome(most: nil)
        }
        if kind == .event {
            let enough = [
                reaches("people", facts.people, people, Bilingual("参会人数达到要求", "Enough people"), &run),
                reaches("foreigners", facts.foreigners, foreigners, Bilingual("境外人员达到要求", "Enough foreigners"), &run),
            ]
            if enough.contains(false) { return SupportOutcome(most: .zero) }
            if enough.contains(nil) { return SupportOutcome(most: nil) }
        }
        let part = Money(fen: base.fen / 1_000 * share.value + base.fen % 1_000 * share.value / 1_000)
        run.note(
            TraceStep(
                "share", Bilingual("按比例计算", "Share of it"), .given, value: .money(base),
                against: .number(share.value, unit: Bilingual("‰", "‰")), gives: .money(part), law: share.reference))
        run.note(
            TraceStep(
                "below-most", Bilingual("不超过资助上限", "Not above the most"), part <= most.value ? .met : .unmet,
                value: .money(part), against: .money(most.value), law: most.reference))
        return SupportOutcome(most: min(part, most.value))
    }

    private func reaches(
        _ key: String, _ count: Int?, _ least: Legal<Int64>, _ what: Bilingual, _ run: inout RuleRun
    ) -> Bool? {
        if count == nil { run.misses(key) }
        let holds = count.map { Int64($0) >= least.value }
        run.note(
            TraceStep(
                key, what, holds.map { $0 ? .met : .unmet } ?? .unknown,
                value: count.map { .number(Int64($0), unit: Bilingual("人", "people")) },
                against: .number(least.value, unit: Bilingual("人", "people")), law: least.reference))
        return holds
    }
}
