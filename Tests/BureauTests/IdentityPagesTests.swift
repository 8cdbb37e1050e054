import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Signing in at an identity provider")
struct IdentityPagesTests {
    static let issuer = "https://id.example.cn"

    /// A provider that publishes what it is and knows no code, or one that is away.
    static func provider(isAway: Bool = false) -> IdentityProvider {
        let settings = ProviderSettings(
            issuer: Self.issuer, client: "house", secret: "s", name: Bilingual("市民认证", "City ID"),
            site: "http://house.test")
        return IdentityProvider(settings) { request in
            if isAway { return OutsideAnswer(status: 503, body: []) }
            let issuer = Self.issuer
            let published: JSONValue =
                switch request.address {
                case "\(issuer)/.well-known/openid-configuration":
                    [
                        "issuer": .string(issuer), "authorization_endpoint": .string("\(issuer)/in"),
                        "token_endpoint": .string("\(issuer)/token"), "jwks_uri": .string("\(issuer)/keys"),
                    ]
                case "\(issuer)/keys":
                    [
                        "keys": [
                            [
                                "kty": "RSA", "e": "AQAB",
                                "n": .string(Base64URL.text([UInt8](repeating: 0xC1, count: 256))),
                            ]
                        ]
                    ]
                default: ["error": "invalid_grant"]
                }
            let isKnown = published["error"] == nil
            return OutsideAnswer(status: isKnown ? 200 : 400, body: published.canonicalBytes)
        }
    }

    /// What the house answers at a route; nothing may be written where it is only read.
    private func knock(
        _ house: TestHouse, _ route: String, as actor: Actor = .everyone, values: [String: String] = [:],
        query: [(String, String)] = [], form: [(String, String)] = [], errand: String? = nil,
        language: Language = .english
    ) async throws -> Answer {
        let found = try #require(try house.services.routeTable().route(route))
        func fields(_ pairs: [(String, String)]) -> [FormBody.Field] {
            pairs.map { FormBody.Field(name: $0.0, value: $0.1) }
        }
        let visit = Visit(
            actor: actor, errand: errand, language: language, method: found.method, route: route,
            address: found.path, client: "192.0.2.9", values: values, query: fields(query),
            form: FormBody(fields: fields(form)), now: house.house.clock.now(), csrfToken: "token")
        guard found.isReading else { return try await found.handler(visit) }
        return try await Database.$writesForbidden.withValue(true) { try await found.handler(visit) }
    }

    private func expect(_ answer: Answer, _ problem: any Problem, _ place: String = "") {
        #expect(answer.status == problem.kind.status, "\(place)")
        #expect(text(answer).contains("notice bad") && text(answer).contains(problem.message.en), "\(place)")
    }

    private func errand(
        _ house: TestHouse, _ purpose: Errand.Purpose = .signIn, of actor: Actor = .everyone
    ) throws -> (state: String, cookie: String) {
        let errand = try Errand(purpose, account: actor.account, back: "/calls", at: house.house.clock.now())
        return (errand.state, try errand.sealed(by: house.house.vault))
    }

    @Test("Without a provider nothing speaks of one; with one the door leads there and back into the house alone")
    func door() async throws {
        let plain = try await TestHouse(.sqlite)
        let table = try plain.services.routeTable()
        #expect(table.routes.allSatisfy { !$0.id.contains("identit") })
        #expect(!text(try await knock(plain, "session.form")).contains("/sign-in/provider"))
        let house = try await TestHouse(.sqlite, provider: Self.provider())
        let own = try house.services.routeTable().routes.filter { $0.id.contains("identit") }
        #expect(own.count == 8)
        for route in own where !route.isReading { #expect(route.access != .everyone, "\(route.id)") }
        let page = text(try await knock(house, "session.form", query: [("return", "/calls?page=2")]))
        #expect(page.contains("href=\"/sign-in/provider?return=%2Fcalls%3Fpage%3D2\""))
        #expect(page.contains("Sign in with City ID"))
        let long = "/calls?q=" + String(repeating: "a", count: 300)
        let ways = [
            ("/calls?page=2", "/calls?page=2"), ("//evil.example", "/work"), ("https://x", "/work"), (long, "/work"),
        ]
        for (wanted, kept) in ways {
            let answer = try await knock(house, "identity.start", query: [("return", wanted)])
            guard case .away(let address) = answer.content else {
                Issue.record("\(wanted) leads nowhere")
                continue
            }
            #expect(address.hasPrefix("\(Self.issuer)/in?response_type=code&") && LocalPath.isOutside(address))
            let cookie = try #require(answer.cookies.first { $0.name == CookieJar.errand })
            #expect(cookie.maxAge == Errand.seconds && CookieJar.isToken(cookie.value))
            let errand = try #require(
                Errand(opening: cookie.value, by: house.house.vault, at: house.house.clock.now()))
            #expect(errand.back == kept && errand.purpose == .signIn && address.contains("state=\(errand.state)"))
        }
    }

