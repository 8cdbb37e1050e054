import Kernel

/// One run of a draw, by places in the plan's lists. Must stay the same to the letter as docs/draw.md and
/// `script/draw-check`.
struct DrawRun {
    private let plan: DrawPlan
    private var stream: DrawStream
    private let employer: [String]
    private let limit: [Int]
    private let eligible: [[Int]]
    private var itemPlace: [Int] = []
    private var expertPlace: [Int] = []
    private var load: [Int]
    private var drawn: [[Int]]

    init(_ plan: DrawPlan, _ stream: DrawStream) {
        self.plan = plan
        self.stream = stream
        let places = Dictionary(
            plan.experts.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
        employer = plan.experts.map(\.employer)
        limit = plan.experts.map(\.load)
        eligible = plan.items.map { $0.eligible.compactMap { places[$0] } }
        load = plan.experts.map { _ in 0 }
        drawn = plan.items.map { _ in [] }
    }

    mutating func results() -> [DrawProtocol.Result] {
        let items = stream.shuffled(Array(plan.items.indices))
        let experts = stream.shuffled(Array(plan.experts.indices))
        itemPlace = DrawRun.places(items)
        expertPlace = DrawRun.places(experts)
        // One seat of every item before the second of any, so that a shortage is shared.
        for _ in 0..<max(0, plan.wanted) {
            for item in items { fill(item) }
        }
        return plan.items.indices.map { result($0) }
    }

    private static func places(_ order: [Int]) -> [Int] {
        var places = order
        for (place, index) in order.enumerated() { places[index] = place }
        return places
    }

    private mutating func fill(_ item: Int) {
        for apart in [true, false] {
            if pick(item, apart: apart) || exchange(item, apart: apart) { return }
        }
    }

    /// Whether an expert may join an item that loses another.
    private func fits(_ expert: Int, _ item: Int, losing lost: Int?, apart: Bool) -> Bool {
        guard !drawn[item].contains(expert) else { return false }
        guard apart, !employer[expert].isEmpty else { return true }
        return !drawn[item].contains { $0 != lost && employer[$0] == employer[expert] }
    }

    /// Draws one of those with the fewest items so far.
    private mutating func pick(_ item: Int, apart: Bool) -> Bool {
        let free = eligible[item].filter { load[$0] < limit[$0] && fits($0, item, losing: nil, apart: apart) }
        guard let fewest = free.map({ load[$0] }).min() else { return false }
        let least = free.filter { load[$0] == fewest }
        let expert = least[stream.below(least.count)]
        drawn[item].append(expert)
        load[expert] += 1
        return true
    }

    /// Finds a seat by letting other items change one expert each: the shortest such chain. Without `apart` a chain
    /// is found whenever there is any.
    private mutating func exchange(_ item: Int, apart: Bool) -> Bool {
        var cameFrom: [Int: (item: Int, lost: Int)] = [:]
        var queue = [item]
        var seenItems: Set<Int> = [item]
        var seenExperts: Set<Int> = []
        var next = 0
        while next < queue.count {
            let current = queue[next]
            next += 1
            for expert in eligible[current].sorted(by: { expertPlace[$0] < expertPlace[$1] })
            where fits(expert, current, losing: cameFrom[current]?.lost, apart: apart) {
                if load[expert] < limit[expert] {
                    shift(expert, into: current, cameFrom)
                    return true
                }
                guard seenExperts.insert(expert).inserted else { continue }
                for holder in holders(of: expert) where seenItems.insert(holder).inserted {
                    cameFrom[holder] = (current, expert)
                    queue.append(holder)
                }
            }
        }
        return false
    }

    private func holders(of expert: Int) -> [Int] {
        drawn.indices.filter { drawn[$0].contains(expert) }.sorted { itemPlace[$0] < itemPlace[$1] }
    }

    private mutating func shift(_ free: Int, into item: Int, _ cameFrom: [Int: (item: Int, lost: Int)]) {
        load[free] += 1
        var gained = free
        var current = item
        while let (before, lost) = cameFrom[current] {
            drawn[current] = drawn[current].map { $0 == lost ? gained : $0 }
            gained = lost
            current = before
        }
        drawn[current].append(gained)
    }

    private mutating func result(_ item: Int) -> DrawProtocol.Result {
        let rest = stream.shuffled(eligible[item].filter { !drawn[item].contains($0) })
        // First those who have room and another employer, then those who have room, then the others.
        let roomy = rest.filter { load[$0] < limit[$0] }
        let apart = roomy.filter { fits($0, item, losing: nil, apart: true) }
        let order =
            apart + roomy.filter { !apart.contains($0) } + rest.filter { load[$0] >= limit[$0] }
        let missing = max(0, plan.wanted - drawn[item].count)
        let few = eligible[item].count < plan.wanted
        return DrawProtocol.Result(
            item: plan.items[item].item, drawn: drawn[item].map { plan.experts[$0].expert },
            reserves: order.prefix(max(0, plan.reserves)).map { plan.experts[$0].expert }, missing: missing,
            shortage: missing == 0 ? nil : few ? .tooFewEligible : .loadLimit)
    }
}
