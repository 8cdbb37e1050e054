import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Incidents are told of in both languages, followed and never changed; who must be told apart stays with the
/// administrators.
@Suite("Incidents", .timeLimit(.minutes(60)))
struct IncidentTests {
    private static let right: [(String, String)] = [
        ("kind", "service"), ("state", "looking"), ("title-zh", "登录缓慢"), ("title-en", "Signing in is slow"),
        ("text-zh", "正在查明原因，已提交的内容不受影响。"), ("text-en", "We look into it; what was handed in is safe."),
    ]

    /// The form as it should be filled in, with the moment at which it began and what is to be different.
    private func form(
        _ house: TestHouse, began seconds: Int = -600, _ changes: [String: String] = [:]
    ) -> [(String, String)] {
        let text = house.house.city.zone.clockText(house.house.clock.now().adding(seconds: seconds))
        let all = Self.right + [("day", String(text.prefix(10))), ("time", String(text.suffix(5)))]
        return all.map { ($0.0, changes[$0.0] ?? $0.1) }
    }

    /// Opens an incident as the administrator.
    private func opened(_ house: TestHouse, _ changes: [String: String] = [:]) async throws -> IncidentReport {
        let admin = try await house.actor("admin")
        let answer = try await house.visit("admin.incidents.open", admin, form: form(house, changes))
        #expect(answer.status == 303, "\(text(answer))")
        let found = try await house.house.db.read { tx in try IncidentStore.list(limit: 1, tx) }
        return try #require(found.first)
    }

    @Test(
        "An incident is opened, followed and closed; the home page shows it meanwhile, everybody reads all of it after",
        arguments: TestStore.engines)
    func course(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let admin = try await house.actor("admin")
        #expect(try await !text(house.visit("home", .everyone)).contains("Signing in is slow"))
        let report = try await opened(house)
        #expect(report.number.hasPrefix("TB-") && report.state == .looking && report.endedAt == nil)
        for (language, words) in [
            (Language.chinese, ["登录缓慢", "正在查明原因"]), (.english, ["Signing in is slow", "Looking into it"]),
        ] {
            for route in ["home", "incidents.list"] {
                let page = text(try await house.visit(route, .everyone, language: language))
                for word in words { #expect(page.contains(word), "\(route): \(word)") }
            }
        }
        house.services.clock.lead += 1_800_000_000
        for (seen, state, words) in [("1", "mended", "已恢复 Restored"), ("2", "closed", "已结束 Over")] {
            let answer = try await house.visit(
                "admin.incidents.follow", admin, values: ["id": report.id.text],
                form: [("seen", seen), ("state", state), ("text-zh", words), ("text-en", words)])
            #expect(answer.status == 303, "\(text(answer))")
            house.services.clock.lead += 600_000_000
        }
        let found = try await house.house.db.read { tx in try IncidentStore.find(number: report.number, tx) }
        let closed = try #require(found)
        #expect(closed.updates.map(\.state) == [.looking, .mended, .closed])
        #expect(closed.endedAt == closed.updates[1].at)
        #expect(try await !text(house.visit("home", .everyone)).contains("Signing in is slow"))
        for route in ["incidents.list", "incidents.show"] {
            let page = text(try await house.visit(route, .everyone, values: ["number": report.number]))
            for word in ["Signing in is slow", "We look into it", "Restored", "Over", report.number] {
                #expect(page.contains(word), "\(route): \(word)")
            }
        }
        guard case .feed(let feed) = try await house.visit("incidents.feed", .everyone).content else {
            Issue.record("no feed")
            return
        }
        #expect(feed.entries.map(\.path) == ["/incidents/\(report.number)"])
        #expect(feed.entries[0].updated == closed.updates[2].at && feed.entries[0].summary.contains("Over"))
        let events = try await house.house.db.read { tx in
            try Record.events(about: "incident", report.id.text, tx)
        }
        #expect(events.map(\.kind) == ["incident.opened", "incident.updated", "incident.updated"])
        #expect(events[0].content["text"]?["en"]?.string == closed.updates[0].text.en)
    }

    @Test("What was said cannot be changed or taken away in the database", arguments: TestStore.engines)
    func appendOnly(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let report = try await opened(house)
        for statement in [
            "DELETE FROM incident_update", "UPDATE incident_update SET text_en = 'x'", "DELETE FROM incident",
            "UPDATE incident SET title_en = 'x'",
        ] as [SQL] {
            await #expect(throws: (any Error).self) {
                try await house.house.db.write { tx in try tx.run(statement) }
            }
        }
        let kept = try await house.house.db.read { tx in try IncidentStore.find(report.id, tx) }
        #expect(kept == report)
    }

