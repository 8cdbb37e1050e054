import Kernel
import Review
import Testing

@Suite("Sheets, ranking and the funding line")
struct RankingTests {
    static let sheet = ScoringSheet(
        criteria: [
            .init(id: "novelty", title: Bilingual("创新性", "Novelty"), weight: 375),
            .init(id: "method", title: Bilingual("方案", "Method"), weight: 625),
        ],
        verdicts: [
            FormOption("fund", Bilingual("资助", "Fund")), FormOption("refuse", Bilingual("不资助", "Do not fund")),
        ], commentLength: 10)

    @Test("The weighted total is exact, and missing or impossible scores give none")
    func totals() {
        #expect(RankingTests.sheet.total(["score-novelty": 81, "score-method": 77]) == 81 * 375 + 77 * 625)
        #expect(RankingTests.sheet.total(["score-novelty": 100, "score-method": 100]) == 100_000)
        #expect(RankingTests.sheet.total(["score-novelty": 81]) == nil)
        #expect(RankingTests.sheet.total(["score-novelty": 101, "score-method": 1]) == nil)
        #expect(RankingTests.sheet.criteria.map(\.share) == ["37.5", "62.5"])
    }

    @Test("A sheet tells everything that is wrong at once")
    func allProblemsAtOnce() {
        let answers: JSONValue = ["score-novelty": 101, "verdict": "perhaps", "comment": "短"]
        let fields = RankingTests.sheet.form.problems(answers, complete: true).map(\.field)
        #expect(fields == ["score-novelty", "score-method", "verdict", "comment"])
    }

