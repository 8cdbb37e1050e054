import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Transfer

@Suite("The technology market")
struct MarketTests {
    private static func result(_ name: String, _ en: String, _ field: String, _ summary: String) -> JSONValue {
        [
            "name": .string(name), "name-en": .string(en), "field": .string(field), "summary": .string(summary),
            "summary-en": .string(en), "keywords": .string(name), "stage": "pilot", "ways": ["licence"],
            "ip": ["invention"], "contact": "0755-1",
        ]
    }

    private static func need(_ name: String, _ en: String, _ field: String, _ summary: String) -> JSONValue {
        [
            "name": .string(name), "name-en": .string(en), "field": .string(field), "summary": .string(summary),
            "summary-en": .string(en), "keywords": .string(name), "contact": "0755-2",
        ]
    }

    private func filled(_ engine: Engine) async throws -> (room: TransferHouse, need: RegisterEntry) {
        let room = try await TransferHouse(engine)
        try await room.entry(
            "transfer.results",
            Self.result("固态电池电解质制备", "Electrolyte of solid-state batteries", "energy", "硫化物固态电解质的低温制备工艺"))
        try await room.entry(
            "transfer.results",
            Self.result("水下机器人声呐", "Sonar of underwater robots", "manufacturing", "浑浊水域的声呐成像算法和目标识别"))
        try await room.entry(
            "transfer.results", Self.result("肿瘤早筛试剂", "Early cancer screening", "medicine", "血浆甲基化检测的早期筛查试剂"))
        let need = try await room.entry(
            "transfer.needs",
            Self.need("车用固态电池界面", "Interface of solid-state batteries", "energy", "求解固态电解质与正极之间的界面稳定问题"))
        return (room, need)
    }

    @Test("What fits is suggested with its strongest words, and what does not is not", arguments: TestStore.engines)
    func suggestions(engine: Engine) async throws {
        let (room, need) = try await filled(engine)
        let shown = try await room.page("market.show", .everyone, ["number": need.number], language: .chinese).text
        #expect(shown.contains("固态电池电解质制备") && shown.contains("领域相同") && shown.contains("固态电解质"))
        #expect(!shown.contains("水下机器人") && !shown.contains("0755-2"), "the contact is the bureau's")
        let english = try await room.page("market.show", .everyone, ["number": need.number]).text
        #expect(english.contains("Electrolyte of solid-state batteries") && english.contains("batteries"))
    }

    @Test("Chinese and English words find the same entry; nonsense finds nothing", arguments: TestStore.engines)
    func search(engine: Engine) async throws {
        let (room, _) = try await filled(engine)
        for words in ["声呐", "sonar", "SONAR 机器人", "ｓｏｎａｒ"] {
            let text = try await room.page("market", query: ["q": words]).text
            #expect(text.contains("Sonar of underwater robots") && !text.contains("Early cancer"), "\(words)")
        }
        let none = try await room.page("market", query: ["q": "'; DROP TABLE--"]).text
        #expect(none.contains("Nothing found"))
        #expect(try await room.page("market").text.contains("Early cancer screening"), "without words all are shown")
    }

    @Test("Phrases are put together from pairs that follow each other in both texts")
    func phrases() throws {
        func text(_ name: String, _ summary: String) throws -> MarketText {
            let json: JSONValue = ["name": .string(name), "summary": .string(summary), "field": "energy"]
            return MarketText(number: name, field: "energy", content: json)
        }
        let (one, two) = (try text("甲", "全固态电池电解质"), try text("乙", "求解固态电池界面"))
        let match = MarketMatcher([one, two]).compare(one, two)
        #expect(match.terms == ["固态电池"] && match.sameField && match.score > 0 && match.score <= 1_000)
        #expect(MarketMatcher([one]).compare(one, one).score >= 999)
        let empty = try text("", "")
        #expect(MarketMatcher([one, empty]).compare(one, empty).score == 0)
        #expect(MarketMatcher([]).suggest(one, among: [two]).count <= 1)
    }

    /// The entry that an offer or a need became, which its owner handed in and the bureau published.
    private func published(
        _ procedure: String, _ answers: JSONValue, in room: TransferHouse
    ) async throws -> RegisterEntry {
        var answers = answers.object ?? [:]
        answers["honest"] = true
        let file = try await room.draft(procedure, .object(answers))
        try await room.act(file.id, "submit", room.handler)
        try await room.act(file.id, "publish", room.officer)
        return try #require(try await room.house.db.read { tx in try RegisterStore.entries(of: file.id, tx).last })
    }

