/// A fair assignment, and what was proved about it.
public struct FairAssignment: Sendable {
    public let assignment: Assignment
    /// The best total without regard to fairness.
    public let bestTotal: Int64
    /// No assignment of whatever total that fills what can be filled gives the worst-off application more than this:
    /// what the poorest could get if it were alone, or less where weights of applications prove less. Where the weights
    /// have converged it is the bound of the linear program, rounded down.
    public let worstBound: Int64
    /// No assignment whose worst-off application has as much as here has a larger total: the Lagrangian bound, which
    /// equals that of the linear program where it has converged.
    public let totalBound: Int64
    /// Flows that were solved on the way.
    public let solves: Int
}

extension Assigner {
    /// Raises the worst-off application as far as the price allows, then the total.
    ///
    /// "Best total while no application has less than t" is not a flow. Its Lagrangian is: each application's scores
    /// count more the longer it stays under t. Any weights give a bound on the total; flows met on the way that keep t
    /// are answers. The largest t that keeps the price is found by bisection.
    /// - Parameters:
    ///   - perMille: how much of the best total may be given up, in thousandths.
    ///   - rounds: flows solved for each t at most, and for the bound on the worst-off.
    /// - Throws: ``AssignmentError``.
    public static func fair(
        _ request: AssignmentRequest, perMille: Int = 10, rounds: Int = 60
    ) throws(AssignmentError) -> FairAssignment {
        guard (0...1000).contains(perMille) else { throw .range("the price of fairness") }
        let prepared = try PreparedRequest(request)
        var search = FairSearch(prepared, rounds: rounds)
        let best = try Placement.best(prepared.request)
        let first = assignment(prepared, best)
        search.solves = 1
        search.attained = first.worst
        var answer = (assignment: first, bound: first.objective)
        let least = first.objective - Int64(Int128(first.objective.magnitude) * Int128(perMille) / 1000)
        var worstBound = search.ceiling(isShort: !first.shortages.isEmpty)
        if first.shortages.isEmpty {
            var (low, high) = (first.worst, worstBound)
            while low < high {
                let target = low + (high - low + 1) / 2
                if let found = try search.reach(target, least: least) {
                    answer = found
                    low = max(target, found.assignment.worst)
                } else {
                    high = target - 1
                }
            }
            worstBound = try search.worstBound(under: worstBound)
        }
        return FairAssignment(
            assignment: answer.assignment, bestTotal: first.objective, worstBound: worstBound,
            totalBound: answer.bound, solves: search.solves)
    }
}

/// The search for the best total at a given least.
struct FairSearch {
    let prepared: PreparedRequest
    let rounds: Int
    private let largest: Int64
    var solves = 0
    /// The most that the worst-off application has in any assignment met so far, whatever its total.
    var attained = Int64.min
    /// Weights are whole numbers of this part of one.
    static let unit: Int64 = 1024
    private static let step: Int64 = 64

    init(_ prepared: PreparedRequest, rounds: Int) {
        self.prepared = prepared
        self.rounds = rounds
        largest = Weighting.plain.largest(prepared.request.candidates)
    }

    /// The least, over applications, of what each could get if it were alone.
    /// - Parameter isShort: whether not all can be filled; then an application may do without scores below zero.
    func ceiling(isShort: Bool) -> Int64 {
        let candidates = prepared.request.candidates
        var settled = [Int64](repeating: 0, count: candidates.applications)
        for (pair, score) in prepared.forced { settled[pair.application] += score }
        var least = Int64.max
        for application in 0..<candidates.applications where prepared.demand[application] > 0 {
            let scores = candidates.score[candidates.offsets[application]..<candidates.offsets[application + 1]]
            let usable = isShort ? scores.filter { $0 > 0 } : Array(scores)
            let best = usable.sorted(by: >).prefix(prepared.request.demand[application]).reduce(0, +)
            least = min(least, best + settled[application])
        }
        return least == Int64.max ? 0 : least
    }

