public import Kernel

/// A month of a career: `2024-03`.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Months since year 0.
    let number: Int

    init(number: Int) { self.number = number }

    /// Reads `YYYY-MM`.
    public init?(_ text: String) {
        guard text.utf8.count == 7, let day = Day("\(text)-01") else { return nil }
        self.init(of: day)
    }

    public init(of day: Day) { number = day.parts.year * 12 + day.parts.month - 1 }

    public static func < (left: Month, right: Month) -> Bool { left.number < right.number }

    public var description: String {
        let month = number % 12 + 1
        return "\(number / 12)-\(month < 10 ? "0" : "")\(month)"
    }
}

/// A career month by month: overlaps are fine, gaps are not.
public enum Career {
    /// A stretch of the career.
    public struct Stretch: Hashable, Sendable {
        public let from: Month
        public let to: Month

        public init(from: Month, to: Month) {
            self.from = from
            self.to = to
        }
    }

    /// Months that no stretch covers, from the first one until the month of a day.
    public static func gaps(_ stretches: [Stretch], until day: Day) -> [Stretch] {
        let ordered = stretches.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
        guard let first = ordered.first else { return [] }
        let last = Month(of: day)
        var gaps: [Stretch] = []
        var covered = first.to
        for stretch in ordered.dropFirst() {
            if stretch.from.number > covered.number + 1 {
                gaps.append(
                    Stretch(from: Month(number: covered.number + 1), to: Month(number: stretch.from.number - 1)))
            }
            covered = max(covered, stretch.to)
        }
        // The running month need not be over.
        if covered.number + 1 < last.number {
            gaps.append(Stretch(from: Month(number: covered.number + 1), to: Month(number: last.number - 1)))
        }
        return gaps
    }

    /// Reads the rows of the form.
    /// - Returns: stretches, and problems of rows that cannot be read.
    static func read(_ rows: [JSONValue]) -> (stretches: [Stretch], problems: [FieldProblem]) {
        var stretches: [Stretch] = []
        var problems: [FieldProblem] = []
        for (index, row) in rows.enumerated() {
            var months: [Month?] = []
            for name in ["from", "to"] {
                let month = row[name]?.string.flatMap { Month($0) }
                if month == nil, row[name]?.string != nil {
                    problems.append(
                        FieldProblem(
                            field: "cv.\(index).\(name)", code: "cv.month",
                            message: Bilingual("年月请写作 2024-03", "Write the month as 2024-03")))
                }
                months.append(month)
            }
            guard let from = months[0], let to = months[1] else { continue }
            if to < from {
                problems.append(
                    FieldProblem(
                        field: "cv.\(index).to", code: "cv.order",
                        message: Bilingual("止不能早于起", "The end lies before the beginning")))
            } else {
                stretches.append(Stretch(from: from, to: to))
            }
        }
        return (stretches, problems)
    }
}
