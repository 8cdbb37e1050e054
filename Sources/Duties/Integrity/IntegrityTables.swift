import Store

/// The tables of this room; cases, bars and registers live in the rooms below.
enum IntegrityTables {
    static let migrations = Migrations(
        room: "integrity",
        steps: [
            Migration(
                id: "2026-11-26-integrity-rooms",
                statements: [
                    // One draw of an inspection: objects first, then inspectors.
                    """
                    CREATE TABLE integrity_draw (
                        case_id TEXT NOT NULL, stage TEXT NOT NULL CONSTRAINT integrity_draw_stage_check
                            CHECK (stage IN ('objects', 'inspectors')),
                        plan TEXT NOT NULL, commitment TEXT NOT NULL, secret TEXT NOT NULL,
                        committed_at BIGINT NOT NULL, seed TEXT, protocol TEXT, drawn_at BIGINT,
                        PRIMARY KEY (case_id, stage)
                    ) \(SQL.strict)
                    """,
                    // What may be inspected, as it stood when the plan was fixed, and whether it was drawn.
                    """
                    CREATE TABLE integrity_object (
                        case_id TEXT NOT NULL, object TEXT NOT NULL, number TEXT NOT NULL, title_zh TEXT NOT NULL,
                        title_en TEXT NOT NULL, organisation TEXT, is_drawn \(SQL.boolean) NOT NULL, check_case TEXT,
                        PRIMARY KEY (case_id, object)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX integrity_object_drawn ON integrity_object (case_id, is_drawn, number)",
                    // What must be done by a day, as events tell of it.
                    """
                    CREATE TABLE integrity_watch (
                        subject TEXT NOT NULL, list TEXT NOT NULL, case_id TEXT NOT NULL, content TEXT NOT NULL,
                        due_on TEXT NOT NULL, is_settled \(SQL.boolean) NOT NULL, entry TEXT,
                        PRIMARY KEY (subject, list)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX integrity_watch_due ON integrity_watch (is_settled, due_on)",
                    "CREATE INDEX integrity_watch_case ON integrity_watch (case_id, list)",
                    """
                    CREATE TABLE integrity_query (
                        id TEXT PRIMARY KEY, subject TEXT NOT NULL, subject_name TEXT NOT NULL, account TEXT,
                        account_name TEXT NOT NULL, purpose TEXT NOT NULL, at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX integrity_query_subject ON integrity_query (subject, id)",
                    "CREATE INDEX integrity_query_account ON integrity_query (account, id)",
                ] + SQL.appendOnly("integrity_query"))
        ])
}
