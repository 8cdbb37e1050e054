/// Transactions on PostgreSQL: reads see one snapshot, writes are serializable; both run again when they lose.
///
/// Locks are held by the session, so the address must lead to PostgreSQL itself or to a pooler in session mode.
struct PostgresTransactions: Sendable {
    let pool: PostgresPool

    /// How often a transaction is tried.
    private static let tries = 10

    func read<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        try await run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", []) { connection in
            try body(Tx(link: .postgres(connection)))
        }
    }

    func write<T: Sendable>(
        locking keys: [LockKey], atOnce: Bool, _ body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        try await run(Self.serializable, keys, atOnce: atOnce) { connection in
            try body(Tx(link: .postgres(connection)))
        }
    }

    /// Writes one statement as a whole transaction, in one round trip.
    func write(
        locking keys: [LockKey], atOnce: Bool, alone statement: @escaping @Sendable () throws -> SQL
    ) async throws -> [Row] {
        try await run(Self.serializable, keys, atOnce: atOnce) { connection in try connection.alone(try statement()) }
    }

    private static let serializable = "BEGIN ISOLATION LEVEL SERIALIZABLE"

    private func run<T: Sendable>(
        _ command: String, _ keys: [LockKey], atOnce: Bool = true,
        _ body: @escaping @Sendable (PostgresConnection) throws -> T
    ) async throws -> T {
        // Everybody takes locks in one order, so that no two wait for each other.
        let keys = Set(keys).sorted()
        var attempt = 1
        while true {
            let locks = atOnce || attempt > 1 ? keys : []
            do {
                return try await reconnecting {
                    try await pool.with { connection in try Self.once(command, locks, connection, body) }
                }
            } catch StoreError.serialization where attempt < Self.tries {
                // Losers wait a little, each another while, so that they do not meet again.
                let longest = UInt64(2_000_000) << UInt64(min(attempt, 6))
                var random = SystemRandomNumberGenerator()
                try await Task.sleep(nanoseconds: UInt64.random(in: 0...longest, using: &random))
                attempt += 1
            }
        }
    }

    /// A connection that died while it was idle is found out before anything was done with it.
    private struct NotBegun: Error {}

    private static func once<T>(
        _ command: String, _ keys: [LockKey], _ connection: PostgresConnection,
        _ body: (PostgresConnection) throws -> T
    ) throws -> T {
        defer { connection.unlock() }
        do {
            try connection.begin(command, locking: keys)
            let value = try body(connection)
            try connection.commit()
            return value
        } catch StoreError.connectionLost where !connection.hasBegun {
            throw NotBegun()
        } catch {
            connection.rollback()
            throw error
        }
    }

    /// Tries again with another connection as long as idle ones turn out to be dead.
    private func reconnecting<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        var attempts = 0
        while true {
            do {
                return try await body()
            } catch is NotBegun {
                attempts += 1
                guard attempts < 32 else { throw StoreError.connectionLost("the database closes every connection") }
            }
        }
    }
}
