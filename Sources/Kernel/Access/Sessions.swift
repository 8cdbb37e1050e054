public import Store

/// An API token as its owner sees it; the token itself is never shown again.
public struct TokenCard: Hashable, Sendable {
    /// Its hash, by which it is ended.
    public let id: String
    public let label: String
    public let madeAt: Instant
    public let endsAt: Instant
}

/// Signing in and out: throttled, with tokens that the database knows only by their hash.
public struct Sessions: Sendable {
    /// Seconds without a visit after which a session ends.
    static let idleSeconds = 8 * 3_600
    /// Failures within a quarter of an hour before a name or an address has to wait.
    static let freeFailures = 5

    /// Seconds between the password and the code.
    static let ticketSeconds = 300

    let db: Database
    public let factor: SecondFactor
    /// Roles that rest until their account signs in with a second factor.
    public let required: Set<Role>

    /// - Parameter party: as what security keys know the house; nil where browsers ask none.
    public init(db: Database, vault: Vault, required: Set<Role> = [], party: RelyingParty? = nil) {
        self.db = db
        self.required = required
        factor = SecondFactor(db: db, vault: vault, party: party)
    }

    /// Where somebody signs in from.
    public struct Origin: Hashable, Sendable {
        /// Network address, throttled beside the login name.
        public let client: String
        /// What the browser says of itself.
        public let agent: String

        public init(client: String, agent: String = "") {
            self.client = client
            self.agent = String(agent.unicodeScalars.filter { $0.value >= 32 }.prefix(200).map(Character.init))
        }
    }

    /// What the right password leads to.
    public enum Outcome: Sendable {
        /// The session is open: the token for its cookie, and the actor.
        case open(token: String, actor: Actor)
        /// A second factor is needed, together with this ticket.
        case code(ticket: String)
    }

    /// Checks a password; opens a session, or asks for the second factor where the account has one.
    /// - Throws: ``AccessError/wrongLogin``, ``AccessError/blocked(seconds:)``, ``AccessError/closed``.
    public func signIn(login: String, password: String, from origin: Origin, now: Instant) async throws -> Outcome {
        let client = origin.client
        let names = ["login:\(login.prefix(100))", "client:\(client)"]
        let found = try await db.read { tx -> (AccountCard?, String?, Int64) in
            let until: Int64 =
                try tx.value("SELECT COALESCE(MAX(blocked_until), 0) FROM sign_in_failure WHERE name IN \(list: names)")
                ?? 0
            return (
                try AccountStore.find(login: login, tx), try AccountStore.passwordHash(login: login, tx), until
            )
        }
        if found.2 > now.microseconds {
            throw AccessError.blocked(seconds: Int((found.2 - now.microseconds) / 1_000_000) + 1)
        }
        // An unknown name costs as much as a known one, so that time does not tell which names exist.
        let right = Passwords.verify(password, against: found.1 ?? Sessions.nobody)
        guard right, let account = found.0 else {
            try await db.write { tx in for name in names { try Sessions.noteFailure(name, now, tx) } }
            throw AccessError.wrongLogin
        }
        guard account.state == .active else { throw AccessError.closed }
        let token = Digest.hex(try Secret.bytes(32))
        return try await db.write { tx in
            try tx.run("DELETE FROM sign_in_failure WHERE name = \(names[0])")
            return try Sessions.proceed(token, account, origin, now, tx)
        }
    }

    /// Opens a session for somebody who is known by now, or asks for the code of their second factor.
    static func proceed(
        _ token: String, _ account: AccountCard, _ origin: Origin, _ now: Instant, _ tx: Tx
    ) throws -> Outcome {
        try tx.run("DELETE FROM session WHERE ends_at < \(now)")
        guard try SecondFactor.isOn(account.id, tx) else {
            return .open(token: token, actor: try Sessions.open(token, account, origin, now, tx))
        }
        try tx.run("DELETE FROM sign_in_ticket WHERE ends_at < \(now)")
        try tx.run(
            """
            INSERT INTO sign_in_ticket (token_hash, account, ends_at)
            VALUES (\(Sessions.hash(token)), \(account.id), \(now.adding(seconds: Sessions.ticketSeconds)))
            """)
        return .code(ticket: token)
    }

    /// Whose sign-in a ticket is, and what they may show; nil where it is over or unknown.
    public func owner(
        ofTicket ticket: String, now: Instant
    ) async throws -> (account: ID<Account>, factors: FactorState)? {
        try await db.read { tx in
            guard let account = try Sessions.account(ofTicket: ticket, now, tx) else { return nil }
            return (account.id, try SecondFactor.state(of: account.id, tx))
        }
    }

