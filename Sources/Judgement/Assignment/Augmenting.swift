/// Successive shortest paths: seats are filled one at a time, each along the cheapest chain of moves, so that what is
/// filled so far is always the best possible. Prices keep all costs of moves at or above zero; the search sees only the
/// neighbourhood of a seat, and stops at the first expert with room that nothing nearer can beat.
///
/// Exact. Fast while there is room; when loads are tight, chains grow long, and ``run(budget:)`` gives up in favour of
/// ``Scaling``.
struct Augmenting: ~Copyable {
    let arcs: SparseArcs
    let state: FlowState
    /// Arcs looked at so far: the measure of work.
    private(set) var work = 0

    private let expertMarks: UnsafeMutablePointer<Mark>
    private let applicationMarks: UnsafeMutablePointer<Mark>
    private var heap = ChainHeap()
    private var reached: [Int32] = []
    private var round: Int32 = 0

    /// Where a search stands at a node: its distance, and the arc by which it was reached.
    private struct Mark {
        var distance: Int64 = 0
        var round: Int32 = 0
        /// At an expert the arc that leads to it, at an application the place in the list of the expert left.
        var via: Int32 = 0
        /// At an expert the application before, at an application the expert before.
        var from: Int32 = 0
        var isDone: Int32 = 0
    }

    init(_ state: FlowState) {
        arcs = state.arcs
        self.state = state
        expertMarks = .allocate(capacity: max(arcs.experts, 1))
        expertMarks.initialize(repeating: Mark(), count: max(arcs.experts, 1))
        applicationMarks = .allocate(capacity: max(arcs.applications, 1))
        applicationMarks.initialize(repeating: Mark(), count: max(arcs.applications, 1))
    }

    deinit {
        expertMarks.deallocate()
        applicationMarks.deallocate()
    }

    /// Fills all seats that are still to fill.
    /// - Parameter budget: how many arcs may be looked at.
    /// - Returns: false where the budget ran out first.
    mutating func run(budget: Int) -> Bool {
        for application in 0..<arcs.applications {
            while state.wanting[application] > 0 {
                if work > budget { return false }
                place(application)
            }
        }
        return true
    }

    /// One chain that starts at an application with an empty seat.
    private mutating func place(_ source: Int) {
        let (words, prices) = (arcs.words, state.prices)
        let (first, end) = (Int(arcs.start[source]), Int(arcs.start[source + 1]))
        // The best that this application can get at today's prices, an expert with room preferred among equals.
        var best = -state.penalty
        var at = -1
        var index = first
        while index < end {
            let word = words[index]
            let score = SparseArcs.score(word)
            if score < best || (score == best && at >= 0) { break }
            if word & SparseArcs.full == 0 {
                let expert = SparseArcs.expert(word)
                let value = score - prices[expert]
                if value > best || (value == best && at < 0) || (value == best && state.room[expert] > 0) {
                    best = value
                    at = state.room[expert] > 0 ? index : -1
                }
            }
            index += 1
        }
        work += index - first + 1
        state.worth[source] = best
        if at >= 0 {
            let expert = SparseArcs.expert(words[at])
            let units = min(state.wanting[source], state.room[expert], state.capacity - state.flow[at])
            state.add(units, application: source, arc: at)
            state.room[expert] -= units
            state.wanting[source] -= units
        } else if best == -state.penalty {
            state.unfilled[source] += state.wanting[source]
            state.wanting[source] = 0
        } else {
            search(source)
        }
    }

    private mutating func search(_ source: Int) {
        round += 1
        heap.clear()
        reached.removeAll(keepingCapacity: true)
        var goal = Goal(distance: state.worth[source] + state.penalty, application: source)
        applicationMarks[source] = Mark(distance: 0, round: round, via: -1, from: -1, isDone: 1)
        reached.append(~Int32(source))
        scan(source, 0, &goal)
        while let (distance, node) = heap.pop(), distance < goal.distance {
            if node >= 0 {
                let expert = Int(node)
                guard expertMarks[expert].distance == distance, expertMarks[expert].isDone == 0 else { continue }
                expertMarks[expert].isDone = 1
                reached.append(node)
                leave(expert, distance, &goal)
            } else {
                let application = Int(~node)
                let mark = applicationMarks[application]
                guard mark.distance == distance, mark.isDone == 0 else { continue }
                applicationMarks[application].isDone = 1
                reached.append(node)
                scan(application, distance, &goal)
            }
        }
        reprice(goal.distance)
        augment(source, goal)
    }

