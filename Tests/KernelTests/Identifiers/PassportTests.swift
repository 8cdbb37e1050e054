import Kernel
import Testing

@Suite("Passports and countries")
struct PassportTests {
    private let today = Day("2026-03-02") ?? Day(number: 0)
    /// The specimen of ICAO 9303 part 4.
    private static let specimen = """
        P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<
        L898902C36UTO7408122F1204159ZE184226B<<<<<10
        """

    @Test("The specimen of ICAO 9303 is read whole, with one line or two")
    func specimen() throws {
        let passport = try Passport(parsing: Self.specimen, on: today)
        #expect(passport.number == "L898902C3" && passport.nationality == "UTO" && passport.sex == .female)
        #expect(passport.birth == Day("1974-08-12") && passport.ends == Day("2012-04-15"))
        #expect(passport.name == "ERIKSSON ANNA MARIA")
        let lower = try Passport(parsing: "l898902c36uto7408122f1204159ze184226b<<<<<10", on: today)
        #expect(lower.name.isEmpty && lower.number == passport.number)
    }

    @Test("Any wrong digit of number, birth date, end or personal number is found")
    func changes() {
        let line = Array(Self.specimen.split(separator: "\n")[1])
        for index in line.indices where index < 10 || (13..<20).contains(index) || index > 20 {
            guard let digit = line[index].wholeNumberValue else { continue }
            var changed = line
            changed[index] = Character(String((digit + 1) % 10))
            #expect(throws: IdentifierError.self, "place \(index + 1)") {
                try Passport(parsing: String(changed), on: today)
            }
        }
    }

    @Test("What is no machine-readable zone is refused with what is wrong")
    func nonsense() {
        #expect(throws: IdentifierError.length(found: 3, wanted: "44 / 88")) { try Passport(parsing: "abc", on: today) }
        #expect(throws: IdentifierError.length(found: 0, wanted: "44 / 88")) { try Passport(parsing: "", on: today) }
        let odd = "L898902C36UTO7408122F1204159ZE184226B<<<<<1é"
        #expect(throws: IdentifierError.self) { try Passport(parsing: odd, on: today) }
    }

    @Test("What is generated is read back, over many people", arguments: 1...50)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let birth = Day(number: Int.random(in: -15_000...16_000, using: &random))
        let ends = today.adding(days: Int.random(in: -3_000...9_000, using: &random))
        let number = "AB\(Int.random(in: 100_000...9_999_999, using: &random))"
        let sex = Passport.Sex.allCases.randomElement(using: &random) ?? .other
        let text = Passport.generate(
            surname: "DE<LA<CRUZ", given: "JOSE", nationality: "ESP", number: number, birth: birth, sex: sex,
            ends: ends)
        let passport = try Passport(parsing: text, on: today)
        #expect(passport.number == number && passport.birth == birth && passport.ends == ends, "seed \(seed)")
        #expect(passport.sex == sex && passport.nationality == "ESP", "seed \(seed)")
    }
}
