internal import Foundation
public import Judgement

/// Chance that can be repeated, for made-up rounds and texts: SplitMix64.
public struct MadeUpChance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let first = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        let second = (first ^ (first >> 27)) &* 0x94D0_49BB_1331_11EB
        return second ^ (second >> 31)
    }

    /// Zero or more, less than one.
    public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal.
    public mutating func gaussian() -> Double {
        (-2 * log(1 - unit())).squareRoot() * cos(2 * Double.pi * unit())
    }
}

/// A made-up round of which the truth is known.
public struct SimulatedRound: Sendable {
    /// How a round is made up.
    public struct Shape: Sendable {
        public var applications = 300
        public var reviews = 3
        /// Applications a reviewer.
        public var load = 10
        /// Standard deviations of true worth, of reviewers' habits and of chance, in points.
        public var worth = 1.0
        public var bias = 0.8
        public var noise = 0.8
        /// Lowest and highest mark; marks are whole numbers of `step`, itself in hundredths,
        /// between them.
        public var scale: ClosedRange<Double> = 1...10
        public var step = 0.5

        public init() {}
    }

    /// The true worth of each application, by name.
    public let truth: [String: Double]
    public let scores: [Score]

    /// Each application gets `reviews` different reviewers, each reviewer about `load` applications, drawn at random.
    public init(_ shape: Shape, seed: UInt64) {
        var chance = MadeUpChance(seed: seed)
        let centre = (shape.scale.lowerBound + shape.scale.upperBound) / 2
        let reviewers = max(shape.reviews, (shape.applications * shape.reviews + shape.load - 1) / shape.load)
        let biases = (0..<reviewers).map { _ in shape.bias * chance.gaussian() }
        var truth: [String: Double] = [:]
        var scores: [Score] = []
        var seats: [Int] = []
        for index in 0..<shape.applications {
            let worth = shape.worth * chance.gaussian()
            truth["A\(index)"] = worth
            var taken: [Int] = []
            while taken.count < shape.reviews {
                if seats.isEmpty { seats = Array(0..<reviewers).shuffled(using: &chance) }
                // The last in line who does not judge this application yet; a full deck always holds one.
                guard let place = seats.lastIndex(where: { !taken.contains($0) }) else {
                    seats = Array(0..<reviewers).shuffled(using: &chance) + seats
                    continue
                }
                let reviewer = seats.remove(at: place)
                taken.append(reviewer)
                let value = centre + worth + biases[reviewer] + shape.noise * chance.gaussian()
                let inside = min(max(value, shape.scale.lowerBound), shape.scale.upperBound)
                let hundredths = Int(((inside / shape.step).rounded() * shape.step * 100).rounded())
                scores.append(
                    Score(
                        application: "A\(index)", reviewer: "R\(reviewer)",
                        value: ExactDecimal(digits: Int64(hundredths), places: 2)))
            }
        }
        self.truth = truth
        self.scores = scores
    }

    /// Kendall's τ between the truth and other values for the same applications.
    public struct Agreement: Sendable {
        /// The share of pairs in the right order less that in the wrong. A tie counts as neither, so that nothing is
        /// gained or lost by leaving ties.
        public let a: Double
        /// The same among pairs that are not tied, weighted by the root of their share: credits what leaves ties.
        public let b: Double
    }

    public func agreements(with values: [String: Double]) -> Agreement {
        let pairs = truth.sorted { $0.key < $1.key }.map { ($0.value, values[$0.key] ?? 0) }
        var (balance, ties) = (0, 0)
        for i in pairs.indices {
            for j in 0..<i {
                let (a, b) = (pairs[i].0 - pairs[j].0, pairs[i].1 - pairs[j].1)
                balance += a * b > 0 ? 1 : a * b < 0 ? -1 : 0
                ties += b == 0 ? 1 : 0
            }
        }
        let all = pairs.count * (pairs.count - 1) / 2
        guard all > ties else { return Agreement(a: 0, b: 0) }
        return Agreement(
            a: Double(balance) / Double(all), b: Double(balance) / (Double(all) * Double(all - ties)).squareRoot())
    }

    /// Kendall's τ-a; see ``Agreement/a``.
    public func agreement(with values: [String: Double]) -> Double { agreements(with: values).a }
}
