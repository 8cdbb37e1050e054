import HouseTestSupport
import Kernel
import Testing

@testable import Assignments

@Suite("What the light of an assignment says")
struct LightRuleTests {
    @Test("A task that is late is so many days late, and not minus so many days from its end")
    func late() throws {
        let day = try #require(Day(year: 2026, month: 3, day: 2))
        let rule = try LightRule(try TestCity.shenzhen().rules.law(on: day))
        func sentences(_ left: Int) -> [String: Bilingual] {
            var (facts, run) = (LightFacts(), RuleRun(traced: true))
            facts.daysLeft = left
            facts.milestoneLate = -17
            _ = rule.decide(facts, &run)
            return Dictionary(
                (run.steps ?? []).map { ($0.key, Bilingual($0.sentence(.chinese), $0.sentence(.english))) },
                uniquingKeysWith: { first, _ in first })
        }
        let late = try #require(sentences(-3)["in-time"])
        #expect(late.zh.contains("超期 3 天") && late.en.contains("3 days late"))
        #expect(!late.en.contains("-3") && !late.zh.contains("-3"))
        #expect(try #require(sentences(-1)["in-time"]).en.contains("1 day late"))
        #expect(try #require(sentences(30)["in-time"]).en.contains("30 days"))
        #expect(try #require(sentences(30)["milestones"]).en.contains(": 0 days"))
    }
}
