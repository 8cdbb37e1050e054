public import Kernel

/// Whose prize it is.
public enum AwardLevel: String, Codable, FactChoice {
    case municipal, provincial, national

    public var title: Bilingual {
        switch self {
        case .municipal: Bilingual("市级", "Municipal")
        case .provincial: Bilingual("省级", "Provincial")
        case .national: Bilingual("国家级", "National")
        }
    }
}

/// Kinds of prizes. The top prize is the mayor's in the city, that for outstanding contribution in the province and the
/// top award of the nation.
public enum Prize: String, Codable, FactChoice {
    case top, nature, invention, progress, youth, patent, standard, promotion, cooperation

    public var title: Bilingual {
        switch self {
        case .top: Bilingual("市长奖（最高奖）", "Mayor's prize, the top prize")
        case .nature: Bilingual("自然科学奖", "Natural science")
        case .invention: Bilingual("技术发明奖", "Technological invention")
        case .progress: Bilingual("科技进步奖", "Scientific and technological progress")
        case .youth: Bilingual("青年科技奖", "Youth prize")
        case .patent: Bilingual("专利奖", "Patent prize")
        case .standard: Bilingual("标准奖", "Standards prize")
        case .promotion: Bilingual("科技成果推广奖", "Spreading of results")
        case .cooperation: Bilingual("科技合作奖", "Cooperation")
        }
    }

    /// Natural science, invention and progress, which have grades.
    static let graded: [Prize] = [.nature, .invention, .progress]
}

/// Grades of prizes.
public enum Grade: String, Codable, FactChoice {
    case special, first, second, none

    public var title: Bilingual {
        switch self {
        case .special: Bilingual("特等奖", "Special prize")
        case .first: Bilingual("一等奖", "First prize")
        case .second: Bilingual("二等奖", "Second prize")
        case .none: Bilingual("不分等级", "Without grade")
        }
    }
}

/// What a question about an award comes to: yes, no, or not known while facts are missing.
public struct AwardVerdict: RuleOutcome {
    /// Nil while a missing fact could change it.
    public let holds: Bool?
    let yes: Bilingual
    let no: Bilingual

    init(_ verdicts: [Bool?], yes: Bilingual, no: Bilingual) {
        holds = verdicts.contains(false) ? false : verdicts.contains(nil) ? nil : true
        self.yes = yes
        self.no = no
    }

    public var json: JSONValue { ["holds": holds.map { .bool($0) } ?? .null] }
    public var summary: String { holds.map { $0 ? "holds" : "fails" } ?? "?" }
    public var words: Bilingual {
        switch holds {
        case true: yes
        case false: no
        default: Bilingual("资料不足，尚不能判断", "Facts are missing")
        }
    }
}

extension RuleRun {
    /// Notes a condition.
    mutating func condition(
        _ key: String, _ what: Bilingual, _ met: Bool?, value: FactValue? = nil, against: FactValue? = nil,
        _ law: LawReference?
    ) -> Bool? {
        note(
            TraceStep(
                key, what, met.map { $0 ? .met : .unmet } ?? .unknown, value: value, against: against, law: law))
        return met
    }

    /// Notes that a number may not be above a limit; a number that is not known is missed under its name.
    mutating func most(
        _ key: String, _ what: Bilingual, _ fact: String, _ number: Int?, _ limit: Int64, _ law: LawReference,
        unit: Bilingual = Bilingual("项", "")
    ) -> Bool? {
        if number == nil { misses(fact) }
        return condition(
            key, what, number.map { Int64($0) <= limit }, value: number.map { .number(Int64($0), unit: unit) },
            against: .number(limit, unit: unit), law)
    }
}
