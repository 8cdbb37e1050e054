import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Strategy

@Suite("Plans, their indicators and their progress", .serialized)
struct PlanTests {
    static let answers: JSONValue = [
        "name": "深圳市科技创新发展规划", "kind": "science-development", "lead": "planning", "from-year": 2024,
        "to-year": 2026, "summary": "建设具有全球影响力的科技创新中心。",
        "objectives": [["code": "O1", "title": "研发投入"], ["code": "O2", "title": "开放合作"]],
        "indicators": [
            [
                "code": "I1", "objective": "O1", "name": "研发强度", "unit": "‰", "baseline": 55, "baseline-year": 2023,
                "source": "统计公报", "direction": "up",
            ],
            [
                "code": "I2", "objective": "O2", "name": "平均办理时间", "unit": "天", "baseline": 20, "baseline-year": 2023,
                "source": "办件系统", "direction": "down",
            ],
        ],
        "targets": [
            ["indicator": "I1", "year": 2024, "value": 58], ["indicator": "I1", "year": 2025, "value": 61],
            ["indicator": "I1", "year": 2026, "value": 65], ["indicator": "I2", "year": 2024, "value": 15],
            ["indicator": "I2", "year": 2025, "value": 12], ["indicator": "I2", "year": 2026, "value": 10],
        ],
        "measures": [
            [
                "code": "M1", "objective": "O1", "title": "设立基础研究专项", "division": "basic-research",
                "due-on": "2026-12-31",
            ],
            ["code": "M2", "objective": "O2", "title": "开设国际创新站", "division": "cooperation", "due-on": "2026-02-01"],
        ],
    ]

    private func running(_ house: StrategyHouse) async throws -> CaseFile {
        let file = try await house.filed("strategy.plan", Self.answers)
        try await house.act(file.id, "submit")
        try await house.act(file.id, "approve", house.leader)
        return file
    }

    private func whole(_ house: StrategyHouse, _ number: String) async throws -> PlanWhole {
        try await house.house.db.read { tx in
            let plan = try #require(try PlanStore.find(number: number, tx))
            return try #require(try PlanStore.whole([plan], tx).first)
        }
    }

    private func report(
        _ house: StrategyHouse, _ plan: CaseFile, _ answers: [String: JSONValue], by actor: Actor? = nil
    ) async throws -> CaseFile {
        var members: [String: JSONValue] = ["evidence": "2025 年统计公报"]
        members.merge(answers) { _, new in new }
        let file = try await house.filed(
            "strategy.progress", .object(members), parent: plan.number, by: actor ?? house.officer)
        return try await house.act(file.id, "submit", actor ?? house.officer)
    }

    @Test(
        "A plan is approved, reported on with evidence, confirmed by another, and adjusted",
        arguments: TestStore.engines)
    func life(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let plan = try await running(house)
        var now = try await whole(house, plan.number)
        #expect(now.indicators.map(\.standing) == [.unreported, .unreported])
        #expect(now.measures.map { $0.state(on: house.house.today) } == [.notStarted, .late])

        let value = try await report(
            house, plan, ["target": "indicator", "code": "I1", "year": 2025, "value": 60])
        #expect(value.title == Bilingual("规划进展填报：研发强度（I1）", "Report on a plan: 研发强度 (I1)"))
        #expect(await house.refusal { try await house.act(value.id, "confirm", house.officer) } == ["case.not-yours"])
        try await house.act(value.id, "confirm", house.reviewer)
        let state = try await report(house, plan, ["target": "measure", "code": "M2", "state": "done", "note": "已开站"])
        try await house.act(state.id, "confirm", house.reviewer)
        now = try await whole(house, plan.number)
        #expect(now.indicators[0].standing == .behind)
        #expect(now.indicators[0].done == 50)
        #expect(now.indicators[0].evidence[2025] == "2025 年统计公报")
        #expect(now.measures.map { $0.state(on: house.house.today) } == [.notStarted, .done])

        try await house.act(plan.id, "adjust", nil, ["reason": "外部环境变化，下调目标。"])
        try await house.act(plan.id, "resubmit")
        try await house.act(plan.id, "approve", house.leader)
        #expect(try await whole(house, plan.number).indicators[0].actuals == [2025: 60])
        try await house.act(plan.id, "close", nil, ["findings": "主要目标基本实现，形成评估报告。"])
    }

