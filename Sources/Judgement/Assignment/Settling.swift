extension Scaling {
    /// Turns prices that are right to within a grain into whole ones that are exactly right, for the certificate. The
    /// flow is optimal, so that corrections run out.
    mutating func settle() {
        for expert in 0..<arcs.experts { price[expert] = floored(price[expert]) }
        for application in 0..<arcs.applications { worth[application] = floored(worth[application]) }
        sinkPrice = floored(sinkPrice)
        correct()
        for expert in 0..<arcs.experts {
            state.room[expert] = load[expert] - sent[expert]
            // Nobody sits there: any price from nothing up to the sink's is right where there is room.
            let isFree = sent[expert] == 0 && load[expert] > 0
            state.prices[expert] = isFree ? 0 : max(0, price[expert] - sinkPrice)
        }
        for application in 0..<arcs.applications {
            state.worth[application] = worth[application] + sinkPrice
            state.wanting[application] = 0
        }
    }

    private func floored(_ value: Int64) -> Int64 {
        value >= 0 ? value / grain : -((-value + grain - 1) / grain)
    }

    /// Bellman's corrections: whoever could still gain by a move has its price moved until nobody can.
    private mutating func correct() {
        var isDirty = [Bool](repeating: true, count: arcs.applications)
        var isMoved = true
        while isMoved {
            isMoved = false
            for application in 0..<arcs.applications where isDirty[application] {
                isDirty[application] = false
                correct(application, &isDirty)
                isMoved = true
            }
            if correctSink() {
                isMoved = true
                for expert in 0..<arcs.experts where sent[expert] > 0 && price[expert] < sinkPrice {
                    raise(expert, to: sinkPrice, &isDirty)
                }
                for application in 0..<arcs.applications where state.unfilled[application] > 0 {
                    if worth[application] > -penalty / grain - sinkPrice { isDirty[application] = true }
                }
            }
        }
    }

    private mutating func correct(_ application: Int, _ isDirty: inout [Bool]) {
        let (from, end) = (Int(arcs.start[application]), Int(arcs.start[application + 1]))
        var own = worth[application]
        if state.unfilled[application] > 0 { own = min(own, -penalty / grain - sinkPrice) }
        for index in from..<end where state.flow[index] > 0 {
            let word = arcs.words[index]
            own = min(own, SparseArcs.score(word) - price[SparseArcs.expert(word)])
        }
        worth[application] = own
        for index in from..<end {
            let word = arcs.words[index]
            if word & SparseArcs.full != 0 { continue }
            let needed = SparseArcs.score(word) - own
            if price[SparseArcs.expert(word)] < needed { raise(SparseArcs.expert(word), to: needed, &isDirty) }
        }
    }

    private func raise(_ expert: Int, to value: Int64, _ isDirty: inout [Bool]) {
        price[expert] = value
        let first = Int(state.listStart[expert])
        for place in 0..<Int(state.listCount[expert]) {
            let seat = state.list[first + place]
            let score = SparseArcs.score(arcs.words[Int(seat.arc)])
            if worth[Int(seat.application)] > score - value { isDirty[Int(seat.application)] = true }
        }
    }

    private mutating func correctSink() -> Bool {
        var needed = sinkPrice
        for expert in 0..<arcs.experts where sent[expert] < load[expert] { needed = max(needed, price[expert]) }
        for application in 0..<arcs.applications { needed = max(needed, -penalty / grain - worth[application]) }
        defer { sinkPrice = needed }
        return needed > sinkPrice
    }
}
