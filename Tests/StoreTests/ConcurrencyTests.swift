import Dispatch
import StoreTestSupport
import Testing

@testable import Store

@Suite("Many at once")
struct ConcurrencyTests {
    private static let hasPostgres = TestStore.engines.contains(.postgres)

    @Test("Two transactions that each read what the other writes cannot both win", arguments: TestStore.engines)
    func writeSkew(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms)
        try await db.write { tx in
            try Things.add("a", 1, tx)
            try Things.add("b", 2, tx)
        }
        // Rule: at most one flag. Each sets its own after seeing that no other is set. On PostgreSQL both look before
        // either writes; SQLite lets only one in at a time.
        let meeting = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in ["a", "b"] {
                group.addTask {
                    try await db.write { tx in
                        let others: Int = try tx.value("SELECT COUNT(*) FROM thing WHERE flag = \(true)") ?? 0
                        if engine == .postgres { meeting.arrive() }
                        if others == 0 { try tx.run("UPDATE thing SET flag = \(true) WHERE id = \(id)") }
                    }
                }
            }
            try await group.waitForAll()
        }
        let flags: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing WHERE flag = \(true)") }
        #expect(flags == 1)
        if engine == .postgres { #expect(meeting.arrivals > 2, "the loser ran again") }
    }

    @Test("A transaction that always loses is given up after ten tries", .enabled(if: hasPostgres))
    func retriesEnd() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        let tries = Shared(0)
        await #expect(throws: StoreError.serialization) {
            try await db.write { tx in
                tries.change { $0 += 1 }
                try tx.run("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")
            }
        }
        #expect(tries.now == 10)
    }

    @Test(
        "Whoever loses against others again and again is let through before them", .enabled(if: hasPostgres),
        .timeLimit(.minutes(60)))
    func losersAreLetThrough() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms)
        try await db.write { tx in try Things.add("a", 0, tx) }
        let isOver = Shared(false)
        let kept = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    while !isOver.now {
                        try await db.write { tx in try tx.run("UPDATE thing SET number = number + 1 WHERE id = 'a'") }
                        kept.signal()
                    }
                }
            }
            group.addTask {
                defer { isOver.change { $0 = true } }
                try await db.write { tx in
                    let number: Int = try tx.value("SELECT number FROM thing WHERE id = 'a'") ?? 0
                    while kept.wait(timeout: .now()) == .success {}
                    // Of three that are told at least one began afterwards. Where nobody can begin, none comes.
                    for _ in 0..<3 where kept.wait(timeout: .now() + 1) == .timedOut { break }
                    try tx.run("UPDATE thing SET number = \(number), note = 'through' WHERE id = 'a'")
                }
            }
            try await group.waitForAll()
        }
        let note: String? = try await db.read { tx in try tx.value("SELECT note FROM thing") }
        #expect(note == "through")
    }

    @Test("Many that each read what all others write are all kept", arguments: TestStore.engines)
    func manyLosers(engine: Engine) async throws {
        let db = try await TestStore.open(engine, Things.rooms, DatabaseOptions(waitSeconds: 240))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await db.write { tx in
                        let count: Int = try tx.value("SELECT COUNT(*) FROM thing") ?? 0
                        try tx.run(
                            "INSERT INTO thing (id, number, share) VALUES (\("t\(number)"), \(number), \(Double(count)))"
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        let sum: Double? = try await db.read { tx in try tx.value("SELECT SUM(share) FROM thing") }
        #expect(sum == 19_900.0)
    }

    @Test(
        "Writers that wait for one lock do not hold up the one that lost for whom they wait", .enabled(if: hasPostgres),
        .timeLimit(.minutes(60)))
    func losersWithLocks() async throws {
        // Whoever waits in vain is told so after minutes: longer than all of this takes on a busy machine.
        let db = try await TestStore.open(.postgres, Things.rooms, DatabaseOptions(waitSeconds: 240))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    for turn in 0..<20 {
                        let keys = number.isMultiple(of: 3) ? [] : [LockKey("a")]
                        try await db.write(locking: keys, atOnce: number.isMultiple(of: 2)) { tx in
                            let count: Int = try tx.value("SELECT COUNT(*) FROM thing") ?? 0
                            try Things.add("t\(number)-\(turn)", count, tx)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Things.ids(db).count == 240)
    }

    @Test("Two that lock the same things in another order do not block each other for ever", .enabled(if: hasPostgres))
    func lockOrder() async throws {
        let db = try await TestStore.open(.postgres, Things.rooms, DatabaseOptions(connections: 4, waitSeconds: 240))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let keys = [LockKey("a"), LockKey("b"), LockKey("a")]
                group.addTask {
                    try await db.write(locking: number.isMultiple(of: 2) ? keys : keys.reversed().dropLast()) { tx in
                        try Things.add("t\(number)", number, tx)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Things.ids(db).count == 40)
    }

    @Test("Whoever waits too long for a lock is told so and keeps no other lock", .enabled(if: hasPostgres))
    func busyLock() async throws {
        let address = try await TestStore.address(.postgres)
        let (patient, impatient) = (
            DatabaseOptions(connections: 1, waitSeconds: 240), DatabaseOptions(connections: 1, waitSeconds: 0.2)
        )
        let (holder, second, third) = (
            try Database.open(address, patient), try Database.open(address, impatient),
            try Database.open(address, patient)
        )
        try await holder.migrate(Things.rooms)
        try await Things.whileWriting(holder, locking: [LockKey("b")]) {
            await #expect(throws: StoreError.busy) {
                try await second.write(locking: [LockKey("a"), LockKey("b")]) { tx in try Things.add("x", 1, tx) }
            }
            try await third.write(locking: [LockKey("a")]) { tx in try Things.add("y", 2, tx) }
        }
        try await third.write(locking: [LockKey("a"), LockKey("b")]) { tx in try Things.add("z", 3, tx) }
        #expect(try await Things.ids(third) == ["y", "z"])
    }

    @Test(
        "Who waits for a lock leaves the connections to others", .enabled(if: hasPostgres), .timeLimit(.minutes(60)))
    func waitingWithoutConnection() async throws {
        let options = DatabaseOptions(connections: 4, waitSeconds: 240)
        let db = try await TestStore.open(.postgres, Things.rooms, options)
        guard case .postgres(let transactions) = db.backend else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await Things.whileWriting(db, locking: [LockKey("a")]) {
                for number in 0..<12 {
                    group.addTask {
                        try await db.write(locking: [LockKey("a")]) { tx in try Things.add("w\(number)", number, tx) }
                    }
                }
                while transactions.lines.waitingCount < 10 { await Task.yield() }
                try await db.ping()
            }
            try await group.waitForAll()
        }
        #expect(try await Things.ids(db).count == 12)
    }

    @Test("Whoever waits too long for a connection is told so", .enabled(if: hasPostgres))
    func exhaustion() async throws {
        let address = try await TestStore.address(.postgres)
        let db = try Database.open(address, DatabaseOptions(connections: 1, waitSeconds: 0.2))
        try await Things.whileWriting(db) {
            await #expect(throws: StoreError.poolExhausted) { try await db.ping() }
            await #expect(throws: StoreError.poolExhausted) { try await db.ping() }
        }
        try await db.ping()
    }

    @Test("Whoever is cancelled does not wait for a connection", .enabled(if: hasPostgres), .timeLimit(.minutes(60)))
    func cancelledWaiter() async throws {
        let address = try await TestStore.address(.postgres)
        let db = try Database.open(address, DatabaseOptions(connections: 1, waitSeconds: 600))
        try await Things.whileWriting(db) {
            let waiting = Task { try await db.ping() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
        try await db.ping()
    }

    @Test("A statement goes on working after another program changed its table", .enabled(if: hasPostgres))
    func changedTable() async throws {
        let address = try await TestStore.address(.postgres)
        let db = try Database.open(address, DatabaseOptions(connections: 2))
        try await db.migrate(Things.rooms)
        try await db.write { tx in try Things.add("a", 1, tx) }
        let find: @Sendable (Tx) throws -> Row? = { tx in try tx.first("SELECT * FROM thing") }
        _ = try await db.read(find)
        let other = try Database.open(address)
        try await other.write { tx in try tx.run("ALTER TABLE thing ADD COLUMN extra TEXT") }
        let read = try #require(try await db.read(find))
        let extra: String? = try read["extra"]
        #expect(extra == nil)
        try await other.write { tx in try tx.run("ALTER TABLE thing DROP COLUMN extra") }
        let written = try #require(try await db.write { tx in try find(tx) })
        #expect(throws: StoreError.self) { try written["extra"] as String? }
    }

    @Test(
        "A program goes on while a newer one brings the schema up to date, and refuses it when it is started again",
        .enabled(if: hasPostgres))
    func newerBeside() async throws {
        let address = try await TestStore.address(.postgres)
        let db = try Database.open(address, DatabaseOptions(connections: 4, waitSeconds: 240))
        try await db.migrate(Things.rooms)
        let newer = try Database.open(address, DatabaseOptions(connections: 2, waitSeconds: 240))
        let more = (1...5).map { number in
            Migration(
                id: "2026-02-0\(number)-test-more",
                statements: [SQL(unchecked: "ALTER TABLE thing ADD COLUMN extra\(number) TEXT")])
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for number in 0..<25 {
                        try await db.write { tx in try Things.add("w\(worker)-\(number)", worker * 100 + number, tx) }
                        let all = try await db.read { tx in try tx.rows("SELECT * FROM thing") }
                        #expect(all.count > number)
                    }
                }
            }
            group.addTask {
                for count in 1...more.count {
                    let steps = Things.rooms[0].steps + more.prefix(count)
                    try await newer.migrate([Migrations(room: "test", steps: steps)])
                }
            }
            try await group.waitForAll()
        }
        let count: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM thing WHERE extra5 IS NULL") }
        #expect(count == 200)
        await #expect(throws: StoreError.newerSchema("2026-02-01-test-more")) { try await db.migrate(Things.rooms) }
    }

    @Test("A commit on SQLite waits for the disk, so that a power cut takes back nothing that was acknowledged")
    func durability() async throws {
        let db = try await TestStore.open(.sqlite, Things.rooms)
        let (synchronous, journal) = try await db.write { tx in
            (try tx.value("PRAGMA synchronous") as Int?, try tx.value("PRAGMA journal_mode") as String?)
        }
        #expect(synchronous == 2 && journal == "wal")
    }

    @Test("Writers on SQLite that wait share one commit, and none is told of success before it")
    func sharedCommit() async throws {
        let address = try await TestStore.address(.sqlite)
        let db = try Database.open(address)
        let onlooker = try Database.open(address)
        try await db.migrate(Things.rooms)
        guard case .sqlite(let writer) = db.backend else { return }
        let ran = Shared(0)
        let told = Shared(0)
        let seen = Shared<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await Things.whileWriting(db) {
                for number in 0..<64 {
                    group.addTask {
                        try await db.write { tx in
                            try Things.add("w\(number)", number, tx)
                            let isLast = ran.change { count in
                                count += 1
                                return count == 64
                            }
                            // All 64 have run: what do others see of them, and who was told?
                            guard isLast else { return }
                            let asked = DispatchSemaphore(value: 0)
                            Task {
                                let count: Int? = try? await onlooker.read {
                                    try $0.value("SELECT COUNT(*) FROM thing")
                                }
                                seen.change { $0 = [count ?? -1, told.now] }
                                asked.signal()
                            }
                            _ = asked.wait(timeout: .now() + 900)
                        }
                        told.change { $0 += 1 }
                    }
                }
                while writer.waitingCount < 64 { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(seen.now == [0, 0])
        #expect(told.now == 64)
        #expect(try await Things.ids(onlooker).count == 64)
    }

    @Test("A constraint that is checked at the commit hurts only the writer who broke it")
    func deferredConstraint() async throws {
        let db = try await TestStore.open(.sqlite, Things.rooms)
        try await db.write { tx in
            try tx.run(
                """
                CREATE TABLE late (id TEXT PRIMARY KEY,
                thing TEXT NOT NULL REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED) \(SQL.strict)
                """)
        }
        guard case .sqlite(let writer) = db.backend else { return }
        let failures = try await withThrowingTaskGroup(of: Int.self) { group in
            try await Things.whileWriting(db) {
                for number in 0..<8 {
                    group.addTask {
                        do {
                            try await db.write { tx in
                                try tx.run("INSERT INTO late (id, thing) VALUES (\("l\(number)"), \("t\(number)"))")
                                if number != 3 { try Things.add("t\(number)", number, tx) }
                            }
                            return 0
                        } catch StoreError.foreignKey { return 1 }
                    }
                }
                while writer.waitingCount < 8 { await Task.yield() }
            }
            return try await group.reduce(0, +)
        }
        let kept: Int? = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM late") }
        #expect(failures == 1 && kept == 7)
    }
}
