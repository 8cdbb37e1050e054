internal import CNear

/// Numbers for terms, in the order in which they first come: a flat table, since their hashes are well mixed already.
struct TermTable: Sendable {
    /// Hash and number lie together, so that a look costs one line of memory. A hash of zero marks a free slot.
    private struct Slot {
        var hash: UInt64 = 0
        var number: UInt32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 1 << 12)
    private(set) var count = 0

    init() {}

    /// A hash of zero is taken for one.
    private func place(_ hash: UInt64) -> Int {
        let mask = slots.count - 1
        return slots.withUnsafeBufferPointer { slots in
            var place = Int(truncatingIfNeeded: hash) & mask
            while slots[place].hash != 0, slots[place].hash != hash { place = (place + 1) & mask }
            return place
        }
    }

    /// Asks for the line of memory of a hash that is looked up a little later.
    func near(_ hash: UInt64) {
        slots.withUnsafeBufferPointer { slots in
            guard let first = slots.baseAddress else { return }
            kechuang_near(first + (Int(truncatingIfNeeded: max(hash, 1)) & (slots.count - 1)))
        }
    }

    /// The number of a term, if it has one.
    subscript(_ hash: UInt64) -> UInt32? {
        let slot = slots[place(max(hash, 1))]
        return slot.hash == 0 ? nil : slot.number
    }

    /// The number of a term, given now if it has none.
    mutating func number(_ hash: UInt64) -> UInt32 {
        let hash = max(hash, 1)
        let place = place(hash)
        if slots[place].hash != 0 { return slots[place].number }
        let number = UInt32(count)
        slots[place] = Slot(hash: hash, number: number)
        count += 1
        if count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where slot.hash != 0 { slots[place(slot.hash)] = slot }
    }
}
