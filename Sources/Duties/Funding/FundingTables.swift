public import Store

/// The tables of the Funding room. Cases, documents, letters, notices and reviews live in the rooms below.
public enum FundingTables {
    public static let migrations = Migrations(
        room: "funding",
        steps: [
            programmes, applications, decisions, projects, pages, books, bars, unsuitable, SpendingTables.spending,
            SpendingTables.recoveries, SpendingTables.cofunding, CallExtensions.migration, keywords,
        ])

    private static let programmes = Migration(
        id: "2026-11-24-funding-programmes",
        statements: [
            """
            CREATE TABLE programme (
                id TEXT PRIMARY KEY, code TEXT NOT NULL, kind TEXT NOT NULL,
                name_zh TEXT NOT NULL, name_en TEXT NOT NULL, summary_zh TEXT NOT NULL, summary_en TEXT NOT NULL,
                division TEXT NOT NULL, created_at BIGINT NOT NULL,
                CONSTRAINT programme_code_key UNIQUE (code)
            ) \(SQL.strict)
            """,
            """
            CREATE TABLE programme_budget (
                programme TEXT NOT NULL REFERENCES programme (id), year BIGINT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT programme_budget_amount_check CHECK (amount_fen >= 0),
                set_by TEXT NOT NULL, set_at BIGINT NOT NULL,
                PRIMARY KEY (programme, year)
            ) \(SQL.strict)
            """,
            // content is the whole call as JSON: form, conditions, criteria, caps, tranches; columns serve lists.
            """
            CREATE TABLE funding_call (
                id TEXT PRIMARY KEY, number TEXT NOT NULL, programme TEXT NOT NULL REFERENCES programme (id),
                year BIGINT NOT NULL, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
                state TEXT NOT NULL CONSTRAINT funding_call_state_check
                    CHECK (state IN ('draft', 'proposed', 'published', 'cancelled')),
                opens_on TEXT NOT NULL, closes_on TEXT NOT NULL,
                budget_fen BIGINT NOT NULL, division TEXT NOT NULL, field TEXT NOT NULL,
                content TEXT NOT NULL, revision BIGINT NOT NULL,
                created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
                proposed_by TEXT, published_by TEXT, published_at BIGINT,
                CONSTRAINT funding_call_number_key UNIQUE (number)
            ) \(SQL.strict)
            """,
            "CREATE INDEX funding_call_state_closes ON funding_call (state, closes_on, id)",
            "CREATE INDEX funding_call_programme_year ON funding_call (programme, year)",
        ])

    private static let applications = Migration(
        id: "2026-11-24-funding-applications",
        statements: [
            // One row beside each case of the procedure funding.application; step mirrors case_file.step for lists.
            """
            CREATE TABLE application (
                case_id TEXT PRIMARY KEY, number TEXT NOT NULL, call TEXT NOT NULL REFERENCES funding_call (id),
                programme TEXT NOT NULL, year BIGINT NOT NULL, step TEXT NOT NULL,
                title_zh TEXT NOT NULL, title_en TEXT NOT NULL, field TEXT NOT NULL,
                organisation TEXT NOT NULL, applicant TEXT NOT NULL, investigator TEXT NOT NULL,
                investigator_name TEXT NOT NULL, requested_fen BIGINT NOT NULL, awarded_fen BIGINT,
                submitted_at BIGINT, content_hash TEXT, outcome TEXT
            ) \(SQL.strict)
            """,
            "CREATE INDEX application_call_step ON application (call, step, number)",
            "CREATE INDEX application_call_number ON application (call, number)",
            "CREATE INDEX application_organisation_year ON application (organisation, year, case_id)",
            "CREATE INDEX application_investigator_year ON application (investigator, year)",
            "CREATE INDEX application_applicant ON application (applicant, case_id)",
            // Others who take part, for limits, conflicts and marks.
            """
            CREATE TABLE application_participant (
                case_id TEXT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, person TEXT,
                organisation TEXT, role TEXT NOT NULL,
                PRIMARY KEY (case_id, position)
            ) \(SQL.strict)
            """,
            "CREATE INDEX application_participant_person ON application_participant (person)",
            "CREATE INDEX application_participant_organisation ON application_participant (organisation)",
            """
            CREATE TABLE formal_finding (
                id TEXT PRIMARY KEY, case_id TEXT NOT NULL, round BIGINT NOT NULL,
                code TEXT NOT NULL, field TEXT NOT NULL, origin TEXT NOT NULL
                    CONSTRAINT formal_finding_origin_check CHECK (origin IN ('automatic', 'officer')),
                message_zh TEXT NOT NULL, message_en TEXT NOT NULL, basis_zh TEXT NOT NULL, basis_en TEXT NOT NULL,
                state TEXT NOT NULL CONSTRAINT formal_finding_state_check
                    CHECK (state IN ('open', 'mended', 'overridden', 'withdrawn')),
                reason TEXT, made_by TEXT NOT NULL, made_at BIGINT NOT NULL, settled_by TEXT, settled_at BIGINT
            ) \(SQL.strict)
            """,
            "CREATE INDEX formal_finding_case ON formal_finding (case_id, round, id)",
        ])

