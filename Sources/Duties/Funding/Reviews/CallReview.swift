public import Kernel
public import Review
public import Store

/// The review of a call: what is judged, who could judge it, and what follows when it is closed.
public struct CallReview: Sendable {
    let db: Database
    let clock: any Clock
    let procedures: Procedures
    public let review: ReviewActions

    public init(db: Database, clock: any Clock, ids: any IDSource, procedures: Procedures) {
        self.db = db
        self.clock = clock
        self.procedures = procedures
        review = ReviewActions(db: db, clock: clock, ids: ids, zone: procedures.zone)
    }

    /// The steps that an application passes before its review.
    static let before = ["endorsement", "formal-check", "correction"]

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

    /// The active pool with what conflicts ask of each expert: four queries, whatever the size of the pool.
    public static func experts(_ call: Call, since year: Int, _ tx: Tx) throws -> [(Expert, ExpertFacts)] {
        let experts = try ExpertStore.active(tx)
        let relations = try ExpertStore.relations(tx)
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
                appliesInRound: expert.person.map(applying.contains) ?? false)
            return (expert, facts)
        }
    }

    /// Fixes the plan of the draw for all applications that passed the formal check.
    /// - Throws: ``ReviewError/unfinished(_:)`` while applications still wait for the formal check or a correction.
    public func open(_ id: ID<Call>, load: Int, dueOn: Day, by actor: Actor) async throws -> Round {
        try Policy.require(actor, "funding.review.run")
        let today = procedures.zone.day(of: clock.now())
        let years = try procedures.rules.number("review.shared-project-years", on: today)
        let gathered = try await db.read { tx -> (Call, [ItemFacts], [(Expert, ExpertFacts)]) in
            let call = try CallStore.require(id, tx)
            let counts = try ApplicationStore.counts(call: id, steps: CallReview.before, tx)
            let waiting = counts.values.reduce(0, +)
            guard waiting == 0, call.closesOn < today else { throw ReviewError.unfinished(waiting) }
            return (
                call, try CallReview.items(id, tx),
                try CallReview.experts(call, since: today.parts.year - years, tx)
            )
        }
        return try await review.open(
            subject: id.text, sheet: gathered.0.content.sheet, items: gathered.1, experts: gathered.2,
            wanted: gathered.0.content.expertsEach, load: load, dueOn: dueOn,
            reserves: 4 * gathered.0.content.expertsEach, lookbackYears: years, by: actor)
    }

    /// Closes the review: every application goes on to the decision.
    public func close(_ id: ID<Call>, by actor: Actor) async throws {
        let now = clock.now()
        let procedures = procedures
        let round = try await db.read { tx in try RoundStore.find(subject: id.text, tx) }
        guard let round else { throw ReviewError.unknown }
        try await review.close(round.id, by: actor) { items, tx in
            for item in items { try procedures.act(item, "rank", as: .system, at: now, in: tx) }
        }
    }
}
