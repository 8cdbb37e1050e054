import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Conflicts that are kept: the database refuses their pairs")
struct ConflictPairTests {
    /// Open assignments of pairs that stand in conflict.
    static func broken(_ city: ReviewCity) async throws -> Int {
        try await city.db.read { tx in
            try tx.value(
                """
                SELECT COUNT(*) FROM review_assignment a JOIN review_conflict c ON c.round = a.round
                    AND c.expert = a.expert AND c.item IN (a.item, '') AND c.state = 'stands'
                WHERE a.state IN ('invited', 'accepted')
                """) ?? 0
        }
    }

    @Test("An assignment of a kept pair cannot be written, however it is tried", arguments: TestStore.engines)
    func impossible(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let (round, _) = try await city.drawn(items: 2, wanted: 2)
        let open = try await city.assignments(round)
        let free = try #require(city.experts.first { expert in !open.contains { $0.expert == expert.id } })
        let one = ConflictFinding(
            expert: free.id, item: ID("item0"), kind: .adviser, subject: "investigator0", from: nil, until: nil,
            source: .declared, note: "", author: "")
        try await city.db.write { tx in try ConflictStore.keep([one], of: round.id, at: city.clock.now(), tx) }
        await #expect(throws: StoreError.self) {
            try await city.db.write { tx in
                try city.review.insert(
                    [
                        city.review.invitation(
                            round, ID("item0"), free.id, isReserve: true, dueOn: round.dueOn, city.clock.now())
                    ],
                    tx)
            }
        }
        // Nor by moving an assignment to another expert or item, or by calling a recused one back.
        await #expect(throws: StoreError.self) {
            try await city.db.write { tx in
                try tx.run(
                    "UPDATE review_assignment SET expert = \(free.id) WHERE item = 'item0' AND expert = \(open[0].expert)"
                )
            }
        }
        // Nor can a conflict be kept while its expert still works on the item.
        let held = try #require(open.first)
        let late = ConflictFinding(
            expert: held.expert, item: held.item, kind: .relative, subject: "x", from: nil, until: nil,
            source: .declared, note: "", author: "")
        await #expect(throws: StoreError.self) {
            try await city.db.write { tx in try ConflictStore.keep([late], of: round.id, at: city.clock.now(), tx) }
        }
        #expect(try await ConflictPairTests.broken(city) == 0)
        // The other item is free for the expert.
        try await city.db.write { tx in
            try city.review.insert(
                [
                    city.review.invitation(
                        round, ID("item1"), free.id, isReserve: true, dueOn: round.dueOn, city.clock.now())
                ],
                tx)
        }
    }

    @Test("A changed fact recuses at once, invites a reserve, and touches nobody else", arguments: TestStore.engines)
    func changedFact(_ engine: Engine) async throws {
        for seed in UInt64(0)..<6 {
            var random = SeededRandom(seed: seed)
            let city = try await ReviewCity.open(experts: 9, engine: engine)
            let (round, _) = try await city.drawn(items: 5, wanted: 2)
            for _ in 0..<4 {
                let before = try await city.assignments(round)
                let expert = try #require(city.experts.randomElement(using: &random))
                let number = Int.random(in: 0..<5, using: &random)
                let kind = TieKind.allCases.randomElement(using: &random) ?? .money
                let subject = Bool.random(using: &random) ? "investigator\(number)" : "firm\(number)"
                try await city.review.addTie(Tie(kind, subject, source: "letter"), to: expert.id, by: city.officer)
                let after = try await city.assignments(round)
                for one in before {
                    let now = after.first { $0.id == one.id }
                    let isTouched = one.expert == expert.id && one.item == ID("item\(number)")
                    let isOpen = [.invited, .accepted].contains(one.state)
                    #expect(now?.state == (isTouched && isOpen ? .recused : one.state), "seed \(seed)")
                }
                let fresh = after.filter { one in !before.contains { $0.id == one.id } }
                #expect(fresh.allSatisfy { $0.item == ID("item\(number)") && $0.isReserve }, "seed \(seed)")
                #expect(fresh.count <= 1, "seed \(seed)")
                #expect(try await ConflictPairTests.broken(city) == 0, "seed \(seed)")
            }
        }
    }

    @Test("One changed fact is looked up in a round of 6,000 items")
    func oneFactOfMany() async throws {
        let city = try await ReviewCity.open(experts: 40)
        let round = try await city.round(items: 6_000, wanted: 1, load: 200)
        let facts = try await city.db.read { tx in
            try PoolConflicts.facts([city.experts[0].id], on: ReviewCity.day, tx)
        }
        var known = try #require(facts[city.experts[0].id])
        known.ties = (0..<20).map { Tie(.coAuthor, "investigator\($0)", source: "list") }
        let changed = known
        let start = ContinuousClock.now
        try await city.db.write { tx in
            try city.review.refresh([changed], round, city.officer, city.clock.now(), tx)
        }
        let spent = start.duration(to: .now)
        print("one changed fact, 6,000 items: \(spent) (debug build)")
        let count = try await city.db.read { tx in try ConflictStore.counts(round.id, tx)[.coAuthor] }
        #expect(count == 20)
    }

    @Test("A contest is ruled by somebody else, and only then can the pair be assigned", arguments: TestStore.engines)
    func contest(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let (round, _) = try await city.drawn(items: 1, wanted: 2)
        let held = try #require(try await city.assignments(round).first)
        let expert = try city.actor(held.expert)
        try await city.sheets.recuse(held.id, reason: "师生关系", by: expert)
        let contest = try await city.review.contest(
            round.id, held.expert, item: held.item.text, kind: .ownDeclaration, subject: held.item.text,
            statement: "误选", by: expert)
        // Not by way of a round that somebody else may handle.
        await #expect(throws: ReviewError.unknown) {
            try await city.review.rule(contest, in: ID("other"), lifts: true, ruling: "可以", by: city.officer)
        }
        // Neither its author, nor who filed it.
        await #expect(throws: AccessError.self) {
            try await city.review.rule(contest, in: round.id, lifts: true, ruling: "可以", by: expert)
        }
        let both = Actor(account: expert.account, person: expert.person, name: "Both", roles: [.expert, .officer])
        await #expect(throws: ReviewError.sameHand) {
            try await city.review.rule(contest, in: round.id, lifts: true, ruling: "可以", by: both)
        }
        let kept = try await city.db.read { tx in
            try ConflictStore.barred([held.expert], from: held.item, in: round.id, tx)
        }
        #expect(kept == [held.expert])
        try await city.review.rule(contest, in: round.id, lifts: true, ruling: "核实为误选", by: city.officer)
        // The relation to the applicant that came with it stands until it is lifted too.
        let relation = try await city.review.contest(
            round.id, held.expert, item: held.item.text, kind: .declared, subject: "investigator0", statement: "误选",
            by: expert)
        let still = try await city.db.read { tx in
            try ConflictStore.barred([held.expert], from: held.item, in: round.id, tx)
        }
        #expect(still == [held.expert])
        try await city.review.rule(relation, in: round.id, lifts: true, ruling: "核实为误选", by: city.officer)
        let after = try await city.db.read { tx in
            try ConflictStore.barred([held.expert], from: held.item, in: round.id, tx)
        }
        #expect(after.isEmpty)
        await #expect(throws: ReviewError.wrongState) {
            try await city.review.rule(contest, in: round.id, lifts: false, ruling: "again", by: city.officer)
        }
    }

    @Test(
        "Failure 1: nobody judges an own application under another identity, proved or not, drawn or as a reserve",
        arguments: TestStore.engines)
    func aliasBeforeThePlan(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 7, engine: engine)
        let own = city.experts.prefix(3).map(\.id)
        for (number, expert) in own.enumerated() {
            try await city.review.addAlias(
                ID("investigator0"), to: expert, source: "unconfirmed e-mail", isVerified: number == 0,
                by: city.officer)
        }
        // What is written down again as unproved counts as before.
        try await city.review.addAlias(
            ID("investigator0"), to: own[0], source: "bounced", isVerified: false, by: city.officer)
        let (round, outcome) = try await city.drawn(items: 2, wanted: 2)
        let others = city.experts.dropFirst(3).map(\.id)
        #expect(outcome.plan.items.map(\.item) == [ID("item0"), ID("item1")])
        #expect(outcome.plan.items[0].eligible == others)
        #expect(outcome.plan.items[1].eligible == city.experts.map(\.id))
        #expect(Set(outcome.results[0].drawn + outcome.results[0].reserves) == Set(others))
        // Nor later, when one after the other falls out and reserves come in.
        func invited() async throws -> Assignment {
            let all = try await city.assignments(round)
            return try #require(all.first { $0.item == ID("item0") && $0.state == .invited })
        }
        for _ in 0..<2 {
            try await city.review.replace(try await invited().id, reason: "busy", by: city.officer)
        }
        let asked = try await city.assignments(round).filter { $0.item == ID("item0") }.map(\.expert)
        #expect(asked.count == 4 && Set(asked).isDisjoint(with: own))
        let last = try await invited()
        await #expect(throws: ReviewError.noReserve) {
            try await city.review.replace(last.id, reason: "busy", by: city.officer)
        }
    }

    @Test("That an expert is the applicant is never lifted, not even for an alias", arguments: TestStore.engines)
    func neverLifted(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let (round, _) = try await city.drawn(items: 1, wanted: 2)
        let held = try #require(try await city.assignments(round).first)
        // An unproved alias: the mail address of an account that was never confirmed.
        try await city.review.addAlias(
            ID("investigator0"), to: held.expert, source: "unconfirmed e-mail", isVerified: false, by: city.officer)
        #expect(try await city.assignment(held.id).state == .recused)
        let contest = try await city.review.contest(
            round.id, held.expert, item: held.item.text, kind: .isApplicant, subject: "investigator0",
            statement: "同名", by: try city.actor(held.expert))
        await #expect(throws: ReviewError.neverLifted) {
            try await city.review.rule(contest, in: round.id, lifts: true, ruling: "同名", by: city.officer)
        }
        // Confirming the address, or taking it back, changes nothing.
        try await city.review.addAlias(
            ID("investigator0"), to: held.expert, source: "confirmed", isVerified: true, by: city.officer)
        let barred = try await city.db.read { tx in
            try ConflictStore.barred([held.expert], from: held.item, in: round.id, tx)
        }
        #expect(barred == [held.expert])
    }
}
