import Kernel
import Ledger
import Store

/// What the ends of years moved between the accounts of budgets. What a year leaves over was granted for that year:
/// figures of the next one show it apart, or it would be counted twice.
struct YearEndMoves: Sendable {
    private struct Move: Sendable {
        let from: LedgerAccount
        let to: LedgerAccount
        let month: Month
        let amount: Money
    }

    private let year: Int
    private let moves: [Move]

    /// The moves into and out of the accounts of a budget year, in one query over the few cases of years' ends.
    static func of(year: Int, _ tx: Tx) throws -> YearEndMoves {
        let moves = try tx.rows(
            """
            SELECT o.account AS source, i.account AS target, substr(p.day, 1, 7) AS month, SUM(i.in_fen) AS fen
            FROM case_file c JOIN ledger_posting p ON p.case_id = c.id
            JOIN ledger_leg o ON o.posting = p.id AND o.out_fen > 0
            JOIN ledger_leg i ON i.posting = p.id AND i.in_fen > 0
            WHERE c.procedure = \(BudgetHooks.yearEndProcedure)
            GROUP BY o.account, i.account, substr(p.day, 1, 7)
            """
        ) { row in
            Move(from: try row["source"], to: try row["target"], month: try row["month"], amount: try row["fen"])
        }
        return YearEndMoves(year: year, moves: moves.filter { $0.from.year == year || $0.to.year == year })
    }

    private func sum(_ isMeant: (Move) -> Bool) -> Money { Money.sum(moves.filter(isMeant).map(\.amount)) }

    /// What came into an account from the year before.
    func carried(into account: LedgerAccount) -> Money { sum { $0.to == account && $0.from.year < account.year } }

    /// What left an account at the end of its year: into the next one, or lapsed. What lapsed budgets gave back to
    /// their appropriation has left the budgets, and only passed through it.
    func settled(from account: LedgerAccount) -> Money {
        sum { $0.from == account } - sum { $0.to == account && $0.from.year == account.year }
    }

    /// All that came into the year from the one before.
    var carriedIn: Money { sum { $0.to.year == year && $0.from.year < year } }

    /// All that left the year at its end.
    var settledOut: Money { sum { $0.from.year == year && ($0.to.year > year || $0.to.kind == .lapsed) } }

    /// What of the year lapsed, in one month or at all.
    func lapsed(in month: Month? = nil) -> Money {
        sum { $0.from.year == year && $0.to.kind == .lapsed && (month == nil || $0.month == month) }
    }
}
