public import Kernel
import Ledger
public import Store

/// Proposing, deciding and giving effect to awards: three steps, at least two people, and a publicity between.
public struct DecisionActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let procedures: Procedures
    let publicity: Publicity
    let projects: ProjectActions

    public init(
        db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures, publicity: Publicity,
        projects: ProjectActions
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.procedures = procedures
        self.publicity = publicity
        self.projects = projects
    }

    /// Proposes which applications to fund and which to refuse, each with its reason.
    /// - Throws: ``DecisionError`` when it is above the budget or names applications that do not wait for a decision.
    public func propose(_ draft: DecisionDraft, by actor: Actor) async throws -> Decision {
        try Policy.require(actor, .proposeAwards)
        guard !draft.reasons.isEmpty else { throw DecisionError.noReasons }
        try Words.check(draft.reasons, "reasons", Bilingual("理由", "Reasons"), most: 4_000)
        let now = clock.now()
        let id: ID<Decision> = ids.make()
        return try await db.write(locking: [LockKey("call.\(draft.call)")]) { tx in
            let call = try CallStore.require(draft.call, tx)
            try Policy.require(actor, .proposeAwards, in: call.division)
            try check(draft, call, tx)
            let serial = try NumberSeries.next("decision.\(call.year)", tx)
            try DecisionStore.insert(
                draft, id: id, number: "LX-\(call.year)-\(padded(serial, 3))", by: actor.account?.text ?? "", at: now,
                tx)
            guard try !DecisionStore.isOwn(actor, id, tx) else { throw DecisionError.ownApplication }
            let decision = try DecisionStore.require(id, tx)
            let wanted = Money.sum(draft.items.filter { $0.outcome == .award }.map(\.amount))
            let entry = try log("decision.proposed", decision, call, actor, now, tx)
            try FundingBooks.hold(decision, of: call, wanted, entry, tx)
            return decision
        }
    }

    private func check(_ draft: DecisionDraft, _ call: Call, _ tx: Tx) throws {
        let waiting = Set(
            try tx.rows("SELECT case_id FROM application WHERE call = \(call.id) AND step = 'decision'") {
                try $0["case_id"] as ApplicationID
            })
        let strangers = draft.items.map(\.application).filter { !waiting.contains($0) }
        guard strangers.isEmpty else { throw DecisionError.outside(strangers.map(\.text)) }
        try refuseBarred(draft.items, tx)
        let held = try DecisionStore.list(call: call.id, tx).first { $0.state == .proposed }
        if let held { throw DecisionError.alreadyProposed(held.number) }
    }

    /// - Throws: ``DecisionError/barred(_:)``.
    private func refuseBarred(_ items: [DecisionItem], _ tx: Tx) throws {
        let awards = items.filter { $0.outcome == .award }.map(\.application)
        let barred = try ApplicationStore.barred(awards, on: procedures.zone.day(of: clock.now()), tx)
        guard !barred.isEmpty else { return }
        let applications = try ApplicationStore.all(Array(barred.keys), tx)
        throw DecisionError.barred(
            Dictionary(
                barred.map { id, bar in
                    let reason = Bilingual("\(bar.number)：\(bar.reason.zh)", "\(bar.number): \(bar.reason.en)")
                    return (applications[id]?.number ?? id.text, reason)
                }, uniquingKeysWith: { first, _ in first }))
    }

    /// Approves a proposal: refusals go out, proposed awards are published for objection.
    public func approve(_ id: ID<Decision>, reason: String, by actor: Actor) async throws -> Decision {
        try Policy.require(actor, .decideAwards)
        try Words.check(reason, "reason", Bilingual("意见", "Opinion"), isRequired: false, most: 4_000)
        let now = clock.now()
        return try await db.write { tx in
            var decision = try DecisionStore.require(id, tx)
            if decision.state == .approved { return decision }
            guard decision.state == .proposed else { throw DecisionError.notProposed }
            guard decision.proposedBy != actor.account?.text else { throw DecisionError.samePerson }
            guard try !DecisionStore.isOwn(actor, id, tx) else { throw DecisionError.ownApplication }
            let call = try CallStore.require(decision.call, tx)
            let items = try DecisionStore.items(id, tx)
            try refuseBarred(items, tx)
            let notice = try publish(decision, items, call, actor, now, tx)
            for item in items {
                try procedures.act(
                    item.application, item.outcome == .award ? "propose-award" : "not-funded",
                    answers: ["reason-zh": .string(item.reason.zh), "reason-en": .string(item.reason.en)],
                    as: .system, at: now, in: tx)
            }
            decision.state = .approved
            decision.notice = notice?.id
            try settle(&decision, .approved, reason, actor, now, tx)
            try log("decision.approved", decision, call, actor, now, tx)
            return decision
        }
    }

    /// Sends a proposal back to its officer.
    public func sendBack(_ id: ID<Decision>, reason: String, by actor: Actor) async throws -> Decision {
        try Policy.require(actor, .decideAwards)
        guard !reason.isEmpty else { throw DecisionError.noReasons }
        try Words.check(reason, "reason", Bilingual("退回理由", "Reason to return"), most: 4_000)
        let now = clock.now()
        return try await db.write(locking: FundingBooks.locks) { tx in
            var decision = try DecisionStore.require(id, tx)
            guard decision.state == .proposed else { throw DecisionError.notProposed }
            guard decision.proposedBy != actor.account?.text else { throw DecisionError.samePerson }
            try settle(&decision, .returned, reason, actor, now, tx)
            let call = try CallStore.require(decision.call, tx)
            let entry = try log("decision.returned", decision, call, actor, now, tx)
            try FundingBooks.release("decision", id.text, entry, tx)
            return decision
        }
    }

    /// Gives effect to an approved decision once its publicity has closed and every objection is answered: each award
    /// becomes a project with a contract to sign. What a call has left after its last decision goes back to its
    /// programme's budget.
    /// - Throws: ``DecisionError/publicityOpen(until:)`` or ``DecisionError/objectionsOpen(_:)``.
    public func takeEffect(_ id: ID<Decision>, by actor: Actor) async throws -> Decision {
        try Policy.require(actor, .effectAwards)
        let now = clock.now()
        return try await db.write(locking: FundingBooks.locks) { tx in
            var decision = try DecisionStore.require(id, tx)
            if decision.state == .effective { return decision }
            guard decision.state == .approved else { throw DecisionError.notApproved }
            if let notice = decision.notice {
                switch try publicity.mayTakeEffect(notice, at: now, tx) {
                case .yes: break
                case .open(let until): throw DecisionError.publicityOpen(until: until)
                case .objections(let count): throw DecisionError.objectionsOpen(count)
                }
            }
            let call = try CallStore.require(decision.call, tx)
            try Policy.require(actor, .effectAwards, in: call.division)
            let upheld = try decision.notice.map { try Objections.upheld($0, tx) } ?? [:]
            var opened: [Project] = []
            let items = try DecisionStore.items(id, tx).filter { $0.outcome == .award }
            let barred = try ApplicationStore.barred(
                items.map(\.application), on: procedures.zone.day(of: now), tx)
            for item in items {
                if let answer = upheld[item.application] ?? barred[item.application].map(DecisionActions.because) {
                    try strike(item, of: decision, because: answer, now, tx)
                } else {
                    opened.append(try projects.open(item, call: call, actor: actor, at: now, tx))
                }
            }
            try tx.run(
                """
                UPDATE funding_decision SET state = 'effective', effective_at = \(now) WHERE id = \(id)
                """)
            decision.state = .effective
            decision.effectiveAt = now
            let entry = try log("decision.effective", decision, call, actor, now, tx)
            try FundingBooks.release("decision", id.text, entry, tx)
            try FundingBooks.commit(opened, of: call, entry, tx)
            if try CallStore.isFinished(call, on: entry.day, tx) { try FundingBooks.free(call, entry, tx) }
            return decision
        }
    }

    /// What the letter says where a bar was imposed while the award was published.
    private static func because(_ bar: Bar) -> Bilingual {
        Bilingual(
            "公示期间作出的限制措施（\(bar.number)）在期，不予立项。",
            "A bar (\(bar.number)) was imposed while the proposal was published: not funded.")
    }

    /// Takes an award off the decision after an upheld objection or a bar.
    private func strike(
        _ item: DecisionItem, of decision: Decision, because answer: Bilingual, _ now: Instant, _ tx: Tx
    ) throws {
        try procedures.act(
            item.application, "strike",
            answers: ["reason-zh": .string(answer.zh), "reason-en": .string(answer.en)], as: .system, at: now, in: tx)
        try tx.run(
            """
            UPDATE funding_decision_item SET outcome = 'struck', amount_fen = 0, reason_zh = \(answer.zh),
                reason_en = \(answer.en)
            WHERE decision = \(decision.id) AND case_id = \(item.application)
            """)
    }

    private func publish(
        _ decision: Decision, _ items: [DecisionItem], _ call: Call, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> Notice? {
        let awards = items.filter { $0.outcome == .award }
        guard !awards.isEmpty else { return nil }
        let applications = try ApplicationStore.all(awards.map(\.application), tx)
        let organisations = try Registry.organisations(applications.values.map(\.organisation), tx)
        let rows = awards.compactMap { item -> NoticeRow? in
            guard let application = applications[item.application] else { return nil }
            return NoticeRow(
                caseID: application.id, number: application.number, title: application.title,
                organisation: organisations[application.organisation]?.name ?? Bilingual("", ""),
                person: application.investigatorName, amount: item.amount)
        }
        return try publicity.open(
            title: Bilingual("\(call.title.zh)拟立项项目公示", "Proposed awards: \(call.title.en)"),
            intro: Bilingual(
                "现将《\(call.title.zh)》拟立项的 \(rows.count) 个项目予以公示。公示期内有异议的，请实名书面提出。",
                "\(counted(rows.count, "project is", "projects are")) proposed for award under '\(call.title.en)'. Objections may be filed in writing under a real name."
            ),
            about: "decision", decision.id.text, rows: rows, division: call.division, by: actor, at: now, tx)
    }

    private func settle(
        _ decision: inout Decision, _ state: Decision.State, _ reason: String, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        decision.state = state
        decision.decidedBy = actor.account?.text
        decision.decidedAt = now
        decision.decisionReason = reason
        try tx.run(
            """
            UPDATE funding_decision SET state = \(state), decided_by = \(decision.decidedBy), decided_at = \(now),
                decision_reason = \(reason), notice = \(decision.notice) WHERE id = \(decision.id)
            """)
    }

    /// Writes the event, and says how what it means for the books is to be entered.
    @discardableResult
    private func log(
        _ kind: String, _ decision: Decision, _ call: Call, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws -> BookEntry {
        let event = try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "decision", subject: decision.id.text, actor: actor, at: now,
                content: .object([
                    "number": .string(decision.number), "state": .string(decision.state.rawValue),
                    "reason": .string(decision.decisionReason ?? decision.reasons),
                ])), tx)
        return BookEntry(
            caseID: nil, event: event, actor: actor, rules: "\(call.number)@\(call.revision)",
            day: procedures.zone.day(of: now), now: now)
    }
}
