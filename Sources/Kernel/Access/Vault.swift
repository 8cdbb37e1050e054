import CCrypto

/// Encrypts personal content at rest: AES-256-GCM with a random nonce, and a keyed hash for finding equal ones. A
/// sealed text names its key, so that keys can change: every key of the ring opens, the newest seals.
public struct Vault: Sendable {
    private struct Key: Sendable {
        let name: [UInt8]
        let seal: [UInt8]
        let sign: [UInt8]

        init(_ secret: [UInt8]) {
            name = Array(Digest.hmacSHA256(key: secret, Array("name".utf8)).prefix(4))
            seal = Digest.hmacSHA256(key: secret, Array("seal".utf8))
            sign = Digest.hmacSHA256(key: secret, Array("sign".utf8))
        }
    }

    /// Before the name of the key; texts of the first version of the house have neither.
    private static let header: [UInt8] = [0x4B, 0x01]
    private static let nonceLength = 12
    private static let tagLength = 16

    private let newest: Key
    /// Newest first.
    private let earlier: [Key]
    private let indexKey: [UInt8]
    /// From when telephones and mail addresses are sealed; nil means at all times. Before that processes of a version
    /// may be left that reads them in the clear alone.
    public var contactsFrom: Instant?

    /// - Parameters:
    ///   - key: 32 secret bytes; whoever holds them and the database can read what is sealed.
    ///   - earlier: keys that were used before and still open what they sealed, oldest first.
    ///   - index: the secret of ``mark(_:)``, which stays when keys change, because a mark cannot be made anew without
    ///     its text; nil takes the oldest key.
    public init(key: [UInt8], earlier: [[UInt8]] = [], index: [UInt8]? = nil) {
        newest = Key(key)
        self.earlier = earlier.reversed().map(Key.init)
        indexKey = Digest.hmacSHA256(key: index ?? earlier.first ?? key, Array("index".utf8))
    }

    private var keys: [Key] { [newest] + earlier }

    /// Whether telephones and mail addresses are sealed already.
    public func sealsContacts(at now: Instant) -> Bool { contactsFrom.map { $0 <= now } ?? true }

    /// The name of the key that seals now, in hexadecimal text; it says nothing of the key.
    public var newestKey: String { Digest.hex(newest.name) }
    /// The names of all keys, newest first.
    public var keyNames: [String] { keys.map { Digest.hex($0.name) } }

    /// The name of the key that sealed these bytes; nil where they come from before keys had names.
    public func keyName(of sealed: [UInt8]) -> String? {
        guard sealed.starts(with: Vault.header), sealed.count >= 6 else { return nil }
        let name = Digest.hex(Array(sealed[2..<6]))
        return keyNames.contains(name) ? name : nil
    }

    /// Whether the newest key sealed these bytes.
    public func isCurrent(_ sealed: [UInt8]) -> Bool { keyName(of: sealed) == newestKey }

    /// A text, sealed.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    public func seal(_ text: String) throws -> [UInt8] { try seal(bytes: Array(text.utf8)) }

    /// The text that was sealed.
    /// - Throws: ``AccessError/unreadableSecret`` where the bytes were changed or no key of the ring fits.
    public func open(_ sealed: [UInt8]) throws -> String { String(decoding: try open(bytes: sealed), as: UTF8.self) }

    /// Header, name of the key, nonce, cipher text and tag of some bytes; header and name are authenticated as well.
    /// - Throws: ``AccessError/unavailable`` where the library refuses.
    public func seal(bytes plain: [UInt8]) throws -> [UInt8] {
        let head = Vault.header + newest.name
        let nonce = try Secret.bytes(Vault.nonceLength)
        var cipher = [UInt8](repeating: 0, count: plain.count + Vault.tagLength)
        var tag = [UInt8](repeating: 0, count: Vault.tagLength)
        var count: Int32 = 0
        var rest: Int32 = 0
        guard let context = EVP_CIPHER_CTX_new() else { throw AccessError.unavailable }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, newest.seal, nonce) == 1,
            EVP_EncryptUpdate(context, nil, &rest, head, Int32(head.count)) == 1,
            EVP_EncryptUpdate(context, &cipher, &count, plain, Int32(plain.count)) == 1,
            EVP_EncryptFinal_ex(context, &tag, &rest) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Vault.tagLength), &tag) == 1
        else { throw AccessError.unavailable }
        return head + nonce + cipher[0..<Int(count)] + tag
    }

    /// The bytes that were sealed.
    /// - Throws: ``AccessError/unreadableSecret`` where they were changed or no key of the ring fits.
    public func open(bytes sealed: [UInt8]) throws -> [UInt8] {
        if let name = keyName(of: sealed), let key = keys.first(where: { Digest.hex($0.name) == name }),
            let plain = Vault.decrypt(sealed[6...], head: Array(sealed[0..<6]), key)
        {
            return plain
        }
        for key in keys {
            if let plain = Vault.decrypt(sealed[...], head: [], key) { return plain }
        }
        throw AccessError.unreadableSecret
    }

    private static func decrypt(_ body: ArraySlice<UInt8>, head: [UInt8], _ key: Key) -> [UInt8]? {
        guard body.count >= nonceLength + tagLength, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let nonce = Array(body.prefix(nonceLength))
        let cipher = Array(body.dropFirst(nonceLength).dropLast(tagLength))
        var tag = Array(body.suffix(tagLength))
        var plain = [UInt8](repeating: 0, count: cipher.count + tagLength)
        var end = [UInt8](repeating: 0, count: tagLength)
        var count: Int32 = 0
        var rest: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key.seal, nonce) == 1,
            head.isEmpty || EVP_DecryptUpdate(context, nil, &rest, head, Int32(head.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &count, cipher, Int32(cipher.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1,
            EVP_DecryptFinal_ex(context, &end, &rest) == 1
        else { return nil }
        return Array(plain[0..<Int(count)])
    }

    /// What proves later that the house wrote a text: its HMAC-SHA256 under the newest key, in hexadecimal text.
    public func signature(of text: String) -> String { Vault.signature(of: text, newest) }

    /// Whether a key of the ring signed a text so. The time that it takes does not depend on where a wrong signature
    /// differs.
    public func isSigned(_ text: String, as signature: String) -> Bool {
        keys.contains { Digest.equal(Array(Vault.signature(of: text, $0).utf8), Array(signature.utf8)) }
    }

    private static func signature(of text: String, _ key: Key) -> String {
        Digest.hex(Digest.hmacSHA256(key: key.sign, Array(text.utf8)))
    }

    /// Equal texts have equal marks; without the key a mark says nothing.
    public func mark(_ text: String) -> String { Digest.hex(Digest.hmacSHA256(key: indexKey, Array(text.utf8))) }
}
