public import Kernel

/// One indicator as the score needs it.
public struct IndicatorFacts: Hashable, Sendable {
    public var weight: Int?
    public var target: Int?
    public var actual: Int?
    /// Whether less is better.
    public var isLess: Bool?

    public init(weight: Int? = nil, target: Int? = nil, actual: Int? = nil, isLess: Bool? = nil) {
        self.weight = weight
        self.target = target
        self.actual = actual
        self.isLess = isLess
    }
}

/// The indicators of a goal with what was reached.
public struct PerformanceFacts: RuleFacts {
    /// As many as the form takes; those that are not there have no weight.
    public static let most = 10

    public var indicators = [IndicatorFacts](repeating: IndicatorFacts(), count: most)

    public init() {}

    public init(_ indicators: [IndicatorFacts]) {
        for (index, indicator) in indicators.prefix(Self.most).enumerated() { self.indicators[index] = indicator }
    }

    /// The weight of an indicator.
    public subscript(weight index: Int) -> Int? {
        get { indicators[index].weight }
        set { indicators[index].weight = newValue }
    }
    /// The target of an indicator.
    public subscript(target index: Int) -> Int? {
        get { indicators[index].target }
        set { indicators[index].target = newValue }
    }
    /// What was reached of an indicator.
    public subscript(actual index: Int) -> Int? {
        get { indicators[index].actual }
        set { indicators[index].actual = newValue }
    }
    /// Whether less of an indicator is better.
    public subscript(less index: Int) -> Bool? {
        get { indicators[index].isLess }
        set { indicators[index].isLess = newValue }
    }

    /// The largest target and actual value.
    static let largest: Int64 = 1_000_000_000_000

    public static let fields: [FactField<PerformanceFacts>] = (0..<most).flatMap {
        index -> [FactField<PerformanceFacts>] in
        let number = index + 1
        return [
            .number(
                "weight\(number)", Bilingual("指标 \(number) 权重", "Indicator \(number): weight"), in: 1...100,
                \.[weight: index]),
            .number(
                "target\(number)", Bilingual("指标 \(number) 目标值", "Indicator \(number): target"), in: 0...largest,
                \.[target: index]),
            .number(
                "actual\(number)", Bilingual("指标 \(number) 实际值", "Indicator \(number): reached"), in: 0...largest,
                \.[actual: index]),
            .yesNo(
                "less\(number)", Bilingual("指标 \(number) 越小越好", "Indicator \(number): less is better"), \.[less: index]),
        ]
    }

    public static func sample(_ random: inout SeededRandom) -> PerformanceFacts {
        var left = 100
        var indicators: [IndicatorFacts] = []
        let count = Int.random(in: 1...6, using: &random)
        for place in 1...count {
            let weight = place == count ? left : Int.random(in: 1...(left - (count - place)), using: &random)
            left -= weight
            let target = Int.random(in: 0...200, using: &random)
            indicators.append(
                IndicatorFacts(
                    weight: weight, target: target, actual: Int.random(in: 0...250, using: &random),
                    isLess: Bool.random(using: &random)))
        }
        return PerformanceFacts(indicators)
    }
}

/// The score in hundredths of a point and what it is called.
public struct PerformanceOutcome: RuleOutcome {
    public var score: Int64?
    public var grade: String?

    public var json: JSONValue {
        ["score": score.map { .integer($0) } ?? .null, "grade": grade.map { .string($0) } ?? .null]
    }
    public var summary: String { grade ?? "?" }
    public var words: Bilingual {
        guard let score, let grade = grade.flatMap(PerformanceGrade.init(rawValue:)) else {
            return Bilingual("资料不足", "Facts are missing")
        }
        let text = "\(score / 100).\(padded(Int(score % 100), 2))"
        return Bilingual("得分 \(text)，等级「\(grade.title.zh)」", "Score \(text), grade '\(grade.title.en)'")
    }
}

/// 绩效评分: each indicator gives its weight times the degree to which it was reached, never more than its weight; the
/// sum has the grade of its band, which the city sets. Weights add up to 100. Parts of a hundredth are dropped.
public struct PerformanceRule: Rule {
    public static let id = "funding.performance"
    public static let version = 1
    public static let title = Bilingual("绩效得分与等级", "Performance score and grade")
    public static let parameters = ["funding.performance.grade"]
    public static let conditions = ["weights", "reached"]

    let bands: Legal<Bands>

    public init(_ law: Law) throws(RuleBookError) { bands = try law.bands("funding.performance.grade") }

    public func decide(_ facts: PerformanceFacts, _ run: inout RuleRun) -> PerformanceOutcome {
        let used = facts.indicators.enumerated().filter { $0.element.weight != nil }
        for (index, indicator) in used {
            if indicator.target == nil { run.misses("target\(index + 1)") }
            if indicator.actual == nil { run.misses("actual\(index + 1)") }
            if indicator.isLess == nil { run.misses("less\(index + 1)") }
        }
        if used.isEmpty { run.misses("weight1") }
        let sum = used.reduce(0) { $0 + ($1.element.weight ?? 0) }
        let adds = sum == 100
        run.note(
            TraceStep(
                "weights", Bilingual("权重合计为 100", "Weights add up to 100"), adds ? .met : .unmet,
                value: .number(Int64(sum), unit: Bilingual("", "")), against: .number(100, unit: Bilingual("", ""))))
        guard run.missing.isEmpty, adds else { return PerformanceOutcome() }
        var score: Int64 = 0
        for (index, indicator) in used {
            let points = PerformanceRule.points(indicator)
            score += points
            let isReached = points == Int64(indicator.weight ?? 0) * 100
            run.note(
                TraceStep(
                    "reached", Bilingual("指标 \(index + 1) 达到目标", "Indicator \(index + 1) reached its target"),
                    isReached ? .met : .unmet, value: .number(Int64(indicator.actual ?? 0), unit: Bilingual("", "")),
                    against: .number(Int64(indicator.target ?? 0), unit: Bilingual("", "")),
                    gives: .text("\(points / 100).\(padded(Int(points % 100), 2))")))
        }
        let grade = bands.value.gives(score).flatMap { number in
            PerformanceGrade.allCases.first { $0.number == number }
        }
        run.note(
            TraceStep(
                "grade", Bilingual("得分（百分之一分）对应等级", "The score, in hundredths of a point, has a grade"), .given,
                value: .number(score, unit: Bilingual("", "")),
                gives: grade.map { .choice($0.rawValue, label: $0.title) }, law: bands.reference))
        return PerformanceOutcome(score: score, grade: grade?.rawValue)
    }

    /// Hundredths of a point that an indicator gives.
    static func points(_ indicator: IndicatorFacts) -> Int64 {
        guard let weight = indicator.weight, let target = indicator.target, let actual = indicator.actual,
            let isLess = indicator.isLess
        else { return 0 }
        let full = Int64(weight) * 100
        let (reached, whole) = isLess ? (Int64(target), Int64(actual)) : (Int64(actual), Int64(target))
        guard reached < whole else { return full }
        return whole.dividingFullWidth(full.multipliedFullWidth(by: reached)).quotient
    }
}
