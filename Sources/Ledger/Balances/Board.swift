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

/// The budget board: sums over the accounts' own balances, never over legs.
public enum Board {
    /// All programmes of a budget year by code; the empty code stands for accounts of no programme.
    public static func of(year: Int, _ tx: Tx) throws -> [BoardLine] {
        var found: [String: [AccountKind: BoardLine.Station]] = [:]
        for row in try tx.rows(
            """
            SELECT COALESCE(programme, '') AS programme, kind, SUM(in_fen) AS in_fen, SUM(out_fen) AS out_fen,
                SUM(held_out_fen) AS held_fen
            FROM ledger_account WHERE year = \(year) GROUP BY programme, kind
            """)
        {
            let inward: Money = try row["in_fen"]
            found[try row["programme"], default: [:]][try row["kind"]] = .init(
                inward: inward, balance: inward - (try row["out_fen"] as Money), heldOut: try row["held_fen"])
        }
        return found.map { BoardLine(programme: $0.key, stations: $0.value) }.sorted { $0.programme < $1.programme }
    }

    /// Budget years that the books know, newest first.
    public static func years(_ tx: Tx) throws -> [Int] {
        try tx.rows("SELECT DISTINCT year FROM ledger_account ORDER BY year DESC") { try $0["year"] as Int }
    }
}
