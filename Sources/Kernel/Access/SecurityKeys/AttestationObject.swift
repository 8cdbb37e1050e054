/// In what a browser hands over a new key (Web Authentication Level 2, 6.5.4): a map of three members in CBOR
/// (RFC 8949), of which the library reads the insides.
struct AttestationObject: Sendable {
    /// How the key attests what it is.
    let format: String
    /// With what, as CBOR.
    let statement: [UInt8]
    /// The authenticator data, with the key in it.
    let data: [UInt8]

    /// - Throws: ``KeyFault/malformed``.
    init(_ bytes: [UInt8]) throws(KeyFault) {
        var reader = CBORReader(bytes)
        guard let (kind, members) = reader.head(), kind == .map, members == 3 else { throw .malformed }
        var (name, map, block): (String?, [UInt8]?, [UInt8]?) = (nil, nil, nil)
        for _ in 0..<3 {
            switch reader.text() {
            case "fmt" where name == nil: name = reader.text()
            case "attStmt" where map == nil: map = reader.item()
            case "authData" where block == nil: block = reader.string(.bytes)
            default: throw .malformed
            }
        }
        guard let format = name, let statement = map, let data = block, reader.isAtEnd else { throw .malformed }
        self.format = format
        self.statement = statement
        self.data = data
    }
}

/// As much of CBOR as that takes: lengths are known before, and no number is longer than four bytes.
private struct CBORReader {
    /// The major types of RFC 8949, 3.1.
    enum Kind: UInt8 { case unsigned, negative, bytes, text, array, map, tag, simple }

    private static let deepest = 4

    private let input: [UInt8]
    private var at = 0

    init(_ input: [UInt8]) { self.input = input }

    var isAtEnd: Bool { at == input.count }

    /// What begins here, and the number that says how much of it there is.
    mutating func head() -> (kind: Kind, count: Int)? {
        guard at < input.count, let kind = Kind(rawValue: input[at] >> 5) else { return nil }
        let low = Int(input[at] & 0x1F)
        at += 1
        guard low >= 24 else { return (kind, low) }
        guard low <= 26, let number = take(1 << (low - 24)) else { return nil }
        return (kind, number.reduce(0) { $0 << 8 | Int($1) })
    }

    mutating func text() -> String? { string(.text).map { String(decoding: $0, as: UTF8.self) } }

    /// A text or a string of bytes.
    mutating func string(_ wanted: Kind) -> [UInt8]? {
        guard let (kind, count) = head(), kind == wanted else { return nil }
        return take(count)
    }

    /// The bytes of whatever begins here.
    mutating func item() -> [UInt8]? {
        let start = at
        return skip(CBORReader.deepest) ? Array(input[start..<at]) : nil
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        guard count <= input.count - at else { return nil }
        at += count
        return Array(input[(at - count)..<at])
    }

    private mutating func skip(_ depth: Int) -> Bool {
        guard depth > 0, let (kind, count) = head() else { return false }
        let inside: Int
        switch kind {
        case .unsigned, .negative, .simple: return true
        case .bytes, .text: return take(count) != nil
        case .array: inside = count
        case .map: inside = count * 2
        case .tag: inside = 1
        }
        // Each of them takes a byte at least.
        guard inside <= input.count - at else { return false }
        for _ in 0..<inside {
            guard skip(depth - 1) else { return false }
        }
        return true
    }
}
