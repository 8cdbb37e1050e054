public import Store

/// Small facts that the house keeps about itself.
public enum Settings {
    public static let migrations = Migrations(
        room: "settings",
        steps: [
            Migration(
                id: "2026-11-24-basics-settings",
                statements: ["CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) \(SQL.strict)"])
        ])

    public static func get(_ name: String, _ tx: Tx) throws -> String? {
        try tx.value("SELECT value FROM setting WHERE name = \(name)")
    }

    public static func set(_ name: String, _ value: String, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO setting (name, value) VALUES (\(name), \(value))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }
}
