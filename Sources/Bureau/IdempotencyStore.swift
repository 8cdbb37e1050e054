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
                id: "2026-11-26-idempotency-effect",
                statements: ["ALTER TABLE api_attempt ADD COLUMN took_effect_at BIGINT"]),
        ])

    /// Keys are remembered for a day. An attempt that died is free again after a minute, if it had no effect: that is
    /// noted in the transaction that has the effect.
    static func keys(_ db: Database) -> IdempotencyKeys {
        IdempotencyKeys(
            claim: { attempt in
                try await db.write { tx in
                    try tx.run("DELETE FROM api_attempt WHERE started_at < \(attempt.now.adding(seconds: -86_400))")
                    let known = try tx.first(
                        """
                        SELECT route, digest, answer, took_effect_at, started_at FROM api_attempt
                        WHERE account = \(attempt.account) AND attempt_key = \(attempt.key)
                        """
                    ) { row in
                        (
                            route: try row["route"] as String, digest: try row["digest"] as String,
                            answer: try row["answer"] as String?,
                            effectAt: try row["took_effect_at"] as Instant?, at: try row["started_at"] as Instant
                        )
                    }
                    if let known {
                        guard known.route == attempt.route, known.digest == attempt.digest else { return .different }
                        if let answer = known.answer { return .answered(try JSONValue(parsing: answer).decode()) }
                        // A clock that was set back must not make an attempt run for ever.
                        let age = attempt.now.microseconds - known.at.microseconds
                        let longest: Int64 = known.effectAt == nil ? 60_000_000 : 10_000_000
                        guard age < 0 || age > longest else { return .running }
                        guard known.effectAt == nil else { return .answerLost }
                        try tx.run(
                            """
                            DELETE FROM api_attempt WHERE account = \(attempt.account) AND attempt_key = \(attempt.key)
                            """)
                    }
                    try tx.run(
                        """
                        INSERT INTO api_attempt (account, attempt_key, route, digest, started_at)
                        VALUES (\(attempt.account), \(attempt.key), \(attempt.route), \(attempt.digest), \(attempt.now))
                        """)
                    return .fresh
                }
            },
            keep: { attempt, kept in
                let answer = try JSONValue(encoding: kept)
                try await db.write { tx in
                    _ = try tx.run(
                        """
                        UPDATE api_attempt SET answer = \(answer)
                        WHERE account = \(attempt.account) AND attempt_key = \(attempt.key)
                        """)
                }
            },
            note: { attempt, tx in
                try tx.run(
                    """
                    UPDATE api_attempt SET took_effect_at = \(attempt.now)
                    WHERE account = \(attempt.account) AND attempt_key = \(attempt.key) AND took_effect_at IS NULL
                    """)
            },
            release: { attempt, outcomeIsKnown in
                try await db.write { tx in
                    let doubt: SQL = outcomeIsKnown ? "" : "AND took_effect_at IS NULL"
                    _ = try tx.run(
                        """
                        DELETE FROM api_attempt
                        WHERE account = \(attempt.account) AND attempt_key = \(attempt.key) \(doubt)
                        """)
                }
            })
    }
}
