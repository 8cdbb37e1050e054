import Kernel
import Store
import StoreTestSupport
import Testing

@Suite("Parents of organisations")
struct AffiliationTests {
    private static let day = Day(number: 20_000)
    private static let now = Instant(microseconds: 1_728_000_000_000_000)

    private func open(_ engine: Engine) async throws -> Database {
        let db = try Database.open(try await TestStore.address(engine), DatabaseOptions(connections: 2))
        try await db.migrate([
            NumberSeries.migrations, Record.migrations, AccountStore.migrations, Registry.migrations,
        ])
        try await db.write { tx in
            for (number, name) in ["a", "b", "c", "d", "e"].enumerated() {
                try Registry.add(
                    Organisation(
                        id: ID(name), name: Bilingual("单位\(name)", name), uscc: "9144030\(number)", kind: .other,
                        address: ""),
                    source: "test", by: .system, at: Self.now, on: Self.day, tx)
            }
        }
        return db
    }

    private func belong(
        _ child: String, _ parent: String, from: Int = 0, to: Int? = nil, _ db: Database
    ) async throws {
        let item = Affiliation(
            organisation: ID(child), parent: ID(parent), kind: .branch, source: "test",
            from: Self.day.adding(days: from), to: to.map { Self.day.adding(days: $0) })
        try await db.write { tx in try Registry.affiliate(item, by: .system, at: Self.now, tx) }
    }

    private func above(_ name: String, on offset: Int = 0, _ db: Database) async throws -> Set<String> {
        try await db.read { tx in
            let day = Self.day.adding(days: offset)
            return Set((try Registry.ancestors(of: [ID(name)], on: day, tx)[ID(name)] ?? []).map(\.text))
        }
    }

    @Test("Everything above is found, on the days on which it is above", arguments: TestStore.engines)
    func levels(engine: Engine) async throws {
        let db = try await open(engine)
        try await belong("a", "b", db)
        try await belong("b", "c", from: 0, to: 9, db)
        try await belong("b", "d", from: 10, db)
        #expect(try await above("a", db) == ["b", "c"])
        #expect(try await above("a", on: 9, db) == ["b", "c"])
        #expect(try await above("a", on: 10, db) == ["b", "d"])
        #expect(try await above("a", on: -1, db).isEmpty)
        #expect(try await above("e", db).isEmpty)
        let both = try await db.read { tx in
            try Registry.ancestors(of: [ID("a"), ID("b"), ID("e")], on: Self.day, tx)
        }
        #expect(both.keys.map(\.text).sorted() == ["a", "b"])
        try await belong("a", "b", from: 0, to: 0, db)
        #expect(try await above("a", on: 1, db).isEmpty)
        #expect(try await db.read { tx in try Registry.affiliations(of: ID("b"), tx).count } == 3)
    }

    @Test("Nothing belongs to itself, nor to what belongs to it", arguments: TestStore.engines)
    func circles(engine: Engine) async throws {
        let db = try await open(engine)
        try await belong("a", "b", db)
        try await belong("b", "c", db)
        await #expect(throws: RegistryError.circular) { try await belong("c", "a", db) }
        await #expect(throws: RegistryError.circular) { try await belong("a", "a", db) }
        await #expect(throws: RegistryError.unknown) { try await belong("a", "nowhere", db) }
    }

    @Test("Organisations are listed by name and found by the beginning of name or code", arguments: TestStore.engines)
    func lists(engine: Engine) async throws {
        let db = try await open(engine)
        func names(_ words: String?, after: (String, String)? = nil, limit: Int = 10) async throws -> [String] {
            try await db.read { tx in
                try Registry.list(words: words, after: after.map { ($0.0, $0.1) }, limit: limit, tx).map(\.id.text)
            }
        }
        #expect(try await names(nil) == ["a", "b", "c", "d", "e"])
        #expect(try await names(nil, after: ("单位b", "b"), limit: 2) == ["c", "d"])
        #expect(try await names("单位c") == ["c"])
        #expect(try await names("91440302") == ["c"])
        #expect(try await names("无").isEmpty)
    }
}
