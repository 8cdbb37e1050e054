import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("The pool as the bureau sees it")
struct ExpertDeskTests {
    private func pool(_ house: TestHouse) async throws -> [Expert] {
        try await house.house.db.read { tx in try ExpertStore.list(limit: 100, tx) }
    }

    private func own(_ house: TestHouse, _ login: String) async throws -> Expert {
        let account = try await house.actor(login).account
        let found = try await house.house.db.read { tx in
            try account.flatMap { try ExpertStore.find(account: $0, tx) }
        }
        return try #require(found)
    }

    private func page(
        _ house: TestHouse, _ route: String, _ login: String, id: ID<Expert>? = nil, query: [(String, String)] = [],
        form: [(String, String)] = [], status: Int = 200
    ) async throws -> String {
        let answer = try await house.visit(
            route, try await house.actor(login), values: ["id": id?.text ?? ""], query: query, form: form)
        #expect(answer.status == status, "\(route)")
        return text(answer)
    }

    @Test(
        "Who looks after reviews sees how the work came in, on the list, in its file and on the expert's page; others do not",
        arguments: TestStore.engines)
    func timeliness(engine: Engine) async throws {
        let (house, call, _) = try await TestHouse.closed(engine)
        let round = try await house.draw(call)
        try await house.judge(round)
        let words = "1 invited, 1 answered, 1 accepted, 1 delivered, 1 in time"
        let judge = try #require(try await house.assignments(round).first).expert
        for login in ["officer", "leader", "auditor"] {
            #expect(try await page(house, "desk.experts", login).contains(words), "\(login)")
            let shown = try await page(house, "desk.experts.show", login, id: judge)
            #expect(shown.contains("<dt>Delivered in time</dt><dd>1</dd>") && shown.contains("source to be checked"))
            #expect(shown.contains("<form") == (login == "officer"), "\(login)")
        }
        let treasurer = try await page(house, "desk.experts", "treasurer")
        #expect(!treasurer.contains("in time") && !treasurer.contains("/desk/experts/\(judge)"))
        let table = try house.services.routeTable()
        let access = try #require(table.route("desk.experts.show")).access
        for login in ["treasurer", "applicant", "organisation", "expert1", "admin"] {
            let actor = try await house.actor(login)
            #expect(!access.allows(actor), "\(login)")
        }
        var sizes: [Int] = []
        for login in ["auditor", "treasurer"] {
            let answer = try await house.visit(
                "desk.experts", try await house.actor(login), query: [("format", "csv")])
            guard case .stream(_, let body) = answer.content else {
                Issue.record("no stream")
                return
            }
            var writer = BodyWriter(nil)
            try await body(&writer)
            sizes.append(writer.count)
        }
        let experts = try await pool(house).count
        #expect(sizes[0] > sizes[1] + words.utf8.count && sizes[1] > 20 * experts, "\(sizes)")
    }

    @Test("The pool is filtered by language", arguments: TestStore.engines)
    func language(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let all = try await pool(house)
        let readers = Set(all.filter { $0.languages.contains(.japanese) }.map(\.id))
        #expect(!readers.isEmpty && readers.count < all.count)
        for (value, shown) in [("ja", readers), ("", Set(all.map(\.id))), ("nonsense", Set(all.map(\.id)))] {
            let list = try await page(house, "desk.experts", "officer", query: [("language", value)])
            for expert in all {
                #expect(list.contains("/desk/experts/\(expert.id)\"") == shown.contains(expert.id), "\(value)")
            }
        }
    }

