import Kernel
import Store
import StoreTestSupport
import Testing

@Suite("Mail about messages")
struct MailTests {
    @Test(
        "A mail is in the language of its account and says where to go on; the message in the house does not",
        arguments: TestStore.engines, Language.allCases)
    func wording(engine: Engine, language: Language) async throws {
        let db = try await TestStore.open(engine, [AccountStore.migrations, Messages.migrations])
        let now = Instant(microseconds: 1_772_000_000_000_000)
        let reader: ID<Account> = ID("reader")
        let silent: ID<Account> = ID("silent")
        let title = Bilingual("已受理", "Accepted")
        let body = Bilingual("现处于「审查」。", "It is now at 'Check'.")
        try await db.write { tx in
            for (id, mail) in [(reader, "reader@example.org"), (silent, "")] {
                try AccountStore.insert(
                    AccountCard(
                        id: id, login: id.text, name: id.text, mail: mail, roles: [], language: language),
                    passwordHash: "", at: now, tx)
                try Messages.tell(id, title, body, at: "/cases/one", now: now, tx)
            }
        }
        let (mails, messages) = try await db.read { tx in
            let mails = try tx.rows("SELECT recipient, subject, body FROM mail_outbox") { row in
                [try row["recipient"] as String, try row["subject"] as String, try row["body"] as String]
            }
            return (mails, try Messages.list(reader, before: nil, limit: 10, tx))
        }
        let words = language == .chinese ? "请登录系统查看和办理。" : "Sign in to see it."
        #expect(mails == [["reader@example.org", title[language], "\(body[language])\n\n\(words)"]])
        #expect(messages.map(\.body) == [body])
    }
}
