import Kernel
import Store

/// What projects pay to other organisations, as the reviews have to know it: whom a report's accepted vouchers name by
/// credit code, where they add up to enough. A payee of whom only a name is known is nobody's dealing, and what is
/// disallowed afterwards was paid all the same.
enum VoucherDealings {
    private static let carriedOver = "funding.dealings"

    /// Brings what a report says up to date with its vouchers.
    static func refresh(_ report: ID<CaseFile>, _ rules: RuleBook, on day: Day, _ tx: Tx) throws {
        let least = try Dealings.least(rules, on: day)
        let found = try tx.rows(
            """
            SELECT v.organisation, o.id AS payee, MIN(v.day) AS from_day, MAX(v.day) AS to_day,
                CAST(SUM(v.amount_fen) AS BIGINT) AS sum_fen
            FROM voucher v JOIN organisation o ON o.uscc = v.payee_code
            WHERE v.report = \(report) AND v.state IN ('accepted', 'withdrawing')
            GROUP BY v.organisation, o.id ORDER BY o.id
            """
        ) { row -> Dealing? in
            let sum: Money = try row["sum_fen"]
            let dealing = Dealing(
                .money, try row["organisation"], try row["payee"], from: try row["from_day"], to: try row["to_day"])
            return sum >= least ? dealing : nil
        }
        try Dealings.set(found.compactMap(\.self), of: report.text, tx)
    }

    /// Keeps what was paid before dealings were kept; once.
    static func carryOver(in db: Database, _ rules: RuleBook, on day: Day) async throws {
        guard try await db.read({ tx in try Settings.get(carriedOver, tx) }) == nil else { return }
        try await db.write { tx in
            let reports = try tx.rows(
                """
                SELECT DISTINCT report FROM voucher WHERE payee_code <> '' AND state IN ('accepted', 'withdrawing')
                ORDER BY report
                """
            ) { row in try row["report"] as ID<CaseFile> }
            for report in reports { try refresh(report, rules, on: day, tx) }
            try Settings.set(carriedOver, "1", tx)
        }
    }
}
