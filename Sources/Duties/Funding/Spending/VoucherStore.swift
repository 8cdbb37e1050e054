public import Kernel
import Ledger
public import Store

/// Reads and writes vouchers.
public enum VoucherStore {
    public static func find(_ id: ID<Voucher>, _ tx: Tx) throws -> Voucher? {
        try tx.first("SELECT * FROM voucher WHERE id = \(id)", Voucher.init(row:))
    }

    /// The vouchers of a report by day.
    public static func list(report: ID<CaseFile>, _ tx: Tx) throws -> [Voucher] {
        try tx.rows("SELECT * FROM voucher WHERE report = \(report) ORDER BY day, id", Voucher.init(row:))
    }

    /// A page of vouchers by day, latest first, before a day and identity.
    public static func list(
        _ filter: VoucherFilter, before cursor: (day: Day, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Voucher] {
        var conditions: [SQL] = ["1 = 1"]
        if let project = filter.project { conditions.append("project = \(project)") }
        if let report = filter.report { conditions.append("report = \(report)") }
        if let state = filter.state { conditions.append("state = \(state)") }
        if let heading = filter.heading { conditions.append("heading = \(heading)") }
        if let cursor { conditions.append("(day, id) < (\(cursor.day), \(cursor.id))") }
        return try tx.rows(
            """
            SELECT * FROM voucher WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY day DESC, id DESC
            LIMIT \(limit)
            """, Voucher.init(row:))
    }

    /// What a project's live vouchers add up to, by heading; those in the books apart.
    public static func sums(project: ID<CaseFile>, _ tx: Tx) throws -> [String: (entered: Money, booked: Money)] {
        var found: [String: (entered: Money, booked: Money)] = [:]
        let rows = try tx.rows(
            """
            SELECT heading, state, SUM(amount_fen) AS sum_fen FROM voucher
            WHERE project = \(project) AND state <> 'withdrawn' GROUP BY heading, state
            """)
        for row in rows {
            let sum: Money = try row["sum_fen"]
            let state: Voucher.State = try row["state"]
            var entry = found[try row["heading"]] ?? (.zero, .zero)
            if state == .entered { entry.entered = entry.entered + sum } else { entry.booked = entry.booked + sum }
            found[try row["heading"]] = entry
        }
        return found
    }

    /// Whether anything of a project is in the books.
    public static func hasBooked(project: ID<CaseFile>, _ tx: Tx) throws -> Bool {
        let count: Int =
            try tx.value(
                """
                SELECT COUNT(*) FROM (SELECT 1 FROM voucher WHERE project = \(project)
                    AND state IN ('accepted', 'withdrawing') LIMIT 1) v
                """) ?? 0
        return count > 0
    }

    static func add(_ items: [NewVoucher], _ tx: Tx) throws {
        for item in items {
            let draft = item.draft
            try tx.run(
                """
                INSERT INTO voucher (id, project, report, organisation, number, number_key, day, heading, payee,
                    payee_code, payee_key, amount_fen, currency, foreign_cents, rate, rate_day, purpose, expert, file,
                    hash, warnings, reason, remark, state, posting, entered_by, entered_at, import)
                VALUES (\(item.id), \(item.report.project), \(item.report.id), \(item.organisation), \(draft.number),
                    \(draft.numberKey), \(draft.day), \(draft.heading), \(draft.payee), \(draft.payeeCode),
                    \(draft.payeeKey), \(draft.amount), \(draft.foreign?.currency ?? "CNY"), \(draft.foreign?.cents),
                    \(draft.foreign?.rate.description), \(draft.foreign?.rateDay), \(draft.purpose),
                    \(draft.expert?.text ?? ""), \(draft.file), \(draft.hash), \(item.warnings.joined(separator: " ")),
                    \(draft.reason), '', 'entered', NULL, \(item.by), \(item.at), \(item.importID))
                """)
        }
    }

    static func set(_ state: Voucher.State, posting: ID<StoredPosting>? = nil, of id: ID<Voucher>, _ tx: Tx) throws {
        try tx.run(
            "UPDATE voucher SET state = \(state), posting = COALESCE(\(posting), posting) WHERE id = \(id)")
    }
}

/// Which vouchers a list asks for.
public struct VoucherFilter: Hashable, Sendable {
    public var project: ID<CaseFile>?
    public var report: ID<CaseFile>?
    public var state: Voucher.State?
    public var heading: String?

    public init(
        project: ID<CaseFile>? = nil, report: ID<CaseFile>? = nil, state: Voucher.State? = nil, heading: String? = nil
    ) {
        self.project = project
        self.report = report
        self.state = state
        self.heading = heading
    }
}

/// A voucher that is about to be written.
struct NewVoucher {
    let id: ID<Voucher>
    let report: SpendingReport
    let organisation: ID<OrganisationMark>
    let draft: VoucherDraft
    let warnings: [String]
    let by: String
    let at: Instant
    let importID: String?
}

/// Reads and writes the rows beside the cases of `funding.spending`.
public enum SpendingReportStore {
    public static func find(_ id: ID<CaseFile>, _ tx: Tx) throws -> SpendingReport? {
        try tx.first("SELECT * FROM spending_report WHERE case_id = \(id)", SpendingReport.init(row:))
    }

    /// - Throws: ``SpendingError/unknownReport``.
    public static func require(_ id: ID<CaseFile>, _ tx: Tx) throws -> SpendingReport {
        guard let report = try find(id, tx) else { throw SpendingError.unknownReport }
        return report
    }

    /// The reports of a project by their days.
    public static func list(project: ID<CaseFile>, _ tx: Tx) throws -> [SpendingReport] {
        try tx.rows(
            "SELECT * FROM spending_report WHERE project = \(project) ORDER BY from_day", SpendingReport.init(row:))
    }

    static func add(
        _ id: ID<CaseFile>, project: ID<CaseFile>, number: String, from: Day, to: Day, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO spending_report (case_id, project, number, from_day, to_day, step, remark)
            VALUES (\(id), \(project), \(number), \(from), \(to), 'draft', '')
            """)
    }

    static func set(step: String, remark: String?, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE spending_report SET step = \(step), remark = COALESCE(\(remark), remark) WHERE case_id = \(id)
            """)
    }
}
