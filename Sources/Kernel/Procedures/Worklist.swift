public import Store

/// What waits for somebody, soonest due first.
public struct WorkItem: Codable, Hashable, Sendable {
    public let file: CaseFile
    /// Where the next page of the list starts.
    public var cursor: String { "\(file.dueOn?.description ?? "9999")~\(file.id)" }
}

/// Lists of cases by whose turn it is.
public enum Worklist {
    /// Cases in the actor's hands, soonest due first, after a cursor; one query for each capacity in which they act.
    public static func mine(_ actor: Actor, after cursor: String? = nil, limit: Int, _ tx: Tx) throws -> [WorkItem] {
        var items: [CaseFile] = []
        for condition in hands(of: actor) {
            items += try tx.rows(
                """
                SELECT * FROM case_file WHERE \(condition) AND \(after(cursor))
                ORDER BY due_key, id LIMIT \(limit)
                """, CaseFile.init(row:))
        }
        return items.map(WorkItem.init(file:)).sorted { $0.cursor < $1.cursor }.prefix(limit).map(\.self)
    }

    /// Everything that the actor applied for, newest first, before an identity.
    public static func applied(_ account: ID<Account>, before: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [CaseFile]
    {
        let edge: SQL = before.map { "id < \($0)" } ?? "1 = 1"
        return try tx.rows(
            "SELECT * FROM case_file WHERE applicant = \(account) AND \(edge) ORDER BY id DESC LIMIT \(limit)",
            CaseFile.init(row:))
    }

    /// Cases at one step of a procedure, soonest due first.
    public static func at(_ procedure: String, _ step: String, limit: Int, _ tx: Tx) throws -> [CaseFile] {
        try tx.rows(
            """
            SELECT * FROM case_file WHERE procedure = \(procedure) AND step = \(step) ORDER BY due_key, id
            LIMIT \(limit)
            """, CaseFile.init(row:))
    }

    /// Cases of all procedures, newest first; for auditors.
    public static func all(before: ID<CaseFile>?, limit: Int, _ tx: Tx) throws -> [CaseFile] {
        let edge: SQL = before.map { "id < \($0)" } ?? "1 = 1"
        return try tx.rows("SELECT * FROM case_file WHERE \(edge) ORDER BY id DESC LIMIT \(limit)", CaseFile.init(row:))
    }

    private static func after(_ cursor: String?) -> SQL {
        guard let cursor, let cut = cursor.firstIndex(of: "~") else { return "1 = 1" }
        let due = String(cursor[..<cut])
        let id = String(cursor[cursor.index(after: cut)...])
        return "(due_key, id) > (\(due), \(id))"
    }

    private static func hands(of actor: Actor) -> [SQL] {
        var conditions: [SQL] = []
        if let account = actor.account { conditions.append("applicant = \(account) AND holder = 'applicant'") }
        let organisations = actor.memberships
            .filter { !$0.roles.isDisjoint(with: [.administrator, .sealHolder]) }.map(\.organisation)
        if !organisations.isEmpty {
            conditions.append("organisation IN \(list: organisations) AND holder = 'organisation'")
        }
        if actor.roles.contains(.officer) {
            if let division = actor.division {
                conditions.append("holder = 'officer' AND division = \(division)")
            } else {
                conditions.append("holder = 'officer'")
            }
        }
        if actor.roles.contains(.leader) { conditions.append("holder = 'leader'") }
        if actor.roles.contains(.treasurer) { conditions.append("holder = 'treasurer'") }
        return conditions
    }
}

/// Something that waits for somebody and is no case: a call to publish, a proposal to decide, a sheet to fill in.
public struct WaitingItem: Codable, Hashable, Sendable {
    /// What is to be done.
    public let task: Bilingual
    /// What it is about.
    public let subject: Bilingual
    /// The page on which it is done.
    public let address: String
    /// The last day, where there is one.
    public let dueOn: Day?

    public init(_ task: Bilingual, _ subject: Bilingual, at address: String, dueOn: Day? = nil) {
        self.task = task
        self.subject = subject
        self.address = address
        self.dueOn = dueOn
    }
}
