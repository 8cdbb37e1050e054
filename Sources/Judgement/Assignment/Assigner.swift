/// Answers requests of assignment exactly. Pure: the same request gives the same answer on every machine.
public enum Assigner {
    /// The assignment with the best total.
    /// - Throws: ``AssignmentError``.
    public static func best(_ request: AssignmentRequest) throws(AssignmentError) -> Assignment {
        let prepared = try PreparedRequest(request)
        return assignment(prepared, try Placement.best(prepared.request))
    }

    static func assignment(_ prepared: PreparedRequest, _ placement: Placement) -> Assignment {
        let request = prepared.request
        let candidates = request.candidates
        var totals = [Int64](repeating: 0, count: candidates.applications)
        var pairs = prepared.forced.map(\.pair)
        for (pair, score) in prepared.forced { totals[pair.application] += score }
        var application = 0
        for (candidate, _) in placement.units {
            while candidates.offsets[application + 1] <= candidate { application += 1 }
            totals[application] += candidates.score[candidate]
            pairs.append(Pair(application, Int(candidates.expert[candidate])))
        }
        if !prepared.forced.isEmpty { pairs.sort() }
        let asked = (0..<candidates.applications).filter { prepared.demand[$0] > 0 }
        return Assignment(
            pairs: pairs, objective: totals.reduce(0, +), worst: asked.map { totals[$0] }.min() ?? 0,
            shortages: placement.shortages, certificate: placement.certificate)
    }
}

/// A request that was checked, without pairs under the least score, and with forced pairs taken out: they are settled.
struct PreparedRequest {
    var request: AssignmentRequest
    /// The demand as asked, forced pairs counted.
    let demand: [Int]
    private(set) var forced: [(pair: Pair, score: Int64)] = []

    init(_ asked: AssignmentRequest) throws(AssignmentError) {
        request = asked
        demand = asked.demand
        let candidates = asked.candidates
        guard asked.demand.count == candidates.applications else { throw .sizes("demand") }
        guard asked.load.count == candidates.experts else { throw .sizes("load") }
        guard asked.demand.allSatisfy({ (0...1_000_000).contains($0) }) else { throw .range("a demand") }
        guard asked.load.allSatisfy({ (0...1_000_000) ~= $0.lowerBound && $0.upperBound <= 1_000_000 }) else {
            throw .range("a load")
        }
        guard candidates.count < Int(Int32.max) / 2 else { throw .range("the number of pairs") }
        if asked.forced.isEmpty, asked.minimumScore == nil { return }
        try settle(Set(asked.forced))
    }

    private mutating func settle(_ wanted: Set<Pair>) throws(AssignmentError) {
        var left = wanted
        var (offsets, expert, score) = ([0], [Int32](), [Int64]())
        let candidates = request.candidates
        for application in 0..<candidates.applications {
            for index in candidates.offsets[application]..<candidates.offsets[application + 1] {
                let pair = Pair(application, Int(candidates.expert[index]))
                if left.remove(pair) != nil {
                    try force(pair, candidates.score[index])
                } else if request.minimumScore.map({ candidates.score[index] >= $0 }) ?? true {
                    expert.append(candidates.expert[index])
                    score.append(candidates.score[index])
                }
            }
            offsets.append(expert.count)
        }
        if let stranger = left.min() { throw .forced(stranger) }
        request.candidates = Candidates(
            sorted: expert, score, offsets: offsets, applications: candidates.applications,
            experts: candidates.experts)
        request.forced = []
        request.minimumScore = nil
    }

    private mutating func force(_ pair: Pair, _ score: Int64) throws(AssignmentError) {
        let load = request.load[pair.expert]
        guard request.demand[pair.application] > 0, load.upperBound > 0 else { throw .forced(pair) }
        request.demand[pair.application] -= 1
        request.load[pair.expert] = max(0, load.lowerBound - 1)...(load.upperBound - 1)
        request.settled.append(pair)
        forced.append((pair, score))
    }
}
