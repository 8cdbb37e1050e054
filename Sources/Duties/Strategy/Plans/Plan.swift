import Kernel
import Store

/// What a plan is for.
enum PlanKind: String, Sendable, CaseIterable {
    case innovationStrategy = "innovation-strategy"
    case scienceCity = "science-city"
    case scienceDevelopment = "science-development"
    case overseasTalent = "overseas-talent"
    case other

    var title: Bilingual {
        switch self {
        case .innovationStrategy: Bilingual("创新驱动发展战略规划", "Innovation-driven development strategy")
        case .scienceCity: Bilingual("科技强市规划", "Strong science and technology city")
        case .scienceDevelopment: Bilingual("科技发展规划和政策", "Science and technology development")
        case .overseasTalent: Bilingual("引进国（境）外人才规划和政策", "Bringing in overseas talent")
        case .other: Bilingual("其他专项规划", "Another plan")
        }
    }
}

/// A plan in force: objectives, indicators, measures.
struct Plan: Hashable, Sendable {
    let caseID: ID<CaseFile>
    let number: String
    let name: String
    let kind: PlanKind
    let fromYear: Int
    let toYear: Int
    let lead: String
    let summary: String

    init(row: Row) throws {
        caseID = try row["case_id"]
        number = try row["number"]
        name = try row["name"]
        kind = PlanKind(rawValue: try row["kind"]) ?? .other
        fromYear = try row["from_year"]
        toYear = try row["to_year"]
        lead = try row["lead"]
        summary = try row["summary"]
    }
}

/// An indicator with its targets and what was reported, by year.
struct Indicator: Hashable, Sendable {
    /// Where it stands by the last year that was reported.
    enum Standing: String, Sendable, CaseIterable {
        case unreported, met, behind

        var title: Bilingual {
            switch self {
            case .unreported: Bilingual("尚未填报", "Not reported")
            case .met: Bilingual("达到年度目标", "At its target")
            case .behind: Bilingual("未达年度目标", "Behind its target")
            }
        }
    }

    let code: String
    let objective: String
    let name: String
    let unit: String
    let baseline: Int
    let baselineYear: Int
    let source: String
    /// Whether more is better.
    let rises: Bool
    var targets: [Int: Int]
    var actuals: [Int: Int] = [:]
    var evidence: [Int: String] = [:]

    init(row: Row) throws {
        code = try row["code"]
        objective = try row["objective"]
        name = try row["name"]
        unit = try row["unit"]
        baseline = try row["baseline"]
        baselineYear = try row["baseline_year"]
        source = try row["source"]
        rises = try row["rises"]
        targets = [:]
    }

    init(
        code: String, baseline: Int, rises: Bool, targets: [Int: Int], actuals: [Int: Int], name: String = "",
        unit: String = "", baselineYear: Int = 2020
    ) {
        self.code = code
        objective = ""
        self.name = name
        self.unit = unit
        self.baseline = baseline
        self.baselineYear = baselineYear
        source = ""
        self.rises = rises
        self.targets = targets
        self.actuals = actuals
    }

    /// The last year with a reported value.
    var lastYear: Int? { actuals.keys.max() }

    /// Compared with the target of the last reported year, or with the nearest later one.
    var standing: Standing {
        guard let year = lastYear, let actual = actuals[year] else { return .unreported }
        let wanted = targets[year] ?? targets.filter { $0.key > year }.min { $0.key < $1.key }?.value
        guard let target = wanted else { return .met }
        return rises ? (actual >= target ? .met : .behind) : (actual <= target ? .met : .behind)
    }

    /// How much of the way from the baseline to the last target is done, in per cent from 0 to 100; nil before the
    /// first report.
    var done: Int? {
        guard let year = lastYear, let actual = actuals[year], let end = targets.max(by: { $0.key < $1.key })?.value
        else { return nil }
        let way = end - baseline
        // A target that only holds the line is reached or not.
        guard way != 0 else { return standing == .met ? 100 : 0 }
        let (share, overflow) = (actual - baseline).multipliedReportingOverflow(by: 100)
        return overflow ? nil : max(0, min(100, share / way))
    }
}

/// A measure of a plan with its responsible division and its state.
struct Measure: Hashable, Sendable {
    enum State: String, Sendable, CaseIterable {
        case notStarted = "not-started"
        case underWay = "under-way"
        case done, late

        var title: Bilingual {
            switch self {
            case .notStarted: Bilingual("未开始", "Not started")
            case .underWay: Bilingual("推进中", "Under way")
            case .done: Bilingual("已完成", "Done")
            case .late: Bilingual("逾期未完成", "Late")
            }
        }
    }

    let code: String
    let objective: String
    let title: String
    let division: String
    let dueOn: Day
    /// As last reported.
    let reported: State?
    let note: String
    let evidence: String
    let reportedOn: Day?

    init(row: Row) throws {
        code = try row["code"]
        objective = try row["objective"]
        title = try row["title"]
        division = try row["division"]
        dueOn = try row["due_on"]
        let state: String? = try row["state"]
        reported = state.flatMap(State.init(rawValue:))
        let note: String? = try row["note"]
        self.note = note ?? ""
        let evidence: String? = try row["evidence"]
        self.evidence = evidence ?? ""
        reportedOn = try row["reported_on"]
    }

    /// Its state on a day: nobody reports a measure as on time whose day is over.
    func state(on day: Day) -> State {
        if reported == .done { return .done }
        return day > dueOn ? .late : reported ?? .notStarted
    }
}
