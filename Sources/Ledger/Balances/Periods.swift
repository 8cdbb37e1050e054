public import Kernel
public import Store

/// The state of a month's books.
public struct BookPeriod: Hashable, Codable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case closing, closed, reopening, open

        public var name: Bilingual {
            switch self {
            case .closing: Bilingual("待批准结账", "closing proposed")
            case .closed: Bilingual("已结账", "closed")
            case .reopening: Bilingual("待批准反结账", "reopening proposed")
            case .open: Bilingual("未结账", "open")
            }
        }
    }

    public let month: Month
    public let state: State
    public let proposedBy: String
    public let decidedBy: String?
    public let reason: String
    /// Moving postings of the month and the sum of what they moved, as they were when it was closed.
    public let postings: Int?
    public let turnover: Money?

    init(row: Row) throws {
        month = try row["month"]
        state = try row["state"]
        proposedBy = try row["proposed_by"]
        decidedBy = try row["decided_by"]
        reason = try row["reason"]
        postings = try row["postings"]
        turnover = try row["turnover_fen"]
    }
}

/// Closing and reopening months: one person proposes, another decides. A closed month takes no posting.
public enum Periods {
    /// Months that were ever closed or proposed, newest first.
    public static func list(limit: Int, _ tx: Tx) throws -> [BookPeriod] {
        try tx.rows("SELECT * FROM ledger_period ORDER BY month DESC LIMIT \(limit)", BookPeriod.init(row:))
    }

    public static func find(_ month: Month, _ tx: Tx) throws -> BookPeriod? {
        try tx.first("SELECT * FROM ledger_period WHERE month = \(month)", BookPeriod.init(row:))
    }

    /// Proposes to close a month that is over, or to reopen a closed one with a reason.
    /// - Throws: ``LedgerError/periodRunning(_:)`` or ``LedgerError/periodState(_:)``.
    public static func propose(
        closing: Bool, _ month: Month, reason: String, by actor: Actor, on today: Day, at now: Instant, _ tx: Tx
    ) throws {
        guard !closing || month.lastDay < today else { throw LedgerError.periodRunning(month) }
        let state = try find(month, tx)?.state ?? .open
        guard state == (closing ? .open : .closed) else { throw LedgerError.periodState(month) }
        let next: BookPeriod.State = closing ? .closing : .reopening
        try tx.run(
            """
            INSERT INTO ledger_period (month, state, proposed_by, proposed_at, reason)
            VALUES (\(month), \(next), \(name(actor)), \(now), \(reason))
            ON CONFLICT (month) DO UPDATE SET state = excluded.state, proposed_by = excluded.proposed_by,
                proposed_at = excluded.proposed_at, reason = excluded.reason, decided_by = NULL, decided_at = NULL
            """)
        try log(closing ? "period.close-proposed" : "period.reopen-proposed", month, reason, actor, now, tx)
    }

    /// Decides a proposal; refused, the month stays as it was.
    /// - Throws: ``LedgerError/periodState(_:)`` or ``LedgerError/samePerson``.
    public static func decide(
        _ month: Month, approve: Bool, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        guard let period = try find(month, tx), period.state == .closing || period.state == .reopening else {
            throw LedgerError.periodState(month)
        }
        guard period.proposedBy != name(actor) else { throw LedgerError.samePerson }
        let closes = (period.state == .closing) == approve
        let totals = try totals(month, tx)
        let next: BookPeriod.State = closes ? .closed : .open
        try tx.run(
            """
            UPDATE ledger_period SET state = \(next), decided_by = \(name(actor)), decided_at = \(now),
                postings = \(closes ? totals.postings : nil), turnover_fen = \(closes ? totals.turnover : nil)
            WHERE month = \(month)
            """)
        let kind = "period.\(period.state == .closing ? "close" : "reopen")-\(approve ? "approved" : "refused")"
        try log(kind, month, period.reason, actor, now, tx)
    }

    /// How much moved in a month.
    static func totals(_ month: Month, _ tx: Tx) throws -> (postings: Int, turnover: Money) {
        let row = try tx.first(
            """
            SELECT COUNT(DISTINCT l.posting) AS postings, COALESCE(SUM(l.in_fen), 0) AS turnover
            FROM ledger_posting p JOIN ledger_leg l ON l.posting = p.id
            WHERE p.day >= \(month.firstDay) AND p.day <= \(month.lastDay) AND NOT l.held
            """)
        guard let row else { return (0, .zero) }
        return (try row["postings"], try row["turnover"])
    }

    private static func name(_ actor: Actor) -> String { actor.account?.text ?? actor.name }

    private static func log(
        _ kind: String, _ month: Month, _ reason: String, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "ledger", kind: kind, subjectKind: "period", subject: month.description, actor: actor, at: now,
                content: ["reason": .string(reason)]), tx)
    }
}
