public import Store

/// The tables of work permits: employers, foreigners, permits with their history, and one row beside each filing.
public enum PermitTables {
    public static let migrations = Migrations(room: "talent-permits", steps: [permits])

    private static let permits = Migration(
        id: "2026-11-26-talent-permits",
        statements: [
            // An organisation of the registry that may employ foreigners.
            """
            CREATE TABLE employer (
                organisation TEXT PRIMARY KEY, case_id TEXT NOT NULL,
                state TEXT NOT NULL CONSTRAINT employer_state_check CHECK (state IN ('active', 'suspended')),
                trade TEXT NOT NULL, district TEXT NOT NULL, contact TEXT NOT NULL, telephone TEXT NOT NULL,
                registered_on TEXT NOT NULL
            ) \(SQL.strict)
            """,
            // sealed_* hold text under the vault's key and become NULL when they are erased; the passport's mark finds
            // the same passport again. number is the person's one permit number for life, opaque.
            """
            CREATE TABLE foreigner (
                id TEXT PRIMARY KEY, number TEXT NOT NULL, name TEXT NOT NULL, nationality TEXT NOT NULL,
                sealed_passport \(SQL.blob), passport_mark TEXT, passport_ends TEXT, sealed_birth \(SQL.blob),
                sex TEXT NOT NULL, account TEXT, created_at BIGINT NOT NULL,
                CONSTRAINT foreigner_number_key UNIQUE (number)
            ) \(SQL.strict)
            """,
            "CREATE INDEX foreigner_mark ON foreigner (passport_mark)",
            "CREATE INDEX foreigner_account ON foreigner (account)",
            "CREATE INDEX foreigner_name ON foreigner (name, id)",
            // Passports that a person held before: the same person is found by any of them.
            """
            CREATE TABLE foreigner_passport (
                passport_mark TEXT PRIMARY KEY, foreigner TEXT NOT NULL REFERENCES foreigner (id),
                since BIGINT NOT NULL
            ) \(SQL.strict)
            """,
            "CREATE INDEX foreigner_passport_foreigner ON foreigner_passport (foreigner)",
            // starts_on and ends_on are both included. basis: how the present end was reached. short: at most 90 days.
            """
            CREATE TABLE permit (
                id TEXT PRIMARY KEY, foreigner TEXT NOT NULL REFERENCES foreigner (id),
                organisation TEXT NOT NULL, case_id TEXT NOT NULL,
                term TEXT NOT NULL CONSTRAINT permit_term_check CHECK (term IN ('long', 'short')),
                category TEXT NOT NULL CONSTRAINT permit_category_check CHECK (category IN ('A', 'B', 'C')),
                route TEXT NOT NULL, post TEXT NOT NULL, district TEXT NOT NULL, trade TEXT NOT NULL,
                nationality TEXT NOT NULL, salary_fen BIGINT NOT NULL,
                starts_on TEXT NOT NULL, ends_on TEXT NOT NULL,
                state TEXT NOT NULL CONSTRAINT permit_state_check CHECK (state IN ('valid', 'expired', 'cancelled')),
                basis TEXT NOT NULL CONSTRAINT permit_basis_check CHECK (basis IN ('decision', 'deemed')),
                check_code TEXT NOT NULL, issued_at BIGINT NOT NULL, closed_on TEXT, closed_for TEXT,
                CONSTRAINT permit_check_code_key UNIQUE (check_code)
            ) \(SQL.strict)
            """,
            "CREATE INDEX permit_organisation ON permit (organisation, state, ends_on, id)",
            "CREATE INDEX permit_foreigner ON permit (foreigner, ends_on, id)",
            "CREATE INDEX permit_state_ends ON permit (state, ends_on, id)",
            // One row a change: kind is granted, extended, deemed, changed, reissued, cancelled, expired; content says
            // what was before and after.
            """
            CREATE TABLE permit_history (
                permit TEXT NOT NULL REFERENCES permit (id), ordinal BIGINT NOT NULL, kind TEXT NOT NULL,
                on_day TEXT NOT NULL, case_id TEXT, content TEXT NOT NULL, made_by TEXT NOT NULL, at BIGINT NOT NULL,
                PRIMARY KEY (permit, ordinal)
            ) \(SQL.strict)
            """,
            // One row beside each case of a permit procedure. deem_after: the last day of the permit that a timely
            // extension asks to prolong (行政许可法 50).
            """
            CREATE TABLE permit_filing (
                case_id TEXT PRIMARY KEY, number TEXT NOT NULL, procedure TEXT NOT NULL, step TEXT NOT NULL,
                organisation TEXT NOT NULL, applicant TEXT NOT NULL, foreigner TEXT, permit TEXT, parent TEXT,
                name TEXT NOT NULL, category TEXT NOT NULL, filed_on TEXT, accepted_on TEXT, decided_on TEXT,
                deemed_accepted \(SQL.boolean) NOT NULL, deem_after TEXT, outcome TEXT, content_hash TEXT
            ) \(SQL.strict)
            """,
            "CREATE INDEX permit_filing_organisation ON permit_filing (organisation, case_id)",
            "CREATE INDEX permit_filing_step ON permit_filing (step, case_id)",
            "CREATE INDEX permit_filing_permit ON permit_filing (permit, procedure, case_id)",
            "CREATE INDEX permit_filing_deem ON permit_filing (procedure, step, deem_after, case_id)",
        ])
}
