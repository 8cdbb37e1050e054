import BureauTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding
@testable import Portal

/// The page on which an officer shares experts out: quotas, spread probabilities and chosen pairs.
@Suite("Page of the conditions of an assignment")
struct AssignmentPageTests {
    /// A call that has closed with one application at review.
    private struct Desk {
        let house: TestHouse
        let call: Call
        let item: Application
        let officer: Actor

        init(_ engine: Engine) async throws {
            let closed = try await TestHouse.closed(engine)
            house = closed.house
            call = closed.call
            item = closed.item
            officer = try await house.actor("officer")
        }

        func get(_ query: [(String, String)], _ language: Language = .english) async throws -> Answer {
            try await house.visit(
                "desk.assignment", officer, values: ["id": call.id.text], query: query, language: language)
        }

        func post(_ form: [(String, String)], _ language: Language = .english) async throws -> Answer {
            try await house.visit(
                "desk.assignment.open", officer, values: ["id": call.id.text], form: form, language: language)
        }

        /// What the page says would come out, by its hash.
        func commitment(_ query: [(String, String)]) async throws -> String {
            let html = text(try await get(query))
            let found = try #require(html.firstMatch(of: /name="commitment" value="([0-9a-f]+)"/))
            return String(found.1)
        }

        var due: String { house.house.today.adding(days: 14).description }

        func round() async throws -> Round? {
            let subject = call.id.text
            return try await house.house.db.read { tx in try RoundStore.find(subject: subject, tx) }
        }

        /// An expert who would be chosen and one who would not; neither is in conflict.
        func experts() async throws -> (chosen: Expert, spare: Expert) {
            let model = try await CallPlan.load(call.id, house.funding)
            let options = AssignmentOptions(mode: .best, seats: 2, load: 15)
            let result = try #require(
                try await house.funding.review.proposal(model.matter, options).outcome.results.first)
            let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
            func expert(_ id: ID<Expert>?) throws -> Expert { try #require(pool.first { $0.id == id }) }
            return (try expert(result.drawn.first), try expert(result.reserves.first))
        }

        func login(_ expert: Expert) async throws -> String {
            let found: String? = try await house.house.db.read { tx in
                try tx.value("SELECT login FROM account WHERE id = \(expert.account)")
            }
            return try #require(found)
        }
    }

