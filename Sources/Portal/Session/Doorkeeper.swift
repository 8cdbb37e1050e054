public import Kernel

/// What the portal needs to know about accounts, and nothing of how they are kept.
public struct Doorkeeper: Sendable {
    /// A program's access: for whom it acts and how far it may go.
    public struct Bearer: Sendable {
        public let actor: Actor
        /// Scopes such as `calls:read`; `*` reaches everything the account may do.
        public let scopes: Set<String>

        public init(actor: Actor, scopes: Set<String>) {
            self.actor = actor
            self.scopes = scopes
        }

        /// Whether the token reaches the scope.
        public func reaches(_ scope: String) -> Bool { scopes.contains(scope) || scopes.contains("*") }
    }

    /// Who knocks where, for limits by address, account and route.
    public struct Knock: Sendable {
        /// The id of the route.
        public let route: String
        public let method: Route.Method
        /// The client's network address.
        public let address: String
        /// Nil before signing in.
        public let account: ID<Account>?
        public let now: Instant
    }

    /// The account of a session token; nil where the session is unknown or over.
    public var actorForSession: @Sendable (_ token: String, _ now: Instant) async throws -> Actor?
    /// The account and scopes of an API token; nil where it is unknown, revoked or over.
    public var bearer: @Sendable (_ token: String, _ now: Instant) async throws -> Bearer?
    /// Throws a ``Problem`` of kind `limit` where someone knocks too often.
    public var admit: @Sendable (Knock) async throws -> Void

    public init(
        actorForSession: @escaping @Sendable (_ token: String, _ now: Instant) async throws -> Actor?,
        bearer: @escaping @Sendable (_ token: String, _ now: Instant) async throws -> Bearer? = { _, _ in nil },
        admit: @escaping @Sendable (Knock) async throws -> Void = { _ in }
    ) {
        self.actorForSession = actorForSession
        self.bearer = bearer
        self.admit = admit
    }

    /// Knows nobody: every visit is the public's.
    public static let publicOnly = Doorkeeper(actorForSession: { _, _ in nil })
}
