import Store

/// Tables of the room: experts' sheets on enterprises, and what departments answer.
enum InnovationTables {
    static let migrations = Migrations(
        room: "innovation",
        steps: [
            Migration(
                id: "2026-11-26-innovation-sheets-and-replies",
                statements: [
                    """
                    CREATE TABLE recognition_sheet (
                        case_id TEXT NOT NULL REFERENCES case_file (id), account TEXT NOT NULL, name TEXT NOT NULL,
                        kind TEXT NOT NULL, points TEXT, opinion TEXT NOT NULL, filled_at BIGINT,
                        PRIMARY KEY (case_id, account)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX recognition_sheet_account ON recognition_sheet (account, case_id)",
                    """
                    CREATE TABLE opinion_reply (
                        case_id TEXT NOT NULL REFERENCES case_file (id), ordinal BIGINT NOT NULL,
                        department TEXT NOT NULL, stance TEXT NOT NULL, words TEXT NOT NULL, letter TEXT NOT NULL,
                        received_on TEXT NOT NULL, taken TEXT, answer TEXT, PRIMARY KEY (case_id, ordinal)
                    ) \(SQL.strict)
                    """,
                ])
        ])
}
