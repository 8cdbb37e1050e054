import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// Pages of review: what they tell, to whom, and how much they ask the database.
@Suite("Pages of conflicts and assignment")
struct ConflictPageTests {
    private func body(
        _ house: TestHouse, _ route: String, _ actor: Actor, values: [String: String] = [:],
        query: [(String, String)] = []
    ) async throws -> String {
        let answer = try await house.visit(route, actor, values: values, query: query)
        guard case .page(let page) = answer.content else { return "\(answer.status)" }
        return page.body.string
    }

    @Test(
        "Failure 2: who is in conflict sees the same pages whether or not anybody was given the application",
        arguments: TestStore.engines)
    func assignmentLeavesNoTrace(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try #require(try await house.checked(call).first)
        let round = try await house.draw(call)
        let drawn = Set(try await house.assignments(round).map(\.expert))
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        // An expert in conflict, who is not on the application.
        let other = try #require(pool.first { !drawn.contains($0.id) })
        try await house.funding.review.actions.addTie(
            Tie(.relative, item.investigator.text, source: "letter"), to: other.id, by: try await house.actor("officer")
        )
        let viewers = [
            try await house.actor("applicant"), try await house.actor("organisation"), try await house.actor(other.id),
        ]
        func pages() async throws -> [String] {
            var seen: [String] = []
            for viewer in viewers {
                seen.append(try await body(house, "draws.list", viewer))
                seen.append(try await body(house, "draws.show", viewer, values: ["id": round.id.text]))
                seen.append(try await body(house, "work", viewer))
                if viewer.roles.contains(.expert) {
                    seen.append(try await body(house, "reviews.list", viewer))
                } else {
                    seen.append(try await body(house, "cases.show", viewer, values: ["id": item.id.text]))
                }
            }
            return seen
        }
        let before = try await pages()
        try await house.house.db.write { tx in
            try tx.run("DELETE FROM review_assignment WHERE item = \(item.id)")
        }
        #expect(try await pages() == before)
        #expect(before.allSatisfy { $0.count > 100 })
    }

    @Test("Conflicts and plans ask as much for few conflicts as for many", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try #require(try await house.checked(call).first)
        let officer = try await house.actor("officer")
        let options = [("mode", "fair"), ("seats", "2"), ("load", "15"), ("apart", "yes")]
        let asked = try await QueryCounter.count {
            let text = try await body(
                house, "desk.assignment", officer, values: ["id": call.id.text], query: options)
            #expect(text.contains("Total affinity") && text.contains("Proof"))
        }
        let city = String(house.house.city.districts[0].code.prefix(4))
        try await house.funding.review.open(
            call.id, AssignmentOptions(mode: .best, seats: 2, load: 15), city: city,
            dueOn: house.house.today.adding(days: 14), by: officer)
        let round = try #require(
            try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) })
        try await house.funding.review.assign(call.id, seed: "", by: officer)
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for route in ["desk.assignment", "desk.conflicts", "desk.review"] {
                counts.append(
                    try await QueryCounter.count {
                        let text = try await body(house, route, officer, values: ["id": call.id.text])
                        #expect(text.count > 500, "\(route)")
                    })
            }
            return counts
        }
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        let drawn = Set(try await house.assignments(round).map(\.expert))
        let others = pool.filter { !drawn.contains($0.id) }.prefix(20)
        func tie(_ experts: some Sequence<Expert>) async throws {
            for expert in experts {
                try await house.funding.review.actions.addTie(
                    Tie(.coAuthor, item.investigator.text, source: "list"), to: expert.id, by: officer)
            }
        }
        try await tie(others.prefix(1))
        let few = try await counts()
        try await tie(others.dropFirst(1))
        #expect(try await counts() == few)
        #expect((few + [asked]).allSatisfy { $0 <= 20 }, "\(few) \(asked)")
    }
}
