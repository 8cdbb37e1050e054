/// What a page asks a key, by its script: what the browser must be told, and what the form brings back with the answer.
public struct KeyQuestion: Hashable, Sendable {
    /// Options of `navigator.credentials` as JSON, bytes in base64url (Web Authentication Level 2, 5.4 and 5.5).
    public let options: String
    /// The question as the house knows it again.
    public let sealed: String

    /// Asks for a new key that is none of those there are. Whether the device knows who touches it (by a finger or a
    /// secret number) is its own affair: the password has been asked for.
    init(
        _ challenge: KeyChallenge, newFor account: AccountCard, beside keys: [SecurityKey], at party: RelyingParty,
        house: String, by vault: Vault
    ) throws {
        let handle = Digest.sha256(Array("key:\(account.id.text)".utf8))
        let kinds = KeyAlgorithm.allCases.map { kind -> JSONValue in
            ["type": "public-key", "alg": .integer(kind.rawValue)]
        }
        let options: JSONValue = [
            "challenge": .string(challenge.text), "timeout": KeyQuestion.timeout, "attestation": "none",
            "rp": ["id": .string(party.domain), "name": .string(house)],
            "user": [
                "id": .string(Base64URL.text(handle)), "name": .string(account.login),
                "displayName": .string(account.name),
            ],
            "pubKeyCredParams": .array(kinds), "excludeCredentials": KeyQuestion.credentials(keys),
            "authenticatorSelection": ["residentKey": "discouraged", "userVerification": "discouraged"],
        ]
        self.options = options.canonicalText
        sealed = try challenge.sealed(by: vault)
    }

    /// Asks one of these keys.
    init(_ challenge: KeyChallenge, of keys: [SecurityKey], at party: RelyingParty, by vault: Vault) throws {
        let options: JSONValue = [
            "challenge": .string(challenge.text), "timeout": KeyQuestion.timeout, "rpId": .string(party.domain),
            "allowCredentials": KeyQuestion.credentials(keys), "userVerification": "discouraged",
        ]
        self.options = options.canonicalText
        sealed = try challenge.sealed(by: vault)
    }

    /// Milliseconds.
    private static let timeout = JSONValue.integer(Int64(KeyChallenge.seconds) * 1_000)

    private static func credentials(_ keys: [SecurityKey]) -> JSONValue {
        .array(keys.map { ["type": "public-key", "id": .string($0.credential)] })
    }
}
