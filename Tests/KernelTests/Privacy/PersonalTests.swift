import Foundation
import Store
import StoreTestSupport
import Testing

@testable import Kernel

/// A database with the tables of personal content, and people to look at it.
struct PrivacyHouse {
    static let rooms = [
        Settings.migrations, NumberSeries.migrations, Record.migrations, AccountStore.migrations, Registry.migrations,
        CaseStore.migrations, CaseValues.migrations, DocumentStore.migrations, Publicity.migrations,
        Messages.migrations, Personal.migrations, SecondFactor.migrations,
    ]
    static let key = [UInt8](repeating: 9, count: 32)

    let db: Database
    let vault = Vault(key: PrivacyHouse.key)
    let files: FileStore
    let now = Instant(microseconds: 1_772_000_000_000_000)
    let today = Day(year: 2026, month: 3, day: 2)!
    let person: ID<PersonMark> = ID("018f0000-0000-7000-8000-000000000001")
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let leader = Actor(account: ID("leader"), name: "局领导", roles: [.leader])
    var owner: Actor { Actor(account: ID("owner"), person: person, name: "Anna", roles: [.applicant]) }

    init(_ engine: Engine) async throws {
        db = try await TestStore.open(engine, Self.rooms)
        let folder = "\(NSTemporaryDirectory())kechuang-files-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        files = FileStore(folder: folder)
        let (person, vault, now) = (person, vault, now)
        try await db.write { tx in
            try Registry.add(
                Person(id: person, name: "Anna", nameEn: "Anna", title: ""), number: "440305198001010011",
                vault: vault, at: now, tx)
            for login in ["owner", "officer", "leader"] {
                try AccountStore.insert(
                    AccountCard(
                        id: ID(login), login: login, name: login, person: login == "owner" ? person : nil, roles: []),
                    passwordHash: "", at: now, tx)
            }
        }
    }

    @discardableResult
    func keep(_ value: String, _ kind: PersonalKind = .passport, until: Day? = nil) async throws -> ID<PersonalContent>
    {
        let draft = PersonalDraft(
            person: person, kind: kind, value: value, source: "test", from: today, neededUntil: until ?? today)
        let (vault, officer, now) = (vault, officer, now)
        return try await db.write { tx in try Personal.keep(draft, vault: vault, by: officer, at: now, tx) }
    }

    func reveal(_ id: ID<PersonalContent>, _ actor: Actor, _ reason: String) async throws -> String {
        let (vault, now) = (vault, now)
        return try await db.write { tx in
            try Personal.reveal(id, reason: reason, vault: vault, by: actor, at: now, tx)
        }
    }

    func looks() async throws -> [PersonalLook] {
        try await db.read { tx in try Personal.looks(limit: 100, tx) }
    }

