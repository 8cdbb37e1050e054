import Store

/// Tables of technology contracts.
enum ContractTables {
    static let migrations = Migrations(
        room: "transfer",
        steps: [
            Migration(
                id: "2026-11-26-transfer-contracts",
                statements: [
                    // One row a contract: filed here, or told of by another registrar (state outside, no case).
                    """
                    CREATE TABLE transfer_contract (
                        id TEXT PRIMARY KEY, case_id TEXT, number TEXT, registrar TEXT NOT NULL, organisation TEXT,
                        state TEXT NOT NULL CONSTRAINT transfer_contract_state_check
                            CHECK (state IN ('filed', 'registered', 'refused', 'withdrawn', 'cancelled', 'outside')),
                        name TEXT NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL, seller TEXT NOT NULL,
                        buyer TEXT NOT NULL, total_fen BIGINT NOT NULL, technical_fen BIGINT NOT NULL,
                        income_fen BIGINT NOT NULL, signed_on TEXT NOT NULL, registered_on TEXT, check_code TEXT,
                        print_whole TEXT NOT NULL, print_amount TEXT NOT NULL, print_subject TEXT NOT NULL,
                        content TEXT NOT NULL, created_at BIGINT NOT NULL,
                        CONSTRAINT transfer_contract_case_key UNIQUE (case_id),
                        CONSTRAINT transfer_contract_code_key UNIQUE (check_code),
                        CONSTRAINT transfer_contract_number_key UNIQUE (registrar, number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX transfer_contract_state ON transfer_contract (state, id)",
                    "CREATE INDEX transfer_contract_registered ON transfer_contract (registered_on, id)",
                    "CREATE INDEX transfer_contract_kind ON transfer_contract (kind, registered_on, id)",
                    "CREATE INDEX transfer_contract_field ON transfer_contract (field, registered_on, id)",
                    "CREATE INDEX transfer_contract_seller ON transfer_contract (seller, id)",
                    "CREATE INDEX transfer_contract_registrar ON transfer_contract (registrar, id)",
                    "CREATE INDEX transfer_contract_whole ON transfer_contract (print_whole, id)",
                    "CREATE INDEX transfer_contract_amount ON transfer_contract (print_amount, id)",
                    "CREATE INDEX transfer_contract_subject ON transfer_contract (print_subject, id)",
                ])
        ])
}