    @Test(
        "Everything that is wrong is told at once, at its field, and what was typed is kept",
        arguments: Language.allCases)
    func problems(language: Language) async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        let admin = try await house.actor("admin")
        let empty = try await house.visit("admin.incidents.open", admin, form: [("title-zh", "甲")], language: language)
        #expect(empty.status == 422)
        for field in ["kind", "state", "day", "time", "title-en", "text-zh", "text-en"] {
            #expect(text(empty).contains("id=\"e-\(field)\""), "\(field)")
        }
        #expect(text(empty).contains("value=\"甲\"") && !text(empty).contains("id=\"e-title-zh\""))
        let early = try await house.visit(
            "admin.incidents.open", admin, form: form(house, began: 86_400), language: language)
        #expect(early.status == 422 && text(early).contains("id=\"e-day\""))
        let report = try await opened(house)
        let values = ["id": report.id.text]
        let silent = try await house.visit("admin.incidents.follow", admin, values: values, language: language)
        for field in ["state", "text-zh", "text-en"] { #expect(text(silent).contains("id=\"e-\(field)\""), "\(field)") }
        // Somebody else said something since the page was read.
        let late = try await house.visit(
            "admin.incidents.follow", admin, values: values,
            form: [("seen", "0"), ("state", "known"), ("text-zh", "供电故障"), ("text-en", "Power failed")])
        #expect(late.status == 412 && text(late).contains("Power failed"))
        let other = try await house.visit("admin.incidents.telling", admin, values: values, form: [("whom", "other")])
        for field in ["due", "note"] { #expect(text(other).contains("id=\"e-\(field)\""), "\(field)") }
        let count = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM incident_update") ?? 0 as Int
        }
        #expect(count == 1)
    }

