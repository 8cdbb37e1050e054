public import Store

/// A table of a room whose rows are personal content in the clear, because they are looked for by what they say. Their
/// person is given them with everything else, and they go whole: by request, or when their time is over.
public struct PersonalRows: Sendable {
    public let table: String
    /// The primary key.
    public let key: String
    /// The columns that the person is given; they hold texts.
    public let columns: [String]
    /// The columns that the person is given as well; they hold moments, or nothing.
    public let moments: [String]
    public let kind: PersonalKind
    /// SQL of the last day on which a row is needed, over the columns of the table.
    public let neededUntil: SQL
    /// SQL of the account whose content it is, over the columns of the table.
    public let owner: SQL
    /// SQL that is true of a row that goes by request already, over the columns of the table.
    public let onRequest: SQL
    /// What follows for an account some of whose rows went.
    let afterwards: (@Sendable (ID<Account>, Tx) throws -> Void)?

    public init(
        table: String, key: String = "id", columns: [String], moments: [String] = [], kind: PersonalKind,
        neededUntil: SQL, owner: SQL, onRequest: SQL = "1 = 1",
        afterwards: (@Sendable (ID<Account>, Tx) throws -> Void)? = nil
    ) {
        self.table = table
        self.key = key
        self.columns = columns
        self.moments = moments
        self.kind = kind
        self.neededUntil = neededUntil
        self.owner = owner
        self.onRequest = onRequest
        self.afterwards = afterwards
    }

    /// Those of the kernel: with what an account signs in besides its password.
    public static let kernel: [PersonalRows] = [
        PersonalRows(
            table: "account_identity", columns: ["issuer", "subject"], moments: ["linked_at"], kind: .signIn,
            neededUntil: SignInTime.neededUntil, owner: "account_identity.account"),
        PersonalRows(
            table: "account_key", columns: ["name"], moments: ["added_at", "used_at", "refused_at"], kind: .signIn,
            neededUntil: SignInTime.neededUntil, owner: "account_key.account", onRequest: SignInTime.isLeft
        ) { account, tx in try SecondFactor.forgetCodesOfNothing(account, tx) },
    ]

    /// What the rows of an account say, by their keys.
    func rows(of account: ID<Account>, _ tx: Tx) throws -> [(id: String, content: JSONValue)] {
        let list = SQL(unchecked: (columns + moments).joined(separator: ", "))
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        return try tx.rows(
            "SELECT \(key) AS row_key, \(list) FROM \(table) WHERE \(owner) = \(account) ORDER BY \(key)"
        ) { row -> (id: String, content: JSONValue) in
            var content: [String: JSONValue] = ["kind": .string(kind.id)]
            for column in columns {
                let text: String? = try row[column]
                let value: JSONValue = text.map { .string($0) } ?? .null
                content[column] = value
            }
            for column in moments {
                let moment: Instant? = try row[column]
                let value: JSONValue = moment.map { .integer($0.microseconds) } ?? .null
                content[column] = value
            }
            return (try row["row_key"], .object(content))
        }
    }

    /// The keys of the rows of an account that go by request.
    func requestable(of account: ID<Account>, _ tx: Tx) throws -> [String] {
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        return try tx.rows(
            "SELECT \(key) AS row_key FROM \(table) WHERE \(owner) = \(account) AND \(onRequest) ORDER BY \(key)"
        ) { try $0["row_key"] }
    }

    /// The keys of some rows whose time was over on a day.
    func over(_ cutoff: Day, limit: Int, _ tx: Tx) throws -> [String] {
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        return try tx.rows(
            "SELECT \(key) AS row_key FROM \(table) WHERE \(neededUntil) <= \(cutoff) ORDER BY \(key) LIMIT \(limit)"
        ) { try $0["row_key"] }
    }

    /// Takes rows away; the record says which and why.
    func erase(_ ids: [String], why: String, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        guard !ids.isEmpty else { return }
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        var owners: [ID<Account>] = []
        if afterwards != nil {
            owners = try tx.rows("SELECT DISTINCT \(owner) AS account FROM \(table) WHERE \(key) IN \(list: ids)") {
                try $0["account"]
            }
        }
        try tx.run("DELETE FROM \(table) WHERE \(key) IN \(list: ids)")
        for owner in owners { try afterwards?(owner, tx) }
        for id in ids {
            try Record.append(
                Event(
                    room: "privacy", kind: "personal.erased", subjectKind: self.table, subject: id, actor: actor,
                    at: now, content: ["why": .string(why)]), tx)
        }
    }
}
