import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

@Suite("Basic research across the rooms of the house")
struct BasicFlowTests {
    /// Brings an application to the formal check.
    /// - Parameter kind: another kind of programme than its call's, for what the law of the fund says nothing of.
    private func submit(_ house: TestHouse, _ call: Call, as kind: String? = nil) async throws -> Application {
        let (applicant, organisation) = (try await house.actor("applicant"), try await house.actor("organisation"))
        let applications = house.funding.applications
        let item = try await applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        if let kind {
            try await house.house.db.write { tx in try CaseValues.set(item.id, "programme-kind", .string(kind), tx) }
        }
        _ = try await applications.replace(item.id, answers: TestHouse.answers(2), expecting: 0, by: applicant)
        try await house.act(item.id, "submit", applicant)
        try await house.act(item.id, "endorse", organisation)
        return item
    }

    private func file(_ id: ID<CaseFile>, _ house: TestHouse) async throws -> CaseFile {
        try await house.house.db.read { tx in try CaseStore.require(id, tx) }
    }

    @Test("The fund's clocks are those of its law; other programmes keep theirs", arguments: TestStore.engines)
    func clocks(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let calendar = house.house.city.calendar
        let fund = try await house.call("natural-science")
        let item = try await house.submit(1, call: fund)
        // Article 13: 45 days from the closing day, however early the application came.
        let check = try Period.calendarDays(45).end(after: fund.closesOn, calendar)
        #expect(try await file(item.id, house).dueOn == check)
        let other = try await submit(house, fund, as: "technology-general")
        #expect(try await file(other.id, house).dueOn != check)
        let clock = try await house.house.db.read { tx in try CaseStore.clocks(item.id, tx).last }
        #expect(clock?.basis?.zh.contains("第十三条") == true && clock?.needsChecking == false)
    }

    @Test("A call of the fund needs three experts for each application", arguments: TestStore.engines)
    func experts(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let officer = try await house.actor("officer")
        let model = try await house.call("natural-science")
        for (code, experts, isTaken) in [("natural-science", 2, false), ("natural-science", 3, true)] {
            var content = model.content
            content.expertsEach = experts
            let today = house.house.today
            let call = try await house.funding.calls.draft(
                content, programme: code, year: today.parts.year, opensOn: today, closesOn: today.adding(days: 30),
                budget: content.maximum, by: officer)
            #expect(call.content.unsuitableMost == 3)
            do {
                _ = try await house.funding.calls.propose(call.id, by: officer)
                #expect(isTaken)
            } catch let problem as any Problem {
                #expect(!isTaken && problem.fields.map(\.code) == ["call.fund-experts"])
            }
        }
    }

