extension QuotaNetwork {
    /// What an answer lacks: empty seats with the cut behind them, and missed minima.
    func shortages(_ solution: FlowNetwork.Solution) -> [Shortage] {
        let residual = QuotaResidual(self, solution)
        let missed = minima.compactMap { minimum -> Shortage? in
            let missing = network.capacity[minimum.arc] - solution.flow[minimum.arc]
            guard missing > 0 else { return nil }
            return Shortage(kind: minimum.kind, missing: Int(missing), limits: [], ways: [])
        }
        return Shortage.seats(in: residual, penalty: penalty) + missed
    }
}

/// The network of quotas as seen from its empty seats.
struct QuotaResidual: ResidualGraph {
    private let model: QuotaNetwork
    private let solution: FlowNetwork.Solution
    /// Arcs at each node: those that leave it, and as complement those that enter it.
    private var around: [[Int32]]
    private let applications: [Int: Int]
    private let candidates: [Bool]

    init(_ model: QuotaNetwork, _ solution: FlowNetwork.Solution) {
        self.model = model
        self.solution = solution
        around = Array(repeating: [], count: model.network.nodes)
        for arc in 0..<model.network.arcs {
            around[Int(model.network.tail[arc])].append(Int32(arc))
            around[Int(model.network.head[arc])].append(~Int32(arc))
        }
        applications = Dictionary(
            uniqueKeysWithValues: model.emptyArcs.enumerated().map { (Int(model.network.tail[$1]), $0) })
        var isCandidate = [Bool](repeating: false, count: model.network.arcs)
        for arcs in model.candidateArcs { for arc in arcs { isCandidate[arc] = true } }
        candidates = isCandidate
    }

    var nodeCount: Int { model.network.nodes }

    var short: [(node: Int, units: Int)] {
        model.emptyArcs.filter { solution.flow[$0] > 0 }
            .map { (Int(model.network.tail[$0]), Int(solution.flow[$0])) }
    }

    func visit(_ node: Int, _ body: (Int, Int64) -> Void) {
        for end in around[node] {
            let arc = Int(end >= 0 ? end : ~end)
            let reduced = model.network.reducedCost(arc, solution.potential)
            if end >= 0, solution.flow[arc] < model.network.capacity[arc], !model.isSink(Int(model.network.head[arc])) {
                body(Int(model.network.head[arc]), reduced)
            } else if end < 0, solution.flow[arc] > 0 {
                body(Int(model.network.tail[arc]), -reduced)
            }
        }
    }

    func limits(_ node: Int, isReached: (Int) -> Bool) -> [(limit: Shortage.Limit, price: Int64?)] {
        var found: [(limit: Shortage.Limit, price: Int64?)] = []
        for end in around[node] where end >= 0 {
            let arc = Int(end)
            let head = Int(model.network.head[arc])
            let isFull = solution.flow[arc] > 0 && solution.flow[arc] == model.network.capacity[arc]
            if let limit = model.limits[arc], solution.flow[arc] == model.network.capacity[arc],
                model.isSink(head) || !isReached(head)
            {
                let gain = -model.network.reducedCost(arc, solution.potential)
                found.append((limit, model.isSink(head) ? gain : nil))
            } else if candidates[arc], isFull, !isReached(head), let application = model.applicationOf(arc) {
                if !found.contains(where: { $0.limit == .candidates(application: application) }) {
                    found.append((.candidates(application: application), nil))
                }
            }
        }
        return found
    }

    func application(_ node: Int) -> Int? { applications[node] }
}
