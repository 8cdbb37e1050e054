import Foundation
import Kernel
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test(
        "Real credit codes are valid",
        arguments: ["91350100M000100Y43", "914403001922038216", "91440300708461136T", "91110000600037341L"])
    func uscc(code: String) throws { #expect(try USCC(parsing: code).text == code) }

    @Test("Real resident numbers are valid", arguments: ["11010519491231002X", "440524188001010014"])
    func resident(code: String) throws { #expect(try ResidentID(parsing: code).text == code) }

    @Test("A real foreign permanent resident number is valid")
    func foreign() throws {
        #expect(try ForeignPermanentResidentID(parsing: "911124198108030024").edition == .since2023)
        #expect(throws: IdentifierError.self) { try ForeignPermanentResidentID(parsing: "911124198108030025") }
        #expect(throws: IdentifierError.self) { try ForeignPermanentResidentID(parsing: "12345") }
    }

    @Test(
        "Real ORCID iDs are valid, however they are written",
        arguments: ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"])
    func orcid(code: String) throws {
        #expect(try ORCID(parsing: code).text == code)
        #expect(try ORCID(parsing: "https://orcid.org/\(code)").text == code)
        #expect(try ORCID(parsing: code.replacing("-", with: "")).text == code)
    }

    @Test("Full-width digits, spaces and small letters are understood")
    func forgiving() throws {
        #expect(try USCC(parsing: " 91440300 708461136t ").text == "91440300708461136T")
        #expect(try ResidentID(parsing: "１１０１０５１９４９１２３１００２x").text == "11010519491231002X")
    }

    @Test("Impossible dates and places are found although the check digit fits")
    func impossible() {
        var random = SeededRandom(seed: 1)
        let wrongPlace = ResidentID.generate(division: "990101", birth: day("1980-01-01"), using: &random)
        #expect(throws: IdentifierError.division("99")) { try ResidentID(parsing: wrongPlace) }
    }

    @Test("Every change of one digit is found", arguments: 1...20)
    func singleChanges(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let code = USCC.generate(prefix: "91", division: "440305", using: &random).text
        let orcid = ORCID.generate(using: &random).text
        let number = ResidentID.generate(division: "440305", birth: day("1990-05-17"), using: &random)
        #expect(throws: Never.self, "seed \(seed)") {
            _ = try (USCC(parsing: code), ORCID(parsing: orcid), ResidentID(parsing: number))
        }
        for index in 8..<17 {
            var digits = Array(code)
            digits[index] = digits[index] == "1" ? "2" : "1"
            #expect(throws: IdentifierError.self, "seed \(seed) place \(index)") { try USCC(parsing: String(digits)) }
        }
        for index in 0..<17 {
            var digits = Array(number)
            digits[index] = digits[index] == "1" ? "2" : "1"
            #expect(throws: IdentifierError.self, "seed \(seed) place \(index)") {
                try ResidentID(parsing: String(digits))
            }
        }
    }

    @Test(
        "Ten thousand codes agree with PyPI's python-stdnum",
        .enabled(if: ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] != nil))
    func outsideOpinion() throws {
        var random = SeededRandom(seed: 20_261_124)
        var codes: [(kind: String, code: String, isValid: Bool)] = []
        for index in 0..<10_000 {
            var code: String
            let kind = ["uscc", "ric", "orcid"][index % 3]
            switch kind {
            case "uscc": code = USCC.generate(prefix: "91", division: "440305", using: &random).text
            case "ric":
                let birth = Day(number: Int.random(in: -7_000...18_000, using: &random))
                code = ResidentID.generate(division: "440305", birth: birth, using: &random)
            default: code = ORCID.generate(using: &random).text
            }
            if index % 2 == 1 {
                // Another last character: mostly wrong, now and then right by chance.
                code = code.dropLast() + String(Int.random(in: 0...9, using: &random))
            }
            let isValid: Bool =
                switch kind {
                case "uscc": (try? USCC(parsing: code)) != nil
                case "ric": (try? ResidentID(parsing: code)) != nil
                default: (try? ORCID(parsing: code)) != nil
                }
            codes.append((kind, code, isValid))
        }
        let program = """
            import sys
            from stdnum.cn import uscc, ric
            from stdnum.iso7064 import mod_11_2
            kinds = {"uscc": uscc, "ric": ric, "orcid": mod_11_2}
            for line in sys.stdin:
                kind, code = line.split()
                print(int(kinds[kind].is_valid(code.replace("-", ""))))
            """
        let input = codes.map { "\($0.kind) \($0.code)" }.joined(separator: "\n")
        let answer = try #require(try TestCity.python(program, input: input))
        let verdicts = answer.split(separator: "\n").map { $0 == "1" }
        try #require(verdicts.count == codes.count)
        for (code, verdict) in zip(codes, verdicts) {
            #expect(code.isValid == verdict, "\(code.kind) \(code.code)")
        }
    }
}
