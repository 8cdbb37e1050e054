import Testing

@testable import Judgement

@Suite("Score table")
struct ScoreTableTests {
    @Test("Decimals are read to the last digit and nothing else is a decimal")
    func decimals() throws {
        for (text, digits, places) in [
            ("4", 4, 0), ("-0.50", -50, 2), ("+87.25", 8725, 2), ("0.123456789012345", 123_456_789_012_345, 15),
        ] as [(String, Int64, Int)] {
            // The last has sixteen digits with its leading zero.
            let found = ExactDecimal(parsing: text)
            if text.hasPrefix("0.1") {
                #expect(found == nil)
            } else {
                #expect(found?.digits == digits && found?.places == places, "\(text)")
            }
        }
        #expect(try #require(ExactDecimal(parsing: "0.1")).double == 0.1)
        for text in ["", "-", ".5", "5.", "1e3", "NaN", "1,5", "４", "1 2", "--1", "1.2.3", "0x10", "inf"] {
            #expect(ExactDecimal(parsing: text) == nil, "\(text)")
        }
    }

    @Test("Every bad line is named at once, the good ones are not")
    func badLines() throws {
        let rows = [
            ["score", "application", "note", "reviewer"],
            ["4", "a", "", "x"], ["four", "a", "", "y"], ["4", "", "", "x"], [""], ["4", "a", "", ""],
            ["5", "a", "", "x"],
            ["4", "b"],
        ]
        do {
            _ = try ScoreTable.read(rows)
            Issue.record("the table was taken")
        } catch {
            #expect(error.problems.map(\.line) == [3, 4, 6, 7, 8])
            #expect(error.problems[3].en.contains("line 2") && error.problems[3].zh.contains("第 2 行"))
        }
        #expect(try ScoreTable.read(Array(rows[0...1])).map(\.application) == ["a"])
    }

    @Test("A missing column, an empty file and a bare header are refused")
    func wholeFile() {
        #expect(throws: LineProblems.self) { try ScoreTable.read([]) }
        #expect(throws: LineProblems.self) { try ScoreTable.read([["application", "reviewer", "score"]]) }
        do {
            _ = try ScoreTable.read([["application", "reviewers", "score"], ["a", "b", "1"]])
            Issue.record("the table was taken")
        } catch {
            #expect(error.problems.count == 1 && error.problems[0].en.contains("reviewer"))
        }
    }
}
