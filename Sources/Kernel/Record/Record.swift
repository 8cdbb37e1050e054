public import Store

/// The append-only log of everything that happened. Events are written in the transaction that they tell of, chained
/// within their case, and put in one order for the whole house by the sequencer, outside that transaction.
public enum Record {
    public static let migrations = Migrations(
        room: "record",
        steps: [
            Migration(
                id: "2026-11-24-record-events",
                statements: [
                    """
                    CREATE TABLE event (
                        id TEXT PRIMARY KEY, room TEXT NOT NULL, kind TEXT NOT NULL,
                        subject_kind TEXT NOT NULL, subject TEXT NOT NULL,
                        case_id TEXT, position BIGINT NOT NULL, previous TEXT NOT NULL,
                        actor TEXT, actor_name TEXT NOT NULL, at BIGINT NOT NULL,
                        content TEXT NOT NULL, content_hash TEXT NOT NULL, hash TEXT NOT NULL,
                        CONSTRAINT event_case_id_position_key UNIQUE (case_id, position)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX event_subject ON event (subject_kind, subject, id)",
                    "CREATE INDEX event_kind ON event (kind, id)",
                    "CREATE INDEX event_actor ON event (actor, id)",
                    // Waiting for its place in the whole order; emptied by the sequencer.
                    "CREATE TABLE event_waiting (event TEXT PRIMARY KEY) \(SQL.strict)",
                    """
                    CREATE TABLE event_order (
                        position BIGINT PRIMARY KEY, event TEXT NOT NULL REFERENCES event (id),
                        CONSTRAINT event_order_event_key UNIQUE (event)
                    ) \(SQL.strict)
                    """,
                ] + appendOnly("event") + appendOnly("event_order"))
        ])

    /// Appends an event inside the transaction that it tells of.
    /// - Returns: the identity of the event.
    @discardableResult
    public static func append(_ event: Event, _ tx: Tx) throws -> String {
        let id = UUIDv7.make(at: event.at)
        let contentHash = Digest.hex(Digest.sha256(event.content.canonicalBytes))
        var position = 0
        var previous = ""
        if let caseID = event.caseID {
            let last = try tx.first(
                "SELECT position, hash FROM event WHERE case_id = \(caseID) ORDER BY position DESC LIMIT 1"
            ) { (try $0["position"] as Int, try $0["hash"] as String) }
            position = (last?.0 ?? 0) + 1
            previous = last?.1 ?? ""
        }
        let hash = StoredEvent.hash(
            id: id, room: event.room, kind: event.kind, subjectKind: event.subjectKind, subject: event.subject,
            caseID: event.caseID, position: position, previous: previous, actor: event.actor, at: event.at,
            contentHash: contentHash)
        try tx.run(
            """
            INSERT INTO event (id, room, kind, subject_kind, subject, case_id, position, previous, actor, actor_name,
                at, content, content_hash, hash)
            VALUES (\(id), \(event.room), \(event.kind), \(event.subjectKind), \(event.subject), \(event.caseID),
                \(position), \(previous), \(event.actor), \(event.actorName), \(event.at), \(event.content),
                \(contentHash), \(hash))
            """)
        try tx.run("INSERT INTO event_waiting (event) VALUES (\(id))")
        return id
    }

    /// The events of a case in order.
    public static func events(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [StoredEvent] {
        try tx.rows("SELECT * FROM event WHERE case_id = \(caseID) ORDER BY position", StoredEvent.init(row:))
    }

    /// The events about a subject, oldest first.
    public static func events(about kind: String, _ subject: String, limit: Int = 200, _ tx: Tx) throws -> [StoredEvent]
    {
        try tx.rows(
            """
            SELECT * FROM event WHERE subject_kind = \(kind) AND subject = \(subject) ORDER BY id LIMIT \(limit)
            """, StoredEvent.init(row:))
    }

    /// A page of all events, newest first, before an event; for auditors.
    public static func page(kind: String?, before: String?, limit: Int, _ tx: Tx) throws -> [StoredEvent] {
        var conditions: [SQL] = ["1 = 1"]
        if let kind { conditions.append("kind = \(kind)") }
        if let before { conditions.append("id < \(before)") }
        return try tx.rows(
            """
            SELECT * FROM event WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY id DESC LIMIT \(limit)
            """, StoredEvent.init(row:))
    }

    /// What is wrong with the chain of a case: gaps, changed events, changed content. Empty means unbroken.
    public static func faults(inChainOf caseID: ID<CaseFile>, _ tx: Tx) throws -> [Bilingual] {
        var faults: [Bilingual] = []
        var previous = ""
        for (index, event) in try events(of: caseID, tx).enumerated() {
            if event.position != index + 1 {
                faults.append(Bilingual("第 \(index + 1) 个事件缺失", "event \(index + 1) is missing"))
            }
            if event.previous != previous || event.hash != event.expectedHash {
                faults.append(Bilingual("第 \(event.position) 个事件被改动", "event \(event.position) was changed"))
            }
            if event.contentHash != event.expectedContentHash {
                faults.append(
                    Bilingual("第 \(event.position) 个事件的内容被改动", "the content of event \(event.position) was changed"))
            }
            previous = event.hash
        }
        return faults
    }

    /// Gives waiting events their places in the one order of the house. One caller at a time works; others find
    /// nothing left to do.
    /// - Returns: how many events were placed.
    @discardableResult
    public static func sequence(in db: Database, limit: Int = 1_000) async throws -> Int {
        try await db.write(locking: [LockKey("record.sequencer")]) { tx in
            let waiting = try tx.rows("SELECT event FROM event_waiting ORDER BY event LIMIT \(limit)") {
                try $0["event"] as String
            }
            guard !waiting.isEmpty else { return 0 }
            let last: Int = try tx.value("SELECT COALESCE(MAX(position), 0) FROM event_order") ?? 0
            let rows = waiting.enumerated().map { index, event -> SQL in "(\(last + index + 1), \(event))" }
            try tx.run("INSERT INTO event_order (position, event) VALUES \(SQL.join(rows, separator: ", "))")
            try tx.run("DELETE FROM event_waiting WHERE event IN \(list: waiting)")
            return waiting.count
        }
    }

    /// Forbids changing and deleting rows in the database itself.
    private static func appendOnly(_ table: String) -> [SQL] {
        let name = SQL(unchecked: table)
        return [
            .only(
                sqlite: """
                    CREATE TRIGGER \(name)_never_updated BEFORE UPDATE ON \(name)
                    BEGIN SELECT RAISE(ABORT, 'append only'); END
                    """,
                postgres: """
                    CREATE FUNCTION \(name)_never_changed() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$
                    """),
            .only(
                sqlite: """
                    CREATE TRIGGER \(name)_never_deleted BEFORE DELETE ON \(name)
                    BEGIN SELECT RAISE(ABORT, 'append only'); END
                    """,
                postgres: """
                    CREATE TRIGGER \(name)_append_only BEFORE UPDATE OR DELETE ON \(name)
                    FOR EACH ROW EXECUTE FUNCTION \(name)_never_changed()
                    """),
        ]
    }
}
