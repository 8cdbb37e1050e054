public import Store

/// An account as administrators see it. Its JSON leaves the mail address out, which lies sealed.
public struct AccountCard: Encodable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible { case active, closed }

    public let id: ID<Account>
    public let login: String
    public let name: String
    /// Where mail goes; empty where it goes nowhere.
    public let mail: SealedText
    public let person: ID<PersonMark>?
    public let roles: Set<Role>
    public let division: String?
    public let state: State
    public let language: Language

    private enum CodingKeys: String, CodingKey { case id, login, name, person, roles, division, state, language }

    public init(
        id: ID<Account>, login: String, name: String, mail: SealedText = .empty, person: ID<PersonMark>? = nil,
        roles: Set<Role>, division: String? = nil, state: State = .active, language: Language = .chinese
    ) {
        self.id = id
        self.login = login
        self.name = name
        self.mail = mail
        self.person = person
        self.roles = roles
        self.division = division
        self.state = state
        self.language = language
    }

    init(row: Row) throws {
        id = try row["id"]
        login = try row["login"]
        name = try row["name"]
        mail = try row["mail"]
        person = try row["person"]
        let words: String = try row["roles"]
        roles = Set(words.split(separator: " ").compactMap { Role(rawValue: String($0)) })
        division = try row["division"]
        state = try row["state"]
        language = try row["language"]
    }
}

extension Language: SQLConvertible {}

/// Accounts, sessions and tokens in the database. Session and API tokens are kept as hashes only.
public enum AccountStore {
    public static let migrations = Migrations(
        room: "access",
        steps: [
            Migration(
                id: "2026-11-24-access-accounts",
                statements: [
                    """
                    CREATE TABLE account (
                        id TEXT PRIMARY KEY, login TEXT NOT NULL, name TEXT NOT NULL, mail TEXT NOT NULL,
                        password TEXT NOT NULL, person TEXT, roles TEXT NOT NULL, division TEXT,
                        state TEXT NOT NULL, language TEXT NOT NULL, created_at BIGINT NOT NULL,
                        CONSTRAINT account_login_key UNIQUE (login)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX account_person ON account (person)",
                    """
                    CREATE TABLE session (
                        token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id),
                        opened_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, ends_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX session_account ON session (account)",
                    "CREATE INDEX session_ends ON session (ends_at)",
                    """
                    CREATE TABLE api_token (
                        token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id),
                        label TEXT NOT NULL, scopes TEXT NOT NULL, made_at BIGINT NOT NULL, ends_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX api_token_account ON api_token (account)",
                    """
                    CREATE TABLE sign_in_failure (
                        name TEXT PRIMARY KEY, failures BIGINT NOT NULL, first_at BIGINT NOT NULL,
                        blocked_until BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                ])
        ])

    /// The mail addresses, which are needed for as long as their accounts.
    public static let sealed = SealedColumn(
        table: "account", column: "mail", storage: .text, kind: .contact, owner: "account.id")

    /// Adds an account.
    /// - Throws: ``AccessError/loginTaken``.
    public static func insert(_ account: AccountCard, passwordHash: String, at now: Instant, _ tx: Tx) throws {
        let taken: Int = try tx.value("SELECT COUNT(*) FROM account WHERE login = \(account.login)") ?? 0
        guard taken == 0 else { throw AccessError.loginTaken }
        try tx.run(
            """
            INSERT INTO account (id, login, name, mail, password, person, roles, division, state, language, created_at)
            VALUES (\(account.id), \(account.login), \(account.name), \(account.mail), \(passwordHash),
                \(account.person), \(words(account.roles)), \(account.division), \(account.state),
                \(account.language), \(now))
            """)
    }

    private static func words(_ roles: Set<Role>) -> String { roles.map(\.rawValue).sorted().joined(separator: " ") }

    public static func find(_ id: ID<Account>, _ tx: Tx) throws -> AccountCard? {
        try tx.first("SELECT * FROM account WHERE id = \(id)", AccountCard.init(row:))
    }

    public static func find(login: String, _ tx: Tx) throws -> AccountCard? {
        try tx.first("SELECT * FROM account WHERE login = \(login)", AccountCard.init(row:))
    }

    public static func find(logins: [String], _ tx: Tx) throws -> [AccountCard] {
        try tx.rows("SELECT * FROM account WHERE login IN \(list: logins)", AccountCard.init(row:))
    }

    static func passwordHash(login: String, _ tx: Tx) throws -> String? {
        try tx.value("SELECT password FROM account WHERE login = \(login)")
    }

    /// The password hash of an account.
    public static func passwordHash(of id: ID<Account>, _ tx: Tx) throws -> String? {
        try tx.value("SELECT password FROM account WHERE id = \(id)")
    }

    /// A page of accounts by login.
    public static func list(after login: String?, words: String?, limit: Int, _ tx: Tx) throws -> [AccountCard] {
        var conditions: [SQL] = ["login > \(login ?? "")"]
        if let words, !words.isEmpty { conditions.append("(login LIKE \(words + "%") OR name LIKE \(words + "%"))") }
        return try tx.rows(
            "SELECT * FROM account WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY login LIMIT \(limit)",
            AccountCard.init(row:))
    }

    /// Accounts that hold a role, by login.
    public static func holding(_ role: Role, limit: Int = 200, _ tx: Tx) throws -> [AccountCard] {
        try tx.rows(
            """
            SELECT * FROM account WHERE ' ' || roles || ' ' LIKE \("% \(role.rawValue) %") AND state = 'active'
            ORDER BY login LIMIT \(limit)
            """, AccountCard.init(row:))
    }

    public static func setRoles(_ roles: Set<Role>, division: String?, of id: ID<Account>, _ tx: Tx) throws {
        try tx.run("UPDATE account SET roles = \(words(roles)), division = \(division) WHERE id = \(id)")
    }

    /// Opens or closes an account; closing ends its sessions and tokens.
    public static func setState(_ state: AccountCard.State, of id: ID<Account>, _ tx: Tx) throws {
        try tx.run("UPDATE account SET state = \(state) WHERE id = \(id)")
        guard state == .closed else { return }
        try endAccess(of: id, tx)
    }

    /// Sets a password; sessions and tokens of the account end, which may be of who knew the one before.
    public static func setPassword(hash: String, of id: ID<Account>, _ tx: Tx) throws {
        try tx.run("UPDATE account SET password = \(hash) WHERE id = \(id)")
        try tx.run("DELETE FROM sign_in_ticket WHERE account = \(id)")
        try endAccess(of: id, tx)
    }

    /// Ends the sessions of an account, but one at most, and all its API tokens: whoever came in by what opens it no
    /// more goes with it.
    /// - Parameter session: the token of the session that stays.
    static func endAccess(of id: ID<Account>, keeping session: String? = nil, _ tx: Tx) throws {
        let kept = session.map(Sessions.hash) ?? ""
        try tx.run("DELETE FROM session WHERE account = \(id) AND token_hash <> \(kept)")
        try tx.run("DELETE FROM api_token WHERE account = \(id)")
    }

    /// The actor of an account with its memberships, in two queries.
    public static func actor(_ account: AccountCard, _ tx: Tx) throws -> Actor {
        let memberships = try tx.rows("SELECT organisation, roles FROM membership WHERE account = \(account.id)") {
            row -> Membership in
            let words: String = try row["roles"]
            return Membership(
                organisation: try row["organisation"],
                roles: Set(words.split(separator: " ").compactMap { MembershipRole(rawValue: String($0)) }))
        }
        return Actor(
            account: account.id, person: account.person, name: account.name, roles: account.roles,
            memberships: memberships, division: account.division)
    }
}
