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
            let db = try Database.open(postgres, DatabaseOptions(connections: 1))
            try await db.write { tx in _ = try tx.run("CREATE SCHEMA \(SQL(unchecked: name))") }
            await db.close()
            return "\(postgres)\(postgres.contains("?") ? "&" : "?")options=-csearch_path%3D\(name)"
        }
    }

    /// A fresh database with the tables of some rooms.
    public static func open(
        _ engine: Engine, _ rooms: [Migrations], _ options: DatabaseOptions = .init(connections: 4)
    ) async throws -> Database {
        let db = try Database.open(try await address(engine), options)
        try await db.migrate(rooms)
        return db
    }
}
