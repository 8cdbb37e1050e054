import Kernel
import Store

/// Postings written in one statement, for PostgreSQL, where every further one is a journey: moves and reservations are
/// written on trust, the table's own checks keep the limits, and the same statement fails where anything else speaks
/// against them. All of it is then taken back and the postings are judged one by one.
struct AtOnce {
    /// What it writes, as it will stand in the books.
    let accepted: [StoredPosting]
    let statement: SQL

    /// - Returns: nil for what cannot be written on trust: anything but moves and reservations of one day, each under
    ///   its own key.
    init?(_ postings: [Posting], as ids: [ID<StoredPosting>], on engine: Engine) {
        guard engine == .postgres, let day = postings.first?.day,
            postings.allSatisfy({ $0.day == day && $0.target == nil && $0.legs != nil }),
            Set(postings.map(\.key)).count == postings.count, let trusted = try? Self.trust(postings, as: ids)
        else { return nil }
        accepted = trusted.accepted
        statement = Self.statement(trusted, postings, ids, day)
    }

    /// Whether an error means that postings which were written on trust have to be judged instead.
    static func asksForJudgement(_ error: any Error) -> Bool {
        switch error {
        case StoreError.check, StoreError.unique: true
        default: false
        }
    }

    /// - Returns: what was written; nil where the postings have to be judged. Nothing is written then.
    func tryPost(_ tx: Tx) throws -> [StoredPosting]? {
        do {
            try tx.attempt { _ = try tx.first(statement) }
            return accepted
        } catch  where Self.asksForJudgement(error) {
            return nil
        }
    }

    private static func trust(_ postings: [Posting], as ids: [ID<StoredPosting>]) throws(LedgerError) -> Judgement {
        var judgement = Judgement(accounts: [:], targets: [:], closed: [])
        for (posting, id) in zip(postings, ids) {
            try Judgement.checkShape(posting)
            try judgement.trust(posting, as: id)
        }
        return judgement
    }

    private static func statement(
        _ trusted: Judgement, _ postings: [Posting], _ ids: [ID<StoredPosting>], _ day: Day
    ) -> SQL {
        var keys = SQLRecords(LedgerColumns.key)
        for (posting, id) in zip(postings, ids) { keys.add([posting.key, id, posting.fingerprint]) }
        let holds = Judgement.holdRows(trusted.accepted.filter { $0.kind == .reserve })
        let rows = [trusted.postingRows, trusted.legRows, trusted.dayRows, MonthSums.rows(trusted.accepted), holds]
        let parts = rows.compactMap(\.self).enumerated().map { index, rows -> SQL in
            "\(SQL(unchecked: "part\(index)")) AS (\(rows)), "
        }
        let swings = Self.swings(trusted)
        let swing: SQL = swings.map { rows in ", swing AS (\(rows))" as SQL } ?? ""
        // A backdated posting asks about days, a huge turnover about sums, and a posting that only a later one of the
        // batch makes good about what was there in between: the database checks none of them by itself.
        return """
            WITH named AS (
                INSERT INTO ledger_key (key, posting, fingerprint) \(keys.select)
            ), \(SQL.join(parts, separator: ""))\(accounts(trusted))\(swing)
            SELECT 1 / (CASE WHEN (SELECT COUNT(*) FROM held) = \(trusted.touched.count)
                AND NOT EXISTS (SELECT 1 FROM held WHERE legs = 0 OR last_day > \(day)
                    OR in_fen > \(AccountState.most) OR out_fen > \(AccountState.most)
                    OR held_in_fen > \(AccountState.most) OR held_out_fen > \(AccountState.most))
                AND NOT EXISTS (SELECT 1 FROM ledger_period
                    WHERE state IN ('closed', 'reopening') AND month = \(Month(day)))
                \(swings == nil ? "" as SQL : outOfBounds)
                THEN 1 ELSE 0 END) AS agreed
            """
    }

    /// Accounts that the postings take further than both where they find them and where they leave them, measured from
    /// where they leave them; nil where there are none. An account without a floor may dip.
    private static func swings(_ trusted: Judgement) -> SQL? {
        var rows = SQLRecords(LedgerColumns.swing)
        for (name, swing) in trusted.swings.sorted(by: { $0.key < $1.key }) {
            guard let end = trusted.accounts[name] else { continue }
            let full = end.balance + end.heldIn
            guard name.kind.hasFloor && swing.lowest < min(0, end.available) || swing.highest > max(0, full) else {
                continue
            }
            rows.add([name.text, name.kind.hasFloor ? swing.lowest - end.available : nil, swing.highest - full])
        }
        return rows.isEmpty ? nil : rows.select
    }

    private static let outOfBounds: SQL = """
        AND NOT EXISTS (SELECT 1 FROM held JOIN swing USING (id)
            WHERE in_fen - out_fen - held_out_fen + dip < 0 OR in_fen - out_fen + held_in_fen + rise > cap_fen)
        """

    /// What the postings change in their accounts. Where money leaves, an empty row goes ahead: PostgreSQL would check
    /// the limits of the change itself before it finds the account's own row, which must be there already.
    private static func accounts(_ trusted: Judgement) -> SQL {
        var into = SQLRecords(LedgerColumns.account)
        var from = SQLRecords(LedgerColumns.account)
        for name in trusted.touched.sorted() {
            guard let change = trusted.accounts[name] else { continue }
            let values: [(any SQLConvertible)?] = [
                name.text, name.kind, name.year, name[.programme], name[.project], change.inward, change.outward,
                change.heldIn, change.heldOut, change.legs, change.lastDay?.description ?? "", 0,
            ]
            if !name.kind.hasFloor || change.available >= 0 { into.add(values) } else { from.add(values) }
        }
        return """
            entered AS (
                INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                    held_out_fen, legs, last_day, revision)
                \(into.select)
                ON CONFLICT (id) DO UPDATE SET in_fen = ledger_account.in_fen + excluded.in_fen,
                    out_fen = ledger_account.out_fen + excluded.out_fen,
                    held_in_fen = ledger_account.held_in_fen + excluded.held_in_fen,
                    held_out_fen = ledger_account.held_out_fen + excluded.held_out_fen,
                    legs = ledger_account.legs + excluded.legs,
                    last_day = GREATEST(ledger_account.last_day, excluded.last_day),
                    revision = ledger_account.revision + 1
                RETURNING id, in_fen, out_fen, held_in_fen, held_out_fen, cap_fen, last_day, legs
            ), change AS (\(from.select)), left_by AS (
                INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                    held_out_fen, legs, last_day, revision)
                SELECT id, kind, year, programme, project, 0, 0, 0, 0, 0, '', 0 FROM change
                ON CONFLICT (id) DO UPDATE SET
                    (in_fen, out_fen, held_in_fen, held_out_fen, legs, last_day, revision) = (
                        SELECT ledger_account.in_fen + c.in_fen, ledger_account.out_fen + c.out_fen,
                            ledger_account.held_in_fen + c.held_in_fen,
                            ledger_account.held_out_fen + c.held_out_fen, ledger_account.legs + c.legs,
                            GREATEST(ledger_account.last_day, c.last_day), ledger_account.revision + 1
                        FROM change c WHERE c.id = excluded.id)
                RETURNING id, in_fen, out_fen, held_in_fen, held_out_fen, cap_fen, last_day, legs
            ), held AS (SELECT * FROM entered UNION ALL SELECT * FROM left_by)
            """
    }
}
