import Foundation
import HouseTestSupport
import Kernel
import Testing

@testable import Talent

@Suite("Careers, photos, windows and purposes")
struct PermitRuleTests {
    static var city: Jurisdiction {
        get throws { try TestCity.shenzhen() }
    }

    private func stretch(_ from: String, _ to: String) throws -> Career.Stretch {
        Career.Stretch(from: try #require(Month(from)), to: try #require(Month(to)))
    }

    @Test("A career that joins month to month has no gap; overlaps are fine")
    func joined() throws {
        let day = try #require(Day("2026-03-02"))
        let career = [
            try stretch("2018-09", "2022-06"), try stretch("2022-07", "2024-12"), try stretch("2024-01", "2026-02"),
        ]
        #expect(Career.gaps(career, until: day).isEmpty)
        #expect(Career.gaps(career.reversed(), until: day).isEmpty, "the order of the rows does not matter")
    }

    @Test("Missing months are named, between stretches and before today")
    func gaps() throws {
        let day = try #require(Day("2026-03-02"))
        let career = [try stretch("2018-09", "2022-06"), try stretch("2022-09", "2025-10")]
        let gaps = Career.gaps(career, until: day).map { "\($0.from) \($0.to)" }
        #expect(gaps == ["2022-07 2022-08", "2025-11 2026-02"])
    }

    @Test("Covered and missing months together are all months, whatever the rows", arguments: 1...200)
    func complete(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let day = try #require(Day("2026-03-02"))
        let last = Month(of: day).number
        let career = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            let from = Int.random(in: (last - 120)...last, using: &random)
            return Career.Stretch(
                from: Month(number: from),
                to: Month(number: min(last, from + Int.random(in: 0...40, using: &random))))
        }
        let gaps = Career.gaps(career, until: day)
        func holds(_ list: [Career.Stretch], _ month: Int) -> Bool {
            list.contains { $0.from.number <= month && month <= $0.to.number }
        }
        let first = try #require(career.map(\.from.number).min())
        for month in first..<last {
            #expect(holds(career, month) != holds(gaps, month), "seed \(seed), month \(Month(number: month))")
        }
    }

    @Test("Months that cannot be read and stretches that end before they begin are told at their cells")
    func rows() {
        let read = Career.read([
            ["from": "2024-13", "to": "2024-05"], ["from": "2024-05", "to": "2024-03"],
            ["from": "2020-01", "to": "2020-02"],
        ])
        #expect(read.problems.map(\.field) == ["cv.0.from", "cv.1.to"])
        #expect(read.stretches.count == 1)
    }

    static func jpeg(_ width: Int, _ height: Int, bytes: Int = 200) -> [UInt8] {
        let head: [UInt8] = [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xC0, 0, 17, 8,
            UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 3, 1, 0x22, 0, 2, 0x11, 1,
            3, 0x11, 1,
        ]
        return head + [UInt8](repeating: 0, count: max(0, bytes - head.count))
    }

    @Test(
        "A photo needs JPG, at least 354 × 472 pixels and at most 1 MB; the edges are in",
        arguments: [
            (354, 472, 200, "image/jpeg", ""), (353, 472, 200, "image/jpeg", "photo.small"),
            (354, 471, 200, "image/jpeg", "photo.small"), (1_000, 1_400, 1_048_576, "image/jpeg", ""),
            (1_000, 1_400, 1_048_577, "image/jpeg", "photo.large"), (354, 472, 200, "image/png", "photo.type"),
        ])
    func photo(width: Int, height: Int, size: Int, type: String, code: String) throws {
        let numbers = PermitNumbers(try Self.city.rules, on: try #require(Day("2026-03-02")))
        let problem = try Photo.problem(
            Self.jpeg(width, height, bytes: size), type: type, field: "paper-photo", numbers)
        #expect(problem?.code ?? "" == code)
    }

    @Test("Bytes that only pretend to be a photo are no photo")
    func noPhoto() {
        #expect(Photo(jpeg: []) == nil)
        #expect(Photo(jpeg: Array("not a photo at all, but long enough".utf8)) == nil)
        #expect(Photo(jpeg: [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF] + [UInt8](repeating: 1, count: 40)) == nil)
        #expect(Photo(jpeg: Array(Self.jpeg(400, 500).prefix(24))) == nil)
    }

    @Test("The window of an extension runs from 120 to 30 days before the end")
    func window() throws {
        let numbers = PermitNumbers(try Self.city.rules, on: try #require(Day("2026-03-02")))
        let window = try ExtensionWindow(end: try #require(Day("2026-06-30")), numbers)
        #expect(window.opens == Day("2026-03-02") && window.closes == Day("2026-05-31"))
        #expect(window.opensBasis.zh.contains("待核"), "a number of another city is shown as to be checked")
        #expect(window.closesBasis.zh.contains("第五十条"))
    }

    @Test("What is no short-term task names the visa to ask for")
    func purposes() {
        #expect(ShortTermPurpose.tasks.allSatisfy { ShortTermPurpose.visa($0) == nil })
        #expect(ShortTermPurpose.visa("after-sale")?.en == "an M visa")
        #expect(ShortTermPurpose.visa("volunteer")?.en == "an F visa")
    }

    @Test("Age counts full years on the day")
    func age() throws {
        let birth = try #require(Day("1990-03-03"))
        #expect(try #require(Day("2026-03-02")).age(since: birth) == 35)
        #expect(try #require(Day("2026-03-03")).age(since: birth) == 36)
    }

    @Test("There are 249 countries, each with names in both languages, and passports find theirs")
    func countries() throws {
        let countries = try Self.city.countries
        #expect(countries.all.count == 249)
        #expect(countries.all.allSatisfy { $0.code.count == 2 && $0.alpha3.count == 3 && $0.numeric.count == 3 })
        #expect(Set(countries.all.map(\.alpha3)).count == 249)
        #expect(countries.country(passport: "D")?.name.en == "Germany")
        #expect(countries.country(passport: "GBN")?.alpha3 == "GBR")
        #expect(countries.country(passport: "UTO") == nil)
    }

    @Test("The facts for the rule hold what the form knows, under the rule's names")
    func facts() throws {
        let answers: JSONValue = [
            "annual-salary": 36_000_000, "education": "master", "years-of-work": 6, "months-per-year": 12, "hsk": 0,
            "holds": ["topUniversity"], "post-kind": "enterprise",
        ]
        let facts = CategoryQuestion.facts(answers, age: 35)
        #expect(facts["annualSalary"] == 360_000 && facts["age"] == 35 && facts["topUniversity"] == true)
        #expect(facts["patents"] == false && facts["post"] == "enterprise" && facts["investmentUSD"] == 0)
        let law = try Self.city.rules.law(on: try #require(Day("2026-03-02")))
        let answer = try CategoryQuestion.ask(answers, age: 35, under: law)
        #expect(answer.supported.contains(.b) && answer.points == 17 + 15 + 9 + 15 + 15 + 5)
        #expect(answer.step(of: "b6")?.verdict == .met && answer.step(of: "b1")?.verdict == .met)
    }
}
