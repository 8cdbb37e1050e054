internal import CNear
internal import Dispatch
internal import Synchronization

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
    /// The rarer terms of up to 65,536 experts.
    private struct Block: Sendable {
        /// Place of its first expert.
        let first: Int
        /// Entries of term `t` lie at `starts[t] ..< starts[t + 1]`, by rising expert.
        var starts: [UInt32]
        /// Weight in the upper half, place of the expert in the block in the lower: one thing to wait for, not two.
        var entries: [UInt32]
    }

    private static let blockSize = 65_536

    private var blocks: [Block] = []
    private let common: CommonTerms
    public let count: Int
    /// Room for one search, by expert: what the rarer terms add up to, and what all terms may.
    private var sums: [UInt32]
    private var bounds: [UInt32]
    /// Experts that are looked at more closely; one place more than there are experts.
    private var looked: [UInt32]

    public init(_ vectors: [AffinityModel.Vector], terms: Int) {
        var holders = [Int](repeating: 0, count: terms)
        for vector in vectors { for term in vector.terms { holders[Int(term)] += 1 } }
        let common = CommonTerms(vectors, holders: holders)
        blocks = stride(from: 0, to: vectors.count, by: AffinityIndex.blockSize).map { first in
            let part = vectors[first..<min(first + AffinityIndex.blockSize, vectors.count)]
            return AffinityIndex.block(part, terms: terms, without: common)
        }
        self.common = common
        count = vectors.count
        sums = [UInt32](repeating: 0, count: vectors.count)
        bounds = sums
        looked = [UInt32](repeating: 0, count: vectors.count + 1)
    }

    /// The index of a model's experts.
    public init(_ vectors: [AffinityModel.Vector], of model: AffinityModel) {
        self.init(vectors, terms: model.termCount)
    }

    private static func block(
        _ part: ArraySlice<AffinityModel.Vector>, terms: Int, without common: CommonTerms
    ) -> Block {
        var starts = [UInt32](repeating: 0, count: terms + 1)
        for vector in part { for term in vector.terms where !common.contains(term) { starts[Int(term) + 1] += 1 } }
        for term in 0..<terms { starts[term + 1] += starts[term] }
        var next = starts
        var entries = [UInt32](repeating: 0, count: Int(starts[terms]))
        for (expert, vector) in part.enumerated() {
            for (term, weight) in zip(vector.terms, vector.weights) where !common.contains(term) {
                entries[Int(next[Int(term)])] = UInt32(weight) << 16 | UInt32(expert)
                next[Int(term)] += 1
            }
        }
        return Block(first: part.startIndex, starts: starts, entries: entries)
    }

    /// The sum of products of weights, which have 15 binary places each, as millionths.
    static func millionths(_ sum: UInt32) -> Int { (Int(sum) * 1_000_000 + 1 << 29) >> 30 }

    /// The best of many vectors in their order, found by so many threads; the same as one after the other.
    public func best(
        of vectors: ArraySlice<AffinityModel.Vector>, limit: Int, threads: Int
    ) -> [[AffinityCandidate]] {
        let parts = max(1, min(threads, vectors.count))
        let found = Mutex([[[AffinityCandidate]]](repeating: [], count: parts))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            var own = self
            let from = vectors.startIndex + vectors.count * part / parts
            let to = vectors.startIndex + vectors.count * (part + 1) / parts
            let answers = vectors[from..<to].map { own.best($0, limit: limit) }
            found.withLock { $0[part] = answers }
        }
        return found.withLock { Array($0.joined()) }
    }

    /// The best `limit` experts above zero, best first; equals by place.
    public mutating func best(_ vector: AffinityModel.Vector, limit: Int) -> [AffinityCandidate] {
        guard limit > 0, count > 0 else { return [] }
        gather(vector)
        let row = common.row(vector)
        let common = common
        // The sum, and below it the place upside down: in falling order equals come by place.
        var found: [UInt64] = []
        sums.withUnsafeMutableBufferPointer { sums in
            bounds.withUnsafeMutableBufferPointer { bounds in
                looked.withUnsafeMutableBufferPointer { looked in
                    let known = UnsafeBufferPointer(sums)
                    common.bound(known, row, bounds)
                    let highest = AffinityIndex.highest(UnsafeBufferPointer(bounds), limit)
                    var reached: [UInt32] = []
                    highest.withUnsafeBufferPointer { highest in
                        common.products(row, highest) { reached.append(known[$0] &+ $1) }
                    }
                    reached.sort(by: >)
                    // So many experts reach this sum.
                    let least = reached.count < limit ? 1 : max(1, reached[limit - 1])
                    let many = kechuang_at_least(bounds.baseAddress, bounds.count, least, looked.baseAddress)
                    common.products(row, UnsafeBufferPointer(rebasing: looked[..<many])) { expert, added in
                        let sum = known[expert] &+ added
                        if sum >= least { found.append(UInt64(sum) << 32 | UInt64(~UInt32(expert))) }
                    }
                }
            }
            sums.update(repeating: 0)
        }
        found.sort(by: >)
        return found.prefix(limit).map { key in
            AffinityCandidate(
                expert: Int(~UInt32(truncatingIfNeeded: key)),
                millionths: AffinityIndex.millionths(UInt32(key >> 32)))
        }
    }

    /// The expert with the highest bound of each of some stretches, thrice as many as are wanted; none where there are
    /// too few experts for it to pay.
    private static func highest(_ bounds: UnsafeBufferPointer<UInt32>, _ limit: Int) -> [UInt32] {
        guard limit < bounds.count / 12 else { return [] }
        let size = (bounds.count + 3 * limit - 1) / (3 * limit)
        return stride(from: 0, to: bounds.count, by: size).map { from in
            let stretch = UnsafeBufferPointer(rebasing: bounds[from..<min(from + size, bounds.count)])
            // Without a place to remember, many are compared at a time.
            var most: UInt32 = 0
            for bound in stretch { most = max(most, bound) }
            return UInt32(from + (stretch.firstIndex(of: most) ?? 0))
        }
    }

    /// Adds up what the rarer terms give each expert.
    private mutating func gather(_ vector: AffinityModel.Vector) {
        sums.withUnsafeMutableBufferPointer { sums in
            for block in blocks {
                block.entries.withUnsafeBufferPointer { entries in
                    block.starts.withUnsafeBufferPointer { starts in
                        guard let sums = sums.baseAddress, let entries = entries.baseAddress,
                            let starts = starts.baseAddress
                        else { return }
                        AffinityIndex.add(vector, starts, entries, to: sums + block.first)
                    }
                }
            }
        }
    }

    private static func add(
        _ vector: AffinityModel.Vector, _ starts: UnsafePointer<UInt32>, _ entries: UnsafePointer<UInt32>,
        to sums: UnsafeMutablePointer<UInt32>
    ) {
        let terms = vector.terms
        for (place, term) in terms.enumerated() {
            // Lists lie far apart: what comes later is asked for while this one is added.
            if place + 24 < terms.count { kechuang_near(starts + Int(terms[place + 24])) }
            if place + 8 < terms.count {
                let later = entries + Int(starts[Int(terms[place + 8])])
                for line in 0..<3 { kechuang_near(later + 16 * line) }
            }
            let own = UInt32(vector.weights[place])
            for entry in Int(starts[Int(term)])..<Int(starts[Int(term) + 1]) {
                sums[Int(entries[entry] & 0xFFFF)] &+= own &* (entries[entry] >> 16)
            }
        }
    }
}
