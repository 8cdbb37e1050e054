import Kernel
import Review
import Store
import Testing

@Suite("The house's half of the seed")
struct SeedTests {
    @Test("Its hash is on record with the plan, in clear; itself only with the draw, and it goes into the seed")
    func committedBefore() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let round = try await city.round()
        func events() async throws -> [StoredEvent] {
            try await city.db.read { tx in try Record.events(about: "round", round.id.text, tx) }
        }
        let before = try await events()
        #expect(before.map(\.kind) == ["review.committed"])
        let commitment = try #require(before[0].content["seedCommitment"]?.string)
        #expect(try await city.db.read { tx in try RoundStore.seedCommitment(round.id, tx) } == commitment)
        let outcome = try await city.review.draw(round.id, seed: "lottery 3 14 15", by: city.officer)
        #expect(outcome.seed.hasPrefix("lottery 3 14 15 "))
        let secret = try #require(SeedSecret(inSeed: outcome.seed))
        #expect(secret.commitment == commitment)
        // Nothing of it was to be seen before.
        #expect(!before[0].content.canonicalText.contains(secret.text))
        #expect(try await events().last?.content["seed"]?.string == outcome.seed)
        while try await Record.sequence(in: city.db) > 0 {}
        let leaves = try await city.db.read { tx in try Record.leaves(from: 0, below: .max, limit: 500, tx).map(\.text)
        }
        #expect(leaves.filter { $0.contains("review.committed") && $0.contains(commitment) }.count == 1)
        #expect(leaves.filter { $0.contains("review.drawn") && $0.contains(secret.text) }.count == 1)
    }

    @Test("Two rounds have two secrets")
    func differ() async throws {
        var found: Set<String> = []
        for _ in 0..<3 {
            let city = try await ReviewCity.open(experts: 4)
            let round = try await city.round()
            found.insert(try #require(try await city.db.read { tx in try RoundStore.seedCommitment(round.id, tx) }))
        }
        #expect(found.count == 3)
    }
}
