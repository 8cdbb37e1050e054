/// Whom a provider says that it has seen, once all of it has been checked.
public struct ProviderIdentity: Hashable, Sendable {
    public let issuer: String
    /// The provider's name for the person, which never becomes another's.
    public let subject: String
    /// What to call them when asking whether it is they; never kept, never trusted.
    public let name: String

    public init(issuer: String, subject: String, name: String = "") {
        self.issuer = issuer
        self.subject = subject
        self.name = name
    }

    /// Whether a text can be a provider's name for a person (OpenID Connect Core 1.0, 2).
    public static func isSubject(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// An ID token as it came (RFC 7515, 7.1), before anything of it is believed.
struct SignedToken: Sendable {
    /// Seconds by which two clocks may differ.
    static let skew: Int64 = 60
    /// Seconds that a token may be old: it is asked for at the end of a sign-in.
    static let age: Int64 = 600
    private static let most = 32 << 10

    let algorithm: ProviderKey.Algorithm
    /// The name of its key; nil where it names none.
    let keyID: String?
    private let message: [UInt8]
    private let signature: [UInt8]
    private let claims: JSONValue

    /// - Throws: ``TokenFault/malformed``, ``TokenFault/algorithm``.
    init(_ text: String) throws(TokenFault) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= SignedToken.most, parts.count == 3, let head = SignedToken.object(parts[0]),
            let body = SignedToken.object(parts[1]), let signature = Base64URL.bytes(parts[2])
        else { throw .malformed }
        guard let name = head["alg"]?.string, let algorithm = ProviderKey.Algorithm(rawValue: name),
            // Extensions that whoever reads the token must know (RFC 7515, 4.1.11): there are none here.
            head["crit"] == nil
        else { throw .algorithm }
        self.algorithm = algorithm
        keyID = head["kid"]?.string
        message = Array("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
        claims = body
    }

    private static func object(_ part: String) -> JSONValue? {
        guard let bytes = Base64URL.bytes(part), let json = try? JSONValue(parsing: bytes, fractions: true),
            json.object != nil
        else { return nil }
        return json
    }

    /// Checks that one of the keys signed it: one of the kind that the token says, and of the name where both have one.
    /// - Throws: ``TokenFault/key``, ``TokenFault/signature``.
    func verify(by keys: [ProviderKey]) throws(TokenFault) {
        let fitting = keys.filter { key in
            key.algorithm == algorithm && (keyID == nil || key.id == nil || key.id == keyID)
        }
        guard !fitting.isEmpty else { throw .key }
        guard fitting.contains(where: { $0.verifies(signature, message) }) else { throw .signature }
    }

    /// What the token says, once it is known who signed it.
    /// - Throws: ``TokenFault`` with the first check that fails.
    func identity(
        from settings: ProviderSettings, nonce: String, at now: Instant
    ) throws(TokenFault) -> ProviderIdentity {
        guard claims["iss"]?.string == settings.issuer else { throw .issuer }
        let audience = audience
        guard audience.contains(settings.client) else { throw .audience }
        // With several audiences it must say which of them asked.
        guard let party = claims["azp"] else {
            guard audience.count == 1 else { throw .party }
            return try person(settings, nonce, now)
        }
        guard party.string == settings.client else { throw .party }
        return try person(settings, nonce, now)
    }

    private func person(
        _ settings: ProviderSettings, _ nonce: String, _ now: Instant
    ) throws(TokenFault) -> ProviderIdentity {
        let second = now.microseconds / 1_000_000
        guard let ends = seconds("exp"), ends > second - SignedToken.skew else { throw .expired }
        guard let made = seconds("iat"), made >= second - SignedToken.age - SignedToken.skew else { throw .expired }
        guard made <= second + SignedToken.skew, seconds("nbf") ?? made <= second + SignedToken.skew else {
            throw .early
        }
        guard let given = claims["nonce"]?.string, Digest.equal(Array(given.utf8), Array(nonce.utf8)) else {
            throw .nonce
        }
        guard let subject = claims["sub"]?.string, ProviderIdentity.isSubject(subject) else { throw .subject }
        let names = ["name", "preferred_username", "email"].compactMap { claims[$0]?.string }
        let name = names.first { !$0.isEmpty } ?? ""
        return ProviderIdentity(issuer: settings.issuer, subject: subject, name: String(name.prefix(100)))
    }

    private var audience: [String] {
        if let one = claims["aud"]?.string { return [one] }
        return (claims["aud"]?.array ?? []).compactMap(\.string)
    }

    private func seconds(_ name: String) -> Int64? {
        switch claims[name] {
        case .integer(let value)?: value
        case .decimal(let value)?: Int64(exactly: value.double.rounded(.down))
        default: nil
        }
    }
}
