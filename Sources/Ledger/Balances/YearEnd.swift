public import Kernel
public import Store

/// What happens to money that a year leaves over in appropriations and programme budgets. Reserves, commitments and
/// what follows keep their budget year until they are done.
public enum YearEnd {
    public enum Treatment: String, Sendable, CaseIterable {
        /// Carried over (结转): the same account of the next year has it.
        case carryOver = "carry-over"
        /// Given back (收回): it lapses to its source.
        case lapse
    }

    /// Empties a year's budgets into the next year, or into their appropriation, and then the appropriations.
    /// What reservations hold back stays. Asked again, it moves only what has come back meanwhile.
    /// - Parameters:
    ///   - source: the appropriation to which unused programme budgets go back when they lapse.
    ///   - origin: the event that tells of the year's end.
    /// - Throws: ``LedgerError``.
    @discardableResult
    public static func settle(
        _ year: Int, _ treatment: Treatment, source: String, on day: Day, origin: PostingOrigin, _ tx: Tx
    ) throws -> [StoredPosting] {
        var written: [StoredPosting] = []
        for kind in [AccountKind.budget, .appropriation] {
            var after: LedgerAccount?
            while true {
                let page = try Balances.list(year: year, kind: kind, after: after, limit: 200, tx)
                guard let last = page.last else { break }
                after = last.account
                for item in page where item.available > .zero {
                    let target = target(of: item.account, treatment, source)
                    let serial = try NumberSeries.next("ledger.year-end.\(item.account)", tx)
                    written.append(
                        try Ledger.post(
                            Posting(
                                item.available, from: item.account, to: target, on: day,
                                treatment == .carryOver
                                    ? "\(year) 年度结转 / carry-over of \(year)" : "\(year) 年度收回 / lapse of \(year)",
                                key: "year-end:\(item.account):\(serial)", origin: origin), tx))
                }
            }
        }
        return written
    }

    private static func target(of account: LedgerAccount, _ treatment: Treatment, _ source: String) -> LedgerAccount {
        switch (account.kind, treatment) {
        case (.budget, .carryOver): .budget(account.parts[0], year: account.year + 1)
        case (.budget, .lapse): .appropriation(source, year: account.year)
        case (_, .carryOver): .appropriation(account.parts[0], year: account.year + 1)
        case (_, .lapse): .lapsed(account.parts[0], year: account.year)
        }
    }
}
