import CCrypto

/// A public key of a provider (JSON Web Key, RFC 7517): RSA for RS256, the curve P-256 for ES256. Others are not taken.
struct ProviderKey: Hashable, Sendable {
    /// The ways of signing that are accepted (RFC 7518, 3.1); neither `none` nor a shared secret is among them.
    enum Algorithm: String, Sendable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    private enum Numbers: Hashable, Sendable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case p256(point: [UInt8])
    }

    /// What tokens call it.
    let id: String?
    let algorithm: Algorithm
    private let numbers: Numbers

    /// - Parameter json: an element of a key set; nil where it is for something else, or weaker than 2,048 bits of RSA.
    init?(_ json: JSONValue) {
        func bytes(_ name: String) -> [UInt8]? { json[name]?.string.flatMap { Base64URL.bytes($0) } }
        switch json["kty"]?.string {
        case "RSA":
            guard let modulus = bytes("n"), let exponent = bytes("e"),
                (256...1_024).contains(modulus.drop { $0 == 0 }.count), (1...8).contains(exponent.count)
            else { return nil }
            algorithm = .rs256
            numbers = .rsa(modulus: modulus, exponent: exponent)
        case "EC":
            guard json["crv"]?.string == "P-256", let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32
            else { return nil }
            algorithm = .es256
            numbers = .p256(point: [4] + x + y)
        default: return nil
        }
        if let use = json["use"]?.string, use != "sig" { return nil }
        if let named = json["alg"]?.string, named != algorithm.rawValue { return nil }
        id = json["kid"]?.string
    }

    /// The keys of a set (RFC 7517, 5) that can be used.
    static func all(_ set: JSONValue) -> [ProviderKey] { (set["keys"]?.array ?? []).compactMap(ProviderKey.init) }

    /// Whether the signature over the message was made with this key.
    func verifies(_ signature: [UInt8], _ message: [UInt8]) -> Bool {
        guard let coded = algorithm == .es256 ? ProviderKey.der(signature) : signature, let key = opened() else {
            return false
        }
        defer { EVP_PKEY_free(key) }
        return kechuang_verify(key, coded, coded.count, message, message.count) == 1
    }

    /// The key as OpenSSL has it; nil where it is none.
    private func opened() -> OpaquePointer? {
        switch numbers {
        case .rsa(let modulus, let exponent): kechuang_rsa_key(modulus, modulus.count, exponent, exponent.count)
        case .p256(let point): kechuang_p256_key(point, point.count)
        }
    }

    /// Two numbers of 32 bytes, as tokens carry the signature (RFC 7518, 3.4), in the form that OpenSSL reads.
    private static func der(_ signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64 else { return nil }
        let numbers = integer(signature.prefix(32)) + integer(signature.suffix(32))
        return [0x30, UInt8(numbers.count)] + numbers
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if (digits.first ?? 0x80) >= 0x80 { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }
}
