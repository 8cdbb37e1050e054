public import Kernel
public import Store

/// What an expert does: declare, accept or decline, fill in, submit.
public struct SheetActions: Sendable {
    let db: Database
    let clock: any Clock
    let zone: CityZone
    let review: ReviewActions

    public init(db: Database, clock: any Clock, ids: any IDSource, zone: CityZone) {
        self.db = db
        self.clock = clock
        self.zone = zone
        review = ReviewActions(db: db, clock: clock, ids: ids, zone: zone)
    }

    /// The assignment to work on, if it is the actor's.
    /// - Throws: ``ReviewError/unknown`` for anybody else, so that nobody learns who judges what;
    ///   ``ReviewError/conflicted(_:)`` for an accepted one that has come into conflict.
    public static func mine(_ id: ID<Assignment>, _ actor: Actor, _ tx: Tx) throws -> Assignment {
        let assignment = try own(id, actor, tx)
        guard assignment.state == .accepted, let item = try RoundStore.item(assignment.round, assignment.item, tx),
            let facts = try PoolConflicts.facts([assignment.expert], on: nil, tx)[assignment.expert]
        else { return assignment }
        guard !Conflicts.standing(expert: facts, item: item).isEmpty,
            let round = try RoundStore.find(assignment.round, tx)
        else { return assignment }
        let found = try PoolConflicts.without(
            lifted: Conflicts.standing(expert: facts, item: item), facts, item, round, on: round.dueOn, tx)
        guard found.isEmpty else { throw ReviewError.conflicted(found) }
        return assignment
    }

    private static func own(_ id: ID<Assignment>, _ actor: Actor, _ tx: Tx) throws -> Assignment {
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx),
            let assignment = try RoundStore.assignment(id, tx), assignment.expert == expert.id
        else { throw ReviewError.unknown }
        return assignment
    }

    /// Accepts with the declaration that there is no conflict and that all stays confidential.
    /// - Throws: ``ReviewError/conflicted(_:)`` where the pool knows better.
    public func accept(_ id: ID<Assignment>, by actor: Actor) async throws {
        try await answer(id, .accepted, reason: nil, event: "review.accepted", actor) { assignment, now, tx in
            try Pledges.note(
                .review, of: [actor.person?.text].compactMap(\.self), matter: assignment.round.text, by: actor, at: now,
                tx)
        }
    }

    /// Declines; the next reserve is invited at once.
    public func decline(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        let review = review
        try await answer(id, .declined, reason: reason, event: "review.declined", actor) { assignment, now, tx in
            try review.inviteReserve(for: assignment, now, tx)
        }
    }

    /// Declares a conflict: the expert is recused for good, the relation is kept, a reserve is invited. The same goes
    /// for the expert's other open items that the relation touches.
    public func recuse(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        let review = review
        try await answer(id, .recused, reason: reason, event: "review.recused", actor) { assignment, now, tx in
            if let item = try RoundStore.item(assignment.round, assignment.item, tx) {
                try ExpertStore.declare(
                    item.investigator.text, note: reason, by: assignment.expert, at: now, tx)
            }
            let own = ConflictFinding(
                expert: assignment.expert, item: assignment.item, kind: .ownDeclaration, subject: assignment.item.text,
                from: nil, until: nil, source: .declared, note: reason, author: actor.account?.text ?? "")
            try ConflictStore.keep([own], of: assignment.round, at: now, tx)
            try review.inviteReserve(for: assignment, now, tx)
            try review.recuseConflicted(assignment.expert, actor, now, tx)
        }
    }

    private func answer(
        _ id: ID<Assignment>, _ state: Assignment.State, reason: String?, event: String, _ actor: Actor,
        then: @escaping @Sendable (Assignment, Instant, Tx) throws -> Void
    ) async throws {
        if state != .accepted, (reason ?? "").isEmpty || (reason ?? "").count > 1_000 {
            throw ReviewError.required(
                "reason", Bilingual("请说明理由（不超过 1000 字）", "Give the reason, in at most 1000 characters"))
        }
        let now = clock.now()
        try await db.write { tx in
            let assignment = try SheetActions.own(id, actor, tx)
            let open: [Assignment.State] = state == .accepted ? [.invited] : [.invited, .accepted]
            guard open.contains(assignment.state) else { throw ReviewError.wrongState }
            guard let round = try RoundStore.find(assignment.round, tx), round.state == .drawn else {
                throw ReviewError.wrongState
            }
            if state == .accepted { try PoolConflicts.refuse(assignment, round, on: zone.day(of: now), tx) }
            try tx.run(
                """
                UPDATE review_assignment SET state = \(state), reason = \(reason), answered_at = \(now) WHERE id = \(id)
                """)
            try then(assignment, now, tx)
            try review.log(event, assignment.round, ["assignment": .string(id.text)], actor, now, tx)
        }
    }

    /// Saves the sheet as far as it is.
    /// - Returns: the new revision and what does not fit so far.
    public func save(
        _ id: ID<Assignment>, values: @escaping @Sendable (String) -> [String], expecting revision: Int, by actor: Actor
    ) async throws -> (revision: Int, problems: [FieldProblem]) {
        let now = clock.now()
        return try await db.write { tx in
            let (assignment, round) = try writable(id, actor, now, tx)
            guard assignment.revision == revision else { throw ReviewError.stale }
            let form = round.sheet.form
            let answers = form.read(section: nil, from: values, over: assignment.answers)
            try tx.run(
                "UPDATE review_assignment SET answers = \(answers), revision = \(revision + 1) WHERE id = \(id)")
            return (revision + 1, form.problems(answers, complete: false))
        }
    }

    /// Submits the sheet for good.
    /// - Throws: ``ReviewError/incomplete(_:)`` with every problem.
    public func submit(_ id: ID<Assignment>, by actor: Actor) async throws {
        let now = clock.now()
        try await db.write { tx in
            let assignment = try SheetActions.mine(id, actor, tx)
            // Sending twice must not fail the second time.
            if assignment.state == .submitted { return }
            let (_, round) = try writable(id, actor, now, tx)
            let problems = round.sheet.form.problems(assignment.answers, complete: true)
            guard problems.isEmpty, let total = round.sheet.total(assignment.answers) else {
                throw ReviewError.incomplete(problems)
            }
            try tx.run(
                """
                UPDATE review_assignment SET state = 'submitted', total = \(total),
                    verdict = \(assignment.answers["verdict"]?.string), submitted_at = \(now)
                WHERE id = \(id)
                """)
            let hash = Digest.hex(Digest.sha256(assignment.answers.canonicalBytes))
            try review.log(
                "review.submitted", round.id, ["assignment": .string(id.text), "sheet": .string(hash)], actor, now, tx)
        }
    }

    private func writable(_ id: ID<Assignment>, _ actor: Actor, _ now: Instant, _ tx: Tx) throws -> (Assignment, Round)
    {
        let assignment = try SheetActions.mine(id, actor, tx)
        guard assignment.state == .accepted else { throw ReviewError.wrongState }
        guard let round = try RoundStore.find(assignment.round, tx), round.state == .drawn else {
            throw ReviewError.wrongState
        }
        try PoolConflicts.refuse(assignment, round, on: zone.day(of: now), tx)
        return (assignment, round)
    }
}
