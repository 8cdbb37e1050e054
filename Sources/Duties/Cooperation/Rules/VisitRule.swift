public import Kernel

/// What a visit abroad is judged by.
public struct VisitFacts: RuleFacts {
    public var countries: Int?
    /// All days, travel included.
    public var days: Int?
    public var returnsOn: Day?

    public init() {}

    public static let fields: [FactField<VisitFacts>] = [
        .number("countries", Bilingual("出访国家（地区）数", "Countries visited"), in: 1...20, \.countries),
        .number("days", Bilingual("在外天数（含途中）", "Days abroad, travel included"), in: 1...365, \.days),
        .day("returnsOn", Bilingual("回国日期", "Day of return"), \.returnsOn),
    ]

    public static func sample(_ random: inout SeededRandom) -> VisitFacts {
        var facts = VisitFacts()
        facts.countries = Int.random(in: 1...4, using: &random)
        facts.days = Int.random(in: 3...14, using: &random)
        facts.returnsOn = Day(number: 20_600 + Int.random(in: 0...300, using: &random))
        return facts
    }
}

/// Whether a visit keeps to the days, and when its report is due.
public struct VisitOutcome: RuleOutcome {
    public var most: Int64?
    public var within: Bool?
    /// By the calendar; the clock of the case moves it off rest days.
    public var reportBy: Day?

    public var json: JSONValue {
        [
            "most": most.map { .integer($0) } ?? .null, "within": within.map { .bool($0) } ?? .null,
            "reportBy": reportBy.map { .string($0.description) } ?? .null,
        ]
    }
    public var summary: String { within.map { $0 ? "within" : "too long" } ?? "?" }
    public var words: Bilingual {
        guard let within, let most else { return Bilingual("资料不足", "Facts are missing") }
        return within
            ? Bilingual("符合天数规定（不超过 \(most) 天）", "Within the \(most) days")
            : Bilingual("超过 \(most) 天", "Longer than \(counted(most, "day"))")
    }
}

/// 因公临时出国: most days by the number of countries, and the report after the return. The numbers are to be checked.
public struct VisitRule: Rule {
    public static let id = "cooperation.visit"
    public static let version = 1
    public static let title = Bilingual("因公出访天数与报告", "Days and report of a visit abroad")
    public static let parameters = ["cooperation.visit."]
    public static let conditions = ["within"]

    let days: Legal<Bands>
    let report: Legal<Int64>

    public init(_ law: Law) throws(RuleBookError) {
        days = try law.bands("cooperation.visit.days")
        report = try law.number("cooperation.visit.report")
    }

    public func decide(_ facts: VisitFacts, _ run: inout RuleRun) -> VisitOutcome {
        var outcome = VisitOutcome()
        if let returnsOn = facts.returnsOn {
            let due = returnsOn.adding(months: Int(report.value))
            outcome.reportBy = due
            run.note(
                TraceStep(
                    "report", Bilingual("提交出访报告", "The report is due"), .given, value: .day(returnsOn),
                    gives: .day(due), law: report.reference))
        } else {
            run.misses("returnsOn")
        }
        guard let countries = facts.countries, let most = days.value.gives(Int64(countries)) else {
            run.misses("countries")
            return outcome
        }
        outcome.most = most
        run.note(
            TraceStep(
                "most", Bilingual("最多天数", "Most days"), .given,
                value: .number(Int64(countries), unit: Bilingual("国", "countries")),
                gives: .number(most, unit: Bilingual("天", "days")), law: days.reference))
        guard let count = facts.days else {
            run.misses("days")
            return outcome
        }
        outcome.within = Int64(count) <= most
        run.note(
            TraceStep(
                "within", Bilingual("在外天数不超过规定", "Not longer than that"), Int64(count) <= most ? .met : .unmet,
                value: .number(Int64(count), unit: Bilingual("天", "days")),
                against: .number(most, unit: Bilingual("天", "days")), law: days.reference))
        return outcome
    }
}
