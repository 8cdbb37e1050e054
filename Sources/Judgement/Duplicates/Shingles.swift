/// Runs of tokens as hashes.
enum Shingles {
    private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// How many tokens a run has: five where characters stand alone, three where words do.
    static func length(of tokens: TokenText) -> Int { tokens.isMostlyCharacters ? 5 : 3 }

    /// One hash for each run of `length` tokens, in their order, equal ones included; a shorter text is one run.
    static func hashes(_ tokens: [Token], length: Int, into result: inout [UInt64]) {
        result.removeAll(keepingCapacity: true)
        guard !tokens.isEmpty else { return }
        let length = min(length, tokens.count)
        result.reserveCapacity(tokens.count - length + 1)
        var leading: UInt64 = 1
        for _ in 0..<length { leading = leading &* base }
        tokens.withUnsafeBufferPointer { tokens in
            var rolling: UInt64 = 0
            for index in 0..<length - 1 { rolling = rolling &* base &+ tokens[index].hash }
            var leaving: UInt64 = 0
            for index in length - 1..<tokens.count {
                rolling = rolling &* base &+ tokens[index].hash &- leaving &* leading
                leaving = tokens[index + 1 - length].hash
                result.append(mixed(rolling &+ UInt64(length)))
            }
        }
    }
}

/// The different shingles of one text, for exact comparison with many others.
struct ShingleSet {
    private var slots: [UInt64]
    /// The text that last counted a slot, so that a shingle repeated in it counts once.
    private var stamps: [UInt32]
    private var stamp: UInt32 = 0
    private let mask: Int
    private(set) var count = 0

    /// - Parameter shingles: hashes; zero is moved to one, which costs nothing but a chance of 2⁻⁶⁴.
    init(_ shingles: [UInt64]) {
        var capacity = 16
        while capacity < shingles.count * 2 { capacity *= 2 }
        slots = [UInt64](repeating: 0, count: capacity)
        stamps = [UInt32](repeating: 0, count: capacity)
        mask = capacity - 1
        for shingle in shingles {
            let value = max(shingle, 1)
            let place = find(value)
            if slots[place] == 0 {
                slots[place] = value
                count += 1
            }
        }
    }

    private func find(_ value: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: value) & mask
        while slots[place] != 0, slots[place] != value { place = (place + 1) & mask }
        return place
    }

    /// How many different shingles of another text are here too.
    mutating func shared(with shingles: [UInt64]) -> Int {
        stamp += 1
        var shared = 0
        for shingle in shingles {
            let value = max(shingle, 1)
            let place = find(value)
            if slots[place] == value, stamps[place] != stamp {
                stamps[place] = stamp
                shared += 1
            }
        }
        return shared
    }
}
