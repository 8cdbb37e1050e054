import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Review

@Suite("Calibrated scores of a round")
struct RoundScoresTests {
    static func sheet(_ item: Int, _ expert: Int, _ points: Int) -> SheetScore {
        SheetScore(item: ID("item\(item)"), expert: ID("expert\(expert)"), total: points * 1_000)
    }

    @Test("No sheets give no scores, and one sheet gives one with its cautions")
    func small() {
        #expect(RoundScores([], line: nil).items.isEmpty)
        let one = RoundScores([Self.sheet(1, 1, 80)], line: 1)
        #expect(one.items.count == 1 && one.items[0].mean == 80_000 && one.items[0].rank == 1)
        #expect(one.items[0].deviation == nil)
        #expect(one.cautions.map(\.code).contains("scores.single-review"))
    }

    @Test("The plain mean stands beside the calibrated score, whose interval holds it")
    func beside() throws {
        // Expert 3 is harsh by twenty points; items 3 and 4 had the bad luck to meet that expert.
        let sheets = (0..<12).flatMap { item -> [SheetScore] in
            let worth = 70 + item
            return [
                Self.sheet(item, 1, worth), Self.sheet(item, 2, worth + 2),
                Self.sheet(item, item % 3 == 0 ? 3 : 4, item % 3 == 0 ? worth - 20 : worth + 1),
            ]
        }
        let scores = RoundScores(sheets, line: 4)
        #expect(scores.items.count == 12 && scores.parts == 1 && scores.line == 4)
        let harsh = try #require(scores.experts.first { $0.expert == ID("expert3") })
        #expect(harsh.bias < -8_000 && harsh.error > 0)
        let unlucky = try #require(scores[ID("item9")])
        #expect(unlucky.mean == (79 + 81 + 59) * 1_000 / 3)
        #expect(unlucky.calibrated > unlucky.mean && unlucky.rank < unlucky.meanRank)
        for one in scores.items {
            #expect(one.low < one.calibrated && one.calibrated < one.high)
            #expect(one.rankLow <= one.rank && one.rank <= one.rankHigh)
            #expect((0...1_000).contains(try #require(one.chance)))
        }
        // As many are above the line as the line takes, up to what rounding leaves.
        let sum = scores.items.compactMap(\.chance).reduce(0, +)
        #expect(abs(sum - 4_000) <= 12)
        #expect(scores == RoundScores(sheets.reversed(), line: 4), "the order of the sheets leaves a trace")
    }

    @Test("Where experts and items do not connect, the officer is warned and sees the parts")
    func unconnected() {
        let sheets = [
            Self.sheet(1, 1, 80), Self.sheet(1, 2, 85), Self.sheet(2, 1, 60), Self.sheet(2, 2, 66),
            Self.sheet(3, 3, 70), Self.sheet(3, 4, 75), Self.sheet(4, 3, 50), Self.sheet(4, 4, 58),
        ]
        let scores = RoundScores(sheets, line: 2)
        #expect(scores.parts == 2)
        #expect(scores.cautions.contains { $0.code == "scores.unconnected" })
        #expect(scores[ID("item1")]?.part == scores[ID("item2")]?.part)
        #expect(scores[ID("item1")]?.part != scores[ID("item3")]?.part)
    }

    @Test("The cache gives the scores of the sheets that it is asked about")
    func cache() {
        let cache = ScoreCache()
        for round in 0..<20 {
            let sheets = [Self.sheet(1, 1, 80 - round), Self.sheet(2, 1, 70)]
            #expect(cache.scores(sheets, line: 1) == RoundScores(sheets, line: 1))
            #expect(cache.scores(sheets, line: 1) == RoundScores(sheets, line: 1))
        }
    }

    /// Share of the pairs that two orders agree about less that about which they do not; a tie is neither.
    static func agreement(_ truth: [Double], _ found: [Int]) -> Double {
        var sum = 0
        for left in truth.indices {
            for right in 0..<left where found[left] != found[right] {
                sum += (truth[left] > truth[right]) == (found[left] > found[right]) ? 1 : -1
            }
        }
        return Double(sum) / Double(truth.count * (truth.count - 1) / 2)
    }

    /// A simulated panel that goes through the room: by how much the calibrated ranks agree better with the truth than
    /// the means, in Kendall's tau.
    private static func margin(seed: Int, _ engine: Engine?) async throws -> Double {
        let city = try await ReviewCity.open(experts: 16, engine: engine, seed: UInt64(seed))
        let count = 36
        let (round, _) = try await city.drawn(items: count, wanted: 3, load: 8)
        var random = SeededRandom(seed: UInt64(seed))
        func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) } }
        let worth = (0..<count).map { _ in 70 + 8 * normal() }
        let habits = Dictionary(uniqueKeysWithValues: city.experts.map { ($0.id, 7 * normal()) })
        for one in try await city.assignments(round) {
            let item = try #require(Int(one.item.text.dropFirst(4)))
            let score = worth[item] + (habits[one.expert] ?? 0) + 6 * normal()
            try await city.judge(one, min(100, max(0, Int(score.rounded()))))
        }
        let (ranking, sheets) = try await city.db.read { tx in
            (try RoundStore.ranking(round, disagreement: .max, tx), try RoundStore.totals(round, tx))
        }
        let scores = RoundScores(sheets, line: nil)
        let means = Dictionary(uniqueKeysWithValues: ranking.ranked.map { ($0.item, $0.mean) })
        let items = (0..<count).map { ID<CaseFile>("item\($0)") }
        let plain = agreement(worth, items.map { means[$0] ?? 0 })
        return agreement(worth, items.map { scores[$0]?.calibrated ?? 0 }) - plain
    }

    /// Failure 28 elsewhere: the plain mean decides, whoever the reviewers are.
    @Test("In simulated panels that go through the room, calibrated ranks beat the mean in Kendall's tau")
    func beatsTheMean() async throws {
        var margins: [Double] = []
        for seed in 1...16 { margins.append(try await Self.margin(seed: seed, nil)) }
        let mean = margins.reduce(0, +) / Double(margins.count)
        let squares = margins.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = (squares / Double(margins.count - 1) / Double(margins.count)).squareRoot()
        print("seeds 1-16 through the room: calibrated τ less plain τ \(mean) ± \(error)")
        #expect(mean > 0.02 && mean - 1.5 * error > 0)
    }

    @Test("A simulated panel comes to the same in every database", arguments: TestStore.engines)
    func sameEverywhere(_ engine: Engine) async throws {
        let kept = try await Self.margin(seed: 1, engine)
        #expect(try await Self.margin(seed: 1, nil) == kept)
    }
}