    @Test("The same draft sent twice opens one incident, and tells of it once", arguments: TestStore.engines)
    func twice(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let admin = try await house.actor("admin")
        let fields = form(house, ["kind": "data"])
        let typed = Dictionary(uniqueKeysWithValues: fields)
        func value(_ name: String) throws -> String { try #require(typed[name]) }
        let draft = IncidentDraft(
            kind: try value("kind"), day: try value("day"), time: try value("time"), titleZh: try value("title-zh"),
            titleEn: try value("title-en"),
            word: IncidentWord(state: try value("state"), zh: try value("text-zh"), en: try value("text-en")))
        let incidents = Incidents(house.house)
        async let one = incidents.open(draft, by: admin)
        async let two = incidents.open(draft, by: admin)
        let ids = try await Set([one.id, two.id])
        let answer = try await house.visit("admin.incidents.open", admin, form: fields)
        #expect(ids.count == 1 && answer.status == 303)
        func kept() async throws -> [IncidentReport] {
            try await house.house.db.read { tx in try IncidentStore.list(limit: 10, tx) }
        }
        let first = try #require(try await kept().first)
        #expect(try await kept().count == 1 && ids.contains(first.id))
        let tellings = try await house.house.db.read { tx in try IncidentTellingStore.list(of: first.id, tx) }
        #expect(tellings.count == 2)
        // Other words are another incident.
        _ = try await opened(house, ["kind": "data", "text-en": "Something else"])
        #expect(try await kept().count == 2)
    }

    @Test("Those who follow the feed hear of an old incident again, and of one that began before the others")
    func feed() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        let admin = try await house.actor("admin")
        func opened(_ number: Int, began seconds: Int) async throws -> IncidentReport {
            let title = "Incident \(number)"
            let draft = form(house, began: seconds, ["title-en": title])
            let answer = try await house.visit("admin.incidents.open", admin, form: draft)
            #expect(answer.status == 303, "\(text(answer))")
            house.services.clock.lead += 1_000_000
            let all = try await house.house.db.read { tx in try IncidentStore.list(limit: 100, tx) }
            return try #require(all.first { $0.title.en == title })
        }
        func paths() async throws -> [String] {
            guard case .feed(let feed) = try await house.visit("incidents.feed", .everyone).content else { return [] }
            return feed.entries.map(\.path)
        }
        let oldest = try await opened(0, began: -500_000)
        for number in 1...20 { _ = try await opened(number, began: -600) }
        #expect(try await paths().count == 20)
        #expect(try await !paths().contains("/incidents/\(oldest.number)"))
        let backdated = try await opened(21, began: -400_000)
        #expect(try await paths().first == "/incidents/\(backdated.number)")
        let answer = try await house.visit(
            "admin.incidents.follow", admin, values: ["id": oldest.id.text],
            form: [("seen", "1"), ("state", "known"), ("text-zh", "已查明"), ("text-en", "Known now")])
        #expect(answer.status == 303)
        #expect(try await paths().prefix(2) == ["/incidents/\(oldest.number)", "/incidents/\(backdated.number)"])
    }

    @Test("Each incident keeps its outages, however many there were since", arguments: TestStore.engines)
    func manyOutages(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (now, ids) = (house.house.clock.now(), house.house.ids)
        func outage(_ start: Int) -> Outage {
            Outage(id: ids.make(), from: now.adding(seconds: start), until: now.adding(seconds: start + 10))
        }
        let old = outage(-90_000)
        let later = (0..<60).map { outage(-1_000 + $0 * 12) }
        try await house.house.db.write { tx in
            for one in [old] + later { try OutageStore.add(one, at: now, tx) }
        }
        let found = try await house.house.db.read { tx in
            try OutageStore.list(
                within: [
                    now.adding(seconds: -100_000)...now.adding(seconds: -80_000), now.adding(seconds: -2_000)...now,
                    now.adding(seconds: -500)...now,
                ], limit: 50, tx)
        }
        #expect(found == Array(later.reversed().prefix(50)) + [old])
        #expect(try await house.house.db.read { tx in try OutageStore.list(within: [], limit: 50, tx) }.isEmpty)
    }

    @Test("An outage that was measured meanwhile is linked with what it moved", arguments: TestStore.engines)
    func outages(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let report = try await opened(house)
        let (now, ids) = (house.house.clock.now(), house.house.ids)
        let during = Outage(
            id: ids.make(), from: now.adding(seconds: -300), until: now.adding(seconds: -60), extended: 2,
            notice: "GS-2026-9999")
        let before = Outage(id: ids.make(), from: now.adding(seconds: -9_000), until: now.adding(seconds: -8_000))
        try await house.house.db.write { tx in
            try OutageStore.add(during, at: now, tx)
            try OutageStore.add(before, at: now, tx)
        }
        for route in ["incidents.list", "incidents.show"] {
            let page = text(try await house.visit(route, .everyone, values: ["number": report.number]))
            #expect(page.contains("/outages#outage-\(during.id.text)") && page.contains("/notices/GS-2026-9999"))
            #expect(!page.contains(before.id.text))
        }
        let list = text(try await house.visit("outages.list", .everyone))
        #expect(list.contains("id=\"outage-\(during.id.text)\""))
    }

