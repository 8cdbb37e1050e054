/// A resident identity number (公民身份号码, GB 11643-1999): 18 characters.
public struct ResidentID: Hashable, Sendable {
    public let text: String
    public let birth: Day

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = Array("10X98765432".utf8)
    /// First two digits that GB/T 2260 gives to provinces, and 81–83 of residence permits.
    private static let provinces: Set<Int> = Set(
        [11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46] + [50, 51, 52, 53, 54]
            + [61, 62, 63, 64, 65, 71, 81, 82, 83])

    /// - Throws: ``IdentifierError``; the 15-digit numbers of before 1999 are no longer valid and refused by length.
    public init(parsing typed: String) throws(IdentifierError) {
        let bytes = CodeText.normal(typed)
        guard bytes.count == 18 else { throw .length(found: bytes.count, wanted: "18") }
        try ResidentID.requireDigits(bytes)
        let province = Int(bytes[0] - 48) * 10 + Int(bytes[1] - 48)
        guard ResidentID.provinces.contains(province) else { throw .division("\(province)") }
        let check = ResidentID.check(Array(bytes[0..<17]))
        guard bytes[17] == check else {
            throw .checkDigit(found: CodeText.character(bytes[17]), wanted: CodeText.character(check))
        }
        birth = try ResidentID.day(Array(bytes[6..<14]))
        text = String(decoding: bytes, as: UTF8.self)
    }

    static func requireDigits(_ bytes: [UInt8]) throws(IdentifierError) {
        for (index, byte) in bytes.enumerated() {
            let isDigit = (48...57).contains(byte)
            guard isDigit || (index == 17 && byte == UInt8(ascii: "X")) else {
                throw .character(CodeText.character(byte), at: index + 1)
            }
        }
    }

    static func check(_ bytes: [UInt8]) -> UInt8 {
        var sum = 0
        for (byte, weight) in zip(bytes, weights) { sum += Int(byte - 48) * weight }
        return checks[sum % 11]
    }

    static func day(_ digits: [UInt8]) throws(IdentifierError) -> Day {
        let numbers = digits.map { Int($0) - 48 }
        let year = numbers[0] * 1000 + numbers[1] * 100 + numbers[2] * 10 + numbers[3]
        let written = String(decoding: digits, as: UTF8.self)
        guard year >= 1850,
            let day = Day(year: year, month: numbers[4] * 10 + numbers[5], day: numbers[6] * 10 + numbers[7])
        else { throw .date(written) }
        return day
    }

    /// A valid number for synthetic data.
    public static func generate(
        division: String, birth: Day, using random: inout some RandomNumberGenerator
    ) -> String {
        let (year, month, day) = birth.parts
        let head =
            division + padded(year, 4) + padded(month, 2) + padded(day, 2)
            + padded(Int.random(in: 1...999, using: &random), 3)
        return head + CodeText.character(check(Array(head.utf8)))
    }
}

/// A foreign permanent resident's identity number (外国人永久居留身份证): 18 digits since 2023-12-01, 15 characters
/// before; both are in use.
public struct ForeignPermanentResidentID: Hashable, Sendable {
    public enum Edition: Sendable { case before2023, since2023 }

    public let text: String
    public let edition: Edition

    /// - Throws: ``IdentifierError``.
    public init(parsing typed: String) throws(IdentifierError) {
        let bytes = CodeText.normal(typed)
        switch bytes.count {
        case 18: try ForeignPermanentResidentID.requireNew(bytes)
        case 15: try ForeignPermanentResidentID.requireOld(bytes)
        default: throw .length(found: bytes.count, wanted: "15 / 18")
        }
        edition = bytes.count == 18 ? .since2023 : .before2023
        text = String(decoding: bytes, as: UTF8.self)
    }

    private static func requireNew(_ bytes: [UInt8]) throws(IdentifierError) {
        guard bytes[0] == UInt8(ascii: "9") else { throw .character(CodeText.character(bytes[0]), at: 1) }
        try ResidentID.requireDigits(bytes)
        let check = ResidentID.check(Array(bytes[0..<17]))
        guard bytes[17] == check else {
            throw .checkDigit(found: CodeText.character(bytes[17]), wanted: CodeText.character(check))
        }
        _ = try ResidentID.day(Array(bytes[6..<14]))
    }

    /// Three letters of nationality, four digits of the place, six of the birth date, one more, and a check digit of
    /// the 7-3-1 kind.
    private static func requireOld(_ bytes: [UInt8]) throws(IdentifierError) {
        for (index, byte) in bytes.enumerated() {
            let fits = index < 3 ? (65...90).contains(byte) : (48...57).contains(byte)
            guard fits else { throw .character(CodeText.character(byte), at: index + 1) }
        }
        let check = oldCheck(Array(bytes[0..<14]))
        guard bytes[14] == check else {
            throw .checkDigit(found: CodeText.character(bytes[14]), wanted: CodeText.character(check))
        }
        let digits = bytes[7..<13].map { Int($0) - 48 }
        let month = digits[2] * 10 + digits[3]
        let day = digits[4] * 10 + digits[5]
        // The century is not written; a leap year fits both, so that 29 February is not refused wrongly.
        guard Day(year: 2000, month: month, day: day) != nil else {
            throw .date(String(decoding: bytes[7..<13], as: UTF8.self))
        }
    }

    static func oldCheck(_ bytes: [UInt8]) -> UInt8 {
        CodeText.check731(bytes)
    }
}
