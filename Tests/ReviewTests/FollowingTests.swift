import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

/// What it costs to look at reviews again after payments and contracts changed, and what happens where that fails.
@Suite("Following payments and contracts")
struct FollowingTests {
    private func pay(_ one: String, _ other: String, days: Int = 0, _ city: ReviewCity) async throws {
        let day = ReviewCity.day.adding(days: days)
        try await city.db.write { tx in
            try Dealings.set([Dealing(.money, one, other, from: day, to: day)], of: "\(one) \(other)", tx)
        }
    }

    private func round(_ subject: String, _ items: Range<Int>, _ city: ReviewCity) async throws -> Round {
        try await city.round(subject, items.map { ReviewCity.item($0) }, wanted: 2, load: 9)
    }

    private func conflicts(_ round: Round, _ city: ReviewCity) async throws -> [KeptConflict] {
        try await city.db.read { tx in try ConflictStore.list(round.id, kind: .employerMoney, limit: 100, tx) }
    }

    private func waiting(_ city: ReviewCity) async throws -> [String] {
        try await city.db.read { tx in try Dealings.changed(limit: 100, tx) }
    }

    @Test(
        "A large house costs as many statements as a small one, and rounds of others cost none",
        arguments: TestStore.engines)
    func bounded(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 40, engine: engine)
        let small = city.experts[0].organisation.text
        let moved = city.experts.dropFirst(8).map(\.id)
        try await city.db.write { tx in
            try tx.run("UPDATE expert SET organisation = 'large' WHERE id IN \(list: moved)")
        }
        func follow(_ house: String, _ other: String, days: Int = 0) async throws -> Int {
            try await pay(house, other, days: days, city)
            let count = try await QueryCounter.count { try await city.review.followDealings() }
            #expect(try await waiting(city).isEmpty)
            return count
        }
        let first = try await round("first", 0..<2, city)
        // Of a partner who takes part in nothing, and of one who does.
        let (nothing, one) = (try await follow(small, "elsewhere"), try await follow(small, "firm0"))
        #expect(try await follow("large", "elsewhere") == nothing)
        #expect(try await follow("large", "firm0") == one)
        #expect(try await conflicts(first, city).count == 33)
        let before = try await follow("large", "elsewhere", days: -1)
        for number in 1...3 { _ = try await round("other \(number)", (10 * number)..<(10 * number + 2), city) }
        #expect(try await follow("large", "elsewhere", days: -2) == before)
        // What ends, ends for all of them at once.
        func end(_ house: String) async throws -> Int {
            try await city.db.write { tx in try Dealings.set([], of: "\(house) firm0", tx) }
            return try await QueryCounter.count { try await city.review.followDealings() }
        }
        #expect(try await end("large") == end(small))
        #expect(try await conflicts(first, city).allSatisfy { $0.state == .ended })
    }

    @Test(
        "A party that cannot be looked at waits for the next time and holds up nobody else",
        arguments: TestStore.engines)
    func failing(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        let (round, _) = try await city.drawn(wanted: 2)
        let held = try await city.assignments(round).sorted { $0.expert.text < $1.expert.text }
        // Its turn comes before the other's.
        let (broken, other) = (held[0], held[1])
        func employer(_ one: Assignment) throws -> String {
            try #require(city.experts.first { $0.id == one.expert }).organisation.text
        }
        try await city.db.write { tx in
            try tx.run(
                """
                INSERT INTO expert_employment (expert, organisation, from_day) VALUES (\(broken.expert), 'x', 'never')
                """)
        }
        for one in held { try await pay(try employer(one), "firm0", city) }
        await #expect(throws: (any Error).self) { try await city.review.followDealings() }
        #expect(try await city.assignment(broken.id).state == .invited)
        #expect(try await city.assignment(other.id).state == .recused)
        let left = try employer(broken)
        #expect(try await waiting(city) == [left])
        try await city.db.write { tx in try tx.run("DELETE FROM expert_employment WHERE organisation = 'x'") }
        try await city.review.followDealings()
        #expect(try await city.assignment(broken.id).state == .recused)
        #expect(try await waiting(city).isEmpty)
        #expect(try await ConflictPairTests.broken(city) == 0)
    }
}
