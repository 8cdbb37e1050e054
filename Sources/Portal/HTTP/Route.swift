public import Kernel

/// One address of the portal as data: who may call it, what it takes, what answers it.
public struct Route: Sendable {
    /// What a request wants done.
    public enum Method: String, Sendable, CaseIterable, Codable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// A handler answers one visit; what it throws becomes problem details or an error page.
    public typealias Handler = @Sendable (Visit) async throws -> Answer

    /// Unique operation name, e.g. `calls.list`.
    public let id: String
    public let method: Method
    /// Path template such as `/calls/{id}`.
    public let path: String
    /// The coarse rule; what a single record allows is decided by the actions.
    public let access: RouteAccess
    /// What the route does, for the route list and the API description.
    public let summary: Bilingual
    public let limits: BodyLimits
    /// Present on every route under `/api/`.
    public let api: APIDescription?
    /// Asked by whoever watches over the house, and answered however many others wait.
    public let isWatching: Bool
    /// Whether whoever has its address has what it gives: no answer is kept, and none says where it was found.
    public let hidesAddress: Bool
    public let handler: Handler

    public init(
        _ id: String, _ method: Method, _ path: String, access: RouteAccess, summary: Bilingual,
        limits: BodyLimits = .form, api: APIDescription? = nil, isWatching: Bool = false, hidesAddress: Bool = false,
        handler: @escaping Handler
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.limits = limits
        self.api = api
        self.isWatching = isWatching
        self.hidesAddress = hidesAddress
        self.handler = handler
    }

    /// Whether the route speaks JSON and bearer tokens instead of pages and forms.
    public var isAPI: Bool { path.hasPrefix("/api/") }
    /// Whether the route only reads: its handler runs where writing is forbidden.
    public var isReading: Bool { method == .get }
}

/// Who may call a route at all.
public enum RouteAccess: Hashable, Sendable {
    /// Anyone, and no cookie is given: public pages that may be cached.
    case everyone
    /// Anyone, with a browser cookie that forms can be bound to: signing in, public objections.
    case session
    /// Anyone who has signed in.
    case signedIn
    /// Accounts that hold one of these roles.
    case roles(Set<Role>)
    /// Accounts that hold one of these roles in any organisation.
    case members(Set<MembershipRole>)

    /// Whether the actor may call the route.
    public func allows(_ actor: Actor) -> Bool {
        switch self {
        case .everyone, .session: true
        case .signedIn: actor.account != nil
        case .roles(let roles): actor.account != nil && !actor.roles.isDisjoint(with: roles)
        case .members(let roles):
            actor.account != nil && actor.memberships.contains { !$0.roles.isDisjoint(with: roles) }
        }
    }
}

/// How much a request may send to a route.
public struct BodyLimits: Hashable, Sendable {
    /// Bytes of the whole body.
    public let bytes: Int
    /// Number of form fields.
    public let fields: Int
    /// Number of files.
    public let files: Int

    public init(bytes: Int, fields: Int = 2_000, files: Int = 0) {
        self.bytes = bytes
        self.fields = fields
        self.files = files
    }

    /// 1 MiB of fields or JSON, no files.
    public static let form = BodyLimits(bytes: 1 << 20)
    /// Fields and files together.
    public static func uploads(files: Int = 10, bytes: Int = 100 << 20) -> BodyLimits {
        BodyLimits(bytes: bytes, files: files)
    }
}
