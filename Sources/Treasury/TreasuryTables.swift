public import Store

/// The tables of the treasury: where payees want their money, what was ordered, what was sent to the bank in which
/// file, and what the bank answered.
public enum TreasuryTables {
    public static let migrations = Migrations(
        room: "treasury",
        steps: [
            Migration(id: "2026-11-26-treasury", statements: accounts + runs + orders + answers),
            Migration(id: "2026-11-26-treasury-answer-files", statements: files),
        ])

    private static let accounts: [SQL] = [
        """
        CREATE TABLE payee_account (
            id TEXT PRIMARY KEY,
            payee_kind TEXT NOT NULL
                CONSTRAINT payee_account_kind_check CHECK (payee_kind IN ('organisation', 'person')),
            payee TEXT NOT NULL, payee_zh TEXT NOT NULL, payee_en TEXT NOT NULL,
            holder TEXT NOT NULL, bank TEXT NOT NULL, branch TEXT NOT NULL, cnaps TEXT NOT NULL,
            sealed_number \(SQL.blob), number_mark TEXT, number_end TEXT NOT NULL,
            state TEXT NOT NULL CONSTRAINT payee_account_state_check
                CHECK (state IN ('proposed', 'confirmed', 'refused')),
            proposed_by TEXT NOT NULL, proposed_name TEXT NOT NULL, proposed_at BIGINT NOT NULL,
            decided_by TEXT, decided_name TEXT, decided_at BIGINT, reason TEXT, effective_on TEXT,
            CONSTRAINT payee_account_people_check CHECK (decided_by IS NULL OR decided_by <> proposed_by),
            CONSTRAINT payee_account_effect_check CHECK ((state = 'confirmed') = (effective_on IS NOT NULL))
        ) \(SQL.strict)
        """,
        "CREATE UNIQUE INDEX payee_account_open_key ON payee_account (payee) WHERE state = 'proposed'",
        "CREATE INDEX payee_account_payee ON payee_account (payee, state, effective_on)",
        "CREATE INDEX payee_account_state ON payee_account (state, id)",
    ]

    private static let runs: [SQL] = [
        """
        CREATE TABLE payment_run (
            id TEXT PRIMARY KEY, number TEXT NOT NULL, made_by TEXT NOT NULL, made_name TEXT NOT NULL,
            made_at BIGINT NOT NULL, execution_on TEXT NOT NULL, orders BIGINT NOT NULL, control_fen BIGINT NOT NULL,
            payer TEXT NOT NULL, payer_account TEXT NOT NULL, payer_bank TEXT NOT NULL,
            xml_hash TEXT NOT NULL, csv_hash TEXT NOT NULL,
            CONSTRAINT payment_run_number_key UNIQUE (number)
        ) \(SQL.strict)
        """
    ]

