import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Assignment by affinity in a round")
struct PlanTests {
    static let words = ["联邦学习", "交通", "芯片", "基因", "海洋", "电池", "网络", "药物", "材料", "机器人"]

    static func subject(_ random: inout SeededRandom) -> Subject {
        Subject(
            disciplines: ["520"],
            texts: (0..<3).map { _ in words.randomElement(using: &random) ?? "" })
    }

    /// Options, items and a pool made by chance; some pairs in conflict, some experts of one employer.
    struct World {
        var options: AssignmentOptions
        var items: [(ItemFacts, Subject)]
        var experts: [(Expert, ExpertFacts, Subject)]
        var outside: Set<ID<Expert>>

        init(_ city: ReviewCity, mode: AssignmentMode, _ random: inout SeededRandom) {
            options = AssignmentOptions(
                mode: mode, seats: Int.random(in: 1...3, using: &random), load: Int.random(in: 2...5, using: &random),
                apart: Bool.random(using: &random))
            items = (0..<Int.random(in: 2...6, using: &random)).map {
                (ReviewCity.item($0), PlanTests.subject(&random))
            }
            experts = []
            for expert in city.experts {
                var facts = city.facts(expert)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let number = Int.random(in: 0..<6, using: &random)
                    facts.ties = [Tie(.adviser, "investigator\(number)", source: "test")]
                }
                experts.append((expert, facts, PlanTests.subject(&random)))
            }
            outside = []
        }

