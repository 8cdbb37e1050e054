import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Kernel

@Suite("Sealing mail addresses and telephones")
struct SealingTests {
    /// How often something was asked.
    private final class Count: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }

    static func text(_ words: String) -> JSONValue { ["zh": .string(words), "en": .string(words)] }

    static func field(_ name: String, _ kind: String, personal: Bool = false) -> JSONValue {
        ["name": .string(name), "label": text(name), "kind": .string(kind), "personal": .bool(personal)]
    }

    /// A form with a telephone, a table with a column of mail addresses, something personal and something that is not.
    static func form() throws -> Form {
        let people: JSONValue = [
            "name": "people", "label": text("people"), "kind": "table",
            "columns": [field("name", "text"), field("mail", "mail")],
        ]
        let section: JSONValue = [
            "name": "one", "title": text("One"),
            "fields": [
                field("telephone", "telephone"), field("birth", "day", personal: true), field("post", "text"), people,
            ],
        ]
        let form: JSONValue = ["sections": [section]]
        return try form.decode(Form.self)
    }

    /// A procedure of which lists showed the telephone.
    static func definition() throws -> ProcedureDefinition {
        let step: JSONValue = ["id": "done", "title": text("Done"), "final": true]
        let none: JSONValue = []
        let definition: JSONValue = [
            "id": "x", "version": 1, "title": text("X"), "summary": text("X"), "who": text("X"), "fee": text("X"),
            "basis": none, "documents": none, "public": false, "form": try JSONValue(encoding: form()),
            "steps": [step], "shown": ["telephone", "post"],
        ]
        return try definition.decode(ProcedureDefinition.self)
    }

    static func sealing(_ house: PrivacyHouse, vault: Vault? = nil) throws -> Sealing {
        let procedures = try Procedures(
            [definition()], hooks: ProcedureHooks(), calendar: try TestCity.calendar(),
            zone: CityZone(name: "Asia/Shanghai")!, rules: try RuleBook([]), letters: Letters([]))
        return Sealing(
            db: house.db, vault: vault ?? house.vault, procedures: procedures, columns: SealedColumn.kernel,
            batch: 2)
    }

    static let words = ["@example.cn", "0755-8800"]

    static func answers(_ number: Int) -> JSONValue {
        [
            "telephone": .string("0755-8800\(number)"), "post": "engineer",
            "people": [["name": "Lin", "mail": .string("lin\(number)@example.cn")], ["name": "Wang"]],
        ]
    }

    /// A house as an earlier version left it: everything in the clear, in an outbox too, and in what servers said.
    static func earlier(_ engine: Engine) async throws -> PrivacyHouse {
        let house = try await PrivacyHouse(engine)
        for number in 0..<5 {
            try await house.finishedCase("case\(number)", answers: answers(number), closed: house.now)
        }
        let now = house.now
        try await house.db.write { tx in
            try tx.run("UPDATE account SET mail = id || '@example.cn'")
            for login in ["owner", "owner", "leader"] {
                try Messages.tell(
                    ID(login), Bilingual("题", "Title"), Bilingual("文", "Body"), at: "/work", now: now, tx)
            }
            try tx.run("UPDATE mail_outbox SET failure = 'mail not sent (55): 550 <' || recipient || '> unknown'")
            try tx.run("UPDATE mail_outbox SET state = 'sent' WHERE recipient = 'leader@example.cn'")
            try tx.run(
                """
                INSERT INTO case_value (case_id, procedure, field, value, content, is_own)
                VALUES ('case0', 'x', 'telephone', '0755-88000', '"0755-88000"', \(false)),
                    ('case0', 'x', 'post', 'engineer', '"engineer"', \(false))
                """)
        }
        return house
    }

    private func mails(_ house: PrivacyHouse, _ vault: Vault) async throws -> [String] {
        try await house.db.read { tx in
            try tx.rows("SELECT mail FROM account ORDER BY id") { try (try $0["mail"] as SealedText).text(vault) }
        }
    }

    private func unsealed(_ number: Int, _ house: PrivacyHouse, _ vault: Vault) async throws -> JSONValue {
        try await house.db.read { tx in try Drafts.answers(ID("case\(number)"), vault: vault, tx).content }
    }

    @Test(
        "What an earlier version left in the clear is sealed once, block by block, and reads as before",
        arguments: TestStore.engines)
    func earlierRows(engine: Engine) async throws {
        let house = try await Self.earlier(engine)
        let before = try await house.db.places(of: Self.words)
        #expect(before.contains("account: @example.cn") && before.contains("mail_outbox: @example.cn"))
        #expect(before.contains("case_answers: 0755-8800") && before.contains("case_value: 0755-8800"))
        // Three accounts, two mails that wait, five cases.
        #expect(try await Self.sealing(house).run(now: house.now) == 10)
        #expect(try await house.db.places(of: Self.words) == [])
        #expect(try await mails(house, house.vault) == ["leader", "officer", "owner"].map { "\($0)@example.cn" })
        for number in 0..<5 { #expect(try await unsealed(number, house, house.vault) == Self.answers(number)) }
        let (outbox, shown) = try await house.db.read { tx in
            (
                try tx.rows("SELECT recipient, state FROM mail_outbox ORDER BY state") {
                    (recipient: try $0["recipient"] as SealedText, state: try $0["state"] as String)
                }, try tx.rows("SELECT field FROM case_value") { try $0["field"] as String }
            )
        }
        #expect(outbox.map(\.state) == ["sent", "waiting", "waiting"] && outbox[0].recipient.isEmpty)
        #expect(try outbox[1].recipient.text(house.vault) == "owner@example.cn")
        #expect(shown == ["post"])
        #expect(try await Self.sealing(house).run(now: house.now) == 0)
        // On the same day it does not look again.
        try await Self.sealing(house).runDaily(today: house.today, now: house.now)
        try await house.db.write { tx in try tx.run("UPDATE account SET mail = 'old@example.cn' WHERE id = 'owner'") }
        try await Self.sealing(house).runDaily(today: house.today, now: house.now)
        #expect(try await house.db.places(of: ["old@example.cn"]) == ["account: old@example.cn"])
        try await Self.sealing(house).runDaily(today: house.today.adding(days: 1), now: house.now)
        #expect(try await house.db.places(of: ["old@example.cn"]) == [])
    }

    @Test("What is ended in the middle goes on where it was", arguments: TestStore.engines)
    func ended(engine: Engine) async throws {
        let house = try await Self.earlier(engine)
        let (count, now) = (Count(), house.now)
        var ending = try Self.sealing(house)
        // Two blocks of accounts, two of mails, one of answers: the second is not begun.
        ending.isEnding = { count.next() > 5 }
        let first = ending
        await #expect(throws: CancellationError.self) { try await first.run(now: now) }
        #expect(try await house.db.places(of: Self.words) == ["case_answers: @example.cn", "case_answers: 0755-8800"])
        #expect(try await Self.sealing(house).run(now: house.now) == 3)
        #expect(try await house.db.places(of: Self.words) == [])
    }

    @Test(
        "What a process of an earlier version writes meanwhile is sealed by the next walk",
        arguments: TestStore.engines)
    func meanwhile(engine: Engine) async throws {
        let house = try await Self.earlier(engine)
        try await Self.sealing(house).run(now: house.now)
        let later = house.now.adding(seconds: 3_600)
        let clear = Self.answers(9)
        try await house.db.write { tx in
            try tx.run("UPDATE case_answers SET content = \(clear), saved_at = \(later) WHERE case_id = 'case3'")
        }
        #expect(try await Self.sealing(house).run(now: later.adding(seconds: 60)) == 1)
        #expect(try await unsealed(3, house, house.vault) == clear)
        #expect(try await house.db.places(of: Self.words) == [])
    }

    @Test(
        "A change of keys seals them anew and leaves those in the clear alone; erased ones stay erased",
        arguments: TestStore.engines)
    func rotation(engine: Engine) async throws {
        let house = try await Self.earlier(engine)
        try await Self.sealing(house).run(now: house.now)
        let erased: JSONValue = ["telephone": ["erased": true], "post": "engineer"]
        try await house.db.write { tx in
            try tx.run("UPDATE account SET mail = 'old@example.cn' WHERE id = 'owner'")
            try tx.run("UPDATE case_answers SET content = \(erased) WHERE case_id = 'case4'")
        }
        #expect(try await Self.sealing(house).run(now: house.now) == 1)
        try await house.db.write { tx in try tx.run("UPDATE account SET mail = 'new@example.cn' WHERE id = 'owner'") }
        let next = [UInt8](repeating: 3, count: 32)
        let ring = Vault(key: next, earlier: [PrivacyHouse.key])
        var rotation = KeyRotation(db: house.db, vault: ring, files: house.files, columns: SealedColumn.kernel)
        rotation.batch = 2
        // The identity number, two accounts, two mails, and of four cases a telephone and a mail address.
        #expect(try await rotation.run().values == 1 + 2 + 2 + 4)
        #expect(try await rotation.run().values == 0)
        #expect(try await rotation.census() == [ring.newestKey: 1 + 2 + 2 + 4 * 2])
        let alone = Vault(key: next, index: PrivacyHouse.key)
        #expect(try await mails(house, alone) == ["leader@example.cn", "officer@example.cn", "new@example.cn"])
        for number in 0..<4 { #expect(try await unsealed(number, house, alone) == Self.answers(number)) }
        #expect(try await unsealed(4, house, alone) == erased)
        await #expect(throws: AccessError.unreadableSecret) { try await mails(house, house.vault) }
    }

    @Test(
        "A person is given the own address once, and it goes with a request to erase, the waiting mails' too",
        arguments: TestStore.engines)
    func erasing(engine: Engine) async throws {
        let house = try await Self.earlier(engine)
        try await Self.sealing(house).run(now: house.now)
        let (vault, owner, now) = (house.vault, house.owner, house.now)
        func given() async throws -> [JSONValue] {
            let all = try await house.db.write { tx in
                try Holdings.export(columns: SealedColumn.kernel, vault: vault, by: owner, at: now, tx)
            }
            #expect(all["account"]?["mail"] == nil && all["cases"]?[0]?["answers"] == Self.answers(0))
            return (all["sealed"]?.array ?? []).filter { $0["kind"] == "contact" }
        }
        #expect(try await given() == [["kind": "contact", "value": "owner@example.cn"]])
        try await house.db.write { tx in
            for column in SealedColumn.kernel where column.kind == .contact {
                try column.erase(try column.keys(of: ID("owner"), tx), why: "SC-1", by: .system, at: now, tx)
            }
        }
        #expect(try await given() == [])
        let events = try await house.db.write { tx -> [String] in
            // Whoever has no address any more is told in the house alone.
            try Messages.tell(ID("owner"), Bilingual("题", "Title"), Bilingual("文", "Body"), at: "/", now: now, tx)
            let left: Int? = try tx.value("SELECT COUNT(*) FROM mail_outbox WHERE recipient <> ''")
            #expect(left == 0)
            return try Record.events(about: "account", "owner", tx).map(\.kind)
        }
        #expect(events == ["personal.erased"])
        #expect(try await mails(house, vault) == ["leader@example.cn", "officer@example.cn", ""])
    }

    @Test("Answers are sealed and opened by what their form says, in the cells of tables too")
    func answers() throws {
        let vault = Vault(key: PrivacyHouse.key)
        let form = try Self.form()
        #expect(form.sealedFields.map(\.name) == ["telephone", "birth", "people"])
        var plain = Self.answers(1).object ?? [:]
        plain["birth"] = "1980-01-31"
        let sealed = try JSONValue.object(plain).sealing(form, by: vault)
        #expect(sealed["telephone"]?.isSealed == true && sealed["birth"]?.isSealed == true)
        #expect(sealed["post"] == "engineer" && sealed["people"]?[1] == ["name": "Wang"])
        #expect(sealed["people"]?[0]?["name"] == "Lin" && sealed["people"]?[0]?["mail"]?.isSealed == true)
        #expect(try sealed.sealing(form, by: vault) == sealed)
        #expect(try sealed.unsealed(by: vault) == .object(plain))
        // Who may see the case reads the telephone; what is personal stays hidden.
        let words = Withheld(sealed: "hidden", unreadable: "lost", erased: "gone")
        let read = sealed.readable(form, by: vault, or: words)
        #expect(read["telephone"] == plain["telephone"] && read["people"] == plain["people"])
        #expect(read["birth"] == "hidden" && sealed.readable(by: vault, or: words) == .object(plain))
        // A digest commits to what is sealed, whatever key sealed it, and nobody without the key finds it out.
        let ring = Vault(key: [UInt8](repeating: 3, count: 32), earlier: [PrivacyHouse.key])
        let anew = try JSONValue.object(plain).sealing(form, by: ring)
        let mark = try sealed.marked(by: vault)
        #expect(try anew.marked(by: ring) == mark && !mark.holds(\.isSealed))
        let other = try Self.answers(2).sealing(form, by: vault).marked(by: vault)
        #expect(mark != other)
        let stranger = try JSONValue.object(plain).sealing(form, by: Vault(key: [UInt8](repeating: 4, count: 32)))
        #expect(throws: AccessError.unreadableSecret) { try stranger.unsealed(by: vault) }
    }

    @Test("No register and no action asks for what is kept sealed, and no column of a table is personal")
    func lint() throws {
        let section: (JSONValue) -> JSONValue = { field in
            ["name": "one", "title": Self.text("One"), "fields": [field]]
        }
        let table: JSONValue = [
            "name": "people", "label": Self.text("people"), "kind": "table",
            "columns": [Self.field("birth", "day", personal: true)],
        ]
        let form: JSONValue = ["sections": [section(table)]]
        #expect(try form.decode(Form.self).lint().map(\.code) == ["form.columns"])
        let ask: JSONValue = ["id": "go", "title": Self.text("Go"), "to": "end", "asks": [Self.field("mail", "mail")]]
        let steps: JSONValue = [
            ["id": "start", "title": Self.text("Start"), "holder": "officer", "actions": [ask]],
            ["id": "end", "title": Self.text("End"), "final": true],
        ]
        var members = try JSONValue(encoding: Self.definition()).object ?? [:]
        members["steps"] = steps
        let faults = try JSONValue.object(members).decode(ProcedureDefinition.self).faults
        #expect(faults == ["x: action go may not ask for mail, which is kept sealed"])
        let register: JSONValue = [
            "id": "r", "duty": "x", "title": Self.text("R"), "summary": Self.text("R"), "public": false,
            "number": "R-{n}", "name": "post", "division": "d", "states": [["id": "open", "title": Self.text("Open")]],
            "form": ["sections": [section(Self.field("post", "text")), section(Self.field("contact", "telephone"))]],
        ]
        let wrong = try register.decode(RegisterDefinition.self).faults
        #expect(wrong == ["r: contact may be neither personal nor a telephone, mail address or contact"])
    }
}
