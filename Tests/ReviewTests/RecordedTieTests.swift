import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

/// Conflicts that follow from the city's own records: payments and contracts, and facts that nobody may learn.
@Suite("Conflicts out of the city's records")
struct RecordedTieTests {
    private static let source = "018f0000-0000-7000-8000-0000000000d1"

    private func keep(
        _ kind: Dealing.Kind, _ one: String, _ other: String, of source: String = RecordedTieTests.source,
        days: Int = 0, _ city: ReviewCity
    ) async throws {
        let day = ReviewCity.day.adding(days: days)
        try await city.db.write { tx in
            try Dealings.set([Dealing(kind, one, other, from: day, to: day)], of: source, tx)
        }
    }

    private func kept(_ round: Round, _ city: ReviewCity) async throws -> [KeptConflict] {
        try await city.db.read { tx in try ConflictStore.list(round.id, limit: 200, tx) }
    }

    /// What the record says of reviews.
    private func events(_ city: ReviewCity) async throws -> [String] {
        try await city.db.read { tx in
            try tx.rows("SELECT kind, subject, content FROM event WHERE room = 'review' ORDER BY id") { row in
                "\(try row["kind"] as String) \(try row["subject"] as String) \(try row["content"] as String)"
            }
        }
    }

    @Test(
        "Payments count for the years of money, protected facts for those of objections",
        arguments: [
            (Conflict.money, -3 * 365, true), (.money, -3 * 366 - 2, false), (.employerMoney, -3 * 365, true),
            (.employerMoney, -3 * 366 - 2, false), (.protected, -3 * 366 - 2, true), (.protected, -5 * 366 - 2, false),
            (.money, 1, false),
        ] as [(Conflict, Int, Bool)])
    func windows(_ kind: Conflict, _ days: Int, _ counts: Bool) {
        let windows = ConflictWindows(employment: 3, coAuthor: 3, sharedProject: 3, money: 3, objection: 5)
        let day = ConflictTests.today.adding(days: days)
        var facts = ConflictTests.expert()
        facts.recorded = [RecordedTie(kind, "partner", from: day, to: day)]
        let pair = Conflicts.between(expert: facts, item: ConflictTests.item, on: ConflictTests.today, windows)
        let found = ConflictEngine([ConflictTests.item], on: ConflictTests.today, windows).findings(of: facts)
        #expect(pair == (counts ? [kind] : []) && found.map(\.kind) == pair)
        guard let one = found.first else { return }
        #expect(one.subject == (kind == .protected ? "x" : "partner"))
        #expect((one.from == nil) == (kind == .protected) && (one.until == nil) == (kind == .protected))
    }

