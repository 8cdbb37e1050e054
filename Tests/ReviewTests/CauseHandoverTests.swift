import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Causes that the version before writes among the reasons")
struct CauseHandoverTests {
    /// An assignment that was replaced, in days from the city's day 0.
    private struct Past {
        var round = "open"
        var due = 8
        var answered: Int?
        var isReserve = false
        let reason: String
        let cause: Assignment.Cause?
    }

    private static let past: [Past] = [
        Past(reason: "lapsed", cause: .lapsed),
        Past(round: "closed", due: 5, answered: 2, reason: "closed", cause: .closed),
        Past(round: "closed", due: 4, answered: 2, reason: "closed", cause: .lapsed),
        Past(reason: "away", cause: .away),
        // What the house cannot have written was typed.
        Past(answered: 3, reason: "away", cause: nil),
        Past(isReserve: true, reason: "away", cause: nil),
        Past(reason: "closed", cause: nil),
        Past(reason: "病假", cause: nil),
    ]

    private func city(_ engine: Engine) async throws -> ReviewCity {
        let city = try await ReviewCity.open(experts: 1, engine: engine)
        let end = city.review.zone.start(of: ReviewCity.day.adding(days: 5)).adding(seconds: 36_000)
        let rounds: [(id: String, state: String, end: Instant?)] = [
            ("open", "drawn", nil), ("closed", "closed", end),
        ]
        try await city.db.write { tx in
            for (id, state, end) in rounds {
                try tx.run(
                    """
                    INSERT INTO review_round (id, subject, sheet, wanted, load, due_on, state, commitment, opened_by,
                        opened_at, closed_at)
                    VALUES (\(id), \(id), '{}', 1, 1, \(ReviewCity.day), \(state), '', 'officer', 0, \(end))
                    """)
            }
            for (number, one) in Self.past.enumerated() { try Self.add("a\(number)", one, tx) }
        }
        return city
    }

    private static func add(_ id: String, _ one: Past, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO review_assignment (id, round, item, expert, state, is_reserve, due_on, invited_at, answered_at,
                reason, answers, revision)
            VALUES (\(id), \(one.round), \(id), 'expert100', 'replaced', \(one.isReserve),
                \(ReviewCity.day.adding(days: one.due)), 0, \(one.answered), \(one.reason), '{}', 0)
            """)
    }

    @Test("They are taken for what they are, and what people typed stays", arguments: TestStore.engines)
    func takenOver(engine: Engine) async throws {
        let city = try await city(engine)
        try await city.review.takeOverCauses()
        for (number, one) in Self.past.enumerated() {
            let kept = try await city.assignment(ID("a\(number)"))
            #expect(kept.cause == one.cause, "\(number)")
            #expect(kept.reason == (one.cause == nil ? one.reason : nil), "\(number)")
        }
    }

    @Test(
        "What is written beside this version is taken over too, and a day later nothing more",
        arguments: TestStore.engines)
    func beside(engine: Engine) async throws {
        let city = try await city(engine)
        func lapse(_ id: String) async throws {
            try await city.db.write { tx in try Self.add(id, Past(reason: "lapsed", cause: .lapsed), tx) }
        }
        func cause(_ id: String) async throws -> Assignment.Cause? { try await city.assignment(ID(id)).cause }
        try await city.review.takeOverCauses()
        try await lapse("b")
        try await city.review.takeOverCauses()
        #expect(try await cause("b") == nil)
        city.clock.move(seconds: 3_600)
        try await city.review.takeOverCauses()
        #expect(try await cause("b") == .lapsed)
        city.clock.move(seconds: 86_400)
        try await city.review.takeOverCauses()
        try await lapse("c")
        city.clock.move(seconds: 86_400)
        try await city.review.takeOverCauses()
        #expect(try await cause("c") == nil)
    }
}
