import Synchronization
import Testing

@testable import Kernel

@Suite("The identity provider of the house")
struct ProviderTests {
    private let clock = StandingClock(Instant(microseconds: 1_795_000_000_000_000))

    /// A provider without a network: what it publishes, and what it was asked.
    private final class Fake: Sendable {
        struct State: Sendable {
            var signer = TestSigner.rsa
            var metadata: [String: JSONValue] = [
                "issuer": "https://id.example.cn", "authorization_endpoint": "https://id.example.cn/in?tenant=1",
                "token_endpoint": "https://id.example.cn/token", "jwks_uri": "https://keys.example.cn/set",
            ]
            var claims: [String: JSONValue] = [:]
            var answer: OutsideAnswer?
            var isDown = false
            var asked: [OutsideRequest] = []
        }

        let state = Mutex(State())

        func ask(_ request: OutsideRequest) throws -> OutsideAnswer {
            try state.withLock { state in
                state.asked.append(request)
                if state.isDown { throw OutsideError(code: 7) }
                func json(_ value: JSONValue) -> OutsideAnswer {
                    OutsideAnswer(status: 200, body: value.canonicalBytes)
                }
                switch request.address {
                case "https://id.example.cn/.well-known/openid-configuration": return json(.object(state.metadata))
                case "https://keys.example.cn/set": return json(["keys": [state.signer.published]])
                case "https://id.example.cn/token":
                    return state.answer ?? json(["id_token": .string(state.signer.token(state.claims))])
                default: return OutsideAnswer(status: 404, body: [])
                }
            }
        }

        /// How often its own description was asked for.
        var looks: Int { state.withLock { $0.asked.filter { $0.address.hasSuffix("configuration") }.count } }
        var redemptions: [OutsideRequest] { state.withLock { $0.asked.filter { $0.form != nil } } }
    }

    private func provider(_ fake: Fake, issuer: String = "https://id.example.cn") -> IdentityProvider {
        let settings = ProviderSettings(
            issuer: issuer, client: "the house", secret: "p:ss%", name: Bilingual("认证", "ID"),
            site: "https://house.example.cn/")
        return IdentityProvider(settings, clock: clock) { try fake.ask($0) }
    }

    /// A sign-in whose token the provider has ready.
    private func errand(_ fake: Fake, nonce: String? = nil) throws -> Errand {
        let errand = try Errand(.signIn, back: "/work", at: clock.now())
        let second = clock.now().microseconds / 1_000_000
        fake.state.withLock {
            $0.claims = [
                "iss": "https://id.example.cn", "aud": "the house", "sub": "u-1",
                "nonce": .string(nonce ?? errand.nonce), "iat": .integer(second), "exp": .integer(second + 60),
            ]
        }
        return errand
    }

    @Test("The browser takes state, nonce and challenge along, and the code is redeemed with verifier and secret")
    func there() async throws {
        let fake = Fake()
        let provider = self.provider(fake)
        let errand = try self.errand(fake)
        let address = try await provider.address(for: errand)
        let challenge = Base64URL.text(Digest.sha256(Array(errand.verifier.utf8)))
        let wanted = [
            "https://id.example.cn/in?tenant=1", "response_type=code", "client_id=the%20house",
            "redirect_uri=https%3A%2F%2Fhouse.example.cn%2Fsign-in%2Fprovider%2Freturn", "scope=openid%20profile",
            "state=\(errand.state)", "nonce=\(errand.nonce)", "code_challenge=\(challenge)",
            "code_challenge_method=S256",
        ]
        #expect(address == wanted.joined(separator: "&"))
        #expect(Set([errand.state, errand.nonce, errand.verifier, challenge]).count == 4)
        #expect(errand.verifier.utf8.count == 43)
        #expect(try await provider.identity(code: "c", for: errand).subject == "u-1")
        let sent = try #require(fake.redemptions.first)
        #expect(
            sent.form == [
                "grant_type": "authorization_code", "code": "c", "code_verifier": errand.verifier,
                "redirect_uri": "https://house.example.cn/sign-in/provider/return",
            ])
        #expect(sent.login == OutsideRequest.Login(name: "the house", password: "p:ss%"))
        // Its description and its keys were asked for once.
        let count = fake.state.withLock { $0.asked.count }
        #expect(count == 3)
        fake.state.withLock { $0.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"] }
        clock.move(seconds: 3_600)
        let later = try self.errand(fake)
        _ = try await provider.identity(code: "d", for: later)
        let form = try #require(fake.redemptions.last)
        #expect(form.login == nil && form.form?["client_id"] == "the house" && form.form?["client_secret"] == "p:ss%")
        #expect(!"\(provider.settings)".contains("p:ss%"))
    }

