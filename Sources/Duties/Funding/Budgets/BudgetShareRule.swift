public import Kernel

/// The city's budgets of a year and those of basic research among them.
public struct BudgetShareFacts: RuleFacts {
    public var total: Money?
    public var basic: Money?

    public init() {}

    public init(total: Money?, basic: Money?) {
        self.total = total
        self.basic = basic
    }

    public static let fields: [FactField<BudgetShareFacts>] = [
        .money("total", Bilingual("各专项市级预算合计（分）", "Municipal budgets of all programmes, in fen"), in: .fen, \.total),
        .money("basic", Bilingual("其中基础研究专项（分）", "Of them for basic research, in fen"), in: .fen, \.basic),
    ]

    public static func sample(_ random: inout SeededRandom) -> BudgetShareFacts {
        let total = Int64.random(in: 1_000_000_000...2_000_000_000_000, using: &random)
        return BudgetShareFacts(
            total: Money(fen: total), basic: Money(fen: total / 1_000 * Int64.random(in: 200...450, using: &random)))
    }
}

/// The share that budgets give to basic research, and whether the law is content.
public struct BudgetShareOutcome: RuleOutcome {
    /// In thousandths, downwards.
    public var perMille: Int64?
    public var isMet: Bool?
    public var lacking: Money?

    public var json: JSONValue {
        [
            "perMille": perMille.map { .integer($0) } ?? .null, "met": isMet.map { .bool($0) } ?? .null,
            "lacking": lacking.map { .integer($0.fen) } ?? .null,
        ]
    }
    public var summary: String { isMet.map { $0 ? "met" : "unmet" } ?? "?" }
    public var words: Bilingual {
        guard let perMille else { return Bilingual("资料不足", "Facts are missing") }
        let share = CutShare.text(perMille)
        switch isMet {
        case nil: return Bilingual("基础研究占 \(share)，没有比例要求", "Basic research has \(share); no law asks for a share")
        case true?: return Bilingual("基础研究占 \(share)，达到规定比例", "Basic research has \(share), as the law asks")
        case false?:
            return Bilingual(
                "基础研究占 \(share)，低于规定比例，差 \(lacking?.yuanText ?? "") 元",
                "Basic research has \(share), below what the law asks; RMB \(lacking?.yuanText ?? "") is lacking")
        }
    }
}

/// 预算安排中的基础研究占比: 深圳经济特区科技创新条例, at least 30 % of the municipal R&D budget. Looked at when a budget
/// is proposed; the figures of past years are looked at where they are published.
public struct BudgetShareRule: Rule {
    public static let id = "funding.budget-share"
    public static let version = 1
    public static let title = Bilingual("预算中的基础研究占比", "Share of basic research in budgets")
    public static let parameters = ["basic.share.least"]
    public static let conditions = ["share"]

    /// Kinds of programmes that count as basic and applied basic research.
    static let kinds: Set<String> = ["basic-research"]

    /// Nil in cities and on days without such a law.
    let least: Legal<Int64>?

    public init(_ law: Law) throws(RuleBookError) { least = try? law.number("basic.share.least") }

    public func decide(_ facts: BudgetShareFacts, _ run: inout RuleRun) -> BudgetShareOutcome {
        guard let total = facts.total, let basic = facts.basic, total > .zero, basic >= .zero, basic <= total else {
            if facts.total.map({ $0 <= .zero }) ?? true { run.misses("total") }
            if facts.basic == nil { run.misses("basic") }
            return BudgetShareOutcome()
        }
        let perMille = total.fen.dividingFullWidth(basic.fen.multipliedFullWidth(by: 1_000)).quotient
        guard let least else {
            run.note(TraceStep("share", Bilingual("没有比例要求", "No law asks for a share"), .unknown, value: .money(basic)))
            return BudgetShareOutcome(perMille: perMille)
        }
        // Upwards, so that exactly the least share is met and a fen below it is not.
        let needed = (total.fen / 1_000) * least.value + ((total.fen % 1_000) * least.value + 999) / 1_000
        let isMet = basic.fen >= needed
        run.note(
            TraceStep(
                "share", Bilingual("基础研究专项不低于规定比例", "Programmes of basic research have the share that the law asks"),
                isMet ? .met : .unmet, value: .money(basic), against: .money(Money(fen: needed)), law: least.reference))
        return BudgetShareOutcome(
            perMille: perMille, isMet: isMet, lacking: isMet ? nil : Money(fen: needed - basic.fen))
    }
}
