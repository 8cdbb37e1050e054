import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Sketches, prints and passages")
struct SketchTests {
    /// Two sets of hashes with so many shared and so many of their own.
    private func sets(_ shared: Int, _ own: Int, _ chance: inout MadeUpChance) -> ([UInt64], [UInt64]) {
        let common = (0..<shared).map { _ in chance.next() }
        let left = common + (0..<own).map { _ in chance.next() }
        let right = common + (0..<own).map { _ in chance.next() }
        return (left.shuffled(using: &chance), right.shuffled(using: &chance))
    }

    @Test("Bands are shared as often as the cube of the similarity says", arguments: [10, 60, 800])
    func bands(size: Int) {
        var chance = MadeUpChance(seed: UInt64(size))
        for similarity in [0.3, 0.5, 0.8] {
            let shared = Int((Double(size) * similarity).rounded())
            let own = (size - shared) / 2
            let truth = Double(shared) / Double(shared + 2 * own)
            let rounds = 400
            let shares = (0..<rounds).map { _ -> Double in
                let (left, right) = sets(shared, own, &chance)
                let equal = zip(Sketch(left).values, Sketch(right).values).filter { $0 == $1 }.count
                return Double(equal) / Double(Sketch.bands)
            }
            let mean = shares.reduce(0, +) / Double(rounds)
            let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rounds - 1)
            // Bins of few shingles copy each other, so that small sets stray a little more than chance.
            let allowed = 5 * (variance / Double(rounds)).squareRoot() + (size < 50 ? 0.04 : 0.01)
            #expect(abs(mean - truth * truth * truth) < allowed, "size \(size) similarity \(truth): \(mean)")
        }
    }

    @Test("An index that grew finds what one made large finds")
    func growth() {
        var made = MadeUpTexts(seed: 8)
        var sketcher = Sketcher()
        var (grown, large) = (SketchIndex(expected: 1), SketchIndex(expected: 5_000))
        var sketches = (0..<1_500).map { _ in sketcher.sketch(made.chineseText(12)) }
        sketches[70] = sketcher.sketch("，")
        sketches[1_499] = sketches[3]
        for sketch in sketches {
            grown.add(sketch)
            large.add(sketch)
        }
        #expect(grown.count == 1_500)
        for sketch in sketches {
            let (a, b) = (grown.candidates(sketch), large.candidates(sketch))
            #expect(a.map(\.text) == b.map(\.text) && a.map(\.bands) == b.map(\.bands))
        }
        #expect(grown.candidates(sketches[3]).contains { $0.text == 1_499 && $0.bands == 42 })
        #expect(grown.candidates(sketches[70]).isEmpty)
        #expect(grown.candidates(sketches[3], limit: 1).map(\.text).contains(1_499))
    }

    @Test("Two texts with 21 equal tokens in a row share a print", arguments: 1...50)
    func guarantee(seed: Int) {
        var chance = MadeUpChance(seed: UInt64(seed))
        var normaliser = Normaliser()
        func noise(_ count: Int) -> String {
            String(
                (0..<count).map { _ in
                    Character(Unicode.Scalar(UInt16.random(in: 0x4E00...0x9000, using: &chance)) ?? "一")
                })
        }
        let shared = noise(21)
        let left =
            noise(Int.random(in: 0...60, using: &chance)) + shared + noise(Int.random(in: 0...60, using: &chance))
        let right =
            noise(Int.random(in: 0...60, using: &chance)) + shared + noise(Int.random(in: 0...60, using: &chance))
        func prints(_ text: String) -> Set<UInt64> {
            var (storage, prints): ([UInt64], [UInt64]) = ([], [])
            Winnowing.prints(normaliser.tokens(text).tokens, storage: &storage, into: &prints)
            return Set(prints)
        }
        #expect(!prints(left).isDisjoint(with: prints(right)), "seed \(seed)")
        #expect(prints(noise(80)).isDisjoint(with: prints(left)), "seed \(seed)")
    }

    @Test("Pairs that share prints are counted, and turns of phrase are passed over")
    func printTable() {
        var table = PrintTable()
        var chance = MadeUpChance(seed: 4)
        let prints = (0..<10).map { _ in chance.next() }
        table.add(prints, text: 0)
        table.add(Array(prints[..<3]), text: 1)
        table.add(Array(prints[8...]), text: 2)
        let phrase = (0..<5).map { _ in chance.next() }
        for text in 10..<70 { table.add(phrase, text: text) }
        #expect(table.pairs(least: 3) == [1])
        #expect(table.pairs(least: 2) == [1, 2])
    }

    /// Length of the longest common stretch, by the table of all prefixes.
    private func longest(_ left: [Token], _ right: [Token]) -> Int {
        var best = 0
        var row = [Int](repeating: 0, count: right.count + 1)
        for a in left {
            var next = row
            for (j, b) in right.enumerated() {
                next[j + 1] = a.hash == b.hash ? row[j] + 1 : 0
                best = max(best, next[j + 1])
            }
            row = next
        }
        return best
    }

    @Test("Passages are equal, overlap nowhere, and the longest is the longest there is", arguments: 1...60)
    func passages(seed: Int) {
        var chance = MadeUpChance(seed: UInt64(seed) + 500)
        var normaliser = Normaliser()
        // Few different characters, so that stretches repeat and overlap.
        let alphabet = Array("甲乙丙丁戊己庚".prefix(2 + seed % 6))
        func noise(_ count: Int) -> String {
            String((0..<count).map { _ in alphabet.randomElement(using: &chance) ?? "甲" })
        }
        let shared = noise(20)
        let left = normaliser.tokens(noise(40) + shared + noise(20))
        let right = normaliser.tokens(noise(15) + shared + noise(30) + String(shared.prefix(12)))
        let matches = PassageAligner.tiling(left.tokens, right.tokens, least: 9)
        let found = PassageAligner.passages(matches, left.tokens, right.tokens)
        #expect(found.map(\.tokens).max() == longest(left.tokens, right.tokens), "seed \(seed)")
        for passage in found {
            // Each character is a token of one scalar here.
            let same = zip(left.tokens[passage.left], right.tokens[passage.right]).allSatisfy { $0.hash == $1.hash }
            #expect(same && passage.left.count == passage.tokens, "seed \(seed)")
            for other in found where other != passage {
                #expect(!other.left.overlaps(passage.left) && !other.right.overlaps(passage.right), "seed \(seed)")
            }
        }
    }
}
