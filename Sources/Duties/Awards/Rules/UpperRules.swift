public import Kernel

/// What a nomination for a national prize through the city depends on.
public struct UpperQuotaFacts: RuleFacts {
    /// Whether the project holds a municipal or provincial first prize or above.
    public var holdsFirst: Bool?
    /// The year of that prize.
    public var year: Int?
    /// First prizes and above that the organisation holds of the years that count.
    public var firstPrizes: Int?
    /// Nominations that the organisation has submitted this time already.
    public var submitted: Int?

    public init() {}

    public static let fields: [FactField<UpperQuotaFacts>] = [
        .yesNo(
            "holdsFirst", Bilingual("项目持有省、市一等奖及以上", "The project holds a first prize or above"), \.holdsFirst),
        .number("year", Bilingual("该奖年度", "Year of that prize"), in: 1949...2_200, \.year),
        .number(
            "firstPrizes", Bilingual("单位持有的一等奖及以上项数", "First prizes that the organisation holds"), in: 0...10_000,
            \.firstPrizes),
        .number(
            "submitted", Bilingual("单位本次已提交项数", "Nominations already submitted this time"), in: 0...10_000, \.submitted),
    ]

    public static func sample(_ random: inout SeededRandom) -> UpperQuotaFacts {
        var facts = UpperQuotaFacts()
        facts.holdsFirst = Int.random(in: 0..<10, using: &random) > 0
        facts.year = Int.random(in: 2018...2025, using: &random)
        facts.firstPrizes = Int.random(in: 0...4, using: &random)
        facts.submitted = Int.random(in: 0...2, using: &random)
        return facts
    }
}

/// How many projects an organisation may submit for a national prize: the bureau's call of 2025.
public struct UpperQuotaRule: Rule {
    public static let id = "awards.quota"
    public static let version = 1
    public static let title = Bilingual("推荐国家奖名额", "Quota of nominations for national prizes")
    public static let parameters = ["awards.quota", "awards.quota.years"]
    public static let conditions = ["holds", "year", "quota"]

    let quota: Legal<Bands>
    let years: Legal<Bands>

    public init(_ law: Law) throws(RuleBookError) {
        quota = try law.bands("awards.quota")
        years = try law.bands("awards.quota.years")
    }

    public func decide(_ facts: UpperQuotaFacts, _ run: inout RuleRun) -> AwardVerdict {
        if facts.holdsFirst == nil { run.misses("holdsFirst") }
        var verdicts = [
            run.condition(
                "holds", Bilingual("项目持有一等奖及以上", "The project holds a first prize or above"), facts.holdsFirst,
                years.reference)
        ]
        if facts.year == nil { run.misses("year") }
        verdicts.append(
            run.condition(
                "year", Bilingual("该奖在规定年度内", "Its prize is of the years that count"),
                facts.year.map { years.value.gives(Int64($0)) != nil },
                value: facts.year.map { .number(Int64($0), unit: Bilingual("", "")) }, years.reference))
        guard let prizes = facts.firstPrizes, let submitted = facts.submitted else {
            if facts.firstPrizes == nil { run.misses("firstPrizes") }
            if facts.submitted == nil { run.misses("submitted") }
            return verdict(verdicts + [nil])
        }
        let most = quota.value.gives(Int64(prizes)) ?? 0
        run.note(
            TraceStep(
                "quota-band", Bilingual("单位可提交项数", "What the organisation may submit"), .given,
                value: .number(Int64(prizes), unit: Bilingual("项", "")), gives: .number(most, unit: Bilingual("项", "")),
                law: quota.reference))
        verdicts.append(
            run.most(
                "quota", Bilingual("本次提交后的项数", "Submitted with this one"), "submitted", submitted + 1, most,
                quota.reference))
        return verdict(verdicts)
    }

    private func verdict(_ verdicts: [Bool?]) -> AwardVerdict {
        AwardVerdict(
            verdicts, yes: Bilingual("在名额之内", "Within the quota"), no: Bilingual("不符合推荐名额规定", "Not within the quota"))
    }
}

/// Which prize money is looked for.
public struct AwardMoneyFacts: RuleFacts {
    public var prize: Prize?
    public var grade: Grade?
    /// Whether a progress prize is for public welfare (社会公益类).
    public var welfare: Bool?

    public init() {}

    public static let fields: [FactField<AwardMoneyFacts>] = [
        .choice("prize", Bilingual("奖种", "Prize"), \.prize), .choice("grade", Bilingual("等级", "Grade"), \.grade),
        .yesNo("welfare", Bilingual("社会公益类", "Public welfare"), \.welfare),
    ]

    public static func sample(_ random: inout SeededRandom) -> AwardMoneyFacts {
        var facts = AwardMoneyFacts()
        facts.prize = Prize.graded[Int.random(in: 0..<3, using: &random)]
        facts.grade = Int.random(in: 0..<3, using: &random) == 0 ? .first : .second
        facts.welfare = Int.random(in: 0..<4, using: &random) == 0
        return facts
    }
}

/// The money of a prize.
public struct AwardMoneyOutcome: RuleOutcome {
    /// Nil where facts or the amount itself are not known.
    public let amount: Money?

    public var json: JSONValue { ["amount": amount.map { .integer($0.fen) } ?? .null] }
    public var summary: String { amount?.yuanText ?? "?" }
    public var words: Bilingual {
        amount.map { Bilingual("奖金 \($0.text(.chinese))", "Prize money \($0.text(.english))") }
            ?? Bilingual("奖金数额未定", "The amount is not known")
    }
}

/// Money of the municipal prizes: 深府〔2016〕87号 and the guide of 2017/18.
public struct AwardMoneyRule: Rule {
    public static let id = "awards.money"
    public static let version = 1
    public static let title = Bilingual("市科学技术奖奖金", "Money of the municipal prizes")
    public static let parameters = ["awards.money."]
    public static let conditions: [String] = []

    let amounts: [String: Legal<Money>]

    public init(_ law: Law) throws(RuleBookError) { amounts = law.amounts(under: "awards.money.") }

    public func decide(_ facts: AwardMoneyFacts, _ run: inout RuleRun) -> AwardMoneyOutcome {
        guard let key = key(facts, &run) else { return AwardMoneyOutcome(amount: nil) }
        let found = amounts[key]
        run.note(
            TraceStep(
                "money", Bilingual("奖金", "Prize money"), found == nil ? .unknown : .given, value: .text(key),
                gives: found.map { .money($0.value) }, law: found?.reference))
        return AwardMoneyOutcome(amount: found?.value)
    }

    private func key(_ facts: AwardMoneyFacts, _ run: inout RuleRun) -> String? {
        switch facts.prize {
        case .top: return "mayor"
        case .youth, .patent, .standard: return facts.prize?.rawValue
        case .promotion, .cooperation: return nil
        case .nature, .invention, .progress: break
        case nil:
            run.misses("prize")
            return nil
        }
        guard let grade = facts.grade else {
            run.misses("grade")
            return nil
        }
        if facts.prize == .progress, facts.welfare == nil {
            run.misses("welfare")
            return nil
        }
        return (facts.prize == .progress && facts.welfare == true ? "welfare-" : "science-") + grade.rawValue
    }
}
