public import Kernel
public import Store

/// A programme's money of one budget year, station by station.
public struct BoardLine: Hashable, Codable, Sendable {
    public let programme: String
    /// What went into each kind of account, and what lies there now.
    public let stations: [AccountKind: Station]

    public struct Station: Hashable, Codable, Sendable {
        public let inward: Money
        public let balance: Money
        public let heldOut: Money
    }

    public subscript(_ kind: AccountKind) -> Station {
        stations[kind] ?? Station(inward: .zero, balance: .zero, heldOut: .zero)
    }
}

/// The budget board: sums over months that are kept, never over accounts, days or legs.
public enum Board {
    /// All programmes of a budget year by code; the empty code stands for accounts of no programme.
    public static func of(year: Int, _ tx: Tx) throws -> [BoardLine] {
        try lines(MonthSums.of(year: year, tx), year: year, tx)
    }

    /// The same out of sums that were read already.
    public static func lines(_ months: [MonthSum], year: Int, _ tx: Tx) throws -> [BoardLine] {
        var sums: [String: [AccountKind: (inward: Money, outward: Money)]] = [:]
        for item in months {
            let sum = sums[item.programme]?[item.kind] ?? (.zero, .zero)
            sums[item.programme, default: [:]][item.kind] = (sum.inward + item.inward, sum.outward + item.outward)
        }
        var held: [String: [AccountKind: Money]] = [:]
        // Of these a programme has one account, or one a call.
        for row in try tx.rows(
            """
            SELECT COALESCE(programme, '') AS programme, kind, SUM(held_out_fen) AS held_fen FROM ledger_account
            WHERE year = \(year) AND kind IN ('appropriation', 'budget', 'reserve') GROUP BY programme, kind
            """)
        {
            held[try row["programme"], default: [:]][try row["kind"]] = try row["held_fen"]
        }
        let names = Set(sums.keys).union(held.keys)
        return names.sorted().map { name in
            let kinds = Set((sums[name] ?? [:]).keys).union((held[name] ?? [:]).keys)
            var stations: [AccountKind: BoardLine.Station] = [:]
            for kind in kinds {
                let sum = sums[name]?[kind] ?? (.zero, .zero)
                stations[kind] = .init(
                    inward: sum.inward, balance: sum.inward - sum.outward, heldOut: held[name]?[kind] ?? .zero)
            }
            return BoardLine(programme: name, stations: stations)
        }
    }

    /// Budget years that the books know, newest first.
    public static func years(_ tx: Tx) throws -> [Int] {
        // Jumps from year to year in the index instead of walking through all accounts.
        try tx.rows(
            """
            WITH RECURSIVE known (year) AS (
                SELECT MAX(year) FROM ledger_account
                UNION ALL
                SELECT (SELECT MAX(year) FROM ledger_account WHERE year < known.year) FROM known
                WHERE known.year IS NOT NULL)
            SELECT year FROM known WHERE year IS NOT NULL ORDER BY year DESC
            """
        ) { try $0["year"] as Int }
    }
}
