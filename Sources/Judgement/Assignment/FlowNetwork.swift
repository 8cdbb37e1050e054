internal import CLemon

/// A minimum-cost flow of any shape, for requests with quotas or least loads. LEMON solves it; the proof is our own.
struct FlowNetwork {
    private(set) var supply: [Int64] = []
    private(set) var tail: [Int32] = []
    private(set) var head: [Int32] = []
    private(set) var capacity: [Int64] = []
    private(set) var cost: [Int64] = []

    var nodes: Int { supply.count }
    var arcs: Int { tail.count }

    /// A new node.
    /// - Parameter units: what comes in here from outside; below zero what leaves.
    mutating func node(_ units: Int64 = 0) -> Int {
        supply.append(units)
        return supply.count - 1
    }

    /// A new arc.
    @discardableResult
    mutating func arc(_ from: Int, _ to: Int, _ capacity: Int64, _ cost: Int64 = 0) -> Int {
        tail.append(Int32(from))
        head.append(Int32(to))
        self.capacity.append(capacity)
        self.cost.append(cost)
        return tail.count - 1
    }

    mutating func supply(_ units: Int64, at node: Int) { supply[node] += units }

    /// A flow that costs least, with the prices that prove it.
    struct Solution {
        var flow: [Int64]
        var potential: [Int64]
        var cost: Int128
        /// No flow costs less than this.
        var bound: Int128
    }

    /// Solves by LEMON.
    /// - Throws: ``AssignmentError/unproven`` where LEMON fails or its answer does not prove itself.
    func solve(_ method: kechuang_lemon_method = LEMON_NETWORK_SIMPLEX) throws(AssignmentError) -> Solution {
        var flow = [Int64](repeating: 0, count: arcs)
        var potential = [Int64](repeating: 0, count: nodes)
        let status = kechuang_lemon_flow(
            method, Int32(nodes), Int32(arcs), tail, head, capacity, cost, supply, &flow, &potential)
        guard status == LEMON_OPTIMAL else { throw .unproven }
        var solution = Solution(flow: flow, potential: potential, cost: 0, bound: 0)
        for node in 0..<nodes { solution.bound -= Int128(supply[node]) * Int128(potential[node]) }
        for arc in 0..<arcs {
            solution.cost += Int128(flow[arc]) * Int128(cost[arc])
            let reduced = reducedCost(arc, potential)
            if reduced < 0 { solution.bound += Int128(reduced) * Int128(capacity[arc]) }
        }
        guard solution.cost == solution.bound else { throw .unproven }
        return solution
    }

    func reducedCost(_ arc: Int, _ potential: [Int64]) -> Int64 {
        cost[arc] + potential[Int(tail[arc])] - potential[Int(head[arc])]
    }
}
