/// Logarithms and roots in whole numbers: the same on every machine, whatever its mathematics library.
enum FixedPoint {
    /// One, with 16 binary places.
    static let one: Int64 = 1 << 16

    /// The natural logarithm with 16 binary places, of a whole number above zero; the error is below 2⁻¹⁵.
    static func logarithm(_ value: UInt64) -> Int64 {
        let exponent = 63 - value.leadingZeroBitCount
        // Squaring a number between 1 and 2 tells one binary place of its logarithm at a time.
        var x = (value << UInt64(63 - exponent)) >> 32
        var result = Int64(exponent)
        for _ in 0..<20 {
            x = (x * x) >> 31
            result <<= 1
            if x >= 1 << 32 {
                result += 1
                x >>= 1
            }
        }
        // ln 2 with 32 binary places.
        return (result * 2_977_044_472) >> 36
    }

    /// The whole part of a square root.
    static func root(_ value: UInt64) -> UInt64 {
        var root = UInt64(Double(value).squareRoot())
        while root > 0xFFFF_FFFF || root * root > value { root -= 1 }
        while root < 0xFFFF_FFFF, (root + 1) * (root + 1) <= value { root += 1 }
        return root
    }
}
