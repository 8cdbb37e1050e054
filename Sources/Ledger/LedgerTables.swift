public import Store

/// The tables of the books. Postings and legs refuse changes in the database itself; an account's row, which keeps its
/// balance, refuses in the database itself to be overdrawn.
public enum LedgerTables {
    public static let migrations = Migrations(
        room: "ledger",
        steps: [
            Migration(
                id: "2026-11-26-ledger-books",
                statements: accounts + postings + SQL.appendOnly("ledger_posting") + SQL.appendOnly("ledger_leg")),
            Migration(id: "2026-11-26-ledger-months", statements: months),
        ])

    /// What moved in a month, by budget year, kind and programme, so that a board adds up months and neither accounts
    /// nor days. Each sum lies in several rows, by account, so that writers of neighbouring accounts seldom meet.
    private static let months: [SQL] = [
        """
        CREATE TABLE ledger_month (
            year BIGINT NOT NULL, kind TEXT NOT NULL, programme TEXT NOT NULL, month TEXT NOT NULL,
            shard BIGINT NOT NULL, in_fen BIGINT NOT NULL, out_fen BIGINT NOT NULL, legs BIGINT NOT NULL,
            PRIMARY KEY (year, kind, programme, month, shard)
        ) \(SQL.strict)
        """,
        """
        INSERT INTO ledger_month (year, kind, programme, month, shard, in_fen, out_fen, legs)
        SELECT a.year, a.kind, COALESCE(a.programme, ''), substr(l.day, 1, 7), 0,
            SUM(l.in_fen), SUM(l.out_fen), COUNT(*)
        FROM ledger_leg l JOIN ledger_account a ON a.id = l.account WHERE NOT l.held
        GROUP BY a.year, a.kind, COALESCE(a.programme, ''), substr(l.day, 1, 7)
        """,
    ]

    private static let accounts: [SQL] = [
        """
        CREATE TABLE ledger_account (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, year BIGINT NOT NULL, programme TEXT, project TEXT,
            in_fen BIGINT NOT NULL, out_fen BIGINT NOT NULL,
            held_in_fen BIGINT NOT NULL, held_out_fen BIGINT NOT NULL, legs BIGINT NOT NULL,
            cap_fen BIGINT, last_day TEXT NOT NULL, revision BIGINT NOT NULL,
            CONSTRAINT ledger_account_floor_check
                CHECK (kind = 'source' OR in_fen - out_fen - held_out_fen >= 0),
            CONSTRAINT ledger_account_cap_check
                CHECK (cap_fen IS NULL OR in_fen - out_fen + held_in_fen <= cap_fen)
        ) \(SQL.strict)
        """,
        "CREATE INDEX ledger_account_year ON ledger_account (year, kind, programme, id)",
        "CREATE INDEX ledger_account_project ON ledger_account (project, id)",
        // What moved on a day, so that a balance at any past day adds up days and not legs.
        """
        CREATE TABLE ledger_day (
            account TEXT NOT NULL, day TEXT NOT NULL, in_fen BIGINT NOT NULL, out_fen BIGINT NOT NULL,
            PRIMARY KEY (account, day)
        ) \(SQL.strict)
        """,
        // No row: the month is open. Totals are those at the closing, for whoever checks.
        """
        CREATE TABLE ledger_period (
            month TEXT PRIMARY KEY,
            state TEXT NOT NULL CONSTRAINT ledger_period_state_check
                CHECK (state IN ('closing', 'closed', 'reopening', 'open')),
            proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL, reason TEXT NOT NULL,
            decided_by TEXT, decided_at BIGINT, postings BIGINT, turnover_fen BIGINT,
            CONSTRAINT ledger_period_people_check CHECK (decided_by IS NULL OR decided_by <> proposed_by)
        ) \(SQL.strict)
        """,
    ]

    private static let postings: [SQL] = [
        """
        CREATE TABLE ledger_posting (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CONSTRAINT ledger_posting_kind_check
                CHECK (kind IN ('move', 'reserve', 'settle', 'release', 'reverse')),
            day TEXT NOT NULL, at BIGINT NOT NULL, case_id TEXT, event TEXT NOT NULL,
            actor TEXT, actor_name TEXT NOT NULL, rules TEXT NOT NULL, text TEXT NOT NULL, key TEXT NOT NULL,
            target TEXT REFERENCES ledger_posting (id), until TEXT
        ) \(SQL.strict)
        """,
        // A reservation ends once; a move is reversed once.
        "CREATE UNIQUE INDEX ledger_posting_target_key ON ledger_posting (target) WHERE target IS NOT NULL",
        "CREATE INDEX ledger_posting_day ON ledger_posting (day, id)",
        "CREATE INDEX ledger_posting_case ON ledger_posting (case_id, id)",
        """
        CREATE TABLE ledger_leg (
            posting TEXT NOT NULL, position BIGINT NOT NULL,
            account TEXT NOT NULL, day TEXT NOT NULL, held \(SQL.boolean) NOT NULL,
            in_fen BIGINT NOT NULL, out_fen BIGINT NOT NULL,
            PRIMARY KEY (posting, position),
            CONSTRAINT ledger_leg_side_check CHECK ((in_fen = 0) <> (out_fen = 0))
        ) \(SQL.strict)
        """,
        "CREATE INDEX ledger_leg_account ON ledger_leg (account, day, posting)",
        // Which posting a key stands for; a refused one gives its key back.
        """
        CREATE TABLE ledger_key (key TEXT PRIMARY KEY, posting TEXT NOT NULL, fingerprint TEXT NOT NULL) \(SQL.strict)
        """,
        // Reservations that are neither settled nor released.
        "CREATE TABLE ledger_hold (posting TEXT PRIMARY KEY, until TEXT) \(SQL.strict)",
        "CREATE INDEX ledger_hold_until ON ledger_hold (until, posting)",
    ]
}
