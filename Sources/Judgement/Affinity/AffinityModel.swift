/// How telling each term is, learned from all profiles of a round, and profiles as vectors of such terms.
///
/// A term weighs (1 + ln count) · (1 + ln((1 + profiles) / (1 + profiles with it))), as scikit-learn does with
/// `sublinear_tf`; each part of a profile has length one before the parts are joined by their weights. All arithmetic is
/// in whole numbers.
public struct AffinityModel: Sendable {
    /// A profile as its terms; weights have 15 binary places and squares that sum to about one.
    public struct Vector: Sendable {
        /// Numbers of terms, rising.
        let terms: [UInt32]
        let weights: [UInt16]

        public var isEmpty: Bool { terms.isEmpty }
    }

    /// Number and telling of each term.
    private var numbers: [UInt64: UInt32] = [:]
    private var telling: [Int64] = []
    private let weights: AffinityWeights
    private var reader = TermReader()

    var termCount: Int { telling.count }

    /// - Parameters:
    ///   - profiles: all of them, of experts and applications, in any order: numbers depend on it, affinities do not.
    ///   - rarest: terms in fewer profiles are left out, since a term that stands alone joins nobody.
    ///   - commonest: terms in a larger share of profiles, in thousandths, are left out.
    public init(
        _ profiles: some Sequence<AffinityProfile>, weights: AffinityWeights = AffinityWeights(), rarest: Int = 1,
        commonest: Int = 1_000
    ) {
        self.weights = weights
        var holders: [UInt64: UInt32] = [:]
        var total: UInt64 = 0
        for profile in profiles {
            total += 1
            for term in reader.terms(of: profile) { holders[term.hash, default: 0] += 1 }
        }
        let kept = holders.filter { $0.value >= rarest && UInt64($0.value) * 1_000 <= total * UInt64(commonest) }
        let all = FixedPoint.logarithm(1 + total) + FixedPoint.one
        numbers.reserveCapacity(kept.count)
        telling.reserveCapacity(kept.count)
        for (hash, count) in kept.sorted(by: { $0.key < $1.key }) {
            numbers[hash] = UInt32(telling.count)
            telling.append(all - FixedPoint.logarithm(1 + UInt64(count)))
        }
    }

    /// The vector of a profile; terms that no profile had when the model was learned are left out.
    public mutating func vector(_ profile: AffinityProfile) -> Vector {
        var parts: [[(term: UInt32, raw: UInt64)]] = [[], [], []]
        for term in reader.terms(of: profile) {
            guard let number = numbers[term.hash] else { continue }
            let count = FixedPoint.one + FixedPoint.logarithm(term.count)
            parts[term.field.rawValue].append((number, UInt64((count * telling[Int(number)]) >> 16)))
        }
        let present = AffinityField.allCases.filter { !parts[$0.rawValue].isEmpty && weights[$0] > 0 }
        let sum = present.reduce(0) { $0 + weights[$1] }
        var entries: [(term: UInt32, weight: UInt16)] = []
        for field in present {
            let part = parts[field.rawValue]
            let norm = max(1, FixedPoint.root(part.reduce(0) { $0 &+ $1.raw * $1.raw }))
            let share = FixedPoint.root((weights[field] << 30) / sum)
            for (term, raw) in part {
                let weight = ((raw << 15) * share / norm + 1 << 14) >> 15
                if weight > 0 { entries.append((term, UInt16(min(weight, 65_535)))) }
            }
        }
        entries.sort { $0.term < $1.term }
        return Vector(terms: entries.map(\.term), weights: entries.map(\.weight))
    }

    /// The terms that join two profiles, strongest first: wording, field, and its part of the affinity in millionths.
    public mutating func explanation(
        _ left: AffinityProfile, _ right: AffinityProfile, limit: Int = 5
    ) -> [(term: String, field: AffinityField, millionths: Int)] {
        let (a, b) = (vector(left), vector(right))
        var names: [UInt32: (String, AffinityField)] = [:]
        let numbers = numbers
        _ = reader.terms(of: left) { hash, field, wording in
            if let number = numbers[hash], names[number] == nil { names[number] = (wording, field) }
        }
        var found: [(String, AffinityField, Int)] = []
        var place = 0
        for (term, weight) in zip(a.terms, a.weights) {
            while place < b.terms.count, b.terms[place] < term { place += 1 }
            guard place < b.terms.count, b.terms[place] == term, let name = names[term] else { continue }
            found.append((name.0, name.1, AffinityIndex.millionths(UInt32(weight) * UInt32(b.weights[place]))))
        }
        found.sort { ($1.2, $0.0) < ($0.2, $1.0) }
        return Array(found.prefix(limit))
    }
}