    @Test(
        "Where data are touched, who must be told waits on the administrators' list alone until it is done",
        arguments: TestStore.engines)
    func telling(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let admin = try await house.actor("admin")
        let today = house.house.today
        func tasks(_ login: String) async throws -> [WaitingItem] {
            let actor = try await house.actor(login)
            return try await house.house.db.read { tx in try Services.waiting(actor, on: today, tx) }
        }
        let service = try await opened(house)
        #expect(try await tasks("admin").isEmpty)
        let report = try await opened(
            house, ["kind": "data", "title-en": "Addresses were seen", "title-zh": "地址外泄"])
        #expect(report.id != service.id)
        let waiting = try await tasks("admin")
        #expect(waiting.map(\.subject.en) == ["Authority for personal information", "People concerned"])
        #expect(waiting.allSatisfy { $0.dueOn == today && $0.address == "/admin/incidents/\(report.id)" })
        for login in ["officer", "leader", "auditor", "applicant"] {
            let others = try await tasks(login).map(\.address)
            #expect(!others.contains { $0.contains("incidents") }, "\(login)")
        }
        let values = ["id": report.id.text]
        let added = try await house.visit(
            "admin.incidents.telling", admin, values: values,
            form: [("whom", "police"), ("due", today.description), ("note", "qzpolicenote")])
        #expect(added.status == 303)
        let list = try await house.house.db.read { tx in try IncidentTellingStore.list(of: report.id, tx) }
        #expect(list.count == 3)
        for one in list {
            let answer = try await house.visit(
                "admin.incidents.told", admin, values: values,
                form: [("telling", one.id.text), ("told-on", today.description), ("how", "qzbyletter")])
            #expect(answer.status == 303, "\(text(answer))")
        }
        let again = try await house.visit(
            "admin.incidents.told", admin, values: values,
            form: [("telling", list[0].id.text), ("told-on", today.adding(days: 1).description), ("how", "")])
        #expect(again.status == 422 && text(again).contains("notice bad"))
        #expect(try await tasks("admin").isEmpty)
        #expect(try await text(house.visit("admin.incidents.show", admin, values: values)).contains("qzbyletter"))
        for route in ["incidents.list", "incidents.show", "home"] {
            let page = text(try await house.visit(route, .everyone, values: ["number": report.number]))
            for word in ["qzpolicenote", "qzbyletter", "Police"] { #expect(!page.contains(word), "\(route): \(word)") }
        }
        let events = try await house.house.db.read { tx in
            try Record.events(about: "incident", report.id.text, tx)
        }
        let tellings = events.filter { ["incident.telling-added", "incident.told"].contains($0.kind) }
        #expect(tellings.count == 6, "who must be told, and that they were, is in the record")
        for event in events {
            for word in ["qzpolicenote", "qzbyletter"] {
                #expect(!event.content.canonicalText.contains(word), "auditors read \(word) in the record")
            }
        }
        let isPublic = try await house.house.db.read { tx in
            try tx.rows(
                """
                SELECT w.is_public FROM record_waiting w JOIN event e ON e.id = w.event
                WHERE e.kind IN ('incident.telling-added', 'incident.told')
                """
            ) { try $0["is_public"] as Bool }
        }
        #expect(isPublic.count == 6 && !isPublic.contains(true), "the exported log holds what is not public")
    }

    @Test(
        "Only an administrator reports incidents, and the page asks a constant number of questions",
        arguments: TestStore.engines)
    func bounds(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        for login in ["officer", "leader", "auditor", "treasurer", "applicant", "expert1"] {
            let actor = try await house.actor(login)
            await #expect(throws: AccessError.self, "\(login)") {
                try await house.visit("admin.incidents.open", actor, form: form(house))
            }
        }
        func count() async throws -> Int {
            try await QueryCounter.count { _ = try await house.visit("incidents.list", .everyone) }
        }
        _ = try await opened(house)
        let few = try await count()
        for number in 0..<5 { _ = try await opened(house, ["title-en": "Signing in is slow \(number)"]) }
        #expect(try await count() == few && few <= 6)
    }
}
