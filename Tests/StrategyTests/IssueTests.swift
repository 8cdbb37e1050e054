import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Strategy

@Suite("Numbers, force, renewal and repeal of documents; proposals of the public", .serialized)
struct IssueTests {
    @Test(
        "A rule comes into force thirty days after publication, a number is registered once",
        arguments: TestStore.engines)
    func rule(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting("rule")
        try await house.reviewed(file.id)
        try await house.discussed(file.id, ["agree"])
        try await house.act(file.id, "adopt", house.leader)
        let today = house.house.today
        func record(_ days: Int, _ more: [String: JSONValue] = [:]) -> JSONValue {
            var answers: [String: JSONValue] = [
                "given-number": "市政府令第400号", "published-on": .string(today.description),
                "effective-on": .string(today.adding(days: days).description), "interpretation": "说明规章的主要制度。",
            ]
            answers.merge(more) { _, new in new }
            return .object(answers)
        }
        #expect(
            await house.refusal { try await house.act(file.id, "issue", nil, record(30)) } == ["case.action-not-open"])
        #expect(
            await house.refusal { try await house.act(file.id, "record-rule", nil, record(29)) } == [
                "validity.too-early"
            ])
        let tomorrow: [String: JSONValue] = ["published-on": .string(today.adding(days: 1).description)]
        #expect(
            await house.refusal { try await house.act(file.id, "record-rule", nil, record(40, tomorrow)) } == [
                "validity.future"
            ])
        let filed = try await house.act(file.id, "record-rule", nil, record(30))
        #expect(filed.step == "filing-rule")
        #expect(filed.dueOn.map { $0 >= today.adding(days: 30) } == true)
        #expect(try await house.entry(of: file)?.content["document-number"]?.string == "市政府令第400号")
    }

    @Test("Numbers of a year have no gap and no double, whatever is refused in between", arguments: TestStore.engines)
    func numbers(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        var numbers: [String] = []
        for index in 1...3 {
            let file = try await house.drafting(name: "第\(index)个规范性文件")
            try await house.reviewed(file.id)
            try await house.discussed(file.id, ["agree"])
            try await house.act(file.id, "adopt", house.leader)
            let effective = JSONValue.string(house.house.today.adding(days: 3).description)
            let words: JSONValue = "企业和高校可以更方便地申报项目。"
            let tooLong: JSONValue = ["effective-on": effective, "years": 6, "interpretation": words]
            #expect(
                await house.refusal { try await house.act(file.id, "issue", nil, tooLong) } == ["validity.too-long"])
            let endless: JSONValue = ["effective-on": effective, "interpretation": words]
            #expect(await house.refusal { try await house.act(file.id, "issue", nil, endless) } == ["validity.endless"])
            try await house.act(
                file.id, "issue", nil, ["effective-on": effective, "years": 3, "interpretation": words])
            numbers.append(try #require(try await house.entry(of: file)?.content["document-number"]?.string))
        }
        #expect(numbers == (1...3).map { "深科创规〔2026〕\($0)号" })
    }

    @Test(
        "Before the end there are warnings, once each; then a renewal, or the text expires",
        arguments: TestStore.engines)
    func expiry(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let end = house.house.today.adding(days: 120)
        let number = try await house.entry("管理办法", expires: end)
        func entry() async throws -> RegisterEntry {
            try await house.house.db.read { tx in try RegisterStore.require("strategy.documents", number, tx) }
        }
        func messages() async throws -> Int {
            try await house.house.db.read { tx in try Messages.list(ID("officer"), before: nil, limit: 50, tx).count }
        }
        try await house.strategy.tick()
        #expect(try await messages() == 1)
        house.move(days: 30)
        for _ in 0..<2 { try await NormExpiry(house: house.house).run() }
        #expect(try await messages() == 2)
        let evaluation: JSONValue = [
            "subject": "管理办法", "ground": "expiring", "findings": "实施以来成效明显，问题较少。", "opinions": "企业希望保持稳定。",
            "proposal": "renew", "years": 6,
        ]
        let long = try await house.filed("strategy.evaluation", evaluation, entry: number)
        try await house.act(long.id, "submit")
        #expect(await house.refusal { try await house.act(long.id, "renew", house.leader) } == ["validity.too-long"])
        #expect(
            await house.refusal { try await house.act(long.id, "repeal", house.leader, ["reason": "x"]) } == [
                "case.action-not-open"
            ])
        try await house.act(long.id, "return", house.leader, ["reason": "年限过长"])
        let revision = try await house.house.db.read { tx in try CaseStore.answers(long.id, tx) }
        var members = revision.content.object ?? [:]
        members["years"] = 2
        _ = try await Filings(house.house).drafts.replace(
            long.id, answers: .object(members), expecting: revision.revision, by: house.officer)
        try await house.act(long.id, "submit")
        try await house.act(long.id, "renew", house.leader)
        let renewed = try await entry()
        #expect(
            renewed.content["expires-on"]?.string == end.adding(days: 1).adding(years: 2).adding(days: -1).description)
        #expect(renewed.content["renewal-number"]?.string?.hasSuffix("号") == true)
        try await NormExpiry(house: house.house).run()
        #expect(try await entry().state == "in-force")
    }

    @Test("A text whose time is over expires, one that is repealed does not come back", arguments: TestStore.engines)
    func endings(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let today = house.house.today
        let entry = try await house.entry("甲", expires: today)
        _ = try await house.entry("乙", expires: today.adding(days: -1))
        try await NormExpiry(house: house.house).run()
        func states() async throws -> [String: String] {
            try await house.house.db.read { tx in
                let list = try RegisterStore.list("strategy.documents", limit: 10, tx)
                return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.state) })
            }
        }
        #expect(try await states() == ["甲": "in-force", "乙": "expired"])
        let file = try await house.filed(
            "strategy.evaluation",
            [
                "subject": "甲", "ground": "superior-law", "findings": "上位法已经修订，本文件不再适用。", "opinions": "没有不同意见。",
                "proposal": "repeal",
            ], entry: entry)
        try await house.act(file.id, "submit")
        try await house.act(file.id, "repeal", house.leader, ["reason": "上位法已修订"])
        #expect(try await states()["甲"] == "repealed")
    }

    @Test(
        "A proposal of the public is routed in 15 days and answered in 60, prolonged by 30",
        arguments: TestStore.engines)
    func proposals(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.filed(
            "strategy.proposal",
            ["name": "建议制定数据办法", "kind": "make", "content": "科研数据需要统一的管理办法。", "contact": "0755-88120000"],
            by: house.stranger)
        let start = house.house.today
        let registered = try await house.act(file.id, "submit", house.stranger)
        #expect(registered.dueOn == Period.calendarDays(15).lastDay(start, house))
        let handling = try await house.act(file.id, "accept")
        #expect(handling.dueOn == Period.calendarDays(60).lastDay(start, house))
        let longer = try await house.act(file.id, "prolong", nil, ["reason": "需要专家论证"])
        #expect(longer.dueOn == Period.calendarDays(90).lastDay(start, house))
        try await house.act(file.id, "answer", nil, ["result": "partly", "reason": "将纳入明年计划"])
    }
}

extension Period {
    fileprivate func lastDay(_ start: Day, _ house: StrategyHouse) -> Day? {
        try? end(after: start, house.house.city.calendar)
    }
}
