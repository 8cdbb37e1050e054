public import Kernel

/// What the conditions for a high-tech enterprise ask.
public struct RecognitionGateFacts: RuleFacts {
    public var daysRegistered: Int?
    public var ownsCoreRights: Bool?
    public var inSupportedField: Bool?
    public var staff: Int?
    public var scienceStaff: Int?
    public var salesThreeYears: Money?
    public var salesLastYear: Money?
    public var researchThreeYears: Money?
    public var researchInChina: Money?
    public var incomeLastYear: Money?
    public var highTechIncome: Money?
    public var cleanYear: Bool?

    public init() {}

    public static let fields: [FactField<RecognitionGateFacts>] = [
        .number("daysRegistered", Bilingual("注册成立天数", "Days since registration"), in: 0...200_000, \.daysRegistered),
        .yesNo("ownsCoreRights", Bilingual("拥有核心技术的知识产权", "Owns the rights to its core technology"), \.ownsCoreRights),
        .yesNo(
            "inSupportedField", Bilingual("主要产品属于国家重点支持的高新技术领域", "Main products are in the supported fields"),
            \.inSupportedField),
        .number("staff", Bilingual("职工总数", "Staff"), in: 1...10_000_000, \.staff),
        .number(
            "scienceStaff", Bilingual("科技人员数（累计工作 183 天以上）", "Science and technology staff (183 days or more)"),
            in: 0...10_000_000, \.scienceStaff),
        .money("salesLastYear", Bilingual("最近一年销售收入（元）", "Sales last year, in RMB"), \.salesLastYear),
        .money("salesThreeYears", Bilingual("近三年销售收入总额（元）", "Sales of three years, in RMB"), \.salesThreeYears),
        .money("researchThreeYears", Bilingual("近三年研发费用总额（元）", "R&D of three years, in RMB"), \.researchThreeYears),
        .money("researchInChina", Bilingual("其中境内研发费用（元）", "of which in China, in RMB"), \.researchInChina),
        .money("incomeLastYear", Bilingual("最近一年总收入（元）", "Total income last year, in RMB"), \.incomeLastYear),
        .money("highTechIncome", Bilingual("其中高新技术产品（服务）收入（元）", "of which high-tech income, in RMB"), \.highTechIncome),
        .yesNo(
            "cleanYear",
            Bilingual("前一年内无重大安全、质量事故或严重环境违法", "No major accident or environmental breach in the year before"),
            \.cleanYear),
    ]

    public static func sample(_ random: inout SeededRandom) -> RecognitionGateFacts {
        var facts = RecognitionGateFacts()
        func chance(_ perCent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < perCent }
        facts.daysRegistered = Int.random(in: 100...6_000, using: &random)
        facts.ownsCoreRights = chance(90)
        facts.inSupportedField = chance(90)
        facts.staff = Int.random(in: 5...2_000, using: &random)
        facts.scienceStaff = (facts.staff ?? 0) * Int.random(in: 2...40, using: &random) / 100
        let sales = Int64.random(in: 100_000_000...50_000_000_000, using: &random)
        facts.salesLastYear = Money(fen: sales)
        facts.salesThreeYears = Money(fen: sales * 5 / 2)
        let research = sales * 5 / 2 * Int64.random(in: 1...12, using: &random) / 100
        facts.researchThreeYears = Money(fen: research)
        facts.researchInChina = Money(fen: research * Int64.random(in: 40...100, using: &random) / 100)
        facts.incomeLastYear = Money(fen: sales)
        facts.highTechIncome = Money(fen: sales * Int64.random(in: 30...100, using: &random) / 100)
        facts.cleanYear = chance(97)
        return facts
    }
}

/// Whether the conditions are met.
public struct RecognitionGateOutcome: RuleOutcome {
    public let eligible: Bool?

