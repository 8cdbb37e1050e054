public import Kernel

/// What work with human genetic resources is for.
public enum GeneticPurpose: String, FactChoice {
    case research, marketing

    public var title: Bilingual {
        switch self {
        case .research: Bilingual("国际合作科学研究", "International research")
        case .marketing: Bilingual("为上市许可的临床试验（不出境）", "Trial for market approval, nothing leaves the country")
        }
    }
}

/// What must be done depends on these.
public struct GeneticFacts: RuleFacts {
    public var used: Bool?
    public var foreignParty: Bool?
    public var purpose: GeneticPurpose?
    public var endsOn: Day?

    public init() {}

    public static let fields: [FactField<GeneticFacts>] = [
        .yesNo("used", Bilingual("利用我国人类遗传资源", "Human genetic resources of China are used"), \.used),
        .yesNo("foreignParty", Bilingual("有外方单位参加", "A foreign party takes part"), \.foreignParty),
        .choice("purpose", Bilingual("目的", "Purpose"), \.purpose),
        .day("endsOn", Bilingual("合作活动结束日期", "End of the work"), \.endsOn),
    ]

    public static func sample(_ random: inout SeededRandom) -> GeneticFacts {
        var facts = GeneticFacts()
        facts.used = Bool.random(using: &random)
        facts.foreignParty = Bool.random(using: &random)
        facts.purpose = GeneticPurpose.allCases.randomElement(using: &random)
        facts.endsOn = Day(number: 20_600 + Int.random(in: 0...900, using: &random))
        return facts
    }
}

/// What the parties have to do first.
public struct GeneticOutcome: RuleOutcome {
    public enum Duty: String, Sendable { case nothing, approval, record }

    public var duty: Duty?
    public var days: Int64?
    public var daysAtMost: Int64?
    public var reportBy: Day?

    public var json: JSONValue {
        [
            "duty": duty.map { .string($0.rawValue) } ?? .null, "days": days.map { .integer($0) } ?? .null,
            "daysAtMost": daysAtMost.map { .integer($0) } ?? .null,
            "reportBy": reportBy.map { .string($0.description) } ?? .null,
        ]
    }
    public var summary: String { duty?.rawValue ?? "?" }
    public var words: Bilingual {
        switch duty {
        case .nothing: Bilingual("无需审批或备案", "Neither approval nor record is needed")
        case .approval: Bilingual("须先经批准", "It must be approved first")
        case .record: Bilingual("须先备案", "It must be put on record first")
        case nil: Bilingual("资料不足", "Facts are missing")
        }
    }
}

/// 人类遗传资源管理条例 (国务院令第717号): international research is approved, trials for market approval are put on record,
/// and the work is reported on afterwards.
public struct GeneticRule: Rule {
    public static let id = "cooperation.genetic"
    public static let version = 1
    public static let title = Bilingual("人类遗传资源国际合作", "International work with human genetic resources")
    public static let parameters = ["cooperation.genetic."]
    public static let conditions = ["used", "foreign", "research"]

    let decision: Legal<Int64>
    let longer: Legal<Int64>
    let report: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        decision = try law.number("cooperation.genetic.decision-days")
        longer = try law.number("cooperation.genetic.extension-days")
        report = try law.number("cooperation.genetic.report")
    }

    public func decide(_ facts: GeneticFacts, _ run: inout RuleRun) -> GeneticOutcome {
        var outcome = GeneticOutcome()
        func step(_ key: String, _ what: Bilingual, _ holds: Bool?, _ fact: String) -> Bool? {
            if holds == nil { run.misses(fact) }
            run.note(
                TraceStep(
                    key, what, holds.map { $0 ? .met : .unmet } ?? .unknown, value: holds.map(FactValue.yesNo),
                    law: decision.reference))
            return holds
        }
        let used = step("used", Bilingual("利用人类遗传资源", "Human genetic resources are used"), facts.used, "used")
        guard used == true else {
            outcome.duty = used == nil ? nil : .nothing
            return outcome
        }
        let foreign = step(
            "foreign", Bilingual("有外方单位参加", "A foreign party takes part"), facts.foreignParty, "foreignParty")
        guard foreign == true else {
            outcome.duty = foreign == nil ? nil : .nothing
            return outcome
        }
        let isResearch = facts.purpose.map { $0 == .research }
        guard
            let research = step(
                "research", Bilingual("目的是科学研究", "The purpose is research"), isResearch, "purpose")
        else { return outcome }
        outcome.duty = research ? .approval : .record
        if research {
            outcome.days = decision.value
            outcome.daysAtMost = decision.value + longer.value
            run.note(
                TraceStep(
                    "days", Bilingual("审批期限，可延长", "Days to decide, may be prolonged"), .given,
                    value: .number(longer.value, unit: Bilingual("个工作日（延长）", "working days more")),
                    gives: .number(decision.value, unit: Bilingual("个工作日", "working days")),
                    law: longer.reference))
            if let endsOn = facts.endsOn {
                let due = endsOn.adding(months: Int(report.value))
                outcome.reportBy = due
                run.note(
                    TraceStep(
                        "report", Bilingual("提交研究情况报告", "The report is due"), .given, value: .day(endsOn),
                        gives: .day(due), law: report.reference))
            } else {
                run.misses("endsOn")
            }
        }
        return outcome
    }
}
