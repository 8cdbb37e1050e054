/// What a browser carries, sealed, while its owner is at the provider: nothing of it lies in the memory of one process.
/// `state`, `nonce` and the verifier of PKCE all come from one secret that only this browser has.
public struct Errand: Hashable, Sendable {
    /// What for.
    public enum Purpose: String, Sendable { case signIn = "sign-in", link }

    /// How long somebody may take at the provider.
    public static let seconds = 600
    private static let use = "errand"

    public let purpose: Purpose
    /// Who links; nil for signing in.
    public let account: ID<Account>?
    /// Where to go in the house afterwards.
    public let back: String
    let endsAt: Instant
    private let secret: [UInt8]

    public init(_ purpose: Purpose, account: ID<Account>? = nil, back: String, at now: Instant) throws {
        self.purpose = purpose
        self.account = account
        self.back = back
        endsAt = now.adding(seconds: Errand.seconds)
        secret = try Secret.bytes(32)
    }

    /// Reads what a browser brings back; nil where it is not the house's, or too old.
    public init?(opening text: String, by vault: Vault, at now: Instant) {
        guard let (json, ends) = SealedNote.open(text, for: Errand.use, by: vault, at: now),
            let purpose = json["purpose"]?.string.flatMap(Purpose.init(rawValue:)), let back = json["back"]?.string,
            let secret = json["secret"]?.string.flatMap({ Base64URL.bytes($0) })
        else { return nil }
        self.purpose = purpose
        account = json["account"]?.string.map { ID($0) }
        self.back = back
        endsAt = ends
        self.secret = secret
    }

    /// As a cookie carries it.
    public func sealed(by vault: Vault) throws -> String {
        var json: [String: JSONValue] = [
            "purpose": .string(purpose.rawValue), "back": .string(back), "secret": .string(Base64URL.text(secret)),
        ]
        if let account { json["account"] = .string(account.text) }
        return try SealedNote.seal(json, for: Errand.use, until: endsAt, by: vault)
    }

    /// What the provider gives back with its answer, so that it can be told to whom that belongs.
    public var state: String { derived("state") }
    /// What the token must hold.
    var nonce: String { derived("nonce") }
    /// Whoever has it may redeem the code (RFC 7636, 4.1).
    var verifier: String { derived("verifier") }
    var challenge: String { Base64URL.text(Digest.sha256(Array(verifier.utf8))) }

    /// Whether an answer belongs to it.
    public func accepts(state given: String) -> Bool { Digest.equal(Array(given.utf8), Array(state.utf8)) }

    private func derived(_ what: String) -> String {
        Base64URL.text(Digest.hmacSHA256(key: secret, Array(what.utf8)))
    }
}

/// An identity that somebody has proven and not linked yet, on its way through their browser.
public struct ProvenIdentity: Hashable, Sendable {
    private static let use = "identity"

    public let identity: ProviderIdentity
    /// Its own, so that it is taken once.
    let mark: String
    let endsAt: Instant

    /// As a hidden field carries it: only this account may link it, soon and once.
    public static func seal(
        _ identity: ProviderIdentity, for account: ID<Account>, at now: Instant, by vault: Vault
    ) throws -> String {
        try SealedNote.seal(
            [
                "issuer": .string(identity.issuer), "subject": .string(identity.subject),
                "name": .string(identity.name), "account": .string(account.text),
                "mark": .string(Base64URL.text(try Secret.bytes(16))),
            ], for: use, until: now.adding(seconds: Errand.seconds), by: vault)
    }

    /// - Throws: ``IdentityError/strayed`` where it is not the house's, another's, or too old.
    public static func open(
        _ text: String, for account: ID<Account>, at now: Instant, by vault: Vault
    ) throws(IdentityError) -> ProvenIdentity {
        guard let (json, ends) = SealedNote.open(text, for: use, by: vault, at: now),
            json["account"]?.string == account.text, let issuer = json["issuer"]?.string,
            let subject = json["subject"]?.string, let mark = json["mark"]?.string
        else { throw .strayed }
        let identity = ProviderIdentity(issuer: issuer, subject: subject, name: json["name"]?.string ?? "")
        return ProvenIdentity(identity: identity, mark: mark, endsAt: ends)
    }
}
