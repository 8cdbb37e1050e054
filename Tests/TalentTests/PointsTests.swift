import Foundation
import Kernel
import Testing

@testable import Talent

@Suite("Points of work permits")
struct PointsTests {
    static let book: RuleBook = {
        var url = URL(fileURLWithPath: #filePath)
        while url.lastPathComponent != "Tests" { url = url.deletingLastPathComponent() }
        let root = url.deletingLastPathComponent().path
        do {
            return try RuleBook(
                national: "\(root)/Jurisdictions/National",
                city: "\(root)/Jurisdictions/Shenzhen")
        } catch {
            preconditionFailure("the law of Shenzhen cannot be read: \(error)")
        }
    }()

    static func rule() throws -> PointsRule { try PointsRule(book.law(on: Day(year: 2026, month: 3, day: 2)!)) }

    /// The table written once more, straight from the published text, as the second opinion.
    static func byHand(_ f: PointsFacts) -> Int {
        let yuan = (f.annualSalary?.fen ?? 0) / 100
        let salary = [450_000, 350_000, 250_000, 150_000, 70_000, 50_000].firstIndex { yuan >= $0 }
        let salaryPoints = salary.map { [20, 17, 14, 11, 8, 5][$0] } ?? 0
        let degree = [Education.doctor: 20, .master: 15, .bachelor: 10][f.education ?? .none] ?? 0
        let skill = [Vocational.seniorTechnician: 20, .technician: 15, .skilledWorker: 10][f.vocational ?? .none] ?? 0
        let n = f.yearsOfWork ?? 0
        let years = n < 2 ? 0 : min(20, 5 + n - 2)
        let m = f.monthsPerYear ?? 0
        let months = m >= 9 ? 15 : m >= 6 ? 10 : m >= 3 ? 5 : 0
        let chinese = f.formerChineseNational == true || f.chineseTaughtDegree == true ? 5 : min(5, f.hsk ?? 0)
        let a = f.age ?? 0
        let age = a < 18 ? 0 : a <= 25 ? 10 : a <= 45 ? 15 : a <= 55 ? 10 : a <= 60 ? 5 : 0
        let other = [f.topUniversity, f.fortune500, f.patents, f.fiveYearsInChina].contains(true) ? 5 : 0
        return salaryPoints + max(degree, skill) + years + months + chinese + (f.bonusLocation == true ? 10 : 0) + age
            + other + min(10, f.localBonus ?? 0)
    }

    @Test("Over 100,000 invented applicants the maxima hold and more never lowers where the law rises")
    func laws() throws {
        let rule = try Self.rule()
        let seed: UInt64 = 20_260_302
        var random = SeededRandom(seed: seed)
        var worst = 0
        for number in 0..<100_000 {
            let facts = PointsFacts.sample(&random)
            let outcome = rule.decide(facts)
            worst = max(worst, outcome.points)
            guard outcome.points == Self.byHand(facts), (0...120).contains(outcome.points),
                outcome.points == outcome.atMost
            else {
                Issue.record(
                    "seed \(seed), applicant \(number): \(facts) gives \(outcome), by hand \(Self.byHand(facts))")
                return
            }
            for (name, better) in Self.betterments(facts, &random) where rule.decide(better).points < outcome.points {
                Issue.record("seed \(seed), applicant \(number): more \(name) lowers the points of \(facts)")
                return
            }
        }
        print("points: 100,000 applicants of seed \(seed), the best has \(worst)")
    }

    /// The same applicant with more of one thing that the table never punishes.
    static func betterments(_ facts: PointsFacts, _ random: inout SeededRandom) -> [(String, PointsFacts)] {
        func with(_ change: (inout PointsFacts) -> Void) -> PointsFacts {
            var copy = facts
            change(&copy)
            return copy
        }
        let more = Int64.random(in: 1...20_000_000, using: &random)
        return [
            ("pay", with { $0.annualSalary = Money(fen: ($0.annualSalary?.fen ?? 0) + more) }),
            ("work", with { $0.yearsOfWork = ($0.yearsOfWork ?? 0) + 1 }),
            ("months", with { $0.monthsPerYear = min(12, ($0.monthsPerYear ?? 0) + 1) }),
            ("Chinese", with { $0.hsk = min(6, ($0.hsk ?? 0) + 1) }),
            ("degree", with { $0.education = Education.allCases[max(0, ($0.education?.place ?? 3) - 1)] }),
            ("patents", with { $0.patents = true }),
            ("bonus", with { $0.localBonus = ($0.localBonus ?? 0) + 1 }),
        ]
    }

    @Test("What is missing widens the answer and never makes it wrong")
    func missingFacts() throws {
        let rule = try Self.rule()
        let seed: UInt64 = 77
        var random = SeededRandom(seed: seed)
        for number in 0..<3_000 {
            let whole = PointsFacts.sample(&random)
            guard let all = whole.json.object else { continue }
            // A vocational qualification that nobody mentions counts as none and is never asked for.
            let kept = all.filter { Bool.random(using: &random) || $0.key == "vocational" }
            let part = try PointsFacts(json: .object(kept))
            let (full, partial) = (rule.decide(whole), rule.explain(part))
            #expect(
                partial.outcome.points <= full.points && full.points <= partial.outcome.atMost,
                "seed \(seed), applicant \(number)")
            if let category = partial.outcome.category { #expect(category == full.category, "seed \(seed), \(number)") }
            if partial.outcome.points != partial.outcome.atMost { #expect(!partial.missing.isEmpty) }
            #expect(partial.missing.allSatisfy { kept[$0] == nil })
        }
    }

    @Test("Facts go to JSON and back without loss, and a ruling made twice is the same to the byte")
    func bytes() throws {
        let day = Day(year: 2026, month: 3, day: 2)!
        var random = SeededRandom(seed: 5)
        let (one, other) = try (CategoryRule(Self.book.law(on: day)), CategoryRule(Self.book.law(on: day)))
        for _ in 0..<500 {
            let facts = CategoryFacts.sample(&random)
            let again = try CategoryFacts(json: JSONValue(parsing: facts.json.canonicalText, fractions: true))
            #expect(again == facts)
            let first = one.ruling(facts, on: day)
            let second = other.ruling(again, on: day)
            #expect(try first.hash == second.hash)
            #expect(try JSONValue(encoding: first).decode(Ruling.self) == first)
        }
    }

    @Test("Wrong facts are all named at once, with what they should be")
    func wrongFacts() {
        #expect {
            _ = try PointsFacts(json: ["salary": 1, "age": "old", "education": "phd", "hsk": 77, "patents": 1])
        } throws: { error in
            let fields = (error as? FactsProblem)?.fields ?? []
            return Set(fields.map(\.field)) == ["salary", "age", "education", "hsk", "patents"]
                && fields.allSatisfy { !$0.message.zh.isEmpty && !$0.message.en.isEmpty }
        }
        #expect(throws: FactsProblem.self) { try PointsFacts(json: [1, 2]) }
    }

    @Test("The nearest way really leads to the better category, and nothing smaller of the same fact does")
    func nearestWay() throws {
        let rule = try CategoryRule(Self.book.law(on: Day(year: 2026, month: 3, day: 2)!))
        var facts = CategoryFacts()
        facts.place = "110000"
        facts.points = try PointsFacts(json: [
            "annualSalary": 450_000, "education": "doctor", "yearsOfWork": 6, "monthsPerYear": 12, "hsk": 0, "age": 26,
            "formerChineseNational": false, "chineseTaughtDegree": false, "bonusLocation": false, "topUniversity": true,
            "fortune500": false, "patents": false, "fiveYearsInChina": false, "localBonus": 0,
        ])
        facts.post = PermitPost.none
        (facts.talentProgramme, facts.recognisedAchievement, facts.encouragedPost) = (false, false, false)
        (facts.investmentUSD, facts.investmentYears, facts.shareholding, facts.investedRevenue) = (0, 0, 0, .zero)
        (facts.postDoctoral, facts.recognisedQualification, facts.languageTeacher) = (false, false, false)
        (facts.specialPersonnel, facts.other) = (false, OtherStaff.none)
        #expect(rule.decide(facts).category == .b)
        let ways = NearestWay.find(facts, rule)
        #expect(ways.contains { $0.changes.map(\.fact) == ["yearsOfWork"] && $0.changes[0].value.json == 7 })
        #expect(ways.contains { $0.changes.map(\.fact) == ["hsk"] && $0.changes[0].value.json == 1 })
        #expect(ways.allSatisfy { $0.category == .a })
        // Six times the wage of Beijing is the only pay that helps, since the points for pay are full.
        #expect(ways.contains { $0.changes.map(\.fact) == ["annualSalary"] && $0.changes[0].value.json == 85_946_400 })
    }
}

@Suite("Choices of facts")
struct ChoiceTests {
    @Test("A choice knows its place among all")
    func places() {
        #expect(Education.allCases.map(\.place) == [0, 1, 2, 3])
        #expect(Vocational.allCases.map(\.place) == [0, 1, 2, 3])
    }
}
