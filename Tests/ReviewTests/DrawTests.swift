import Foundation
import Kernel
import Review
import Testing

@Suite("The draw of experts")
struct DrawTests {
    /// A plan made by chance: some experts eligible here and there, few employers, differing loads.
    static func plan(_ random: inout SeededRandom) -> DrawPlan {
        let experts = (0..<Int.random(in: 4...14, using: &random)).map { ID<Expert>("e\($0 + 10)") }
        var eligible: [ID<CaseFile>: [ID<Expert>]] = [:]
        for number in 0..<Int.random(in: 1...9, using: &random) {
            eligible[ID("i\(number)")] = experts.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
        }
        let entrants = experts.map {
            DrawPlan.Entrant(
                expert: $0, employer: ["", "a", "b", "c", "d"].randomElement(using: &random) ?? "",
                load: Int.random(in: 0...5, using: &random))
        }
        return DrawPlan(
            eligible: eligible, entrants: entrants, wanted: Int.random(in: 1...4, using: &random),
            reserves: Int.random(in: 0...3, using: &random))
    }

    @Test("Only eligible experts are drawn, each once an item, and nobody above the load")
    func hardLimitsHold() throws {
        for seed in UInt64(0)..<400 {
            var random = SeededRandom(seed: seed)
            let plan = DrawTests.plan(&random)
            let outcome = try DrawProtocol(plan, seed: "seed \(seed)")
            var given: [ID<Expert>: Int] = [:]
            for (item, result) in zip(plan.items, outcome.results) {
                let all = result.drawn + result.reserves
                #expect(Set(all).isSubset(of: item.eligible), "seed \(seed)")
                #expect(Set(all).count == all.count, "seed \(seed)")
                #expect(result.drawn.count + result.missing == plan.wanted, "seed \(seed)")
                #expect((result.missing > 0) == (result.shortage != nil), "seed \(seed)")
                #expect(result.reserves.count <= plan.reserves, "seed \(seed)")
                for expert in result.drawn { given[expert, default: 0] += 1 }
            }
            for entrant in plan.experts {
                #expect(given[entrant.expert, default: 0] <= entrant.load, "seed \(seed)")
            }
        }
    }

    @Test("A seat stays empty only when no exchange of experts could fill it")
    func shortageIsReal() throws {
        var shortages = 0
        for seed in UInt64(0)..<300 {
            var random = SeededRandom(seed: seed)
            let plan = DrawTests.plan(&random)
            let outcome = try DrawProtocol(plan, seed: "\(seed)")
            let seats = outcome.results.map(\.drawn.count).reduce(0, +)
            #expect(seats == DrawTests.mostSeats(plan), "seed \(seed)")
            if !outcome.short.isEmpty { shortages += 1 }
            for result in outcome.results where result.shortage == .tooFewEligible {
                let eligible = plan.items.first { $0.item == result.item }?.eligible.count ?? 0
                #expect(eligible < plan.wanted, "seed \(seed)")
            }
        }
        #expect(shortages > 20 && shortages < 300)
    }

    /// Most seats that can be filled, by another way: the smallest cut over all sets of experts.
    static func mostSeats(_ plan: DrawPlan) -> Int {
        let places = Dictionary(uniqueKeysWithValues: plan.experts.enumerated().map { ($1.expert, $0) })
        let eligible = plan.items.map { item in item.eligible.reduce(0) { $0 | 1 << (places[$1] ?? 0) } }
        var least = Int.max
        for cut in 0..<(1 << plan.experts.count) {
            var seats = 0
            for index in plan.experts.indices where cut >> index & 1 == 1 { seats += plan.experts[index].load }
            for mask in eligible { seats += min(plan.wanted, (mask & ~cut).nonzeroBitCount) }
            least = min(least, seats)
        }
        return least
    }

