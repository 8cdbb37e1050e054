public import Store

/// A second factor beside the password: codes that change with time, and recovery codes for who lost the device.
public struct SecondFactor: Sendable {
    public static let migrations = Migrations(
        room: "second-factor",
        steps: [
            Migration(
                id: "2026-11-26-access-second-factor",
                statements: [
                    """
                    CREATE TABLE account_factor (
                        account TEXT PRIMARY KEY REFERENCES account (id), sealed_secret \(SQL.blob) NOT NULL,
                        made_at BIGINT NOT NULL, confirmed_at BIGINT, last_step BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE account_recovery (
                        code_hash TEXT NOT NULL, account TEXT NOT NULL REFERENCES account (id),
                        PRIMARY KEY (account, code_hash)
                    ) \(SQL.strict)
                    """,
                    // Between the password and the code.
                    """
                    CREATE TABLE sign_in_ticket (
                        token_hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id),
                        ends_at BIGINT NOT NULL
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX sign_in_ticket_ends ON sign_in_ticket (ends_at)",
                    "ALTER TABLE session ADD COLUMN client TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT ''",
                ])
        ])

    /// The sealed secrets, to be sealed anew when keys change.
    public static let sealed = SealedColumn(table: "account_factor", key: "account", column: "sealed_secret")
    /// How many recovery codes there are, each good once.
    public static let recoveryCodes = 10

    let db: Database
    let vault: Vault

    public init(db: Database, vault: Vault) {
        self.db = db
        self.vault = vault
    }

    /// Whether an account signs in with a second factor.
    public static func isOn(_ account: ID<Account>, _ tx: Tx) throws -> Bool {
        try tx.value("SELECT 1 FROM account_factor WHERE account = \(account) AND confirmed_at IS NOT NULL") == 1
    }

    /// How many recovery codes are left.
    public static func codesLeft(_ account: ID<Account>, _ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM account_recovery WHERE account = \(account)") ?? 0
    }

    /// Makes a secret that counts once a code of it was given.
    /// - Throws: ``AccessError/factorIsOn`` where there is one that counts already.
    public func begin(_ account: ID<Account>, at now: Instant) async throws -> [UInt8] {
        let secret = try Secret.bytes(OneTimeCode.secretLength)
        let sealed = try vault.seal(bytes: secret)
        try await db.write { tx in
            guard try !SecondFactor.isOn(account, tx) else { throw AccessError.factorIsOn }
            try tx.run(
                """
                INSERT INTO account_factor (account, sealed_secret, made_at, last_step)
                VALUES (\(account), \(sealed), \(now), 0)
                ON CONFLICT (account) DO UPDATE SET sealed_secret = excluded.sealed_secret, made_at = excluded.made_at
                """)
        }
        return secret
    }

    /// The secret that waits for its first code; nil where there is none.
    public func waiting(_ account: ID<Account>) async throws -> [UInt8]? {
        let sealed: [UInt8]? = try await db.read { tx in
            try tx.first(
                "SELECT sealed_secret FROM account_factor WHERE account = \(account) AND confirmed_at IS NULL"
            ) { try $0["sealed_secret"] as [UInt8] }
        }
        return try sealed.map { try vault.open(bytes: $0) }
    }

    /// Turns the factor on. All other sessions of the account end.
    /// - Returns: the recovery codes; they are shown once and kept only as hashes.
    /// - Throws: ``AccessError/wrongCode``.
    public func confirm(_ code: String, by actor: Actor, session: String?, at now: Instant) async throws -> [String] {
        guard let account = actor.account, let secret = try await waiting(account) else { throw AccessError.wrongCode }
        guard let step = OneTimeCode.accepted(code, secret, at: now, after: 0) else { throw AccessError.wrongCode }
        let codes = try (0..<SecondFactor.recoveryCodes).map { _ in try SecondFactor.recoveryCode() }
        let keep = session.map(Sessions.hash) ?? ""
        try await db.write { tx in
            let done = try tx.run(
                """
                UPDATE account_factor SET confirmed_at = \(now), last_step = \(step)
                WHERE account = \(account) AND confirmed_at IS NULL
                """)
            guard done == 1 else { throw AccessError.factorIsOn }
            try tx.run("DELETE FROM account_recovery WHERE account = \(account)")
            for code in codes {
                try tx.run(
                    "INSERT INTO account_recovery (code_hash, account) VALUES (\(SecondFactor.hash(code)), \(account))")
            }
            try tx.run("DELETE FROM session WHERE account = \(account) AND token_hash <> \(keep)")
            try SecondFactor.note("access.second-factor-on", account, actor, now, tx)
        }
        return codes
    }

    /// Takes a code of the device, or a recovery code, which is used up then.
    /// - Throws: ``AccessError/wrongCode``.
    func check(_ code: String, of account: ID<Account>, at now: Instant, _ tx: Tx) throws {
        guard
            let row = try tx.first(
                """
                SELECT sealed_secret, last_step FROM account_factor
                WHERE account = \(account) AND confirmed_at IS NOT NULL
                """)
        else { throw AccessError.wrongCode }
        let secret = try vault.open(bytes: try row["sealed_secret"])
        if let step = OneTimeCode.accepted(code, secret, at: now, after: try row["last_step"]) {
            try tx.run("UPDATE account_factor SET last_step = \(step) WHERE account = \(account)")
            return
        }
        let used = try tx.run(
            "DELETE FROM account_recovery WHERE account = \(account) AND code_hash = \(SecondFactor.hash(code))")
        guard used == 1 else { throw AccessError.wrongCode }
    }

    /// Turns the factor off, which takes a code.
    /// - Throws: ``AccessError/wrongCode``, ``AccessError/blocked(seconds:)``.
    public func end(_ code: String, by actor: Actor, at now: Instant) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let factor = self
        try await Sessions.throttled(["code:\(account.text)"], db, now) {
            try await factor.db.write { tx in
                try factor.check(code, of: account, at: now, tx)
                try SecondFactor.remove(account, tx)
                try SecondFactor.note("access.second-factor-off", account, actor, now, tx)
            }
        }
    }

    /// Takes the factor off an account whose device and codes are lost; the account signs in with its password alone
    /// and, where its role asks for a factor, sets up a new one first. Only an administrator, and never for themselves;
    /// the owner is told.
    public func reset(_ account: ID<Account>, by actor: Actor, at now: Instant) async throws {
        try Policy.require(actor, .manageAccounts)
        guard actor.account != account else { throw AccessError.samePerson }
        try await db.write { tx in
            guard try AccountStore.find(account, tx) != nil else { throw AccessError.unknownAccount }
            try SecondFactor.remove(account, tx)
            try tx.run("DELETE FROM session WHERE account = \(account)")
            try SecondFactor.note("access.second-factor-reset", account, actor, now, tx)
            try Messages.tell(
                account, Bilingual("管理员重置了您的两步验证", "An administrator reset your second factor"),
                Bilingual(
                    "您的账号现在只凭密码登录，所有登录均已退出。请在「我的账号」中重新设置两步验证；若非您本人要求，请立即告知管理员。",
                    "Your account now opens with its password alone, and you were signed out everywhere. Set up a new "
                        + "second factor on \u{201C}My account\u{201D}; tell the administrator at once if you did not "
                        + "ask for it."),
                at: "/account", now: now, tx)
        }
    }

    private static func remove(_ account: ID<Account>, _ tx: Tx) throws {
        try tx.run("DELETE FROM account_factor WHERE account = \(account)")
        try tx.run("DELETE FROM account_recovery WHERE account = \(account)")
    }

    private static func note(
        _ kind: String, _ account: ID<Account>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "access", kind: kind, subjectKind: "account", subject: account.text, actor: actor, at: now), tx)
    }

    /// Ten characters of 32, which are 50 bits, in two groups.
    private static func recoveryCode() throws -> String {
        let text = OneTimeCode.base32(try Secret.bytes(7)).prefix(10)
        return "\(text.prefix(5))-\(text.suffix(5))"
    }

    private static func hash(_ code: String) -> String {
        let letters = code.uppercased().utf8.filter { (65...90).contains($0) || (50...55).contains($0) }
        return Digest.hex(Digest.sha256(Array(letters)))
    }
}
