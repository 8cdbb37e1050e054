import CCrypto

/// Hashes and keyed hashes of bytes, by OpenSSL.
public enum Digest {
    /// SHA-256 of the bytes: 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &result)
        return result
    }

    /// HMAC-SHA256 of the message under the key: 32 bytes.
    public static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &result, &count)
        return result
    }

    /// Whether two byte strings are equal, in a time that does not depend on where they differ.
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Lower-case hexadecimal text of the bytes.
    public static func hex(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Unpredictable bytes for tokens and keys, from the operating system.
public enum Secret {
    /// - Throws: ``PlainProblem`` of kind `broken` where the system has no randomness to give.
    public static func bytes(_ count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&result, Int32(count)) == 1 else {
            throw PlainProblem(
                .broken, "secret.unavailable",
                Bilingual("系统暂时无法生成安全随机数。", "The system cannot make secure random numbers now."))
        }
        return result
    }
}
