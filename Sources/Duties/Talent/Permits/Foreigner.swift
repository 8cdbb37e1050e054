public import Kernel
public import Store

/// A foreigner who works, or means to work, in the city; passport and birth date are kept sealed.
public struct Foreigner: Codable, Hashable, Sendable {
    public let id: ID<Foreigner>
    /// The one permit number of the person for life; its structure is not published, so it is opaque text.
    public let number: String
    public let name: String
    /// Two letters of ISO 3166.
    public let nationality: String
    public let sex: Passport.Sex
    /// The last day of the passport.
    public let passportEnds: Day?
    public let account: ID<Account>?

    public init(
        id: ID<Foreigner>, number: String, name: String, nationality: String, sex: Passport.Sex, passportEnds: Day?,
        account: ID<Account>? = nil
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.nationality = nationality
        self.sex = sex
        self.passportEnds = passportEnds
        self.account = account
    }

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        name = try row["name"]
        nationality = try row["nationality"]
        sex = Passport.Sex(rawValue: try row["sex"]) ?? .other
        passportEnds = try row["passport_ends"]
        account = try row["account"]
    }
}

/// Reads and writes foreigners.
public enum ForeignerStore {
    public static func find(_ id: ID<Foreigner>, _ tx: Tx) throws -> Foreigner? {
        try tx.first("SELECT * FROM foreigner WHERE id = \(id)", Foreigner.init(row:))
    }

    public static func find(number: String, _ tx: Tx) throws -> Foreigner? {
        try tx.first("SELECT * FROM foreigner WHERE number = \(number)", Foreigner.init(row:))
    }

    /// The person who holds or held a passport.
    public static func find(_ passport: Passport, vault: Vault, _ tx: Tx) throws -> Foreigner? {
        try tx.first(
            """
            SELECT f.* FROM foreigner f JOIN foreigner_passport p ON p.foreigner = f.id
            WHERE p.passport_mark = \(mark(passport, vault))
            """, Foreigner.init(row:))
    }

    /// Many in one query.
    public static func list(_ ids: [ID<Foreigner>], _ tx: Tx) throws -> [ID<Foreigner>: Foreigner] {
        let found = try tx.rows("SELECT * FROM foreigner WHERE id IN \(list: ids)", Foreigner.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Adds a person with the passport they hold.
    public static func add(
        _ person: Foreigner, _ passport: Passport, vault: Vault, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO foreigner (id, number, name, nationality, sealed_passport, passport_mark, passport_ends,
                sealed_birth, sex, account, created_at)
            VALUES (\(person.id), \(person.number), \(person.name), \(person.nationality),
                \(try vault.seal(passport.number)), \(mark(passport, vault)), \(passport.ends),
                \(try vault.seal(passport.birth.description)), \(passport.sex.rawValue), \(person.account), \(now))
            """)
        try note(passport, of: person.id, vault: vault, at: now, tx)
    }

    /// Gives a person another name, or another passport; the earlier passports still find them.
    public static func change(
        _ id: ID<Foreigner>, name: String?, passport: Passport?, vault: Vault, at now: Instant, _ tx: Tx
    ) throws {
        if let name { try tx.run("UPDATE foreigner SET name = \(name) WHERE id = \(id)") }
        guard let passport else { return }
        try tx.run(
            """
            UPDATE foreigner SET sealed_passport = \(try vault.seal(passport.number)),
                passport_mark = \(mark(passport, vault)), passport_ends = \(passport.ends) WHERE id = \(id)
            """)
        try note(passport, of: id, vault: vault, at: now, tx)
    }

    /// The birth date, for those who need it; nil where it was erased.
    /// - Throws: ``AccessError/unreadableSecret``.
    public static func birth(of id: ID<Foreigner>, vault: Vault, _ tx: Tx) throws -> Day? {
        let sealed: [UInt8]? = try tx.value("SELECT sealed_birth FROM foreigner WHERE id = \(id)")
        return try sealed.flatMap { Day(try vault.open($0)) }
    }

    private static func note(_ passport: Passport, of id: ID<Foreigner>, vault: Vault, at now: Instant, _ tx: Tx) throws
    {
        try tx.run(
            """
            INSERT INTO foreigner_passport (passport_mark, foreigner, since)
            VALUES (\(mark(passport, vault)), \(id), \(now)) ON CONFLICT (passport_mark) DO NOTHING
            """)
    }

    private static func mark(_ passport: Passport, _ vault: Vault) -> String {
        vault.mark("passport/\(passport.nationality)/\(passport.number)")
    }

    /// A number for somebody who has none yet: twelve letters and digits of chance.
    static func newNumber() throws -> String {
        String(try Letters.checkCode().filter { $0 != "-" }.prefix(12))
    }
}
