import Testing

@testable import Store

@Suite("Pool of connections")
struct PoolStateTests {
    @Test("Never more connections than the limit, nobody is served twice, first come first served", arguments: 1...40)
    func laws(seed: UInt64) {
        var random = Numbers(state: seed)
        let limit = 1 + Int(random.next() % 4)
        let waitingLimit = Int(random.next() % 6)
        var pool = PoolState<Int>(limit: limit, waitingLimit: waitingLimit)
        var inUse: Set<Int> = []
        var queue: [Int] = []
        var made = 0
        for step in 0..<400 {
            switch random.next() % 4 {
            case 0, 1:
                switch pool.acquire(waiter: step) {
                case .use(let connection):
                    let isNew = inUse.insert(connection).inserted
                    #expect(isNew, "seed \(seed)")
                case .open:
                    made += 1
                    inUse.insert(made)
                case .wait:
                    #expect(inUse.count == limit, "seed \(seed): waits although there is room")
                    queue.append(step)
                case .refuse:
                    #expect(queue.count == waitingLimit, "seed \(seed): refused although there is room to wait")
                }
            case 2:
                guard let connection = inUse.sorted().first else { continue }
                if let waiter = pool.release(connection) {
                    let first = queue.removeFirst()
                    #expect(waiter == first, "seed \(seed)")
                } else {
                    inUse.remove(connection)
                    #expect(queue.isEmpty, "seed \(seed)")
                }
            default:
                if let waiter = queue.last, random.next().isMultiple(of: 2) {
                    let waited = pool.giveUp(waiter)
                    #expect(waited, "seed \(seed)")
                    queue.removeLast()
                } else if let connection = inUse.sorted().first {
                    inUse.remove(connection)
                    if let waiter = pool.lose() {
                        let first = queue.removeFirst()
                        #expect(waiter == first, "seed \(seed)")
                        made += 1
                        inUse.insert(made)
                    }
                }
            }
            let isSound = pool.open <= limit && inUse.count + pool.idle.count == pool.open && pool.waiting == queue
            #expect(isSound && queue.count <= waitingLimit, "seed \(seed), step \(step)")
        }
    }
}

/// Chance with a seed (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
