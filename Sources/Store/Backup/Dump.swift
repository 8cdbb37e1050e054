internal import Foundation
internal import GRDB

extension Database {
    /// Writes the whole database, as it is at one moment, to a file that does not exist yet, while others go on
    /// writing; and asks that same moment.
    ///
    /// SQLite gives a database file, PostgreSQL an archive of `pg_dump`, which also has to be installed.
    /// - Throws: ``StoreError/program(_:)`` where the archive cannot be made.
    public func dump<T: Sendable>(
        to path: String, asking body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        switch backend {
        case .sqlite(let writer):
            return try await writer.pool.read { db in
                // The first question fixes the state that the copy is made of as well.
                _ = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master")
                let copy = try DatabaseQueue(path: path)
                try copy.writeWithoutTransaction { target in
                    try db.backup(to: target)
                    // One file, without a log beside it.
                    try target.execute(sql: "PRAGMA journal_mode = DELETE")
                }
                try copy.close()
                return try SQLiteSession.run(db, body)
            }
        case .postgres(let transactions):
            let address = transactions.pool.address
            return try await transactions.read { tx in
                guard let snapshot: String = try tx.value("SELECT pg_export_snapshot()"),
                    let schema: String = try tx.value("SELECT current_schema()")
                else { throw StoreError.program("pg_dump: there is no schema to write") }
                let only = schema == "public" ? [] : ["--schema=\(schema)"]
                try PostgresPrograms.run(
                    "pg_dump",
                    ["--format=custom", "--no-owner", "--no-privileges", "--snapshot=\(snapshot)", "--file=\(path)"]
                        + only, on: address)
                return try body(tx)
            }
        }
    }

    /// Fills an empty database from what ``dump(to:asking:)`` wrote: all of it or nothing.
    /// - Throws: ``StoreError/notEmpty(_:)``, ``StoreError/program(_:)``, ``StoreError/cannotOpen(_:)``.
    public static func load(_ path: String, into address: String) async throws {
        guard !address.hasPrefix("sqlite:") else { return try loadSQLite(path, String(address.dropFirst(7))) }
        let db = try Database.open(address, DatabaseOptions(connections: 1))
        let tables = try await db.read { tx in try tx.tables() }
        await db.close()
        guard tables.isEmpty else { throw StoreError.notEmpty("the database to restore into") }
        try PostgresPrograms.run(
            "pg_restore",
            ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", path],
            on: try PostgresAddress(address, waitSeconds: 5))
    }

    private static func loadSQLite(_ source: String, _ path: String) throws {
        let manager = FileManager.default
        guard !manager.fileExists(atPath: path) else { throw StoreError.notEmpty(path) }
        do {
            try manager.copyItem(atPath: source, toPath: "\(path).part")
        } catch {
            throw StoreError.cannotOpen("\(path) cannot be written")
        }
        guard let handle = FileHandle(forWritingAtPath: "\(path).part"), (try? handle.synchronize()) != nil,
            (try? handle.close()) != nil, rename("\(path).part", path) == 0
        else { throw StoreError.cannotOpen("\(path) cannot be written") }
    }

    /// Makes an empty database beside another one of the same server.
    /// - Returns: its address.
    /// - Throws: ``StoreError`` where the role may not.
    public static func create(_ name: String, beside address: String) throws -> String {
        guard name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }),
            var parts = URLComponents(string: address)
        else { throw StoreError.cannotOpen("a database cannot be named \(name)") }
        try PostgresPrograms.run(
            "psql", ["--quiet", "--no-psqlrc", "--command=CREATE DATABASE \(name) TEMPLATE template0"],
            on: try PostgresAddress(address, waitSeconds: 5))
        parts.path = "/\(name)"
        // A search path belongs to the other database.
        parts.queryItems = parts.queryItems?.filter { $0.name != "options" }
        return parts.string ?? address
    }

    /// Drops a database that ``create(_:beside:)`` made.
    public static func drop(_ name: String, beside address: String) throws {
        try PostgresPrograms.run(
            "psql", ["--quiet", "--no-psqlrc", "--command=DROP DATABASE IF EXISTS \(name) WITH (FORCE)"],
            on: try PostgresAddress(address, waitSeconds: 5))
    }

    /// Asks SQLite to look at every page; PostgreSQL has looked when it filled the tables.
    /// - Returns: what is wrong; empty where nothing is.
    public func integrityFaults() async throws -> [String] {
        guard engine == .sqlite else { return [] }
        return try await read { tx in
            try tx.rows("PRAGMA integrity_check") { try String(sqlValue: $0.values.first ?? .null) }.filter {
                $0 != "ok"
            }
        }
    }
}

extension Tx {
    /// The names of all tables, sorted.
    public func tables() throws -> [String] {
        try rows(
            .only(
                sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
                postgres: """
                    SELECT table_name AS name FROM information_schema.tables
                    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
                    """)
        ) { try $0["name"] as String }.sorted()
    }
}
