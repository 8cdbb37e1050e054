import Kernel
import Ledger
import Store

/// Spending in the books: what is paid becomes spent under a heading, and only by reversal comes back.
extension FundingBooks {
    /// A station of a project's money.
    static func account(_ kind: AccountKind, of project: Project, _ tx: Tx) throws -> LedgerAccount {
        guard let programme = try ProgrammeStore.find(project.programme, tx) else { throw CallError.unknown }
        return try LedgerAccount.project(kind, programme.code, year: project.year, project.number)
    }

    /// What a project has been paid and neither spent nor owes back.
    static func unspent(_ project: Project, _ tx: Tx) throws -> Money {
        try Balances.now(try account(.paid, of: project, tx), tx)?.available ?? .zero
    }

    /// Books accepted vouchers, one posting each, within the caps of the contract's headings.
    static func spend(_ vouchers: [Voucher], of project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        guard let programme = try ProgrammeStore.find(project.programme, tx) else { throw CallError.unknown }
        try limit(project, try ContractBudget.current(project, tx), by: entry.actor, at: entry.now, tx)
        let paid = try account(.paid, of: project, tx)
        let postings = vouchers.map { voucher in
            Posting(
                voucher.draft.amount, from: paid,
                to: .spent(programme.code, year: project.year, project.number, heading: voucher.draft.heading),
                on: entry.day, "支出 \(voucher.draft.number) / voucher \(voucher.draft.number)",
                key: "voucher.\(voucher.id).accepted",
                origin: entry.origin)
        }
        for (voucher, result) in zip(vouchers, try Ledger.post(postings, tx)) {
            try VoucherStore.set(.accepted, posting: try result.get().id, of: voucher.id, tx)
        }
    }

    /// Takes accepted vouchers out of the books again.
    static func unspend(_ vouchers: [Voucher], _ entry: BookEntry, _ tx: Tx) throws {
        let postings = vouchers.compactMap { voucher in
            voucher.posting.map { posting in
                Posting(
                    .reverse(posting), on: entry.day,
                    "支出 \(voucher.draft.number) 撤回 / voucher \(voucher.draft.number) withdrawn",
                    key: "voucher.\(voucher.id).withdrawn", origin: entry.origin)
            }
        }
        for result in try Ledger.post(postings, tx) { _ = try result.get() }
        for voucher in vouchers { try VoucherStore.set(.withdrawn, of: voucher.id, tx) }
    }

    /// Gives the accounts of the headings the limits of the budget, where they have others.
    static func limit(
        _ project: Project, _ budget: ContractBudget, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        guard let programme = try ProgrammeStore.find(project.programme, tx) else { throw CallError.unknown }
        let known = Dictionary(
            try Balances.list(project: project.number, tx).map { ($0.account, $0.cap) },
            uniquingKeysWith: { first, _ in first })
        for heading in budget.headings {
            let account = LedgerAccount.spent(
                programme.code, year: project.year, project.number, heading: heading.value)
            let cap = budget.cap(heading.value)
            guard (known[account] ?? nil) != cap else { continue }
            try Caps.set(cap, of: account, by: actor, at: now, tx)
        }
    }
}

/// What comes back, and what does not.
extension FundingBooks {
    /// Interest and penalties: not the city's money before, handed over to the treasury as it comes.
    static func handOver(
        _ amount: Money, _ what: String, of project: Project, key: String, _ entry: BookEntry, _ tx: Tx
    ) throws {
        guard amount > .zero else { return }
        _ = try Ledger.post(
            Posting(
                amount, from: .source(what, year: project.year), to: .lapsed(what, year: project.year), on: entry.day,
                "\(what) \(project.number)", key: key, origin: entry.origin), tx)
    }

    /// Gives up what does not come back.
    static func writeOff(
        _ amount: Money, of project: Project, recovery: String, _ entry: BookEntry, _ tx: Tx
    ) throws {
        guard amount > .zero else { return }
        _ = try Ledger.post(
            Posting(
                amount, from: try account(.paid, of: project, tx), to: try account(.writtenOff, of: project, tx),
                on: entry.day, "核销 / written off", key: "recovery.\(recovery).written-off", origin: entry.origin), tx)
    }

    /// Disallows all that a project spent: it owes the whole of it again.
    static func disallow(_ project: Project, _ entry: BookEntry, _ tx: Tx) throws {
        let booked = try tx.rows(
            """
            SELECT * FROM voucher WHERE project = \(project.id) AND state IN ('accepted', 'withdrawing') ORDER BY id
            """, Voucher.init(row:))
        try unspend(booked, entry, tx)
    }
}
