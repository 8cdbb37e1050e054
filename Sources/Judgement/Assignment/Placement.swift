/// A flow that is best for a request, before it is told as an assignment or as probabilities.
struct Placement {
    /// Units by candidate, for candidates that have any; rising.
    var units: [(candidate: Int, units: Int32)] = []
    /// Empty units by application.
    var unfilled: [Int32]
    var shortages: [Shortage] = []
    var certificate: Certificate

    /// The best flow.
    /// - Parameter explains: whether shortages are looked into.
    /// - Throws: ``AssignmentError``.
    static func best(
        _ request: AssignmentRequest, _ weight: Weighting = .plain, explains: Bool = true,
        budget: Int = Budget.augmenting
    ) throws(AssignmentError) -> Placement {
        let needsNetwork = !request.quotas.isEmpty || request.load.contains { $0.lowerBound > 0 }
        let largest = weight.largest(request.candidates)
        if needsNetwork || !SparseArcs.fits(largest) { return try byNetwork(request, weight, explains) }
        return try bySolver(request, weight, largest, explains, budget)
    }

    private static func byNetwork(
        _ request: AssignmentRequest, _ weight: Weighting, _ explains: Bool
    ) throws(AssignmentError) -> Placement {
        let model = try QuotaNetwork(request, weight)
        let solution = try model.network.solve()
        var placement = Placement(
            unfilled: model.emptyArcs.map { Int32(solution.flow[$0]) },
            certificate: Certificate(solver: .network, value: -solution.cost, bound: -solution.bound))
        for (candidate, arcs) in model.candidateArcs.enumerated() {
            let units = arcs.reduce(0) { $0 + solution.flow[$1] }
            if units > 0 { placement.units.append((candidate, Int32(units))) }
        }
        if explains { placement.shortages = model.shortages(solution) }
        return placement
    }

    private static func bySolver(
        _ request: AssignmentRequest, _ weight: Weighting, _ largest: Int64, _ explains: Bool, _ budget: Int
    ) throws(AssignmentError) -> Placement {
        let candidates = request.candidates
        let demand = request.demand.map { Int32($0) * weight.parts }
        let load = request.load.map { Int32($0.upperBound) * weight.parts }
        let chain = Int64(2 * (min(candidates.applications, candidates.experts) + 1))
        let (penalty, isOver) = largest.multipliedReportingOverflow(by: chain)
        guard !isOver, penalty < 1 << 60 else { throw .tooFine }
        let arcs = SparseArcs(candidates, slopes: weight.slopes)
        let state = FlowState(arcs, demand: demand, load: load, capacity: weight.capacity, penalty: penalty)
        var solver = Certificate.Solver.augmenting
        let grain = Int64(2 * min(candidates.applications, candidates.experts) + 3)
        let canScale = !penalty.multipliedReportingOverflow(by: grain * 4).overflow
        var augmenting = Augmenting(state)
        if !augmenting.run(budget: canScale ? arcs.count * budget : Int.max) {
            solver = .scaling
            state.empty(demand: demand, load: load)
            scale(state, load, largest)
        }
        let value = state.objective - Int128(penalty) * Int128(state.unfilledUnits)
        let certificate = Certificate(solver: solver, value: value, bound: state.bound(demand: demand, load: load))
        guard certificate.isOptimal else { throw .unproven }
        var placement = Placement(
            unfilled: Array(repeating: 0, count: candidates.applications), certificate: certificate)
        for application in 0..<candidates.applications {
            placement.unfilled[Int(arcs.applicationNames[application])] = state.unfilled[application]
        }
        placement.units = units(state, candidates)
        if explains { placement.shortages = Shortage.seats(in: state, penalty: penalty) }
        return placement
    }

    /// Cost scaling with as low a price on empty seats as still fills all that can be filled.
    private static func scale(_ state: FlowState, _ load: [Int32], _ largest: Int64) {
        var emptySeat = min(2 * largest, state.penalty)
        while true {
            var scaling = Scaling(state, load: load, emptySeat: emptySeat)
            scaling.run(first: max(1, emptySeat / 2) * scaling.grain)
            scaling.settle()
            let reach = state.reach()
            if !reach.hasRoom || emptySeat == state.penalty {
                // Behind an empty seat nothing has room: prices there may rise together to the full penalty.
                for expert in 0..<state.arcs.experts where reach.experts[expert] {
                    state.prices[expert] += state.penalty - emptySeat
                }
                for application in 0..<state.arcs.applications where reach.applications[application] {
                    state.worth[application] -= state.penalty - emptySeat
                }
                return
            }
            emptySeat = min(emptySeat * 16, state.penalty)
        }
    }

    private static func units(
        _ state: FlowState, _ candidates: borrowing Candidates
    ) -> [(candidate: Int, units: Int32)] {
        let arcs = state.arcs
        var place = [Int32](repeating: 0, count: candidates.applications)
        for (ours, theirs) in arcs.applicationNames.enumerated() { place[Int(theirs)] = Int32(ours) }
        var result: [(candidate: Int, units: Int32)] = []
        var found: [(expert: Int32, units: Int32)] = []
        for application in 0..<candidates.applications {
            found.removeAll(keepingCapacity: true)
            let ours = Int(place[application])
            for index in Int(arcs.start[ours])..<Int(arcs.start[ours + 1]) where state.flow[index] > 0 {
                found.append((arcs.expertNames[SparseArcs.expert(arcs.words[index])], state.flow[index]))
            }
            found.sort { $0.expert < $1.expert }
            var candidate = candidates.offsets[application]
            for (expert, units) in found {
                while candidates.expert[candidate] != expert { candidate += 1 }
                if let last = result.last, last.candidate == candidate {
                    result[result.count - 1].units += units
                } else {
                    result.append((candidate, units))
                }
            }
        }
        return result
    }
}

/// How much work a solver may do before another takes over.
enum Budget {
    /// Arcs that augmenting may look at, as a multiple of all arcs: loose requests need less than ten.
    static let augmenting = 40
}
