import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Quotas of an assignment")
struct QuotaPlanTests {
    /// Four applications, and twelve experts of three cities in turn, each with an employer of the own.
    struct World {
        let city: ReviewCity
        var options: AssignmentOptions
        var items: [(ItemFacts, Subject)]
        var experts: [(Expert, ExpertFacts, Subject)]
        var regions: [ID<Expert>: String]

        static let cities = ["4403", "4401", "1101"]

        init(_ options: AssignmentOptions, engine: Engine? = nil, seed: UInt64 = 1) async throws {
            let city = try await ReviewCity.open(experts: 12, engine: engine)
            var random = SeededRandom(seed: seed)
            items = (0..<4).map { (ReviewCity.item($0), PlanTests.subject(&random)) }
            experts = city.experts.map { ($0, city.facts($0), PlanTests.subject(&random)) }
            regions = [:]
            for (place, expert) in city.experts.enumerated() { regions[expert.id] = World.cities[place % 3] }
            self.city = city
            self.options = options
        }

        func propose() async throws -> AssignmentProposal {
            try await city.review.propose(
                options, items: items, experts: experts, outside: [], regions: regions, lookbackYears: 3,
                windows: ConflictWindows(all: 3))
        }

        func open(reasons: [String] = []) async throws -> Round {
            try await city.round(try await propose(), reasons: reasons)
        }

        /// How many experts of each city.
        func count(_ experts: [ID<Expert>]) -> [String: Int] {
            Dictionary(grouping: experts) { regions[$0] ?? "" }.mapValues(\.count)
        }
    }

    /// The fields at which something is refused.
    static func refused(_ act: () async throws -> Void) async throws -> [String] {
        do {
            try await act()
            return []
        } catch let problem as ReviewError {
            return problem.fields.map(\.field)
        }
    }

    /// A protocol as the house wrote it before there were quotas.
    private static let old = """
        {"commitment":"a4f678bf293a8d92ad8e007b20b546764d1bd11cdbd204d5a21833334676e42b",\
        "plan":{"experts":[{"employer":"1","expert":"e1","isOutside":false,"load":1},\
        {"employer":"2","expert":"e2","isOutside":true,"load":1}],\
        "items":[{"affinities":[500000,200000],"experts":[0,1],"item":"a"},\
        {"affinities":[400000,300000],"experts":[0,1],"item":"b"}],\
        "options":{"apart":true,"capPercent":60,"leastAffinity":0,"leastLoad":0,"load":1,"mode":"best",\
        "outside":false,"seats":1}},\
        "proof":{"bound":"800000","isProved":true,"total":800000,"value":"800000","worst":300000},\
        "results":[{"affinities":[500000],"drawn":["e1"],"item":"a","missing":0,"reserves":[]},\
        {"affinities":[300000],"drawn":["e2"],"item":"b","missing":0,"reserves":[]}],\
        "rules":"kechuang-assign-1","seed":"","shortages":[]}
        """

