/// Two texts that have much in common.
public struct DuplicatePair: Hashable, Sendable {
    /// Places in the list of texts, left before right.
    public let left: Int
    public let right: Int
    /// Different shingles that both hold, and that either holds.
    public let shared: Int
    public let union: Int
    /// Different shingles of the shorter text.
    public let shorter: Int
    public let passages: [Passage]

    /// Jaccard similarity: shared shingles over all.
    public var similarity: Double { union == 0 ? 0 : Double(shared) / Double(union) }
    /// How much of the shorter text lies in the longer.
    public var containment: Double { shorter == 0 ? 0 : Double(shared) / Double(shorter) }
}

/// What counts as a duplicate.
public struct DuplicateOptions: Hashable, Sendable {
    /// Least similarity. Unrelated Chinese abstracts have .128 at most, copies with a third of their text replaced about
    /// .35.
    public var threshold: Double
    /// A stretch of so many equal tokens makes a pair whatever the similarity: a pasted passage.
    public var pasted: Int
    /// Shortest stretch that is shown side by side, in tokens.
    public var shown: Int

    public init(threshold: Double = 0.2, pasted: Int = 40, shown: Int = 10) {
        self.threshold = threshold
        self.pasted = pasted
        self.shown = shown
    }
}

/// All pairs of near-duplicates, and of texts with a pasted passage, among many texts.
///
/// Candidates come from shared bands of sketches and from shared prints; each is then compared exactly. Texts equal
/// after normalisation are compared once.
public struct DuplicateFinder {
    /// What was found, and what was left out.
    public struct Report: Sendable {
        /// By left place, then right.
        public let pairs: [DuplicatePair]
        /// Pairs that were compared exactly.
        public let candidates: Int
        /// Places of texts without a letter or digit.
        public let empty: [Int]
        /// Groups of equal texts so large that their members are paired with the first member only.
        public let largeGroups: Int
    }

    /// Equal texts of which every pair is told.
    private static let groupLimit = 50
    /// Shared prints that make a pair worth comparing: about 40 equal tokens.
    private static let leastPrints = 3

    private let texts: [String]
    private let options: DuplicateOptions
    private var sketcher = Sketcher()
    /// Places of equal texts, by their first; the first stands for all.
    private var groups: [[Int]] = []
    private var empty: [Int] = []

    public init(_ texts: [String], _ options: DuplicateOptions = DuplicateOptions()) {
        self.texts = texts
        self.options = options
    }

    /// Finds them.
    public mutating func run() -> Report {
        let candidates = candidates()
        var pairs: [DuplicatePair] = []
        for (number, group) in groups.enumerated() where group.count > 1 {
            sketcher.read(texts[group[0]])
            let tokens = sketcher.tokens
            let count = ShingleSet(sketcher.shingles).count
            let passages = PassageAligner.passages(tokens, tokens, least: min(options.shown, tokens.count))
            expand(number, number, (count, count, count), passages, &pairs)
        }
        var start = 0
        while start < candidates.count {
            let left = Int(candidates[start] >> 32)
            var end = start
            while end < candidates.count, Int(candidates[end] >> 32) == left { end += 1 }
            compare(left, candidates[start..<end], &pairs)
            start = end
        }
        pairs.sort { ($0.left, $0.right) < ($1.left, $1.right) }
        return Report(
            pairs: pairs, candidates: candidates.count, empty: empty,
            largeGroups: groups.count { $0.count > DuplicateFinder.groupLimit })
    }

    /// Pairs of groups that share a band or several prints, `left << 32 | right`, sorted.
    private mutating func candidates() -> [UInt64] {
        var groupOf: [UInt64: Int] = [:]
        var index = SketchIndex(expected: texts.count)
        var table = PrintTable()
        var storage: [UInt64] = []
        var prints: [UInt64] = []
        var found: [UInt64] = []
        for place in texts.indices {
            sketcher.read(texts[place])
            guard sketcher.tokens.count > 0 else {
                empty.append(place)
                continue
            }
            let identity = sketcher.tokens.tokens.reduce(UInt64(1)) { mixed($0 &+ $1.hash) }
            if let group = groupOf[identity] {
                groups[group].append(place)
                continue
            }
            groupOf[identity] = groups.count
            let sketch = Sketch(sketcher.shingles)
            for candidate in index.candidates(sketch) {
                found.append(UInt64(candidate.text) << 32 | UInt64(index.count))
            }
            index.add(sketch)
            Winnowing.prints(sketcher.tokens.tokens, storage: &storage, into: &prints)
            table.add(prints, text: groups.count)
            groups.append([place])
        }
        found += table.pairs(least: DuplicateFinder.leastPrints)
        found.sort()
        var last: UInt64?
        return found.filter { pair in
            defer { last = pair }
            return pair != last
        }
    }

    private mutating func compare(_ left: Int, _ candidates: ArraySlice<UInt64>, _ pairs: inout [DuplicatePair]) {
        sketcher.read(texts[groups[left][0]])
        let tokens = sketcher.tokens
        var set = ShingleSet(sketcher.shingles)
        for candidate in candidates {
            let right = Int(candidate & 0xFFFF_FFFF)
            sketcher.read(texts[groups[right][0]])
            let sameKind = tokens.isMostlyCharacters == sketcher.tokens.isMostlyCharacters
            let shared = sameKind ? set.shared(with: sketcher.shingles) : 0
            let other = ShingleSet(sketcher.shingles).count
            let union = set.count + other - shared
            let isNear = Double(shared) >= options.threshold * Double(union)
            let passages = PassageAligner.passages(tokens, sketcher.tokens, least: options.shown)
            guard isNear || passages.contains(where: { $0.tokens >= options.pasted }) else { continue }
            expand(left, right, (shared, union, min(set.count, other)), passages, &pairs)
        }
    }

    /// Tells a pair of groups as pairs of their members; members beyond ``groupLimit`` are told of their first only.
    private func expand(
        _ left: Int, _ right: Int, _ counts: (shared: Int, union: Int, shorter: Int), _ passages: [Passage],
        _ pairs: inout [DuplicatePair]
    ) {
        func add(_ a: Int, _ b: Int) {
            let turned = passages.map { Passage(left: $0.right, right: $0.left, tokens: $0.tokens) }
            let told = a < b ? passages : turned.sorted { $0.left.lowerBound < $1.left.lowerBound }
            pairs.append(
                DuplicatePair(
                    left: min(a, b), right: max(a, b), shared: counts.shared, union: counts.union,
                    shorter: counts.shorter, passages: told))
        }
        let limit = DuplicateFinder.groupLimit
        if left == right {
            for (place, member) in groups[left].enumerated() {
                for other in groups[left][..<(place < limit ? place : 1)] { add(other, member) }
            }
        } else {
            for a in groups[left].prefix(limit) { for b in groups[right].prefix(limit) { add(a, b) } }
        }
    }
}
