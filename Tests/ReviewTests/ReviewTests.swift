import Kernel
import Review
import Testing

@Suite("Draw, ranking and funding line")
struct ReviewTests {
    private func id<T>(_ number: Int, _ type: T.Type = T.self) -> ID<T> { ID("id-\(padded(number, 4))") }

    private func eligible(_ random: inout SeededRandom) -> [ID<CaseFile>: [ID<Expert>]] {
        var result: [ID<CaseFile>: [ID<Expert>]] = [:]
        for item in 0..<Int.random(in: 1...20, using: &random) {
            result[id(item)] = (0..<30).filter { _ in Int.random(in: 0..<3, using: &random) > 0 }.map { id(1_000 + $0) }
        }
        return result
    }

    @Test("Only eligible experts are drawn, nobody twice for one item or beyond the load", arguments: 1...40)
    func drawLaws(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let candidates = eligible(&random)
        let load = Int.random(in: 1...8, using: &random)
        let plan = DrawPlan(eligible: candidates, wanted: 3, load: load)
        let draw = try DrawProtocol(plan, seed: "seed-\(seed)")
        var given: [ID<Expert>: Int] = [:]
        for result in draw.results {
            let able = Set(candidates[result.item] ?? [])
            #expect(Set(result.drawn).count == result.drawn.count, "seed \(seed)")
            #expect(able.isSuperset(of: result.drawn + result.reserves), "seed \(seed)")
            #expect(Set(result.drawn).isDisjoint(with: result.reserves), "seed \(seed)")
            for expert in result.drawn { given[expert, default: 0] += 1 }
        }
        #expect(given.values.allSatisfy { $0 <= load }, "seed \(seed)")
    }

    @Test("The same plan and seed give the same draw in whatever order the candidates came", arguments: 1...20)
    func repeatable(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let candidates = eligible(&random)
        let first = try DrawProtocol(DrawPlan(eligible: candidates, wanted: 3, load: 9), seed: "x")
        let mixed = candidates.mapValues { $0.shuffled(using: &random) }
        let again = try DrawProtocol(DrawPlan(eligible: mixed, wanted: 3, load: 9), seed: "x")
        let other = try DrawProtocol(DrawPlan(eligible: mixed, wanted: 3, load: 9), seed: "y")
        #expect(first == again, "seed \(seed)")
        #expect(first.commitment == other.commitment, "the hash of the plan does not depend on the seed")
        #expect(first.results != other.results || candidates.values.allSatisfy { $0.count < 2 }, "seed \(seed)")
    }

    @Test("Over many seeds every expert is drawn about equally often")
    func fair() throws {
        let experts = (0..<10).map { id($0, Expert.self) }
        let plan = DrawPlan(eligible: [id(1): experts], wanted: 3, load: 1)
        var counts: [ID<Expert>: Int] = [:]
        let draws = 3_000
        for seed in 0..<draws {
            for expert in try DrawProtocol(plan, seed: "s\(seed)").results[0].drawn { counts[expert, default: 0] += 1 }
        }
        let expected = Double(draws * 3) / 10
        let chiSquare = experts.reduce(0.0) {
            $0 + (Double(counts[$1] ?? 0) - expected) * (Double(counts[$1] ?? 0) - expected) / expected
        }
        // 99.9 % of chi-square with 9 degrees of freedom; the draws are fixed, so the result is too.
        #expect(chiSquare < 27.9)
    }

