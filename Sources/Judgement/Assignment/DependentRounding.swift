/// Draws whole assignments from probabilities so that each pair comes out exactly as often as published, each
/// application gets its seats and no load or quota is ever broken (Gandhi et al. 2006, on the whole network as Budish
/// et al. 2013).
///
/// While any arc carries a part of a seat, such arcs form a cycle, because what enters a node leaves it. Along the
/// cycle parts are moved one way or the other, as far as they go, with chances that leave every arc's mean as it is.
public struct DependentRounding: Sendable {
    private let marginals: Marginals
    private let parts: Int32
    /// Arcs that carry a part of a seat: their ends, what they carry beyond whole seats, and their arcs in the lists of
    /// nodes.
    private var tail: [Int32] = []
    private var head: [Int32] = []
    private var rest: [Int32] = []
    private var first: [Int32] = []
    private var around: [Int32] = []
    /// The item that an arc stands for; -1 for arcs that only hold sums together.
    private var item: [Int32] = []
    private var nodes = 0

    /// Prepares a draw.
    /// - Parameter request: the request that the probabilities answer.
    /// - Throws: ``AssignmentError`` where quotas cross.
    public init(_ marginals: Marginals, of request: AssignmentRequest) throws(AssignmentError) {
        self.marginals = marginals
        parts = marginals.parts
        var sums = try RoundingNetwork(request)
        for (index, item) in marginals.items.enumerated() { sums.add(item.pair, item.units, index) }
        for (application, units) in marginals.unfilled.enumerated() where units > 0 { sums.leave(application, units) }
        nodes = sums.count
        for arc in sums.arcs where arc.units % parts != 0 {
            tail.append(arc.tail)
            head.append(arc.head)
            rest.append(arc.units % parts)
            item.append(arc.item)
        }
        index()
    }

    private mutating func index() {
        first = Array(repeating: 0, count: nodes + 1)
        for arc in tail.indices {
            first[Int(tail[arc]) + 1] += 1
            first[Int(head[arc]) + 1] += 1
        }
        for node in 0..<nodes { first[node + 1] += first[node] }
        around = Array(repeating: 0, count: tail.count * 2)
        var fill = first
        for arc in tail.indices {
            for node in [Int(tail[arc]), Int(head[arc])] {
                around[Int(fill[node])] = Int32(arc)
                fill[node] += 1
            }
        }
    }

    /// One assignment. The same state of chance gives the same assignment on every machine.
    public func draw(_ chance: inout Chance) -> [Pair] {
        var walk = Walk(self)
        walk.run(&chance)
        var isRaised = [Bool](repeating: false, count: marginals.items.count)
        for arc in tail.indices where item[arc] >= 0 && walk.rest[arc] == parts { isRaised[Int(item[arc])] = true }
        return marginals.items.enumerated().filter { $1.units / parts + (isRaised[$0] ? 1 : 0) > 0 }.map(\.element.pair)
    }

    /// A walk over broken arcs that closes cycles and mends them.
    private struct Walk {
        private let plan: DependentRounding
        var rest: [Int32]
        /// How many arcs of a node may still be broken: the front of its list.
        private var left: [Int32]
        private var around: [Int32]
        private var path: [Int32] = []
        private var nodes: [Int32] = []
        /// Where a node lies on the path; -1 off it.
        private var place: [Int32]

        init(_ plan: DependentRounding) {
            self.plan = plan
            rest = plan.rest
            around = plan.around
            left = (0..<plan.nodes).map { plan.first[$0 + 1] - plan.first[$0] }
            place = Array(repeating: -1, count: plan.nodes)
        }

        mutating func run(_ chance: inout Chance) {
            for root in 0..<plan.nodes {
                enter(Int32(root))
                while let node = nodes.last {
                    guard let arc = next(Int(node)) else {
                        // Only a node off every cycle runs out, and by then it has no broken arc at all.
                        leave()
                        if !path.isEmpty { path.removeLast() }
                        continue
                    }
                    let other = plan.tail[arc] == node ? plan.head[arc] : plan.tail[arc]
                    path.append(Int32(arc))
                    if place[Int(other)] >= 0 { close(at: Int(place[Int(other)]), &chance) } else { enter(other) }
                }
            }
        }

        private mutating func enter(_ node: Int32) {
            place[Int(node)] = Int32(nodes.count)
            nodes.append(node)
        }

