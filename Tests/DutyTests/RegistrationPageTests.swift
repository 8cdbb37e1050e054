import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("The pages on which experts come into the pool")
struct RegistrationPageTests {
    private func page(
        _ house: TestHouse, _ route: String, _ actor: Actor, values: [String: String] = [:],
        form: [(String, String)] = [], status: Int = 200
    ) async throws -> String {
        let answer = try await house.visit(route, actor, values: values, form: form)
        #expect(answer.status == status)
        guard case .page(let page) = answer.content else { return "" }
        return page.body.string
    }

    private func tasks(_ house: TestHouse, _ actor: Actor) async throws -> [String] {
        let today = house.house.today
        return try await house.house.db.read { tx in try Services.waiting(actor, on: today, tx).map(\.address) }
    }

    @Test(
        "A request keeps what was typed, waits on the officer's list and is decided there",
        arguments: TestStore.engines)
    func request(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let place = try await house.house.db.read { tx in
            try Registry.organisations([applicant.memberships[0].organisation], tx).values.first
        }
        let code = try #require(place).uscc
        let wrong = try await page(
            house, "reviews.registration.send", applicant,
            form: [("title", "教授<b>"), ("employer", "123"), ("load", "0"), ("keywords", "图")], status: 422)
        #expect(wrong.contains("教授&lt;b&gt;") && wrong.contains("value=\"123\"") && wrong.contains("is not registered"))
        #expect(wrong.contains("Give 1 to 10 codes") && wrong.contains("The most in a round is 1 to 200"))
        #expect(wrong.contains("id=\"e-languages\""))
        let typed = [
            ("title", "教授"), ("employer", code), ("fields", "430"), ("fields", "520"), ("keywords", "图"),
            ("languages", "zh"), ("languages", "en"),
        ]
        for _ in 0..<2 {
            #expect(
                try await house.visit("reviews.registration.send", applicant, form: typed).status == 303)
        }
        #expect(try await page(house, "reviews.registration", applicant).contains("waits for an officer"))
        #expect(try await tasks(house, officer).contains("/desk/experts/requests"))
        let desk = try await page(house, "desk.experts.requests", officer)
        #expect(desk.contains("430 Materials, 520 Computing") && desk.contains("Admit"))
        #expect(desk.contains("Chinese, English"))
        let auditor = try await page(house, "desk.experts.requests", try await house.actor("auditor"))
        #expect(auditor.contains("430 Materials") && !auditor.contains("Admit"))
        let list = try await house.house.db.read { tx in try WaitingExpert.list(limit: 9, tx) }
        #expect(list.count == 1)
        let id = ["id": try #require(list.first).request.id.text]
        // A refusal without a reason is sent back, and so are one that is too long and no decision at all, with what
        // was typed.
        let typedReason = String(repeating: "缓", count: 1_001)
        for (decision, reason, told) in [
            ("refuse", "", "Reason to refuse: is required"), ("refuse", typedReason, "at most 1000 characters"),
            ("", "职称<i>", "Choose to admit or to refuse"),
        ] {
            let back = try await page(
                house, "desk.experts.decide", officer, values: id,
                form: [("decision", decision), ("reason-\(id["id"] ?? "")", reason)], status: 422)
            #expect(back.contains(told) && back.contains("value=\"\(HTML(text: reason).string)\""))
        }
        #expect(
            try await house.visit("desk.experts.decide", officer, values: id, form: [("decision", "admit")]).status
                == 303)
        #expect(try await !tasks(house, officer).contains("/desk/experts/requests"))
        let again = try await page(
            house, "desk.experts.decide", officer, values: id, form: [("decision", "admit")], status: 409)
        #expect(again.contains("No request waits"))
        let mine = try await page(house, "reviews.registration", try await house.actor("applicant"))
        #expect(mine.contains("Your entry holds until") && mine.contains("Leave the pool"))
    }

    @Test("An expert who is asked to confirm has it on the list until it is done", arguments: TestStore.engines)
    func confirm(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let expert = try await house.actor("expert1")
        try await house.funding.review.tend()
        #expect(try await !tasks(house, expert).contains("/reviews/registration"))
        house.move(days: 340)
        try await house.funding.review.tend()
        #expect(try await tasks(house, expert).contains("/reviews/registration"))
        house.move(days: 40)
        #expect(try await page(house, "reviews.registration", expert).contains("Your entry ran out on"))
        let officer = try await house.actor("officer")
        #expect(try await page(house, "desk.experts", officer).contains("To be confirmed"))
        let held = try await house.house.db.read { tx in
            try ExpertEntry.held(of: try #require(try ExpertStore.find(account: expert.account ?? ID(""), tx)), tx)
        }
        let form =
            [("title", held.title), ("employer", held.employer), ("keywords", held.keywords), ("load", held.load)]
            + held.fields.map { ("fields", $0) } + held.languages.map { ("languages", $0) }
        #expect(try await house.visit("reviews.registration.send", expert, form: form).status == 303)
        #expect(try await page(house, "reviews.registration", expert).contains("Your entry holds until"))
        #expect(try await !tasks(house, expert).contains("/reviews/registration"))
        #expect(try await house.visit("reviews.registration.leave", expert).status == 303)
        #expect(try await page(house, "reviews.registration", expert).contains("You have left the pool"))
    }

    @Test(
        "The bureau's people are offered neither a place in the pool nor an application, everybody else is",
        arguments: TestStore.engines)
    func staff(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let number = ["number": try await house.call("natural-science").number]
        for login in ["officer", "leader", "treasurer", "auditor", "admin"] {
            let actor = try await house.actor(login)
            let own = try await page(house, "reviews.registration", actor)
            #expect(!own.contains("<form") && own.contains("You work for the bureau"), "\(login)")
            #expect(try await !page(house, "account.show", actor).contains("/reviews/registration"), "\(login)")
            #expect(try await !page(house, "calls.show", actor, values: number).contains("/applications/new"))
        }
        var others = [Actor.everyone]
        for login in ["applicant", "organisation", "expert1"] {
            let actor = try await house.actor(login)
            #expect(try await page(house, "reviews.registration", actor).contains("<form"), "\(login)")
            #expect(try await page(house, "account.show", actor).contains("/reviews/registration"), "\(login)")
            others.append(actor)
        }
        for actor in others {
            #expect(try await page(house, "calls.show", actor, values: number).contains("/applications/new?call="))
        }
    }
}
