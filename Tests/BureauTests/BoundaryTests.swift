import BureauTestSupport
import Funding
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What one must not reach: other people's files, one's own case from behind the counter, money twice.
@Suite("Boundaries")
struct BoundaryTests {
    private func officer(_ division: String, memberships: [Membership] = []) -> Actor {
        Actor(
            account: ID("0190aaaa-0000-7000-8000-000000000001"), name: "O", roles: [.officer], memberships: memberships,
            division: division)
    }

    /// Calls a route as an actor.
    private func call(
        _ house: TestHouse, _ route: String, _ actor: Actor, _ values: [String: String]
    ) async throws
        -> Answer
    {
        let found = try #require(try house.services.routeTable().route(route))
        return try await found.handler(
            Visit(
                actor: actor, method: found.method, route: route, values: values, now: house.house.clock.now(),
                csrfToken: "t"))
    }

    /// Files an objection to a notice.
    private func object(_ house: TestHouse, _ notice: Notice) async throws -> CaseFile {
        let home = house.house
        let objections = Objections(
            vault: home.vault, zone: home.city.zone, division: home.city.objectionsDivision)
        let (procedures, now, id) = (home.procedures, home.clock.now(), home.ids.make(CaseFile.self))
        let bytes = Array("%PDF-1.4 signed".utf8)
        let page = Document(
            id: home.ids.make(), caseID: id, field: "signed-page", name: "signed.pdf", size: bytes.count,
            hash: try home.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: now)
        let draft = ObjectionDraft(
            objector: .person, name: "张三", contact: "13800000000", address: "深圳", row: 1, statement: "内容重复",
            signedPage: page)
        return try await home.db.write { tx in
            try objections.file(draft, against: notice.number, as: id, procedures: procedures, at: now, tx)
        }
    }

    private func notice(_ house: TestHouse, _ decision: Decision) async throws -> Notice {
        let approved = try await house.funding.decisions.approve(
            decision.id, reason: "同意", by: try await house.actor("leader"))
        let found = try await house.house.db.read { tx in try approved.notice.flatMap { try NoticeStore.find($0, tx) } }
        return try #require(found)
    }

