/// A stretch in which a clock stands still; both days are included.
public struct Suspension: Codable, Hashable, Sendable {
    public let from: Day
    /// Nil while it lasts.
    public let to: Day?
    public let reason: Bilingual

    public init(from: Day, to: Day?, reason: Bilingual) {
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// One day that the clock did not count, or by which the end moved.
public struct ClockNote: Codable, Hashable, Sendable {
    public let day: Day
    public let reason: Bilingual
}

/// A budget of days on a case, with its suspensions; its due day is derived, never typed in.
public struct LegalClock: Codable, Hashable, Sendable {
    public let start: Day
    public let period: Period
    public var suspensions: [Suspension]

    public init(start: Day, period: Period, suspensions: [Suspension] = []) {
        self.start = start
        self.period = period
        self.suspensions = suspensions
    }

    /// The last day; nil while the clock is suspended without an end.
    /// - Throws: ``CalendarError/beyondKnowledge(_:from:through:)``.
    public func due(_ calendar: WorkCalendar) throws(CalendarError) -> Day? { try run(calendar)?.due }

    /// Every day that was skipped or moved, and why.
    public func explanation(_ calendar: WorkCalendar) throws(CalendarError) -> [ClockNote] {
        try run(calendar)?.notes ?? []
    }

    /// Days left on a day, in the period's own kind of days; negative when late, nil while suspended without an end.
    public func left(on day: Day, _ calendar: WorkCalendar) throws(CalendarError) -> Int? {
        guard let due = try due(calendar) else { return nil }
        if case .workingDays = period { return try calendar.workingDays(after: day, through: due) }
        return due.number - day.number
    }

    private func suspension(on day: Day) -> Suspension? {
        suspensions.first { $0.from <= day && ($0.to.map { day <= $0 } ?? true) }
    }

    private func run(_ calendar: WorkCalendar) throws(CalendarError) -> (due: Day, notes: [ClockNote])? {
        var notes: [ClockNote] = []
        var day = start
        var left: Int
        let countsWork: Bool
        if case .workingDays(let days) = period {
            left = days
            countsWork = true
        } else {
            left = period.plainEnd(after: start).number - start.number
            countsWork = false
        }
        while left > 0 {
            day = day.adding(days: 1)
            if let stop = suspension(on: day) {
                guard stop.to != nil else { return nil }
                notes.append(ClockNote(day: day, reason: stop.reason))
            } else if countsWork, try !calendar.isWorking(day) {
                notes.append(ClockNote(day: day, reason: calendar.reason(for: day) ?? Bilingual("休息日", "day off")))
            } else {
                left -= 1
            }
        }
        // A last day that is no working day moves on (民法典 203).
        while !countsWork, try !calendar.isWorking(day) {
            notes.append(ClockNote(day: day, reason: calendar.reason(for: day) ?? Bilingual("休息日", "day off")))
            day = day.adding(days: 1)
        }
        return (day, notes)
    }
}
