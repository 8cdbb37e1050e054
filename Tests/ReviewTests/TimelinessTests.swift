import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

/// Working days after the city's day 0, 4 October 2024, are days 4 to 8, then 10 to 14.
@Suite("How the work of experts came in")
struct TimelinessTests {
    /// One invitation, in days from day 0.
    private struct Past {
        var round = "open"
        let state: Assignment.State
        let due: Int
        var answered: Int?
        var submitted: Int?
        var reason: String?
        var cause: Assignment.Cause?
    }

    private let past: [Past] = [
        Past(state: .submitted, due: 4, answered: 1, submitted: 4),
        Past(state: .submitted, due: 4, answered: 1, submitted: 7),
        Past(state: .submitted, due: 8, answered: 2, submitted: 10),
        Past(state: .declined, due: 8, answered: 2, reason: "no time"),
        Past(state: .replaced, due: 8, cause: .lapsed),
        Past(state: .replaced, due: 8, answered: 3, cause: .lapsed),
        Past(state: .recused, due: 8, answered: 3, reason: "colleague"),
        Past(state: .recused, due: 8, answered: 3, cause: .conflict([.adviser, .money])),
        Past(state: .replaced, due: 8, cause: .away),
        Past(state: .replaced, due: 8, cause: .left),
        Past(state: .replaced, due: 8, cause: .unconfirmed),
        // What an officer typed is no cause, whatever the word.
        Past(state: .replaced, due: 8, reason: "away"),
        Past(state: .replaced, due: 8, answered: 3, reason: "closed"),
        Past(state: .invited, due: 40),
        Past(round: "closed", state: .replaced, due: 2, answered: 1, cause: .lapsed),
        Past(state: .accepted, due: 8, answered: 3),
        // The round was closed while there was time left: the newest, and none of the last that count.
        Past(round: "closed", state: .replaced, due: 10, answered: 2, cause: .closed),
    ]

    private func city(_ engine: Engine) async throws -> ReviewCity {
        let city = try await ReviewCity.open(experts: 3, engine: engine)
        let zone = city.review.zone
        func at(_ day: Int?) -> Instant? {
            day.map { zone.start(of: ReviewCity.day.adding(days: $0)).adding(seconds: 36_000) }
        }
        let rows = past.enumerated().map { number, one -> SQL in
            """
            (\("a\(number)"), \(one.round), \("item\(number)"), 'expert100', \(one.state), \(false),
                \(ReviewCity.day.adding(days: one.due)), \(number), \(at(one.answered)), \(one.reason), \(one.cause),
                '{}', 0, \(at(one.submitted)))
            """
        }
        let rounds: [(id: String, state: String, end: Instant?)] = [
            ("open", "drawn", nil), ("closed", "closed", at(5)),
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
            try tx.run(
                """
                INSERT INTO review_assignment (id, round, item, expert, state, is_reserve, due_on, invited_at,
                    answered_at, reason, cause, answers, revision, submitted_at)
                VALUES \(SQL.join(rows, separator: ", "))
                """)
            try tx.run(
                """
                INSERT INTO review_assignment (id, round, item, expert, state, is_reserve, due_on, invited_at,
                    answered_at, answers, revision, submitted_at)
                VALUES ('b', 'open', 'item0', 'expert101', 'submitted', \(false), \(ReviewCity.day), 0, 0, '{}', 0, 0)
                """)
        }
        return city
    }

    private func measured(_ city: ReviewCity, last: Int) async throws -> [ID<Expert>: Timeliness] {
        let measure = TimelinessMeasure(last: last, zone: city.review.zone, calendar: try CareTests.calendar())
        return try await city.db.read { tx in
            try measure.of(city.experts.map(\.id), on: ReviewCity.day.adding(days: 20), tx)
        }
    }

    @Test("Invitations that are over are counted, and nobody is blamed for the others", arguments: TestStore.engines)
    func counts(_ engine: Engine) async throws {
        let city = try await city(engine)
        let found = try await measured(city, last: 20)
        #expect(
            found[ID("expert100")]
                == Timeliness(invited: 10, answered: 8, accepted: 7, delivered: 3, inTime: 1, medianLate: 1))
        #expect(
            found[ID("expert101")]
                == Timeliness(invited: 1, answered: 1, accepted: 1, delivered: 1, inTime: 1, medianLate: nil))
        #expect(found[ID("expert102")] == nil)
    }

    @Test("Only the last ones count, for each expert alone", arguments: TestStore.engines)
    func last(_ engine: Engine) async throws {
        let city = try await city(engine)
        let found = try await measured(city, last: 3)
        #expect(
            found[ID("expert100")]
                == Timeliness(invited: 3, answered: 3, accepted: 3, delivered: 0, inTime: 0, medianLate: nil))
        #expect(found[ID("expert101")]?.invited == 1)
    }

    @Test("Closing a round tells whose time had run out from whose was cut short", arguments: TestStore.engines)
    func closing(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 4, engine: engine)
        let (round, _) = try await city.drawn(wanted: 2)
        let drawn = try await city.assignments(round)
        for one in drawn { try await city.judge(one, 80) }
        let judges = Set(drawn.map(\.expert))
        let others = city.experts.map(\.id).filter { !judges.contains($0) }
        try #require(others.count == 2)
        let now = city.clock.now()
        try await city.db.write { tx in
            let rows = zip(others, [-1, 0]).map { expert, days in
                city.review.invitation(
                    round, ID("item0"), expert, isReserve: true, dueOn: ReviewCity.day.adding(days: days), now)
            }
            try city.review.insert(rows, tx)
        }
        try await city.review.close(round.id, by: city.officer) { _, _ in }
        var causes: [ID<Expert>: Assignment.Cause] = [:]
        for one in try await city.assignments(round) { causes[one.expert] = one.cause }
        #expect(causes == [others[0]: .lapsed, others[1]: .closed])
        let found = try await measured(city, last: 20)
        #expect(found[others[0]]?.invited == 1 && found[others[1]] == nil)
    }

    @Test("A replacement that an officer words like a cause is counted like any other", arguments: TestStore.engines)
    func worded(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 4, engine: engine)
        let (round, _) = try await city.drawn(wanted: 2)
        for (one, word) in zip(try await city.assignments(round), ["away", "closed"]) {
            try await city.review.replace(one.id, reason: word, by: city.officer)
            let kept = try await city.assignment(one.id)
            #expect(kept.reason == word && kept.cause == nil && kept.why == Bilingual(word, word))
            #expect(try await measured(city, last: 20)[one.expert]?.invited == 1)
        }
    }

    @Test("One query, whatever the number of experts", arguments: TestStore.engines)
    func queries(_ engine: Engine) async throws {
        let city = try await city(engine)
        let measure = TimelinessMeasure(last: 20, zone: city.review.zone, calendar: try CareTests.calendar())
        for count in [1, 3] {
            let ids = city.experts.prefix(count).map(\.id)
            let asked = try await QueryCounter.count {
                _ = try await city.db.read { tx in try measure.of(ids, on: ReviewCity.day, tx) }
            }
            #expect(asked == 1, "\(count)")
        }
    }
}
