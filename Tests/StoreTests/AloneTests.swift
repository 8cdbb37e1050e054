import StoreTestSupport
import Testing

@testable import Store

@Suite("One statement as a whole transaction")
struct AloneTests {
    private static let hasPostgres = TestStore.engines.contains(.postgres)

    @Test("What it writes is kept, what it asks for comes back", arguments: TestStore.engines)
    func writes(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        let rows = try await db.write(alone: { "INSERT INTO thing (id, number) VALUES ('a', 7) RETURNING id, number" })
        #expect(try rows.map { try $0["number"] as Int } == [7])
        #expect(try await Things.ids(db) == ["a"])
    }

    @Test("Where it fails nothing is kept, and the next one does not notice", arguments: TestStore.engines)
    func failure(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(connections: 1, waitSeconds: 60))
        let keys = [LockKey("a"), LockKey("b")]
        await #expect(throws: StoreError.self) {
            try await db.write(locking: keys, alone: { "INSERT INTO thing (id, number) VALUES ('a', 1), ('b', -1)" })
        }
        #expect(try await Things.ids(db) == [])
        try await db.write(locking: keys, alone: { "INSERT INTO thing (id, number) VALUES ('c', 1)" })
        #expect(try await Things.ids(db) == ["c"])
    }

    @Test("A fault that it finds in what it wrote is told as a broken check", .enabled(if: hasPostgres))
    func ownFault() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        @Sendable func statement(_ least: Int) -> SQL {
            """
            WITH made AS (INSERT INTO thing (id, number) VALUES ('a', 1) RETURNING number)
            SELECT 1 / (CASE WHEN (SELECT number FROM made) >= \(least) THEN 1 ELSE 0 END) AS agreed
            """
        }
        await #expect(throws: StoreError.check("division by zero")) {
            try await db.write(alone: { statement(2) })
        }
        #expect(try await Things.ids(db) == [])
        try await db.write(alone: { statement(1) })
        #expect(try await Things.ids(db) == ["a"])
    }

    @Test("Sixty-four that lock the same thing lose nothing", arguments: TestStore.engines)
    func many(engine: Engine) async throws {
        let db = try Database.open(
            try await TestStore.address(engine), DatabaseOptions(connections: 8, waitSeconds: 240))
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("counter", 0, tx) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    try await db.write(
                        locking: [LockKey("counter")], alone: { "UPDATE thing SET number = number + 1" })
                }
            }
            try await group.waitForAll()
        }
        let number: Int? = try await db.read { tx in try tx.value("SELECT number FROM thing") }
        #expect(number == 64)
    }

    @Test("What goes alongside every write goes alongside this one", arguments: TestStore.engines)
    func alongside(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        try await Database.$alongside.withValue(.init { tx in try Things.add("b", 2, tx) }) {
            _ = try await db.write(alone: { "INSERT INTO thing (id, number) VALUES ('a', 1)" })
        }
        #expect(try await Things.ids(db) == ["a", "b"])
    }
}
