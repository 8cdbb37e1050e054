import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

@Suite("Pages of work permits")
struct PermitPageTests {
    private func page(
        _ city: PermitHouse, _ route: String, _ actor: Actor, _ values: [String: String] = [:],
        query: [FormBody.Field] = [], language: Language = .english
    ) async throws -> String {
        let visit = Visit(
            actor: actor, language: language, method: .get, values: values, query: query,
            now: city.house.house.clock.now(), csrfToken: "t")
        let table = try city.house.services.routeTable()
        let answer = try await Database.$writesForbidden.withValue(true) {
            try await #require(table.route(route)).handler(visit)
        }
        guard case .page(let page) = answer.content else { return "" }
        return page.body.string
    }

    @Test("A permit verifies in public without passport or birth date, in both languages", arguments: TestStore.engines)
    func verify(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.grant(passport: "FR5550001")
        for language in Language.allCases {
            let shown = try await page(
                city, "permits.verify", .everyone, query: [.init(name: "code", value: permit.checkCode)],
                language: language)
            #expect(shown.contains("DUPONT MARIE") && shown.contains(language == .chinese ? "法国" : "France"))
            #expect(!shown.contains("FR5550001") && !shown.contains("1990"))
            #expect(shown.contains(language == .chinese ? "许可尚未生效" : "not in force yet"), "it begins in a month")
        }
        city.house.move(days: 31)
        let later = try await page(
            city, "permits.verify", .everyone, query: [.init(name: "code", value: permit.checkCode)])
        #expect(later.contains("The permit is valid"))
        let none = try await page(
            city, "permits.verify", .everyone, query: [.init(name: "code", value: "AAAA-BBBB-CCCC-DDDD")])
        #expect(none.contains("There is no such code"))
    }

    @Test("The case shows the ruling, hides the passport, and a look is written down", arguments: TestStore.engines)
    func panel(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers(passport: "FR5550002"))
        try await city.act(id, "submit", city.employer)
        let shown = try await page(city, "cases.show", city.officer, ["id": id.text])
        #expect(shown.contains("Rulings") && shown.contains("talent.category") && shown.contains("••••••••"))
        #expect(!shown.contains("FR5550002"))
        let table = try city.house.services.routeTable()
        let look = Visit(
            actor: city.officer, method: .post, values: ["id": id.text],
            form: FormBody(fields: [.init(name: "reason", value: "核对护照")]), now: city.house.house.clock.now(),
            csrfToken: "t")
        let answer = try await #require(table.route("desk.permits.reveal")).handler(look)
        guard case .page(let revealed) = answer.content else { return }
        #expect(revealed.body.string.contains("FR5550002"))
        let events = try await city.house.house.db.read { tx in try Record.events(of: id, tx) }
        let event = try #require(events.last { $0.kind == "personal.shown" })
        #expect(event.content["reason"] == "核对护照" && event.actor == city.officer.account?.text)
        #expect(!event.content.canonicalText.contains("FR5550002"))
    }

    @Test("Pages of a draft show what is needed and what is waived", arguments: TestStore.engines)
    func waivers(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers()
        (answers["domestic-case"], answers["visa"]) = ("change-employer", "work-residence")
        answers["stay-until"] = city.text(city.today.adding(days: 90))
        answers["former-ended-on"] = city.text(city.today)
        let id = try await city.draft(.newDomestic, answers)
        let shown = try await page(
            city, "permits.filings.section", city.employer, ["id": id.text, "section": "papers"])
        #expect(shown.contains("Waived for a change of employer"))
        #expect(shown.contains("Certificate of cancellation of the former permit"))
        try await city.act(id, "submit", city.employer)
        #expect(try await city.open(id).isEmpty)
    }

    @Test("Lists ask the same number of questions whatever their length", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let table = try city.house.services.routeTable()
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (route, actor) in [("permits.home", city.employer), ("desk.permits", city.officer)] {
                let visit = Visit(actor: actor, now: city.house.house.clock.now())
                counts.append(
                    try await QueryCounter.count { _ = try await #require(table.route(route)).handler(visit) })
            }
            return counts
        }
        for number in 1...2 {
            let id = try await city.draft(.newAbroad, city.answers(passport: "FR777000\(number)"))
            try await city.act(id, "submit", city.employer)
        }
        let few = try await counts()
        for number in 3...7 {
            let id = try await city.draft(.newAbroad, city.answers(passport: "FR777000\(number)"))
            try await city.act(id, "submit", city.employer)
        }
        #expect(try await counts() == few && few.allSatisfy { $0 <= 12 })
    }
}
