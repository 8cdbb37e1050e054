import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("How experts come into the pool, confirm, change and leave")
struct RegistrationTests {
    private static let care = PoolCare(months: 12, noticeDays: 30)
    private static let places = ["91440300708461136T", "12100000400000624D"]
    private let colleague = Actor(account: ID("colleague"), name: "Colleague", roles: [.officer])

    /// Eight experts, the first of a registered university, and two people who are in no pool.
    private func city(_ engine: Engine) async throws -> ReviewCity {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        try await city.db.write { tx in
            for (id, code) in zip(["firm0", "university100"], RegistrationTests.places) {
                try tx.run(
                    """
                    INSERT INTO organisation (id, name_zh, name_en, uscc, kind, address, created_at)
                    VALUES (\(id), '某单位', 'A place', \(code), 'enterprise', '', 0)
                    """)
            }
            for (login, roles, person) in [
                ("new", [Role.applicant], "person1"), ("clerk", [.officer], "person2"),
            ] as [(String, Set<Role>, String)] {
                let card = AccountCard(
                    id: ID("\(login)-id"), login: login, name: login, person: ID(person), roles: roles)
                try AccountStore.insert(card, passwordHash: "", at: city.clock.now(), tx)
            }
        }
        return city
    }

    private func entry(_ place: String = places[0], title: String = "教授") -> ExpertEntry {
        var entry = ExpertEntry()
        (entry.title, entry.employer, entry.fields) = (title, place, ["520"])
        return entry
    }

    private let new = Actor(account: ID("new-id"), name: "new", roles: [.applicant])

    private func waiting(_ city: ReviewCity) async throws -> [WaitingExpert] {
        try await city.db.read { tx in try WaitingExpert.list(limit: 10, tx) }
    }

    private func expert(_ city: ReviewCity, _ account: String) async throws -> Expert? {
        try await city.db.read { tx in try ExpertStore.find(account: ID(account), tx) }
    }

    private func kinds(_ city: ReviewCity) async throws -> [String] {
        try await city.db.read { tx in
            try tx.rows("SELECT kind FROM event WHERE kind LIKE 'expert.%' ORDER BY id") { try $0["kind"] }
        }
    }

