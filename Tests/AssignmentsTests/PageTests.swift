import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Assignments
@testable import Portal

@Suite("Pages of assignments", .serialized)
struct AssignmentPageTests {
    private func answer(
        _ house: AssignmentsHouse, _ actor: Actor, query: [FormBody.Field] = [], language: Language = .english
    ) async throws -> Answer {
        let found = try #require(house.room.routes.first { $0.id == "assignments.list" })
        let visit = Visit(actor: actor, language: language, query: query, now: house.clock.now())
        return try await Database.$writesForbidden.withValue(true) { try await found.handler(visit) }
    }

    private func page(
        _ house: AssignmentsHouse, _ actor: Actor, query: [FormBody.Field] = [], language: Language = .english
    ) async throws -> String {
        guard case .page(let page) = try await answer(house, actor, query: query, language: language).content else {
            return ""
        }
        return page.body.string
    }

    @Test("The list shows lights in words and shapes, and nothing of what is restricted", arguments: TestStore.engines)
    func list(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let plain = try await house.running(days: 3, milestones: [2])
        let secret = try await house.running(secrecy: "restricted")
        for language in Language.allCases {
            let shown = try await page(house, house.lead, language: language)
            #expect(shown.contains(plain.number) && shown.contains(secret.number))
            #expect(shown.contains(language == .chinese ? "▲ 预警" : "▲ At risk"))
        }
        let other = try await page(house, house.other)
        #expect(other.contains(plain.number) && !other.contains(secret.number))
        let late = try await page(house, house.lead, query: [.init(name: "light", value: "late")])
        #expect(!late.contains(plain.number))
        let csv = try await answer(house, house.other, query: [.init(name: "format", value: "csv")])
        #expect(csv.disposition?.contains("csv") == true)
        let route = try #require(house.room.routes.first { $0.id == "assignments.list" })
        #expect(!route.access.allows(Actor(account: ID("x"), name: "申请人", roles: [.applicant])))
        #expect(!route.access.allows(.everyone))
    }

    @Test(
        "The summary counts open tasks by source and division, as far as one may see them", arguments: TestStore.engines
    )
    func summary(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        _ = try await house.running(days: 3, milestones: [2], source: "superior")
        _ = try await house.running(secrecy: "restricted")
        for (actor, count) in [(house.leader, 2), (house.other, 1)] {
            let visit = Visit(actor: actor, language: .english, now: house.clock.now())
            let shown = try await house.room.summary(visit).string
            #expect(shown.contains(counted(count, "open task")), "\(actor.name)")
            #expect(shown.contains("Superior authority"))
        }
    }

    @Test("The case shows the light with its reasons")
    func panel() async throws {
        let house = try await AssignmentsHouse(.sqlite)
        let file = try await house.running(days: 3, milestones: [2])
        try await house.act(file.id, "note", house.lead, ["text": "进展<i>一</i>", "evidence": "文号", "milestone": 1])
        let panel = try #require(house.room.panels["assignments.task"])
        let lead = house.lead
        let shown = try await house.house.db.read { tx in
            try panel(try CaseStore.require(file.id, tx), lead, Say(.english), "t", tx).string
        }
        #expect(shown.contains("The deadline is not near") && shown.contains("进展&lt;i&gt;一"))
    }

    @Test("The list asks the same number of questions whatever its length", arguments: TestStore.engines)
    func constantQueries(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        _ = try await house.running()
        let few = try await QueryCounter.count { _ = try await page(house, house.lead) }
        for _ in 0..<5 { _ = try await house.running(milestones: [5, 10]) }
        let many = try await QueryCounter.count { _ = try await page(house, house.lead) }
        #expect(few == many && many <= 6)
    }
}