    @Test("Where the provider is away, a page says so in the reader's language and leads to the password")
    func away() async throws {
        let house = try await TestHouse(.sqlite, provider: Self.provider(isAway: true))
        for language in Language.allCases {
            let answer = try await knock(
                house, "identity.start", query: [("return", "/calls")], language: language)
            #expect(answer.status == 503)
            #expect(text(answer).contains(IdentityError.unreachable.message[language]))
            #expect(text(answer).contains("href=\"/sign-in?return=%2Fcalls\""))
        }
        #expect(text(try await knock(house, "session.form")).contains("name=\"password\""))
    }

    @Test("Only an answer to a sign-in of this browser goes on, once", arguments: TestStore.engines)
    func arrivals(engine: Engine) async throws {
        let house = try await TestHouse(engine, standing: true, provider: Self.provider())
        let (state, cookie) = try errand(house)
        let good = try await knock(
            house, "identity.arrive", query: [("code", "abc"), ("state", state), ("iss", Self.issuer)], errand: cookie)
        #expect(good.status == 200 && text(good).contains("id=\"go-on\""))
        #expect(text(good).contains("name=\"code\" value=\"abc\"") && text(good).contains(state))
        let other = try errand(house)
        let strays: [([(String, String)], String?)] = [
            ([("code", "abc"), ("state", state)], nil), ([("code", "abc"), ("state", state)], other.cookie),
            ([("code", "abc"), ("state", "x")], cookie), ([("code", "abc")], cookie), ([("state", state)], cookie),
            ([("code", ""), ("state", state)], cookie), ([("code", "abc"), ("state", state)], "forged"),
            ([("code", "abc"), ("state", state), ("iss", "https://id.example.com")], cookie), ([], nil),
        ]
        for (query, cookie) in strays {
            let answer = try await knock(house, "identity.arrive", query: query, errand: cookie)
            expect(answer, IdentityError.strayed, "\(query)")
        }
        let refused = try await knock(
            house, "identity.arrive", query: [("error", "access_denied"), ("state", state)], errand: cookie)
        expect(refused, IdentityError.refused)

        let form = [("code", "abc"), ("state", state)]
        expect(try await knock(house, "identity.finish", form: form, errand: cookie), IdentityError.codeRefused)
        let again = try await knock(house, "identity.finish", form: form, errand: cookie)
        expect(again, IdentityError.strayed)
        #expect(again.cookies.contains { $0.name == CookieJar.errand && $0.maxAge == 0 })
        let late = try errand(house)
        house.services.clock.lead += Int64(Errand.seconds) * 1_000_000
        let old = try await knock(
            house, "identity.finish", form: [("code", "abc"), ("state", late.state)], errand: late.cookie)
        expect(old, IdentityError.strayed)
        // Somebody signs in as another person while the first is at the provider.
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let link = try errand(house, .link, of: officer)
        let taken = try await knock(
            house, "identity.finish", as: leader, form: [("code", "abc"), ("state", link.state)], errand: link.cookie)
        expect(taken, IdentityError.strayed)
    }

    @Test("Answers that belong to nobody are slowed down, by where they come from")
    func guessing() async throws {
        let house = try await TestHouse(.sqlite, standing: true, provider: Self.provider())
        var blocked: Int?
        for attempt in 0..<60 where blocked == nil {
            let answer = try await knock(
                house, "identity.finish", form: [("code", "abc"), ("state", "\(attempt)")], errand: nil)
            if answer.status == 429 { blocked = attempt } else { expect(answer, IdentityError.strayed) }
        }
        #expect(blocked == 51)
    }

