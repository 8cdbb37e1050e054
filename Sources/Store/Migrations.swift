/// One step of a room's schema: it is written once, shipped, and never changed.
public struct Migration: Sendable {
    /// `2026-11-24-room-word`, once only: steps run in the order in which rooms and their steps are given.
    public let id: String
    public let statements: [SQL]

    public init(id: String, statements: [SQL]) {
        self.id = id
        self.statements = statements
    }

    /// Tells a changed step from the shipped one; both engines' texts count.
    package var digest: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for statement in statements {
            let both = statement.rendered(for: .sqlite).text + "\u{0}" + statement.rendered(for: .postgres).text
            for byte in both.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}

/// The steps of one room.
public struct Migrations: Sendable {
    public let room: String
    public let steps: [Migration]

    public init(room: String, steps: [Migration]) {
        self.room = room
        self.steps = steps
    }
}

extension Database {
    /// Brings the schema up to date: each missing step in a transaction of its own. Of several programs that start at
    /// once one does the work while the others wait.
    /// - Throws: ``StoreError/newerSchema(_:)`` when the database knows a step that this program does not, and
    ///   ``StoreError/changedMigration(_:)`` when a shipped step was changed or an id is used twice; nothing is
    ///   altered then.
    public func migrate(_ rooms: [Migrations]) async throws {
        let steps = rooms.flatMap { room in room.steps.map { (room.room, $0) } }
        var ids: Set<String> = []
        for (_, step) in steps where !ids.insert(step.id).inserted { throw StoreError.changedMigration(step.id) }
        try await patiently { tx in
            _ = try tx.run(
                """
                CREATE TABLE IF NOT EXISTS migration (id TEXT PRIMARY KEY, room TEXT NOT NULL, digest TEXT NOT NULL)
                \(SQL.strict)
                """)
        }
        let done = try await read { tx in
            Dictionary(
                uniqueKeysWithValues: try tx.rows("SELECT id, digest FROM migration") {
                    (try $0["id"] as String, try $0["digest"] as String)
                })
        }
        if let stranger = done.keys.filter({ !ids.contains($0) }).min() { throw StoreError.newerSchema(stranger) }
        for (_, step) in steps {
            if let digest = done[step.id], digest != step.digest { throw StoreError.changedMigration(step.id) }
        }
        for (room, step) in steps where done[step.id] == nil {
            try await patiently { tx in
                let already: Int = try tx.value("SELECT COUNT(*) FROM migration WHERE id = \(step.id)") ?? 0
                guard already == 0 else { return }
                for statement in step.statements { try tx.run(statement.asSchema(for: tx.engine)) }
                try tx.run("INSERT INTO migration (id, room, digest) VALUES (\(step.id), \(room), \(step.digest))")
            }
        }
    }

    /// Another program may be at work on the schema, or on a table that a step changes.
    private func patiently(_ body: @escaping @Sendable (Tx) throws -> Void) async throws {
        for _ in 1..<12 {
            do {
                return try await write(locking: [LockKey("migration")], body)
            } catch StoreError.busy {}
        }
        try await write(locking: [LockKey("migration")], body)
    }
}

extension SQL {
    /// SQLite's strict tables know 64-bit whole numbers as INTEGER only; PostgreSQL's INTEGER has 32 bits. The schema
    /// says BIGINT, and SQLite is told in its own word.
    func asSchema(for engine: Engine) -> SQL {
        guard engine == .sqlite else { return self }
        return SQL(
            parts: parts.map { part in
                guard case .text(let text) = part else { return part }
                return .text(text.replacing("BIGINT", with: "INTEGER"))
            })
    }
}
