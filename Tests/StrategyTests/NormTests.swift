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
