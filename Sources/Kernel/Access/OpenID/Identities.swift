public import Store

/// An identity of a provider that opens an account.
public struct LinkedIdentity: Hashable, Sendable {
    public let id: ID<LinkedIdentity>
    public let issuer: String
    /// The provider's name for the person.
    public let subject: String
    public let linkedAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        issuer = try row["issuer"]
        subject = try row["subject"]
        linkedAt = try row["linked_at"]
    }
}

/// Which identity of which provider opens which account. An identity opens one account; an account may have several.
/// Nobody comes in because a provider says that they have somebody's mail address.
public struct Identities: Sendable {
    public static let migrations = Migrations(
        room: "identities",
        steps: [
            Migration(
                id: "2026-11-28-access-identities",
                statements: [
                    """
                    CREATE TABLE account_identity (
                        id TEXT PRIMARY KEY, issuer TEXT NOT NULL, subject TEXT NOT NULL,
                        account TEXT NOT NULL REFERENCES account (id), linked_at BIGINT NOT NULL,
                        CONSTRAINT account_identity_subject_key UNIQUE (issuer, subject)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX account_identity_account ON account_identity (account)",
                    // Errands that came back: none comes back twice.
                    """
                    CREATE TABLE identity_errand (state_hash TEXT PRIMARY KEY, ends_at BIGINT NOT NULL) \(SQL.strict)
                    """,
                    "CREATE INDEX identity_errand_ends ON identity_errand (ends_at)",
                ]),
            SignInTime.identities,
        ])

    let db: Database
    let ids: any IDSource

    public init(db: Database, ids: any IDSource) {
        self.db = db
        self.ids = ids
    }

    /// The identities of an account, oldest first.
    public static func list(of account: ID<Account>, _ tx: Tx) throws -> [LinkedIdentity] {
        try tx.rows(
            "SELECT * FROM account_identity WHERE account = \(account) ORDER BY linked_at, id LIMIT 100",
            LinkedIdentity.init(row:))
    }

    static func account(of identity: ProviderIdentity, _ tx: Tx) throws -> AccountCard? {
        try tx.first(
            """
            SELECT account.* FROM account_identity JOIN account ON account.id = account_identity.account
            WHERE issuer = \(identity.issuer) AND subject = \(identity.subject)
            """, AccountCard.init(row:))
    }

    /// Takes an errand that came back, once.
    /// - Throws: ``IdentityError/strayed`` where it came back before, to whichever process.
    public func take(_ errand: Errand, at now: Instant) async throws {
        try await db.write { tx in try Identities.take(errand.state, until: errand.endsAt, at: now, tx) }
    }

    private static func take(_ secret: String, until ends: Instant, at now: Instant, _ tx: Tx) throws {
        try tx.run("DELETE FROM identity_errand WHERE ends_at < \(now)")
        let taken = try tx.run(
            """
            INSERT INTO identity_errand (state_hash, ends_at) VALUES (\(Sessions.hash(secret)), \(ends))
            ON CONFLICT (state_hash) DO NOTHING
            """)
        guard taken == 1 else { throw IdentityError.strayed }
    }

    /// Links an identity to the actor's own account, whose password was just given. Nobody links for somebody else:
    /// whoever did could come in as them.
    /// - Throws: ``IdentityError/linkedElsewhere``, ``IdentityError/strayed`` where it was linked by this proof before.
    public func link(_ proven: ProvenIdentity, by actor: Actor, at now: Instant) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let id: ID<LinkedIdentity> = ids.make()
        let identity = proven.identity
        try await db.write { tx in
            try Identities.take(proven.mark, until: proven.endsAt, at: now, tx)
            guard try AccountStore.find(account, tx) != nil else { throw AccessError.unknownAccount }
            let added = try tx.run(
                """
                INSERT INTO account_identity (id, issuer, subject, account, linked_at)
                VALUES (\(id), \(identity.issuer), \(identity.subject), \(account), \(now))
                ON CONFLICT (issuer, subject) DO NOTHING
                """)
            guard added == 1 else {
                // Linked before: to this account, which changes nothing, or to another.
                guard try Identities.account(of: identity, tx)?.id == account else {
                    throw IdentityError.linkedElsewhere
                }
                return
            }
            try Identities.note("access.identity-linked", identity, account, actor, now, tx)
        }
    }

    /// Ends a link of the actor's own account, all sessions but this one, and the API tokens: another may have come in
    /// by it.
    /// - Parameter session: the token of the session that stays.
    /// - Throws: ``IdentityError/unknownLink``.
    public func unlink(
        _ id: ID<LinkedIdentity>, by actor: Actor, session: String?, at now: Instant
    ) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        try await remove(id, of: account, by: actor, keeping: session, at: now)
    }

    /// Ends a link of somebody else's account, and its sessions and API tokens with it; only an administrator. The
    /// owner is told.
    /// - Throws: ``IdentityError/unknownLink``, ``AccessError``.
    public func unlink(
        _ id: ID<LinkedIdentity>, of account: ID<Account>, by actor: Actor, at now: Instant
    ) async throws {
        try Policy.require(actor, .manageAccounts)
        guard actor.account != account else { throw AccessError.samePerson }
        try await remove(id, of: account, by: actor, keeping: nil, at: now)
    }

    private func remove(
        _ id: ID<LinkedIdentity>, of account: ID<Account>, by actor: Actor, keeping session: String?, at now: Instant
    ) async throws {
        try await db.write { tx in
            guard
                let link = try tx.first(
                    "SELECT * FROM account_identity WHERE id = \(id) AND account = \(account)",
                    LinkedIdentity.init(row:))
            else { throw IdentityError.unknownLink }
            try tx.run("DELETE FROM account_identity WHERE id = \(id)")
            try AccountStore.endAccess(of: account, keeping: session, tx)
            let identity = ProviderIdentity(issuer: link.issuer, subject: link.subject)
            try Identities.note("access.identity-unlinked", identity, account, actor, now, tx)
            guard actor.account != account else { return }
            try Messages.tell(
                account, Bilingual("管理员解除了您账号的身份关联", "An administrator unlinked an identity of your account"),
                Bilingual(
                    "该身份不能再登录您的账号，所有登录均已退出，接口令牌均已停用。请用密码登录；如需继续使用，请在「我的账号」中重新关联。",
                    "It no longer opens your account, you were signed out everywhere, and its API tokens ended. Sign "
                        + "in with your password; link it again on \u{201C}My account\u{201D} if you want to go on "
                        + "using it."),
                at: "/account", now: now, tx)
        }
    }

    /// The record names the identity by a hash alone: it can be told whether it is one that is known, and no more.
    static func note(
        _ kind: String, _ identity: ProviderIdentity, _ account: ID<Account>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        let mark = Digest.hex(Digest.sha256(Array("\(identity.issuer)\n\(identity.subject)".utf8)))
        try Record.append(
            Event(
                room: "access", kind: kind, subjectKind: "account", subject: account.text, actor: actor, at: now,
                content: ["issuer": .string(identity.issuer), "identity": .string(mark)]), tx)
    }
}

extension Sessions {
    /// Opens a session for whom a provider has confirmed, or asks for a code where the account has a second factor:
    /// what the provider did beyond that does not stand in for it.
    /// - Throws: ``IdentityError/unlinked(subject:)``, ``AccessError/closed``.
    public func signIn(_ identity: ProviderIdentity, from origin: Origin, now: Instant) async throws -> Outcome {
        let token = Digest.hex(try Secret.bytes(32))
        return try await db.write { tx in
            guard let account = try Identities.account(of: identity, tx) else {
                throw IdentityError.unlinked(subject: identity.subject)
            }
            guard account.state == .active else { throw AccessError.closed }
            let actor = try AccountStore.actor(account, tx)
            try Identities.note("access.identity-confirmed", identity, account.id, actor, now, tx)
            return try Sessions.proceed(token, account, origin, now, tx)
        }
    }

    /// - Throws: ``AccessError/blocked(seconds:)`` where too much failed from there.
    public func allow(_ origin: Origin, now: Instant) async throws {
        try await Sessions.allow(["client:\(origin.client)"], db, now)
    }

    /// Counts a failure, as a wrong password is counted.
    public func noteFailure(from origin: Origin, now: Instant) async throws {
        let name = "client:\(origin.client)"
        try await db.write { tx in try Sessions.noteFailure(name, now, tx) }
    }

    /// Checks the password of somebody who has signed in, as seldom as when signing in.
    /// - Throws: ``IdentityError/wrongPassword``, ``AccessError/blocked(seconds:)``.
    public func confirm(
        password: String, of account: ID<Account>, from origin: Origin, now: Instant
    ) async throws {
        let found = try await db.read { tx in
            (try AccountStore.find(account, tx), try AccountStore.passwordHash(of: account, tx))
        }
        guard let card = found.0, let hash = found.1 else { throw AccessError.unknownAccount }
        let names = ["login:\(card.login.prefix(100))", "client:\(origin.client)"]
        try await Sessions.allow(names, db, now)
        guard Passwords.verify(password, against: hash) else {
            try await db.write { tx in for name in names { try Sessions.noteFailure(name, now, tx) } }
            throw IdentityError.wrongPassword
        }
    }
}
