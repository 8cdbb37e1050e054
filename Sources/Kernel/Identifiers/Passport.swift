/// A passport by the two lines of its machine-readable zone (ICAO 9303 part 4): each number in them has a check digit.
public struct Passport: Hashable, Sendable {
    public enum Sex: String, Codable, Hashable, Sendable, CaseIterable { case female = "F", male = "M", other = "X" }

    public let number: String
    /// Three letters as printed, without fillers: mostly ISO 3166, but `D` for Germany and some more.
    public let nationality: String
    public let birth: Day
    public let sex: Sex
    public let ends: Day
    /// Surname and given names of the upper line, in capitals; empty where only the lower line was given.
    public let name: String

    /// Reads both lines, or the lower one alone, however they were typed.
    /// - Parameter today: tells the century of the two-digit years.
    /// - Throws: ``IdentifierError``.
    public init(parsing typed: String, on today: Day) throws(IdentifierError) {
        let all = CodeText.normal(typed)
        guard all.count == 44 || all.count == 88 else { throw .length(found: all.count, wanted: "44 / 88") }
        let line = Array(all.suffix(44))
        for (index, byte) in line.enumerated()
        where !(48...57).contains(byte) && !(65...90).contains(byte) && byte != Passport.filler {
            throw .character(CodeText.character(byte), at: index + 1)
        }
        try Passport.require(line[0..<9], line[9])
        try Passport.require(line[13..<19], line[19])
        try Passport.require(line[21..<27], line[27])
        // An empty personal number may have a filler in place of its check digit.
        if line[42] != Passport.filler { try Passport.require(line[28..<42], line[42]) }
        try Passport.require(Array(line[0..<10] + line[13..<20] + line[21..<43])[...], line[43])
        number = Passport.text(line[0..<9])
        nationality = Passport.text(line[10..<13])
        sex = Sex(rawValue: CodeText.character(line[20])) ?? .other
        birth = try Passport.day(line[13..<19], notAfter: today)
        ends = try Passport.day(line[21..<27], notAfter: today.adding(years: 50))
        name = all.count == 88 ? Passport.name(all[5..<44]) : ""
    }

    private static let filler = UInt8(ascii: "<")

    private static func require(_ bytes: ArraySlice<UInt8>, _ check: UInt8) throws(IdentifierError) {
        let wanted = CodeText.check731(bytes)
        guard check == wanted else {
            throw .checkDigit(found: CodeText.character(check), wanted: CodeText.character(wanted))
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.filter { $0 != filler }, as: UTF8.self)
    }

    /// `SURNAME<<GIVEN<NAMES` as `SURNAME GIVEN NAMES`.
    private static func name(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self).split(separator: "<").joined(separator: " ")
    }

    /// The last day with these two-digit years that is not after another.
    private static func day(_ digits: ArraySlice<UInt8>, notAfter last: Day) throws(IdentifierError) -> Day {
        let numbers = digits.map { Int($0) - 48 }
        let written = String(decoding: digits, as: UTF8.self)
        guard numbers.allSatisfy({ (0...9).contains($0) }) else { throw .date(written) }
        let century = last.parts.year / 100 * 100
        for start in [century, century - 100] {
            let year = start + numbers[0] * 10 + numbers[1]
            if let day = Day(year: year, month: numbers[2] * 10 + numbers[3], day: numbers[4] * 10 + numbers[5]),
                day <= last
            {
                return day
            }
        }
        throw .date(written)
    }

    /// The two lines of a passport that nobody holds, for synthetic data.
    /// - Parameter nationality: three letters.
    public static func generate(
        surname: String, given: String, nationality: String, number: String, birth: Day, sex: Sex, ends: Day
    ) -> String {
        func short(_ day: Day) -> String {
            let (year, month, date) = day.parts
            return padded(year % 100, 2) + padded(month, 2) + padded(date, 2)
        }
        func checked(_ text: String) -> String { text + CodeText.character(CodeText.check731(Array(text.utf8))) }
        func filled(_ text: String, _ length: Int) -> String {
            String((text + String(repeating: "<", count: length)).prefix(length))
        }
        let upper = filled("P<\(filled(nationality, 3))\(surname)<<\(given.replacing(" ", with: "<"))", 44)
        let first = checked(filled(number, 9))
        let (born, expiry) = (checked(short(birth)), checked(short(ends)))
        let personal = String(repeating: "<", count: 14) + "0"
        let whole = CodeText.character(CodeText.check731(Array((first + born + expiry + personal).utf8)))
        return
            "\(upper)\n\(first)\(filled(nationality, 3))\(born)\(sex == .other ? "<" : sex.rawValue)\(expiry)\(personal)\(whole)"
    }
}