    @Test("The order in which experts and items are given does not matter; the seed does")
    func orderDoesNotMatter() throws {
        var different = 0
        for seed in UInt64(0)..<100 {
            var random = SeededRandom(seed: seed)
            let plan = DrawTests.plan(&random)
            let eligible = Dictionary(
                uniqueKeysWithValues: plan.items.map { ($0.item, $0.eligible.shuffled(using: &random)) }
                    .shuffled(using: &random))
            let again = DrawPlan(
                eligible: eligible, entrants: plan.experts.shuffled(using: &random), wanted: plan.wanted,
                reserves: plan.reserves)
            #expect(try again.commitment() == plan.commitment(), "seed \(seed)")
            let first = try DrawProtocol(plan, seed: "one")
            #expect(try DrawProtocol(again, seed: "one") == first, "seed \(seed)")
            if try DrawProtocol(plan, seed: "two").results != first.results { different += 1 }
        }
        #expect(different > 50)
    }

    static func even(_ items: Int, _ experts: Int, wanted: Int, load: Int, employers: Int? = nil) -> DrawPlan {
        let ids = (0..<experts).map { ID<Expert>("e\($0 + 100)") }
        return DrawPlan(
            eligible: Dictionary(uniqueKeysWithValues: (0..<items).map { (ID("i\($0 + 100)"), ids) }),
            entrants: ids.enumerated().map { index, id in
                DrawPlan.Entrant(expert: id, employer: employers.map { "o\(index % $0)" } ?? "", load: load)
            }, wanted: wanted, reserves: 2)
    }

    @Test("Every expert is equally likely, for a seat and as first reserve")
    func equallyLikely() throws {
        let plan = DrawTests.even(1, 10, wanted: 3, load: 1)
        var drawn: [ID<Expert>: Int] = [:]
        var first: [ID<Expert>: Int] = [:]
        let draws = 4_000
        for seed in 0..<draws {
            let result = try #require(try DrawProtocol(plan, seed: "public chance \(seed)").results.first)
            for expert in result.drawn { drawn[expert, default: 0] += 1 }
            first[try #require(result.reserves.first), default: 0] += 1
        }
        // 9 degrees of freedom: 27.88 is passed once in a thousand. Seats of one draw exclude each other, which makes
        // the first sum smaller still.
        #expect(DrawTests.chiSquare(drawn, plan, expected: Double(draws) * 0.3) < 27.88)
        #expect(DrawTests.chiSquare(first, plan, expected: Double(draws) * 0.1) < 27.88)
    }

    @Test("Experts are equally likely for an item even when loads are tight and exchanges are needed")
    func equallyLikelyWhenTight() throws {
        let plan = DrawTests.even(6, 6, wanted: 3, load: 3, employers: 3)
        var drawn: [ID<Expert>: Int] = [:]
        let draws = 3_000
        for seed in 0..<draws {
            let outcome = try DrawProtocol(plan, seed: "tight \(seed)")
            #expect(outcome.short.isEmpty)
            for expert in outcome.results[2].drawn { drawn[expert, default: 0] += 1 }
        }
        // 5 degrees of freedom: 20.52 is passed once in a thousand.
        #expect(DrawTests.chiSquare(drawn, plan, expected: Double(draws) * 0.5) < 20.52)
    }

    static func chiSquare(_ counts: [ID<Expert>: Int], _ plan: DrawPlan, expected: Double) -> Double {
        plan.experts.map { entrant in
            let distance = Double(counts[entrant.expert, default: 0]) - expected
            return distance * distance / expected
        }.reduce(0, +)
    }

    @Test("Two experts of one employer meet on an item only where it cannot be avoided")
    func employersApart() throws {
        for seed in 0..<200 {
            // Four employers with three experts each, loads just enough: 8 items × 3 seats = 12 × 2.
            let plan = DrawTests.even(8, 12, wanted: 3, load: 2, employers: 4)
            let employer = Dictionary(uniqueKeysWithValues: plan.experts.map { ($0.expert, $0.employer) })
            for result in try DrawProtocol(plan, seed: "\(seed)").results {
                #expect(Set(result.drawn.map { employer[$0] }).count == 3, "seed \(seed)")
            }
        }
        // One employer only: the seats are filled all the same.
        let outcome = try DrawProtocol(DrawTests.even(2, 6, wanted: 3, load: 1, employers: 1), seed: "x")
        #expect(outcome.short.isEmpty)
    }

    @Test("Work is shared evenly where everybody may judge everything")
    func balanced() throws {
        for seed in 0..<100 {
            let outcome = try DrawProtocol(DrawTests.even(20, 15, wanted: 3, load: 10), seed: "\(seed)")
            var given: [ID<Expert>: Int] = [:]
            for expert in outcome.results.flatMap(\.drawn) { given[expert, default: 0] += 1 }
            #expect(given.count == 15 && (given.values.max() ?? 0) - (given.values.min() ?? 0) <= 2, "seed \(seed)")
        }
    }

    @Test("A shortage is told with its reason, and the rest is still drawn")
    func shortageIsExplained() throws {
        let one = ID<Expert>("e1")
        let two = ID<Expert>("e2")
        let plan = DrawPlan(
            eligible: [ID("a"): [one], ID("b"): [one, two], ID("c"): [one, two]],
            entrants: [one, two].map { DrawPlan.Entrant(expert: $0, employer: "", load: 2) }, wanted: 2, reserves: 5)
        let results = try DrawProtocol(plan, seed: "s").results
        #expect(results[0].shortage == .tooFewEligible)
        #expect(results.map(\.drawn.count).reduce(0, +) == 4)
        #expect(results.dropFirst().contains { $0.shortage == .loadLimit })
    }

    static let checker = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "script/draw-check").path

