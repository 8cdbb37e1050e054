import Kernel
import Review
import Store
import Testing

@Suite("Running a round of review")
struct RoundTests {
    @Test("The published hash is that of the plan in the protocol, and the invited are the drawn")
    func commitAndReveal() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let (round, outcome) = try await city.drawn(items: 3, wanted: 2)
        #expect(round.state == .committed && round.seed == nil)
        #expect(try outcome.plan.commitment() == round.commitment)
        let invited = try await city.assignments(round)
        #expect(
            Set(invited.map { "\($0.item) \($0.expert)" })
                == Set(outcome.results.flatMap { result in result.drawn.map { "\(result.item) \($0)" } }))
        #expect(invited.allSatisfy { $0.state == .invited && !$0.isReserve })
        let stored = try await city.db.read { tx in try RoundStore.drawProtocol(round.id, tx) }
        #expect(try stored?.decode(DrawProtocol.self) == outcome)
        #expect(try DrawTests.check(try #require(stored)) == ("same", 0))
    }

    @Test("A round is opened once for its subject, drawn once, and never by an empty seed")
    func onlyOnce() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let round = try await city.round()
        await #expect(throws: ReviewError.alreadyOpen) { try await city.round() }
        let empty = await #expect(throws: ReviewError.self) {
            try await city.review.draw(round.id, seed: " \n", by: city.officer)
        }
        #expect(empty?.fields.map(\.field) == ["seed"])
        _ = try await city.review.draw(round.id, seed: "a", by: city.officer)
        await #expect(throws: ReviewError.wrongState) {
            try await city.review.draw(round.id, seed: "b", by: city.officer)
        }
        #expect(try await city.assignments(round).count == 2)
    }

    @Test("A plan that no seed could fill is refused before it is published")
    func impossiblePlan() async throws {
        let city = try await ReviewCity.open(experts: 3, maxLoads: [0: 1, 1: 1, 2: 1])
        // Six seats, and three experts who take one item each.
        let problem = await #expect(throws: ReviewError.self) { try await city.round(items: 3, wanted: 2) }
        guard case .tooFewExperts = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        let found = try await city.db.read { tx in try RoundStore.find(subject: "call", tx) }
        #expect(found == nil)
    }

    @Test("A stored plan that was changed after its hash was published is not drawn")
    func changedPlan() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let round = try await city.round()
        let fewer = DrawPlan(
            eligible: [ID("item0"): city.experts.prefix(2).map(\.id)],
            entrants: city.experts.map { .init(expert: $0.id, employer: "", load: 5) }, wanted: 2, reserves: 4)
        let value = try JSONValue(encoding: fewer)
        try await city.db.write { tx in
            try tx.run("UPDATE review_draw SET plan = \(value) WHERE round = \(round.id)")
        }
        await #expect(throws: ReviewError.planChanged) {
            try await city.review.draw(round.id, seed: "a", by: city.officer)
        }
        #expect(try await city.assignments(round).isEmpty)
    }

    @Test("Experts of other fields, inactive ones and those in conflict are not in the plan")
    func eligibility() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let strangers = city.experts
        try await city.db.write { tx in
            try ExpertStore.leave(strangers[0].id, tx)
            try ExpertStore.employ(
                .init(
                    organisation: ID("firm0"), from: ReviewCity.day.adding(days: -900),
                    to: ReviewCity.day.adding(days: -400)), strangers[1].id, tx)
            try ExpertStore.employ(
                .init(
                    organisation: ID("firm0"), from: ReviewCity.day.adding(days: -9_000),
                    to: ReviewCity.day.adding(days: -4_000)), strangers[2].id, tx)
        }
        let (_, outcome) = try await city.drawn(wanted: 2, lookbackYears: 3)
        #expect(outcome.plan.items[0].eligible == strangers[2...].map(\.id))
        await #expect(throws: ReviewError.tooFewExperts(1)) {
            try await city.review.open(
                subject: "other", sheet: ReviewCity.sheet, items: [ReviewCity.item(0, field: "180")],
                experts: strangers.map { ($0, city.facts($0)) }, wanted: 1, load: 1, dueOn: ReviewCity.day,
                by: city.officer)
        }
    }

    @Test("Only officers run a round")
    func officersOnly() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (round, _) = try await city.drawn()
        let first = try #require(try await city.assignments(round).first)
        for role in Role.allCases where role != .officer {
            let other = Actor(account: city.experts[0].account, name: "x", roles: [role])
            await #expect(throws: AccessError.self) { try await city.review.remind(round.id, by: other) }
            await #expect(throws: AccessError.self) {
                try await city.review.replace(first.id, reason: "r", by: other)
            }
            await #expect(throws: AccessError.self) {
                try await city.review.replaceLapsed(round.id, dueOn: ReviewCity.day, by: other)
            }
            await #expect(throws: AccessError.self) {
                try await city.review.note("n", on: first.item, in: round.id, by: other)
            }
            await #expect(throws: AccessError.self) {
                try await city.review.addRelation("firm0", note: "", to: first.expert, by: other)
            }
            await #expect(throws: AccessError.self) {
                try await city.review.close(round.id, by: other) { _, _ in }
            }
        }
        #expect(try await city.assignments(round).allSatisfy { $0.state == .invited })
    }

    @Test("Reserves come in the order drawn, and the last one missing is told")
    func reserves() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (round, outcome) = try await city.drawn(wanted: 2)
        #expect(outcome.results[0].reserves.count == 2)
        for reserve in outcome.results[0].reserves {
            let open = try #require(try await city.assignments(round).first { $0.state == .invited })
            try await city.review.replace(open.id, reason: "no answer", by: city.officer)
            let newest = try #require(try await city.assignments(round).last)
            #expect(newest.expert == reserve && newest.isReserve && newest.state == .invited)
            #expect(try await city.assignment(open.id).state == .replaced)
        }
        let open = try #require(try await city.assignments(round).first { $0.state == .invited })
        await #expect(throws: ReviewError.noReserve) {
            try await city.review.replace(open.id, reason: "no answer", by: city.officer)
        }
        #expect(try await city.assignment(open.id).state == .invited)
    }

    @Test("A reserve who is full, has left the pool or has come into conflict is passed over")
    func reservesAreCheckedAgain() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let (round, outcome) = try await city.drawn(wanted: 2)
        let reserves = outcome.results[0].reserves
        try await city.db.write { tx in
            try ExpertStore.leave(reserves[0], tx)
            try ExpertStore.declare("investigator0", note: "", by: reserves[1], at: city.clock.now(), tx)
            try ExpertStore.employ(
                .init(organisation: ID("firm0"), from: ReviewCity.day.adding(days: -1)), reserves[2], tx)
        }
        let open = try #require(try await city.assignments(round).first)
        try await city.review.replace(open.id, reason: "no answer", by: city.officer)
        #expect(try await city.assignments(round).last?.expert == reserves[3])
    }

    @Test("No expert ever holds more items than the load, however many decline")
    func loadHoldsAfterDeclines() async throws {
        for seed in UInt64(0)..<8 {
            var random = SeededRandom(seed: seed)
            let city = try await ReviewCity.open(experts: 9, maxLoads: [0: 1, 4: 1])
            let (round, outcome) = try await city.drawn(items: 6, wanted: 2, load: 2)
            let limit = Dictionary(uniqueKeysWithValues: outcome.plan.experts.map { ($0.expert, $0.load) })
            for _ in 0..<12 {
                let open = try await city.assignments(round).filter { $0.state == .invited }
                guard let one = open.randomElement(using: &random) else { break }
                try await city.sheets.decline(one.id, reason: "no time", by: try city.actor(one.expert))
                var held: [ID<Expert>: Int] = [:]
                for row in try await city.assignments(round) where row.state == .invited {
                    held[row.expert, default: 0] += 1
                }
                #expect(held.allSatisfy { $0.value <= limit[$0.key] ?? 0 }, "seed \(seed)")
            }
        }
    }

    @Test("After the due day the open ones go to reserves with a new day; without a reserve they stay")
    func lapsed() async throws {
        let city = try await ReviewCity.open(experts: 3)
        let (round, _) = try await city.drawn(wanted: 2)
        let rows = try await city.assignments(round)
        let later = ReviewCity.day.adding(days: 20)
        let early = try await city.review.replaceLapsed(round.id, dueOn: later, by: city.officer)
        #expect(early.replaced.isEmpty && early.withoutReserve.isEmpty)
        city.clock.move(seconds: 10 * 86_400)
        #expect(try await city.review.replaceLapsed(round.id, dueOn: later, by: city.officer).replaced.isEmpty)
        city.clock.move(seconds: 86_400)
        let outcome = try await city.review.replaceLapsed(round.id, dueOn: later, by: city.officer)
        #expect(outcome.replaced == [rows[0].id] && outcome.withoutReserve == [rows[1].id])
        let now = try await city.assignments(round)
        #expect(now.map(\.state) == [.replaced, .invited, .invited])
        #expect(now.last?.dueOn == later)
    }

    @Test("Only those with an open sheet are reminded, each expert once")
    func reminders() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let (round, _) = try await city.drawn(items: 3, wanted: 2)
        let due = ReviewCity.day.adding(days: 10)
        #expect(try await city.review.remind(round.id, by: city.officer) == 2)
        #expect(try await city.review.remind(round.id, dueBefore: due, by: city.officer) == 0)
        #expect(try await city.review.remind(round.id, dueBefore: due.adding(days: 1), by: city.officer) == 2)
        let account = city.experts[0].account
        let messages = try await city.db.read { tx in try Messages.list(account, before: nil, limit: 10, tx) }
        // One invitation and two reminders.
        #expect(messages.count == 3)
    }

    @Test("A round closes only when every item has its sheets, and what follows is done in the same transaction")
    func closing() async throws {
        let city = try await ReviewCity.open(experts: 3)
        let (round, _) = try await city.drawn(items: 2, wanted: 2)
        let rows = try await city.assignments(round)
        for row in rows.dropLast() { try await city.judge(row, 80) }
        await #expect(throws: ReviewError.unfinished(1)) {
            try await city.review.close(round.id, by: city.officer) { _, _ in }
        }
        try await city.judge(try #require(rows.last), 60)
        await #expect(throws: ReviewError.noReserve) {
            try await city.review.close(round.id, by: city.officer) { _, _ in throw ReviewError.noReserve }
        }
        let open = try await city.db.read { tx in try RoundStore.find(round.id, tx)?.state }
        #expect(open == .drawn)
        try await city.review.close(round.id, by: city.officer) { items, _ in #expect(items.count == 2) }
        let (state, ranking) = try await city.db.read { tx in
            let round = try #require(try RoundStore.find(round.id, tx))
            return (round.state, try RoundStore.ranking(round, disagreement: 10_000, tx))
        }
        #expect(state == .closed)
        #expect(ranking.ranked.map(\.mean) == [80_000, 70_000])
        #expect(ranking.ranked.map(\.isDisputed) == [false, true])
        #expect(ranking.ranked.map(\.verdicts) == [["fund": 2], ["fund": 2]])
    }
}
