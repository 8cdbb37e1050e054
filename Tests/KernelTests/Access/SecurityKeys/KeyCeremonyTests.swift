import HouseTestSupport
import Testing

@testable import Kernel

@Suite("What a security key answers")
struct KeyCeremonyTests {
    private static let now = Instant(microseconds: 1_795_000_000_000_000)
    private static let origin = "https://house.example.cn:8443"
    private let party = RelyingParty(site: KeyCeremonyTests.origin)!
    private let vault = Vault(key: [UInt8](repeating: 5, count: 32))
    private let account = AccountCard(id: ID("lin"), login: "lin", name: "林", roles: [.applicant])

    private func challenge(_ purpose: KeyChallenge.Purpose) throws -> KeyChallenge {
        try KeyChallenge(purpose, for: account.id, holder: "session", name: "n", at: Self.now)
    }

    private func creation(_ challenge: KeyChallenge) throws -> KeyQuestion {
        try KeyQuestion(challenge, newFor: account, beside: [], at: party, house: "局", by: vault)
    }

    /// Makes a key as a page asks for it.
    private func make(
        _ key: SoftKey, at origin: String = Self.origin, _ change: (inout SoftSaying) -> Void = { _ in }
    ) throws -> NewKey {
        let challenge = try challenge(.add)
        let answer = try key.create(try creation(challenge).options, at: origin, change)
        return try NewKey(answer, to: challenge, at: party)
    }

    private func known(_ key: SoftKey, counter: UInt32 = 0) throws -> SecurityKey {
        SecurityKey(try make(key) { $0.counter = counter }, as: ID("k"), name: "n", at: Self.now)
    }

    /// Proves a key as a page asks it.
    private func prove(
        _ key: SoftKey, _ known: SecurityKey, counter: UInt32 = 1, at origin: String = Self.origin,
        _ change: (inout SoftSaying) -> Void = { _ in }
    ) throws -> Int64 {
        let challenge = try challenge(.prove)
        let question = try KeyQuestion(challenge, of: [known], at: party, by: vault)
        let answer = try KeyAnswer(try key.get(question.options, at: origin, counter: counter, change))
        return try answer.counter(of: known, to: challenge, at: party)
    }

    @Test(
        "A key of each kind is read, with or without a word of its own, and proves itself",
        arguments: SoftKey.Kind.allCases)
    func right(kind: SoftKey.Kind) throws {
        let key = try SoftKey(kind)
        for format in ["none", "packed"] {
            let new = try make(key) {
                $0.format = format
                $0.counter = 4_000_000_000
                // It also says that it knows who touched it.
                $0.flags |= 0x04
            }
            #expect(new.algorithm.rawValue == kind.rawValue && new.credential == key.credential, "\(format)")
            #expect(new.counter == 4_000_000_000 && !new.publicKey.isEmpty, "\(format)")
        }
        let card = try known(key)
        #expect(try prove(key, card, counter: 1) == 1)
        // Members that browsers add.
        let more = try prove(key, card, counter: 7) { $0.client["other_keys_can_be_added_here"] = "x" }
        #expect(more == 7)
    }

    /// What is wrong alike with a key that is made and with one that proves itself.
    private static let strangers: [(KeyFault, @Sendable (inout SoftSaying) -> Void)] = [
        (.purpose, { $0.client["type"] = "payment.get" }), (.purpose, { $0.client["type"] = nil }),
        (.challenge, { $0.client["challenge"] = .string(Base64URL.text([UInt8](repeating: 0, count: 32))) }),
        (.challenge, { $0.client["challenge"] = "" }), (.challenge, { $0.client["challenge"] = nil }),
        (.origin, { $0.client["origin"] = "https://house.example.cn" }),
        (.origin, { $0.client["origin"] = "http://house.example.cn:8443" }),
        (.origin, { $0.client["origin"] = "https://house.example.cn:8443.evil.example" }),
        (.origin, { $0.client["origin"] = "https://evil.example" }), (.origin, { $0.client["origin"] = nil }),
        (.origin, { $0.client["crossOrigin"] = true }), (.origin, { $0.client["topOrigin"] = "https://evil.example" }),
        (.domain, { $0.domain = "example.cn" }), (.domain, { $0.domain = "evil.example" }),
        (.presence, { $0.flags &= 0xFE }),
    ]

