public import Store

/// Rulings as they were made, kept with the cases that they decided. What they say of a person can be erased; the event
/// of each keeps its hash.
public enum RulingStore {
    public static let migrations = Migrations(
        room: "rules",
        steps: [
            Migration(
                id: "2026-11-25-rules-rulings",
                statements: [
                    """
                    CREATE TABLE ruling (
                        id TEXT PRIMARY KEY, rule TEXT NOT NULL, version BIGINT NOT NULL, case_id TEXT,
                        day TEXT NOT NULL, content TEXT, hash TEXT NOT NULL, made_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX ruling_rule ON ruling (rule, id)",
                    "CREATE INDEX ruling_case ON ruling (case_id, id)",
                ]),
            RuleChangeStore.tables,
        ])

    /// A ruling and where it belongs.
    public struct Stored: Sendable {
        public let id: String
        public let caseID: ID<CaseFile>?
        public let ruling: Ruling
        public let hash: String

        init(row: Row) throws {
            id = try row["id"]
            caseID = try row["case_id"]
            let content: JSONValue = try row["content"]
            ruling = try content.decode(Ruling.self)
            hash = try row["hash"]
        }
    }

    /// Keeps a ruling with a case and writes its event.
    public static func keep(
        _ ruling: Ruling, of caseID: ID<CaseFile>, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        let hash = try ruling.hash
        try tx.run(
            """
            INSERT INTO ruling (id, rule, version, case_id, day, content, hash, made_at)
            VALUES (\(UUIDv7.make(at: now)), \(ruling.rule), \(ruling.version), \(caseID), \(ruling.day),
                \(try JSONValue(encoding: ruling)), \(hash), \(now))
            """)
        try Record.append(
            Event(
                room: "rules", kind: "ruling.made", subjectKind: "case", subject: caseID.text, caseID: caseID,
                actor: actor, at: now,
                content: [
                    "rule": .string(ruling.rule), "version": .integer(Int64(ruling.version)),
                    "day": .string(ruling.day.description), "hash": .string(hash),
                ]), tx)
    }

    /// Erases what the rulings of a case say of people.
    public static func erase(of caseID: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE ruling SET content = NULL WHERE case_id = \(caseID)")
    }

    /// All rulings of a case, the newest first.
    public static func list(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [Stored] {
        try tx.rows(
            "SELECT * FROM ruling WHERE case_id = \(caseID) AND content IS NOT NULL ORDER BY id DESC LIMIT 100",
            Stored.init(row:))
    }

    public static func find(_ id: String, _ tx: Tx) throws -> Stored? {
        try tx.first("SELECT * FROM ruling WHERE id = \(id) AND content IS NOT NULL", Stored.init(row:))
    }

    /// Rulings of a rule in the order in which they were made.
    /// - Parameter after: id of the last one of the page before.
    public static func page(rule: String, after: String = "", limit: Int = 500, _ tx: Tx) throws -> [Stored] {
        try tx.rows(
            """
            SELECT * FROM ruling WHERE rule = \(rule) AND id > \(after) AND content IS NOT NULL
            ORDER BY id LIMIT \(limit)
            """, Stored.init(row:))
    }
}

extension RuleShelf {
    /// Makes a stored ruling again from its facts and the law of its day.
    /// - Returns: nil where it comes out the same to the byte, else the ruling as it comes out now.
    public func again(_ stored: RulingStore.Stored, book: RuleBook) throws -> Ruling? {
        let made = try entry(stored.ruling.rule).ruling(stored.ruling.facts, under: book.law(on: stored.ruling.day))
        return try made.hash == stored.hash ? nil : made
    }
}