    @Test(
        "Who publishes is told of matches; interest reaches the owner and becomes a deal", arguments: TestStore.engines)
    func deal(engine: Engine) async throws {
        let (room, _) = try await filled(engine)
        let result = Self.result(
            "固态电池界面涂层", "Coating for solid-state batteries", "energy", "稳定固态电解质界面的涂层技术")
        let entry = try await published("transfer.result", result, in: room)
        let interest = try await room.draft(
            "transfer.match", ["subject": "求许可", "partner": "丙公司", "what": "希望取得许可", "contact": "13900000000"],
            entry: entry.number, by: room.stranger)
        try await room.act(interest.id, "submit", room.stranger)
        try await room.act(interest.id, "introduce", room.officer)
        try await room.act(interest.id, "sign", room.stranger, ["amount": 5_000_000])
        let (messages, deals) = try await room.house.db.read { tx in
            (
                try Messages.list(ID("handler"), before: nil, limit: 10, tx),
                try RegisterStore.list("transfer.deals", limit: 10, tx)
            )
        }
        #expect(messages.contains { $0.title.zh.contains("匹配") && $0.body.zh.contains("车用固态电池界面") })
        #expect(messages.contains { $0.title.zh.contains("有意向方") && $0.body.zh.contains("丙公司") })
        #expect(deals.map(\.state) == ["signed"] && deals.first?.content["amount"] == 5_000_000)
        // How the partner is reached is shown where the message leads, to the owner alone, and lies sealed.
        #expect(try await room.house.db.places(of: ["13900000000"]) == [])
        for actor in [room.handler, room.stranger, room.officer, Actor.everyone] {
            let page = try await room.page("market.show", actor, ["number": entry.number]).text
            let isOwner = actor.account == room.handler.account
            #expect(page.contains("13900000000") == isOwner && page.contains("希望取得许可") == isOwner)
        }
    }

    @Test("Nobody is told how to reach whom the bureau has not introduced", arguments: TestStore.engines)
    func notIntroduced(engine: Engine) async throws {
        let (room, _) = try await filled(engine)
        let need = Self.need("求解声呐成像", "Sonar imaging wanted", "manufacturing", "求解浑浊水域的声呐成像")
        let entry = try await published("transfer.need", need, in: room)
        let offer = try await room.draft(
            "transfer.offer", ["subject": "提供方案", "partner": "丁公司", "what": "已有成熟方案", "contact": "13900000001"],
            entry: entry.number, by: room.stranger)
        try await room.act(offer.id, "submit", room.stranger)
        let early = try await room.page("market.show", room.handler, ["number": entry.number]).text
        #expect(early.contains("求解声呐成像") || early.contains("Sonar imaging wanted"))
        #expect(!early.contains("丁公司") && !early.contains("13900000001"))
        try await room.act(offer.id, "introduce", room.officer)
        let page = try await room.page("market.show", room.handler, ["number": entry.number]).text
        #expect(page.contains("丁公司") && page.contains("13900000001"))
        #expect(try await room.house.db.places(of: ["13900000001"]) == [])
    }
}

