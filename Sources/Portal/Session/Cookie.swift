import Kernel

/// A cookie to be set. All cookies of the house are `HttpOnly`, `SameSite=Lax` and for the whole site.
struct SetCookie: Hashable, Sendable {
    let name: String
    /// Only characters that a cookie may hold; tokens are hexadecimal or base64url.
    let value: String
    /// Seconds; nil until the browser closes, 0 removes it.
    let maxAge: Int?

    func header(secure: Bool) -> String {
        var text = "\(CookieJar.prefixed(name, secure))=\(value); Path=/; HttpOnly; SameSite=Lax"
        if secure { text += "; Secure" }
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        return text
    }
}

/// The cookies that a browser sent.
struct CookieJar: Sendable {
    /// The token of a session.
    static let session = "kc_session"
    /// Binds forms to a browser that has no session yet.
    static let visitor = "kc_visitor"
    /// The language that was chosen.
    static let language = "kc_language"
    /// What the browser keeps while its owner is at an identity provider.
    static let errand = "kc_errand"

    private let values: [String: String]
    private let secure: Bool

    init(_ headers: [String], secure: Bool) {
        var values: [String: String] = [:]
        for pair in headers.flatMap({ $0.utf8.split(separator: UInt8(ascii: ";")) }) {
            let text = HeaderText.trimmed(String(Substring(pair)))
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(text[..<equals])
            if values[name] == nil { values[name] = String(text[text.utf8.index(after: equals)...]) }
        }
        self.values = values
        self.secure = secure
    }

    subscript(_ name: String) -> String? {
        guard let value = values[CookieJar.prefixed(name, secure)], CookieJar.isToken(value) else { return nil }
        return value
    }

    /// Over HTTPS the prefix stops other hosts of the domain from planting the cookie.
    static func prefixed(_ name: String, _ secure: Bool) -> String { secure ? "__Host-\(name)" : name }

    /// Characters of the longest cookie.
    static let longest = 1_024

    /// Our cookies hold only such text; anything else was not set by us.
    static func isToken(_ value: String) -> Bool {
        (1...longest).contains(value.utf8.count)
            && value.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
                default: false
                }
            }
    }
}
