import BureauTestSupport
import Funding
import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Nothing is drawn before a signed checkpoint covers what it is drawn from")
struct DrawSigningTests {
    private static let seed = "8 15 22"

    /// The same house in a process that holds none of the record's keys: it orders events and signs nothing.
    private func keyless(_ house: TestHouse) async throws -> Services {
        // The one key there is lies in the folder of the house.
        try await house.house.record.sign()
        return try await TestHouse.services(
            on: house.address, folder: try TestCity.folder(), clock: house.services.clock)
    }

    @Test(
        "A plan that is fixed where no key is held is drawn only after the holder of the key has signed",
        arguments: TestStore.engines)
    func calls(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (call, officer) = (try await house.call("natural-science"), try await house.actor("officer"))
        _ = try await house.checked(call)
        let other = try await keyless(house)
        let round = try await other.funding.review.open(
            call.id, load: 15, dueOn: house.house.today.adding(days: 14), by: officer)
        // To stand in the order is not enough.
        while try await Record.sequence(in: house.house.db) > 0 {}
        for services in [other, house.services] {
            await #expect(throws: ReviewError.unsigned) {
                try await services.funding.review.draw(call.id, seed: Self.seed, by: officer)
            }
        }
        for language in Language.allCases {
            let answer = try await house.visit(
                "desk.review.draw", officer, values: ["id": call.id.text], form: [("seed", Self.seed)],
                language: language)
            #expect(answer.status == 409)
            let page = text(answer)
            #expect(page.contains(ReviewError.unsigned.message[language]) && page.contains("value=\"\(Self.seed)\""))
        }
        let seed = try await house.house.db.read { tx in try RoundStore.find(round.id, tx)?.seed }
        #expect(try await house.assignments(round).isEmpty && seed == nil)
        try await house.house.record.tick()
        let outcome = try await other.funding.review.draw(call.id, seed: Self.seed, by: officer)
        #expect(outcome.results.contains { !$0.drawn.isEmpty })
    }

    @Test("A plan by affinity is run under the same condition", arguments: TestStore.engines)
    func assignments(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (call, officer) = (try await house.call("natural-science"), try await house.actor("officer"))
        _ = try await house.checked(call)
        let other = try await keyless(house)
        let city = String(house.house.city.districts[0].code.prefix(4))
        try await other.funding.review.open(
            call.id, AssignmentOptions(mode: .best, seats: 2, load: 15), city: city,
            dueOn: house.house.today.adding(days: 14), by: officer)
        await #expect(throws: ReviewError.unsigned) {
            try await house.funding.review.assign(call.id, seed: "", by: officer)
        }
        try await house.house.record.tick()
        try await house.funding.review.assign(call.id, seed: "", by: officer)
    }
}
