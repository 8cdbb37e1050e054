import Store

/// What auditors keep: samples, and what looked odd. Nothing of it is ever deleted; looks at a hit only add up.
enum OversightTables {
    static let migrations = Migrations(
        room: "oversight",
        steps: [
            Migration(
                id: "2026-11-26-oversight",
                statements: samples + hits + SQL.appendOnly("audit_sample") + SQL.appendOnly("audit_sample_item")
                    + SQL.appendOnly("red_flag") + SQL.appendOnly("red_flag_look"))
        ])

    private static let samples: [SQL] = [
        """
        CREATE TABLE audit_sample (
            id TEXT PRIMARY KEY, number TEXT NOT NULL, title TEXT NOT NULL, method TEXT NOT NULL
                CONSTRAINT audit_sample_method_check CHECK (method IN ('random', 'monetary', 'filter')),
            kind TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL, programme TEXT NOT NULL,
            least_fen BIGINT NOT NULL, size BIGINT NOT NULL, seed TEXT NOT NULL,
            through TEXT NOT NULL, population BIGINT NOT NULL, total_fen BIGINT NOT NULL, population_hash TEXT NOT NULL,
            made_by TEXT NOT NULL, made_name TEXT NOT NULL, made_at BIGINT NOT NULL,
            CONSTRAINT audit_sample_number_key UNIQUE (number)
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE audit_sample_item (
            sample TEXT NOT NULL REFERENCES audit_sample (id), position BIGINT NOT NULL, posting TEXT NOT NULL,
            amount_fen BIGINT NOT NULL, hits BIGINT NOT NULL, PRIMARY KEY (sample, position)
        ) \(SQL.strict)
        """,
    ]

    private static let hits: [SQL] = [
        // One row for each flag and what it is about; the values say why.
        """
        CREATE TABLE red_flag (
            flag TEXT NOT NULL, subject TEXT NOT NULL, id TEXT NOT NULL, subject_kind TEXT NOT NULL,
            project TEXT NOT NULL, amount_fen BIGINT NOT NULL, day TEXT NOT NULL,
            value1 TEXT NOT NULL, value2 TEXT NOT NULL, found_at BIGINT NOT NULL,
            PRIMARY KEY (flag, subject), CONSTRAINT red_flag_id_key UNIQUE (id)
        ) \(SQL.strict)
        """,
        "CREATE INDEX red_flag_day ON red_flag (day, id)",
        "CREATE INDEX red_flag_flag ON red_flag (flag, day, id)",
        "CREATE INDEX red_flag_project ON red_flag (project, day, id)",
        """
        CREATE TABLE red_flag_look (
            hit TEXT NOT NULL, position BIGINT NOT NULL, disposition TEXT NOT NULL
                CONSTRAINT red_flag_look_disposition_check
                CHECK (disposition IN ('explained', 'error', 'passed-on', 'watched')),
            reason TEXT NOT NULL, looked_by TEXT NOT NULL, looked_name TEXT NOT NULL, looked_at BIGINT NOT NULL,
            PRIMARY KEY (hit, position)
        ) \(SQL.strict)
        """,
    ]
}
