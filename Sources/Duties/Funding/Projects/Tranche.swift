public import Kernel
import Ledger
public import Store

/// One part of a project's money (拨款): ordered by one person and confirmed by another.
public struct Tranche: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
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

    /// Cancels what is not paid when the project ends, ordered or not.
    static func cancelRest(of project: ID<CaseFile>, _ tx: Tx) throws {
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

/// Orders and confirmations of tranches.
public struct TrancheActions: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone

    public init(db: Database, clock: any Clock, zone: CityZone) {
        self.db = db
        self.clock = clock
        self.zone = zone
    }

    /// Orders a planned tranche of a running project whose earlier tranches are confirmed.
    public func order(_ id: ID<Tranche>, note: String, by actor: Actor) async throws -> Tranche {
        try Policy.require(actor, .orderTranches)
        try Words.check(note, "note", Bilingual("备注", "Note"), isRequired: false)
        let now = clock.now()
        return try await db.write { tx in
            guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
            guard tranche.state == .planned else { throw ProjectError.trancheState }
            let file = try CaseStore.require(tranche.project, tx)
            try Policy.require(actor, .orderTranches, in: file.division)
            guard !Policy.isOwn(actor, file) else { throw ProcedureError.notYours }
            let project = try ProjectStore.require(tranche.project, tx)
            guard project.step == "running" else { throw ProjectError.notRunning }
            let earlier = try TrancheStore.list(project: project.id, tx).filter { $0.position < tranche.position }
            if let open = earlier.first(where: { $0.state != .confirmed }) {
                throw ProjectError.conditionOpen(open.condition)
            }
            try tx.run(
                """
                UPDATE tranche SET state = 'ordered', ordered_by = \(actor.account), ordered_at = \(now),
                    note = \(note) WHERE id = \(id) AND state = 'planned'
                """)
            let (ordered, entry) = try finish("tranche.ordered", id, actor, now, tx)
            try FundingBooks.order(ordered, of: project, entry, tx)
            return ordered
        }
    }

    /// Confirms an ordered tranche of a running project; never the person who ordered it.
    public func confirm(_ id: ID<Tranche>, by actor: Actor) async throws -> Tranche {
        try Policy.require(actor, .confirmTranches)
        let now = clock.now()
        return try await db.write { tx in
            guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
            guard tranche.state == .ordered else { throw ProjectError.trancheState }
            guard tranche.orderedBy != actor.account?.text else { throw ProjectError.samePerson }
            let project = try ProjectStore.require(tranche.project, tx)
            guard project.step == "running" else { throw ProjectError.notRunning }
            try tx.run(
                """
                UPDATE tranche SET state = 'confirmed', confirmed_by = \(actor.account), confirmed_at = \(now)
                WHERE id = \(id) AND state = 'ordered'
                """)
            let (paid, entry) = try finish("tranche.confirmed", id, actor, now, tx)
            try FundingBooks.pay(paid, of: project, entry, tx)
            return paid
        }
    }

    /// Puts an ordered tranche back to planned, with a reason.
    public func sendBack(_ id: ID<Tranche>, reason: String, by actor: Actor) async throws -> Tranche {
        try Policy.require(actor, .confirmTranches)
        try Words.check(reason, "reason", Bilingual("退回原因", "Reason to return"))
        let now = clock.now()
        return try await db.write(locking: FundingBooks.locks) { tx in
            guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
            guard tranche.state == .ordered else { throw ProjectError.trancheState }
            try tx.run(
                """
                UPDATE tranche SET state = 'planned', ordered_by = NULL, ordered_at = NULL, note = \(reason)
                WHERE id = \(id) AND state = 'ordered'
                """)
            let (returned, entry) = try finish("tranche.returned", id, actor, now, tx)
            try FundingBooks.takeBack(returned, entry, tx)
            return returned
        }
    }

    /// Writes the event, and says how what it means for the books is to be entered.
    private func finish(
        _ kind: String, _ id: ID<Tranche>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> (Tranche, BookEntry) {
        guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "tranche", subject: id.text, caseID: tranche.project,
                actor: actor, at: now,
                content: .object([
                    "position": .integer(Int64(tranche.position)), "amountFen": .integer(tranche.amount.fen),
                    "note": .string(tranche.note ?? ""),
                ])), tx)
        let entry = try BookEntry.of(
            tranche.project, rules: "funding.tranche@1", actor, on: zone.day(of: now), at: now, tx)
        return (tranche, entry)
    }
}