    @Test(
        "An officer tells languages and times away of an expert, what is wrong is told beside its field",
        arguments: TestStore.engines)
    func officer(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (expert, today) = (try await own(house, "expert3"), house.house.today)
        func send(_ route: String, _ form: [(String, String)], status: Int) async throws -> String {
            try await page(house, route, "officer", id: expert.id, form: form, status: status)
        }
        let none = try await send("desk.experts.languages", [], status: 422)
        #expect(none.contains("id=\"e-languages\"") && none.contains("Choose at least one language"))
        let strange = try await send("desk.experts.languages", [("languages", "fr"), ("languages", "xx")], status: 422)
        #expect(strange.contains("value=\"fr\" checked"))
        _ = try await send("desk.experts.languages", [("languages", "fr"), ("languages", "en")], status: 303)
        #expect(try await own(house, "expert3").languages == [.english, .french])
        let wrong = try await send(
            "desk.experts.absences.add", [("from", "2026-13-01"), ("to", ""), ("note", "出差<b>")], status: 422)
        for name in ["from", "to"] { #expect(wrong.contains("id=\"e-\(name)\"")) }
        #expect(wrong.contains("value=\"2026-13-01\"") && wrong.contains("value=\"出差&lt;b&gt;\""))
        _ = try await send(
            "desk.experts.absences.add", [("from", today.description), ("to", today.description), ("note", "出差")],
            status: 303)
        let shown = try await page(house, "desk.experts.show", "auditor", id: expert.id)
        #expect(shown.contains("出差") && shown.contains(today.text(.english)) && shown.contains(">Away<"))
        #expect(try await page(house, "desk.experts", "leader").contains(">Away<"))
        let mine = try await page(house, "reviews.registration", "expert3")
        #expect(mine.contains("出差") && mine.contains("/reviews/absences/"))
        house.move(days: 1)
        #expect(try await !page(house, "desk.experts", "leader").contains(">Away<"))
        #expect(try await own(house, "expert3").isAvailable(on: house.house.today))
    }

    @Test("An expert's own form of times away keeps what was typed, and the entry beside it stays as it is kept")
    func registration() async throws {
        let house = try await TestHouse(.sqlite)
        let day = house.house.today.adding(days: 5)
        let expert = try await house.actor("expert4")
        func send(_ from: Day, _ to: Day) async throws -> Answer {
            try await house.visit(
                "reviews.absences.add", expert, form: [("from", from.description), ("to", to.description)])
        }
        let wrong = try await send(day, day.adding(days: -1))
        let page = text(wrong)
        #expect(wrong.status == 422 && page.contains("The last day is before the first"))
        let title = try await own(house, "expert4").title
        #expect(page.contains("value=\"\(day)\"") && page.contains("value=\"\(title)\""))
        #expect(try await send(day, day).status == 303)
        let twice = try await send(day, day)
        #expect(twice.status == 422 && text(twice).contains("It overlaps"))
    }

    @Test("The pages ask as much for many times away and experts as for few", arguments: TestStore.engines)
    func constant(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let expert = try await own(house, "expert1")
        let (officer, actor) = (try await house.actor("officer"), try await house.actor("expert1"))
        func counts() async throws -> [Int] {
            var counts: [Int] = []
            for (route, who) in [
                ("desk.experts", officer), ("desk.experts.show", officer), ("reviews.registration", actor),
                ("meetings.new", officer),
            ] {
                counts.append(
                    try await QueryCounter.count {
                        let answer = try await house.visit(route, who, values: ["id": expert.id.text])
                        #expect(answer.status == 200)
                    })
            }
            return counts
        }
        let few = try await counts()
        for login in ["expert1", "expert2", "expert3"] {
            for number in 1...10 {
                let day = house.house.today.adding(days: 10 * number).description
                try await house.funding.review.actions.addAbsence(
                    AbsenceEntry(from: day, to: day, note: ""), by: try await house.actor(login))
            }
        }
        #expect(try await counts() == few)
        #expect(few.allSatisfy { $0 <= 8 }, "\(few)")
    }

    @Test("A call that names a language is judged by those who read it", arguments: TestStore.engines)
    func call(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (officer, today) = (try await house.actor("officer"), house.house.today)
        var content = SampleCall.all[0].content
        content.language = .japanese
        let calls = house.funding.calls
        let draft = try await calls.draft(
            content, programme: "sustainable-development", year: today.parts.year, opensOn: today,
            closesOn: today.adding(days: 20), budget: Money(fen: 500_000_000), by: officer)
        let form = try await page(house, "desk.calls.show", "officer", id: ID(draft.id.text))
        #expect(form.contains("<option value=\"ja\" selected>Japanese</option>"))
        _ = try await calls.propose(draft.id, by: officer)
        let call = try await calls.publish(draft.id, by: try await house.actor("leader"))
        _ = try await house.checked(call)
        let due = house.house.today.adding(days: 14)
        await #expect(throws: ReviewError.tooFewExperts(1)) {
            _ = try await house.funding.review.open(call.id, load: 15, dueOn: due, by: officer)
        }
        let all = try await pool(house)
        let strangers = Set(all.filter { !$0.languages.contains(.japanese) }.prefix(3).map(\.id))
        for expert in all where !strangers.contains(expert.id) {
            try await house.funding.review.actions.setLanguages(["zh", "ja"], of: expert.id, by: officer)
        }
        _ = try await house.funding.review.open(call.id, load: 15, dueOn: due, by: officer)
        let drawn = try await house.funding.review.draw(call.id, seed: "public chance", by: officer)
        let eligible = Set(drawn.plan.items.flatMap(\.eligible))
        #expect(!eligible.isEmpty && eligible.isDisjoint(with: strangers))
    }
}
