/// How the score of a pair becomes arcs: one arc of one seat, or, where probabilities are asked for, arcs in parts of a
/// seat whose worth may fall from one to the next.
struct Weighting {
    /// Parts of a seat, and how many of them one pair may carry.
    var parts: Int32 = 1
    var cap: Int32 = 1
    /// The worth of each arc of a pair as a multiple of its score; falling. Each carries the same number of parts.
    var slopes: [Int64] = [1]

    /// Scores count as they are.
    static let plain = Weighting()

    var capacity: Int32 { cap / Int32(slopes.count) }

    func arcs(_ score: Int64) -> [(capacity: Int32, score: Int64)] { slopes.map { (capacity, score * $0) } }

    /// The largest worth of an arc, at least 1; where it would leave 64 bits the largest number there is, which no
    /// engine takes.
    func largest(_ candidates: borrowing Candidates) -> Int64 {
        var largest: Int64 = 1
        for score in candidates.score { largest = max(largest, Int64(score.magnitude)) }
        let (worth, isOver) = largest.multipliedReportingOverflow(by: slopes.map { Int64($0.magnitude) }.max() ?? 1)
        return isOver ? Int64.max : worth
    }
}
