import BureauTestSupport
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("The password before API tokens and another password")
struct TokenPagesTests {
    private static let site = "https://house.test"

    private func ask(
        _ house: TestHouse, _ actor: Actor, _ form: [(String, String)], language: Language = .english
    ) async throws -> Answer {
        try await house.visit("account.token", actor, form: form, language: language)
    }

    private func expect(_ answer: Answer, _ problem: any Problem, _ place: String = "") {
        #expect(answer.status == problem.kind.status, "\(place)")
        #expect(text(answer).contains("notice bad") && text(answer).contains(problem.message.en), "\(place)")
    }

    /// The token that a page shows.
    private func made(_ answer: Answer) throws -> String {
        let page = text(answer)
        return String(try #require(page.firstMatch(of: /<code>(kc_[0-9a-f]+)<\/code>/), "\(page)").1)
    }

    private func owner(_ token: String, _ house: TestHouse) async throws -> ID<Account>? {
        try await house.services.sessions.bearer(token: token, now: house.house.clock.now())?.actor.account
    }

    /// Gives somebody a security key.
    /// - Returns: the recovery codes.
    private func addKey(_ actor: Actor, _ house: TestHouse) async throws -> [String] {
        let (factor, now) = (house.services.sessions.factor, house.house.clock.now())
        let question = try await factor.question(
            adding: "blue", to: try #require(actor.account), showing: nil, session: nil, house: "局", at: now)
        return try await factor.add(
            try SoftKey().create(question.options, at: Self.site), to: question.sealed, as: house.house.ids.make(),
            by: actor, session: nil, at: now)
    }

    @Test(
        "A token takes the password; what is wrong is told at its field, and what was typed stays",
        arguments: TestStore.engines)
    func password(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true)
        let officer = try await house.actor("officer")
        let account = try #require(officer.account)
        #expect(text(try await house.visit("account.show", officer)).contains("name=\"token-password\""))
        let wrong: [[(String, String)]] = [[], [("token-password", "wrong")]]
        for form in wrong {
            let refused = try await ask(house, officer, form)
            #expect(refused.status == 422)
            for field in ["label", "token-password"] {
                #expect(text(refused).contains("id=\"e-\(field)\"") && text(refused).contains("#f-\(field)\""))
            }
        }
        let typed = try await ask(
            house, officer, [("label", "<b>reports"), ("token-password", "wrong")], language: .chinese)
        #expect(text(typed).contains("密码不正确。") && text(typed).contains("value=\"&lt;b&gt;reports\""))
        #expect(!text(typed).contains("id=\"e-label\""))
        let right = ("token-password", DemonstrationCity.password)
        let long = try await ask(house, officer, [("label", String(repeating: "长", count: 101)), right])
        #expect(text(long).contains("id=\"e-label\"") && !text(long).contains("id=\"e-token-password\""))
        let now = house.house.clock.now()
        #expect(try await house.services.sessions.tokens(of: account, now: now).isEmpty)

        let done = try await ask(house, officer, [("label", "reports"), right])
        #expect(done.status == 200 && !text(done).contains("value=\"reports\""))
        #expect(try await owner(try made(done), house) == account)
    }

    @Test(
        "Where a second factor is on it is asked for after the password, and a token of before it is worth nothing",
        arguments: TestStore.engines)
    func factor(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true, site: Self.site)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let account = try #require(officer.account)
        let wanted = [("label", "reports"), ("token-password", DemonstrationCity.password)]
        let former = try made(try await ask(house, officer, wanted))
        let codes = try await addKey(officer, house)
        #expect(try await owner(former, house) == nil)

        let page = text(try await ask(house, officer, wanted))
        #expect(page.contains("Show your second factor first") && !page.contains("kc_"))
        #expect(page.contains("action=\"/account/tokens\"") && page.contains("data-key=\"get\""))
        #expect(page.contains("name=\"code\"") && page.contains("name=\"label\" value=\"reports\""))
        let permit = String(try #require(page.firstMatch(of: /name="permit" value="([^"]+)"/)).1)
        let kept = [("label", "reports"), ("permit", permit)]
        let wrong = try await ask(house, officer, kept + [("code", "000000")])
        expect(wrong, AccessError.wrongCode)
        #expect(text(wrong).contains("value=\"\(permit)\""), "the page does not go on")
        // The word of somebody else, or of nobody, leads back to the form.
        for (actor, word) in [(leader, permit), (officer, "x"), (officer, "")] {
            let strange = try await ask(
                house, actor, [("label", "reports"), ("permit", word), ("code", codes[0])])
            expect(strange, AccessError.setUpOver, word)
            #expect(text(strange).contains("name=\"token-password\"") && text(strange).contains("value=\"reports\""))
        }
        let done = try await ask(house, officer, kept + [("code", codes[0])])
        #expect(done.status == 200)
        #expect(try await owner(try made(done), house) == account)
        // It is used up.
        expect(try await ask(house, officer, kept + [("code", codes[0])]), AccessError.wrongCode)
    }

    @Test(
        "Guessing the password is slowed down where it is changed and where a token is made, as at the door",
        arguments: TestStore.engines, ["account.password", "account.token"])
    func guessing(engine: Engine, route: String) async throws {
        let house = try await TestHouse(engine, standing: true)
        let officer = try await house.actor("officer")
        func attempt(_ password: String) async throws -> Answer {
            try await house.visit(
                route, officer,
                form: [
                    ("old", password), ("new", "another long password"), ("label", "reports"),
                    ("token-password", password),
                ])
        }
        for number in 0..<6 {
            let refused = try await attempt("wrong")
            #expect(refused.status == (route == "account.token" ? 422 : 401), "\(number)")
        }
        for password in ["wrong", DemonstrationCity.password] {
            let blocked = try await attempt(password)
            #expect(blocked.status == AccessError.blocked(seconds: 1).kind.status)
            #expect(text(blocked).contains("Too many attempts") && !text(blocked).contains("kc_"))
        }
        await #expect(throws: AccessError.self) {
            try await house.services.sessions.signIn(
                login: "officer", password: DemonstrationCity.password, from: Sessions.Origin(client: "192.0.2.1"),
                now: house.house.clock.now())
        }
        house.services.clock.lead += 31_000_000
        let done = try await attempt(DemonstrationCity.password)
        if route == "account.token" {
            _ = try made(done)
        } else {
            guard case .redirect("/sign-in") = done.content else {
                Issue.record("the password was not changed")
                return
            }
        }
    }
}
