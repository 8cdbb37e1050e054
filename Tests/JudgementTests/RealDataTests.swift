import Foundation
import JudgementTestSupport
import Testing

@testable import Judgement

@Suite("Real texts", .enabled("the folder of real data is absent") { Outside.data != nil })
struct RealDataTests {
    @Test("Disciplines of real abstracts are guessed from others, four times a quarter")
    func disciplines() throws {
        let rows = try Outside.rows("csl-discipline-dev.tsv", separator: "\t")
        try #require(rows.count == 1_000)
        let parts = 4
        var (first, among) = (0, 0)
        for part in 0..<parts {
            let examples = rows.enumerated().filter { $0.offset % parts != part }.map {
                (discipline: $0.element[2], profile: AffinityProfile(texts: [$0.element[1]]))
            }
            var suggester = DisciplineSuggester(examples)
            for (place, row) in rows.enumerated() where place % parts == part {
                let found = suggester.suggestions(for: AffinityProfile(texts: [row[1]]))
                if found.first?.discipline == row[2] { first += 1 }
                if found.contains(where: { $0.discipline == row[2] }) { among += 1 }
                #expect(found.allSatisfy { !$0.terms.isEmpty })
            }
        }
        print("67 disciplines, 750 examples: right at once \(first) of 1000, among three \(among)")
        // Guessing the commonest would be right 36 times.
        #expect(first > 380 && among > 600)
    }

    @Test("Abstracts that occur twice, with and without their title, find each other")
    func twins() throws {
        let plain = try Outside.rows("csl-discipline-dev.tsv", separator: "\t").map { $0[1] }
        let titled = try Outside.rows("csl-keywords-dev.tsv", separator: "\t").map { $0[1] }
        let count = min(400, plain.count)
        var finder = DuplicateFinder(Array(plain.prefix(count)) + titled.prefix(count))
        let report = finder.run()
        let twins = (0..<count).filter { titled[$0].hasPrefix(plain[$0]) }
        try #require(twins.count > 300)
        let found = Set(report.pairs.map { [$0.left, $0.right] })
        let missed = twins.filter { !found.contains([$0, count + $0]) }
        let others = report.pairs.filter { $0.right - $0.left != count }
        print("\(twins.count) twins, \(missed.count) missed, \(others.count) other pairs")
        #expect(missed.isEmpty)
    }

    @Test("The title of every published award, against each other")
    func titles() throws {
        let path = "\(try #require(Outside.data))/nsfc-awards-2017.csv"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        // Titles hold no commas but in quotes; a rough cut serves, because any text will do.
        let titles = text.split(whereSeparator: \.isNewline).dropFirst().map { line in
            String(line.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).first ?? "")
        }
        try #require(titles.count == 17_926)
        var finder = DuplicateFinder(titles, DuplicateOptions(threshold: 0.5))
        let report = finder.run()
        // Every title that is another's to the letter is told.
        var places: [String: [Int]] = [:]
        for (place, title) in titles.enumerated() where !title.isEmpty { places[title, default: []].append(place) }
        let equal = places.values.filter { $0.count > 1 && $0.count < 50 }
        let found = Set(report.pairs.filter { $0.similarity == 1 }.map { [$0.left, $0.right] })
        for group in equal {
            for right in group.indices.dropFirst() { #expect(found.contains([group[0], group[right]])) }
        }
        print(
            "17926 titles: \(report.pairs.count) pairs at .5, of them \(found.count) equal; \(report.candidates) compared"
        )
        #expect(report.pairs.count >= found.count && !found.isEmpty)
    }
}
