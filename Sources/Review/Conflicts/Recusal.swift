public import Kernel
import Store

extension ReviewActions {
    /// Keeps a relation that the bureau learned of; the expert is recused from every open item that it touches.
    /// - Parameter subject: identity of a person or an organisation.
    public func addRelation(
        _ subject: String, note: String, to expert: ID<Expert>, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        try await db.write { tx in
            try ExpertStore.declare(subject, note: note, by: expert, at: now, tx)
            try recuseConflicted(expert, actor, now, tx)
        }
    }

    /// Keeps a time at an employer; the expert is recused from every open item that it touches.
    public func addEmployment(
        _ time: ExpertFacts.Employment, to expert: ID<Expert>, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        try await db.write { tx in
            try ExpertStore.employ(time, expert, tx)
            try recuseConflicted(expert, actor, now, tx)
        }
    }

    /// Keeps a tie with its kind, times and source; the expert is recused from every open item that it touches.
    public func addTie(_ tie: Tie, to expert: ID<Expert>, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(tie.subject, "subject", Bilingual("对方", "With whom"), most: 100)
        try Words.check(tie.source, "source", Bilingual("来源", "Source"), most: 300)
        let now = clock.now()
        let id = ids.next().description
        let kept = Tie(
            tie.kind, tie.subject, from: tie.from, to: tie.to, source: tie.source,
            author: actor.account?.text ?? "system")
        try await db.write { tx in
            guard try ExpertStore.all([expert], tx)[expert] != nil else { throw ReviewError.unknown }
            try TieStore.add(kept, id: id, to: expert, at: now, tx)
            try recuseConflicted(expert, actor, now, tx)
        }
    }

    /// Keeps that an expert may be another person of the register: that can only add conflicts, proved or not.
    public func addAlias(
        _ person: ID<PersonMark>, to expert: ID<Expert>, source: String, isVerified: Bool, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(source, "source", Bilingual("来源", "Source"), most: 300)
        let now = clock.now()
        try await db.write { tx in
            try TieStore.addAlias(
                person, to: expert, source: source, isVerified: isVerified, by: actor.account?.text ?? "system",
                at: now, tx)
            try recuseConflicted(expert, actor, now, tx)
        }
    }

    /// Looks at an expert again in every round under way after a fact has changed: keeps new conflicts, ends those that
    /// no longer hold, recuses from open assignments that have come into conflict, and invites reserves.
    func recuseConflicted(_ expert: ID<Expert>, _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        try recuseConflicted([expert], actor, now, tx)
    }

    /// The same for many experts, who are compared in blocks: what it costs grows with what has changed, not with the
    /// experts of a house or with the rounds in which nobody of theirs takes part.
    func recuseConflicted(_ experts: [ID<Expert>], _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        let rounds = try RoundStore.underWay(tx)
        let day = zone.day(of: now)
        try compare(experts, on: day, tx) { facts in
            let part = Array(facts.values)
            for round in try ConflictStore.touched(rounds, by: part, on: day, tx) {
                try refresh(part, round, actor, now, tx)
            }
            // What came to be known of the other side since the round was opened, such as a new parent.
            let open = try RoundStore.open(of: part.map(\.expert), tx)
            for (assignment, found) in try PoolConflicts.between(open, facts, in: rounds, on: day, tx) {
                try recuse(assignment, found, now, tx)
                try replaceRecused(assignment, found, actor, now, tx)
            }
        }
    }

    /// Reads the facts of experts in blocks.
    func compare(
        _ experts: [ID<Expert>], on day: Day, _ tx: Tx, _ body: ([ID<Expert>: ExpertFacts]) throws -> Void
    ) throws {
        for part in experts.blocks() {
            let facts = try PoolConflicts.facts(part, on: day, tx)
            if !facts.isEmpty { try body(facts) }
        }
    }

    /// Brings the kept conflicts of experts in one round up to date: they give up what new ones touch before these are
    /// kept, and reserves come in when all is known.
    func refresh(
        _ experts: [ExpertFacts], _ round: Round, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        let ordered = experts.sorted { $0.expert.text < $1.expert.text }
        let changes = try ConflictStore.changes(ordered, round, on: zone.day(of: now), tx)
        try ConflictStore.end(changes.flatMap(\.ended), of: round.id, tx)
        let new = Dictionary(grouping: changes.flatMap(\.new), by: \.expert)
        guard !new.isEmpty else { return }
        var given: [(assignment: Assignment, found: [Conflict])] = []
        for assignment in try RoundStore.open(of: Array(new.keys), tx) where assignment.round == round.id {
            let touching = (new[assignment.expert] ?? []).filter { ($0.item ?? assignment.item) == assignment.item }
            let found = Conflict.allCases.filter(Set(touching.map(\.kind)).contains)
            guard !found.isEmpty else { continue }
            try recuse(assignment, found, now, tx)
            given.append((assignment, found))
        }
        try ConflictStore.keep(changes.flatMap(\.new), of: round.id, at: now, tx)
        for (assignment, found) in given { try replaceRecused(assignment, found, actor, now, tx) }
    }

    private func recuse(_ assignment: Assignment, _ found: [Conflict], _ now: Instant, _ tx: Tx) throws {
        try tx.run(
            """
            UPDATE review_assignment SET state = 'recused', cause = \(Assignment.Cause.conflict(found)),
                answered_at = \(now)
            WHERE id = \(assignment.id)
            """)
    }

    /// Invites a reserve for a pair that was drawn although a conflict had been found after the plan was fixed.
    /// - Parameter late: what was found of the expert since then.
    func replaceLost(
        _ item: ID<CaseFile>, _ expert: ID<Expert>, _ late: [ConflictFinding], _ now: Instant, _ tx: Tx
    ) throws {
        let assignment = try tx.first(
            "SELECT * FROM review_assignment WHERE item = \(item) AND expert = \(expert)", Assignment.init(row:))
        guard let assignment else { return }
        let kinds = late.filter { ($0.item ?? item) == item }.map(\.kind)
        let found = Conflict.allCases.filter(kinds.contains)
        try recuse(assignment, found, now, tx)
        try replaceRecused(assignment, found, .system, now, tx)
    }

    private func replaceRecused(
        _ assignment: Assignment, _ found: [Conflict], _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try inviteReserve(for: assignment, now, tx)
        try log(
            "review.recused", assignment.round,
            [
                "assignment": .string(assignment.id.text),
                "conflicts": .array(found.map { .string($0.rawValue) }),
            ], actor, now, tx)
    }

    /// Looks at everybody of a round again, in memory: what changed in the register, and windows that have passed.
    func refreshAll(_ round: Round, _ now: Instant, _ tx: Tx) throws {
        let held = try tx.rows(
            """
            SELECT DISTINCT expert FROM review_assignment WHERE round = \(round.id) AND state IN ('invited', 'accepted')
            ORDER BY expert
            """
        ) { try $0["expert"] as ID<Expert> }
        try compare(held, on: zone.day(of: now), tx) { facts in
            try refresh(Array(facts.values), round, .system, now, tx)
        }
    }
}
