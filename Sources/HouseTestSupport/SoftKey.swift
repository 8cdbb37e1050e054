import CCrypto
public import Kernel

/// What a browser and a key are about to say, before the key signs it; tests get it wrong on purpose.
public struct SoftSaying: Sendable {
    /// The members of the client data.
    public var client: [String: JSONValue]
    public var domain: String
    /// 1 somebody was present, 4 the key knows who, 64 a new key follows.
    public var flags: UInt8
    /// How often the key has signed.
    public var counter: UInt32
    /// How a new key attests what it is: `packed` by itself.
    public var format = "none"
    /// Who signs in place of the key.
    public var signer: SoftKey?
}

/// A security key that is a program, and the browser that it is plugged into (Web Authentication Level 2).
public struct SoftKey: Sendable {
    public enum Kind: Int64, Sendable, CaseIterable {
        case es256 = -7
        case edDSA = -8
        case rs256 = -257
    }

    public let kind: Kind
    /// The name under which browsers know it.
    public let credential: [UInt8]
    /// The private key in DER.
    private let der: [UInt8]
    /// The public key as COSE has it.
    private let cose: [UInt8]

    public init(_ kind: Kind = .es256) throws {
        let name =
            switch kind {
            case .es256: "EC"
            case .edDSA: "ED25519"
            case .rs256: "RSA"
            }
        let context = EVP_PKEY_CTX_new_from_name(nil, name, nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        if kind == .rs256 { EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2_048) }
        if kind == .es256 { EVP_PKEY_CTX_set_group_name(context, "P-256") }
        var key: OpaquePointer?
        EVP_PKEY_generate(context, &key)
        defer { EVP_PKEY_free(key) }
        self.kind = kind
        credential = try Secret.bytes(32)
        var der = [UInt8](repeating: 0, count: Int(i2d_PrivateKey(key, nil)))
        der.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            _ = i2d_PrivateKey(key, &start)
        }
        self.der = der
        cose =
            switch kind {
            case .es256: SoftKey.point(key)
            case .edDSA: SoftKey.raw(key)
            case .rs256: SoftKey.modulus(key)
            }
    }

    /// What the script of a page writes down when this key is made.
    /// - Parameters:
    ///   - options: those of the page.
    ///   - origin: where the page is.
    ///   - change: gets something wrong.
    public func create(
        _ options: String, at origin: String, _ change: (inout SoftSaying) -> Void = { _ in }
    ) throws -> String {
        let asked = try JSONValue(parsing: options)
        var said = SoftSaying(
            client: SoftKey.client("webauthn.create", asked, origin), domain: asked["rp"]?["id"]?.string ?? "",
            flags: 0x41, counter: 0)
        change(&said)
        let client = JSONValue.object(said.client).canonicalBytes
        var data = head(said)
        // The maker says nothing of the model.
        data += [UInt8](repeating: 0, count: 16)
        data += [UInt8(credential.count >> 8), UInt8(credential.count & 0xFF)]
        data += credential
        data += cose
        var object: [UInt8] = [0xA3]
        object += CBOR.text("fmt")
        object += CBOR.text(said.format)
        object += CBOR.text("attStmt")
        object += statement(said, data + Digest.sha256(client))
        object += CBOR.text("authData")
        object += CBOR.bytes(data)
        return SoftKey.answer(["client": client, "attestation": object])
    }

    private func statement(_ said: SoftSaying, _ signed: [UInt8]) -> [UInt8] {
        guard said.format == "packed" else { return [0xA0] }
        var bytes: [UInt8] = [0xA2]
        bytes += CBOR.text("alg")
        bytes += kind == .rs256 ? [0x39, 0x01, 0x00] : [UInt8(0x1F - kind.rawValue)]
        bytes += CBOR.text("sig")
        bytes += CBOR.bytes((said.signer ?? self).sign(signed))
        return bytes
    }

    /// What the script of a page writes down when this key proves that it is there.
    public func get(
        _ options: String, at origin: String, counter: UInt32, _ change: (inout SoftSaying) -> Void = { _ in }
    ) throws -> String {
        let asked = try JSONValue(parsing: options)
        var said = SoftSaying(
            client: SoftKey.client("webauthn.get", asked, origin), domain: asked["rpId"]?.string ?? "", flags: 0x01,
            counter: counter)
        change(&said)
        let client = JSONValue.object(said.client).canonicalBytes
        let data = head(said)
        let signature = (said.signer ?? self).sign(data + Digest.sha256(client))
        return SoftKey.answer(["client": client, "id": credential, "data": data, "signature": signature])
    }

    private func head(_ said: SoftSaying) -> [UInt8] {
        var bytes = Digest.sha256(Array(said.domain.utf8))
        bytes.append(said.flags)
        bytes += withUnsafeBytes(of: said.counter.bigEndian) { Array($0) }
        return bytes
    }

    private static func client(_ type: String, _ asked: JSONValue, _ origin: String) -> [String: JSONValue] {
        [
            "type": .string(type), "challenge": asked["challenge"] ?? .null, "origin": .string(origin),
            "crossOrigin": false,
        ]
    }

    private static func answer(_ members: [String: [UInt8]]) -> String {
        JSONValue.object(members.mapValues { .string(Base64URL.text($0)) }).canonicalText
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
        EVP_DigestSignInit(context, nil, kind == .edDSA ? nil : EVP_sha256(), nil, key)
        EVP_DigestSign(context, &signature, &count, message, message.count)
        return Array(signature.prefix(count))
    }

    private static func point(_ key: OpaquePointer?) -> [UInt8] {
        var point = [UInt8](repeating: 0, count: 65)
        var count = 0
        EVP_PKEY_get_octet_string_param(key, "pub", &point, 65, &count)
        var bytes: [UInt8] = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]
        bytes += CBOR.bytes(Array(point[1..<33]))
        bytes.append(0x22)
        bytes += CBOR.bytes(Array(point[33..<65]))
        return bytes
    }

    private static func raw(_ key: OpaquePointer?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = 32
        EVP_PKEY_get_raw_public_key(key, &bytes, &count)
        let before: [UInt8] = [0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21]
        return before + CBOR.bytes(bytes)
    }

    private static func modulus(_ key: OpaquePointer?) -> [UInt8] {
        var number: OpaquePointer?
        EVP_PKEY_get_bn_param(key, "n", &number)
        defer { BN_free(number) }
        var modulus = [UInt8](repeating: 0, count: 256)
        BN_bn2binpad(number, &modulus, 256)
        var bytes: [UInt8] = [0xA4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20]
        bytes += CBOR.bytes(modulus)
        bytes.append(0x21)
        bytes += CBOR.bytes([0x01, 0x00, 0x01])
        return bytes
    }
}

/// As much of CBOR (RFC 8949) as a key writes.
private enum CBOR {
    static func bytes(_ bytes: [UInt8]) -> [UInt8] { head(0x40, bytes.count) + bytes }
    static func text(_ text: String) -> [UInt8] { head(0x60, text.utf8.count) + Array(text.utf8) }

    private static func head(_ kind: UInt8, _ count: Int) -> [UInt8] {
        switch count {
        case ..<24: [kind | UInt8(count)]
        case ..<256: [kind | 24, UInt8(count)]
        default: [kind | 25, UInt8(count >> 8), UInt8(count & 0xFF)]
        }
    }
}
