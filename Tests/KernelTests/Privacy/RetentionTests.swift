import Foundation
import Store
import StoreTestSupport
import Testing

@testable import Kernel

@Suite("Keeping, erasing, changing keys")
struct RetentionTests {
    private static func source() -> RuleSource {
        RuleSource(document: Bilingual("由市局设定", "Set by the bureau"), article: "", confidence: .chosen)
    }

    private static func rules() throws -> RuleBook {
        func days(_ id: String, _ unit: ParameterUnit, _ number: Int) -> Parameter {
            Parameter(
                id: id, title: Bilingual(id, id), unit: unit,
                values: [
                    DatedValue(
                        value: .days(number), from: Day(year: 2020, month: 1, day: 1)!, to: nil, source: source())
                ])
        }
        return try RuleBook([
            days(PersonalKind.passport.parameter, .months, 2), days(PersonalKind.papers.parameter, .calendarDays, 30),
            days(PersonalKind.number.parameter, .months, 2), days(Dealings.protectedYears, .years, 5),
        ])
    }

    private func retention(_ house: PrivacyHouse, rows: [PersonalRows] = []) throws -> Retention {
        let calendar = try TestCity.calendar()
        let rules = try Self.rules()
        let procedures = try Procedures(
            [SealingTests.definition()], hooks: ProcedureHooks(vault: house.vault), calendar: calendar,
            zone: CityZone(name: "Asia/Shanghai")!, rules: rules, letters: Letters([]))
        return Retention(
            db: house.db, files: house.files, rules: rules, procedures: procedures, columns: SealedColumn.kernel,
            rows: rows, batch: 2)
    }

    @Test("The last day that is over is found for every period and day")
    func cutoff() {
        var random = SeededRandom(seed: 41)
        for _ in 0..<20_000 {
            let today = Day(number: Int.random(in: 0...30_000, using: &random))
            let count = Int.random(in: 0...40, using: &random)
            let period: Period =
                switch Int.random(in: 0..<3, using: &random) {
                case 0: .calendarDays(count)
                case 1: .months(count)
                default: .years(count % 11)
                }
            let day = Retention.cutoff(period, today: today)
            #expect(period.plainEnd(after: day) < today, "\(period) \(today), seed 41")
            #expect(period.plainEnd(after: day.adding(days: 1)) >= today, "\(period) \(today), seed 41")
        }
    }

    @Test(
        "Content is erased on the day after its time and not before; the record stays whole",
        arguments: TestStore.engines)
    func erasing(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let start = Day(year: 2025, month: 12, day: 31)!
        var ids: [ID<PersonalContent>] = []
        for number in 0..<5 { ids.append(try await house.keep("C000000\(number)", until: start)) }
        let kept = try await house.keep("C9999999", until: start.adding(days: 1))
        let contact = try await house.keep("0755-1", .contact, until: Day(year: 2001, month: 1, day: 1)!)
        let retention = try retention(house)
        // Two months from 31 December end on 28 February.
        var done = try await retention.run(today: Day(year: 2026, month: 2, day: 28)!, now: house.now)
        #expect(done.contents == 0)
        done = try await retention.run(today: Day(year: 2026, month: 3, day: 1)!, now: house.now)
        #expect(done.contents == 5)
        #expect(try await retention.run(today: Day(year: 2026, month: 3, day: 1)!, now: house.now).contents == 0)
        let all = try await house.db.read { tx in try Personal.list(of: house.person, tx) }
        for content in all {
            let gone = ids.contains(content.id)
            #expect((content.sealed == nil) == gone && (content.erasedWhy == "retention") == gone)
            #expect(!content.commitment.isEmpty)
        }
        #expect(all.first { $0.id == kept }?.sealed != nil && all.first { $0.id == contact }?.sealed != nil)
        await #expect(throws: PrivacyError.erased) { try await house.reveal(ids[0], house.officer, "核对申请") }
        let events = try await house.db.read { tx in
            try Record.events(about: "person", house.person.text, tx)
        }
        for event in events {
            #expect(event.hash == event.expectedHash && event.contentHash == event.expectedContentHash)
        }
        let kinds = Dictionary(grouping: events, by: \.kind).mapValues(\.count)
        #expect(kinds == ["personal.kept": 7, "personal.erased": 5])
    }

