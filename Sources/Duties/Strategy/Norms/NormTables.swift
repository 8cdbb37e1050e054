import Kernel
import Store

/// The tables of drafting: texts by version, consultations with their comments, opinions of meetings, warnings.
enum NormTables {
    static let migrations = Migrations(
        room: "strategy-norms",
        steps: [
            Migration(
                id: "2026-11-26-strategy-norms",
                statements: [
                    // One row beside each case of drafting.
                    """
                    CREATE TABLE norm (
                        case_id TEXT PRIMARY KEY, number TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
                        is_major \(SQL.boolean) NOT NULL, round BIGINT NOT NULL, session BIGINT NOT NULL,
                        CONSTRAINT norm_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE norm_version (
                        case_id TEXT NOT NULL REFERENCES norm (case_id), version BIGINT NOT NULL, text TEXT NOT NULL,
                        hash TEXT NOT NULL, note TEXT NOT NULL, saved_by TEXT NOT NULL, saved_at BIGINT NOT NULL,
                        PRIMARY KEY (case_id, version)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE norm_consultation (
                        case_id TEXT NOT NULL REFERENCES norm (case_id), round BIGINT NOT NULL,
                        number TEXT NOT NULL, title TEXT NOT NULL, version BIGINT NOT NULL, explanation TEXT NOT NULL,
                        opens_on TEXT NOT NULL, closes_on TEXT NOT NULL, basis_zh TEXT NOT NULL,
                        basis_en TEXT NOT NULL, short_reason TEXT NOT NULL, hearing_on TEXT,
                        hearing_place TEXT NOT NULL, PRIMARY KEY (case_id, round)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX norm_consultation_closes ON norm_consultation (closes_on, case_id, round)",
                    // Who comments is sealed; the text is shown once it is answered.
                    """
                    CREATE TABLE norm_comment (
                        id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES norm (case_id), round BIGINT NOT NULL,
                        clause TEXT NOT NULL, text TEXT NOT NULL, sealed_from \(SQL.blob), filed_at BIGINT NOT NULL,
                        verdict TEXT, reason TEXT, answered_by TEXT, answered_at BIGINT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX norm_comment_round ON norm_comment (case_id, round, id)",
                    "CREATE INDEX norm_comment_verdict ON norm_comment (verdict, id)",
                    """
                    CREATE TABLE norm_opinion (
                        case_id TEXT NOT NULL REFERENCES norm (case_id), session BIGINT NOT NULL,
                        position BIGINT NOT NULL, member TEXT NOT NULL, is_head \(SQL.boolean) NOT NULL,
                        stance TEXT NOT NULL, words TEXT NOT NULL, recorded_by TEXT NOT NULL,
                        recorded_at BIGINT NOT NULL, PRIMARY KEY (case_id, session, position)
                    ) \(SQL.strict)
                    """,
                    // days is the warning's place before the end: each is sent once for each end of a text.
                    """
                    CREATE TABLE norm_warning (
                        entry TEXT NOT NULL, expires_on TEXT NOT NULL, days BIGINT NOT NULL, sent_at BIGINT NOT NULL,
                        PRIMARY KEY (entry, expires_on, days)
                    ) \(SQL.strict)
                    """,
                ] + SQL.appendOnly("norm_version") + SQL.appendOnly("norm_opinion"))
        ])

    /// Who comments is needed until the consultation is over.
    static let sealed: [SealedColumn] = [
        SealedColumn(
            table: "norm_comment", column: "sealed_from", kind: .contact,
            neededUntil: """
                (SELECT c.closes_on FROM norm_consultation c
                WHERE c.case_id = norm_comment.case_id AND c.round = norm_comment.round)
                """)
    ]
}
