/// Numbers for terms, in the order in which they first come: a flat table, since their hashes are well mixed already.
struct TermTable: Sendable {
    private var hashes: [UInt64]
    private var numbers: [UInt32]
    private(set) var count = 0

    init() {
        hashes = [UInt64](repeating: 0, count: 1 << 12)
        numbers = [UInt32](repeating: 0, count: 1 << 12)
    }

    /// Zero marks a free slot; a hash of zero is taken for one.
    private func slot(_ hash: UInt64) -> Int {
        let mask = hashes.count - 1
        return hashes.withUnsafeBufferPointer { hashes in
            var place = Int(truncatingIfNeeded: hash) & mask
            while hashes[place] != 0, hashes[place] != hash { place = (place + 1) & mask }
            return place
        }
    }

    /// The number of a term, if it has one.
    subscript(_ hash: UInt64) -> UInt32? {
        let place = slot(max(hash, 1))
        return hashes[place] == 0 ? nil : numbers[place]
    }

    /// The number of a term, given now if it has none.
    mutating func number(_ hash: UInt64) -> UInt32 {
        let hash = max(hash, 1)
        let place = slot(hash)
        if hashes[place] != 0 { return numbers[place] }
        let number = UInt32(count)
        hashes[place] = hash
        numbers[place] = number
        count += 1
        if count * 2 > hashes.count { grow() }
        return number
    }

    private mutating func grow() {
        let (oldHashes, oldNumbers) = (hashes, numbers)
        hashes = [UInt64](repeating: 0, count: oldHashes.count * 2)
        numbers = [UInt32](repeating: 0, count: oldHashes.count * 2)
        for (place, hash) in oldHashes.enumerated() where hash != 0 {
            let new = slot(hash)
            hashes[new] = hash
            numbers[new] = oldNumbers[place]
        }
    }
}
