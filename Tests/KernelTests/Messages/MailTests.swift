import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Mail about messages")
struct MailTests {
    private static let now = Instant(microseconds: 1_772_000_000_000_000)
    private let vault = Vault(key: [UInt8](repeating: 5, count: 32))
    private let title = Bilingual("已受理", "Accepted")
    private let body = Bilingual("现处于「审查」。", "It is now at 'Check'.")

    /// A database in which an account with an address and one without were told something.
    private func told(_ engine: Engine, language: Language = .english) async throws -> Database {
        let db = try await TestStore.open(engine, [AccountStore.migrations, Messages.migrations])
        let (vault, title, body) = (vault, title, body)
        try await db.write { tx in
            for (login, mail) in [("reader", "reader@example.org"), ("silent", "")] {
                try AccountStore.insert(
                    AccountCard(
                        id: ID(login), login: login, name: login, mail: try SealedText(mail, by: vault), roles: [],
                        language: language), passwordHash: "", at: MailTests.now, tx)
                try Messages.tell(ID(login), title, body, at: "/cases/one", now: MailTests.now, tx)
            }
        }
        return db
    }

    private func outbox(_ db: Database) async throws -> [(recipient: SealedText, state: String, failure: String?)] {
        try await db.read { tx in
            try tx.rows("SELECT recipient, state, failure FROM mail_outbox ORDER BY id") {
                (recipient: try $0["recipient"], state: try $0["state"], failure: try $0["failure"])
            }
        }
    }

    @Test(
        "A mail is in the language of its account and says where to go on; the message in the house does not",
        arguments: TestStore.engines, Language.allCases)
    func wording(engine: Engine, language: Language) async throws {
        let db = try await told(engine, language: language)
        let vault = vault
        let (mails, messages) = try await db.read { tx in
            let mails = try tx.rows("SELECT recipient, subject, body FROM mail_outbox") { row in
                [
                    try (try row["recipient"] as SealedText).text(vault), try row["subject"] as String,
                    try row["body"] as String,
                ]
            }
            return (mails, try Messages.list(ID("reader"), before: nil, limit: 10, tx))
        }
        let words = language == .chinese ? "请登录系统查看和办理。" : "Sign in to see it."
        #expect(mails == [["reader@example.org", title[language], "\(body[language])\n\n\(words)"]])
        #expect(messages.map(\.body) == [body])
    }

    @Test(
        "A mail is sent to the address that was sealed, and the address is forgotten once it is sent",
        arguments: TestStore.engines)
    func delivery(engine: Engine) async throws {
        let db = try await told(engine)
        let waiting = try await outbox(db)
        #expect(waiting.count == 1 && waiting[0].recipient.stored.hasPrefix("sealed:"))
        var sent: [Mail] = []
        let first = try await Messages.deliver(from: db, vault: vault, now: Self.now) { sent.append($0) }
        #expect(first == 1 && sent.map(\.to) == ["reader@example.org"] && sent.map(\.subject) == ["Accepted"])
        let after = try await outbox(db)
        #expect(after.map(\.state) == ["sent"] && after[0].recipient.isEmpty)
        let second = try await Messages.deliver(from: db, vault: vault, now: Self.now) { sent.append($0) }
        #expect(second == 0 && sent.count == 1)
    }

    @Test(
        "What fails keeps its sealed address and is tried again; of what the server said its number is kept alone",
        arguments: TestStore.engines)
    func failure(engine: Engine) async throws {
        let db = try await told(engine)
        let none = try await Messages.deliver(from: db, vault: vault, now: Self.now) { mail in
            // Servers write the domain as they like, and a long answer is cut off.
            throw MailError(code: 55, words: "RCPT failed: 550 <\(mail.to.uppercased())>, <\(mail.to.prefix(9))")
        }
        let kept = try await outbox(db)
        #expect(none == 0 && kept[0].state == "waiting" && kept[0].failure == "code 55 reply 550")
        #expect(try kept[0].recipient.text(vault) == "reader@example.org")
        // Another key ring cannot send it, and does not lose it either.
        let stranger = Vault(key: [UInt8](repeating: 6, count: 32))
        let later = Self.now.adding(seconds: 86_400)
        let unread = try await Messages.deliver(from: db, vault: stranger, now: later) { _ in }
        let after = try await outbox(db)
        #expect(unread == 0 && after.map(\.state) == ["waiting"])
        #expect(after.map(\.failure) == ["code access.unreadable-secret"])
        let next = later.adding(seconds: 86_400)
        let sent = try await Messages.deliver(from: db, vault: vault, now: next) { _ in }
        #expect(sent == 1)
        #expect(try await outbox(db).map(\.failure) == [nil])
    }

