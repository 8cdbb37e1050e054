/// An address that may stand in `href`, `src` or `action`: of this house (`/calls`, `?page=2`, `#field`), or `http`,
/// `https` or `mailto`. Values put into a literal are percent-encoded: `"/calls/\(number)?q=\(words)"`.
public struct SafeURL: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The address as written.
    public let text: String

    /// An address written in the source code; it is checked all the same and becomes `#` when it is not safe.
    public init(stringLiteral value: String) { text = SafeURL.isSafe(value) ? value : "#" }
    public init(stringInterpolation: StringInterpolation) { self.init(stringLiteral: stringInterpolation.text) }

    /// Checks an address that came from outside; nil where it has another scheme, leaves the house without one
    /// (`//host`), or holds control characters, spaces or backslashes.
    public init?(checking text: String) {
        guard SafeURL.isSafe(text) else { return nil }
        self.text = text
    }

    private static func isSafe(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        // Browsers drop tabs and newlines inside a scheme and read a backslash as a slash.
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else { return false }
        if bytes.starts(with: "//".utf8) { return false }
        guard let first = bytes.first else { return false }
        if first == UInt8(ascii: "/") || first == UInt8(ascii: "?") || first == UInt8(ascii: "#") { return true }
        let lowered = bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }
        if ["https://", "http://", "mailto:"].contains(where: { lowered.starts(with: $0.utf8) }) { return true }
        // A relative address such as `notices/12` has no colon before its first slash, question or number sign.
        let stops: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
        let head = bytes.prefix { !stops.contains($0) }
        return !head.contains(UInt8(ascii: ":"))
    }

    /// Percent-encodes everything but letters, digits and `- . _ ~`.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What may stand in `\( … )` of an address.
    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        public init(literalCapacity: Int, interpolationCount: Int) {}
        public mutating func appendLiteral(_ literal: String) { text += literal }
        /// A part of a path or a value of a query, percent-encoded. An address cannot begin with one, as encoding would
        /// break it: whoever has a whole address gives it as a ``SafeURL``.
        public mutating func appendInterpolation(_ value: String) {
            precondition(!text.isEmpty, "an address begins with what is written in the source, or with another address")
            text += SafeURL.encode(value)
        }
        public mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }
        /// Another address, as it is.
        public mutating func appendInterpolation(_ url: SafeURL) { text += url.text }
    }
}
