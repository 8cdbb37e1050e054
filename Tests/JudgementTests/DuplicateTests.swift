import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Duplicates")
struct DuplicateTests {
    private static let small = DuplicateOptions(threshold: 0.2, pasted: 40, shown: 10)

    /// The runs of five characters of a text of CJK characters and punctuation only.
    private func runs(_ text: String) -> Set<[Unicode.Scalar]> {
        let letters = text.unicodeScalars.filter { (0x4E00...0x9FFF).contains($0.value) }
        return Set((0...max(0, letters.count - 5)).map { Array(letters.dropFirst($0).prefix(5)) })
    }

    @Test("Pairs, similarities and nothing else: against all pairs compared by hand", arguments: 1...4)
    func againstAllPairs(seed: Int) {
        var made = MadeUpTexts(seed: UInt64(seed))
        let corpus = made.corpus(60, length: 300)
        var finder = DuplicateFinder(corpus.texts, Self.small)
        let found = Dictionary(uniqueKeysWithValues: finder.run().pairs.map { ([$0.left, $0.right], $0) })
        let runs = corpus.texts.map(runs)
        for right in runs.indices {
            for left in 0..<right {
                // The similarity of Jaccard.
                let shared = runs[left].intersection(runs[right]).count
                let expected = Double(shared) / Double(runs[left].count + runs[right].count - shared)
                if let pair = found[[left, right]] {
                    #expect(abs(pair.similarity - expected) < 1e-12, "seed \(seed)")
                    #expect(expected >= 0.2 || pair.passages.contains { $0.tokens >= 40 }, "seed \(seed)")
                } else {
                    // Sketches may miss what is barely similar; made-up texts hold no such pair.
                    #expect(expected < 0.2, "seed \(seed): \(left) \(right) \(expected)")
                }
            }
        }
    }

    @Test("Copies with seeded edits are found")
    func seededEdits() {
        var made = MadeUpTexts(seed: 77)
        let corpus = made.corpus(300, length: 600)
        var finder = DuplicateFinder(corpus.texts)
        let found = Set(finder.run().pairs.map { [$0.left, $0.right] })
        for share in [0.1, 0.2, 0.35] {
            let copies = corpus.copies.filter { $0.share == share }
            let hits = copies.filter { found.contains([$0.original, $0.copy]) }.count
            print("seed 77: \(Int(share * 100)) % replaced, \(hits) of \(copies.count) found")
            #expect(Double(hits) >= 0.95 * Double(copies.count))
        }
    }

    @Test("The order of the texts changes no pair", arguments: 1...4)
    func order(seed: Int) {
        var made = MadeUpTexts(seed: UInt64(seed) + 10)
        var texts = made.corpus(60, length: 250).texts
        texts[5] = texts[40]
        texts[6] = texts[40]
        var chance = MadeUpChance(seed: UInt64(seed))
        let order = texts.indices.shuffled(using: &chance)
        var first = DuplicateFinder(texts, Self.small)
        var second = DuplicateFinder(order.map { texts[$0] }, Self.small)
        func told(_ pairs: [DuplicatePair], _ names: [Int]) -> Set<[Int]> {
            Set(
                pairs.map { pair in
                    [names[pair.left], names[pair.right]].sorted()
                        + [pair.shared, pair.union, pair.passages.map(\.tokens).max() ?? 0]
                })
        }
        #expect(told(first.run().pairs, Array(texts.indices)) == told(second.run().pairs, order), "seed \(seed)")
    }

    @Test("Width, case, spaces and punctuation hide no copy")
    func disguises() throws {
        let text = "面向Deep learning的基金项目（2024）评审方法研究，其应用与评价体系构建"
        let disguised = "面 向ｄｅｅｐ　ＬＥＡＲＮＩＮＧ的基金项目【２０２４】评审方法研究——其应用与评价体系构建。"
        var finder = DuplicateFinder(["别的题目完全不同", text, "", disguised, "，。"])
        let report = finder.run()
        #expect(report.empty == [2, 4])
        let pair = try #require(report.pairs.first)
        #expect(report.pairs.count == 1 && (pair.left, pair.right) == (1, 3) && pair.similarity == 1)
        let passage = try #require(pair.passages.first)
        #expect(pair.passages.count == 1 && passage.left == 0..<text.unicodeScalars.count)
        // The final full stop lies outside.
        #expect(passage.right == 0..<disguised.unicodeScalars.count - 1)
    }

