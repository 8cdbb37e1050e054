import Kernel

/// Takes `multipart/form-data` (RFC 7578) apart while it arrives: a pure state machine fed with chunks.
struct MultipartParser {
    /// The head of one part.
    struct Head: Equatable {
        let name: String
        /// Nil for a plain field.
        let fileName: String?
        let type: String
    }

    enum Event: Equatable {
        case begin(Head)
        case data([UInt8])
        case end
    }

    private enum State { case preamble, afterDelimiter, head, body, done }

    private static let headLimit = 8_192
    private let delimiter: [UInt8]
    private var state = State.preamble
    // The first delimiter may stand at the very start: an invented line end makes it like the others.
    private var buffer: [UInt8] = [0x0D, 0x0A]

    init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

    /// Whether the closing delimiter has been seen.
    var isDone: Bool { if case .done = state { true } else { false } }

    /// Reads the next chunk.
    /// - Throws: ``RequestProblem/badMultipart(_:)``, ``RequestProblem/badEncoding``.
    mutating func feed(_ chunk: some Sequence<UInt8>) throws(RequestProblem) -> [Event] {
        if case .done = state { return [] }
        buffer += chunk
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    private static func problem(_ zh: String, _ en: String) -> RequestProblem { .badMultipart(Bilingual(zh, en)) }

    /// Goes one step on; false when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(RequestProblem) -> Bool {
        switch state {
        case .preamble, .body: return content(&events)
        case .afterDelimiter:
            guard buffer.count >= 2 else { return false }
            switch (buffer[0], buffer[1]) {
            case (0x2D, 0x2D):
                state = .done
                buffer = []
                return false
            case (0x0D, 0x0A):
                state = .head
            case (0x20, _), (0x09, _):
                // Padding that some senders put behind a boundary.
                buffer.removeFirst()
            default: throw MultipartParser.problem("分隔符后有多余内容", "there is something behind a boundary")
            }
            return true
        case .head: return try head(&events)
        case .done: return false
        }
    }

    private mutating func content(_ events: inout [Event]) -> Bool {
        let inBody = if case .body = state { true } else { false }
        if let found = MultipartParser.firstRange(of: delimiter, in: buffer) {
            if inBody {
                if found > 0 { events.append(.data(Array(buffer[..<found]))) }
                events.append(.end)
            }
            buffer.removeSubrange(..<(found + delimiter.count))
            state = .afterDelimiter
            return true
        }
        let certain = buffer.count - delimiter.count + 1
        if certain > 0 {
            if inBody { events.append(.data(Array(buffer[..<certain]))) }
            buffer.removeSubrange(..<certain)
        }
        return false
    }

    private mutating func head(_ events: inout [Event]) throws(RequestProblem) -> Bool {
        guard let end = MultipartParser.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A], in: buffer) else {
            guard buffer.count <= MultipartParser.headLimit else {
                throw MultipartParser.problem("部件头过长", "the head of a part is too long")
            }
            return false
        }
        guard end <= MultipartParser.headLimit else {
            throw MultipartParser.problem("部件头过长", "the head of a part is too long")
        }
        events.append(.begin(try MultipartParser.parseHead(buffer[..<end])))
        buffer.removeSubrange(..<(end + 4))
        state = .body
        return true
    }

    private static func parseHead(_ bytes: ArraySlice<UInt8>) throws(RequestProblem) -> Head {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw .badEncoding }
        var disposition: String?
        var type = "text/plain"
        for line in text.unicodeScalars.split(whereSeparator: { $0 == "\r" || $0 == "\n" }) {
            guard let colon = line.firstIndex(of: ":") else {
                throw problem("部件头格式不正确", "the head of a part is malformed")
            }
            let name = HeaderText.lowercased(String(line[..<colon]))
            let value = HeaderText.trimmed(String(line[line.index(after: colon)...]))
            if name == "content-disposition" { disposition = value }
            if name == "content-type" { type = value }
        }
        guard let disposition, let parsed = HeaderText(disposition), parsed.value == "form-data",
            let name = parsed.parameters["name"]
        else { throw problem("部件没有名称", "a part has no name") }
        return Head(name: name, fileName: parsed.parameters["filename"], type: type)
    }

    /// Where the pattern first begins.
    static func firstRange(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            pattern.withUnsafeBufferPointer { pattern in
                var at = 0
                let last = bytes.count - pattern.count
                while at <= last {
                    if bytes[at] == first {
                        var matched = 1
                        while matched < pattern.count, bytes[at + matched] == pattern[matched] { matched += 1 }
                        if matched == pattern.count { return at }
                    }
                    at += 1
                }
                return nil
            }
        }
    }
}

/// A header such as `form-data; name="a"; filename="b"`: a value and its parameters.
struct HeaderText {
    /// In lower case.
    let value: String
    /// Names in lower case; the first of two equal names counts.
    let parameters: [String: String]

    init?(_ text: String) {
        let parts = HeaderText.split(text)
        guard let first = parts.first else { return nil }
        value = HeaderText.lowercased(HeaderText.trimmed(first))
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            guard let equals = part.unicodeScalars.firstIndex(of: "=") else { continue }
            let name = HeaderText.lowercased(HeaderText.trimmed(String(part.unicodeScalars[..<equals])))
            let raw = HeaderText.trimmed(String(part.unicodeScalars[part.unicodeScalars.index(after: equals)...]))
            if parameters[name] == nil { parameters[name] = HeaderText.unquoted(raw) }
        }
        self.parameters = parameters
    }

    /// Splits at semicolons outside quotes.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var current = String.UnicodeScalarView()
        var quoted = false
        var escaped = false
        for scalar in text.unicodeScalars {
            if scalar == ";", !quoted {
                parts.append(String(current))
                current = String.UnicodeScalarView()
                continue
            }
            if scalar == "\"", !escaped { quoted.toggle() }
            escaped = quoted && scalar == "\\" && !escaped
            current.append(scalar)
        }
        return parts + [String(current)]
    }

    /// Browsers write a quote as `%22`; others escape it with a backslash.
    private static func unquoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else { return text }
        var result = String.UnicodeScalarView()
        var escaped = false
        for scalar in scalars.dropFirst().dropLast() {
            // A lone backslash is part of an old browser's path; only quotes and backslashes are escaped.
            if scalar == "\\", !escaped {
                escaped = true
                continue
            }
            if escaped, scalar != "\"", scalar != "\\" { result.append("\\") }
            escaped = false
            result.append(scalar)
        }
        if escaped { result.append("\\") }
        return String(result).replacing("%22", with: "\"")
    }

    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { $0 != " " && $0 != "\t" }),
            let last = scalars.lastIndex(where: { $0 != " " && $0 != "\t" })
        else { return "" }
        return String(scalars[first...last])
    }

    /// Lower case of ASCII letters only, as headers compare.
    static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
