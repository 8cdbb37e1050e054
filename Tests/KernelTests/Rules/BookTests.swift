import Foundation
import Testing

@testable import Kernel

@Suite("The book of legal numbers")
struct BookTests {
    static let source = RuleSource(document: Bilingual("某办法", "A measure"), article: "第一条", confidence: .law)

    static func day(_ text: String) -> Day { Day(text)! }

    static func dated(_ value: Int64, _ from: String, _ to: String? = nil) -> DatedValue {
        DatedValue(value: .number(value), from: day(from), to: to.map(day), source: source)
    }

    static func parameter(_ values: [DatedValue]) -> Parameter {
        Parameter(id: "x.y", title: Bilingual("某数", "A number"), unit: .number, values: values)
    }

    static func load(_ text: String) throws -> RuleBook {
        let path = "\(NSTemporaryDirectory())kechuang-book-\(UInt64.random(in: 0 ... .max)).yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try RuleBook(national: nil, city: path)
    }

    @Test("Codes have the names that the file gives them, and keep them when the value changes")
    func words() throws {
        let book = try Self.load(
            """
            - id: x.levels
              title: {zh: 密级, en: Levels}
              words:
                open: {zh: 可公开, en: open}
              values:
                - value: [open, other]
                  from: 2020-01-01
                  document: {zh: 某办法, en: A measure}
                  confidence: UNKNOWN
            """)
        let parameter = try #require(book.parameter("x.levels"))
        #expect(parameter.words == ["open": Bilingual("可公开", "open")])
        let change = RuleChange(
            parameter: parameter.id, value: .codes(["open"]), from: Self.day("2026-01-01"), source: Self.source,
            note: nil)
        #expect(parameter.amended(by: change).words == parameter.words)
    }