    @Test("A text filed many times is told as pairs up to a limit, then by its first")
    func manyEqual() {
        var finder = DuplicateFinder([String](repeating: "同一份申报书的摘要", count: 60))
        let report = finder.run()
        #expect(report.pairs.count == 50 * 49 / 2 + 10 && report.largeGroups == 1)
        #expect(report.pairs.allSatisfy { $0.similarity == 1 })
    }

    @Test("A pasted passage is found in texts that are otherwise unlike, and shown on both sides", arguments: 1...6)
    func pasted(seed: Int) throws {
        var made = MadeUpTexts(seed: UInt64(seed) + 30)
        let passage = made.chineseText(90)
        let left = made.chineseText(900) + passage + made.chineseText(400)
        let right = made.chineseText(300) + passage + made.chineseText(1_100)
        var finder = DuplicateFinder([made.chineseText(800), left, made.chineseText(900), right])
        let pairs = finder.run().pairs
        let pair = try #require(pairs.first)
        #expect(pairs.count == 1 && pair.left == 1 && pair.right == 3 && pair.similarity < 0.2, "seed \(seed)")
        let longest = try #require(pair.passages.max { $0.tokens < $1.tokens })
        #expect(longest.tokens >= 80, "seed \(seed)")
        var normaliser = Normaliser()
        func cut(_ text: String, _ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            view.append(contentsOf: Array(text.unicodeScalars)[range])
            return normaliser.tokens(String(view)).normalised
        }
        #expect(cut(left, longest.left) == cut(right, longest.right), "seed \(seed)")
    }

    @Test("English is compared by words")
    func english() {
        var made = MadeUpTexts(seed: 3)
        let text = made.englishText(200)
        let words = text.split(separator: " ")
        let edited = (words[..<80] + made.englishText(20).split(separator: " ") + words[100...]).joined(separator: " ")
        var finder = DuplicateFinder([made.englishText(200), text, made.englishText(150), edited.uppercased()])
        let pairs = finder.run().pairs
        #expect(pairs.count == 1 && pairs[0].left == 1 && pairs[0].right == 3)
        #expect(pairs[0].similarity > 0.6 && pairs[0].similarity < 0.95 && pairs[0].passages.count == 2)
    }

    @Test("A table of texts names each bad line")
    func table() throws {
        let good = try TextTable(Array("\u{FEFF}id\ttext\r\na\tone\ttwo\r\n\r\nb\t\n".utf8))
        #expect(good.names == ["a", "b"] && good.texts == ["one\ttwo", ""])
        do {
            _ = try TextTable(Array("a\tx\nno tab\n\ty\na\tz\n".utf8) + [0x62, 9, 0xFF, 10])
            Issue.record("the table was taken")
        } catch {
            #expect(error.problems.map(\.line) == [2, 3, 4, 5])
        }
    }

    @Test("A passage of the length asked for is found, however long the texts around it", arguments: [21, 24, 31, 41])
    func pasted(length: Int) {
        var chance = MadeUpChance(seed: UInt64(length))
        func made(_ count: Int) -> String {
            String(
                String.UnicodeScalarView(
                    (0..<count).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x4E00..<0x9000, using: &chance)) }))
        }
        for round in 0..<200 {
            let passage = made(length)
            let texts = [0, 1].map { _ in
                made(Int.random(in: 0..<600, using: &chance)) + passage + made(Int.random(in: 0..<600, using: &chance))
            }
            var finder = DuplicateFinder(texts, DuplicateOptions(threshold: 0.6, pasted: length, shown: 10))
            let pairs = finder.run().pairs
            #expect(pairs.map { $0.passages.map(\.tokens).max() ?? 0 >= length } == [true], "round \(round)")
        }
    }
}
