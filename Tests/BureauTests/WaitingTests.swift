import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing
import Treasury

@testable import Bureau
@testable import Portal

@Suite("Worklists, the API of a review, and the search index")
struct WaitingTests {
    private func tasks(_ house: TestHouse, _ actor: Actor) async throws -> [String] {
        let today = house.house.today
        return try await house.house.db.read { tx in try Services.waiting(actor, on: today, tx).map(\.task.en) }
    }

    /// How many things the desk says wait for somebody.
    private func counted(_ house: TestHouse, _ actor: Actor) async throws -> Int? {
        text(try await house.visit("desk", actor))
            .firstMatch(of: /<span class="value">([0-9]+)<\/span><span class="label">Waiting for me/)
            .flatMap { Int($0.1) }
    }

    @Test(
        "Every step that is no case waits on somebody's list, and leaves it when it is done",
        arguments: TestStore.engines)
    func waiting(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let treasurer = try await house.actor("treasurer")
        let stranger = Actor(account: ID("x"), name: "S", roles: [.officer], division: "electronics")
        func officers() async throws -> [String] {
            #expect(try await tasks(house, stranger).isEmpty)
            return try await tasks(house, officer)
        }
        _ = try await house.checked(call)
        #expect(try await officers() == ["Fix the plan of the draw"])
        // The desk counts it with the cases.
        let cases = try await house.house.db.read { tx in try Worklist.mine(officer, limit: 200, tx).count }
        #expect(try await counted(house, officer) == cases + 1)
        _ = try await house.funding.review.open(
            call.id, load: 9, dueOn: house.house.today.adding(days: 14), by: officer)
        #expect(try await officers() == ["Draw and invite experts"])
        try await house.funding.review.draw(call.id, seed: "public chance", by: officer)
        #expect(try await officers() == ["Follow the review and close it"])
        let found = try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) }
        let round = try #require(found)
        let expert = try await house.actor(try #require(try await house.assignments(round).first).expert)
        #expect(try await tasks(house, expert) == ["Answer an invitation to review"])
        try await house.judge(round)
        #expect(try await tasks(house, expert).isEmpty)
        try await house.funding.review.close(call.id, by: officer)
        #expect(try await officers() == ["Propose awards"])
        let decision = try await house.funding.proposeLine(
            call.id, method: .strict, floor: 60, share: 100, reasons: "按排序", by: officer)
        #expect(try await officers().isEmpty)
        #expect(try await tasks(house, leader) == ["Decide on proposed awards"])
        _ = try await house.funding.decisions.approve(decision.id, reason: "", by: leader)
        #expect(try await tasks(house, leader).isEmpty)
        #expect(try await officers().isEmpty)
        house.move(days: 15)
        #expect(try await officers() == ["The publicity is over: give effect"])
        _ = try await house.funding.decisions.takeEffect(decision.id, by: officer)
        #expect(try await officers().isEmpty)
        let project = try await house.signed()
        #expect(try await officers() == ["Order a tranche that is due"])
        let first = try #require(try await house.tranches(project).first)
        _ = try await house.funding.tranches.order(first.id, note: "", by: officer)
        #expect(try await officers().isEmpty)
        #expect(try await tasks(house, treasurer) == ["Check a payment"])
        #expect(try await counted(house, treasurer) == 1)
        let work = text(try await house.visit("work", treasurer))
        #expect(work.contains("Check a payment") && work.contains("No case waits for you; your tasks stand above."))
        _ = try await house.funding.tranches.confirm(first.id, by: treasurer)
        #expect(try await tasks(house, treasurer) == ["Make a payment run"])
        _ = try await house.services.treasury.runs.make(by: treasurer)
        #expect(try await tasks(house, treasurer) == ["Read the bank's answer"])
    }

    @Test("Messages are marked as read where one is unread, and only there", arguments: TestStore.engines)
    func messages(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let auditor = try await house.actor("auditor")
        func offered() async throws -> Bool {
            text(try await house.visit("messages.list", auditor)).contains("Mark all as read")
        }
        #expect(try await !offered())
        let (now, account) = (house.house.clock.now(), try #require(auditor.account))
        try await house.house.db.write { tx in
            try Messages.tell(account, Bilingual("甲", "A"), Bilingual("乙", "B"), at: "/work", now: now, tx)
        }
        #expect(try await offered())
        #expect(try await house.visit("messages.read", auditor).status == 303)
        #expect(try await !offered())
    }

    /// Calls a route of the API.
    private func api(
        _ house: TestHouse, _ route: String, _ actor: Actor, _ values: [String: String], _ body: JSONValue? = nil,
        version: Int? = nil
    ) async throws -> Answer {
        let found = try #require(try house.services.routeTable().route(route))
        #expect(found.access.allows(actor), "\(route)")
        let handler = found.handler
        let visit = Visit(
            actor: actor, method: found.method, route: route, values: values, body: body?.canonicalBytes ?? [],
            now: house.house.clock.now(), ifMatch: version.map(String.init))
        return try await Database.$writesForbidden.withValue(found.isReading) { try await handler(visit) }
    }

    @Test("A review is run and filled in through the API alone", arguments: TestStore.engines)
    func review(engine: Engine) async throws {
        let (house, call, _) = try await TestHouse.closed(engine)
        let officer = try await house.actor("officer")
        let id = ["id": call.id.text]
        let due = house.house.today.adding(days: 14).description
        _ = try await api(house, "api.review.open", officer, id, ["load": 9, "due": .string(due)])
        _ = try await api(house, "api.review.draw", officer, id, ["seed": "public chance"])
        _ = try await api(house, "api.review.show", officer, id)
        _ = try await api(house, "api.review.remind", officer, id)
        let found = try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx) }
        let round = try #require(found)
        for one in try await house.assignments(round) {
            let expert = try await house.actor(one.expert)
            let own = ["id": one.id.text]
            _ = try await api(house, "api.reviews.list", expert, [:])
            _ = try await api(house, "api.reviews.answer", expert, own, ["answer": "accept"])
            _ = try await api(house, "api.reviews.show", expert, own)
            await #expect(throws: ReviewError.self) {
                _ = try await api(house, "api.reviews.save", expert, own, ["score-novelty": 101], version: 0)
            }
            let saved = try await house.house.db.read { tx in try RoundStore.assignment(one.id, tx)?.revision }
            let sheet: JSONValue = [
                "score-novelty": 90, "score-feasibility": 80, "score-benefit": 70, "verdict": "fund",
                "comment": "选题有新意，技术路线可行，建议资助。",
            ]
            _ = try await api(house, "api.reviews.save", expert, own, sheet, version: saved)
            _ = try await api(house, "api.reviews.submit", expert, own)
        }
        _ = try await api(house, "api.review.close", officer, id)
        let after = try await house.house.db.read { tx in try RoundStore.find(subject: call.id.text, tx)?.state }
        #expect(after == .closed)
    }

    @Test("The search index can be made again and finds the same", arguments: TestStore.engines)
    func index(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        _ = try await house.running(try await house.call("natural-science"))
        func find() async throws -> [String] {
            try await house.house.db.read { tx in
                try ["基金", "城市感知", "Natural", "拟立项"].flatMap {
                    try Search.find($0, limit: 50, tx).map { "\($0.entry.kind) \($0.entry.address) \($0.entry.day)" }
                }.sorted()
            }
        }
        let before = try await find()
        #expect(before.count >= 4)
        try await house.house.db.write { tx in
            try Search.clear(tx)
            try Search.index(
                SearchEntry(
                    kind: .call, subject: "gone", address: "/calls/gone", title: Bilingual("基金", "gone"), text: "",
                    day: house.house.today), tx)
        }
        #expect(try await find() != before)
        let count = try await house.services.indexAgain()
        // Calls of the demonstration, talent teams among them, and its notices and projects.
        #expect(count == 5)
        #expect(try await find() == before)
    }

    @Test("The list of decisions pages by key, in each state and in all", arguments: TestStore.engines)
    func decisions(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let now = house.house.clock.now()
        try await house.house.db.write { tx in
            for number in 1...130 {
                let state: Decision.State = number.isMultiple(of: 2) ? .returned : .effective
                try tx.run(
                    """
                    INSERT INTO funding_decision (id, number, call, state, method, reasons, proposed_by, proposed_at)
                    VALUES (\(UUIDv7.make(at: now.adding(seconds: number))), \("LX-2026-\(1_000 + number)"), \(call.id),
                        \(state), 'strict', 'r', 'x', \(now))
                    """)
            }
        }
        let leader = try await house.actor("leader")
        func walk(_ query: String) async throws -> [String] {
            try await house.walk("desk.decisions", leader, query) { html in
                html.matches(of: /LX-[0-9]{4}-[0-9]{4}/).map { String($0.0) }
            }
        }
        #expect(try await walk("") == (1...130).reversed().map { "LX-2026-\(1_000 + $0)" })
        #expect(try await walk("state=returned") == (1...65).reversed().map { "LX-2026-\(1_000 + 2 * $0)" })
        #expect(try await walk("state=proposed").isEmpty)
    }
}
