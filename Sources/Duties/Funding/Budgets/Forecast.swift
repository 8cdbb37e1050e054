import Kernel
import Ledger
import Store

/// What contracts promise to pay in a month: tranches that are planned or ordered, on their planned day, or where they
/// have none at the end of the project's term.
struct ForecastMonth: Hashable, Sendable {
    /// Nil for tranches with neither day nor term.
    let month: Month?
    /// By code of the programme, in fen.
    let programmes: [String: Money]
    let tranches: Int

    var total: Money { Money.sum(programmes.values) }
}

/// Payments to come.
enum Forecast {
    /// This year's and next year's months in which something is due; what is overdue counts in the present month.
    static func of(_ today: Day, _ tx: Tx) throws -> [ForecastMonth] {
        let last = Day(year: today.parts.year + 1, month: 12, day: 31) ?? today
        let rows = try tx.rows(
            """
            SELECT g.code, substr(COALESCE(t.due_on, p.ends_on), 1, 7) AS month, SUM(t.amount_fen) AS fen,
                COUNT(*) AS tranches
            FROM tranche t JOIN project p ON p.case_id = t.project JOIN programme g ON g.id = p.programme
            WHERE t.state IN ('planned', 'ordered') AND (t.due_on IS NULL OR t.due_on <= \(last))
            GROUP BY g.code, substr(COALESCE(t.due_on, p.ends_on), 1, 7)
            """
        ) { row -> (code: String, month: Month?, fen: Money, tranches: Int) in
            let text: String? = try row["month"]
            return (try row["code"], text.flatMap { Month($0) }, try row["fen"], try row["tranches"])
        }
        let (first, end) = (Month(today), Month(last))
        var months: [Month?: (programmes: [String: Money], tranches: Int)] = [:]
        for row in rows {
            if let month = row.month, month > end { continue }
            let month = row.month.map { max($0, first) }
            var item = months[month] ?? ([:], 0)
            item.programmes[row.code] = (item.programmes[row.code] ?? .zero) + row.fen
            item.tranches += row.tranches
            months[month] = item
        }
        return months.map { ForecastMonth(month: $0.key, programmes: $0.value.programmes, tranches: $0.value.tranches) }
            .sorted { one, other in
                guard let left = one.month, let right = other.month else { return one.month != nil }
                return left < right
            }
    }
}
