import Synchronization

/// Identities that sort by the time of their making (RFC 9562, version 7): 48 bits of milliseconds, then a counter,
/// then chance.
public enum UUIDv7 {
    private struct State {
        var millisecond: Int64 = 0
        var counter: UInt16 = 0
    }

    private static let state = Mutex(State())

    /// A new identity made at a moment. Within one process, identities made later sort later as long as the clock
    /// does not go back.
    public static func make(at now: Instant) -> String {
        let (millisecond, counter) = state.withLock { state -> (Int64, UInt16) in
            let current = now.microseconds / 1_000
            if current > state.millisecond {
                state = State(millisecond: current, counter: 0)
            } else if state.counter == 0xFFF {
                // A full counter borrows the next millisecond, so that order is kept.
                state = State(millisecond: state.millisecond + 1, counter: 0)
            } else {
                state.counter += 1
            }
            return (state.millisecond, state.counter)
        }
        var random = SystemRandomNumberGenerator()
        return text(millisecond: millisecond, counter: counter, random: random.next())
    }

    static func text(millisecond: Int64, counter: UInt16, random: UInt64) -> String {
        let high = UInt64(bitPattern: millisecond) << 16 | 0x7000 | UInt64(counter & 0xFFF)
        let low = random & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var bytes: [UInt8] = []
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: high >> shift)) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: low >> shift)) }
        let hex = Array(Digest.hex(bytes).utf8)
        let groups = [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]]
        return groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}
