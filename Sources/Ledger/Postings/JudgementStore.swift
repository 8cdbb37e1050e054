import Kernel
import Store

/// What a judgement needs of the books, and what it changes in them.
extension Judgement {
    static func load(_ postings: [Posting], _ tx: Tx) throws -> Judgement {
        guard !postings.isEmpty else { return Judgement(accounts: [:], targets: [:], closed: []) }
        let targets = try targets(postings.compactMap(\.target), tx)
        var names = Set(postings.flatMap { $0.legs ?? [] }.map(\.account))
        for target in targets.values { names.formUnion(target.posting.legs.map(\.account)) }
        var accounts = try lock(names.sorted(), tx)
        let months = Set(postings.map { Month($0.day) }).sorted()
        let closed = try tx.rows(
            """
            SELECT month FROM ledger_period WHERE month IN \(list: months) AND state IN ('closed', 'reopening')
            """
        ) { try $0["month"] as Month }
        try loadLaterDays(postings, targets, &accounts, tx)
        return Judgement(accounts: accounts, targets: targets, closed: Set(closed))
    }

    private static func targets(
        _ ids: [ID<StoredPosting>], _ tx: Tx
    ) throws -> [ID<StoredPosting>: Target] {
        guard !ids.isEmpty else { return [:] }
        var targets: [ID<StoredPosting>: Target] = [:]
        try inBlocks(Set(ids).sorted { $0.text < $1.text }) { block in
            for posting in try PostingStore.all(block, tx) {
                targets[posting.id] = Target(posting: posting, isEnded: false)
            }
            let ended = try tx.rows("SELECT target FROM ledger_posting WHERE target IN \(list: block)") {
                try $0["target"] as ID<StoredPosting>
            }
            for id in ended { targets[id]?.isEnded = true }
        }
        return targets
    }

    /// Reads accounts by writing their next revision, which opens new ones and holds them all until the end. A plain
    /// read would make PostgreSQL take writers of other accounts, whose rows lie on the same page, for rivals.
    private static func lock(
        _ names: [LedgerAccount], _ tx: Tx
    ) throws -> [LedgerAccount: AccountState] {
        var accounts: [LedgerAccount: AccountState] = [:]
        try inBlocks(names) { block in
            let rows = block.map { name -> SQL in
                """
                (\(name), \(name.kind), \(name.year), \(name[.programme]), \(name[.project]), 0, 0, 0, 0, 0, '', 0)
                """
            }
            for row in try tx.rows(
                """
                INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                    held_out_fen, legs, last_day, revision)
                VALUES \(SQL.join(rows, separator: ", "))
                ON CONFLICT (id) DO UPDATE SET revision = ledger_account.revision + 1
                RETURNING id, in_fen, out_fen, held_in_fen, held_out_fen, legs, cap_fen, last_day
                """)
            {
                accounts[try row["id"]] = try AccountState(row: row)
            }
        }
        return accounts
    }

    /// For postings dated back: what moved on each day from theirs.
    private static func loadLaterDays(
        _ postings: [Posting], _ targets: [ID<StoredPosting>: Target], _ accounts: inout [LedgerAccount: AccountState],
        _ tx: Tx
    ) throws {
        var from: [LedgerAccount: Day] = [:]
        var newest: [LedgerAccount: Day] = [:]
        for posting in postings {
            let own = posting.legs?.map(\.account)
            for name in own ?? posting.target.flatMap({ targets[$0]?.posting.legs.map(\.account) }) ?? [] {
                let last = max(accounts[name]?.lastDay ?? posting.day, newest[name] ?? posting.day)
                if posting.day < last { from[name] = min(from[name] ?? posting.day, posting.day) }
                newest[name] = max(last, posting.day)
            }
        }
        for (name, day) in from {
            var later: [Day: Int64] = [day: 0]
            for row in try tx.rows(
                "SELECT day, in_fen, out_fen FROM ledger_day WHERE account = \(name) AND day >= \(day)")
            {
                later[try row["day"]] = try (row["in_fen"] as Int64) - (row["out_fen"] as Int64)
            }
            accounts[name]?.later = later
        }
    }

    /// Writes everything that was accepted.
    func write(_ tx: Tx) throws {
        guard !accepted.isEmpty else { return }
        try writePostings(tx)
        try writeLegs(tx)
        try writeHolds(tx)
        try writeDays(tx)
        try MonthSums.add(accepted, tx)
        try writeAccounts(tx)
    }