    @Test("Everything wrong is said at once, and staff cannot ask", arguments: TestStore.engines)
    func wrong(_ engine: Engine) async throws {
        let city = try await city(engine)
        var bad = ExpertEntry()
        bad.load = "many"
        func codes(_ actor: Actor, _ entry: ExpertEntry) async throws -> [String] {
            do {
                _ = try await city.review.register(entry, Self.care, by: actor)
                return []
            } catch ReviewError.incomplete(let problems) { return problems.map(\.code) }
        }
        #expect(
            try await codes(new, bad) == ["expert.title", "expert.employer", "expert.fields", "expert.load"])
        let clerk = Actor(account: ID("clerk-id"), name: "clerk", roles: [.officer])
        #expect(try await codes(clerk, entry()) == ["expert.login"])
        await #expect(throws: ReviewError.notYours) {
            _ = try await city.review.register(entry(), Self.care, by: .everyone)
        }
        #expect(try await waiting(city).isEmpty)
    }

    @Test("Who asks is in the pool when an officer admits, and once", arguments: TestStore.engines)
    func admitted(_ engine: Engine) async throws {
        let city = try await city(engine)
        #expect(try await city.review.register(entry(title: "讲师"), Self.care, by: new) == .asked)
        let first = try #require(try await waiting(city).first).request.id
        #expect(try await city.review.register(entry(), Self.care, by: new) == .asked)
        let request = try #require(try await waiting(city).first)
        #expect(try await waiting(city).count == 1 && request.request.id != first)
        #expect(request.request.entry == entry() && request.employer?.en == "A place" && request.held == nil)
        #expect(try await expert(city, "new-id") == nil)
        // What was taken back is not decided on, and nobody but an officer decides.
        await #expect(throws: ReviewError.wrongState) {
            try await city.review.decide(first, admits: true, reason: "", Self.care, by: city.officer)
        }
        await #expect(throws: AccessError.self) {
            try await city.review.decide(request.request.id, admits: true, reason: "", Self.care, by: new)
        }
        try await city.review.decide(request.request.id, admits: true, reason: "", Self.care, by: city.officer)
        let added = try #require(try await expert(city, "new-id"))
        #expect(added.title == "教授" && added.confirmBy == ReviewCity.day.adding(months: 12))
        let (roles, mail) = try await city.db.read { tx in
            (
                try AccountStore.find(ID("new-id"), tx)?.roles,
                try Messages.list(ID("new-id"), before: nil, limit: 5, tx).map(\.title.en)
            )
        }
        #expect(roles == [.applicant, .expert] && mail == ["You are in the expert pool"])
        await #expect(throws: ReviewError.wrongState) {
            try await city.review.decide(request.request.id, admits: true, reason: "", Self.care, by: city.officer)
        }
        #expect(
            try await kinds(city) == [
                "expert.asked", "expert.asked", "expert.confirmed", "expert.request-admitted",
            ])
    }

    @Test("A refusal has its reason, and leaves the pool as it is", arguments: TestStore.engines)
    func refused(_ engine: Engine) async throws {
        let city = try await city(engine)
        _ = try await city.review.register(entry(), Self.care, by: new)
        let id = try #require(try await waiting(city).first).request.id
        await #expect(throws: PlainProblem.self) {
            try await city.review.decide(id, admits: false, reason: " ", Self.care, by: city.officer)
        }
        try await city.review.decide(id, admits: false, reason: "职称未核实", Self.care, by: city.officer)
        let (last, mail) = try await city.db.read { tx in
            (
                try ExpertRequest.last(of: ID("new-id"), tx),
                try Messages.list(ID("new-id"), before: nil, limit: 5, tx).map(\.body.zh)
            )
        }
        #expect(last?.state == .refused && last?.reason == "职称未核实" && mail == ["理由：职称未核实"])
        #expect(try await expert(city, "new-id") == nil)
        #expect(try await waiting(city).isEmpty)
    }

    @Test(
        "An entry not confirmed within its year gets no new work, keeps what is in hand, and is asked for once",
        arguments: TestStore.engines)
    func yearly(_ engine: Engine) async throws {
        let city = try await city(engine)
        let zone = city.review.zone
        func on(_ day: Day) { city.clock.set(to: zone.start(of: day).adding(seconds: 36_000)) }
        func asked() async throws -> Int {
            try await city.db.read { tx in
                try tx.value("SELECT COUNT(*) FROM message WHERE title_en LIKE 'Please confirm%'") ?? 0
            }
        }
        try await city.review.tendPool(Self.care)
        let end = ReviewCity.day.adding(months: 12)
        let first = city.experts[0].account.text
        #expect(try await expert(city, first)?.confirmBy == end)
        on(end.adding(days: -31))
        try await city.review.tendPool(Self.care)
        #expect(try await asked() == 0)
        on(end.adding(days: -30))
        for _ in 0..<2 { try await city.review.tendPool(Self.care) }
        #expect(try await asked() == 8)
        let me = try city.actor(city.experts[0].id)
        func due() async throws -> Day? {
            try await expert(city, first)?.confirmationDue
        }
        #expect(try await due() == end)
        let held = try await city.db.read { tx in try ExpertEntry.held(of: city.experts[0], tx) }
        #expect(
            try await city.review.register(held, Self.care, by: me)
                == .confirmed(through: end.adding(days: -30).adding(months: 12)))
        #expect(try await due() == nil)
        on(end)
        let all = try await city.db.read { tx in try ExpertStore.available(on: end, limit: 100, tx) }
        #expect(all.count == 8)
        on(end.adding(days: 1))
        let left = try await city.db.read { tx in
            try ExpertStore.available(on: end.adding(days: 1), limit: 100, tx)
        }
        #expect(left.map(\.id) == [city.experts[0].id])
        await #expect(throws: ReviewError.tooFewExperts(1)) { _ = try await city.round(wanted: 2) }
        let (_, outcome) = try await city.drawn(wanted: 1)
        #expect(outcome.results[0].drawn == [city.experts[0].id])
        #expect(outcome.results[0].reserves.isEmpty)
    }

    @Test(
        "Who moves waits for an officer, keeps the former employer, and leaves what now conflicts",
        arguments: TestStore.engines)
    func moved(_ engine: Engine) async throws {
        let city = try await city(engine)
        let (round, _) = try await city.drawn(items: 1, wanted: 7)
        let drawn = try await city.assignments(round).map(\.expert)
        let who = try #require(city.experts.first { drawn.contains($0.id) })
        let me = try city.actor(who.id)
        // Item 0 is of firm 0.
        #expect(try await city.review.register(entry(), Self.care, by: me) == .asked)
        let request = try #require(try await waiting(city).first)
        #expect(request.held?.organisationName == who.organisationName)
        #expect(try await expert(city, who.account.text)?.organisation == who.organisation)
        try await city.review.decide(request.request.id, admits: true, reason: "", Self.care, by: colleague)
        #expect(try await expert(city, who.account.text)?.organisation == ID("firm0"))
        let before = try await city.db.read { tx in try ExpertStore.employments(of: [who.id], tx)[who.id] }
        #expect(before?.map(\.organisation) == [who.organisation])
        let mine = try await city.assignments(round).filter { $0.expert == who.id }
        #expect(mine.map(\.state) == [.recused])
    }

    @Test("Who leaves gets no new work and returns by asking", arguments: TestStore.engines)
    func left(_ engine: Engine) async throws {
        let city = try await city(engine)
        let me = try city.actor(city.experts[0].id)
        let held = try await city.db.read { tx in try ExpertEntry.held(of: city.experts[0], tx) }
        for _ in 0..<2 { try await city.review.leavePool(by: me) }
        await #expect(throws: ReviewError.unknown) { try await city.review.leavePool(by: new) }
        #expect(try await expert(city, city.experts[0].account.text)?.isActive == false)
        // Nothing has changed, but whoever left does not return alone.
        #expect(try await city.review.register(held, Self.care, by: me) == .asked)
        let id = try #require(try await waiting(city).first).request.id
        try await city.review.decide(id, admits: true, reason: "", Self.care, by: city.officer)
        #expect(try await expert(city, city.experts[0].account.text)?.isActive == true)
        #expect(
            try await kinds(city) == [
                "expert.left", "expert.asked", "expert.confirmed", "expert.request-admitted",
            ])
    }
}
