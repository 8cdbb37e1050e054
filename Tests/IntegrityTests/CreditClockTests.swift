import HouseTestSupport
import Kernel
import Testing

@testable import Integrity

@Suite("Clocks of credit and appeals, and scores of evaluations")
struct CreditClockTests {
    private static var city: Jurisdiction {
        get throws { try TestCity.shenzhen() }
    }

    /// Shenzhen SEZ Social Credit Regulation (domain 3.4): 1 working day to check, 2 to answer, 3 more with approval;
    /// repair in 3, and 3 more. 20 September 2026 is a Sunday on which people work; 25 to 27 September are days off.
    @Test(
        "Objection and repair have their days",
        arguments: [
            ("integrity.credit.check.days", "2026-09-18", "2026-09-20"),
            ("integrity.credit.answer.days", "2026-09-20", "2026-09-22"),
            ("integrity.credit.extended.days", "2026-09-22", "2026-09-28"),
            ("integrity.repair.days", "2026-09-18", "2026-09-22"),
            ("integrity.repair.more", "2026-09-22", "2026-09-28"),
            ("integrity.credit.check.days", "2026-09-30", "2026-10-08"),
            ("integrity.tip.days", "2026-03-02", "2026-03-23"),
            ("integrity.appeal.days", "2026-03-02", "2026-03-23"),
        ])
    func clocks(parameter: String, from: String, due: String) throws {
        let city = try Self.city
        let start = try #require(Day(from))
        let end = try city.rules.period(parameter, on: start).end(after: start, city.calendar)
        #expect(end.description == due)
    }

    @Test("The log of queries is kept for at least five years by law, and lengths of 221号 are to be checked")
    func sources() throws {
        let city = try Self.city
        let day = try #require(Day("2026-03-02"))
        #expect(try city.rules.number("integrity.credit.log-years", on: day) == 5)
        #expect(try !city.rules.dated("integrity.credit.log-years", on: day).source.confidence.needsChecking)
        for parameter in ["integrity.bar.general", "integrity.appeal.days", "integrity.repair.least-months"] {
            #expect(try city.rules.dated(parameter, on: day).source.confidence.needsChecking, "\(parameter)")
        }
        for parameter in ["applicant", "investigator", "host", "expert", "extreme"] {
            #expect(try !city.rules.dated("integrity.bar.nsf-\(parameter)", on: day).source.confidence.needsChecking)
        }
    }

    @Test("A bar counts from its first day to the corresponding date, both included")
    func terms() throws {
        let decision = Decision([
            "years": 3, "life": false, "activities": ["awards"], "measures": ["bar"], "gravity": "serious",
        ])
        #expect(decision.until(from: try #require(Day("2026-03-02")))?.description == "2029-03-02")
        #expect(decision.until(from: try #require(Day("2028-02-29")))?.description == "2031-02-28")
        #expect(Decision(["life": true, "years": 0]).until(from: try #require(Day("2026-03-02"))) == nil)
        #expect(Decision(["life": true, "years": 0]).hasBar && !Decision(["years": 0]).hasBar)
    }

    @Test("The score of an evaluation is the weighted mean of all experts, rounded once")
    func score() {
        let indicators = [
            EvaluationHooks.Indicator(name: "a", weight: 40), EvaluationHooks.Indicator(name: "b", weight: 60),
        ]
        func rows(_ scores: [(String, Int64)]) -> [JSONValue] {
            scores.map { ["indicator": .string($0.0), "score": .integer($0.1)] }
        }
        #expect(EvaluationHooks.total(indicators, rows([("a", 90), ("b", 80)])) == "84.00")
        #expect(
            EvaluationHooks.total(indicators, rows([("a", 90), ("a", 91), ("a", 92), ("b", 80), ("b", 80), ("b", 81)]))
                == "84.60")
        #expect(EvaluationHooks.total(indicators, rows([("a", 90)])) == nil)
        #expect(EvaluationHooks.total([], []) == nil)
    }
}
