public import Kernel
import Ledger
public import Store

/// What becomes of money that has to come back: agreed parts, penalties, writing off.
public struct RecoveryActions: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let rules: RuleBook

    public init(db: Database, clock: any Clock, zone: CityZone, rules: RuleBook) {
        self.db = db
        self.clock = clock
        self.zone = zone
        self.rules = rules
    }

    /// One part of a plan.
    public struct Part: Hashable, Sendable {
        public let amount: Money
        public let dueOn: Day

        public init(_ amount: Money, dueOn: Day) {
            self.amount = amount
            self.dueOn = dueOn
        }
    }

    /// Agrees that a recovery comes back in parts that add up to it.
    /// - Throws: ``RecoveryError``.
    public func agree(_ id: String, _ parts: [Part], by actor: Actor) async throws {
        try Policy.require(actor, .planRecoveries)
        let now = clock.now()
        let today = zone.day(of: now)
        let most = try rules.number("recovery.instalments", on: today)
        try await db.write(locking: FundingBooks.locks) { tx in
            let (recovery, project) = try due(id, actor, tx)
            guard try RecoveryStore.parts(id, tx).isEmpty else { throw RecoveryError.agreed }
            guard (2...most).contains(parts.count) else { throw RecoveryError.count(most) }
            let sum = Money.sum(parts.map(\.amount))
            guard parts.allSatisfy({ $0.amount > .zero }), sum == recovery.amount else {
                throw RecoveryError.sum(recovery.amount, sum)
            }
            guard zip(parts, parts.dropFirst()).allSatisfy({ $0.dueOn < $1.dueOn }), let first = parts.first,
                first.dueOn >= today
            else { throw RecoveryError.days }
            try event("recovery.agreed", recovery, project, ["parts": .integer(Int64(parts.count))], actor, now, tx)
            let entry = try self.entry(project, actor, now, tx)
            try FundingBooks.release("recovery", id, entry, tx)
            for (index, part) in parts.enumerated() {
                let partID = "\(id)-\(index + 1)"
                try tx.run(
                    """
                    INSERT INTO recovery_part (id, recovery, position, amount_fen, due_on, penalty_fen)
                    VALUES (\(partID), \(id), \(index + 1), \(part.amount), \(part.dueOn), 0)
                    """)
                try FundingBooks.claim(part.amount, of: project, recovery: partID, entry, tx)
            }
            try move(recovery, project, to: first.dueOn, actor, now, tx)
        }
    }

    /// Books an agreed part that came back, with the penalty for being late.
    /// - Returns: the penalty.
    @discardableResult
    public func receive(_ id: String, position: Int, by actor: Actor) async throws -> Money {
        try Policy.require(actor, .confirmTranches)
        let now = clock.now()
        let today = zone.day(of: now)
        let law = rules.law(on: today)
        return try await db.write(locking: FundingBooks.locks) { tx in
            guard let recovery = try RecoveryStore.find(id, tx), !recovery.isSettled else {
                throw RecoveryError.unknown
            }
            let project = try ProjectStore.require(recovery.project, tx)
            let parts = try RecoveryStore.parts(id, tx)
            guard let part = parts.first(where: { $0.paidOn == nil }), part.position == position else {
                throw RecoveryError.notNext
            }
            let penalty = try Self.penalty(part.amount, dueOn: part.dueOn, on: today, law)
            try tx.run(
                """
                UPDATE recovery_part SET paid_on = \(today), paid_by = \(actor.account), penalty_fen = \(penalty)
                WHERE id = \(part.id)
                """)
            try event(
                "recovery.part-returned", recovery, project,
                [
                    "position": .integer(Int64(position)), "amountFen": .integer(part.amount.fen),
                    "penaltyFen": .integer(penalty.fen),
                ], actor, now, tx)
            let entry = try self.entry(project, actor, now, tx)
            try FundingBooks.settle(recovery: part.id, entry, tx)
            try FundingBooks.handOver(penalty, "penalty", of: project, key: "recovery.\(part.id).penalty", entry, tx)
            if let next = parts.first(where: { $0.position > position }) {
                try move(recovery, project, to: next.dueOn, actor, now, tx)
            } else {
                try Self.settle(recovery, project, actor, now, entry, tx)
            }
            return penalty
        }
    }

    /// Proposes to give up what is still due.
    public func proposeWriteOff(_ id: String, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, .planRecoveries)
        try Words.check(reason, "reason", Bilingual("核销理由", "Reason to write it off"))
        let now = clock.now()
        try await db.write { tx in
            let (recovery, project) = try due(id, actor, tx)
            if let open = try RecoveryStore.writeOff(id, tx), open.decidedBy == nil { throw RecoveryError.proposed }
            try tx.run(
                """
                INSERT INTO recovery_write_off (recovery, reason, proposed_by, proposed_at)
                VALUES (\(id), \(reason), \(actor.account?.text ?? ""), \(now))
                ON CONFLICT (recovery) DO UPDATE SET reason = excluded.reason, proposed_by = excluded.proposed_by,
                    proposed_at = excluded.proposed_at, decided_by = NULL, decided_at = NULL
                """)
            try event("recovery.write-off-proposed", recovery, project, ["reason": .string(reason)], actor, now, tx)
        }
    }

    /// Decides on giving up what is still due; never who proposed it.
    public func decideWriteOff(_ id: String, agreed: Bool, by actor: Actor) async throws {
        try Policy.require(actor, .decideAwards)
        let now = clock.now()
        try await db.write(locking: FundingBooks.locks) { tx in
            guard let recovery = try RecoveryStore.find(id, tx), !recovery.isSettled,
                let proposal = try RecoveryStore.writeOff(id, tx), proposal.decidedBy == nil
            else { throw RecoveryError.unknown }
            guard proposal.proposedBy != actor.account?.text else { throw RecoveryError.samePerson }
            let project = try ProjectStore.require(recovery.project, tx)
            try tx.run(
                """
                UPDATE recovery_write_off SET decided_by = \(actor.account), decided_at = \(now) WHERE recovery = \(id)
                """)
            guard agreed else {
                return try event("recovery.write-off-refused", recovery, project, [:], actor, now, tx)
            }
            try tx.run(
                """
                UPDATE recovery SET state = 'written-off', settled_at = \(now), settled_by = \(actor.account)
                WHERE id = \(id)
                """)
            let open = try RecoveryStore.parts(id, tx).filter { $0.paidOn == nil }
            let paid = Money.sum(try RecoveryStore.parts(id, tx).filter { $0.paidOn != nil }.map(\.amount))
            let left = recovery.amount - paid
            // What is settled is due no longer, for the lists as well.
            try event(
                "recovery.settled", recovery, project,
                ["writtenOff": true, "amountFen": .integer(left.fen)], actor, now, tx)
            let entry = try self.entry(project, actor, now, tx)
            for part in open { try FundingBooks.release("recovery", part.id, entry, tx) }
            try FundingBooks.release("recovery", id, entry, tx)
            try FundingBooks.writeOff(left, of: project, recovery: id, entry, tx)
        }
    }

    /// What is added for days after the due day.
    static func penalty(_ amount: Money, dueOn: Day, on day: Day, _ law: Law) throws -> Money {
        guard day > dueOn else { return .zero }
        let rate = try law.number("recovery.penalty").value
        // Fen a day for each RMB 100.
        let (days, base) = (Int64(day.number - dueOn.number), amount.fen)
        return Money(fen: base / 10_000 * rate * days + base % 10_000 * rate * days / 10_000)
    }

    // MARK: Shared

    private func due(_ id: String, _ actor: Actor, _ tx: Tx) throws -> (Recovery, Project) {
        guard let recovery = try RecoveryStore.find(id, tx), !recovery.isSettled else { throw RecoveryError.unknown }
        let file = try CaseStore.require(recovery.project, tx)
        guard Policy.handles(actor, file) else { throw ProcedureError.notYours }
        return (recovery, try ProjectStore.require(recovery.project, tx))
    }

    private func entry(_ project: Project, _ actor: Actor, _ now: Instant, _ tx: Tx) throws -> BookEntry {
        try BookEntry.of(project.id, rules: "funding.recovery@1", actor, on: zone.day(of: now), at: now, tx)
    }

    /// Another day counts from now on, for the lists of the overdue as well.
    private func move(
        _ recovery: Recovery, _ project: Project, to day: Day, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try tx.run("UPDATE recovery SET due_on = \(day) WHERE id = \(recovery.id)")
        try ProjectEvents.claimed(recovery.amount, recovery: recovery.id, due: day, project, by: actor, at: now, tx)
    }

    private func event(
        _ kind: String, _ recovery: Recovery, _ project: Project, _ more: [String: JSONValue], _ actor: Actor,
        _ now: Instant, _ tx: Tx
    ) throws {
        var content = more
        content["recovery"] = .string(recovery.id)
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "case", subject: project.id.text, caseID: project.id,
                actor: actor, at: now, content: .object(content)), tx)
    }

    /// Ends a recovery that came back whole, and hands its interest over.
    static func settle(
        _ recovery: Recovery, _ project: Project, _ actor: Actor, _ now: Instant, _ entry: BookEntry, _ tx: Tx
    ) throws {
        try tx.run(
            """
            UPDATE recovery SET state = 'returned', settled_at = \(now), settled_by = \(actor.account)
            WHERE id = \(recovery.id)
            """)
        try Record.append(
            Event(
                room: "funding", kind: "recovery.settled", subjectKind: "case", subject: project.id.text,
                caseID: project.id, actor: actor, at: now, content: ["recovery": .string(recovery.id)]), tx)
        try FundingBooks.settle(recovery: recovery.id, entry, tx)
        try FundingBooks.handOver(
            recovery.interest, "interest", of: project, key: "recovery.\(recovery.id).interest", entry, tx)
    }
}