    public var json: JSONValue { ["eligible": eligible.map { .bool($0) } ?? .null] }
    public var summary: String { eligible.map { $0 ? "eligible" : "not eligible" } ?? "?" }
    public var words: Bilingual {
        switch eligible {
        case true: Bilingual("符合认定条件", "Meets the conditions")
        case false: Bilingual("不符合认定条件", "Does not meet the conditions")
        default: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 高新技术企业认定条件: 国科发火〔2016〕32号 article 11; all must hold.
public struct RecognitionGateRule: Rule {
    public static let id = "recognition.gate"
    public static let version = 1
    public static let title = Bilingual("高新技术企业认定条件", "Conditions for a high-tech enterprise")
    public static let parameters = ["recognition.gate."]
    public static let conditions = [
        "days", "rights", "field", "staff", "research", "research-in-china", "income", "clean",
    ]

    let days: Legal<Int64>
    let staff: Legal<Int64>
    let research: Legal<Bands>
    let inChina: Legal<Int64>
    let income: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        days = try law.number("recognition.gate.days-registered")
        staff = try law.number("recognition.gate.staff")
        research = try law.bands("recognition.gate.research-share")
        inChina = try law.number("recognition.gate.research-in-china")
        income = try law.number("recognition.gate.income-share")
    }

    public func decide(_ facts: RecognitionGateFacts, _ run: inout RuleRun) -> RecognitionGateOutcome {
        var verdicts: [Bool?] = []
        let enough = facts.daysRegistered.map { Int64($0) >= days.value }
        if enough == nil { run.misses("daysRegistered") }
        run.note(
            TraceStep(
                "days", Bilingual("注册成立一年以上", "Registered for a year or more"), verdict(enough),
                value: facts.daysRegistered.map { .number(Int64($0), unit: Bilingual("天", "days")) },
                against: .number(days.value, unit: Bilingual("天", "days")), law: days.reference))
        verdicts.append(enough)
        verdicts.append(
            flag(
                "rights", "ownsCoreRights", Bilingual("拥有核心技术的知识产权", "Owns its core rights"), facts.ownsCoreRights, &run
            ))
        verdicts.append(
            flag(
                "field", "inSupportedField", Bilingual("属于重点支持领域", "In the supported fields"), facts.inSupportedField,
                &run))
        verdicts.append(
            share(
                "staff", Bilingual("科技人员占比", "Share of science and technology staff"),
                facts.scienceStaff.map(Int64.init), facts.staff.map(Int64.init),
                ("scienceStaff", "staff"), staff.value, staff.reference, &run))
        verdicts.append(researchShare(facts, &run))
        verdicts.append(
            share(
                "research-in-china", Bilingual("境内研发费用占比", "Share of R&D in China"), facts.researchInChina?.fen,
                facts.researchThreeYears?.fen,
                ("researchInChina", "researchThreeYears"), inChina.value, inChina.reference, &run))
        verdicts.append(
            share(
                "income", Bilingual("高新技术产品收入占比", "Share of high-tech income"), facts.highTechIncome?.fen,
                facts.incomeLastYear?.fen,
                ("highTechIncome", "incomeLastYear"), income.value, income.reference, &run))
        verdicts.append(
            flag("clean", "cleanYear", Bilingual("前一年无重大事故和严重违法", "A clean year before"), facts.cleanYear, &run))
        return RecognitionGateOutcome(
            eligible: verdicts.contains(false) ? false : verdicts.contains(nil) ? nil : true)
    }

    private func researchShare(_ facts: RecognitionGateFacts, _ run: inout RuleRun) -> Bool? {
        guard let sales = facts.salesLastYear else {
            run.misses("salesLastYear")
            return nil
        }
        let least = research.value.gives(sales.fen) ?? 0
        run.note(
            TraceStep(
                "research-band",
                Bilingual("按最近一年销售收入适用的研发费用占比", "Share of R&D that applies for the sales of last year"), .given,
                value: .money(sales), gives: .number(least, unit: Bilingual("‰", "‰")), law: research.reference))
        return share(
            "research", Bilingual("近三年研发费用占销售收入比例", "Share of R&D in the sales of three years"),
            facts.researchThreeYears?.fen,
            facts.salesThreeYears?.fen, ("researchThreeYears", "salesThreeYears"), least, research.reference, &run)
    }

    /// Whether `part` is at least so many per mille of `whole`, without rounding.
    private func share(
        _ key: String, _ what: Bilingual, _ part: Int64?, _ whole: Int64?, _ names: (String, String), _ least: Int64,
        _ law: LawReference, _ run: inout RuleRun
    ) -> Bool? {
        if part == nil { run.misses(names.0) }
        if whole == nil { run.misses(names.1) }
        var met: Bool?
        var rate: DecimalNumber?
        if let part, let whole {
            met = Int128(part) * 1_000 >= Int128(whole) * Int128(least)
            if whole > 0 {
                rate = Int64(exactly: Int128(part) * 1_000_000 / Int128(whole)).flatMap {
                    DecimalNumber(units: $0, places: 6)
                }
            }
        }
        run.note(
            TraceStep(
                key, what, verdict(met), value: rate.map(FactValue.rate),
                against: DecimalNumber(units: least, places: 3).map(FactValue.rate), law: law))
        return met
    }

    private func flag(_ key: String, _ fact: String, _ what: Bilingual, _ value: Bool?, _ run: inout RuleRun) -> Bool? {
        if value == nil { run.misses(fact) }
        run.note(TraceStep(key, what, verdict(value), value: value.map(FactValue.yesNo), law: days.reference))
        return value
    }

    private func verdict(_ met: Bool?) -> TraceStep.Verdict { met.map { $0 ? .met : .unmet } ?? .unknown }
}
