import Kernel
import Store

/// The tables of assignments: what was asked, the milestones, what it concerns, what was done, who was reminded.
enum AssignmentTables {
    static let migrations = Migrations(
        room: "assignments",
        steps: [
            Migration(
                id: "2026-11-26-assignments",
                statements: [
                    // assisting holds the codes of the divisions, with a space before and behind each.
                    """
                    CREATE TABLE assignment (
                        case_id TEXT PRIMARY KEY, number TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL,
                        document TEXT NOT NULL, secrecy TEXT NOT NULL, received_on TEXT NOT NULL,
                        deadline TEXT NOT NULL, lead TEXT NOT NULL, assisting TEXT NOT NULL, state TEXT NOT NULL,
                        reported_on TEXT, closed_on TEXT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX assignment_state ON assignment (state, deadline, case_id)",
                    "CREATE INDEX assignment_lead ON assignment (lead, state, deadline, case_id)",
                    "CREATE INDEX assignment_source ON assignment (source, state, deadline, case_id)",
                    """
                    CREATE TABLE assignment_milestone (
                        case_id TEXT NOT NULL REFERENCES assignment (case_id), position BIGINT NOT NULL,
                        title TEXT NOT NULL, due_on TEXT NOT NULL, done_on TEXT, PRIMARY KEY (case_id, position)
                    ) \(SQL.strict)
                    """,
                    // target is the identity of the case, or of the entry of a register.
                    """
                    CREATE TABLE assignment_object (
                        case_id TEXT NOT NULL REFERENCES assignment (case_id), position BIGINT NOT NULL,
                        kind TEXT NOT NULL, number TEXT NOT NULL, target TEXT NOT NULL, wanted TEXT NOT NULL,
                        PRIMARY KEY (case_id, position)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE assignment_note (
                        case_id TEXT NOT NULL REFERENCES assignment (case_id), position BIGINT NOT NULL,
                        text TEXT NOT NULL, evidence TEXT NOT NULL, milestone BIGINT, written_by TEXT NOT NULL,
                        written_at BIGINT NOT NULL, PRIMARY KEY (case_id, position)
                    ) \(SQL.strict)
                    """,
                    // days before the deadline are positive, days after it negative; each is sent once a deadline.
                    """
                    CREATE TABLE assignment_reminder (
                        case_id TEXT NOT NULL, deadline TEXT NOT NULL, days BIGINT NOT NULL, sent_at BIGINT NOT NULL,
                        PRIMARY KEY (case_id, deadline, days)
                    ) \(SQL.strict)
                    """,
                ] + SQL.appendOnly("assignment_note"))
        ])
}
