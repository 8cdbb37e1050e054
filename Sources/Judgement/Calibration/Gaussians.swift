internal import Foundation

/// Standard normal numbers that can be repeated: SplitMix64 and the Box-Muller transform.
struct Gaussians {
    private var state: UInt64
    private var spare: Double?

    init(seed: UInt64) { state = seed }

    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        // The first lies above zero, so that its logarithm is finite.
        let radius = (-2 * log((Double(bits() >> 11) + 1) * 0x1p-53)).squareRoot()
        let angle = 2 * Double.pi * Double(bits() >> 11) * 0x1p-53
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return mixed(state)
    }
}

/// The finishing step of SplitMix64: every bit of the result hangs on every bit given.
@inline(__always)
func mixed(_ bits: UInt64) -> UInt64 {
    let first = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    let second = (first ^ (first >> 27)) &* 0x94D0_49BB_1331_11EB
    return second ^ (second >> 31)
}
