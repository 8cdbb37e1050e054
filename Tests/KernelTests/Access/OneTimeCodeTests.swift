import Kernel
import Testing

@Suite("Codes that change with time")
struct OneTimeCodeTests {
    /// RFC 6238, appendix B: seconds and the codes of eight digits.
    private static let vectors: [(Int64, sha1: String, sha256: String, sha512: String)] = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ]

    private func secret(_ count: Int) -> [UInt8] {
        Array(String(repeating: "1234567890", count: 7).utf8.prefix(count))
    }

    @Test("The codes are those of the standard's own table")
    func vectors() {
        for (seconds, sha1, sha256, sha512) in Self.vectors {
            let step = OneTimeCode.step(at: Instant(microseconds: seconds * 1_000_000))
            #expect(OneTimeCode.code(secret(20), step: step, digits: 8, hash: .sha1) == sha1)
            #expect(OneTimeCode.code(secret(32), step: step, digits: 8, hash: .sha256) == sha256)
            #expect(OneTimeCode.code(secret(64), step: step, digits: 8, hash: .sha512) == sha512)
        }
    }

    @Test("A code is good for its own step and the two beside it, and once only")
    func acceptance() throws {
        let key = secret(20)
        let now = Instant(microseconds: 1_111_111_109_000_000)
        let step = OneTimeCode.step(at: now)
        for other in -3...3 {
            let code = OneTimeCode.code(key, step: step + Int64(other))
            let taken = OneTimeCode.accepted(code, key, at: now, after: 0)
            #expect(taken == (abs(other) <= 1 ? step + Int64(other) : nil), "\(other)")
        }
        let code = OneTimeCode.code(key, step: step)
        #expect(OneTimeCode.accepted("\(code.prefix(3)) \(code.suffix(3))", key, at: now, after: step - 1) == step)
        #expect(OneTimeCode.accepted(code, key, at: now, after: step) == nil)
        for wrong in ["", "000000", "12345", "１２３４５６", code + "0"] where wrong != code {
            #expect(OneTimeCode.accepted(wrong, key, at: now, after: 0) == nil)
        }
    }

    @Test("Base 32 is that of RFC 4648")
    func base32() {
        let vectors = [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ]
        for (plain, text) in vectors { #expect(OneTimeCode.base32(Array(plain.utf8)) == text) }
        #expect(
            OneTimeCode.address([0x66, 0x6F], issuer: "科创 局", account: "a.b")
                == "otpauth://totp/%E7%A7%91%E5%88%9B%20%E5%B1%80:a.b?secret=MZXQ&issuer=%E7%A7%91%E5%88%9B%20%E5%B1%80"
        )
    }
}
