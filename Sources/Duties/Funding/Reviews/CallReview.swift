public import Kernel
public import Review
public import Store

/// The review of a call: what is judged, who could judge it, and what follows when it is closed.
public struct CallReview: Sendable {
    let db: Database
    let clock: any Clock
    let procedures: Procedures
    /// Signs a plan as soon as it is fixed.
    let record: RecordKeeper
    let review: ReviewActions
    /// The scores that were asked for last.
    let scores = ScoreCache()
    /// Conflicts and their contests.
    public var actions: ReviewActions { review }

    public init(
        db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures, record: RecordKeeper
    ) {
        self.db = db
        self.clock = clock
        self.procedures = procedures
        self.record = record
        review = ReviewActions(db: db, clock: clock, ids: ids, zone: procedures.zone)
    }

    /// The steps from which an application can still come to review after the call has closed. One that its
    /// organisation has not endorsed by then cannot.
    static let before = ["formal-check", "correction"]

    /// The applications of a call that wait at review, with everybody who takes part in them: two queries.
    public static func items(_ call: ID<Call>, _ tx: Tx) throws -> [ItemFacts] {
        var people: [ApplicationID: Set<ID<PersonMark>>] = [:]
        var organisations: [ApplicationID: Set<ID<OrganisationMark>>] = [:]
        try tx.forEach(
            """
            SELECT p.case_id, p.person, p.organisation FROM application_participant p
            JOIN application a ON a.case_id = p.case_id WHERE a.call = \(call)
            """
        ) { row in
            let id: ApplicationID = try row["case_id"]
            if let person: ID<PersonMark> = try row["person"] { people[id, default: []].insert(person) }
            if let place: ID<OrganisationMark> = try row["organisation"] {
                organisations[id, default: []].insert(place)
            }
        }
        let applications = try tx.rows(
            "SELECT * FROM application WHERE call = \(call) AND step = 'review' ORDER BY number", Application.init(row:)
        )
        return applications.map { item in
            ItemFacts(
                item: item.id, title: item.title, field: item.field, investigator: item.investigator,
                organisation: item.organisation, people: people[item.id] ?? [],
                organisations: organisations[item.id] ?? [])
        }
    }

    /// The active pool with what conflicts ask of each expert: five queries, whatever the size of the pool.
    public static func experts(_ call: Call, since year: Int, _ tx: Tx) throws -> [(Expert, ExpertFacts)] {
        let experts = try ExpertStore.active(tx)
        let relations = try ExpertStore.relations(tx)
        let unsuitable = try ApplicationStore.unsuitable(call.id, tx)
        var applying: Set<ID<PersonMark>> = []
        var projects: [ApplicationID: Set<ID<PersonMark>>] = [:]
        try tx.forEach(
            """
            SELECT a.call, a.case_id, a.investigator, p.person, j.case_id AS project FROM application a
            LEFT JOIN application_participant p ON p.case_id = a.case_id
            LEFT JOIN project j ON j.application = a.case_id AND j.year >= \(year)
            WHERE a.call = \(call.id) OR j.case_id IS NOT NULL
            """
        ) { row in
            let owner: ID<Call> = try row["call"]
            let application: ApplicationID = try row["case_id"]
            let project: String? = try row["project"]
            let investigator: ID<PersonMark> = try row["investigator"]
            let person: ID<PersonMark>? = try row["person"]
            for one in [investigator, person].compactMap(\.self) {
                if owner == call.id { applying.insert(one) }
                if project != nil { projects[application, default: []].insert(one) }
            }
        }
        var collaborators: [ID<PersonMark>: Set<ID<PersonMark>>] = [:]
        for team in projects.values {
            for person in team { collaborators[person, default: []].formUnion(team.subtracting([person])) }
        }
        return experts.map { expert in
            let facts = ExpertFacts(
                expert: expert.id, person: expert.person, employers: [expert.organisation],
                collaborators: expert.person.flatMap { collaborators[$0] } ?? [],
                declared: relations[expert.id] ?? [],
                appliesInRound: expert.person.map(applying.contains) ?? false,
                named: unsuitable["\(expert.name)\n\(expert.organisationName)"] ?? [])
            return (expert, facts)
        }
    }

    /// Those of the pool who read the language of a call, where it names one.
    static func readers(_ call: Call, since year: Int, _ tx: Tx) throws -> [(Expert, ExpertFacts)] {
        try experts(call, since: year, tx).filter { call.content.isRead(by: $0.0) }
    }

    /// Fixes the plan of the draw for all applications that passed the formal check, and has its hash signed.
    /// - Throws: ``ReviewError/unfinished(_:)`` while applications still wait for the formal check or a correction.
    public func open(_ id: ID<Call>, load: Int, dueOn: Day, by actor: Actor) async throws -> Round {
        try Policy.require(actor, .runReviews)
        let today = procedures.zone.day(of: clock.now())
        let years = try procedures.rules.number("review.shared-project-years", on: today)
        let gathered = try await db.read { tx -> (Call, [ItemFacts], [(Expert, ExpertFacts)]) in
            let call = try CallStore.require(id, tx)
            try Policy.require(actor, .runReviews, in: call.division)
            let counts = try ApplicationStore.counts(call: id, steps: CallReview.before, tx)
            let waiting = counts.values.reduce(0, +)
            guard waiting == 0, call.closesOn < today else { throw ReviewError.unfinished(waiting) }
            return (
                call, try CallReview.items(id, tx),
                try CallReview.readers(call, since: today.parts.year - years, tx)
            )
        }
        let round = try await review.open(
            subject: id.text, sheet: gathered.0.content.sheet, items: gathered.1, experts: gathered.2,
            wanted: gathered.0.content.expertsEach, load: load, dueOn: dueOn,
            reserves: 4 * gathered.0.content.expertsEach, lookbackYears: years,
            windows: try windows(on: today), by: actor)
        // The commitment is published before anybody can give a seed.
        try await record.sign()
        return round
    }

