/// How the web service listens and what it lets in.
public struct WebSettings: Sendable {
    /// Address to listen on.
    public var host: String
    /// Port to listen on; 0 takes a free one.
    public var port: Int
    /// Scheme and host that people use, without a slash at the end; `https:` makes cookies secure.
    public var site: String
    /// 32 secret bytes, the same on all servers of the house; see ``FormSeal``.
    public var formKey: [UInt8]
    /// An existing folder for large uploads while they are handled.
    public var spoolFolder: String
    /// Speaks TLS (1.2 and later) with it; nil speaks plain HTTP.
    public var certificate: Certificate?
    /// Whether the last address in `X-Forwarded-For` is the client's; true only behind a proxy of the house.
    public var trustsProxy = false
    /// The secret of whoever watches over the house from other machines; see ``Visit/isOperator``.
    public var operatorToken: String?
    /// Path of the page for signing in.
    public var signInPath = "/sign-in"
    /// Seconds after which a silent connection is closed.
    public var idleSeconds = 60
    /// Seconds within which a body must have arrived.
    public var bodySeconds = 300
    /// Bytes of all headers of a request.
    public var headerBytes = 32 << 10
    /// Connections at a time; further ones wait.
    public var connections = 4_096

    public init(
        host: String = "127.0.0.1", port: Int = 8080, site: String, formKey: [UInt8], spoolFolder: String
    ) {
        self.host = host
        self.port = port
        self.site = site
        self.formKey = formKey
        self.spoolFolder = spoolFolder
    }

    /// Whether people reach the house by HTTPS.
    public var isSecure: Bool { certificate != nil || site.hasPrefix("https://") }

    /// What the house proves itself with where no proxy does it: paths of files in PEM format.
    public struct Certificate: Sendable, Hashable {
        /// Whether this build speaks TLS (the trait `TLS` of the package).
        public static var isUsable: Bool { OwnTLS.isBuiltIn }

        /// The certificate of the house, followed by those that lead to a root.
        public var chain: String
        public var key: String

        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }
}
