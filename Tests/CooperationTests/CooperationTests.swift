import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Cooperation

@Suite("Money in its currency")
struct MoneyTests {
    private static func line(_ amount: String, _ rate: String, currency: String = "USD") -> JSONValue {
        [
            "money": [
                [
                    "side": "partner", "currency": .string(currency), "amount": .string(amount), "rate": .string(rate),
                    "rate-on": "2026-03-01", "source": "中间价",
                ]
            ]
        ]
    }

    private func read(_ values: JSONValue) -> (fen: Int64?, codes: [String]) {
        let (lines, problems) = ForeignMoney.read(values, on: CooperationHouse.start)
        return (lines.first?.renminbi?.fen, problems.map(\.code))
    }

    @Test(
        "An amount and its rate give renminbi to the nearest fen",
        arguments: [
            ("100", "7", 70_000), ("100", "7.1234", 71_234), ("0.01", "7.1234", 7), ("0.01", "7.5", 8),
            ("1", "0.0005", 0), ("10", "0.0005", 1), ("250000.50", "7.8512", 196_280_393), ("1,234.5", "1.1", 135_795),
            ("１２３", "１．５", 18_450), ("300000", "0.045123", 1_353_690),
        ] as [(String, String, Int64)])
    func renminbi(amount: String, rate: String, fen: Int64) {
        let found = read(Self.line(amount, rate))
        #expect(found.fen == fen && found.codes == [])
    }

    @Test(
        "What cannot be read is named",
        arguments: [
            ("", "7", ["currency.amount"]), ("-5", "7", ["currency.amount"]), ("0", "7", ["currency.amount"]),
            ("abc", "x", ["currency.amount", "currency.rate"]), ("1.234", "7", ["currency.fine"]),
            ("1", "0", ["currency.rate"]), ("1e9", "7", ["currency.amount"]),
            ("9999999999999", "9999", ["currency.large"]),
        ] as [(String, String, [String])])
    func faults(amount: String, rate: String, codes: [String]) {
        #expect(read(Self.line(amount, rate)).codes == codes)
    }

    @Test("Renminbi has the rate one; a rate is not of a day to come; sides are added apart")
    func rules() {
        #expect(read(Self.line("5", "7", currency: "CNY")).codes == ["currency.one"])
        #expect(read(Self.line("5", "1.00", currency: "CNY")).fen == 500)
        let future: JSONValue = [
            "money": [
                ["side": "ours", "currency": "CNY", "amount": "5", "rate": "1", "rate-on": "2026-03-03"],
                ["side": "ours", "currency": "USD", "amount": "2", "rate": "7", "rate-on": "2026-03-02"],
                ["side": "partner", "currency": "USD", "amount": "1", "rate": "7", "rate-on": "2026-03-02"],
            ]
        ]
        let (lines, problems) = ForeignMoney.read(future, on: CooperationHouse.start)
        #expect(problems.map(\.field) == ["money.0.rate-on"])
        #expect(ForeignMoney.sum(lines, of: .ours)?.fen == 1_900 && ForeignMoney.sum(lines, of: .third) == nil)
    }
}

@Suite("Exchange and cooperation")
struct CooperationTests {
    static let clean: [String: JSONValue] = [
        "genetic": "no", "technology": "none", "dual-use": "no", "data": "no", "ethics": "no", "secrecy": "no",
    ]

