public import Kernel
import Ledger
import Store

/// How far a project's spending has come beside its money and its time.
public struct SpendingProgress: Codable, Hashable, Sendable {
    public let project: Project
    public let paid: Money
    public let spent: Money
    /// Thousandths of the term that have passed.
    public let elapsed: Int
    /// Whether less is spent than the city expects by now.
    public let isSlow: Bool

    /// Thousandths of what is paid that are spent; nil where nothing is paid.
    public var share: Int? { paid > .zero ? Int(spent.fen * 1_000 / paid.fen) : nil }
}

extension Money {
    /// How many hundredths of a sum this is, to the nearest; what is less than all of it is never called 100. Nil where
    /// the sum is nothing.
    func percent(of whole: Money) -> Int64? {
        guard whole > .zero else { return nil }
        let nearest = (fen * 200 + whole.fen) / (whole.fen * 2)
        return self < whole ? min(99, nearest) : nearest
    }
}

/// What counts as slow, by the city's numbers of a day.
struct SlowRule {
    let months: Legal<Int64>
    let share: Legal<Int64>
    let day: Day

    /// - Throws: ``RuleBookError``.
    init(_ law: Law) throws(RuleBookError) {
        months = try law.number("spending.slow.months")
        share = try law.number("spending.slow.share")
        day = law.day
    }

    /// Projects that began later are not looked at yet.
    var latestStart: Day { day.adding(months: -Int(months.value)) }

    /// Whether spending lags: below the share of what should be spent by the passed part of the term.
    func isSlow(_ project: Project, paid: Money, spent: Money, elapsed: Int) -> Bool {
        guard project.step == "running", let starts = project.startsOn, starts <= latestStart, paid > .zero else {
            return false
        }
        return spent.fen * 1_000 < paid.fen / 1_000 * Int64(elapsed) * share.value
    }

    static func elapsed(_ project: Project, on day: Day) -> Int {
        guard let starts = project.startsOn, let ends = project.endsOn, ends > starts else { return 0 }
        let (gone, whole) = (min(day.number, ends.number) - starts.number + 1, ends.number - starts.number + 1)
        return max(0, gone * 1_000 / whole)
    }
}

/// Which projects a list of progress asks for.
struct ProgressFilter: Hashable {
    var year: Int?
    var programme: ID<Programme>?
    var isSlow = false
}

enum ProgressStore {
    /// A page of projects with their money, newest year first, after a year and number, in one query.
    static func list(
        _ filter: ProgressFilter, _ rule: SlowRule, after cursor: (year: Int, number: String)? = nil, limit: Int,
        _ tx: Tx
    ) throws -> [SpendingProgress] {
        var conditions: [SQL] = ["p.starts_on IS NOT NULL"]
        if let year = filter.year { conditions.append("p.year = \(year)") }
        if let programme = filter.programme { conditions.append("p.programme = \(programme)") }
        if let cursor { conditions.append("(p.year, p.number) < (\(cursor.year), \(cursor.number))") }
        let paid = Balances.sum(.paid, project: "p.number", isInward: true)
        let spent = Balances.sum(.spent, project: "p.number")
        if filter.isSlow {
            let days = ProgressStore.days
            conditions += [
                "p.step = 'running'", "p.starts_on <= \(rule.latestStart)", "p.ends_on > p.starts_on",
                "\(paid) > 0",
                """
                \(spent) * 1000 < (\(paid) / 1000)
                    * ((\(days("p.starts_on", "\(rule.day)", "p.ends_on")) + 1) * 1000
                        / (\(days("p.starts_on", "p.ends_on", "p.ends_on")) + 1)) * \(rule.share.value)
                """,
            ]
        }
        return try tx.rows(
            """
            SELECT p.*, \(paid) AS paid_fen, \(spent) AS spent_fen FROM project p
            WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY p.year DESC, p.number DESC LIMIT \(limit)
            """
        ) { row in
            let project = try Project(row: row)
            let (paid, spent): (Money, Money) = (try row["paid_fen"], try row["spent_fen"])
            let elapsed = SlowRule.elapsed(project, on: rule.day)
            return SpendingProgress(
                project: project, paid: paid, spent: spent, elapsed: elapsed,
                isSlow: rule.isSlow(project, paid: paid, spent: spent, elapsed: elapsed))
        }
    }

    /// Days between two days, the second not after a last one.
    private static func days(_ from: SQL, _ to: SQL, _ last: SQL) -> SQL {
        SQL.only(
            sqlite: "CAST(julianday(MIN(\(to), \(last))) - julianday(\(from)) AS INTEGER)",
            postgres: "(LEAST(\(to), \(last))::date - (\(from))::date)")
    }

    /// What a project's accepted vouchers of each month add up to, by the month of the voucher.
    static func months(project: ID<CaseFile>, _ tx: Tx) throws -> [(month: String, spent: Money)] {
        try tx.rows(
            """
            SELECT SUBSTR(day, 1, 7) AS month, SUM(amount_fen) AS sum_fen FROM voucher
            WHERE project = \(project) AND state IN ('accepted', 'withdrawing') GROUP BY SUBSTR(day, 1, 7) ORDER BY 1
            """
        ) { (try $0["month"], try $0["sum_fen"]) }
    }

    /// Budget years with paid and spent money, newest first, at most so many.
    static func years(_ limit: Int, _ tx: Tx) throws -> [(year: Int, lines: [BoardLine])] {
        try Board.years(tx).prefix(limit).map { ($0, try Board.of(year: $0, tx)) }
    }
}
