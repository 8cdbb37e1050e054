/// An exact decimal of at most 15 digits, e.g. a rate: `units` × 10^-`places`, without zeros at the end.
///
/// So short a decimal prints the same as the floating-point number nearest to it, which is what RFC 8785 asks for.
public struct DecimalNumber: Hashable, Codable, Sendable, CustomStringConvertible {
    public let units: Int64
    /// Digits behind the point, 0 to 6.
    public let places: Int

    /// - Returns: nil where the number has more than 15 digits or more than six places.
    public init?(units: Int64, places: Int) {
        var (units, places) = (units, places)
        while places > 0, units.isMultiple(of: 10) { (units, places) = (units / 10, places - 1) }
        guard (0...6).contains(places), units.magnitude < 1_000_000_000_000_000 else { return nil }
        self.units = units
        self.places = places
    }

    /// Reads `-12.50`; nil for anything else, exponents included.
    public init?(_ text: String) {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count),
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }),
            parts.reduce(0, { $0 + $1.count }) <= 18, let units = Int64(String(decoding: parts.joined(), as: UTF8.self))
        else { return nil }
        self.init(units: isNegative ? -units : units, places: parts.count == 2 ? parts[1].count : 0)
    }

    /// The number, where it is whole.
    public var whole: Int64? { places == 0 ? units : nil }

    /// The nearest floating-point number, for other people's JSON readers only.
    var double: Double { Double(description) ?? 0 }

    public var description: String {
        guard places > 0 else { return String(units) }
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(units < 0 ? "-" : "")\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}
