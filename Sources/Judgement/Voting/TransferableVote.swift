/// The single transferable vote: chooses some of many so that every group of voters gets its share.
///
/// The stages are those of the Scottish Local Government Elections Order 2007 (SSI 2007/42, rules 45 to 52), by the
/// weighted inclusive Gregory method; values of papers are exact fractions here, where the Order cuts them to five
/// decimals:
/// 1. The quota is the whole part of papers / (seats + 1), and one.
/// 2. Whoever reaches it is elected and receives nothing more.
/// 3. While seats are open, the largest surplus is passed on: each paper of the elected goes to its next candidate who
///    is neither elected nor excluded, at its value × surplus / votes.
/// 4. Where there is no surplus, whoever has fewest is excluded, and the papers go on at the value they have.
/// 5. When as many are left as seats are open, they are elected.
///
/// Ties are broken by the last earlier stage at which the tied differed, and where there is none by lot: an order that
/// is fixed before the papers are opened. Who stands earlier in it wins.
public struct TransferableVote: Hashable, Sendable {
    /// How a tie was broken.
    public enum Tie: Hashable, Sendable { case earlierStage, lot }

    public enum Action: Hashable, Sendable {
        /// First preferences.
        case first
        case surplus(of: Int)
        case exclusion(of: Int)
        /// As many are left as seats are open.
        case remaining
    }

    public struct Stage: Hashable, Sendable {
        public let action: Action
        /// Where the action's candidate was one of several with the same votes: who they were.
        public let tied: [Int]
        public let tie: Tie?
        /// After the stage, by candidate; nothing for those excluded.
        public let votes: [VoteAmount]
        /// Of papers that name nobody further.
        public let exhausted: VoteAmount
        /// In the order of their votes.
        public let elected: [Int]
    }

    public let quota: Int
    /// Papers that name at least one candidate.
    public let valid: Int
    public let invalid: Int
    public let stages: [Stage]
    /// In the order in which they were elected.
    public let elected: [Int]

    /// - Parameters:
    ///   - papers: candidates in the order of preference; a paper that names nobody, somebody twice or somebody unknown
    ///     is invalid. Without a valid paper nobody is elected.
    ///   - lot: all candidates in the drawn order.
    public init(candidates: Int, seats: Int, papers: [[Int]], lot: [Int]) {
        precondition(lot.count == candidates && Set(lot) == Set(0..<candidates), "the lot names every candidate once")
        let good = papers.filter { paper in
            !paper.isEmpty && Set(paper).count == paper.count && paper.allSatisfy { (0..<candidates).contains($0) }
        }
        var count = Count(candidates: candidates, seats: min(seats, candidates), papers: good, lot: lot)
        count.run()
        (quota, valid, invalid) = (count.quota, good.count, papers.count - good.count)
        (stages, elected) = (count.stages, count.elected)
    }
}

extension TransferableVote {
    /// A count under way.
    private struct Count {
        let seats: Int
        let quota: Int
        let papers: [[Int]]
        let place: [Int]
        /// Values of the papers in parts of `whole`, and with whom each lies; nil where it is exhausted.
        var values: [Natural]
        var whole = Natural(1)
        var holder: [Int?]
        var isContinuing: [Bool]
        var elected: [Int] = []
        var surpluses: Set<Int> = []
        /// Elected ones whose surplus went on: they keep the quota.
        var settled: Set<Int> = []
        var stages: [Stage] = []

        init(candidates: Int, seats: Int, papers: [[Int]], lot: [Int]) {
            self.seats = seats
            self.papers = papers
            quota = papers.count / (seats + 1) + 1
            values = papers.map { _ in Natural(1) }
            holder = papers.map { $0.first }
            isContinuing = [Bool](repeating: true, count: candidates)
            var place = lot
            for (position, candidate) in lot.enumerated() { place[candidate] = position }
            self.place = place
        }

        func votes(of candidate: Int) -> Natural {
            if settled.contains(candidate) { return whole * Natural(UInt64(quota)) }
            return papers.indices.reduce(Natural(0)) { holder[$1] == candidate ? $0 + values[$1] : $0 }
        }

