import StoreTestSupport
import Testing

@testable import Store

@Suite("Writers that meet on PostgreSQL", .enabled(if: TestStore.engines.contains(.postgres)))
struct ConflictTests {
    @Test("Two transactions that each change a row of their own in a small table both win")
    func ownRows() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        try await db.write { tx in
            try Things.add("a", 1, tx)
            try Things.add("b", 2, tx)
        }
        let meeting = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ["a", "b"] {
                group.addTask {
                    try await db.write { tx in
                        _ = try tx.value("SELECT number FROM thing WHERE id = \(id)") as Int?
                        meeting.arrive()
                        try tx.run("UPDATE thing SET flag = \(true) WHERE id = \(id)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let flags: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing WHERE flag = \(true)") }
        #expect(flags == 2)
        #expect(meeting.arrivals == 2, "nobody had to run again")
    }

    @Test(
        "Of two that add the same after reading that there is nothing, the other looks again")
    func sameRow() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        let meeting = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ["a", "b"] {
                group.addTask {
                    try await db.write { tx in
                        let count: Int = try tx.value("SELECT COUNT(*) FROM thing WHERE lower(note) IS NULL") ?? 0
                        meeting.arrive()
                        try Things.add(id, count, tx)
                    }
                }
            }
            try await group.waitForAll()
        }
        let numbers = try await db.read { tx in try tx.rows("SELECT number FROM thing") { try $0["number"] as Int } }
        #expect(Set(numbers) == [0, 1])
    }

    @Test("What is there already is told after three tries")
    func trueDuplicate() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        try await db.write { tx in try Things.add("a", 1, tx) }
        let tries = Shared(0)
        await #expect(throws: StoreError.unique("thing_pkey")) {
            try await db.write { tx in
                tries.change { $0 += 1 }
                try Things.add("a", 2, tx)
            }
        }
        #expect(tries.now == 3)
        try await db.write { tx in try Things.add("b", 2, tx) }
        #expect(try await Things.ids(db) == ["a", "b"])
    }
}
