import Foundation
import Testing

@testable import Kernel

@Suite("Counts in words")
struct CountedTests {
    @Test("One stands with the singular, everything else with the plural")
    func plural() {
        #expect(counted(1, "order") == "1 order")
        #expect(counted(0, "order") == "0 orders")
        #expect(counted(Int64(12), "order") == "12 orders")
        #expect(counted(1, "row fits", "rows fit") == "1 row fits")
        #expect(counted(21, "leaf", "leaves") == "21 leaves")
    }

    @Test(
        "A unit that is kept in the plural loses it after a one",
        arguments: [
            ("working days", "1 working day"), ("working days more", "1 working day more"), ("people", "1 person"),
            ("countries", "1 country"), ("US dollars", "1 US dollar"), ("‰", "1 ‰"), ("RMB", "1 RMB"),
        ])
    func units(unit: String, one: String) {
        #expect(counted(1, unit: unit) == one)
        #expect(counted(2, unit: unit) == "2 \(unit)")
        #expect(FactValue.number(1, unit: Bilingual("个", unit)).text(.english) == one)
        #expect(FactValue.number(1, unit: Bilingual("个", unit)).text(.chinese) == "1 个")
    }

    @Test("A period of one is read in the singular and written as files have it")
    func period() throws {
        let year = try #require(Period("1 years"))
        #expect(year.text == Bilingual("1 年", "1 year"))
        #expect(String(decoding: try JSONEncoder().encode([year]), as: UTF8.self) == #"["1 years"]"#)
        #expect(Period.workingDays(1).text.en == "1 working day" && Period.workingDays(2).text.en == "2 working days")
    }

    @Test(
        "Thousands are set apart",
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
            (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func thousands(number: Int, text: String) { #expect(grouped(number) == text) }
}
