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
}
