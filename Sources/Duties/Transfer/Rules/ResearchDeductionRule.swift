public import Kernel

/// What the deduction of research costs depends on.
public struct ResearchDeductionFacts: RuleFacts {
    /// Domestic research costs that qualify.
    public var domestic: Money?
    /// What was paid to researchers abroad.
    public var foreign: Money?
    /// Whether the commission abroad was registered as a technology contract.
    public var registered: Bool?

    public init() {}

    public static let fields: [FactField<ResearchDeductionFacts>] = [
        .money("domestic", Bilingual("境内符合条件的研发费用（元）", "Domestic research costs that qualify, in RMB"), \.domestic),
        .money("foreign", Bilingual("委托境外研发费用（元）", "Paid for research abroad, in RMB"), \.foreign),
        .yesNo("registered", Bilingual("委托境外合同已登记", "The commission abroad is registered"), \.registered),
    ]

    public static func sample(_ random: inout SeededRandom) -> ResearchDeductionFacts {
        var facts = ResearchDeductionFacts()
        facts.domestic = Money(fen: Int64.random(in: 0...5_000_000_000, using: &random))
        facts.foreign = Money(fen: Int64.random(in: 0...1_000_000_000, using: &random))
        facts.registered = Bool.random(using: &random)
        return facts
    }
}

/// The extra deduction.
public struct ResearchDeductionOutcome: RuleOutcome {
    public let foreignCounted: Money?
    public let extra: Money?

    public var json: JSONValue {
        [
            "foreignCounted": foreignCounted.map { .integer($0.fen) } ?? .null,
            "extra": extra.map { .integer($0.fen) } ?? .null,
        ]
    }
    public var summary: String { extra == nil ? "?" : foreignCounted == .zero ? "domestic" : "with foreign" }
    public var words: Bilingual {
        guard let extra else { return Bilingual("资料不足", "Facts are missing") }
        return Bilingual("加计扣除 \(extra.text(.chinese))", "Extra deduction of \(extra.text(.english))")
    }
}

/// 研发费用加计扣除 with commissions abroad: they count in part, up to a fraction of the domestic costs, and only where the
/// contract is registered. 财税〔2018〕64号; 财政部 税务总局公告2023年第7号.
public struct ResearchDeductionRule: Rule {
    public static let id = "transfer.research-deduction"
    public static let version = 1
    public static let title = Bilingual("研发费用加计扣除（含委托境外）", "Extra deduction of research costs")
    public static let parameters = ["transfer.rd."]
    public static let conditions = ["registered", "within-limit"]

    let extra: Legal<Int64>
    let share: Legal<Int64>
    let limit: Legal<[String: Int64]>

    public init(_ law: Law) throws(RuleBookError) {
        extra = try law.number("transfer.rd.extra")
        share = try law.number("transfer.rd.foreign-share")
        limit = try law.table("transfer.rd.foreign-limit")
    }

    public func decide(_ facts: ResearchDeductionFacts, _ run: inout RuleRun) -> ResearchDeductionOutcome {
        guard let domestic = facts.domestic else {
            run.misses("domestic")
            return ResearchDeductionOutcome(foreignCounted: nil, extra: nil)
        }
        guard let counted = counted(facts, domestic, &run) else {
            return ResearchDeductionOutcome(foreignCounted: nil, extra: nil)
        }
        let base = domestic + counted
        let extraMoney = Money(fen: base.fen / 1_000 * extra.value + base.fen % 1_000 * extra.value / 1_000)
        run.note(
            TraceStep(
                "extra", Bilingual("加计扣除", "Extra deduction"), .given, value: .money(base),
                against: .number(extra.value, unit: Bilingual("‰", "‰")), gives: .money(extraMoney),
                law: extra.reference))
        return ResearchDeductionOutcome(foreignCounted: counted, extra: extraMoney)
    }

    private func counted(
        _ facts: ResearchDeductionFacts, _ domestic: Money, _ run: inout RuleRun
    ) -> Money? {
        guard let foreign = facts.foreign, foreign > .zero else { return .zero }
        guard let registered = facts.registered else {
            run.misses("registered")
            return nil
        }
        run.note(
            TraceStep(
                "registered", Bilingual("委托境外合同经认定登记", "The commission abroad is registered"),
                registered ? .met : .unmet, value: .yesNo(registered), law: share.reference))
        guard registered else { return .zero }
        let part = Money(fen: foreign.fen / 1_000 * share.value + foreign.fen % 1_000 * share.value / 1_000)
        let (above, below) = (limit.value["numerator"] ?? 0, max(1, limit.value["denominator"] ?? 1))
        let most = Money(fen: domestic.fen / below * above + domestic.fen % below * above / below)
        run.note(
            TraceStep(
                "within-limit", Bilingual("不超过境内研发费用的规定比例", "Within the fraction of the domestic costs"),
                part <= most ? .met : .unmet, value: .money(part), against: .money(most), law: limit.reference))
        return min(part, most)
    }
}
