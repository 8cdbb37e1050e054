/// The exact search: everything of at least a wanted value, and nothing else.
///
/// With prices λ every choice is worth L − (losses of the items that stand against their price) − λ(unused limits), and
/// all three are known step by step. So a part that has lost more than L − wanted can be dropped: whatever follows
/// loses more. Parts that use the same of every limit are one state; of two that differ in the last limit alone, the
/// one that uses more and is worth no more is dropped.
struct PortfolioSearch {
    /// The best that was found.
    struct Found: Hashable {
        /// Places among the free items, ascending.
        var chosen: [Int]
        var value: Int64
        /// How many choices share value and cost.
        var count: Int
    }

    /// Scaled; no choice is worth more.
    let bound: Int128
    private let question: PortfolioRows
    private let costs: [Int64]
    private let prices: [Int128]
    /// What each item is worth above its price, scaled.
    private let margin: [Int128]
    /// What the limits leave when every item stands as its price says.
    private let slack: [Int64]
    private let value: Int64
    private(set) var work = 0
    /// Whether states had to be thrown away.
    private(set) var isCut = false
    private let effort: Int

    /// - Parameter costs: of the free items; among equal values the least cost wins.
    init(_ question: PortfolioRows, _ prices: [Int128], costs: [Int64], effort: Int) {
        self.question = question
        self.prices = prices
        self.costs = costs
        self.effort = effort
        var margin: [Int128] = []
        var slack = question.limits
        var (bound, value): (Int128, Int64) = (0, 0)
        for place in question.items.indices {
            var worth = Int128(question.values[place]) * PortfolioPrices.scale
            for row in prices.indices { worth -= prices[row] * Int128(question.rows[row][place]) }
            margin.append(worth)
            guard worth > 0 else { continue }
            bound += worth
            value += question.values[place]
            for row in slack.indices { slack[row] -= question.rows[row][place] }
        }
        for row in prices.indices { bound += prices[row] * Int128(question.limits[row]) }
        (self.margin, self.slack, self.bound, self.value) = (margin, slack, bound, value)
    }

    /// States side by side: what each uses, in order of use; what it is worth; what it lost; how it came about.
    private struct States {
        var used: [Int64] = []
        var value: [Int64] = []
        var loss: [Int128] = []
        var trail: [Int32] = []
        var count: [Int] = []

        init(_ like: Int) {
            value.reserveCapacity(like)
            loss.reserveCapacity(like)
            trail.reserveCapacity(like)
            count.reserveCapacity(like)
        }
    }

    /// The steps against the price that led to a state.
    private struct Trails {
        var parent: [Int32] = []
        var item: [Int32] = []

        mutating func add(_ item: Int, after parent: Int32) -> Int32 {
            self.parent.append(parent)
            self.item.append(Int32(item))
            return Int32(self.item.count - 1)
        }

        func items(_ end: Int32) -> Set<Int> {
            var (found, place): (Set<Int>, Int32) = ([], end)
            while place >= 0 {
                found.insert(Int(item[Int(place)]))
                place = parent[Int(place)]
            }
            return found
        }
    }

    /// The best choice worth at least `wanted`; nil where there is none, or where states had to be thrown away.
    mutating func best(wanted: Int64) -> Found? {
        let room = bound - Int128(wanted) * PortfolioPrices.scale
        guard room >= 0 else { return nil }
        let width = slack.count
        let order = margin.indices.filter { margin[$0].magnitude <= room.magnitude }
            .sorted { (margin[$1].magnitude, $0) < (margin[$0].magnitude, $1) }
        var least = [Int64](repeating: 0, count: width)
        var most = least
        for item in order {
            for row in 0..<width {
                let step = self.step(item, row)
                least[row] += min(0, step)
                most[row] += max(0, step)
            }
        }
        work += 1
        let none = [Int64](repeating: 0, count: width)
        guard stands(none, 0, Reach(room: room, least: least, most: most)) else { return nil }
        var trails = Trails()
        var states = States(1)
        states.used = none
        (states.value, states.loss, states.trail, states.count) = ([value], [0], [-1], [1])
        for item in order {
            let steps = (0..<width).map { step(item, $0) }
            for row in 0..<width {
                least[row] -= min(0, steps[row])
                most[row] -= max(0, steps[row])
            }
            states = merged(states, item, steps, Reach(room: room, least: least, most: most), &trails)
            work += states.value.count + 1
            if states.value.count > effort / 12 { thin(&states) }
            guard !states.value.isEmpty, work <= effort else {
                if !states.value.isEmpty { isCut = true }
                return nil
            }
        }
        return finish(states, trails)
    }

    /// What turning an item against its price changes of a limit's use.
    private func step(_ item: Int, _ row: Int) -> Int64 {
        margin[item] > 0 ? -question.rows[row][item] : question.rows[row][item]
    }

    /// What the items still to come can change.
    private struct Reach {
        let room: Int128
        let least: [Int64]
        let most: [Int64]
    }