    @Test("Linking asks for the password, stays with what was proven, and is shown and ended on the account's page")
    func linking() async throws {
        let house = try await TestHouse(.sqlite, standing: true, provider: Self.provider())
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let account = try #require(officer.account)
        let identity = ProviderIdentity(issuer: Self.issuer, subject: "u-1", name: "<b>Lin</b>")
        let proof = try ProvenIdentity.seal(
            identity, for: account, at: house.house.clock.now(), by: house.house.vault)
        let wrong = try await knock(
            house, "identity.link", as: officer, form: [("proof", proof), ("password", "wrong")])
        expect(wrong, IdentityError.wrongPassword)
        #expect(text(wrong).contains("value=\"\(proof)\"") && text(wrong).contains("id=\"e-password\""))
        #expect(text(wrong).contains("&lt;b&gt;Lin") && !text(wrong).contains("<b>Lin"))
        let right = [("proof", proof), ("password", DemonstrationCity.password)]
        expect(try await knock(house, "identity.link", as: leader, form: right), IdentityError.strayed)
        expect(try await knock(house, "identity.link", as: officer, form: [("proof", "x")]), IdentityError.strayed)
        guard case .redirect("/account") = try await knock(house, "identity.link", as: officer, form: right).content
        else {
            Issue.record("the right password does not link")
            return
        }
        // The same form again, and somebody else who proves the same.
        expect(try await knock(house, "identity.link", as: officer, form: right), IdentityError.strayed)
        let second = try ProvenIdentity.seal(
            identity, for: try #require(leader.account), at: house.house.clock.now(), by: house.house.vault)
        let taken = try await knock(
            house, "identity.link", as: leader,
            form: [("proof", second), ("password", DemonstrationCity.password)])
        expect(taken, IdentityError.linkedElsewhere)
        let page = text(try await knock(house, "account.show", as: officer))
        #expect(page.contains("Linked identities") && page.contains("u-1"))
        #expect(!text(try await knock(house, "account.show", as: leader)).contains("u-1"))
        let link = try #require(try await house.house.db.read { tx in try Identities.list(of: account, tx) }.first)
        await #expect(throws: IdentityError.unknownLink) {
            _ = try await knock(house, "identity.unlink", as: leader, values: ["identity": link.id.text])
        }
        _ = try await knock(house, "identity.unlink", as: officer, values: ["identity": link.id.text])
        #expect(!text(try await knock(house, "account.show", as: officer)).contains("u-1"))
    }

    @Test("An administrator sees and unlinks the identities of others, and links none")
    func desk() async throws {
        let house = try await TestHouse(.sqlite, standing: true, provider: Self.provider())
        let (admin, officer) = (try await house.actor("admin"), try await house.actor("officer"))
        let id = try #require(officer.account)
        let (vault, now) = (house.house.vault, house.house.clock.now())
        let proof = try ProvenIdentity.seal(
            ProviderIdentity(issuer: Self.issuer, subject: "u-9"), for: id, at: now, by: vault)
        try await Identities(db: house.house.db, ids: house.house.ids).link(
            try ProvenIdentity.open(proof, for: id, at: now, by: vault), by: officer, at: now)
        #expect(text(try await knock(house, "admin.home", as: admin)).contains("/admin/accounts/\(id)/identities"))
        let page = text(try await knock(house, "admin.identities", as: admin, values: ["id": id.text]))
        #expect(page.contains("u-9") && !page.contains("name=\"subject\""))
        let posts = try house.services.routeTable().routes.filter { !$0.isReading }.map(\.id)
        #expect(posts.filter { $0.hasPrefix("admin.identities") } == ["admin.identities.unlink"])
        let link = try #require(try await house.house.db.read { tx in try Identities.list(of: id, tx) }.first)
        let ended = try await knock(
            house, "admin.identities.unlink", as: admin, values: ["id": id.text, "identity": link.id.text])
        #expect(ended.status == 303)
        #expect(try await house.house.db.read { tx in try Identities.list(of: id, tx) }.isEmpty)
    }

    @Test("What is wrong with the settings of a provider is said all at once, without its secret")
    func settings() {
        func read(_ values: [String: String]) -> (settings: ProviderSettings?, faults: [Bilingual]) {
            let pairs = values.map { ("KECHUANG_OIDC_\($0.key)", $0.value) }
            return Configuration.provider(
                Dictionary(uniqueKeysWithValues: pairs), site: "https://house.example.cn/")
        }
        let none = read([:])
        #expect(none.settings == nil && none.faults.isEmpty && read(["ISSUER": ""]).faults.isEmpty)
        let whole = ["ISSUER": Self.issuer, "CLIENT": "house", "SECRET": "topsecret"]
        #expect(read(whole).settings?.returnAddress == "https://house.example.cn/sign-in/provider/return")
        #expect(read(whole).settings?.name == Bilingual("统一身份认证", "single sign-on"))
        for name in whole.keys {
            var partial = whole
            partial[name] = nil
            let found = read(partial)
            #expect(found.settings == nil && found.faults.count == 1, "\(name)")
            #expect(found.faults[0].en.contains("KECHUANG_OIDC_\(name)"), "\(name)")
        }
        let issuers = [
            "http://id.example.cn", "id.example.cn", "https://id.example.cn/?x=1", "ftp://id.example.cn", "https://",
        ]
        for issuer in issuers {
            let found = read(whole.merging(["ISSUER": issuer]) { _, new in new })
            #expect(found.settings == nil && found.faults.count == 1, "\(issuer)")
        }
        let all = read(["NAME_ZH": "认证", "SECRET": "topsecret", "SECRET_FILE": "/nowhere"])
        #expect(all.faults.count == 4 && all.faults.allSatisfy { !$0.en.contains("topsecret") })
        var file = whole
        file["SECRET"] = nil
        file["SECRET_FILE"] = "/nowhere/at/all"
        #expect(read(file).faults.count == 1)
    }
}
