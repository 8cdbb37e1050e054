import Testing

@testable import Judgement

/// Quotas that count on some applications only, and forced pairs that count for them, against trying everything.
@Suite("Quotas on some applications, and forced pairs")
struct QuotaScopeTests {
    /// Three applications and four experts: all assignments can be tried.
    private struct Small {
        var request: AssignmentRequest
        private let pairs: [(pair: Pair, score: Int64)]

        init(seed: UInt64) throws {
            var chance = Chance(seed: seed)
            var (offsets, expert, score) = ([0], [Int32](), [Int64]())
            var pairs: [(pair: Pair, score: Int64)] = []
            for application in 0..<3 {
                for number in 0..<4 where chance.below(5) > 0 {
                    expert.append(Int32(number))
                    score.append(Int64(chance.below(9)))
                    pairs.append((Pair(application, number), score[score.count - 1]))
                }
                offsets.append(expert.count)
            }
            self.pairs = pairs
            request = AssignmentRequest(
                candidates: try Candidates(
                    applications: 3, experts: 4, offsets: offsets, expert: expert, score: score),
                demand: (0..<3).map { _ in 1 + Int(chance.below(2)) }, load: (0..<4).map { _ in 0...2 })
            // On different applications they cross; on none do two of them meet that cross.
            request.quotas = [
                Quota("first", experts: [0, 1], scope: .eachApplication, seats: 0...1, applications: [0]),
                Quota("second", experts: [1, 2], scope: .eachApplication, seats: 1...2, applications: [1]),
                Quota("third", experts: [1, 2, 3], scope: .eachApplication, seats: 0...1, applications: [1, 2]),
                Quota("all", experts: [0, 1, 2, 3], scope: .eachApplication, seats: 0...2),
            ]
            if chance.below(2) == 0, let first = pairs.first(where: { request.demand[$0.pair.application] > 0 }) {
                request.forced = [first.pair]
            }
        }

        /// How many seats are missing to the least of quotas.
        func missed(_ chosen: [Pair]) -> Int {
            var missed = 0
            for quota in request.quotas {
                for application in 0..<3 where quota.counts(on: application) {
                    let held = chosen.count { $0.application == application && quota.experts.contains($0.expert) }
                    missed += max(0, quota.seats.lowerBound - held)
                }
            }
            return missed
        }

        func holds(_ chosen: [Pair]) -> Bool {
            guard Set(request.forced).isSubset(of: chosen) else { return false }
            for application in 0..<3 {
                let own = chosen.filter { $0.application == application }
                guard own.count <= request.demand[application] else { return false }
                for quota in request.quotas where quota.counts(on: application) {
                    guard own.count(where: { quota.experts.contains($0.expert) }) <= quota.seats.upperBound else {
                        return false
                    }
                }
            }
            return (0..<4).allSatisfy { expert in
                chosen.count { $0.expert == expert } <= request.load[expert].upperBound
            }
        }

        /// The most seats, then the fewest missed minima, then the best score.
        func bestByTrying() -> [Int] {
            var best: [Int] = []
            for mask in 0..<(1 << pairs.count) where mask.nonzeroBitCount >= best.first ?? 0 {
                let taken = pairs.indices.filter { mask >> $0 & 1 == 1 }.map { pairs[$0] }
                guard holds(taken.map(\.pair)) else { continue }
                let worth = [taken.count, -missed(taken.map(\.pair)), taken.reduce(0) { $0 + Int($1.score) }]
                if best.isEmpty || best.lexicographicallyPrecedes(worth) { best = worth }
            }
            return best
        }
    }

    @Test("Nothing better exists, no bound is broken where it counts, and what is short is told")
    func exact() throws {
        var (forced, missing) = (0, 0)
        for seed in UInt64(0)..<80 {
            let small = try Small(seed: seed)
            let answer = try Assigner.best(small.request)
            #expect(small.holds(answer.pairs), "seed \(seed): \(answer.pairs)")
            let missed = small.missed(answer.pairs)
            #expect(
                [answer.pairs.count, -missed, Int(answer.objective)] == small.bestByTrying(), "seed \(seed)")
            let told = answer.shortages.reduce(0) { sum, one in
                if case .quota = one.kind { sum + one.missing } else { sum }
            }
            #expect(told == missed, "seed \(seed)")
            forced += small.request.forced.count
            missing += missed
        }
        #expect(forced > 10 && missing > 0)
    }

    @Test("Draws keep quotas where they count")
    func draws() throws {
        for seed in UInt64(0)..<30 {
            let small = try Small(seed: seed)
            let marginals = try Assigner.perturbed(small.request, cap: ProbabilityCap(3, of: 4), percent: 40)
            let rounding = try DependentRounding(marginals, of: small.request)
            var chance = Chance(seed: seed)
            for _ in 0..<50 {
                let pairs = rounding.draw(&chance)
                #expect(small.holds(pairs), "seed \(seed): \(pairs)")
            }
        }
    }

    @Test("Groups that meet on an application must be nested or apart there")
    func crossing() throws {
        var request = AssignmentRequest(
            candidates: try Candidates(
                applications: 2, experts: 3, offsets: [0, 3, 6], expert: [0, 1, 2, 0, 1, 2], score: [1, 2, 3, 4, 5, 6]),
            demand: [1, 1], load: [0...2, 0...2, 0...2])
        func quotas(_ first: Set<Int>?, _ second: Set<Int>?) -> [Quota] {
            [
                Quota("a", experts: [0, 1], scope: .eachApplication, seats: 0...1, applications: first),
                Quota("b", experts: [1, 2], scope: .eachApplication, seats: 0...1, applications: second),
            ]
        }
        request.quotas = quotas([0], [1])
        #expect(try Assigner.best(request).objective == 9)
        for (first, second) in [(nil, [1]), ([0, 1], [1]), (nil, nil)] as [(Set<Int>?, Set<Int>?)] {
            request.quotas = quotas(first, second)
            #expect(throws: AssignmentError.crossing("a", "b")) { try Assigner.best(request) }
        }
    }
}
