import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Pairs chosen before an assignment")
struct ChosenPairTests {
    typealias World = QuotaPlanTests.World

    /// The first application with the first expert, who has no discipline in common with it; the second application
    /// without the second expert.
    private func chosen(_ mode: AssignmentMode, _ engine: Engine) async throws -> World {
        var world = try await World(AssignmentOptions(mode: mode, seats: 2, load: 3), engine: engine)
        world.experts[0].0.fields = ["310"]
        world.options.pairs = [
            ChosenPair(item: world.items[0].0.item, expert: world.experts[0].0.id, isForced: true),
            ChosenPair(item: world.items[1].0.item, expert: world.experts[1].0.id, isForced: false),
        ]
        return world
    }

    @Test(
        "A forced pair comes out and a forbidden one never does, from the trial to the protocol run again",
        arguments: TestStore.engines)
    func wholeWay(_ engine: Engine) async throws {
        for mode in AssignmentMode.allCases where mode != .draw {
            let world = try await chosen(mode, engine)
            let (city, must, mustNot) = (world.city, world.options.pairs[0], world.options.pairs[1])
            let reasons = ["唯一熟悉该装置的专家", "本人提出不宜评审"]
            let short = try await QuotaPlanTests.refused { _ = try await world.open(reasons: [reasons[0], " "]) }
            #expect(short == ["pairs.1.reason"])
            let round = try await world.open(reasons: reasons)
            let ran = try await city.review.assign(round.id, seed: "public chance", by: city.officer)
            #expect(ran.rules == AssignmentPlan.wideRules && ran.isWhole)
            for result in ran.results {
                let named = result.drawn + result.reserves
                if result.item == must.item { #expect(result.drawn.contains(must.expert), "\(mode)") }
                if result.item != must.item { #expect(!named.contains(must.expert), "\(mode)") }
                if result.item == mustNot.item { #expect(!named.contains(mustNot.expert), "\(mode)") }
            }
            let assigned = try await city.assignments(round)
            #expect(assigned.contains { $0.item == must.item && $0.expert == must.expert })
            let file = try #require(try await city.db.read { tx in try RoundStore.drawProtocol(round.id, tx) })
            #expect(DrawCheck.faults(file).isEmpty, "\(mode)")
            // Without the pair the same plan is another, and a pair that must not be is refused where it stands.
            let other = file.canonicalText.replacing(#""isForced":false"#, with: #""isForced":true"#)
            #expect(!DrawCheck.faults(try JSONValue(parsing: other)).isEmpty)
            try await reasonsAreKept(reasons, of: round, in: city, file)
        }
    }

    /// With the plan and in the record, but neither in the published protocol nor in the exported log.
    private func reasonsAreKept(
        _ reasons: [String], of round: Round, in city: ReviewCity, _ file: JSONValue
    ) async throws {
        let (kept, events) = try await city.db.read { tx in
            (try RoundStore.keptPlan(round.id, tx), try Record.events(about: "round", round.id.text, tx))
        }
        #expect(kept?.reasons.map(\.reason) == reasons && kept?.reasons.map(\.isForced) == [true, false])
        let event = try #require(events.first { $0.kind == "review.pairs-chosen" })
        #expect(event.actorName == "Officer" && reasons.allSatisfy { event.content.canonicalText.contains($0) })
        while try await Record.sequence(in: city.db) > 0 {}
        let leaves = try await city.db.read { tx in
            try Record.leaves(from: 0, below: .max, limit: 500, tx).map(\.text)
        }
        for reason in reasons {
            #expect(!file.canonicalText.contains(reason) && !leaves.contains { $0.contains(reason) })
        }
    }

    @Test("Every pair that cannot be is refused at its field, with why", arguments: TestStore.engines)
    func refused(_ engine: Engine) async throws {
        var world = try await World(AssignmentOptions(mode: .best, seats: 2, load: 3), engine: engine)
        let items = world.items.map(\.0)
        world.experts[0].1.ties = [Tie(.adviser, items[0].investigator.text, source: "test")]
        func pair(_ item: Int, _ expert: Int, _ isForced: Bool = true) -> ChosenPair {
            ChosenPair(item: items[item].item, expert: world.experts[expert].0.id, isForced: isForced)
        }
        let stranger = ChosenPair(item: ID("elsewhere"), expert: ID("nobody"), isForced: true)
        world.options.pairs = [pair(0, 0), pair(1, 0), stranger, pair(0, 1)]
        let unable = world
        do {
            _ = try await unable.propose()
            Issue.record("a pair in conflict was taken")
        } catch ReviewError.incomplete(let problems) {
            #expect(problems.map(\.field) == ["pairs.0.expert", "pairs.2.item", "pairs.2.expert"])
            #expect(problems[0].message.en.contains("was adviser or student of the applicant"))
            #expect(problems[0].message.zh.contains("师生"))
        }
        // What is in conflict may be forbidden as well.
        world.options.pairs = [pair(0, 0, false), pair(0, 1)]
        let outcome = try await world.propose().outcome
        #expect(outcome.isWhole && outcome.results[0].drawn.contains(world.experts[1].0.id))

        // More than the seats, more than the load, the same two twice.
        world.options.pairs = [
            pair(1, 1), pair(1, 2), pair(1, 3), pair(2, 1), pair(3, 1), pair(0, 1), pair(1, 1, false),
        ]
        #expect(world.options.problems.map(\.field) == ["pairs.2.item", "pairs.5.expert", "pairs.6.expert"])
        let many = world
        #expect(
            try await QuotaPlanTests.refused { _ = try await many.propose() }
                == ["pairs.2.item", "pairs.5.expert", "pairs.6.expert"])
    }

    @Test(
        "A pair that must not be is refused where the pool has no such expert, so that nobody is forbidden in vain",
        arguments: TestStore.engines)
    func nobody(_ engine: Engine) async throws {
        var world = try await World(AssignmentOptions(mode: .best, seats: 2, load: 3), engine: engine)
        let (item, experts) = (world.items[0].0.item, world.experts.map(\.0))
        try await world.city.db.write { tx in try ExpertStore.leave(experts[1].id, tx) }
        // A login in place of the identity, a slip of the pen, who left, and who is there.
        let named: [ID<Expert>] = [ID(experts[0].account.text), ID("expert1000"), experts[1].id, experts[0].id]
        world.options.pairs = named.map { ChosenPair(item: item, expert: $0, isForced: false) }
        let asked = world
        let fields = ["pairs.0.expert", "pairs.1.expert", "pairs.2.expert"]
        #expect(try await QuotaPlanTests.refused { _ = try await asked.propose() } == fields)
        let reasons = named.map { _ in "本人提出不宜评审" }
        #expect(try await QuotaPlanTests.refused { _ = try await asked.open(reasons: reasons) } == fields)
        #expect(try await world.city.db.read { tx in try RoundStore.find(subject: "call", tx) } == nil)
        world.options.pairs.removeFirst(3)
        let result = try #require(try await world.propose().outcome.results.first { $0.item == item })
        #expect(result.missing == 0 && !(result.drawn + result.reserves).contains(experts[0].id))
    }

    @Test(
        "Trying a forced pair tells no protected fact from a nomination by the applicant", arguments: TestStore.engines)
    func discreet(_ engine: Engine) async throws {
        let world = try await World(AssignmentOptions(mode: .best, seats: 2, load: 3), engine: engine)
        let (item, expert) = (world.items[0].0, world.experts[0].0)
        func told(_ world: World) async throws -> [Bilingual] {
            var asked = world
            asked.options.pairs = [ChosenPair(item: item.item, expert: expert.id, isForced: true)]
            do {
                _ = try await asked.propose()
                return []
            } catch ReviewError.incomplete(let problems) {
                return problems.map(\.message)
            }
        }
        #expect(try await told(world).isEmpty)
        var named = world
        named.experts[0].1 = ExpertFacts(
            expert: expert.id, person: expert.person, employers: [expert.organisation], named: [item.item])
        let words = try await told(named)
        #expect(words.count == 1 && words.allSatisfy { $0.zh.contains("关系限制") })
        let (author, applicant) = (try #require(expert.person).text, item.investigator.text)
        try await world.city.db.write { tx in
            try Dealings.set(
                [Dealing(.protected, author, applicant, from: ReviewCity.day, to: ReviewCity.day)], of: "tip", tx)
        }
        #expect(try await told(world) == words)
    }

    @Test("Two forced experts of one employer, or beyond a quota or an own limit, are refused at one of them")
    func bounds() async throws {
        var world = try await World(AssignmentOptions(mode: .best, seats: 2, load: 3))
        let item = world.items[0].0.item
        world.options.pairs = [0, 3].map {
            ChosenPair(item: item, expert: world.experts[$0].0.id, isForced: true)
        }
        func refusal(_ world: World) async throws -> Set<String> {
            Set(try await QuotaPlanTests.refused { _ = try await world.propose() })
        }
        let two: Set<String> = ["pairs.0.expert", "pairs.1.expert"]
        #expect(try await refusal(world).isEmpty)
        // Both are of the first city.
        var narrow = world
        narrow.options.quotas = [GroupQuota(.anyRegion, most: 1)]
        let beyond = try await refusal(narrow)
        #expect(beyond.count == 1 && beyond.isSubset(of: two))
        // One house for both, of which nobody else is in the pool.
        var together = world
        let (old, house) = (world.experts[3].0, world.experts[0].0.organisation)
        together.experts[3].0 = Expert(
            id: old.id, account: old.account, person: old.person, name: old.name, title: old.title, organisation: house,
            organisationName: old.organisationName, fields: old.fields)
        let employer = try await refusal(together)
        #expect(employer.count == 1 && employer.isSubset(of: two))
        together.options.apart = false
        #expect(try await refusal(together).isEmpty)
        // An own limit below what is forced.
        var limited = world
        let one = world.experts[0].0
        limited.experts[0].0 = Expert(
            id: one.id, account: one.account, person: one.person, name: one.name, title: one.title,
            organisation: one.organisation, organisationName: one.organisationName, maxLoad: 1, fields: one.fields)
        limited.options.pairs = [0, 1].map {
            ChosenPair(item: world.items[$0].0.item, expert: one.id, isForced: true)
        }
        let loaded = try await refusal(limited)
        #expect(loaded.count == 1 && loaded.isSubset(of: two))
    }

    @Test("A forced pair counts for the least of its group, also where it is the only one of it")
    func counts() async throws {
        var world = try await World(
            AssignmentOptions(mode: .best, seats: 2, load: 4, quotas: [GroupQuota(.region("9999"), least: 1)]))
        let expert = world.experts[5].0.id
        world.regions[expert] = "9999"
        world.options.pairs = world.items.map { ChosenPair(item: $0.0.item, expert: expert, isForced: true) }
        let outcome = try await world.propose().outcome
        #expect(outcome.isWhole && outcome.results.allSatisfy { $0.drawn.contains(expert) })
        world.options.pairs.removeLast(2)
        world.options.load = 2
        let short = try await world.propose().outcome
        #expect(short.missing == 0 && short.missedQuotas == [0])
        #expect(short.shortages.filter { $0.line == 0 }.map(\.missing) == [1, 1])
    }
}