    private static let decisions = Migration(
        id: "2026-11-24-funding-decisions",
        statements: [
            """
            CREATE TABLE funding_decision (
                id TEXT PRIMARY KEY, number TEXT NOT NULL, call TEXT NOT NULL REFERENCES funding_call (id),
                state TEXT NOT NULL CONSTRAINT funding_decision_state_check
                    CHECK (state IN ('proposed', 'returned', 'approved', 'effective')),
                method TEXT NOT NULL, reasons TEXT NOT NULL, notice TEXT,
                proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL,
                decided_by TEXT, decided_at BIGINT, decision_reason TEXT, effective_at BIGINT,
                CONSTRAINT funding_decision_number_key UNIQUE (number),
                CONSTRAINT funding_decision_people_check CHECK (decided_by IS NULL OR decided_by <> proposed_by)
            ) \(SQL.strict)
            """,
            "CREATE INDEX funding_decision_call ON funding_decision (call, id)",
            "CREATE INDEX funding_decision_state ON funding_decision (state, id)",
            """
            CREATE TABLE funding_decision_item (
                decision TEXT NOT NULL REFERENCES funding_decision (id), case_id TEXT NOT NULL,
                rank BIGINT NOT NULL, outcome TEXT NOT NULL CONSTRAINT funding_decision_item_outcome_check
                    CHECK (outcome IN ('award', 'refuse', 'struck')),
                amount_fen BIGINT NOT NULL, score_thousandths BIGINT, reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL,
                PRIMARY KEY (decision, case_id)
            ) \(SQL.strict)
            """,
            "CREATE INDEX funding_decision_item_case ON funding_decision_item (case_id)",
        ])

