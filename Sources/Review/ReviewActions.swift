public import Kernel
public import Store

/// Running a review: commit to a plan, draw, note, close. Invitations are in `Invitations.swift`, the experts' own
/// part in ``SheetActions``.
public struct ReviewActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let zone: CityZone
    /// The quotas of the rounds in which experts were replaced last.
    let keptQuotas = QuotaCache()

    public init(db: Database, clock: any Clock, ids: any IDSource, zone: CityZone) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.zone = zone
    }

    var today: Day { zone.day(of: clock.now()) }

    /// Opens a round: fixes the plan and publishes its hash; the seed comes later. A plan that no seed could fill is
    /// refused now, so that nobody has a reason to try another seed.
    /// - Parameters:
    ///   - reserves: most reserves for each item; nil for everybody who is left.
    ///   - lookbackYears: for how many years an earlier employer counts; nil for ever.
    /// - Throws: ``ReviewError/alreadyOpen``, ``ReviewError/tooFewExperts(_:)``.
    public func open(
        subject: String, sheet: ScoringSheet, items: [ItemFacts], experts: [(Expert, ExpertFacts)], wanted: Int,
        load: Int, dueOn: Day, reserves: Int? = nil, lookbackYears: Int? = nil, windows: ConflictWindows? = nil,
        by actor: Actor
    ) async throws -> Round {
        try Policy.require(actor, .runReviews)
        guard sheet.problems.isEmpty else { throw ReviewError.incomplete(sheet.problems) }
        guard wanted > 0, load > 0 else {
            throw ReviewError.required("load", Bilingual("专家数和项数须大于零", "Experts and load must be above zero"))
        }
        let day = today
        let windows = windows ?? ConflictWindows(all: lookbackYears)
        let (items, pool) = try await db.read { tx in try ReviewActions.knowing(items, experts, on: day, tx) }
        let employers = ReviewActions.pseudonyms(pool.map(\.0))
        let engine = ConflictEngine(items, on: day, windows)
        let conflicts = pool.flatMap { engine.findings(of: $0.1) }
        let plan = DrawPlan(
            Eligibility(
                items, pool.map(\.0), on: day, through: dueOn, without: Dictionary(grouping: conflicts, by: \.expert)),
            entrants: pool.map { expert, _ in
                DrawPlan.Entrant(
                    expert: expert.id, employer: employers[expert.organisation] ?? "",
                    load: min(load, expert.maxLoad ?? load))
            }, wanted: wanted, reserves: reserves ?? experts.count)
        let seats = plan.items.count * wanted
        let most = plan.experts.reduce(0) { $0 + max(0, $1.load) }
        guard most >= seats else { throw ReviewError.tooFewExperts((seats - most + wanted - 1) / wanted) }
        let short = try DrawProtocol(plan, seed: "").short.count
        guard short == 0, !plan.items.isEmpty else { throw ReviewError.tooFewExperts(short) }
        let ready = ReadyRound(
            subject: subject, sheet: sheet, mode: .draw, wanted: wanted, load: load, dueOn: dueOn,
            commitment: try plan.commitment(), plan: try JSONValue(encoding: plan), items: items, conflicts: conflicts,
            lookbackYears: lookbackYears, windows: windows)
        return try await keep(ready, by: actor)
    }

    /// Keeps a round whose plan is fixed, and publishes the plan's hash.
    func keep(_ ready: ReadyRound, by actor: Actor) async throws -> Round {
        let now = clock.now()
        let id: ID<Round> = ids.make()
        let secret = SeedSecret(ids)
        let facts = try ready.items.map { ($0.item, try JSONValue(encoding: $0)) }
        let (sheet, windows) = (try JSONValue(encoding: ready.sheet), try JSONValue(encoding: ready.windows))
        let (quotas, reasons) = (try ReviewActions.json(ready.quotas), try ReviewActions.json(ready.reasons))
        return try await db.write { tx in
            guard try RoundStore.find(subject: ready.subject, tx) == nil else { throw ReviewError.alreadyOpen }
            try tx.run(
                """
                INSERT INTO review_round (id, subject, sheet, wanted, load, due_on, state, commitment, opened_by,
                    opened_at, lookback_years, windows, mode, keeps_apart)
                VALUES (\(id), \(ready.subject), \(sheet), \(ready.wanted), \(ready.load), \(ready.dueOn), 'committed',
                    \(ready.commitment), \(actor.account?.text ?? "system"), \(now), \(ready.lookbackYears),
                    \(windows), \(ready.mode), \(ready.keepsApart))
                """)
            try RoundStore.keep(outside: ready.outside, of: id, tx)
            try tx.run(
                """
                INSERT INTO review_draw (round, plan, secret, quotas, reasons)
                VALUES (\(id), \(ready.plan), \(secret.text), \(quotas), \(reasons))
                """)
            for part in facts.blocks(of: 200) {
                let rows = part.map { entry -> SQL in "(\(id), \(entry.0), \(entry.1))" }
                try tx.run("INSERT INTO review_item (round, item, facts) VALUES \(SQL.join(rows, separator: ", "))")
            }
            try ConflictStore.keep(parties: ready.items, of: id, tx)
            try ConflictStore.keep(ready.conflicts, of: id, at: now, tx)
            var content: JSONValue = [
                "commitment": .string(ready.commitment), "seedCommitment": .string(secret.commitment),
                "subject": .string(ready.subject), "items": .integer(Int64(ready.items.count)),
                "wanted": .integer(Int64(ready.wanted)),
            ]
            if ready.mode != .draw, var members = content.object {
                members["mode"] = .string(ready.mode.rawValue)
                content = .object(members)
            }
            try log("review.committed", id, content, actor, now, isPublic: true, tx)
            if let reasons { try log("review.pairs-chosen", id, ["pairs": reasons], actor, now, tx) }
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            return round
        }
    }

    /// A list as it is stored; nil for an empty one.
    private static func json(_ list: [some Encodable]) throws -> JSONValue? {
        guard !list.isEmpty else { return Optional.none }
        return try JSONValue(encoding: list)
    }

    /// What the house knows beside what the owner of the round said: employments, ties, parents, bars, and the city's
    /// own records; a fixed number of queries.
    static func knowing(
        _ items: [ItemFacts], _ experts: [(Expert, ExpertFacts)], on day: Day, _ tx: Tx
    ) throws -> ([ItemFacts], [(Expert, ExpertFacts)]) {
        let places = Set(experts.flatMap(\.1.employers)).union(items.flatMap(\.allOrganisations))
        let known = try ExpertStore.employments(tx)
        let ties = try TieStore.ties(tx)
        let aliases = try TieStore.aliases(tx)
        let parents = try Registry.ancestors(of: Array(places), on: day, tx)
        let bars = try Bars.inForce(for: .review, on: day, tx)
        let recorded = try RecordedTies.of(
            experts.map(\.0), aliases: aliases, isWholePool: true, leadingTo: Set(items.flatMap(\.names)), tx)
        let pool = experts.map { expert, facts -> (Expert, ExpertFacts) in
            var facts = facts.knowing(known[expert.id], parents: parents).barred(bars.contain(expert))
            facts.ties += ties[expert.id] ?? []
            facts.recorded += recorded[expert.id] ?? []
            facts.aliases.formUnion(aliases[expert.id] ?? [])
            return (expert, facts)
        }
        return (items.map { $0.knowing(parents: parents) }, pool)
    }

    /// Numbers for employers: the plan is published, and must tell who shares an employer but not which it is.
    static func pseudonyms(_ experts: [Expert]) -> [ID<OrganisationMark>: String] {
        var names: [ID<OrganisationMark>: String] = [:]
        for expert in experts.sorted(by: { $0.id.text < $1.id.text }) where names[expert.organisation] == nil {
            names[expert.organisation] = String(names.count + 1)
        }
        return names
    }

    /// Draws with a seed and invites those who were drawn. A round is drawn once.
    /// - Parameter seed: public chance that nobody could know when the plan was fixed, e.g. the day's lottery numbers.
    /// - Throws: ``ReviewError/planChanged`` where the stored plan is not the published one.
    public func draw(_ id: ID<Round>, seed: String, by actor: Actor) async throws -> DrawProtocol {
        try Policy.require(actor, .runReviews)
        guard seed.contains(where: { !$0.isWhitespace }) else {
            throw ReviewError.required("seed", Bilingual("请填写随机种子", "Give the seed"))
        }
        let (round, plan, secret) = try await db.read { tx -> (Round, DrawPlan, SeedSecret?) in
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            guard round.mode == .draw else { throw ReviewError.wrongState }
            guard let plan = try RoundStore.plan(id, tx) else { throw ReviewError.unknown }
            return (round, plan, try RoundStore.secret(id, tx))
        }
        let seed = secret?.joined(to: seed) ?? seed
        guard round.state == .committed else { throw ReviewError.wrongState }
        let outcome = try DrawProtocol(plan, seed: seed)
        guard outcome.commitment == round.commitment else { throw ReviewError.planChanged }
        guard outcome.short.isEmpty else { throw ReviewError.tooFewExperts(outcome.short.count) }
        let drawn = outcome.results.map { Drawn(item: $0.item, experts: $0.drawn, reserves: $0.reserves) }
        let loads = Dictionary(plan.experts.map { ($0.expert, $0.load) }, uniquingKeysWith: { first, _ in first })
        try await enter(
            drawn, loads: loads, seed: seed, protocol: try JSONValue(encoding: outcome), of: round, by: actor)
        return outcome
    }

    /// Enters what came of a plan and invites those who were chosen. Whoever has come into conflict since the plan was
    /// fixed is recused, and a reserve invited; so is one in place of whoever may get no new work on this day.
    func enter(
        _ results: [Drawn], loads: [ID<Expert>: Int], seed: String, protocol stored: JSONValue, of round: Round,
        by actor: Actor
    ) async throws {
        let now = clock.now()
        let id = round.id
        try await db.write { tx in
            let changed = try tx.run(
                """
                UPDATE review_round SET state = 'drawn', seed = \(seed), drawn_at = \(now)
                WHERE id = \(id) AND state = 'committed'
                """)
            guard changed == 1 else { throw ReviewError.wrongState }
            try tx.run("UPDATE review_draw SET protocol = \(stored) WHERE round = \(id)")
            let new = try catchUp(round, Set(results.flatMap(\.experts)), now, tx)
            let late = Dictionary(grouping: try ConflictStore.late(round, tx) + new, by: \.expert)
            var rows: [SQL] = []
            var invited: Set<ID<Expert>> = []
            var lost: [(item: ID<CaseFile>, expert: ID<Expert>)] = []
            for result in results {
                for expert in result.experts {
                    let isLost = (late[expert] ?? []).contains { ($0.item ?? result.item) == result.item }
                    if isLost { lost.append((result.item, expert)) } else { invited.insert(expert) }
                    rows.append(
                        invitation(
                            round, result.item, expert, state: isLost ? .recused : .invited, isReserve: false,
                            dueOn: round.dueOn, now))
                }
            }
            for part in rows.blocks(of: 200) { try insert(part, tx) }
            try RoundStore.keepReserves(results, loads: loads, of: id, tx)
            let out = try unavailable(invited, in: round, on: zone.day(of: now), tx)
            try invite(invited.subtracting(out.keys), dueOn: round.dueOn, now, tx)
            for one in lost { try replaceLost(one.item, one.expert, late[one.expert] ?? [], now, tx) }
            try passOver(out, in: round, actor, now, tx)
            let hash = Digest.hex(Digest.sha256(stored.canonicalBytes))
            try log(
                "review.drawn", id,
                ["commitment": .string(round.commitment), "seed": .string(seed), "protocol": .string(hash)], actor, now,
                isPublic: true, tx)
        }
    }

    /// Notes what the panel says of an item.
    public func note(_ text: String, on item: ID<CaseFile>, in id: ID<Round>, by actor: Actor) async throws {
        try Policy.require(actor, .runReviews)
        try Words.check(text, "note", Bilingual("会议意见", "Panel's note"), most: 4_000)
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
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), round.state == .drawn else { throw ReviewError.wrongState }
            let ranking = try RoundStore.ranking(round, disagreement: .max, tx)
            guard ranking.incomplete.isEmpty else { throw ReviewError.unfinished(ranking.incomplete.count) }
            try tx.run("UPDATE review_round SET state = 'closed', closed_at = \(now) WHERE id = \(id)")
            try tx.run(
                """
                UPDATE review_assignment SET state = 'replaced',
                    cause = CASE WHEN due_on >= \(zone.day(of: now)) THEN \(Assignment.Cause.closed)
                        ELSE \(Assignment.Cause.lapsed) END
                WHERE round = \(id) AND state IN ('invited', 'accepted')
                """)
            try then(ranking.ranked.map(\.item), tx)
            try log("review.closed", id, ["items": .integer(Int64(ranking.ranked.count))], actor, now, tx)
        }
    }

    func log(
        _ kind: String, _ id: ID<Round>, _ content: JSONValue, _ actor: Actor, _ now: Instant, isPublic: Bool = false,
        _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: kind, subjectKind: "round", subject: id.text, actor: actor, at: now,
                content: content, isPublic: isPublic), tx)
    }
}
