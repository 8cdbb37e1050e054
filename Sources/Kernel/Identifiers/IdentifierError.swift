/// Why a code is not what it should be.
public enum IdentifierError: Problem, Hashable {
    /// The wrong number of characters.
    case length(found: Int, wanted: String)
    /// A character that the code does not use, and its place from 1.
    case character(String, at: Int)
    case checkDigit(found: String, wanted: String)
    case date(String)
    case division(String)

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .length: "identifier.length"
        case .character: "identifier.character"
        case .checkDigit: "identifier.check-digit"
        case .date: "identifier.date"
        case .division: "identifier.division"
        }
    }

    public var message: Bilingual {
        switch self {
        case .length(let found, let wanted):
            Bilingual("应为 \(wanted) 位，现有 \(found) 位", "has \(counted(found, "character")), \(wanted) are needed")
        case .character(let character, let place):
            Bilingual("第 \(place) 位不能是「\(character)」", "'\(character)' cannot stand at place \(place)")
        case .checkDigit(let found, let wanted):
            Bilingual(
                "校验位应为 \(wanted)，现为 \(found)，请核对",
                "the check character is \(found) and should be \(wanted); compare with the original")
        case .date(let text): Bilingual("出生日期 \(text) 不存在", "the birth date \(text) does not exist")
        case .division(let text): Bilingual("地区代码 \(text) 不存在", "the area code \(text) does not exist")
        }
    }
}

/// Shared parts of the codes.
enum CodeText {
    /// Upper case, plain digits, no spaces, hyphens where `dropping` names them.
    static func normal(_ typed: String, dropping: Set<Character> = []) -> [UInt8] {
        let plain = typed.withPlainDigits.uppercased().filter { !$0.isWhitespace && !dropping.contains($0) }
        return Array(plain.utf8)
    }

    /// The check digit of travel documents: weights 7, 3, 1; letters count from 10, the filler `<` counts nothing.
    static func check731(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var sum = 0
        for (index, byte) in bytes.enumerated() {
            let value = (48...57).contains(byte) ? Int(byte) - 48 : (65...90).contains(byte) ? Int(byte) - 55 : 0
            sum += value * [7, 3, 1][index % 3]
        }
        return UInt8(48 + sum % 10)
    }

    static func character(_ byte: UInt8) -> String { String(decoding: [byte], as: UTF8.self) }
}