    /// States with and without an item turned, in order; two ordered lists make one.
    private func merged(
        _ old: States, _ item: Int, _ steps: [Int64], _ reach: Reach, _ trails: inout Trails
    ) -> States {
        let width = slack.count
        let gain = margin[item] > 0 ? -question.values[item] : question.values[item]
        let lost = Int128(margin[item].magnitude)
        var new = States(old.value.count * 2)
        var use = [Int64](repeating: 0, count: width)
        var (plain, turned) = (0, 0)
        let count = old.value.count
        while plain < count || turned < count {
            let takesPlain = turned >= count || (plain < count && isFirst(old.used, plain, turned, steps))
            let from = takesPlain ? plain : turned
            for row in 0..<width { use[row] = old.used[from * width + row] + (takesPlain ? 0 : steps[row]) }
            if takesPlain { plain += 1 } else { turned += 1 }
            let loss = old.loss[from] + (takesPlain ? 0 : lost)
            guard stands(use, loss, reach) else { continue }
            let value = old.value[from] + (takesPlain ? 0 : gain)
            add(
                (use, value, loss, old.trail[from], old.count[from]), turning: takesPlain ? nil : item, &new, &trails)
        }
        return new
    }

    private func isFirst(_ used: [Int64], _ plain: Int, _ turned: Int, _ steps: [Int64]) -> Bool {
        let width = steps.count
        for row in 0..<width {
            let (left, right) = (used[plain * width + row], used[turned * width + row] + steps[row])
            if left != right { return left < right }
        }
        return true
    }

    /// Whether a state can still become a choice that keeps the limits and loses no more than there is room.
    private func stands(_ use: [Int64], _ loss: Int128, _ reach: Reach) -> Bool {
        var loss = loss
        guard loss <= reach.room else { return false }
        for row in use.indices {
            guard use[row] + reach.least[row] <= slack[row] else { return false }
            let unused = slack[row] - use[row] - reach.most[row]
            if unused > 0 { loss += prices[row] * Int128(unused) }
        }
        return loss <= reach.room
    }

    private func add(
        _ state: (use: [Int64], value: Int64, loss: Int128, trail: Int32, count: Int), turning item: Int?,
        _ new: inout States, _ trails: inout Trails
    ) {
        let width = state.use.count
        let last = new.value.count - 1
        var replaces = false
        if last >= 0, (0..<max(0, width - 1)).allSatisfy({ new.used[last * width + $0] == state.use[$0] }) {
            let isSame = width == 0 || new.used[last * width + width - 1] == state.use[width - 1]
            if isSame, new.value[last] == state.value {
                new.count[last] = Self.sum(new.count[last], state.count)
                var own = trails.items(state.trail)
                if let item { own.insert(item) }
                guard comesFirst(own, trails.items(new.trail[last])) else { return }
                new.trail[last] = item.map { trails.add($0, after: state.trail) } ?? state.trail
                return
            }
            if new.value[last] >= state.value { return }
            replaces = isSame
        }
        let trail = item.map { trails.add($0, after: state.trail) } ?? state.trail
        if replaces {
            (new.value[last], new.loss[last]) = (state.value, state.loss)
            (new.trail[last], new.count[last]) = (trail, state.count)
        } else {
            new.used.append(contentsOf: state.use)
            new.value.append(state.value)
            new.loss.append(state.loss)
            new.trail.append(trail)
            new.count.append(state.count)
        }
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isOver) = left.addingReportingOverflow(right)
        return isOver ? Int.max : sum
    }

    /// Of two choices, the one that has the first item in which they differ comes first.
    private func comesFirst(_ left: Set<Int>, _ right: Set<Int>) -> Bool {
        guard let item = left.symmetricDifference(right).min() else { return false }
        return left.contains(item) != (margin[item] > 0)
    }

    /// Keeps the states that lost least. What is found then may not be the best.
    private mutating func thin(_ states: inout States) {
        isCut = true
        let most = effort / 24
        let edge = states.loss.sorted()[most]
        let width = slack.count
        var kept = States(most)
        for place in states.value.indices where states.loss[place] < edge {
            kept.used.append(contentsOf: states.used[place * width..<(place + 1) * width])
            kept.value.append(states.value[place])
            kept.loss.append(states.loss[place])
            kept.trail.append(states.trail[place])
            kept.count.append(states.count[place])
        }
        states = kept
    }

    private func finish(_ states: States, _ trails: Trails) -> Found? {
        guard let top = states.value.max() else { return nil }
        var (found, cost): (Found?, Int64) = (nil, 0)
        for place in states.value.indices where states.value[place] == top {
            let turned = trails.items(states.trail[place])
            let chosen = margin.indices.filter { (margin[$0] > 0) != turned.contains($0) }
            let own = chosen.reduce(Int64(0)) { $0 + costs[$1] }
            guard let other = found, own >= cost else {
                (found, cost) = (Found(chosen: chosen, value: top, count: states.count[place]), own)
                continue
            }
            guard own == cost else { continue }
            let isBetter = chosen.lexicographicallyPrecedes(other.chosen)
            found = Found(
                chosen: isBetter ? chosen : other.chosen, value: top,
                count: Self.sum(other.count, states.count[place]))
        }
        return found
    }
}
