/// Chance that can be repeated: SplitMix64. The same seed gives the same numbers on every machine.
public struct Chance: Sendable {
    private var state: UInt64

    /// Chance from a seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 up to, but not including, `limit`; all equally likely.
    public mutating func below(_ limit: UInt64) -> UInt64 {
        // The last, incomplete run of numbers is drawn again: without that the small ones would be likelier.
        let reach = UInt64.max - (UInt64.max % limit + 1) % limit
        var number = next()
        while number > reach { number = next() }
        return number % limit
    }
}
