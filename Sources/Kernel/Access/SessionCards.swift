import Store

/// A session as its owner sees it.
public struct SessionCard: Hashable, Sendable {
    /// The hash of its token, by which it is ended.
    public let id: String
    public let openedAt: Instant
    public let endsAt: Instant
    /// The network address that signed in.
    public let client: String
    /// What the browser said of itself.
    public let agent: String
}

extension Sessions {
    /// The sessions of an account that still run, newest first.
    public func list(of account: ID<Account>, now: Instant) async throws -> [SessionCard] {
        try await db.read { tx in
            try tx.rows(
                """
                SELECT * FROM session WHERE account = \(account) AND ends_at > \(now)
                ORDER BY opened_at DESC, token_hash LIMIT 100
                """
            ) { row in
                SessionCard(
                    id: try row["token_hash"], openedAt: try row["opened_at"], endsAt: try row["ends_at"],
                    client: try row["client"], agent: try row["agent"])
            }
        }
    }

    /// The identity under which a token's session stands in the list.
    public static func id(of token: String) -> String { hash(token) }

    /// Ends one of an account's own sessions.
    /// - Throws: ``AccessError/unknownToken`` where it has no such session.
    public func end(_ id: String, by actor: Actor, now: Instant) async throws {
        guard let account = actor.account else { throw AccessError.unknownAccount }
        try await db.write { tx in
            let ended = try tx.run("DELETE FROM session WHERE token_hash = \(id) AND account = \(account)")
            guard ended == 1 else { throw AccessError.unknownToken }
            try Record.append(
                Event(
                    room: "access", kind: "access.session-ended", subjectKind: "account", subject: account.text,
                    actor: actor, at: now), tx)
        }
    }
}
