public import Store

/// A security key of an account: a device that a browser asks to sign, or a passkey.
public struct SecurityKey: Hashable, Sendable {
    /// How many an account has at most.
    public static let most = 10
    /// Characters of the longest name.
    public static let longestName = 50

    static let migration = Migration(
        id: "2026-11-28-access-security-keys",
        statements: [
            """
            CREATE TABLE account_key (
                id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), credential TEXT NOT NULL,
                algorithm BIGINT NOT NULL, public_key \(SQL.blob) NOT NULL, counter BIGINT NOT NULL,
                name TEXT NOT NULL, added_at BIGINT NOT NULL, used_at BIGINT, refused_at BIGINT,
                CONSTRAINT account_key_credential_key UNIQUE (credential)
            ) \(SQL.strict)
            """,
            "CREATE INDEX account_key_account ON account_key (account)",
            // Questions that came back: none comes back twice.
            "CREATE TABLE key_challenge (hash TEXT PRIMARY KEY, ends_at BIGINT NOT NULL) \(SQL.strict)",
            "CREATE INDEX key_challenge_ends ON key_challenge (ends_at)",
        ])

    public let id: ID<SecurityKey>
    /// What its owner calls it.
    public let name: String
    public let addedAt: Instant
    public let usedAt: Instant?
    /// Since when it is accepted no more, because its counter went back.
    public let refusedAt: Instant?
    /// The name under which browsers know it, in base64url.
    let credential: String
    let algorithm: KeyAlgorithm
    let publicKey: [UInt8]
    let counter: Int64

    init(row: Row) throws {
        id = try row["id"]
        name = try row["name"]
        addedAt = try row["added_at"]
        usedAt = try row["used_at"]
        refusedAt = try row["refused_at"]
        credential = try row["credential"]
        algorithm = try row["algorithm"]
        publicKey = try row["public_key"]
        counter = try row["counter"]
    }

    /// A key that was just read.
    init(_ new: NewKey, as id: ID<SecurityKey>, name: String, at now: Instant) {
        self.id = id
        self.name = name
        addedAt = now
        usedAt = nil
        refusedAt = nil
        credential = Base64URL.text(new.credential)
        algorithm = new.algorithm
        publicKey = new.publicKey
        counter = new.counter
    }

    /// A name as it is kept; nil where it is none.
    public static func name(_ text: String) -> String? {
        let name = text.trimmed
        return (1...longestName).contains(name.count) ? name : nil
    }

    /// The keys of an account, oldest first.
    public static func list(of account: ID<Account>, _ tx: Tx) throws -> [SecurityKey] {
        try tx.rows(
            "SELECT * FROM account_key WHERE account = \(account) ORDER BY added_at, id", SecurityKey.init(row:))
    }

    static func find(credential: [UInt8], of account: ID<Account>, _ tx: Tx) throws -> SecurityKey? {
        try tx.first(
            "SELECT * FROM account_key WHERE account = \(account) AND credential = \(Base64URL.text(credential))",
            SecurityKey.init(row:))
    }

    /// Gives the key to an account.
    /// - Throws: ``KeyError/known``.
    func insert(for account: ID<Account>, _ tx: Tx) throws {
        let added = try tx.run(
            """
            INSERT INTO account_key (id, account, credential, algorithm, public_key, counter, name, added_at)
            VALUES (\(id), \(account), \(credential), \(algorithm), \(publicKey), \(counter), \(name), \(addedAt))
            ON CONFLICT (credential) DO NOTHING
            """)
        guard added == 1 else { throw KeyError.known }
    }
}
