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
    /// Experts of term `t` lie at `starts[t] ..< starts[t + 1]`, rising.
    private let starts: [Int]
    private let experts: [UInt32]
    private let weights: [UInt16]
    public let count: Int
    private var sums: [UInt32]

    public init(_ vectors: [AffinityModel.Vector], terms: Int) {
        var starts = [Int](repeating: 0, count: terms + 1)
        for vector in vectors { for term in vector.terms { starts[Int(term) + 1] += 1 } }
        for term in 0..<terms { starts[term + 1] += starts[term] }
        var next = starts
        var experts = [UInt32](repeating: 0, count: starts[terms])
        var weights = [UInt16](repeating: 0, count: starts[terms])
        for (expert, vector) in vectors.enumerated() {
            for (term, weight) in zip(vector.terms, vector.weights) {
                experts[next[Int(term)]] = UInt32(expert)
                weights[next[Int(term)]] = weight
                next[Int(term)] += 1
            }
        }
        self.starts = starts
        self.experts = experts
        self.weights = weights
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
        var heap = BestHeap(limit: limit)
        sums.withUnsafeMutableBufferPointer { sums in
            for expert in sums.indices where sums[expert] > heap.floor {
                heap.offer(sums[expert], UInt32(expert))
            }
            sums.update(repeating: 0)
        }
        return heap.sorted().map {
            AffinityCandidate(expert: Int($0.expert), millionths: AffinityIndex.millionths($0.sum))
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
    private var entries: [(sum: UInt32, expert: UInt32)] = []
    /// Sums at or below this are not kept. Experts come in rising order, so an equal sum never displaces an earlier.
    private(set) var floor: UInt32 = 0

    init(limit: Int) { self.limit = limit }

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
