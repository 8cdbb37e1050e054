public import Store

extension RegisterStore {
    public static let migrations = Migrations(
        room: "registers",
        steps: [
            Migration(
                id: "2026-11-26-registers-entries",
                statements: [
                    """
                    CREATE TABLE register_entry (
                        id TEXT PRIMARY KEY, register TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL,
                        state TEXT NOT NULL, organisation TEXT, case_id TEXT, content TEXT NOT NULL,
                        revision BIGINT NOT NULL, created_at BIGINT NOT NULL,
                        CONSTRAINT register_entry_number_key UNIQUE (register, number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX register_entry_state ON register_entry (register, state, number)",
                    "CREATE INDEX register_entry_name ON register_entry (register, name, number)",
                    "CREATE INDEX register_entry_organisation ON register_entry (organisation, register, number)",
                    "CREATE INDEX register_entry_case ON register_entry (case_id)",
                    """
                    CREATE TABLE register_value (
                        entry TEXT NOT NULL REFERENCES register_entry (id), register TEXT NOT NULL, field TEXT NOT NULL,
                        value TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (entry, field)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX register_value_field ON register_value (register, field, value, number)",
                    """
                    CREATE TABLE register_figure (
                        entry TEXT NOT NULL REFERENCES register_entry (id), period TEXT NOT NULL, field TEXT NOT NULL,
                        register TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (entry, period, field)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX register_figure_period ON register_figure (register, field, period, value)",
                    """
                    CREATE TABLE register_history (
                        entry TEXT NOT NULL REFERENCES register_entry (id), ordinal BIGINT NOT NULL, kind TEXT NOT NULL,
                        content TEXT NOT NULL, reason TEXT NOT NULL, case_id TEXT, made_by TEXT NOT NULL,
                        at BIGINT NOT NULL, PRIMARY KEY (entry, ordinal)
                    ) \(SQL.strict)
                    """,
                ] + SQL.appendOnly("register_history")),
            Migration(
                id: "2026-11-27-registers-reasons",
                statements: ["ALTER TABLE register_history ADD COLUMN reason_en TEXT"]),
        ])
}
