public import Kernel
public import Store

/// Money that has to come back (追回): a surplus, or all of it.
public struct Recovery: Codable, Hashable, Sendable {
    public let id: String
    public let project: ID<CaseFile>
    public let amount: Money
    public let reason: Bilingual
    public let isSettled: Bool
    public let dueOn: Day?

    init(row: Row) throws {
        id = try row["id"]
        project = try row["project"]
        amount = try row["amount_fen"]
        reason = Bilingual(try row["reason_zh"], try row["reason_en"])
        let state: String = try row["state"]
        isSettled = state == "returned"
        dueOn = try row["due_on"]
    }
}

/// Reads recoveries.
public enum RecoveryStore {
    public static func list(project: ID<CaseFile>, _ tx: Tx) throws -> [Recovery] {
        try tx.rows("SELECT * FROM recovery WHERE project = \(project) ORDER BY id", Recovery.init(row:))
    }

    /// A page of what is still due, soonest first, after a day and identity.
    public static func due(after cursor: (due: Day, id: String)? = nil, limit: Int, _ tx: Tx) throws -> [Recovery] {
        let rest: SQL = cursor.map { "AND (due_on, id) > (\($0.due), \($0.id))" } ?? ""
        return try tx.rows(
            "SELECT * FROM recovery WHERE state = 'due' \(rest) ORDER BY due_on, id LIMIT \(limit)",
            Recovery.init(row:))
    }
}
