import Dispatch
import Store
import Synchronization

/// Two tables that the tests of the store share.
enum Things {
    static let rooms = [
        Migrations(
            room: "test",
            steps: [
                Migration(
                    id: "2026-01-01-test-things",
                    statements: [
                        """
                        CREATE TABLE thing (
                            id TEXT PRIMARY KEY, number BIGINT NOT NULL, flag \(SQL.boolean), bytes \(SQL.blob),
                            share \(sqlite: "REAL", postgres: "DOUBLE PRECISION"), note TEXT,
                            CONSTRAINT thing_number_key UNIQUE (number),
                            CONSTRAINT thing_number_check CHECK (number >= 0)
                        ) \(SQL.strict)
                        """,
                        "CREATE UNIQUE INDEX thing_folded_key ON thing (lower(note))",
                        "CREATE TABLE part (id TEXT PRIMARY KEY, thing TEXT NOT NULL REFERENCES thing (id)) \(SQL.strict)",
                    ])
            ])
    ]

    static func add(_ id: String, _ number: Int, _ tx: Tx) throws {
        try tx.run("INSERT INTO thing (id, number) VALUES (\(id), \(number))")
    }

    static func ids(_ db: Database) async throws -> [String] {
        try await db.read { tx in try tx.rows("SELECT id FROM thing ORDER BY id") { try $0["id"] as String } }
    }

    /// Does a piece of work while somebody else stands in the middle of a write.
    static func whileWriting(
        _ db: Database, locking keys: [LockKey] = [], _ work: () async throws -> Void
    ) async throws {
        let gate = DispatchSemaphore(value: 0)
        let (begun, told) = AsyncStream<Void>.makeStream()
        async let holder: Void = {
            defer { told.finish() }
            try await db.write(locking: keys) { tx in
                // A transaction begins, and takes its locks, with its first statement.
                _ = try tx.value("SELECT 1") as Int?
                told.yield()
                _ = gate.wait(timeout: .now() + 900)
            }
        }()
        for await _ in begun { break }
        do {
            try await work()
        } catch {
            gate.signal()
            throw error
        }
        gate.signal()
        try await holder
    }
}

/// Makes the first two that arrive wait for each other; whoever comes later passes.
final class Meeting: Sendable {
    private let arrived = Mutex(0)
    private let gate = DispatchSemaphore(value: 0)

    var arrivals: Int { arrived.withLock { $0 } }

    func arrive() {
        let place = arrived.withLock { count in
            count += 1
            return count
        }
        if place == 1 { _ = gate.wait(timeout: .now() + 900) }
        if place == 2 { gate.signal() }
    }
}

/// A value that several tasks change in turn.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var now: Value { value.withLock { $0 } }

    @discardableResult
    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { value in
            var copy = value
            defer { value = copy }
            return body(&copy)
        }
    }
}
