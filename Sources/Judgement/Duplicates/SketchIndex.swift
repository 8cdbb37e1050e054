/// Sketches of many texts, of which those that may be near a given one are found at once.
///
/// 42 chained tables over flat arrays: half a kilobyte a text, one memory access a band to look up, no text kept. Texts
/// are numbered from 0 in the order in which they come.
public struct SketchIndex: Sendable {
    private static let none = UInt32.max

    public private(set) var count = 0
    /// Entry `text * bands + band`: the band's hash, and the text before it in the same chain.
    private var hashes: [UInt32] = []
    private var previous: [UInt32] = []
    /// Entry `band * capacity + (hash & (capacity - 1))`: the latest text of the chain.
    private var latest: [UInt32]
    private var capacity: Int
    /// Texts without letters and digits, which stand in no chain.
    private var empty: Set<Int> = []

    /// - Parameter expected: how many texts will come; more are fine.
    public init(expected: Int = 1_000) {
        var capacity = 1_024
        while capacity < expected { capacity *= 2 }
        self.capacity = capacity
        latest = [UInt32](repeating: SketchIndex.none, count: capacity * Sketch.bands)
        hashes.reserveCapacity(expected * Sketch.bands)
        previous.reserveCapacity(expected * Sketch.bands)
    }

    /// Takes a text in; an empty sketch takes a number and is never found.
    public mutating func add(_ sketch: Sketch) {
        if count == capacity { grow() }
        let text = UInt32(count)
        if sketch.values.isEmpty {
            empty.insert(count)
            hashes.append(contentsOf: repeatElement(0, count: Sketch.bands))
            previous.append(contentsOf: repeatElement(SketchIndex.none, count: Sketch.bands))
        }
        for (band, hash) in sketch.values.enumerated() {
            let place = band * capacity + Int(hash) & (capacity - 1)
            hashes.append(hash)
            previous.append(latest[place])
            latest[place] = text
        }
        count += 1
    }

    /// Texts that share a band with the sketch, by number, with how many of the 42 bands they share.
    /// - Parameter limit: of each band, at most so many of the latest texts, so that one text filed a million times
    ///   cannot make each question a million answers long.
    public func candidates(_ sketch: Sketch, limit: Int = 1_000) -> [(text: Int, bands: Int)] {
        var found: [UInt32] = []
        for (band, hash) in sketch.values.enumerated() {
            var text = latest[band * capacity + Int(hash) & (capacity - 1)]
            var left = limit
            while text != SketchIndex.none, left > 0 {
                let entry = Int(text) * Sketch.bands + band
                if hashes[entry] == hash {
                    found.append(text)
                    left -= 1
                }
                text = previous[entry]
            }
        }
        found.sort()
        var result: [(text: Int, bands: Int)] = []
        for text in found {
            if let last = result.last, last.text == Int(text) {
                result[result.count - 1].bands += 1
            } else {
                result.append((Int(text), 1))
            }
        }
        return result
    }

    private mutating func grow() {
        capacity *= 2
        latest = [UInt32](repeating: SketchIndex.none, count: capacity * Sketch.bands)
        for text in 0..<count where !empty.contains(text) {
            for band in 0..<Sketch.bands {
                let entry = text * Sketch.bands + band
                let place = band * capacity + Int(hashes[entry]) & (capacity - 1)
                previous[entry] = latest[place]
                latest[place] = UInt32(text)
            }
        }
    }
}
