import Kernel
public import Store

/// The tables of foreign experts, of what they ask for and what employers report of them.
public enum ExpertTables {
    public static let migrations = Migrations(
        room: "talent-experts",
        steps: [
            Migration(
                id: "2026-11-26-talent-experts",
                statements: [
                    // country is the code of three letters; foreigner ties the expert to work permits; account is the
                    // expert's own. Facts with their sources lie in the registry, under the person.
                    """
                    CREATE TABLE foreign_expert (
                        id TEXT PRIMARY KEY, person TEXT NOT NULL, account TEXT, foreigner TEXT, name TEXT NOT NULL,
                        country TEXT NOT NULL, field TEXT NOT NULL, organisation TEXT, employer TEXT NOT NULL,
                        category TEXT NOT NULL, since TEXT, state TEXT NOT NULL, created_at BIGINT NOT NULL,
                        CONSTRAINT foreign_expert_person_key UNIQUE (person),
                        CONSTRAINT foreign_expert_foreigner_key UNIQUE (foreigner)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX foreign_expert_name ON foreign_expert (name, id)",
                    "CREATE INDEX foreign_expert_country ON foreign_expert (country, name, id)",
                    "CREATE INDEX foreign_expert_field ON foreign_expert (field, name, id)",
                    "CREATE INDEX foreign_expert_category ON foreign_expert (category, name, id)",
                    "CREATE INDEX foreign_expert_organisation ON foreign_expert (organisation, name, id)",
                    "CREATE INDEX foreign_expert_account ON foreign_expert (account)",
                    // One row beside each request, complaint and notice.
                    """
                    CREATE TABLE expert_case (
                        case_id TEXT PRIMARY KEY, kind TEXT NOT NULL, expert TEXT, organisation TEXT,
                        topic TEXT NOT NULL, filed_on TEXT NOT NULL, state TEXT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX expert_case_kind ON expert_case (kind, case_id)",
                    "CREATE INDEX expert_case_state ON expert_case (state, case_id)",
                    "CREATE INDEX expert_case_expert ON expert_case (expert, case_id)",
                    "CREATE INDEX expert_case_organisation ON expert_case (organisation, case_id)",
                    "CREATE INDEX permit_filing_foreigner ON permit_filing (foreigner, decided_on)",
                ])
        ])
}