    @Test("Every kind of conflict is found, and none where there is none")
    func conflicts() {
        let item = ItemFacts(
            item: id(1), title: Bilingual("题", "T"), field: "520", investigator: id(1), organisation: id(1),
            people: [id(2)], organisations: [id(2)])
        func expert(
            person: Int? = nil, employer: Int = 9, collaborators: [Int] = [], declared: [String] = [],
            applies: Bool = false
        ) -> [Conflict] {
            Conflict.between(
                ExpertFacts(
                    expert: id(7), person: person.map { id($0) }, employers: [id(employer)],
                    collaborators: Set(collaborators.map { id($0) }), declared: Set(declared), appliesInRound: applies),
                item)
        }
        #expect(expert(person: 5) == [])
        #expect(expert(person: 1) == [.isApplicant])
        #expect(expert(person: 2) == [.isApplicant])
        #expect(expert(employer: 1) == [.sameEmployer])
        #expect(expert(employer: 2) == [.sameEmployer])
        #expect(expert(collaborators: [2]) == [.sharedProject])
        #expect(expert(declared: [ID<PersonMark>("id-0001").text]).contains(.declared))
        #expect(expert(applies: true) == [.sameRound])
    }

    private func scored(_ number: Int, _ totals: [Int], wanted: Int = 3) -> ScoredItem {
        ScoredItem(item: id(number), totals: totals, verdicts: [:], wanted: wanted)
    }

    @Test("Ranking orders by exact means, shows ties as ties and leaves incomplete items out")
    func ranking() {
        let ranking = Ranking(
            [
                scored(1, [80_000, 80_000, 80_000]), scored(2, [90_000, 90_000, 90_000]),
                scored(3, [70_000, 80_000, 90_000]),
                scored(4, [99_000, 99_000]), scored(5, [60_000, 60_000, 60_001]),
            ], disagreement: 15_000)
        #expect(ranking.ranked.map(\.rank) == [1, 2, 2, 4])
        #expect(ranking.ranked.map(\.isTied) == [false, true, true, false])
        #expect(ranking.ranked.map(\.isDisputed) == [false, false, true, false])
        #expect(ranking.ranked.last?.mean == 60_000)
        #expect(ranking.incomplete.map(\.item) == [id(4)])
    }

    @Test("The line never exceeds the budget; strict stops, fitting goes on; a cut tie is told", arguments: 1...40)
    func line(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let items = (0..<20).map { scored($0, (0..<3).map { _ in Int.random(in: 40...100, using: &random) * 1_000 }) }
        let ranked = Ranking(items, disagreement: 1_000_000).ranked
        var amounts: [ID<CaseFile>: Money] = [:]
        for item in items { amounts[item.item] = Money(fen: Int64.random(in: 1...50, using: &random) * 1_000_000) }
        let budget = Money(fen: 200_000_000)
        for method in FundingLine.Method.allCases {
            let line = FundingLine(ranked, amounts: amounts, budget: budget, floor: 60_000, method: method)
            #expect(line.total <= budget, "seed \(seed)")
            let funded = line.entries.filter(\.isFunded)
            #expect(Money.sum(funded.map(\.amount)) == line.total, "seed \(seed)")
            #expect(funded.allSatisfy { $0.item.mean >= 60_000 }, "seed \(seed)")
            if method == .strict, let cut = line.entries.firstIndex(where: { !$0.isFunded }) {
                #expect(line.entries[cut...].allSatisfy { !$0.isFunded }, "seed \(seed)")
            }
        }
        let strict = FundingLine(ranked, amounts: amounts, budget: budget, floor: 0, method: .strict)
        let fitting = FundingLine(ranked, amounts: amounts, budget: budget, floor: 0, method: .fitting)
        #expect(fitting.total >= strict.total, "seed \(seed)")
    }

    @Test("A total is exact: weights in thousandths of whole points")
    func totals() {
        let sheet = ScoringSheet(
            criteria: [
                .init(id: "a", title: Bilingual("甲", "A"), weight: 333),
                .init(id: "b", title: Bilingual("乙", "B"), weight: 667),
            ], verdicts: [FormOption("x", Bilingual("一", "1")), FormOption("y", Bilingual("二", "2"))])
        #expect(sheet.problems.isEmpty)
        #expect(sheet.total(["score-a": 77, "score-b": 88]) == 77 * 333 + 88 * 667)
        #expect(sheet.total(["score-a": 77]) == nil)
        #expect(sheet.total(["score-a": 101, "score-b": 1]) == nil)
    }
}
