public import Kernel

/// The category and the routes that lead to it.
public struct CategoryOutcome: RuleOutcome {
    /// Nil while missing facts could change it.
    public let category: PermitCategory?
    /// Routes that are met, e.g. `a6`, in the order of the standard.
    public let routes: [String]
    public let points: Int
    /// Whether there is something to look at beside, such as an age on which the sources differ.
    public let hasWarning: Bool

    public var json: JSONValue {
        [
            "category": category.map { .string($0.rawValue) } ?? .null,
            "routes": .array(routes.map { .string($0) }), "points": .integer(Int64(points)),
            "warning": .bool(hasWarning),
        ]
    }
    public var summary: String { category?.rawValue ?? "?" }
    public var words: Bilingual {
        guard let category else { return Bilingual("资料不足，类别未定", "Facts are missing, so the category is open") }
        return category.title
    }
}

/// 外国人来华工作分类标准（试行）: 外专发〔2017〕40号, annex 3. One route is enough; the first category with a route that is
/// met counts. A route of a higher category that cannot be judged yet leaves the category open.
public struct CategoryRule: Rule {
    public static let id = "talent.category"
    public static let version = 1
    public static let title = Bilingual("外国人来华工作类别", "Category of a work permit")
    public static let parameters =
        PointsRule.parameters + WageRule.parameters + [
            "talent.a.", "talent.b.", "talent.graduate.", "talent.age.b-most",
        ]
    public static let conditions = [
        "a1", "a2", "a3-post", "a3-wage", "a4", "a5", "a6", "b1", "b2", "b3", "b4", "b5", "b6", "c",
    ]

    let points: PointsRule
    let wage: WageRule
    let investment: Legal<Int64>
    let investmentYears: Legal<Int64>
    let shareholding: Legal<Int64>
    let revenue: Legal<Money>
    let youngAge: Legal<Int64>
    let yearsOfWork: Legal<Int64>
    let teachingYears: Legal<Int64>
    let graduateYears: Legal<Int64>
    let graduateAverage: Legal<Int64>
    let leastAge: Legal<Int64>
    let mostAgeB: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        points = try PointsRule(law)
        wage = try WageRule(law)
        investment = try law.number("talent.a.investment-usd")
        investmentYears = try law.number("talent.a.investment-years")
        shareholding = try law.number("talent.a.shareholding")
        revenue = try law.money("talent.a.revenue")
        youngAge = try law.number("talent.a.young-age")
        yearsOfWork = try law.number("talent.b.years-of-work")
        teachingYears = try law.number("talent.b.teaching-years")
        graduateYears = try law.number("talent.graduate.years")
        graduateAverage = try law.number("talent.graduate.average")
        leastAge = try law.number("talent.age.least")
        mostAgeB = try law.number("talent.age.b-most")
    }

    public func decide(_ facts: CategoryFacts, _ run: inout RuleRun) -> CategoryOutcome {
        // Facts that only some routes ask for are missed where they would decide, not before.
        var inner = RuleRun(traced: run.isTraced)
        let scored = points.decide(facts.points, &inner)
        let scoring = inner.steps ?? []
        var wages = WageFacts()
        (wages.annualSalary, wages.place) = (facts.points.annualSalary, facts.place)
        var innerWage = RuleRun(traced: run.isTraced)
        let paid = wage.decide(wages, &innerWage)
        let paying = innerWage.steps ?? []

        var routes = RouteList()
        highEnd(facts, scored, paid, (scoring, paying, inner.missing, innerWage.missing), &routes)
        professional(facts, scored, paid, (scoring, paying, inner.missing, innerWage.missing), &routes)
        others(facts, &routes)

        let adult = facts.points.age.map { Int64($0) >= leastAge.value }
        let category = adult == false ? PermitCategory.none : routes.category.flatMap { adult == nil ? nil : $0 }
        for route in routes.list { run.note(route.step) }
        run.note(
            TraceStep(
                "adult", Bilingual("年满最低年龄", "Has reached the least age"),
                adult.map { $0 ? .met : .unmet } ?? .unknown, value: facts.points.age.map { Self.plain(Int64($0)) },
                against: Self.plain(leastAge.value), law: leastAge.reference))
        if category == nil {
            if adult == nil { run.misses("age") }
            for fact in routes.missingBeforeDecision { run.misses(fact) }
        }
        let warns = warn(facts, category, &run)
        return CategoryOutcome(
            category: category, routes: routes.list.filter { $0.isMet == true }.map(\.key), points: scored.points,
            hasWarning: warns)
    }

    static func plain(_ number: Int64) -> FactValue { .number(number, unit: Bilingual("", "")) }

    /// Age never bars by itself: the sources contradict each other.
    private func warn(_ facts: CategoryFacts, _ category: PermitCategory?, _ run: inout RuleRun) -> Bool {
        guard let age = facts.points.age, Int64(age) > mostAgeB.value, category == .b || category == .c else {
            return false
        }
        run.note(
            TraceStep(
                "age-b",
                Bilingual(
                    "超过 B 类一般年龄，各处规定不一，由经办人核定",
                    "Above the usual age of category B; the sources differ, so an officer decides"),
                .warning, value: Self.plain(Int64(age)), against: Self.plain(mostAgeB.value), law: mostAgeB.reference))
        return true
    }
}

/// One route to a category, judged.
struct PermitRoute: Sendable {
    let key: String
    let category: PermitCategory
    let isMet: Bool?
    let missing: [String]
    let step: TraceStep
}

/// The routes in the order of the standard.
struct RouteList {
    private(set) var list: [PermitRoute] = []

    mutating func add(
        _ key: String, _ category: PermitCategory, _ what: Bilingual, _ isMet: Bool?, missing: [String] = [],
        law: LawReference? = nil, steps: [TraceStep] = []
    ) {
        list.append(
            PermitRoute(
                key: key, category: category, isMet: isMet, missing: isMet == nil ? missing : [],
                step: TraceStep(
                    key, what, isMet.map { $0 ? .met : .unmet } ?? .unknown, law: law, steps: steps)))
    }

    /// The highest category with a met route, unless a higher one is still open.
    var category: PermitCategory? {
        for category in [PermitCategory.a, .b, .c] {
            let routes = list.filter { $0.category == category }
            if routes.contains(where: { $0.isMet == true }) { return category }
            if routes.contains(where: { $0.isMet == nil }) { return nil }
        }
        return PermitCategory.none
    }

    /// Facts that open routes lack, down to the category that is sure.
    var missingBeforeDecision: [String] {
        var names: [String] = []
        for category in [PermitCategory.a, .b, .c] {
            let routes = list.filter { $0.category == category }
            if routes.contains(where: { $0.isMet == true }) { break }
            for name in routes.flatMap(\.missing) where !names.contains(name) { names.append(name) }
        }
        return names
    }
}

/// Logic with a third value, nil, for what is not known.
enum Ternary {
    static func and(_ values: Bool?...) -> Bool? {
        values.contains(false) ? false : values.contains(nil) ? nil : true
    }

    static func or(_ values: Bool?...) -> Bool? {
        values.contains(true) ? true : values.contains(nil) ? nil : false
    }
}
