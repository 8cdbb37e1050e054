import CCrypto

/// Codes that change with time (RFC 6238), as authenticator programs show them.
public enum OneTimeCode {
    /// The hash that a code is made with; authenticator programs know the first for sure.
    public enum Hash: Sendable, CaseIterable {
        case sha1, sha256, sha512
    }

    /// Seconds for which a code is shown.
    public static let step: Int64 = 30
    /// Digits of a code.
    public static let digits = 6
    /// Bytes of a secret (RFC 4226, section 4, R6).
    public static let secretLength = 20

    /// The number of the step in which a moment lies.
    public static func step(at moment: Instant) -> Int64 { moment.microseconds / 1_000_000 / step }

    /// The code of a step (RFC 4226, section 5.3).
    public static func code(
        _ secret: [UInt8], step: Int64, digits: Int = OneTimeCode.digits, hash: Hash = .sha1
    ) -> String {
        let mac = hmac(secret, withUnsafeBytes(of: step.bigEndian) { Array($0) }, hash)
        let offset = Int(mac[mac.count - 1] & 0x0F)
        let number = mac[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        var limit: UInt32 = 1
        for _ in 0..<digits { limit *= 10 }
        let text = String(number % limit)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// The step whose code this is: the present one or one next to it, because clocks differ; nil where it is none.
    /// - Parameter last: the step of the last code that was taken: no code is taken twice.
    public static func accepted(_ code: String, _ secret: [UInt8], at moment: Instant, after last: Int64) -> Int64? {
        let given = Array(code.utf8.filter { $0 != 0x20 })
        let now = step(at: moment)
        // All three are computed, so that time does not tell which of them was near.
        let fitting = [now, now - 1, now + 1].filter { Digest.equal(Array(self.code(secret, step: $0).utf8), given) }
        return fitting.first { $0 > last }
    }

    /// The address by which an authenticator program takes a secret in, shown as a QR code.
    public static func address(_ secret: [UInt8], issuer: String, account: String) -> String {
        func escaped(_ text: String) -> String {
            text.utf8.map { byte in
                switch byte {
                case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
                default: "%" + Digest.hex([byte]).uppercased()
                }
            }.joined()
        }
        return
            "otpauth://totp/\(escaped(issuer)):\(escaped(account))?secret=\(base32(secret))&issuer=\(escaped(issuer))"
    }

    /// Base 32 (RFC 4648) without padding.
    public static func base32(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var text: [UInt8] = []
        var (buffer, count): (UInt32, Int) = (0, 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(letters[Int(buffer >> UInt32(count) & 31)])
            }
        }
        if count > 0 { text.append(letters[Int(buffer << UInt32(5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hmac(_ key: [UInt8], _ message: [UInt8], _ hash: Hash) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        let algorithm =
            switch hash {
            case .sha1: EVP_sha1()
            case .sha256: EVP_sha256()
            case .sha512: EVP_sha512()
            }
        HMAC(algorithm, key, Int32(key.count), message, message.count, &result, &count)
        return Array(result.prefix(Int(count)))
    }
}
