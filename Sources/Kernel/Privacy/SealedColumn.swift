public import Store

/// A column that holds what is sealed: the list of all of them is walked when keys change, and when time is over.
public struct SealedColumn: Sendable {
    /// What lies in it: bytes, with NULL for nothing; or a ``SealedText``, with the empty text for nothing.
    public enum Storage: Hashable, Sendable { case bytes, text }

    public let table: String
    /// The column by which rows are walked through: the primary key.
    public let key: String
    public let column: String
    public let storage: Storage
    /// What kind of personal content it holds; nil where the row has its own rules.
    public let kind: PersonalKind?
    /// SQL of the last day on which a row is needed, over the columns of the table; nil where no time runs.
    public let neededUntil: SQL?
    /// SQL of the account whose content it is, over the columns of the table; nil where it is nobody's.
    public let owner: SQL?
    /// A column with the keyed hash of the value, emptied with it.
    public let mark: String?

    public init(
        table: String, key: String = "id", column: String, storage: Storage = .bytes, kind: PersonalKind? = nil,
        neededUntil: SQL? = nil, owner: SQL? = nil, mark: String? = nil
    ) {
        self.table = table
        self.key = key
        self.column = column
        self.storage = storage
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
        SecondFactor.sealed, AccountStore.sealed, Messages.sealed,
    ]

    /// The name under which looks at it are logged.
    var name: String { "\(table).\(column)" }

    /// SQL that is true of a row with a value, sealed or not yet.
    var isFilled: SQL {
        let name = SQL(unchecked: column)
        return storage == .bytes ? "\(name) IS NOT NULL" : "\(name) <> ''"
    }

    /// SQL that is true of a row whose value is sealed.
    var isSealed: SQL {
        storage == .bytes ? isFilled : SealedText.isSealed(SQL(unchecked: column))
    }

    /// The sealed bytes that a row has under a name; nil where its text lies in the clear.
    func bytes(in row: Row, _ name: String) throws -> [UInt8]? {
        switch storage {
        case .bytes: return try row[name] as [UInt8]
        case .text: return (try row[name] as SealedText).bytes
        }
    }

    /// The keys of the rows of an account that have a value.
    func keys(of account: ID<Account>, _ tx: Tx) throws -> [String] {
        guard let owner else { return [] }
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        return try tx.rows("SELECT \(key) AS id FROM \(table) WHERE \(owner) = \(account) AND \(isFilled)") {
            try $0["id"]
        }
    }

    /// The values of an account, opened; nil in place of one that no key opens.
    func values(of account: ID<Account>, _ vault: Vault, _ tx: Tx) throws -> [String?] {
        guard let owner else { return [] }
        let (table, name) = (SQL(unchecked: table), SQL(unchecked: column))
        return try tx.rows("SELECT \(name) AS held FROM \(table) WHERE \(owner) = \(account) AND \(isFilled)") {
            row -> String? in
            switch storage {
            case .bytes:
                let held: [UInt8] = try row["held"]
                return try? vault.open(held)
            case .text:
                let held: SealedText = try row["held"]
                return try? held.text(vault)
            }
        }
    }

    /// Empties rows; the record says which and why.
    func erase(_ ids: [String], why: String, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        guard !ids.isEmpty else { return }
        let (table, key) = (SQL(unchecked: table), SQL(unchecked: key))
        let nothing: SQL = storage == .bytes ? "NULL" : "''"
        var sets: [SQL] = ["\(SQL(unchecked: column)) = \(nothing)"]
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