        var continuing: [Int] { isContinuing.indices.filter { isContinuing[$0] } }

        mutating func run() {
            guard !papers.isEmpty else { return }
            close(.first, [], nil)
            while elected.count < seats, !continuing.isEmpty {
                if continuing.count <= seats - elected.count {
                    elect(ordered(continuing), .remaining)
                    return
                }
                if surpluses.isEmpty { exclude() } else { passOn() }
            }
        }

        /// Ends a stage: whoever has reached the quota now is elected.
        mutating func close(_ action: Action, _ tied: [Int], _ tie: Tie?) {
            let need = whole * Natural(UInt64(quota))
            let over = ordered(continuing.filter { votes(of: $0) >= need })
            surpluses.formUnion(over.filter { votes(of: $0) > need })
            elect(Array(over), action, tied, tie)
        }

        mutating func elect(_ candidates: [Int], _ action: Action, _ tied: [Int] = [], _ tie: Tie? = nil) {
            for candidate in candidates { isContinuing[candidate] = false }
            elected += candidates
            let lost = papers.indices.reduce(Natural(0)) { holder[$1] == nil ? $0 + values[$1] : $0 }
            stages.append(
                Stage(
                    action: action, tied: tied, tie: tie,
                    votes: isContinuing.indices.map { VoteAmount(votes(of: $0), over: whole) },
                    exhausted: VoteAmount(lost, over: whole), elected: candidates))
        }

        /// Most votes first; ties as always.
        func ordered(_ candidates: [Int]) -> [Int] {
            var (left, order) = (candidates, [Int]())
            while !left.isEmpty {
                let next = pick(left, most: true).candidate
                order.append(next)
                left.removeAll { $0 == next }
            }
            return order
        }

        /// The one with most or fewest votes, and how a tie was broken.
        func pick(_ candidates: [Int], most: Bool) -> (candidate: Int, tied: [Int], tie: Tie?) {
            let now = candidates.map { VoteAmount(votes(of: $0), over: whole) }
            let edge = most ? now.max() : now.min()
            let tied = candidates.indices.filter { now[$0] == edge }.map { candidates[$0] }
            if tied.count == 1 { return (tied[0], [], nil) }
            var left = tied
            for stage in stages.reversed() {
                let then = left.map { stage.votes[$0] }
                let edge = most ? then.max() : then.min()
                left = left.indices.filter { then[$0] == edge }.map { left[$0] }
                if left.count == 1 { return (left[0], tied, .earlierStage) }
            }
            // Who stands earlier in the lot wins: is taken first, or excluded last.
            let sorted = left.sorted { place[$0] < place[$1] }
            return (most ? sorted[0] : sorted[sorted.count - 1], tied, .lot)
        }

        mutating func passOn() {
            let (candidate, tied, tie) = pick(surpluses.sorted(), most: true)
            surpluses.remove(candidate)
            let total = votes(of: candidate)
            let surplus = total - whole * Natural(UInt64(quota))
            // Everything is counted in parts of whole × total from now on.
            for paper in papers.indices {
                if holder[paper] == candidate {
                    values[paper] = values[paper] * surplus
                    holder[paper] = next(paper)
                } else {
                    values[paper] = values[paper] * total
                }
            }
            whole = whole * total
            settled.insert(candidate)
            shorten()
            close(.surplus(of: candidate), tied, tie)
        }

        /// Divides by what all values have in common, while 64 bits hold them.
        mutating func shorten() {
            guard var common = whole.small else { return }
            let small = values.compactMap(\.small)
            guard small.count == values.count else { return }
            for value in small { common = VoteAmount.divisor(common, value) }
            guard common > 1, let now = whole.small else { return }
            whole = Natural(now / common)
            values = small.map { Natural($0 / common) }
        }

        mutating func exclude() {
            let (candidate, tied, tie) = pick(continuing, most: false)
            isContinuing[candidate] = false
            for paper in papers.indices where holder[paper] == candidate { holder[paper] = next(paper) }
            close(.exclusion(of: candidate), tied, tie)
        }

        func next(_ paper: Int) -> Int? { papers[paper].first { isContinuing[$0] } }
    }
}