    @Test(
        "Quotas, spreading and chosen pairs are tried, fixed with their reasons, shown in both languages and kept",
        arguments: TestStore.engines)
    func wholeWay(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let (chosen, spare) = try await desk.experts()
        let asked = [
            ("mode", "perturbed"), ("seats", "2"), ("load", "15"), ("cap", "80"), ("strength", "40"), ("apart", "yes"),
            ("quotas.1.group", "region:*"), ("quotas.1.most", "2"), ("pairs.0.rule", "force"),
            ("pairs.0.item", desk.item.number), ("pairs.0.expert", try await desk.login(spare)),
            ("pairs.2.rule", "forbid"), ("pairs.2.item", desk.item.number),
            ("pairs.2.expert", try await desk.login(chosen)),
        ]
        let tried = text(try await desk.get(asked))
        // Lines that are left empty take no place, and what was asked for stands in the form again.
        for word in [
            "name=\"pairs.0.reason\"", "name=\"pairs.1.reason\"", "name=\"quotas.0.group\"", "value=\"40\"",
            "<option value=\"region:*\" selected>", "<option value=\"forbid\" selected>", "name=\"due\"",
        ] { #expect(tried.contains(word), "\(word)") }
        let hash = try await desk.commitment(asked)

        let bad = try await desk.post(
            asked + [("commitment", hash), ("due", "1999-01-01"), ("pairs.0.reason", "唯一熟悉该装置的专家")])
        let told = text(bad)
        #expect(bad.status == 422)
        for word in ["id=\"e-due\"", "id=\"e-pairs.1.reason\"", "唯一熟悉该装置的专家", "value=\"1999-01-01\""] {
            #expect(told.contains(word), "\(word)")
        }
        #expect(!told.contains("id=\"e-pairs.0.reason\""))
        #expect(try await desk.round() == nil)

        let reasons = [("pairs.0.reason", "唯一熟悉该装置的专家"), ("pairs.2.reason", "本人提出不宜评审")]
        let fixed = try await desk.post(asked + reasons + [("commitment", hash), ("due", desk.due)])
        #expect((300..<400).contains(fixed.status))
        for (language, words) in [
            (
                Language.english,
                [
                    "Random, spread over more pairs", "Chosen: must judge", "Chosen: must not judge", "at most 2",
                    "Quota: Any one city", "40%", "Below is one sample",
                ]
            ),
            (
                Language.chinese,
                ["概率设上限并分散的随机", "指定：必须评审", "指定：不得评审", "至多 2 位", "名额：同一城市（每个城市）", "40%", "示例抽样"]
            ),
        ] {
            let page = text(try await desk.get([], language))
            for word in words + [spare.called[language], chosen.called[language]] + reasons.map(\.1) {
                #expect(page.contains(word), "\(word)")
            }
        }
        let ran = try await desk.house.visit(
            "desk.assignment.assign", desk.officer, values: ["id": desk.call.id.text],
            form: [("commitment", hash), ("seed", "public chance")])
        #expect((300..<400).contains(ran.status))
        let round = try #require(try await desk.round())
        let judges = Set(try await desk.house.assignments(round).map(\.expert))
        #expect(judges.count == 2 && judges.contains(spare.id) && !judges.contains(chosen.id))
        let file = try #require(
            try await desk.house.house.db.read { tx in try RoundStore.drawProtocol(round.id, tx) })
        #expect(DrawCheck.faults(file).isEmpty)
        for (_, reason) in reasons { #expect(!file.canonicalText.contains(reason)) }
    }

    @Test(
        "Everything that is wrong is told at its field at once, and what was typed stays", arguments: TestStore.engines)
    func wrong(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let asked = [
            ("mode", "perturbed"), ("seats", "many"), ("load", "15"), ("cap", "0"), ("strength", "101"),
            ("apart", "yes"), ("quotas.0.group", "field:own"), ("quotas.0.least", "few"), ("quotas.1.most", "1"),
            ("quotas.3.group", "field:520"), ("quotas.3.least", "2"), ("quotas.3.most", "1"),
            ("pairs.0.item", "NO-SUCH"), ("pairs.0.expert", "nobody"),
        ]
        for language in Language.allCases {
            let html = text(try await desk.get(asked, language))
            for field in [
                "seats", "cap", "strength", "quotas.0.group", "quotas.0.least", "quotas.1.group", "quotas.2.group",
                "quotas.2.most", "pairs.0.rule", "pairs.0.item", "pairs.0.expert",
            ] { #expect(html.contains("id=\"e-\(field)\""), "\(field)") }
            for typed in ["many", "101", "few", "NO-SUCH", "nobody"] {
                #expect(html.contains("value=\"\(typed)\""), "\(typed)")
            }
            #expect(
                html.contains(language == .chinese ? "请取消“同一单位的专家不评同一项”" : "drop “no two experts of one employer”"))
            #expect(!html.contains("name=\"due\""))
        }
        let sent = try await desk.post(asked + [("due", ""), ("commitment", "0")])
        #expect(sent.status == 422 && text(sent).contains("#f-due") && text(sent).contains("id=\"e-pairs.0.expert\""))
        #expect(try await desk.round() == nil)
    }

    @Test("A forced pair in conflict is refused at its field, with the conflict", arguments: TestStore.engines)
    func conflict(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let (_, spare) = try await desk.experts()
        try await desk.house.funding.review.actions.addTie(
            Tie(.relative, desk.item.investigator.text, source: "letter"), to: spare.id, by: desk.officer)
        var asked = [
            ("mode", "best"), ("seats", "2"), ("load", "15"), ("apart", "yes"), ("pairs.0.rule", "force"),
            ("pairs.0.item", desk.item.number), ("pairs.0.expert", try await desk.login(spare)),
        ]
        for (language, word) in [(Language.english, "near relative"), (Language.chinese, "近亲属")] {
            let html = text(try await desk.get(asked, language))
            #expect(html.contains("id=\"e-pairs.0.expert\"") && html.contains(word))
        }
        let sent = try await desk.post(asked + [("pairs.0.reason", "熟悉"), ("due", desk.due), ("commitment", "0")])
        #expect(sent.status == 422 && text(sent).contains("id=\"e-pairs.0.expert\""))
        #expect(try await desk.round() == nil)
        // To forbid what is in conflict is no mistake.
        asked[4].1 = "forbid"
        let hash = try await desk.commitment(asked)
        let fixed = try await desk.post(asked + [("pairs.0.reason", "近亲属"), ("due", desk.due), ("commitment", hash)])
        #expect((300..<400).contains(fixed.status))
    }

    @Test(
        "Who is away until the due day is in no plan for it: another day than was looked at is refused with its plan",
        arguments: TestStore.engines)
    func due(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let (chosen, _) = try await desk.experts()
        let today = desk.house.house.today
        let time = AbsenceEntry(
            from: today.adding(days: 1).description, to: today.adding(days: 14).description, note: "")
        try await desk.house.funding.review.actions.addAbsence(time, to: chosen.id, by: desk.officer)
        let asked = [("mode", "best"), ("seats", "2"), ("load", "15"), ("apart", "yes")]
        // The page proposes a later day, on which the expert is back.
        let hash = try await desk.commitment(asked)
        let refused = try await desk.post(asked + [("commitment", hash), ("due", desk.due)])
        let html = text(refused)
        #expect(refused.status == 412 && html.contains("value=\"\(desk.due)\""))
        #expect(try await desk.round() == nil)
        let found = try #require(html.firstMatch(of: /name="commitment" value="([0-9a-f]+)"/))
        let other = String(found.1)
        #expect(other != hash)
        let fixed = try await desk.post(asked + [("commitment", other), ("due", desk.due)])
        #expect((300..<400).contains(fixed.status))
        let round = try #require(try await desk.round())
        let kept = try #require(try await desk.house.house.db.read { tx in try RoundStore.keptPlan(round.id, tx) })
        #expect(kept.plan.experts.count > 1 && !kept.plan.experts.contains { $0.expert == chosen.id })
    }

    @Test("A fixed plan names its experts, though none of them could be chosen today", arguments: TestStore.engines)
    func names(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let asked = [("mode", "best"), ("seats", "2"), ("load", "15"), ("apart", "yes")]
        let hash = try await desk.commitment(asked)
        let fixed = try await desk.post(asked + [("commitment", hash), ("due", desk.due)])
        #expect((300..<400).contains(fixed.status))
        let outcome = try #require(try await CallPlan.load(desk.call.id, desk.house.funding).outcome())
        let drawn = outcome.results.flatMap(\.drawn)
        let experts = try await desk.house.house.db.write { tx in
            for one in drawn { try ExpertStore.leave(one, tx) }
            return try ExpertStore.all(drawn, tx)
        }
        #expect(experts.count == 2)
        for language in Language.allCases {
            let page = text(try await desk.get([], language))
            for expert in experts.values { #expect(page.contains(expert.called[language])) }
        }
    }

    @Test(
        "A city of six digits and a discipline that nobody knows are refused at their line",
        arguments: TestStore.engines)
    func unknownGroups(engine: Engine) async throws {
        let desk = try await Desk(engine)
        for (group, word) in [("region:440305", "first four digits"), ("field:999", "no discipline 999")] {
            let asked = [
                ("mode", "best"), ("seats", "2"), ("load", "15"), ("quotas.0.group", group), ("quotas.0.most", "1"),
                ("apart", "no"),
            ]
            let html = text(try await desk.get(asked))
            #expect(html.contains("id=\"e-quotas.0.group\"") && html.contains(word), "\(group)")
            #expect(!html.contains("name=\"due\""))
            let sent = try await desk.post(asked + [("due", desk.due)])
            #expect(sent.status == 422 && text(sent).contains("id=\"e-quotas.0.group\""), "\(group)")
        }
        #expect(try await desk.round() == nil)
        let known = try await desk.get([
            ("mode", "best"), ("seats", "2"), ("load", "15"), ("quotas.0.group", "field:520"), ("quotas.0.most", "2"),
        ])
        #expect(!text(known).contains("id=\"e-quotas.0.group\""))
    }

    @Test("A quota that nobody can fill is told with what is short, and not fixed", arguments: TestStore.engines)
    func short(engine: Engine) async throws {
        let desk = try await Desk(engine)
        let asked = [
            ("mode", "best"), ("seats", "2"), ("load", "15"), ("apart", "yes"), ("quotas.0.group", "region:9999"),
            ("quotas.0.least", "1"),
        ]
        let html = text(try await desk.get(asked))
        #expect(html.contains("1 expert of “The city of division 9999” is missing on: \(desk.item.number)"))
        #expect(html.contains("<option value=\"region:9999\" selected>") && !html.contains("name=\"due\""))
        let sent = try await desk.post(asked + [("due", desk.due)])
        #expect(sent.status == 422 && text(sent).contains("id=\"e-quotas.0.least\""))
        #expect(try await desk.round() == nil)
        // One city has all experts here: at most one of it leaves a seat empty, and the quota is named.
        let narrow = text(
            try await desk.get([
                ("mode", "best"), ("seats", "2"), ("load", "15"), ("quotas.0.group", "region:*"),
                ("quotas.0.most", "1"),
            ]))
        #expect(narrow.contains("1 seat cannot be filled") && narrow.contains("held back by the quota: Any one city"))
    }
}
