/// A request with quotas or least loads as a network:
/// application → its groups, outer to inner → candidates → expert → groups, inner to outer → sink.
/// The least seats of a bound are an arc with a reward, empty seats an arc with a penalty, so that an answer always
/// exists and tells what is short. An empty seat outweighs any number of missed minima, and those any score.
struct QuotaNetwork {
    private let request: AssignmentRequest
    private let parts: Int64
    private(set) var network = FlowNetwork()
    private(set) var penalty: Int64 = 0
    private(set) var reward: Int64 = 0
    /// The arcs of each candidate, in the order of candidates; and of the empty seats of each application.
    private(set) var candidateArcs: [Range<Int>] = []
    private(set) var emptyArcs: [Int] = []
    private(set) var minima: [(arc: Int, kind: Shortage.Kind)] = []
    /// Arcs whose capacity is a limit of the request.
    private(set) var limits: [Int: Shortage.Limit] = [:]
    private var experts: [Int] = []
    private var sink = 0
    private let weight: Weighting
    /// The pairs that are settled on each application.
    private let settled: [Int: [Pair]]

    init(_ request: AssignmentRequest, _ weight: Weighting) throws(AssignmentError) {
        self.request = request
        self.weight = weight
        parts = Int64(weight.parts)
        let candidates = request.candidates
        settled = Dictionary(grouping: request.settled, by: \.application)
        let inner = try ApplicationQuotas(
            request.quotas, experts: candidates.experts, applications: candidates.applications)
        let outer = try QuotaTree(request.quotas, .together, experts: candidates.experts)
        try weigh(inner)
        try checkSettled(inner)
        sink = network.node()
        try addExperts(outer)
        for application in 0..<candidates.applications {
            try addApplication(application, inner[application])
        }
    }

    private mutating func weigh(_ inner: ApplicationQuotas) throws(AssignmentError) {
        let candidates = request.candidates
        let largest = weight.largest(candidates)
        let places = min(candidates.applications, candidates.experts)
        let groups = request.quotas.count + 2
        let (one, over) = largest.multipliedReportingOverflow(by: Int64(2 * (places + groups)))
        // One expert less on an application may be missed by each wanted group that holds the expert.
        let lost = places * max(1, inner.wantedDepth)
        let (two, overTwo) = one.multipliedReportingOverflow(by: Int64(2 * (lost + groups)))
        guard !over, !overTwo, two < 1 << 60 else { throw .tooFine }
        (reward, penalty) = (one, two)
    }

    /// Forced pairs alone may be more of a group than an application takes, also where no other of the group is left.
    private func checkSettled(_ inner: ApplicationQuotas) throws(AssignmentError) {
        for pair in request.settled {
            let tree = inner[pair.application]
            var group = tree.innermost[pair.expert]
            while group >= 0 {
                _ = try left(tree.quotas[group], settled[pair.application] ?? [])
                group = tree.parent[group]
            }
        }
    }

    private mutating func addExperts(_ outer: QuotaTree) throws(AssignmentError) {
        var nodes: [Int] = []
        for (index, quota) in outer.quotas.enumerated() {
            let node = network.node()
            nodes.append(node)
            let above = outer.parent[index] >= 0 ? nodes[outer.parent[index]] : sink
            bounded(
                node, above, try left(quota, request.settled), .quota(name: quota.name, application: nil),
                .quota(name: quota.name, application: nil))
        }
        for expert in 0..<request.candidates.experts {
            let node = network.node()
            experts.append(node)
            let above = outer.innermost[expert] >= 0 ? nodes[outer.innermost[expert]] : sink
            bounded(node, above, request.load[expert], .load(expert: expert), .load(expert: expert))
        }
    }

