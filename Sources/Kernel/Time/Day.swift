public import Store

/// A civil day in the city's zone, as the law counts days: days since 1970-01-01; printed and stored `YYYY-MM-DD`.
public struct Day: Hashable, Comparable, Codable, Sendable, SQLConvertible, CustomStringConvertible {
    /// Days since 1970-01-01.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// The day of a Gregorian date, or nil where there is no such date.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Day.length(ofMonth: month, year: year)
        else { return nil }
        // Civil-from-days arithmetic on a year that starts in March.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    /// Reads `YYYY-MM-DD` exactly.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month (1–12) and day of the month (1–31).
    public var parts: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    public static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    /// 0001-01-01 and 9999-12-31: the first and the last day that can be written.
    static let first = Day(number: -719_162)
    static let last = Day(number: 2_932_896)

    /// This day moved by a number of calendar days, no further than the first and the last day that can be written.
    public func adding(days: Int) -> Day {
        let (sum, isOver) = number.addingReportingOverflow(days)
        if isOver { return days < 0 ? .first : .last }
        return Day(number: min(max(sum, Day.first.number), Day.last.number))
    }

    public var description: String {
        let (year, month, day) = parts
        guard (0...9999).contains(year) else { return "\(year)-\(padded(month, 2))-\(padded(day, 2))" }
        var bytes: [UInt8] = Array("0000-00-00".utf8)
        for (place, value) in [(3, year), (6, month), (9, day)] {
            var (place, rest) = (place, value)
            while rest > 0 {
                bytes[place] += UInt8(rest % 10)
                (place, rest) = (place - 1, rest / 10)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    public var sqlValue: SQLValue { .text(description) }
    public init(sqlValue: SQLValue) throws {
        guard let day = Day(try String(sqlValue: sqlValue)) else {
            throw SQLConversionError(wanted: "day", found: sqlValue)
        }
        self = day
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = Day(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a day YYYY-MM-DD")
        }
        self = day
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
