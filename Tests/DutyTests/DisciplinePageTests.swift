import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Suggested disciplines on the pages")
struct DisciplinePageTests {
    private func answer(
        _ house: TestHouse, _ route: String, _ actor: Actor, values: [String: String] = [:],
        form: [String: String] = [:]
    ) async throws -> Answer {
        try await house.visit(route, actor, values: values, form: form.map { ($0.key, $0.value) })
    }

    private func body(_ answer: Answer) throws -> String {
        guard case .page(let page) = answer.content else {
            Issue.record("no page: \(answer.status)")
            return ""
        }
        return page.body.string
    }

    @Test("Asking keeps what was typed and saves nothing; choosing saves it", arguments: TestStore.engines)
    func applicant(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        try #require(call.content.field.isEmpty)
        let applicant = try await house.actor("applicant")
        let item = try await house.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        let place = ["id": item.id.text, "section": "basics"]
        var typed = [
            "title-zh": "固态电解质的高通量计算研究", "title-en": "Solid electrolytes", "abstract": "太短", "requested": "x",
            "keywords": "材料科学；二维材料", "term-months": "24", "revision": "0",
        ]
        let asked = try await answer(
            house, "applications.save", applicant, values: place,
            form: typed.merging(["suggest": "yes"]) { _, new in new })
        #expect(asked.status == 200)
        let page = try body(asked)
        #expect(page.contains("固态电解质的高通量计算研究") && page.contains("value=\"x\""))
        #expect(page.contains("Take: Materials") && page.contains("Because of: "))
        let before = try await house.house.db.read { tx in try CaseStore.answers(item.id, tx) }
        #expect(before.revision == 0 && before.content["title-zh"] == nil)
        typed["requested"] = "400000"
        typed["abstract"] = "研究多源异构感知数据在隐私保护下的协同建模方法，形成可复现的原型系统。"
        let chosen = try await answer(
            house, "applications.save", applicant, values: place,
            form: typed.merging(["suggested": "430"]) { _, new in new })
        #expect(chosen.status == 303)
        let after = try await house.house.db.read { tx in try CaseStore.answers(item.id, tx) }
        #expect(
            after.content["discipline"]?.string == "430" && after.content["title-en"]?.string == "Solid electrolytes")
    }

    @Test("Officers name the discipline until the plan is fixed", arguments: TestStore.engines)
    func officer(engine: Engine) async throws {
        let (house, call, item) = try await TestHouse.closed(engine)
        let officer = try await house.actor("officer")
        let page = try body(try await answer(house, "cases.show", officer, values: ["id": item.id.text]))
        #expect(page.contains("Suggestions come from title, keywords and abstract"))
        let applicant = try body(
            try await answer(
                house, "cases.show", try await house.actor("applicant"), values: ["id": item.id.text]))
        #expect(!applicant.contains("Suggestions come from"))
        let place = ["id": item.id.text]
        await #expect(throws: ApplicationError.noSuchDiscipline) {
            _ = try await answer(
                house, "desk.applications.discipline", officer, values: place, form: ["discipline": "999"])
        }
        let named = try await answer(
            house, "desk.applications.discipline", officer, values: place, form: ["discipline": "520"])
        #expect(named.status == 303)
        let (field, events) = try await house.house.db.read { tx -> (String, Int) in
            (
                try ApplicationStore.require(item.id, tx).field,
                try tx.value("SELECT COUNT(*) FROM event WHERE kind = 'application.discipline-named'") ?? 0
            )
        }
        #expect(field == "520" && events == 1)
        // Only experts of the discipline are drawn.
        let round = try await house.draw(call)
        let drawn = Set(try await house.assignments(round).map(\.expert))
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        #expect(pool.filter { drawn.contains($0.id) }.allSatisfy { $0.fields.contains("520") })
        await #expect(throws: ApplicationError.disciplineFixed) {
            _ = try await answer(
                house, "desk.applications.discipline", officer, values: place, form: ["discipline": "430"])
        }
    }
}
