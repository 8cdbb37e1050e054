import Store

/// The tables of panel meetings.
enum MeetingTables {
    static let step = Migration(
        id: "2026-11-26-review-meetings", statements: meeting + agenda + votes)

    private static let meeting: [SQL] = [
        """
        CREATE TABLE meeting (
            id TEXT PRIMARY KEY, number TEXT NOT NULL, call TEXT, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
            division TEXT NOT NULL, place TEXT NOT NULL, starts_at BIGINT NOT NULL, state TEXT NOT NULL
                CONSTRAINT meeting_state_check CHECK (state IN ('planned', 'open', 'closed', 'signed')),
            chair TEXT NOT NULL, chair_name TEXT NOT NULL, secretary TEXT NOT NULL, secretary_name TEXT NOT NULL,
            lot_secret TEXT NOT NULL, opened_at BIGINT, closed_at BIGINT,
            minutes TEXT, minutes_hash TEXT, chair_signed_at BIGINT, secretary_signed_at BIGINT,
            made_at BIGINT NOT NULL, CONSTRAINT meeting_number_key UNIQUE (number)
        ) \(SQL.strict)
        """,
        "CREATE INDEX meeting_state ON meeting (state, id)",
        "CREATE INDEX meeting_call ON meeting (call, id)",
        """
        CREATE TABLE meeting_member (
            meeting TEXT NOT NULL REFERENCES meeting (id), account TEXT NOT NULL, expert TEXT NOT NULL,
            name TEXT NOT NULL, organisation_name TEXT NOT NULL, answer TEXT NOT NULL
                CONSTRAINT meeting_member_answer_check CHECK (answer IN ('invited', 'accepted', 'declined')),
            reason TEXT NOT NULL, PRIMARY KEY (meeting, account)
        ) \(SQL.strict)
        """,
        "CREATE INDEX meeting_member_account ON meeting_member (account, meeting)",
        // A stay in the room; one without an end is still there.
        """
        CREATE TABLE meeting_presence (
            id TEXT PRIMARY KEY, meeting TEXT NOT NULL REFERENCES meeting (id), account TEXT NOT NULL,
            name TEXT NOT NULL, arrived_at BIGINT NOT NULL, left_at BIGINT
        ) \(SQL.strict)
        """,
        "CREATE INDEX meeting_presence_meeting ON meeting_presence (meeting, id)",
        "CREATE UNIQUE INDEX meeting_presence_once ON meeting_presence (meeting, account) WHERE left_at IS NULL",
    ]

    private static let agenda: [SQL] = [
        """
        CREATE TABLE meeting_item (
            id TEXT PRIMARY KEY, meeting TEXT NOT NULL REFERENCES meeting (id), position BIGINT NOT NULL,
            title_zh TEXT NOT NULL, title_en TEXT NOT NULL, minutes BIGINT NOT NULL, state TEXT NOT NULL
                CONSTRAINT meeting_item_state_check CHECK (state IN ('waiting', 'open', 'closed')),
            opened_at BIGINT, closed_at BIGINT, CONSTRAINT meeting_item_position_key UNIQUE (meeting, position)
        ) \(SQL.strict)
        """,
        "CREATE UNIQUE INDEX meeting_item_open ON meeting_item (meeting) WHERE state = 'open'",
        """
        CREATE TABLE meeting_case (
            item TEXT NOT NULL REFERENCES meeting_item (id), place BIGINT NOT NULL,
            case_id TEXT NOT NULL REFERENCES case_file (id), PRIMARY KEY (item, place)
        ) \(SQL.strict)
        """,
        "CREATE UNIQUE INDEX meeting_case_case ON meeting_case (case_id, item)",
        // Agendas are filled by numbers.
        "CREATE INDEX case_file_number ON case_file (number, id)",
        """
        CREATE TABLE meeting_recusal (
            item TEXT NOT NULL REFERENCES meeting_item (id), account TEXT NOT NULL, name TEXT NOT NULL,
            reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, is_found \(SQL.boolean) NOT NULL,
            left_at BIGINT, returned_at BIGINT, PRIMARY KEY (item, account)
        ) \(SQL.strict)
        """,
        """
        CREATE TABLE meeting_note (
            id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES meeting_item (id), author TEXT NOT NULL,
            author_name TEXT NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL
        ) \(SQL.strict)
        """,
        "CREATE INDEX meeting_note_item ON meeting_note (item, id)",
    ]

    private static let votes: [SQL] = [
        """
        CREATE TABLE meeting_vote (
            id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES meeting_item (id), round BIGINT NOT NULL,
            kind TEXT NOT NULL CONSTRAINT meeting_vote_kind_check CHECK (kind IN ('approve', 'choose')),
            is_secret \(SQL.boolean) NOT NULL, question TEXT NOT NULL, seats BIGINT NOT NULL,
            threshold TEXT NOT NULL, rule TEXT NOT NULL, members BIGINT NOT NULL, present BIGINT NOT NULL,
            quorum BIGINT NOT NULL, state TEXT NOT NULL
                CONSTRAINT meeting_vote_state_check CHECK (state IN ('open', 'closed')),
            opened_at BIGINT NOT NULL, closed_at BIGINT, result TEXT,
            CONSTRAINT meeting_vote_round_key UNIQUE (item, round)
        ) \(SQL.strict)
        """,
        "CREATE UNIQUE INDEX meeting_vote_open ON meeting_vote (item) WHERE state = 'open'",
        // Who may vote and who has; without times, so that nothing tells which paper is whose.
        """
        CREATE TABLE meeting_roll (
            vote TEXT NOT NULL REFERENCES meeting_vote (id), account TEXT NOT NULL, name TEXT NOT NULL,
            has_voted \(SQL.boolean) NOT NULL, PRIMARY KEY (vote, account)
        ) \(SQL.strict)
        """,
        "CREATE INDEX meeting_roll_account ON meeting_roll (account, vote)",
        // A paper: named ones with their voter, secret ones with a code alone, sealed until the vote is closed.
        """
        CREATE TABLE meeting_paper (
            code TEXT PRIMARY KEY, vote TEXT NOT NULL REFERENCES meeting_vote (id), account TEXT, name TEXT,
            choice TEXT, sealed_choice \(SQL.blob)
        ) \(SQL.only(sqlite: "STRICT, WITHOUT ROWID", postgres: ""))
        """,
        "CREATE INDEX meeting_paper_vote ON meeting_paper (vote, code)",
        "CREATE UNIQUE INDEX meeting_paper_account ON meeting_paper (vote, account)",
    ]
}
