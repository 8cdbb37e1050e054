/// Which applications to fund: each with what it costs and what it is worth, one budget, and limits that keep the
/// choice in balance.
public struct PortfolioRequest: Hashable, Sendable {
    /// One application. Better ranked ones stand first: places in the list break ties.
    public struct Item: Hashable, Sendable {
        /// What it costs, in the smallest unit of money; above zero.
        public let amount: Int64
        /// What it is worth, e.g. thousandths of a point.
        public let score: Int64

        public init(amount: Int64, score: Int64) {
            self.amount = amount
            self.score = score
        }
    }

    /// A limit on those of a group that are chosen.
    public struct Balance: Hashable, Sendable {
        /// What is counted of a group.
        public enum Measure: Hashable, Sendable { case count, money }
        /// Against what: a fixed number, or thousandths of what is chosen in all.
        public enum Size: Hashable, Sendable { case number(Int64), share(thousandths: Int64) }

        /// Places of its members among the items.
        public let members: Set<Int>
        public let measure: Measure
        public let isLeast: Bool
        public let size: Size

        /// - Parameter isLeast: at least `size` of the group, or else at most.
        public init(members: Set<Int>, measure: Measure = .count, isLeast: Bool, size: Size) {
            self.members = members
            self.measure = measure
            self.isLeast = isLeast
            self.size = size
        }
    }

    public var items: [Item]
    /// In the unit of the amounts.
    public var budget: Int64
    public var balances: [Balance]
    /// Items that must be chosen.
    public var forcedIn: Set<Int>
    /// Items that must not.
    public var forcedOut: Set<Int>
    /// Most states that one search may look at before it gives up its proof.
    public var effort: Int

    public init(
        items: [Item], budget: Int64, balances: [Balance] = [], forcedIn: Set<Int> = [], forcedOut: Set<Int> = [],
        effort: Int = 6_000_000
    ) {
        self.items = items
        self.budget = budget
        self.balances = balances
        self.forcedIn = forcedIn
        self.forcedOut = forcedOut
        self.effort = effort
    }
}

/// The best choice.
public struct Portfolio: Hashable, Sendable {
    /// Places of the chosen items, ascending.
    public let chosen: [Int]
    /// The sum of their scores.
    public let score: Int64
    /// The sum of their amounts.
    public let cost: Int64
    /// No choice that keeps the limits has a higher score. Equal to `score` where the proof was finished.
    public let bound: Int64
    /// What the prices alone prove: the bound before any search, from splitting applications into parts.
    public let relaxedBound: Int64
    /// How many other choices have the same score at the same cost, as far as they were met.
    public let alternatives: Int
    /// How many states the search looked at.
    public let work: Int

    /// Whether no better choice exists.
    public var isProven: Bool { score == bound }
}

/// Something that a choice must keep.
public enum PortfolioLimit: Hashable, Sendable {
    case budget
    /// By its place in the request.
    case balance(Int)
    case forcedIn(Int)
}

/// Limits that cannot be kept together, none of which could be left out of the list.
public struct PortfolioConflict: Hashable, Sendable {
    /// One limit changed so that the others can be kept.
    public struct Way: Hashable, Sendable {
        public let limit: PortfolioLimit
        /// The least budget, the most of an "at least", the least of an "at most"; nil where the limit has to go.
        public let number: Int64?
    }

    public let limits: [PortfolioLimit]
    public let ways: [Way]
}

/// What comes of a request.
public enum PortfolioAnswer: Hashable, Sendable {
    case chosen(Portfolio)
    case impossible(PortfolioConflict)
    /// The search was given up before it found a choice or proved that there is none.
    case undecided

    /// The choice, where there is one.
    public var portfolio: Portfolio? { if case .chosen(let found) = self { found } else { nil } }
}

/// Why a request cannot be read.
public enum PortfolioError: Error, Hashable, Sendable {
    /// An amount is not above zero, or a place is no item's.
    case faulty
    /// An item is both forced in and out.
    case contradiction(Int)
    /// Sums would not fit 64 bits.
    case tooLarge
}
