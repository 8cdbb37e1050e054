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
            table: "person", column: "sealed_number", kind: .number,
            owner: "(SELECT a.id FROM account a WHERE a.person = person.id)", mark: "number_mark"),
        SealedColumn(table: "personal_content", column: "sealed_value"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_name"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_contact"),
    ]

    /// The name under which looks at it are logged.
    var name: String { "\(table).\(column)" }

    /// The sealed bytes of a row; nil where there are none, or no more.
    func sealed(_ id: String, _ tx: Tx) throws -> [UInt8]? {
        let name = SQL(unchecked: column)
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        return try tx.first("SELECT \(name) AS sealed FROM \(table) WHERE \(key) = \(id)") {
            try $0["sealed"] as [UInt8]?
        } ?? nil
    }

    /// The sealed values of an account.
    func rows(of account: ID<Account>, _ tx: Tx) throws -> [(id: String, sealed: [UInt8])] {
        guard let owner else { return [] }
        let (table, key, name) = (SQL(unchecked: table), SQL(unchecked: key), SQL(unchecked: column))
        return try tx.rows(
            "SELECT \(key) AS id, \(name) AS sealed FROM \(table) WHERE \(owner) = \(account) AND \(name) IS NOT NULL"
        ) { (try $0["id"] as String, try $0["sealed"] as [UInt8]) }
    }

    /// Shows the value of a row to somebody who needs it, and logs the look in the same transaction.
    /// - Parameters:
    ///   - id: the key of the row.
    ///   - person: whose it is, as the log names them.
    /// - Throws: ``AccessError/forbidden(_:)``, ``PrivacyError/reasonMissing``, ``PrivacyError/erased``.
    public func reveal(
        _ id: String, of person: ID<PersonMark>, reason: String, vault: Vault, by actor: Actor, at now: Instant,
        _ tx: Tx
    ) throws -> String {
        let why = try Personal.need(for: person, reason, actor)
        guard let bytes = try sealed(id, tx) else { throw PrivacyError.erased }
        let value = try vault.open(bytes)
        try Personal.note(
            Personal.Look(person: person, kind: kind?.id ?? name, content: "\(name):\(id)", reason: why), by: actor,
            at: now, tx)
        return value
    }

    /// What those without a need see; nil where there is nothing, or no more.
    public func masked(_ sealed: [UInt8]?, _ vault: Vault) throws -> String? {
        guard let sealed, let kind else { return nil }
        return kind.masked(try vault.open(sealed))
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
