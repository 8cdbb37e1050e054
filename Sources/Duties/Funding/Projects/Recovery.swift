public import Kernel
public import Store

/// Money that has to come back (追回): a surplus, or all of it.
public struct Recovery: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case due, returned
        case writtenOff = "written-off"

        public var title: Bilingual {
            switch self {
            case .due: Bilingual("应退", "Due back")
            case .returned: Bilingual("已退回", "Returned")
            case .writtenOff: Bilingual("已核销", "Written off")
            }
        }
    }

    public let id: String
    public let project: ID<CaseFile>
    public let amount: Money
    /// What the money bore meanwhile, to be handed over with it.
    public let interest: Money
    public let reason: Bilingual
    public let state: State
    /// The day by which it, or the first agreed part that is not paid, has to come back.
    public let dueOn: Day?

    public var isSettled: Bool { state != .due }

    init(row: Row) throws {
        id = try row["id"]
        project = try row["project"]
        amount = try row["amount_fen"]
        interest = try row["interest_fen"]
        reason = Bilingual(try row["reason_zh"], try row["reason_en"])
        state = try row["state"]
        dueOn = try row["due_on"]
    }
}

/// An agreed part of a recovery.
public struct RecoveryPart: Codable, Hashable, Sendable {
    public let id: String
    public let recovery: String
    public let position: Int
    public let amount: Money
    public let dueOn: Day
    /// What was paid beside it for being late.
    public let penalty: Money
    public let paidOn: Day?

    init(row: Row) throws {
        id = try row["id"]
        recovery = try row["recovery"]
        position = try row["position"]
        amount = try row["amount_fen"]
        dueOn = try row["due_on"]
        penalty = try row["penalty_fen"]
        paidOn = try row["paid_on"]
    }
}

/// A proposal to give a recovery up.
public struct WriteOff: Codable, Hashable, Sendable {
    public let reason: String
    public let proposedBy: String
    public let decidedBy: String?

    init(row: Row) throws {
        reason = try row["reason"]
        proposedBy = try row["proposed_by"]
        decidedBy = try row["decided_by"]
    }
}

/// Reads recoveries.
public enum RecoveryStore {
    public static func find(_ id: String, _ tx: Tx) throws -> Recovery? {
        try tx.first("SELECT * FROM recovery WHERE id = \(id)", Recovery.init(row:))
    }

    public static func list(project: ID<CaseFile>, _ tx: Tx) throws -> [Recovery] {
        try tx.rows("SELECT * FROM recovery WHERE project = \(project) ORDER BY id", Recovery.init(row:))
    }

    /// A page of recoveries in a state, soonest first, after a day and identity.
    /// - Parameter before: only those due before this day.
    public static func list(
        state: Recovery.State, before day: Day? = nil, after cursor: (due: Day, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Recovery] {
        let rest: SQL = cursor.map { "AND (due_on, id) > (\($0.due), \($0.id))" } ?? ""
        let late: SQL = day.map { "AND due_on < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM recovery WHERE state = \(state) \(late) \(rest) ORDER BY due_on, id LIMIT \(limit)",
            Recovery.init(row:))
    }

    /// The agreed parts in their order; empty where all is due at once.
    public static func parts(_ recovery: String, _ tx: Tx) throws -> [RecoveryPart] {
        try tx.rows(
            "SELECT * FROM recovery_part WHERE recovery = \(recovery) ORDER BY position", RecoveryPart.init(row:))
    }

    /// Which of these come back in agreed parts.
    public static func inParts(_ recoveries: [String], _ tx: Tx) throws -> Set<String> {
        Set(
            try tx.rows("SELECT DISTINCT recovery FROM recovery_part WHERE recovery IN \(list: recoveries)") {
                try $0["recovery"] as String
            })
    }

    public static func writeOff(_ recovery: String, _ tx: Tx) throws -> WriteOff? {
        try tx.first("SELECT * FROM recovery_write_off WHERE recovery = \(recovery)", WriteOff.init(row:))
    }
}
