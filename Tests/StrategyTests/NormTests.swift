import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Strategy

@Suite("Drafting from the project list to the register", .serialized)
struct NormTests {
    @Test("A normative document goes its whole way, step by step", arguments: TestStore.engines)
    func wholeWay(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let (file, number) = try await house.issued()
        #expect(number == "深科创规〔2026〕1号")
        try await house.act(file.id, "file", nil, ["filed-with": "市司法局"])
        let entry = try #require(try await house.entry(of: file))
        let today = house.house.today
        #expect(entry.state == "in-force")
        #expect(entry.content["document-number"]?.string == number)
        #expect(
            entry.content["expires-on"]?.string == today.adding(days: 10).adding(years: 5).adding(days: -1).description)
        let rulings = try await house.house.db.read { tx in try RulingStore.list(of: file.id, tx).map(\.ruling.rule) }
        #expect(
            Set(rulings) == [
                "strategy.consultation", "strategy.fair-competition", "strategy.discussion", "strategy.validity",
            ])
    }

    @Test("Every other action than that of the step is refused: no step can be skipped", arguments: TestStore.engines)
    func noSkipping(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting()
        let later = ["finish", "pass-competition", "pass-legality", "adopt", "issue", "file"]
        for action in later {
            for actor in [house.officer, house.reviewer, house.leader, Actor.system] {
                let codes = await house.refusal { try await house.act(file.id, action, actor, [:]) }
                #expect(codes == ["case.action-not-open"], "\(action)")
            }
        }
        let asked: JSONValue = ["days": 30, "explanation": "说明起草的背景和主要内容。"]
        #expect(
            await house.refusal { try await house.act(file.id, "open-consultation", house.leader, asked) } == [
                "case.not-yours"
            ])
    }

    @Test(
        "The consultation has its legal length",
        arguments: [
            ("rule", false, 29, "紧急", ["consultation.short"]), ("rule", false, 30, "", []),
            ("local-law", true, 15, "紧急", ["consultation.short"]),
            ("department-document", false, 10, "", ["consultation.short"]),
            ("department-document", false, 10, "上级限期完成", []), ("government-document", true, 31, "", []),
            ("government-document", true, 0, "", ["field.small", "consultation.short"]),
        ])
    func length(kind: String, major: Bool, days: Int, reason: String, codes: [String]) async throws {
        let house = try await StrategyHouse(.sqlite)
        let file = try await house.drafting(kind, major: major)
        let found = await house.refusal {
            try await house.act(
                file.id, "open-consultation", nil,
                ["days": .integer(Int64(days)), "explanation": "说明起草的背景和主要内容。", "short-reason": .string(reason)])
        }
        #expect(found == codes)
    }

    @Test("A hearing is announced thirty days before, and a text without clauses is not shown to the public")
    func hearingAndText() async throws {
        let house = try await StrategyHouse(.sqlite)
        let file = try await house.drafting("rule")
        func open(_ days: Int) async -> [String] {
            await house.refusal {
                try await house.act(
                    file.id, "open-consultation", nil,
                    [
                        "days": 30, "explanation": "说明起草的背景和主要内容。", "hearing-place": "市民中心",
                        "hearing-on": .string(house.house.today.adding(days: days).description),
                    ])
            }
        }
        #expect(await open(29) == ["consultation.hearing"])
        #expect(
            await house.refusal {
                try await house.actions.save("没有条文", note: "x", of: file.id, after: 1, by: house.officer)
            } == ["norm.clauses"])
        #expect(
            await house.refusal {
                try await house.actions.save(StrategyHouse.text, note: "x", of: file.id, after: 1, by: house.officer)
            } == ["norm.same"])
        #expect(
            await house.refusal {
                try await house.actions.save("第一条 新", note: "x", of: file.id, after: 0, by: house.officer)
            } == ["case.stale"])
        #expect(
            await house.refusal {
                try await house.actions.save("第一条 新", note: "x", of: file.id, after: 1, by: house.stranger)
            } == ["case.unknown"])
        #expect(await open(30) == [])
        #expect(
            await house.refusal {
                try await house.actions.save("第一条 新", note: "x", of: file.id, after: 1, by: house.officer)
            } == ["case.action-not-open"])
    }

    @Test(
        "Comments by clause are answered before the consultation closes, and what was taken is in the text",
        arguments: TestStore.engines)
    func comments(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting()
        try await house.act(file.id, "open-consultation", nil, ["days": 30, "explanation": "说明起草的背景和主要内容。"])
        let number = try await house.house.db.read { tx in try NormStore.require(file.id, tx).number }
        func draft(_ clause: String, _ text: String) -> NormActions.CommentDraft {
            NormActions.CommentDraft(clause: clause, text: text, name: "某企业", contact: "13800000000")
        }
        #expect(
            await house.refusal { _ = try await house.actions.comment(draft("第九条", ""), on: number) } == [
                "comment.clause", "field.required",
            ])
        #expect(
            await house.refusal { _ = try await house.actions.comment(draft("", "x"), on: "QC-1") } == ["case.unknown"])
        let one = try await house.actions.comment(draft("第二条", "建议明确适用于基础研究项目"), on: number)
        let two = try await house.actions.comment(draft("", String(repeating: "好", count: 2_000)), on: number)
        let sealed = try await house.house.db.read { tx in try ConsultationStore.comment(one, tx)?.sealedFrom }
        #expect(try house.house.vault.open(try #require(sealed)).contains("13800000000"))

        #expect(
            await house.refusal { try await house.act(file.id, "close-consultation") } == [
                "consultation.open", "consultation.unanswered",
            ])
        #expect(
            await house.refusal { try await house.actions.answer(one, "maybe", reason: " ", by: house.officer) } == [
                "comment.verdict", "comment.reason",
            ])
        try await house.actions.answer(one, "partly", reason: "已在第二条增加", by: house.officer)
        try await house.actions.answer(two, "not-taken", reason: "已有规定", by: house.officer)
        house.move(days: 31)
        #expect(
            await house.refusal { _ = try await house.actions.comment(draft("", "晚了"), on: number) } == [
                "consultation.closed"
            ])
        try await house.act(file.id, "close-consultation")
        #expect(
            await house.refusal { try await house.act(file.id, "finish", nil, ["substantive": "no"]) } == [
                "norm.not-revised"
            ])
        let mended = StrategyHouse.text.replacing("科技计划项目。", with: "科技计划项目，含基础研究项目。")
        try await house.actions.save(mended, note: "采纳意见", of: file.id, after: 1, by: house.officer)
        #expect(
            await house.refusal { try await house.act(file.id, "finish", nil, ["substantive": "yes"]) } == [
                "norm.substantive"
            ])
        try await house.act(file.id, "finish", nil, ["substantive": "no"])
    }

    @Test("A major decision needs its experts and its risks")
    func major() async throws {
        let house = try await StrategyHouse(.sqlite)
        let file = try await house.drafting("government-document", major: true)
        try await house.consulted(file.id)
        #expect(
            await house.refusal { try await house.act(file.id, "finish", nil, ["substantive": "no"]) } == [
                "norm.major", "norm.major",
            ])
        try await house.act(
            file.id, "finish", nil, ["substantive": "no", "expert-opinion": "专家认为可行", "risk-note": "低风险"])
    }

    @Test(
        "Banned content stays only with an exception that has its reason and its end",
        arguments: [
            (["applies": "no"] as [String: JSONValue], [] as [String]),
            (
                ["applies": "yes"],
                [
                    "competition.missing", "competition.missing", "competition.missing", "competition.missing",
                    "competition.missing",
                ]
            ),
            (["costs": "yes", "ground": "none"], ["competition.refused"]),
            (
                ["costs": "yes", "ground": "innovation", "necessary": "yes", "ground-reason": "支持早期创新"],
                ["competition.refused"]
            ),
            (
                ["costs": "yes", "ground": "innovation", "necessary": "yes", "ends-on": "2027-12-31"],
                ["competition.refused"]
            ),
            (
                [
                    "costs": "yes", "ground": "innovation", "necessary": "no", "ends-on": "2027-12-31",
                    "ground-reason": "x",
                ], ["competition.refused"]
            ),
            (
                [
                    "costs": "yes", "ground": "innovation", "necessary": "yes", "end-condition": "专项结束",
                    "ground-reason": "支持早期创新",
                ], []
            ),
            (["heard": "no"], ["competition.refused"]),
        ])
    func competition(given: [String: JSONValue], codes: [String]) async throws {
        let house = try await StrategyHouse(.sqlite)
        let file = try await house.drafting()
        try await house.consulted(file.id)
        try await house.act(file.id, "finish", nil, ["substantive": "no"])
        var answers: [String: JSONValue] = ["conclusion": "经审查形成结论。"]
        if given["applies"] == nil { answers.merge(StrategyHouse.clear.object ?? [:]) { _, new in new } }
        answers.merge(given) { _, new in new }
        let found = await house.refusal { try await house.act(file.id, "pass-competition", nil, .object(answers)) }
        #expect(found == codes)
    }

    @Test("The legality review takes its seven working days and another person", arguments: TestStore.engines)
    func legality(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting()
        try await house.consulted(file.id)
        try await house.act(file.id, "finish", nil, ["substantive": "no"])
        try await house.act(file.id, "pass-competition", nil, StrategyHouse.clear)
        let opinion: JSONValue = ["opinion": "权限、程序和内容合法。"]
        #expect(
            await house.refusal { try await house.act(file.id, "pass-legality", house.officer, opinion) } == [
                "case.same-person"
            ])
        #expect(
            await house.refusal { try await house.act(file.id, "pass-legality", house.reviewer, opinion) } == [
                "case.too-early"
            ])
        house.move(days: 7)
        #expect(
            await house.refusal { try await house.act(file.id, "pass-legality", house.reviewer, opinion) } == [
                "case.too-early"
            ])
        house.move(days: 7)
        try await house.act(file.id, "pass-legality", house.reviewer, opinion)
    }

    @Test("The head speaks last, and gives reasons against the majority", arguments: TestStore.engines)
    func meeting(engine: Engine) async throws {
        let house = try await StrategyHouse(engine)
        let file = try await house.drafting()
        try await house.reviewed(file.id)
        func speak(_ member: String, _ isHead: Bool = false, _ stance: String = "against") async -> [String] {
            await house.refusal {
                try await house.actions.speak(
                    file.id, member: member, isHead: isHead, stance: stance, words: "", by: house.officer)
            }
        }
        #expect(
            await house.refusal { try await house.act(file.id, "end-meeting") } == ["discussion.not-discussed"])
        #expect(await speak("局长", true) == ["opinion.head-first"])
        #expect(await speak("甲") == [])
        #expect(await speak("甲") == ["opinion.twice"])
        #expect(await speak("", false, "never") == ["field.required", "field.choice"])
        #expect(await speak("乙") == [])
        #expect(
            await house.refusal { try await house.act(file.id, "end-meeting") } == ["discussion.head-not-last"])
        #expect(await speak("局长", true, "agree") == [])
        #expect(await speak("丙") == ["opinion.after-head"])
        try await house.act(file.id, "end-meeting")
        #expect(await speak("丁") == ["case.action-not-open"])
        #expect(await house.refusal { try await house.act(file.id, "adopt", house.officer) } == ["case.not-yours"])
        #expect(
            await house.refusal { try await house.act(file.id, "adopt", house.leader) } == ["discussion.unreasoned"])
        try await house.act(file.id, "adopt", house.leader, ["reason": "风险可控，分步实施。"])
    }
}
