/// A decimal number as it was written, at most 15 digits: no digit is lost before the arithmetic begins.
public struct ExactDecimal: Hashable, Sendable {
    /// All digits as a whole number; the value is `digits / 10^places`.
    public let digits: Int64
    /// Digits after the point, 0 to 15.
    public let places: Int

    /// - Parameter places: brought between 0 and 15.
    public init(digits: Int64, places: Int) {
        self.digits = digits
        self.places = min(max(places, 0), 15)
    }

    /// Reads `4`, `-0.5` or `87.25`: an optional sign, digits, and at most one point between digits. Nil for anything
    /// else, exponents and more than 15 digits among it.
    public init?(parsing text: some StringProtocol) {
        var digits: Int64 = 0
        var places = 0
        var count = 0
        var sawPoint = false
        var isNegative = false
        var wasDigit = false
        for (index, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where index == 0: isNegative = true
            case UInt8(ascii: "+") where index == 0: break
            case UInt8(ascii: ".") where wasDigit && !sawPoint:
                sawPoint = true
                wasDigit = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = digits * 10 + Int64(byte - 48)
                count += 1
                if sawPoint { places += 1 }
                wasDigit = true
                guard count <= 15 else { return nil }
            default: return nil
            }
        }
        guard wasDigit else { return nil }
        self.digits = isNegative ? -digits : digits
        self.places = places
    }

    /// The nearest floating number: both parts are exact, so the division rounds once.
    public var double: Double { Double(digits) / ExactDecimal.powers[places] }

    static let powers: [Double] = [
        1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