        func propose(_ city: ReviewCity) async throws -> AssignmentProposal {
            try await city.review.propose(
                options, items: items, experts: experts, outside: outside, lookbackYears: 3,
                windows: ConflictWindows(all: 3))
        }
    }

    @Test(
        "No conflict, no broken bound, and the order of the input has no say",
        arguments: [AssignmentMode.best, .fair, .random, .perturbed])
    func laws(_ mode: AssignmentMode) async throws {
        let city = try await ReviewCity.open(experts: 12)
        for seed in UInt64(0)..<25 {
            var random = SeededRandom(seed: seed)
            var world = World(city, mode: mode, &random)
            let outcome = try await world.propose(city).outcome
            var load: [ID<Expert>: Int] = [:]
            for result in outcome.results {
                #expect(Set(result.drawn).count == result.drawn.count, "seed \(seed)")
                #expect(result.drawn.count + result.missing == world.options.seats, "seed \(seed)")
                for expert in result.drawn + result.reserves {
                    let facts = try #require(world.experts.first { $0.0.id == expert }?.1)
                    let item = try #require(world.items.first { $0.0.item == result.item }?.0)
                    #expect(
                        Conflicts.between(expert: facts, item: item, on: ReviewCity.day, lookbackYears: 3).isEmpty,
                        "seed \(seed)")
                }
                for expert in result.drawn { load[expert, default: 0] += 1 }
            }
            #expect(load.values.allSatisfy { $0 <= world.options.load }, "seed \(seed)")
            #expect((outcome.missing > 0) == !outcome.shortages.isEmpty, "seed \(seed)")
            if mode == .best { #expect(outcome.proof.isProved, "seed \(seed)") }
            world.items.shuffle(using: &random)
            world.experts.shuffle(using: &random)
            #expect(try await world.propose(city).outcome == outcome, "seed \(seed)")
        }
    }

    @Test("One more eligible expert never lowers the optimum")
    func moreExperts() async throws {
        let city = try await ReviewCity.open(experts: 13)
        for seed in UInt64(0)..<25 {
            var random = SeededRandom(seed: seed &+ 50)
            var world = World(city, mode: .best, &random)
            let all = world.experts
            world.experts.removeLast(4)
            var best: (seats: Int, total: Int64) = (-1, .min)
            for count in 9...13 {
                world.experts = Array(all.prefix(count))
                // Terms weigh by how many profiles hold them; equal texts keep affinities equal between pools.
                world.experts = world.experts.map { ($0.0, $0.1, Subject(disciplines: ["520"])) }
                let outcome = try await world.propose(city).outcome
                let seats = outcome.results.reduce(0) { $0 + $1.drawn.count }
                #expect(seats >= best.seats, "seed \(seed &+ 50)")
                if seats == best.seats { #expect(outcome.proof.total >= best.total, "seed \(seed &+ 50)") }
                best = (seats, outcome.proof.total)
            }
        }
    }

    @Test("A plan is fixed, run, replayed, and a replacement touches nothing else", arguments: TestStore.engines)
    func wholeWay(_ engine: Engine) async throws {
        for (number, mode) in [AssignmentMode.best, .fair, .random, .perturbed].enumerated() {
            let city = try await ReviewCity.open(experts: 12, engine: engine)
            var random = SeededRandom(seed: UInt64(number) &+ 5)
            var world = World(city, mode: mode, &random)
            world.options.seats = 2
            world.options.load = 4
            let proposal = try await world.propose(city)
            try #require(proposal.outcome.missing == 0)
            let round = try await city.round(proposal)
            #expect(round.mode == mode && round.state == .committed)
            await #expect(throws: ReviewError.wrongState) {
                try await city.review.draw(round.id, seed: "s", by: city.officer)
            }
            if mode.isRandom {
                await #expect(throws: ReviewError.self) {
                    try await city.review.assign(round.id, seed: " ", by: city.officer)
                }
            }
            let outcome = try await city.review.assign(round.id, seed: "public chance", by: city.officer)
            if !mode.isRandom { #expect(outcome.results == proposal.outcome.results) }
            let kept = try #require(try await city.db.read { tx in try RoundStore.drawProtocol(round.id, tx) })
            #expect(DrawCheck.faults(kept).isEmpty)
            if let bound = kept["proof"]?["worstBound"]?.integer {
                // A wider bound on the worst-off holds as well; one that is passed does not.
                #expect(DrawCheck.faults(withBound(bound + 1, kept)).isEmpty)
                #expect(DrawCheck.faults(withBound(bound - 1, kept)).map(\.code) == ["draw.result"])
            }
            let before = try await city.assignments(round)
            #expect(before.count == 2 * world.items.count)
            let gone = try #require(before.first)
            try await city.review.replace(gone.id, reason: "busy", by: city.officer)
            let after = try await city.assignments(round)
            #expect(after.count == before.count + 1)
            for one in before where one.id != gone.id {
                #expect(after.first { $0.id == one.id } == one)
            }
        }
    }

    private func withBound(_ bound: Int64, _ file: JSONValue) -> JSONValue {
        var (members, proof) = (file.object ?? [:], file["proof"]?.object ?? [:])
        proof["worstBound"] = .integer(bound)
        members["proof"] = .object(proof)
        return .object(members)
    }

    @Test("A replacement keeps what the plan promised: no two of one employer, one from outside")
    func replacementKeepsLimits() async throws {
        var (done, refused) = (0, 0)
        for seed in UInt64(0)..<8 {
            let city = try await ReviewCity.open(experts: 12)
            var random = SeededRandom(seed: seed &+ 900)
            var world = World(city, mode: [.best, .fair, .random][Int(seed % 3)], &random)
            world.options = AssignmentOptions(mode: world.options.mode, seats: 2, load: 6, apart: true, outside: true)
            // Four houses with three experts each; two of them are of another city.
            let places = Dictionary(
                city.experts.enumerated().map { ($1.id, ID<OrganisationMark>("house\($0 % 4)")) },
                uniquingKeysWith: { first, _ in first })
            let before = world.experts
            world.experts = try await city.db.write { tx in
                try before.map { old, facts, subject in
                    let house = try #require(places[old.id])
                    try tx.run("UPDATE expert SET organisation = \(house) WHERE id = \(old.id)")
                    var moved = try #require(try ExpertStore.all([old.id], tx)[old.id])
                    moved.fields = old.fields
                    return (moved, facts, subject)
                }
            }
            world.outside = Set(places.filter { ["house2", "house3"].contains($0.value.text) }.keys)
            let proposal = try await world.propose(city)
            guard proposal.outcome.missing == 0 else { continue }
            let round = try await city.round(proposal)
            _ = try await city.review.assign(round.id, seed: "s", by: city.officer)
            let outside = world.outside
            let counts = try await city.replace(20, in: round, &random) { item, invited in
                #expect(Set(invited.map { places[$0] }).count == 2, "seed \(seed &+ 900), \(item)")
                #expect(invited.contains { outside.contains($0) }, "seed \(seed &+ 900), \(item)")
            }
            done += counts.done
            refused += counts.refused
        }
        #expect(done > 20 && refused > 0, "\(done) replaced, \(refused) refused")
    }

    @Test(
        "Failure 7: fewer reviews than promised is refused at every step, with what is short and the ways out",
        arguments: TestStore.engines)
    func hardNumber(_ engine: Engine) async throws {
        let city = try await ReviewCity.open(experts: 3, engine: engine)
        var random = SeededRandom(seed: 1)
        var world = World(city, mode: .best, &random)
        world.experts = world.experts.map { ($0.0, city.facts($0.0), $0.2) }
        world.items = (0..<4).map { (ReviewCity.item($0), PlanTests.subject(&random)) }
        world.options = AssignmentOptions(mode: .best, seats: 2, load: 2)
        let proposal = try await world.propose(city)
        #expect(proposal.outcome.missing == 2)
        #expect(proposal.outcome.shortages.map(\.missing).reduce(0, +) == 2)
        #expect(proposal.outcome.shortages.allSatisfy { !$0.ways.isEmpty })
        await #expect(throws: ReviewError.self) { try await city.round(proposal) }
        await #expect(throws: ReviewError.self) { try await city.round(items: 4, wanted: 2, load: 1) }
        // One sheet short: the review does not close.
        let (round, _) = try await city.drawn(items: 1, wanted: 2)
        let all = try await city.assignments(round)
        try await city.judge(all[0], 80)
        await #expect(throws: ReviewError.unfinished(1)) {
            try await city.review.close(round.id, by: city.officer) { _, _ in }
        }
        try await city.judge(all[1], 70)
        try await city.review.close(round.id, by: city.officer) { _, _ in }
    }

    @Test("Why a pair fits is told in terms that both have")
    func terms() {
        let item = ID<CaseFile>("a")
        let result = AssignmentProtocol.Result(
            item: item, drawn: [ID("x"), ID("y")], affinities: [500_000, 0], reserves: [], missing: 0)
        let found = ReviewActions.explain(
            [result], items: [item: Subject(disciplines: ["520"], texts: ["联邦学习与城市交通"])],
            experts: [ID("x"): Subject(disciplines: ["520"], texts: ["城市交通调度"]), ID("y"): Subject()])
        #expect(found[item]?.map(\.expert) == [ID("x"), ID("y")])
        #expect(found[item]?[0].terms.contains { "城市交通".contains($0) } == true)
        #expect(found[item]?[1].terms.isEmpty == true)
    }
}
