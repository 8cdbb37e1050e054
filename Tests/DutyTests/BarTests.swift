import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("A sanction in force bars its subject everywhere at once")
struct BarTests {
    private func impose(
        on login: String? = nil, expert: ID<PersonMark>? = nil, _ activities: Set<Bar.Activity>, _ house: TestHouse
    ) async throws {
        let today = house.house.today
        let now = house.house.clock.now()
        let reason = Bilingual("伪造实验数据", "forged data")
        let organisation = try await login.asyncMap { try await house.actor($0).memberships[0].organisation }
        try await house.house.db.write { tx in
            let bar =
                if let organisation {
                    Bar(
                        id: ID("bar-o"), organisation: organisation, activities: activities, from: today, until: nil,
                        reason: reason, basis: reason, source: nil, number: "CX-2026-1")
                } else {
                    Bar(
                        id: ID("bar-p"), person: try #require(expert), activities: activities, from: today,
                        until: today.adding(years: 3), reason: reason, basis: reason, source: nil, number: "CX-2026-2")
                }
            try Bars.impose(bar, by: .system, at: now, tx)
        }
    }

    @Test("It stops a new draft, a submission, the proposal and the contract", arguments: TestStore.engines)
    func filing(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let place = applicant.memberships[0].organisation
        let applications = house.services.funding.applications
        let draft = try await applications.start(call: call.number, organisation: place, by: applicant)
        _ = try await applications.replace(draft.id, answers: TestHouse.answers(1), expecting: 0, by: applicant)
        try await impose(on: "applicant", [.projects], house)
        do {
            try await house.act(draft.id, "submit", applicant)
            Issue.record("a barred organisation filed")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.code) == ["bar.in-force"])
            #expect(!problems[0].message.zh.contains("伪造"))
        }
        let other = try await house.call("technology-general")
        await #expect(throws: ProcedureError.self) {
            try await applications.start(call: other.number, organisation: place, by: applicant)
        }
        // What ends the case otherwise stays open.
        #expect(try await house.act(draft.id, "withdraw", applicant).step == "withdrawn")
    }

    @Test("A bar imposed later stops the award, or strikes it while it is published", arguments: TestStore.engines)
    func award(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let decision = try await house.proposed(call)
        _ = try await house.funding.decisions.approve(decision.id, reason: "同意", by: try await house.actor("leader"))
        try await impose(on: "applicant", [.projects], house)
        house.move(days: 15)
        let officer = try await house.actor("officer")
        _ = try await house.funding.decisions.takeEffect(decision.id, by: officer)
        let items = try await house.house.db.read { tx in try DecisionStore.items(decision.id, tx) }
        #expect(items.map(\.outcome) == [.struck])
        #expect(items[0].reason.zh.contains("CX-2026-1") && !items[0].reason.zh.contains("伪造"))
    }

    @Test("The proposal and the approval name who is barred and why", arguments: TestStore.engines)
    func proposal(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let decision = try await house.proposed(call)
        try await impose(on: "applicant", [.projects], house)
        do {
            _ = try await house.funding.decisions.approve(
                decision.id, reason: "同意", by: try await house.actor("leader"))
            Issue.record("a barred organisation was approved")
        } catch let problem as DecisionError {
            #expect(problem.code == "decision.barred" && problem.message.zh.contains("伪造实验数据"))
        }
    }

    @Test("A contract is not signed with a barred organisation", arguments: TestStore.engines)
    func contract(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        _ = try await house.effective(call)
        try await impose(on: "applicant", [.projects], house)
        do {
            _ = try await house.signed()
            Issue.record("a barred organisation signed")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.contains { $0.code == "bar.in-force" })
        }
    }

    @Test("A barred expert is not drawn", arguments: TestStore.engines)
    func experts(engine: Engine) async throws {
        let (house, call, _) = try await TestHouse.closed(engine)
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        let field = call.content.field
        let able = try #require(pool.first { $0.person != nil && (field.isEmpty || $0.fields.contains(field)) })
        try await impose(expert: able.person, [.review], house)
        let officer = try await house.actor("officer")
        let due = house.house.today.adding(days: 14)
        _ = try await house.funding.review.open(call.id, load: 15, dueOn: due, by: officer)
        let drawn = try await house.funding.review.draw(call.id, seed: "public chance", by: officer)
        #expect(drawn.plan.items.allSatisfy { !$0.eligible.isEmpty && !$0.eligible.contains(able.id) })
    }
}

extension Optional {
    fileprivate func asyncMap<T>(_ change: (Wrapped) async throws -> T) async rethrows -> T? {
        if let self { try await change(self) } else { nil }
    }
}
