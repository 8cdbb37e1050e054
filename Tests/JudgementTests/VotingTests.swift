import Testing

@testable import Judgement

@Suite("Voting")
struct VotingTests {
    /// Papers as `16: 0 1 2` lines.
    static func papers(_ text: String) -> [[Int]] {
        text.split(separator: "\n").flatMap { line -> [[Int]] in
            let parts = line.split(separator: ":")
            let paper = parts[1].split(separator: " ").compactMap { Int($0) }
            return Array(repeating: paper, count: Int(parts[0]) ?? 0)
        }
    }

    static func election(_ seed: UInt64) -> (candidates: Int, seats: Int, papers: [[Int]]) {
        var chance = Chance(seed: seed)
        func below(_ limit: Int) -> Int { Int(chance.below(UInt64(limit))) }
        let candidates = 3 + below(6)
        let kinds = (0..<(2 + below(5))).map { _ in shuffled(candidates, &chance) }
        let papers = (0..<(5 + below(36))).map { _ -> [Int] in
            let order = below(3) == 0 ? shuffled(candidates, &chance) : kinds[below(kinds.count)]
            return Array(order.prefix(1 + below(candidates)))
        }
        return (candidates, 1 + below(candidates - 1), papers)
    }

    static func shuffled(_ count: Int, _ chance: inout Chance) -> [Int] {
        var order = Array(0..<count)
        for place in order.indices.dropLast() {
            order.swapAt(place, place + Int(chance.below(UInt64(count - place))))
        }
        return order
    }

    @Test("Published examples come out as published")
    func published() {
        // Wikipedia, "Counting single transferable votes": Andrea, Brad, Carter, Delilah; two seats.
        let andrea = TransferableVote(
            candidates: 4, seats: 2, papers: Self.papers("16: 0 1 2 3\n24: 0 2 1 3\n17: 3 0 1 2"), lot: [0, 1, 2, 3])
        #expect(andrea.quota == 20 && andrea.elected == [0, 2])
        #expect(andrea.stages[1].votes.map(\.text) == ["20", "8", "12", "17"])
        // Wikipedia, "Single transferable vote": oranges, pears, chocolate, strawberries, sweets; three seats.
        let food = TransferableVote(
            candidates: 5, seats: 3, papers: Self.papers("4: 0\n2: 1 0\n8: 2 3\n4: 2 4\n1: 3\n1: 4"),
            lot: [0, 1, 2, 3, 4])
        #expect(food.quota == 6 && Set(food.elected) == [0, 2, 3])
        #expect(food.stages[1].votes.map(\.text) == ["4", "2", "6", "5", "3"])
    }

    @Test("Votes add up at every stage, and as many are elected as there are seats", arguments: 1...200)
    func sums(seed: UInt64) {
        let (candidates, seats, papers) = Self.election(seed)
        let result = TransferableVote(candidates: candidates, seats: seats, papers: papers, lot: Array(0..<candidates))
        let all = VoteAmount(Natural(UInt64(papers.count)), over: Natural(1))
        for stage in result.stages {
            #expect(stage.votes.reduce(stage.exhausted, +) == all, "seed \(seed)")
        }
        #expect(result.elected.count == seats && Set(result.elected).count == seats)
        #expect(result.stages.flatMap(\.elected) == result.elected)
    }

    @Test("A group that fills the quota several times gets as many seats", arguments: 1...100)
    func proportion(seed: UInt64) {
        var chance = Chance(seed: seed)
        let (candidates, seats) = (8, 4)
        let group: Set<Int> = [1, 3, 5, 7]
        let solid = 10 + Int(chance.below(20))
        let papers = (0..<40).map { number -> [Int] in
            let order = Self.shuffled(candidates, &chance)
            return number < solid ? order.filter(group.contains) + order.filter { !group.contains($0) } : order
        }
        let result = TransferableVote(
            candidates: candidates, seats: seats, papers: papers, lot: Self.shuffled(candidates, &chance))
        let owed = min(group.count, solid / result.quota)
        #expect(result.elected.count { group.contains($0) } >= owed, "seed \(seed)")
    }

    @Test("The order of the papers leaves no trace; the lot decides only what is tied to the end", arguments: 1...100)
    func traces(seed: UInt64) {
        let (candidates, seats, papers) = Self.election(seed + 300)
        var chance = Chance(seed: seed)
        let lot = Self.shuffled(candidates, &chance)
        let one = TransferableVote(candidates: candidates, seats: seats, papers: papers, lot: lot)
        let other = TransferableVote(candidates: candidates, seats: seats, papers: papers.reversed(), lot: lot)
        #expect(one.stages == other.stages)
        guard !one.stages.contains(where: { $0.tie == .lot }) else { return }
        let turned = TransferableVote(candidates: candidates, seats: seats, papers: papers, lot: lot.reversed())
        #expect(Set(turned.elected) == Set(one.elected))
    }

    @Test("Invalid papers are counted apart, and nobody is elected by none")
    func invalid() {
        let papers = [[], [0, 0], [5], [1, 2], [1], [2]]
        let result = TransferableVote(candidates: 3, seats: 1, papers: papers, lot: [0, 1, 2])
        #expect(result.valid == 3 && result.invalid == 3 && result.quota == 2 && result.elected == [1])
        #expect(TransferableVote(candidates: 3, seats: 1, papers: [[]], lot: [0, 1, 2]).elected.isEmpty)
    }

