internal import Foundation

/// Henderson's equations of the additive model score = μ + application + reviewer + chance, with both effects shrunk.
///
/// The larger side is eliminated by hand, because its block is diagonal; what is left has the size of the smaller side
/// and is factored exactly up to ``exactLimit`` members, and solved by conjugate gradients beyond.
package struct ReviewerModel {
    /// Largest smaller side that is factored; the factor takes its square in memory and its cube in time.
    package static let exactLimit = 1_500

    package struct Effects {
        package var mu: Double
        package var applications: [Double]
        package var reviewers: [Double]
    }

    let design: ScoreDesign
    let lambdaF: Double
    let lambdaB: Double
    private let eliminatesApplications: Bool
    /// Number of scores plus shrinkage, of each member of the eliminated side.
    private let diagonal: [Double]
    let factor: DenseFactor?

    private var many: ScoreDesign.Side { eliminatesApplications ? design.applications : design.reviewers }
    private var few: ScoreDesign.Side { eliminatesApplications ? design.reviewers : design.applications }
    private var fewLambda: Double { eliminatesApplications ? lambdaB : lambdaF }

    package init(_ design: ScoreDesign, lambdaF: Double, lambdaB: Double, exactLimit: Int = ReviewerModel.exactLimit) {
        self.design = design
        self.lambdaF = lambdaF
        self.lambdaB = lambdaB
        eliminatesApplications = design.applications.count >= design.reviewers.count
        let side = eliminatesApplications ? design.applications : design.reviewers
        let lambda = eliminatesApplications ? lambdaF : lambdaB
        diagonal = (0..<side.count).map { Double(side.degree($0)) + lambda }
        let other = eliminatesApplications ? design.reviewers : design.applications
        factor =
            other.count <= exactLimit
            ? ReviewerModel.reduced(side, other, diagonal, eliminatesApplications ? lambdaB : lambdaF) : nil
    }

    /// The equations of the mean and the smaller side, after elimination of the larger.
    private static func reduced(
        _ many: ScoreDesign.Side, _ few: ScoreDesign.Side, _ diagonal: [Double], _ fewLambda: Double
    ) -> DenseFactor? {
        let size = few.count + 1
        var matrix = [Double](repeating: 0, count: size * size)
        matrix.withUnsafeMutableBufferPointer { matrix in
            for j in 0..<few.count {
                matrix[(j + 1) * size] = Double(few.degree(j))
                matrix[(j + 1) * size + j + 1] = Double(few.degree(j)) + fewLambda
            }
            matrix[0] = Double(many.values.count)
            for i in 0..<many.count {
                let degree = Double(many.degree(i))
                let weight = 1 / diagonal[i]
                matrix[0] -= degree * degree * weight
                for first in many.range(i) {
                    let row = (many.partners[first] + 1) * size
                    matrix[row] -= degree * weight
                    for second in many.range(i) where many.partners[second] <= many.partners[first] {
                        matrix[row + many.partners[second] + 1] -= weight
                    }
                }
            }
        }
        return DenseFactor(matrix, size: size)
    }

    /// ln|C|, for REML; nil where the equations were not factored.
    var logDeterminant: Double? {
        factor.map { factor in diagonal.reduce(factor.logDeterminant) { $0 + log($1) } }
    }

    /// The effects for the design's own scores.
    package func solve() -> Effects {
        solve(values: many.values, fewValues: few.values)
    }

    /// The effects for other scores on the same pairs, given in the order of the applications.
    func solve(_ values: [Double]) -> Effects {
        let crossed = design.applications.crossing
        var other = values
        for (place, target) in crossed.enumerated() { other[target] = values[place] }
        return eliminatesApplications
            ? solve(values: values, fewValues: other) : solve(values: other, fewValues: values)
    }

    private func solve(values: [Double], fewValues: [Double]) -> Effects {
        let (many, few) = (many, few)
        var total = 0.0
        var sums = [Double](repeating: 0, count: many.count)
        var right = [Double](repeating: 0, count: few.count + 1)
        for i in 0..<many.count {
            for place in many.range(i) { sums[i] += values[place] }
            total += sums[i] - Double(many.degree(i)) * sums[i] / diagonal[i]
        }
        right[0] = total
        for j in 0..<few.count {
            var sum = 0.0
            for place in few.range(j) {
                sum += fewValues[place] - sums[few.partners[place]] / diagonal[few.partners[place]]
            }
            right[j + 1] = sum
        }
        let reduced =
            factor?.solve(right)
            ?? ReducedSystem(many: many, few: few, diagonal: diagonal, fewLambda: fewLambda).solve(right)
        let manyEffects = (0..<many.count).map { i -> Double in
            var sum = sums[i] - Double(many.degree(i)) * reduced[0]
            for place in many.range(i) { sum -= reduced[many.partners[place] + 1] }
            return sum / diagonal[i]
        }
        return effects(reduced, manyEffects)
    }

    private func effects(_ reduced: [Double], _ manyEffects: [Double]) -> Effects {
        let fewEffects = Array(reduced.dropFirst())
        return eliminatesApplications
            ? Effects(mu: reduced[0], applications: manyEffects, reviewers: fewEffects)
            : Effects(mu: reduced[0], applications: fewEffects, reviewers: manyEffects)
    }

    /// What the equations leave unexplained, divided by degrees of freedom: the estimate of σ².
    func residualVariance(_ effects: Effects) -> Double {
        guard design.count > 1 else { return 0 }
        var sum = 0.0
        let side = design.applications
        for i in 0..<side.count {
            for place in side.range(i) {
                let y = side.values[place]
                sum += y * (y - effects.mu - effects.applications[i] - effects.reviewers[side.partners[place]])
            }
        }
        return max(0, sum) / Double(design.count - 1)
    }

    /// Variances, in units of σ², of μ + application effect and of the reviewer effects; nil beyond ``exactLimit``.
    func variances() -> (calibrated: [Double], reviewers: [Double])? {
        guard let factor else { return nil }
        let inverse = factor.inverse()
        let size = factor.size
        let many = many
        /// Variance of `mean · μ + effect` on the eliminated side.
        func eliminated(_ i: Int, mean: Double) -> Double {
            let weight = 1 / diagonal[i]
            let own = mean - Double(many.degree(i)) * weight
            var sum = weight + own * own * inverse[0]
            for first in many.range(i) {
                let row = (many.partners[first] + 1) * size
                sum -= 2 * own * weight * inverse[row]
                for second in many.range(i) { sum += weight * weight * inverse[row + many.partners[second] + 1] }
            }
            return sum
        }
        func kept(_ j: Int, mean: Double) -> Double {
            let row = (j + 1) * size
            return mean * inverse[0] + 2 * mean * inverse[row] + inverse[row + j + 1]
        }
        if eliminatesApplications {
            return (
                (0..<many.count).map { eliminated($0, mean: 1) }, (0..<few.count).map { kept($0, mean: 0) }
            )
        }
        return ((0..<few.count).map { kept($0, mean: 1) }, (0..<many.count).map { eliminated($0, mean: 0) })
    }

    /// One draw of the deviation of the effects from their estimates, in units of σ.
    ///
    /// Factored: independent normals through the factor. Otherwise by conditional simulation: effects and scores are
    /// made up from the model, solved for, and the error made is an exact draw of the error of the estimates.
    func drawDeviation(_ chance: inout Gaussians) -> Effects {
        guard let factor else { return simulatedDeviation(&chance) }
        let reduced = factor.transposedSolve((0..<factor.size).map { _ in chance.next() })
        let many = many
        let manyEffects = (0..<many.count).map { i -> Double in
            var sum = Double(many.degree(i)) * reduced[0]
            for place in many.range(i) { sum += reduced[many.partners[place] + 1] }
            return chance.next() / diagonal[i].squareRoot() - sum / diagonal[i]
        }
        return effects(reduced, manyEffects)
    }

    private func simulatedDeviation(_ chance: inout Gaussians) -> Effects {
        let side = design.applications
        let applications = (0..<side.count).map { _ in chance.next() / lambdaF.squareRoot() }
        let reviewers = (0..<design.reviewers.count).map { _ in chance.next() / lambdaB.squareRoot() }
        var values = [Double](repeating: 0, count: design.count)
        for i in 0..<side.count {
            for place in side.range(i) {
                values[place] = applications[i] + reviewers[side.partners[place]] + chance.next()
            }
        }
        let found = solve(values)
        return Effects(
            mu: -found.mu, applications: zip(applications, found.applications).map { $0 - $1 },
            reviewers: zip(reviewers, found.reviewers).map { $0 - $1 })
    }
}
