import Store

/// Tables of spending: reports of a period, their vouchers, files that were imported, budgets of contracts.
enum SpendingTables {
    static let spending = Migration(
        id: "2026-11-27-funding-spending",
        statements: [
            // One row beside each case of the procedure funding.spending.
            """
            CREATE TABLE spending_report (
                case_id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id), number TEXT NOT NULL,
                from_day TEXT NOT NULL, to_day TEXT NOT NULL, step TEXT NOT NULL, remark TEXT NOT NULL,
                CONSTRAINT spending_report_days_check CHECK (from_day <= to_day)
            ) \(SQL.strict)
            """,
            "CREATE INDEX spending_report_project ON spending_report (project, from_day)",
            "CREATE INDEX spending_report_step ON spending_report (step, to_day, case_id)",
            // number_key and payee_key are number and payee as they are compared: without spaces, in one case and
            // width. hash is that of the file. posting is the ledger's, once the voucher is accepted.
            """
            CREATE TABLE voucher (
                id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id),
                report TEXT NOT NULL REFERENCES spending_report (case_id), organisation TEXT NOT NULL,
                number TEXT NOT NULL, number_key TEXT NOT NULL, day TEXT NOT NULL, heading TEXT NOT NULL,
                payee TEXT NOT NULL, payee_code TEXT NOT NULL, payee_key TEXT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT voucher_amount_check CHECK (amount_fen > 0),
                currency TEXT NOT NULL, foreign_cents BIGINT, rate TEXT, rate_day TEXT,
                purpose TEXT NOT NULL, expert TEXT NOT NULL, file TEXT, hash TEXT,
                warnings TEXT NOT NULL, reason TEXT NOT NULL, remark TEXT NOT NULL,
                state TEXT NOT NULL CONSTRAINT voucher_state_check
                    CHECK (state IN ('entered', 'accepted', 'withdrawing', 'withdrawn')),
                posting TEXT, entered_by TEXT NOT NULL, entered_at BIGINT NOT NULL, import TEXT,
                CONSTRAINT voucher_rate_check CHECK ((currency = 'CNY') = (rate IS NULL))
            ) \(SQL.strict)
            """,
            "CREATE INDEX voucher_report ON voucher (report, day, id)",
            "CREATE INDEX voucher_project ON voucher (project, state, heading)",
            "CREATE INDEX voucher_project_day ON voucher (project, day, id)",
            "CREATE INDEX voucher_number ON voucher (number_key, payee_key)",
            "CREATE INDEX voucher_hash ON voucher (hash)",
            "CREATE INDEX voucher_payee ON voucher (organisation, payee_key, day)",
            "CREATE INDEX voucher_state ON voucher (state, day, id)",
            """
            CREATE TABLE voucher_import (
                id TEXT PRIMARY KEY, report TEXT NOT NULL REFERENCES spending_report (case_id), hash TEXT NOT NULL,
                name TEXT NOT NULL, lines BIGINT NOT NULL, imported_by TEXT NOT NULL, imported_at BIGINT NOT NULL,
                CONSTRAINT voucher_import_file_key UNIQUE (report, hash)
            ) \(SQL.strict)
            """,
            // What an approved change made of a contract's budget; without a row, the signed contract counts.
            """
            CREATE TABLE project_budget (
                project TEXT NOT NULL REFERENCES project (case_id), revision BIGINT NOT NULL, heading TEXT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT project_budget_amount_check CHECK (amount_fen >= 0),
                case_id TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL,
                PRIMARY KEY (project, revision, heading)
            ) \(SQL.strict)
            """,
        ])

    /// Recoveries may be written off, and come with interest and in instalments.
    static let recoveries = Migration(
        id: "2026-11-27-funding-recoveries",
        statements: [
            "DROP INDEX recovery_state",
            "ALTER TABLE recovery RENAME TO recovery_before",
            """
            CREATE TABLE recovery (
                id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id),
                amount_fen BIGINT NOT NULL, interest_fen BIGINT NOT NULL DEFAULT 0,
                reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, state TEXT NOT NULL
                    CONSTRAINT recovery_state_check CHECK (state IN ('due', 'returned', 'written-off')),
                due_on TEXT, made_at BIGINT NOT NULL, settled_at BIGINT, settled_by TEXT
            ) \(SQL.strict)
            """,
            """
            INSERT INTO recovery (id, project, amount_fen, reason_zh, reason_en, state, due_on, made_at, settled_at,
                settled_by)
            SELECT id, project, amount_fen, reason_zh, reason_en, state, due_on, made_at, settled_at, settled_by
            FROM recovery_before
            """,
            "DROP TABLE recovery_before",
            "CREATE INDEX recovery_state ON recovery (state, due_on, id)",
            "CREATE INDEX recovery_project ON recovery (project, id)",
            // An agreed part of a recovery; due_on of the recovery is that of the first part that is not paid.
            """
            CREATE TABLE recovery_part (
                id TEXT PRIMARY KEY, recovery TEXT NOT NULL REFERENCES recovery (id), position BIGINT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT recovery_part_amount_check CHECK (amount_fen > 0),
                due_on TEXT NOT NULL, penalty_fen BIGINT NOT NULL, paid_on TEXT, paid_by TEXT,
                CONSTRAINT recovery_part_position_key UNIQUE (recovery, position)
            ) \(SQL.strict)
            """,
            """
            CREATE TABLE recovery_write_off (
                recovery TEXT PRIMARY KEY REFERENCES recovery (id), reason TEXT NOT NULL,
                proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL, decided_by TEXT, decided_at BIGINT,
                CONSTRAINT recovery_write_off_people_check CHECK (decided_by IS NULL OR decided_by <> proposed_by)
            ) \(SQL.strict)
            """,
        ])

    /// What partners promised to a project beside the city's money, and what came of it.
    static let cofunding = Migration(
        id: "2026-11-27-funding-cofunding",
        statements: [
            """
            CREATE TABLE project_partner (
                id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id), name TEXT NOT NULL,
                promised_fen BIGINT NOT NULL CONSTRAINT project_partner_promised_check CHECK (promised_fen > 0),
                made_by TEXT NOT NULL, made_at BIGINT NOT NULL,
                CONSTRAINT project_partner_name_key UNIQUE (project, name)
            ) \(SQL.strict)
            """,
            """
            CREATE TABLE project_partner_receipt (
                id TEXT PRIMARY KEY, partner TEXT NOT NULL REFERENCES project_partner (id), day TEXT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT project_partner_receipt_amount_check CHECK (amount_fen > 0),
                currency TEXT NOT NULL, foreign_cents BIGINT, rate TEXT, rate_day TEXT,
                file TEXT NOT NULL, note TEXT NOT NULL, made_by TEXT NOT NULL, made_at BIGINT NOT NULL,
                CONSTRAINT project_partner_receipt_rate_check CHECK ((currency = 'CNY') = (rate IS NULL))
            ) \(SQL.strict)
            """,
            "CREATE INDEX project_partner_receipt_partner ON project_partner_receipt (partner, day, id)",
        ])
}
