internal import Foundation

/// How strongly applications and reviewers are drawn to the mean: the noise's variance over theirs.
public struct Shrinkage: Hashable, Sendable {
    /// Where the two numbers come from.
    public enum Source: String, Sendable {
        /// Given by the caller.
        case given
        /// Restricted maximum likelihood.
        case reml
        /// Moments of the scores: for rounds too large for the likelihood.
        case moments
        /// The house's numbers for rounds with too few scores to learn from.
        case standard
    }

    /// σ² over the variance of applications.
    public let applications: Double
    /// σ² over the variance of reviewers.
    public let reviewers: Double
    public let source: Source

    public init(applications: Double, reviewers: Double, source: Source = .given) {
        self.applications = applications
        self.reviewers = reviewers
        self.source = source
    }

    /// What the study behind the engine recommends where there is little to learn from.
    public static let standard = Shrinkage(applications: 0.7, reviewers: 1.4, source: .standard)

    /// Largest smaller side for which the likelihood is searched.
    static let likelihoodLimit = 400

    /// Learns both numbers from the scores, as well as their number allows.
    static func learned(from design: ScoreDesign) -> Shrinkage {
        let (p, r) = (design.applications.count, design.reviewers.count)
        // Below this the likelihood is so flat that its peak is chance.
        guard p >= 5, r >= 3, design.count >= p + r + 10 else { return .standard }
        return min(p, r) <= likelihoodLimit ? reml(design) : moments(design)
    }

    /// Minus twice the restricted log-likelihood, without constants.
    static func deviance(_ design: ScoreDesign, _ lambdaF: Double, _ lambdaB: Double) -> Double {
        let model = ReviewerModel(design, lambdaF: lambdaF, lambdaB: lambdaB)
        guard let determinant = model.logDeterminant else { return .infinity }
        let variance = model.residualVariance(model.solve())
        guard variance > 0 else { return .infinity }
        return Double(design.count - 1) * log(variance) - Double(design.applications.count) * log(lambdaF)
            - Double(design.reviewers.count) * log(lambdaB) + determinant
    }

    private static func reml(_ design: ScoreDesign) -> Shrinkage {
        // Beyond e^±12 the effects are the plain means, or nothing: the likelihood is flat there.
        let limit = 12.0
        let best = Simplex.minimum(from: [log(0.7), log(1.4)], limit: limit) { point in
            deviance(design, exp(point[0]), exp(point[1]))
        }
        guard let best else { return .standard }
        return Shrinkage(applications: exp(best[0]), reviewers: exp(best[1]), source: .reml)
    }

    /// Sums of squares inside applications, inside reviewers and of all: three linear equations for three variances
    /// (Gao and Owen 2017), one pass over the scores.
    static func moments(_ design: ScoreDesign) -> Shrinkage {
        let n = Double(design.count)
        func within(_ side: ScoreDesign.Side) -> (sum: Double, squares: Double) {
            var result = (sum: 0.0, squares: 0.0)
            for i in 0..<side.count {
                let degree = Double(side.degree(i))
                var total = 0.0
                for place in side.range(i) { total += side.values[place] }
                for place in side.range(i) {
                    result.sum += (side.values[place] - total / degree) * (side.values[place] - total / degree)
                }
                result.squares += degree * degree
            }
            return result
        }
        let rows = within(design.applications)
        let columns = within(design.reviewers)
        let all = design.applications.values.reduce(0) { $0 + $1 * $1 }
        let reviewerAndNoise = rows.sum / (n - Double(design.applications.count))
        let applicationAndNoise = columns.sum / (n - Double(design.reviewers.count))
        let (cf, cb) = (n - rows.squares / n, n - columns.squares / n)
        let noise = (applicationAndNoise * cf + reviewerAndNoise * cb - all) / (cf + cb - (n - 1))
        guard all > 0 else { return .standard }
        let floor = 1e-5 * all / n
        let variance = max(noise, floor)
        return Shrinkage(
            applications: variance / max(applicationAndNoise - noise, floor),
            reviewers: variance / max(reviewerAndNoise - noise, floor), source: .moments)
    }
}

/// The search of Nelder and Mead in a few dimensions: no derivatives, the same steps each time.
enum Simplex {
    /// Nil where the function is finite nowhere near the start. Points stay within `±limit` in each coordinate.
    static func minimum(from start: [Double], limit: Double, _ f: ([Double]) -> Double) -> [Double]? {
        func point(_ x: [Double]) -> (x: [Double], f: Double) {
            let inside = x.map { min(max($0, -limit), limit) }
            return (inside, f(inside))
        }
        func mix(_ a: [Double], _ b: [Double], _ t: Double) -> [Double] { zip(a, b).map { $0 + t * ($1 - $0) } }
        var corners = [point(start)]
        for axis in start.indices {
            var x = start
            x[axis] += 1
            corners.append(point(x))
        }
        for _ in 0..<400 {
            corners.sort { $0.f < $1.f }
            let (best, worst) = (corners[0], corners[corners.count - 1])
            let width = zip(best.x, worst.x).map { abs($0 - $1) }.max() ?? 0
            if width < 1e-6, worst.f - best.f < 1e-10 { break }
            let others = corners.dropLast()
            let centre = start.indices.map { axis in
                others.reduce(0) { $0 + $1.x[axis] } / Double(others.count)
            }
            let reflected = point(mix(centre, worst.x, -1))
            if reflected.f < best.f {
                let further = point(mix(centre, worst.x, -2))
                corners[corners.count - 1] = further.f < reflected.f ? further : reflected
            } else if reflected.f < corners[corners.count - 2].f {
                corners[corners.count - 1] = reflected
            } else {
                let nearer = point(mix(centre, reflected.f < worst.f ? reflected.x : worst.x, 0.5))
                if nearer.f < min(reflected.f, worst.f) {
                    corners[corners.count - 1] = nearer
                } else {
                    corners = corners.map { $0.x == best.x ? best : point(mix(best.x, $0.x, 0.5)) }
                }
            }
        }
        corners.sort { $0.f < $1.f }
        return corners[0].f.isFinite ? corners[0].x : nil
    }
}