    @Test("Ties go by the last stage that differed, then by lot")
    func ties() {
        let even = Self.papers("2: 0\n2: 1\n1: 2 0\n1: 2 1")
        for lot in [[0, 1, 2], [1, 0, 2]] {
            let result = TransferableVote(candidates: 3, seats: 1, papers: even, lot: lot)
            #expect(result.elected == [lot[0]] && result.stages.contains { $0.tie == .lot && Set($0.tied) == [0, 1] })
        }
        // 2 is excluded first; then 0 and 1 have four each, and 1 had more before.
        let earlier = Self.papers("3: 0\n4: 1\n1: 2 0\n4: 3")
        let result = TransferableVote(candidates: 4, seats: 1, papers: earlier, lot: [0, 1, 2, 3])
        #expect(result.stages[2].action == .exclusion(of: 0) && result.stages[2].tie == .earlierStage)
    }

    @Test(
        "A library's exact Gregory transfers give the same elected and the same votes",
        .enabled(if: Outside.hasPython("votelib")))
    func againstOutside() throws {
        let elections = (1...300).map { Self.election(UInt64($0)) }
        let lines = elections.map { "[\($0.candidates),\($0.seats),\($0.papers)]" }
        let answer = try #require(try Outside.python(Self.program, input: lines.joined(separator: "\n")))
        let theirs = answer.split(separator: "\n").map(String.init)
        try #require(theirs.count == elections.count)
        var lots = 0
        for (election, other) in zip(elections, theirs) {
            let (candidates, seats, papers) = election
            let result = TransferableVote(
                candidates: candidates, seats: seats, papers: papers, lot: Array(0..<candidates))
            let last = result.stages.last?.votes.map(\.exact).joined(separator: " ") ?? ""
            #expect("\(result.elected) \(last)" == other)
            if result.stages.contains(where: { $0.tie == .lot }) { lots += 1 }
        }
        print("transferable vote: \(elections.count) elections equal to votelib's transfers, \(lots) with a lot")
    }

    /// The stages written again with votelib's transfers of papers.
    private static let program = """
        import json, sys
        from fractions import Fraction
        from collections import Counter
        from votelib.component.transfer import Gregory

        def count(n, seats, papers):
            gregory, votes = Gregory(), Counter(tuple(p) for p in papers)
            quota = len(papers) // (seats + 1) + 1
            piles = {c: {} for c in range(n)}
            for vote, number in votes.items():
                piles[vote[0]][vote] = Fraction(number)
            kept, standing, elected, waiting, history = {}, set(range(n)), [], set(), []
            total = lambda c: kept.get(c, sum(piles.get(c, {}).values()))
            def pick(who, best):
                for row in [{c: total(c) for c in who}] + history[::-1]:
                    edge = best(row[c] for c in who)
                    who = [c for c in who if row[c] == edge]
                return (min if best is max else max)(who)
            def close():
                over = [c for c in standing if total(c) >= quota]
                while over:
                    c = pick(over, max)
                    over.remove(c); elected.append(c); standing.discard(c)
                    if total(c) > quota: waiting.add(c)
                history.append({c: total(c) for c in range(n)})
            def move(c, source):
                open_piles = {s: piles[s] for s in standing}
                if None in piles: open_piles[None] = piles[None]
                moved = gregory.transfer({**open_piles, c: source}, [c])
                for key, pile in moved.items(): piles[key] = pile
                piles[c] = {}
            close()
            while len(elected) < seats and standing:
                if len(standing) <= seats - len(elected):
                    rest = list(standing)
                    while rest:
                        c = pick(rest, max); rest.remove(c); elected.append(c)
                    break
                if waiting:
                    c = pick(sorted(waiting), max)
                    waiting.discard(c)
                    source = gregory.subtract({c: piles[c]}, {c: quota})[c]
                    kept[c] = Fraction(quota)
                else:
                    c = pick(sorted(standing), min)
                    standing.discard(c)
                    source = piles[c]
                move(c, source)
                close()
            return elected, [total(c) for c in range(n)]

        for line in open(sys.argv[1]):
            elected, totals = count(*json.loads(line))
            print(elected, " ".join(str(Fraction(t)) for t in totals))
        """

    @Test(
        "Thresholds",
        arguments: [
            (parts: 1, of: 2, base: VoteThreshold.Base.present, isMore: true, yes: 2, isReached: false),
            (1, 2, .present, true, 3, true), (1, 2, .members, true, 3, false), (1, 2, .members, true, 4, true),
            (2, 3, .present, false, 2, false), (2, 3, .present, false, 3, true), (2, 3, .members, false, 4, false),
            (2, 3, .members, false, 5, true), (1, 2, .decided, true, 2, true), (1, 1, .present, false, 4, true),
        ])
    func thresholds(
        _ row: (parts: Int, of: Int, base: VoteThreshold.Base, isMore: Bool, yes: Int, isReached: Bool)
    )
        throws
    {
        let threshold = try #require(
            VoteThreshold(parts: row.parts, of: row.of, base: row.base, isMoreThan: row.isMore))
        // Seven may vote, four are in the room; whoever does not vote yes is against once, else abstains.
        let count = VoteCount(members: 7, present: 4, yes: row.yes, no: min(1, 4 - row.yes), abstained: 0)
        #expect(threshold.isReached(count) == row.isReached)
        #expect(VoteThreshold(parts: 3, of: 2, base: .present, isMoreThan: false) == nil)
    }
}
