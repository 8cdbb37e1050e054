import Kernel
import Store

/// The tables of plans: indicators with their targets by year, measures, and what was reported of both.
enum PlanTables {
    static let migrations = Migrations(
        room: "strategy-plans",
        steps: [
            Migration(
                id: "2026-11-26-strategy-plans",
                statements: [
                    """
                    CREATE TABLE plan (
                        case_id TEXT PRIMARY KEY, number TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                        from_year BIGINT NOT NULL, to_year BIGINT NOT NULL, lead TEXT NOT NULL, summary TEXT NOT NULL,
                        CONSTRAINT plan_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX plan_kind ON plan (kind, number)",
                    """
                    CREATE TABLE plan_indicator (
                        case_id TEXT NOT NULL REFERENCES plan (case_id), code TEXT NOT NULL, position BIGINT NOT NULL,
                        objective TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, baseline BIGINT NOT NULL,
                        baseline_year BIGINT NOT NULL, source TEXT NOT NULL, rises \(SQL.boolean) NOT NULL,
                        PRIMARY KEY (case_id, code)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE plan_target (
                        case_id TEXT NOT NULL REFERENCES plan (case_id), code TEXT NOT NULL, year BIGINT NOT NULL,
                        value BIGINT NOT NULL, PRIMARY KEY (case_id, code, year)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE plan_measure (
                        case_id TEXT NOT NULL REFERENCES plan (case_id), code TEXT NOT NULL, position BIGINT NOT NULL,
                        objective TEXT NOT NULL, title TEXT NOT NULL, division TEXT NOT NULL, due_on TEXT NOT NULL,
                        PRIMARY KEY (case_id, code)
                    ) \(SQL.strict)
                    """,
                    // What was reported and confirmed; the last report counts, its case has the evidence.
                    """
                    CREATE TABLE plan_report (
                        case_id TEXT NOT NULL REFERENCES plan (case_id), target TEXT NOT NULL, code TEXT NOT NULL,
                        year BIGINT NOT NULL, value BIGINT, state TEXT, note TEXT NOT NULL, evidence TEXT NOT NULL,
                        report TEXT NOT NULL, reported_on TEXT NOT NULL,
                        PRIMARY KEY (case_id, target, code, year)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE plan_reminder (
                        case_id TEXT NOT NULL, year BIGINT NOT NULL, sent_at BIGINT NOT NULL,
                        PRIMARY KEY (case_id, year)
                    ) \(SQL.strict)
                    """,
                ])
        ])
}
