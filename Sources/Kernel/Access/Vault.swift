import CCrypto

/// Encrypts personal identifiers at rest: AES-256-GCM with a random nonce, and a keyed hash for finding equal ones.
public struct Vault: Sendable {
    private let sealKey: [UInt8]
    private let indexKey: [UInt8]

    /// - Parameter key: 32 secret bytes; whoever holds them and the database can read the identifiers.
    public init(key: [UInt8]) {
        sealKey = Digest.hmacSHA256(key: key, Array("seal".utf8))
        indexKey = Digest.hmacSHA256(key: key, Array("index".utf8))
    }

    /// Nonce, cipher text and tag of a text.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    public func seal(_ text: String) throws -> [UInt8] {
        let nonce = try Secret.bytes(12)
        let plain = Array(text.utf8)
        var cipher = [UInt8](repeating: 0, count: plain.count + 16)
        var tag = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        var rest: Int32 = 0
        guard let context = EVP_CIPHER_CTX_new() else { throw AccessError.unavailable }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, sealKey, nonce) == 1,
            EVP_EncryptUpdate(context, &cipher, &count, plain, Int32(plain.count)) == 1,
            EVP_EncryptFinal_ex(context, &tag, &rest) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1
        else { throw AccessError.unavailable }
        return nonce + cipher[0..<Int(count)] + tag
    }

    /// The text that was sealed.
    /// - Throws: ``AccessError/unreadableSecret`` where the bytes were changed or the key is another.
    public func open(_ sealed: [UInt8]) throws -> String {
        guard sealed.count >= 28, let context = EVP_CIPHER_CTX_new() else { throw AccessError.unreadableSecret }
        defer { EVP_CIPHER_CTX_free(context) }
        let nonce = Array(sealed[0..<12])
        let cipher = Array(sealed[12..<(sealed.count - 16)])
        var tag = Array(sealed[(sealed.count - 16)...])
        var plain = [UInt8](repeating: 0, count: cipher.count + 16)
        var end = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        var rest: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, sealKey, nonce) == 1,
            EVP_DecryptUpdate(context, &plain, &count, cipher, Int32(cipher.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1,
            EVP_DecryptFinal_ex(context, &end, &rest) == 1
        else { throw AccessError.unreadableSecret }
        return String(decoding: plain[0..<Int(count)], as: UTF8.self)
    }

    /// Equal texts have equal marks; without the key a mark says nothing.
    public func mark(_ text: String) -> String { Digest.hex(Digest.hmacSHA256(key: indexKey, Array(text.utf8))) }
}