    @Test("A token for another sign-in, and a code that the provider does not know, are refused")
    func refusals() async throws {
        let fake = Fake()
        let provider = self.provider(fake)
        let other = try Errand(.signIn, back: "/", at: clock.now())
        let errand = try self.errand(fake, nonce: other.nonce)
        await #expect(throws: IdentityError.token(.nonce)) { try await provider.identity(code: "c", for: errand) }
        let answers: [(Int, String, IdentityError)] = [
            (400, #"{"error":"invalid_grant"}"#, .codeRefused),
            (401, #"{"error":"invalid_client"}"#, .unusable(.client)),
            (503, "", .unreachable), (200, "{}", .unusable(.answer)), (200, "<html>", .unusable(.answer)),
            (302, "", .unusable(.client)), (200, #"{"id_token":"x"}"#, .token(.malformed)),
        ]
        for (status, body, problem) in answers {
            fake.state.withLock { $0.answer = OutsideAnswer(status: status, body: Array(body.utf8)) }
            await #expect(throws: problem, "\(status) \(body)") { try await provider.identity(code: "c", for: errand) }
        }
    }

    @Test("New keys of the provider are looked for when a token names one, once a minute at most")
    func rotation() async throws {
        let fake = Fake()
        let provider = self.provider(fake)
        _ = try await provider.identity(code: "c", for: try self.errand(fake))
        let next = TestSigner(.es256, id: "next")
        fake.state.withLock { $0.signer = next }
        #expect(try await provider.identity(code: "c", for: try self.errand(fake)).subject == "u-1")
        #expect(fake.looks == 2)
        // Tokens with keys that do not exist make no further work within the minute.
        let stray = TestSigner.otherRSA.token([:], header: ["kid": "nowhere"])
        let errand = try self.errand(fake)
        fake.state.withLock { $0.answer = OutsideAnswer(status: 200, body: Array("{\"id_token\":\"\(stray)\"}".utf8)) }
        for _ in 0..<5 {
            await #expect(throws: IdentityError.token(.key)) { try await provider.identity(code: "c", for: errand) }
        }
        #expect(fake.looks == 2)
        clock.move(seconds: 60)
        await #expect(throws: IdentityError.token(.key)) { try await provider.identity(code: "c", for: errand) }
        #expect(fake.looks == 3)
        // A token that names no key, and fails with all of them, is a reason as well.
        for looks in [4, 5] {
            let nameless = TestSigner(.rs256, id: nil)
            fake.state.withLock {
                $0.answer = nil
                $0.signer = nameless
            }
            clock.move(seconds: 60)
            #expect(try await provider.identity(code: "c", for: try self.errand(fake)).subject == "u-1")
            #expect(fake.looks == looks)
        }
    }

    @Test("A provider that is away is left alone for a while, and one that is another is not used")
    func away() async throws {
        let fake = Fake()
        let provider = self.provider(fake)
        let errand = try self.errand(fake)
        fake.state.withLock { $0.isDown = true }
        for _ in 0..<5 {
            await #expect(throws: IdentityError.unreachable) { try await provider.address(for: errand) }
        }
        #expect(fake.looks == 1)
        fake.state.withLock { $0.isDown = false }
        clock.move(seconds: 10)
        #expect(try await provider.address(for: errand).hasPrefix("https://id.example.cn/in"))
        let changes: [(String, JSONValue?, IdentityError.Defect)] = [
            ("issuer", "https://id.example.cn/", .issuer), ("issuer", nil, .issuer),
            ("token_endpoint", nil, .addresses),
            ("token_endpoint", "http://id.example.cn/token", .addresses),
            ("token_endpoint", "http://127.0.0.1/token", .addresses), ("jwks_uri", "file:///etc/passwd", .addresses),
            ("authorization_endpoint", "https://u:p@id.example.cn/", .addresses),
            ("jwks_uri", "https://id.example.cn/nothing", .answer),
            ("token_endpoint_auth_methods_supported", ["private_key_jwt"], .client),
        ]
        for (name, value, defect) in changes {
            let fake = Fake()
            fake.state.withLock { $0.metadata[name] = value }
            let broken = self.provider(fake)
            await #expect(throws: IdentityError.unusable(defect), "\(name)") {
                try await broken.address(for: errand)
            }
        }
    }

    @Test("Where the provider is slow, no more than eight wait for it")
    func crowd() async throws {
        let fake = Fake()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let settings = ProviderSettings(
            issuer: "https://id.example.cn", client: "h", secret: "s", name: Bilingual("认证", "ID"), site: "https://h")
        let provider = IdentityProvider(settings, clock: clock) { request in
            if request.address.hasSuffix("configuration") { for await _ in gate { break } }
            return try fake.ask(request)
        }
        let errand = try self.errand(fake)
        let (sent, refused) = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    do {
                        _ = try await provider.address(for: errand)
                        return true
                    } catch IdentityError.unreachable {
                        return false
                    }
                }
            }
            var counts = (sent: 0, refused: 0)
            // Those over the limit are told at once; the others wait until the provider answers.
            while let wasSent = try await group.next() {
                if wasSent { counts.sent += 1 } else { counts.refused += 1 }
                if counts.refused == 4 { open.finish() }
            }
            return counts
        }
        #expect(sent == 8 && refused == 4)
        #expect(fake.looks == 1)
    }

    @Test("Only addresses over TLS are asked, or such of this machine")
    func addresses() {
        for text in [
            "https://a.cn", "https://a.cn:8443/x?y=1", "http://127.0.0.1:9", "http://localhost/x", "http://[::1]/",
        ] {
            #expect(OutsideRequest.isPlain(text) == text.hasPrefix("http:"), "\(text)")
        }
        for text in [
            "", "a.cn", "http://a.cn", "ftp://a.cn", "https://", "https://u@a.cn", "https://a.cn/#x", "https://a.cn/ x",
            "https://a.cn\\@b.cn", "file:///etc/passwd", "http://localhost.a.cn", "https://a.cn/\n",
        ] {
            #expect(OutsideRequest.isPlain(text) == nil, "\(text)")
        }
        #expect(throws: OutsideError(code: 3)) { try OutsideRequest("file:///etc/passwd").send() }
        #expect(throws: OutsideError(code: 7)) { try OutsideRequest("http://127.0.0.1:1/").send() }
    }

    @Test("What a browser carries comes back whole, from this house alone, and not for long")
    func errands() throws {
        let vault = Vault(key: [UInt8](repeating: 1, count: 32))
        let other = Vault(key: [UInt8](repeating: 2, count: 32))
        let now = clock.now()
        let kinds: [(Errand.Purpose, ID<Account>?)] = [(.signIn, nil), (.link, ID("a"))]
        for (purpose, account) in kinds {
            let errand = try Errand(purpose, account: account, back: "/calls?q=传感&x=1", at: now)
            let text = try errand.sealed(by: vault)
            #expect(text.utf8.count < 1_024)
            let back = try #require(Errand(opening: text, by: vault, at: now.adding(seconds: 599)))
            #expect(back == errand && back.accepts(state: errand.state) && !back.accepts(state: "x"))
            #expect(Errand(opening: text, by: vault, at: now.adding(seconds: 600)) == nil)
            #expect(Errand(opening: text, by: other, at: now) == nil)
            #expect(Errand(opening: "A\(text.dropFirst())", by: vault, at: now) == nil)
            #expect(!text.contains(errand.state))
        }
        #expect(Errand(opening: "", by: vault, at: now) == nil)
        let identity = ProviderIdentity(issuer: "https://id.example.cn", subject: "u-1", name: "林")
        let proof = try ProvenIdentity.seal(identity, for: ID("a"), at: now, by: vault)
        #expect(try ProvenIdentity.open(proof, for: ID("a"), at: now, by: vault).identity == identity)
        for (account, moment) in [("b", now), ("a", now.adding(seconds: 600))] {
            #expect(throws: IdentityError.strayed) {
                try ProvenIdentity.open(proof, for: ID(account), at: moment, by: vault)
            }
        }
        // One kind of note is not taken for the other.
        #expect(Errand(opening: proof, by: vault, at: now) == nil)
    }

    @Test("What the house seals for another purpose is no note of it, whatever it says; no note is good for long")
    func forgedNotes() throws {
        let old = [UInt8](repeating: 1, count: 32)
        let vault = Vault(key: old)
        let now = clock.now()
        let errand: [String: JSONValue] = [
            "purpose": "sign-in", "back": "/work", "secret": .string(Base64URL.text([UInt8](repeating: 7, count: 32))),
        ]
        let proof: [String: JSONValue] = [
            "issuer": "https://id.example.cn", "subject": "u-1", "name": "", "account": "a", "mark": "m",
        ]
        func isTaken(_ text: String, by vault: Vault) -> Bool {
            Errand(opening: text, by: vault, at: now) != nil
                || (try? ProvenIdentity.open(text, for: ID("a"), at: now, by: vault)) != nil
        }
        for (use, members) in [("errand", errand), ("identity", proof)] {
            func note(_ seconds: Int) throws -> String {
                try SealedNote.seal(members, for: use, until: now.adding(seconds: seconds), by: vault)
            }
            let good = try note(Errand.seconds)
            #expect(isTaken(good, by: vault), "\(use)")
            // Made just before the keys changed.
            #expect(isTaken(good, by: Vault(key: [UInt8](repeating: 2, count: 32), earlier: [old])), "\(use)")
            for seconds in [0, 86_400, 1_000_000_000] {
                let text = try note(seconds)
                #expect(!isTaken(text, by: vault), "\(use) for \(seconds) s")
            }
            // The same content, as an answer would be sealed: alone, and with the signature of another note.
            var content = members
            content["use"] = .string(use)
            content["until"] = .integer(now.adding(seconds: Errand.seconds).microseconds)
            let answer = Base64URL.text(try vault.seal(bytes: JSONValue.object(content).canonicalBytes))
            let signature = try #require(good.split(separator: ".").last)
            let strange = vault.signature(of: answer)
            for forged in [answer, "\(answer).", "\(answer).\(signature)", "\(answer).\(strange)", "\(good)."] {
                #expect(!isTaken(forged, by: vault), "\(use): \(forged)")
            }
        }
    }
}
