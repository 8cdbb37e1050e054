public import Kernel
public import Store

/// All accounts of one kind added up.
public struct TrialLine: Codable, Hashable, Sendable {
    public let kind: AccountKind
    public let accounts: Int
    public let inward: Money
    public let outward: Money

    /// What accounts of this kind hold together; all kinds together hold zero.
    public var balance: Money { inward - outward }
}

/// The trial balance: what all accounts hold, by kind.
public enum TrialBalance {
    /// One line for each kind that has accounts, in the order of their names.
    public static func lines(_ tx: Tx) throws -> [TrialLine] {
        try tx.rows(
            """
            SELECT kind, COUNT(*) AS accounts, SUM(in_fen) AS in_fen, SUM(out_fen) AS out_fen
            FROM ledger_account GROUP BY kind ORDER BY kind
            """
        ) { row in
            TrialLine(
                kind: try row["kind"], accounts: try row["accounts"], inward: try row["in_fen"],
                outward: try row["out_fen"])
        }
    }
}
