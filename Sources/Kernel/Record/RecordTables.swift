public import Store

extension Record {
    /// The tables of the record. Those that hold what happened refuse changes and deletions on both engines.
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
                ] + SQL.appendOnly("event") + SQL.appendOnly("event_order")),
            Migration(
                id: "2026-11-25-record-tree",
                statements: tree + SQL.appendOnly("record_leaf") + SQL.appendOnly("record_checkpoint")
                    + SQL.appendOnly("record_conflict")),
            Migration(
                id: "2026-11-28-record-by-time",
                statements: [
                    "CREATE INDEX event_at ON event (at, id)",
                    "DROP INDEX event_kind",
                    "CREATE INDEX event_kind ON event (kind, at, id)",
                ]),
        ])

    /// Events that were ordered before there was a tree wait in their old order, before all later ones.
    private static let tree: [SQL] = [
        // Place: what waiting events are sorted by, the microsecond of the event.
        """
        CREATE TABLE record_waiting (
            place BIGINT NOT NULL, event TEXT NOT NULL, salt TEXT NOT NULL,
            is_public \(SQL.boolean) NOT NULL, PRIMARY KEY (place, event)
        ) \(SQL.strict)
        """,
        """
        INSERT INTO record_waiting (place, event, salt, is_public)
        SELECT o.position, e.id, \(chance), e.kind = 'notice.published'
        FROM event_order o JOIN event e ON e.id = o.event
        """,
        """
        INSERT INTO record_waiting (place, event, salt, is_public)
        SELECT e.at, e.id, \(chance), e.kind = 'notice.published' FROM event_waiting w JOIN event e ON e.id = w.event
        """,
        "DROP TABLE event_waiting",
        "DROP TABLE event_order",
        .only(sqlite: "SELECT 1", postgres: "DROP FUNCTION event_order_never_changed()"),
        // Positions count from 0, as in RFC 9162. The leaf is the text that is hashed.
        """
        CREATE TABLE record_leaf (
            position BIGINT PRIMARY KEY, event TEXT NOT NULL REFERENCES event (id), salt TEXT NOT NULL,
            is_public \(SQL.boolean) NOT NULL, leaf TEXT NOT NULL,
            CONSTRAINT record_leaf_event_key UNIQUE (event)
        ) \(SQL.strict)
        """,
        // Nothing but a quick way to hashes that follow from the leaves.
        """
        CREATE TABLE record_tile (
            level BIGINT NOT NULL, number BIGINT NOT NULL, hashes \(SQL.blob) NOT NULL, PRIMARY KEY (level, number)
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE record_checkpoint (
            size BIGINT PRIMARY KEY, root TEXT NOT NULL, note TEXT NOT NULL, made_at BIGINT NOT NULL
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE record_key (
            number BIGINT PRIMARY KEY, key TEXT NOT NULL, event TEXT NOT NULL, made_at BIGINT NOT NULL,
            last_size BIGINT, CONSTRAINT record_key_key_key UNIQUE (key)
        ) \(SQL.strict)
        """,
        // Checkpoints that bear a signature of the house and do not agree with its record.
        """
        CREATE TABLE record_conflict (
            id TEXT PRIMARY KEY, size BIGINT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL,
            found_at BIGINT NOT NULL
        ) \(SQL.strict)
        """,
    ]

    /// 122 unpredictable bits or more in hexadecimal text.
    private static let chance: SQL = .only(
        sqlite: "lower(hex(randomblob(16)))", postgres: "replace(gen_random_uuid()::text, '-', '')")
}
