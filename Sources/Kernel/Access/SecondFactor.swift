public import Store

/// A second factor beside the password: codes that change with time, or security keys; and recovery codes for who lost
/// the device.
public struct SecondFactor: Sendable {
    /// With what somebody shows that they have it.
    public enum Proof: Hashable, Sendable {
        /// What the authenticator shows, or a recovery code.
        case code(String)
        /// What a key answered, and ``KeyQuestion/sealed`` of the page that asked it.
        case key(answer: String, question: String)
    }

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
                ]),
            SecurityKey.migration, SignInTime.keys,
        ])

    /// The sealed secrets, to be sealed anew when keys change.
    public static let sealed = SealedColumn(table: "account_factor", key: "account", column: "sealed_secret")
    /// How many recovery codes there are, each good once.
    public static let recoveryCodes = 10

    /// The last step of a secret of which no code is taken: see ``standIn(for:at:_:)``.
    private static let never = Int64.max
    /// SQL that is true of a secret whose codes are taken.
    private static let isTaken: SQL = "confirmed_at IS NOT NULL AND last_step < \(never)"

    let db: Database
    let vault: Vault
    /// As what keys know the house; nil where browsers ask none.
    let party: RelyingParty?

    public init(db: Database, vault: Vault, party: RelyingParty? = nil) {
        self.db = db
        self.vault = vault
        self.party = party
    }

    /// Whether an account signs in with a second factor of any kind. A key that is refused counts: whoever copied it
    /// must not come in with the password alone.
    public static func isOn(_ account: ID<Account>, _ tx: Tx) throws -> Bool {
        try tx.value(
            """
            SELECT 1 WHERE EXISTS (
                SELECT 1 FROM account_factor WHERE account = \(account) AND \(isTaken)
            ) OR EXISTS (SELECT 1 FROM account_key WHERE account = \(account))
            """) == 1
    }

    /// Whether codes of an authenticator are accepted.
    static func hasCodes(_ account: ID<Account>, _ tx: Tx) throws -> Bool {
        try tx.value("SELECT 1 FROM account_factor WHERE account = \(account) AND \(isTaken)") == 1
    }

    /// How many recovery codes are left.
    public static func codesLeft(_ account: ID<Account>, _ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM account_recovery WHERE account = \(account)") ?? 0
    }

    /// Makes a secret that counts once a code of it was given; until then nothing is kept of it. Whoever calls this has
    /// asked for the password.
    /// - Parameters:
    ///   - proof: of the second factor that is on; nil where there is none.
    ///   - session: the token of the session in which the first code must come.
    /// - Throws: ``AccessError/factorIsOn`` where there are codes already, and as ``agree(_:of:session:at:)``.
    public func begin(
        showing proof: Proof?, by account: ID<Account>, session: String?, at now: Instant
    ) async throws -> CodeSetUp {
        let hasCodes = try await db.read { tx in try SecondFactor.hasCodes(account, tx) }
        guard !hasCodes else { throw AccessError.factorIsOn }
        try await agree(proof, of: account, session: session, at: now)
        let secret = try Secret.bytes(OneTimeCode.secretLength)
        let permit = FactorPermit(secret, for: account, session: session, at: now)
        return CodeSetUp(secret: secret, sealed: try permit.sealed(by: vault))
    }

    /// Turns the codes of a secret on. All other sessions of the account end, and its API tokens: each may be of who
    /// has nothing but the password.
    /// - Parameters:
    ///   - setUp: ``CodeSetUp/sealed``.
    ///   - session: the token of the session.
    /// - Returns: recovery codes where there was no second factor before; they are shown once and kept only as hashes.
    /// - Throws: ``AccessError/setUpOver``, ``AccessError/wrongCode``, ``AccessError/factorIsOn``.
    public func confirm(
        _ code: String, of setUp: String, by actor: Actor, session: String?, at now: Instant
    ) async throws -> [String] {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let secret = try self.setUp(setUp, of: account, session: session, at: now).secret
        guard let step = OneTimeCode.accepted(code, secret, at: now, after: 0) else { throw AccessError.wrongCode }
        let sealed = try vault.seal(bytes: secret)
        let codes = try SecondFactor.newRecoveryCodes()
        return try await db.write { tx in
            let isFirst = try !SecondFactor.isOn(account, tx)
            // In place of one that was never confirmed, or of none whose codes are taken.
            let done = try tx.run(
                """
                INSERT INTO account_factor (account, sealed_secret, made_at, confirmed_at, last_step)
                VALUES (\(account), \(sealed), \(now), \(now), \(step))
                ON CONFLICT (account) DO UPDATE SET sealed_secret = excluded.sealed_secret,
                    made_at = excluded.made_at, confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
                WHERE account_factor.confirmed_at IS NULL OR account_factor.last_step = \(SecondFactor.never)
                """)
            guard done == 1 else { throw AccessError.factorIsOn }
            try AccountStore.endAccess(of: account, keeping: session, tx)
            try SecondFactor.note("access.second-factor-on", account, actor, now, tx)
            return try isFirst ? SecondFactor.keep(codes, of: account, tx) : []
        }
    }

    /// Keeps a secret of which no code is taken, where an account has keys and no codes. Processes of the version
    /// before, which know no keys, find it confirmed: they ask for a code and take the recovery codes alone, where they
    /// would open the account for the password.
    func standIn(for account: ID<Account>, at now: Instant, _ tx: Tx) throws {
        let sealed = try vault.seal(bytes: try Secret.bytes(OneTimeCode.secretLength))
        try tx.run(
            """
            INSERT INTO account_factor (account, sealed_secret, made_at, confirmed_at, last_step)
            VALUES (\(account), \(sealed), \(now), \(now), \(SecondFactor.never))
            ON CONFLICT (account) DO UPDATE SET sealed_secret = excluded.sealed_secret, made_at = excluded.made_at,
                confirmed_at = excluded.confirmed_at, last_step = excluded.last_step
            WHERE account_factor.confirmed_at IS NULL
            """)
    }

    /// Does something in one transaction, once somebody has shown a second factor; so seldom that guessing leads
    /// nowhere.
    /// - Parameters:
    ///   - holder: the token of the session, or of the sign-in, for which a key was asked.
    ///   - names: besides the account, whose failures are counted.
    /// - Throws: ``AccessError/wrongCode``, ``AccessError/blocked(seconds:)``, ``KeyError``, and what is thrown inside.
    func proven<T: Sendable>(
        _ proof: Proof, of account: ID<Account>, holder: String, counting names: [String] = [], at now: Instant,
        _ body: @escaping @Sendable (Tx) throws -> T
    ) async throws -> T {
        let factor = self
        return try await Sessions.throttled(["code:\(account.text)"] + names, db, now) {
            let check = try await factor.check(proof, of: account, holder: holder, at: now)
            let kept = try await factor.db.write { tx -> T? in
                guard try check(tx) else { return nil }
                return try body(tx)
            }
            // That the key is refused is kept, and nothing else is done.
            guard let done = kept else { throw KeyError.fault(.counter) }
            return done
        }
    }

    /// What is asked of the database: false where a key is refused from now on. A question to a key is used up before.
    private func check(
        _ proof: Proof, of account: ID<Account>, holder: String, at now: Instant
    ) async throws -> @Sendable (Tx) throws -> Bool {
        let factor = self
        switch proof {
        case .code(let code):
            return { tx in
                try factor.check(code, of: account, at: now, tx)
                return true
            }
        case .key(let text, let question):
            let challenge = try KeyChallenge(
                opening: question, .prove, for: account, holder: holder, by: vault, at: now)
            try await take(challenge, at: now)
            let answer: KeyAnswer
            do { answer = try KeyAnswer(text) } catch { throw KeyError.fault(error) }
            return { tx in try factor.accepts(answer, to: challenge, of: account, at: now, tx) }
        }
    }

    /// Takes a code of the device, or a recovery code, which is used up then.
    /// - Throws: ``AccessError/wrongCode``.
    private func check(_ code: String, of account: ID<Account>, at now: Instant, _ tx: Tx) throws {
        let row = try tx.first(
            """
            SELECT sealed_secret, last_step FROM account_factor
            WHERE account = \(account) AND \(SecondFactor.isTaken)
            """)
        if let row {
            let secret = try vault.open(bytes: try row["sealed_secret"])
            if let step = OneTimeCode.accepted(code, secret, at: now, after: try row["last_step"]) {
                try tx.run("UPDATE account_factor SET last_step = \(step) WHERE account = \(account)")
                return
            }
        }
        let used = try tx.run(
            "DELETE FROM account_recovery WHERE account = \(account) AND code_hash = \(SecondFactor.hash(code))")
        guard used == 1 else { throw AccessError.wrongCode }
    }

    /// Turns the codes off, which takes one of them or a key.
    /// - Parameter session: the token of the session that asked.
    /// - Throws: ``AccessError/wrongCode``, ``AccessError/blocked(seconds:)``, ``KeyError``.
    public func end(showing proof: Proof, by actor: Actor, session: String?, at now: Instant) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let factor = self
        try await proven(proof, of: account, holder: session ?? "", at: now) { tx in
            let ended = try tx.run(
                "DELETE FROM account_factor WHERE account = \(account) AND \(SecondFactor.isTaken)")
            guard ended == 1 else { throw AccessError.wrongCode }
            try factor.settle(account, at: now, tx)
            try SecondFactor.note("access.second-factor-off", account, actor, now, tx)
        }
    }

    /// Takes every factor off an account whose device and codes are lost; the account signs in with its password alone
    /// and, where its role asks for a factor, sets up a new one first. Only an administrator, and never for themselves;
    /// the owner is told.
    public func reset(_ account: ID<Account>, by actor: Actor, at now: Instant) async throws {
        try Policy.require(actor, .manageAccounts)
        guard actor.account != account else { throw AccessError.samePerson }
        try await db.write { tx in
            guard try AccountStore.find(account, tx) != nil else { throw AccessError.unknownAccount }
            for table: SQL in ["account_factor", "account_key", "account_recovery"] {
                try tx.run("DELETE FROM \(table) WHERE account = \(account)")
            }
            try AccountStore.endAccess(of: account, tx)
            try SecondFactor.note("access.second-factor-reset", account, actor, now, tx)
            try Messages.tell(
                account, Bilingual("管理员重置了您的两步验证", "An administrator reset your second factor"),
                Bilingual(
                    "您的账号现在只凭密码登录，所有登录均已退出，接口令牌均已停用。请在「我的账号」中重新设置两步验证；若非您本人要求，请立即告知管理员。",
                    "Your account now opens with its password alone, you were signed out everywhere, and its API "
                        + "tokens ended. Set up a new second factor on \u{201C}My account\u{201D}; tell the "
                        + "administrator at once if you did not ask for it."),
                at: "/account", now: now, tx)
        }
    }

    /// What follows when a factor has come or gone: keys that are alone have their ``standIn(for:at:_:)``, and what
    /// belongs to no factor goes with the last.
    func settle(_ account: ID<Account>, at now: Instant, _ tx: Tx) throws {
        try SecondFactor.forgetCodesOfNothing(account, tx)
        guard try SecondFactor.isOn(account, tx), try !SecondFactor.hasCodes(account, tx) else { return }
        try standIn(for: account, at: now, tx)
    }

    /// Recovery codes go with the last factor.
    static func forgetCodesOfNothing(_ account: ID<Account>, _ tx: Tx) throws {
        guard try !isOn(account, tx) else { return }
        try tx.run("DELETE FROM account_factor WHERE account = \(account) AND last_step = \(never)")
        try tx.run("DELETE FROM account_recovery WHERE account = \(account)")
    }

    private static func note(
        _ kind: String, _ account: ID<Account>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "access", kind: kind, subjectKind: "account", subject: account.text, actor: actor, at: now), tx)
    }

    static func newRecoveryCodes() throws -> [String] { try (0..<recoveryCodes).map { _ in try recoveryCode() } }

    /// Keeps recovery codes in place of those of before.
    /// - Returns: the codes.
    static func keep(_ codes: [String], of account: ID<Account>, _ tx: Tx) throws -> [String] {
        try tx.run("DELETE FROM account_recovery WHERE account = \(account)")
        for code in codes {
            try tx.run("INSERT INTO account_recovery (code_hash, account) VALUES (\(hash(code)), \(account))")
        }
        return codes
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
