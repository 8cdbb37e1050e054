import Judgement
import Kernel

extension AssignmentProtocol {
    /// Solves. The same plan and seed give the same result everywhere.
    /// - Throws: ``AssignmentError`` where the plan cannot be asked.
    public init(_ plan: AssignmentPlan, seed: String) throws {
        let commitment = try plan.commitment()
        let request = try plan.request()
        var pairs: [Pair]
        var proof: Proof
        var shortages: [Shortage]
        switch plan.options.mode {
        case .fair:
            let fair = try Assigner.fair(request)
            pairs = fair.assignment.pairs
            shortages = fair.assignment.shortages
            proof = Proof(
                value: "\(fair.assignment.objective)", bound: "\(fair.totalBound)", total: fair.assignment.objective,
                worst: fair.assignment.worst, bestTotal: fair.bestTotal, worstBound: fair.worstBound, expected: nil,
                parts: nil, isProved: fair.assignment.objective == fair.totalBound)
        case .random:
            let marginals = try Assigner.marginals(
                request, cap: try ProbabilityCap(plan.options.capPercent, of: 100))
            let digest = Digest.sha256(Array("\(AssignmentPlan.rules):\(commitment):\(seed)".utf8))
            var chance = Chance(seed: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
            pairs = try DependentRounding(marginals, of: request).draw(&chance)
            shortages = marginals.shortages
            let (total, worst) = AssignmentProtocol.sums(pairs, request)
            proof = Proof(
                value: "\(marginals.certificate.value)", bound: "\(marginals.certificate.bound)", total: total,
                worst: worst, bestTotal: nil, worstBound: nil, expected: "\(marginals.expected)",
                parts: Int64(marginals.parts), isProved: marginals.certificate.isOptimal)
        case .best, .draw:
            let best = try Assigner.best(request)
            pairs = best.pairs
            shortages = best.shortages
            proof = Proof(
                value: "\(best.certificate.value)", bound: "\(best.certificate.bound)", total: best.objective,
                worst: best.worst, bestTotal: nil, worstBound: nil, expected: nil, parts: nil,
                isProved: best.certificate.isOptimal)
        }
        rules = AssignmentPlan.rules
        self.plan = plan
        self.commitment = commitment
        self.seed = seed
        self.proof = proof
        results = AssignmentProtocol.results(plan, pairs)
        self.shortages = shortages.prefix(20).map { AssignmentProtocol.short($0, plan) }
    }

    private static func sums(_ pairs: [Pair], _ request: AssignmentRequest) -> (total: Int64, worst: Int64) {
        var sums = [Int64](repeating: 0, count: request.candidates.applications)
        for pair in pairs { sums[pair.application] += request.candidates.score(pair) ?? 0 }
        return (sums.reduce(0, +), sums.min() ?? 0)
    }

    private static func results(_ plan: AssignmentPlan, _ pairs: [Pair]) -> [Result] {
        var chosen = plan.items.map { _ in [Int]() }
        var load = plan.experts.map { _ in 0 }
        for pair in pairs {
            chosen[pair.application].append(pair.expert)
            load[pair.expert] += 1
        }
        return plan.items.enumerated().map { place, item in
            let affinity = Dictionary(zip(item.experts, item.affinities), uniquingKeysWith: { first, _ in first })
            let drawn = chosen[place].sorted { (-(affinity[$0] ?? 0), $0) < (-(affinity[$1] ?? 0), $1) }
            let employers = Set(drawn.map { plan.experts[$0].employer }.filter { !$0.isEmpty })
            let rest = item.experts.filter { expert in
                let entrant = plan.experts[expert]
                return !drawn.contains(expert) && load[expert] < entrant.load
                    && !(plan.options.apart && employers.contains(entrant.employer))
            }.sorted { (-(affinity[$0] ?? 0), $0) < (-(affinity[$1] ?? 0), $1) }
            return Result(
                item: item.item, drawn: drawn.map { plan.experts[$0].expert },
                affinities: drawn.map { affinity[$0] ?? 0 },
                reserves: rest.prefix(4 * plan.options.seats).map { plan.experts[$0].expert },
                missing: max(0, plan.options.seats - drawn.count))
        }
    }

    private static func short(_ shortage: Shortage, _ plan: AssignmentPlan) -> Short {
        let ways = shortage.ways.prefix(5).map { way -> Way in
            switch way.limit {
            case .load(let expert):
                Way(limit: "load", expert: plan.experts[expert].expert, item: nil, gain: way.gain)
            case .quota(let name, let application):
                Way(
                    limit: name == "outside" ? "outside" : "employer", expert: nil,
                    item: application.map { plan.items[$0].item }, gain: way.gain)
            case .candidates(let application):
                Way(limit: "candidates", expert: nil, item: plan.items[application].item, gain: way.gain)
            }
        }
        switch shortage.kind {
        case .seats(let applications):
            return Short(
                kind: "seats", items: applications.prefix(20).map { plan.items[$0].item }, missing: shortage.missing,
                ways: ways)
        case .load(let expert):
            return Short(
                kind: "least-load \(plan.experts[expert].expert)", items: [], missing: shortage.missing, ways: ways)
        case .quota(let name, let application):
            return Short(
                kind: name == "outside" ? "outside" : "employer",
                items: application.map { [plan.items[$0].item] } ?? [], missing: shortage.missing, ways: ways)
        }
    }
}
