import Kernel

/// One run of a draw, by places in the plan's lists. Must stay the same to the letter as docs/draw.md and
/// `script/draw-check`.
struct DrawRun {
    private let plan: DrawPlan
    private var stream: DrawStream
    /// Employers by number; 0 is unknown, and shared with nobody.
    private let employer: [Int]
    private let limit: [Int]
    /// Lists of experts in plan order, the list of each item, and who of it may not.
    private let lists: [[Int]]
    private let list: [Int]
    private let except: [[Int]]
    private var itemPlace: [Int] = []
    private var expertPlace: [Int] = []
    private var load: [Int]
    private var drawn: [[Int]]
    /// The items of each expert.
    private var held: [[Int]]
    /// Items that no exchange can help any more: loads never fall.
    private var isDead: [Bool]
    /// Lists in shuffled order, once they were needed.
    private var ordered: [[Int]?]
    private var marks: Marks

    init(_ plan: DrawPlan, _ stream: DrawStream) {
        self.plan = plan
        self.stream = stream
        var numbers: [String: Int] = ["": 0]
        employer = plan.experts.map { one in
            let number = numbers[one.employer] ?? numbers.count
            numbers[one.employer] = number
            return number
        }
        limit = plan.experts.map(\.load)
        if let named = plan.groups {
            // A made-up plan may have no group at all; then nobody may judge anything.
            let groups = named.isEmpty ? [[]] : named
            lists = groups.map { $0.filter { plan.experts.indices.contains($0) } }
            list = plan.items.map { min(max(0, $0.group ?? 0), groups.count - 1) }
            except = plan.items.map { $0.except ?? [] }
        } else {
            let places = Dictionary(
                plan.experts.enumerated().map { ($1.expert, $0) }, uniquingKeysWith: { first, _ in first })
            lists = plan.items.map { $0.eligible.compactMap { places[$0] } }
            list = Array(plan.items.indices)
            except = plan.items.map { _ in [] }
        }
        load = plan.experts.map { _ in 0 }
        drawn = plan.items.map { _ in [] }
        held = plan.experts.map { _ in [] }
        isDead = plan.items.map { _ in false }
        ordered = lists.map { _ in nil }
        marks = Marks(experts: plan.experts.count, employers: numbers.count)
    }

    mutating func results() -> [DrawProtocol.Result] {
        let items = stream.shuffled(Array(plan.items.indices))
        let experts = stream.shuffled(Array(plan.experts.indices))
        itemPlace = DrawRun.places(items)
        expertPlace = DrawRun.places(experts)
        // One seat of every item before the second of any, so that a shortage is shared.
        // An item cannot have more experts than there are, whatever number a made-up plan names.
        for _ in 0..<max(0, min(plan.wanted, plan.experts.count)) {
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
        guard !isDead[item] else { return }
        for apart in [true, false] {
            if pick(item, apart: apart) || exchange(item, apart: apart) { return }
        }
    }

    /// Whether an expert may join an item that loses another.
    private func fits(_ expert: Int, _ item: Int, losing lost: Int?, apart: Bool) -> Bool {
        guard !drawn[item].contains(expert), !except[item].contains(expert) else { return false }
        guard apart, employer[expert] != 0 else { return true }
        return !drawn[item].contains { $0 != lost && employer[$0] == employer[expert] }
    }

    /// Marks who cannot join an item: those who may not, who are on it and, to stay apart, who share an employer.
    private mutating func mark(_ item: Int, apart: Bool) {
        marks.begin()
        for expert in except[item] { marks.bar(expert) }
        for expert in drawn[item] {
            marks.bar(expert)
            if apart, employer[expert] != 0 { marks.take(employer[expert]) }
        }
    }

    /// Draws one of those with the fewest items so far.
    private mutating func pick(_ item: Int, apart: Bool) -> Bool {
        mark(item, apart: apart)
        var fewest = Int.max
        var least: [Int] = []
        for expert in lists[list[item]] {
            let given = load[expert]
            guard given <= fewest, given < limit[expert], marks.allow(expert, employer[expert]) else { continue }
            if given < fewest {
                fewest = given
                least.removeAll(keepingCapacity: true)
            }
            least.append(expert)
        }
        guard !least.isEmpty else { return false }
        let expert = least[stream.below(least.count)]
        drawn[item].append(expert)
        held[expert].append(item)
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
            for expert in inShuffledOrder(list[current])
            where fits(expert, current, losing: cameFrom[current]?.lost, apart: apart) {
                if load[expert] < limit[expert] {
                    shift(expert, into: current, cameFrom)
                    return true
                }
                guard seenExperts.insert(expert).inserted else { continue }
                for holder in held[expert].sorted(by: { itemPlace[$0] < itemPlace[$1] })
                where seenItems.insert(holder).inserted {
                    cameFrom[holder] = (current, expert)
                    queue.append(holder)
                }
            }
        }
        if !apart { for item in queue { isDead[item] = true } }
        return false
    }

