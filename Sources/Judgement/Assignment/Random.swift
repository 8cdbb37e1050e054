/// How likely any pair may be at most: `units / parts`.
public struct ProbabilityCap: Hashable, Sendable {
    public let units: Int32
    public let parts: Int32

    /// - Throws: ``AssignmentError/range(_:)`` unless 0 < units ≤ parts ≤ 1,000,000.
    public init(_ units: Int, of parts: Int) throws(AssignmentError) {
        guard 0 < units, units <= parts, parts <= 1_000_000 else { throw .range("the cap \(units)/\(parts)") }
        self.units = Int32(units)
        self.parts = Int32(parts)
    }

    /// No cap.
    public static let certain = ProbabilityCap(one: 1)
    private init(one: Int32) { (units, parts) = (one, one) }
}

extension Assigner {
    /// The probabilities with the best expected total under a cap on every pair, against collusion (Jecmen et al.
    /// 2020). They are an integer flow in parts of a seat; forced pairs are certain.
    /// - Throws: ``AssignmentError``.
    public static func marginals(
        _ request: AssignmentRequest, cap: ProbabilityCap
    ) throws(AssignmentError) -> Marginals {
        try marginals(request, Weighting(parts: cap.parts, cap: cap.units))
    }

    /// The same with an objective that pays less for each further part of one pair, so that probability spreads over
    /// more pairs than the cap alone asks for (Xu et al. 2023, quadratic, by pieces).
    /// - Parameter percent: by how much the last part of a pair counts less than the first, 0 to 100.
    /// - Throws: ``AssignmentError``; ``AssignmentError/range(_:)`` where a score is below zero.
    public static func perturbed(
        _ request: AssignmentRequest, cap: ProbabilityCap, percent: Int
    ) throws(AssignmentError) -> Marginals {
        guard (0...100).contains(percent) else { throw .range("the strength \(percent)") }
        guard request.candidates.score.allSatisfy({ $0 >= 0 }) else { throw .range("a score below zero") }
        let pieces = 8
        guard cap.parts <= Int32.max / 1024 else { throw .range("the cap's denominator") }
        // Eight pieces of a pair; the worth of each is that in its middle.
        let slopes = (0..<pieces).map { Int64(200 * pieces - percent * (2 * $0 + 1)) }
        let common = slopes.reduce(0) { gcd($0, $1) }
        return try marginals(
            request,
            Weighting(
                parts: cap.parts * Int32(pieces), cap: cap.units * Int32(pieces), slopes: slopes.map { $0 / common }))
    }

    private static func gcd(_ left: Int64, _ right: Int64) -> Int64 { right == 0 ? left : gcd(right, left % right) }

    private static func marginals(
        _ request: AssignmentRequest, _ weight: Weighting
    ) throws(AssignmentError) -> Marginals {
        let prepared = try PreparedRequest(request)
        let candidates = prepared.request.candidates
        let most = max(request.demand.max() ?? 0, request.load.map(\.upperBound).max() ?? 0)
        guard most * Int(weight.parts) < Int(Int32.max) else { throw .range("a load in parts of the cap") }
        let placement = try Placement.best(prepared.request, weight)
        var items = prepared.forced.map { Marginals.Item(pair: $0.pair, score: $0.score, units: weight.parts) }
        var application = 0
        for (candidate, units) in placement.units {
            while candidates.offsets[application + 1] <= candidate { application += 1 }
            items.append(
                Marginals.Item(
                    pair: Pair(application, Int(candidates.expert[candidate])), score: candidates.score[candidate],
                    units: units))
        }
        if !prepared.forced.isEmpty { items.sort { $0.pair < $1.pair } }
        return Marginals(
            parts: weight.parts, items: items, unfilled: placement.unfilled, certificate: placement.certificate,
            shortages: placement.shortages)
    }
}
