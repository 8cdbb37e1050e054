public import Kernel

/// One item with the totals of its valid sheets, in thousandths of a point.
public struct ScoredItem: Hashable, Sendable {
    public let item: ID<CaseFile>
    public let totals: [Int]
    /// How many sheets say each verdict.
    public let verdicts: [String: Int]
    /// How many sheets it takes.
    public let wanted: Int

    public init(item: ID<CaseFile>, totals: [Int], verdicts: [String: Int], wanted: Int) {
        self.item = item
        self.totals = totals
        self.verdicts = verdicts
        self.wanted = wanted
    }
}

/// A place in the ranking.
public struct RankedItem: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    /// From 1; items with the same mean share a rank.
    public let rank: Int
    public let isTied: Bool
    public let count: Int
    /// Mean of the totals in thousandths, rounded half up.
    public let mean: Int
    /// Mean without the highest and the lowest total, rounded half up; nil below five sheets. Only shown, never ranked.
    public let trimmedMean: Int?
    public let lowest: Int
    public let highest: Int
    public let verdicts: [String: Int]
    /// Whether the experts differ so much that the panel should look.
    public let isDisputed: Bool

    public var spread: Int { highest - lowest }
}

/// The order of the items by the mean of their totals.
public struct Ranking: Hashable, Sendable {
    public let ranked: [RankedItem]
    /// Items with too few sheets; they have no rank.
    public let incomplete: [ScoredItem]

    /// Sum over count, rounded half up; totals are not negative.
    static func halfUp(_ sum: Int, over count: Int) -> Int { (2 * sum + count) / (2 * count) }

    /// - Parameter disagreement: the spread, in thousandths, above which an item counts as disputed.
    public init(_ items: [ScoredItem], disagreement: Int) {
        let complete = items.filter { $0.totals.count >= $0.wanted && !$0.totals.isEmpty }
        incomplete = items.filter { $0.totals.count < $0.wanted || $0.totals.isEmpty }
        // Means are compared as fractions, so that rounding never makes or hides a tie.
        let ordered = complete.map { ($0, $0.totals.reduce(0, +)) }.sorted { left, right in
            let (a, b) = (left.1 * right.0.totals.count, right.1 * left.0.totals.count)
            return a != b ? a > b : left.0.item.text < right.0.item.text
        }
        func same(_ left: (ScoredItem, Int), _ right: (ScoredItem, Int)) -> Bool {
            left.1 * right.0.totals.count == right.1 * left.0.totals.count
        }
        var result: [RankedItem] = []
        var rank = 1
        for (index, entry) in ordered.enumerated() {
            if index > 0, !same(ordered[index - 1], entry) { rank = index + 1 }
            let tiedBefore = index > 0 && same(ordered[index - 1], entry)
            let tiedAfter = index + 1 < ordered.count && same(entry, ordered[index + 1])
            let (item, sum) = entry
            let count = item.totals.count
            let lowest = item.totals.min() ?? 0
            let highest = item.totals.max() ?? 0
            result.append(
                RankedItem(
                    item: item.item, rank: rank, isTied: tiedBefore || tiedAfter, count: count,
                    mean: Ranking.halfUp(sum, over: count),
                    trimmedMean: count >= 5 ? Ranking.halfUp(sum - lowest - highest, over: count - 2) : nil,
                    lowest: lowest, highest: highest, verdicts: item.verdicts,
                    isDisputed: highest - lowest > disagreement))
        }
        ranked = result
    }
}

/// Which ranked items the money reaches.
public struct FundingLine: Hashable, Sendable {
    /// How the line is drawn.
    public enum Method: String, Codable, Sendable, CaseIterable {
        /// Ends at the first item that does not fit.
        case strict
        /// Passes over items that do not fit and goes on.
        case fitting
        /// The choice with the highest sum of scores under limits, see ``LineChoice``.
        case best

        public var title: Bilingual {
            switch self {
            case .strict: Bilingual("严格按名次，遇不足即止", "Strictly by rank; stop at the first that does not fit")
            case .fitting: Bilingual("按名次，跳过超出余额的项目", "By rank, passing over those that do not fit")
            case .best: Bilingual("组合优选：预算内总分最高", "Best combination: the highest total within the budget")
            }
        }
    }

    /// One item and what the line says of it.
    public struct Entry: Hashable, Sendable {
        public let item: RankedItem
        public let amount: Money
        public let isFunded: Bool
        /// Money given up to and with this item.
        public let running: Money
    }

    public let entries: [Entry]
    public let total: Money
    /// Whether the line cuts between items with the same mean: somebody must say why.
    public let cutsTie: Bool
    /// The items of the ranks that the line cuts through, funded or not, in order.
    public let tiedAtCut: [ID<CaseFile>]

    /// - Parameters:
    ///   - amounts: what each item would get.
    ///   - floor: the least mean, in thousandths, that may be funded.
    public init(_ ranked: [RankedItem], amounts: [ID<CaseFile>: Money], budget: Money, floor: Int, method: Method) {
        var entries: [Entry] = []
        var running = Money.zero
        var stopped = false
        for item in ranked {
            let amount = amounts[item.item] ?? .zero
            let fits = item.mean >= floor && amount.fen > 0 && running + amount <= budget
            let funded = fits && !stopped
            if funded { running = running + amount } else if method == .strict { stopped = true }
            entries.append(Entry(item: item, amount: amount, isFunded: funded, running: running))
        }
        self.entries = entries
        total = running
        let fundedRanks = Set(entries.filter(\.isFunded).map(\.item.rank))
        let cutRanks = Set(entries.filter { !$0.isFunded }.map(\.item.rank)).intersection(fundedRanks)
        cutsTie = !cutRanks.isEmpty
        tiedAtCut = entries.filter { cutRanks.contains($0.item.rank) }.map(\.item.item)
    }
}
