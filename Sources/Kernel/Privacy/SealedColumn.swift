public import Store

/// A column that holds sealed bytes: the list of all of them is walked when keys change, and when time is over.
public struct SealedColumn: Sendable {
    public let table: String
    /// The column by which rows are walked through: the primary key.
    public let key: String
    public let column: String
    /// What kind of personal content it holds; nil where the row has its own rules.
    public let kind: PersonalKind?
    /// SQL of the last day on which a row is needed, over the columns of the table; nil where no time runs.
    public let neededUntil: SQL?
    /// SQL of the account whose content it is, over the columns of the table; nil where it is nobody's.
    public let owner: SQL?
    /// A column with the keyed hash of the value, emptied with it.
    public let mark: String?

    public init(
        table: String, key: String = "id", column: String, kind: PersonalKind? = nil, neededUntil: SQL? = nil,
        owner: SQL? = nil, mark: String? = nil
    ) {
        self.table = table
        self.key = key
        self.column = column
        self.kind = kind
        self.neededUntil = neededUntil
        self.owner = owner
        self.mark = mark
    }

    /// Those of the kernel; `personal_content` has its own days.
    public static let kernel: [SealedColumn] = [
        SealedColumn(
            table: "person", column: "sealed_number", kind: .number, neededUntil: Registry.numberNeededUntil,
            owner: "(SELECT a.id FROM account a WHERE a.person = person.id)", mark: "number_mark"),
        SealedColumn(table: "personal_content", column: "sealed_value"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_name"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_contact"),
        SecondFactor.sealed,
    ]

    /// The name under which looks at it are logged.
    var name: String { "\(table).\(column)" }

    /// The sealed values of an account.
    func rows(of account: ID<Account>, _ tx: Tx) throws -> [(id: String, sealed: [UInt8])] {
        guard let owner else { return [] }
        let (table, key, name) = (SQL(unchecked: table), SQL(unchecked: key), SQL(unchecked: column))
        return try tx.rows(
            "SELECT \(key) AS id, \(name) AS sealed FROM \(table) WHERE \(owner) = \(account) AND \(name) IS NOT NULL"
        ) { (try $0["id"] as String, try $0["sealed"] as [UInt8]) }
    }

    /// Empties rows; the record says which and why.
    func erase(_ ids: [String], why: String, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        guard !ids.isEmpty else { return }
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        var sets: [SQL] = ["\(SQL(unchecked: column)) = NULL"]
        if let mark { sets.append("\(SQL(unchecked: mark)) = NULL") }
        try tx.run("UPDATE \(table) SET \(SQL.join(sets, separator: ", ")) WHERE \(key) IN \(list: ids)")
        for id in ids {
            try Record.append(
                Event(
                    room: "privacy", kind: "personal.erased", subjectKind: self.table, subject: id, actor: actor,
                    at: now, content: ["column": .string(column), "why": .string(why)]), tx)
        }
    }
}