    @Test("Each check that a new key fails is told from the others")
    func wrongKeys() throws {
        let (key, other) = (try SoftKey(), try SoftKey())
        for (number, (fault, change)) in Self.strangers.enumerated() {
            #expect(throws: fault, "\(number)") { try make(key, change) }
        }
        #expect(throws: KeyFault.purpose) { try make(key) { $0.client["type"] = "webauthn.get" } }
        #expect(throws: KeyFault.kind) { try make(key) { $0.flags = 0x01 } }
        for format in ["fido-u2f", "tpm", "android-key", "apple", "None", ""] {
            #expect(throws: KeyFault.attestation, "\(format)") { try make(key) { $0.format = format } }
        }
        for signer in [other, try SoftKey(.edDSA), try SoftKey(.rs256)] {
            #expect(throws: KeyFault.attestation) {
                try make(key) {
                    $0.format = "packed"
                    $0.signer = signer
                }
            }
        }
        // The answer to another question.
        let answer = try key.create(try creation(try challenge(.add)).options, at: Self.origin)
        #expect(throws: KeyFault.challenge) { try NewKey(answer, to: try challenge(.add), at: party) }
        // A point beside the curve.
        let question = try challenge(.add)
        var json = try #require(
            try JSONValue(parsing: try key.create(try creation(question).options, at: Self.origin)).object)
        var bytes = try #require(json["attestation"]?.string.flatMap { Base64URL.bytes($0) })
        bytes[bytes.count - 1] ^= 1
        json["attestation"] = .string(Base64URL.text(bytes))
        let beside = JSONValue.object(json).canonicalText
        #expect(throws: KeyFault.kind) { try NewKey(beside, to: question, at: party) }
    }

    @Test("Each check that a proof fails is told from the others", arguments: SoftKey.Kind.allCases)
    func wrongProofs(kind: SoftKey.Kind) throws {
        let (key, other) = (try SoftKey(kind), try SoftKey(kind))
        let card = try known(key)
        for (number, (fault, change)) in Self.strangers.enumerated() {
            #expect(throws: fault, "\(number)") { try prove(key, card, change) }
        }
        #expect(throws: KeyFault.purpose) { try prove(key, card) { $0.client["type"] = "webauthn.create" } }
        #expect(throws: KeyFault.signature) { try prove(key, card) { $0.signer = other } }
        #expect(throws: KeyFault.signature) { try prove(other, card) }

        // What was signed, changed afterwards.
        let challenge = try challenge(.prove)
        let question = try KeyQuestion(challenge, of: [card], at: party, by: vault)
        let right = try #require(
            try JSONValue(parsing: try key.get(question.options, at: Self.origin, counter: 5)).object)
        func counter(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> Int64 {
            var json = right
            var bytes = try #require(json[name]?.string.flatMap { Base64URL.bytes($0) })
            change(&bytes)
            json[name] = .string(Base64URL.text(bytes))
            let answer = try KeyAnswer(JSONValue.object(json).canonicalText)
            return try answer.counter(of: card, to: challenge, at: party)
        }
        let untouched = try counter("data") { _ in }
        #expect(untouched == 5)
        #expect(throws: KeyFault.signature) { try counter("data") { $0[36] = 9 } }
        #expect(throws: KeyFault.signature) { try counter("data") { $0 += [0] } }
        #expect(throws: KeyFault.signature) { try counter("client") { $0 += [0x20] } }
        #expect(throws: KeyFault.signature) { try counter("signature") { $0[$0.count - 1] ^= 1 } }
        #expect(throws: KeyFault.signature) { try counter("signature") { $0.removeLast() } }
        #expect(throws: KeyFault.signature) { try counter("signature") { $0 = [0] } }
        #expect(throws: KeyFault.challenge) {
            let answer = try KeyAnswer(JSONValue.object(right).canonicalText)
            return try answer.counter(of: card, to: try self.challenge(.prove), at: party)
        }
    }

    @Test("A counter goes on, or stays at 0 where the key does not count; it never goes back")
    func counters() throws {
        let key = try SoftKey()
        let (none, seven) = (try known(key), try known(key, counter: 7))
        #expect(try prove(key, none, counter: 0) == 0)
        #expect(try prove(key, none, counter: 3) == 3)
        #expect(try prove(key, seven, counter: 8) == 8)
        #expect(try prove(key, seven, counter: .max) == 4_294_967_295)
        for back: UInt32 in [0, 1, 6, 7] {
            #expect(throws: KeyFault.counter, "\(back)") { try prove(key, seven, counter: back) }
        }
        // What is not signed tells nothing of the counter.
        let other = try SoftKey()
        #expect(throws: KeyFault.signature) { try prove(key, seven, counter: 1) { $0.signer = other } }
    }

    @Test("What cannot be read is told so, wherever it is cut off")
    func malformed() throws {
        let key = try SoftKey()
        let (asked, card) = (try challenge(.add), try known(key))
        let whole = try key.create(try creation(asked).options, at: Self.origin)
        let long = String(repeating: "A", count: 40_000)
        let texts = [
            "", "x", "[]", "{}", #"{"client":""}"#, #"{"client":"W10"}"#, #"{"client":1}"#, "\(whole)x",
            "{\"client\":\"\(long)\"}",
        ]
        for text in texts {
            #expect(throws: KeyFault.malformed, "\(text.prefix(40))") { try NewKey(text, to: asked, at: party) }
            #expect(throws: KeyFault.malformed, "\(text.prefix(40))") { try KeyAnswer(text) }
        }
        let members = try #require(try JSONValue(parsing: whole).object)
        let object = try #require(members["attestation"]?.string.flatMap { Base64URL.bytes($0) })
        for count in 0..<object.count {
            var cut = members
            cut["attestation"] = .string(Base64URL.text(Array(object.prefix(count))))
            let text = JSONValue.object(cut).canonicalText
            #expect(throws: KeyFault.malformed, "\(count)") { try NewKey(text, to: asked, at: party) }
        }
        let question = try KeyQuestion(try challenge(.prove), of: [card], at: party, by: vault)
        let proof = try #require(
            try JSONValue(parsing: try key.get(question.options, at: Self.origin, counter: 1)).object)
        for (name, bytes) in [("data", 36), ("client", 20), ("id", 0), ("signature", 0), ("data", 5_000)] {
            var changed = proof
            changed[name] = .string(Base64URL.text([UInt8](repeating: 7, count: bytes)))
            let text = JSONValue.object(changed).canonicalText
            #expect(throws: KeyFault.malformed, "\(name)") { try KeyAnswer(text) }
        }
    }

    @Test("A new key comes in a map of three members, in any order, and in nothing else")
    func maps() throws {
        func text(_ words: String) -> [UInt8] { [0x60 + UInt8(words.utf8.count)] + Array(words.utf8) }
        func object(_ head: UInt8, _ parts: [UInt8]...) -> [UInt8] { [head] + parts.flatMap { $0 } }
        let format = text("fmt") + text("none")
        let statement = text("attStmt") + [0xA0]
        let (words, block) = (text("authData"), [UInt8]([0x43, 1, 2, 3]))
        let data = words + block
        for parts in [[format, statement, data], [data, statement, format], [statement, data, format]] {
            let read = try AttestationObject(object(0xA3, parts[0], parts[1], parts[2]))
            #expect(read.format == "none" && read.statement == [0xA0] && read.data == [1, 2, 3])
        }
        // Numbers, texts, bytes, lists, maps, tags and truth values inside a statement.
        let inner: [UInt8] = [
            0xA2, 0x61, 0x61, 0x84, 0x01, 0x26, 0xC1, 0x19, 0x01, 0x00, 0xF5, 0x61, 0x62, 0xA1, 0x00, 0x40,
        ]
        #expect(try AttestationObject(object(0xA3, format, text("attStmt"), inner, data)).statement == inner)
        let wrong: [[UInt8]] = [
            object(0xA3, format, format, data), object(0xA2, format, data),
            object(0xA4, format, statement, data, format), object(0xBF, format, statement, data, [0xFF]),
            object(0x83, format, statement, data), object(0xA3, format, statement, words, [0x63, 1, 2, 3]),
            object(0xA3, format, statement, text("authdata"), block), object(0xA3, format, statement, data, [0]),
            object(0xA3, format, statement, words, [0x5A, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
            object(0xA3, format, statement, words, [0x5B] + [UInt8](repeating: 0xFF, count: 8)),
            object(0xA3, format, text("attStmt"), [0x9A, 0xFF, 0xFF, 0xFF, 0xFF], data),
            object(0xA3, format, text("attStmt"), [UInt8](repeating: 0x81, count: 200), [0], data),
        ]
        for (number, bytes) in wrong.enumerated() {
            #expect(throws: KeyFault.malformed, "\(number)") { try AttestationObject(bytes) }
        }
    }

    @Test("A question comes back to whom it was made for, for what it was made, and in time")
    func questions() throws {
        let sealed = try challenge(.add).sealed(by: vault)
        func open(
            _ text: String, _ purpose: KeyChallenge.Purpose = .add, account: String = "lin", holder: String = "session",
            vault: Vault? = nil, seconds: Int = KeyChallenge.seconds - 1
        ) throws -> KeyChallenge {
            try KeyChallenge(
                opening: text, purpose, for: ID(account), holder: holder, by: vault ?? self.vault,
                at: Self.now.adding(seconds: seconds))
        }
        #expect(try open(sealed).name == "n")
        let errand = try Errand(.link, account: account.id, back: "/", at: Self.now).sealed(by: vault)
        let strange = Vault(key: [UInt8](repeating: 6, count: 32))
        #expect(throws: KeyError.strayed) { try open(sealed, .prove) }
        #expect(throws: KeyError.strayed) { try open(sealed, account: "officer") }
        #expect(throws: KeyError.strayed) { try open(sealed, holder: "another session") }
        #expect(throws: KeyError.strayed) { try open(sealed, vault: strange) }
        #expect(throws: KeyError.late) { try open(sealed, seconds: KeyChallenge.seconds) }
        #expect(throws: KeyError.late) { try open(sealed, seconds: KeyChallenge.seconds + Sessions.idleSeconds - 1) }
        // Whether it is old is told to nobody else.
        #expect(throws: KeyError.strayed) { try open(sealed, holder: "another", seconds: KeyChallenge.seconds) }
        #expect(throws: KeyError.strayed) { try open(sealed, seconds: KeyChallenge.seconds + Sessions.idleSeconds) }
        for text in ["", "x", errand, "\(sealed)A"] {
            #expect(throws: KeyError.strayed, "\(text.prefix(20))") { try open(text) }
        }
        #expect(try challenge(.add).text != challenge(.add).text)
    }

    @Test("Keys know the house by its domain, where browsers ask keys at all")
    func parties() {
        let known: [(site: String, domain: String, origin: String)] = [
            ("https://house.example.cn", "house.example.cn", "https://house.example.cn"),
            ("https://House.Example.cn/", "house.example.cn", "https://house.example.cn"),
            ("https://house.example.cn:443", "house.example.cn", "https://house.example.cn"),
            ("https://house.example.cn:8443", "house.example.cn", "https://house.example.cn:8443"),
            ("http://localhost:8080", "localhost", "http://localhost:8080"),
            ("http://kechuang.localhost:80", "kechuang.localhost", "http://kechuang.localhost"),
        ]
        for (site, domain, origin) in known {
            let party = RelyingParty(site: site)
            #expect(party?.domain == domain && party?.origin == origin, "\(site)")
        }
        let none = [
            "http://house.example.cn", "http://127.0.0.1:8080", "https://127.0.0.1", "https://192.168.1.10:8443",
            "https://[::1]:8443", "http://localhost.example.cn", "ftp://localhost", "https://", "", "house.example.cn",
        ]
        for site in none { #expect(RelyingParty(site: site) == nil, "\(site)") }
    }

    @Test("Every fault says in both languages what is wrong")
    func words() {
        let faults = KeyFault.allCases.map(KeyError.fault)
        #expect(Set(faults.map(\.message)).count == KeyFault.allCases.count)
        for fault in faults {
            #expect(!fault.message.zh.isEmpty && !fault.message.en.isEmpty && fault.isSuspicious)
            #expect(fault.kind == .unauthenticated)
        }
    }
}
