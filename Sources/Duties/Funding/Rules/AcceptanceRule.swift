public import Kernel

/// How an accepted project ends: 通过, 结题 or 不通过 (the bureau's acceptance notices since 2021).
public enum AcceptanceOutcome: String, Codable, FactChoice {
    case passed, closed, failed

    public var title: Bilingual {
        switch self {
        case .passed: Bilingual("通过验收", "Accepted")
        case .closed: Bilingual("结题", "Closed without full acceptance")
        case .failed: Bilingual("不通过验收", "Not accepted")
        }
    }
}

/// What the consequences of an acceptance depend on.
public struct AcceptanceFacts: RuleFacts {
    public var outcome: AcceptanceOutcome?
    /// What the project has received.
    public var paid: Money?
    /// What it has left, interest included.
    public var surplus: Money?

    public init() {}

    public init(outcome: AcceptanceOutcome, paid: Money, surplus: Money) {
        self.outcome = outcome
        self.paid = paid
        self.surplus = surplus
    }

    public static let fields: [FactField<AcceptanceFacts>] = [
        .choice("outcome", Bilingual("验收结论", "Outcome of the acceptance"), \.outcome),
        .money("paid", Bilingual("已拨资金（分）", "Paid, in fen"), in: .fen, \.paid),
        .money("surplus", Bilingual("结余资金及利息（分）", "Surplus with interest, in fen"), in: .fen, \.surplus),
    ]

    public static func sample(_ random: inout SeededRandom) -> AcceptanceFacts {
        let chance = Int.random(in: 0..<100, using: &random)
        let paid = Int64.random(in: 10_000_000...300_000_000, using: &random)
        return AcceptanceFacts(
            outcome: chance < 85 ? .passed : chance < 95 ? .closed : .failed, paid: Money(fen: paid),
            surplus: Money(fen: paid * Int64.random(in: 0...30, using: &random) / 100))
    }
}

/// What an acceptance outcome brings with it.
public struct AcceptanceConsequences: RuleOutcome {
    /// Money that comes back to the treasury; nil where nothing does.
    public var recovery: Money?
    /// The surplus stays with the organisation; zero years means without limit, nil that it does not stay.
    public var surplusYears: Int?
    /// Years in which the principal investigator may not apply; nil for no ban.
    public var banYears: Int?
    /// Each other main participant gets one mark, and so many marks make a ban; nil for no mark.
    public var marksForBan: Int?
    public var words = Bilingual("资料不足", "Facts are missing")

    public var json: JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return [
            "recovery": recovery.map { .integer($0.fen) } ?? .null, "surplusYears": number(surplusYears),
            "banYears": number(banYears), "marksForBan": number(marksForBan),
        ]
    }
    public var summary: String { banYears != nil ? "ban" : recovery != nil ? "recovery" : "kept" }
}

/// 验收结论的后果: the bureau's acceptance notices of 2018, 2019 and 2021/22.
public struct AcceptanceRule: Rule {
    public static let id = "funding.acceptance"
    public static let version = 1
    public static let title = Bilingual("验收结论的后果", "Consequences of an acceptance")
    public static let parameters = [
        "acceptance.surplus-years", "acceptance.failed-ban-years", "acceptance.marks-for-ban",
    ]

    let surplusYears: Legal<Int64>
    let banYears: Legal<Int64>
    let marks: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        surplusYears = try law.number("acceptance.surplus-years")
        banYears = try law.number("acceptance.failed-ban-years")
        marks = try law.number("acceptance.marks-for-ban")
    }

    public func decide(_ facts: AcceptanceFacts, _ run: inout RuleRun) -> AcceptanceConsequences {
        guard let outcome = facts.outcome, let paid = facts.paid, let surplus = facts.surplus else {
            if facts.outcome == nil { run.misses("outcome") }
            if facts.paid == nil { run.misses("paid") }
            if facts.surplus == nil { run.misses("surplus") }
            return AcceptanceConsequences()
        }
        switch outcome {
        case .passed: return passed(surplus, &run)
        case .closed:
            run.note(
                TraceStep(
                    "surplus-returned", Bilingual("结余资金及利息退回", "The surplus and its interest are returned"), .given,
                    value: outcome.fact, gives: .money(surplus)))
            return AcceptanceConsequences(
                recovery: surplus.fen > 0 ? surplus : nil,
                words: Bilingual("结余资金及利息退回。", "The surplus and its interest are returned."))
        case .failed: return failed(paid, &run)
        }
    }

    private func passed(_ surplus: Money, _ run: inout RuleRun) -> AcceptanceConsequences {
        let years = Int(surplusYears.value)
        run.note(
            TraceStep(
                "surplus-kept",
                Bilingual("结余资金留归单位使用的年限（0 为不限）", "Years in which the surplus stays (0: without limit)"), .given,
                value: .money(surplus), gives: .number(surplusYears.value, unit: Bilingual("年", "years")),
                law: surplusYears.reference))
        return AcceptanceConsequences(
            surplusYears: years,
            words: years == 0
                ? Bilingual(
                    "结余资金留归单位，用于科研直接支出。", "The surplus stays with the organisation for direct research spending.")
                : Bilingual(
                    "结余资金留归单位，\(years) 年内用于科研。",
                    "The surplus stays with the organisation for research within \(counted(years, "year"))."))
    }

    private func failed(_ paid: Money, _ run: inout RuleRun) -> AcceptanceConsequences {
        let years = banYears.value
        run.note(
            TraceStep(
                "paid-returned", Bilingual("已拨资金退回", "The money paid is returned"), .given,
                value: AcceptanceOutcome.failed.fact, gives: .money(paid)))
        run.note(
            TraceStep(
                "ban", Bilingual("项目负责人不得申报的年限", "Years in which the principal investigator may not apply"), .given,
                gives: .number(years, unit: Bilingual("年", "years")), law: banYears.reference))
        run.note(
            TraceStep(
                "marks", Bilingual("其他主要参与人记一次，累计次数满即禁止申报", "Other main participants get a mark; this many make a ban"),
                .given,
                gives: .number(marks.value, unit: Bilingual("次", "marks")), law: marks.reference))
        return AcceptanceConsequences(
            recovery: paid.fen > 0 ? paid : nil, banYears: Int(years), marksForBan: Int(marks.value),
            words: Bilingual(
                "已拨资金退回；项目负责人 \(years) 年内不得申报市级科技计划项目，不推荐申报国家、省级项目和奖励；其他主要参与人各记一次。",
                "The money paid is returned; for \(counted(years, "year")) the principal investigator may not apply for municipal projects and is not recommended for national or provincial projects or awards; each other main participant gets one mark."
            ))
    }
}
