import Kernel
import Review
import Store
import Testing

@Suite("An expert's own part")
struct SheetTests {
    @Test("Nobody but the expert of an assignment can see it, answer it, fill it in or submit it")
    func onlyTheExpert() async throws {
        let city = try await ReviewCity.open(experts: 3)
        let (round, _) = try await city.drawn(wanted: 2)
        let rows = try await city.assignments(round)
        let own = rows[0]
        let others = [try city.actor(rows[1].expert), city.officer, Actor.everyone, Actor.system]
        for other in others {
            await #expect(throws: ReviewError.unknown) {
                try await city.db.read { tx in try SheetActions.mine(own.id, other, tx) }
            }
            await #expect(throws: ReviewError.unknown) { try await city.sheets.accept(own.id, by: other) }
            await #expect(throws: ReviewError.unknown) {
                try await city.sheets.recuse(own.id, reason: "r", by: other)
            }
        }
        try await city.sheets.accept(own.id, by: try city.actor(own.expert))
        for other in others {
            await #expect(throws: ReviewError.unknown) {
                try await city.sheets.save(own.id, values: ReviewCity.answers(80), expecting: 0, by: other)
            }
            await #expect(throws: ReviewError.unknown) { try await city.sheets.submit(own.id, by: other) }
        }
        #expect(try await city.assignment(own.id).revision == 0)
    }

    @Test("A sheet is filled in only after acceptance, and a stale revision is refused without loss")
    func drafts() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let (round, _) = try await city.drawn(wanted: 2)
        let own = try #require(try await city.assignments(round).first)
        let actor = try city.actor(own.expert)
        await #expect(throws: ReviewError.wrongState) {
            try await city.sheets.save(own.id, values: ReviewCity.answers(80), expecting: 0, by: actor)
        }
        try await city.sheets.accept(own.id, by: actor)
        let saved = try await city.sheets.save(own.id, values: ReviewCity.answers(80), expecting: 0, by: actor)
        #expect(saved.revision == 1 && saved.problems.isEmpty)
        await #expect(throws: ReviewError.stale) {
            try await city.sheets.save(own.id, values: ReviewCity.answers(10), expecting: 0, by: actor)
        }
        #expect(try await city.assignment(own.id).answers["score-novelty"] == 80)
    }

    @Test("An incomplete sheet is not submitted; a submitted one never changes and can be sent twice")
    func submission() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let (round, _) = try await city.drawn(wanted: 2)
        let own = try #require(try await city.assignments(round).first)
        let actor = try city.actor(own.expert)
        try await city.sheets.accept(own.id, by: actor)
        let problem = await #expect(throws: ReviewError.self) { try await city.sheets.submit(own.id, by: actor) }
        #expect(problem?.fields.map(\.field) == ["score-novelty", "score-method", "verdict", "comment"])
        _ = try await city.sheets.save(own.id, values: ReviewCity.answers(81), expecting: 0, by: actor)
        try await city.sheets.submit(own.id, by: actor)
        try await city.sheets.submit(own.id, by: actor)
        await #expect(throws: ReviewError.wrongState) {
            try await city.sheets.save(own.id, values: ReviewCity.answers(10), expecting: 1, by: actor)
        }
        await #expect(throws: ReviewError.wrongState) {
            try await city.sheets.recuse(own.id, reason: "late", by: actor)
        }
        let kept = try await city.assignment(own.id)
        #expect(kept.state == .submitted && kept.total == 81_000 && kept.verdict == "fund")
    }

    @Test("Declining needs a reason and brings the next reserve at once")
    func declining() async throws {
        let city = try await ReviewCity.open(experts: 3)
        let (round, outcome) = try await city.drawn(wanted: 2)
        let own = try #require(try await city.assignments(round).first)
        let actor = try city.actor(own.expert)
        let problem = await #expect(throws: ReviewError.self) {
            try await city.sheets.decline(own.id, reason: "", by: actor)
        }
        #expect(problem?.fields.map(\.field) == ["reason"])
        try await city.sheets.decline(own.id, reason: "abroad", by: actor)
        let rows = try await city.assignments(round)
        #expect(rows.count == 3 && rows.last?.expert == outcome.results[0].reserves.first)
        await #expect(throws: ReviewError.wrongState) { try await city.sheets.accept(own.id, by: actor) }
    }

    @Test("A recused expert never gets the sheet back, and loses other open items of the same person")
    func recusal() async throws {
        let city = try await ReviewCity.open(experts: 5)
        // Two items of one investigator, and one of another.
        let twin = ItemFacts(
            item: ID("item9"), title: Bilingual("又一项", "Another"), field: "520", investigator: ID("investigator0"),
            organisation: ID("firm9"), people: [], organisations: [])
        let round = try await city.round("call", [ReviewCity.item(0), ReviewCity.item(1), twin], wanted: 4, load: 5)
        _ = try await city.review.draw(round.id, seed: "s", by: city.officer)
        let rows = try await city.assignments(round)
        let expert = try #require(
            city.experts.map(\.id).first { id in rows.filter { $0.expert == id }.count == 3 })
        let actor = try city.actor(expert)
        for row in rows where row.expert == expert { try await city.sheets.accept(row.id, by: actor) }
        let first = try #require(rows.first { $0.expert == expert && $0.item == ID("item0") })
        try await city.sheets.recuse(first.id, reason: "my student", by: actor)
        let states = Dictionary(
            uniqueKeysWithValues: try await city.assignments(round).filter { $0.expert == expert }
                .map { ($0.item.text, $0.state) })
        #expect(states == ["item0": .recused, "item9": .recused, "item1": .accepted])
        await #expect(throws: ReviewError.wrongState) { try await city.sheets.accept(first.id, by: actor) }
        await #expect(throws: ReviewError.wrongState) { try await city.sheets.submit(first.id, by: actor) }
        // Each of the two has its reserve.
        #expect(try await city.assignments(round).filter { $0.isReserve }.count == 2)
    }

    @Test("A conflict that appears after the draw stops acceptance, reading, saving and submitting")
    func laterConflict() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let (round, _) = try await city.drawn(wanted: 2)
        let rows = try await city.assignments(round)
        let (invited, accepted) = (rows[0], rows[1])
        let actor = try city.actor(accepted.expert)
        try await city.sheets.accept(accepted.id, by: actor)
        _ = try await city.sheets.save(accepted.id, values: ReviewCity.answers(80), expecting: 0, by: actor)
        try await city.db.write { tx in
            for row in rows {
                try ExpertStore.declare("firm0", note: "told to us", by: row.expert, at: city.clock.now(), tx)
            }
        }
        let refusal = ReviewError.conflicted([.declared])
        let other = try city.actor(invited.expert)
        await #expect(throws: refusal) { try await city.sheets.accept(invited.id, by: other) }
        await #expect(throws: refusal) {
            try await city.db.read { tx in try SheetActions.mine(accepted.id, actor, tx) }
        }
        await #expect(throws: refusal) {
            try await city.sheets.save(accepted.id, values: ReviewCity.answers(90), expecting: 1, by: actor)
        }
        await #expect(throws: refusal) { try await city.sheets.submit(accepted.id, by: actor) }
        // The way out stays open.
        try await city.sheets.recuse(accepted.id, reason: "shares", by: actor)
        #expect(try await city.assignment(accepted.id).state == .recused)
    }

    @Test("A relation or an employment that the bureau adds recuses the expert and brings reserves")
    func bureauAddsFacts() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (round, outcome) = try await city.drawn(wanted: 2, lookbackYears: 3)
        let rows = try await city.assignments(round)
        try await city.review.addRelation("investigator0", note: "kin", to: rows[0].expert, by: city.officer)
        try await city.review.addEmployment(
            .init(
                organisation: ID("firm0"), from: ReviewCity.day.adding(days: -2_000),
                to: ReviewCity.day.adding(days: -1_200)), to: rows[1].expert, by: city.officer)
        // It ended more than three years ago.
        #expect(try await city.assignment(rows[1].id).state == .invited)
        try await city.review.addEmployment(
            .init(
                organisation: ID("firm0"), from: ReviewCity.day.adding(days: -2_000),
                to: ReviewCity.day.adding(days: -1_000)), to: rows[1].expert, by: city.officer)
        let now = try await city.assignments(round)
        #expect(now.map(\.state) == [.recused, .recused, .invited, .invited])
        #expect(now.suffix(2).map(\.expert) == outcome.results[0].reserves)
        let events = try await city.db.read { tx in try Record.events(about: "round", round.id.text, tx) }
        #expect(events.filter { $0.kind == "review.recused" }.count == 2)
    }
}
