public import Kernel
public import Store

/// What an account holds.
public struct AccountBalance: Hashable, Codable, Sendable {
    public let account: LedgerAccount
    /// All that went in and out, reversals taken off.
    public let inward: Money
    public let outward: Money
    /// Held back by reservations: to come in, to go out.
    public let heldIn: Money
    public let heldOut: Money
    public let cap: Money?

    public var balance: Money { inward - outward }
    /// What may still leave the account; a source may always give.
    public var available: Money { balance - heldOut }

    init(row: Row) throws {
        account = try row["id"]
        inward = try row["in_fen"]
        outward = try row["out_fen"]
        heldIn = try row["held_in_fen"]
        heldOut = try row["held_out_fen"]
        cap = try row["cap_fen"]
    }
}

/// One line of an account's statement.
public struct StatementLine: Hashable, Codable, Sendable {
    public let posting: ID<StoredPosting>
    public let kind: StoredPosting.Kind
    public let day: Day
    public let text: String
    public let inward: Money
    public let outward: Money
    /// The balance after this line; reservations do not change it.
    public let balance: Money
}

/// Reads balances and statements.
public enum Balances {
    /// What an account holds now; nil where it was never used.
    public static func now(_ account: LedgerAccount, _ tx: Tx) throws -> AccountBalance? {
        try tx.first("SELECT * FROM ledger_account WHERE id = \(account)", AccountBalance.init(row:))
    }

    /// What several accounts hold now; those that were never used are left out.
    public static func all(_ accounts: [LedgerAccount], _ tx: Tx) throws -> [LedgerAccount: AccountBalance] {
        let found = try tx.rows(
            "SELECT * FROM ledger_account WHERE id IN \(list: accounts)", AccountBalance.init(row:))
        return Dictionary(found.map { ($0.account, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The balance at the end of a day.
    public static func on(_ day: Day, _ account: LedgerAccount, _ tx: Tx) throws -> Money {
        let row = try tx.first(
            """
            SELECT COALESCE(SUM(in_fen), 0) AS in_fen, COALESCE(SUM(out_fen), 0) AS out_fen
            FROM ledger_day WHERE account = \(account) AND day <= \(day)
            """)
        guard let row else { return .zero }
        return try (row["in_fen"] as Money) - row["out_fen"]
    }

    /// Accounts of a kind and year, by name, after one.
    public static func list(
        year: Int, kind: AccountKind, programme: String? = nil, after: LedgerAccount? = nil, limit: Int, _ tx: Tx
    ) throws -> [AccountBalance] {
        let owned: SQL = programme.map { "AND programme = \($0)" } ?? ""
        let rest: SQL = after.map { "AND id > \($0)" } ?? ""
        return try tx.rows(
            """
            SELECT * FROM ledger_account WHERE year = \(year) AND kind = \(kind) \(owned) \(rest)
            ORDER BY id LIMIT \(limit)
            """, AccountBalance.init(row:))
    }

    /// All accounts of a project, by name.
    public static func list(project: String, _ tx: Tx) throws -> [AccountBalance] {
        try tx.rows(
            "SELECT * FROM ledger_account WHERE project = \(LedgerAccount.code(project)) ORDER BY id",
            AccountBalance.init(row:))
    }

    /// A page of an account's statement, newest first, before a day and posting.
    public static func statement(
        of account: LedgerAccount, before cursor: (day: Day, posting: ID<StoredPosting>)? = nil, limit: Int, _ tx: Tx
    ) throws -> [StatementLine] {
        let rest: SQL = cursor.map { "AND (l.day, l.posting) < (\($0.day), \($0.posting))" } ?? ""
        let rows = try tx.rows(
            """
            SELECT l.posting, l.day, l.held, l.in_fen, l.out_fen, p.kind, p.text
            FROM ledger_leg l JOIN ledger_posting p ON p.id = l.posting
            WHERE l.account = \(account) \(rest) ORDER BY l.day DESC, l.posting DESC LIMIT \(limit)
            """)
        guard let first = rows.first else { return [] }
        let (day, newest): (Day, ID<StoredPosting>) = (try first["day"], try first["posting"])
        // The end of the newest day, less what moved on that day after the first line.
        let after = try tx.first(
            """
            SELECT COALESCE(SUM(in_fen), 0) AS in_fen, COALESCE(SUM(out_fen), 0) AS out_fen FROM ledger_leg
            WHERE account = \(account) AND day = \(day) AND posting > \(newest) AND NOT held
            """)
        var balance = try on(day, account, tx)
        if let after { balance = try balance - (after["in_fen"] as Money) + (after["out_fen"] as Money) }
        return try rows.map { row in
            let line = StatementLine(
                posting: try row["posting"], kind: try row["kind"], day: try row["day"], text: try row["text"],
                inward: try row["in_fen"], outward: try row["out_fen"], balance: balance)
            if try !(row["held"] as Bool) { balance = balance - line.inward + line.outward }
            return line
        }
    }
}
