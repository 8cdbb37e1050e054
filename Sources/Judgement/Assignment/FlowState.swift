/// Who judges what at some moment of a solve, with the prices that prove it: shared by both solvers.
final class FlowState {
    let arcs: SparseArcs
    /// Units that one pair may carry.
    let capacity: Int32
    /// What an empty seat costs; above any gain that a chain of moves could bring.
    let penalty: Int64

    /// Units that an application still waits for, and those it goes without.
    let wanting: UnsafeMutablePointer<Int32>
    let unfilled: UnsafeMutablePointer<Int32>
    /// Units that an expert can still take.
    let room: UnsafeMutablePointer<Int32>
    /// The price of an expert's seat, ≥ 0, and 0 where there is room.
    let prices: UnsafeMutablePointer<Int64>
    /// What an application's last seat is worth to it at these prices.
    let worth: UnsafeMutablePointer<Int64>
    /// Units on each arc.
    let flow: UnsafeMutablePointer<Int32>

    struct Seat {
        var application: Int32
        var arc: Int32
    }
    /// The arcs in use of each expert, in no order that matters.
    let list: UnsafeMutablePointer<Seat>
    let listStart: UnsafeMutablePointer<Int32>
    let listCount: UnsafeMutablePointer<Int32>

    /// - Parameters:
    ///   - demand: units by the caller's number of an application.
    ///   - load: units by the caller's number of an expert.
    init(_ arcs: SparseArcs, demand: [Int32], load: [Int32], capacity: Int32, penalty: Int64) {
        self.arcs = arcs
        self.capacity = capacity
        self.penalty = penalty
        let (applications, experts) = (arcs.applications, arcs.experts)
        wanting = .filled(applications, 0)
        unfilled = .filled(applications, 0)
        room = .filled(experts, 0)
        prices = .filled(experts, 0)
        worth = .filled(applications, 0)
        flow = .filled(arcs.count, 0)
        listStart = .filled(experts + 1, 0)
        listCount = .filled(experts, 0)
        for index in 0..<arcs.count { listCount[SparseArcs.expert(arcs.words[index])] += 1 }
        for (ours, theirs) in arcs.expertNames.enumerated() {
            listStart[ours + 1] = listStart[ours] + min(listCount[ours], load[Int(theirs)] + 1)
        }
        list = .filled(Int(listStart[experts]), Seat(application: 0, arc: 0))
        empty(demand: demand, load: load)
    }

    /// Takes all seats back.
    func empty(demand: [Int32], load: [Int32]) {
        for (ours, theirs) in arcs.applicationNames.enumerated() {
            wanting[ours] = demand[Int(theirs)]
            unfilled[ours] = 0
            worth[ours] = 0
        }
        for (ours, theirs) in arcs.expertNames.enumerated() {
            room[ours] = load[Int(theirs)]
            prices[ours] = 0
            listCount[ours] = 0
        }
        for index in 0..<arcs.count {
            arcs.words[index] &= ~SparseArcs.full
            flow[index] = 0
        }
    }

    deinit {
        for pointer in [wanting, unfilled, room, flow, listStart, listCount] { pointer.deallocate() }
        prices.deallocate()
        worth.deallocate()
        list.deallocate()
    }

    @inline(__always)
    func add(_ units: Int32, application: Int, arc: Int) {
        let expert = SparseArcs.expert(arcs.words[arc])
        if flow[arc] == 0 {
            list[Int(listStart[expert] + listCount[expert])] = Seat(application: Int32(application), arc: Int32(arc))
            listCount[expert] += 1
        }
        flow[arc] += units
        if flow[arc] == capacity { arcs.words[arc] |= SparseArcs.full }
    }

    @inline(__always)
    func remove(_ units: Int32, expert: Int, place: Int) {
        let first = Int(listStart[expert])
        let arc = Int(list[first + place].arc)
        flow[arc] -= units
        arcs.words[arc] &= ~SparseArcs.full
        if flow[arc] == 0 {
            listCount[expert] -= 1
            list[first + place] = list[first + Int(listCount[expert])]
        }
    }
}

extension UnsafeMutablePointer {
    /// Fresh memory for `count` values, all alike. The caller gives it back.
    static func filled(_ count: Int, _ value: Pointee) -> Self {
        let memory = allocate(capacity: Swift.max(count, 1))
        memory.initialize(repeating: value, count: Swift.max(count, 1))
        return memory
    }
}

extension FlowState {
    /// Sum of the scores of all units placed.
    var objective: Int128 {
        var sum: Int128 = 0
        for index in 0..<arcs.count where flow[index] > 0 {
            sum += Int128(SparseArcs.score(arcs.words[index])) * Int128(flow[index])
        }
        return sum
    }

    /// Units that nobody takes.
    var unfilledUnits: Int {
        var sum = 0
        for application in 0..<arcs.applications { sum += Int(unfilled[application]) }
        return sum
    }

    /// The least that the prices prove: no assignment at all scores more, empty seats counted at the penalty. Needs
    /// nothing but the prices, so that anybody can add it up: all loads at their prices, and for each application the
    /// best that its demand can buy.
    func bound(demand: [Int32], load: [Int32]) -> Int128 {
        var sum: Int128 = 0
        for expert in 0..<arcs.experts {
            sum += Int128(max(0, prices[expert])) * Int128(load[Int(arcs.expertNames[expert])])
        }
        for application in 0..<arcs.applications {
            // A seat's worth at the margin; whatever is better than that is taken in full.
            let seats = demand[Int(arcs.applicationNames[application])]
            if seats == 0 { continue }
            let own = max(worth[application], -penalty)
            sum += Int128(own) * Int128(seats)
            for index in Int(arcs.start[application])..<Int(arcs.start[application + 1]) {
                let word = arcs.words[index]
                let gain = SparseArcs.score(word) - own - max(0, prices[SparseArcs.expert(word)])
                if gain > 0 { sum += Int128(gain) * Int128(capacity) }
            }
        }
        return sum
    }

    /// Applications and experts that an empty seat could reach by moves, whatever they cost: full experts that together
    /// are too few for their applications. An expert with room among them means that a seat is empty without need.
    func reach() -> (applications: [Bool], experts: [Bool], hasRoom: Bool) {
        var (applications, experts) = (
            [Bool](repeating: false, count: arcs.applications), [Bool](repeating: false, count: arcs.experts)
        )
        var hasRoom = false
        var stack = (0..<arcs.applications).filter { unfilled[$0] > 0 }
        for application in stack { applications[application] = true }
        while let application = stack.popLast() {
            for index in Int(arcs.start[application])..<Int(arcs.start[application + 1]) {
                let word = arcs.words[index]
                let expert = SparseArcs.expert(word)
                guard word & SparseArcs.full == 0, !experts[expert] else { continue }
                experts[expert] = true
                if room[expert] > 0 { hasRoom = true }
                let first = Int(listStart[expert])
                for place in 0..<Int(listCount[expert]) {
                    let other = Int(list[first + place].application)
                    if !applications[other] {
                        applications[other] = true
                        stack.append(other)
                    }
                }
            }
        }
        return (applications, experts, hasRoom)
    }
}
