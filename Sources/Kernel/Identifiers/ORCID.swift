/// An ORCID iD (ISO 7064 MOD 11-2): sixteen characters, written in groups of four.
public struct ORCID: Hashable, Sendable, Codable {
    /// `0000-0002-1825-0097`.
    public let text: String

    /// Reads an iD with or without hyphens, or as an address at orcid.org.
    /// - Throws: ``IdentifierError``.
    public init(parsing typed: String) throws(IdentifierError) {
        var shown = typed
        for start in ["https://orcid.org/", "http://orcid.org/", "orcid.org/"] where shown.lowercased().hasPrefix(start)
        {
            shown.removeFirst(start.count)
        }
        let bytes = CodeText.normal(shown, dropping: ["-"])
        guard bytes.count == 16 else { throw .length(found: bytes.count, wanted: "16") }
        for (index, byte) in bytes.enumerated() {
            guard (48...57).contains(byte) || (index == 15 && byte == UInt8(ascii: "X")) else {
                throw .character(CodeText.character(byte), at: index + 1)
            }
        }
        let check = ORCID.check(Array(bytes[0..<15]))
        guard bytes[15] == check else {
            throw .checkDigit(found: CodeText.character(bytes[15]), wanted: CodeText.character(check))
        }
        text = ORCID.grouped(bytes)
    }

    private init(valid bytes: [UInt8]) { text = ORCID.grouped(bytes) }

    private static func grouped(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: 16, by: 4).map { String(decoding: bytes[$0..<($0 + 4)], as: UTF8.self) }
            .joined(separator: "-")
    }

    private static func check(_ bytes: [UInt8]) -> UInt8 {
        var total = 0
        for byte in bytes { total = (total + Int(byte - 48)) * 2 }
        let rest = (12 - total % 11) % 11
        return rest == 10 ? UInt8(ascii: "X") : UInt8(48 + rest)
    }

    /// A valid iD in the block that ORCID assigns, for synthetic data.
    public static func generate(using random: inout some RandomNumberGenerator) -> ORCID {
        var bytes = Array(("0000000" + String(Int.random(in: 1...3, using: &random))).utf8)
        for _ in 0..<7 { bytes.append(UInt8(48 + Int.random(in: 0...9, using: &random))) }
        bytes.append(check(bytes))
        return ORCID(valid: bytes)
    }
}