    private static let projects = Migration(
        id: "2026-11-24-funding-projects",
        statements: [
            // One row beside each case of the procedure funding.project.
            """
            CREATE TABLE project (
                case_id TEXT PRIMARY KEY, number TEXT NOT NULL, application TEXT NOT NULL, call TEXT NOT NULL,
                programme TEXT NOT NULL, year BIGINT NOT NULL, step TEXT NOT NULL,
                title_zh TEXT NOT NULL, title_en TEXT NOT NULL, field TEXT NOT NULL,
                organisation TEXT NOT NULL, organisation_zh TEXT NOT NULL, organisation_en TEXT NOT NULL,
                investigator TEXT NOT NULL, investigator_name TEXT NOT NULL,
                amount_fen BIGINT NOT NULL, starts_on TEXT, ends_on TEXT, outcome TEXT, closed_at BIGINT,
                CONSTRAINT project_number_key UNIQUE (number),
                CONSTRAINT project_application_key UNIQUE (application)
            ) \(SQL.strict)
            """,
            "CREATE INDEX project_year ON project (year, number)",
            "CREATE INDEX project_organisation ON project (organisation, number)",
            "CREATE INDEX project_step ON project (step, ends_on, case_id)",
            "CREATE INDEX project_investigator ON project (investigator)",
            """
            CREATE TABLE tranche (
                id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id), position BIGINT NOT NULL,
                amount_fen BIGINT NOT NULL CONSTRAINT tranche_amount_check CHECK (amount_fen > 0),
                condition_zh TEXT NOT NULL, condition_en TEXT NOT NULL, due_on TEXT,
                state TEXT NOT NULL CONSTRAINT tranche_state_check
                    CHECK (state IN ('planned', 'ordered', 'confirmed', 'cancelled')),
                ordered_by TEXT, ordered_at BIGINT, confirmed_by TEXT, confirmed_at BIGINT, note TEXT,
                CONSTRAINT tranche_project_position_key UNIQUE (project, position),
                CONSTRAINT tranche_people_check CHECK (confirmed_by IS NULL OR confirmed_by <> ordered_by)
            ) \(SQL.strict)
            """,
            "CREATE INDEX tranche_state ON tranche (state, due_on, id)",
            // What an acceptance outcome or misconduct forbids, and to whom.
            """
            CREATE TABLE funding_bar (
                id TEXT PRIMARY KEY, subject_kind TEXT NOT NULL, subject TEXT NOT NULL,
                kind TEXT NOT NULL CONSTRAINT funding_bar_kind_check CHECK (kind IN ('ban', 'mark')),
                starts_on TEXT NOT NULL, ends_on TEXT, case_id TEXT NOT NULL,
                reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, basis_zh TEXT NOT NULL, basis_en TEXT NOT NULL,
                made_at BIGINT NOT NULL
            ) \(SQL.strict)
            """,
            "CREATE INDEX funding_bar_subject ON funding_bar (subject, kind, ends_on)",
            // Money to come back after 结题, 不通过 or termination.
            """
            CREATE TABLE recovery (
                id TEXT PRIMARY KEY, project TEXT NOT NULL REFERENCES project (case_id), amount_fen BIGINT NOT NULL,
                reason_zh TEXT NOT NULL, reason_en TEXT NOT NULL, state TEXT NOT NULL
                    CONSTRAINT recovery_state_check CHECK (state IN ('due', 'returned')),
                due_on TEXT, made_at BIGINT NOT NULL, settled_at BIGINT, settled_by TEXT
            ) \(SQL.strict)
            """,
            "CREATE INDEX recovery_state ON recovery (state, due_on, id)",
        ])

    private static let pages = Migration(
        id: "2026-11-25-funding-pages",
        statements: [
            "CREATE INDEX funding_decision_item_rank ON funding_decision_item (decision, rank, case_id)"
        ])

    private static let books = Migration(
        id: "2026-11-26-funding-books",
        statements: [
            // Budgets are balances of the ledger; programme_budget keeps what was set before, until it is carried over.
            // The reservation or order in the books that stands for a call, decision, tranche or recovery.
            """
            CREATE TABLE funding_posting (
                subject_kind TEXT NOT NULL, subject TEXT NOT NULL, posting TEXT NOT NULL,
                PRIMARY KEY (subject_kind, subject)
            ) \(SQL.strict)
            """
        ])

    private static let unsuitable = Migration(
        id: "2026-11-26-funding-unsuitable",
        statements: [
            """
            CREATE TABLE application_unsuitable (
                case_id TEXT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, organisation TEXT NOT NULL,
                PRIMARY KEY (case_id, position)
            ) \(SQL.strict)
            """
        ])

    private static let keywords = Migration(
        id: "2026-11-26-funding-keywords",
        statements: ["ALTER TABLE application ADD COLUMN keywords TEXT NOT NULL DEFAULT ''"])

    /// Bans moved to the registry, where every room asks for them; marks stay here.
    private static let bars = Migration(
        id: "2026-11-26-funding-bars",
        statements: [
            """
            INSERT INTO registry_bar (id, subject_kind, subject, activities, starts_on, ends_on, reason_zh, reason_en,
                basis_zh, basis_en, case_id, number, made_by, made_at)
            SELECT b.id, b.subject_kind, b.subject, 'awards projects', b.starts_on, b.ends_on, b.reason_zh, b.reason_en,
                b.basis_zh, b.basis_en, b.case_id, COALESCE(f.number, ''), 'system', b.made_at
            FROM funding_bar b LEFT JOIN case_file f ON f.id = b.case_id WHERE b.kind = 'ban'
            """,
            "DELETE FROM funding_bar WHERE kind = 'ban'",
        ])
}
