import Foundation
import Store
import StoreTestSupport
import Testing

@Suite("Store")
struct StoreTests {
    @Test("Every kind of value comes back as it went in", arguments: TestStore.engines)
    func values(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        let awkward = "quote ' \" back\\slash 汉字 🚀 '; DROP TABLE thing; --"
        let blob: [UInt8] = [0, 1, 127, 128, 255, 0]
        try await db.write { tx in
            _ = try tx.run(
                """
                INSERT INTO thing (id, number, flag, bytes, share, note)
                VALUES (\(awkward), \(Int64.max), \(true), \(blob), \(0.1), \(String?.none))
                """)
        }
        let found = try await db.read { tx in
            try tx.first("SELECT * FROM thing WHERE id = \(awkward) AND flag = \(true)")
        }
        let row = try #require(found)
        let number: Int64 = try row["number"]
        let flag: Bool = try row["flag"]
        let bytes: [UInt8] = try row["bytes"]
        let share: Double = try row["share"]
        let note: String? = try row["note"]
        #expect(number == .max && flag && bytes == blob && share == 0.1 && note == nil)
        #expect(throws: StoreError.self) { try row["missing"] as String }
        #expect(throws: StoreError.self) { try row["id"] as Int }
    }

    @Test("A list is cut into blocks in its order, the last one shorter, and an empty one into none")
    func blocks() {
        #expect(Array(1...7).blocks(of: 3) == [[1, 2, 3], [4, 5, 6], [7]])
        #expect(Array(1...6).blocks(of: 3) == [[1, 2, 3], [4, 5, 6]])
        #expect([Int]().blocks().isEmpty && Array(1...501).blocks().map(\.count) == [500, 1])
    }

