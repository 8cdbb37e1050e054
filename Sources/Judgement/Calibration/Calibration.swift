/// Scores of a round with the habits of its reviewers taken off, and how sure that is.
///
/// The model is score = μ + application + reviewer + chance, both effects drawn to zero (best linear unbiased
/// prediction). Ranks, chances and groups come from seeded draws of the normal distribution around the estimates with
/// the covariance σ²C⁻¹ of the equations. It stands beside the plain mean and never in its place.
public struct Calibration: Sendable {
    /// Mean of all applications by all reviewers.
    public let mu: Double
    /// Standard deviation of chance.
    public let sigma: Double
    public let shrinkage: Shrinkage
    /// By rank, best first.
    public let applications: [Standing]
    /// By name.
    public let reviewers: [ReviewerStanding]
    /// Parts of the round that no reviewer joins.
    public let components: Int
    public let warnings: [ScoreWarning]
    /// How many draws stand behind ranks and chances.
    public let draws: Int
    /// Whether the errors come from the inverse of the equations, or from the draws where the round is too large.
    public let hasExactErrors: Bool

    /// - Parameter scores: in any order; at most one of a reviewer for an application.
    public init(_ scores: [Score], _ options: CalibrationOptions = CalibrationOptions()) {
        let design = ScoreDesign(scores)
        let shrinkage = options.shrinkage ?? Shrinkage.learned(from: design)
        let model = ReviewerModel(design, lambdaF: shrinkage.applications, lambdaB: shrinkage.reviewers)
        let effects = model.solve()
        let sigma = model.residualVariance(effects).squareRoot()
        let posterior = Posterior(model, effects, sigma: sigma, options)
        let parts = design.components()
        let mean = effects.mu + design.centre
        mu = mean
        self.sigma = sigma
        self.shrinkage = shrinkage
        components = parts.count
        draws = posterior.draws
        let exact = model.variances()
        hasExactErrors = exact != nil
        let errors = exact.map { $0.calibrated.map { sigma * $0.squareRoot() } } ?? posterior.calibratedErrors
        let biasErrors = exact.map { $0.reviewers.map { sigma * $0.squareRoot() } } ?? posterior.biasErrors
        let raw = RawScores(scores, design)
        let groups = posterior.groups
        applications = posterior.order.enumerated().map { index, i in
            Standing(
                application: design.applications.names[i], count: design.applications.degree(i), raw: raw.means[i],
                spread: raw.spreads[i], deviation: raw.deviation(i), disagreement: raw.disagreement(i, effects),
                calibrated: mean + effects.applications[i], error: errors[i], rawRank: raw.ranks[i], rank: index + 1,
                rankLow: posterior.low[i], rankHigh: posterior.high[i], chance: posterior.chances.map { $0[i] },
                group: groups[index], component: parts.applications[i] + 1)
        }
        reviewers = (0..<design.reviewers.count).map { j in
            ReviewerStanding(
                reviewer: design.reviewers.names[j], count: design.reviewers.degree(j),
                raw: raw.reviewerMeans[j], bias: effects.reviewers[j], error: biasErrors[j],
                component: parts.reviewers[j] + 1)
        }
        warnings = Calibration.warnings(design, shrinkage, parts.count)
    }

    private static func warnings(_ design: ScoreDesign, _ shrinkage: Shrinkage, _ components: Int) -> [ScoreWarning] {
        var found: [ScoreWarning] = []
        if components > 1 {
            found.append(
                ScoreWarning(
                    code: "scores.unconnected",
                    zh: "评审人与申报书分成互不相连的 \(components) 部分：各部分之间的名次只能依靠假设，不能依靠评分比较",
                    en: "reviewers and applications fall into \(components) parts that no review joins: "
                        + "ranks across parts rest on assumption, not on scores"))
        }
        if shrinkage.source == .standard {
            found.append(
                ScoreWarning(
                    code: "scores.few", zh: "评分太少，无法估计评审人差异的大小，采用默认收缩系数 0.7 与 1.4",
                    en: "too few scores to learn how much reviewers differ; the standard shrinkage 0.7 and 1.4 is used")
            )
        }
        let single = (0..<design.applications.count).count { design.applications.degree($0) == 1 }
        if single > 0 {
            found.append(
                ScoreWarning(
                    code: "scores.single-review", zh: "\(single) 份申报书只有一个评分",
                    en: "applications with one score only: \(single)"))
        }
        let lonely = (0..<design.reviewers.count).count { design.reviewers.degree($0) == 1 }
        if lonely > 0 {
            found.append(
                ScoreWarning(
                    code: "scores.single-application", zh: "\(lonely) 位评审人只评了一份申报书，其宽严无法判断",
                    en: "reviewers who scored one application only, whose habit cannot be known: \(lonely)"))
        }
        return found
    }
}

/// Plain figures of each application and reviewer, summed exactly before they are divided.
struct RawScores {
    let means: [Double]
    let reviewerMeans: [Double]
    let spreads: [Double]
    let ranks: [Int]
    private let design: ScoreDesign

    init(_ scores: [Score], _ design: ScoreDesign) {
        self.design = design
        let centre = design.centre
        // Sums of whole digits at the finest place in use; scores too long for that are summed as floating numbers.
        let places = scores.map(\.value.places).max() ?? 0
        var sums: [String: (digits: Int64, isExact: Bool)] = [:]
        var reviewerSums: [String: (digits: Int64, isExact: Bool)] = [:]
        func add(_ value: ExactDecimal, to sum: (digits: Int64, isExact: Bool)?) -> (digits: Int64, isExact: Bool) {
            let old = sum ?? (0, true)
            let (scaled, first) = value.digits.multipliedReportingOverflow(
                by: Int64(ExactDecimal.powers[places - value.places]))
            let (total, second) = old.digits.addingReportingOverflow(scaled)
            return (total, old.isExact && !first && !second)
        }
        for score in scores {
            sums[score.application] = add(score.value, to: sums[score.application])
            reviewerSums[score.reviewer] = add(score.value, to: reviewerSums[score.reviewer])
        }
        func mean(_ side: ScoreDesign.Side, _ sums: [String: (digits: Int64, isExact: Bool)], _ i: Int) -> Double {
            let count = Double(side.degree(i))
            if let sum = sums[side.names[i]], sum.isExact, abs(sum.digits) < 1 << 53 {
                return Double(sum.digits) / (ExactDecimal.powers[places] * count)
            }
            return centre + side.range(i).reduce(0) { $0 + side.values[$1] } / count
        }
        let means = (0..<design.applications.count).map { mean(design.applications, sums, $0) }
        self.means = means
        reviewerMeans = (0..<design.reviewers.count).map { mean(design.reviewers, reviewerSums, $0) }
        spreads = (0..<design.applications.count).map { i in
            let values = design.applications.values[design.applications.range(i)]
            return (values.max() ?? 0) - (values.min() ?? 0)
        }
        var ranks = [Int](repeating: 1, count: means.count)
        let order = means.indices.sorted { (means[$1], $0) < (means[$0], $1) }
        for (place, i) in order.enumerated().dropFirst() {
            let before = order[place - 1]
            ranks[i] = means[i] == means[before] ? ranks[before] : place + 1
        }
        self.ranks = ranks
    }

    func deviation(_ i: Int) -> Double? {
        deviation(of: Array(design.applications.values[design.applications.range(i)]))
    }

    func disagreement(_ i: Int, _ effects: ReviewerModel.Effects) -> Double? {
        deviation(
            of: design.applications.range(i).map {
                design.applications.values[$0] - effects.reviewers[design.applications.partners[$0]]
            })
    }

    private func deviation(of values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
