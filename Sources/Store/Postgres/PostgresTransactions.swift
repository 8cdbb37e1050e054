/// Transactions on PostgreSQL: reads see one snapshot, writes are serializable and run again when they lose.
struct PostgresTransactions: Sendable {
    let pool: PostgresPool

    /// How often a write is tried.
    private static let tries = 10

    func read<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        try await reconnecting {
            try await pool.with { connection in
                try PostgresTransactions.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", connection)
                return try PostgresTransactions.finish(connection, body)
            }
        }
    }

    func write<T: Sendable>(locking keys: [LockKey], _ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await reconnecting { try await once(keys, body) }
            } catch StoreError.serialization where attempt < PostgresTransactions.tries {
                // Losers wait a little, each another while, so that they do not meet again.
                let longest = UInt64(2_000_000) << UInt64(min(attempt, 6))
                var random = SystemRandomNumberGenerator()
                try await Task.sleep(nanoseconds: UInt64.random(in: 0...longest, using: &random))
                attempt += 1
            }
        }
    }

    private func once<T: Sendable>(_ keys: [LockKey], _ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        try await pool.with { connection in
            // The lock comes before the snapshot: taken inside, the transaction would not see what the holder wrote.
            let sorted = Array(Set(keys)).sorted()
            for key in sorted { try PostgresTransactions.lock("pg_advisory_lock", key, connection) }
            defer { for key in sorted { try? PostgresTransactions.lock("pg_advisory_unlock", key, connection) } }
            try PostgresTransactions.begin("BEGIN ISOLATION LEVEL SERIALIZABLE", connection)
            return try PostgresTransactions.finish(connection, body)
        }
    }

    private static func lock(_ function: String, _ key: LockKey, _ connection: PostgresConnection) throws {
        _ = try connection.rows("SELECT \(SQL(unchecked: function))(hashtextextended(\(key.name), 0))")
    }

    /// A connection that died while it was idle is found out here, before anything was done with it.
    private struct NotBegun: Error {}

    private static func begin(_ command: String, _ connection: PostgresConnection) throws {
        do {
            try connection.command(command)
        } catch StoreError.connectionLost {
            throw NotBegun()
        }
    }

    private static func finish<T>(_ connection: PostgresConnection, _ body: (Tx) throws -> T) throws -> T {
        let value: T
        do {
            value = try body(Tx(link: .postgres(connection)))
        } catch {
            try? connection.command("ROLLBACK")
            throw error
        }
        do {
            try connection.command("COMMIT")
        } catch {
            try? connection.command("ROLLBACK")
            throw error
        }
        return value
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
