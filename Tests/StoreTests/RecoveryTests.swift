import Store
import StoreTestSupport
import Testing

@Suite("Recovery from lost connections")
struct RecoveryTests {
    private static let hasPostgres = TestStore.engines.contains(.postgres)

    @Test("A connection that died while it was idle is replaced and nobody notices", .enabled(if: hasPostgres))
    func idleConnections() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms, DatabaseOptions(connections: 3))
        let other = try await TestStore.open(.postgres, Things.rooms, DatabaseOptions(connections: 1))
        for round in 0..<6 {
            let backend: Int = try await db.read { tx in try tx.value("SELECT pg_backend_pid()") ?? 0 }
            _ = try await other.read { tx in try tx.rows("SELECT pg_terminate_backend(\(backend)::int, 120000)") }
            let keys = round.isMultiple(of: 2) ? [] : [LockKey("round")]
            try await db.write(locking: keys) { tx in try Things.add("r\(round)", round, tx) }
        }
        #expect(try await Things.ids(db).count == 6)
    }

    @Test("A transaction that loses its connection tells so and leaves nothing behind", .enabled(if: hasPostgres))
    func midTransaction() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms, DatabaseOptions(connections: 3))
        do {
            try await db.write { tx in
                try Things.add("half", 100, tx)
                let own: Int = try tx.value("SELECT pg_backend_pid()") ?? 0
                _ = try? tx.rows("SELECT pg_terminate_backend(\(own)::int)")
                try Things.add("other half", 101, tx)
            }
            Issue.record("half a transaction was kept")
        } catch StoreError.connectionLost {}
        #expect(try await Things.ids(db) == [])
    }

    @Test(
        "What was acknowledged while sessions were being killed is there, and work goes on", .enabled(if: hasPostgres))
    func killedAgainAndAgain() async throws {
        let address = try await TestStore.address(.postgres)
        let name = "victim\(address.suffix(12))"
        let db = try Database.open(
            address + "&application_name=\(name)", DatabaseOptions(connections: 4, waitSeconds: 600))
        try await db.migrate(Things.rooms)
        let killer = try Database.open(address, DatabaseOptions(connections: 1, waitSeconds: 600))
        let acknowledged = Shared(Set<String>())
        let failed = Shared(Set<String>())
        let working = Shared(8)
        let killed = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    defer { working.change { $0 -= 1 } }
                    for round in 0..<60 {
                        let (id, number) = ("w\(worker)-\(round)", worker * 1_000 + round)
                        do {
                            try await db.write { tx in try Things.add(id, number, tx) }
                            acknowledged.change { _ = $0.insert(id) }
                        } catch let error as StoreError {
                            switch error {
                            case .connectionLost, .outcomeUnknown: failed.change { _ = $0.insert(id) }
                            default: throw error
                            }
                        }
                    }
                    return 0
                }
            }
            group.addTask {
                var killed = 0
                while working.now > 0 {
                    killed += try await killer.read { tx in
                        try tx.value(
                            """
                            SELECT COUNT(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
                            WHERE application_name = \(name) ORDER BY pid LIMIT 2) victims
                            """) ?? 0
                    }
                }
                return killed
            }
            return try await group.reduce(0, +)
        }
        let there = Set(try await Things.ids(db))
        #expect(killed > 0)
        #expect(acknowledged.now.subtracting(there).isEmpty, "acknowledged and lost")
        #expect(there.subtracting(acknowledged.now).isSubset(of: failed.now))
        try await db.write { tx in try Things.add("after", 999_999, tx) }
    }

    @Test(
        "A server that is killed and started again is found again without a restart",
        .enabled(if: OwnPostgres.isInstalled), .timeLimit(.minutes(60)))
    func killedServer() async throws {
        let server = try OwnPostgres()
        defer { server.remove() }
        let db = try Database.open(server.address, DatabaseOptions(connections: 2))
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("before", 1, tx) }
        do {
            try await db.write { tx in
                try Things.add("half", 2, tx)
                try server.kill(backend: try tx.value("SELECT pg_backend_pid()") ?? 0)
                try Things.add("other half", 3, tx)
            }
            Issue.record("a dead server took a transaction")
        } catch StoreError.connectionLost {}
        for _ in 0..<3 {
            do {
                try await db.ping()
                Issue.record("a dead server answered")
            } catch StoreError.connectionLost(let reason) { #expect(!reason.isEmpty) }
        }
        try server.start()
        try await db.ping()
        try await db.write { tx in try Things.add("after", 4, tx) }
        #expect(try await Things.ids(db) == ["after", "before"])
    }

    @Test(
        "Files that a server may not touch any more are told as its disk, a right that is missing is not",
        .enabled(if: OwnPostgres.isInstalled))
    func forbiddenFiles() async throws {
        let server = try OwnPostgres()
        defer { server.remove() }
        let db = try Database.open(server.address)
        try await db.migrate(Things.rooms)
        try await db.write { tx in
            try Things.add("before", 1, tx)
            try tx.run("CREATE ROLE nobody")
        }
        do {
            try await db.write { tx in
                try tx.run("SET LOCAL ROLE nobody")
                try Things.add("not mine", 2, tx)
            }
            Issue.record("who has no right wrote")
        } catch StoreError.sql {}
        let file: String = try await db.read { tx in try tx.value("SELECT pg_relation_filepath('thing')") ?? "" }
        try server.lock(file)
        // Sessions that have the file open already may go on.
        let fresh = try Database.open(server.address)
        do {
            try await fresh.write { tx in try Things.add("after", 2, tx) }
            Issue.record("a file was opened that nobody may")
        } catch StoreError.diskFailed(let reason) { #expect(reason.contains(file)) }
        try server.unlock(file)
        #expect(try await Things.ids(fresh) == ["before"])
    }

    @Test("A server that takes no writes is not asked again and counts as unavailable", .enabled(if: hasPostgres))
    func readsOnly() async throws {
        let address = try await TestStore.address(.postgres)
        try await Database.open(address).migrate(Things.rooms)
        let db = try Database.open(address + "%20-cdefault_transaction_read_only%3Don")
        for _ in 0..<2 {
            do {
                try await db.write { tx in try Things.add("kept nowhere", 1, tx) }
                Issue.record("a server that takes no writes took one")
            } catch StoreError.connectionLost(let reason) { #expect(reason.contains("takes no writes")) }
            #expect(try await Things.ids(db) == [])
        }
    }

    @Test("Of several servers those that are away are passed over", .enabled(if: hasPostgres))
    func severalServers() async throws {
        let address = try await TestStore.address(.postgres)
        let several = address.replacing("127.0.0.1:", with: "127.0.0.1:1,127.0.0.1:")
        let db = try Database.open(several)
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("kept", 1, tx) }
        #expect(try await Things.ids(db) == ["kept"])
    }
}
