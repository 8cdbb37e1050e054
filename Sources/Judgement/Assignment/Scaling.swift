/// Cost scaling (Goldberg and Tarjan) made for this shape of network: prices are first right to within a wide margin,
/// then to within an ever narrower one, until no cheaper round of moves is left. An application that seeks bids for its
/// best expert just over what the second best would give it; an expert over its load lets the seat go that is worth
/// least, at the price of the next. Experts look only at the seats they hold, applications at their best arcs.
///
/// Exact, and steady where loads are tight. Takes over from ``Augmenting`` past its budget.
struct Scaling: ~Copyable {
    let arcs: SparseArcs
    let state: FlowState
    private(set) var work = 0

    /// Scores are multiplied by this, so that a margin of one cannot hide a cheaper cycle.
    let grain: Int64
    var margin: Int64 = 0
    /// Prices of experts and worth of applications, in grains; the price of the sink moves too.
    let price: UnsafeMutablePointer<Int64>
    let worth: UnsafeMutablePointer<Int64>
    var sinkPrice: Int64 = 0
    /// Units that came into a node beyond those that left it.
    let applicationExcess: UnsafeMutablePointer<Int32>
    let expertExcess: UnsafeMutablePointer<Int32>
    var sinkExcess = 0
    /// Units that an expert sends to the sink, and may send.
    let sent: UnsafeMutablePointer<Int32>
    let load: UnsafeMutablePointer<Int32>
    private var queue: Ring
    /// No price is below this.
    private var cheapest: Int64 = 0
    private var isDraining = false
    /// What the sink could give back at its price: experts, and applications as their complement. Complete when made,
    /// and it only shrinks, because prices only rise.
    private var returns: [Int32] = []
    private var nextReturn = 0

    /// What an empty seat costs here, in grains.
    let penalty: Int64

    /// - Parameter emptySeat: what an empty seat costs; far less than the state's penalty keeps prices low.
    init(_ state: FlowState, load loads: [Int32], emptySeat: Int64) {
        self.state = state
        arcs = state.arcs
        grain = Int64(2 * min(arcs.applications, arcs.experts) + 3)
        penalty = emptySeat * grain
        price = .filled(arcs.experts, 0)
        worth = .filled(arcs.applications, 0)
        applicationExcess = .filled(arcs.applications, 0)
        expertExcess = .filled(arcs.experts, 0)
        sent = .filled(arcs.experts, 0)
        load = .filled(arcs.experts, 0)
        queue = Ring(arcs.applications)
        for expert in 0..<arcs.experts {
            load[expert] = loads[Int(arcs.expertNames[expert])]
            sent[expert] = load[expert] - state.room[expert]
            price[expert] = state.prices[expert] * grain
        }
        // Every unit asked for ends at the sink: what is filled is there already, the rest it lacks.
        for application in 0..<arcs.applications { sinkExcess -= Int(state.wanting[application]) }
        for application in 0..<arcs.applications {
            applicationExcess[application] = state.wanting[application]
            worth[application] = state.worth[application] * grain
        }
    }

    deinit {
        for pointer in [price, worth] { pointer.deallocate() }
        for pointer in [applicationExcess, expertExcess, sent, load] { pointer.deallocate() }
    }

    mutating func run(first: Int64, factor: Int64 = 8) {
        margin = first
        for application in 0..<arcs.applications where applicationExcess[application] > 0 {
            // Nothing that an application without its seats sees may look better than its worth by more than the
            // margin.
            worth[application] = max(worth[application], best(application) - margin)
        }
        while true {
            begin()
            drain()
            if margin == 1 { break }
            margin = max(1, margin / factor)
        }
    }

    private func best(_ application: Int) -> Int64 {
        var best = -penalty - sinkPrice
        for index in Int(arcs.start[application])..<Int(arcs.start[application + 1]) {
            let word = arcs.words[index]
            if word & SparseArcs.full == 0 {
                best = max(best, SparseArcs.score(word) * grain - price[SparseArcs.expert(word)])
            }
        }
        return best
    }

