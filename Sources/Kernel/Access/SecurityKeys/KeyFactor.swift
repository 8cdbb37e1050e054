public import Store

/// What an account has of second factors.
public struct FactorState: Hashable, Sendable {
    /// Whether codes of an authenticator are accepted.
    public let hasCodes: Bool
    /// Recovery codes that are left.
    public let codesLeft: Int
    /// Oldest first.
    public let keys: [SecurityKey]

    /// Whether the account signs in with a second factor.
    public var isOn: Bool { hasCodes || !keys.isEmpty }
}

/// Security keys as a second factor.
extension SecondFactor {
    /// Reads it in three queries.
    public static func state(of account: ID<Account>, _ tx: Tx) throws -> FactorState {
        FactorState(
            hasCodes: try hasCodes(account, tx), codesLeft: try codesLeft(account, tx),
            keys: try SecurityKey.list(of: account, tx))
    }

    /// Whether browsers ask keys at the address of the house at all.
    public var takesKeys: Bool { party != nil }

    /// Asks for a new key. Whoever calls this has asked for the password.
    /// - Parameters:
    ///   - name: as ``SecurityKey/name(_:)`` gives it.
    ///   - proof: of the second factor that is on; nil where there is none.
    ///   - session: the token of the session in which it must come back.
    ///   - house: what the browser calls the house.
    /// - Throws: ``KeyError/tooMany``, ``KeyError/unavailable``, and as ``agree(_:of:session:at:)``.
    public func question(
        adding name: String, to account: ID<Account>, showing proof: Proof?, session: String?, house: String,
        at now: Instant
    ) async throws -> KeyQuestion {
        guard let party else { throw KeyError.unavailable }
        let (found, keys) = try await db.read { tx in
            (try AccountStore.find(account, tx), try SecurityKey.list(of: account, tx))
        }
        guard let card = found else { throw AccessError.unknownAccount }
        guard keys.count < SecurityKey.most else { throw KeyError.tooMany }
        try await agree(proof, of: account, session: session, at: now)
        let challenge = try KeyChallenge(.add, for: account, holder: session ?? "", name: name, at: now)
        return try KeyQuestion(challenge, newFor: card, beside: keys, at: party, house: house, by: vault)
    }

    /// Asks one of an account's keys; nil where there is none to ask.
    /// - Parameter holder: the token of the session, or of the sign-in, in which the answer must come back.
    public func question(
        of keys: [SecurityKey], for account: ID<Account>, holder: String, at now: Instant
    ) throws -> KeyQuestion? {
        let accepted = keys.filter { $0.refusedAt == nil }
        guard let party, !accepted.isEmpty else { return nil }
        let challenge = try KeyChallenge(.prove, for: account, holder: holder, at: now)
        return try KeyQuestion(challenge, of: accepted, at: party, by: vault)
    }

    /// Gives the account the key that answered. All other sessions of the account end, and its API tokens.
    /// - Parameters:
    ///   - answer: what the script of the page wrote down.
    ///   - question: ``KeyQuestion/sealed``.
    /// - Returns: recovery codes where there was no second factor before; they are shown once and kept only as hashes.
    /// - Throws: ``KeyError``.
    public func add(
        _ answer: String, to question: String, as id: ID<SecurityKey>, by actor: Actor, session: String?,
        at now: Instant
    ) async throws -> [String] {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        guard let party else { throw KeyError.unavailable }
        let challenge = try KeyChallenge(
            opening: question, .add, for: account, holder: session ?? "", by: vault, at: now)
        try await take(challenge, at: now)
        let key: SecurityKey
        do {
            key = SecurityKey(
                try NewKey(answer, to: challenge, at: party), as: id, name: challenge.name, at: now)
        } catch { throw KeyError.fault(error) }
        let codes = try SecondFactor.newRecoveryCodes()
        let factor = self
        return try await db.write { tx in
            let known: Int = try tx.value("SELECT COUNT(*) FROM account_key WHERE account = \(account)") ?? 0
            guard known < SecurityKey.most else { throw KeyError.tooMany }
            let isFirst = try !SecondFactor.isOn(account, tx)
            try key.insert(for: account, tx)
            try factor.settle(account, at: now, tx)
            try SecondFactor.noteKey("access.key-added", id, account, actor, now, tx)
            try AccountStore.endAccess(of: account, keeping: session, tx)
            return try isFirst ? SecondFactor.keep(codes, of: account, tx) : []
        }
    }

    /// Takes a key off the account, which takes a code or a key.
    /// - Parameter session: the token of the session that asked.
    /// - Throws: ``KeyError``, ``AccessError/wrongCode``, ``AccessError/blocked(seconds:)``.
    public func remove(
        _ id: ID<SecurityKey>, showing proof: Proof, by actor: Actor, session: String?, at now: Instant
    ) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        let factor = self
        try await proven(proof, of: account, holder: session ?? "", at: now) { tx in
            let removed = try tx.run("DELETE FROM account_key WHERE id = \(id) AND account = \(account)")
            guard removed == 1 else { throw KeyError.unknownKey }
            try SecondFactor.noteKey("access.key-removed", id, account, actor, now, tx)
            try factor.settle(account, at: now, tx)
        }
    }

    /// Takes a question that came back, once.
    /// - Throws: ``KeyError/strayed`` where it came back before, to whichever process.
    func take(_ challenge: KeyChallenge, at now: Instant) async throws {
        try await db.write { tx in
            try tx.run("DELETE FROM key_challenge WHERE ends_at < \(now)")
            let taken = try tx.run(
                """
                INSERT INTO key_challenge (hash, ends_at) VALUES (\(challenge.hash), \(challenge.endsAt))
                ON CONFLICT (hash) DO NOTHING
                """)
            guard taken == 1 else { throw KeyError.strayed }
        }
    }

    /// Checks what a key answered, and counts on.
    /// - Returns: false where all is right but the counter, which went back: the key is refused from now on.
    func accepts(
        _ answer: KeyAnswer, to challenge: KeyChallenge, of account: ID<Account>, at now: Instant, _ tx: Tx
    ) throws -> Bool {
        guard let party else { throw KeyError.unavailable }
        guard let key = try SecurityKey.find(credential: answer.credential, of: account, tx) else {
            throw KeyError.fault(.unknown)
        }
        guard key.refusedAt == nil else { throw KeyError.fault(.counter) }
        let counter: Int64
        do {
            counter = try answer.counter(of: key, to: challenge, at: party)
        } catch {
            guard error == .counter else { throw KeyError.fault(error) }
            try tx.run("UPDATE account_key SET refused_at = \(now) WHERE id = \(key.id)")
            let owner = try AccountStore.find(account, tx).map { try AccountStore.actor($0, tx) }
            try SecondFactor.noteKey("access.key-refused", key.id, account, owner ?? .system, now, tx)
            return false
        }
        try tx.run("UPDATE account_key SET counter = \(counter), used_at = \(now) WHERE id = \(key.id)")
        return true
    }

    /// The record names a key by its number alone: what people call it may say who they are.
    private static func noteKey(
        _ kind: String, _ key: ID<SecurityKey>, _ account: ID<Account>, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "access", kind: kind, subjectKind: "account", subject: account.text, actor: actor, at: now,
                content: ["key": .string(key.text)]), tx)
    }
}
