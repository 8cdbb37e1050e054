import BureauTestSupport
import Foundation
import Kernel
import Review
import Store
import StoreTestSupport
import Talent
import Testing

@testable import Bureau
@testable import Portal

@Suite("Personal content and foreign staff in the whole house")
struct PeopleTests {
    @Test(
        "Every column of sealed bytes is on the list that keys and erasure walk through", arguments: TestStore.engines)
    func columns(engine: Engine) async throws {
        let house = try await TestHouse(engine, filled: false)
        let found: Set<String> = try await house.house.db.read { tx in
            let sql: SQL = .only(
                sqlite: """
                    SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND c.name LIKE 'sealed%'
                    """,
                postgres: """
                    SELECT table_name AS t, column_name AS c FROM information_schema.columns
                    WHERE table_schema = current_schema() AND column_name LIKE 'sealed%'
                    """)
            return Set(try tx.rows(sql) { "\(try $0["t"] as String).\(try $0["c"] as String)" })
        }
        let bytes = Services.sealed.filter { $0.storage == .bytes }
        #expect(found == Set(bytes.map { "\($0.table).\($0.column)" }))
    }

    @Test(
        "A request to erase runs to its end: asked, proposed, decided by another, erased, proven",
        arguments: TestStore.engines)
    func erasure(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let expert = try await house.actor("foreign-expert")
        let person = try #require(expert.person)
        let before = try await house.house.db.read { tx in try Personal.list(of: person, tx) }
        #expect(Set(before.map(\.kind)).isSuperset(of: ["passport", "birth-date", "contact"]))
        let none = try await house.visit("privacy.erase", expert)
        #expect(none.status == 422)
        let answer = try await house.visit(
            "privacy.erase", expert, form: [("kinds", "passport"), ("kinds", "contact"), ("why", "I leave")])
        guard case .redirect(let path) = answer.content else {
            Issue.record("not filed")
            return
        }
        let id: ID<CaseFile> = ID(String(path.split(separator: "/").last ?? ""))
        let again = try await house.visit("privacy.erase", expert, form: [("kinds", "passport")])
        #expect(again.status == 409)
        try await house.act(id, "propose", try await house.actor("officer"))
        let both = Actor(account: try await house.actor("officer").account, name: "x", roles: [.officer, .leader])
        await #expect(throws: ProcedureError.samePerson) { try await house.act(id, "erase", both) }
        try await house.act(id, "erase", try await house.actor("leader"))
        let (after, foreigner, letters, faults) = try await house.house.db.read { tx in
            (
                try Personal.list(of: person, tx),
                try tx.first("SELECT * FROM foreigner WHERE account = \(expert.account)") {
                    (
                        try $0["sealed_passport"] as [UInt8]?, try $0["passport_mark"] as String?,
                        try $0["sealed_birth"] as [UInt8]?
                    )
                }, try Letters.list(of: id, tx), try Record.faults(inChainOf: id, tx)
            )
        }
        #expect(Set(after.filter { $0.erasedAt == nil }.map(\.kind)) == ["birth-date"])
        #expect(after.map(\.commitment) == before.map(\.commitment), "the record stays provable")
        #expect(foreigner?.0 == nil && foreigner?.1 == nil && foreigner?.2 != nil)
        #expect(letters.map(\.template) == ["erasure-done"] && letters[0].body.en.contains("Passport number"))
        #expect(faults.isEmpty)
    }