    @Test(
        "Gaps, overlaps, missing ends, titles and sources are all named at once",
        arguments: [
            ([dated(1, "2020-01-01", "2020-12-31"), dated(2, "2021-01-02")], "no value after 2020-12-31"),
            ([dated(1, "2020-01-01", "2021-01-01"), dated(2, "2021-01-01")], "overlap at 2021-01-01"),
            ([dated(1, "2020-01-01"), dated(2, "2021-01-01")], "no end before 2021-01-01"),
            ([dated(1, "2020-01-02", "2020-01-01")], "ends before it begins"), ([], "no value"),
        ])
    func faulty(values: [DatedValue], wanted: String) {
        #expect {
            _ = try RuleBook([Self.parameter(values), Self.parameter(values)])
        } throws: { error in
            guard case .faulty(let faults) = error as? RuleBookError else { return false }
            return faults.contains { $0.contains(wanted) } && faults.contains { $0.contains("written twice") }
        }
    }

    @Test("A file that is wrong names the entry and the place")
    func placed() {
        #expect {
            _ = try Self.load("- id: a\n  title: {zh: 甲, en: A}\n  values:\n    - value: 1\n      from: 2020-01-01\n")
        } throws: { error in "\(error)".contains("no. 1 › values › no. 1") && "\(error)".contains("document") }
        #expect {
            _ = try Self.load(
                "- id: a\n  title: {zh: 甲, en: A}\n  unit: bananas\n  values: []\n")
        } throws: { error in "\(error)".contains("unit") }
    }

    @Test("Bands include the ends that 以上 and 以内 name and exclude those of 超过 and 不满")
    func bandEnds() throws {
        let book = try Self.load(
            """
            - id: a
              title: {zh: 甲, en: A}
              unit: yuan
              values:
                - bands:
                    - {below: 100, gives: 1}
                    - {from: 100, to: 200, gives: 2}
                    - {above: 200, gives: 3, most: 5}
                  from: 2020-01-01
                  document: {zh: 某办法, en: A measure}
                  confidence: V-law
            """)
        let bands = try book.law(on: Self.day("2026-01-01")).bands("a").value
        let rows: [(Int64, Int64)] = [(9_999, 1), (10_000, 2), (20_000, 2), (20_001, 3), (-5, 1)]
        for (fen, gives) in rows {
            #expect(bands.gives(fen) == gives)
            #expect(bands.band(of: fen)?.gives == gives)
        }
        #expect(bands.list[2].most == 5)
    }

    @Test("Looking up fast and looking up by comparison agree on every number near an end")
    func lookupsAgree() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            var edge = Int64.random(in: -50...50, using: &random)
            var list: [Band] = []
            var lower: Band.End? =
                Bool.random(using: &random) ? Band.End(edge, isIncluded: Bool.random(using: &random)) : nil
            for index in 0..<Int.random(in: 1...5, using: &random) {
                edge += Int64.random(in: 2...20, using: &random)
                let isOpen = index == 4 || Int.random(in: 0..<6, using: &random) == 0
                let included = Bool.random(using: &random)
                list.append(
                    Band(lower: lower, upper: isOpen ? nil : Band.End(edge, isIncluded: included), gives: Int64(index)))
                if isOpen { break }
                lower = Band.End(edge, isIncluded: !included)
            }
            let bands = Bands(list)
            #expect(bands.faults == [])
            for number in Int64(-80)...Int64(180) {
                if bands.gives(number) != bands.band(of: number)?.gives {
                    Issue.record("seed 7: \(list) differ at \(number)")
                    return
                }
            }
        }
    }

    @Test("Gaps and overlaps between bands are found")
    func bandFaults() {
        let hole = Bands([
            Band(lower: nil, upper: .init(5, isIncluded: false), gives: 0),
            Band(lower: .init(5, isIncluded: false), upper: nil, gives: 1),
        ])
        #expect(hole.faults == ["no band holds 5"])
        let double = Bands([
            Band(lower: nil, upper: .init(5, isIncluded: true), gives: 0),
            Band(lower: .init(5, isIncluded: true), upper: nil, gives: 1),
        ])
        #expect(double.faults == ["two bands hold 5"])
    }

    @Test("A city's number stands in place of the nation's, with its own history")
    func override() throws {
        let folder = "\(NSTemporaryDirectory())kechuang-levels-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ value: Int, _ ids: [String]) throws {
            let text = ids.map { id in
                """
                - id: \(id)
                  title: {zh: 甲, en: A}
                  values:
                    - {value: \(value), from: 2020-01-01, document: {zh: 文, en: Doc}, confidence: V-law}

                """
            }.joined()
            try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        try write("national.yaml", 1, ["a", "b"])
        try write("city.yaml", 2, ["b", "c"])
        let book = try RuleBook(national: "\(folder)/national.yaml", city: "\(folder)/city.yaml")
        let day = Self.day("2026-01-01")
        #expect(try ["a", "b", "c"].map { try book.number($0, on: day) } == [1, 2, 2])
        #expect(book.parameter("a")?.level == .national && book.parameter("b")?.level == .city)
    }

    @Test("A value that is known to be unknown gives no answer and says so")
    func unknownValue() throws {
        let book = try RuleBook([
            Self.parameter([
                DatedValue(value: .unknown, from: Self.day("2020-01-01"), to: nil, source: Self.source)
            ])
        ])
        #expect(throws: RuleBookError.noValue("x.y", Self.day("2026-01-01"))) {
            try book.number("x.y", on: Self.day("2026-01-01"))
        }
    }

    @Test("An approved change ends the value before it and leaves every earlier day as it was")
    func amended() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            var parameter = Self.parameter([Self.dated(0, "2020-01-01")])
            var expected: [(Day, Int64)] = [(Self.day("2020-01-01"), 0)]
            for number in 1...6 {
                let from = Self.day("2020-01-01").adding(days: Int.random(in: 1...60, using: &random))
                let old = parameter
                parameter = parameter.amended(
                    by: RuleChange(
                        parameter: "x.y", value: .number(Int64(number)), from: from, source: Self.source, note: nil))
                expected = (expected.filter { $0.0 != from } + [(from, Int64(number))]).sorted { $0.0 < $1.0 }
                #expect(parameter.faults == [])
                for offset in 0..<80 {
                    let day = Self.day("2020-01-01").adding(days: offset)
                    if day < from { #expect(parameter.value(on: day)?.value == old.value(on: day)?.value) }
                    let wanted = expected.last { $0.0 <= day }?.1 ?? -1
                    #expect(parameter.value(on: day)?.value == .number(wanted), "seed 11, \(day)")
                }
            }
        }
    }

    @Test("A typed value is read as it is printed, for every kind")
    func typed() throws {
        let bands = Bands([
            Band(lower: nil, upper: .init(500_000, isIncluded: false), gives: 0),
            Band(lower: .init(500_000, isIncluded: true), upper: .init(999_999, isIncluded: true), gives: 1, most: 3),
            Band(lower: .init(999_999, isIncluded: false), upper: nil, gives: 4),
        ])
        let values: [(ParameterValue, ParameterUnit)] = [
            (.bands(bands), .yuan), (.table(["a": 1, "b": -2]), .number), (.number(7), .points),
            (.money(Money(fen: 12_345)), .yuan), (.days(20), .workingDays), (.codes(["x", "y-z"]), .number),
            (.unknown, .number),
        ]
        for (value, unit) in values {
            let parameter = Parameter(
                id: "p", title: Bilingual("数", "N"), unit: unit,
                values: [DatedValue(value: value, from: Self.day("2020-01-01"), to: nil, source: Self.source)])
            #expect(try ParameterText.parse(ParameterText.text(value, unit: unit), for: parameter) == value)
        }
        let parameter = Parameter(
            id: "p", title: Bilingual("数", "N"), unit: .yuan,
            values: [DatedValue(value: .bands(bands), from: Self.day("2020-01-01"), to: nil, source: Self.source)])
        #expect { _ = try ParameterText.parse("from x: 1\nbelow 5 3\nabove 9: 2", for: parameter) } throws: { error in
            (error as? FactsProblem)?.fields.count == 2
        }
    }
}