    private struct Goal {
        var distance: Int64
        /// The application that goes without, where no expert with room is nearer.
        var application: Int
        var expert = -1
    }

    /// Goes from an application to its candidates. Sorted arcs and prices of at least zero end the walk early.
    @inline(__always)
    private mutating func scan(_ application: Int, _ distance: Int64, _ goal: inout Goal) {
        let (words, prices, room, marks, round) = (arcs.words, state.prices, state.room, expertMarks, round)
        let base = distance + state.worth[application]
        let (first, end) = (Int(arcs.start[application]), Int(arcs.start[application + 1]))
        var index = first
        while index < end {
            let word = words[index]
            let lower = base - SparseArcs.score(word)
            if lower >= goal.distance { break }
            if word & SparseArcs.full == 0 {
                let expert = SparseArcs.expert(word)
                let next = lower + prices[expert]
                if next < goal.distance, marks[expert].round != round || next < marks[expert].distance {
                    marks[expert] = Mark(
                        distance: next, round: round, via: Int32(index), from: Int32(application), isDone: 0)
                    if room[expert] > 0 {
                        goal.distance = next
                        goal.expert = expert
                    } else {
                        heap.push(next, Int32(expert))
                    }
                }
            }
            index += 1
        }
        work += index - first + 1
    }

    /// Goes from a full expert back to the applications it judges: each might give its seat up.
    @inline(__always)
    private mutating func leave(_ expert: Int, _ distance: Int64, _ goal: inout Goal) {
        let base = distance - state.prices[expert]
        let first = Int(state.listStart[expert])
        let count = Int(state.listCount[expert])
        work += count
        for place in 0..<count {
            let seat = state.list[first + place]
            let application = Int(seat.application)
            let next = base + SparseArcs.score(arcs.words[Int(seat.arc)]) - state.worth[application]
            guard next < goal.distance else { continue }
            let mark = applicationMarks[application]
            guard mark.round != round || next < mark.distance else { continue }
            applicationMarks[application] = Mark(
                distance: next, round: round, via: Int32(place), from: Int32(expert), isDone: 0)
            let without = next + state.worth[application] + state.penalty
            if without < goal.distance {
                goal = Goal(distance: without, application: application)
            }
            if next == distance {
                applicationMarks[application].isDone = 1
                reached.append(~Int32(application))
                scan(application, next, &goal)
            } else {
                heap.push(next, ~Int32(application))
            }
        }
    }

    /// Moves prices so that the chain found costs nothing and no other move costs less than nothing.
    private mutating func reprice(_ distance: Int64) {
        for node in reached {
            if node >= 0 {
                state.prices[Int(node)] += distance - expertMarks[Int(node)].distance
            } else {
                state.worth[Int(~node)] -= distance - applicationMarks[Int(~node)].distance
            }
        }
    }

    private mutating func augment(_ source: Int, _ goal: Goal) {
        var units = state.wanting[source]
        if goal.expert >= 0 { units = min(units, state.room[goal.expert]) }
        walk(source, goal) { application, arc, expert, place in
            if arc >= 0 { units = min(units, state.capacity - state.flow[arc]) }
            if place >= 0 {
                units = min(units, state.flow[Int(state.list[Int(state.listStart[expert]) + place].arc)])
            }
        }
        state.wanting[source] -= units
        if goal.expert >= 0 { state.room[goal.expert] -= units } else { state.unfilled[goal.application] += units }
        walk(source, goal) { application, arc, expert, place in
            if place >= 0 { state.remove(units, expert: expert, place: place) }
            if arc >= 0 { state.add(units, application: application, arc: arc) }
        }
    }

    /// Visits the chain from its end: `body` gets an application with the arc that it gains, or an expert with the
    /// place in its list that loses; what does not apply is -1. Of one expert the loss comes before the gain.
    @inline(__always)
    private func walk(_ source: Int, _ goal: Goal, _ body: (Int, Int, Int, Int) -> Void) {
        var application = goal.application
        if goal.expert >= 0 {
            let mark = expertMarks[goal.expert]
            application = Int(mark.from)
            body(application, Int(mark.via), -1, -1)
        }
        while application != source {
            let mark = applicationMarks[application]
            let expert = Int(mark.from)
            body(-1, -1, expert, Int(mark.via))
            let before = expertMarks[expert]
            application = Int(before.from)
            body(application, Int(before.via), -1, -1)
        }
    }
}
