import Store

/// Tables of the room: which notice announced a case at which point, and the ballots.
enum AwardTables {
    static let migrations = Migrations(
        room: "awards",
        steps: [
            Migration(
                id: "2026-11-26-awards-notices-and-ballots",
                statements: [
                    """
                    CREATE TABLE award_notice (
                        case_id TEXT NOT NULL REFERENCES case_file (id), point TEXT NOT NULL, notice TEXT NOT NULL,
                        PRIMARY KEY (case_id, point, notice)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE award_ballot (
                        id TEXT PRIMARY KEY, number TEXT NOT NULL, title TEXT NOT NULL, stage TEXT NOT NULL,
                        state TEXT NOT NULL, opened_by TEXT NOT NULL, opened_at BIGINT NOT NULL, closed_at BIGINT,
                        CONSTRAINT award_ballot_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX award_ballot_state ON award_ballot (state, id)",
                    // Who may vote, and who did; nothing beside a name ever says how.
                    """
                    CREATE TABLE award_ballot_member (
                        ballot TEXT NOT NULL REFERENCES award_ballot (id), account TEXT NOT NULL, name TEXT NOT NULL,
                        has_voted \(SQL.boolean) NOT NULL, PRIMARY KEY (ballot, account)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX award_ballot_member_account ON award_ballot_member (account, ballot)",
                    """
                    CREATE TABLE award_ballot_item (
                        ballot TEXT NOT NULL REFERENCES award_ballot (id), position BIGINT NOT NULL,
                        case_id TEXT NOT NULL REFERENCES case_file (id), prize TEXT NOT NULL, grade TEXT NOT NULL,
                        in_favour BIGINT NOT NULL, against BIGINT NOT NULL, abstained BIGINT NOT NULL,
                        carried \(SQL.boolean), PRIMARY KEY (ballot, position)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX award_ballot_item_case ON award_ballot_item (case_id, ballot)",
                    """
                    CREATE TABLE award_ballot_recusal (
                        ballot TEXT NOT NULL, position BIGINT NOT NULL, account TEXT NOT NULL, reason TEXT NOT NULL,
                        PRIMARY KEY (ballot, position, account)
                    ) \(SQL.strict)
                    """,
                ])
        ])
}
