public import Store

/// A table of a room whose rows are personal content in the clear, because they are looked for by what they say. Their
/// person is given them with everything else, and they go whole: by request, or when their time is over.
public struct PersonalRows: Sendable {
    public let table: String
    /// The primary key.
    public let key: String
    /// The columns that the person is given; they hold texts.
    public let columns: [String]
    public let kind: PersonalKind
    /// SQL of the last day on which a row is needed, over the columns of the table.
    public let neededUntil: SQL
    /// SQL of the account whose content it is, over the columns of the table.
    public let owner: SQL

    public init(
        table: String, key: String = "id", columns: [String], kind: PersonalKind, neededUntil: SQL, owner: SQL
    ) {
        self.table = table
        self.key = key
        self.columns = columns
        self.kind = kind
        self.neededUntil = neededUntil
        self.owner = owner
    }

    /// What the rows of an account say, by their keys.
    func rows(of account: ID<Account>, _ tx: Tx) throws -> [(id: String, content: JSONValue)] {
        let list = SQL(unchecked: columns.joined(separator: ", "))
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
            return (try row["row_key"], .object(content))
        }
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
        try tx.run("DELETE FROM \(SQL(unchecked: table)) WHERE \(SQL(unchecked: key)) IN \(list: ids)")
        for id in ids {
            try Record.append(
                Event(
                    room: "privacy", kind: "personal.erased", subjectKind: table, subject: id, actor: actor, at: now,
                    content: ["why": .string(why)]), tx)
        }
    }
}