    /// An assignment in which nobody has less than the target, with the bound on any such total; nil where none was
    /// found that keeps the least total.
    mutating func reach(
        _ target: Int64, least: Int64
    ) throws(AssignmentError) -> (assignment: Assignment, bound: Int64)? {
        let count = prepared.request.candidates.applications
        var extra = [Int64](repeating: 0, count: count)
        var found: Assignment?
        var bound = Int128.max
        var isRepaired = true
        for _ in 0..<rounds {
            let (answer, value) = try solve(extra.map { Self.unit + $0 })
            // Value counts everything at its weight; what the target is worth at these weights comes off.
            let promised = extra.reduce(Int128(0)) { $0 + Int128($1) * Int128(target) }
            bound = min(bound, (value - promised) / Int128(Self.unit))
            if bound < Int128(least) { return nil }
            let totals = Self.totals(answer, prepared)
            attained = max(attained, answer.worst)
            if answer.worst >= target, answer.objective > found?.objective ?? Int64.min { found = answer }
            if isRepaired, let better = repair(answer, target) {
                attained = max(attained, better.worst)
                if better.objective > found?.objective ?? Int64.min { found = better }
            }
            if let found, Int128(found.objective) >= bound { break }
            // Exchanges are tried while they come out better than weights alone.
            isRepaired = found == nil || answer.worst < target
            // Who asks for nothing has nothing: a weight on that would make the bound too low.
            for application in 0..<count where prepared.demand[application] > 0 && totals[application] < target {
                extra[application] += Self.step
            }
        }
        guard let found, found.objective >= least else { return nil }
        return (found, Int64(min(bound, Int128(Int64.max))))
    }

    private func repair(_ answer: Assignment, _ target: Int64) -> Assignment? {
        guard prepared.request.quotas.isEmpty else { return nil }
        var settled = [Int64](repeating: 0, count: prepared.request.candidates.applications)
        for (pair, score) in prepared.forced { settled[pair.application] += score }
        let taken = Set(prepared.forced.map(\.pair))
        var repair = FairRepair(
            prepared.request, answer.pairs.filter { !taken.contains($0) }, settled: settled, target: target)
        guard repair.run() else { return nil }
        return Assignment(
            pairs: (repair.pairs + prepared.forced.map(\.pair)).sorted(), objective: repair.totals.reduce(0, +),
            worst: repair.totals.indices.filter { prepared.demand[$0] > 0 }.map { repair.totals[$0] }.min() ?? 0,
            shortages: answer.shortages, certificate: answer.certificate)
    }

    /// The assignment with the largest total when the scores of each application count so often, and that total.
    mutating func solve(_ weights: [Int64]) throws(AssignmentError) -> (Assignment, Int128) {
        guard !largest.multipliedReportingOverflow(by: weights.max() ?? 0).overflow else { throw .tooFine }
        solves += 1
        var request = prepared.request
        let candidates = request.candidates
        var score = candidates.score
        for application in 0..<candidates.applications {
            for index in candidates.offsets[application]..<candidates.offsets[application + 1] {
                score[index] *= weights[application]
            }
        }
        request.candidates = Candidates(
            sorted: candidates.expert, score, offsets: candidates.offsets, applications: candidates.applications,
            experts: candidates.experts)
        let placement = try Placement.best(request, explains: false)
        var value = Int128(0)
        for (candidate, _) in placement.units { value += Int128(score[candidate]) }
        for (pair, own) in prepared.forced { value += Int128(own) * Int128(weights[pair.application]) }
        return (Assigner.assignment(prepared, placement), value)
    }

    static func totals(_ answer: Assignment, _ prepared: PreparedRequest) -> [Int64] {
        let candidates = prepared.request.candidates
        var totals = [Int64](repeating: 0, count: candidates.applications)
        for (pair, score) in prepared.forced { totals[pair.application] += score }
        for pair in answer.pairs {
            if let score = candidates.score(pair) { totals[pair.application] += score }
        }
        return totals
    }
}
