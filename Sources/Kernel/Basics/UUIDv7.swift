import Synchronization

/// Identities that sort by the time of their making (RFC 9562, version 7): 48 bits of milliseconds, then a counter,
/// then chance.
public enum UUIDv7 {
    private struct State {
        var millisecond: Int64 = 0
        var counter: UInt16 = 0
    }

    private static let state = Mutex(State())
    private static let digits = Array("0123456789abcdef".utf8)

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
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (half, word) in [high, low].enumerated() {
            for digit in 0..<16 {
                if half == 0 ? digit == 8 || digit == 12 : digit == 0 || digit == 4 { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int(word >> UInt64(60 - 4 * digit) & 15)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