    /// Checks what is shown after the password, and opens the session.
    /// - Throws: ``AccessError/wrongCode`` also where the password was given too long ago,
    ///   ``AccessError/blocked(seconds:)``, ``AccessError/closed``, ``KeyError``.
    public func signIn(
        ticket: String, showing proof: SecondFactor.Proof, from origin: Origin, now: Instant
    ) async throws -> (token: String, actor: Actor) {
        let found = try await db.read { tx in try Sessions.account(ofTicket: ticket, now, tx) }
        guard let account = found else { throw AccessError.wrongCode }
        guard account.state == .active else { throw AccessError.closed }
        let token = Digest.hex(try Secret.bytes(32))
        let names = ["client:\(origin.client)"]
        return try await factor.proven(proof, of: account.id, holder: ticket, counting: names, at: now) { tx in
            let used = try tx.run("DELETE FROM sign_in_ticket WHERE token_hash = \(Sessions.hash(ticket))")
            guard used == 1 else { throw AccessError.wrongCode }
            return (token, try Sessions.open(token, account, origin, now, tx))
        }
    }

    private static func account(ofTicket ticket: String, _ now: Instant, _ tx: Tx) throws -> AccountCard? {
        try tx.first(
            """
            SELECT account.* FROM sign_in_ticket JOIN account ON account.id = sign_in_ticket.account
            WHERE token_hash = \(Sessions.hash(ticket)) AND ends_at > \(now)
            """, AccountCard.init(row:))
    }

    /// Does something that fails with a wrong code or key, so seldom that guessing leads nowhere.
    static func throttled<T: Sendable>(
        _ names: [String], _ db: Database, _ now: Instant, _ body: () async throws -> T
    ) async throws -> T {
        try await allow(names, db, now)
        do {
            let value = try await body()
            try await db.write { tx in try tx.run("DELETE FROM sign_in_failure WHERE name = \(names[0])") }
            return value
        } catch {
            guard isGuess(error) else { throw error }
            try await db.write { tx in for name in names { try noteFailure(name, now, tx) } }
            throw error
        }
    }

    private static func isGuess(_ error: any Error) -> Bool {
        if case AccessError.wrongCode = error { return true }
        return (error as? KeyError)?.isSuspicious ?? false
    }

    /// - Throws: ``AccessError/blocked(seconds:)`` while one of these names has failed too often.
    static func allow(_ names: [String], _ db: Database, _ now: Instant) async throws {
        let until: Int64 = try await db.read { tx in
            try tx.value("SELECT COALESCE(MAX(blocked_until), 0) FROM sign_in_failure WHERE name IN \(list: names)")
                ?? 0
        }
        guard until > now.microseconds else { return }
        throw AccessError.blocked(seconds: Int((until - now.microseconds) / 1_000_000) + 1)
    }

    private static func open(
        _ token: String, _ account: AccountCard, _ origin: Origin, _ now: Instant, _ tx: Tx
    ) throws -> Actor {
        try tx.run(
            """
            INSERT INTO session (token_hash, account, opened_at, seen_at, ends_at, client, agent)
            VALUES (\(hash(token)), \(account.id), \(now), \(now),
                \(now.adding(seconds: idleSeconds)), \(origin.client), \(origin.agent))
            """)
        let actor = try AccountStore.actor(account, tx)
        try Record.append(
            Event(
                room: "access", kind: "access.signed-in", subjectKind: "account", subject: account.id.text,
                actor: actor, at: now), tx)
        return actor
    }

    /// The actor of an account; roles that ask for a second factor rest where there is none.
    private func actor(_ account: AccountCard, _ tx: Tx) throws -> Actor {
        let actor = try AccountStore.actor(account, tx)
        guard !actor.roles.isDisjoint(with: required), try !SecondFactor.isOn(account.id, tx) else { return actor }
        return Actor(
            account: actor.account, person: actor.person, name: actor.name, roles: actor.roles.subtracting(required),
            memberships: actor.memberships, division: actor.division)
    }

    /// The actor of a session, or nil where it is unknown or over.
    public func actor(token: String, now: Instant) async throws -> Actor? {
        try await db.read { tx in
            let found = try tx.first(
                """
                SELECT account.* FROM session JOIN account ON account.id = session.account
                WHERE token_hash = \(Sessions.hash(token)) AND ends_at > \(now) AND state = 'active'
                """, AccountCard.init(row:))
            return try found.map { try actor($0, tx) }
        }
    }

    /// The actor of an account, as a session of it would have it; nil where it is closed or unknown.
    public func actor(of account: ID<Account>) async throws -> Actor? {
        try await db.read { tx in
            guard let found = try AccountStore.find(account, tx), found.state == .active else { return nil }
            return try actor(found, tx)
        }
    }

