import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Normaliser")
struct NormaliserTests {
    /// The whole text through Foundation at once, then letter by letter.
    private func plainly(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        let form = text.decomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        for scalar in form.unicodeScalars {
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                switch lower.properties.generalCategory {
                case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
                    .decimalNumber, .letterNumber, .otherNumber:
                    view.append(lower)
                default: break
                }
            }
        }
        return String(view)
    }

    private static let pools: [[ClosedRange<UInt32>]] = [
        [0x20...0x7E, 0x4E00...0x9FFF, 0x3001...0x3011],
        [0x20...0x7E, 0xA0...0x17F, 0x300...0x36F],
        [0x3040...0x30FF, 0x3099...0x309A, 0xFF00...0xFFEF, 0x3000...0x303F],
        [0x1100...0x11FF, 0xAC00...0xD7A3, 0x3130...0x318F],
        [0xF900...0xFAFF, 0x2F800...0x2FA1D, 0x20000...0x2A6DF, 0x3200...0x33FF],
        [0x370...0x3FF, 0x1F00...0x1FFF, 0x300...0x345],
        [0x0...0x2FF, 0x2000...0x2BFF, 0x300...0x36F], [0x600...0x6FF, 0xFB50...0xFDFF, 0x900...0x9FF],
        [0x0...0xD7FF, 0xE000...0x1F9FF],
    ]

    @Test("Reading piece by piece gives what Foundation gives at once", arguments: 0..<pools.count)
    func agrees(pool: Int) {
        var chance = MadeUpChance(seed: UInt64(pool) + 20)
        var normaliser = Normaliser()
        for round in 0..<300 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...30, using: &chance) {
                guard let range = Self.pools[pool].randomElement(using: &chance),
                    let scalar = Unicode.Scalar(UInt32.random(in: range, using: &chance))
                else { continue }
                view.append(scalar)
            }
            let text = String(view)
            let found = normaliser.tokens(text).normalised
            let expected = plainly(text)
            let same = Array(found.unicodeScalars) == Array(expected.unicodeScalars)
            #expect(same, "pool \(pool) round \(round): \(text.unicodeScalars.map { String($0.value, radix: 16) })")
        }
    }

    @Test(
        "Two thousand strings agree with Python's unicodedata",
        .enabled("KECHUANG_TEST_PYTHON is wanted") { Outside.hasPython() })
    func unicodedata() throws {
        let program = """
            import sys, unicodedata as u
            for line in open(sys.argv[1]):
                text = "".join(chr(int(c, 16)) for c in line.split())
                lower = "".join(c.lower() for c in u.normalize("NFKC", text))
                print(" ".join("%x" % ord(c) for c in lower if u.category(c)[0] in "LN"))
            """
        var chance = MadeUpChance(seed: 6)
        var normaliser = Normaliser()
        var texts: [String] = []
        for round in 0..<2_000 {
            var view = String.UnicodeScalarView()
            // Not the last pool: versions of Unicode differ in rare scripts.
            for _ in 0..<20 {
                guard let range = Self.pools[round % 8].randomElement(using: &chance),
                    let scalar = Unicode.Scalar(UInt32.random(in: range, using: &chance))
                else { continue }
                view.append(scalar)
            }
            texts.append(String(view))
        }
        func hex(_ text: String) -> String {
            text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
        }
        let answer = try #require(
            try Outside.python(program, input: texts.map { hex($0) + "\n" }.joined()))
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == texts.count + 1)
        for (text, line) in zip(texts, lines) {
            #expect(hex(normaliser.tokens(text).normalised) == line, "\(hex(text))")
        }
    }

    @Test("Each token stands where its places say", arguments: 0..<pools.count)
    func places(pool: Int) {
        var chance = MadeUpChance(seed: UInt64(pool) + 90)
        var normaliser = Normaliser()
        for _ in 0..<100 {
            var view = String.UnicodeScalarView()
            for _ in 0..<20 {
                guard let range = Self.pools[pool].randomElement(using: &chance),
                    let scalar = Unicode.Scalar(UInt32.random(in: range, using: &chance))
                else { continue }
                view.append(scalar)
            }
            let text = String(view)
            let scalars = Array(text.unicodeScalars)
            let tokens = normaliser.tokens(text)
            for (index, token) in tokens.tokens.enumerated() {
                // A scalar that becomes several tokens gives all of them its own place.
                let sharers = tokens.tokens.filter { $0.start < token.end && $0.end > token.start }
                guard sharers.count == 1 else { continue }
                var part = String.UnicodeScalarView()
                part.append(contentsOf: scalars[Int(token.start)..<Int(token.end)])
                var other = Normaliser()
                #expect(other.tokens(String(part)).normalised == tokens.string(index..<index + 1))
            }
        }
    }

    @Test("Characters stand alone, words hold together, widths and case do not matter")
    func tokens() {
        var normaliser = Normaliser()
        func words(_ text: String) -> [String] {
            let tokens = normaliser.tokens(text)
            return tokens.tokens.indices.map { tokens.string($0..<$0 + 1) }
        }
        #expect(words("基于ＡＢＣ－１２的 Méthode，第2版。") == ["基", "于", "abc", "12", "的", "méthode", "第", "2", "版"])
        #expect(words("cafe\u{301} ﬁne ㈱ ½") == ["café", "fine", "株", "1", "2"])
        #expect(words("zero\u{200B}width soft\u{AD}hyphen") == ["zerowidth", "softhyphen"])
        #expect(words("ｶﾞス ガス").joined() == "ガスガス")
        #expect(words("。，！ \u{301} ").isEmpty)
        #expect(normaliser.tokens("基金 fund of").isMostlyCharacters)
        #expect(!normaliser.tokens("基金 fund of science").isMostlyCharacters)
    }
}
