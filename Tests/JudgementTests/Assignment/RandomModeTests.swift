import Testing

@testable import Judgement

@Suite("Random modes")
struct RandomModeTests {
    @Test("Draws keep seats, loads and quotas, and agree with the published probabilities")
    func draws() throws {
        var largest = 0.0
        for seed in UInt64(1)...40 {
            let instance = try SmallInstance(seed: seed, quotas: seed % 2 == 0)
            let cap = try ProbabilityCap(3 + Int(seed % 5), of: 8)
            let marginals = try Assigner.marginals(instance.request, cap: cap)
            #expect(marginals.items.allSatisfy { $0.units <= cap.units } && marginals.certificate.isOptimal)
            let rounding = try DependentRounding(marginals, of: instance.request)
            var (chance, counts) = (Chance(seed: seed), [Pair: Int]())
            for _ in 0..<500 {
                let pairs = rounding.draw(&chance)
                #expect(instance.broken(pairs).isEmpty, "seed \(seed): \(instance.broken(pairs))")
                for pair in pairs { counts[pair, default: 0] += 1 }
                for application in instance.request.demand.indices {
                    let held = pairs.count { $0.application == application }
                    let empty = Int(marginals.unfilled[application])
                    let missing = (instance.request.demand[application] - held) * 8
                    #expect(abs(missing - empty) < 8, "seed \(seed)")
                }
            }
            for item in marginals.items where item.units % 8 != 0 {
                let promised = Double(item.units) / 8
                let spread = (500 * promised * (1 - promised)).squareRoot()
                largest = max(largest, abs(Double(counts[item.pair] ?? 0) - 500 * promised) / spread)
            }
        }
        print("largest |z| of 40 requests with 500 draws each: \(largest)")
        #expect(largest < 5.5)
    }

    @Test("The same seed draws the same assignment")
    func sameSeed() throws {
        let instance = try SmallInstance(seed: 3)
        let rounding = try DependentRounding(
            try Assigner.marginals(instance.request, cap: ProbabilityCap(1, of: 2)), of: instance.request)
        var (one, other) = (Chance(seed: 9), Chance(seed: 9))
        #expect(rounding.draw(&one) == rounding.draw(&other))
    }

    @Test("A lower cap never pays more; without a cap it is the best assignment")
    func caps() throws {
        for seed in UInt64(1)...100 {
            let request = try SmallInstance(seed: seed).request
            let best = try Assigner.best(request)
            let full = try Assigner.marginals(request, cap: ProbabilityCap(4, of: 4))
            #expect(full.expected == Int128(best.objective) * 4 && full.unfilled.reduce(0, +) % 4 == 0, "seed \(seed)")
            let values = try (1...4).map { try Assigner.marginals(request, cap: ProbabilityCap($0, of: 4)) }
            for (less, more) in zip(values, values.dropFirst()) {
                #expect(less.certificate.value <= more.certificate.value, "seed \(seed)")
            }
        }
    }

    @Test("Perturbed probabilities spread over at least as many pairs, within the cap")
    func perturbed() throws {
        for seed in UInt64(1)...100 {
            var request = try SmallInstance(seed: seed).request
            request.minimumScore = 0
            let candidates = request.candidates
            request.candidates = try Candidates(
                applications: candidates.applications, experts: candidates.experts, offsets: candidates.offsets,
                expert: candidates.expert, score: candidates.score.map { abs($0) })
            let cap = try ProbabilityCap(3, of: 4)
            let (plain, spread) = (
                try Assigner.marginals(request, cap: cap), try Assigner.perturbed(request, cap: cap, percent: 60)
            )
            #expect(spread.items.allSatisfy { $0.units * 4 <= 3 * spread.parts } && spread.certificate.isOptimal)
            #expect(spread.expected * Int128(plain.parts) <= plain.expected * Int128(spread.parts), "seed \(seed)")
        }
    }

    @Test("Chance below a limit is even")
    func chance() {
        var chance = Chance(seed: 5)
        var counts = [Int](repeating: 0, count: 3)
        for _ in 0..<3000 { counts[Int(chance.below(3))] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
    }
}
