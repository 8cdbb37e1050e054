/// What is left to move in an answer: enough to say why seats stay empty.
protocol ResidualGraph {
    var nodeCount: Int { get }
    /// Nodes with empty seats, and how many.
    var short: [(node: Int, units: Int)] { get }
    /// Visits each node that a seat can move to, with the reduced cost of the move, which is at least zero. Moves to
    /// the sink are left out: from an empty seat none can be had.
    func visit(_ node: Int, _ body: (Int, Int64) -> Void)
    /// What holds a node back whose moves reach no further: the limit, and the price of one seat more of it where one
    /// seat more would help at once.
    func limits(_ node: Int, isReached: (Int) -> Bool) -> [(limit: Shortage.Limit, price: Int64?)]
    /// The application that a node stands for, if it stands for one.
    func application(_ node: Int) -> Int?
}

extension Shortage {
    /// How many ways out are listed for one shortage.
    static let waysListed = 5

    /// The empty seats of an answer, one shortage for each part of the network that has nothing to do with the others.
    /// - Parameter penalty: what an empty seat was counted at.
    static func seats(in graph: some ResidualGraph, penalty: Int64) -> [Shortage] {
        let short = graph.short
        if short.isEmpty { return [] }
        var groups = Groups(graph.nodeCount)
        let distance = distances(graph, short.map(\.node), &groups)
        var parts: [Int: Part] = [:]
        for (node, units) in short { parts[groups.find(node), default: Part()].missing += units }
        for node in 0..<graph.nodeCount where distance[node] < Int64.max {
            let root = groups.find(node)
            if let application = graph.application(node) {
                parts[root, default: Part()].applications.append(application)
            }
            for (limit, price) in graph.limits(node, isReached: { distance[$0] < Int64.max }) {
                parts[root, default: Part()].limits.append(limit)
                if let price {
                    let way = Way(limit: limit, gain: price - distance[node] - penalty)
                    parts[root, default: Part()].ways.append(way)
                }
            }
        }
        return parts.values.filter { $0.missing > 0 }.map(\.shortage).sorted { $0.order < $1.order }
    }

    private struct Part {
        var missing = 0
        var applications: [Int] = []
        var limits: [Limit] = []
        var ways: [Way] = []

        var shortage: Shortage {
            Shortage(
                kind: .seats(applications: applications.sorted()), missing: missing,
                limits: limits.sorted { $0.order < $1.order },
                ways: Array(
                    ways.sorted { ($1.gain, $0.limit.order) < ($0.gain, $1.limit.order) }.prefix(waysListed)))
        }
    }

    /// Sorts shortages of one answer the same way on every machine.
    private var order: Int {
        if case .seats(let applications) = kind { applications.first ?? 0 } else { Int.max }
    }

    /// Cheapest moves from any empty seat to each node; what is joined by moves is put into one group.
    private static func distances(_ graph: some ResidualGraph, _ sources: [Int], _ groups: inout Groups) -> [Int64] {
        var distance = [Int64](repeating: Int64.max, count: graph.nodeCount)
        var isDone = [Bool](repeating: false, count: graph.nodeCount)
        var heap = ChainHeap()
        for source in sources {
            distance[source] = 0
            heap.push(0, Int32(source))
        }
        while let (_, node) = heap.pop() {
            let node = Int(node)
            if isDone[node] { continue }
            isDone[node] = true
            graph.visit(node) { next, cost in
                groups.join(node, next)
                if distance[node] + cost < distance[next] {
                    distance[next] = distance[node] + cost
                    heap.push(distance[next], Int32(next))
                }
            }
        }
        return distance
    }
}

extension Shortage.Limit {
    /// Sorts limits the same way on every machine.
    var order: String {
        func padded(_ number: Int) -> String {
            String(repeating: "0", count: max(0, 12 - "\(number)".count)) + "\(number)"
        }
        return switch self {
        case .load(let expert): "0 " + padded(expert)
        case .quota(let name, let application): "1 " + padded(application ?? 0) + name
        case .candidates(let application): "2 " + padded(application)
        }
    }
}

/// Sets that are joined and asked for their representative.
struct Groups {
    private var parent: [Int32]

    init(_ count: Int) { parent = (0..<Int32(count)).map { $0 } }

    mutating func find(_ item: Int) -> Int {
        var root = Int32(item)
        while parent[Int(root)] != root {
            parent[Int(root)] = parent[Int(parent[Int(root)])]
            root = parent[Int(root)]
        }
        return Int(root)
    }

    mutating func join(_ left: Int, _ right: Int) {
        let (left, right) = (find(left), find(right))
        if left != right { parent[max(left, right)] = Int32(min(left, right)) }
    }
}

/// Applications come first, then experts.
extension FlowState: ResidualGraph {
    var nodeCount: Int { arcs.applications + arcs.experts }

    var short: [(node: Int, units: Int)] {
        (0..<arcs.applications).filter { unfilled[$0] > 0 }.map { ($0, Int(unfilled[$0])) }
    }

    func visit(_ node: Int, _ body: (Int, Int64) -> Void) {
        if node < arcs.applications {
            for index in Int(arcs.start[node])..<Int(arcs.start[node + 1]) {
                let word = arcs.words[index]
                guard word & SparseArcs.full == 0 else { continue }
                let expert = SparseArcs.expert(word)
                body(arcs.applications + expert, worth[node] + prices[expert] - SparseArcs.score(word))
            }
        } else {
            let expert = node - arcs.applications
            let first = Int(listStart[expert])
            for place in 0..<Int(listCount[expert]) {
                let seat = list[first + place]
                let score = SparseArcs.score(arcs.words[Int(seat.arc)])
                body(Int(seat.application), score - prices[expert] - worth[Int(seat.application)])
            }
        }
    }

    func limits(_ node: Int, isReached: (Int) -> Bool) -> [(limit: Shortage.Limit, price: Int64?)] {
        guard node < arcs.applications else {
            let expert = node - arcs.applications
            return [(.load(expert: Int(arcs.expertNames[expert])), prices[expert])]
        }
        for index in Int(arcs.start[node])..<Int(arcs.start[node + 1]) where flow[index] > 0 {
            if !isReached(arcs.applications + SparseArcs.expert(arcs.words[index])) {
                return [(.candidates(application: Int(arcs.applicationNames[node])), nil)]
            }
        }
        return []
    }

    func application(_ node: Int) -> Int? { node < arcs.applications ? Int(arcs.applicationNames[node]) : nil }
}
