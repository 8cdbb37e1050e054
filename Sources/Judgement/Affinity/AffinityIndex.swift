/// An expert with the affinity to one application.
public struct AffinityCandidate: Hashable, Sendable {
    /// Place of the expert in the list that the index was made of.
    public let expert: Int
    /// 0 to 1,000,000.
    public let millionths: Int
}

/// The terms of all experts turned round, so that the best experts for an application are found without looking at
/// those that share nothing with it.
public struct AffinityIndex: Sendable {
    /// Experts of term `t` lie at `starts[t] ..< starts[t + 1]`, rising; those of common terms are elsewhere.
    private let starts: [Int]
    private let experts: [UInt32]
    private let weights: [UInt16]
    private let common: CommonTerms
    public let count: Int
    private var sums: [UInt32]

    public init(_ vectors: [AffinityModel.Vector], terms: Int) {
        var holders = [Int](repeating: 0, count: terms)
        for vector in vectors { for term in vector.terms { holders[Int(term)] += 1 } }
        let common = CommonTerms(vectors, holders: holders)
        var starts = [0]
        starts.reserveCapacity(terms + 1)
        for (term, holders) in holders.enumerated() {
            starts.append(starts[term] + (common.contains(UInt32(term)) ? 0 : holders))
        }
        var next = starts
        var experts = [UInt32](repeating: 0, count: starts[terms])
        var weights = [UInt16](repeating: 0, count: starts[terms])
        for (expert, vector) in vectors.enumerated() {
            for (term, weight) in zip(vector.terms, vector.weights) where !common.contains(term) {
                experts[next[Int(term)]] = UInt32(expert)
                weights[next[Int(term)]] = weight
                next[Int(term)] += 1
            }
        }
        self.starts = starts
        self.experts = experts
        self.weights = weights
        self.common = common
        count = vectors.count
        sums = [UInt32](repeating: 0, count: vectors.count)
    }

    /// The index of a model's experts.
    public init(_ vectors: [AffinityModel.Vector], of model: AffinityModel) {
        self.init(vectors, terms: model.termCount)
    }

    /// The sum of products of weights, which have 15 binary places each, as millionths.
    static func millionths(_ sum: UInt32) -> Int { (Int(sum) * 1_000_000 + 1 << 29) >> 30 }

    /// The best `limit` experts above zero, best first; equals by place.
    public mutating func best(_ vector: AffinityModel.Vector, limit: Int) -> [AffinityCandidate] {
        guard limit > 0 else { return [] }
        gather(vector)
        let (row, length) = common.row(vector)
        var heap = BestHeap(limit: limit)
        let known = length == 0 ? 0 : reached(row, limit)
        sums.withUnsafeMutableBufferPointer { sums in
            row.withUnsafeBufferPointer { row in
                common.lengths.withUnsafeBufferPointer { lengths in
                    var least = max(known, 1)
                    for expert in sums.indices {
                        // No sum of products exceeds the product of both lengths.
                        let most = sums[expert] &+ UInt32(length) &* UInt32(lengths[expert])
                        guard most >= least else { continue }
                        let sum = length == 0 ? most : sums[expert] &+ common.product(row, expert)
                        guard sum >= least else { continue }
                        heap.offer(sum, UInt32(expert))
                        least = max(known, heap.floor + 1)
                    }
                }
            }
            sums.update(repeating: 0)
        }
        return heap.sorted().map {
            AffinityCandidate(expert: Int($0.expert), millionths: AffinityIndex.millionths($0.sum))
        }
    }

    /// A sum that `limit` experts reach at least: the least of those that are best by their rarer terms.
    private func reached(_ row: [UInt16], _ limit: Int) -> UInt32 {
        var heap = BestHeap(limit: limit)
        sums.withUnsafeBufferPointer { sums in
            for expert in sums.indices where sums[expert] > heap.floor { heap.offer(sums[expert], UInt32(expert)) }
        }
        guard heap.isFull else { return 0 }
        return row.withUnsafeBufferPointer { row in
            heap.entries.reduce(UInt32.max) { min($0, $1.sum &+ common.product(row, Int($1.expert))) }
        }
    }

    private mutating func gather(_ vector: AffinityModel.Vector) {
        experts.withUnsafeBufferPointer { experts in
            weights.withUnsafeBufferPointer { weights in
                sums.withUnsafeMutableBufferPointer { sums in
                    for (term, weight) in zip(vector.terms, vector.weights) {
                        let own = UInt32(weight)
                        for entry in starts[Int(term)]..<starts[Int(term) + 1] {
                            sums[Int(experts[entry])] &+= own &* UInt32(weights[entry])
                        }
                    }
                }
            }
        }
    }
}

/// The greatest few of many sums: a heap whose first entry is the least that is kept.
struct BestHeap {
    private let limit: Int
    private(set) var entries: [(sum: UInt32, expert: UInt32)] = []
    /// Sums at or below this are not kept. Experts come in rising order, so an equal sum never displaces an earlier.
    private(set) var floor: UInt32 = 0

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { entries.count == limit }

    /// Whether the left entry is worse than the right.
    private func isWorse(_ left: (sum: UInt32, expert: UInt32), _ right: (sum: UInt32, expert: UInt32)) -> Bool {
        left.sum != right.sum ? left.sum < right.sum : left.expert > right.expert
    }

    mutating func offer(_ sum: UInt32, _ expert: UInt32) {
        if entries.count < limit {
            entries.append((sum, expert))
            var place = entries.count - 1
            while place > 0, isWorse(entries[place], entries[(place - 1) / 2]) {
                entries.swapAt(place, (place - 1) / 2)
                place = (place - 1) / 2
            }
        } else {
            entries[0] = (sum, expert)
            var place = 0
            while true {
                var least = place
                for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                    if isWorse(entries[child], entries[least]) { least = child }
                }
                if least == place { break }
                entries.swapAt(place, least)
                place = least
            }
        }
        if entries.count == limit { floor = entries[0].sum }
    }

    func sorted() -> [(sum: UInt32, expert: UInt32)] { entries.sorted { isWorse($1, $0) } }
}
