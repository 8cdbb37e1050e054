public import Kernel

/// The municipal R&D budget of a year and what of it goes to basic research.
public struct ShareFacts: RuleFacts {
    public var total: Money?
    public var basic: Money?

    public init() {}

    public init(total: Money?, basic: Money?) {
        self.total = total
        self.basic = basic
    }

    public static let fields: [FactField<ShareFacts>] = [
        .money("total", Bilingual("市级科技研发资金（分）", "Municipal R&D budget, in fen"), in: .fen, \.total),
        .money("basic", Bilingual("基础研究与应用基础研究（分）", "Basic and applied basic research, in fen"), in: .fen, \.basic),
    ]

    public static func sample(_ random: inout SeededRandom) -> ShareFacts {
        let total = Int64.random(in: 1_000_000_000...2_000_000_000_000, using: &random)
        return ShareFacts(
            total: Money(fen: total), basic: Money(fen: total / 1_000 * Int64.random(in: 200...450, using: &random)))
    }
}

/// The share of basic and applied basic research, and whether it reaches the least.
public struct ShareOutcome: RuleOutcome {
    /// The share in thousandths, downwards.
    public var perMille: Int64?
    public var isMet: Bool?
    /// What is missing to the least share; nothing where it is met.
    public var lacking: Money?

    public var json: JSONValue {
        [
            "perMille": perMille.map { .integer($0) } ?? .null, "met": isMet.map { .bool($0) } ?? .null,
            "lacking": lacking.map { .integer($0.fen) } ?? .null,
        ]
    }
    public var summary: String { isMet.map { $0 ? "met" : "unmet" } ?? "?" }
    public var words: Bilingual {
        guard let isMet, let perMille else { return Bilingual("资料不足", "Facts are missing") }
        let share = CutShare.text(perMille)
        return isMet
            ? Bilingual("占比 \(share)，达到规定比例", "A share of \(share): as the law asks")
            : Bilingual("占比 \(share)，低于规定比例", "A share of \(share): below what the law asks")
    }
}

/// 基础研究投入占比: 深圳经济特区科技创新条例, at least 30 % of the municipal R&D budget.
public struct ShareRule: Rule {
    public static let id = "basic.share"
    public static let version = 1
    public static let title = Bilingual("基础研究投入占比", "Share of basic research")
    public static let parameters = ["basic.share.least"]
    public static let conditions = ["share"]

    /// Nil in cities and on days without such a law.
    let least: Legal<Int64>?

    public init(_ law: Law) throws(RuleBookError) { least = try? law.number("basic.share.least") }

    public func decide(_ facts: ShareFacts, _ run: inout RuleRun) -> ShareOutcome {
        guard let total = facts.total, let basic = facts.basic, total.fen > 0 else {
            if facts.total == nil || facts.total?.fen == 0 { run.misses("total") }
            if facts.basic == nil { run.misses("basic") }
            return ShareOutcome()
        }
        // Multiplied out, so that exactly the least share is met and a fen below it is not.
        let (high, low) = basic.fen.multipliedFullWidth(by: 1_000)
        let perMille = total.fen.dividingFullWidth((high, low)).quotient
        guard let least else {
            run.note(TraceStep("share", Bilingual("没有比例要求", "No law asks for a share"), .unknown, value: .money(basic)))
            return ShareOutcome(perMille: perMille)
        }
        let needed = (total.fen / 1_000) * least.value + ((total.fen % 1_000) * least.value + 999) / 1_000
        let isMet = basic.fen >= needed
        run.note(
            TraceStep(
                "share", Bilingual("不低于市级科技研发资金的规定比例", "At least the share that the law asks"),
                isMet ? .met : .unmet, value: .money(basic), against: .money(Money(fen: needed)), law: least.reference))
        return ShareOutcome(
            perMille: perMille, isMet: isMet, lacking: isMet ? nil : Money(fen: needed - basic.fen))
    }
}
