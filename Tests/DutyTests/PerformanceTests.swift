import BureauTestSupport
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding

/// A goal is agreed, assessed, checked, scored and graded; what was agreed does not change meanwhile.
@Suite("Performance")
struct PerformanceTests {
    private static func indicator(
        _ title: String, _ target: Int64, _ weight: Int64, _ actual: Int64? = nil
    ) -> JSONValue {
        [
            "title": .string(title), "kind": "output", "unit": "项", "target": .integer(target), "direction": "more",
            "weight": .integer(weight), "actual": actual.map { .integer($0) } ?? .null,
            "evidence": actual == nil ? .null : "台账",
        ]
    }

    private static func answers(_ project: Project, _ indicators: [JSONValue], done: Bool = false) -> JSONValue {
        [
            "name": "项目绩效", "year": .integer(Int64(project.year)), "programme": "natural-science",
            "project": .string(project.number), "goal": "完成原型系统并发表论文。", "indicators": .array(indicators),
            "report": done ? "任务完成。" : .null,
        ]
    }

    private func codes(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch let problem as any Problem {
            return problem.fields.isEmpty ? [problem.code] : problem.fields.map(\.code)
        }
    }

    @Test("From the goal of a project to its grade", arguments: TestStore.engines)
    func whole(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let leader = try await house.actor("leader")
        let filings = Filings(house.house)
        let file = try await filings.start(
            Goal.projects, Filings.Start(entry: "", parent: ""), by: applicant)
        func write(_ answers: JSONValue) async throws {
            let revision = try await house.house.db.read { tx in try CaseStore.answers(file.id, tx).revision }
            _ = try await filings.drafts.replace(file.id, answers: answers, expecting: revision, by: applicant)
        }
        try await write(Self.answers(project, [Self.indicator("论文", 5, 60), Self.indicator("专利", 4, 30)]))
        #expect(try await codes { _ = try await house.act(file.id, "submit", applicant) } == ["performance.weights"])
        try await write(Self.answers(project, [Self.indicator("论文", 5, 60), Self.indicator("专利", 4, 40)]))
        try await house.act(file.id, "submit", applicant)
        try await house.act(file.id, "agree", officer)
        #expect(
            try await codes { _ = try await house.act(file.id, "assess", applicant) }
                == [
                    "performance.actual", "performance.evidence", "performance.actual", "performance.evidence",
                    "performance.report",
                ])
        // A lower target than the agreed one is found.
        try await write(
            Self.answers(project, [Self.indicator("论文", 3, 60, 3), Self.indicator("专利", 4, 40, 3)], done: true))
        #expect(try await codes { _ = try await house.act(file.id, "assess", applicant) } == ["performance.changed"])
        try await write(
            Self.answers(project, [Self.indicator("论文", 5, 60, 9), Self.indicator("专利", 4, 40, 4)], done: true))
        try await house.act(file.id, "assess", applicant)
        try await house.act(
            file.id, "score", officer,
            ["adjusted": [["number": 2, "actual": 3, "why": "一项未授权"]], "opinion": "核减一项。"])
        try await house.act(file.id, "confirm", leader)
        let (results, rulings) = try await house.house.db.read { tx in
            (try PerformanceStore.list(year: project.year, tx), try RulingStore.list(of: file.id, tx))
        }
        // 60 for papers, capped, and three quarters of 40.
        #expect(results.map(\.score) == [9_000] && results.map(\.code) == ["excellent"])
        #expect(results.first?.project == project.number)
        #expect(rulings.map(\.ruling.rule) == ["funding.performance"])
        let again = try await filings.start(Goal.projects, Filings.Start(entry: "", parent: ""), by: applicant)
        _ = try await filings.drafts.replace(
            again.id, answers: Self.answers(project, [Self.indicator("论文", 5, 100)]), expecting: 0, by: applicant)
        #expect(try await codes { _ = try await house.act(again.id, "submit", applicant) } == ["performance.twice"])
    }

    @Test("No indicator gives more than its weight, and the sum never more than a hundred points")
    func capped() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let book = try RuleBook(
            national: "\(TestHouse.root)/Jurisdictions/National", city: "\(TestHouse.root)/Jurisdictions/Shenzhen")
        let day = try #require(Day(year: 2026, month: 3, day: 2))
        let rule = try PerformanceRule(book.law(on: day))
        for _ in 0..<2_000 {
            let facts = PerformanceFacts.sample(&random)
            for indicator in facts.indicators {
                let points = PerformanceRule.points(indicator)
                #expect((0...Int64(indicator.weight ?? 0) * 100).contains(points), "seed \(seed)")
            }
            let score = try #require(rule.decide(facts).score, "seed \(seed)")
            #expect((0...10_000).contains(score), "seed \(seed)")
        }
    }
}