    /// Fills every arc that the narrower margin forbids to leave open, and empties those that it forbids to keep.
    private mutating func begin() {
        for application in 0..<arcs.applications {
            var excess = applicationExcess[application]
            let own = worth[application]
            for index in Int(arcs.start[application])..<Int(arcs.start[application + 1]) {
                let word = arcs.words[index]
                let score = SparseArcs.score(word) * grain
                let expert = SparseArcs.expert(word)
                let reduced = own + price[expert] - score
                if reduced < -margin, word & SparseArcs.full == 0 {
                    let units = state.capacity - state.flow[index]
                    state.add(units, application: application, arc: index)
                    excess -= units
                    expertExcess[expert] += units
                    // At once, so that no expert's list outgrows its load.
                    applicationExcess[application] = excess
                    if expertExcess[expert] > 0 { release(expert) }
                    excess = applicationExcess[application]
                } else if reduced > margin, state.flow[index] > 0 {
                    let units = state.flow[index]
                    remove(units, expert: expert, arc: index)
                    excess += units
                    expertExcess[expert] -= units
                }
            }
            let unfilled = state.unfilled[application]
            if unfilled > 0, own + penalty + sinkPrice > margin {
                state.unfilled[application] = 0
                excess += unfilled
                sinkExcess -= Int(unfilled)
            }
            applicationExcess[application] = excess
        }
        for application in 0..<arcs.applications where applicationExcess[application] > 0 {
            queue.push(Int32(application))
        }
        work += arcs.count
        returns.removeAll(keepingCapacity: true)
        nextReturn = 0
        cheapest = price[0]
        for expert in 0..<arcs.experts { cheapest = min(cheapest, price[expert]) }
        for expert in 0..<arcs.experts {
            if price[expert] - sinkPrice > margin, sent[expert] < load[expert] {
                send(load[expert] - sent[expert], expert)
            } else if price[expert] - sinkPrice < -margin, sent[expert] > 0 {
                send(-sent[expert], expert)
            }
        }
    }

    private mutating func remove(_ units: Int32, expert: Int, arc: Int) {
        let first = Int(state.listStart[expert])
        var place = 0
        while Int(state.list[first + place].arc) != arc { place += 1 }
        state.remove(units, expert: expert, place: place)
    }

    @inline(__always)
    private mutating func send(_ units: Int32, _ expert: Int) {
        sent[expert] += units
        expertExcess[expert] -= units
        sinkExcess += Int(units)
    }

    private mutating func drain() {
        isDraining = true
        defer { isDraining = false }
        for expert in 0..<arcs.experts where expertExcess[expert] > 0 { release(expert) }
        while true {
            while let application = queue.pop() {
                while applicationExcess[Int(application)] > 0 { bid(Int(application)) }
            }
            if sinkExcess <= 0 { break }
            releaseSink()
        }
    }

    private mutating func bid(_ application: Int) {
        let (words, price, grain, cheapest) = (arcs.words, price, grain, cheapest)
        var (first, second) = (-penalty - sinkPrice, Int64.min)
        var at = -1
        let (from, end) = (Int(arcs.start[application]), Int(arcs.start[application + 1]))
        var index = from
        while index < end {
            let word = words[index]
            let score = SparseArcs.score(word) * grain
            if score - cheapest <= second { break }
            if word & SparseArcs.full == 0 {
                let value = score - price[SparseArcs.expert(word)]
                if value > first {
                    second = first
                    first = value
                    at = index
                } else if value > second {
                    second = value
                }
            }
            index += 1
        }
        work += index - from + 1
        let excess = applicationExcess[application]
        if at < 0 {
            worth[application] = first - margin
            state.unfilled[application] += excess
            applicationExcess[application] = 0
            sinkExcess += Int(excess)
        } else {
            let left = state.capacity - state.flow[at]
            let units = min(excess, left)
            // An arc that keeps capacity bounds the worth itself.
            worth[application] = (units < left ? first : second) - margin
            let expert = SparseArcs.expert(words[at])
            state.add(units, application: application, arc: at)
            applicationExcess[application] = excess - units
            expertExcess[expert] += units
            if expertExcess[expert] > 0 { release(expert) }
        }
    }

