/// A length of time as the law counts it.
public enum Period: Sendable, Hashable, Codable {
    case workingDays(Int)
    case calendarDays(Int)
    case months(Int)
    case years(Int)

    /// The last day of the period: the start day is not counted (民法典 201); months and years end on the
    /// corresponding day (202); a last day that is no working day moves on to the next one (203). Working-day periods
    /// skip days off (行政许可法 82).
    /// - Throws: ``CalendarError/beyondKnowledge(_:from:through:)``.
    public func end(after start: Day, _ calendar: WorkCalendar) throws(CalendarError) -> Day {
        switch self {
        case .workingDays(let days): try calendar.adding(workingDays: days, to: start)
        default: try calendar.firstWorking(onOrAfter: plainEnd(after: start))
        }
    }

    /// The last day by the calendar alone, before it moves off a rest day; working days count as calendar days.
    func plainEnd(after start: Day) -> Day {
        switch self {
        case .workingDays(let days), .calendarDays(let days): start.adding(days: days)
        case .months(let months): start.adding(months: months)
        case .years(let years): start.adding(years: years)
        }
    }

    /// This length and another of the same kind; nil for two kinds.
    func adding(_ more: Period) -> Period? {
        switch (self, more) {
        case (.workingDays(let one), .workingDays(let two)): .workingDays(one + two)
        case (.calendarDays(let one), .calendarDays(let two)): .calendarDays(one + two)
        case (.months(let one), .months(let two)): .months(one + two)
        case (.years(let one), .years(let two)): .years(one + two)
        default: nil
        }
    }

    public var text: Bilingual {
        switch self {
        case .workingDays(let days): Bilingual("\(days) 个工作日", counted(days, "working day"))
        case .calendarDays(let days): Bilingual("\(days) 日", counted(days, "calendar day"))
        case .months(let months): Bilingual("\(months) 个月", counted(months, "month"))
        case .years(let years): Bilingual("\(years) 年", counted(years, "year"))
        }
    }

    /// As files write it: ``init(_:)`` reads it, and the unit is the same for a one.
    private var written: String {
        switch self {
        case .workingDays(let days): "\(days) working days"
        case .calendarDays(let days): "\(days) calendar days"
        case .months(let months): "\(months) months"
        case .years(let years): "\(years) years"
        }
    }

    /// Reads `5 working days`, `10 calendar days`, `3 months` or `1 years`; nil for anything else.
    public init?(_ text: String) {
        guard let space = text.firstIndex(of: " "), let count = Int(text[..<space]), count >= 0 else { return nil }
        switch text[text.index(after: space)...] {
        case "working days": self = .workingDays(count)
        case "calendar days": self = .calendarDays(count)
        case "months": self = .months(count)
        case "years": self = .years(count)
        default: return nil
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let period = Period(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a period such as 5 working days")
        }
        self = period
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(written)
    }
}
