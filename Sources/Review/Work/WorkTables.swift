import Store

/// What the work of review keeps beside the sheets: questions about them, mended feedback, fees, and the sketches of
/// texts.
enum WorkTables {
    static let migration = Migration(
        id: "2026-11-26-review-work",
        statements: questions + feedback + fees + texts + SQL.appendOnly("review_question_look")
            + SQL.appendOnly("review_feedback"))

    private static let questions: [SQL] = [
        // One row for each thing that somebody should look at. `place` is the expert, sheet or pair that it is about.
        """
        CREATE TABLE review_question (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, place TEXT NOT NULL, desk TEXT NOT NULL
                CONSTRAINT review_question_desk_check CHECK (desk IN ('sheets', 'duplicates', 'watch')),
            subject TEXT NOT NULL, other TEXT NOT NULL, division TEXT NOT NULL, other_division TEXT NOT NULL,
            text_zh TEXT NOT NULL, text_en TEXT NOT NULL, figures TEXT NOT NULL, found_at BIGINT NOT NULL,
            disposition TEXT, CONSTRAINT review_question_place_key UNIQUE (kind, place)
        ) \(SQL.strict)
        """,
        "CREATE INDEX review_question_desk ON review_question (desk, id)",
        "CREATE INDEX review_question_subject ON review_question (desk, subject, id)",
        "CREATE INDEX review_question_other ON review_question (desk, other, id)",
        "CREATE INDEX review_question_kind ON review_question (desk, kind, id)",
        """
        CREATE TABLE review_question_look (
            question TEXT NOT NULL REFERENCES review_question (id), position BIGINT NOT NULL,
            disposition TEXT NOT NULL CONSTRAINT review_question_look_disposition_check
                CHECK (disposition IN ('explained', 'mended', 'watched', 'passed-on')),
            reason TEXT NOT NULL, looked_by TEXT NOT NULL, looked_name TEXT NOT NULL, looked_at BIGINT NOT NULL,
            PRIMARY KEY (question, position)
        ) \(SQL.strict)
        """,
        // How many sheets a round had when they were last looked over.
        """
        CREATE TABLE review_sheet_check (
            round TEXT PRIMARY KEY REFERENCES review_round (id), sheets BIGINT NOT NULL, checked_at BIGINT NOT NULL
        ) \(SQL.strict)
        """,
    ]

    private static let feedback: [SQL] = [
        // An opinion as its applicant reads it, where the expert's own words told too much; later rows replace earlier.
        """
        CREATE TABLE review_feedback (
            assignment TEXT NOT NULL REFERENCES review_assignment (id), position BIGINT NOT NULL,
            answers TEXT NOT NULL, mended_by TEXT NOT NULL, mended_name TEXT NOT NULL, mended_at BIGINT NOT NULL,
            PRIMARY KEY (assignment, position)
        ) \(SQL.strict)
        """
    ]

    private static let fees: [SQL] = [
        """
        CREATE TABLE review_fee_run (
            round TEXT PRIMARY KEY REFERENCES review_round (id), state TEXT NOT NULL
                CONSTRAINT review_fee_run_state_check CHECK (state IN ('proposed', 'returned', 'approved')),
            total_fen BIGINT NOT NULL, proposed_by TEXT NOT NULL, proposed_name TEXT NOT NULL,
            proposed_at BIGINT NOT NULL, decided_by TEXT, decided_name TEXT, decided_at BIGINT, reason TEXT NOT NULL
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE review_fee (
            id TEXT PRIMARY KEY, round TEXT NOT NULL REFERENCES review_fee_run (round), expert TEXT NOT NULL,
            rank TEXT NOT NULL, sheets BIGINT NOT NULL, least_fen BIGINT NOT NULL, most_fen BIGINT NOT NULL,
            amount_fen BIGINT NOT NULL, ruling TEXT NOT NULL, state TEXT NOT NULL
                CONSTRAINT review_fee_state_check CHECK (state IN ('planned', 'ordered', 'paid')),
            CONSTRAINT review_fee_expert_key UNIQUE (round, expert)
        ) \(SQL.strict)
        """,
    ]

    private static let texts: [SQL] = [
        // A text as comparison knows it: its sketch, and a hash of what was read, so that no text is read twice.
        """
        CREATE TABLE review_text (
            id BIGINT PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, hash TEXT NOT NULL, sketch TEXT NOT NULL,
            read_at BIGINT NOT NULL, CONSTRAINT review_text_case_key UNIQUE (case_id)
        ) \(SQL.strict)
        """,
        // Texts that came in and were not compared yet.
        """
        CREATE TABLE review_text_queue (case_id TEXT PRIMARY KEY, queued_at BIGINT NOT NULL) \(SQL.strict)
        """,
        "CREATE INDEX review_text_queue_time ON review_text_queue (queued_at, case_id)",
    ]
}
