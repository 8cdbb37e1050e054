import Kernel
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("members are sorted by UTF-16 code units, as RFC 8785 shows")
    func canonicalOrder() throws {
        let value: JSONValue = [
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O",
        ]
        let expected =
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O\","
            + "\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        #expect(value.canonicalText == expected)
        #expect(try JSONValue(parsing: expected) == value)
    }

    @Test("escapes are the shortest there are")
    func escapes() {
        let value: JSONValue = .string("\u{20ac}$\u{0f}\nA'B\"\\\\\"/")
        #expect(value.canonicalText == "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"")
    }

    @Test(
        "what is not strict JSON is refused with its place",
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\":1,\"a\":2}", 7), ("1.5", 0), ("1e3", 0), ("01", 0), ("-", 0),
            ("9223372036854775808", 0), ("\"\\u0000\"", 7), ("\"\\ud800x\"", 7), ("\"a\nb\"", 2), ("nul", 0),
            ("1 2", 2), ("'a'", 0), ("{a:1}", 1), ("\"\\x\"", 2), ("\"\\u12", 2),
        ])
    func refused(_ text: String, _ offset: Int) {
        #expect { try JSONValue(parsing: text) } throws: { error in (error as? JSONProblem)?.offset == offset }
    }

    @Test("bytes that are not UTF-8 and nests that are too deep are refused")
    func hostile() {
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: [0x22, 0xC0, 0xAF, 0x22] as [UInt8]) }
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
        #expect(throws: Never.self) {
            try JSONValue(parsing: String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
        }
    }

    @Test("a typed value survives the way there and back")
    func roundTrip() throws {
        let problem = FieldProblem(field: "budget", code: "field.required", message: Bilingual("缺", "missing"))
        let json = try JSONValue(encoding: problem)
        #expect(json["message"]?["zh"]?.string == "缺")
        #expect(try json.decode(FieldProblem.self) == problem)
        #expect(try JSONValue(sqlValue: json.sqlValue) == json)
        #expect(try JSONValue(encoding: [1.5]).canonicalText == "[1.5]")
        #expect(throws: JSONProblem.self) { try JSONValue(encoding: [1e-9]) }
    }

    @Test("fractions are exact, and come in only where they are asked for")
    func fractions() throws {
        let value = try JSONValue(parsing: "[0.325, -12.50, 3.0, 249999.99]", fractions: true)
        #expect(value.canonicalText == "[0.325,-12.5,3,249999.99]")
        #expect(try JSONValue(sqlValue: value.sqlValue) == value)
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: "0.1234567", fractions: true) }
        #expect(throws: JSONProblem.self) { try JSONValue(parsing: "1e3", fractions: true) }
    }
}

@Suite("Digests")
struct DigestTests {
    @Test("SHA-256 and HMAC-SHA256 give the published values")
    func vectors() {
        #expect(
            Digest.hex(Digest.sha256(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        // RFC 4231, case 2
        #expect(
            Digest.hex(Digest.hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("equality sees every byte and the length")
    func equality() {
        #expect(Digest.equal([1, 2, 3], [1, 2, 3]))
        #expect(!Digest.equal([1, 2, 3], [1, 2, 4]))
        #expect(!Digest.equal([1, 2], [1, 2, 3]))
        #expect(Digest.equal([], []))
    }
}
