import Testing

@testable import Kernel

@Suite("What an identity provider says of somebody")
struct TokenTests {
    private static let settings = ProviderSettings(
        issuer: "https://id.example.cn", client: "house", secret: "s", name: Bilingual("认证", "ID"),
        site: "https://house.example.cn")
    private static let second: Int64 = 1_795_000_000
    private static let now = Instant(microseconds: second * 1_000_000)

    private static let base: [String: JSONValue] = [
        "iss": "https://id.example.cn", "aud": "house", "sub": "u-1", "nonce": "once", "iat": .integer(second - 1),
        "exp": .integer(second + 300), "name": "林小明",
    ]

    private func read(_ token: String, keys: [ProviderKey]) throws(TokenFault) -> ProviderIdentity {
        let token = try SignedToken(token)
        try token.verify(by: keys)
        return try token.identity(from: Self.settings, nonce: "once", at: Self.now)
    }

    /// The right claims but for some; nil leaves a claim out.
    private static func changed(_ changes: [String: JSONValue?]) -> [String: JSONValue] {
        var claims = base
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    @Test("A token is believed that is signed by RSA or on a curve, and says whom the provider saw")
    func right() throws {
        for signer in [TestSigner.rsa, TestSigner.curve] {
            let keys = [TestSigner.curve.key, TestSigner.rsa.key]
            let identity = try read(signer.token(Self.base), keys: keys)
            #expect(
                identity == ProviderIdentity(issuer: "https://id.example.cn", subject: "u-1", name: "林小明"))
        }
        let several: JSONValue = ["other", "house"]
        let taken: [[String: JSONValue?]] = [
            ["azp": "house"], ["aud": ["house"]], ["aud": several, "azp": "house"],
            ["exp": .integer(Self.second - 59)], ["iat": .integer(Self.second + 60)],
            ["nbf": .integer(Self.second + 60)], ["name": nil],
        ]
        for changes in taken {
            let identity = try read(TestSigner.rsa.token(Self.changed(changes)), keys: [TestSigner.rsa.key])
            #expect(identity.subject == "u-1", "\(changes)")
        }
        // A key without a name fits every token, and a token without one every key.
        let nameless = TestSigner(.es256, id: nil)
        #expect(try read(nameless.token(Self.base), keys: [nameless.key]).subject == "u-1")
        #expect(try read(nameless.token(Self.base, header: ["kid": "x"]), keys: [nameless.key]).subject == "u-1")
    }

    @Test("Each claim that is wrong is told from the others")
    func wrongClaims() {
        func refuses(_ changes: [String: JSONValue?], _ fault: TokenFault) {
            let token = TestSigner.rsa.token(Self.changed(changes))
            #expect(throws: fault, "\(changes)") { try read(token, keys: [TestSigner.rsa.key]) }
        }
        let second = Self.second
        refuses(["iss": "https://id.example.com"], .issuer)
        refuses(["iss": "https://id.example.cn/"], .issuer)
        refuses(["iss": nil], .issuer)
        refuses(["aud": "other"], .audience)
        refuses(["aud": nil], .audience)
        refuses(["aud": []], .audience)
        refuses(["aud": ["other"], "azp": "house"], .audience)
        refuses(["azp": "other"], .party)
        refuses(["azp": 1], .party)
        refuses(["aud": ["house", "other"]], .party)
        refuses(["aud": ["house", "other"], "azp": "other"], .party)
        refuses(["exp": .integer(second - 60)], .expired)
        refuses(["exp": nil], .expired)
        refuses(["exp": "1795000300"], .expired)
        refuses(["iat": nil], .expired)
        refuses(["iat": .integer(second - 661)], .expired)
        refuses(["iat": .integer(second + 61)], .early)
        refuses(["nbf": .integer(second + 61)], .early)
        refuses(["nonce": "twice"], .nonce)
        refuses(["nonce": nil], .nonce)
        refuses(["nonce": ""], .nonce)
        refuses(["sub": nil], .subject)
        refuses(["sub": ""], .subject)
        refuses(["sub": 7], .subject)
        refuses(["sub": "u\u{7}1"], .subject)
        refuses(["sub": .string(String(repeating: "u", count: 256))], .subject)
    }

