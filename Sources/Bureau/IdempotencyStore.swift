import Kernel
import Portal
import Store

/// Keeps the answers to API attempts that carry a key, so that sending again does nothing twice.
enum IdempotencyStore {
    static let migrations = Migrations(
        room: "idempotency",
        steps: [
            Migration(
                id: "2026-11-24-idempotency-attempts",
                statements: [
                    """
                    CREATE TABLE api_attempt (
                        account TEXT NOT NULL, attempt_key TEXT NOT NULL, route TEXT NOT NULL, digest TEXT NOT NULL,
                        answer TEXT, started_at BIGINT NOT NULL, PRIMARY KEY (account, attempt_key)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX api_attempt_started ON api_attempt (started_at)",
                ]),
            Migration(
                id: "2026-11-26-idempotency-effects",
                statements: [
                    // Apart, and only ever added to, so that work does not get in the way of other work by it.
                    """
                    CREATE TABLE api_effect (
                        account TEXT NOT NULL, attempt_key TEXT NOT NULL, started_at BIGINT NOT NULL,
                        PRIMARY KEY (account, attempt_key)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX api_effect_started ON api_effect (started_at)",
                ]),
        ])

    /// Keys are remembered for a day. An attempt that died is free again after a minute, if it had no effect: that is
    /// noted in the transaction that has the effect.
    /// - Parameter vault: marks what was sent, so that nobody who has the database tries out on it what else was in it,
    ///   and seals what was answered, which may hold anything that its reader may see.
    static func keys(_ db: Database, vault: Vault) -> IdempotencyKeys {
        IdempotencyKeys(
            claim: { attempt in try await db.write { tx in try claim(attempt, vault, tx) } },
            keep: { attempt, kept in
                let text = try JSONValue(encoding: kept).canonicalText
                let answer = try SealedText(text, by: vault, at: attempt.now)
                try await db.write { tx in
                    _ = try tx.run(
                        """
                        UPDATE api_attempt SET answer = \(answer)
                        WHERE account = \(attempt.account) AND attempt_key = \(attempt.key)
                        """)
                }
            },
            note: { attempt, tx in _ = try note(attempt, tx) },
            release: { attempt, outcomeIsKnown in
                try await db.write { tx in
                    // A commit whose answer was lost may still be under way: to note the same waits for its end.
                    if !outcomeIsKnown, try note(attempt, tx) == 0 { return }
                    let mine: SQL = "account = \(attempt.account) AND attempt_key = \(attempt.key)"
                    try tx.run("DELETE FROM api_attempt WHERE \(mine)")
                    try tx.run("DELETE FROM api_effect WHERE \(mine)")
                }
            })
    }

    /// - Returns: 0 where the effect was noted before.
    private static func note(_ attempt: IdempotencyKeys.Attempt, _ tx: Tx) throws -> Int {
        try tx.run(
            """
            INSERT INTO api_effect (account, attempt_key, started_at)
            VALUES (\(attempt.account), \(attempt.key), \(attempt.now)) ON CONFLICT DO NOTHING
            """)
    }

    private static func claim(
        _ attempt: IdempotencyKeys.Attempt, _ vault: Vault, _ tx: Tx
    ) throws -> IdempotencyKeys.Claim {
        let mark = vault.mark("attempt \(attempt.digest)")
        // Processes of the version before compare the digest itself.
        let kept = vault.sealsContacts(at: attempt.now) ? mark : attempt.digest
        let mine: SQL = "account = \(attempt.account) AND attempt_key = \(attempt.key)"
        // Nearly every key is new: then nothing is read, and nobody is met.
        let isNew = try tx.run(
            """
            INSERT INTO api_attempt (account, attempt_key, route, digest, started_at)
            VALUES (\(attempt.account), \(attempt.key), \(attempt.route), \(kept), \(attempt.now))
            ON CONFLICT DO NOTHING
            """)
        guard isNew == 0, let known = try tx.first("SELECT * FROM api_attempt WHERE \(mine)") else { return .fresh }
        let digest: String = try known["digest"]
        guard try known["route"] == attempt.route, digest == mark || digest == attempt.digest else {
            return .different
        }
        if let answer: SealedText = try known["answer"] {
            do {
                return .answered(try JSONValue(parsing: try answer.text(vault)).decode())
            } catch AccessError.unreadableSecret {
                // Its key was taken out of the ring since.
                return .answerLost
            }
        }
        let hadEffect = try tx.first("SELECT 1 FROM api_effect WHERE \(mine)") != nil
        // A clock that was set back must not make an attempt run for ever.
        let begun: Instant = try known["started_at"]
        let age = attempt.now.microseconds - begun.microseconds
        guard age < 0 || age > (hadEffect ? 10_000_000 : 60_000_000) else { return .running }
        guard !hadEffect else { return .answerLost }
        try tx.run("UPDATE api_attempt SET started_at = \(attempt.now) WHERE \(mine)")
        return .fresh
    }

    /// Forgets the keys of more than a day ago.
    static func forget(before now: Instant, in db: Database) async throws {
        let day = now.adding(seconds: -86_400)
        try await db.write { tx in
            try tx.run("DELETE FROM api_attempt WHERE started_at < \(day)")
            try tx.run("DELETE FROM api_effect WHERE started_at < \(day)")
        }
    }
}
