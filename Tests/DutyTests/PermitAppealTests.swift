import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

@Suite("Refusals, appeals and who may do what with permits")
struct PermitAppealTests {
    /// An application that relies on points it does not have.
    private func refused(_ city: PermitHouse) async throws -> ID<CaseFile> {
        var answers = city.answers()
        (answers["route"], answers["post-kind"], answers["years-of-work"]) = ("b6", "none", 1)
        (answers["annual-salary"], answers["education"], answers["months-per-year"]) = (10_000_000, "bachelor", 12)
        let id = try await city.draft(.newAbroad, answers)
        try await city.act(id, "submit", city.employer)
        return id
    }

    @Test(
        "Points below the line are a finding; a person refuses, with rule, article, fact, remedy and appeal",
        arguments: TestStore.engines)
    func points(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await refused(city)
        #expect(try await city.open(id) == ["category.route"])
        try await city.act(id, "accept", city.officer)
        await #expect(throws: ProcedureError.self) { try await city.act(id, "approve", city.leader) }
        await #expect(throws: ProcedureError.self, "a refusal needs its reasons") {
            try await city.act(id, "refuse", city.leader)
        }
        let file = try await city.act(id, "refuse", city.leader, PermitHouse.refusal)
        #expect(file.step == "refused")
        let due = try Period.calendarDays(60).end(after: city.today, city.house.house.city.calendar)
        #expect(file.dueOn == due)
        let letter = try #require(try await city.letters(id).last)
        #expect(letter.body.zh.contains("积分") && letter.body.zh.contains("40号"))
        #expect(letter.body.en.contains("Rely on another condition") && letter.body.en.contains(due.text(.english)))
        let rulings = try await city.house.house.db.read { tx in try RulingStore.list(of: id, tx) }
        let stored = try #require(rulings.first)
        #expect(try city.house.house.rules.again(stored, book: city.house.house.city.rules) == nil)
    }

    @Test("An upheld refusal stays; a revoked one is examined anew, by another person", arguments: TestStore.engines)
    func appeal(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        for revokes in [false, true] {
            let id = try await refused(city)
            try await city.act(id, "accept", city.officer)
            try await city.act(id, "refuse", city.leader, PermitHouse.refusal)
            let appeal = try await city.draft(
                .appeal,
                ["notified-on": city.text(city.today), "grounds": "工作年限计算有误", "wish": "撤销决定"], parent: id)
            try await city.act(appeal, "submit", city.employer)
            #expect(try await city.filing(id).step == "under-appeal")
            try await city.act(appeal, "accept", city.second)
            do {
                try await city.act(appeal, "maintain", city.leader, PermitHouse.reasons)
                Issue.record("the same person decided twice")
            } catch ProcedureError.refused(let problems) { #expect(problems.map(\.code) == ["permit.same-decider"]) }
            try await city.act(appeal, revokes ? "revoke" : "maintain", city.second, PermitHouse.reasons)
            let after = try await city.filing(id)
            #expect(after.step == (revokes ? "decision" : "upheld"))
            #expect(after.outcome == (revokes ? nil : "upheld"))
            guard revokes else { continue }
            let finding = try #require(try await city.findings(id).first { $0.state == .open })
            try await city.permits.findings.settle(
                finding.id, as: .overridden, reason: "复议决定", by: city.second)
            try await city.act(id, "approve", city.second)
            #expect(try await city.permit(of: id).state == .valid)
        }
    }

    @Test("Only a refusal can be appealed, and a late appeal is raised", arguments: TestStore.engines)
    func appealLimits(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await refused(city)
        await #expect(throws: PermitError.nothingToAppeal) {
            try await city.permits.filings.start(
                .appeal, organisation: city.organisation, parent: id, by: city.employer)
        }
        try await city.act(id, "not-accept", city.officer, PermitHouse.refusal)
        let told = city.today
        city.house.move(days: 70)
        let appeal = try await city.draft(
            .appeal, ["notified-on": city.text(told), "grounds": "计算有误请复核", "wish": "撤销"], parent: id)
        try await city.act(appeal, "submit", city.employer)
        #expect(try await city.open(appeal) == ["appeal.late"])
    }

    @Test("The same person does not accept and decide", arguments: TestStore.engines)
    func twoPeople(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers())
        try await city.act(id, "submit", city.employer)
        let both = Actor(
            account: city.officer.account, name: "both", roles: [.officer, .leader], division: nil)
        try await city.act(id, "accept", both)
        await #expect(throws: ProcedureError.samePerson) { try await city.act(id, "approve", both) }
    }

    @Test("Whoever is not concerned sees neither draft nor permit, nor files for others", arguments: TestStore.engines)
    func concerned(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers())
        let permit = try await city.permit(ending: 300)
        let stranger = try await city.house.actor("expert1")
        await #expect(throws: PermitError.unknown) {
            try await city.permits.filings.drafts.replace(id, answers: [:], expecting: 1, by: stranger)
        }
        await #expect(throws: PermitError.notAMember) {
            try await city.permits.filings.start(
                .cancellation, organisation: city.organisation, permit: permit.id, by: stranger)
        }
        let table = try city.house.services.routeTable()
        for (route, key) in [("permits.show", permit.id.text), ("permits.filings.show", id.text)] {
            let visit = Visit(
                actor: stranger, values: ["id": key], now: city.house.house.clock.now(), csrfToken: "t")
            await #expect(throws: PermitError.unknown, "\(route)") {
                try await table.route(route)?.handler(visit)
            }
        }
        #expect(PermitPages.maySee(city.officer, permit, nil))
        #expect(!PermitPages.maySee(try await city.house.actor("treasurer"), permit, nil))
    }

    @Test("An organisation registers as employer before it may ask for permits", arguments: TestStore.engines)
    func registration(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let (db, now, today) = (city.house.house.db, city.house.house.clock.now(), city.today)
        let other = Organisation(
            id: city.house.house.ids.make(), name: Bilingual("新公司", "New company"), uscc: "91440300708461136T",
            kind: .enterprise, address: "深圳")
        let account = try #require(city.employer.account)
        let actor = try await db.write { tx -> Actor in
            try Registry.add(other, source: "test", by: .system, at: now, on: today, tx)
            try Registry.setMember(account, of: other.id, roles: [.administrator], by: .system, at: now, tx)
            return try AccountStore.actor(try #require(try AccountStore.find(account, tx)), tx)
        }
        let filings = city.permits.filings
        await #expect(throws: PermitError.notAnEmployer) {
            try await filings.start(.newAbroad, organisation: other.id, by: actor)
        }
        let filing = try await filings.start(.employer, organisation: other.id, by: actor)
        #expect(try await filings.start(.employer, organisation: other.id, by: actor).caseID == filing.caseID)
        let answers: JSONValue = [
            "established-on": "2020-01-01", "trade": "C", "district": "440306", "contact": "李四",
            "telephone": "0755-1234567", "sector": "no", "honest": true,
        ]
        _ = try await filings.drafts.replace(filing.caseID, answers: answers, expecting: 0, by: actor)
        _ = try await filings.drafts.attach(
            filing.caseID, field: "licence", name: "licence.pdf", bytes: PermitHouse.pdf, by: actor)
        try await db.write { tx in
            try Registry.state(
                Fact(
                    subject: other.id.text, name: "serious-dishonesty", value: true, source: "test", from: today,
                    recordedBy: "test", recordedAt: now), tx)
        }
        try await city.act(filing.caseID, "submit", actor)
        #expect(try await city.open(filing.caseID) == ["employer.dishonest"])
        let finding = try #require(try await city.findings(filing.caseID).first)
        try await city.permits.findings.settle(
            finding.id, as: .overridden, reason: "已完成信用修复", by: city.officer)
        try await city.act(filing.caseID, "approve", city.officer)
        let employer = try await db.read { tx in try EmployerStore.find(other.id, tx) }
        #expect(employer?.state == .active && employer?.trade == "C")
        _ = try await filings.start(.newAbroad, organisation: other.id, by: actor)
    }
}
