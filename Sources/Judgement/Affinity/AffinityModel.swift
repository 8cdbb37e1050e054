/// How telling each term is, learned from all profiles of a round, and profiles as vectors of such terms.
///
/// A term weighs (1 + ln count) · (1 + ln((1 + profiles) / (1 + profiles with it))), as scikit-learn does with
/// `sublinear_tf`; each part of a profile has length one before the parts are joined by their weights. All arithmetic
/// is in whole numbers.
public struct AffinityModel: Sendable {
    /// A profile as its terms; weights have 15 binary places and squares that sum to about one.
    public struct Vector: Sendable {
        /// Numbers of terms, rising.
        let terms: [UInt32]
        let weights: [UInt16]

        public var isEmpty: Bool { terms.isEmpty }
    }

    private var table = TermTable()
    /// How telling each term is, 16 binary places; zero where the term is left out.
    private var telling: [Int64] = []
    private let weights: AffinityWeights
    private var reader = TermReader()
    private var sorter = KeySort()
    private var found: [TermReader.Term] = []

    /// How many terms ahead the table is asked for a line of memory.
    private static let ahead = 12

    var termCount: Int { telling.count }

    /// - Parameters:
    ///   - profiles: all of them, of experts and applications; the order changes no affinity.
    ///   - commonest: terms in a larger share of profiles, in thousandths, are left out.
    public init(
        _ profiles: some Sequence<AffinityProfile>, weights: AffinityWeights = AffinityWeights(), commonest: Int = 1_000
    ) {
        self.init(profiles, weights: weights, commonest: commonest) { _ in }
    }

    /// Learns from profiles and gives their vectors, in their order, having read each text once only.
    public static func learn(
        _ profiles: some Sequence<AffinityProfile>, weights: AffinityWeights = AffinityWeights(), commonest: Int = 1_000
    ) -> (model: AffinityModel, vectors: [Vector]) {
        var counted: [[Counted]] = []
        let model = AffinityModel(profiles, weights: weights, commonest: commonest) { counted.append($0) }
        return (model, counted.map { model.vector($0) })
    }

    private init(
        _ profiles: some Sequence<AffinityProfile>, weights: AffinityWeights, commonest: Int,
        _ each: ([Counted]) -> Void
    ) {
        self.weights = weights
        var holders: [UInt32] = []
        var total: UInt64 = 0
        for profile in profiles {
            total += 1
            reader.read(profile, into: &found)
            let counted = count { $0.number($1) }
            while holders.count < table.count { holders.append(0) }
            for term in counted { holders[Int(term.number)] += 1 }
            each(counted)
        }
        let all = FixedPoint.logarithm(1 + total) + FixedPoint.one
        telling = holders.map { count in
            UInt64(count) * 1_000 > total * UInt64(commonest) ? 0 : all - FixedPoint.logarithm(1 + UInt64(count))
        }
    }

    /// A term of a profile and how often it stands there.
    struct Counted {
        let number: UInt32
        let field: AffinityField
        var count: UInt32
    }

    /// The different terms among those found, by number.
    private mutating func count(_ number: (inout TermTable, UInt64) -> UInt32?) -> [Counted] {
        // Number and field in one whole number sort fastest.
        var keys: [UInt64] = []
        keys.reserveCapacity(found.count)
        for (place, term) in found.enumerated() {
            if place + AffinityModel.ahead < found.count { table.near(found[place + AffinityModel.ahead].hash) }
            if let number = number(&table, term.hash) { keys.append(UInt64(number) << 2 | UInt64(term.field.rawValue)) }
        }
        sorter.sort(&keys)
        var counted: [Counted] = []
        counted.reserveCapacity(keys.count)
        var last: UInt64?
        for key in keys {
            if key == last {
                counted[counted.count - 1].count += 1
            } else {
                let field = AffinityField(rawValue: Int(key & 3)) ?? .text
                counted.append(Counted(number: UInt32(key >> 2), field: field, count: 1))
            }
            last = key
        }
        return counted
    }

    /// The vector of a profile; terms that no profile had when the model was learned are left out.
    public mutating func vector(_ profile: AffinityProfile) -> Vector {
        reader.read(profile, into: &found)
        return vector(count { $0[$1] })
    }

    /// What a term weighs that stands so often in a text, 16 binary places.
    private static func often(_ count: UInt32) -> Int64 {
        count < few.count ? few[Int(count)] : FixedPoint.one + FixedPoint.logarithm(UInt64(count))
    }

    private static let few = [0] + (1..<32).map { FixedPoint.one + FixedPoint.logarithm($0) }

    private func vector(_ counted: [Counted]) -> Vector {
        var squares: [UInt64] = [0, 0, 0]
        let raw = counted.map { term -> UInt64 in
            let often = AffinityModel.often(term.count)
            let value = UInt64((often * telling[Int(term.number)]) >> 16)
            squares[term.field.rawValue] += value * value
            return value
        }
        let present = AffinityField.allCases.filter { squares[$0.rawValue] > 0 }
        let sum = max(1, present.reduce(0) { $0 + weights[$1] })
        // What a raw value is multiplied by to have 15 binary places, with 32 more.
        var scales: [UInt64] = [0, 0, 0]
        for field in present {
            let share = FixedPoint.root((weights[field] << 30) / sum)
            scales[field.rawValue] = (share << 32) / max(1, FixedPoint.root(squares[field.rawValue]))
        }
        var terms: [UInt32] = []
        var values: [UInt16] = []
        terms.reserveCapacity(counted.count)
        values.reserveCapacity(counted.count)
        for (term, raw) in zip(counted, raw) {
            let weight = (raw * scales[term.field.rawValue] + 1 << 31) >> 32
            guard weight > 0 else { continue }
            terms.append(term.number)
            values.append(UInt16(min(weight, 65_535)))
        }
        return Vector(terms: terms, weights: values)
    }

    /// The terms that join two profiles, strongest first: wording, field, and its part of the affinity in millionths.
    public mutating func explanation(
        _ left: AffinityProfile, _ right: AffinityProfile, limit: Int = 5
    ) -> [(term: String, field: AffinityField, millionths: Int)] {
        explanation(left, vector(right), limit: limit)
    }

    /// The same for a profile whose vector is known.
    mutating func explanation(
        _ left: AffinityProfile, _ b: Vector, limit: Int = 5
    ) -> [(term: String, field: AffinityField, millionths: Int)] {
        let a = vector(left)
        var names: [UInt32: (String, AffinityField)] = [:]
        let table = table
        reader.read(left, into: &found) { hash, field, wording in
            if let number = table[hash], names[number] == nil { names[number] = (wording, field) }
        }
        var joined: [(String, AffinityField, Int)] = []
        var place = 0
        for (term, weight) in zip(a.terms, a.weights) {
            while place < b.terms.count, b.terms[place] < term { place += 1 }
            guard place < b.terms.count, b.terms[place] == term, let name = names[term] else { continue }
            joined.append((name.0, name.1, AffinityIndex.millionths(UInt32(weight) * UInt32(b.weights[place]))))
        }
        joined.sort { ($1.2, $0.0) < ($0.2, $1.0) }
        return Array(joined.prefix(limit))
    }
}