        private mutating func leave() { place[Int(nodes.removeLast())] = -1 }

        private func isBroken(_ arc: Int) -> Bool { rest[arc] > 0 && rest[arc] < plan.parts }

        /// A broken arc of a node other than the one by which it was reached.
        private mutating func next(_ node: Int) -> Int? {
            let first = Int(plan.first[node])
            let cameBy = path.last.map { Int($0) }
            var index = Int(left[node]) - 1
            while index >= 0 {
                let arc = Int(around[first + index])
                if !isBroken(arc) {
                    left[node] -= 1
                    around[first + index] = around[first + Int(left[node])]
                    around[first + Int(left[node])] = Int32(arc)
                } else if arc != cameBy {
                    return arc
                }
                index -= 1
            }
            return nil
        }

        private mutating func close(at start: Int, _ chance: inout Chance) {
            var (up, down) = (Int32.max, Int32.max)
            forEachOnCycle(start) { arc, isForward in
                up = min(up, isForward ? plan.parts - rest[arc] : rest[arc])
                down = min(down, isForward ? rest[arc] : plan.parts - rest[arc])
            }
            let goesUp = chance.below(UInt64(up + down)) < UInt64(down)
            let move = goesUp ? up : -down
            var moves: [(Int, Int32)] = []
            forEachOnCycle(start) { arc, isForward in moves.append((arc, isForward ? move : -move)) }
            for (arc, units) in moves { rest[arc] += units }
            while nodes.count > start + 1 { leave() }
            path.removeLast(path.count - start)
        }

        private func forEachOnCycle(_ start: Int, _ body: (Int, Bool) -> Void) {
            for step in start..<path.count {
                let arc = Int(path[step])
                body(arc, plan.tail[arc] == nodes[step])
            }
        }
    }
}

/// Sums of probabilities over everything that a bound counts.
private struct RoundingNetwork {
    struct Arc {
        var tail: Int32
        var head: Int32
        var units: Int32
        var item: Int32
    }
    private(set) var arcs: [Arc] = []
    private(set) var count: Int
    private let inner: ApplicationQuotas
    private let outer: QuotaTree
    private let applications: Int
    private var inside: [Pair: Int32] = [:]
    private var up: [Int32: Int32] = [:]

    init(_ request: AssignmentRequest) throws(AssignmentError) {
        applications = request.candidates.applications
        inner = try ApplicationQuotas(
            request.quotas, experts: request.candidates.experts, applications: applications)
        outer = try QuotaTree(request.quotas, .together, experts: request.candidates.experts)
        // Applications, experts, groups over all, and last the hub where everything ends.
        count = applications + request.candidates.experts + outer.quotas.count + 1
        hub = Int32(count - 1)
        groups = Int32(applications + request.candidates.experts)
    }

    private let hub: Int32
    private let groups: Int32

    mutating func add(_ pair: Pair, _ units: Int32, _ item: Int) {
        let from = node(pair.application, inner[pair.application].innermost[pair.expert], units)
        let expert = Int32(applications + pair.expert)
        arcs.append(Arc(tail: from, head: expert, units: units, item: Int32(item)))
        var (at, group) = (expert, outer.innermost[pair.expert])
        while true {
            let above = group >= 0 ? groups + Int32(group) : hub
            carry(at, above, units)
            if group < 0 { break }
            (at, group) = (above, outer.parent[group])
        }
    }

    mutating func leave(_ application: Int, _ units: Int32) {
        arcs.append(Arc(tail: Int32(application), head: hub, units: units, item: -1))
    }

    private mutating func carry(_ from: Int32, _ to: Int32, _ units: Int32) {
        if let arc = up[from] {
            arcs[Int(arc)].units += units
        } else {
            up[from] = Int32(arcs.count)
            arcs.append(Arc(tail: from, head: to, units: units, item: -1))
        }
    }

    /// The node of a group on an application, with its sum counted up to the application itself.
    private mutating func node(_ application: Int, _ group: Int, _ units: Int32) -> Int32 {
        guard group >= 0 else { return Int32(application) }
        let above = node(application, inner[application].parent[group], units)
        let key = Pair(application, group)
        if let arc = inside[key] {
            arcs[Int(arc)].units += units
            return arcs[Int(arc)].head
        }
        inside[key] = Int32(arcs.count)
        arcs.append(Arc(tail: above, head: Int32(count), units: units, item: -1))
        count += 1
        return Int32(count - 1)
    }
}
