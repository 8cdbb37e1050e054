/// Prints of a text by winnowing (Schleimer, Wilkerson and Aiken 2003): of each ten neighbouring runs of twelve tokens
/// the least hash is kept, so that two texts with 21 equal tokens in a row share a print, wherever the tokens stand.
enum Winnowing {
    static let run = 12
    static let window = 10

    static func prints(_ tokens: [Token], storage: inout [UInt64], into result: inout [UInt64]) {
        result.removeAll(keepingCapacity: true)
        guard tokens.count >= run else { return }
        Shingles.hashes(tokens, length: run, into: &storage)
        var least = -1
        for end in storage.indices {
            let start = end - window + 1
            if start < 0 { continue }
            if least < start {
                least = start
                // The rightmost of equals, so that a monotonous text leaves few prints.
                for place in start...end where storage[place] <= storage[least] { least = place }
            } else if storage[end] <= storage[least] {
                least = end
            } else {
                continue
            }
            result.append(storage[least])
        }
        if result.isEmpty, let only = storage.min() { result.append(only) }
    }
}

/// Prints of many texts, and the pairs of texts that share several.
struct PrintTable {
    /// A print in more texts than this is a turn of phrase and says nothing.
    static let commonest = 50
    /// Pairs that are counted at most; where common prints would make more, rarer ones only are used.
    private static let budget = 40_000_000
    private static let textBits: UInt64 = 24
    private static let textMask: UInt64 = 1 << textBits - 1

    /// By the first byte of the print; an entry holds the print's upper bits and the text's number.
    private var parts = [[UInt64]](repeating: [], count: 256)

    mutating func add(_ prints: [UInt64], text: Int) {
        for print in prints {
            let entry = (print & ~PrintTable.textMask) | UInt64(text)
            parts[Int(print >> 56)].append(entry)
        }
    }

    /// Pairs `left << 32 | right`, left before right, that share at least `least` prints.
    mutating func pairs(least: Int) -> [UInt64] {
        // Texts came by rising number, and the first byte chose the part.
        var sorter = KeySort()
        for part in parts.indices { sorter.sort(&parts[part], places: PrintTable.textBits..<56) }
        var costs = [Int](repeating: 0, count: PrintTable.commonest + 1)
        forEachGroup { texts in costs[texts.count] += texts.count * (texts.count - 1) / 2 }
        var limit = 1
        var total = 0
        while limit < PrintTable.commonest, total + costs[limit + 1] <= PrintTable.budget {
            limit += 1
            total += costs[limit]
        }
        var pairs: [UInt64] = []
        pairs.reserveCapacity(total)
        forEachGroup { texts in
            guard texts.count <= limit else { return }
            for right in texts.indices {
                for left in 0..<right { pairs.append(texts[left] << 32 | texts[right]) }
            }
        }
        pairs.sort()
        var result: [UInt64] = []
        var start = 0
        while start < pairs.count {
            let end = pairs[start...].firstIndex { $0 != pairs[start] } ?? pairs.count
            if end - start >= least { result.append(pairs[start]) }
            start = end
        }
        return result
    }

    /// Calls with the different texts of each print that 2 to ``commonest`` texts hold.
    private func forEachGroup(_ body: ([UInt64]) -> Void) {
        var texts: [UInt64] = []
        for part in parts {
            var start = 0
            while start < part.count {
                let print = part[start] >> PrintTable.textBits
                var end = start
                texts.removeAll(keepingCapacity: true)
                while end < part.count, part[end] >> PrintTable.textBits == print {
                    let text = part[end] & PrintTable.textMask
                    if texts.last != text, texts.count <= PrintTable.commonest { texts.append(text) }
                    end += 1
                }
                if texts.count > 1, texts.count <= PrintTable.commonest { body(texts) }
                start = end
            }
        }
    }
}
