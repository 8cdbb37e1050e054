public import Kernel

/// What the limits on applications (限项) depend on.
public struct LimitFacts: RuleFacts {
    /// What kind of body applies.
    public enum Host: String, Codable, FactChoice {
        case enterprise, university, institute, hospital
        /// Host of a national, provincial or municipal enterprise key laboratory.
        case enterpriseKeyLaboratory = "enterprise-key-laboratory"

        public var title: Bilingual {
            switch self {
            case .enterprise: Bilingual("企业", "Enterprise")
            case .university: Bilingual("高等院校", "University")
            case .institute: Bilingual("科研机构", "Research institute")
            case .hospital: Bilingual("医疗卫生机构", "Hospital")
            case .enterpriseKeyLaboratory: Bilingual("企业重点实验室依托单位", "Host of an enterprise key laboratory")
            }
        }
    }

    public var host: Host?
    /// Kind of the programme that is applied for, as in `programmes.yaml`.
    public var programmeKind: String?
    public var fundedLastYear: Bool?
    /// Holds a recent national or provincial award, or stands on the city's top-100 industrial list.
    public var distinguished: Bool?
    public var researchSpendingLastYear: Money?
    /// Other applications of the enterprise this year in the kinds that are counted together, led or joined.
    public var enterpriseApplications: Int?
    /// Other basic-research applications of the investigator this year.
    public var investigatorBasicApplications: Int?
    /// Other municipal projects of the investigator that are applied for or running, led or joined; platforms and
    /// ex-post subsidies not counted.
    public var investigatorApplyingAndRunning: Int?

    public init() {}

    public static let fields: [FactField<LimitFacts>] = [
        .choice("host", Bilingual("申报单位类型", "Kind of host"), \.host),
        .code("programmeKind", Bilingual("项目类别", "Kind of programme"), \.programmeKind),
        .yesNo("fundedLastYear", Bilingual("上年已获资助", "Funded last year"), \.fundedLastYear),
        .yesNo(
            "distinguished", Bilingual("近年获国家或省奖，或列入工业百强", "Recent national or provincial award, or top-100 list"),
            \.distinguished),
        .money(
            "researchSpendingLastYear", Bilingual("上年研发投入（元）", "R&D spending last year, in RMB"),
            \.researchSpendingLastYear),
        .number(
            "enterpriseApplications",
            Bilingual("企业本年度已申报的合并计算类别项目", "The enterprise's applications this year in the kinds counted together"),
            \.enterpriseApplications),
        .number(
            "investigatorBasicApplications",
            Bilingual("项目负责人本年度已申报的基础研究项目", "Basic-research applications of the investigator this year"),
            \.investigatorBasicApplications),
        .number(
            "investigatorApplyingAndRunning",
            Bilingual("项目负责人在研和申报的市级项目", "Municipal projects of the investigator applied for or running"),
            \.investigatorApplyingAndRunning),
    ]

    public static func sample(_ random: inout SeededRandom) -> LimitFacts {
        var facts = LimitFacts()
        func chance(_ perCent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < perCent }
        facts.host = chance(60) ? .enterprise : chance(50) ? .university : chance(50) ? .institute : .hospital
        facts.programmeKind = chance(50) ? "technology-general" : "basic-research"
        facts.fundedLastYear = chance(25)
        facts.distinguished = chance(10)
        facts.researchSpendingLastYear = Money(fen: Int64.random(in: 0...60_000_000_000, using: &random))
        facts.enterpriseApplications = Int.random(in: 0...2, using: &random)
        facts.investigatorBasicApplications = chance(80) ? 0 : 1
        facts.investigatorApplyingAndRunning = Int.random(in: 0...4, using: &random)
        return facts
    }
}

/// Whether one more application is within the limits.
public struct LimitOutcome: RuleOutcome {
    /// Nil while a missing fact could change it.
    public let admitted: Bool?

    public var json: JSONValue { ["admitted": admitted.map { .bool($0) } ?? .null] }
    public var summary: String { admitted.map { $0 ? "admitted" : "refused" } ?? "?" }
    public var words: Bilingual {
        switch admitted {
        case true: Bilingual("未超过限项", "Within the limits")
        case false: Bilingual("超过限项", "Over the limits")
        default: Bilingual("资料不足，尚不能判断是否超过限项", "Facts are missing to judge the limits")
        }
    }
}

