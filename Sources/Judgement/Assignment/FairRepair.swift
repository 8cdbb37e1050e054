/// Lifts applications that have too little by exchanges: one takes a better expert, whose place is made free by
/// moving another application on, and so on to an expert with room. Nobody on the way falls under the target or under
/// the least load, and each exchange costs the total as little as can be found.
struct FairRepair {
    private let candidates: Candidates
    private let load: [ClosedRange<Int>]
    private let target: Int64
    /// The experts of each application, and the applications of each expert.
    private var experts: [[Int32]]
    private var applications: [[Int32]]
    private(set) var totals: [Int64]
    private var room: [Int]

    /// How many applications one exchange may touch, and how many pairs may be looked at for it.
    private static let depth = 12
    private static let work = 4_000_000

    /// - Parameter settled: what forced pairs give each application; they take no part.
    init(_ request: AssignmentRequest, _ pairs: [Pair], settled: [Int64], target: Int64) {
        candidates = request.candidates
        load = request.load
        self.target = target
        experts = Array(repeating: [], count: candidates.applications)
        applications = Array(repeating: [], count: candidates.experts)
        totals = settled
        room = load.map(\.upperBound)
        for pair in pairs { add(pair) }
    }

    /// All pairs as they are now.
    var pairs: [Pair] {
        experts.indices.flatMap { application in experts[application].sorted().map { Pair(application, Int($0)) } }
    }

    /// Lifts all that can be lifted.
    /// - Returns: whether nobody is under the target any more.
    mutating func run() -> Bool {
        let poor = totals.indices.filter { totals[$0] < target && !experts[$0].isEmpty }
        var isDone = true
        for application in poor.sorted(by: { (totals[$0], $0) < (totals[$1], $1) }) {
            while totals[application] < target {
                guard let chain = bestChain(for: application) else {
                    isDone = false
                    break
                }
                apply(chain)
            }
        }
        return isDone && !totals.indices.contains { totals[$0] < target && !experts[$0].isEmpty }
    }

    private mutating func add(_ pair: Pair) {
        experts[pair.application].append(Int32(pair.expert))
        applications[pair.expert].append(Int32(pair.application))
        room[pair.expert] -= 1
        totals[pair.application] += candidates.score(pair) ?? 0
    }

    private mutating func remove(_ pair: Pair) {
        experts[pair.application].removeAll { $0 == Int32(pair.expert) }
        applications[pair.expert].removeAll { $0 == Int32(pair.application) }
        room[pair.expert] += 1
        totals[pair.application] -= candidates.score(pair) ?? 0
    }

    /// One application gives one expert up for another.
    private struct Step {
        let application: Int
        let from: Int
        let to: Int
    }

    private mutating func apply(_ chain: [Step]) {
        for step in chain { remove(Pair(step.application, step.from)) }
        for step in chain { add(Pair(step.application, step.to)) }
    }

    private func bestChain(for application: Int) -> [Step]? {
        var best: (gain: Int64, chain: [Step])?
        for from in experts[application] {
            if let found = chain(application, Int(from)), found.gain > best?.gain ?? Int64.min { best = found }
        }
        return best?.chain
    }

    /// What is known of one expert after some moves: the best gain with which it is one over its load, and the last
    /// move.
    private struct Label {
        var gain = Int64.min
        var step = Step(application: -1, from: -1, to: -1)
    }

    /// The best chain that begins with one application giving one expert up. Works in layers, one a move, until two
    /// more of them bring nothing better.
    private func chain(_ application: Int, _ from: Int) -> (gain: Int64, chain: [Step])? {
        let given = candidates.score(Pair(application, from)) ?? 0
        var first = [Label](repeating: Label(), count: candidates.experts)
        spread(application, from, gain: -given, over: min(1, target - totals[application]) + given, &first)
        var layers = [first]
        var best: (gain: Int64, chain: [Step])?
        var (work, idle) = (0, 0)
        // Whoever holds no more than the least load gives nothing up for good.
        let canGive = load[from].upperBound - room[from] > load[from].lowerBound
        while layers.count <= Self.depth, work < Self.work, idle < 3 {
            let layer = layers[layers.count - 1]
            var next = [Label](repeating: Label(), count: candidates.experts)
            var isEmpty = true
            if best != nil { idle += 1 }
            for expert in 0..<candidates.experts where layer[expert].gain > best?.gain ?? Int64.min {
                if room[expert] > 0 || expert == from {
                    if canGive || expert == from, let chain = trace(layers, expert) {
                        (best, idle) = ((layer[expert].gain, chain), 0)
                    }
                    continue
                }
                isEmpty = false
                for other in applications[expert] where Int(other) != application {
                    let lost = candidates.score(Pair(Int(other), expert)) ?? 0
                    work += candidates.offsets[Int(other) + 1] - candidates.offsets[Int(other)]
                    spread(
                        Int(other), expert, gain: layer[expert].gain - lost,
                        over: min(0, target - totals[Int(other)]) + lost, &next)
                }
            }
            if isEmpty { break }
            layers.append(next)
        }
        return best
    }

    /// Offers a move of one application to all its other candidates that score at least `over`.
    private func spread(_ application: Int, _ from: Int, gain: Int64, over: Int64, _ labels: inout [Label]) {
        let own = experts[application]
        for index in candidates.offsets[application]..<candidates.offsets[application + 1] {
            let (to, score) = (candidates.expert[index], candidates.score[index])
            if score >= over, gain + score > labels[Int(to)].gain, !own.contains(to) {
                labels[Int(to)] = Label(
                    gain: gain + score, step: Step(application: application, from: from, to: Int(to)))
            }
        }
    }

    /// The chain that ends at an expert in the last layer; nil where an application would be moved twice.
    private func trace(_ layers: [[Label]], _ end: Int) -> [Step]? {
        var chain: [Step] = []
        var seen = Set<Int>()
        var expert = end
        for layer in layers.reversed() {
            let step = layer[expert].step
            guard step.application >= 0, seen.insert(step.application).inserted else { return nil }
            chain.append(step)
            expert = step.from
        }
        return chain
    }
}
