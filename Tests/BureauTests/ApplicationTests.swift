import BureauTestSupport
import Funding
import Kernel
import Logging
import Store
import StoreTestSupport
import Synchronization
import Testing

@testable import Bureau

@Suite("Applying and deciding")
struct ApplicationTests {
    @Test("A second draft for the same call and organisation is the first one", arguments: TestStore.engines)
    func oneDraft(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let place = applicant.memberships[0].organisation
        let first = try await house.services.funding.applications.start(
            call: call.number, organisation: place, by: applicant)
        let second = try await house.services.funding.applications.start(
            call: call.number, organisation: place, by: applicant)
        #expect(first.id == second.id)
        let stranger = try await house.actor("officer")
        await #expect(throws: ApplicationError.notAMember) {
            try await house.services.funding.applications.start(call: call.number, organisation: place, by: stranger)
        }
    }

    @Test(
        "An incomplete application is refused with every problem at once, and nothing moves",
        arguments: TestStore.engines)
    func incomplete(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let item = try await house.services.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        do {
            try await house.act(item.id, "submit", applicant)
            Issue.record("an empty application was taken")
        } catch ProcedureError.refused(let problems) {
            let fields = Set(problems.map(\.field))
            #expect(
                fields.isSuperset(of: ["title-zh", "title-en", "abstract", "requested", "plan", "budget", "ethics"]))
            #expect(problems.allSatisfy { !$0.message.zh.isEmpty && !$0.message.en.isEmpty })
        }
        let file = try await house.house.db.read { tx in try CaseStore.require(item.id, tx) }
        #expect(file.step == "draft")
    }

    @Test(
        "Nobody acts on what is not in their hands, and the same person does not do both steps",
        arguments: TestStore.engines)
    func hands(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        for login in ["applicant", "organisation", "leader", "treasurer", "auditor", "admin"] {
            let actor = try await house.actor(login)
            do {
                try await house.act(item.id, "accept", actor)
                Issue.record("\(login) passed the formal check")
            } catch let problem as ProcedureError {
                #expect([.notYours, .unknownCase].contains(problem), "\(login): \(problem)")
            }
        }
        await #expect(throws: ProcedureError.unknownCase) {
            try await house.act(item.id, "accept", try await house.actor("expert1"))
        }
    }

    @Test("A late submission is refused with the dates", arguments: TestStore.engines)
    func late(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let item = try await house.services.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        _ = try await house.services.funding.applications.replace(
            item.id, answers: TestHouse.answers(1), expecting: 0, by: applicant)
        house.move(days: 21)
        do {
            try await house.act(item.id, "submit", applicant)
            Issue.record("a late application was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.code) == ["call.not-open"])
            #expect(problems[0].message.zh.contains(call.closesOn.description))
        }
    }

    @Test("What somebody else saved in between is not overwritten", arguments: TestStore.engines)
    func stale(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let applications = house.services.funding.applications
        let item = try await applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        _ = try await applications.replace(item.id, answers: ["title-zh": "甲"], expecting: 0, by: applicant)
        await #expect(throws: ProcedureError.stale) {
            try await applications.replace(item.id, answers: ["title-zh": "乙"], expecting: 0, by: applicant)
        }
    }

    @Test("A correction has its days, and lapses by itself when they are over", arguments: TestStore.engines)
    func correctionLapses(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let item = try await house.submit(1, call: call)
        let officer = try await house.actor("officer")
        await #expect(throws: ProcedureError.self) { try await house.act(item.id, "request-correction", officer) }
        try await house.services.funding.findings.add(
            FindingDraft(
                code: "officer.finding", field: "plan", message: Bilingual("方案不清楚", "The plan is unclear"),
                basis: Bilingual("申报指南", "The call")), to: item.id, by: officer)
        await #expect(throws: ProcedureError.self) { try await house.act(item.id, "accept", officer) }
        let file = try await house.act(item.id, "request-correction", officer)
        let due = try #require(file.dueOn)
        #expect(try house.house.city.calendar.workingDays(after: house.house.today, through: due) == 5)
        let letters = try await house.house.db.read { tx in try Letters.list(of: item.id, tx) }
        #expect(letters.last?.template == "correction" && letters.last?.body.zh.contains("方案不清楚") == true)
        house.move(days: 14)
        try await Lapses.run(house.house)
        let after = try await house.house.db.read { tx in try CaseStore.require(item.id, tx) }
        #expect(after.step == "refused")
    }

    @Test("Processes that let the same case lapse at once do not call it a fault", arguments: TestStore.engines)
    func lapsesOnce(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let officer = try await house.actor("officer")
        try await house.services.funding.findings.add(
            FindingDraft(
                code: "officer.finding", field: "plan", message: Bilingual("方案不清楚", "The plan is unclear"),
                basis: Bilingual("申报指南", "The call")), to: item.id, by: officer)
        try await house.act(item.id, "request-correction", officer)
        house.move(days: 14)
        let lines = Lines()
        let logger = Logger(label: "lapses") { _ in Recorder(lines: lines) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await Lapses.run(house.house, logger) } }
            try await group.waitForAll()
        }
        #expect(lines.text.withLock { $0 } == "")
        let after = try await house.house.db.read { tx in try CaseStore.require(item.id, tx) }
        #expect(after.step == "refused")
    }

    @Test("Every case has one unbroken chain, and a changed event is found", arguments: TestStore.engines)
    func chain(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let db = house.house.db
        let faults = try await db.read { tx in try Record.faults(inChainOf: item.id, tx) }
        #expect(faults.isEmpty)
        await #expect(throws: (any Error).self) {
            try await db.write { tx in _ = try tx.run("UPDATE event SET actor_name = 'X'") }
        }
        await #expect(throws: (any Error).self) { try await db.write { tx in _ = try tx.run("DELETE FROM event") } }
        while try await Record.sequence(in: db) > 0 {}
        let (events, placed) = try await db.read { tx in
            (
                try tx.value("SELECT COUNT(*) FROM event") as Int?,
                try Record.size(tx)
            )
        }
        #expect(events == placed)
    }

    @Test("A call above what its programme has left is refused", arguments: TestStore.engines)
    func budget(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let officer = try await house.actor("officer")
        let calls = house.services.funding.calls
        var content = CallContent.standard(title: Bilingual("大", "Big"))
        content.summary = Bilingual("摘要", "Summary")
        content.form = Form(sections: [
            FormSection(
                name: "a", title: Bilingual("甲", "A"),
                fields: [FormField(name: "x", label: Bilingual("乙", "X"), kind: .text)])
        ])
        let today = house.house.today
        let call = try await calls.draft(
            content, programme: "natural-science", year: today.parts.year, opensOn: today,
            closesOn: today.adding(days: 9),
            budget: Money(fen: 19_999_999_999), by: officer)
        do {
            _ = try await calls.propose(call.id, by: officer)
            Issue.record("a call beyond the budget was proposed")
        } catch CallError.incomplete(let problems) {
            #expect(problems.map(\.code) == ["call.over-budget"])
        }
        await #expect(throws: CallError.notProposed) {
            try await calls.publish(call.id, by: try await house.actor("leader"))
        }
    }
}
