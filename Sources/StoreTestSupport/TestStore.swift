import CPostgres
import Foundation
public import Store

/// Fresh databases for tests, on every engine that is there.
public enum TestStore {
    /// SQLite always; PostgreSQL when `KECHUANG_TEST_PG` holds its address.
    public static var engines: [Engine] { postgres == nil ? [.sqlite] : [.sqlite, .postgres] }

    private static var postgres: String? { ProcessInfo.processInfo.environment["KECHUANG_TEST_PG"] }

    /// The address of a database that nobody else uses: a file, or a schema of its own.
    public static func address(_ engine: Engine) async throws -> String {
        let name = "t\(UInt64.random(in: .min ... .max))"
        switch engine {
        case .sqlite: return "sqlite:\(NSTemporaryDirectory())kechuang-\(name).sqlite"
        case .postgres:
            guard let postgres else { throw StoreError.cannotOpen("KECHUANG_TEST_PG is not set") }
            let db = try Database.open(postgres, DatabaseOptions(connections: 1, waitSeconds: 120))
            try await db.write { tx in _ = try tx.run("CREATE SCHEMA \(SQL(unchecked: name))") }
            await db.close()
            return "\(postgres)\(postgres.contains("?") ? "&" : "?")options=-csearch_path%3D\(name)"
        }
    }

    /// The address of an empty database that can be copied: a file, or a database of its own.
    public static func database(_ engine: Engine) async throws -> String {
        guard engine == .postgres else { return try await address(engine) }
        return try create("t\(UInt64.random(in: .min ... .max))", from: "template1")
    }

    /// The address of a new database with all that another has, which nobody may be connected to.
    public static func copy(of template: String, _ engine: Engine) async throws -> String {
        switch engine {
        case .sqlite:
            let copy = try await address(engine)
            let paths = [template, copy].map { String($0.dropFirst("sqlite:".count)) }
            // What was written last may stand in the log beside the file still.
            for part in ["", "-wal"] where FileManager.default.fileExists(atPath: paths[0] + part) {
                try FileManager.default.copyItem(atPath: paths[0] + part, toPath: paths[1] + part)
            }
            return copy
        case .postgres:
            let source = template.split(separator: "?")[0].split(separator: "/").last.map(String.init) ?? ""
            return try create("t\(UInt64.random(in: .min ... .max))", from: source)
        }
    }

    /// Makes a database beside the one of the tests, which no transaction of a ``Database`` may do.
    private static func create(_ name: String, from source: String) throws -> String {
        guard let postgres, var address = URLComponents(string: postgres) else {
            throw StoreError.cannotOpen("KECHUANG_TEST_PG is not set")
        }
        let connection = PQconnectdb(postgres)
        defer { PQfinish(connection) }
        let result = PQexec(connection, "CREATE DATABASE \(name) TEMPLATE \(source) STRATEGY file_copy")
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else {
            throw StoreError.cannotOpen("cannot create \(name): \(String(cString: PQerrorMessage(connection)))")
        }
        address.path = "/\(name)"
        return address.string ?? postgres
    }

    /// A fresh database with the tables of some rooms. They are made once and copied: many tables take longer to make
    /// than to copy, and each that PostgreSQL makes is told to all who are connected to the same database.
    public static func open(
        _ engine: Engine, _ rooms: [Migrations], _ options: DatabaseOptions = .init(connections: 4, waitSeconds: 120)
    ) async throws -> Database {
        if rooms.isEmpty { return try Database.open(try await address(engine), options) }
        let template = try await templates.value(["\(engine)"] + rooms.flatMap { $0.steps.map(\.digest) }) {
            let address = try await database(engine)
            let db = try Database.open(address, DatabaseOptions(connections: 1, waitSeconds: 120))
            try await db.migrate(rooms)
            await db.close()
            return address
        }
        return try Database.open(try await copy(of: template, engine), options)
    }

    private static let templates = Once<[String], String>()
}
