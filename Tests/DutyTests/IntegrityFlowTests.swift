import BureauTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding
@testable import Portal

@Suite("Integrity across the rooms of the house")
struct IntegrityFlowTests {
    private func tick(_ house: TestHouse) async throws {
        await Jobs(services: house.services, mail: nil).tick()
    }

    private func states(_ list: String, _ house: TestHouse) async throws -> [String: Int] {
        let states = try await house.house.db.read { tx in try RegisterStore.states([list], tx)[list] ?? [] }
        return Dictionary(uniqueKeysWithValues: states.map { ($0.state, $0.count) })
    }

    private func accept(_ house: TestHouse, _ project: Project, _ outcome: String) async throws {
        let (officer, applicant) = (try await house.actor("officer"), try await house.actor("applicant"))
        let revision = try await house.house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        let values = [
            "summary-report": "按合同完成了部分研究内容，原型系统未能达到指标。", "results.0.name": "论文",
            "results.0.reached": "1 篇", "results.0.evidence": "检索证明", "spent": "1000",
        ]
        _ = try await house.funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: applicant)
        try await house.act(project.id, "apply-acceptance", applicant)
        try await house.act(project.id, "forward", officer)
        try await house.act(
            project.id, "propose-outcome", officer, ["outcome": .string(outcome), "opinion": "意见", "surplus": 0])
        try await house.act(project.id, "decide", try await house.actor("leader"))
    }

    /// Pays the first tranche, so that there is something to come back.
    private func pay(_ house: TestHouse, _ project: Project) async throws {
        let first = try #require(try await house.tranches(project).first)
        try await house.pay(first)
    }

    @Test("The three lists follow the events of projects", arguments: TestStore.engines)
    func lists(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        try await pay(house, project)
        try await tick(house)
        #expect(try await states("integrity.overdue-acceptance", house).isEmpty)
        let due = try #require(try await house.house.db.read { tx in try CaseStore.require(project.id, tx).dueOn })
        // NSFC Regulation 27: the final report within 60 days after the term.
        let end = try #require(project.endsOn)
        #expect(due == end.adding(days: 60))
        house.move(days: due.number - house.house.today.number)
        try await tick(house)
        #expect(try await states("integrity.overdue-acceptance", house).isEmpty)
        house.move(days: 1)
        try await tick(house)
        #expect(try await states("integrity.overdue-acceptance", house) == ["listed": 1])
        try await accept(house, project, "failed")
        try await tick(house)
        #expect(try await states("integrity.overdue-acceptance", house) == ["removed": 1])
        #expect(try await states("integrity.failed-acceptance", house) == ["listed": 1])
        #expect(try await states("integrity.overdue-refund", house).isEmpty)
        house.move(days: 40)
        try await tick(house)
        #expect(try await states("integrity.overdue-refund", house) == ["listed": 1])
        let claimed = try await house.house.db.read { tx in try RecoveryStore.list(project: project.id, tx) }
        try await house.funding.projects.settle(
            try #require(claimed.first).id, by: try await house.actor("treasurer"))
        try await tick(house)
        #expect(try await states("integrity.overdue-refund", house) == ["removed": 1])
        // The investigator is barred for three years, and the list forgets with the bar.
        let applicant = try await house.actor("applicant")
        let today = house.house.today
        let bars = try await house.house.db.read { tx in
            try Bars.inForce(people: [applicant.person].compactMap(\.self), for: .awards, on: today, tx)
        }
        #expect(bars.count == 1)
        house.move(days: 3 * 366)
        try await tick(house)
        #expect(try await states("integrity.failed-acceptance", house) == ["removed": 1])
    }

    @Test("What the auditor passes on becomes one case of the division", arguments: TestStore.engines)
    func passedOn(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        try await pay(house, project)
        try await house.house.db.write { tx in
            try tx.run("UPDATE project SET ends_on = '2020-01-01' WHERE case_id = \(project.id)")
        }
        let desk = FlagDesk(house.house)
        try await desk.run()
        let hits = try await house.house.db.read { tx in try FlagDesk.list("paid-after-term", limit: 10, tx) }
        let hit = try #require(hits.first)
        let auditor = try await house.actor("auditor")
        try await desk.look(hit.flag, hit.subject, .explained, reason: "尾款", by: auditor)
        try await tick(house)
        func opened() async throws -> [CaseFile] {
            try await house.house.db.read { tx in try Worklist.at("integrity.case", "draft", limit: 10, tx) }
        }
        #expect(try await opened().isEmpty)
        try await desk.look(hit.flag, hit.subject, .passedOn, reason: "合同已到期仍付款", by: auditor)
        for _ in 0..<2 { try await tick(house) }
        let files = try await opened()
        let file = try #require(files.first)
        let answers = try await house.house.db.read { tx in try CaseStore.answers(file.id, tx).content }
        #expect(files.count == 1 && answers["source"] == "audit")
        let facts = answers["facts"]?.string ?? ""
        for word in [project.number, "合同已到期仍付款", "paid-after-term"] { #expect(facts.contains(word), "\(word)") }
        #expect(!house.house.procedures.maySee(try await house.actor("applicant"), file))
    }

    @Test("Both draws of an inspection can be run again, and inspectors are free of conflict")
    func draws() async throws {
        let house = try await TestHouse(.sqlite)
        try await house.tell("integrity.yaml")
        let number: String? = try await house.house.db.read { tx in
            try tx.value("SELECT number FROM case_file WHERE procedure = 'integrity.inspection' ORDER BY id LIMIT 1")
        }
        let table = try house.services.routeTable()
        let route = try #require(table.route("inspections.protocol"))
        for stage in ["objects", "inspectors"] {
            let visit = Visit(
                actor: .everyone, values: ["number": try #require(number), "stage": stage],
                now: house.house.clock.now())
            guard case .bytes(let bytes, _) = try await route.handler(visit).content else {
                Issue.record("no protocol")
                return
            }
            let json = try JSONValue(parsing: bytes)
            #expect(DrawCheck.faults(json).isEmpty)
            guard case .object(var other) = json else { return }
            other["seed"] = "another seed"
            #expect(!DrawCheck.faults(.object(other)).isEmpty)
        }
    }

    @Test("Every query of credit is kept with its purpose, and answers whoever asked", arguments: TestStore.engines)
    func queries(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let table = try house.services.routeTable()
        let officer = try await house.actor("officer")
        let place = try await house.actor("applicant").memberships[0].organisation
        let uscc = try await house.house.db.read { tx in try Registry.organisation(place, tx)?.uscc }
        let ask = try #require(table.route("credit.query"))
        func visit(_ code: String, _ purpose: String) -> Visit {
            Visit(
                actor: officer, method: .post, form: FormBody(["code": code, "purpose": purpose]),
                now: house.house.clock.now())
        }
        #expect(try await ask.handler(visit("nobody", "")).status == 422)
        let answer = try await ask.handler(visit(try #require(uscc), "立项前核查"))
        #expect(answer.status == 303)
        let kept: Int? = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM integrity_query WHERE subject = \(place)")
        }
        #expect(kept == 1)
        await #expect(throws: (any Error).self) {
            try await house.house.db.write { tx in try tx.run("DELETE FROM integrity_query") }
        }
    }

    @Test("A pledge is signed with what is handed in", arguments: TestStore.engines)
    func pledges(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let applicant = try await house.actor("applicant")
        let (letters, signed) = try await house.house.db.read { tx in
            (
                try Letters.list(of: item.id, tx).map(\.template),
                try Pledges.signed(by: applicant.person?.text ?? "", tx)
            )
        }
        #expect(letters.contains("pledge"))
        #expect(signed.last?.activity == .projects && signed.last?.matter == item.number)
    }

    @Test("A bar that is reduced on appeal ends with its shorter term", arguments: TestStore.engines)
    func expiry(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        try await house.tell("integrity.yaml")
        let expert = try await house.actor("expert12")
        func inForce() async throws -> Int {
            let today = house.house.today
            return try await house.house.db.read { tx in
                try Bars.inForce(people: [expert.person].compactMap(\.self), for: .awards, on: today, tx).count
            }
        }
        func steps() async throws -> [String] {
            try await house.house.db.read { tx in
                try tx.rows("SELECT step FROM case_file WHERE procedure = 'integrity.case' ORDER BY id") {
                    try $0["step"]
                }
            }
        }
        #expect(try await inForce() == 1)
        #expect(try await steps().contains("in-force"))
        house.move(days: 366)
        #expect(try await inForce() == 0)
        try await tick(house)
        #expect(try await steps().contains("ended"))
    }
}
