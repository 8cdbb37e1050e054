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

/// A mail as it is sent.
public struct Mail: Hashable, Sendable {
    public let id: String
    public let to: String
    public let subject: String
    public let body: String
}

/// A mail that waits to be sent, its address sealed.
private struct WaitingMail: Sendable {
    let id: String
    let recipient: SealedText
    let subject: String
    let body: String
    let tries: Int

    init(row: Row) throws {
        id = try row["id"]
        recipient = try row["recipient"]
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

    /// The addresses of mails that are not sent, as their accounts had them sealed; a mail has the identity of its
    /// message.
    public static let sealed = SealedColumn(
        table: "mail_outbox", column: "recipient", storage: .text, kind: .contact,
        owner: "(SELECT m.account FROM message m WHERE m.id = mail_outbox.id)")

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
    /// takes each mail. Once a mail is sent or given up its address is forgotten.
    /// - Parameter vault: opens the addresses.
    /// - Returns: how many were sent.
    public static func deliver(
        from db: Database, vault: Vault, now: Instant, limit: Int = 50, send: (Mail) async throws -> Void
    ) async throws -> Int {
        let waiting = try await db.read { tx in
            try tx.rows(
                """
                SELECT * FROM mail_outbox WHERE state = 'waiting' AND (next_at <= \(now) OR recipient = '')
                ORDER BY next_at, id LIMIT \(limit)
                """, WaitingMail.init(row:))
        }
        let erased = waiting.filter(\.recipient.isEmpty).map(\.id)
        if !erased.isEmpty { try await settle(erased, in: db) }
        var sent = 0
        for item in waiting where !item.recipient.isEmpty {
            let isOurs = try await db.write { tx in
                try tx.run(
                    """
                    UPDATE mail_outbox SET next_at = \(now.adding(seconds: claim))
                    WHERE id = \(item.id) AND state = 'waiting' AND next_at <= \(now)
                    """) == 1
            }
            guard isOurs else { continue }
            do {
                let address = try item.recipient.text(vault)
                try await send(Mail(id: item.id, to: address, subject: item.subject, body: item.body))
                sent += 1
                try await db.write { tx in
                    try tx.run(
                        """
                        UPDATE mail_outbox SET state = 'sent', recipient = '', failure = NULL WHERE id = \(item.id)
                        """)
                }
            } catch {
                try await note(code(of: error), of: item, now, in: db)
            }
        }
        return sent
    }

    /// Before what is kept of a failure; an earlier version kept the server's words instead.
    private static let coded = "code "

    /// What is kept of a failure: numbers and names of the house's own, since a server may repeat the address in its
    /// words, whole, cut off or written otherwise.
    private static func code(of error: any Error) -> String {
        if let error = error as? MailError {
            return coded + (error.reply.map { "\(error.code) reply \($0)" } ?? "\(error.code)")
        }
        return coded + ((error as? any Problem)?.code ?? "\(type(of: error))")
    }

    /// Ends the waiting of mails whose address was erased.
    private static func settle(_ mails: [String], in db: Database) async throws {
        let failure = "\(coded)erased"
        try await db.write { tx in
            try tx.run(
                """
                UPDATE mail_outbox SET state = 'failed', failure = \(failure)
                WHERE id IN \(list: mails) AND state = 'waiting' AND recipient = ''
                """)
        }
    }

    private static func note(
        _ failure: String, of mail: WaitingMail, _ now: Instant, in db: Database
    ) async throws {
        let isLast = mail.tries >= 9
        let state = isLast ? "failed" : "waiting"
        // Nobody tries it again, so nobody needs its address.
        let recipient: SQL = isLast ? "''" : "recipient"
        let next = now.adding(seconds: 30 << min(10, mail.tries))
        try await db.write { tx in
            try tx.run(
                """
                UPDATE mail_outbox SET state = \(state), tries = \(mail.tries + 1), next_at = \(next),
                    failure = \(failure), recipient = \(recipient)
                WHERE id = \(mail.id)
                """)
        }
    }

    /// Forgets, of some mails, the addresses to which an earlier version sent them, or sent them in vain, and what
    /// servers told it.
    /// - Parameter limit: rows of one transaction.
    /// - Returns: of how many; fewer than the limit once nothing is left.
    static func forget(in db: Database, limit: Int) async throws -> Int {
        let known = "\(coded)%"
        return try await db.write { tx in
            try tx.run(
                """
                UPDATE mail_outbox SET failure = CASE WHEN failure LIKE \(known) THEN failure END,
                    recipient = CASE WHEN state = 'waiting' THEN recipient ELSE '' END
                WHERE id IN (
                    SELECT id FROM mail_outbox
                    WHERE (state <> 'waiting' AND recipient <> '') OR failure NOT LIKE \(known)
                    ORDER BY id LIMIT \(limit))
                """)
        }
    }
}
