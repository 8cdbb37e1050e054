public import Kernel

/// What the grade of a laboratory depends on.
public struct GradeFacts: RuleFacts {
    /// From 0 to 100.
    public var score: Int?
    /// How many laboratories of the evaluation have at least this score, itself among them.
    public var atLeast: Int?
    /// How many are evaluated.
    public var count: Int?

    public init() {}

    public init(score: Int?, atLeast: Int?, count: Int?) {
        self.score = score
        self.atLeast = atLeast
        self.count = count
    }

    public static let fields: [FactField<GradeFacts>] = [
        .number("score", Bilingual("得分", "Score"), in: 0...100, \.score),
        .number(
            "atLeast", Bilingual("不低于该得分的实验室数", "Laboratories with at least this score"), in: 1...10_000, \.atLeast),
        .number("count", Bilingual("参评实验室数", "Laboratories evaluated"), in: 1...10_000, \.count),
    ]

    public static func sample(_ random: inout SeededRandom) -> GradeFacts {
        let count = Int.random(in: 5...60, using: &random)
        return GradeFacts(
            score: Int.random(in: 40...100, using: &random), atLeast: Int.random(in: 1...count, using: &random),
            count: count)
    }
}

/// The grade of a laboratory.
public struct GradeOutcome: RuleOutcome {
    public enum Grade: String, Sendable, CaseIterable {
        case excellent, good, pass, fail

        public var title: Bilingual {
            switch self {
            case .excellent: Bilingual("优秀", "Excellent")
            case .good: Bilingual("良好", "Good")
            case .pass: Bilingual("合格", "Pass")
            case .fail: Bilingual("不合格", "Fail")
            }
        }
    }

    public var grade: Grade?

    public var json: JSONValue { ["grade": grade.map { .string($0.rawValue) } ?? .null] }
    public var summary: String { grade?.rawValue ?? "?" }
    public var words: Bilingual { grade?.title ?? Bilingual("资料不足", "Facts are missing") }
}

/// 重点实验室评估等级: a score to pass, one for good, and a quota of excellent ones; all set by the city.
public struct GradeRule: Rule {
    public static let id = "basic.grade"
    public static let version = 1
    public static let title = Bilingual("重点实验室评估等级", "Grades of key laboratories")
    public static let parameters = ["basic.lab.excellent-share", "basic.lab.good-score", "basic.lab.pass-score"]
    public static let conditions = ["pass", "good", "excellent"]

    let share: Legal<Int64>
    let good: Legal<Int64>
    let pass: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        share = try law.number("basic.lab.excellent-share")
        good = try law.number("basic.lab.good-score")
        pass = try law.number("basic.lab.pass-score")
    }

    public func decide(_ facts: GradeFacts, _ run: inout RuleRun) -> GradeOutcome {
        guard let score = facts.score, let atLeast = facts.atLeast, let count = facts.count else {
            if facts.score == nil { run.misses("score") }
            if facts.atLeast == nil { run.misses("atLeast") }
            if facts.count == nil { run.misses("count") }
            return GradeOutcome()
        }
        func step(_ key: String, _ what: Bilingual, _ value: Int64, _ law: Legal<Int64>, _ holds: Bool) -> Bool {
            run.note(
                TraceStep(
                    key, what, holds ? .met : .unmet, value: .number(value, unit: Bilingual("", "")),
                    against: .number(law.value, unit: Bilingual("", "")), law: law.reference))
            return holds
        }
        let points = Int64(score)
        guard step("pass", Bilingual("达到合格线", "Reaches the score to pass"), points, pass, points >= pass.value) else {
            return GradeOutcome(grade: .fail)
        }
        guard step("good", Bilingual("达到良好线", "Reaches the score for good"), points, good, points >= good.value) else {
            return GradeOutcome(grade: .pass)
        }
        // Those who share a score share the grade: where they do not all fit into the quota, none of them does.
        let fits = Int64(atLeast) * 1_000 <= Int64(count) * share.value
        let isExcellent = step(
            "excellent", Bilingual("在优秀比例之内（‰）", "Within the quota of excellent ones, per mille"),
            (Int64(atLeast) * 1_000 + Int64(count) - 1) / Int64(count), share, fits)
        return GradeOutcome(grade: isExcellent ? .excellent : .good)
    }
}
