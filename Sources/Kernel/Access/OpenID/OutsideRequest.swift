import CCurl
internal import Foundation

/// A request of the house to an address that its operators named, or that whoever they named told it; never to one that
/// a visitor gave. Over HTTPS with its certificate checked; without it to this machine alone.
public struct OutsideRequest: Hashable, Sendable {
    /// With what the house says who it is.
    struct Login: Hashable, Sendable {
        let name: String
        let password: String
    }

    /// Seconds within which the answer must be there.
    static let seconds = 8
    /// Bytes of the longest answer.
    static let most = 256 << 10

    public let address: String
    /// Sent with POST; nil asks with GET.
    var form: [String: String]?
    var login: Login?

    init(_ address: String, form: [String: String]? = nil, login: Login? = nil) {
        self.address = address
        self.form = form
        self.login = login
    }

    /// Asks, and blocks until the answer is there.
    /// - Throws: ``OutsideError``.
    public func send() throws(OutsideError) -> OutsideAnswer {
        guard let isPlain = OutsideRequest.isPlain(address) else { throw OutsideError(code: 3) }
        let fields = form.map { FormText.encode($0.sorted { $0.key < $1.key }) } ?? ""
        let credentials = login.map { "\(FormText.encode($0.name)):\(FormText.encode($0.password))" } ?? ""
        var bytes = [UInt8](repeating: 0, count: OutsideRequest.most)
        var (count, status) = (0, 0)
        let code = kechuang_ask(
            address, fields, credentials, isPlain ? 1 : 0, OutsideRequest.seconds, &bytes, bytes.count, &count, &status)
        guard code == 0 else { throw OutsideError(code: Int(code)) }
        return OutsideAnswer(status: status, body: Array(bytes.prefix(count)))
    }

    /// Whether an address is asked without TLS; nil where the house asks no such address.
    static func isPlain(_ address: String) -> Bool? {
        let isText = address.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard isText, let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return nil }
        switch parts.scheme {
        case "https": return false
        case "http": return ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) ? true : nil
        default: return nil
        }
    }
}

/// What came back.
public struct OutsideAnswer: Hashable, Sendable {
    /// The status of HTTP.
    public let status: Int
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Nothing came back.
public struct OutsideError: Error, Hashable, CustomStringConvertible {
    /// The code of libcurl, e.g. 7 where nobody listens, 28 where it took too long, 60 for a bad certificate.
    public let code: Int
    public var description: String { "no answer (\(code))" }
}

/// Names and values as forms and addresses carry them.
enum FormText {
    static func encode(_ text: String) -> String {
        let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
        return text.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: unreserved)) ?? ""
    }

    static func encode(_ fields: [(key: String, value: String)]) -> String {
        fields.map { "\(encode($0.key))=\(encode($0.value))" }.joined(separator: "&")
    }
}