    @Test("A stored plan of the first rules keeps its hash and verifies; a changed one does not")
    func firstRules() throws {
        let file = try JSONValue(parsing: Self.old)
        #expect(DrawCheck.faults(file).isEmpty)
        let kept = try file.decode(AssignmentProtocol.self)
        #expect(kept.plan.rules == kept.rules)
        #expect(try kept.plan.commitment() == kept.commitment)
        #expect(try JSONValue(encoding: kept.plan) == file["plan"])
        for (old, new) in [
            ("assign-1", "assign-2"), ("500000", "500001"), (#""drawn":["e1"]"#, #""drawn":["e2"]"#),
            (#""seats":1"#, #""seats":1,"strengthPercent":9"#),
        ] {
            let changed = try JSONValue(parsing: Self.old.replacing(old, with: new))
            #expect(!DrawCheck.faults(changed).isEmpty, "\(old)")
        }
    }

    @Test("A plan that nobody made is told as none, whatever numbers it names")
    func madeUp() throws {
        let wide = Self.old.replacing("assign-1", with: "assign-2").replacing(#""best""#, with: #""perturbed""#)
        let grouped = wide.replacing(#""plan":{"#, with: #""plan":{"groups":[{"experts":[0],"quota":0}],"#)
        let seats = #""seats":1"#
        for file in [
            grouped,
            grouped.replacing(seats, with: #""quotas":[{"group":"field:520","least":-1}],"seats":1"#),
            grouped.replacing(
                seats, with: #""quotas":[{"group":"field:520","least":9223372036854775807}],"seats":1"#),
            wide.replacing(seats, with: #""pairs":[{"expert":"e9","isForced":true,"item":"a"}],"seats":1"#),
            wide.replacing("500000", with: "288230376151711743")
                .replacing(seats, with: #""seats":1,"strengthPercent":99"#),
        ] { #expect(DrawCheck.faults(try JSONValue(parsing: file)).map(\.code) == ["draw.form"], "\(file)") }
    }

    @Test(
        "Quotas hold in every mode, whatever the seed, and the order of the input has no say",
        arguments: AssignmentMode.allCases.filter { $0 != .draw })
    func kept(_ mode: AssignmentMode) async throws {
        var broken = 0
        for seed in UInt64(0)..<8 {
            let quotas = [GroupQuota(.anyRegion, most: 2), GroupQuota(.region("1101"), least: 1)]
            var world = try await World(
                AssignmentOptions(mode: mode, seats: 3, load: 4, quotas: quotas), seed: seed &+ 40)
            let outcome = try await world.propose().outcome
            #expect(outcome.isWhole && outcome.rules == AssignmentPlan.wideRules, "seed \(seed)")
            for chance in ["", "a", "b"] {
                let ran = try AssignmentProtocol(outcome.plan, seed: chance)
                for result in ran.results {
                    let held = world.count(result.drawn)
                    #expect(result.drawn.count == 3 && held.values.allSatisfy { $0 <= 2 }, "seed \(seed)")
                    #expect(held["1101", default: 0] >= 1, "seed \(seed)")
                    // Whoever may take the place of the last of the wanted city is among the reserves.
                    #expect(world.count(result.reserves)["1101", default: 0] >= 1, "seed \(seed)")
                }
                #expect(DrawCheck.faults(try JSONValue(encoding: ran)).isEmpty, "seed \(seed)")
            }
            var random = SeededRandom(seed: seed)
            world.items.shuffle(using: &random)
            world.experts.shuffle(using: &random)
            #expect(try await world.propose().outcome == outcome, "seed \(seed)")
            world.options.quotas = []
            for result in try await world.propose().outcome.results {
                let held = world.count(result.drawn)
                if held["1101"] == nil || held.values.contains(3) { broken += 1 }
            }
        }
        #expect(broken > 0, "without quotas nothing would have been otherwise")
    }

    @Test("A quota that cannot be kept is told with what is short, and nothing is fixed", arguments: TestStore.engines)
    func short(_ engine: Engine) async throws {
        var world = try await World(
            AssignmentOptions(
                mode: .best, seats: 2, load: 4,
                quotas: [GroupQuota(.anyRegion, most: 2), GroupQuota(.region("1101"), least: 1)]),
            engine: engine)
        world.regions = world.regions.mapValues { $0 == "1101" ? "4403" : $0 }
        let outcome = try await world.propose().outcome
        #expect(outcome.missing == 0 && !outcome.isWhole && outcome.missedQuotas == [1])
        let missed = outcome.shortages.filter { $0.line == 1 }
        #expect(Set(missed.flatMap(\.items)) == Set(world.items.map(\.0.item)))
        #expect(missed.allSatisfy { $0.missing == 1 })
        let narrow = world
        #expect(try await Self.refused { _ = try await narrow.open() } == ["quotas.1.least"])

        // A most that leaves seats empty is named as what holds them back.
        world.options.quotas = [GroupQuota(.anyRegion, most: 1)]
        world.options.seats = 3
        let empty = try await world.propose().outcome
        #expect(empty.missing == 4 && empty.shortages.map(\.missing).reduce(0, +) == 4)
        #expect(empty.shortages.allSatisfy { $0.heldBy == [0] })
        let full = world
        await #expect(throws: ReviewError.tooFewExperts(4)) { _ = try await full.open() }
        #expect(try await world.city.db.read { tx in try RoundStore.find(subject: "call", tx) } == nil)
    }

    /// Twenty-two applications without anybody from another city, which blocks nothing, and a wanted city that only the
    /// last of them cannot have.
    private static func crowded(_ engine: Engine? = nil) async throws -> World {
        var world = try await World(
            AssignmentOptions(
                mode: .best, seats: 2, load: 10, outside: true, quotas: [GroupQuota(.region("1101"), least: 1)]),
            engine: engine)
        var random = SeededRandom(seed: 3)
        world.items = (0..<22).map { (ReviewCity.item($0), PlanTests.subject(&random)) }
        let last = ReviewCity.item(9)
        for place in world.experts.indices where world.regions[world.experts[place].0.id] == "1101" {
            world.experts[place].1.ties = [Tie(.adviser, last.investigator.text, source: "test")]
        }
        return world
    }

    @Test("No number of other shortages hides a missed quota, and it is told first", arguments: TestStore.engines)
    func hidden(_ engine: Engine) async throws {
        let world = try await Self.crowded(engine)
        let outcome = try await world.propose().outcome
        #expect(outcome.missing == 0 && outcome.missedQuotas == [0] && !outcome.isWhole)
        #expect(outcome.shortages.count == AssignmentProtocol.mostShortages)
        #expect(outcome.shortages.first?.line == 0 && outcome.shortages.first?.items == [ReviewCity.item(9).item])
        #expect(outcome.shortages.dropFirst().allSatisfy { $0.kind == "outside" })
        #expect(try await Self.refused { _ = try await world.open() } == ["quotas.0.least"])
        #expect(try await world.city.db.read { tx in try RoundStore.find(subject: "call", tx) } == nil)
        // What was kept is read back as far as it was told.
        let kept = try JSONValue(encoding: outcome).decode(AssignmentProtocol.self)
        #expect(kept.missedQuotas == [0] && !kept.isWhole && kept.shortages == outcome.shortages)
    }

    @Test("What is short may be told as earlier programs told it, and in no other way")
    func formerly() async throws {
        func with(_ shortages: [JSONValue], _ file: JSONValue) -> JSONValue {
            var members = file.object ?? [:]
            members["shortages"] = .array(shortages)
            return .object(members)
        }
        // By the first rules nothing was said of limits.
        var world = try await World(AssignmentOptions(mode: .best, seats: 1, leastLoad: 1, load: 4))
        world.items.removeLast(2)
        let plain = try await world.propose().outcome
        try #require(plain.rules == AssignmentPlan.firstRules && plain.shortages.count == 10 && plain.isWhole)
        let file = try JSONValue(encoding: plain)
        var told = try #require(file["shortages"]?.array)
        for place in told.indices {
            var members = told[place].object ?? [:]
            members["limits"] = nil
            told[place] = .object(members)
        }
        #expect(DrawCheck.faults(with(told, file)).isEmpty)
        #expect(DrawCheck.faults(with(Array(told.dropLast()), file)).map(\.code) == ["draw.result"])
        // Quotas had no place before what blocks nothing, and were cut off.
        let crowded = try JSONValue(encoding: try await Self.crowded().propose().outcome)
        var short = try #require(crowded["shortages"]?.array)
        let last = try #require(short.last)
        short.removeFirst()
        for item in (try #require(crowded["results"]?.array)).map({ $0["item"] ?? .null }) {
            let isTold = short.contains { $0["items"] == .array([item]) }
            guard short.count < AssignmentProtocol.mostShortages, !isTold, var members = last.object else { continue }
            members["items"] = .array([item])
            short.append(.object(members))
        }
        #expect(DrawCheck.faults(with(short, crowded)).isEmpty)
        short.reverse()
        #expect(DrawCheck.faults(with(short, crowded)).map(\.code) == ["draw.result"])
    }

    @Test("A city is named by four digits, and nothing else is taken for one")
    func cities() throws {
        for code in ["440305", "440", "44O1", "４４０１"] {
            let group = try #require(GroupQuota.Group("region:\(code)"))
            let options = AssignmentOptions(mode: .best, seats: 2, load: 3, quotas: [GroupQuota(group, most: 1)])
            #expect(options.problems.map(\.field) == ["quotas.0.group"], "\(code)")
        }
        for text in ["region:4401", "region:*"] {
            let group = try #require(GroupQuota.Group(text))
            let options = AssignmentOptions(mode: .best, seats: 2, load: 3, quotas: [GroupQuota(group, most: 1)])
            #expect(options.problems.isEmpty, "\(text)")
        }
    }

    @Test("The quotas of a round are read once for all its replacements", arguments: TestStore.engines)
    func readOnce(_ engine: Engine) async throws {
        let world = try await World(
            AssignmentOptions(mode: .best, seats: 2, load: 4, quotas: [GroupQuota(.anyRegion, least: 0, most: 1)]),
            engine: engine)
        let (city, round, cache) = (world.city, try await world.open(), QuotaCache())
        var counts: [Int] = []
        for field in ["520", "520", "310"] {
            counts.append(
                try await QueryCounter.count {
                    let (held, kept) = try await city.db.read { tx in
                        (try cache.of(round.id, on: field, tx), try RoundStore.quotas(round.id, tx))
                    }
                    #expect(held == kept && held.count == 3)
                })
        }
        #expect(counts == [2, 1, 1])
        // A quota of one discipline counts on its applications alone.
        let own = try await World(
            AssignmentOptions(mode: .best, seats: 2, load: 4, apart: false, quotas: [GroupQuota(.ownField, least: 1)]),
            engine: engine)
        let other = try await own.open()
        for (field, count) in [("520", 1), ("310", 0), ("520", 1)] {
            let held = try await own.city.db.read { tx in try cache.of(other.id, on: field, tx) }
            #expect(held.count == count, "\(field)")
        }
    }

    @Test("So many of the own discipline and the rest from its class; nobody of another class")
    func ownField() async throws {
        var world = try await World(
            AssignmentOptions(
                mode: .best, seats: 3, load: 4, apart: false, quotas: [GroupQuota(.ownField, least: 1, most: 2)]))
        for (place, fields) in [["520"], ["510"], ["310"]].enumerated() {
            for number in stride(from: place, to: 12, by: 3) { world.experts[number].0.fields = fields }
        }
        let fields = Dictionary(
            world.experts.map { ($0.0.id, $0.0.fields) }, uniquingKeysWith: { first, _ in first })
        let outcome = try await world.propose().outcome
        #expect(outcome.isWhole)
        for result in outcome.results {
            let own = result.drawn.count(where: { fields[$0] == ["520"] })
            #expect((1...2).contains(own) && result.drawn.count(where: { fields[$0] == ["510"] }) == 3 - own)
            #expect((result.drawn + result.reserves).allSatisfy { fields[$0] != ["310"] })
        }
        // Applications that name no discipline are left alone, and any expert may judge them.
        for number in 0..<4 { world.items[number].0 = ReviewCity.item(number, field: "") }
        world.options.seats = 9
        let open = try await world.propose().outcome
        #expect(open.isWhole && open.results.flatMap(\.drawn).contains { fields[$0] == ["310"] })
        for number in 0..<4 { world.items[number].0 = ReviewCity.item(number) }
        world.options.quotas = []
        world.options.seats = 3
        let strict = try await world.propose().outcome
        #expect(strict.results.flatMap(\.drawn).allSatisfy { fields[$0] == ["520"] })
    }

    @Test("Combinations without an exact answer are refused at their line, with everything else that is wrong")
    func crossing() async throws {
        var options = AssignmentOptions(
            mode: .perturbed, seats: 3, load: 4, outside: true, strengthPercent: 101,
            quotas: [
                GroupQuota(.region("1101"), least: 4, most: 1), GroupQuota(.field("520"), most: 2),
                GroupQuota(.ownField), GroupQuota(.region("1101"), most: 3),
            ])
        let found = options.problems
        #expect(
            found.map(\.field) == [
                "strength", "quotas.0.least", "quotas.0.most", "quotas.2.least", "quotas.1.group", "quotas.2.group",
                "quotas.3.group",
            ])
        let why = try #require(found.first { $0.field == "quotas.1.group" }?.message)
        #expect(why.en.contains("one employer") && why.en.contains("another city") && why.zh.contains("请取消"))
        options.quotas = [GroupQuota(.field("520"), most: 3), GroupQuota(.field("510"), least: 1)]
        (options.apart, options.outside, options.strengthPercent) = (false, false, 60)
        #expect(options.problems.isEmpty)
        // Two disciplines that share an expert, while each has one alone.
        var world = try await World(options)
        world.experts[0].0.fields = ["520", "510"]
        world.experts[1].0.fields = ["510"]
        for number in 0..<4 { world.items[number].0 = ReviewCity.item(number, field: "") }
        let crossing = world
        #expect(try await Self.refused { _ = try await crossing.propose() } == ["quotas.1.group"])
        // Where one lies in the other, both are kept.
        world.experts[1].0.fields = ["510", "520"]
        let nested = try await world.propose().outcome
        #expect(nested.isWhole && nested.plan.groups?.map(\.experts.count) == [12, 2])
    }

    @Test("A replacement keeps the quotas", arguments: TestStore.engines)
    func replacement(_ engine: Engine) async throws {
        var (done, refused) = (0, 0)
        for seed in UInt64(0)..<3 {
            var random = SeededRandom(seed: seed &+ 70)
            var world = try await World(
                AssignmentOptions(
                    mode: [.best, .fair, .perturbed][Int(seed)], seats: 2, load: 6,
                    quotas: [GroupQuota(.anyRegion, most: 1), GroupQuota(.region("4403"), least: 1)]),
                engine: engine, seed: seed)
            world.regions = world.regions.mapValues { $0 == "1101" ? "4401" : $0 }
            let city = world.city
            let round = try await world.open()
            let ran = try await city.review.assign(round.id, seed: "s", by: city.officer)
            #expect(DrawCheck.faults(try JSONValue(encoding: ran)).isEmpty)
            let held = world
            let counts = try await city.replace(40, in: round, &random) { item, invited in
                #expect(held.count(invited) == ["4403": 1, "4401": 1], "seed \(seed), \(item)")
            }
            done += counts.done
            refused += counts.refused
        }
        #expect(done > 10 && refused > 0, "\(done) replaced, \(refused) refused")
    }

    @Test("Who may join is told by what is still wanted, of groups in each other by the larger wish")
    func fitting() {
        func quota(_ least: Int, _ most: Int, _ names: String...) -> KeptQuota {
            KeptQuota(least: least, most: most, field: nil, experts: Set(names.map { ID($0) }))
        }
        let all = Set(["a", "b", "c", "d"].map { ID<Expert>($0) })
        func fits(_ staying: [String], _ free: Int, _ quotas: KeptQuota...) -> [String] {
            KeptQuota.fitting(all, beside: staying.map { ID($0) }, free: free, quotas).map(\.text).sorted()
        }
        #expect(fits(["x"], 1, quota(1, 2, "a", "b")) == ["a", "b"])
        #expect(fits(["x"], 2, quota(1, 2, "a", "b")) == ["a", "b", "c", "d"])
        #expect(fits(["x"], 1, quota(0, 1, "a", "x")) == ["b", "c", "d"])
        #expect(fits([], 2, quota(2, 3, "a", "b", "c"), quota(1, 1, "a")) == ["a", "b", "c"])
        #expect(fits(["b"], 1, quota(2, 3, "a", "b", "c"), quota(1, 1, "a")) == ["a"])
        // What cannot be reached any more is not made worse.
        #expect(fits([], 1, quota(2, 3, "a", "b")) == ["a", "b"])
    }
}
