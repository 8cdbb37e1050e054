public import Kernel
public import Store
import Treasury

/// One part of a project's money (拨款): ordered by the officer and paid by the treasury.
public struct Tranche: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        /// `ordered` as long as the treasury has it; `confirmed` when the bank has paid it.
        case planned, ordered, confirmed, cancelled
    }

    public let id: ID<Tranche>
    public let project: ID<CaseFile>
    public let position: Int
    public let amount: Money
    public let condition: Bilingual
    public let dueOn: Day?
    public var state: State
    public var orderedBy: String?
    public var orderedAt: Instant?
    public var confirmedBy: String?
    public var confirmedAt: Instant?
    public var note: String?

    init(row: Row) throws {
        id = try row["id"]
        project = try row["project"]
        position = try row["position"]
        amount = try row["amount_fen"]
        condition = Bilingual(try row["condition_zh"], try row["condition_en"])
        dueOn = try row["due_on"]
        state = try row["state"]
        orderedBy = try row["ordered_by"]
        orderedAt = try row["ordered_at"]
        confirmedBy = try row["confirmed_by"]
        confirmedAt = try row["confirmed_at"]
        note = try row["note"]
    }
}

/// Reads and writes tranches.
public enum TrancheStore {
    public static func find(_ id: ID<Tranche>, _ tx: Tx) throws -> Tranche? {
        try tx.first("SELECT * FROM tranche WHERE id = \(id)", Tranche.init(row:))
    }

    public static func list(project: ID<CaseFile>, _ tx: Tx) throws -> [Tranche] {
        try tx.rows("SELECT * FROM tranche WHERE project = \(project) ORDER BY position", Tranche.init(row:))
    }

    /// Tranches in a state, the ones due first first, after a cursor.
    public static func list(
        state: Tranche.State, after cursor: (due: Day, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Tranche] {
        let rest: SQL = cursor.map { "AND (due_on, id) > (\($0.due), \($0.id))" } ?? ""
        return try tx.rows(
            "SELECT * FROM tranche WHERE state = \(state) \(rest) ORDER BY due_on, id LIMIT \(limit)",
            Tranche.init(row:))
    }

    /// Cancels what is not paid when the project ends; what was ordered is taken back.
    /// - Throws: ``ProjectError/atBank`` while a payment is under way at the bank: its answer has to come first.
    static func cancelRest(of project: ID<CaseFile>, _ entry: PaymentEntry, _ tx: Tx) throws {
        for tranche in try list(project: project, tx) where tranche.state == .ordered {
            let isBack = try PaymentOrders.cancel(
                Tranches.subject, tranche.id.text, reason: "项目结束 / project ended", entry, tx)
            guard isBack else { throw ProjectError.atBank }
        }
        try tx.run(
            "UPDATE tranche SET state = 'cancelled' WHERE project = \(project) AND state IN ('planned', 'ordered')")
    }

    /// Writes the plan of a signed contract: shares of the award that lose no fen.
    static func plan(
        _ plans: [CallContent.TranchePlan], amount: Money, project: ID<CaseFile>, startsOn: Day, ids: [ID<Tranche>],
        _ tx: Tx
    ) throws {
        let shares = try amount.split(byShares: plans.map(\.perMille))
        for (index, plan) in plans.enumerated() {
            try tx.run(
                """
                INSERT INTO tranche (id, project, position, amount_fen, condition_zh, condition_en, due_on, state)
                VALUES (\(ids[index]), \(project), \(index + 1), \(shares[index]), \(plan.condition.zh),
                    \(plan.condition.en), \(startsOn.adding(months: plan.afterMonths)), 'planned')
                """)
        }
    }
}