    @Test("A definition needs weights of 100 %, titles, two verdicts and codes that differ")
    func definition() {
        #expect(RankingTests.sheet.problems.isEmpty)
        let poor = ScoringSheet(
            criteria: [
                .init(id: "a", title: Bilingual("甲", ""), weight: 500),
                .init(id: "a", title: Bilingual("乙", "B"), weight: 400),
            ], verdicts: [])
        #expect(
            Set(poor.problems.map(\.code)) == ["sheet.weights", "sheet.double", "sheet.title", "sheet.verdicts"])
    }

    static func scored(_ id: String, _ totals: [Int], wanted: Int = 3) -> ScoredItem {
        ScoredItem(item: ID(id), totals: totals, verdicts: [:], wanted: wanted)
    }

    @Test("Equal means share a rank and the next rank is skipped; incomplete items have none")
    func ranks() {
        let ranking = Ranking(
            [
                RankingTests.scored("d", [70_000, 70_000, 70_000]), RankingTests.scored("a", [90_000, 80_000, 70_000]),
                RankingTests.scored("b", [80_000, 80_000, 80_000]), RankingTests.scored("c", [80_000, 80_000, 79_999]),
                RankingTests.scored("e", [99_000, 99_000]), RankingTests.scored("f", []),
            ], disagreement: 19_999)
        #expect(ranking.ranked.map(\.item.text) == ["a", "b", "c", "d"])
        #expect(ranking.ranked.map(\.rank) == [1, 1, 3, 4])
        #expect(ranking.ranked.map(\.isTied) == [true, true, false, false])
        #expect(ranking.ranked.map(\.isDisputed) == [true, false, false, false])
        #expect(ranking.ranked.map(\.spread) == [20_000, 0, 1, 0])
        #expect(ranking.incomplete.map(\.item.text) == ["e", "f"])
    }

    @Test("Rounding neither makes nor hides a tie")
    func exactComparison() {
        // 2/3 and 3/4 both round to 1.
        let ranking = Ranking(
            [RankingTests.scored("a", [1, 1, 0]), RankingTests.scored("b", [1, 1, 1, 0])], disagreement: 10)
        #expect(ranking.ranked.map(\.item.text) == ["b", "a"])
        #expect(ranking.ranked.map(\.mean) == [1, 1])
        #expect(ranking.ranked.allSatisfy { !$0.isTied })
    }

    @Test(
        "Means are rounded half up; the trimmed mean needs five sheets",
        arguments: [
            ([1, 2], 2, nil), ([1, 1, 2], 1, nil), ([1, 2, 2], 2, nil), ([0, 0, 0, 0, 1], 0, 0),
            ([0, 50, 60, 70, 100], 56, 60), ([0, 1, 1, 2, 2, 9], 3, 2),
        ] as [([Int], Int, Int?)])
    func means(_ totals: [Int], _ mean: Int, _ trimmed: Int?) throws {
        let ranked = try #require(Ranking([RankingTests.scored("a", totals, wanted: 1)], disagreement: 0).ranked.first)
        #expect(ranked.mean == mean)
        #expect(ranked.trimmedMean == trimmed)
    }

    static func line(
        _ items: [(String, Int, Int64)], budget: Int64, floor: Int = 0, _ method: FundingLine.Method
    ) -> FundingLine {
        FundingLine(
            Ranking(items.map { scored($0.0, [$0.1], wanted: 1) }, disagreement: 0).ranked,
            amounts: Dictionary(uniqueKeysWithValues: items.map { (ID($0.0), Money(fen: $0.2)) }),
            budget: Money(fen: budget), floor: floor, method: method)
    }

    @Test("The strict line ends at the first that does not fit; the fitting one passes over it")
    func methods() {
        let items: [(String, Int, Int64)] = [("a", 90, 50), ("b", 80, 60), ("c", 70, 40)]
        let strict = RankingTests.line(items, budget: 100, .strict)
        #expect(strict.entries.map(\.isFunded) == [true, false, false])
        #expect(strict.total == Money(fen: 50))
        let fitting = RankingTests.line(items, budget: 100, .fitting)
        #expect(fitting.entries.map(\.isFunded) == [true, false, true])
        #expect(fitting.entries.map(\.running.fen) == [50, 50, 90])
        #expect(!strict.cutsTie && !fitting.cutsTie)
    }

    @Test("The floor is part of what may be funded, and a budget may be used to the fen")
    func floorAndEdge() {
        let items: [(String, Int, Int64)] = [("a", 90, 60), ("b", 60, 40), ("c", 59, 1)]
        let line = RankingTests.line(items, budget: 101, floor: 60, .fitting)
        #expect(line.entries.map(\.isFunded) == [true, true, false])
        #expect(RankingTests.line(items, budget: 100, floor: 60, .strict).total == Money(fen: 100))
        #expect(RankingTests.line(items, budget: 99, floor: 60, .strict).total == Money(fen: 60))
    }

    @Test("A line through items with the same mean is told, with all of them")
    func tieAtCut() {
        let items: [(String, Int, Int64)] = [("a", 90, 10), ("b", 80, 10), ("c", 80, 10), ("d", 70, 10)]
        let cut = RankingTests.line(items, budget: 20, .strict)
        #expect(cut.cutsTie)
        #expect(cut.tiedAtCut.map(\.text) == ["b", "c"])
        #expect(!RankingTests.line(items, budget: 30, .strict).cutsTie)
        #expect(RankingTests.line(items, budget: 10, .strict).tiedAtCut.isEmpty)
    }

    @Test("Whatever is ranked, the line never gives more than the budget and never below the floor")
    func neverOverBudget() {
        for seed in UInt64(0)..<300 {
            var random = SeededRandom(seed: seed)
            let items = (0..<Int.random(in: 1...30, using: &random)).map {
                ("i\($0)", Int.random(in: 0...20, using: &random), Int64.random(in: 0...50, using: &random))
            }
            let budget = Int64.random(in: 0...400, using: &random)
            for method in FundingLine.Method.allCases {
                let line = RankingTests.line(items, budget: budget, floor: 5, method)
                let funded = line.entries.filter(\.isFunded)
                #expect(line.total.fen <= budget && Money.sum(funded.map(\.amount)) == line.total, "seed \(seed)")
                #expect(funded.allSatisfy { $0.item.mean >= 5 && $0.amount.fen > 0 }, "seed \(seed)")
            }
        }
    }
}