    @Test("Who objected is known to the division that handles it, and to nobody else in the bureau")
    func objectorIsHidden() async throws {
        let house = try await TestHouse(.sqlite)
        let notice = try await notice(house, try await house.proposed(try await house.call("natural-science")))
        let file = try await object(house, notice)
        let documents = try await house.house.db.read { tx in try DocumentStore.list(of: file.id, tx) }
        let page = try #require(documents.first)
        let handler = officer(house.house.city.objectionsDivision)
        _ = try await call(house, "documents.show", handler, ["id": page.id.text])
        let home = house.house
        func files(_ actor: Actor) async throws -> [String] {
            try await CasePackage.entries(file.id, for: actor, home).files.map(\.name).filter { $0.contains("/files/") }
        }
        #expect(try await files(handler).count == 1)
        var others = [officer("basic-research")]
        for login in ["leader", "treasurer", "auditor"] { others.append(try await house.actor(login)) }
        for actor in others {
            await #expect(throws: (any Error).self, "\(actor.roles)") {
                _ = try await call(house, "documents.show", actor, ["id": page.id.text])
            }
            #expect(try await files(actor).isEmpty, "\(actor.roles)")
        }
    }

    @Test(
        "Failure 5: the address of a file, which nobody can guess, gives it to those alone who may have it",
        arguments: TestStore.engines)
    func documents(engine: Engine) async throws {
        let (house, call, item) = try await TestHouse.closed(engine)
        let home = house.house
        let bytes = Array("%PDF-1.4 report".utf8)
        let document = Document(
            id: home.ids.make(), caseID: item.id, field: "report", name: "report.pdf", size: bytes.count,
            hash: try home.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: home.clock.now())
        try await home.db.write { tx in try DocumentStore.add(document, accepting: nil, tx) }
        let round = try await house.draw(call)
        let judges = try await house.assignments(round)
        let (one, pool) = (judges[0], try await home.db.read { tx in try ExpertStore.active(tx) })
        let judge = try await house.actor(one.expert)
        func isGiven(_ actor: Actor, _ id: String) async throws -> Bool {
            do {
                return try await self.call(house, "documents.show", actor, ["id": id]).status == 200
            } catch DocumentError.missing {
                return false
            }
        }
        let id = document.id.text
        for login in ["applicant", "organisation", "officer"] {
            #expect(try await isGiven(try await house.actor(login), id), "\(login)")
        }
        let undrawn = try #require(pool.first { expert in !judges.contains { $0.expert == expert.id } })
        let elsewhere = Membership(organisation: undrawn.organisation, roles: [.administrator, .sealHolder])
        let strange: ID<Account> = ID("0190aaaa-0000-7000-8000-000000000002")
        for actor in [
            Actor(account: strange, name: "S", roles: [.applicant]),
            Actor(account: strange, name: "S", roles: [.applicant], memberships: [elsewhere]),
            try await house.actor("admin"), try await house.actor(undrawn.id), judge,
        ] {
            #expect(try await !isGiven(actor, id), "\(actor.roles)")
            #expect(try await !isGiven(actor, "0190aaaa-0000-7000-8000-000000000003"), "\(actor.roles)")
        }
        // A judge has it from the declaration on, and no longer than the assignment.
        try await house.funding.sheets.accept(one.id, by: judge)
        #expect(try await isGiven(judge, id))
        try await house.funding.review.replace(one.id, reason: "逾期", by: try await house.actor("officer"))
        #expect(try await !isGiven(judge, id))
        // Whoever has one address cannot count on to the next.
        let made = (0..<500).map { _ in String(home.ids.make(Document.self).text.suffix(12)) }
        let steps = zip(made, made.dropFirst()).filter { $0.prefix(8) == $1.prefix(8) }
        #expect(Set(made).count == 500 && steps.isEmpty)
    }

    @Test("Nobody handles at the bureau what they or their organisation applied for")
    func ownCase() async throws {
        let house = try await TestHouse(.sqlite)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        let applicant = try await house.actor("applicant")
        let both = Actor(account: applicant.account, name: "B", roles: [.applicant, .officer])
        let colleague = officer(
            "basic-research",
            memberships: [Membership(organisation: item.organisation, roles: [.member])])
        for actor in [both, colleague] {
            await #expect(throws: ProcedureError.notYours) { try await house.act(item.id, "accept", actor) }
            let finding = FindingDraft(
                code: "officer.finding", field: "", message: Bilingual("甲", "A"), basis: Bilingual("乙", "B"))
            await #expect(throws: (any Error).self) {
                try await house.funding.findings.add(finding, to: item.id, by: actor)
            }
        }
        try await house.act(item.id, "accept", officer("basic-research"))
    }

    @Test("Nobody proposes or decides on awards to themselves or to their organisation")
    func ownAward() async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let decision = try await house.proposed(call)
        let applicant = try await house.actor("applicant")
        let colleague = Actor(
            account: ID("0190aaaa-0000-7000-8000-000000000009"), name: "L", roles: [.leader],
            memberships: [Membership(organisation: applicant.memberships[0].organisation, roles: [.member])])
        let both = Actor(account: applicant.account, name: "B", roles: [.leader])
        for actor in [colleague, both] {
            await #expect(throws: DecisionError.ownApplication) {
                _ = try await house.funding.decisions.approve(decision.id, reason: "", by: actor)
            }
        }
        _ = try await house.funding.decisions.sendBack(
            decision.id, reason: "重做", by: try await house.actor("leader"))
        let officer = Actor(account: applicant.account, name: "O", roles: [.officer])
        await #expect(throws: DecisionError.ownApplication) {
            _ = try await house.funding.proposeLine(
                call.id, method: .fitting, floor: 60, share: 100, reasons: "按排序", by: officer)
        }
        _ = try await house.funding.decisions.approve(
            try await house.funding.proposeLine(
                call.id, method: .fitting, floor: 60, share: 100, reasons: "按排序",
                by: try await house.actor("officer")
            ).id, reason: "", by: try await house.actor("leader"))
    }

    @Test("Only the project's own people ask for a change, and asking twice opens one")
    func changes() async throws {
        let house = try await TestHouse(.sqlite)
        let project = try await house.running(try await house.call("natural-science"))
        for login in ["auditor", "officer", "leader", "treasurer"] {
            let actor = try await house.actor(login)
            await #expect(throws: (any Error).self, "\(login)") {
                _ = try await house.funding.projects.openChange(project.id, by: actor)
            }
        }
        let applicant = try await house.actor("applicant")
        let first = try await house.funding.projects.openChange(project.id, by: applicant)
        let second = try await house.funding.projects.openChange(project.id, by: applicant)
        #expect(first.id == second.id)
        let officer = try await house.actor("officer")
        let check = try await house.funding.projects.openMidterm(project.id, by: officer)
        #expect(try await house.funding.projects.openMidterm(project.id, by: officer).id == check.id)
    }

    @Test("A change that cannot be made is refused when it is sent, not when it is decided")
    func impossibleChange() async throws {
        let house = try await TestHouse(.sqlite)
        let project = try await house.running(try await house.call("natural-science"))
        let applicant = try await house.actor("applicant")
        let change = try await house.funding.projects.openChange(project.id, by: applicant)
        let values = [
            "new-end": "2026-01-01", "new-investigator": "0000-0002-1825-0097", "reason": "原负责人调离本单位，由他人接任。",
        ]
        _ = try await house.funding.projects.saveChange(
            change.id, values: { values[$0].map { [$0] } ?? [] }, expecting: 0, by: applicant)
        do {
            try await house.act(change.id, "submit", applicant)
            Issue.record("a change to an unknown person and a past day was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(Set(problems.map(\.field)) == ["new-end", "new-investigator"])
        }
    }

    @Test("Money that was ordered is not confirmed once the project has stopped")
    func stoppedProject() async throws {
        let house = try await TestHouse(.sqlite)
        let project = try await house.running(try await house.call("natural-science"))
        let first = try #require(try await house.tranches(project).first)
        _ = try await house.funding.tranches.order(first.id, note: "", by: try await house.actor("officer"))
        try await house.act(project.id, "terminate", .system)
        let treasurer = try await house.actor("treasurer")
        await #expect(throws: (any Error).self) {
            _ = try await house.funding.tranches.confirm(first.id, by: treasurer)
        }
        let after = try await house.tranches(project)
        #expect(after.allSatisfy { $0.state == .cancelled })
    }

    @Test("An application stands in one proposal at a time")
    func oneProposal() async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let first = try await house.proposed(call)
        do {
            _ = try await house.funding.proposeLine(
                call.id, method: .fitting, floor: 60, share: 100, reasons: "再提一次", by: try await house.actor("officer"))
            Issue.record("the same applications were proposed twice")
        } catch let problem as DecisionError {
            #expect(problem.message.zh.contains(first.number), "\(problem.message.zh)")
        }
    }

    @Test("An application that its organisation never endorsed does not keep the review from opening")
    func neverEndorsed() async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let applicant = try await house.actor("applicant")
        let checked = try await house.submit(1, call: call)
        try await house.act(checked.id, "accept", try await house.actor("officer"))
        let item = try await house.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        _ = try await house.funding.applications.replace(
            item.id, answers: TestHouse.answers(9), expecting: 0, by: applicant)
        try await house.act(item.id, "submit", applicant)
        house.move(days: 21)
        await #expect(throws: (any Error).self) {
            try await house.act(item.id, "endorse", try await house.actor("organisation"))
        }
        let round = try await house.draw(call)
        #expect(try await house.assignments(round).allSatisfy { $0.item != item.id })
    }

    @Test("One case that cannot lapse does not hold up the others")
    func poisonedLapse() async throws {
        let house = try await TestHouse(.sqlite)
        let call = try await house.call("natural-science")
        let officer = try await house.actor("officer")
        var items: [Application] = []
        for number in 1...2 {
            let item = try await house.submit(number, call: call)
            try await house.funding.findings.add(
                FindingDraft(
                    code: "officer.finding", field: "plan", message: Bilingual("不清楚", "Unclear"),
                    basis: Bilingual("指南", "The call")), to: item.id, by: officer)
            try await house.act(item.id, "request-correction", officer)
            items.append(item)
        }
        let broken = items[0].id
        try await house.house.db.write { tx in
            _ = try tx.run("DELETE FROM application WHERE case_id = \(broken)")
        }
        house.move(days: 14)
        try? await Lapses.run(house.house)
        let other = items[1].id
        let file = try await house.house.db.read { tx in try CaseStore.require(other, tx) }
        #expect(file.step == "refused")
    }

    @Test("The published plan of a draw does not say where an expert works")
    func employersAreHidden() async throws {
        let (house, call, _) = try await TestHouse.closed(.sqlite)
        let round = try await house.draw(call)
        let (text, employers) = try await house.house.db.read { tx in
            (
                try RoundStore.drawProtocol(round.id, tx)?.canonicalText ?? "",
                try ExpertStore.active(tx).map(\.organisation.text)
            )
        }
        #expect(text.contains("eligible"))
        for employer in employers { #expect(!text.contains(employer)) }
    }

    @Test("Officers act on the calls of their own division")
    func divisions() async throws {
        let (house, call, _) = try await TestHouse.closed(.sqlite)
        let stranger = officer("electronics")
        let due = house.house.today.adding(days: 14)
        await #expect(throws: AccessError.self) {
            _ = try await house.funding.review.open(call.id, load: 5, dueOn: due, by: stranger)
        }
        await #expect(throws: AccessError.self) {
            _ = try await house.funding.calls.draft(
                .standard(title: Bilingual("甲", "A")), programme: "natural-science", year: 2026,
                opensOn: due, closesOn: due, budget: .zero, by: stranger)
        }
        let round = try await house.draw(call)
        let one = try #require(try await house.assignments(round).first)
        let review = house.funding.review
        await #expect(throws: AccessError.self) { try await review.close(call.id, by: stranger) }
        await #expect(throws: AccessError.self) { try await review.remind(call.id, by: stranger) }
        await #expect(throws: AccessError.self) { try await review.replace(one.id, reason: "", by: stranger) }
    }

    @Test("What an action does not ask for is not kept and goes into no letter")
    func unasked() async throws {
        let house = try await TestHouse(.sqlite)
        let item = try await house.submit(1, call: try await house.call("natural-science"))
        try await house.act(item.id, "accept", try await house.actor("officer"), ["reason-zh": "夹带的理由", "x": "y"])
        let events = try await house.house.db.read { tx in try Record.events(of: item.id, tx) }
        #expect(events.allSatisfy { !$0.content.canonicalText.contains("夹带") })
    }

    @Test("An objection that is sent twice is one")
    func objectedTwice() async throws {
        let house = try await TestHouse(.sqlite)
        let notice = try await notice(house, try await house.proposed(try await house.call("natural-science")))
        let first = try await object(house, notice)
        let second = try await object(house, notice)
        #expect(first.id == second.id)
    }
}
