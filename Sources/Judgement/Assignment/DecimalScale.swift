/// A decimal number as its digits and how many of them stand after the point; exact.
public struct Decimal64: Hashable, Sendable {
    /// All digits as one whole number, without zeros at the end that stand after the point.
    public let digits: Int64
    public let decimals: Int

    /// Reads `-12.50` or `2.5e-3`; nil for anything else, and for more than 18 digits.
    public init?(_ text: String) {
        var bytes = text.utf8[...]
        while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        var (digits, decimals, seen, hasPoint) = (Int64(0), 0, 0, false)
        while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            bytes.removeFirst()
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            seen += 1
            if hasPoint { decimals += 1 }
            if digits != 0 || byte != UInt8(ascii: "0") {
                guard digits < 100_000_000_000_000_000 else { return nil }
                digits = digits * 10 + Int64(byte - UInt8(ascii: "0"))
            }
        }
        guard seen > 0 else { return nil }
        if !bytes.isEmpty {
            guard let exponent = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), exponent.magnitude < 40 else {
                return nil
            }
            decimals -= exponent
        }
        while decimals > 0, digits % 10 == 0, digits != 0 {
            digits /= 10
            decimals -= 1
        }
        while decimals < 0, digits != 0 {
            guard digits < 100_000_000_000_000_000 else { return nil }
            digits *= 10
            decimals += 1
        }
        guard decimals <= 18 || digits == 0 else { return nil }
        self.digits = isNegative ? -digits : digits
        self.decimals = digits == 0 ? 0 : decimals
    }
}

/// The largest unit of which all scores of a file are whole multiples: what the engine counts in, without loss.
public struct DecimalScale: Hashable, Sendable {
    /// One unit is this many of the last decimal place.
    public let unit: Int64
    public let decimals: Int

    /// Scores that are whole already.
    public static let whole = DecimalScale(unit: 1, decimals: 0)

    private init(unit: Int64, decimals: Int) {
        self.unit = unit
        self.decimals = decimals
    }

    /// - Throws: ``AssignmentError/tooFine`` where no 64-bit unit serves all scores.
    init(_ scores: [Decimal64]) throws(AssignmentError) {
        decimals = scores.map(\.decimals).max() ?? 0
        var common: Int64 = 0
        for score in scores {
            let (value, isOver) = score.digits.multipliedReportingOverflow(by: Self.power(decimals - score.decimals))
            guard !isOver, value != Int64.min else { throw .tooFine }
            var (left, right) = (common, abs(value))
            while right != 0 { (left, right) = (right, left % right) }
            common = left
        }
        unit = max(common, 1)
    }

    private static func power(_ exponent: Int) -> Int64 { (0..<exponent).reduce(Int64(1)) { value, _ in value * 10 } }

    /// A score in units; it must be one of those that the scale was made for.
    func units(_ score: Decimal64) -> Int64 { score.digits * Self.power(decimals - score.decimals) / unit }

    /// The least number of units that is not below a value; any value.
    public func unitsRoundedUp(_ value: Decimal64) -> Int64 {
        let top = Int128(value.digits) * Int128(Self.power(max(0, decimals - value.decimals)))
        let bottom = Int128(unit) * Int128(Self.power(max(0, value.decimals - decimals)))
        let (whole, rest) = top.quotientAndRemainder(dividingBy: bottom)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }

    /// A number of units, divided by `parts`, as a decimal: exact where it ends within 30 places, else cut there.
    public func text(_ units: Int128, dividedBy parts: Int64 = 1) -> String {
        let total = units.magnitude * UInt128(unit)
        let divisor = UInt128(parts) * UInt128(Self.power(decimals))
        var (whole, rest) = total.quotientAndRemainder(dividingBy: divisor)
        var digits = ""
        while rest != 0, digits.utf8.count < 30 {
            (whole, rest) = (whole, rest * 10)
            digits += "\(rest / divisor)"
            rest %= divisor
        }
        return (units < 0 && total > 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : "." + digits)
    }
}