    private func writePostings(_ tx: Tx) throws {
        try inBlocks(accepted) { block in
            let rows = block.map { item -> SQL in
                """
                (\(item.id), \(item.kind), \(item.day), \(item.at), \(item.caseID), \(item.event), \(item.actor),
                \(item.actorName), \(item.rules), \(item.text), \(item.key), \(item.target), \(item.until))
                """
            }
            try tx.run(
                """
                INSERT INTO ledger_posting (id, kind, day, at, case_id, event, actor, actor_name, rules, text, key,
                    target, until)
                VALUES \(SQL.join(rows, separator: ", "))
                """)
        }
    }

    private func writeLegs(_ tx: Tx) throws {
        var rows: [SQL] = []
        for posting in accepted {
            let held = posting.kind == .reserve
            for (index, leg) in posting.legs.enumerated() {
                rows.append(
                    """
                    (\(posting.id), \(index + 1), \(leg.account), \(posting.day), \(held), \(leg.inward),
                    \(leg.outward))
                    """)
            }
        }
        try inBlocks(rows) { block in
            try tx.run(
                """
                INSERT INTO ledger_leg (posting, position, account, day, held, in_fen, out_fen)
                VALUES \(SQL.join(block, separator: ", "))
                """)
        }
    }

    private func writeHolds(_ tx: Tx) throws {
        let ended = accepted.filter { $0.kind == .settle || $0.kind == .release }.compactMap(\.target)
        let begun = accepted.filter { $0.kind == .reserve }
        try inBlocks(begun) { block in
            let rows = block.map { item -> SQL in "(\(item.id), \(item.until))" }
            try tx.run("INSERT INTO ledger_hold (posting, until) VALUES \(SQL.join(rows, separator: ", "))")
        }
        try inBlocks(ended) { block in try tx.run("DELETE FROM ledger_hold WHERE posting IN \(list: block)") }
    }

    private func writeDays(_ tx: Tx) throws {
        let sums = days.sorted { ($0.key.account.text, $0.key.day) < ($1.key.account.text, $1.key.day) }
        try inBlocks(sums) { block in
            let rows = block.map { key, sum -> SQL in "(\(key.account), \(key.day), \(sum.inward), \(sum.outward))" }
            try tx.run(
                """
                INSERT INTO ledger_day (account, day, in_fen, out_fen) VALUES \(SQL.join(rows, separator: ", "))
                ON CONFLICT (account, day) DO UPDATE SET in_fen = ledger_day.in_fen + excluded.in_fen,
                    out_fen = ledger_day.out_fen + excluded.out_fen
                """)
        }
    }

    private func writeAccounts(_ tx: Tx) throws {
        try inBlocks(touched.sorted()) { block in
            let rows = block.map { name -> SQL in
                let state = accounts[name] ?? AccountState()
                return """
                    (\(name), \(name.kind), \(name.year), \(name[.programme]), \(name[.project]), \(state.inward),
                    \(state.outward), \(state.heldIn), \(state.heldOut), \(state.legs),
                    \(state.lastDay?.description ?? ""), 0)
                    """
            }
            try tx.run(
                """
                INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                    held_out_fen, legs, last_day, revision)
                VALUES \(SQL.join(rows, separator: ", "))
                ON CONFLICT (id) DO UPDATE SET in_fen = excluded.in_fen, out_fen = excluded.out_fen,
                    held_in_fen = excluded.held_in_fen, held_out_fen = excluded.held_out_fen, legs = excluded.legs,
                    last_day = excluded.last_day
                """)
        }
    }

    /// A refused posting opens no account.
    func forgetUntouched(_ tx: Tx) throws {
        let idle = accounts.keys.filter { !touched.contains($0) }.sorted()
        try inBlocks(idle) { block in
            try tx.run("DELETE FROM ledger_account WHERE legs = 0 AND cap_fen IS NULL AND id IN \(list: block)")
        }
    }
}

extension AccountState {
    init(row: Row) throws {
        inward = try row["in_fen"]
        outward = try row["out_fen"]
        heldIn = try row["held_in_fen"]
        heldOut = try row["held_out_fen"]
        legs = try row["legs"]
        cap = try row["cap_fen"]
        lastDay = Day(try row["last_day"] as String)
    }
}