    private static let orders: [SQL] = [
        """
        CREATE TABLE payment_order (
            id TEXT PRIMARY KEY, number TEXT NOT NULL, subject_kind TEXT NOT NULL, subject TEXT NOT NULL, case_id TEXT,
            payee_kind TEXT NOT NULL, payee TEXT NOT NULL, payee_zh TEXT NOT NULL, payee_en TEXT NOT NULL,
            source TEXT NOT NULL, programme TEXT NOT NULL, year BIGINT NOT NULL, project TEXT NOT NULL,
            amount_fen BIGINT NOT NULL CONSTRAINT payment_order_amount_check CHECK (amount_fen > 0),
            paid_fen BIGINT NOT NULL, rejected_fen BIGINT NOT NULL, returned_fen BIGINT NOT NULL,
            purpose TEXT NOT NULL, note TEXT NOT NULL,
            state TEXT NOT NULL CONSTRAINT payment_order_state_check CHECK (state IN ('ordered', 'checked', 'ready',
                'sent', 'partial', 'paid', 'rejected', 'returned', 'sent-back', 'cancelled')),
            posting TEXT NOT NULL, account TEXT REFERENCES payee_account (id),
            run TEXT REFERENCES payment_run (id),
            ordered_by TEXT, ordered_name TEXT NOT NULL, ordered_at BIGINT NOT NULL,
            checked_by TEXT, checked_name TEXT, checked_at BIGINT,
            approved_by TEXT, approved_name TEXT, approved_at BIGINT,
            closed_at BIGINT, reason TEXT,
            CONSTRAINT payment_order_number_key UNIQUE (number),
            CONSTRAINT payment_order_people_check CHECK (
                (checked_by IS NULL OR ordered_by IS NULL OR checked_by <> ordered_by)
                AND (approved_by IS NULL OR ordered_by IS NULL OR approved_by <> ordered_by)
                AND (approved_by IS NULL OR approved_by <> checked_by)),
            CONSTRAINT payment_order_sums_check CHECK (paid_fen >= 0 AND rejected_fen >= 0
                AND paid_fen + rejected_fen <= amount_fen AND returned_fen BETWEEN 0 AND paid_fen),
            CONSTRAINT payment_order_run_check CHECK (
                (run IS NOT NULL) = (state IN ('sent', 'partial', 'paid', 'rejected', 'returned'))),
            CONSTRAINT payment_order_bank_check CHECK (run IS NOT NULL OR paid_fen + rejected_fen = 0)
        ) \(SQL.strict)
        """,
        // One thing is under way to be paid once.
        """
        CREATE UNIQUE INDEX payment_order_open_key ON payment_order (subject_kind, subject)
            WHERE state IN ('ordered', 'checked', 'ready', 'sent', 'partial')
        """,
        "CREATE INDEX payment_order_subject ON payment_order (subject_kind, subject, number)",
        "CREATE INDEX payment_order_state ON payment_order (state, number)",
        "CREATE INDEX payment_order_case ON payment_order (case_id, number)",
        "CREATE INDEX payment_order_payee ON payment_order (payee, number)",
        "CREATE INDEX payment_order_run ON payment_order (run, number)",
        // The postings by which an order was paid, until they are reversed.
        """
        CREATE TABLE payment_posting (
            posting TEXT PRIMARY KEY, payment TEXT NOT NULL REFERENCES payment_order (id), amount_fen BIGINT NOT NULL
        ) \(SQL.strict)
        """,
        "CREATE INDEX payment_posting_payment ON payment_posting (payment, posting)",
    ]

    /// The bank's files as they came: the papers behind every entry that follows from them.
    private static let files: [SQL] = [
        """
        CREATE TABLE bank_answer_file (
            answer TEXT PRIMARY KEY REFERENCES bank_answer (id), sealed_bytes \(SQL.blob) NOT NULL
        ) \(SQL.strict)
        """
    ]

    private static let answers: [SQL] = [
        """
        CREATE TABLE bank_answer (
            id TEXT PRIMARY KEY, format TEXT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, message TEXT,
            read_by TEXT NOT NULL, read_name TEXT NOT NULL, read_at BIGINT NOT NULL, lines BIGINT NOT NULL,
            CONSTRAINT bank_answer_hash_key UNIQUE (hash), CONSTRAINT bank_answer_message_key UNIQUE (message)
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE bank_line (
            id TEXT PRIMARY KEY, answer TEXT NOT NULL REFERENCES bank_answer (id), position BIGINT NOT NULL,
            line BIGINT NOT NULL, number TEXT NOT NULL,
            outcome TEXT NOT NULL CONSTRAINT bank_line_outcome_check
                CHECK (outcome IN ('paid', 'rejected', 'returned', 'back', 'pending')),
            amount_fen BIGINT NOT NULL, account_mark TEXT, account_end TEXT NOT NULL, booked_on TEXT,
            reference TEXT, reason TEXT NOT NULL, payment TEXT REFERENCES payment_order (id),
            state TEXT NOT NULL CONSTRAINT bank_line_state_check
                CHECK (state IN ('matched', 'queued', 'assigned', 'dismissed', 'noted', 'repeated')),
            problem TEXT, problem_zh TEXT, problem_en TEXT,
            settled_by TEXT, settled_name TEXT, settled_at BIGINT, note TEXT,
            CONSTRAINT bank_line_position_key UNIQUE (answer, position),
            CONSTRAINT bank_line_applied_check CHECK ((payment IS NOT NULL) = (state IN ('matched', 'assigned')))
        ) \(SQL.strict)
        """,
        // What the bank names once counts once, in whichever file it comes.
        """
        CREATE UNIQUE INDEX bank_line_reference_key ON bank_line (reference, outcome)
            WHERE reference IS NOT NULL AND state IN ('matched', 'assigned')
        """,
        "CREATE INDEX bank_line_state ON bank_line (state, id)",
        "CREATE INDEX bank_line_payment ON bank_line (payment, id)",
    ]
}
