public import Kernel

/// What the tax on transfer income depends on.
public struct TransferTaxFacts: RuleFacts {
    /// Income from technology transfer in one tax year, losses below zero.
    public var income: Money?

    public init() {}

    public static let fields: [FactField<TransferTaxFacts>] = [
        .money(
            "income", Bilingual("一个纳税年度内的技术转让所得（元）", "Income from technology transfer in a tax year, in RMB"),
            allowsLoss: true, \.income)
    ]

    public static func sample(_ random: inout SeededRandom) -> TransferTaxFacts {
        var facts = TransferTaxFacts()
        facts.income = Money(fen: Int64.random(in: -10_000_000...2_000_000_000, using: &random))
        return facts
    }
}

/// The part of the income that is taxed.
public struct TransferTaxOutcome: RuleOutcome {
    public let taxable: Money?

    public var json: JSONValue { ["taxable": taxable.map { .integer($0.fen) } ?? .null] }
    public var summary: String { taxable.map { $0.fen > 0 ? "taxed" : "exempt" } ?? "?" }
    public var words: Bilingual {
        guard let taxable else { return Bilingual("资料不足", "Facts are missing") }
        return Bilingual("应纳税所得 \(taxable.text(.chinese))", "Taxable: \(taxable.text(.english))")
    }
}

/// 技术转让所得: free up to an amount a year, the part above it halved. 企业所得税法实施条例 article 90.
public struct TransferTaxRule: Rule {
    public static let id = "transfer.income-tax"
    public static let version = 1
    public static let title = Bilingual("技术转让所得税收优惠", "Tax relief for technology transfer")
    public static let parameters = ["transfer.tax."]
    public static let conditions = ["within"]

    let exempt: Legal<Money>
    let share: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        exempt = try law.money("transfer.tax.exempt")
        share = try law.number("transfer.tax.share-above")
    }

    public func decide(_ facts: TransferTaxFacts, _ run: inout RuleRun) -> TransferTaxOutcome {
        guard let income = facts.income else {
            run.misses("income")
            return TransferTaxOutcome(taxable: nil)
        }
        let above = Money(fen: max(0, income.fen - exempt.value.fen))
        run.note(
            TraceStep(
                "within", Bilingual("不超过免税额", "Not above the free amount"), above.fen == 0 ? .met : .unmet,
                value: .money(income), against: .money(exempt.value), law: exempt.reference))
        let taxable = Money(fen: above.fen * share.value / 1_000)
        run.note(
            TraceStep(
                "above", Bilingual("超过部分按比例计税", "The part above is taxed in part"), .given, value: .money(above),
                against: .number(share.value, unit: Bilingual("‰", "‰")), gives: .money(taxable), law: share.reference))
        return TransferTaxOutcome(taxable: taxable)
    }
}
