/// Percent encoding (RFC 3986) and form encoding, strict about escapes and UTF-8.
enum Percent {
    /// Undoes the escapes.
    /// - Throws: ``RequestProblem/badEncoding`` for a bad escape, bytes that are not UTF-8, and U+0000.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) throws(RequestProblem) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let byte = bytes[at]
            at = bytes.index(after: at)
            if byte == UInt8(ascii: "+"), plusIsSpace {
                result.append(0x20)
            } else if byte == UInt8(ascii: "%") {
                guard let high = nextHex(bytes, &at), let low = nextHex(bytes, &at) else { throw .badEncoding }
                result.append(high << 4 | low)
            } else {
                result.append(byte)
            }
        }
        guard !result.contains(0), let text = String(validating: result, as: UTF8.self) else { throw .badEncoding }
        return text
    }

    private static func nextHex<Bytes: Collection<UInt8>>(_ bytes: Bytes, _ at: inout Bytes.Index) -> UInt8? {
        guard at < bytes.endIndex else { return nil }
        let byte = bytes[at]
        at = bytes.index(after: at)
        return switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Escapes everything but the unreserved bytes and those in `keeping`.
    static func encode(_ text: String, keeping: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let kept = Array(keeping.utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) || kept.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: false
        }
    }

    /// Reads `a=1&b=2` in order, as forms and queries write it.
    /// - Throws: ``RequestProblem/badEncoding``, ``RequestProblem/tooManyFields(limit:)``.
    static func fields(_ bytes: some Collection<UInt8>, limit: Int) throws(RequestProblem) -> [FormBody.Field] {
        var fields: [FormBody.Field] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            guard fields.count < limit else { throw .tooManyFields(limit: limit) }
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decode(halves[0], plusIsSpace: true)
            let value = halves.count > 1 ? try decode(halves[1], plusIsSpace: true) : ""
            fields.append(FormBody.Field(name: name, value: value))
        }
        return fields
    }
}

/// The address line of a request, read strictly: no dot segments, no empty segments, no slashes or
/// control characters inside of them.
struct RequestTarget: Sendable {
    /// The path as sent, without the query.
    let path: String
    /// The decoded segments.
    let segments: [String]
    /// Whether the path ends in a slash that does not belong to it.
    let trailingSlash: Bool
    let query: [FormBody.Field]
    /// The query as sent.
    let rawQuery: String

    init(_ raw: String) throws(RequestProblem) {
        guard raw.utf8.first == UInt8(ascii: "/"), raw.utf8.count <= 8_192 else { throw .badAddress }
        let halves = raw.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = String(Substring(halves[0]))
        var parts = halves[0].dropFirst()
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        trailingSlash = parts.count > 1 && parts.last?.isEmpty == true
        if parts.last?.isEmpty == true { parts.removeLast() }
        var segments: [String] = []
        for part in parts {
            // A slash that hides in a segment would be another path to whoever reads it again.
            guard let text = try? Percent.decode(part), !text.isEmpty, text != ".", text != "..",
                !text.utf8.contains(UInt8(ascii: "/")),
                !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else { throw .badAddress }
            segments.append(text)
        }
        self.segments = segments
        rawQuery = halves.count > 1 ? String(Substring(halves[1])) : ""
        query = try Percent.fields(rawQuery.utf8, limit: 500)
    }
}
