import Kernel
import Review
import Store
import StoreTestSupport
import Testing

/// A small city for the tests of stores and actions: a pool of experts with accounts, an officer, and items.
struct ReviewCity {
    let db: Database
    let clock: StandingClock
    let ids: any IDSource
    let review: ReviewActions
    let sheets: SheetActions
    let experts: [Expert]
    let officer = Actor(account: ID("officer"), name: "Officer", roles: [.officer])

    static let day = Day(number: 20_000)

    /// - Parameters:
    ///   - experts: how many there are; each has an employer of its own.
    ///   - maxLoads: own limits, by place.
    ///   - engine: nil is SQLite in memory.
    ///   - seed: of the identities, on which a draw depends; nil for others every time.
    static func open(
        experts count: Int, maxLoads: [Int: Int] = [:], engine: Engine? = nil, seed: UInt64? = nil
    ) async throws -> ReviewCity {
        let zone = try #require(CityZone(name: "Asia/Shanghai"))
        let clock = StandingClock(zone.start(of: day).adding(seconds: 36_000))
        let rooms = [
            NumberSeries.migrations, Record.migrations, AccountStore.migrations, Registry.migrations,
            CaseStore.migrations, Messages.migrations, Settings.migrations, Publicity.migrations,
            ReviewTables.migrations,
        ]
        let db: Database
        if let engine {
            db = try await TestStore.open(engine, rooms)
        } else {
            db = try Database.open("sqlite::memory:")
            try await db.migrate(rooms)
        }
        let experts = (0..<count).map { number in
            Expert(
                id: ID("expert\(number + 100)"), account: ID("account\(number + 100)"),
                person: ID("person\(number + 100)"), name: "Expert \(number)", title: "Professor",
                organisation: ID("university\(number + 100)"), organisationName: "University \(number)",
                maxLoad: maxLoads[number], fields: ["520"])
        }
        try await db.write { tx in
            for expert in experts {
                let card = AccountCard(
                    id: expert.account, login: expert.account.text, name: expert.name, person: expert.person,
                    roles: [.expert])
                try AccountStore.insert(card, passwordHash: "", at: clock.now(), tx)
                try ExpertStore.add(expert, at: clock.now(), tx)
            }
        }
        let ids: any IDSource = seed.map { SeededIDSource(seed: $0) } ?? UUIDv7Source(clock: clock)
        return ReviewCity(
            db: db, clock: clock, ids: ids, review: ReviewActions(db: db, clock: clock, ids: ids, zone: zone),
            sheets: SheetActions(db: db, clock: clock, ids: ids, zone: zone), experts: experts)
    }

    static let sheet = RankingTests.sheet

    static func item(_ number: Int, field: String = "520") -> ItemFacts {
        ItemFacts(
            item: ID("item\(number)"), title: Bilingual("项目 \(number)", "Item \(number)"), field: field,
            investigator: ID("investigator\(number)"), organisation: ID("firm\(number)"), people: [],
            organisations: [])
    }

    func facts(_ expert: Expert) -> ExpertFacts {
        ExpertFacts(expert: expert.id, person: expert.person, employers: [expert.organisation])
    }

    /// Opens a round over items with everybody of the pool.
    func round(
        items: Int = 1, wanted: Int = 2, load: Int = 5, reserves: Int? = nil, lookbackYears: Int? = nil
    ) async throws -> Round {
        try await round(
            "call", (0..<items).map { ReviewCity.item($0) }, wanted: wanted, load: load, reserves: reserves,
            lookbackYears: lookbackYears)
    }

    /// The same over certain items.
    func round(
        _ subject: String, _ items: [ItemFacts], wanted: Int, load: Int, reserves: Int? = nil,
        lookbackYears: Int? = nil
    ) async throws -> Round {
        let pool = try await db.read { tx in try ExpertStore.active(tx) }
        return try await review.open(
            subject: subject, sheet: ReviewCity.sheet, items: items, experts: pool.map { ($0, facts($0)) },
            wanted: wanted, load: load, dueOn: ReviewCity.day.adding(days: 10), reserves: reserves,
            lookbackYears: lookbackYears, by: officer)
    }

    /// Fixes an assignment by affinity.
    func round(_ proposal: AssignmentProposal, reasons: [String] = []) async throws -> Round {
        try await review.open(
            subject: "call", sheet: ReviewCity.sheet, proposal, dueOn: ReviewCity.day.adding(days: 10),
            reasons: reasons, by: officer)
    }

    func drawn(
        items: Int = 1, wanted: Int = 2, load: Int = 5, reserves: Int? = nil, lookbackYears: Int? = nil
    ) async throws -> (round: Round, outcome: DrawProtocol) {
        let round = try await round(
            items: items, wanted: wanted, load: load, reserves: reserves, lookbackYears: lookbackYears)
        return (round, try await review.draw(round.id, seed: "public chance", by: officer))
    }

    func actor(_ expert: ID<Expert>) throws -> Actor {
        let found = try #require(experts.first { $0.id == expert })
        return Actor(account: found.account, person: found.person, name: found.name, roles: [.expert])
    }

    func assignments(_ round: Round) async throws -> [Assignment] {
        try await db.read { tx in try RoundStore.assignments(round.id, tx) }
    }

    func assignment(_ id: ID<Assignment>) async throws -> Assignment {
        let found = try await db.read { tx in try RoundStore.assignment(id, tx) }
        return try #require(found)
    }

    /// Replaces experts by chance, one after the other, and looks each time at who is invited to each item.
    /// - Returns: how many were replaced, and for how many there was no reserve.
    func replace(
        _ times: Int, in round: Round, _ random: inout SeededRandom,
        look: (_ item: ID<CaseFile>, _ invited: [ID<Expert>]) -> Void
    ) async throws -> (done: Int, refused: Int) {
        var (done, refused) = (0, 0)
        for _ in 0..<times {
            let open = try await assignments(round).filter { $0.state == .invited }
            let picked = open.randomElement(using: &random)
            let gone = try #require(picked)
            do {
                try await review.replace(gone.id, reason: "busy", by: officer)
                done += 1
            } catch ReviewError.noReserve { refused += 1 }
            let staying = try await assignments(round).filter { $0.state == .invited }
            for (item, sheets) in Dictionary(grouping: staying, by: \.item) { look(item, sheets.map(\.expert)) }
        }
        return (done, refused)
    }

    static func answers(_ score: Int, comment: String = "论证充分，方案可行，建议资助。") -> @Sendable (String) -> [String] {
        { name in
            switch name {
            case "verdict": ["fund"]
            case "comment": [comment]
            default: [String(score)]
            }
        }
    }

    /// Accepts, fills in and submits.
    func judge(_ assignment: Assignment, _ score: Int) async throws {
        let actor = try actor(assignment.expert)
        if assignment.state == .invited { try await sheets.accept(assignment.id, by: actor) }
        _ = try await sheets.save(
            assignment.id, values: ReviewCity.answers(score), expecting: assignment.revision, by: actor)
        try await sheets.submit(assignment.id, by: actor)
    }
}
