internal import Foundation
internal import GRDB

/// How a database is opened.
public struct DatabaseOptions: Sendable {
    /// Readers on SQLite; connections on PostgreSQL.
    public var connections: Int
    /// How long a caller waits for a connection or a lock, in seconds.
    public var waitSeconds: Double
    /// Whether a commit on SQLite waits for the disk; only a database that is thrown away can do without.
    public var waitsForDisk: Bool

    public init(connections: Int = 8, waitSeconds: Double = 5, waitsForDisk: Bool = true) {
        self.connections = connections
        self.waitSeconds = waitSeconds
        self.waitsForDisk = waitsForDisk
    }
}

/// Names something that only one writer may change at a time; taken before the transaction begins.
public struct LockKey: Hashable, Sendable, Comparable {
    public let name: String

    public init(_ name: String) { self.name = name }
    public static func < (left: LockKey, right: LockKey) -> Bool { left.name < right.name }
}

/// A database: SQLite or PostgreSQL behind one face.
public final class Database: Sendable {
    /// Set while a GET is answered: ``write(locking:_:)`` then throws ``StoreError/writeForbidden``.
    @TaskLocal public static var writesForbidden = false

    /// What every write of this task does besides, in the same transaction; it is kept with it or not at all.
    @TaskLocal public static var alongside: Alongside?

    /// A function in a type of its own: optimised, a task's own value that is a bare function ends the process where it
    /// is set (swiftlang/swift#88321).
    public struct Alongside: Sendable {
        let act: @Sendable (Tx) throws -> Void

        public init(_ act: @escaping @Sendable (Tx) throws -> Void) { self.act = act }
    }

    enum Backend: Sendable {
        case sqlite(SQLiteWriter)
        case postgres(PostgresTransactions)
    }

    let backend: Backend

    init(backend: Backend) { self.backend = backend }

    public var engine: Engine {
        switch backend {
        case .sqlite: .sqlite
        case .postgres: .postgres
        }
    }

    /// Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`; the latter takes every setting that libpq knows, as
    /// in `?sslmode=verify-full&options=-cstatement_timeout%3D30s`.
    /// - Throws: ``StoreError/cannotOpen(_:)`` in one line that holds no password.
    public static func open(_ address: String, _ options: DatabaseOptions = .init()) throws(StoreError) -> Database {
        if address.hasPrefix("postgres://") || address.hasPrefix("postgresql://") {
            return Database(backend: .postgres(PostgresTransactions(pool: try PostgresPool(address, options), options)))
        }
        guard address.hasPrefix("sqlite:") else {
            throw .cannotOpen("an address starts with sqlite: or postgres://")
        }
        return Database(backend: .sqlite(SQLiteWriter(try sqlite(String(address.dropFirst(7)), options))))
    }

    private static func sqlite(_ path: String, _ options: DatabaseOptions) throws(StoreError) -> any DatabaseWriter {
        var configuration = GRDB.Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.waitSeconds)
        configuration.maximumReaderCount = options.connections
        do {
            if path == ":memory:" { return try DatabaseQueue(configuration: configuration) }
            let pool = try DatabasePool(path: path, configuration: configuration)
            // The library turns this down to NORMAL when it opens a pool, whatever the configuration says: a power cut
            // would then take back commits that were acknowledged.
            let level = options.waitsForDisk ? "FULL" : "OFF"
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = \(level)") }
            return pool
        } catch {
            throw .cannotOpen("\(path): \(SQLiteErrors.words(error))")
        }
    }

    /// Reads in one consistent snapshot.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        switch backend {
        case .postgres(let transactions): return try await transactions.read(body)
        case .sqlite(let writer):
            let counter = QueryCounter.current
            do {
                return try await writer.pool.read { db in
                    try QueryCounter.$current.withValue(counter) { try SQLiteSession.run(db, body) }
                }
            } catch {
                throw SQLiteErrors.typed(error)
            }
        }
    }

    /// Writes in one serializable transaction, which is run again when it lost against another: the closure has no
    /// side effects outside the database.
    /// - Parameters:
    ///   - keys: locks to hold meanwhile.
    ///   - atOnce: false takes them only when the transaction has lost once: for who seldom meets others. They then
    ///     keep nobody out, but hinder the loser no more.
    @discardableResult
    public func write<T: Sendable>(
        locking keys: [LockKey] = [], atOnce: Bool = true, _ body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        guard !Database.writesForbidden else { throw StoreError.writeForbidden }
        var whole = body
        if let alongside = Database.alongside {
            whole = { tx in
                let value = try body(tx)
                try alongside.act(tx)
                return value
            }
        }
        switch backend {
        case .postgres(let transactions): return try await transactions.write(locking: keys, atOnce: atOnce, whole)
        case .sqlite(let writer): return try await writer.write(whole)
        }
    }

    /// Writes one statement as a whole transaction, as ``write(locking:atOnce:_:)`` does; on PostgreSQL it is one round
    /// trip. Where it fails nothing of it is kept.
    /// - Parameter statement: asked again on each try.
    /// - Throws: ``StoreError/outcomeUnknown(_:)`` also where the connection had died before anything was done: for
    ///   statements that can be asked again.
    @discardableResult
    public func write(
        locking keys: [LockKey] = [], atOnce: Bool = true, alone statement: @escaping @Sendable () throws -> SQL
    ) async throws -> [Row] {
        guard !Database.writesForbidden else { throw StoreError.writeForbidden }
        if case .postgres(let transactions) = backend, Database.alongside == nil {
            return try await transactions.write(locking: keys, atOnce: atOnce, alone: statement)
        }
        return try await write(locking: keys, atOnce: atOnce) { tx in try tx.rows(try statement()) }
    }

    /// Asks the database for a sign of life.
    /// - Throws: ``StoreError/connectionLost(_:)`` or ``StoreError/poolExhausted`` when there is none.
    public func ping() async throws {
        _ = try await read { tx in try tx.value("SELECT 1") as Int? }
    }

    /// Closes idle connections; whatever still runs ends first.
    public func close() async {
        switch backend {
        case .sqlite(let writer): try? writer.pool.close()
        case .postgres(let transactions): transactions.pool.close()
        }
    }
}