    private mutating func inShuffledOrder(_ place: Int) -> [Int] {
        if let known = ordered[place] { return known }
        let sorted = lists[place].sorted { expertPlace[$0] < expertPlace[$1] }
        ordered[place] = sorted
        return sorted
    }

    private mutating func shift(_ free: Int, into item: Int, _ cameFrom: [Int: (item: Int, lost: Int)]) {
        load[free] += 1
        var gained = free
        var current = item
        while let (before, lost) = cameFrom[current] {
            drawn[current] = drawn[current].map { $0 == lost ? gained : $0 }
            held[gained].append(current)
            held[lost].removeAll { $0 == current }
            gained = lost
            current = before
        }
        drawn[current].append(gained)
        held[gained].append(current)
    }

    private mutating func result(_ item: Int) -> DrawProtocol.Result {
        let most = max(0, plan.reserves)
        let eligible = lists[list[item]].count - except[item].count
        let order = plan.groups == nil ? shuffledReserves(item) : someReserves(item, most)
        let missing = max(0, plan.wanted - drawn[item].count)
        return DrawProtocol.Result(
            item: plan.items[item].item, drawn: drawn[item].map { plan.experts[$0].expert },
            reserves: order.prefix(most).map { plan.experts[$0].expert }, missing: missing,
            shortage: missing == 0 ? nil : eligible < plan.wanted ? .tooFewEligible : .loadLimit)
    }

    /// First those who have room and another employer, then those who have room, then the others.
    private mutating func classes(_ item: Int, _ rest: [Int]) -> (apart: [Int], roomy: [Int], full: [Int]) {
        mark(item, apart: true)
        var (apart, roomy, full): ([Int], [Int], [Int]) = ([], [], [])
        for expert in rest {
            if load[expert] >= limit[expert] {
                full.append(expert)
            } else if marks.allow(expert, employer[expert]) {
                apart.append(expert)
            } else {
                roomy.append(expert)
            }
        }
        return (apart, roomy, full)
    }

    private mutating func shuffledReserves(_ item: Int) -> [Int] {
        let rest = stream.shuffled(lists[list[item]].filter { !drawn[item].contains($0) })
        let (apart, roomy, full) = classes(item, rest)
        return apart + roomy + full
    }

    /// As many as are wanted, from each class in turn: a shuffle of everybody would take most of a large draw.
    private mutating func someReserves(_ item: Int, _ most: Int) -> [Int] {
        mark(item, apart: false)
        let rest = lists[list[item]].filter { marks.allow($0, 0) }
        let (apart, roomy, full) = classes(item, rest)
        var taken = stream.some(most, of: apart)
        taken += stream.some(most - taken.count, of: roomy)
        taken += stream.some(most - taken.count, of: full)
        return taken
    }
}

/// Who is out of the question for the moment: cleared by counting on.
private struct Marks {
    private var now = 0
    private var experts: [Int]
    private var employers: [Int]

    init(experts: Int, employers: Int) {
        self.experts = Array(repeating: 0, count: experts)
        self.employers = Array(repeating: 0, count: employers)
    }

    mutating func begin() { now += 1 }
    mutating func bar(_ expert: Int) { if experts.indices.contains(expert) { experts[expert] = now } }
    mutating func take(_ employer: Int) { employers[employer] = now }
    func allow(_ expert: Int, _ employer: Int) -> Bool { experts[expert] != now && employers[employer] != now }
}