    @Test(
        "Who reported or objected is forgotten once it counts no more; what was paid stays, the record names nobody",
        arguments: TestStore.engines)
    func protectedFacts(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let retention = try retention(house)
        let day = Day(year: 2021, month: 3, day: 1)!
        try await house.db.write { tx in
            for (kind, other, to) in [
                (Dealing.Kind.protected, "one", day), (.protected, "two", day.adding(days: 1)), (.money, "three", day),
            ] {
                try Dealings.set([Dealing(kind, "writer", other, from: day, to: to)], of: "case-\(other)", tx)
            }
        }
        func left() async throws -> [String] {
            try await house.db.read { tx in try Dealings.of("SELECT 'writer' AS party", tx).map(\.other).sorted() }
        }
        // Five years end on 1 March 2026; the day after that is kept as well.
        #expect(try await retention.run(today: Day(year: 2026, month: 3, day: 2)!, now: house.now).contents == 0)
        #expect(try await left() == ["one", "three", "two"])
        #expect(try await retention.run(today: Day(year: 2026, month: 3, day: 3)!, now: house.now).contents == 1)
        #expect(try await left() == ["three", "two"])
        let mirrored = try await house.db.read { tx in
            try Dealings.sources(.protected, of: ["one"], with: ["writer"], tx).count
        }
        #expect(mirrored == 0)
        #expect(try await retention.run(today: Day(year: 2026, month: 3, day: 4)!, now: house.now).contents == 1)
        #expect(try await left() == ["three"])
        let events = try await house.db.read { tx in
            try Record.page(kind: "dealings.ended", before: nil, limit: 10, tx)
        }
        #expect(events.map { $0.content["count"]?.integer } == [1, 1])
        #expect(events.allSatisfy { !$0.content.canonicalText.contains("writer") && $0.subject == "protected" })
    }

    @Test(
        "Personal rows in the clear are given to their person, and go whole when their time is over",
        arguments: TestStore.engines)
    func rows(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let (vault, owner, now) = (house.vault, house.owner, house.now)
        // Kept for two months, as passports are.
        let own = PersonalRows(
            table: "trip", columns: ["place", "until_day"], kind: .passport, neededUntil: "until_day", owner: "account")
        try await house.db.write { tx in
            try tx.run("CREATE TABLE trip (id TEXT PRIMARY KEY, account TEXT, place TEXT, until_day TEXT)")
            for (id, account, day) in [
                ("a", "owner", "2025-12-31"), ("b", "officer", "2025-12-31"), ("c", "owner", "2025-11-01"),
                ("d", "owner", "2026-01-01"),
            ] {
                try tx.run("INSERT INTO trip (id, account, place, until_day) VALUES (\(id), \(account), \(id), \(day))")
            }
        }
        func given() async throws -> [String] {
            let all = try await house.db.write { tx in
                try Holdings.export(columns: [], rows: [own], vault: vault, by: owner, at: now, tx)
            }
            return (all["rows"]?.array ?? []).compactMap { row in
                row["kind"]?.string == "passport" ? row["place"]?.string : nil
            }
        }
        #expect(try await given() == ["a", "c", "d"])
        let retention = try retention(house, rows: [own])
        // Two months from 31 December end on 28 February.
        #expect(try await retention.run(today: Day(year: 2026, month: 2, day: 28)!, now: now).contents == 1)
        #expect(try await given() == ["a", "d"])
        #expect(try await retention.run(today: Day(year: 2026, month: 3, day: 1)!, now: now).contents == 2)
        #expect(try await given() == ["d"])
        let gone = try await house.db.read { tx in
            try ["a", "b", "c", "d"].map { try Record.events(about: "trip", $0, tx).map(\.kind) }
        }
        #expect(gone == [["personal.erased"], ["personal.erased"], ["personal.erased"], []])
    }