    /// The round of a call, for an officer of its division.
    /// - Throws: ``ReviewError/notDrawn`` where no plan is fixed yet.
    func round(_ id: ID<Call>, by actor: Actor) async throws -> Round {
        try await db.read { tx in
            try Policy.require(actor, .runReviews, in: try CallStore.require(id, tx).division)
            guard let round = try RoundStore.find(subject: id.text, tx) else { throw ReviewError.notDrawn }
            return round
        }
    }

    /// The round of a call once its plan may be run: a signed checkpoint covers the plan's hash, so that nobody can
    /// have chosen the plan by the seed.
    /// - Throws: ``ReviewError/unsigned`` before, as where the process that fixed the plan has no key to sign with.
    func published(_ id: ID<Call>, by actor: Actor) async throws -> Round {
        let round = try await round(id, by: actor)
        let isSigned = try await db.read { tx in
            try RecordStore.isSigned("review.committed", about: "round", round.id.text, tx)
        }
        guard isSigned else { throw ReviewError.unsigned }
        return round
    }

    /// Draws with a public seed and invites; see ``ReviewActions/draw(_:seed:by:)``.
    /// - Throws: ``ReviewError/unsigned`` while no signed checkpoint covers the plan's hash.
    @discardableResult
    public func draw(_ id: ID<Call>, seed: String, by actor: Actor) async throws -> DrawProtocol {
        guard seed.count <= 200 else {
            throw ReviewError.incomplete([
                FieldProblem(
                    field: "seed", code: "field.long",
                    message: Bilingual("种子最多 200 字", "The seed takes at most 200 characters"))
            ])
        }
        return try await review.draw(try await published(id, by: actor).id, seed: seed, by: actor)
    }

    /// Reminds everybody whose sheet is open.
    /// - Returns: how many experts were reminded.
    @discardableResult
    public func remind(_ id: ID<Call>, by actor: Actor) async throws -> Int {
        try await review.remind(try await round(id, by: actor).id, by: actor)
    }

    /// Takes an assignment away from an expert who does not answer, and invites the next reserve.
    /// - Returns: the call to which it belongs.
    @discardableResult
    public func replace(_ id: ID<Assignment>, reason: String, by actor: Actor) async throws -> ID<Call> {
        let call = try await db.read { tx -> ID<Call> in
            guard let assignment = try RoundStore.assignment(id, tx),
                let round = try RoundStore.find(assignment.round, tx)
            else { throw ReviewError.unknown }
            return ID(round.subject)
        }
        _ = try await round(call, by: actor)
        try await review.replace(id, reason: reason, by: actor)
        return call
    }

    /// Notes what the panel says of an application.
    public func note(_ text: String, on item: ApplicationID, in id: ID<Call>, by actor: Actor) async throws {
        try await review.note(text, on: item, in: try await round(id, by: actor).id, by: actor)
    }

    /// Looks after every round once a day: reminds, and replaces those who let an invitation or a sheet lapse. Where
    /// no reserve is left, the officer who opened the round is told.
    public func tend() async throws {
        let now = clock.now()
        let today = procedures.zone.day(of: now)
        let care = ReviewCare(
            answer: try procedures.rules.period("review.answer-days", on: today),
            sheet: try procedures.rules.period("review.days", on: today),
            remindBefore: try procedures.rules.number("review.remind-days", on: today))
        // What cannot be followed up is tried again with the next run, and told when the rest was looked after.
        var failure: (any Error)?
        do { try await review.followDealings() } catch { failure = error }
        try await review.tendPool(try PoolCare(procedures.rules, on: today))
        for round in try await db.read({ tx in try RoundStore.untended(on: today, tx) }) {
            try await review.tend(round.id, care, procedures.calendar) { outcome, tx in
                guard !outcome.withoutReserve.isEmpty else { return }
                let count = outcome.withoutReserve.count
                try Messages.tell(
                    ID(round.openedBy), Bilingual("评审逾期，候补不足", "Late reviews without a reserve"),
                    Bilingual(
                        "有 \(count) 份评审逾期未交，且没有候补专家可更换。请补充专家库或联系专家。",
                        "\(counted(count, "review is", "reviews are")) late and no reserve is left. Add to the pool, or ask the experts."
                    ),
                    at: "/desk/calls/\(round.subject)/review", now: now, tx)
            }
        }
        if let failure { throw failure }
    }

    /// Closes the review: every application goes on to the decision.
    public func close(_ id: ID<Call>, by actor: Actor) async throws {
        let now = clock.now()
        let procedures = procedures
        let round = try await round(id, by: actor)
        try await review.close(round.id, by: actor) { items, tx in
            for item in items { try procedures.act(item, "rank", as: .system, at: now, in: tx) }
        }
    }
}
