import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Portal
@testable import Strategy

@Suite("Pages of consultations, meetings and plans", .serialized)
struct StrategyPageTests {
    private func answer(
        _ house: StrategyHouse, _ route: String, _ actor: Actor, _ values: [String: String] = [:],
        query: [FormBody.Field] = [], form: KeyValuePairs<String, String> = [:], language: Language = .english
    ) async throws -> Answer {
        let found = try #require(house.strategy.routes.first { $0.id == route })
        #expect(found.access.allows(actor), "\(route) is not for \(actor.name)")
        let visit = Visit(
            actor: actor, language: language, method: found.method, values: values, query: query,
            form: FormBody(form), now: house.clock.now(), csrfToken: "t")
        return try await Database.$writesForbidden.withValue(found.isReading) { try await found.handler(visit) }
    }

    private func page(
        _ house: StrategyHouse, _ route: String, _ actor: Actor, _ values: [String: String] = [:],
        query: [FormBody.Field] = [], form: KeyValuePairs<String, String> = [:], language: Language = .english
    ) async throws -> String {
        let answer = try await answer(
            house, route, actor, values, query: query, form: form, language: language)
        guard case .page(let page) = answer.content else { return "" }
        return page.body.string
    }

    @Test("The public reads the draft, comments by clause, and reads the answers", arguments: TestStore.engines)
    func consultation(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting(name: "<b>办法</b>管理规定")
        let number = try await house.house.db.read { tx in try NormStore.require(file.id, tx).number }
        await #expect(throws: RequestProblem.self) {
            try await page(house, "consultations.show", .everyone, ["number": number])
        }
        try await house.act(file.id, "open-consultation", nil, ["days": 30, "explanation": "说明起草的背景和主要内容。"])
        for language in Language.allCases {
            let list = try await page(house, "consultations.list", .everyone, language: language)
            #expect(list.contains(number) && !list.contains("<b>办法</b>"))
            let shown = try await page(house, "consultations.show", .everyone, ["number": number], language: language)
            #expect(shown.contains("第三条") && shown.contains("说明起草的背景"))
            #expect(shown.contains(language == .chinese ? "对本条提意见" : "Comment"))
        }
        let wrong = try await answer(
            house, "consultations.comment", .everyone, ["number": number],
            form: ["clause": "第九条", "text": "", "name": "", "contact": ""])
        #expect(wrong.status == 422)
        let sent = try await page(
            house, "consultations.comment", .everyone, ["number": number],
            form: ["clause": "第二条", "text": "建议<script>扩大</script>范围", "name": "某公司", "contact": "13800000000"])
        #expect(sent.contains("has arrived"))
        var board = try await page(house, "consultations.show", .everyone, ["number": number])
        #expect(!board.contains("扩大") && board.contains("1 received"))