    @Test(
        "An expert's times away are in the export, and gone once the request to erase them is granted",
        arguments: TestStore.engines)
    func absences(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (expert, today) = (try await house.actor("expert1"), house.house.today)
        func find() async throws -> (expert: Expert, absences: [Absence]) {
            let found = try await house.house.db.read { tx -> (Expert, [Absence])? in
                guard let own = try expert.account.flatMap({ try ExpertStore.find(account: $0, tx) }) else {
                    return nil
                }
                return (own, try AbsenceStore.list(of: own.id, tx))
            }
            let (own, absences) = try #require(found)
            return (own, absences)
        }
        func export() async throws -> String {
            let answer = try await house.visit("privacy.export", expert)
            guard case .bytes(let bytes, _) = answer.content else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
        let last = today.adding(days: 9).description
        let kept = try await house.visit(
            "reviews.absences.add", expert, form: [("from", today.description), ("to", last), ("note", "出国访问")])
        #expect(kept.status == 303)
        #expect(try await find().absences.count == 1)
        #expect(try await !find().expert.isAvailable(on: today))
        let given = try await export()
        #expect(given.contains("出国访问") && given.contains(last) && given.contains("\"kind\":\"absence\""))
        let other = try await house.actor("expert2")
        let theirs = try await house.visit("privacy.export", other)
        guard case .bytes(let bytes, _) = theirs.content else {
            Issue.record("no export")
            return
        }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("出国访问"))
        let answer = try await house.visit("privacy.erase", expert, form: [("kinds", "absence"), ("why", "")])
        guard case .redirect(let path) = answer.content else {
            Issue.record("not filed")
            return
        }
        let id: ID<CaseFile> = ID(String(path.split(separator: "/").last ?? ""))
        try await house.act(id, "propose", try await house.actor("officer"))
        try await house.act(id, "erase", try await house.actor("leader"))
        #expect(try await find().absences.isEmpty)
        #expect(try await find().expert.isAvailable(on: today))
        #expect(try await !export().contains("出国访问"))
        let events = try await house.house.db.read { tx in
            try Record.page(kind: "personal.erased", before: nil, limit: 10, tx)
        }
        #expect(events.map(\.subjectKind) == ["expert_absence"])
        #expect(!events.contains { $0.content.canonicalText.contains("出国访问") })
    }

