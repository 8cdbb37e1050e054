/// An answer: who judges what, what it is worth, what is missing and why, and the proof that nothing better exists.
public struct Assignment: Sendable {
    /// The pairs, by application, then expert.
    public let pairs: [Pair]
    /// Sum of the scores of the pairs.
    public let objective: Int64
    /// The sum of scores of the application that has the least.
    public let worst: Int64
    /// Empty seats and missed minima, each with its reason; empty where everything asked for is given.
    public let shortages: [Shortage]
    public let certificate: Certificate
}

/// The proof of an answer: a bound that no assignment can exceed, made of prices alone, and the answer that meets it.
public struct Certificate: Hashable, Sendable {
    /// Which solver found the answer.
    public enum Solver: String, Hashable, Sendable {
        case augmenting, scaling, network
    }
    public let solver: Solver
    /// Value of the answer and bound from the prices; the value counts empty seats and missed minima at their penalty.
    public let value: Int128
    public let bound: Int128

    /// Whether the two meet: then the answer is the best there is.
    public var isOptimal: Bool { value == bound }
}

/// Probabilities of pairs, in parts of ``Marginals/parts``.
public struct Marginals: Sendable {
    /// One pair that may come out.
    public struct Item: Hashable, Sendable {
        public let pair: Pair
        public let score: Int64
        /// Its probability times ``Marginals/parts``.
        public let units: Int32
    }

    public let parts: Int32
    public let items: [Item]
    /// Units that stay empty, by application.
    public let unfilled: [Int32]
    public let certificate: Certificate
    public let shortages: [Shortage]

    /// The expected sum of scores times ``parts``.
    public var expected: Int128 { items.reduce(0) { $0 + Int128($1.score) * Int128($1.units) } }
}
