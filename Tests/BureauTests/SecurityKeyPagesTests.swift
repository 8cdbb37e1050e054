import BureauTestSupport
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Pages of security keys")
struct SecurityKeyPagesTests {
    private static let site = "https://house.test"

    /// What a page asks a key: where the answer goes, the options of the browser, and the hidden fields.
    private struct Asked {
        let action: String
        let ceremony: String
        let options: String
        var hidden: [String: String]

        init?(_ html: String) {
            func plain(_ text: some StringProtocol) -> String {
                [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(String(text)) {
                    $0.replacing($1.0, with: $1.1)
                }
            }
            let form =
                /<form method="post" action="([^"]*)" data-key="([^"]*)" data-options="([^"]*)" hidden>([\s\S]*?)<\/form>/
            guard let found = html.firstMatch(of: form) else { return nil }
            (action, ceremony) = (String(found.1), String(found.2))
            options = plain(found.3)
            hidden = [:]
            for field in found.4.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/) {
                hidden[String(field.1)] = plain(field.2)
            }
        }

        /// The form as the script sends it.
        func filled(_ answer: String) -> [(String, String)] {
            hidden.merging(["answer": answer]) { _, new in new }.map { ($0.key, $0.value) }
        }
    }

    private func house(_ engine: Engine) async throws -> TestHouse {
        try await TestHouse(engine, standing: true, site: Self.site)
    }

    private func begin(
        _ house: TestHouse, _ actor: Actor, name: String = "blue", password: String = DemonstrationCity.password,
        language: Language = .english
    ) async throws -> Answer {
        try await house.visit(
            "factor.key.begin", actor, form: [("name", name), ("password", password)], language: language)
    }

    /// Adds a key on the pages.
    /// - Parameter present: the key that is there already.
    /// - Returns: what they answer at the end.
    private func add(
        _ key: SoftKey, _ house: TestHouse, _ actor: Actor, name: String = "blue", showing present: SoftKey? = nil
    ) async throws -> Answer {
        var page = text(try await begin(house, actor, name: name))
        if let present {
            let first = try #require(Asked(page), "\(page)")
            #expect(first.action == "/account/second-factor/keys" && first.ceremony == "get")
            let shown = try present.get(first.options, at: Self.site, counter: 0)
            page = text(try await house.visit("factor.key.begin", actor, form: first.filled(shown)))
        }
        let asked = try #require(Asked(page), "\(page)")
        #expect(asked.action == "/account/second-factor/keys/finish" && asked.ceremony == "create")
        let answer = try key.create(asked.options, at: Self.site)
        return try await house.visit("factor.key.add", actor, form: asked.filled(answer))
    }

    private func secondStep(_ house: TestHouse, _ login: String) async throws -> String {
        let answer = try await house.visit(
            "session.start", .everyone,
            form: [("login", login), ("password", DemonstrationCity.password), ("return", "/calls")])
        #expect(answer.status == 200)
        return text(answer)
    }

    private func expect(_ answer: Answer, _ problem: any Problem, _ place: String = "") {
        #expect(answer.status == problem.kind.status, "\(place)")
        #expect(text(answer).contains("notice bad") && text(answer).contains(problem.message.en), "\(place)")
    }

    private func isRedirect(_ answer: Answer, to path: String) -> Bool {
        if case .redirect(path) = answer.content { true } else { false }
    }

    @Test("A key is added with its name and the password, what is wrong with either is told at its field")
    func adding() async throws {
        let house = try await house(.sqlite)
        let officer = try await house.actor("officer")
        let empty = text(try await house.visit("factor.show", officer))
        #expect(empty.contains("Security keys") && empty.contains("name=\"password\"") && Asked(empty) == nil)
        let nothing = try await begin(house, officer, name: "  ", password: "wrong")
        #expect(nothing.status == 422)
        for field in ["name", "password"] { #expect(text(nothing).contains("id=\"e-\(field)\""), "\(field)") }
        let long = try await begin(house, officer, name: String(repeating: "长", count: 51))
        #expect(text(long).contains("id=\"e-name\"") && !text(long).contains("id=\"e-password\""))
        let wrong = try await begin(house, officer, name: "<b>blue", password: "wrong", language: .chinese)
        #expect(text(wrong).contains("密码不正确。") && text(wrong).contains("value=\"&lt;b&gt;blue\""))
        #expect(!text(wrong).contains("id=\"e-name\""))

        let page = text(try await begin(house, officer))
        #expect(page.contains("data-without-key") && page.contains("needs JavaScript"))
        let key = try SoftKey()
        let first = try await add(key, house, officer, name: "<i>blue")
        #expect(first.status == 200 && text(first).contains("Recovery codes, shown once"))
        #expect(text(first).ranges(of: "<li><code>").count == SecondFactor.recoveryCodes)
        let second = try await add(try SoftKey(.rs256), house, officer, name: "red", showing: key)
        #expect(isRedirect(second, to: "/account/second-factor"))
        let shown = text(try await house.visit("factor.show", officer))
        #expect(shown.contains("&lt;i&gt;blue") && shown.contains(">red"))
        #expect(shown.contains("10 recovery codes are left"))
        #expect(shown.contains("The second factor is on") && shown.contains(">Set up<"), "codes cannot be added")
    }

    @Test("What a key answers wrongly is said, and the same page goes on")
    func wrong() async throws {
        let house = try await house(.sqlite)
        let officer = try await house.actor("officer")
        let asked = try #require(Asked(text(try await begin(house, officer))))
        let elsewhere = try SoftKey().create(asked.options, at: "https://evil.example")
        let refused = try await house.visit("factor.key.add", officer, form: asked.filled(elsewhere))
        expect(refused, KeyError.fault(.origin))
        #expect(text(refused).contains("value=\"blue\""), "what was typed is gone")
        let late = try await house.visit(
            "factor.key.add", officer, form: asked.filled(try SoftKey().create(asked.options, at: Self.site)))
        expect(late, KeyError.strayed)
        let leader = try await house.actor("leader")
        let other = try #require(Asked(text(try await begin(house, leader))))
        let taken = try SoftKey().create(other.options, at: Self.site)
        expect(try await house.visit("factor.key.add", officer, form: other.filled(taken)), KeyError.strayed)
        let empty: [[(String, String)]] = [[], [("answer", ""), ("question", "")]]
        for form in empty {
            expect(try await house.visit("factor.key.add", officer, form: form), KeyError.strayed)
        }
        #expect(Asked(text(try await house.visit("factor.show", officer))) == nil)
        let silent = try #require(Asked(text(try await begin(house, officer))))
        expect(try await house.visit("factor.key.add", officer, form: silent.filled("")), KeyError.fault(.malformed))
    }

    @Test(
        "At the second step stand a field for codes and a button for keys, and either opens",
        arguments: TestStore.engines)
    func signingIn(engine: Engine) async throws {
        let house = try await house(engine)
        let treasurer = try await house.actor("treasurer")
        let key = try SoftKey(.edDSA)
        let codes = text(try await add(key, house, treasurer)).matches(of: /<li><code>([^<]+)</).map { String($0.1) }
        let page = try await secondStep(house, "treasurer")
        // Without an authenticator only recovery codes are asked for.
        #expect(page.contains("name=\"code\"") && page.contains("Recovery code") && !page.contains("six digits"))
        #expect(page.contains("Use a security key") && page.contains("data-without-key"))
        let asked = try #require(Asked(page))
        #expect(asked.action == "/sign-in/code" && asked.ceremony == "get" && asked.hidden["return"] == "/calls")
        let right = try key.get(asked.options, at: Self.site, counter: 1)
        let opened = try await house.visit("session.code", .everyone, form: asked.filled(right))
        #expect(isRedirect(opened, to: "/calls") && opened.cookies.contains { $0.name == CookieJar.session })

        let again = try #require(Asked(try await secondStep(house, "treasurer")))
        let copied = try key.get(again.options, at: Self.site, counter: 1)
        let refused = try await house.visit("session.code", .everyone, form: again.filled(copied))
        expect(refused, KeyError.fault(.counter))
        #expect(Asked(text(refused)) == nil && text(refused).contains("name=\"code\""))
        #expect(text(refused).contains(try #require(again.hidden["ticket"])))
        let ticket = try #require(again.hidden["ticket"])
        let code = try #require(codes.first)
        let recovered = try await house.visit(
            "session.code", .everyone, form: [("ticket", ticket), ("code", code), ("return", "/calls")])
        #expect(isRedirect(recovered, to: "/calls"))
        #expect(text(try await house.visit("factor.show", treasurer)).contains("refused: its counter went back"))
        // Who has codes of an authenticator alone is asked for these alone.
        let (factor, now) = (house.services.sessions.factor, house.house.clock.now())
        let leader = try await house.actor("leader")
        let setUp = try await factor.begin(
            showing: nil, by: try #require(leader.account), session: nil, at: now)
        let first = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
        _ = try await factor.confirm(first, of: setUp.sealed, by: leader, session: nil, at: now)
        let plain = try await secondStep(house, "leader")
        #expect(Asked(plain) == nil && plain.contains("six digits") && !plain.contains("Use a security key"))
    }

    @Test("A key is removed by its owner alone, who shows a code or a key for it")
    func removing() async throws {
        let house = try await house(.sqlite)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let key = try SoftKey()
        _ = try await add(key, house, officer)
        let account = try #require(officer.account)
        let card = try #require(
            try await house.house.db.read { tx in try SecurityKey.list(of: account, tx) }.first)
        let values = ["key": card.id.text]
        #expect(
            text(try await house.visit("factor.show", officer)).contains("/account/second-factor/keys/\(card.id)\""))
        for (route, actor) in [("factor.key.show", leader), ("factor.key.end", leader)] {
            await #expect(throws: KeyError.unknownKey, "\(route)") {
                _ = try await house.visit(route, actor, values: values, form: [("code", "x")])
            }
        }
        let page = text(try await house.visit("factor.key.show", officer, values: values))
        #expect(page.contains("It is your only second factor"))
        let asked = try #require(Asked(page))
        #expect(asked.action == "/account/second-factor/keys/\(card.id)/end" && asked.ceremony == "get")
        let wrong = try await house.visit("factor.key.end", officer, values: values, form: [("code", "1")])
        expect(wrong, AccessError.wrongCode)
        let right = try key.get(asked.options, at: Self.site, counter: 0)
        let done = try await house.visit("factor.key.end", officer, values: values, form: asked.filled(right))
        #expect(isRedirect(done, to: "/account/second-factor"))
        #expect(!text(try await house.visit("factor.show", officer)).contains("The second factor is on"))
    }

    @Test("Codes are turned off by a key as well")
    func ending() async throws {
        let house = try await house(.sqlite)
        let officer = try await house.actor("officer")
        let key = try SoftKey()
        _ = try await add(key, house, officer)
        let page = try await showCodes(house, officer, key)
        // There are recovery codes already: none are shown.
        let confirmed = try await house.visit(
            "factor.confirm", officer, form: try setUp(page) + [("code", try code(page, house))])
        #expect(isRedirect(confirmed, to: "/account/second-factor"))
        let asked = try #require(Asked(text(try await house.visit("factor.show", officer))))
        #expect(asked.action == "/account/second-factor/end")
        let elsewhere = try key.get(asked.options, at: "https://evil.example", counter: 1)
        expect(
            try await house.visit("factor.end", officer, form: asked.filled(elsewhere)), KeyError.fault(.origin))
        let again = try #require(Asked(text(try await house.visit("factor.show", officer))))
        let right = try key.get(again.options, at: Self.site, counter: 1)
        let ended = try await house.visit("factor.end", officer, form: again.filled(right))
        #expect(isRedirect(ended, to: "/account/second-factor"))
        let left = text(try await house.visit("factor.show", officer))
        #expect(left.contains("The second factor is on") && left.contains(">Set up<"))
    }

    @Test(
        "Who sits at a browser that was left open adds neither codes nor a key: both take the password, and the factor that is on",
        arguments: TestStore.engines)
    func leftOpen(engine: Engine) async throws {
        let house = try await house(engine)
        let officer = try await house.actor("officer")
        let key = try SoftKey()
        let passwords: [[(String, String)]] = [[], [("codes-password", "wrong")]]
        for form in passwords {
            let refused = try await house.visit("factor.begin", officer, form: form)
            #expect(refused.status == 422 && text(refused).contains("id=\"e-codes-password\""))
            #expect(!text(refused).contains("id=\"e-password\"") && !text(refused).contains("set-up"))
        }
        _ = try await add(key, house, officer)
        // The password alone leads to the factor that is on, and no further.
        for (route, form) in [
            ("factor.begin", [("codes-password", DemonstrationCity.password)]),
            ("factor.key.begin", [("name", "red"), ("password", DemonstrationCity.password)]),
        ] {
            let page = text(try await house.visit(route, officer, form: form))
            let asked = try #require(Asked(page), "\(page)")
            #expect(asked.ceremony == "get" && page.contains("Show your second factor first"), "\(route)")
            #expect(page.contains("name=\"code\"") && !page.contains("set-up"), "\(route)")
            // A code that is wrong is told on the same page, which goes on.
            let permit = try #require(asked.hidden["permit"])
            let kept = [("name", "red"), ("permit", permit)]
            let wrong = try await house.visit(route, officer, form: kept + [("code", "000000")])
            expect(wrong, AccessError.wrongCode, route)
            #expect(Asked(text(wrong))?.hidden["permit"] == permit, "\(route)")
            // Nor does a word of somebody else's, or of nobody.
            let leader = try await house.actor("leader")
            for (actor, word) in [(leader, permit), (officer, "x"), (officer, "")] {
                let strange = try await house.visit(
                    route, actor, form: [("name", "red"), ("permit", word), ("code", "000000")])
                expect(strange, AccessError.setUpOver, route)
            }
        }
        // Nothing was begun that a code could confirm.
        let none = try await house.visit("factor.confirm", officer, form: [("code", "000000")])
        expect(none, AccessError.setUpOver)
        // With the key it goes on, and what is typed wrongly is asked again of the same secret.
        let page = try await showCodes(house, officer, key)
        let fields = try setUp(page)
        let wrong = try await house.visit("factor.confirm", officer, form: fields + [("code", "1")])
        expect(wrong, AccessError.wrongCode)
        #expect(try setUp(text(wrong)).map { $0.1 } == fields.map { $0.1 })
        let right = try code(page, house)
        let on = try await house.visit("factor.confirm", officer, form: fields + [("code", right)])
        #expect(isRedirect(on, to: "/account/second-factor"))
        let again = try await house.visit("factor.confirm", officer, form: fields + [("code", right)])
        expect(again, AccessError.factorIsOn)
    }

    /// Begins to set codes up on the pages, showing the key that is on.
    private func showCodes(_ house: TestHouse, _ actor: Actor, _ key: SoftKey) async throws -> String {
        let first = text(
            try await house.visit(
                "factor.begin", actor, form: [("codes-password", DemonstrationCity.password)]))
        let asked = try #require(Asked(first), "\(first)")
        #expect(asked.action == "/account/second-factor/begin" && asked.ceremony == "get")
        let shown = try key.get(asked.options, at: Self.site, counter: 0)
        return text(try await house.visit("factor.begin", actor, form: asked.filled(shown)))
    }

    /// The hidden field of a page that waits for the first code.
    private func setUp(_ page: String) throws -> [(String, String)] {
        let field = try #require(page.firstMatch(of: /name="set-up" value="([^"]+)"/), "\(page)")
        return [("set-up", String(field.1))]
    }

    /// What an authenticator shows that was given the secret of a page.
    private func code(_ page: String, _ house: TestHouse) throws -> String {
        let shown = try #require(page.firstMatch(of: /<code>([A-Z2-7]{32})<\/code>/), "\(page)")
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var (secret, buffer, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for letter in shown.1.utf8 {
            buffer = buffer << 5 | UInt32(try #require(letters.firstIndex(of: letter)))
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            secret.append(UInt8(truncatingIfNeeded: buffer >> UInt32(count)))
        }
        return OneTimeCode.code(secret, step: OneTimeCode.step(at: house.house.clock.now()))
    }

    @Test("Where browsers ask no key the page says why", arguments: Language.allCases)
    func nowhere(language: Language) async throws {
        let house = try await TestHouse(.sqlite)
        let page = text(try await house.visit("factor.show", try await house.actor("officer"), language: language))
        #expect(page.contains(KeyError.unavailable.message[language]) && !page.contains("name=\"password\""))
        let answer = try await begin(house, try await house.actor("officer"), language: language)
        #expect(answer.status == 409 && text(answer).contains(KeyError.unavailable.message[language]))
    }
}
