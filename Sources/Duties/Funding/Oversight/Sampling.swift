public import Kernel

/// A unit of what a sample is drawn from: a posting with what it moved into the station that is looked at.
public struct SampleUnit: Hashable, Sendable {
    public let posting: String
    public let amount: Money

    public init(posting: String, amount: Money) {
        self.posting = posting
        self.amount = amount
    }
}

/// How a sample is chosen. Each way needs nothing but SHA-256 and whole numbers, so that anybody can do it again in any
/// language from the population and the seed.
public enum SampleMethod: String, Codable, Sendable, CaseIterable {
    /// The units whose `SHA-256("seed|posting")` is smallest.
    case random
    /// Every fen has the same chance: of all fen in the order of the units, those at `start + k × interval`, where the
    /// interval is the total divided by the size, rounded down, and the start the first 7 bytes of `SHA-256("seed")`
    /// modulo the interval. Large units come for certain, and may be hit more than once.
    case monetary
    /// All units, the largest first, up to the size.
    case filter

    var title: Bilingual {
        switch self {
        case .random: Bilingual("随机抽样", "Random")
        case .monetary: Bilingual("货币单元抽样", "Monetary unit")
        case .filter: Bilingual("按条件全取", "By filter")
        }
    }
}

/// Chooses a sample while the units go by, in the order of their postings; only what is chosen stays in memory.
public struct SampleDraw: Sendable {
    /// A unit that was chosen, and how many times.
    public struct Chosen: Hashable, Sendable {
        public let unit: SampleUnit
        public let hits: Int
    }

    private let method: SampleMethod
    private let size: Int
    private let seed: String
    // Wider than amounts, so that the step beyond the last one can be counted.
    private let interval: Int128
    private var nextFen: Int128
    private var before: Int128 = 0
    private var kept: [(rank: [UInt8], chosen: Chosen)] = []

    /// - Parameters:
    ///   - size: at least 1.
    ///   - total: what all units add up to.
    public init(_ method: SampleMethod, size: Int, seed: String, total: Money) {
        self.method = method
        self.size = max(1, size)
        self.seed = seed
        interval = Int128(max(1, total.fen / Int64(max(1, size))))
        let start = Digest.sha256(Array(seed.utf8)).prefix(7).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        nextFen = Int128(start) % interval
    }

    /// Looks at the next unit.
    public mutating func add(_ unit: SampleUnit) {
        switch method {
        case .random:
            keep(unit, rank: Digest.sha256(Array("\(seed)|\(unit.posting)".utf8)))
        case .filter:
            // Larger amounts first: the complement of the amount as bytes that compare like the number.
            let key = UInt64.max - UInt64(bitPattern: unit.amount.fen)
            keep(unit, rank: (0..<8).map { UInt8(truncatingIfNeeded: key >> UInt64(56 - 8 * $0)) })
        case .monetary:
            let end = before + Int128(unit.amount.fen)
            let hits = nextFen < end ? (end - nextFen - 1) / interval + 1 : 0
            nextFen += hits * interval
            before = end
            if hits > 0 { kept.append(([], Chosen(unit: unit, hits: Int(clamping: hits)))) }
        }
    }

    private mutating func keep(_ unit: SampleUnit, rank: [UInt8]) {
        if kept.count == size, let last = kept.last, !rank.lexicographicallyPrecedes(last.rank) { return }
        var (low, high) = (0, kept.count)
        while low < high {
            let middle = (low + high) / 2
            if kept[middle].rank.lexicographicallyPrecedes(rank) { low = middle + 1 } else { high = middle }
        }
        kept.insert((rank, Chosen(unit: unit, hits: 1)), at: low)
        if kept.count > size { kept.removeLast() }
    }

    /// What was chosen: by rank, for monetary units in the order of the postings and up to the size in hits.
    public var chosen: [Chosen] {
        guard method == .monetary else { return kept.map(\.chosen) }
        var left = size
        return kept.compactMap { item in
            guard left > 0 else { return nil }
            let hits = min(left, item.chosen.hits)
            left -= hits
            return Chosen(unit: item.chosen.unit, hits: hits)
        }
    }
}
