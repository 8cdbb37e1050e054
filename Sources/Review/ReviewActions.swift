public import Kernel
public import Store

/// Running a review: commit to a plan, draw, invite, replace, close. Experts' own part is in ``SheetActions``.
public struct ReviewActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let zone: CityZone

    public init(db: Database, clock: any Clock, ids: any IDSource, zone: CityZone) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.zone = zone
    }

    /// Who may judge each item: active experts of its field, without any conflict.
    public static func eligible(
        _ items: [ItemFacts], _ experts: [(Expert, ExpertFacts)]
    ) -> [ID<CaseFile>: [ID<Expert>]] {
        var result: [ID<CaseFile>: [ID<Expert>]] = [:]
        for item in items {
            let able = experts.filter { expert, facts in
                (item.field.isEmpty || expert.fields.contains(item.field)) && Conflict.between(facts, item).isEmpty
            }
            result[item.item] = able.map(\.0.id)
        }
        return result
    }

    /// Opens a round: fixes the plan and publishes its hash; the seed comes later.
    /// - Throws: ``ReviewError/alreadyOpen``, ``ReviewError/tooFewExperts(_:)``.
    public func open(
        subject: String, sheet: ScoringSheet, items: [ItemFacts], experts: [(Expert, ExpertFacts)], wanted: Int,
        load: Int, dueOn: Day, by actor: Actor
    ) async throws -> Round {
        try Policy.require(actor, "funding.review.run")
        let plan = DrawPlan(eligible: ReviewActions.eligible(items, experts), wanted: wanted, load: load)
        let short = plan.items.filter { $0.eligible.count < wanted }.count
        guard short == 0, !plan.items.isEmpty else { throw ReviewError.tooFewExperts(short) }
        let commitment = try plan.commitment()
        let planned = try JSONValue(encoding: plan)
        let sheetValue = try JSONValue(encoding: sheet)
        let facts = try items.map { ($0.item, try JSONValue(encoding: $0)) }
        let now = clock.now()
        let id: ID<Round> = ids.make()
        return try await db.write { tx in
            guard try RoundStore.find(subject: subject, tx) == nil else { throw ReviewError.alreadyOpen }
            try tx.run(
                """
                INSERT INTO review_round (id, subject, sheet, wanted, load, due_on, state, commitment, plan, opened_by,
                    opened_at)
                VALUES (\(id), \(subject), \(sheetValue), \(wanted), \(load), \(dueOn), 'committed', \(commitment),
                    \(planned), \(actor.account?.text ?? "system"), \(now))
                """)
            for block in stride(from: 0, to: facts.count, by: 200) {
                let rows = facts[block..<min(block + 200, facts.count)].map { entry -> SQL in
                    "(\(id), \(entry.0), \(entry.1))"
                }
                try tx.run("INSERT INTO review_item (round, item, facts) VALUES \(SQL.join(rows, separator: ", "))")
            }
            try log("review.committed", id, ["commitment": .string(commitment)], actor, now, tx)
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            return round
        }
    }

    /// Draws with a seed and invites those who were drawn.
    /// - Parameter seed: public chance that nobody could know when the plan was fixed, e.g. the day's lottery numbers.
    public func draw(_ id: ID<Round>, seed: String, by actor: Actor) async throws -> DrawProtocol {
        try Policy.require(actor, "funding.review.run")
        let now = clock.now()
        let plan = try await db.read { tx -> DrawPlan in
            guard let stored: JSONValue = try tx.value("SELECT plan FROM review_round WHERE id = \(id)") else {
                throw ReviewError.unknown
            }
            return try stored.decode()
        }
        let outcome = try DrawProtocol(plan, seed: seed)
        guard outcome.short.isEmpty else { throw ReviewError.tooFewExperts(outcome.short.count) }
        let stored = try JSONValue(encoding: outcome)
        try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .committed else {
                throw ReviewError.wrongState
            }
            try tx.run(
                """
                UPDATE review_round SET state = 'drawn', seed = \(seed), protocol = \(stored), drawn_at = \(now)
                WHERE id = \(id)
                """)
            var rows: [SQL] = []
            for result in outcome.results {
                for expert in result.drawn {
                    rows.append(invitation(round, result.item, expert, isReserve: false, now))
                }
            }
            for block in stride(from: 0, to: rows.count, by: 200) {
                try insert(Array(rows[block..<min(block + 200, rows.count)]), tx)
            }
            try notify(Set(outcome.results.flatMap(\.drawn)), round, now, tx)
            try log("review.drawn", id, ["seed": .string(seed), "protocol": .string(hash(stored))], actor, now, tx)
        }
        return outcome
    }

    private func hash(_ value: JSONValue) -> String { Digest.hex(Digest.sha256(value.canonicalBytes)) }

    private func invitation(
        _ round: Round, _ item: ID<CaseFile>, _ expert: ID<Expert>, isReserve: Bool, _ now: Instant
    ) -> SQL {
        let id: ID<Assignment> = ids.make()
        return """
            (\(id), \(round.id), \(item), \(expert), 'invited', \(isReserve), \(round.dueOn), \(now), '{}', 0)
            """
    }

    private func insert(_ rows: [SQL], _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO review_assignment (id, round, item, expert, state, is_reserve, due_on, invited_at, answers,
                revision)
            VALUES \(SQL.join(rows, separator: ", "))
            """)
    }

    private func notify(_ experts: Set<ID<Expert>>, _ round: Round, _ now: Instant, _ tx: Tx) throws {
        for expert in try ExpertStore.all(experts.sorted { $0.text < $1.text }, tx).values.sorted(by: {
            $0.id.text < $1.id.text
        }) {
            try Messages.tell(
                expert.account, Bilingual("评审邀请", "Invitation to review"),
                Bilingual(
                    "请在 \(round.dueOn) 前登录系统，声明利害关系并完成评审。",
                    "Please sign in, declare conflicts and review by \(round.dueOn)."),
                at: "/reviews", now: now, tx)
        }
    }

    /// Invites the next reserve for an assignment that its expert will not fill.
    /// - Returns: whether a reserve was found.
    @discardableResult
    func inviteReserve(for assignment: Assignment, _ now: Instant, _ tx: Tx) throws -> Bool {
        guard let round = try RoundStore.find(assignment.round, tx), round.state == .drawn,
            let stored = try RoundStore.drawProtocol(assignment.round, tx)
        else { return false }
        let outcome: DrawProtocol = try stored.decode()
        let asked = Set(
            try tx.rows("SELECT expert FROM review_assignment WHERE item = \(assignment.item)") {
                try $0["expert"] as ID<Expert>
            })
        guard let result = outcome.results.first(where: { $0.item == assignment.item }),
            let next = result.reserves.first(where: { !asked.contains($0) })
        else { return false }
        try insert([invitation(round, assignment.item, next, isReserve: true, now)], tx)
        try notify([next], round, now, tx)
        return true
    }

    /// Takes an assignment away from an expert who does not answer, and invites a reserve.
    /// - Throws: ``ReviewError/noReserve``.
    public func replace(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, "funding.review.run")
        let now = clock.now()
        try await db.write { tx in
            guard let assignment = try RoundStore.assignment(id, tx) else { throw ReviewError.unknown }
            guard [.invited, .accepted].contains(assignment.state) else { throw ReviewError.wrongState }
            try tx.run("UPDATE review_assignment SET state = 'replaced', reason = \(reason) WHERE id = \(id)")
            guard try inviteReserve(for: assignment, now, tx) else { throw ReviewError.noReserve }
            try log(
                "review.replaced", assignment.round, ["assignment": .string(id.text), "reason": .string(reason)], actor,
                now, tx)
        }
    }

    /// Reminds everybody whose sheet is still open.
    /// - Returns: how many experts were reminded.
    public func remind(_ id: ID<Round>, by actor: Actor) async throws -> Int {
        try Policy.require(actor, "funding.review.run")
        let now = clock.now()
        return try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .drawn else { throw ReviewError.wrongState }
            let open = try RoundStore.assignments(id, tx).filter { [.invited, .accepted].contains($0.state) }
            let experts = Set(open.map(\.expert))
            try notify(experts, round, now, tx)
            try tx.run(
                """
                UPDATE review_assignment SET reminded_at = \(now)
                WHERE round = \(id) AND state IN ('invited', 'accepted')
                """)
            return experts.count
        }
    }

    /// Notes what the panel says of an item.
    public func note(_ text: String, on item: ID<CaseFile>, in id: ID<Round>, by actor: Actor) async throws {
        try Policy.require(actor, "funding.review.run")
        guard !text.isEmpty else {
            throw ReviewError.incomplete([
                FieldProblem(
                    field: "note", code: "field.required", message: Bilingual("请填写会议意见", "Write the panel's note"))
            ])
        }
        let now = clock.now()
        try await db.write { tx in
            guard try RoundStore.item(id, item, tx) != nil else { throw ReviewError.unknown }
            try tx.run(
                """
                INSERT INTO review_panel_note (id, round, item, author, author_name, note, at)
                VALUES (\(UUIDv7.make(at: now)), \(id), \(item), \(actor.account?.text ?? ""), \(actor.name), \(text),
                    \(now))
                """)
            try log("review.noted", id, ["item": .string(item.text)], actor, now, tx)
        }
    }

    /// Closes a round once every item has its sheets.
    /// - Parameter then: what the owner of the round does with its items in the same transaction.
    /// - Throws: ``ReviewError/unfinished(_:)``.
    public func close(
        _ id: ID<Round>, by actor: Actor, then: @escaping @Sendable ([ID<CaseFile>], Tx) throws -> Void
    ) async throws {
        try Policy.require(actor, "funding.review.run")
        let now = clock.now()
        try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .drawn else { throw ReviewError.wrongState }
            let ranking = try RoundStore.ranking(round, disagreement: .max, tx)
            guard ranking.incomplete.isEmpty else { throw ReviewError.unfinished(ranking.incomplete.count) }
            try tx.run("UPDATE review_round SET state = 'closed', closed_at = \(now) WHERE id = \(id)")
            try tx.run(
                """
                UPDATE review_assignment SET state = 'replaced', reason = 'closed'
                WHERE round = \(id) AND state IN ('invited', 'accepted')
                """)
            try then(ranking.ranked.map(\.item), tx)
            try log("review.closed", id, ["items": .integer(Int64(ranking.ranked.count))], actor, now, tx)
        }
    }

    func log(_ kind: String, _ id: ID<Round>, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx) throws {
        try Record.append(
            Event(
                room: "review", kind: kind, subjectKind: "round", subject: id.text, actor: actor, at: now,
                content: content), tx)
    }
}