    /// An expert with more than it may hold lets go what is worth least, to the sink or back to an application.
    private mutating func release(_ expert: Int) {
        let first = Int(state.listStart[expert])
        while expertExcess[expert] > 0 {
            let count = Int(state.listCount[expert])
            var (least, next) = (Int64.max, Int64.max)
            var at = -1
            if sent[expert] < load[expert] { least = sinkPrice }
            for place in 0..<count {
                let seat = state.list[first + place]
                let key = SparseArcs.score(arcs.words[Int(seat.arc)]) * grain - worth[Int(seat.application)]
                if key < least {
                    next = least
                    least = key
                    at = place
                } else if key < next {
                    next = key
                }
            }
            work += count
            if at < 0 {
                let left = load[expert] - sent[expert]
                let units = min(expertExcess[expert], left)
                price[expert] = (units < left || next == Int64.max ? least : next) + margin
                send(units, expert)
            } else {
                let seat = state.list[first + at]
                let held = state.flow[Int(seat.arc)]
                let units = min(expertExcess[expert], held)
                price[expert] = (units < held || next == Int64.max ? least : next) + margin
                state.remove(units, expert: expert, place: at)
                expertExcess[expert] -= units
                let application = Int(seat.application)
                give(units, application)
            }
        }
    }

    /// The sink has more than all seats asked for: it gives back where that costs least.
    private mutating func releaseSink() {
        while sinkExcess > 0 {
            if nextReturn == returns.count { raiseSink() }
            let node = returns[nextReturn]
            let index = Int(node >= 0 ? node : ~node)
            let held = node >= 0 ? sent[index] : state.unfilled[index]
            let key = node >= 0 ? price[index] : -penalty - worth[index]
            guard held > 0, key < sinkPrice else {
                nextReturn += 1
                continue
            }
            let units = Int32(min(sinkExcess, Int(held)))
            if node >= 0 {
                send(-units, index)
                if expertExcess[index] > 0 { release(index) }
            } else {
                state.unfilled[index] -= units
                sinkExcess -= Int(units)
                give(units, index)
            }
        }
    }

    /// Lifts the sink's price to just over the cheapest return, and lists all that it now could give back.
    private mutating func raiseSink() {
        var least = Int64.max
        for expert in 0..<arcs.experts where sent[expert] > 0 { least = min(least, price[expert]) }
        for application in 0..<arcs.applications where state.unfilled[application] > 0 {
            least = min(least, -penalty - worth[application])
        }
        sinkPrice = max(sinkPrice, least + margin)
        returns.removeAll(keepingCapacity: true)
        nextReturn = 0
        for expert in 0..<arcs.experts where sent[expert] > 0 && price[expert] < sinkPrice {
            returns.append(Int32(expert))
        }
        for application in 0..<arcs.applications
        where state.unfilled[application] > 0 && -penalty - worth[application] < sinkPrice {
            returns.append(~Int32(application))
        }
    }

    @inline(__always)
    private mutating func give(_ units: Int32, _ application: Int) {
        let before = applicationExcess[application]
        applicationExcess[application] = before + units
        if isDraining, before <= 0, before + units > 0 { queue.push(Int32(application)) }
    }
}

/// First in, first out; holds each application at most once.
struct Ring {
    private var items: [Int32]
    private var isIn: [Bool]
    private var head = 0
    private var size = 0

    init(_ capacity: Int) {
        items = Array(repeating: 0, count: max(capacity, 1))
        isIn = Array(repeating: false, count: max(capacity, 1))
    }

    @inline(__always)
    mutating func push(_ item: Int32) {
        if isIn[Int(item)] { return }
        isIn[Int(item)] = true
        var tail = head + size
        if tail >= items.count { tail -= items.count }
        items[tail] = item
        size += 1
    }

    @inline(__always)
    mutating func pop() -> Int32? {
        guard size > 0 else { return nil }
        let item = items[head]
        isIn[Int(item)] = false
        head = head + 1 == items.count ? 0 : head + 1
        size -= 1
        return item
    }
}
