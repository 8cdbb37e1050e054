import Kernel
import Store

/// What postings claim of the books before they are judged: their keys, their accounts, and which months are closed.
///
/// Keys and accounts are claimed by writing, never by looking: looking would make PostgreSQL take writers of other keys
/// and accounts, whose rows lie on the same page, for rivals. An account's next revision opens it where it is new, and
/// holds it until the end.
struct Claim {
    /// Which posting a key stands for.
    struct Known {
        let posting: ID<StoredPosting>
        let fingerprint: String
    }

    private(set) var known: [String: Known] = [:]
    private(set) var accounts: [LedgerAccount: AccountState] = [:]
    private(set) var closed: Set<Month> = []

    /// Claims for new postings; PostgreSQL does it in one statement.
    static func make(
        _ postings: [(Posting, ID<StoredPosting>)], _ targets: [ID<StoredPosting>: Target], _ tx: Tx
    ) throws -> Claim {
        var claim = Claim()
        guard !postings.isEmpty else { return claim }
        var keys = SQLRecords(LedgerColumns.key)
        for (posting, id) in postings { keys.add([posting.key, id, posting.fingerprint]) }
        var names = Set(postings.flatMap { $0.0.legs ?? [] }.map(\.account))
        for target in targets.values { names.formUnion(target.posting.legs.map(\.account)) }
        var accounts = SQLRecords(LedgerColumns.accountName)
        for name in names.sorted() { accounts.add([name, name.kind, name.year, name[.programme], name[.project]]) }
        let months = Set(postings.map { Month($0.0.day) }).sorted()
        try claim.read(keys, accounts.isEmpty ? nil : accounts, months, tx)
        return claim
    }

    private mutating func read(_ keys: SQLRecords, _ accounts: SQLRecords?, _ months: [Month], _ tx: Tx) throws {
        let claimed: SQL = """
            INSERT INTO ledger_key (key, posting, fingerprint) \(keys.select)
            ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING key, posting, fingerprint
            """
        let held: SQL? = accounts.map { accounts in
            """
            INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                held_out_fen, legs, last_day, revision)
            SELECT id, kind, year, programme, project, 0, 0, 0, 0, 0, '', 0 FROM (\(accounts.select)) AS named
            WHERE 1 = 1 ON CONFLICT (id) DO UPDATE SET revision = ledger_account.revision + 1
            RETURNING id, in_fen, out_fen, held_in_fen, held_out_fen, legs, cap_fen, last_day
            """
        }
        let closed: SQL = "SELECT month FROM ledger_period WHERE state IN ('closed', 'reopening')"
        guard tx.engine == .postgres, let held else {
            for row in try tx.rows(claimed) { try add(key: row) }
            if let held { for row in try tx.rows(held) { try add(account: row) } }
            for row in try tx.rows("\(closed) AND month IN \(list: months)") { self.closed.insert(try row["month"]) }
            return
        }
        var asked = SQLRecords(LedgerColumns.month)
        for month in months { asked.add([month]) }
        for row in try tx.rows(
            """
            WITH k AS (\(claimed)), a AS (\(held))
            SELECT 'key' AS part, key, posting, fingerprint, '' AS id, 0 AS in_fen, 0 AS out_fen, 0 AS held_in_fen,
                0 AS held_out_fen, 0 AS legs, 0 AS cap_fen, '' AS last_day, '' AS month FROM k
            UNION ALL SELECT 'account', '', '', '', id, in_fen, out_fen, held_in_fen, held_out_fen, legs, cap_fen,
                last_day, '' FROM a
            UNION ALL SELECT 'month', '', '', '', '', 0, 0, 0, 0, 0, 0, '', month FROM (\(closed)) AS c
                WHERE month IN (\(asked.select))
            """)
        {
            switch try row["part"] as String {
            case "key": try add(key: row)
            case "account": try add(account: row)
            default: self.closed.insert(try row["month"])
            }
        }
    }

    private mutating func add(key row: Row) throws {
        known[try row["key"]] = Known(posting: try row["posting"], fingerprint: try row["fingerprint"])
    }

    private mutating func add(account row: Row) throws { accounts[try row["id"]] = try AccountState(row: row) }

    /// A refused posting gives its key back.
    static func giveBack(_ keys: [String], _ tx: Tx) throws {
        for block in keys.blocks() { try tx.run("DELETE FROM ledger_key WHERE key IN \(list: block)") }
    }
}
