import Kernel

/// Binds forms to a browser, so that no foreign page can submit them (CSRF).
///
/// The token is a keyed hash of the session's or visitor's cookie: nothing is stored, several servers agree, and a
/// token of one session is worth nothing in another.
public struct FormSeal: Sendable {
    /// The hidden field that carries the token in forms.
    public static let field = "_token"
    /// The header that carries it in scripts.
    public static let header = "X-Form-Token"

    private let key: [UInt8]

    /// - Parameter key: 32 secret bytes shared by all servers of the house.
    public init(key: [UInt8]) { self.key = key }

    /// The token for a browser with this cookie.
    public func token(for cookie: String) -> String {
        Digest.hex(Digest.hmacSHA256(key: key, Array("form:\(cookie)".utf8)))
    }

    /// Whether the token belongs to the cookie.
    public func accepts(_ token: String, for cookie: String) -> Bool {
        Digest.equal(Array(token.utf8), Array(self.token(for: cookie).utf8))
    }
}