    @Test("The pool is asked whole and one by one, with the same result", arguments: TestStore.engines)
    func found(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        let experts = city.experts
        try await keep(.money, experts[0].organisation.text, "firm0", of: "1", city)
        try await keep(.money, "investigator0", "person101", of: "2", city)
        try await keep(.protected, "investigator1", "person102", of: "3", city)
        // Whoever objects to an organisation does not object to the people who work there.
        try await keep(.protected, experts[3].organisation.text, "investigator0", of: "4", city)
        // An account without a person, and another identity.
        try await keep(.protected, experts[4].account.text, "firm1", of: "5", city)
        try await city.review.addAlias(
            ID("other"), to: experts[5].id, source: "letter", isVerified: false, by: city.officer)
        try await keep(.money, "other", "firm1", of: "6", city)
        try await keep(.money, experts[6].organisation.text, "elsewhere", of: "7", city)
        let round = try await city.round(items: 2)
        let all = try await kept(round, city)
        func line(_ number: Int, _ item: Int, _ kind: Conflict, _ subject: String) -> [String] {
            [experts[number].id.text, "item\(item)", kind.rawValue, subject]
        }
        let lines = Set(
            all.map(\.finding).map { [$0.expert.text, $0.item?.text ?? "", $0.kind.rawValue, $0.subject] })
        #expect(
            lines == [
                line(0, 0, .employerMoney, "firm0"), line(1, 0, .money, "investigator0"),
                line(2, 1, .protected, experts[2].id.text), line(4, 1, .protected, experts[4].id.text),
                line(5, 1, .money, "firm1"),
            ])
        let changes = try await city.db.read { tx in
            let facts = try PoolConflicts.facts(experts.map(\.id), on: ReviewCity.day, tx)
            return try ConflictStore.changes(Array(facts.values), round, on: ReviewCity.day, tx).map(\.expert)
        }
        #expect(changes.isEmpty)
        // What is gone ends.
        try await city.db.write { tx in try Dealings.set([], of: "1", tx) }
        try await city.review.followDealings()
        #expect(try await kept(round, city).first { $0.finding.kind == .employerMoney }?.state == .ended)
    }

    @Test("A protected fact says neither what it is, nor with whom, nor since when", arguments: TestStore.engines)
    func neutral(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        try await keep(.protected, "person100", "investigator0", days: -20, city)
        let round = try await city.round()
        let one = try #require(try await kept(round, city).first)
        let finding = one.finding
        #expect(finding.kind == .protected && finding.source == .protected)
        #expect(finding.subject == city.experts[0].id.text)
        #expect(finding.from == nil && finding.until == nil && finding.note.isEmpty && finding.author.isEmpty)
        #expect(finding.kind.text == Bilingual("关系限制", "is barred by a protected fact"))
        let own = try await city.db.read { tx in try ConflictStore.own(city.experts[0].id, limit: 10, tx) }
        #expect(own.isEmpty)
        // To the expert it looks as if an applicant had named somebody, or had objected long ago.
        let messages = [Conflict.protected, .named, .objection].map { ReviewError.conflicted([$0]).message }
        #expect(Set(messages).count == 1 && messages[0].en.contains("protected fact"))
        #expect(ReviewError.conflicted([.money]).message.en.contains("contract"))
    }

    @Test("A fact that came after the plan keeps its pairs from being invited", arguments: TestStore.engines)
    func afterThePlan(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        let round = try await city.round(wanted: 2)
        // All but one, of whom two are drawn.
        for expert in city.experts.dropLast() {
            try await keep(.protected, try #require(expert.person).text, "firm0", of: "tip \(expert.id)", city)
        }
        #expect(try await kept(round, city).isEmpty)
        _ = try await city.review.draw(round.id, seed: "public chance", by: city.officer)
        let all = try await city.assignments(round)
        let free = try #require(city.experts.last).id
        #expect(all.filter { $0.state == .invited }.allSatisfy { $0.expert == free })
        #expect(all.contains { $0.state == .recused })
        #expect(try await ConflictPairTests.broken(city) == 0)
        // Nobody who is not invited is asked to review.
        let told = try await city.db.read { tx in
            try city.experts.dropLast().flatMap { try Messages.list($0.account, before: nil, limit: 10, tx) }
        }
        #expect(told.isEmpty)
        let said = try await events(city).joined(separator: "\n")
        #expect(said.contains("review.recused") && said.contains("\"protected\""))
        for word in ["firm0", "tip", "person10", "objection", "报"] { #expect(!said.contains(word), "\(word)") }
    }

    @Test("A payment that is booked later recuses, and touches nobody else", arguments: TestStore.engines)
    func payment(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 8, engine: engine)
        let (round, _) = try await city.drawn(items: 2, wanted: 2)
        let before = try await city.assignments(round)
        let held = try #require(before.first { $0.item == ID("item1") })
        let employer = try #require(city.experts.first { $0.id == held.expert }).organisation
        try await keep(.money, "firm1", employer.text, city)
        try await city.review.followDealings()
        let after = try await city.assignments(round)
        for one in before {
            #expect(after.first { $0.id == one.id }?.state == (one.id == held.id ? .recused : one.state))
        }
        #expect(after.count == before.count + 1)
        #expect(try await ConflictPairTests.broken(city) == 0)
        let said = try await events(city).count
        try await city.review.followDealings()
        #expect(try await events(city).count == said)
    }

    @Test(
        "A protected fact acts at every next step and every day, and no event follows it", arguments: TestStore.engines)
    func steps(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        let (round, _) = try await city.drawn(wanted: 2)
        let open = try await city.assignments(round)
        let expert = try city.actor(open[0].expert)
        let said = try await events(city)
        try await keep(.protected, try #require(expert.person).text, "investigator0", city)
        try await city.review.followDealings()
        #expect(try await events(city) == said)
        #expect(try await city.assignment(open[0].id).state == .invited)
        await #expect(throws: ReviewError.conflicted([.protected])) {
            try await city.sheets.accept(open[0].id, by: expert)
        }
        let now = city.clock.now()
        try await city.db.write { tx in try city.review.refreshAll(round, now, tx) }
        #expect(try await city.assignment(open[0].id).state == .recused)
        #expect(try await city.assignment(open[1].id).state == .invited)
        #expect(try await ConflictPairTests.broken(city) == 0)
        let recused = try await city.assignment(open[0].id)
        #expect(recused.cause == .conflict([.protected]) && recused.reason == nil)
        #expect(recused.why == Bilingual("关系限制", "is barred by a protected fact"))
    }

    @Test("Only Integrity rules on a protected fact, and keeps its reasons", arguments: TestStore.engines)
    func contest(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 6, engine: engine)
        try await keep(.protected, "person100", "investigator0", city)
        let round = try await city.round()
        let expert = city.experts[0]
        let planning = Actor(account: ID("planner"), name: "P", roles: [.officer], division: "planning")
        let integrity = Actor(account: ID("integrity"), name: "I", roles: [.officer], division: "integrity")
        try await city.db.write { tx in
            for actor in [planning, integrity] {
                try AccountStore.insert(
                    AccountCard(
                        id: try #require(actor.account), login: actor.name, name: actor.name, roles: actor.roles,
                        division: actor.division), passwordHash: "", at: city.clock.now(), tx)
            }
        }
        func file(_ actor: Actor) async throws -> ID<Contest> {
            try await city.review.contest(
                round.id, expert.id, item: "item0", kind: .protected, subject: expert.id.text, statement: "无此关系",
                by: actor)
        }
        let judged = try city.actor(expert.id)
        await #expect(throws: ReviewError.unknown) { _ = try await file(judged) }
        let filed = try await file(planning)
        await #expect(throws: ReviewError.unknown) {
            try await city.review.rule(filed, in: round.id, lifts: true, ruling: "可以", by: planning)
        }
        await #expect(throws: AccessError.self) {
            try await city.review.ruleProtected(filed, lifts: true, ruling: "可以", by: planning)
        }
        let (told, sources) = try await city.db.read { tx in
            (
                try Messages.list(ID("integrity"), before: nil, limit: 10, tx),
                try ProtectedFacts.sources(behind: Contest.list(round.id, limit: 10, tx), tx)
            )
        }
        #expect(told.map(\.title.en) == ["A protected fact is contested"])
        #expect(sources == [filed: [ID(RecordedTieTests.source)]])
        try await city.review.ruleProtected(filed, lifts: true, ruling: "举报已撤回", by: integrity)
        let one = try #require(try await city.db.read { tx in try Contest.list(round.id, limit: 10, tx) }.first)
        #expect(one.state == .lifted && one.told(to: planning) == nil && one.told(to: integrity)?.ruling == "举报已撤回")
        let answers = try await city.db.read { tx in try Messages.list(ID("planner"), before: nil, limit: 10, tx) }
        #expect(answers.count == 1 && !answers[0].body.zh.contains("举报"))
        #expect(!(try await events(city)).joined().contains("举报"))
        // What was lifted stays so when the facts are looked at again.
        let facts = try await city.db.read { tx in try PoolConflicts.facts([expert.id], on: ReviewCity.day, tx) }
        let known = try #require(facts[expert.id])
        let changed = try await city.db.read { tx in
            try ConflictStore.changes([known], round, on: ReviewCity.day, tx).map(\.expert)
        }
        #expect(changed.isEmpty)
    }

    @Test("One expert's facts and those of many are asked for alike", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 12, engine: engine)
        let ids = city.experts.map(\.id)
        func asked(_ count: Int) async throws -> Int {
            let some = Array(ids.prefix(count))
            return try await QueryCounter.count {
                let facts = try await city.db.read { tx in try PoolConflicts.facts(some, on: ReviewCity.day, tx) }
                #expect(facts.count == count)
            }
        }
        let few = try await asked(1)
        for (number, expert) in city.experts.enumerated() {
            try await keep(.money, expert.organisation.text, "firm\(number)", of: "m\(number)", city)
            try await keep(.protected, expert.account.text, "firm\(number)", of: "p\(number)", city)
        }
        #expect(try await asked(12) == few)
    }
}
