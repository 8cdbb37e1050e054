extension FairSearch {
    /// Flows solved for the bound at most: by then it lies within a few ten-thousandths of the linear program's.
    private static let boundRounds = 24
    /// The largest weight while weights move; ``unit`` less one when they count.
    private static let whole: Int64 = 1 << 20

    /// A bound on what the worst-off application can have. It never has more than a weighted mean of what applications
    /// have, and the assignment with the largest weighted mean is a flow: so any weights give a bound, and the best of
    /// them give that of the linear program. Weights move from applications that have more than the bound to those that
    /// have less, by ever shorter steps. Where an assignment is known that has as much, nothing is left to prove.
    /// - Parameter ceiling: a bound that is known.
    /// - Throws: ``AssignmentError``.
    mutating func worstBound(under ceiling: Int64) throws(AssignmentError) -> Int64 {
        let asked = prepared.demand.indices.filter { prepared.demand[$0] > 0 }
        var weights = [Int64](repeating: 0, count: prepared.demand.count)
        for application in asked { weights[application] = Self.whole }
        var bound = ceiling
        for round in 0..<min(rounds, Self.boundRounds) {
            guard attained < bound else { break }
            let counted = weights.map { $0 * (Self.unit - 1) / Self.whole }
            let (answer, value) = try solve(counted)
            attained = max(attained, answer.worst)
            bound = min(bound, Self.floored(value, by: counted.reduce(0, +)))
            move(&weights, of: asked, towards: bound, Self.totals(answer, prepared), round)
        }
        return bound
    }

    private func move(
        _ weights: inout [Int64], of asked: [Int], towards bound: Int64, _ totals: [Int64], _ round: Int
    ) {
        let held = asked.map { totals[$0] }
        // The bound lies between the two, so that no step is longer than the largest weight.
        guard let low = held.min(), let high = held.max(), low < high else { return }
        let spread = Int128(high - low) * Int128(1 + round / 4)
        for application in asked {
            let step = Int128(bound - totals[application]) * Int128(Self.whole) / spread
            weights[application] = max(0, weights[application] + Int64(step))
        }
        let largest = weights.max() ?? 0
        for application in asked {
            weights[application] = largest > 0 ? weights[application] * Self.whole / largest : Self.whole
        }
    }

    private static func floored(_ value: Int128, by sum: Int64) -> Int64 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: Int128(sum))
        return Int64(clamping: rest < 0 ? quotient - 1 : quotient)
    }
}