@Suite("Technology finance and reports")
struct FinanceTests {
    @Test("Institutions are ranked by the conditions that hold, each named")
    func ranking() throws {
        let need: JSONValue = [
            "kind": "loan", "amount": 500_000_000, "field": "energy", "stage": "pilot", "collateral": "yes",
        ]
        func holds(_ content: JSONValue) -> [Bool] {
            FinanceMatch(need: need, number: "1", name: "行", content: content).reasons.map(\.holds)
        }
        #expect(
            holds([
                "kinds": ["loan"], "least": 500_000_000, "most": 500_000_000, "fields": ["energy"],
                "stages": ["pilot"], "pledge": "yes",
            ]) == [true, true, true, true, true])
        #expect(
            holds([
                "kinds": ["equity"], "least": 500_000_001, "most": 900_000_000, "fields": [], "stages": ["mass"],
                "pledge": "no",
            ]) == [false, false, false, false, false])
    }

    @Test("The desk lists institutions with each condition, to the division alone", arguments: TestStore.engines)
    func desk(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        try await room.entry(
            "transfer.financiers",
            [
                "name": "科技支行", "kinds": ["loan"], "fields": ["energy"], "stages": ["mass"], "least": 100,
                "most": 900, "pledge": "yes", "products": "贷款", "contact": "1",
            ])
        let need = try await room.entry(
            "transfer.finance-needs",
            [
                "name": "中试贷款", "kind": "loan", "amount": 500, "field": "energy", "stage": "pilot",
                "collateral": "no", "use": "购置原材料", "contact": "2",
            ])
        let page = try await room.page("desk.finance", room.officer, ["number": need.number])
        #expect(page.text.contains("In part") && page.text.contains("Looks at this maturity"))
        let elsewhere = Actor(account: ID("x"), name: "", roles: [.officer], division: "talent")
        await #expect(throws: AccessError.self) {
            _ = try await room.page("desk.finance", elsewhere, ["number": need.number])
        }
    }

    @Test("Rewards below the law's share are refused of a university, with the article")
    func rewards() throws {
        let law = try TransferHouse.city().rules.law(on: TransferHouse.start)
        var values: [String: JSONValue] = [
            "state-owned": "yes", "transfer-income": 100_000_000, "transfer-reward": 49_999_999,
            "own-profit": 1_000_000, "own-reward": 50_000, "own-years": 2,
        ]
        let (rulings, problems) = try ReportHooks.rewards(.object(values), law)
        #expect(rulings.count == 2 && problems.map(\.field) == ["transfer-reward", "own-years"])
        #expect(problems.allSatisfy { $0.basis?.zh.contains("第四十五条") == true })
        values["transfer-reward"] = 50_000_000
        values["own-years"] = 3
        #expect(try ReportHooks.rewards(.object(values), law).problems == [])
        values["state-owned"] = "no"
        values["transfer-reward"] = 1
        #expect(try ReportHooks.rewards(.object(values), law).problems == [], "others may agree on less")
        values["transfer-income"] = .integer(Money.largest.fen)
        values["transfer-reward"] = .integer(Money.largest.fen - 1)
        #expect(try ReportHooks.rewards(.object(values), law).problems == [], "the largest sums do not overflow")
    }

    @Test("An agreed price is public for fifteen days, both ends counted")
    func prices() throws {
        let law = try TransferHouse.city().rules.law(on: TransferHouse.start)
        func codes(_ to: String) throws -> [String] {
            let row: JSONValue = ["result": "x", "price": 1, "public-from": "2025-05-01", "public-to": .string(to)]
            return try ReportHooks.prices(["prices": [row]], law.number("transfer.pricing.publicity")).map(\.code)
        }
        #expect(try codes("2025-05-15") == [] && codes("2025-05-14") == ["price.publicity"])
    }

    @Test("A consortium joins enterprises with universities or institutes")
    func consortium() {
        func codes(_ kinds: [String]) -> [String] {
            ReportHooks.mixed(["members": .array(kinds.map { ["kind": .string($0)] })]).map(\.code)
        }
        #expect(codes(["enterprise", "institute"]) == [])
        #expect(codes(["enterprise"]) == ["consortium.research"])
        #expect(codes(["university", "other"]) == ["consortium.enterprise"])
        #expect(codes([]) == ["consortium.enterprise", "consortium.research"])
    }

    @Test("Only the organisation of an entry reports on it, for a period that there is", arguments: TestStore.engines)
    func reports(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let platform = try await room.entry(
            "transfer.platforms",
            ["name": "平台", "kind": "testing", "host": "院", "district": "南山区", "services": "检测", "contact": "1"])
        let file = try await room.draft(
            "transfer.platform-report", ["period": "2026-Q5", "hours": 1], entry: platform.number)
        #expect(Set(await room.refusal(file.id, "submit", room.handler)) == ["entry.foreign", "figure.period"])
    }

    @Test(
        "Calculators show the ruling, name what is missing, and refuse what cannot be read",
        arguments: TestStore.engines)
    func calculators(engine: Engine) async throws {
        let room = try await TransferHouse(engine)
        let good = try await room.page(
            "calculators.show", .everyone, ["rule": "transfer.reward"],
            query: ["way": "transfer", "base": "200万元", "stateOwned": "yes"])
        #expect(good.text.contains("1,000,000.00") && good.text.contains("Law on Promoting"))
        let bad = try await room.page(
            "calculators.show", .everyone, ["rule": "transfer.reward"], query: ["base": "much"])
        #expect(bad.status == 422 && bad.text.contains("much"))
        let draft = try await room.page(
            "calculators.show", .everyone, ["rule": "transfer.contract-amount"], query: ["total": "6000000"])
        #expect(draft.text.contains("to be checked"), "the threshold is that of a draft")
        await #expect(throws: (any Error).self) {
            _ = try await room.page("calculators.show", .everyone, ["rule": "talent.points"])
        }
        #expect(try await room.page("calculators").text.contains("transfer.income-tax"))
    }
}
