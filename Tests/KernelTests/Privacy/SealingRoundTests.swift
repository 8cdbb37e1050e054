import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("When sealing begins, how much it does at once, and what lists keep")
struct SealingRoundTests {
    private func setting(_ name: String, _ house: PrivacyHouse) async throws -> String? {
        try await house.db.read { tx in try Settings.get(name, tx) }
    }

    @Test(
        "A round does some blocks, whichever process does it, and the day is done when nothing is left",
        arguments: TestStore.engines)
    func rounds(engine: Engine) async throws {
        let house = try await SealingTests.earlier(engine)
        var processes = [try SealingTests.sealing(house), try SealingTests.sealing(house)]
        for index in processes.indices { processes[index].blocks = 1 }
        var rounds = 0
        while try await setting("sealing.done", house) == nil, rounds < 50 {
            try await processes[rounds % 2].runDaily(today: house.today, now: house.now)
            rounds += 1
            if rounds == 7 { #expect(try await house.db.places(of: ["0755-88004"]) == ["case_answers: 0755-88004"]) }
        }
        // Of the outbox 3 words of a server in 2, of accounts 3 in 2, of mails 2 in 1, of cases 5 in 3.
        #expect(rounds == 8)
        #expect(try await house.db.places(of: SealingTests.words) == [])
    }

    @Test("One process goes through it at a time; where it dies another goes on", arguments: TestStore.engines)
    func alone(engine: Engine) async throws {
        let house = try await SealingTests.earlier(engine)
        let sealing = try SealingTests.sealing(house)
        let (now, until) = (house.now, house.now.adding(seconds: 300))
        // What a process leaves that dies in a round.
        try await house.db.write { tx in try Settings.set("sealing.taken", "\(until.microseconds)", tx) }
        try await sealing.runDaily(today: house.today, now: now.adding(seconds: 299))
        #expect(try await house.db.places(of: ["lin0@example.cn"]) == ["case_answers: lin0@example.cn"])
        try await sealing.runDaily(today: house.today, now: until)
        #expect(try await house.db.places(of: ["owner@example.cn"]) == [])
        // A clock that was a day ahead keeps nobody out.
        let far = until.adding(seconds: 86_400).microseconds
        try await house.db.write { tx in
            try Settings.set("sealing.taken", "\(far)", tx)
            try tx.run("UPDATE account SET mail = 'old@example.cn' WHERE id = 'owner'")
        }
        try await sealing.runDaily(today: house.today.adding(days: 1), now: until)
        #expect(try await house.db.places(of: ["old@example.cn"]) == [])
    }

    @Test(
        "While processes of the version before may be left nothing is sealed that it reads in the clear alone",
        arguments: TestStore.engines)
    func beside(engine: Engine) async throws {
        let house = try await SealingTests.earlier(engine)
        let (now, later) = (house.now, house.now.adding(seconds: 86_400))
        var vault = house.vault
        vault.contactsFrom = later
        let sealing = try SealingTests.sealing(house, vault: vault)
        #expect(try await sealing.run(now: now) == 0)
        try await sealing.runDaily(today: house.today, now: later.adding(seconds: -1))
        #expect(try await setting("sealing.done", house) == nil)
        #expect(try await house.db.places(of: ["owner@example.cn"]).contains("account: owner@example.cn"))
        // New ones wait as well; what is personal was sealed before.
        #expect(try SealedText("a@example.cn", by: vault, at: now).stored == "a@example.cn")
        #expect(try SealedText("sealed:00", by: vault, at: now).text(vault) == "sealed:00")
        var plain = SealingTests.answers(1).object ?? [:]
        plain["birth"] = "1980-01-31"
        let kept = try JSONValue.object(plain).sealing(
            SealingTests.form(), by: vault, contacts: vault.sealsContacts(at: now))
        #expect(kept["telephone"] == plain["telephone"] && kept["people"] == plain["people"])
        #expect(kept["birth"]?.isSealed == true)
        // Judges read none of it all the same.
        let words = Withheld(sealed: "hidden", unreadable: "lost", erased: "gone")
        let seen = kept.withheld(try SealingTests.form(), or: words)
        #expect(seen["telephone"] == "hidden" && seen["people"]?[0] == ["name": "Lin", "mail": "hidden"])
        #expect(try SealedText("a@example.cn", by: vault, at: later).stored.hasPrefix("sealed:"))
        #expect(try await sealing.run(now: later) == 10)
    }

    @Test(
        "A new house seals at once, one of the version before a day after it was opened",
        arguments: TestStore.engines)
    func beginning(engine: Engine) async throws {
        let db = try await TestStore.open(engine, [Settings.migrations, AccountStore.migrations])
        let now = Instant(microseconds: 1_800_000_000_000_000)
        func begin(after seconds: Int) async throws -> Instant? {
            try await Sealing.begin(in: db, serves: true, at: now.adding(seconds: seconds))
        }
        #expect(try await begin(after: 0) == nil)
        try await db.write { tx in
            try AccountStore.insert(
                AccountCard(id: ID("one"), login: "one", name: "One", roles: []), passwordHash: "", at: now, tx)
        }
        #expect(try await begin(after: 10) == nil, "it is new no more, and was never one of the version before")
        try await db.write { tx in try tx.run("DELETE FROM setting") }
        let end = now.adding(seconds: 86_420)
        for seconds in [20, 30, 500_000] { #expect(try await begin(after: seconds) == end, "\(seconds)") }
    }

    @Test("A text marked as a contact is sealed, shown and withheld as a telephone is")
    func contacts() throws {
        func form(_ kind: String) throws -> Form {
            let field: JSONValue = [
                "name": "reach", "label": SealingTests.text("Reach"), "kind": .string(kind), "contact": true,
            ]
            let section: JSONValue = ["name": "one", "title": SealingTests.text("One"), "fields": [field]]
            return try JSONValue.object(["sections": [section]]).decode(Form.self)
        }
        let (vault, text) = (Vault(key: PrivacyHouse.key), try form("text"))
        let plain: JSONValue = ["reach": "Lin 0755-88001"]
        #expect(text.contactFields.map(\.name) == ["reach"] && text.lint().isEmpty)
        #expect(try plain.sealing(text, by: vault, contacts: false) == plain, "the version before reads it so")
        let sealed = try plain.sealing(text, by: vault)
        let words = Withheld(sealed: "hidden", unreadable: "lost", erased: "gone")
        #expect(sealed["reach"]?.isSealed == true && sealed.readable(text, by: vault, or: words) == plain)
        for answers in [plain, sealed] { #expect(answers.withheld(text, or: words) == ["reach": "hidden"]) }
        // A digest is the same before it is sealed and after.
        #expect(try plain.marked(text, by: vault) == sealed.marked(by: vault))
        #expect(try plain.marked(text, by: vault) != plain)
        #expect(try form("day").lint().map(\.code) == ["form.contact"])
    }

    // MARK: Lists

    private func shown(_ house: PrivacyHouse) async throws -> [String] {
        try await house.db.read { tx in
            try tx.rows("SELECT field FROM case_value ORDER BY field") { try $0["field"] }
        }
    }

    private func list(_ field: String, _ value: JSONValue, of id: String, _ house: PrivacyHouse) async throws {
        try await house.db.write { tx in
            try tx.run(
                """
                INSERT INTO case_value (case_id, procedure, field, value, content, is_own)
                VALUES (\(id), 'x', \(field), '', \(value), \(false))
                """)
        }
    }

    @Test(
        "What lists showed goes, also where the answers were sealed already, and never comes there again",
        arguments: TestStore.engines)
    func lists(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let answers = SealingTests.answers(1)
        let sealed = try answers.sealing(SealingTests.form(), by: house.vault)
        try await house.finishedCase("a", answers: sealed, closed: house.now)
        try await list("telephone", "0755-88001", of: "a", house)
        #expect(try await SealingTests.sealing(house).run(now: house.now) == 0)
        #expect(try await shown(house) == [])
        // A table is as sealed as its columns, and a draft that is saved again forgets what was listed of it.
        var members = try JSONValue(encoding: SealingTests.definition()).object ?? [:]
        members["shown"] = ["telephone", "post", "people"]
        members["filing"] = ["by": "signedIn", "number": "X-{n}", "division": "d", "subject": "telephone"]
        let definition = try JSONValue.object(members).decode(ProcedureDefinition.self)
        try await list("telephone", "0755-88001", of: "a", house)
        try await list("people", answers["people"] ?? .null, of: "a", house)
        let title = try await house.db.write { tx -> String? in
            try tx.run("UPDATE case_file SET title_zh = '0755-88001'")
            try CaseValues.index(definition, answers, of: ID("a"), tx)
            return try tx.value("SELECT title_zh FROM case_file WHERE id = 'a'")
        }
        #expect(try await shown(house) == ["post"] && title == "X")
        #expect(try await house.db.places(of: SealingTests.words) == [])
    }

    /// A version of a procedure in which a field is of a kind.
    private static func version(_ number: Int64, _ kind: String) throws -> ProcedureDefinition {
        var members = try JSONValue(encoding: SealingTests.definition()).object ?? [:]
        members["version"] = .integer(number)
        members["form"] = [
            "sections": [
                ["name": "one", "title": SealingTests.text("One"), "fields": [SealingTests.field("telephone", kind)]]
            ]
        ]
        let go: JSONValue = ["id": "go", "title": SealingTests.text("Go"), "to": "end"]
        members["steps"] = [
            ["id": "start", "title": SealingTests.text("Start"), "holder": "officer", "actions": [go]],
            ["id": "end", "title": SealingTests.text("End"), "final": true],
        ]
        members["shown"] = ["telephone"]
        return try JSONValue.object(members).decode(ProcedureDefinition.self)
    }

    @Test(
        "A case that goes on under a version that seals more is in no list with it any more",
        arguments: TestStore.engines)
    func migration(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let procedures = try Procedures(
            [Self.version(1, "text"), Self.version(2, "telephone")], hooks: ProcedureHooks(vault: house.vault),
            calendar: try TestCity.calendar(), zone: CityZone(name: "Asia/Shanghai")!, rules: try RuleBook([]),
            letters: Letters([]))
        try await house.finishedCase("a", answers: ["telephone": "0755-88001"], closed: house.now)
        try await list("telephone", "0755-88001", of: "a", house)
        let now = house.now
        try await house.db.write { tx in
            try tx.run("UPDATE case_file SET step = 'start', holder = 'officer'")
            try ProcedureVersions(procedures).migrate(ID("a"), as: .system, at: now, tx)
        }
        #expect(try await shown(house) == [])
        #expect(try await house.db.places(of: SealingTests.words) == [])
    }
}
