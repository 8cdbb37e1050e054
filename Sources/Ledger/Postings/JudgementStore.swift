import Kernel
import Store

/// What a judgement needs of the books, and what it changes in them.
extension Judgement {
    /// Loads what the postings need, of what was claimed for them.
    static func load(
        _ postings: [Posting], _ targets: [ID<StoredPosting>: Target], _ claim: Claim, _ tx: Tx
    ) throws -> Judgement {
        var accounts = claim.accounts
        try loadLaterDays(postings, targets, &accounts, tx)
        return Judgement(accounts: accounts, targets: targets, closed: claim.closed)
    }

    /// The postings that others settle, release or reverse.
    static func targets(
        _ ids: [ID<StoredPosting>], _ tx: Tx
    ) throws -> [ID<StoredPosting>: Target] {
        guard !ids.isEmpty else { return [:] }
        var targets: [ID<StoredPosting>: Target] = [:]
        for block in Set(ids).sorted(by: { $0.text < $1.text }).blocks() {
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
        let begun = accepted.filter { $0.kind == .reserve }
        let ended = accepted.filter { $0.kind == .settle || $0.kind == .release }.compactMap(\.target)
        let statements = [postingRows, legRows, dayRows, MonthSums.rows(accepted), accountRows]
        try tx.runTogether(statements.compactMap(\.self))
        try writeHolds(begun, ended, tx)
    }

    var postingRows: SQL {
        var rows = SQLRecords(LedgerColumns.posting)
        for item in accepted {
            rows.add([
                item.id, item.kind, item.day, item.at, item.caseID, item.event, item.actor, item.actorName, item.rules,
                item.text, item.key, item.target, item.until,
            ])
        }
        return """
            INSERT INTO ledger_posting (id, kind, day, at, case_id, event, actor, actor_name, rules, text, key,
                target, until)
            \(rows.select)
            """
    }

    /// Nil where nothing but releases was accepted.
    var legRows: SQL? {
        var rows = SQLRecords(LedgerColumns.leg)
        for posting in accepted {
            let day = posting.day.description
            for (index, leg) in posting.legs.enumerated() {
                rows.add([
                    posting.id, index + 1, leg.account.text, day, posting.kind == .reserve, leg.inward, leg.outward,
                ])
            }
        }
        guard !rows.isEmpty else { return nil }
        return """
            INSERT INTO ledger_leg (posting, position, account, day, held, in_fen, out_fen) \(rows.select)
            """
    }

    private func writeHolds(_ begun: [StoredPosting], _ ended: [ID<StoredPosting>], _ tx: Tx) throws {
        if let rows = Self.holdRows(begun) { try tx.run(rows) }
        for block in ended.blocks() { try tx.run("DELETE FROM ledger_hold WHERE posting IN \(list: block)") }
    }

    /// Nil where nothing is reserved.
    static func holdRows(_ begun: [StoredPosting]) -> SQL? {
        guard !begun.isEmpty else { return nil }
        var rows = SQLRecords(LedgerColumns.hold)
        for item in begun { rows.add([item.id, item.until]) }
        return "INSERT INTO ledger_hold (posting, until) \(rows.select)"
    }

    /// Nil where no money moved.
    var dayRows: SQL? {
        var rows = SQLRecords(LedgerColumns.day)
        for (key, sum) in days.sorted(by: { ($0.key.account.text, $0.key.day) < ($1.key.account.text, $1.key.day) }) {
            rows.add([key.account.text, key.day, sum.inward, sum.outward])
        }
        guard !rows.isEmpty else { return nil }
        return """
            INSERT INTO ledger_day (account, day, in_fen, out_fen) \(rows.select)
            ON CONFLICT (account, day) DO UPDATE SET in_fen = ledger_day.in_fen + excluded.in_fen,
                out_fen = ledger_day.out_fen + excluded.out_fen
            """
    }

    private var accountRows: SQL {
        var rows = SQLRecords(LedgerColumns.account)
        for name in touched.sorted() {
            let state = accounts[name] ?? AccountState()
            rows.add([
                name.text, name.kind, name.year, name[.programme], name[.project], state.inward, state.outward,
                state.heldIn,
                state.heldOut, state.legs, state.lastDay?.description ?? "", 0,
            ])
        }
        return """
            INSERT INTO ledger_account (id, kind, year, programme, project, in_fen, out_fen, held_in_fen,
                held_out_fen, legs, last_day, revision)
            \(rows.select)
            ON CONFLICT (id) DO UPDATE SET in_fen = excluded.in_fen, out_fen = excluded.out_fen,
                held_in_fen = excluded.held_in_fen, held_out_fen = excluded.held_out_fen, legs = excluded.legs,
                last_day = excluded.last_day
            """
    }

    /// A refused posting opens no account.
    func forgetUntouched(_ tx: Tx) throws {
        let idle = accounts.keys.filter { !touched.contains($0) }.sorted()
        for block in idle.blocks() {
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
