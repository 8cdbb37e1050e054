/// A question to a security key on its way through a browser, sealed: nothing of it lies in the memory of one process,
/// and only the session that it was made for can bring it back.
struct KeyChallenge: Hashable, Sendable {
    /// What for.
    enum Purpose: String, Sendable { case add, prove }

    /// How long somebody may take to find the key.
    static let seconds = 300
    /// How long the house knows afterwards that it was its own question: no page lies open in a session for longer.
    private static let known = Sessions.idleSeconds
    private static let use = "key-challenge"

    let purpose: Purpose
    /// What a new key is to be called; empty for proving.
    let name: String
    let endsAt: Instant
    private let account: ID<Account>
    /// The hash of a session, or of what stands for one between the password and the key.
    private let holder: String
    private let bytes: [UInt8]

    /// - Parameter holder: the token of the session, or of the sign-in under way.
    init(
        _ purpose: Purpose, for account: ID<Account>, holder: String, name: String = "", at now: Instant
    ) throws {
        self.purpose = purpose
        self.account = account
        self.holder = Sessions.hash(holder)
        self.name = name
        endsAt = now.adding(seconds: KeyChallenge.seconds)
        bytes = try Secret.bytes(32)
    }

    /// Reads what a browser brings back.
    /// - Throws: ``KeyError/strayed`` where it is not the house's, or was made for somebody or something else;
    ///   ``KeyError/late`` where it is merely too old.
    init(
        opening text: String, _ purpose: Purpose, for account: ID<Account>, holder: String, by vault: Vault,
        at now: Instant
    ) throws(KeyError) {
        guard
            let (json, _) = SealedNote.open(
                text, for: KeyChallenge.use, within: KeyChallenge.seconds + KeyChallenge.known, by: vault, at: now),
            json["purpose"]?.string == purpose.rawValue, json["account"]?.string == account.text,
            json["holder"]?.string == Sessions.hash(holder), let name = json["name"]?.string,
            let bytes = json["bytes"]?.string.flatMap({ Base64URL.bytes($0) }), let ends = json["ends"]?.integer
        else { throw .strayed }
        guard ends > now.microseconds else { throw .late }
        self.purpose = purpose
        self.account = account
        self.holder = Sessions.hash(holder)
        self.name = name
        endsAt = Instant(microseconds: ends)
        self.bytes = bytes
    }

    /// As a hidden field carries it.
    func sealed(by vault: Vault) throws -> String {
        try SealedNote.seal(
            [
                "purpose": .string(purpose.rawValue), "account": .string(account.text), "holder": .string(holder),
                "name": .string(name), "bytes": .string(text), "ends": .integer(endsAt.microseconds),
            ], for: KeyChallenge.use, until: endsAt.adding(seconds: KeyChallenge.known), by: vault)
    }

    /// As scripts give it to the browser, and browsers write it into what the key signs.
    var text: String { Base64URL.text(bytes) }

    /// Names it where those are kept that came back.
    var hash: String { Digest.hex(Digest.sha256(bytes)) }
}
