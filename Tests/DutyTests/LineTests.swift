import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// The page of the best combination: what it chooses, why not, and what is proposed by it.
@Suite("The best combination on the funding line")
struct LineTests {
    private func visit(
        _ house: TestHouse, _ call: Call, _ query: [String: String], form: [String: String]? = nil
    ) async throws -> Answer {
        let route = form == nil ? "desk.line" : "desk.decisions.propose"
        let found = try #require(try house.services.routeTable().route(route))
        func fields(_ values: [String: String]) -> [FormBody.Field] {
            values.sorted { $0.key < $1.key }.map { FormBody.Field(name: $0.key, value: $0.value) }
        }
        return try await found.handler(
            Visit(
                actor: try await house.actor("officer"), language: .english, method: found.method, route: route,
                address: "/desk/calls/\(call.id.text)/line", values: ["id": call.id.text],
                query: fields(query.merging(["method": "best"]) { first, _ in first }),
                form: FormBody(fields: fields(form ?? [:])), now: house.house.clock.now(), csrfToken: "token"))
    }

    /// Four applications of 400,000 yuan each with scores from 70 to 85, and their review closed.
    private func ranked(_ engine: Engine) async throws -> (TestHouse, Call, [Application]) {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let items = try await house.checked(call, count: 4)
        try await house.judge(try await house.draw(call)) { one in
            TestHouse.sheet(85 - 5 * (items.firstIndex { $0.id == one.item } ?? 0))
        }
        try await house.funding.review.close(call.id, by: try await house.actor("officer"))
        return (house, call, items)
    }

    @Test(
        "The best two are chosen, proved, and proposed; what is turned costs what it costs",
        arguments: TestStore.engines)
    func best(engine: Engine) async throws {
        let (house, call, items) = try await ranked(engine)
        let page = text(try await visit(house, call, ["budget": "800,000", "study": "yes"]))
        for words in ["Proved: no combination", "2 / 4", "165.00", "5.00 points less", "points less"] {
            #expect(page.contains(words), "\(words)")
        }
        // The first out, the third in: 10 points less.
        let turned = text(try await visit(house, call, ["budget": "800,000", "out": items[0].number]))
        #expect(turned.contains("155.00"))
        let answer = try await visit(
            house, call, [:],
            form: [
                "method": "best", "floor": "60", "share": "100", "budget": "800,000", "out": items[0].number,
                "reasons": "重复资助",
            ])
        guard case .redirect = answer.content else {
            Issue.record("not proposed: \(text(answer))")
            return
        }
        let (decision, awards) = try await house.house.db.read { tx in
            let decision = try #require(try DecisionStore.list(call: call.id, tx).first)
            return (decision, try DecisionStore.items(decision.id, tx).filter { $0.outcome == .award })
        }
        #expect(decision.method == "best" && Set(awards.map(\.application)) == [items[1].id, items[2].id])
    }

    @Test("Limits that cannot be kept are named with the way out; nonsense is named too", arguments: TestStore.engines)
    func limits(engine: Engine) async throws {
        let (house, call, items) = try await ranked(engine)
        let group = "field:\(items[0].field.prefix(3))"
        let page = text(
            try await visit(
                house, call,
                ["budget": "800,000", "group1": group, "bound1": "least", "measure1": "count", "size1": "3"]))
        #expect(page.contains("cannot be kept together") && page.contains("1,200,000.00") && page.contains("to 2"))
        let nonsense = try await visit(
            house, call, ["budget": "much", "in": "X-1", "group1": group, "size1": "many"])
        #expect(nonsense.status == 422)
        for words in ["Give an amount", "X-1", "Give a number"] { #expect(text(nonsense).contains(words), "\(words)") }
        let half = text(
            try await visit(
                house, call,
                ["budget": "800,000", "group1": group, "bound1": "most", "measure1": "money", "size1": "50%"]))
        #expect(half.contains("0 / 4"), "all are of one discipline, so half of the money is none")
    }

    @Test("The line follows the votes of a panel, and the decision says so", arguments: TestStore.engines)
    func panel(engine: Engine) async throws {
        let (house, call, items) = try await ranked(engine)
        let officer = try await house.actor("officer")
        let (id, experts) = try await house.meeting(call, of: 7)
        let actions = MeetingHouse(house: house.house).actions
        // The last is carried, the first is not.
        for (place, choice) in [(3, "yes"), (0, "no")] {
            let item = try await actions.add(
                Bilingual("审议", "Judge"), minutes: 10, cases: [items[place].id], to: id, by: officer)
            try await actions.openItem(item, by: officer)
            let vote = try await actions.openVote(
                .init(kind: .approve, isSecret: true, question: ""), on: item, by: officer)
            for expert in experts { _ = try? await actions.cast([choice], in: vote, by: expert) }
            try await actions.closeVote(vote, by: officer)
            try await actions.closeItem(item, by: officer)
        }
        try await actions.close(id, by: officer)
        let page = text(try await visit(house, call, ["budget": "800,000", "panel": "yes"]))
        for words in ["150.00", "in favour", "against"] { #expect(page.contains(words), "\(words)") }
        _ = try await visit(
            house, call, [:], form: ["method": "best", "budget": "800,000", "panel": "yes", "reasons": "按会议表决"])
        let awards = try await house.house.db.read { tx in
            let decision = try #require(try DecisionStore.list(call: call.id, tx).first)
            return try DecisionStore.items(decision.id, tx).filter { $0.outcome == .award }
        }
        #expect(Set(awards.map(\.application)) == [items[1].id, items[3].id])
        #expect(awards.contains { $0.reason.en.contains("voted in favour") })
    }

    @Test("The page asks as much whatever is asked of it, and the list leaves as files")
    func queries() async throws {
        let (house, call, items) = try await ranked(.sqlite)
        let plain = try await QueryCounter.count { _ = try await visit(house, call, [:]) }
        let studied = try await QueryCounter.count {
            _ = try await visit(house, call, ["study": "yes", "in": items[3].number, "budget": "800,000"])
        }
        #expect(plain == studied && plain <= 16)
        let file = try await visit(house, call, ["format": "csv"])
        guard case .stream(_, let body) = file.content else {
            Issue.record("no file")
            return
        }
        var writer = BodyWriter(nil)
        try await body(&writer)
        #expect(writer.count > 100)
    }
}
