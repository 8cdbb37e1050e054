/// A unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters.
public struct USCC: Hashable, Sendable, Codable {
    public let text: String

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    private static let organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

    /// Reads a code however it was typed.
    /// - Throws: ``IdentifierError``.
    public init(parsing typed: String) throws(IdentifierError) {
        let bytes = CodeText.normal(typed, dropping: ["-"])
        guard bytes.count == 18 else { throw .length(found: bytes.count, wanted: "18") }
        for (index, byte) in bytes.enumerated() {
            let isDigit = (48...57).contains(byte)
            guard USCC.alphabet.contains(byte), isDigit || !(2..<8).contains(index) else {
                throw .character(CodeText.character(byte), at: index + 1)
            }
        }
        let inner = USCC.organisationCheck(Array(bytes[8..<16]))
        guard bytes[16] == inner else {
            throw .checkDigit(found: CodeText.character(bytes[16]), wanted: CodeText.character(inner))
        }
        let check = USCC.check(Array(bytes[0..<17]))
        guard bytes[17] == check else {
            throw .checkDigit(found: CodeText.character(bytes[17]), wanted: CodeText.character(check))
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    private init(valid text: String) { self.text = text }

    private static func check(_ bytes: [UInt8]) -> UInt8 {
        var sum = 0
        for (byte, weight) in zip(bytes, weights) { sum += (alphabet.firstIndex(of: byte) ?? 0) * weight }
        return alphabet[(31 - sum % 31) % 31]
    }

    /// Check character of the organisation code inside (GB 11714).
    private static func organisationCheck(_ bytes: [UInt8]) -> UInt8 {
        var sum = 0
        for (byte, weight) in zip(bytes, organisationWeights) {
            sum += Int((48...57).contains(byte) ? byte - 48 : byte - 55) * weight
        }
        let rest = 11 - sum % 11
        return rest == 10 ? UInt8(ascii: "X") : rest == 11 ? UInt8(ascii: "0") : UInt8(48 + rest)
    }

    /// A valid code that belongs to nobody known, for synthetic data.
    /// - Parameters:
    ///   - prefix: two characters such as `91` (enterprise) or `12` (public institution).
    ///   - division: six digits of GB/T 2260.
    public static func generate(
        prefix: String, division: String, using random: inout some RandomNumberGenerator
    ) -> USCC {
        var bytes = Array((prefix + division).utf8)
        var body: [UInt8] = Array("MA".utf8)
        for _ in 0..<6 { body.append(alphabet[Int.random(in: 0..<31, using: &random)]) }
        bytes += body
        bytes.append(organisationCheck(body))
        bytes.append(check(bytes))
        return USCC(valid: String(decoding: bytes, as: UTF8.self))
    }
}