    /// The arc or the two that carry between the least and the most seats.
    private mutating func bounded(
        _ from: Int, _ to: Int, _ seats: ClosedRange<Int>, _ kind: Shortage.Kind, _ limit: Shortage.Limit
    ) {
        if seats.lowerBound > 0 {
            minima.append((network.arc(from, to, Int64(seats.lowerBound) * parts, -reward), kind))
        }
        let rest = network.arc(from, to, Int64(seats.upperBound - seats.lowerBound) * parts)
        limits[rest] = limit
    }

    private mutating func addApplication(_ application: Int, _ inner: QuotaTree) throws(AssignmentError) {
        let candidates = request.candidates
        let demand = Int64(request.demand[application]) * parts
        let root = network.node(demand)
        network.supply(-demand, at: sink)
        emptyArcs.append(network.arc(root, sink, demand, penalty))
        let range = candidates.offsets[application]..<candidates.offsets[application + 1]
        var counts: [Int: Int] = [:]
        for index in range {
            var group = inner.innermost[Int(candidates.expert[index])]
            while group >= 0 {
                counts[group, default: 0] += 1
                group = inner.parent[group]
            }
        }
        let settled = self.settled[application] ?? []
        // Outer groups have smaller numbers, so that the node above is there already.
        var nodes: [Int: Int] = [:]
        for group in counts.keys.sorted() {
            let quota = inner.quotas[group]
            let seats = try left(quota, settled)
            guard counts[group, default: 0] > seats.upperBound || quota.seats.lowerBound > 0 else { continue }
            nodes[group] = network.node()
            bounded(
                above(inner.parent[group], nodes, inner) ?? root, network.nodes - 1, seats,
                .quota(name: quota.name, application: application), .quota(name: quota.name, application: application))
        }
        for (group, quota) in inner.quotas.enumerated() where quota.seats.lowerBound > 0 && counts[group] == nil {
            // Nobody here belongs to the wanted group but whom forced pairs brought: the arc leads nowhere and reports
            // what is missing.
            let least = try left(quota, settled).lowerBound
            guard least > 0 else { continue }
            let nowhere = network.node()
            let arc = network.arc(root, nowhere, Int64(least) * parts, -reward)
            minima.append((arc, .quota(name: quota.name, application: application)))
        }
        for index in range {
            let expert = Int(candidates.expert[index])
            let from = above(inner.innermost[expert], nodes, inner) ?? root
            let first = network.arcs
            for (capacity, score) in weight.arcs(candidates.score[index]) {
                network.arc(from, experts[expert], Int64(capacity), -score)
            }
            candidateArcs.append(first..<network.arcs)
        }
    }

    /// What a quota leaves after the pairs that are settled where it counts.
    private func left(_ quota: Quota, _ settled: [Pair]) throws(AssignmentError) -> ClosedRange<Int> {
        var held = 0
        for pair in settled {
            if quota.experts.contains(pair.expert) { held += 1 }
            if held > quota.seats.upperBound { throw .forced(pair) }
        }
        return max(0, quota.seats.lowerBound - held)...(quota.seats.upperBound - held)
    }

    private func above(_ group: Int, _ nodes: [Int: Int], _ inner: QuotaTree) -> Int? {
        var group = group
        while group >= 0 {
            if let node = nodes[group] { return node }
            group = inner.parent[group]
        }
        return nil
    }

    func isSink(_ node: Int) -> Bool { node == sink }

    /// The application whose candidate an arc is.
    func applicationOf(_ arc: Int) -> Int? {
        var (low, high) = (0, candidateArcs.count)
        while low < high {
            let middle = (low + high) / 2
            if candidateArcs[middle].upperBound <= arc { low = middle + 1 } else { high = middle }
        }
        guard low < candidateArcs.count, candidateArcs[low].contains(arc) else { return nil }
        let offsets = request.candidates.offsets
        var (first, last) = (0, request.candidates.applications)
        while first < last {
            let middle = (first + last) / 2
            if offsets[middle + 1] <= low { first = middle + 1 } else { last = middle }
        }
        return first
    }
}
