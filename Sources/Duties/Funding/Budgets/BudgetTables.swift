import Store

/// What approved budget papers changed, and sums of the board that the books cannot know.
enum BudgetTables {
    static let migrations = Migrations(
        room: "funding-budgets",
        steps: [
            Migration(
                id: "2026-11-26-funding-budget-lines",
                statements: [
                    """
                    CREATE TABLE funding_budget_line (
                        case_id TEXT NOT NULL, position BIGINT NOT NULL, year BIGINT NOT NULL, source TEXT NOT NULL,
                        programme TEXT NOT NULL, change_fen BIGINT NOT NULL, day TEXT NOT NULL,
                        PRIMARY KEY (case_id, position)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX funding_budget_line_year ON funding_budget_line (year, programme, source)",
                    // By district of the awardee or field of the project; made anew when a year's money has moved.
                    """
                    CREATE TABLE funding_board (
                        year BIGINT NOT NULL, dimension TEXT NOT NULL, part TEXT NOT NULL,
                        projects BIGINT NOT NULL, committed_fen BIGINT NOT NULL, paid_fen BIGINT NOT NULL,
                        spent_fen BIGINT NOT NULL, PRIMARY KEY (year, dimension, part)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE funding_board_state (
                        year BIGINT PRIMARY KEY, legs BIGINT NOT NULL, made_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                ])
        ])
}
