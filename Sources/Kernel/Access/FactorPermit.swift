import Store

/// A secret for an authenticator that waits for its first code.
public struct CodeSetUp: Hashable, Sendable {
    public let secret: [UInt8]
    /// The secret as a hidden field brings it back to the house, and nobody else reads it.
    public let sealed: String
}

/// What somebody has done so far who adds to their second factor, on its way through a browser, sealed: nothing of it
/// lies in the house, and only the session in which they did it can bring it back.
struct FactorPermit: Sendable {
    /// How long somebody may take to get hold of their key or authenticator.
    static let seconds = 600
    private static let use = "factor-permit"

    /// The secret that was shown; empty where only the password was given.
    let secret: [UInt8]
    private let account: ID<Account>
    /// The hash of the session.
    private let holder: String
    private let endsAt: Instant

    init(_ secret: [UInt8] = [], for account: ID<Account>, session: String?, at now: Instant) {
        self.secret = secret
        self.account = account
        holder = Sessions.hash(session ?? "")
        endsAt = now.adding(seconds: FactorPermit.seconds)
    }

    /// Reads what a browser brings back.
    /// - Throws: ``AccessError/setUpOver`` where it is not the house's, was made for somebody else, or is too old.
    init(
        opening text: String, for account: ID<Account>, session: String?, by vault: Vault, at now: Instant
    ) throws(AccessError) {
        let holder = Sessions.hash(session ?? "")
        guard let (json, ends) = SealedNote.open(text, for: FactorPermit.use, by: vault, at: now),
            json["account"]?.string == account.text, json["holder"]?.string == holder,
            let secret = json["secret"]?.string.flatMap({ Base64URL.bytes($0) })
        else { throw .setUpOver }
        self.secret = secret
        self.account = account
        self.holder = holder
        endsAt = ends
    }

    /// As a hidden field carries it.
    func sealed(by vault: Vault) throws -> String {
        try SealedNote.seal(
            [
                "account": .string(account.text), "holder": .string(holder),
                "secret": .string(Base64URL.text(secret)),
            ], for: FactorPermit.use, until: endsAt, by: vault)
    }
}

/// Adding to the second factor takes the password, and where there is a factor already, that one as well: whoever sits
/// at a browser that somebody left open adds nothing.
extension SecondFactor {
    /// Says to a page that goes on to ask for the present factor that the password was just given.
    /// - Parameter session: the token of the session in which it must come back.
    public func permit(for account: ID<Account>, session: String?, at now: Instant) throws -> String {
        try FactorPermit(for: account, session: session, at: now).sealed(by: vault)
    }

    /// Whether the password was given a moment ago in a session.
    /// - Parameter text: what ``permit(for:session:at:)`` gave.
    public func isPermitted(_ text: String, for account: ID<Account>, session: String?, at now: Instant) -> Bool {
        let permit = try? FactorPermit(opening: text, for: account, session: session, by: vault, at: now)
        return permit?.secret.isEmpty ?? false
    }

    /// A secret that waits for its first code, as a browser brings it back.
    /// - Parameter text: ``CodeSetUp/sealed``.
    /// - Throws: ``AccessError/setUpOver``.
    public func setUp(
        _ text: String, of account: ID<Account>, session: String?, at now: Instant
    ) throws(AccessError) -> CodeSetUp {
        let permit = try FactorPermit(opening: text, for: account, session: session, by: vault, at: now)
        guard !permit.secret.isEmpty else { throw .setUpOver }
        return CodeSetUp(secret: permit.secret, sealed: text)
    }

    /// Lets something be added once the second factor that is on was shown.
    /// - Parameter proof: nil where there is none.
    /// - Throws: ``AccessError/wrongCode`` also where there is one that was not shown, and as
    ///   ``proven(_:of:holder:counting:at:_:)``.
    func agree(_ proof: Proof?, of account: ID<Account>, session: String?, at now: Instant) async throws {
        if let proof { return try await proven(proof, of: account, holder: session ?? "", at: now) { _ in } }
        let isOn = try await db.read { tx in try SecondFactor.isOn(account, tx) }
        guard !isOn else { throw AccessError.wrongCode }
    }
}