    static let broken: [(String, JSONValue, [String])] = [
        ("targets", [["indicator": "I1", "year": 2024, "value": 58]], ["plan.targets", "plan.targets"]),
        ("objectives", [["code": "O1", "title": "研发投入"]], ["plan.objective", "plan.objective"]),
        ("measures", [], ["field.rows"]),
        (
            "objectives",
            [
                ["code": "O1", "title": "研发投入"], ["code": "O2", "title": "开放"], ["code": "O3", "title": "空"],
            ], ["plan.empty"]
        ),
    ]

    @Test("A plan that does not hang together is refused with every fault at once", arguments: broken)
    func faults(field: String, value: JSONValue, codes: [String]) async throws {
        let house = try await StrategyHouse(.sqlite)
        var members = Self.answers.object ?? [:]
        members[field] = value
        let file = try await house.filed("strategy.plan", .object(members))
        let found = await house.refusal { try await house.act(file.id, "submit") }
        #expect(found == codes)
    }

    @Test(
        "A report that does not fit is refused",
        arguments: [
            (["target": "indicator", "code": "I9", "year": 2025, "value": 1] as [String: JSONValue], ["report.code"]),
            (["target": "indicator", "code": "I1", "year": 2027, "value": 1], ["report.year"]),
            (["target": "indicator", "code": "I1", "year": 2025], ["field.required"]),
            (["target": "measure", "code": "M1"], ["report.state"]),
            (["target": "measure", "code": "I1", "state": "done"], ["report.code"]),
        ])
    func reports(answers: [String: JSONValue], codes: [String]) async throws {
        let house = try await StrategyHouse(.sqlite)
        let plan = try await running(house)
        #expect(await house.refusal { _ = try await report(house, plan, answers) } == codes)
    }

    @Test("A report is named by what its code stands for in the plan; of an unknown code, by the plan")
    func names() async throws {
        let house = try await StrategyHouse(.sqlite)
        let plan = try await running(house)
        func title(_ target: String, _ code: String) async throws -> String {
            let file = try await house.filed(
                "strategy.progress", ["target": .string(target), "code": .string(code)], parent: plan.number)
            return try await house.house.db.read { tx in try CaseStore.require(file.id, tx).title.zh }
        }
        #expect(try await title("measure", "M2") == "规划进展填报：开设国际创新站（M2）")
        #expect(try await title("indicator", "I9") == "规划进展填报：深圳市科技创新发展规划（I9）")
    }

    @Test("Only the responsible division reports, and nobody from outside")
    func whoReports() async throws {
        let house = try await StrategyHouse(.sqlite)
        let plan = try await running(house)
        let other = Actor(account: ID("other"), name: "别处", roles: [.officer], division: "talent")
        let measure: [String: JSONValue] = ["target": "measure", "code": "M2", "state": "done"]
        #expect(await house.refusal { _ = try await report(house, plan, measure, by: other) } == ["report.division"])
        let value: [String: JSONValue] = ["target": "indicator", "code": "I1", "year": 2025, "value": 1]
        #expect(await house.refusal { _ = try await report(house, plan, value, by: other) } == ["report.division"])
        #expect(
            await house.refusal { _ = try await report(house, plan, measure, by: house.stranger) } == ["filing.no-case"]
        )
    }

    @Test("Missing figures of last year are asked for once", arguments: TestStore.engines)
    func reminders(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        _ = try await running(house)
        for _ in 0..<2 { try await PlanReminders(house: house.house).run() }
        let messages = try await house.house.db.read { tx in
            try Messages.list(ID("officer"), before: nil, limit: 10, tx)
        }
        #expect(messages.count == 1)
        #expect(messages.first?.title.zh.contains("2025") == true)
    }

    @Test(
        "How far an indicator is",
        arguments: [
            (100, true, [2026: 200], [2025: 150], 50, Indicator.Standing.behind),
            (100, true, [2025: 150, 2026: 200], [2025: 150], 50, .met),
            (100, true, [2026: 200], [2026: 260], 100, .met), (100, true, [2026: 200], [2026: 90], 0, .behind),
            (20, false, [2026: 10], [2025: 15], 50, .behind), (20, false, [2025: 15, 2026: 10], [2025: 15], 50, .met),
            (10, true, [2026: 10], [2026: 10], 100, .met), (10, true, [2026: 10], [2026: 9], 0, .behind),
        ])
    func standing(
        baseline: Int, rises: Bool, targets: [Int: Int], actuals: [Int: Int], done: Int, standing: Indicator.Standing
    ) {
        let item = Indicator(code: "I", baseline: baseline, rises: rises, targets: targets, actuals: actuals)
        #expect(item.done == done)
        #expect(item.standing == standing)
    }
}
