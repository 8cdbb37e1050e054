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
        switch answer.content {
        case .page(let page): return page.body.string
        case .encoded(_, let encode): return String(decoding: try encode(), as: UTF8.self)
        default: return "\(answer.status)"
        }
    }

    @Test(
        "Failure 2: who is in conflict sees the same pages whether or not anybody was given the application",
        arguments: TestStore.engines)
    func assignmentLeavesNoTrace(engine: Engine) async throws {
        let (house, call, item) = try await TestHouse.closed(engine)
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
        func pages() async throws -> [String: String] {
            var seen: [String: String] = [:]
            for (number, viewer) in viewers.enumerated() {
                var asked: [(route: String, values: [String: String])] = [
                    ("draws.list", [:]), ("draws.show", ["id": round.id.text]), ("work", [:]), ("messages.list", [:]),
                    ("calls.list", [:]), ("calls.show", ["number": call.number]),
                ]
                if viewer.roles.contains(.expert) {
                    asked += [("reviews.list", [:]), ("reviews.conflicts", [:]), ("api.reviews.list", [:])]
                } else {
                    let id = ["id": item.id.text]
                    asked += [("cases.show", id), ("api.cases.show", id), ("api.applications.show", id)]
                }
                for (route, values) in asked {
                    seen["\(route) as viewer \(number)"] = try await body(house, route, viewer, values: values)
                }
            }
            return seen
        }
        let officer = try await house.actor("officer")
        func desk() async throws -> String {
            try await body(house, "desk.review", officer, values: ["id": call.id.text])
        }
        let (before, full) = (try await pages(), try await desk())
        try await house.house.db.write { tx in
            try tx.run("DELETE FROM review_assignment WHERE item = \(item.id)")
        }
        let after = try await pages()
        #expect(before.count == 27)
        for (page, words) in before { #expect(after[page] == words, "\(page)") }
        // Pages were compared, and whoever may know sees the difference.
        #expect(before.filter { !$0.key.hasPrefix("api.") }.allSatisfy { $0.value.contains("<h1") })
        #expect(try await desk() != full)
    }

    @Test("Conflicts and plans ask as much for few conflicts as for many", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let (house, call, item) = try await TestHouse.closed(engine)
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
        #expect((few + [asked]).allSatisfy { $0 <= 23 }, "\(few) \(asked)")
    }
}
