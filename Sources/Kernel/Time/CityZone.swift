internal import Foundation

/// The city's civil time: which day it is there, and when a day begins and ends.
public struct CityZone: Sendable, Hashable {
    private let zone: TimeZone

    /// - Parameter name: an IANA name such as `Asia/Shanghai`; nil where there is no such zone.
    public init?(name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    private func offset(at instant: Instant) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(instant.microseconds / 1_000_000))
        return Int64(zone.secondsFromGMT(for: date)) * 1_000_000
    }

    /// The civil day of a moment.
    public func day(of instant: Instant) -> Day {
        let local = instant.microseconds + offset(at: instant)
        let length: Int64 = 86_400_000_000
        return Day(number: Int(local >= 0 ? local / length : (local - length + 1) / length))
    }

    /// The first moment of a day.
    public func start(of day: Day) -> Instant {
        let guess = Instant(microseconds: Int64(day.number) * 86_400_000_000)
        let first = Instant(microseconds: guess.microseconds - offset(at: guess))
        return Instant(microseconds: guess.microseconds - offset(at: first))
    }

    /// 24:00 of a day: the first moment that no longer belongs to it.
    public func end(of day: Day) -> Instant { start(of: day.adding(days: 1)) }

    /// The moment of a day at a time of it such as `09:30`; nil where that is no time.
    public func moment(of day: Day, at time: String) -> Instant? {
        let parts = time.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        return start(of: day).adding(seconds: hour * 3_600 + minute * 60)
    }

    /// Day and time as shown, `2026-11-24 17:05`.
    public func clockText(_ instant: Instant) -> String {
        let day = day(of: instant)
        let minutes = Int((instant.microseconds - start(of: day).microseconds) / 60_000_000)
        return "\(day) \(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }
}

extension Day {
    /// The day as people write it: `2026年11月24日`, `24 November 2026`.
    public func text(_ language: Language) -> String {
        let (year, month, day) = parts
        switch language {
        case .chinese: return "\(year)年\(month)月\(day)日"
        case .english: return "\(day) \(Day.months[month - 1]) \(year)"
        }
    }

    /// The day in both languages.
    public var bilingual: Bilingual { Bilingual(text(.chinese), text(.english)) }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// 1 for Monday to 7 for Sunday.
    public var weekday: Int { ((number + 3) % 7 + 7) % 7 + 1 }

    /// The corresponding day some months on, or the last of that month where there is none (民法典 202); no further
    /// than the first and the last day that can be written.
    public func adding(months: Int) -> Day {
        let (year, month, day) = parts
        let (total, isOver) = (year * 12 + (month - 1)).addingReportingOverflow(months)
        if isOver { return months < 0 ? .first : .last }
        guard total >= 12 else { return .first }
        let (newYear, newMonth) = (total / 12, total % 12 + 1)
        let last = Day.length(ofMonth: newMonth, year: newYear)
        return Day(year: newYear, month: newMonth, day: min(day, last)) ?? .last
    }

    /// The corresponding day some years on, by the rule of ``adding(months:)``.
    public func adding(years: Int) -> Day {
        let (months, isOver) = years.multipliedReportingOverflow(by: 12)
        return isOver ? (years < 0 ? .first : .last) : adding(months: months)
    }
}
