import Kernel
import Store
import StoreTestSupport
import Testing

@Suite("Dealings between parties of the registry")
struct DealingTests {
    private static let day = Day(number: 20_000)

    private func open(_ engine: Engine) async throws -> Database {
        try await TestStore.open(engine, [Record.migrations, AccountStore.migrations, Registry.migrations])
    }

    private func dealing(_ kind: Dealing.Kind, _ one: String, _ other: String, _ from: Int, _ to: Int) -> Dealing {
        Dealing(kind, one, other, from: Self.day.adding(days: from), to: Self.day.adding(days: to))
    }

    private func set(_ dealings: [Dealing], of source: String, _ db: Database) async throws {
        try await db.write { tx in try Dealings.set(dealings, of: source, tx) }
    }

    private func found(_ parties: [String], _ db: Database) async throws -> [Dealing] {
        try await db.read { tx in
            let each = parties.map { party -> SQL in "SELECT \(party)" }
            return try Dealings.of(SQL.join(each, separator: " UNION "), tx)
        }
    }

    private func changed(_ db: Database) async throws -> [String] {
        try await db.write { tx in try Dealings.takeChanged(limit: 100, tx) }
    }

    @Test(
        "Either side finds a dealing, once for all its sources, with the first and the last day",
        arguments: TestStore.engines)
    func bothSides(engine: Engine) async throws {
        let db = try await open(engine)
        try await set([dealing(.money, "a", "b", 0, 3), dealing(.money, "a", "b", -5, 1)], of: "one", db)
        try await set([dealing(.money, "b", "a", 4, 9), dealing(.money, "b", "b", 0, 0)], of: "two", db)
        try await set([dealing(.protected, "p", "a", 2, 2)], of: "three", db)
        #expect(try await found(["a"], db) == [dealing(.money, "a", "b", -5, 9), dealing(.protected, "a", "p", 2, 2)])
        #expect(try await found(["b"], db) == [dealing(.money, "b", "a", -5, 9)])
        #expect(try await found(["p", "nobody"], db) == [dealing(.protected, "p", "a", 2, 2)])
        let sources = try await db.read { tx in
            try Dealings.sources(.protected, of: ["p", "b"], with: ["a"], tx).map { $0.source }
        }
        #expect(sources == ["three"])
    }

    @Test(
        "What a source says anew takes the place of what it said; what goes on has a later last day",
        arguments: TestStore.engines)
    func replaced(engine: Engine) async throws {
        let db = try await open(engine)
        try await set([dealing(.money, "a", "b", 0, 0), dealing(.money, "a", "c", 0, 0)], of: "one", db)
        try await set([dealing(.money, "a", "c", 0, 2)], of: "one", db)
        #expect(try await found(["a"], db) == [dealing(.money, "a", "c", 0, 2)])
        try await db.write { tx in try Dealings.prolong("one", through: Self.day.adding(days: 7), tx) }
        try await db.write { tx in try Dealings.prolong("one", through: Self.day, tx) }
        #expect(try await found(["c"], db) == [dealing(.money, "c", "a", 0, 7)])
        try await set([], of: "one", db)
        #expect(try await found(["a", "b", "c"], db).isEmpty)
    }

    @Test("Whose payments changed is told once; a protected fact is told to nobody", arguments: TestStore.engines)
    func changes(engine: Engine) async throws {
        let db = try await open(engine)
        try await set([dealing(.money, "a", "b", 0, 0)], of: "one", db)
        try await set([dealing(.protected, "p", "q", 0, 0)], of: "two", db)
        #expect(try await db.read { tx in try Dealings.haveChanged(tx) })
        #expect(try await changed(db) == ["a", "b"])
        #expect(try await changed(db).isEmpty)
        // The same again is no change.
        try await set([dealing(.money, "b", "a", 0, 0)], of: "one", db)
        #expect(try await changed(db).isEmpty)
        try await set([dealing(.money, "b", "c", 0, 0)], of: "one", db)
        #expect(try await changed(db) == ["a", "b", "c"])
        try await set([], of: "two", db)
        #expect(try await !db.read { tx in try Dealings.haveChanged(tx) })
    }
}
