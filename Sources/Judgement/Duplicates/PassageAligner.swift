/// A stretch that two texts have in common; places are counted in Unicode scalars of the originals.
public struct Passage: Hashable, Sendable {
    public let left: Range<Int>
    public let right: Range<Int>
    /// Equal tokens in it.
    public let tokens: Int
}

/// Finds what two texts have in common, longest stretch first, none used twice on either side.
enum PassageAligner {
    /// Places of one text that are tried for a run of the other; more repeat themselves.
    private static let tries = 32

    /// A common stretch in tokens.
    struct Match: Hashable {
        var left: Int
        var right: Int
        var count: Int
    }

    /// Where matches lie in the originals, in the order of the left text.
    static func passages(_ matches: [Match], _ left: [Token], _ right: [Token]) -> [Passage] {
        matches.sorted { $0.left < $1.left }.map { match in
            Passage(
                left: Int(left[match.left].start)..<Int(left[match.left + match.count - 1].end),
                right: Int(right[match.right].start)..<Int(right[match.right + match.count - 1].end),
                tokens: match.count)
        }
    }

    /// Stretches of at least `least` tokens that overlap on neither side.
    static func tiling(_ left: [Token], _ right: [Token], least: Int) -> [Match] {
        var covered = (
            left: [Bool](repeating: false, count: left.count), right: [Bool](repeating: false, count: right.count)
        )
        let found = matches(left, right, least).sorted {
            ($1.count, $0.left, $0.right) < ($0.count, $1.left, $1.right)
        }
        var kept: [Match] = []
        for var match in found {
            func isTaken(_ offset: Int) -> Bool {
                covered.left[match.left + offset] || covered.right[match.right + offset]
            }
            while match.count > 0, isTaken(match.count - 1) { match.count -= 1 }
            while match.count > 0, isTaken(0) {
                match.left += 1
                match.right += 1
                match.count -= 1
            }
            guard match.count >= least, !(0..<match.count).contains(where: isTaken) else { continue }
            for offset in 0..<match.count {
                covered.left[match.left + offset] = true
                covered.right[match.right + offset] = true
            }
            kept.append(match)
        }
        return kept
    }

    /// All common stretches that can be made no longer.
    private static func matches(_ left: [Token], _ right: [Token], _ least: Int) -> [Match] {
        let seed = max(1, min(least, 8))
        guard left.count >= seed, right.count >= seed else { return [] }
        var leftRuns: [UInt64] = []
        var rightRuns: [UInt64] = []
        Shingles.hashes(left, length: seed, into: &leftRuns)
        Shingles.hashes(right, length: seed, into: &rightRuns)
        var capacity = 16
        while capacity < leftRuns.count * 2 { capacity *= 2 }
        var latest = [Int32](repeating: -1, count: capacity)
        var previous = [Int32](repeating: -1, count: leftRuns.count)
        for (place, run) in leftRuns.enumerated() {
            let slot = Int(truncatingIfNeeded: run) & (capacity - 1)
            previous[place] = latest[slot]
            latest[slot] = Int32(place)
        }
        var found: [Match] = []
        for (b, run) in rightRuns.enumerated() {
            var place = Int(latest[Int(truncatingIfNeeded: run) & (capacity - 1)])
            var tries = tries
            while place >= 0, tries > 0 {
                let a = place
                place = Int(previous[a])
                guard leftRuns[a] == run else { continue }
                tries -= 1
                if a > 0, b > 0, left[a - 1].hash == right[b - 1].hash { continue }
                var count = 0
                while a + count < left.count, b + count < right.count, left[a + count].hash == right[b + count].hash {
                    count += 1
                }
                if count >= least { found.append(Match(left: a, right: b, count: count)) }
            }
        }
        return found
    }
}