    @Test("A closure that throws leaves nothing behind, and the next one works", arguments: TestStore.engines)
    func rollback(engine: Engine) async throws {
        struct Wrong: Error {}
        let db = try await TestStore.open(engine, Things.rooms)
        await #expect(throws: Wrong.self) {
            try await db.write { tx in
                try Things.add("a", 1, tx)
                throw Wrong()
            }
        }
        try await db.write { tx in try Things.add("b", 2, tx) }
        let ids = try await db.read { tx in try tx.rows("SELECT id FROM thing") { try $0["id"] as String } }
        #expect(ids == ["b"])
    }

    @Test(
        "What is tried and fails is taken back, and the transaction goes on; what succeeds stays",
        arguments: TestStore.engines)
    func attempts(engine: Engine) async throws {
        struct Enough: Error {}
        let db = try await TestStore.open(engine, Things.rooms)
        try await db.write { tx in
            // The first statement of a transaction, several attempts in one another, one that asks nothing at all.
            #expect(throws: StoreError.self) { try tx.attempt { try Things.add("a", -1, tx) } }
            #expect(throws: Enough.self) { try tx.attempt { throw Enough() } }
            try Things.add("b", 1, tx)
            try tx.attempt {
                try Things.add("c", 2, tx)
                #expect(throws: StoreError.self) { try tx.attempt { try Things.add("d", 2, tx) } }
                try tx.attempt { try Things.add("e", 3, tx) }
            }
            #expect(throws: Enough.self) {
                try tx.attempt {
                    try Things.add("f", 4, tx)
                    try tx.attempt { try Things.add("g", 5, tx) }
                    throw Enough()
                }
            }
            // A failure that was only hidden spoils the attempt, as it would spoil a transaction.
            #expect(throws: StoreError.self) { try tx.attempt { try? Things.add("h", 1, tx) } }
            #expect(throws: StoreError.self) { try tx.attempt { try tx.run("INSERT INTO nowhere VALUES (1)") } }
        }
        let kept = try await db.read { tx in try tx.rows("SELECT id FROM thing ORDER BY id") { try $0["id"] as String }
        }
        #expect(kept == ["b", "c", "e"])
    }

    @Test("A read cannot write, and nothing writes while it is forbidden", arguments: TestStore.engines)
    func readOnly(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        await #expect(throws: StoreError.writeForbidden) { try await db.read { tx in try Things.add("a", 1, tx) } }
        await #expect(throws: StoreError.writeForbidden) {
            try await Database.$writesForbidden.withValue(true) {
                try await db.write { tx in try Things.add("a", 1, tx) }
            }
        }
        let count: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing") }
        #expect(count == 0)
    }

    @Test("Sixty-four writers at once lose nothing and double nothing", arguments: TestStore.engines)
    func writers(engine: Engine) async throws {
        let address = try await TestStore.address(engine)
        let db = try Database.open(address, DatabaseOptions(connections: 8, waitSeconds: 240))
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("counter", 0, tx) }
        let runs = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<64 {
                group.addTask {
                    try await db.write(locking: [LockKey("counter")]) { tx in
                        runs.change { $0 += 1 }
                        let now: Int = try tx.value("SELECT number FROM thing WHERE id = 'counter'") ?? -1
                        _ = try tx.run("UPDATE thing SET number = \(now + 1) WHERE id = 'counter'")
                        _ = try tx.run("INSERT INTO part (id, thing) VALUES (\("p\(writer)"), 'counter')")
                    }
                }
            }
            try await group.waitForAll()
        }
        // The lock is taken before the snapshot, so nobody has to run again.
        #expect(runs.now == 64)
        await db.close()
        let again = try Database.open(address)
        let (number, parts) = try await again.read { tx in
            (
                try tx.value("SELECT number FROM thing WHERE id = 'counter'") as Int?,
                try tx.value("SELECT COUNT(*) FROM part") as Int?
            )
        }
        #expect(number == 64 && parts == 64)
    }

    @Test("One failing writer does not hurt those who share its commit", arguments: TestStore.engines)
    func sharedCommit(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(connections: 8, waitSeconds: 240))
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<40 {
                group.addTask {
                    do {
                        // Every fourth number is taken already.
                        try await db.write { tx in
                            try Things.add("w\(writer)", writer.isMultiple(of: 4) ? 1_000 : writer, tx)
                        }
                        return 0
                    } catch StoreError.unique { return 1 }
                }
            }
            return try await group.reduce(0, +)
        }
        let count: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing") }
        #expect(failures == 9 && count == 31)
    }

    @Test(
        "A long answer is read row by row, and a throwing reader leaves the connection whole",
        arguments: TestStore.engines)
    func streaming(engine: Engine) async throws {
        struct Enough: Error {}
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(connections: 1))
        try await db.write { tx in
            for block in stride(from: 0, to: 100_000, by: 500) {
                let rows = (block..<(block + 500)).map { number -> SQL in "(\("r\(number)"), \(number))" }
                _ = try tx.run("INSERT INTO thing (id, number) VALUES \(SQL.join(rows, separator: ", "))")
            }
        }
        let sum = try await db.read { tx -> Int in
            var sum = 0
            try tx.forEach("SELECT number FROM thing") { sum += try $0["number"] as Int }
            return sum
        }
        #expect(sum == 100_000 * 99_999 / 2)
        await #expect(throws: Enough.self) {
            try await db.read { tx in try tx.forEach("SELECT number FROM thing") { _ in throw Enough() } }
        }
        let one: Int? = try await db.read { tx in try tx.value("SELECT 1") }
        #expect(one == 1)
    }

    @Test("Steps run once; a changed or unknown step stops the start and changes nothing", arguments: TestStore.engines)
    func migrations(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("a", 1, tx) }
        let more = Migration(id: "2026-02-01-test-more", statements: ["ALTER TABLE thing ADD COLUMN extra TEXT"])
        let grown = Migrations(room: "test", steps: Things.rooms[0].steps + [more])
        try await db.migrate([grown])
        await #expect(throws: StoreError.newerSchema("2026-02-01-test-more")) { try await db.migrate(Things.rooms) }
        let changed = Migration(id: "2026-01-01-test-things", statements: ["CREATE TABLE other (id TEXT PRIMARY KEY)"])
        await #expect(throws: StoreError.changedMigration("2026-01-01-test-things")) {
            try await db.migrate([Migrations(room: "test", steps: [changed, more])])
        }
        let twice = Migrations(room: "other", steps: [more])
        await #expect(throws: StoreError.changedMigration(more.id)) { try await db.migrate([grown, twice]) }
        let count: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing WHERE extra IS NULL") }
        #expect(count == 1)
    }

    @Test("Statements are counted", arguments: TestStore.engines)
    func counting(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        func asked(_ times: Int) async throws -> Int {
            try await QueryCounter.count {
                try await db.read { tx in for _ in 0..<times { _ = try tx.rows("SELECT 1") } }
            }
        }
        let (few, many) = (try await asked(1), try await asked(6))
        #expect(few == 1 && many == 6)
    }
}