    @Test(
        "A passport number is masked to all, shown to an officer with a reason, and the auditor sees who looked",
        arguments: TestStore.engines)
    func look(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let person = try #require(try await house.actor("foreign-expert").person)
        let (content, plain) = try await house.house.db.read { tx -> (PersonalContent, String) in
            let found = try #require(try Personal.list(of: person, tx).first { $0.kind == "passport" })
            return (found, try found.masked(house.house.vault))
        }
        let values = ["id": content.id.text]
        let officer = try await house.actor("officer")
        let shown = text(try await house.visit("privacy.ask", officer, values: values))
        #expect(shown.contains(plain) && plain.hasPrefix("••••"))
        #expect(try await house.visit("privacy.reveal", officer, values: values).status == 422)
        let open = text(
            try await house.visit("privacy.reveal", officer, values: values, form: [("reason", "Checks an extension")])
        )
        #expect(open.contains("<strong>C") && !open.contains(plain))
        for login in ["leader", "auditor", "treasurer", "applicant", "expert1", "admin"] {
            let actor = try await house.actor(login)
            await #expect(throws: (any Error).self, "\(login)") {
                try await house.visit("privacy.reveal", actor, values: values, form: [("reason", "Let me see")])
            }
        }
        let log = text(try await house.visit("privacy.looks", try await house.actor("auditor")))
        #expect(log.contains("Checks an extension") && log.contains(officer.name) && !log.contains("Let me see"))
    }

    @Test(
        "Boards and lists of foreign staff ask the same number of questions whatever their length",
        arguments: TestStore.engines)
    func constantQueries(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let (employer, auditor) = (try await house.actor("organisation"), try await house.actor("auditor"))
        let place = employer.memberships[0].organisation.text
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (route, actor, values) in [
                ("talent.experts", officer, [:]), ("talent.desk", officer, [:]), ("talent.desk.permits", officer, [:]),
                ("talent.desk.cases", officer, [:]), ("talent.desk.statistics", officer, [:]),
                ("talent.desk.summary", leader, [:]), ("talent.employer", employer, ["id": place]),
                ("privacy.looks", auditor, [:]), ("talent.exports", officer, [:]),
            ] as [(String, Actor, [String: String])] {
                counts.append(try await QueryCounter.count { _ = try await house.visit(route, actor, values: values) })
            }
            return counts
        }
        let few = try await counts()
        try await house.house.db.write { tx in
            try tx.run(
                """
                INSERT INTO permit (id, foreigner, organisation, case_id, term, category, route, post, district, trade,
                    nationality, salary_fen, starts_on, ends_on, state, basis, check_code, issued_at)
                SELECT id || 'x', foreigner, organisation, case_id, term, category, route, post, district, trade,
                    nationality, salary_fen, starts_on, ends_on, state, basis, check_code || 'x', issued_at FROM permit
                """)
        }
        let expert = try await house.actor("foreign-expert")
        let talent = Talent(house.house)
        for _ in 0..<5 {
            _ = try await talent.experts.file(
                .init(kind: .service, topic: "tax", text: "How do I pay tax here?"), by: expert)
        }
        let many = try await counts()
        #expect(few == many && many.allSatisfy { $0 <= 12 }, "\(few) \(many)")
    }

    @Test("A list is exported exactly as filtered, and a department's copy is logged before it leaves")
    func exports() async throws {
        let house = try await TestHouse(.sqlite)
        let officer = try await house.actor("officer")
        for format in ["csv", "xlsx"] {
            let answer = try await house.visit(
                "talent.experts", officer, query: [("country", "DEU"), ("format", format)])
            guard case .stream(_, let body) = answer.content else {
                Issue.record("no stream")
                return
            }
            var writer = BodyWriter(nil)
            try await body(&writer)
            #expect(writer.count > 50)
        }
        await #expect(throws: PlainProblem.self) {
            try await house.visit("talent.experts", officer, query: [("format", "pdf")])
        }
        let refused = try await house.visit("talent.exports.make", officer, form: [("recipient", "nobody")])
        #expect(refused.status == 422)
        _ = try await house.visit(
            "talent.exports.make", officer,
            form: [("recipient", "statistics"), ("purpose", "Yearly survey 2026-1"), ("format", "csv")])
        let events = try await house.house.db.read { tx in
            try Record.page(kind: "talent.exported", before: nil, limit: 10, tx)
        }
        #expect(events.count == 1 && events[0].content["fields"]?.array?.count == 4)
        let page = text(try await house.visit("talent.exports", try await house.actor("auditor")))
        #expect(page.contains("Yearly survey 2026-1") && !page.contains("<form"))
    }

    @Test("The keys of a house change, and the house opens with the new one alone")
    func keys() async throws {
        let folder = "\(NSTemporaryDirectory())kechuang-keys-\(UInt64.random(in: 0 ... .max))"
        let configuration = try Configuration(dataDirectory: folder, environment: [:])
        let services = try await Services.open(configuration)
        try await DemonstrationCity(services).fill()
        let letters = try await LettersRead(services)
        #expect(letters.templates.isSuperset(of: ["award", "contract", "receipt"]))
        await services.house.db.close()
        var work = try await KeyWork(configuration)
        let before = try await work.list()
        #expect(before.count == 1 && before[0].values > 100)
        let name = try work.add()
        let outcome = try await work.reseal(keepOld: false)
        #expect(outcome.values == before[0].values)
        let after = try await work.list()
        #expect(after.count == 1 && after[0].key == name && after[0].values == before[0].values)
        let again = try await Services.open(configuration)
        let actor = try await again.house.db.read { tx in
            try AccountStore.find(login: "foreign-expert", tx).map { try AccountStore.actor($0, tx) }
        }
        let (vault, owner, now) = (again.house.vault, try #require(actor), again.house.clock.now())
        let all = try await again.house.db.write { tx in
            try Holdings.export(columns: Services.sealed, vault: vault, by: owner, at: now, tx)
        }
        #expect(all["content"]?.array?.first?["value"]?.string?.isEmpty == false)
        #expect(all["sealed"]?.array?.count == 2)
    }
}
