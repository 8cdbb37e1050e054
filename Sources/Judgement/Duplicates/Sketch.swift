/// A text in 42 numbers: two texts that share `J` of their shingles share each number with probability about `J³`.
///
/// MinHash in one pass: a shingle's hash picks one of 126 bins and competes there to be the least; empty bins copy one
/// that is not, chosen by their number alone, so that two texts choose alike (Shrivastava 2017). Three bins are a band.
public struct Sketch: Hashable, Sendable {
    /// Bands of a sketch.
    public static let bands = 42
    /// Least hashes in a band.
    static let rows = 3
    private static let bins = 126

    /// One hash a band; empty where the text has neither letter nor digit.
    public let values: [UInt32]

    /// A sketch that was kept.
    /// - Parameter values: as many as there are bands, or none; nil for any other number.
    public init?(values: [UInt32]) {
        guard values.isEmpty || values.count == Sketch.bands else { return nil }
        self.values = values
    }

    init(_ shingles: [UInt64]) {
        guard !shingles.isEmpty else {
            values = []
            return
        }
        var least = [UInt32](repeating: .max, count: Sketch.bins)
        var isFilled = [Bool](repeating: false, count: Sketch.bins)
        least.withUnsafeMutableBufferPointer { least in
            isFilled.withUnsafeMutableBufferPointer { isFilled in
                for shingle in shingles {
                    let bin = Int(((shingle >> 32) &* UInt64(Sketch.bins)) >> 32)
                    least[bin] = min(least[bin], UInt32(truncatingIfNeeded: shingle))
                    isFilled[bin] = true
                }
            }
        }
        let source = (0..<Sketch.bins).map { bin -> Int in
            var from = bin
            var attempt: UInt64 = 0
            while !isFilled[from] {
                attempt += 1
                from = Int(mixed(UInt64(bin) << 32 | attempt) % UInt64(Sketch.bins))
            }
            return from
        }
        values = (0..<Sketch.bands).map { band in
            var hash = UInt64(band)
            for row in 0..<Sketch.rows { hash = mixed(hash &+ UInt64(least[source[band * Sketch.rows + row]])) }
            return UInt32(truncatingIfNeeded: hash >> 32)
        }
    }
}

/// Makes sketches, with storage that is used again.
public struct Sketcher: Sendable {
    var normaliser = Normaliser()
    var tokens = TokenText()
    var shingles: [UInt64] = []

    public init() {}

    /// The sketch of a text.
    public mutating func sketch(_ text: String) -> Sketch {
        read(text)
        return Sketch(shingles)
    }

    /// Leaves the text's tokens and shingles in the storage.
    mutating func read(_ text: String) {
        normaliser.read(text, into: &tokens)
        Shingles.hashes(tokens.tokens, length: Shingles.length(of: tokens), into: &shingles)
    }
}
