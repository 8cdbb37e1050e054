public import Kernel

/// What the wage rule asks.
public struct WageFacts: RuleFacts {
    public var annualSalary: Money?
    /// GB/T 2260 code of the place of work; the city's own where it is not given.
    public var place: String?

    public init() {}

    public static let fields: [FactField<WageFacts>] = [
        .money("annualSalary", Bilingual("年薪（税前，元）", "Annual salary before tax, in RMB"), \.annualSalary),
        .code("place", Bilingual("工作地行政区划代码", "Division code of the place of work"), \.place),
    ]

    public static func sample(_ random: inout SeededRandom) -> WageFacts {
        var facts = WageFacts()
        facts.annualSalary = PointsFacts.sample(&random).annualSalary
        return facts
    }
}

/// Which multiple of the local average wage a salary reaches.
public struct WageOutcome: RuleOutcome {
    /// Whether it reaches the multiple of category A and of B; nil where it cannot be said.
    public let reachesA: Bool?
    public let reachesB: Bool?
    /// The least salaries a year; nil where the base is not known.
    public let leastA: Money?
    public let leastB: Money?

    public var json: JSONValue {
        func flag(_ value: Bool?) -> JSONValue { value.map { .bool($0) } ?? .null }
        func month(_ value: Money?) -> JSONValue { value.map { .integer($0.fen / 12) } ?? .null }
        return [
            "reachesA": flag(reachesA), "reachesB": flag(reachesB),
            "leastAYear": leastA.map { .integer($0.fen) } ?? .null,
            "leastBYear": leastB.map { .integer($0.fen) } ?? .null,
            "leastAMonth": month(leastA), "leastBMonth": month(leastB),
            "category": .string(summary),
        ]
    }
    public var summary: String {
        reachesA == true ? "A" : reachesB == true ? "B" : reachesB == false ? "none" : "?"
    }
    public var words: Bilingual {
        switch summary {
        case "A": Bilingual("达到 A 类工资倍数", "Reaches the multiple of category A")
        case "B": Bilingual("达到 B 类工资倍数", "Reaches the multiple of category B")
        case "none": Bilingual("未达到工资倍数", "Reaches neither multiple")
        default: Bilingual("缺少年薪或当地工资基数，不能判断", "The salary or the local wage base is missing")
        }
    }
}

/// 平均工资收入不低于本地区上年度社会平均工资收入的 6 倍 (A)、4 倍 (B): 外专发〔2017〕40号, annex 3. The base changes
/// each year on 1 July and is a dated parameter of the place.
public struct WageRule: Rule {
    public static let id = "talent.wage"
    public static let version = 1
    public static let title = Bilingual("外国人工资倍数", "Wage multiples for work permits")
    public static let parameters = [
        "talent.wage.multiple-a", "talent.wage.multiple-b", "talent.wage-base.", "talent.place",
    ]
    public static let conditions = ["wage-a", "wage-b"]

    let multipleA: Legal<Int64>
    let multipleB: Legal<Int64>
    let bases: [String: Legal<Money>]
    let home: String

    public init(_ law: Law) throws(RuleBookError) {
        multipleA = try law.number("talent.wage.multiple-a")
        multipleB = try law.number("talent.wage.multiple-b")
        bases = law.amounts(under: "talent.wage-base.")
        home = try law.codes("talent.place").value.first ?? ""
    }

    public func decide(_ facts: WageFacts, _ run: inout RuleRun) -> WageOutcome {
        let place = facts.place ?? home
        guard let base = bases[place] else {
            run.misses("talent.wage-base.\(place)")
            run.note(
                TraceStep(
                    "wage-base", Bilingual("当地月平均工资基数（未查得）", "Monthly wage base of the place (not known)"), .unknown,
                    value: .text(place)))
            return WageOutcome(reachesA: nil, reachesB: nil, leastA: nil, leastB: nil)
        }
        run.note(
            TraceStep(
                "wage-base", Bilingual("当地月平均工资基数", "Monthly wage base of the place"), .given, value: .text(place),
                gives: .money(base.value), law: base.reference))
        let leastA = Money(fen: base.value.fen * 12 * multipleA.value)
        let leastB = Money(fen: base.value.fen * 12 * multipleB.value)
        if facts.annualSalary == nil { run.misses("annualSalary") }
        return WageOutcome(
            reachesA: reaches(facts.annualSalary, leastA, "wage-a", multipleA, &run),
            reachesB: reaches(facts.annualSalary, leastB, "wage-b", multipleB, &run), leastA: leastA, leastB: leastB)
    }

    private func reaches(
        _ salary: Money?, _ least: Money, _ key: String, _ multiple: Legal<Int64>, _ run: inout RuleRun
    ) -> Bool? {
        let verdict = salary.map { $0 >= least }
        run.note(
            TraceStep(
                key,
                Bilingual(
                    "年薪不低于当地年平均工资的 \(multiple.value) 倍", "Salary at least \(multiple.value) times the local yearly wage"
                ),
                verdict.map { $0 ? .met : .unmet } ?? .unknown, value: salary.map(FactValue.money),
                against: .money(least), law: multiple.reference))
        return verdict
    }
}
