internal import Foundation

/// How alike two short texts are, by the pairs of neighbouring letters that they share (Dice); officers decide, this
/// only suggests.
struct Likeness {
    let pairs: Set<String>

    init(_ text: String) {
        let plain = text.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars.filter {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
        }
        pairs = Set(zip(plain, plain.dropFirst()).map { String(String.UnicodeScalarView([$0, $1])) })
    }

    /// From 0, nothing in common, to 1,000, the same pairs.
    func thousandths(_ other: Likeness) -> Int {
        let sum = pairs.count + other.pairs.count
        guard sum > 0 else { return 0 }
        return pairs.intersection(other.pairs).count * 2_000 / sum
    }
}
