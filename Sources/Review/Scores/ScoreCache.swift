internal import Synchronization

/// Keeps the scores that were asked for last: sheets do not change once they are in, and a large round takes seconds.
public final class ScoreCache: Sendable {
    private struct Entry {
        let sheets: [SheetScore]
        let scores: RoundScores
    }

    private static let most = 8
    private let kept = Mutex<[Entry]>([])

    public init() {}

    /// The scores of some sheets.
    public func scores(_ sheets: [SheetScore], line: Int?) -> RoundScores {
        let known = kept.withLock { entries in
            entries.first { $0.scores.line == line && $0.sheets == sheets }?.scores
        }
        if let known { return known }
        let made = RoundScores(sheets, line: line)
        kept.withLock { entries in
            entries.insert(Entry(sheets: sheets, scores: made), at: 0)
            if entries.count > ScoreCache.most { entries.removeLast() }
        }
        return made
    }
}
