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

    /// The assignment, if it is the actor's.
    /// - Throws: ``ReviewError/unknown`` for anybody else, so that nobody learns who judges what.
    public static func mine(_ id: ID<Assignment>, _ actor: Actor, _ tx: Tx) throws -> Assignment {
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx),
            let assignment = try RoundStore.assignment(id, tx), assignment.expert == expert.id
        else { throw ReviewError.unknown }
        return assignment
    }

    /// Accepts with the declaration that there is no conflict and that all stays confidential.
    public func accept(_ id: ID<Assignment>, by actor: Actor) async throws {
        try await answer(id, .accepted, reason: nil, event: "review.accepted", actor) { _, _, _ in }
    }

    /// Declines; the next reserve is invited at once.
    public func decline(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        let review = review
        try await answer(id, .declined, reason: reason, event: "review.declined", actor) { assignment, now, tx in
            try review.inviteReserve(for: assignment, now, tx)
        }
    }

    /// Declares a conflict: the expert is recused for good, the relation is kept, a reserve is invited.
    public func recuse(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        let review = review
        try await answer(id, .recused, reason: reason, event: "review.recused", actor) { assignment, now, tx in
            if let item = try RoundStore.item(assignment.round, assignment.item, tx) {
                try ExpertStore.declare(
                    item.investigator.text, note: reason, by: assignment.expert, at: now, tx)
            }
            try review.inviteReserve(for: assignment, now, tx)
        }
    }

    private func answer(
        _ id: ID<Assignment>, _ state: Assignment.State, reason: String?, event: String, _ actor: Actor,
        then: @escaping @Sendable (Assignment, Instant, Tx) throws -> Void
    ) async throws {
        if state != .accepted, (reason ?? "").isEmpty {
            throw ReviewError.incomplete([
                FieldProblem(field: "reason", code: "field.required", message: Bilingual("请说明理由", "Give the reason"))
            ])
        }
        let now = clock.now()
        try await db.write { tx in
            let assignment = try SheetActions.mine(id, actor, tx)
            let open: [Assignment.State] = state == .accepted ? [.invited] : [.invited, .accepted]
            guard open.contains(assignment.state) else { throw ReviewError.wrongState }
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
        try await db.write { tx in
            let (assignment, round) = try writable(id, actor, tx)
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
            let (_, round) = try writable(id, actor, tx)
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

    private func writable(_ id: ID<Assignment>, _ actor: Actor, _ tx: Tx) throws -> (Assignment, Round) {
        let assignment = try SheetActions.mine(id, actor, tx)
        guard assignment.state == .accepted else { throw ReviewError.wrongState }
        guard let round = try RoundStore.find(assignment.round, tx), round.state == .drawn else {
            throw ReviewError.wrongState
        }
        return (assignment, round)
    }
}