        let desk = try await page(house, "norms.comments", house.officer, ["id": file.id.text])
        #expect(desk.contains("13800000000") && desk.contains("&lt;script&gt;"))
        let other = try await page(house, "norms.comments", house.leader, ["id": file.id.text])
        #expect(!other.contains("13800000000"))
        let id = try await house.house.db.read { tx in
            try ConsultationStore.comments(of: file.id, round: 1, limit: 1, tx)[0].id
        }
        let bad = try await answer(
            house, "norms.answer", house.officer, ["id": file.id.text],
            form: ["comment": id, "verdict": "", "reason": ""])
        #expect(bad.status == 422)
        _ = try await answer(
            house, "norms.answer", house.officer, ["id": file.id.text],
            form: ["comment": id, "verdict": "taken", "reason": "已扩大"])
        board = try await page(house, "consultations.show", .everyone, ["number": number])
        #expect(board.contains("已扩大") && !board.contains("13800000000") && !board.contains("<script>"))
        house.move(days: 40)
        let closed = try await page(
            house, "consultations.list", .everyone, query: [.init(name: "phase", value: "closed")])
        #expect(closed.contains(number))
        await #expect(throws: PlainProblem.self) {
            try await page(house, "consultations.write", .everyone, ["number": number])
        }
    }

    @Test("Versions are saved and compared; the public compares only what it was shown", arguments: TestStore.engines)
    func versions(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting()
        let path = ["id": file.id.text]
        let bad = try await answer(
            house, "norms.save", house.officer, path, form: ["text": "没有条文", "note": "", "last": "1"])
        #expect(bad.status == 422)
        _ = try await answer(
            house, "norms.save", house.officer, path,
            form: ["text": StrategyHouse.text.replacing("支持创新", with: "支持科技创新"), "note": "改字", "last": "1"])
        let compared = try await page(house, "norms.compare", house.leader, path)
        #expect(compared.contains("<ins>") && compared.contains("科技"))
        let versions = try await page(house, "norms.versions", house.officer, path)
        #expect(versions.contains("Version 2") && versions.contains("改字"))
        try await house.act(file.id, "open-consultation", nil, ["days": 30, "explanation": "说明起草的背景和主要内容。"])
        let number = try await house.house.db.read { tx in try NormStore.require(file.id, tx).number }
        await #expect(throws: RequestProblem.self) {
            try await page(
                house, "consultations.compare", .everyone, ["number": number],
                query: [.init(name: "from", value: "1"), .init(name: "to", value: "2")])
        }
        let own = try await page(house, "consultations.compare", .everyone, ["number": number])
        #expect(own.contains("do not differ") || own.contains("Unchanged"))
    }

    @Test("Opinions are written down in order on the meeting's page")
    func meeting() async throws {
        let house = try await StrategyHouse(.sqlite)
        let file = try await house.drafting()
        try await house.reviewed(file.id)
        let path = ["id": file.id.text]
        let first = try await answer(
            house, "norms.speak", house.officer, path,
            form: ["member": "局长", "is-head": "yes", "stance": "agree", "words": ""])
        #expect(first.status == 422)
        for (member, head) in [("甲", ""), ("局长", "yes")] {
            _ = try await answer(
                house, "norms.speak", house.officer, path,
                form: ["member": member, "is-head": head, "stance": "agree", "words": "同意"])
        }
        let shown = try await page(house, "norms.meeting", house.leader, path)
        #expect(shown.contains("1 agree") && shown.contains("The head has spoken last"))
    }

    @Test(
        "The progress of a plan is public, with charts and a file; its summary has charts too",
        arguments: TestStore.engines)
    func plans(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.filed("strategy.plan", PlanTests.answers)
        try await house.act(file.id, "submit")
        try await house.act(file.id, "approve", house.leader)
        for language in Language.allCases {
            let list = try await page(house, "plans.list", .everyone, language: language)
            #expect(list.contains(file.number))
            let shown = try await page(house, "plans.show", .everyone, ["number": file.number], language: language)
            #expect(shown.contains("研发强度") && shown.contains("<svg") && shown.contains("<details>"))
        }
        let whole = try await house.house.db.read { tx in
            try PlanStore.whole(try PlanStore.list(kind: nil, before: nil, limit: 1, tx), tx)[0]
        }
        #expect(PlanLine.lines(whole, house.house.city, house.house.today).count == 8)
        let csv = try await answer(
            house, "plans.show", .everyone, ["number": file.number], query: [.init(name: "format", value: "csv")])
        #expect(csv.disposition?.contains("csv") == true)
        await #expect(throws: PlainProblem.self) {
            try await answer(house, "plans.list", .everyone, query: [.init(name: "format", value: "doc")])
        }
        let visit = Visit(actor: house.leader, now: house.clock.now())
        let summary = try await house.strategy.summary(visit)
        #expect(summary.string.contains("各规划指标达标情况"))
    }

    @Test("Lists ask the same number of questions whatever their length", arguments: TestStore.engines)
    func constantQueries(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let routes = ["plans.list", "consultations.list"]
        func add() async throws {
            let plan = try await house.filed("strategy.plan", PlanTests.answers)
            try await house.act(plan.id, "submit")
            try await house.act(plan.id, "approve", house.leader)
            let file = try await house.drafting()
            try await house.act(
                file.id, "open-consultation", nil, ["days": 30, "explanation": "说明起草的背景和主要内容。"])
        }
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for route in routes {
                counts.append(try await QueryCounter.count { _ = try await page(house, route, .everyone) })
            }
            return counts
        }
        try await add()
        let few = try await counts()
        for _ in 0..<3 { try await add() }
        #expect(try await counts() == few)
        #expect(few.allSatisfy { $0 <= 8 })
    }
}
