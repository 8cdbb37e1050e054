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
    /// Least similarity. Unrelated Chinese abstracts have .128 at most, copies with a third of the text replaced about
    /// .35.
    public var threshold: Double
    /// A stretch of so many equal tokens makes a pair whatever the similarity: a pasted passage. Of those below 21
    /// tokens some are missed.
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
    /// Shared prints that make a pair worth comparing: about 40 equal tokens, or as many as the passage that is asked
    /// for always leaves.
    private var leastPrints: Int {
        options.pasted < 40 ? max(1, (options.pasted - Winnowing.run + 1) / Winnowing.window) : 3
    }

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
            let tokens = sketcher.tokens.tokens
            let count = ShingleSet(sketcher.shingles).count
            let whole = PassageAligner.Match(left: 0, right: 0, count: tokens.count)
            expand(Found(left: number, right: number, counts: (count, count, count), matches: [whole]), &pairs)
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
        found += table.pairs(least: leastPrints)
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
            let matches = PassageAligner.tiling(tokens.tokens, sketcher.tokens.tokens, least: options.shown)
            guard isNear || matches.contains(where: { $0.count >= options.pasted }) else { continue }
            let counts = (shared, union, min(set.count, other))
            let found = Found(left: left, right: right, counts: counts, matches: matches)
            if groups[left].count == 1, groups[right].count == 1 {
                // The usual case; groups are numbered by their first, so the left one came first.
                let passages = PassageAligner.passages(matches, tokens.tokens, sketcher.tokens.tokens)
                pairs.append(found.pair(groups[left][0], groups[right][0], passages))
            } else {
                expand(found, &pairs)
            }
        }
    }

    /// Two groups that have much in common.
    private struct Found {
        let left: Int
        let right: Int
        let counts: (shared: Int, union: Int, shorter: Int)
        let matches: [PassageAligner.Match]

        /// Two of their members, left before right.
        func pair(_ left: Int, _ right: Int, _ passages: [Passage]) -> DuplicatePair {
            DuplicatePair(
                left: left, right: right, shared: counts.shared, union: counts.union, shorter: counts.shorter,
                passages: passages)
        }
    }

    /// Tells a pair of groups as pairs of their members, whose tokens are equal but lie in different places; members
    /// beyond ``groupLimit`` are told of their first only.
    private mutating func expand(_ found: Found, _ pairs: inout [DuplicatePair]) {
        let limit = DuplicateFinder.groupLimit
        if found.left == found.right {
            for (place, member) in groups[found.left].enumerated() {
                for other in groups[found.left][..<(place < limit ? place : 1)] {
                    pairs.append(pair(other, member, found))
                }
            }
        } else {
            for left in groups[found.left].prefix(limit) {
                for right in groups[found.right].prefix(limit) { pairs.append(pair(left, right, found)) }
            }
        }
    }

    private mutating func pair(_ a: Int, _ b: Int, _ found: Found) -> DuplicatePair {
        sketcher.read(texts[a])
        let tokens = sketcher.tokens.tokens
        sketcher.read(texts[b])
        let other = sketcher.tokens.tokens
        let turned = found.matches.map { PassageAligner.Match(left: $0.right, right: $0.left, count: $0.count) }
        let passages =
            a < b
            ? PassageAligner.passages(found.matches, tokens, other)
            : PassageAligner.passages(turned, other, tokens)
        return found.pair(min(a, b), max(a, b), passages)
    }
}