/// Why a recovery cannot be moved as asked.
public enum RecoveryError: Problem, Hashable {
    case unknown
    case agreed
    case count(Int)
    case sum(Money, Money)
    case days
    case notNext
    case proposed
    case samePerson
    /// Money came back in parts: each is booked by itself.
    case inParts

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .samePerson: .forbidden
        case .count, .sum, .days: .invalid
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "recovery.unknown"
        case .agreed: "recovery.agreed"
        case .count: "recovery.count"
        case .sum: "recovery.sum"
        case .days: "recovery.days"
        case .notNext: "recovery.not-next"
        case .proposed: "recovery.proposed"
        case .samePerson: "recovery.same-person"
        case .inParts: "recovery.in-parts"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这笔应退资金，或已办结。", "There is no such recovery, or it is settled.")
        case .agreed: Bilingual("已有分期计划。", "There is a plan of parts already.")
        case .count(let most): Bilingual("分期应为 2 至 \(most) 期。", "A plan has 2 to \(most) parts.")
        case .sum(let wanted, let found):
            Bilingual(
                "各期合计 \(found.yuanText) 元，应等于应退 \(wanted.yuanText) 元。",
                "The parts add up to RMB \(found.yuanText) instead of RMB \(wanted.yuanText).")
        case .days: Bilingual("各期日期应依次在后，第一期不早于今天。", "The days follow each other, the first not before today.")
        case .notNext: Bilingual("请先确认前一期到账。", "The parts come back in their order.")
        case .proposed: Bilingual("已有待审定的核销。", "A proposal to write it off waits already.")
        case .samePerson: Bilingual("提出核销的人不能自己审定。", "Who proposed to write it off may not decide.")
        case .inParts: Bilingual("这笔应退资金已约定分期，请逐期确认。", "This comes back in parts; book each of them.")
        }
    }
}
