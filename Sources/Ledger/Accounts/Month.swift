public import Kernel
public import Store

/// A month of the books, written `2026-03`.
public struct Month: Hashable, Comparable, Codable, Sendable, CustomStringConvertible, SQLConvertible {
    /// Months since year 0.
    let number: Int

    /// The month of a day.
    public init(_ day: Day) {
        let (year, month, _) = day.parts
        number = year * 12 + month - 1
    }

    /// Reads `YYYY-MM` exactly.
    public init?(_ text: String) {
        guard let day = Day("\(text)-01") else { return nil }
        self.init(day)
    }

    public var firstDay: Day { Day(year: number / 12, month: number % 12 + 1, day: 1) ?? Day(number: 0) }
    public var lastDay: Day { Month(number: number + 1).firstDay.adding(days: -1) }

    private init(number: Int) { self.number = number }

    public static func < (left: Month, right: Month) -> Bool { left.number < right.number }
    public var description: String { String(firstDay.description.prefix(7)) }

    public var sqlValue: SQLValue { .text(description) }
    public init(sqlValue: SQLValue) throws {
        guard let month = Month(try String(sqlValue: sqlValue)) else {
            throw SQLConversionError(wanted: "month", found: sqlValue)
        }
        self = month
    }
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let month = Month(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a month YYYY-MM")
        }
        self = month
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