    @Test("No token is believed that is not signed, or signed with what everybody knows")
    func algorithms() {
        let rsa = TestSigner.rsa
        let payload = TestSigner.part(Self.base)
        for name in ["none", "None", "HS256", "RS1", "PS256", "RS512", ""] {
            let head = TestSigner.part(["alg": .string(name), "kid": "rsa-1"])
            #expect(throws: TokenFault.algorithm, "\(name)") { try read("\(head).\(payload).", keys: [rsa.key]) }
        }
        // The public key, taken for the secret of an HMAC.
        for (name, fault) in [("HS256", TokenFault.algorithm), ("RS256", TokenFault.signature)] {
            let signed = "\(TestSigner.part(["alg": .string(name), "kid": "rsa-1"])).\(payload)"
            let mac = Base64URL.text(Digest.hmacSHA256(key: rsa.publicBytes, Array(signed.utf8)))
            #expect(throws: fault, "\(name)") { try read("\(signed).\(mac)", keys: [rsa.key]) }
        }
        // A key of another kind than the token says.
        let crossed = rsa.token(Self.base, header: ["alg": "ES256"])
        #expect(throws: TokenFault.key) { try read(crossed, keys: [rsa.key]) }
        #expect(throws: TokenFault.algorithm) {
            try read(rsa.token(Self.base, header: ["crit": ["b64"], "b64": false]), keys: [rsa.key])
        }
    }

    @Test("A changed byte, another's key and a key that nobody knows are noticed")
    func signatures() throws {
        for signer in [TestSigner.rsa, TestSigner.curve] {
            let token = signer.token(Self.base)
            let parts = token.split(separator: ".").map(String.init)
            let forged = TestSigner.part(Self.changed(["sub": "u-2"]))
            #expect(throws: TokenFault.signature) {
                try read("\(parts[0]).\(forged).\(parts[2])", keys: [signer.key])
            }
            let right = try #require(Base64URL.bytes(parts[2]))
            let others: [[UInt8]] = [
                [], [0, 0, 0], Array(right.dropLast()), right + [0], Array(right.reversed()),
            ]
            for wrong in others {
                #expect(throws: TokenFault.signature, "\(wrong.count)") {
                    try read("\(parts[0]).\(parts[1]).\(Base64URL.text(wrong))", keys: [signer.key])
                }
            }
            #expect(throws: TokenFault.key) { try read(token, keys: []) }
        }
        let token = TestSigner.rsa.token(Self.base)
        #expect(throws: TokenFault.signature) { try read(token, keys: [TestSigner.otherRSA.key]) }
        let renamed = TestSigner.rsa.token(Self.base, header: ["kid": "rsa-2"])
        #expect(throws: TokenFault.key) { try read(renamed, keys: [TestSigner.rsa.key, TestSigner.curve.key]) }
    }

    @Test("What is no token is told so")
    func malformed() {
        let good = TestSigner.rsa.token(Self.base)
        let parts = good.split(separator: ".").map(String.init)
        let twice = Base64URL.text(Array(#"{"alg":"RS256","alg":"none"}"#.utf8))
        let texts = [
            "", ".", "..", "a.b.c", "\(parts[0]).\(parts[1])", "\(good).\(parts[2])", "\(good)=", " \(good)",
            "\(parts[0]).W10.\(parts[2])", "\(twice).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).\(String(repeating: "A", count: 40_000))",
        ]
        for text in texts {
            #expect(throws: TokenFault.malformed, "\(text.prefix(60))") { try read(text, keys: [TestSigner.rsa.key]) }
        }
    }

    @Test("A key that is short, or published for something else, is not taken")
    func keys() throws {
        #expect(ProviderKey(TestSigner(.rs256, id: "short", bits: 1_024).published) == nil)
        func changed(_ signer: TestSigner, _ name: String, _ value: JSONValue?) -> JSONValue {
            var members = signer.published.object ?? [:]
            members[name] = value
            return .object(members)
        }
        #expect(ProviderKey(changed(.rsa, "use", "enc")) == nil)
        #expect(ProviderKey(changed(.rsa, "alg", "RS512")) == nil)
        #expect(ProviderKey(changed(.rsa, "kty", "oct")) == nil)
        #expect(ProviderKey(changed(.curve, "crv", "P-384")) == nil)
        #expect(ProviderKey(changed(.rsa, "use", nil)) != nil && ProviderKey(changed(.rsa, "alg", "RS256")) != nil)
        // A point beside the curve makes a key that has signed nothing.
        let zero = Base64URL.text([UInt8](repeating: 0, count: 32))
        let beside = try #require(ProviderKey(changed(.curve, "y", .string(zero))))
        #expect(throws: TokenFault.signature) { try read(TestSigner.curve.token(Self.base), keys: [beside]) }
        let set: JSONValue = ["keys": [["kty": "oct", "k": "AAAA"], TestSigner.rsa.published, "x"]]
        #expect(ProviderKey.all(set) == [TestSigner.rsa.key])
        #expect(ProviderKey.all(["keys": 1]).isEmpty && ProviderKey.all([]).isEmpty)
    }

    @Test("Every fault says in both languages what is wrong, without anything of the token")
    func words() {
        let faults = TokenFault.allCases.map(IdentityError.token)
        #expect(Set(faults.map(\.message)).count == TokenFault.allCases.count)
        for fault in faults {
            #expect(!fault.message.zh.isEmpty && !fault.message.en.isEmpty && fault.isSuspicious)
            #expect(fault.kind == .unauthenticated)
        }
    }
}
