import Store
import StoreTestSupport
import Testing

@Suite("Failures of the store")
struct FailureTests {
    @Test("A broken constraint has one type and one name on both engines", arguments: TestStore.engines)
    func constraints(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        try await db.write { tx in
            try Things.add("a", 1, tx)
            try tx.run("UPDATE thing SET note = 'Note' WHERE id = 'a'")
        }
        let refused: [(SQL, StoreError)] = [
            ("INSERT INTO thing (id, number) VALUES ('b', 1)", .unique("thing_number_key")),
            ("INSERT INTO thing (id, number) VALUES ('a', 2)", .unique("thing_pkey")),
            ("INSERT INTO thing (id, number, note) VALUES ('b', 2, 'NOTE')", .unique("thing_folded_key")),
            ("INSERT INTO thing (id, number) VALUES ('b', -1)", .check("thing_number_check")),
            ("INSERT INTO thing (id) VALUES ('b')", .notNull("thing.number")),
        ]
        for (statement, error) in refused {
            await #expect(throws: error) { try await db.write { tx in try tx.run(statement) } }
        }
        do {
            try await db.write { tx in try tx.run("INSERT INTO part (id, thing) VALUES ('p', 'nothing')") }
            Issue.record("a part without its thing was taken")
        } catch StoreError.foreignKey {}
        #expect(try await Things.ids(db) == ["a"])
    }

    @Test(
        "A statement that failed spoils its transaction even if the caller goes on", arguments: TestStore.engines)
    func swallowedFailure(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        try await db.write { tx in try Things.add("a", 1, tx) }
        await #expect(throws: StoreError.unique("thing_number_key")) {
            try await db.write { tx in
                try Things.add("b", 2, tx)
                try? Things.add("c", 1, tx)
            }
        }
        await #expect(throws: StoreError.unique("thing_pkey")) {
            try await db.write { tx in
                try? Things.add("a", 2, tx)
                try Things.add("d", 3, tx)
            }
        }
        #expect(try await Things.ids(db) == ["a"])
    }

    @Test("A second statement while rows are being read is refused", arguments: TestStore.engines)
    func nestedStatements(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(connections: 1))
        try await db.write { tx in try Things.add("a", 1, tx) }
        await #expect(throws: StoreError.self) {
            try await db.write { tx in
                try tx.forEach("SELECT id FROM thing") { _ in try Things.add("b", 2, tx) }
            }
        }
        #expect(try await Things.ids(db) == ["a"])
    }

    @Test("A text that the engines would cut off is refused", arguments: TestStore.engines)
    func nulCharacter(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        await #expect(throws: StoreError.sql("a text holds a NUL character")) {
            try await db.write { tx in try Things.add("a\u{0}b", 1, tx) }
        }
        #expect(try await Things.ids(db) == [])
    }

    @Test("A wrong statement is told in one line, and the next one works", arguments: TestStore.engines)
    func wrongStatement(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(connections: 1))
        do {
            try await db.read { tx in _ = try tx.rows("SELECT *\nFROM nowhere") }
            Issue.record("a wrong statement was taken")
        } catch let error as StoreError {
            #expect(error.description.contains("nowhere") && !error.description.contains("\n"))
        }
        try await db.ping()
    }

    @Test("Texts with odd characters are one line", arguments: [StoreError.sql("a\nb"), .cannotOpen("a\r\nb")])
    func oneLine(error: StoreError) {
        #expect(error.description.hasSuffix("a b"))
    }

    @Test(
        "Addresses that cannot be opened are refused in one line without the password",
        arguments: [
            "mysql://x", "sqlite:/nonexistent/folder/file", "sqlite:/proc/kechuang.sqlite", "sqlite:/etc/hostname",
            "postgres://user:topsecret@127.0.0.1:1/nothing", "postgres://user:topsecret@/nothing?host=/nonexistent",
            "postgres://user:top%ssecret@127.0.0.1:1/nothing", "postgres://user:x@topsecret@127.0.0.1:1/nothing",
            "postgres://user:topsecret/1@127.0.0.1:1/nothing", "postgres://user:1/topsecret@127.0.0.1:1/nothing",
            "postgres://user@127.0.0.1:1/nothing?password=topsecret&wrong=1",
        ])
    func wrongAddresses(address: String) {
        do {
            _ = try Database.open(address)
            Issue.record("\(address) was opened")
        } catch StoreError.cannotOpen(let reason) {
            #expect(!reason.isEmpty && !reason.contains("secret") && !reason.contains("\n"))
        } catch {
            Issue.record("\(address): \(error)")
        }
    }
}