    /// A finished case of a person's account.
    func finishedCase(_ id: String, answers: JSONValue = [:], closed: Instant) async throws {
        let now = now
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO case_file (id, procedure, version, number, title_zh, title_en, step, holder, applicant,
                    division, opened_at, step_since, due_key, revision)
                VALUES (\(id), 'x', 1, \(id), '甲', 'A', 'done', 'nobody', 'owner', 'd', \(now), \(closed), '9999', 1)
                """)
            try CaseStore.saveAnswers(answers, of: ID(id), expecting: 0, by: .system, at: now, tx)
        }
    }
}

@Suite("Personal content is shown by need")
struct PersonalTests {
    @Test("The value is sealed, and the record is committed to it", arguments: TestStore.engines)
    func commitment(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let id = try await house.keep("C01X00T47")
        let (content, events) = try await house.db.read { tx in
            (try Personal.find(id, tx), try Record.events(about: "person", house.person.text, tx))
        }
        let kept = try #require(content)
        #expect(try kept.isProven(house.vault))
        #expect(events.map(\.kind) == ["personal.kept"])
        #expect(events[0].content["commitment"]?.string == kept.commitment)
        #expect(!events[0].content.canonicalText.contains("C01X00T47"))
        #expect(!String(decoding: kept.sealed ?? [], as: UTF8.self).contains("C01X00T47"))
        #expect(try kept.masked(house.vault) == "••••T47")
        let found = try await house.db.read { tx in
            try Personal.owner(of: "C01X00T47", .passport, vault: house.vault, tx)
        }
        #expect(found == house.person)
    }

    @Test(
        "Who has no need sees nothing; a need without a reason sees nothing; each look is one line",
        arguments: TestStore.engines)
    func need(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let id = try await house.keep("C01X00T47")
        for actor in [house.leader, .everyone, Actor(account: ID("a"), name: "审计", roles: [.auditor])] {
            await #expect(throws: AccessError.self) { try await house.reveal(id, actor, "because I want to") }
        }
        for reason in ["", "   ", "abc", String(repeating: "x", count: 301)] {
            await #expect(throws: PrivacyError.reasonMissing) { try await house.reveal(id, house.officer, reason) }
        }
        #expect(try await house.looks().isEmpty, "a refused look leaves no line and shows nothing")
        #expect(try await house.reveal(id, house.officer, "核对延期申请") == "C01X00T47")
        #expect(try await house.reveal(id, house.owner, "") == "C01X00T47")
        let looks = try await house.looks()
        #expect(looks.map(\.reason) == [Personal.ownReason, "核对延期申请"])
        #expect(looks[1].accountName == "经办人" && looks[1].kind == "passport" && looks[1].personName == "Anna")
    }

    @Test("Nobody changes the log of looks", arguments: TestStore.engines)
    func log(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        _ = try await house.reveal(try await house.keep("C1234567"), house.officer, "核对申请")
        for statement: SQL in ["UPDATE personal_look SET reason = 'x'", "DELETE FROM personal_look"] {
            await #expect(throws: (any Error).self) { try await house.db.write { tx in try tx.run(statement) } }
        }
        #expect(try await house.looks().count == 1)
    }

    @Test("What the house holds of a person comes out whole, and the export is a look", arguments: TestStore.engines)
    func holdings(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        try await house.keep("C01X00T47")
        let (vault, owner, now) = (house.vault, house.owner, house.now)
        let all = try await house.db.write { tx in
            try Holdings.export(columns: SealedColumn.kernel, vault: vault, by: owner, at: now, tx)
        }
        let text = all.canonicalText
        #expect(text.contains("C01X00T47") && text.contains("440305198001010011") && text.contains("\"Anna\""))
        #expect(try await house.looks().map(\.kind) == ["export"])
    }

    @Test("Where no key opens a value the rest comes out all the same, and it is named", arguments: TestStore.engines)
    func lostHoldings(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        try await house.keep("C01X00T47")
        let other = Vault(key: [UInt8](repeating: 4, count: 32))
        let (owner, now) = (house.owner, house.now)
        try await house.db.write { tx in
            let mail = try SealedText("owner@example.cn", by: other)
            try tx.run("UPDATE account SET mail = \(mail) WHERE id = 'owner'")
        }
        let mine = house.vault
        func given(_ vault: Vault) async throws -> JSONValue {
            try await house.db.write { tx in
                try Holdings.export(columns: SealedColumn.kernel, vault: vault, by: owner, at: now, tx)
            }
        }
        let (all, theirs) = (try await given(mine), try await given(other))
        let mail: JSONValue = ["kind": "contact", "value": ["unreadable": true]]
        #expect(all["sealed"]?.array?.contains(mail) == true && all.canonicalText.contains("440305198001010011"))
        #expect(all["content"]?[0]?["value"] == "C01X00T47")
        #expect(theirs["sealed"]?.array?.contains(["kind": "contact", "value": "owner@example.cn"]) == true)
        #expect(theirs["content"]?[0]?["value"] == ["unreadable": true] && theirs.canonicalText.contains("\"Anna\""))
        let (masked, shown) = try await house.db.read { tx in
            let content = try Personal.list(of: house.person, tx)
            return (try content.map { try $0.masked(other) }, try content.map { try $0.masked(mine) })
        }
        #expect(masked == ["••••"] && shown != masked)
    }

    @Test("A sealed paper lies encrypted on the disk, and is read with a reason only", arguments: TestStore.engines)
    func papers(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        try await house.finishedCase("c1", closed: house.now)
        let bytes = Array("%PDF-1.4 no criminal record".utf8)
        let hash = try house.files.keep(bytes, sealedBy: house.vault)
        let paper = Document(
            id: ID("d1"), caseID: ID("c1"), field: "criminal-record", name: "a.pdf", size: bytes.count, hash: hash,
            type: "application/pdf", uploadedBy: "owner", uploadedAt: house.now, isSealed: true)
        try await house.db.write { tx in try DocumentStore.add(paper, accepting: nil, tx) }
        let onDisk = try #require(FileManager.default.contents(atPath: house.files.sealedPath(of: hash)))
        #expect(onDisk.range(of: Data("criminal".utf8)) == nil)
        #expect(!FileManager.default.fileExists(atPath: house.files.path(of: hash)))
        #expect(try house.files.bytes(of: paper, vault: house.vault) == bytes)
        let (officer, owner, now) = (house.officer, house.owner, house.now)
        await #expect(throws: PrivacyError.reasonMissing) {
            try await house.db.write { tx in
                try DocumentStore.reveal(ID("d1"), reason: "", by: officer, at: now, tx)
            }
        }
        _ = try await house.db.write { tx in
            try DocumentStore.reveal(ID("d1"), reason: "审查无犯罪证明", by: officer, at: now, tx)
        }
        _ = try await house.db.write { tx in try DocumentStore.reveal(ID("d1"), reason: "", by: owner, at: now, tx) }
        #expect(try await house.looks().map(\.kind) == ["papers:criminal-record", "papers:criminal-record"])
    }
}
