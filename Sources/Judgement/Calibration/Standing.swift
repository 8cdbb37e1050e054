/// Where one application stands: its plain mean, and beside it what is left when the reviewers' habits are taken off.
public struct Standing: Hashable, Sendable {
    public let application: String
    /// How many reviewers scored it.
    public let count: Int
    /// The plain mean of its scores.
    public let raw: Double
    /// Highest less lowest score.
    public let spread: Double
    /// Standard deviation of its scores; nil with one score.
    public let deviation: Double?
    /// Standard deviation after each reviewer's habit is taken off: what the reviewers truly disagree about; nil with
    /// one score.
    public let disagreement: Double?
    /// Mean of all plus the application's effect, drawn to the mean as far as its scores are few.
    public let calibrated: Double
    /// Standard error of `calibrated`.
    public let error: Double
    /// Place by the plain mean, from 1; equal means share a place.
    public let rawRank: Int
    /// Place by `calibrated`, from 1.
    public let rank: Int
    /// The ranks between which the true place lies with the asked probability.
    public let rankLow: Int
    public let rankHigh: Int
    /// Probability of being among the best so many that can be funded; nil where no line was given.
    public let chance: Double?
    /// From 1, by rank: the scores cannot tell members of one group from its best.
    public let group: Int
    /// From 1: reviewers join only applications of one component, so that ranks across components rest on assumption.
    public let component: Int
}

/// What the scores say about one reviewer.
public struct ReviewerStanding: Hashable, Sendable {
    public let reviewer: String
    /// How many applications the reviewer scored.
    public let count: Int
    /// The plain mean of the reviewer's scores.
    public let raw: Double
    /// How much the reviewer scores above (below, where negative) others on equal applications, drawn to zero.
    public let bias: Double
    /// Standard error of `bias`.
    public let error: Double
    public let component: Int
}

/// Something that makes the numbers weaker than they look.
public struct ScoreWarning: Hashable, Sendable {
    /// Stable, e.g. `scores.unconnected`.
    public let code: String
    public let zh: String
    public let en: String
}

/// What a caller may choose.
public struct CalibrationOptions: Hashable, Sendable {
    /// Nil: learned from the scores.
    public var shrinkage: Shrinkage?
    /// How many applications can be funded; nil where it is open.
    public var line: Int?
    /// Seed of the draws behind ranks and chances; the same seed gives the same numbers.
    public var seed: UInt64
    /// Draws of the posterior; nil lets the size decide, from 2,000 for a panel to 64 for half a million applications.
    public var draws: Int?
    /// Probability that a rank lies in its interval.
    public var confidence: Double

    public init(
        shrinkage: Shrinkage? = nil, line: Int? = nil, seed: UInt64 = 1, draws: Int? = nil, confidence: Double = 0.9
    ) {
        self.shrinkage = shrinkage
        self.line = line
        self.seed = seed
        self.draws = draws
        self.confidence = confidence
    }
}
