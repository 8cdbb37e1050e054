public import Kernel

/// Three yearly amounts of net assets or sales, the oldest first.
public struct GrowthFacts: RuleFacts {
    public var y1: Money?
    public var y2: Money?
    public var y3: Money?
    /// Whole years since registration; below one there is no growth to speak of.
    public var yearsRegistered: Int?

    public init() {}

    public static let fields: [FactField<GrowthFacts>] = [
        .money("y1", Bilingual("第一年（元）", "First year, in RMB"), allowsLoss: true, \.y1),
        .money("y2", Bilingual("第二年（元）", "Second year, in RMB"), allowsLoss: true, \.y2),
        .money("y3", Bilingual("第三年（元）", "Third year, in RMB"), allowsLoss: true, \.y3),
        .number(
            "yearsRegistered", Bilingual("注册满年数（默认已满三年）", "Full years since registration (three by default)"),
            in: 0...500,
            \.yearsRegistered),
    ]

    /// The three amounts may also come as a list named `amounts`.
    public static func plain(_ json: JSONValue) -> JSONValue {
        guard var members = json.object, let list = members["amounts"]?.array, list.count == 3 else { return json }
        members["amounts"] = nil
        for (name, amount) in zip(["y1", "y2", "y3"], list) { members[name] = amount }
        return .object(members)
    }

    public static func sample(_ random: inout SeededRandom) -> GrowthFacts {
        var facts = GrowthFacts()
        let first = Int64.random(in: 0...10_000_000_000, using: &random)
        let second = first * Int64.random(in: 60...180, using: &random) / 100
        facts.y1 = Money(fen: first)
        facts.y2 = Money(fen: second)
        facts.y3 = Money(fen: second * Int64.random(in: 60...180, using: &random) / 100)
        return facts
    }
}

/// The rate of growth and its band.
public struct GrowthOutcome: RuleOutcome {
    /// Growth as an exact fraction over `denominator`; nil where facts are missing.
    let numerator: Int128
    let denominator: Int128
    public let isKnown: Bool
    /// Points from `least` to `most` that experts may give.
    public let least: Int
    public let most: Int

    /// The rate to six places, rounded half up; for reading only, since bands are told by the exact fraction.
    public var rate: DecimalNumber? {
        guard isKnown else { return nil }
        let scaled = numerator * 2_000_000 + denominator
        let (quotient, rest) = scaled.quotientAndRemainder(dividingBy: denominator * 2)
        let units = rest < 0 ? quotient - 1 : quotient
        return Int64(exactly: units).flatMap { DecimalNumber(units: $0, places: 6) }
    }

    public var json: JSONValue {
        [
            "rate": rate.map { FactValue.rate($0).json } ?? .null,
            "band": isKnown ? .string(least == most ? "\(least)" : "\(least)-\(most)") : .null,
            "least": .integer(Int64(least)), "most": .integer(Int64(most)),
        ]
    }
    public var summary: String { isKnown ? "\(least)-\(most)" : "?" }
    public var words: Bilingual {
        guard let rate else { return Bilingual("资料不足", "Facts are missing") }
        let shown = FactValue.rate(rate)
        return Bilingual(
            "增长率 \(shown.text(.chinese))，\(least)–\(most) 分",
            "Growth \(shown.text(.english)), \(least) to \(most) points")
    }
}

/// 成长性: ½(y2/y1 + y3/y2) − 1; without a first year y3/y2 − 1; without a second year, with a loss or within a year of
/// registration none. 国科火〔2016〕195号.
public struct GrowthRule: Rule {
    public static let id = "recognition.growth"
    public static let version = 1
    public static let title = Bilingual("高新技术企业成长性", "Growth of a high-tech enterprise")
    public static let parameters = ["recognition.growth"]
    public static let conditions = ["first-year", "second-year"]

    let bands: Legal<Bands>

    public init(_ law: Law) throws(RuleBookError) { bands = try law.bands("recognition.growth") }

    public func decide(_ facts: GrowthFacts, _ run: inout RuleRun) -> GrowthOutcome {
        guard let y1 = facts.y1, let y2 = facts.y2, let y3 = facts.y3 else {
            if facts.y1 == nil { run.misses("y1") }
            if facts.y2 == nil { run.misses("y2") }
            if facts.y3 == nil { run.misses("y3") }
            return GrowthOutcome(numerator: 0, denominator: 1, isKnown: false, least: 0, most: 0)
        }
        let (numerator, denominator) = growth(y1, y2, y3, facts.yearsRegistered ?? 3, &run)
        // Compares the fraction with an end given per mille; the denominator is above zero.
        let index = bands.value.index { end in
            let difference = numerator * 1_000 - Int128(end) * denominator
            return difference < 0 ? -1 : difference == 0 ? 0 : 1
        }
        let band = index.map { bands.value.list[$0] }
        let outcome = GrowthOutcome(
            numerator: numerator, denominator: denominator, isKnown: true, least: Int(band?.gives ?? 0),
            most: Int(band?.most ?? 0))
        run.note(
            TraceStep(
                "growth", Bilingual("增长率", "Growth rate"), .given, value: outcome.rate.map(FactValue.rate),
                gives: .text(outcome.summary), law: bands.reference))
        return outcome
    }

    private func growth(
        _ y1: Money, _ y2: Money, _ y3: Money, _ years: Int, _ run: inout RuleRun
    ) -> (Int128, Int128) {
        func note(_ key: String, _ zh: String, _ en: String, _ met: Bool, _ value: Money) {
            run.note(
                TraceStep(key, Bilingual(zh, en), met ? .met : .unmet, value: .money(value), law: bands.reference))
        }
        note("second-year", "第二年大于零", "The second year is above zero", y2.fen > 0, y2)
        guard years >= 1, y2.fen > 0, y3.fen > 0, y1.fen >= 0 else { return (0, 1) }
        note("first-year", "第一年大于零", "The first year is above zero", y1.fen > 0, y1)
        let (a, b, c) = (Int128(y1.fen), Int128(y2.fen), Int128(y3.fen))
        guard a > 0 else { return (c - b, b) }
        return (b * b + a * c - 2 * a * b, 2 * a * b)
    }
}
