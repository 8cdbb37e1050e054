public import Store

extension Balances {
    /// A column of a query over projects: what lies in a project's accounts of a kind, or all that ever went into them.
    /// - Parameter project: the column that holds the project's number, whose ASCII letters may be capitals.
    public static func sum(_ kind: AccountKind, project: SQL, isInward: Bool = false) -> SQL {
        let part: SQL = isInward ? "in_fen" : "in_fen - out_fen"
        return """
            COALESCE((SELECT CAST(SUM(\(part)) AS BIGINT) FROM ledger_account a
                WHERE a.project = LOWER(\(project)) AND a.kind = \(kind)), 0)
            """
    }
}