    @Test(
        "An identity number is kept while its person is here, has a case or is barred, and goes when its time is over",
        arguments: TestStore.engines)
    func numbers(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let (retention, person, now) = (try retention(house), house.person, house.now)
        func day(_ month: Int, _ day: Int) -> Day { Day(year: 2026, month: month, day: day)! }
        func isKept(on today: Day) async throws -> Bool {
            try await retention.run(today: today, now: now)
            return try await house.db.read { tx in
                let row = try tx.first("SELECT sealed_number, number_mark FROM person WHERE id = \(person)") {
                    (try $0["sealed_number"] as [UInt8]?, try $0["number_mark"] as String?)
                }
                let (sealed, mark) = try #require(row)
                #expect((sealed == nil) == (mark == nil))
                return sealed != nil
            }
        }
        func set(_ state: AccountCard.State) async throws {
            try await house.db.write { tx in try AccountStore.setState(state, of: ID("owner"), tx) }
        }
        func hold(_ holder: String) async throws {
            try await house.db.write { tx in try tx.run("UPDATE case_file SET holder = \(holder) WHERE id = 'case'") }
        }
        // Two months from the day on which nobody needs it; a case goes on after the account was closed.
        try await house.finishedCase("case", closed: now)
        try await hold("officer")
        #expect(try await isKept(on: day(1, 2)))
        try await set(.closed)
        #expect(try await isKept(on: day(4, 1)))
        try await hold("nobody")
        #expect(try await isKept(on: day(4, 10)))
        // The person comes back, and is barred when they go again.
        try await set(.active)
        #expect(try await isKept(on: day(6, 11)))
        try await set(.closed)
        let bar = Bar(
            id: ID("bar"), person: person, activities: [.projects], from: day(6, 1), until: day(9, 30),
            reason: Bilingual("伪造数据", "forged data"), basis: Bilingual("规则", "rules"), source: nil, number: "CX-1")
        try await house.db.write { tx in try Bars.impose(bar, by: .system, at: now, tx) }
        for today in [day(9, 1), day(9, 30), day(10, 1), day(12, 1)] { #expect(try await isKept(on: today)) }
        #expect(try await !isKept(on: day(12, 2)))
        let vault = house.vault
        let events = try await house.db.write { tx in
            // Nobody is told any more that this number belongs to somebody.
            try Registry.add(
                Person(id: ID("again"), name: "Anna", nameEn: "Anna", title: ""), number: "440305198001010011",
                vault: vault, at: now, tx)
            return try Record.events(about: "person", person.text, tx)
        }
        let erased = events.filter { $0.kind == "personal.erased" }
        #expect(erased.map { $0.content["column"]?.string } == ["sealed_number"])
    }

    @Test(
        "Papers and personal answers go when their case is long finished, and not where a living case has the same",
        arguments: TestStore.engines)
    func papers(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        let day = 86_400
        let sealed: JSONValue = ["sealed": .string(Digest.hex(try house.vault.seal("\"1980-01-31\"")))]
        try await house.finishedCase(
            "old", answers: ["birth": sealed, "post": "x"], closed: house.now.adding(seconds: -40 * day))
        try await house.finishedCase("new", answers: ["birth": sealed], closed: house.now.adding(seconds: -2 * day))
        let (shared, alone) = (Array("shared".utf8), Array("alone".utf8))
        func add(_ id: String, _ file: String, _ bytes: [UInt8]) async throws {
            let document = Document(
                id: ID(id), caseID: ID(file), field: "health", name: id, size: bytes.count,
                hash: try house.files.keep(bytes, sealedBy: house.vault), type: "application/pdf", uploadedBy: "owner",
                uploadedAt: house.now, isSealed: true)
            try await house.db.write { tx in try DocumentStore.add(document, accepting: nil, tx) }
        }
        try await add("a", "old", shared)
        try await add("b", "old", alone)
        try await add("c", "new", shared)
        let done = try await retention(house).run(
            today: CityZone(name: "Asia/Shanghai")!.day(of: house.now), now: house.now)
        #expect(done.files == 2 && done.contents == 1)
        func exists(_ bytes: [UInt8]) -> Bool {
            FileManager.default.fileExists(atPath: house.files.sealedPath(of: Digest.hex(Digest.sha256(bytes))))
        }
        #expect(exists(shared) && !exists(alone))
        let (old, new) = try await house.db.read { tx in
            (try CaseStore.answers(ID("old"), tx).content, try CaseStore.answers(ID("new"), tx).content)
        }
        let mark = house.vault.mark("answer:\"1980-01-31\"")
        #expect(old == ["birth": ["erased": true, "mark": .string(mark)], "post": "x"] && new == ["birth": sealed])
    }

    @Test(
        "Changing the key seals everything anew in batches; the old key is then good for nothing",
        arguments: TestStore.engines)
    func rotation(engine: Engine) async throws {
        let house = try await PrivacyHouse(engine)
        for number in 0..<5 { try await house.keep("C000000\(number)") }
        let answer: JSONValue = ["list": [["birth": ["sealed": .string(Digest.hex(try house.vault.seal("x")))]], 1]]
        try await house.finishedCase("case", answers: answer, closed: house.now)
        let bytes = Array("paper".utf8)
        let paper = Document(
            id: ID("d"), caseID: ID("case"), field: "health", name: "d", size: 5,
            hash: try house.files.keep(bytes, sealedBy: house.vault), type: "application/pdf", uploadedBy: "owner",
            uploadedAt: house.now, isSealed: true)
        try await house.db.write { tx in try DocumentStore.add(paper, accepting: nil, tx) }
        let next = [UInt8](repeating: 3, count: 32)
        let ring = Vault(key: next, earlier: [PrivacyHouse.key])
        var rotation = KeyRotation(db: house.db, vault: ring, files: house.files, columns: SealedColumn.kernel)
        rotation.batch = 2
        #expect(try await rotation.census() == [house.vault.newestKey: 7])
        #expect(try await rotation.run() == KeyRotation.Outcome(values: 7, files: 1))
        #expect(try await rotation.run() == KeyRotation.Outcome(values: 0, files: 0))
        #expect(try await rotation.census() == [ring.newestKey: 7])
        let alone = Vault(key: next, index: PrivacyHouse.key)
        let contents = try await house.db.read { tx in try Personal.list(of: house.person, tx) }
        #expect(try contents.map { try $0.value(alone) }.sorted() == (0..<5).map { "C000000\($0)" })
        #expect(try contents.allSatisfy { try $0.isProven(alone) }, "the commitment does not change with the key")
        #expect(throws: AccessError.unreadableSecret) { try contents[0].value(house.vault) }
        #expect(try house.files.bytes(of: paper, vault: alone) == bytes)
        let found = try await house.db.read { tx in try Personal.owner(of: "C0000003", .passport, vault: alone, tx) }
        #expect(found == house.person)
    }
}
