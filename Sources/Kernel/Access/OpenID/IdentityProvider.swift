/// The identity provider of the house, whose client the house is: OpenID Connect Core 1.0, the flow with an
/// authorization code. What the provider publishes is kept for an hour; every process asks for itself.
public actor IdentityProvider {
    /// Sends a request away from the threads that answer visitors.
    public typealias Ask = @Sendable (OutsideRequest) async throws -> OutsideAnswer

    private static let keptSeconds = 3_600
    /// Seconds between two looks for keys that a token names and nobody knows.
    private static let refreshSeconds = 60
    /// Seconds in which a provider that failed is left alone.
    private static let restSeconds = 10
    /// How many wait for the provider at once: each of them takes a place of the house.
    private static let mostWaiting = 8

    public nonisolated let settings: ProviderSettings
    private let clock: any Clock
    private let ask: Ask
    private var known: ProviderFacts?
    private var loading: Task<ProviderFacts, any Error>?
    private var refreshedAt: Instant?
    private var failure: (at: Instant, error: any Error)?
    private var waiting = 0

    /// - Parameter clock: that of the machine, also where the house has another: tokens hold real times.
    public init(_ settings: ProviderSettings, clock: any Clock = SystemClock(), ask: @escaping Ask) {
        self.settings = settings
        self.clock = clock
        self.ask = ask
    }

    /// Where the browser goes to sign in.
    /// - Throws: ``IdentityError/unreachable``, ``IdentityError/unusable(_:)``.
    public func address(for errand: Errand) async throws -> String {
        try enter()
        defer { waiting -= 1 }
        return try await facts().address(for: errand, settings)
    }

    /// Who signed in: takes the code to the provider, and checks the token that it gives for it.
    /// - Throws: ``IdentityError``.
    public func identity(code: String, for errand: Errand) async throws -> ProviderIdentity {
        try enter()
        defer { waiting -= 1 }
        let facts = try await facts()
        let text = try await redeem(code, errand, facts)
        do {
            let token = try SignedToken(text)
            try await verify(token, facts)
            return try token.identity(from: settings, nonce: errand.nonce, at: clock.now())
        } catch let fault as TokenFault {
            throw IdentityError.token(fault)
        }
    }

    private func enter() throws {
        guard waiting < Self.mostWaiting else { throw IdentityError.unreachable }
        waiting += 1
    }

    private func redeem(_ code: String, _ errand: Errand, _ facts: ProviderFacts) async throws -> String {
        let answer = try await ProviderFacts.answer(to: facts.redemption(of: code, errand, settings), ask)
        let said = try? JSONValue(parsing: answer.body, fractions: true)
        switch answer.status {
        case 200:
            guard let token = said?["id_token"]?.string else { throw IdentityError.unusable(.answer) }
            return token
        case 500...: throw IdentityError.unreachable
        default:
            let isCode = said?["error"]?.string == "invalid_grant"
            throw isCode ? IdentityError.codeRefused : IdentityError.unusable(.client)
        }
    }

    /// Where no key fits, or none is named and all fail, the provider may have new ones.
    private func verify(_ token: SignedToken, _ facts: ProviderFacts) async throws {
        do {
            try token.verify(by: facts.keys)
        } catch {
            guard error == .key || token.keyID == nil else { throw error }
            try token.verify(by: try await refreshed().keys)
        }
    }

    /// Asks again, unless that was done within a minute.
    private func refreshed() async throws -> ProviderFacts {
        let now = clock.now()
        if refreshedAt.map({ $0.adding(seconds: Self.refreshSeconds) <= now }) ?? true {
            refreshedAt = now
            known = nil
        }
        return try await facts()
    }

    /// What the provider publishes; whoever comes while it is asked for waits for the same answer.
    private func facts() async throws -> ProviderFacts {
        if let loading { return try await loading.value }
        let now = clock.now()
        if let known, known.loadedAt.adding(seconds: Self.keptSeconds) > now { return known }
        if let failure, failure.at.adding(seconds: Self.restSeconds) > now { throw failure.error }
        let settings = settings
        let ask = ask
        let task = Task { try await ProviderFacts.load(settings, at: now, ask) }
        loading = task
        defer { loading = nil }
        do {
            let found = try await task.value
            known = found
            failure = nil
            return found
        } catch {
            failure = (clock.now(), error)
            throw error
        }
    }
}
