public import Store

/// A message to an account, in the house and, where the account has an address, by mail.
public struct Message: Codable, Hashable, Sendable {
    public let id: String
    public let account: ID<Account>
    public let title: Bilingual
    public let body: Bilingual
    /// The page to open.
    public let address: String
    public let at: Instant
    public let readAt: Instant?

    init(row: Row) throws {
        id = try row["id"]
        account = try row["account"]
        title = Bilingual(try row["title_zh"], try row["title_en"])
        body = Bilingual(try row["body_zh"], try row["body_en"])
        address = try row["address"]
        at = try row["at"]
        readAt = try row["read_at"]
    }
}

/// A mail that waits to be sent.
public struct Mail: Codable, Hashable, Sendable {
    public let id: String
    public let to: String
    public let subject: String
    public let body: String
    public let tries: Int

    init(row: Row) throws {
        id = try row["id"]
        to = try row["recipient"]
        subject = try row["subject"]
        body = try row["body"]
        tries = try row["tries"]
    }
}

/// Messages are written with the event that they tell of; mail waits in an outbox until it is really sent.
public enum Messages {
    public static let migrations = Migrations(
        room: "messages",
        steps: [
            Migration(
                id: "2026-11-24-messages-inbox",
                statements: [
                    """
                    CREATE TABLE message (
                        id TEXT PRIMARY KEY, account TEXT NOT NULL, title_zh TEXT NOT NULL, title_en TEXT NOT NULL,
                        body_zh TEXT NOT NULL, body_en TEXT NOT NULL, address TEXT NOT NULL, at BIGINT NOT NULL,
                        read_at BIGINT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX message_account ON message (account, id)",
                    """
                    CREATE TABLE mail_outbox (
                        id TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
                        state TEXT NOT NULL, tries BIGINT NOT NULL, next_at BIGINT NOT NULL, failure TEXT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX mail_outbox_next ON mail_outbox (state, next_at, id)",
                ]),
            Migration(
                id: "2026-11-28-messages-by-time",
                statements: [
                    "DROP INDEX message_account",
                    "CREATE INDEX message_account ON message (account, at, id)",
                ]),
        ])

    /// What only a mail says: whoever reads the message in the house is there already.
    private static let mailed = Bilingual("请登录系统查看和办理。", "Sign in to see it.")

    /// Tells an account something, in its language by mail.
    public static func tell(
        _ account: ID<Account>, _ title: Bilingual, _ body: Bilingual, at address: String, now: Instant, _ tx: Tx
    ) throws {
        guard let card = try AccountStore.find(account, tx) else { return }
        let id = UUIDv7.make(at: now)
        try tx.run(
            """
            INSERT INTO message (id, account, title_zh, title_en, body_zh, body_en, address, at)
            VALUES (\(id), \(account), \(title.zh), \(title.en), \(body.zh), \(body.en), \(address), \(now))
            """)
        guard !card.mail.isEmpty else { return }
        let text = "\(body[card.language])\n\n\(mailed[card.language])"
        try tx.run(
            """
            INSERT INTO mail_outbox (id, recipient, subject, body, state, tries, next_at)
            VALUES (\(id), \(card.mail), \(title[card.language]), \(text), 'waiting', 0, \(now))
            """)
    }

    /// Messages of an account, newest first, before one of them.
    public static func list(_ account: ID<Account>, before: String?, limit: Int, _ tx: Tx) throws -> [Message] {
        let edge: SQL =
            before.map { "(at, id) < (SELECT at, id FROM message WHERE account = \(account) AND id = \($0))" }
            ?? "1 = 1"
        return try tx.rows(
            "SELECT * FROM message WHERE account = \(account) AND \(edge) ORDER BY at DESC, id DESC LIMIT \(limit)",
            Message.init(row:))
    }

    public static func unread(_ account: ID<Account>, _ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM message WHERE account = \(account) AND read_at IS NULL") ?? 0
    }

    public static func markRead(_ account: ID<Account>, at now: Instant, _ tx: Tx) throws {
        try tx.run("UPDATE message SET read_at = \(now) WHERE account = \(account) AND read_at IS NULL")
    }

    /// Seconds for which a mail belongs to the process that is sending it; if that dies, another one takes it then.
    private static let claim = 300

    /// Sends what waits; a failure is tried again later, after ever longer times, ten times. Of several processes one
    /// takes each mail.
    /// - Returns: how many were sent.
    public static func deliver(
        from db: Database, now: Instant, limit: Int = 50, send: (Mail) async throws -> Void
    ) async throws -> Int {
        let waiting = try await db.read { tx in
            try tx.rows(
                """
                SELECT * FROM mail_outbox WHERE state = 'waiting' AND next_at <= \(now) ORDER BY next_at, id
                LIMIT \(limit)
                """, Mail.init(row:))
        }
        var sent = 0
        for mail in waiting {
            let isOurs = try await db.write { tx in
                try tx.run(
                    """
                    UPDATE mail_outbox SET next_at = \(now.adding(seconds: claim))
                    WHERE id = \(mail.id) AND state = 'waiting' AND next_at <= \(now)
                    """) == 1
            }
            guard isOurs else { continue }
            do {
                try await send(mail)
                sent += 1
                try await db.write { tx in
                    try tx.run("UPDATE mail_outbox SET state = 'sent' WHERE id = \(mail.id)")
                }
            } catch {
                let failure = "\(error)"
                let state = mail.tries >= 9 ? "failed" : "waiting"
                let next = now.adding(seconds: 30 << min(10, mail.tries))
                try await db.write { tx in
                    try tx.run(
                        """
                        UPDATE mail_outbox SET state = \(state), tries = \(mail.tries + 1), next_at = \(next),
                            failure = \(failure)
                        WHERE id = \(mail.id)
                        """)
                }
            }
        }
        return sent
    }
}
