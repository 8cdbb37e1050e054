internal import Foundation
internal import YAMLReading

/// Which days are worked, by the State Council's notices: known for whole years, refused beyond.
public struct WorkCalendar: Sendable {
    /// One year as its notice sets it.
    struct Year: Decodable {
        struct Festival: Decodable {
            let name: Bilingual
            let from: Day
            let to: Day
            /// Weekend days that are worked instead.
            let worked: [Day]?
        }

        let year: Int
        let document: Bilingual
        let source: String
        let festivals: [Festival]
    }

    private let off: [Day: Bilingual]
    private let worked: [Day: Bilingual]
    /// First and last day of the years that are known.
    public let knownFrom: Day
    public let knownThrough: Day

    /// Reads a calendar file.
    /// - Throws: ``CalendarError/faulty(_:)`` with every fault.
    public static func load(_ path: String) throws(CalendarError) -> WorkCalendar {
        let years: [Year]
        do {
            years = try YAMLReader.decode([Year].self, from: String(contentsOfFile: path, encoding: .utf8))
        } catch {
            throw .faulty(["\(path): \(error)"])
        }
        return try WorkCalendar(years)
    }

    init(_ years: [Year]) throws(CalendarError) {
        var faults: [String] = []
        var off: [Day: Bilingual] = [:]
        var worked: [Day: Bilingual] = [:]
        for (earlier, later) in zip(years, years.dropFirst()) where later.year != earlier.year + 1 {
            faults.append("after \(earlier.year) comes \(later.year)")
        }
        for year in years {
            for festival in year.festivals {
                if festival.to < festival.from || festival.to.number - festival.from.number > 20 {
                    faults.append("\(year.year): \(festival.name.zh) ends before it begins, or is too long")
                    continue
                }
                for number in festival.from.number...festival.to.number {
                    off[Day(number: number)] = festival.name
                }
                for day in festival.worked ?? [] {
                    if day.weekday < 6 { faults.append("\(year.year): \(day) is no weekend day") }
                    worked[day] = Bilingual("\(festival.name.zh)调休上班", "worked instead of \(festival.name.en)")
                }
            }
        }
        for day in worked.keys where off[day] != nil { faults.append("\(day) is both off and worked") }
        guard let first = years.first, let last = years.last,
            let from = Day(year: first.year, month: 1, day: 1), let through = Day(year: last.year, month: 12, day: 31)
        else { throw .faulty(["no years"]) }
        guard faults.isEmpty else { throw .faulty(faults) }
        self.off = off
        self.worked = worked
        knownFrom = from
        knownThrough = through
    }

    private func requireKnown(_ day: Day) throws(CalendarError) {
        guard knownFrom <= day, day <= knownThrough else {
            throw .beyondKnowledge(day, from: knownFrom, through: knownThrough)
        }
    }

    /// Whether a day is worked.
    /// - Throws: ``CalendarError/beyondKnowledge(_:from:through:)`` rather than guess.
    public func isWorking(_ day: Day) throws(CalendarError) -> Bool {
        try requireKnown(day)
        if worked[day] != nil { return true }
        return off[day] == nil && day.weekday < 6
    }

    /// Why a day is off or worked against the week; nil for an ordinary working day.
    public func reason(for day: Day) -> Bilingual? {
        if let reason = worked[day] ?? off[day] { return reason }
        return day.weekday >= 6 ? Bilingual("周末", "weekend") : nil
    }

    /// The last of a number of working days after a day, which itself is not counted (民法典 201).
    public func adding(workingDays: Int, to start: Day) throws(CalendarError) -> Day {
        guard workingDays > 0 else { return start }
        var day = start
        var left = workingDays
        while left > 0 {
            day = day.adding(days: 1)
            if try isWorking(day) { left -= 1 }
        }
        return day
    }

    /// How many working days lie after `start`, up to and with `end`; negative where `end` is before `start`.
    public func workingDays(after start: Day, through end: Day) throws(CalendarError) -> Int {
        if end < start { return -(try workingDays(after: end, through: start)) }
        var count = 0
        var day = start
        while day < end {
            day = day.adding(days: 1)
            if try isWorking(day) { count += 1 }
        }
        return count
    }

    /// The day itself, or the first working day after it (民法典 203).
    public func firstWorking(onOrAfter start: Day) throws(CalendarError) -> Day {
        var day = start
        while try !isWorking(day) { day = day.adding(days: 1) }
        return day
    }
}

/// The calendar cannot say.
public enum CalendarError: Problem, Hashable {
    case beyondKnowledge(Day, from: Day, through: Day)
    case faulty([String])

    public var kind: ProblemKind {
        switch self {
        case .beyondKnowledge: .conflict
        case .faulty: .broken
        }
    }

    public var code: String {
        switch self {
        case .beyondKnowledge: "calendar.beyond-knowledge"
        case .faulty: "calendar.faulty"
        }
    }

    public var message: Bilingual {
        switch self {
        case .beyondKnowledge(let day, let from, let through):
            Bilingual(
                "无法计算 \(day)：放假安排只公布到 \(through)（自 \(from) 起）。",
                "Cannot count to \(day): days off are published from \(from) to \(through) only.")
        case .faulty(let faults):
            Bilingual("日历有误：\(faults.joined(separator: "；"))", "Faulty calendar: \(faults.joined(separator: "; "))")
        }
    }
}