    /// What the program of outsiders says of a protocol, and how it ends.
    static func check(_ value: JSONValue) throws -> (text: String, status: Int32) {
        let file = FileManager.default.temporaryDirectory.appending(path: "draw-\(UUID().uuidString).json")
        try Data(value.canonicalBytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", checker, file.path]
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text.trimmingCharacters(in: .whitespacesAndNewlines), process.terminationStatus)
    }

    @Test("An outsider's program comes to the same result")
    func outsiderAgrees() throws {
        for seed in UInt64(0)..<40 {
            var random = SeededRandom(seed: seed &+ 7_000)
            let outcome = try DrawProtocol(DrawTests.plan(&random), seed: "公开种子 \(seed)")
            let answer = try DrawTests.check(try JSONValue(encoding: outcome))
            #expect(answer == ("same", 0), "seed \(seed &+ 7_000): \(answer.text)")
        }
        let tight = try DrawProtocol(DrawTests.even(8, 12, wanted: 3, load: 2, employers: 4), seed: "t")
        #expect(try DrawTests.check(try JSONValue(encoding: tight)) == ("same", 0))
    }

    @Test("An outsider's program sees a changed result, seed or plan")
    func outsiderSeesChanges() throws {
        let plan = DrawTests.even(3, 8, wanted: 3, load: 3)
        let value = try JSONValue(encoding: try DrawProtocol(plan, seed: "seed"))
        let members = try #require(value.object)
        let other = try JSONValue(encoding: try DrawProtocol(plan, seed: "other seed"))
        let wider = try JSONValue(encoding: DrawTests.even(3, 9, wanted: 3, load: 3))
        let changes: [(String, JSONValue)] = [
            ("results", try #require(other["results"])), ("seed", "sead"), ("plan", wider),
            ("commitment", .string(String(repeating: "0", count: 64))),
        ]
        for (name, changed) in changes {
            var forged = members
            forged[name] = changed
            let answer = try DrawTests.check(.object(forged))
            #expect(answer.status == 1 && answer.text.hasPrefix("different: "), "\(name): \(answer.text)")
        }
    }
}
