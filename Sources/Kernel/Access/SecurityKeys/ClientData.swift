/// What a browser says of the page that asked a key (Web Authentication Level 2, 5.8.1); the key signs its hash.
struct ClientData: Sendable {
    /// The two ceremonies by their names in the standard.
    enum Ceremony: String, Sendable { case create = "webauthn.create", get = "webauthn.get" }

    private static let most = 4_096

    /// SHA-256 of the bytes as they came.
    let hash: [UInt8]
    private let json: JSONValue

    /// - Throws: ``KeyFault/malformed``.
    init(_ bytes: [UInt8]) throws(KeyFault) {
        guard bytes.count <= ClientData.most, let json = try? JSONValue(parsing: bytes, fractions: true),
            json.object != nil
        else { throw .malformed }
        self.json = json
        hash = Digest.sha256(bytes)
    }

    /// Checks that a page of the house asked, for this, and with this question.
    /// - Throws: ``KeyFault/purpose``, ``KeyFault/challenge``, ``KeyFault/origin``.
    func check(_ ceremony: Ceremony, _ challenge: KeyChallenge, at party: RelyingParty) throws(KeyFault) {
        guard json["type"]?.string == ceremony.rawValue else { throw .purpose }
        guard let given = json["challenge"]?.string, Digest.equal(Array(given.utf8), Array(challenge.text.utf8)) else {
            throw .challenge
        }
        // A page of the house inside another's is no page of the house.
        guard json["origin"]?.string == party.origin, json["crossOrigin"]?.bool != true, json["topOrigin"] == nil else {
            throw .origin
        }
    }
}

/// What a key says of itself and of the moment (Web Authentication Level 2, 6.1).
struct AuthenticatorData: Sendable {
    /// Bytes before a new key and before extensions.
    private static let head = 37
    private static let most = 4_096
    /// The flag that says that somebody was present.
    private static let presence: UInt8 = 0x01

    let bytes: [UInt8]

    /// - Throws: ``KeyFault/malformed``.
    init(_ bytes: [UInt8]) throws(KeyFault) {
        guard (AuthenticatorData.head...AuthenticatorData.most).contains(bytes.count) else { throw .malformed }
        self.bytes = bytes
    }

    /// How often the key has signed; 0 where it does not count.
    var counter: Int64 { bytes[33..<37].reduce(0) { $0 << 8 | Int64($1) } }

    /// Checks that it was given for the house, by somebody who was present.
    /// - Throws: ``KeyFault/domain``, ``KeyFault/presence``.
    func check(at party: RelyingParty) throws(KeyFault) {
        guard Array(bytes[0..<32]) == Digest.sha256(Array(party.domain.utf8)) else { throw .domain }
        guard bytes[32] & AuthenticatorData.presence != 0 else { throw .presence }
    }
}
