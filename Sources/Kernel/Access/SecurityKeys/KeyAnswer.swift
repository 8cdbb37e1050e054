import CFido
import Store

/// The ways of signing of the keys that are taken, by their numbers in COSE (RFC 9053; RFC 8812).
enum KeyAlgorithm: Int64, Sendable, CaseIterable, SQLConvertible {
    case es256 = -7
    case edDSA = -8
    case rs256 = -257
}

/// A new key as it was read and checked, before an account has it.
struct NewKey: Sendable {
    /// The name under which browsers know it.
    let credential: [UInt8]
    let algorithm: KeyAlgorithm
    let publicKey: [UInt8]
    let counter: Int64

    /// Checks what a browser gives for a question (Web Authentication Level 2, 7.1). The key need not say what it is;
    /// where it says so by itself it must be right.
    /// - Parameter text: JSON of `client` and `attestation`, in base64url.
    /// - Throws: ``KeyFault`` with the first check that fails.
    init(_ text: String, to challenge: KeyChallenge, at party: RelyingParty) throws(KeyFault) {
        let json = try KeyAnswer.read(text)
        let client = try ClientData(try json.bytes("client"))
        try client.check(.create, challenge, at: party)
        let object = try AttestationObject(try json.bytes("attestation"))
        let data = try AuthenticatorData(object.data)
        try data.check(at: party)
        let statement: [UInt8]
        switch object.format {
        // An empty map: nothing is said.
        case "none" where object.statement == [0xA0]: statement = []
        case "packed": statement = object.statement
        default: throw .attestation
        }
        var number: Int32 = 0
        var credential = [UInt8](repeating: 0, count: Int(KECHUANG_CREDENTIAL_ROOM))
        var key = [UInt8](repeating: 0, count: Int(KECHUANG_KEY_ROOM))
        var (credentialCount, keyCount) = (0, 0)
        let result = kechuang_key_read(
            party.domain, data.bytes, data.bytes.count, client.hash, statement, statement.count, &number, &credential,
            &credentialCount, &key, &keyCount)
        guard result != 2 else { throw .attestation }
        guard result == 0, let algorithm = KeyAlgorithm(rawValue: Int64(number)) else { throw .kind }
        self.credential = Array(credential.prefix(credentialCount))
        self.algorithm = algorithm
        publicKey = Array(key.prefix(keyCount))
        counter = data.counter
    }
}

/// What a key of an account answered, as a browser brings it, before anything of it is believed.
struct KeyAnswer: Sendable {
    private static let most = 32 << 10

    /// Which key answered.
    let credential: [UInt8]
    private let client: ClientData
    private let data: AuthenticatorData
    private let signature: [UInt8]

    /// - Parameter text: JSON of `id`, `client`, `data` and `signature`, in base64url.
    /// - Throws: ``KeyFault/malformed``.
    init(_ text: String) throws(KeyFault) {
        let json = try KeyAnswer.read(text)
        credential = try json.bytes("id")
        client = try ClientData(try json.bytes("client"))
        data = try AuthenticatorData(try json.bytes("data"))
        signature = try json.bytes("signature")
    }

    fileprivate static func read(_ text: String) throws(KeyFault) -> JSONValue {
        guard text.utf8.count <= most, let json = try? JSONValue(parsing: text) else { throw .malformed }
        return json
    }

    /// Checks that the key answered this question of the house (Web Authentication Level 2, 7.2).
    /// - Returns: how often it has signed by now.
    /// - Throws: ``KeyFault`` with the first check that fails. ``KeyFault/counter`` comes last: all else was right.
    func counter(of key: SecurityKey, to challenge: KeyChallenge, at party: RelyingParty) throws(KeyFault) -> Int64 {
        try client.check(.get, challenge, at: party)
        try data.check(at: party)
        let signed = kechuang_key_signed(
            party.domain, Int32(key.algorithm.rawValue), key.publicKey, key.publicKey.count, data.bytes,
            data.bytes.count, client.hash, signature, signature.count)
        guard signed == 1 else { throw .signature }
        // Whoever does not count says 0 each time.
        guard data.counter > key.counter || (data.counter == 0 && key.counter == 0) else { throw .counter }
        return data.counter
    }
}

extension JSONValue {
    /// A member that holds bytes in base64url.
    fileprivate func bytes(_ name: String) throws(KeyFault) -> [UInt8] {
        guard let bytes = self[name]?.string.flatMap({ Base64URL.bytes($0) }), !bytes.isEmpty else { throw .malformed }
        return bytes
    }
}
