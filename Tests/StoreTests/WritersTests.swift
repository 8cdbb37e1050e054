import Testing

@testable import Store

@Suite("Writers that run at once")
struct WritersTests {
    @Test("Never fewer than two nor more than there are connections, whatever comes", arguments: 1...40)
    func bounds(seed: UInt64) {
        var random = Numbers(state: seed)
        let most = 1 + Int(random.next() % 20)
        var room = WritersRoom(most: most)
        #expect(room.count == most)
        for _ in 0..<1_000 {
            if random.next() % 3 > 0 { room.won() } else { room.lost() }
            #expect((min(2, most)...most).contains(room.count), "seed \(seed)")
        }
        for _ in 0..<5 { room.lost() }
        #expect(room.count == min(2, most))
        for _ in 0..<4 * most * most { room.won() }
        #expect(room.count == most)
    }

    @Test("After losses fewer write at once, and all come through", .timeLimit(.minutes(60)))
    func fewerAtOnce() async throws {
        let lines = PostgresLines(room: 3, writers: 8, wait: 900)
        for _ in 0..<4 {
            await #expect(throws: StoreError.serialization) {
                try await lines.writing { () async throws -> Void in throw StoreError.serialization }
            }
        }
        let inside = Shared((now: 0, most: 0, all: 0))
        let gate = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await lines.writing {
                        inside.change { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.all + 1) }
                        while !gate.now { await Task.yield() }
                        inside.change { $0.now -= 1 }
                    }
                }
            }
            while inside.now.now < 2 || lines.waitingCount < 18 { await Task.yield() }
            #expect(inside.now.most == 2)
            gate.change { $0 = true }
            try await group.waitForAll()
        }
        #expect(inside.now.all == 20)
        #expect(inside.now.most < 8)
    }

    @Test("Those at the door go on together when it opens, and not behind others who lost", .timeLimit(.minutes(60)))
    func door() async throws {
        let lines = PostgresLines(room: 3, writers: 8, wait: 900)
        try await lines.enter(PostgresLines.losers)
        lines.shut()
        let second = Task { try await lines.enter(PostgresLines.losers) }
        while lines.waitingCount < 1 { await Task.yield() }
        let passing = (0..<5).map { _ in Task { try await lines.pass() } }
        while lines.waitingCount < 6 { await Task.yield() }
        lines.leave(PostgresLines.losers)
        // The second has its turn now and keeps it.
        for one in passing { try await one.value }
        try await second.value
        lines.leave(PostgresLines.losers)
        #expect(lines.waitingCount == 0)
    }
}
