public import Kernel

/// What the light of an assignment is computed from; nobody types it.
public struct LightFacts: RuleFacts {
    /// Days until the deadline; negative once it is over.
    public var daysLeft: Int?
    /// Days by which the most overdue open milestone is late; negative or zero where none is.
    public var milestoneLate: Int?
    /// Objects of the task, such as cases, whose own clock has run out, and those about to.
    public var objectsLate: Int?
    public var objectsNear: Int?
    /// Whether the result has been reported back.
    public var reported: Bool?

    public init() {}

    public static let fields: [FactField<LightFacts>] = [
        .number(
            "daysLeft", Bilingual("距办理期限", "Until the deadline"), in: -10_000...10_000, unit: Bilingual("日", "days"),
            \.daysLeft),
        .number(
            "milestoneLate", Bilingual("最迟节点逾期", "Latest milestone late by"), in: -10_000...10_000,
            unit: Bilingual("日", "days"), \.milestoneLate),
        .number(
            "objectsLate", Bilingual("所涉办件已超期", "Objects whose clock has run out"), in: 0...1_000,
            unit: Bilingual("件", "cases"), \.objectsLate),
        .number(
            "objectsNear", Bilingual("所涉办件临近超期", "Objects whose clock is about to run out"), in: 0...1_000,
            unit: Bilingual("件", "cases"), \.objectsNear),
        .yesNo("reported", Bilingual("已反馈结果", "The result is reported"), \.reported),
    ]

    public static func sample(_ random: inout SeededRandom) -> LightFacts {
        var facts = LightFacts()
        facts.daysLeft = Int.random(in: -10...60, using: &random)
        facts.milestoneLate = Int.random(in: -20...5, using: &random)
        facts.objectsLate = Int.random(in: 0..<12, using: &random) == 0 ? 1 : 0
        facts.objectsNear = Int.random(in: 0..<6, using: &random) == 0 ? 1 : 0
        facts.reported = Int.random(in: 0..<6, using: &random) == 0
        return facts
    }
}

/// The light of an assignment.
public struct LightOutcome: RuleOutcome {
    public enum Light: String, Sendable, CaseIterable {
        case onTime = "on-time"
        case atRisk = "at-risk"
        case late, unknown

        public var title: Bilingual {
            switch self {
            case .onTime: Bilingual("正常", "On time")
            case .atRisk: Bilingual("预警", "At risk")
            case .late: Bilingual("逾期", "Late")
            case .unknown: Bilingual("待定", "Not known")
            }
        }
    }

    public let light: Light

    public var json: JSONValue { ["light": .string(light.rawValue)] }
    public var summary: String { light.rawValue }
    public var words: Bilingual { light.title }
}

/// The light: late when the deadline is over; at risk when it is near, when a milestone or the clock of an object that
/// the task concerns is over, or is about to be; else on time. A reported result is no longer at risk by its deadline.
public struct LightRule: Rule {
    public static let id = "assignments.light"
    public static let version = 1
    public static let title = Bilingual("督办亮灯", "Light of an assignment")
    public static let parameters = ["assignments.light."]
    public static let conditions = ["in-time", "not-near", "milestones", "objects"]

    let near: Legal<Int64>
    let milestone: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        near = try law.number("assignments.light.near-days")
        milestone = try law.number("assignments.light.milestone-days")
    }

    /// Days before its end at which a clock counts as near.
    public var nearDays: Int { Int(near.value) }

    public func decide(_ facts: LightFacts, _ run: inout RuleRun) -> LightOutcome {
        guard let left = facts.daysLeft else {
            run.misses("daysLeft")
            return LightOutcome(light: .unknown)
        }
        let days = Bilingual("日", "days")
        func note(_ key: String, _ zh: String, _ en: String, _ isMet: Bool, _ value: Int, _ law: Legal<Int64>) {
            run.note(
                TraceStep(
                    key, Bilingual(zh, en), isMet ? .met : .unmet, value: .number(Int64(value), unit: days),
                    against: .number(law.value, unit: days), law: law.reference))
        }
        // Days left, or days late: nobody reads "-3 days" beside "not met".
        func seen() -> FactValue {
            guard left < 0 else { return .number(Int64(left), unit: days) }
            return .choice(
                String(left), label: Bilingual("超期 \(-left) 天", "\(counted(-left, "day")) late"))
        }
        run.note(
            TraceStep(
                "in-time", Bilingual("办理期限", "Deadline"), left >= 0 ? .met : .unmet,
                value: seen()))
        guard left >= 0 else { return LightOutcome(light: .late) }
        if facts.reported == true { return LightOutcome(light: .onTime) }
        let isFar = left > nearDays
        note("not-near", "距期限多于预警天数", "The deadline is not near", isFar, left, near)
        let behind = facts.milestoneLate ?? 0
        let isPlanned = behind <= Int(milestone.value)
        note("milestones", "节点没有逾期", "No milestone is late", isPlanned, max(0, behind), milestone)
        let objects = (facts.objectsLate ?? 0) + (facts.objectsNear ?? 0)
        run.note(
            TraceStep(
                "objects", Bilingual("所涉办件没有超期或临近超期", "No object is late or about to be"),
                objects == 0 ? .met : .unmet, value: .number(Int64(objects), unit: Bilingual("件", "cases")),
                law: near.reference))
        return LightOutcome(light: isFar && isPlanned && objects == 0 ? .onTime : .atRisk)
    }
}
