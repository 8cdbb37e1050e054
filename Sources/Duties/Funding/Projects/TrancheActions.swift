public import Kernel
import Ledger
public import Store
public import Treasury

/// Ordering tranches. Checks, approval, payment and what the bank answers are the treasury's.
public struct TrancheActions: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let treasury: Treasury

    public init(db: Database, clock: any Clock, zone: CityZone, treasury: Treasury) {
        self.db = db
        self.clock = clock
        self.zone = zone
        self.treasury = treasury
    }

    /// Orders a planned tranche of a running project whose earlier tranches are paid: all of it, or what came back.
    public func order(_ id: ID<Tranche>, note: String, by actor: Actor) async throws -> Tranche {
        try Policy.require(actor, .orderTranches)
        try Words.check(note, "note", Bilingual("备注", "Note"), isRequired: false)
        let now = clock.now()
        let entry = PaymentEntry(actor: actor, day: zone.day(of: now), now: now)
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
            let ordered = try Tranches.note("tranche.ordered", id, entry, tx)
            let rest = tranche.amount - (try PaymentStore.settled(Tranches.subject, id.text, tx))
            try PaymentOrders.place(
                try FundingBooks.payment(rest, for: ordered, of: project, note: note, tx), entry, tx)
            return ordered
        }
    }

    /// The treasurer's check of an ordered tranche of a running project; never by the person who ordered it.
    public func confirm(_ id: ID<Tranche>, by actor: Actor) async throws -> Tranche {
        let (order, tranche) = try await ordered(id)
        guard tranche.orderedBy != actor.account?.text else { throw ProjectError.samePerson }
        _ = try await treasury.orders.check(order, by: actor)
        return try await find(id)
    }

    /// Puts an ordered tranche back to planned, with a reason.
    public func sendBack(_ id: ID<Tranche>, reason: String, by actor: Actor) async throws -> Tranche {
        _ = try await treasury.orders.sendBack(try await ordered(id).order, reason: reason, by: actor)
        return try await find(id)
    }

    private func ordered(_ id: ID<Tranche>) async throws -> (order: ID<PaymentOrder>, tranche: Tranche) {
        try await db.read { tx in
            guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
            let open = try PaymentStore.list(Tranches.subject, id.text, tx).first { $0.state.isOpen }
            guard let open else { throw ProjectError.trancheState }
            return (open.id, tranche)
        }
    }

    private func find(_ id: ID<Tranche>) async throws -> Tranche {
        try await db.read { tx in
            guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
            return tranche
        }
    }
}

/// What the treasury and this room say to each other of tranches.
enum Tranches {
    /// The kind of subject under which tranches are ordered.
    static let subject = "tranche"

    /// Follows what became of an order: paid, the tranche is confirmed; otherwise it can be ordered anew, as far as
    /// money is with the treasury, or is freed where the project has ended meanwhile.
    static func hear(_ order: PaymentOrder, _ news: PaymentNews, _ entry: PaymentEntry, _ tx: Tx) throws {
        guard !order.state.isOpen else { return }
        let id = ID<Tranche>(order.subject)
        guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
        let project = try ProjectStore.require(tranche.project, tx)
        if try PaymentStore.settled(subject, order.subject, tx) == tranche.amount {
            try tx.run(
                """
                UPDATE tranche SET state = 'confirmed', confirmed_by = \(order.checkedBy), confirmed_at = \(entry.now)
                WHERE id = \(id)
                """)
            _ = try note("tranche.confirmed", id, entry, tx)
            return
        }
        let isRunning = project.step == "running"
        try tx.run(
            """
            UPDATE tranche SET state = \(isRunning ? Tranche.State.planned : .cancelled), ordered_by = NULL,
                ordered_at = NULL, confirmed_by = NULL, confirmed_at = NULL, note = \(reason(news)) WHERE id = \(id)
            """)
        _ = try note("tranche.returned", id, entry, tx)
        guard !isRunning else { return }
        let books = try BookEntry.of(
            project.id, rules: "funding.tranche@1", entry.actor, on: entry.day, at: entry.now, tx)
        try FundingBooks.free(project, books, tx)
    }

    private static func reason(_ news: PaymentNews) -> String {
        switch news {
        case .paid: ""
        case .rejected(_, let reason), .returned(_, let reason), .sentBack(let reason): reason
        }
    }

    /// Writes the event of a tranche.
    static func note(_ kind: String, _ id: ID<Tranche>, _ entry: PaymentEntry, _ tx: Tx) throws -> Tranche {
        guard let tranche = try TrancheStore.find(id, tx) else { throw ProjectError.trancheUnknown }
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "tranche", subject: id.text, caseID: tranche.project,
                actor: entry.actor, at: entry.now,
                content: .object([
                    "position": .integer(Int64(tranche.position)), "amountFen": .integer(tranche.amount.fen),
                    "note": .string(tranche.note ?? ""),
                ])), tx)
        return tranche
    }

    /// Gives the treasury what was ordered before there was one. Those that were confirmed then count as paid.
    static func handOver(in db: Database, at now: Instant, zone: CityZone) async throws {
        let entry = PaymentEntry(actor: .system, day: zone.day(of: now), now: now)
        let waits: SQL = """
            state = 'ordered' AND NOT EXISTS (SELECT 1 FROM payment_order o WHERE o.subject_kind = \(subject)
                AND o.subject = tranche.id AND o.state IN ('ordered', 'checked', 'ready', 'sent', 'partial'))
            """
        let isDue: Bool = try await db.read { tx in
            try tx.value("SELECT id FROM tranche WHERE \(waits) LIMIT 1") as String? != nil
        }
        guard isDue else { return }
        try await db.write { tx in
            let ordered = try tx.rows("SELECT * FROM tranche WHERE \(waits) ORDER BY id", Tranche.init(row:))
            for tranche in ordered {
                let project = try ProjectStore.require(tranche.project, tx)
                let draft = try FundingBooks.payment(
                    tranche.amount, for: tranche, of: project, note: tranche.note ?? "", tx)
                guard let posting = try FundingBooks.takeOrder(of: tranche, tx) else { continue }
                try PaymentOrders.takeOver(draft, posting: posting, orderedBy: tranche.orderedBy, entry, tx)
            }
        }
    }
}
