public import Store

/// The tables of the Review room.
public enum ReviewTables {
    public static let migrations = Migrations(
        room: "review",
        steps: [
            Migration(
                id: "2026-11-24-review-rounds",
                statements: [
                    """
                    CREATE TABLE expert (
                        id TEXT PRIMARY KEY, account TEXT NOT NULL, person TEXT, name TEXT NOT NULL,
                        title TEXT NOT NULL, organisation TEXT NOT NULL, organisation_name TEXT NOT NULL,
                        is_active \(SQL.boolean) NOT NULL, joined_at BIGINT NOT NULL,
                        CONSTRAINT expert_account_key UNIQUE (account)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX expert_name ON expert (name, id)",
                    "CREATE INDEX expert_person ON expert (person)",
                    """
                    CREATE TABLE expert_field (
                        expert TEXT NOT NULL REFERENCES expert (id), field TEXT NOT NULL, PRIMARY KEY (expert, field)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX expert_field_field ON expert_field (field, expert)",
                    // What an expert declared of their own accord, for all rounds.
                    """
                    CREATE TABLE expert_relation (
                        expert TEXT NOT NULL REFERENCES expert (id), subject TEXT NOT NULL, note TEXT NOT NULL,
                        declared_at BIGINT NOT NULL, PRIMARY KEY (expert, subject)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE review_round (
                        id TEXT PRIMARY KEY, subject TEXT NOT NULL, sheet TEXT NOT NULL, wanted BIGINT NOT NULL,
                        load BIGINT NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL
                            CONSTRAINT review_round_state_check CHECK (state IN ('committed', 'drawn', 'closed')),
                        commitment TEXT NOT NULL, seed TEXT,
                        opened_by TEXT NOT NULL, opened_at BIGINT NOT NULL, drawn_at BIGINT, closed_at BIGINT,
                        CONSTRAINT review_round_subject_key UNIQUE (subject)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE review_item (
                        round TEXT NOT NULL REFERENCES review_round (id), item TEXT NOT NULL, facts TEXT NOT NULL,
                        PRIMARY KEY (round, item)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX review_item_item ON review_item (item)",
                    """
                    CREATE TABLE review_assignment (
                        id TEXT PRIMARY KEY, round TEXT NOT NULL REFERENCES review_round (id), item TEXT NOT NULL,
                        expert TEXT NOT NULL REFERENCES expert (id), state TEXT NOT NULL
                            CONSTRAINT review_assignment_state_check CHECK
                            (state IN ('invited', 'accepted', 'declined', 'recused', 'replaced', 'submitted')),
                        is_reserve \(SQL.boolean) NOT NULL, due_on TEXT NOT NULL, invited_at BIGINT NOT NULL,
                        answered_at BIGINT, reminded_at BIGINT, reason TEXT,
                        answers TEXT NOT NULL, revision BIGINT NOT NULL, total BIGINT, verdict TEXT,
                        submitted_at BIGINT,
                        CONSTRAINT review_assignment_item_expert_key UNIQUE (item, expert)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX review_assignment_expert ON review_assignment (expert, state, due_on, id)",
                    "CREATE INDEX review_assignment_round ON review_assignment (round, item, id)",
                    """
                    CREATE TABLE review_panel_note (
                        id TEXT PRIMARY KEY, round TEXT NOT NULL REFERENCES review_round (id), item TEXT NOT NULL,
                        author TEXT NOT NULL, author_name TEXT NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX review_panel_note_item ON review_panel_note (round, item, id)",
                ]),
            Migration(
                id: "2026-11-24-review-tenures",
                statements: [
                    // Most items an expert takes in a round, where less than the round allows.
                    "ALTER TABLE expert ADD COLUMN max_load BIGINT",
                    // For how many years an earlier employer counts; null for ever.
                    "ALTER TABLE review_round ADD COLUMN lookback_years BIGINT",
                    """
                    CREATE TABLE expert_employment (
                        expert TEXT NOT NULL REFERENCES expert (id), organisation TEXT NOT NULL,
                        from_day TEXT NOT NULL, to_day TEXT, PRIMARY KEY (expert, organisation, from_day)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX expert_employment_organisation ON expert_employment (organisation, expert)",
                    "CREATE INDEX expert_relation_subject ON expert_relation (subject, expert)",
                    "CREATE INDEX review_assignment_open ON review_assignment (round, state, due_on, id)",
                ]),
            Migration(
                id: "2026-11-24-review-draws",
                statements: [
                    // Plan and protocol of a large round have megabytes: apart, so that reading a round stays cheap.
                    """
                    CREATE TABLE review_draw (
                        round TEXT PRIMARY KEY REFERENCES review_round (id), plan TEXT NOT NULL, protocol TEXT
                    ) \(SQL.strict)
                    """,
                    // The drawn order of reserves, as the protocol has it, so that inviting one reads a few rows only.
                    """
                    CREATE TABLE review_reserve (
                        round TEXT NOT NULL REFERENCES review_round (id), item TEXT NOT NULL, position BIGINT NOT NULL,
                        expert TEXT NOT NULL REFERENCES expert (id), load BIGINT NOT NULL,
                        PRIMARY KEY (round, item, position)
                    ) \(SQL.strict)
                    """,
                ]),
            Migration(
                id: "2026-11-25-review-care",
                statements: [
                    // The last day on which the house looked for those who had let their time run out.
                    "ALTER TABLE review_round ADD COLUMN tended_on TEXT",
                    "CREATE INDEX review_round_state ON review_round (state, tended_on)",
                    "CREATE INDEX review_assignment_mine ON review_assignment (expert, id)",
                ]),
            Migration(
                id: "2026-11-25-review-seeds",
                // The house's own half of the seed: its hash is published with the plan, itself with the draw.
                statements: ["ALTER TABLE review_draw ADD COLUMN secret TEXT"]),
            Migration(
                id: "2026-11-26-review-panels",
                statements: [
                    // One expert's sheet on a case at one of its steps.
                    """
                    CREATE TABLE panel_sheet (
                        case_id TEXT NOT NULL REFERENCES case_file (id), step TEXT NOT NULL,
                        account TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL
                            CONSTRAINT panel_sheet_state_check CHECK (state IN ('open', 'filled', 'recused')),
                        answers TEXT NOT NULL, total BIGINT, reason TEXT NOT NULL, named_at BIGINT NOT NULL,
                        closed_at BIGINT, PRIMARY KEY (case_id, step, account)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX panel_sheet_account ON panel_sheet (account, state, case_id)",
                ]),
            MeetingTables.step,
            WorkTables.migration,
            ConflictTables.migration,
            PoolTables.migration,
            PoolTables.registration,
            Migration(
                id: "2026-11-27-review-limits",
                statements: [
                    // What a replacement has to keep, too: no two of one employer on an application.
                    """
                    ALTER TABLE review_round ADD COLUMN keeps_apart \(SQL.boolean) NOT NULL
                    DEFAULT \(sqlite: "0", postgres: "FALSE")
                    """,
                    // The wanted group, of whom each application has at least one; empty where none is wanted.
                    """
                    CREATE TABLE review_outside (
                        round TEXT NOT NULL REFERENCES review_round (id), expert TEXT NOT NULL,
                        PRIMARY KEY (round, expert)
                    ) \(SQL.strict)
                    """,
                ]),
            Migration(
                id: "2026-11-28-review-quotas",
                statements: [
                    // Quotas that a replacement keeps, apart from the plan, which is long; null where there are none.
                    "ALTER TABLE review_draw ADD COLUMN quotas TEXT",
                    // Why pairs were chosen before the plan was fixed: kept here and in the record, not in the plan.
                    "ALTER TABLE review_draw ADD COLUMN reasons TEXT",
                ]),
            PoolTables.availability,
            causes,
        ])

    /// Why the house took an assignment away stood among what people typed; see
    /// ``ReviewActions/takeOverCauses()``.
    private static let causes = Migration(
        id: "2026-11-28-review-causes", statements: ["ALTER TABLE review_assignment ADD COLUMN cause TEXT"])
}
