import HTTPTypes
import Hummingbird
import Kernel

/// What is learned about one request on its way to the handler and back.
struct Exchange {
    let id: String
    let now: Instant
    let request: Request
    let client: String
    /// Whether the request comes straight from this machine, or carries the operators' token.
    let isOperator: Bool
    let cookies: CookieJar
    let target: RequestTarget?
    let asked: Language?
    let language: Language
    let isHead: Bool

    /// Filled in on the way.
    var route: Route?
    var actor = Actor.everyone
    var session: String?
    var bearer: Doorkeeper.Bearer?
    /// The cookie of a browser without a session, once it has or is given one.
    var visitor: String?
    var newCookies: [SetCookie] = []
    var csrfToken = ""
    /// On whose behalf it was answered, where that is not who came.
    var account: ID<Account>?

    init(_ request: Request, id: String, now: Instant, peer: String, settings: WebSettings) {
        self.id = id
        self.now = now
        self.request = request
        let forwarded = settings.trustsProxy ? request.headers[values: .forwardedFor].last : nil
        client = forwarded.flatMap { Exchange.lastAddress($0) } ?? peer
        isOperator = Exchange.isOperator(request, peer, settings)
        cookies = CookieJar(request.headers[values: .cookie], secure: settings.isSecure)
        target = try? RequestTarget(request.head.path ?? "")
        asked = target.flatMap { LanguageChoice.asked($0.query) }
        language = LanguageChoice.choose(
            asked: asked, cookie: cookies[CookieJar.language], accept: request.headers[.acceptLanguage])
        isHead = request.method == .head
    }

    /// The method of the route that is wanted; HEAD is answered by the route for GET.
    var method: Route.Method? { isHead ? .get : Route.Method(rawValue: request.method.rawValue) }

    /// Whether problems are answered as JSON.
    var speaksJSON: Bool {
        // The address as sent: programs get their answer even where it cannot be read.
        if request.head.path?.utf8.starts(with: "/api/".utf8) == true { return true }
        return request.headers[.accept].map { $0.utf8.starts(with: "application/problem+json".utf8) } ?? false
    }

    /// Whether the request brings what might belong to an account; nothing is proven yet.
    var claimsAccount: Bool {
        if let route, route.isAPI, Reception.bearerToken(request.headers[.authorization]) != nil { return true }
        return cookies[CookieJar.session] != nil
    }

    /// The path as sent, without the query.
    var path: String { target?.path ?? "" }

    /// A proxy on this machine speaks for others, and says so in a header.
    private static func isOperator(_ request: Request, _ peer: String, _ settings: WebSettings) -> Bool {
        if let token = settings.operatorToken {
            let given = request.headers[.authorization] ?? ""
            if Digest.equal(Array(given.utf8), Array("Bearer \(token)".utf8)) { return true }
        }
        let isHere = peer == "127.0.0.1" || peer == "::1"
        let passedOn: [HTTPField.Name] = [.forwardedFor, .forwarded, .realIP, .via]
        return isHere && passedOn.allSatisfy { request.headers[$0] == nil }
    }

    private static func lastAddress(_ header: String) -> String? {
        header.utf8.split(separator: UInt8(ascii: ",")).last.map { HeaderText.trimmed(String(Substring($0))) }
    }
}

extension HTTPField.Name {
    private static func named(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .via }

    static let forwardedFor = named("X-Forwarded-For")
    static let forwarded = named("Forwarded")
    static let realIP = named("X-Real-IP")
    static let formToken = named(FormSeal.header)
    static let idempotencyKey = named("Idempotency-Key")
    static let fetchSite = named("Sec-Fetch-Site")
    static let requestID = named("X-Request-ID")
    static let refresh = named("Refresh")
    static let referrerPolicy = named("Referrer-Policy")
    static let openerPolicy = named("Cross-Origin-Opener-Policy")
    static let resourcePolicy = named("Cross-Origin-Resource-Policy")
    static let frameOptions = named("X-Frame-Options")
    static let permissionsPolicy = named("Permissions-Policy")
}