/// How many projects one may apply for (限项), after the bureau's notice of 2020-07-06.
public struct LimitsRule: Rule {
    public static let id = "funding.limits"
    public static let version = 1
    public static let title = Bilingual("申报限项", "Limits on applications")
    public static let parameters = ["limits."]
    public static let conditions = ["enterprise", "no-limit", "basic-per-year", "applying-and-running"]

    let shared: Legal<[String]>
    let unlimited: Legal<Money>
    /// By distinguished and funded last year.
    let enterprise: [[Legal<Int64>]]
    let basic: Legal<Int64>
    let running: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        shared = try law.codes("limits.enterprise.shared-kinds")
        unlimited = try law.money("limits.enterprise.no-limit-above")
        enterprise = [
            [
                try law.number("limits.enterprise.not-funded-last-year"),
                try law.number("limits.enterprise.funded-last-year"),
            ],
            [
                try law.number("limits.enterprise.distinguished-not-funded"),
                try law.number("limits.enterprise.distinguished-funded"),
            ],
        ]
        basic = try law.number("limits.investigator.basic-per-year")
        running = try law.number("limits.investigator.applying-and-running")
    }

    public func decide(_ facts: LimitFacts, _ run: inout RuleRun) -> LimitOutcome {
        guard let host = facts.host, let kind = facts.programmeKind else {
            if facts.host == nil { run.misses("host") }
            if facts.programmeKind == nil { run.misses("programmeKind") }
            return LimitOutcome(admitted: nil)
        }
        var verdicts: [Bool?] = []
        if host == .enterprise, shared.value.contains(kind) { verdicts.append(enterprise(facts, &run)) }
        if kind == "basic-research" {
            verdicts.append(
                count(
                    "basic-per-year",
                    Bilingual("项目负责人本年度申报基础研究项目数", "Basic-research applications of the investigator this year"),
                    "investigatorBasicApplications", facts.investigatorBasicApplications, basic, &run))
        }
        if host != .enterprise {
            verdicts.append(
                count(
                    "applying-and-running",
                    Bilingual("项目负责人在研和申报的市级项目数", "Municipal projects of the investigator applied for or running"),
                    "investigatorApplyingAndRunning", facts.investigatorApplyingAndRunning, running, &run))
        }
        return LimitOutcome(admitted: verdicts.contains(false) ? false : verdicts.contains(nil) ? nil : true)
    }

    private func enterprise(_ facts: LimitFacts, _ run: inout RuleRun) -> Bool? {
        // 超过 excludes the number itself (民法典 1259).
        let isUnlimited = facts.researchSpendingLastYear.map { $0 > unlimited.value }
        run.note(
            TraceStep(
                "no-limit", Bilingual("上年研发投入超过此数不限项", "R&D spending last year above this: no limit"),
                isUnlimited.map { $0 ? .met : .unmet } ?? .unknown,
                value: facts.researchSpendingLastYear.map(FactValue.money), against: .money(unlimited.value),
                law: unlimited.reference))
        if isUnlimited == true { return true }
        guard let distinguished = facts.distinguished, let funded = facts.fundedLastYear else {
            if facts.distinguished == nil { run.misses("distinguished") }
            if facts.fundedLastYear == nil { run.misses("fundedLastYear") }
            return nil
        }
        let limit = enterprise[distinguished ? 1 : 0][funded ? 1 : 0]
        let verdict = count(
            "enterprise",
            Bilingual(
                "企业本年度牵头或参与申报的合并计算类别项目数",
                "The enterprise's applications this year in the kinds counted together, led or joined"),
            "enterpriseApplications", facts.enterpriseApplications, limit, &run)
        // Over the limit, but spending that nobody has told could lift it.
        guard verdict == false, isUnlimited == nil else { return verdict }
        run.misses("researchSpendingLastYear")
        return nil
    }

    private func count(
        _ key: String, _ what: Bilingual, _ fact: String, _ used: Int?, _ limit: Legal<Int64>, _ run: inout RuleRun
    ) -> Bool? {
        if used == nil { run.misses(fact) }
        let met = used.map { Int64($0) + 1 <= limit.value }
        func items(_ number: Int64) -> FactValue { .number(number, unit: Bilingual("项", "")) }
        run.note(
            TraceStep(
                key, what, met.map { $0 ? .met : .unmet } ?? .unknown, value: used.map { items(Int64($0) + 1) },
                against: items(limit.value), law: limit.reference))
        return met
    }
}
