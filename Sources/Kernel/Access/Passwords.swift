import CCrypto

/// Password hashes by scrypt (RFC 7914), kept as `scrypt$logN$r$p$salt$hash` so that the cost can grow later.
public enum Passwords {
    /// What it costs to try one password.
    public struct Cost: Sendable, Hashable {
        /// Binary logarithm of N.
        public let logN: Int
        public let r: Int
        public let p: Int

        public init(logN: Int, r: Int = 8, p: Int = 1) {
            self.logN = logN
            self.r = r
            self.p = p
        }

        /// 32 MiB and about a tenth of a second.
        public static let standard = Cost(logN: 15)
    }

    /// Hashes a new password with a fresh salt.
    /// - Throws: ``AccessError/weakPassword`` for fewer than 10 or more than 200 characters.
    public static func hash(_ password: String, cost: Cost = .standard) throws -> String {
        guard (10...200).contains(password.count) else { throw AccessError.weakPassword }
        let salt = try Secret.bytes(16)
        let key = try derive(password, salt: salt, cost)
        return "scrypt$\(cost.logN)$\(cost.r)$\(cost.p)$\(Digest.hex(salt))$\(Digest.hex(key))"
    }

    /// Whether the password is the one that was hashed; false for a hash that cannot be read.
    public static func verify(_ password: String, against stored: String) -> Bool {
        let parts = stored.split(separator: "$").map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]), let r = Int(parts[2]),
            let p = Int(parts[3]), let salt = Hex.bytes(parts[4]), let wanted = Hex.bytes(parts[5]),
            let key = try? derive(password, salt: salt, Cost(logN: logN, r: r, p: p))
        else { return false }
        return Digest.equal(key, wanted)
    }

    private static func derive(_ password: String, salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        var key = [UInt8](repeating: 0, count: 32)
        let text = Array(password.utf8).map { CChar(bitPattern: $0) }
        let done = EVP_PBE_scrypt(
            text, text.count, salt, salt.count, UInt64(1) << UInt64(cost.logN), UInt64(cost.r), UInt64(cost.p),
            256 << 20, &key, key.count)
        guard done == 1 else { throw AccessError.unavailable }
        return key
    }
}
