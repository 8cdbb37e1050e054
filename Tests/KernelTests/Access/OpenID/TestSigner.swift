import CCrypto

@testable import Kernel

/// A key of a provider, made for the tests, and the tokens that it signs.
struct TestSigner: Sendable {
    let id: String?
    let algorithm: ProviderKey.Algorithm
    /// As the provider publishes it.
    let published: JSONValue
    /// The private key in DER.
    private let der: [UInt8]

    /// What everybody knows of the key, as somebody would take it who passes it off as a shared secret.
    let publicBytes: [UInt8]

    static let rsa = TestSigner(.rs256, id: "rsa-1")
    static let otherRSA = TestSigner(.rs256, id: "rsa-1")
    static let curve = TestSigner(.es256, id: "curve-1")

    init(_ algorithm: ProviderKey.Algorithm, id: String?, bits: Int32 = 2_048) {
        let context = EVP_PKEY_CTX_new_from_name(nil, algorithm == .rs256 ? "RSA" : "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        if algorithm == .rs256 {
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits)
        } else {
            EVP_PKEY_CTX_set_group_name(context, "P-256")
        }
        var key: OpaquePointer?
        EVP_PKEY_generate(context, &key)
        defer { EVP_PKEY_free(key) }
        self.id = id
        self.algorithm = algorithm
        var der = [UInt8](repeating: 0, count: Int(i2d_PrivateKey(key, nil)))
        der.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = i2d_PrivateKey(key, &start)
        }
        self.der = der
        var json = algorithm == .rs256 ? TestSigner.modulus(key, bits) : TestSigner.point(key)
        publicBytes = Array(JSONValue.object(json).canonicalText.utf8)
        if let id { json["kid"] = .string(id) }
        json["use"] = "sig"
        published = .object(json)
    }

    private static func modulus(_ key: OpaquePointer?, _ bits: Int32) -> [String: JSONValue] {
        var number: OpaquePointer?
        EVP_PKEY_get_bn_param(key, "n", &number)
        defer { BN_free(number) }
        var modulus = [UInt8](repeating: 0, count: Int(bits / 8))
        BN_bn2binpad(number, &modulus, bits / 8)
        return ["kty": "RSA", "n": .string(Base64URL.text(modulus)), "e": "AQAB"]
    }

    private static func point(_ key: OpaquePointer?) -> [String: JSONValue] {
        var point = [UInt8](repeating: 0, count: 65)
        var count = 0
        EVP_PKEY_get_octet_string_param(key, "pub", &point, 65, &count)
        return [
            "kty": "EC", "crv": "P-256", "x": .string(Base64URL.text(Array(point[1..<33]))),
            "y": .string(Base64URL.text(Array(point[33..<65]))),
        ]
    }

    /// The key as the house reads it.
    var key: ProviderKey { ProviderKey(published)! }

    /// A token with these claims.
    /// - Parameter header: members of its header that are added or put in place of the right ones.
    func token(_ claims: [String: JSONValue], header: [String: JSONValue] = [:]) -> String {
        var head: [String: JSONValue] = ["alg": .string(algorithm.rawValue), "typ": "JWT"]
        if let id { head["kid"] = .string(id) }
        head.merge(header) { _, new in new }
        let signed = "\(TestSigner.part(head)).\(TestSigner.part(claims))"
        return "\(signed).\(Base64URL.text(sign(Array(signed.utf8))))"
    }

    static func part(_ members: [String: JSONValue]) -> String {
        Base64URL.text(JSONValue.object(members).canonicalBytes)
    }

    private func sign(_ message: [UInt8]) -> [UInt8] {
        let key = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var start = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        let context = EVP_MD_CTX_new()
        defer {
            EVP_PKEY_free(key)
            EVP_MD_CTX_free(context)
        }
        var signature = [UInt8](repeating: 0, count: 1_024)
        var count = signature.count
        EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key)
        EVP_DigestSign(context, &signature, &count, message, message.count)
        let whole = Array(signature.prefix(count))
        return algorithm == .rs256 ? whole : TestSigner.raw(whole)
    }

    /// The two numbers of a signature in DER, 32 bytes each.
    private static func raw(_ der: [UInt8]) -> [UInt8] {
        var at = 2
        var numbers: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(der[at + 1])
            let digits = Array(der[(at + 2)..<(at + 2 + count)].drop { $0 == 0 })
            numbers += [UInt8](repeating: 0, count: 32 - digits.count) + digits
            at += 2 + count
        }
        return numbers
    }
}
