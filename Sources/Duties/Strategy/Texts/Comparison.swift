/// A stretch of a compared text.
struct TextPiece: Hashable, Sendable {
    enum Change: Hashable, Sendable { case kept, removed, added }

    let change: Change
    let text: String

    init(_ change: Change, _ text: String) {
        self.change = change
        self.text = text
    }
}

/// One line of a comparison: a clause of the older text, one of the newer, or the same clause in both.
struct ClausePair: Hashable, Sendable {
    enum Change: Hashable, Sendable { case kept, renumbered, changed, removed, added }

    let old: Clause?
    let new: Clause?
    /// The text with its changes; whole for a clause that only one side has.
    let pieces: [TextPiece]

    var change: Change {
        guard let old else { return .added }
        guard let new else { return .removed }
        if old.text != new.text { return .changed }
        return old.label == new.label ? .kept : .renumbered
    }
}

/// Compares two drafts: clauses are matched by what they say, since numbers move when one is put in between; matched
/// clauses are compared by words in Latin script and by characters in Chinese.
enum Comparison {
    /// From this likeness on, in thousandths, two clauses count as the same.
    static let likeness = 400

    static func pairs(_ old: [Clause], _ new: [Clause]) -> [ClausePair] {
        var start = 0
        while start < min(old.count, new.count), old[start] == new[start] { start += 1 }
        var end = 0
        while end < min(old.count, new.count) - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        let middle = aligned(Array(old[start..<(old.count - end)]), Array(new[start..<(new.count - end)]))
        let head = old[..<start].map { pair($0, $0) }
        let tail = old[(old.count - end)...].map { pair($0, $0) }
        return head + middle + tail
    }

    private static func pair(_ old: Clause?, _ new: Clause?) -> ClausePair {
        let pieces: [TextPiece] =
            switch (old, new) {
            case (let old?, let new?): WordChanges.pieces(old.text, new.text)
            case (let old?, nil): [TextPiece(.removed, old.text)]
            case (nil, let new?): [TextPiece(.added, new.text)]
            case (nil, nil): []
            }
        return ClausePair(old: old, new: new, pieces: pieces)
    }

    /// The matching of clauses, in order, that is the most alike in all.
    private static func aligned(_ old: [Clause], _ new: [Clause]) -> [ClausePair] {
        let (oldMarks, newMarks) = (old.map { Marks($0.text) }, new.map { Marks($0.text) })
        let width = new.count + 1
        var alike = [Int](repeating: 0, count: old.count * new.count)
        var best = [Int](repeating: 0, count: (old.count + 1) * width)
        for i in stride(from: old.count - 1, through: 0, by: -1) {
            for j in stride(from: new.count - 1, through: 0, by: -1) {
                let score = likeness(old[i], new[j], oldMarks[i], newMarks[j])
                alike[i * new.count + j] = score
                let matched = score > 0 ? score + best[(i + 1) * width + j + 1] : 0
                best[i * width + j] = max(matched, best[(i + 1) * width + j], best[i * width + j + 1])
            }
        }
        var pairs: [ClausePair] = []
        var (i, j) = (0, 0)
        while i < old.count, j < new.count {
            let score = alike[i * new.count + j]
            if score > 0, best[i * width + j] == score + best[(i + 1) * width + j + 1] {
                pairs.append(pair(old[i], new[j]))
                (i, j) = (i + 1, j + 1)
            } else if best[i * width + j] == best[(i + 1) * width + j] {
                pairs.append(pair(old[i], nil))
                i += 1
            } else {
                pairs.append(pair(nil, new[j]))
                j += 1
            }
        }
        return pairs + old[i...].map { pair($0, nil) } + new[j...].map { pair(nil, $0) }
    }

    /// How alike two clauses are, in thousandths; zero where they are not the same clause. The same number counts a
    /// little, so that of two equal matches the one without renumbering is taken.
    private static func likeness(_ old: Clause, _ new: Clause, _ a: Marks, _ b: Marks) -> Int {
        guard old.kind == new.kind else { return 0 }
        let same = old.label == new.label
        if old.text == new.text { return 1_000 + (same ? 50 : 0) }
        let score = a.likeness(b)
        // A clause that was worded anew from end to end is still the same when its number is.
        return score >= likeness || (same && score >= likeness / 3) ? score + (same ? 50 : 0) : 0
    }
}

/// The pairs of neighbouring characters of a text, counted, by which texts are compared fast.
struct Marks {
    let sorted: [UInt64]

    init(_ text: String) {
        let scalars = text.unicodeScalars.filter { !$0.properties.isWhitespace }.map { UInt64($0.value) }
        sorted = scalars.count < 2 ? scalars : zip(scalars, scalars.dropFirst()).map { $0 << 32 | $1 }.sorted()
    }

    /// Twice the common pairs over all pairs (Dice), in thousandths.
    func likeness(_ other: Marks) -> Int {
        let all = sorted.count + other.sorted.count
        guard all > 0 else { return 1_000 }
        var (i, j, common) = (0, 0, 0)
        while i < sorted.count, j < other.sorted.count {
            if sorted[i] == other.sorted[j] {
                (i, j, common) = (i + 1, j + 1, common + 1)
            } else if sorted[i] < other.sorted[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return common * 2_000 / all
    }
}