    @Test(
        "A mail that failed ten times keeps no address, nor does one that an earlier version gave up",
        arguments: TestStore.engines)
    func givenUp(engine: Engine) async throws {
        let db = try await told(engine)
        var (now, tries) = (Self.now, 0)
        while tries < 20 {
            let kept = try await outbox(db)
            guard kept[0].state == "waiting" else { break }
            #expect(try kept[0].recipient.text(vault) == "reader@example.org", "try \(tries)")
            _ = try await Messages.deliver(from: db, vault: vault, now: now) { _ in
                throw MailError(code: 55, words: "RCPT failed: 550")
            }
            tries += 1
            now = now.adding(seconds: 86_400)
        }
        #expect(tries == 10)
        let last = try await outbox(db)
        #expect(last.map(\.state) == ["failed"] && last[0].recipient.isEmpty)
        #expect(last[0].failure == "code 55 reply 550")

        try await db.write { tx in try tx.run("UPDATE mail_outbox SET recipient = 'reader@example.org'") }
        #expect(try await Messages.forget(in: db, limit: 10) == 1)
        let after = try await outbox(db)
        #expect(after[0].recipient.isEmpty && after[0].failure == "code 55 reply 550")
        #expect(try await Messages.forget(in: db, limit: 10) == 0)
    }

    @Test("Of a failure the code is kept, and the server's number where it says one")
    func codes() {
        for (words, reply) in [
            ("Couldn't resolve host 'mail'", nil), ("RCPT failed: 550", 550), ("451 4.3.0 try later", 451),
            ("220 hello 5551234 55", nil), ("", nil),
        ] as [(String, Int?)] {
            #expect(MailError(code: 6, words: words).reply == reply, "\(words)")
        }
    }

    @Test(
        "A mail whose address was erased is tried no more and waits no more, also before its next time",
        arguments: TestStore.engines)
    func erased(engine: Engine) async throws {
        let db = try await told(engine)
        let (title, body, later) = (title, body, Self.now.adding(seconds: 3_600))
        try await db.write { tx in
            try tx.run("UPDATE mail_outbox SET recipient = '', next_at = \(later), tries = 1")
            try Messages.tell(ID("reader"), title, body, at: "/cases/two", now: MailTests.now, tx)
        }
        var sent: [String] = []
        let count = try await Messages.deliver(from: db, vault: vault, now: Self.now) { sent.append($0.to) }
        #expect(count == 1 && sent == ["reader@example.org"])
        let rows = try await db.read { tx in
            try tx.rows("SELECT state, tries FROM mail_outbox ORDER BY tries") {
                try "\($0["state"] as String) \($0["tries"] as Int)"
            }
        }
        #expect(rows == ["sent 0", "failed 1"])
    }

    @Test("An address that an earlier version queued in the clear is sent all the same", arguments: TestStore.engines)
    func earlier(engine: Engine) async throws {
        let db = try await told(engine)
        try await db.write { tx in try tx.run("UPDATE mail_outbox SET recipient = 'old@example.org'") }
        var sent: [String] = []
        let count = try await Messages.deliver(from: db, vault: vault, now: Self.now) { sent.append($0.to) }
        #expect(count == 1 && sent == ["old@example.org"])
    }

    @Test("A text that was sealed twice is never the same, an empty one stays empty, and a spoiled one is told")
    func texts() throws {
        let (one, two) = (try SealedText("a@example.cn", by: vault), try SealedText("a@example.cn", by: vault))
        #expect(one != two && !one.stored.contains("example"))
        #expect(try [one.text(vault), two.text(vault)] == ["a@example.cn", "a@example.cn"])
        #expect(try SealedText("", by: vault) == .empty)
        #expect(try SealedText.empty.text(vault) == "")
        #expect(try SealedText(stored: "a@example.cn").text(vault) == "a@example.cn")
        #expect(try SealedText(stored: "sealed:00@example.cn").text(vault) == "sealed:00@example.cn")
        // Whoever is called so in the clear is sealed like everybody.
        #expect(try SealedText("sealed:00", by: vault).text(vault) == "sealed:00")
        for spoiled in ["sealed:xyz", "sealed:", "sealed:00ff", String(one.stored.dropLast(2))] {
            #expect(throws: AccessError.unreadableSecret) { try SealedText(stored: spoiled).text(vault) }
        }
    }
}
