internal import Foundation
internal import GRDB

/// How a database is opened.
public struct DatabaseOptions: Sendable {
    /// Readers on SQLite; connections on PostgreSQL.
    public var connections: Int
    /// How long a caller waits for a connection or a lock, in seconds.
    public var waitSeconds: Double

    public init(connections: Int = 8, waitSeconds: Double = 5) {
        self.connections = connections
        self.waitSeconds = waitSeconds
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

    enum Backend: Sendable {
        case sqlite(any DatabaseWriter)
    }

    let backend: Backend

    init(backend: Backend) { self.backend = backend }

    public var engine: Engine { .sqlite }

    /// Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
    public static func open(_ address: String, _ options: DatabaseOptions = .init()) throws(StoreError) -> Database {
        guard address.hasPrefix("sqlite:") else { throw .cannotOpen("unknown address '\(address)'") }
        let path = String(address.dropFirst("sqlite:".count))
        var configuration = GRDB.Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(options.waitSeconds)
        configuration.maximumReaderCount = options.connections
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        do {
            if path == ":memory:" { return Database(backend: .sqlite(try DatabaseQueue(configuration: configuration))) }
            return Database(backend: .sqlite(try DatabasePool(path: path, configuration: configuration)))
        } catch let error as DatabaseError {
            throw SQLiteErrors.translate(error)
        } catch {
            throw .cannotOpen("\(error)")
        }
    }

    /// Reads in one consistent snapshot.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Tx) throws -> T) async throws -> T {
        switch backend {
        case .sqlite(let pool):
            do {
                return try await pool.read { db in try body(Tx(link: .sqlite(db))) }
            } catch let error as DatabaseError {
                throw SQLiteErrors.translate(error)
            }
        }
    }

    /// Writes in one serializable transaction, which is run again when it lost against another: the closure has no
    /// side effects outside the database.
    @discardableResult
    public func write<T: Sendable>(
        locking keys: [LockKey] = [], _ body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        guard !Database.writesForbidden else { throw StoreError.writeForbidden }
        switch backend {
        case .sqlite(let pool):
            do {
                return try await pool.write { db in try body(Tx(link: .sqlite(db))) }
            } catch let error as DatabaseError {
                throw SQLiteErrors.translate(error)
            }
        }
    }

    public func close() async {
        switch backend {
        case .sqlite(let pool): try? pool.close()
        }
    }
}
