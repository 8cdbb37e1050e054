import Store

/// What experts tell of their own work, who confirmed an alias, and the indexes of the pool's lists.
enum PoolTables {
    static let migration = Migration(
        id: "2026-11-26-review-pool",
        statements: [
            """
            CREATE TABLE expert_work (
                id TEXT PRIMARY KEY, expert TEXT NOT NULL REFERENCES expert (id), title TEXT NOT NULL,
                abstract TEXT NOT NULL, added_at BIGINT NOT NULL
            ) \(SQL.strict)
            """,
            "CREATE INDEX expert_work_expert ON expert_work (expert, id)",
            "ALTER TABLE expert_alias ADD COLUMN verified_by TEXT",
            "ALTER TABLE expert_alias ADD COLUMN verified_at BIGINT",
            "CREATE INDEX expert_tie_kind ON expert_tie (kind, id)",
            "CREATE INDEX review_conflict_expert ON review_conflict (expert, round, item, kind, subject)",
            "CREATE INDEX review_contest_filed ON review_contest (filed_by, id)",
        ])

    /// Who asks to come into the pool or to be changed in it, and until when each entry holds.
    static let registration = Migration(
        id: "2026-11-27-review-registration",
        statements: [
            "ALTER TABLE expert ADD COLUMN confirm_by TEXT",
            "ALTER TABLE expert ADD COLUMN confirm_asked_on TEXT",
            "CREATE INDEX expert_confirm ON expert (confirm_by, id)",
            """
            CREATE TABLE expert_request (
                id TEXT PRIMARY KEY, account TEXT NOT NULL, state TEXT NOT NULL
                    CONSTRAINT expert_request_state_check CHECK
                    (state IN ('waiting', 'withdrawn', 'admitted', 'refused')),
                title TEXT NOT NULL, employer TEXT NOT NULL, fields TEXT NOT NULL, keywords TEXT NOT NULL,
                most TEXT NOT NULL, asked_at BIGINT NOT NULL, judged_at BIGINT, judged_by TEXT, reason TEXT
            ) \(SQL.strict)
            """,
            "CREATE INDEX expert_request_account ON expert_request (account, id)",
            "CREATE INDEX expert_request_state ON expert_request (state, id)",
            // One person waits once.
            "CREATE UNIQUE INDEX expert_request_waiting ON expert_request (account) WHERE state = 'waiting'",
        ])

    /// In which languages each expert judges, and when an expert cannot.
    static let availability = Migration(
        id: "2026-11-28-review-availability",
        statements: [
            "ALTER TABLE expert ADD COLUMN languages TEXT NOT NULL DEFAULT 'zh'",
            "ALTER TABLE expert_request ADD COLUMN languages TEXT NOT NULL DEFAULT 'zh'",
            """
            CREATE TABLE expert_absence (
                id TEXT PRIMARY KEY, expert TEXT NOT NULL REFERENCES expert (id), from_day TEXT NOT NULL,
                to_day TEXT NOT NULL, note TEXT NOT NULL, told_by TEXT NOT NULL, told_at BIGINT NOT NULL,
                CONSTRAINT expert_absence_days_check CHECK (from_day <= to_day)
            ) \(SQL.strict)
            """,
            "CREATE INDEX expert_absence_expert ON expert_absence (expert, from_day)",
            "CREATE INDEX expert_absence_end ON expert_absence (to_day, id)",
        ])
}
