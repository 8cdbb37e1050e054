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

    /// Takes whose payments changed, as whoever looks at them does.
    private func changed(_ db: Database) async throws -> [String] {
        try await db.write { tx in
            try Dealings.changed(limit: 100, tx).filter { try Dealings.takeChanged($0, tx) }
        }
    }

    private func waiting(_ db: Database, after party: String = "", limit: Int = 100) async throws -> [String] {
        try await db.read { tx in try Dealings.changed(after: party, limit: limit, tx) }
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
        #expect(try await waiting(db, limit: 1) == ["a"])
        #expect(try await waiting(db, after: "a") == ["b"])
        #expect(try await changed(db) == ["a", "b"])
        #expect(try await changed(db).isEmpty)
        // The same again is no change.
        try await set([dealing(.money, "b", "a", 0, 0)], of: "one", db)
        #expect(try await changed(db).isEmpty)
        try await set([dealing(.money, "b", "c", 0, 0)], of: "one", db)
        #expect(try await changed(db) == ["a", "b", "c"])
        try await set([], of: "two", db)
        #expect(try await waiting(db).isEmpty)
        #expect(try await !db.write { tx in try Dealings.takeChanged("a", tx) })
    }

    @Test(
        "What was there before is gone through in blocks, each kept with where it ended, and once",
        arguments: TestStore.engines)
    func carriedOver(engine: Engine) async throws {
        let db = try await TestStore.open(
            engine, [Settings.migrations, Record.migrations, AccountStore.migrations, Registry.migrations])
        let sources = ["s1", "s2", "s3"]
        let day = Self.day
        func carry(failingAt broken: String? = nil) async throws {
            try await Dealings.carryOver("test.dealings", in: db) { after, tx in
                guard let source = sources.first(where: { $0 > after }) else { return nil }
                if source == broken { throw ProcedureError.unknownCase }
                try Dealings.set([Dealing(.money, "a", source, from: day, to: day)], of: source, tx)
                return source
            }
        }
        await #expect(throws: ProcedureError.unknownCase) { try await carry(failingAt: "s3") }
        #expect(try await found(["a"], db).map(\.other) == ["s1", "s2"])
        // What a case says by now stays as it is: the next run begins behind it.
        try await set([], of: "s1", db)
        try await carry()
        #expect(try await found(["a"], db).map(\.other) == ["s2", "s3"])
        #expect(try await db.read { tx in try Dealings.isKnown("s3", tx) && !Dealings.isKnown("s1", tx) })
        try await set([], of: "s3", db)
        try await carry()
        #expect(try await found(["a"], db).map(\.other) == ["s2"])
    }
}