    @Test("Three reviewers may be named as unsuitable, and none of them is drawn", arguments: TestStore.engines)
    func unsuitable(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let pool = try await house.house.db.read { tx in try ExpertStore.active(tx) }
        let named = pool.filter { call.content.field.isEmpty || $0.fields.contains(call.content.field) }.prefix(3)
        let rows = named.map { expert -> JSONValue in
            ["name": .string(expert.name), "organisation": .string(expert.organisationName)]
        }
        let applications = house.funding.applications
        let item = try await applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        var answers = TestHouse.answers(1).object ?? [:]
        answers["unsuitable"] = .array(rows + rows.prefix(1))
        _ = try await applications.replace(item.id, answers: .object(answers), expecting: 0, by: applicant)
        do {
            try await house.act(item.id, "submit", applicant)
            Issue.record("a fourth name was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.field) == ["unsuitable"])
        }
        answers["unsuitable"] = .array(rows)
        _ = try await applications.replace(item.id, answers: .object(answers), expecting: 1, by: applicant)
        try await house.act(item.id, "submit", applicant)
        try await house.act(item.id, "endorse", try await house.actor("organisation"))
        try await house.act(item.id, "accept", officer)
        house.move(days: call.closesOn.number - house.house.today.number + 1)
        let due = house.house.today.adding(days: 14)
        _ = try await house.funding.review.open(call.id, load: 15, dueOn: due, by: officer)
        let drawn = try await house.funding.review.draw(call.id, seed: "public chance", by: officer)
        let eligible = Set(drawn.plan.items.flatMap(\.eligible))
        #expect(eligible.isDisjoint(with: named.map(\.id)) && drawn.results.allSatisfy { $0.drawn.count >= 3 })
    }

    private func refused(_ house: TestHouse, as kind: String? = nil) async throws -> Application {
        let officer = try await house.actor("officer")
        let item = try await submit(house, try await house.call("natural-science"), as: kind)
        try await house.funding.findings.add(
            FindingDraft(
                code: "officer.finding", field: "plan", message: Bilingual("不符合指南", "Not under the call"),
                basis: Bilingual("申报指南", "The call")), to: item.id, by: officer)
        try await house.act(item.id, "refuse", officer, ["reason-zh": "不符合指南", "reason-en": "Not under the call"])
        return item
    }

    private func ask(_ house: TestHouse, _ item: Application) async throws -> CaseFile {
        let applicant = try await house.actor("applicant")
        let filings = Filings(house.house)
        let file = try await filings.start("basic.reexamination", .init(parent: item.number), by: applicant)
        _ = try await filings.drafts.replace(
            file.id,
            answers: ["ground": "form", "grounds": "申请完全符合指南第三条。", "not-academic": true], expecting: 0,
            by: applicant)
        return file
    }

    @Test(
        "A re-examination is asked for within 15 days and decided within 60 by two people", arguments: TestStore.engines
    )
    func reexamination(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let applicant = try await house.actor("applicant")
        let item = try await refused(house)
        let told = house.house.today
        let file = try await ask(house, item)
        house.move(days: 15)
        try await house.act(file.id, "submit", applicant)
        let due = try Period.calendarDays(60).end(after: told.adding(days: 15), house.house.city.calendar)
        #expect(try await self.file(file.id, house).dueOn == due)
        house.move(days: 5)
        try await house.act(
            file.id, "propose", try await house.actor("officer"),
            ["outcome": "correct", "reason-zh": "形式审查有误。", "reason-en": "The check was wrong."])
        // The sixty days run on from the request.
        #expect(try await self.file(file.id, house).dueOn == due)
        try await house.act(file.id, "decide", try await house.actor("leader"))
        let letters = try await house.house.db.read { tx in try Letters.list(of: file.id, tx) }
        #expect(letters.last?.body.zh.contains("形式审查有误") == true && letters.last?.body.zh.contains(item.number) == true)
    }

    @Test("A late request, and one outside the fund, are refused", arguments: TestStore.engines)
    func lateReexamination(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let applicant = try await house.actor("applicant")
        let file = try await ask(house, try await refused(house))
        house.move(days: 16)
        do {
            try await house.act(file.id, "submit", applicant)
            Issue.record("a late request was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.first?.basis?.zh.contains("第十九条") == true)
        }
        let second = try await TestHouse(engine)
        let other = try await ask(second, try await refused(second, as: "technology-general"))
        await #expect(throws: ProcedureError.self) {
            try await second.act(other.id, "submit", try await second.actor("applicant"))
        }
    }

    @Test("Grades follow from scores and quota; who fails mends or leaves", arguments: TestStore.engines)
    func evaluation(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        try await house.tell("basic-research.yaml")
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let id: String? = try await house.house.db.read { tx in
            try tx.value("SELECT id FROM case_file WHERE procedure = 'basic.lab-evaluation' ORDER BY id LIMIT 1")
        }
        let evaluation = ID<CaseFile>(try #require(id))
        let labs = try await house.house.db.read { tx in
            try RegisterStore.list("basic.laboratories", limit: 50, tx).sorted { $0.number < $1.number }
        }
        #expect(labs.count == 5)
        let scores = zip(labs, [40, 95, 88, 70, 82]).map { lab, score -> JSONValue in
            ["number": .string(lab.number), "score": .integer(Int64(score))]
        }
        try await house.act(evaluation, "score", officer, ["scores": .array(scores), "opinion": "专家组意见"])
        try await house.act(evaluation, "confirm", leader)
        let after = try await house.house.db.read { tx in
            try RegisterStore.list("basic.laboratories", limit: 50, tx).sorted { $0.number < $1.number }
        }
        #expect(after.map { $0.content["last-grade"]?.string } == ["fail", "excellent", "good", "pass", "good"])
        #expect(after.map(\.state) == ["rectifying", "active", "active", "active", "active"])
        let mending = try #require(
            try await house.house.db.read { tx in try CaseStore.children(of: evaluation, tx).first })
        try await house.act(mending.id, "report", try await house.actor("organisation"), ["report": "已补齐队伍。"])
        try await house.act(mending.id, "propose-cancel", officer, ["reason": "仍未达到条件。"])
        try await house.act(mending.id, "again", leader, ["reason": "再给一次机会。"])
        try await house.act(mending.id, "report", try await house.actor("organisation"), ["report": "条件已具备。"])
        try await house.act(mending.id, "restore", officer, ["opinion": "合格。"])
        let restored = try await house.house.db.read { tx in
            try RegisterStore.require("basic.laboratories", labs[0].number, tx)
        }
        #expect(restored.state == "active")
    }

    @Test("The share of basic research is shown each year beside the law", arguments: TestStore.engines)
    func share(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        try await house.tell("basic-research.yaml")
        let table = try house.services.routeTable()
        let route = try #require(table.route("api.basic.share"))
        let answer = try await route.handler(Visit(actor: .everyone, now: house.house.clock.now()))
        guard case .encoded(_, let encode) = answer.content else { return }
        let json = try JSONValue(parsing: try encode())
        #expect(json["leastPerMille"] == 300)
        #expect(json["years"]?.array?.map { $0["perMille"]?.integer } == [310, 330, 340, 350])
        #expect(json["years"]?.array?.allSatisfy { $0["met"] == true } == true)
    }

    @Test("A yearly report begins with what the city knows already", arguments: TestStore.engines)
    func prefilled(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        try await house.tell("basic-research.yaml")
        _ = try await house.running(try await house.call("natural-science"))
        let table = try house.services.routeTable()
        let route = try #require(table.route("laboratories.report"))
        let administrator = try await house.actor("organisation")
        let lab = try await house.house.db.read { tx in
            try RegisterStore.list("basic.laboratories", RegisterFilter(name: "海洋观测"), limit: 1, tx).first
        }
        let answer = try await route.handler(
            Visit(
                actor: administrator, method: .post, values: ["number": try #require(lab).number],
                now: house.house.clock.now()))
        guard case .redirect(let address) = answer.content else {
            Issue.record("no draft")
            return
        }
        let id = ID<CaseFile>(String(address.dropFirst("/drafts/".count)))
        let known = try await house.house.db.read { tx in try CaseStore.answers(id, tx).content }
        #expect(known["period"] == "2025" && known["staff"] == 45 && known["projects"] == 1)
        #expect(known["hours"] == 1940 && known["funding"]?.integer ?? 0 > 0)
    }
}
