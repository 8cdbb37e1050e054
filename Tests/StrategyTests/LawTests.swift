import HouseTestSupport
import Kernel
import Testing

@testable import Strategy

/// The numbers of drafting and of the public's terms, as they were read in their sources.
@Suite("Legal numbers of drafting")
struct LawTests {
    static let city = try? TestCity.shenzhen()
    static let day = Day(year: 2026, month: 3, day: 2)!

    @Test(
        "Each number is as its source says, with its article",
        arguments: [
            ("strategy.consultation.rule.days", Period.calendarDays(30), "第十五条", Confidence.law),
            ("strategy.consultation.legal-office.days", .calendarDays(30), "第二十一条", .law),
            ("strategy.hearing.notice.days", .calendarDays(30), "第十六条", .law),
            ("strategy.effect.days", .calendarDays(30), "第三十二条", .law),
            ("strategy.filing.days", .calendarDays(30), "第三十四条", .law),
            ("strategy.validity.temporary.years", .years(2), "第九十三条", .law),
            ("strategy.consultation.decision.days", .calendarDays(30), "第十五条", .law),
            ("strategy.hearing.papers.days", .calendarDays(7), "第十六条", .law),
            ("strategy.legality.days", .workingDays(7), "第二十六条", .law),
            ("strategy.consultation.normative.days", .calendarDays(30), "第四十二条", .doubtful),
            ("strategy.validity.normative.years", .years(5), "", .doubtful),
            ("strategy.filing.normative.days", .calendarDays(30), "", .weak),
            ("strategy.clean-up.days", .calendarDays(30), "", .secondary),
            ("strategy.disclosure.proactive.days", .workingDays(20), "第二十六条", .law),
            ("strategy.disclosure.answer.days", .workingDays(20), "第三十三条", .law),
            ("strategy.disclosure.answer.extension", .workingDays(20), "第三十三条", .law),
            ("strategy.disclosure.completion.days", .workingDays(7), "第三十条", .law),
            ("strategy.disclosure.third-party.days", .workingDays(15), "第三十二条", .law),
            ("strategy.reconsideration.apply.days", .calendarDays(60), "第二十条", .law),
            ("strategy.reconsideration.check.days", .workingDays(5), "第三十条", .law),
            ("strategy.reconsideration.ordinary.days", .calendarDays(60), "第六十二条", .law),
            ("strategy.reconsideration.ordinary.extension", .calendarDays(30), "第六十二条", .law),
            ("strategy.reconsideration.summary.days", .calendarDays(30), "第六十二条", .law),
            ("strategy.reconsideration.norm.days", .calendarDays(30), "", .law),
            ("strategy.petition.route.days", .calendarDays(15), "", .law),
            ("strategy.petition.finish.days", .calendarDays(60), "", .law),
            ("strategy.petition.finish.extension", .calendarDays(30), "", .law),
            ("strategy.petition.review.ask-days", .calendarDays(30), "", .law),
            ("strategy.petition.review.days", .calendarDays(30), "", .law),
            ("strategy.licence-hearing.ask-days", .workingDays(5), "第四十七条", .law),
            ("strategy.licence-hearing.held-days", .workingDays(20), "第四十七条", .law),
            ("strategy.licence-hearing.notice-days", .calendarDays(7), "第四十八条", .law),
        ])
    func numbers(id: String, period: Period, article: String, confidence: Confidence) throws {
        let rules = try #require(Self.city).rules
        #expect(try rules.period(id, on: Self.day) == period)
        let source = try rules.dated(id, on: Self.day).source
        #expect(source.confidence == confidence)
        #expect(article.isEmpty || source.article.contains(article))
        #expect(!source.document.zh.isEmpty && !source.document.en.isEmpty)
    }

    @Test(
        "The last day of a term: the first day does not count, rest days move it on",
        arguments: [
            ("strategy.consultation.rule.days", "2026-03-02", "2026-04-01"),
            // 30 days from 5 March end on 4 April, in the Qingming holiday of 2026.
            ("strategy.consultation.rule.days", "2026-03-05", "2026-04-07"),
            ("strategy.legality.days", "2026-03-02", "2026-03-11"),
            ("strategy.disclosure.answer.days", "2026-03-02", "2026-03-30"),
            ("strategy.petition.route.days", "2026-03-02", "2026-03-17"),
            ("strategy.reconsideration.apply.days", "2026-03-02", "2026-05-06"),
        ])
    func terms(id: String, from: String, to: String) throws {
        let city = try #require(Self.city)
        let start = try #require(Day(from))
        let period = try city.rules.period(id, on: start)
        #expect(try period.end(after: start, city.calendar).description == to)
    }

    @Test("The four groups of banned content and the grounds of an exception")
    func groups() throws {
        let rules = try #require(Self.city).rules
        #expect(
            try rules.codes("strategy.fair-competition.groups", on: Self.day) == ["entry", "flow", "costs", "conduct"])
        #expect(try rules.codes("strategy.fair-competition.grounds", on: Self.day).count == 4)
        // Before the regulation came into force there is no such review.
        #expect(throws: (any Error).self) { try CompetitionRule(rules.law(on: Day("2024-07-31")!)) }
        #expect(throws: Never.self) { try CompetitionRule(rules.law(on: Day("2024-08-01")!)) }
    }
}