    static func agreement(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": "合作协议", "kind": "agreement", "partner": "DTU", "country": "DNK", "field": "energy",
            "starts-on": "2026-04-01", "ends-on": "2029-03-31", "content": "联合开展海上风电和储能研究。", "rights": "joint",
            "clause": "共同成果共有，转让须书面同意。",
            "money": [
                [
                    "side": "partner", "currency": "EUR", "amount": "100000", "rate": "7.8", "rate-on": "2026-03-01",
                    "source": "中间价",
                ]
            ],
        ]
        members.merge(clean) { $1 }
        members.merge(changes) { $1 }
        return .object(members)
    }

    @Test(
        "Flags come from the form, block the decision, and are cleared by another person", arguments: TestStore.engines)
    func flags(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        let answers = Self.agreement(["genetic": "research", "data": "unsure", "secrecy": "yes"])
        let file = try await room.draft("cooperation.agreement", answers, files: ["text"], by: room.officer)
        try await room.act(file.id, "submit", room.officer)
        let flags = try await room.house.db.read { tx in try FlagStore.list(of: file.id, tx) }
        #expect(flags.map(\.kind) == [.data, .genetic, .secrecy])
        #expect(flags.first { $0.kind == .genetic }?.question.zh.contains("20 个工作日") == true)
        #expect(await room.refusal(file.id, "propose", room.officer, ["opinion": "同意"]) == ["case.action-not-open"])
        try await room.act(file.id, "ask-compliance", room.officer)
        let partly: JSONValue = ["answers": [["flag": "genetic", "answer": "已批准"], ["flag": "data", "answer": "无"]]]
        #expect(
            Set(await room.refusal(file.id, "answer", room.officer, partly))
                == ["compliance.unanswered", "compliance.document"])
        let whole: JSONValue = [
            "answers": [
                ["flag": "genetic", "answer": "已批准", "document": "〔2026〕1号"], ["flag": "data", "answer": "不涉及"],
                ["flag": "secrecy", "answer": "已审查"],
            ]
        ]
        try await room.act(file.id, "answer", room.officer, whole)
        #expect(await room.refusal(file.id, "clear", room.officer) == ["case.same-person"])
        let second = Actor(account: ID("officer2"), name: "", roles: [.officer])
        try await room.act(file.id, "clear", second)
        try await room.act(file.id, "raise-flag", room.officer, ["flag": "other", "question": "请说明外方背景"])
        #expect(await room.refusal(file.id, "answer", room.officer, ["answers": []]).contains("compliance.unanswered"))
        try await room.act(file.id, "answer", room.officer, ["answers": [["flag": "other", "answer": "为公立大学"]]])
        try await room.act(file.id, "clear", second)
        try await room.act(file.id, "propose", room.officer, ["opinion": "同意"])
        let moved = try await room.act(file.id, "approve", room.leader)
        #expect(moved.step == "signing")
    }

    @Test(
        "Everything wrong with a form is named at once; prohibited technology is barred", arguments: TestStore.engines)
    func faults(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        let answers = Self.agreement([
            "country": "DK", "ends-on": "2026-03-31", "technology": "prohibited",
            "milestones": [["what": "示范", "due-on": "2030-01-01"]],
            "money": [
                ["side": "ours", "currency": "USD", "amount": "x", "rate": "7", "rate-on": "2026-03-01", "source": "-"]
            ],
        ])
        let file = try await room.draft("cooperation.agreement", answers, files: ["text"], by: room.officer)
        let codes = Set(await room.refusal(file.id, "submit", room.officer))
        #expect(
            codes == ["country.unknown", "term.order", "compliance.prohibited", "milestone.late", "currency.amount"])
    }

    @Test("Corrected answers take back flags that nobody answered", arguments: TestStore.engines)
    func corrected(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        let file = try await room.draft(
            "cooperation.agreement", Self.agreement(["ethics": "yes"]), files: ["text"], by: room.officer)
        try await room.act(file.id, "submit", room.officer)
        try await room.act(file.id, "ask-correction", room.officer, ["defects": "请核对伦理一栏"])
        _ = try await room.filings.drafts.replace(
            file.id, answers: Self.agreement(), expecting: 1, by: room.officer)
        try await room.act(file.id, "resubmit", room.officer)
        let left = try await room.house.db.read { tx in try FlagStore.list(of: file.id, tx) }
        #expect(left.isEmpty)
        #expect(await room.refusal(file.id, "propose", room.officer, ["opinion": "同意"]) == [])
    }

    @Test(
        "Renewal is warned of once at each distance, to officers of the division, and an end is an end",
        arguments: TestStore.engines)
    func renewals(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        func add(_ name: String, endsIn days: Int) async throws -> RegisterEntry {
            let end = room.house.today.adding(days: days)
            return try await room.entry(
                "cooperation.agreements", Self.agreement(["name": .string(name), "ends-on": .string(end.description)]))
        }
        _ = try await add("远期", endsIn: 400)
        _ = try await add("将至", endsIn: 80)
        let over = try await add("已过", endsIn: -1)
        let renewals = Renewals(house: room.house)
        #expect(renewals.offsets(on: room.house.today) == [180, 90, 30])
        #expect(try await renewals.run() == 1)
        #expect(try await renewals.run() == 0)
        room.clock.move(seconds: 55 * 86_400)
        #expect(try await renewals.run() == 1, "thirty days before")
        let (state, officer, other) = try await room.house.db.read { tx in
            (
                try RegisterStore.require(Renewals.register, over.number, tx).state,
                try Messages.list(ID("officer"), before: nil, limit: 10, tx),
                try Messages.list(ID("officer2"), before: nil, limit: 10, tx)
            )
        }
        #expect(state == "expired" && officer.count == 2 && other.isEmpty, "another division is not told")
        let board = try await room.page("desk.agreements", room.officer, language: .chinese).text
        #expect(board.contains("EUR 100000 × 7.8") && board.contains("丹麦") && !board.contains("已过"))
    }

    @Test("A renewed agreement ends later", arguments: TestStore.engines)
    func longer(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        let entry = try await room.entry("cooperation.agreements", Self.agreement())
        for (end, codes) in [
            (JSONValue.null, ["renewal.end"]), ("2029-03-31", ["renewal.shorter"]), ("2029-04-01", []),
        ] as [(JSONValue, [String])] {
            let answers: JSONValue = ["wanted": "renew", "judgement": "良好", "ends-on": end]
            let file = try await room.draft("cooperation.renewal", answers, entry: entry.number, by: room.officer)
            #expect(await room.refusal(file.id, "submit", room.officer) == codes)
        }
    }

    @Test("More days abroad than the rule need a reason, whose source is to be checked")
    func days() throws {
        let law = try CooperationHouse.city().rules.law(on: CooperationHouse.start)
        var values: [String: JSONValue] = [
            "countries": "DNK ISR", "starts-on": "2026-04-06", "ends-on": "2026-04-13",
        ]
        #expect(try CooperationHooks.days(.object(values), law) == [])
        values["ends-on"] = "2026-04-14"
        let found = try CooperationHooks.days(.object(values), law)
        #expect(found.map(\.code) == ["visit.days"] && found.first?.basis?.zh.contains("待核") == true)
        values["exception"] = "航班取消"
        #expect(try CooperationHooks.days(.object(values), law) == [])
        values["exception"] = nil
        values["countries"] = "DNK DNK"
        #expect(try CooperationHooks.days(.object(values), law).count == 1, "one country twice is one country")
    }

    @Test("The city gives no more than its rule, by scheme, and an event by its heads")
    func support() throws {
        let law = try CooperationHouse.city().rules.law(on: CooperationHouse.start)
        let project: JSONValue = ["scheme": "research", "input": 100_000_000]
        #expect(try CooperationHooks.support(project, asked: 50_000_000, "asked", law) == [])
        #expect(try CooperationHooks.support(project, asked: 50_000_001, "asked", law).map(\.code) == ["support.above"])
        let event: JSONValue = ["spent": 100_000_000, "people": 99, "foreigners": 40]
        #expect(try CooperationHooks.eventSupport(event, asked: 1, "granted", law).count == 1, "too few people")
        #expect(try CooperationHooks.eventSupport(event, asked: 0, "granted", law) == [])
    }

    @Test("Phases follow each other, sources make the whole, open hours were used")
    func facilities() {
        #expect(CooperationHooks.phase(from: "design", to: "construction") == [])
        #expect(CooperationHooks.phase(from: "upgrade", to: "construction") == [])
        #expect(CooperationHooks.phase(from: "design", to: "operation").map(\.code) == ["phase.order"])
        #expect(CooperationHooks.phase(from: "operation", to: "operation").count == 1)
        let sources: JSONValue = ["investment": 10, "sources": [["amount": 4], ["amount": 6]]]
        #expect(CooperationHooks.sources(sources) == [])
        #expect(CooperationHooks.sources(["investment": 11, "sources": [["amount": 4]]]).count == 1)
        #expect(CooperationHooks.hours(["used-hours": 5, "open-hours": 6]).map(\.code) == ["hours.open"])
        #expect(CooperationHooks.hours(["used-hours": 6, "open-hours": 6]) == [])
    }

    @Test("Heads are counted by country, and drawn", arguments: TestStore.engines)
    func heads(engine: Engine) async throws {
        let table: JSONValue = [
            ["country": "CHN", "heads": 5], ["country": "DEU", "heads": 3], ["country": "HKG", "heads": 2],
        ]
        let (all, foreign) = CooperationHooks.heads(table)
        #expect((all, foreign) == (10, 5))
        let room = try await CooperationHouse(engine)
        let entry = try await room.entry(
            "cooperation.events",
            [
                "name": "论坛", "kind": "conference", "place": "深圳", "starts-on": "2026-01-01", "ends-on": "2026-01-02",
                "attended": table,
            ])
        let definition = try room.house.registers.require("cooperation.events")
        let act = RegisterAct(by: .system, reason: "test", at: room.clock.now(), on: room.house.today)
        try await room.house.db.write { tx in try RegisterStore.setState(entry, of: definition, "held", act, tx) }
        let charts = try await room.house.db.read { tx in try CooperationCharts.read(tx) }
        #expect(charts.heads.map(\.country) == ["CHN", "DEU", "HKG"])
        let drawn = charts.draw(room.house.city.countries, Say(.english)).string
        #expect(drawn.contains("Germany") && drawn.contains("<svg"))
    }

    @Test("A closed call takes no application; a correction may still come", arguments: TestStore.engines)
    func calls(engine: Engine) async throws {
        let room = try await CooperationHouse(engine)
        let call = try await room.entry(
            "cooperation.joint-calls",
            [
                "name": "征集", "partner": "基金", "country": "FIN", "scheme": "research", "topics": "清洁技术的联合研发项目",
                "opens-on": "2026-01-01", "closes-on": "2026-03-02",
            ])
        var answers: [String: JSONValue] = [
            "name": "项目", "call": .string(call.number), "scheme": "research", "partner": "Aalto", "country": "FIN",
            "field": "energy", "summary": "联合研发清洁能源系统的项目。", "input": 100_000_000, "asked": 50_000_000,
            "rights": "joint", "starts-on": "2026-06-01", "ends-on": "2028-05-31",
            "money": Self.agreement()["money"] ?? .null,
        ]
        answers.merge(Self.clean) { $1 }
        let late = try await room.draft("cooperation.joint-application", .object(answers), files: ["agreement"])
        let timely = try await room.draft("cooperation.joint-application", .object(answers), files: ["agreement"])
        try await room.act(timely.id, "submit", room.handler)
        try await room.act(timely.id, "ask-correction", room.officer, ["defects": "补充协议"])
        room.clock.move(seconds: 86_400)
        #expect(await room.refusal(late.id, "submit", room.handler) == ["call.closed"])
        #expect(await room.refusal(timely.id, "resubmit", room.handler) == [])
    }
}