    public func signOut(token: String) async throws {
        try await db.write { tx in try tx.run("DELETE FROM session WHERE token_hash = \(Sessions.hash(token))") }
    }

    /// Makes an API token. Whoever calls this has asked for the password.
    /// - Parameters:
    ///   - proof: of the second factor that is on; nil where there is none.
    ///   - session: the token of the session in which it is asked for.
    /// - Returns: the token; it is shown once and kept only as a hash.
    /// - Throws: ``AccessError/wrongCode`` also where there is a factor that was not shown,
    ///   ``AccessError/blocked(seconds:)``, ``KeyError``.
    public func makeToken(
        for account: ID<Account>, label: String, scopes: [String], ends: Instant,
        showing proof: SecondFactor.Proof? = nil, session: String? = nil, now: Instant
    ) async throws -> String {
        let token = "kc_" + Digest.hex(try Secret.bytes(24))
        let words = scopes.joined(separator: " ")
        let keep: @Sendable (Tx) throws -> Void = { tx in
            try tx.run(
                """
                INSERT INTO api_token (token_hash, account, label, scopes, made_at, ends_at)
                VALUES (\(Sessions.hash(token)), \(account), \(label), \(words), \(now), \(ends))
                """)
        }
        if let proof {
            try await factor.proven(proof, of: account, holder: session ?? "", at: now, keep)
        } else {
            try await db.write { tx in
                guard try !SecondFactor.isOn(account, tx) else { throw AccessError.wrongCode }
                try keep(tx)
            }
        }
        return token
    }

    /// The tokens of an account that still hold, newest first.
    public func tokens(of account: ID<Account>, now: Instant) async throws -> [TokenCard] {
        try await db.read { tx in
            try tx.rows(
                """
                SELECT token_hash, label, made_at, ends_at FROM api_token
                WHERE account = \(account) AND ends_at > \(now) ORDER BY made_at DESC, token_hash LIMIT 100
                """
            ) { row in
                TokenCard(
                    id: try row["token_hash"], label: try row["label"], madeAt: try row["made_at"],
                    endsAt: try row["ends_at"])
            }
        }
    }

    /// Ends one of an account's own tokens.
    /// - Throws: ``AccessError/unknownToken`` where it has no such token.
    public func endToken(_ id: String, of account: ID<Account>) async throws {
        try await db.write { tx in
            let ended = try tx.run("DELETE FROM api_token WHERE token_hash = \(id) AND account = \(account)")
            guard ended == 1 else { throw AccessError.unknownToken }
        }
    }

    /// The actor and scopes of an API token.
    public func bearer(token: String, now: Instant) async throws -> (actor: Actor, scopes: Set<String>)? {
        try await db.read { tx in
            guard
                let row = try tx.first(
                    """
                    SELECT account.*, api_token.scopes FROM api_token JOIN account ON account.id = api_token.account
                    WHERE token_hash = \(Sessions.hash(token)) AND ends_at > \(now) AND state = 'active'
                    """)
            else { return nil }
            let scopes: String = try row["scopes"]
            return (
                try actor(AccountCard(row: row), tx), Set(scopes.split(separator: " ").map(String.init))
            )
        }
    }

    static func hash(_ token: String) -> String { Digest.hex(Digest.sha256(Array(token.utf8))) }

    /// A hash that no password matches, at the standard cost.
    private static let nobody = "scrypt$15$8$1$00000000000000000000000000000000$" + String(repeating: "00", count: 32)

    static func noteFailure(_ name: String, _ now: Instant, _ tx: Tx) throws {
        let window = now.adding(seconds: -900)
        let failures: Int =
            try tx.value(
                """
                INSERT INTO sign_in_failure (name, failures, first_at, blocked_until) VALUES (\(name), 1, \(now), 0)
                ON CONFLICT (name) DO UPDATE SET
                    failures = CASE WHEN sign_in_failure.first_at < \(window) THEN 1
                        ELSE sign_in_failure.failures + 1 END,
                    first_at = CASE WHEN sign_in_failure.first_at < \(window) THEN \(now)
                        ELSE sign_in_failure.first_at END
                RETURNING failures
                """) ?? 1
        // An address is shared by many people, so it may fail more often than one name.
        let free = name.hasPrefix("login:") || name.hasPrefix("code:") ? freeFailures : freeFailures * 10
        guard failures > free else { return }
        let seconds = min(900, 30 << min(5, failures - free - 1))
        try tx.run("UPDATE sign_in_failure SET blocked_until = \(now.adding(seconds: seconds)) WHERE name = \(name)")
    }
}
