/// Markup as UTF-8 bytes. A literal is markup; every text put into it is escaped byte by byte, so that no text of a
/// person can become markup: `"<p>\(name)</p>" as HTML`. Escaping looks at bytes and not at characters, because a
/// quotation mark followed by a combining mark is one character but still ends an attribute.
public struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    public private(set) var bytes: [UInt8]

    /// Nothing.
    public static let empty = HTML(bytes: [])

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nothing yet: a start for `+=`.
    public init() { bytes = [] }

    public init(stringLiteral value: String) { bytes = Array(value.utf8) }
    public init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }

    /// A text, escaped.
    public init(text: String) {
        bytes = []
        HTML.escape(text.utf8, into: &bytes)
    }

    /// One piece for each element, one after another.
    public init<Elements: Sequence>(each elements: Elements, _ piece: (Elements.Element) throws -> HTML) rethrows {
        bytes = []
        for element in elements { bytes += try piece(element).bytes }
    }

    /// Text that is markup already. Never give it anything that a person wrote.
    public static func raw(unchecked markup: String) -> HTML { HTML(bytes: Array(markup.utf8)) }

    /// Pieces with a separator between them; empty pieces are left out.
    public static func join(_ pieces: [HTML], separator: HTML = .empty) -> HTML {
        var joined = HTML()
        for piece in pieces where !piece.isEmpty {
            if !joined.isEmpty { joined += separator }
            joined += piece
        }
        return joined
    }

    /// Whether there is no markup at all.
    public var isEmpty: Bool { bytes.isEmpty }

    /// The markup as text.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    public static func += (left: inout HTML, right: HTML) { left.bytes += right.bytes }
    public static func + (left: HTML, right: HTML) -> HTML { HTML(bytes: left.bytes + right.bytes) }

    /// Appends a text with `& < > " '` written as references.
    static func escape(_ text: some Sequence<UInt8>, into bytes: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            case UInt8(ascii: "'"): bytes.append(contentsOf: "&#39;".utf8)
            default: bytes.append(byte)
            }
        }
    }
}

extension HTML {
    /// What may stand in `\( … )` of a literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        var bytes: [UInt8] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + interpolationCount * 24)
        }

        public mutating func appendLiteral(_ literal: String) { bytes.append(contentsOf: literal.utf8) }

        /// A text, escaped. Straight after `href="`, `src="` or `action="` it must be a safe address, or becomes `#`.
        public mutating func appendInterpolation(_ text: String) {
            if startsAddress, SafeURL(checking: text) == nil { return bytes.append(UInt8(ascii: "#")) }
            HTML.escape(text.utf8, into: &bytes)
        }

        /// A text, escaped, or nothing.
        public mutating func appendInterpolation(_ text: String?) {
            if let text { appendInterpolation(text) }
        }

        /// Markup as it is.
        public mutating func appendInterpolation(_ html: HTML) { bytes += html.bytes }

        /// Markup as it is, or nothing.
        public mutating func appendInterpolation(_ html: HTML?) {
            if let html { bytes += html.bytes }
        }

        /// A whole number in decimal digits.
        public mutating func appendInterpolation(_ number: some BinaryInteger) {
            bytes.append(contentsOf: String(number).utf8)
        }

        /// An address that is known to be safe.
        public mutating func appendInterpolation(_ url: SafeURL) { HTML.escape(url.text.utf8, into: &bytes) }

        /// One piece for each element: `\(each: rows, { row in "<li>\(row.name)</li>" })`.
        public mutating func appendInterpolation<Elements: Sequence>(
            each elements: Elements, _ piece: (Elements.Element) throws -> HTML
        ) rethrows {
            for element in elements { bytes += try piece(element).bytes }
        }

        /// A piece that is there only under a condition: `\(if: open, "<b>…</b>")`.
        public mutating func appendInterpolation(
            if condition: Bool, _ piece: @autoclosure () -> HTML, else other: @autoclosure () -> HTML = .empty
        ) {
            bytes += condition ? piece().bytes : other().bytes
        }

        /// A piece made of a value, where there is one: `\(with: hint, { "<p>\($0)</p>" })`.
        public mutating func appendInterpolation<Value>(with value: Value?, _ piece: (Value) throws -> HTML) rethrows {
            if let value { bytes += try piece(value).bytes }
        }

        /// ` name="value"` with a space before it, or nothing for nil.
        public mutating func appendInterpolation(attribute name: StaticString, _ value: String?) {
            guard let value else { return }
            bytes.append(contentsOf: " \(name)=\"".utf8)
            appendInterpolation(value)
            bytes.append(UInt8(ascii: "\""))
        }

        /// ` name` with a space before it, or nothing: for `checked`, `selected`, `required`, `disabled`.
        public mutating func appendInterpolation(attribute name: StaticString, if present: Bool) {
            if present { bytes.append(contentsOf: " \(name)".utf8) }
        }

        private static let addressAttributes: [[UInt8]] = [
            Array(#"href=""#.utf8), Array(#"src=""#.utf8), Array(#"action=""#.utf8),
        ]

        private var startsAddress: Bool {
            guard bytes.last == UInt8(ascii: "\"") else { return false }
            return Self.addressAttributes.contains { bytes.suffix($0.count).elementsEqual($0) }
        }
    }
}
