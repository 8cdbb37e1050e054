import CLemon
import Testing

@testable import Judgement

@Suite("Laws of assignment")
struct AssignmentLawTests {
    static let seeds: ClosedRange<UInt64> = 1...400

    @Test("The best assignment equals the best of all, fills the most seats, and proves itself")
    func bestOfAll() throws {
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed)
            let answer = try Assigner.best(instance.request)
            let best = instance.bestByTrying()
            #expect(answer.pairs.count == best.seats && answer.objective == best.score, "seed \(seed)")
            #expect(answer.certificate.isOptimal && instance.broken(answer.pairs).isEmpty, "seed \(seed)")
            let missing = answer.shortages.map(\.missing).reduce(0, +)
            #expect(missing == instance.request.demand.reduce(0, +) - best.seats, "seed \(seed)")
        }
    }

    @Test("Cost scaling finds the same value as augmenting chains, with exact prices")
    func scalingAgrees() throws {
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed)
            let scaled = try Placement.best(instance.request, budget: -1)
            let augmented = try Placement.best(instance.request)
            let isAsked = instance.request.demand.contains { $0 > 0 }
            #expect(!isAsked || scaled.certificate.solver == .scaling && augmented.certificate.solver == .augmenting)
            #expect(scaled.certificate.value == augmented.certificate.value, "seed \(seed)")
        }
    }

    @Test("With quotas and least loads two algorithms of LEMON agree and nothing is broken")
    func quotas() throws {
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed, quotas: true)
            let answer = try Assigner.best(instance.request)
            #expect(instance.broken(answer.pairs).isEmpty, "seed \(seed): \(instance.broken(answer.pairs))")
            let simplex = try instance.cost(LEMON_NETWORK_SIMPLEX)
            #expect(try simplex == instance.cost(LEMON_COST_SCALING), "seed \(seed)")
            #expect(answer.certificate.value == -simplex && answer.certificate.isOptimal, "seed \(seed)")
        }
    }

    @Test("Quotas that bind nothing change nothing")
    func idleQuotas() throws {
        for seed in Self.seeds {
            var instance = try SmallInstance(seed: seed)
            let plain = try Assigner.best(instance.request)
            let all = Array(0..<instance.request.candidates.experts)
            instance.request.quotas = [Quota("all", experts: all, scope: .eachApplication, seats: 0...99)]
            let answer = try Assigner.best(instance.request)
            #expect(answer.objective == plain.objective && answer.pairs.count == plain.pairs.count, "seed \(seed)")
            #expect(answer.shortages.map(\.missing) == plain.shortages.map(\.missing), "seed \(seed)")
        }
    }

    @Test("Each way out fills one seat more and gains what it says; all limits together cut off what is missing")
    func waysOut() throws {
        var tried = 0
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed)
            let answer = try Assigner.best(instance.request)
            for shortage in answer.shortages {
                for way in shortage.ways {
                    guard case .load(let expert) = way.limit else { continue }
                    var wider = instance
                    wider.request.load[expert] = 0...(instance.request.load[expert].upperBound + 1)
                    let after = try Assigner.best(wider.request)
                    #expect(after.pairs.count == answer.pairs.count + 1, "seed \(seed)")
                    #expect(after.objective == answer.objective + way.gain, "seed \(seed)")
                    tried += 1
                }
                guard case .seats(let applications) = shortage.kind else { continue }
                #expect(cut(shortage, applications, instance, answer) == shortage.missing, "seed \(seed)")
            }
        }
        #expect(tried > 100)
    }

    /// Demand of a short group less what its full experts take and what goes to experts outside.
    private func cut(
        _ shortage: Shortage, _ applications: [Int], _ instance: SmallInstance, _ answer: Assignment
    ) -> Int {
        let full = Set(
            shortage.limits.compactMap { limit in if case .load(let expert) = limit { expert } else { nil } })
        let demand = applications.map { instance.request.demand[$0] }.reduce(0, +)
        let load = full.map { instance.request.load[$0].upperBound }.reduce(0, +)
        let outside = answer.pairs.count { applications.contains($0.application) && !full.contains($0.expert) }
        return demand - load - outside
    }

    @Test("The order of input has no say")
    func orderOfInput() throws {
        for seed in Self.seeds.prefix(60) {
            let candidates = try SmallInstance(seed: seed).request.candidates
            var lines: [String] = []
            for application in 0..<candidates.applications {
                for index in candidates.offsets[application]..<candidates.offsets[application + 1] {
                    lines.append("a\(application),e\(candidates.expert[index]),\(candidates.score[index]),0")
                }
            }
            guard !lines.isEmpty else { continue }
            var chance = Chance(seed: seed)
            let first = try pairs(lines)
            for index in lines.indices.dropFirst() { lines.swapAt(index, Int(chance.below(UInt64(index + 1)))) }
            #expect(try pairs(lines) == first, "seed \(seed)")
        }
    }

    private func pairs(_ lines: [String]) throws -> [Pair] {
        let table = try AffinityTable(
            csv: Array((["application,expert,score,conflict"] + lines).joined(separator: "\n").utf8))
        return try Assigner.best(
            AssignmentRequest(
                candidates: table.candidates, demand: Array(repeating: 2, count: table.applications.count),
                load: Array(repeating: 0...2, count: table.experts.count))
        ).pairs
    }

    @Test("One more eligible expert never lowers what can be had")
    func oneMoreExpert() throws {
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed)
            let last = instance.request.candidates.experts - 1
            var without = instance
            without.request.load[last] = 0...0
            let (more, less) = (try Assigner.best(instance.request), try Assigner.best(without.request))
            #expect(more.certificate.value >= less.certificate.value, "seed \(seed)")
            #expect(more.pairs.count >= less.pairs.count, "seed \(seed)")
        }
    }

    @Test("A replacement touches nothing else and is the best that has room")
    func replacement() throws {
        for seed in Self.seeds {
            let instance = try SmallInstance(seed: seed, quotas: seed % 2 == 0)
            let answer = try Assigner.best(instance.request)
            guard let gone = answer.pairs.first else { continue }
            let change = try Assigner.replacement(of: gone, in: answer.pairs, instance.request)
            let after = Set(answer.pairs).subtracting(change.removed).union(change.added)
            #expect(change.removed == [gone] && change.added.allSatisfy { $0.application == gone.application })
            #expect(change.added.first?.expert != gone.expert && instance.broken(Array(after)).isEmpty, "seed \(seed)")
            let total = after.reduce(Int64(0)) { $0 + (instance.request.candidates.score($1) ?? 0) }
            #expect(total == answer.objective + change.gain, "seed \(seed)")
        }
    }

    @Test("Forced pairs come out, and nothing better exists with them")
    func forced() throws {
        for seed in Self.seeds {
            var instance = try SmallInstance(seed: seed)
            let candidates = instance.request.candidates
            guard let wanted = instance.request.demand.firstIndex(where: { $0 > 0 }),
                let index = (candidates.offsets[wanted]..<candidates.offsets[wanted + 1]).first(where: {
                    instance.request.load[Int(candidates.expert[$0])].upperBound > 0
                })
            else { continue }
            let pair = Pair(wanted, Int(candidates.expert[index]))
            instance.request.forced = [pair]
            let answer = try Assigner.best(instance.request)
            #expect(answer.pairs.contains(pair) && instance.broken(answer.pairs).isEmpty, "seed \(seed)")
        }
    }
}
