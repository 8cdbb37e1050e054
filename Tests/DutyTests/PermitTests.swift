import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Talent

@Suite("New work permits")
struct PermitTests {
    @Test(
        "A wrong paper comes back in one list, is mended, and the permit verifies by its code",
        arguments: TestStore.engines)
    func wrongPaper(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers()
        answers["issued-criminal"] = city.text(city.today.adding(months: -7))
        let id = try await city.draft(.newAbroad, answers)
        try await city.act(id, "submit", city.employer)
        #expect(try await city.open(id) == ["paper.old"])
        await #expect(throws: ProcedureError.self, "a defect is open") {
            try await city.act(id, "accept", city.officer)
        }
        try await city.act(id, "ask-correction", city.officer)
        let list = try #require(try await city.letters(id).last)
        #expect(list.template == "talent-correction" && list.body.zh.contains("无犯罪记录证明"))
        answers["issued-criminal"] = city.text(city.today.adding(days: -3))
        try await city.save(id, answers)
        try await city.act(id, "resubmit", city.employer)
        #expect(try await city.findings(id).map(\.state) == [.mended])
        let accepted = try await city.act(id, "accept", city.officer)
        let clocks = try await city.house.house.db.read { tx in try CaseStore.clocks(id, tx) }
            .filter { $0.stoppedOn == nil }
        #expect(clocks.map(\.clock.period) == [.workingDays(7), .workingDays(20)], "promised beside statutory")
        #expect(accepted.dueOn == (try clocks[1].clock.due(city.house.house.city.calendar)))
        try await city.act(id, "approve", city.leader)
        let permit = try await city.permit(of: id)
        #expect(permit.category == .b && permit.state == .valid && permit.term == .long)
        #expect(permit.startsOn == city.today.adding(days: 30) && permit.endsOn == city.today.adding(days: 30 + 364))
        let found = try await city.house.house.db.read { tx in
            try PermitStore.find(checkCode: permit.checkCode.lowercased().replacing("-", with: " "), tx)
        }
        #expect(found?.id == permit.id)
        #expect(try await city.letters(id).last?.body.zh.contains(permit.checkCode) == true)
    }

    @Test("Passport and birth date are nowhere in the database in the clear", arguments: TestStore.engines)
    func sealed(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let permit = try await city.grant(passport: "FR7654321")
        try await city.house.house.db.read { tx in
            let texts: [(String, SQL)] = [
                ("answers", "SELECT COUNT(*) FROM case_answers WHERE content LIKE \("%FR7654321%")"),
                ("events", "SELECT COUNT(*) FROM event WHERE content LIKE \("%FR7654321%")"),
                ("letters", "SELECT COUNT(*) FROM letter WHERE body_zh LIKE \("%FR7654321%")"),
                ("birth", "SELECT COUNT(*) FROM case_answers WHERE content LIKE \("%900517%")"),
            ]
            for (name, query) in texts { #expect(try tx.value(query) == 0, "\(name)") }
            let birth = try ForeignerStore.birth(of: permit.foreigner, vault: city.house.house.vault, tx)
            #expect(birth == Day("1990-05-17"))
            let answers = try Drafts.answers(permit.caseID, vault: city.house.house.vault, tx).content
            #expect(answers["mrz"]?.string?.contains("FR7654321") == true)
        }
    }

    @Test("One list only: after it nothing new may be asked for", arguments: TestStore.engines)
    func oneList(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers()
        answers["issued-medical"] = city.text(city.today.adding(months: -8))
        let id = try await city.draft(.newAbroad, answers)
        try await city.act(id, "submit", city.employer)
        try await city.act(id, "ask-correction", city.officer)
        answers["issued-medical"] = city.text(city.today)
        try await city.save(id, answers)
        try await city.act(id, "resubmit", city.employer)
        city.house.move(days: 1)
        try await city.permits.findings.add(
            FindingDraft(
                code: "officer.finding", field: "", message: Bilingual("又想起一处", "One more"),
                basis: Bilingual("指南", "The guide")), to: id, by: city.officer)
        do {
            try await city.act(id, "ask-correction", city.officer)
            Issue.record("a second list went out")
        } catch ProcedureError.refused(let problems) { #expect(problems.map(\.code) == ["permit.second-list"]) }
    }

    @Test(
        "Without a list in five working days it counts as accepted on the day of receipt", arguments: TestStore.engines)
    func deemedAccepted(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers())
        let filed = city.today
        let file = try await city.act(id, "submit", city.employer)
        let due = try #require(file.dueOn)
        #expect(try city.house.house.city.calendar.adding(workingDays: 5, to: filed) == due)
        city.house.move(days: due.number - filed.number)
        try await city.tick()
        #expect(try await city.filing(id).step == "pre-review", "the last day still counts")
        city.house.move(days: 1)
        try await city.tick()
        let filing = try await city.filing(id)
        #expect(filing.step == "decision" && filing.isDeemedAccepted && filing.acceptedOn == filed)
        let moved = try await city.house.house.db.read { tx in try CaseStore.require(id, tx) }
        #expect(moved.dueOn == (try city.house.house.city.calendar.adding(workingDays: 20, to: filed)))
        #expect(try await city.letters(id).last?.template == "talent-deemed-acceptance")
    }

    @Test("The time to decide is prolonged once, by ten working days from its own end", arguments: TestStore.engines)
    func prolonged(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers())
        try await city.act(id, "submit", city.employer)
        try await city.act(id, "accept", city.officer)
        let file = try await city.act(id, "prolong", city.leader, PermitHouse.reasons)
        #expect(file.dueOn == (try city.house.house.city.calendar.adding(workingDays: 30, to: city.today)))
        await #expect(throws: ProcedureError.self) {
            try await city.act(id, "prolong", city.leader, PermitHouse.reasons)
        }
    }

    @Test("What is not answered keeps a filing back; what breaks a rule is a finding", arguments: TestStore.engines)
    func problems(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers()
        (answers["need"], answers["mrz"]) = (.null, "P<FRA")
        answers["cv"] = [["from": "2024-13", "to": "2024-02", "place": "x", "what": "y", "country": "z"]]
        let id = try await city.draft(.newAbroad, answers)
        do {
            try await city.act(id, "submit", city.employer)
            Issue.record("an incomplete filing was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(Set(problems.map(\.field)) == ["need", "mrz", "cv.0.from"])
        }
        answers = city.answers()
        answers["name"] = "Dupont Márie"
        answers["nationality"] = "BEL"
        answers["cv"] = [["from": "2015-07", "to": "2025-10", "place": "x", "what": "y", "country": "z"]]
        answers["contract-to"] = city.text(city.today)
        answers["degree-country"] = "CUB"
        answers["criminal-country"] = "CHN"
        answers["annual-salary"] = 1_200_000
        answers["approval"] = "missing"
        try await city.save(id, answers)
        try await city.act(id, "submit", city.employer)
        let found = try await city.open(id)
        let wanted: Set<String> = [
            "passport.nationality", "name.letters", "cv.gap", "contract.order", "degree.apostille", "criminal.country",
            "pay.minimum", "sector.approval",
        ]
        #expect(Set(found) == wanted)
        for finding in try await city.findings(id) {
            #expect(!finding.draft.basis.zh.isEmpty && !finding.draft.message.en.isEmpty)
        }
    }

    @Test(
        "Only PDF is taken, the photo as JPG of its size, and each says what is wrong", arguments: TestStore.engines)
    func uploads(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let id = try await city.draft(.newAbroad, city.answers())
        let drafts = city.permits.filings.drafts
        await #expect(throws: DocumentError.self) {
            try await drafts.attach(
                id, field: "paper-medical", name: "scan.jpg", bytes: PermitHouse.jpeg(900, 900), by: city.employer)
        }
        do {
            _ = try await drafts.attach(
                id, field: "paper-photo", name: "photo.jpg", bytes: PermitHouse.jpeg(300, 400), by: city.employer)
            Issue.record("a small photo was taken")
        } catch ProcedureError.refused(let problems) {
            #expect(problems.map(\.code) == ["photo.small"] && problems[0].field == "paper-photo")
        }
        await #expect(throws: ProcedureError.self) {
            try await drafts.attach(
                id, field: "paper-photo", name: "photo.jpg", bytes: PermitHouse.pdf, by: city.employer)
        }
        await #expect(throws: DocumentError.missing, "a paper that this filing does not need") {
            try await drafts.attach(
                id, field: "paper-tax", name: "tax.pdf", bytes: PermitHouse.pdf, by: city.employer)
        }
    }

    @Test("One person keeps one number through new passports and employers", arguments: TestStore.engines)
    func oneNumber(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let first = try await city.grant(passport: "FR1111111")
        let change = try await city.draft(
            .change,
            [
                "what": ["passport"], "happened-on": city.text(city.today), "why": "Renewed",
                "mrz": .string(PermitHouse.mrz("FR2222222", ends: city.today.adding(years: 9))),
            ], permit: first.id)
        try await city.act(change, "submit", city.employer)
        try await city.act(change, "accept", city.officer)
        try await city.act(change, "approve", city.leader)
        // A second permit while the first is valid is raised; the person decides, here by overriding.
        let again = try await city.draft(.newAbroad, city.answers(passport: "FR1111111"))
        try await city.act(again, "submit", city.employer)
        #expect(try await city.open(again) == ["permit.elsewhere"])
        try await city.act(again, "accept", city.officer)
        await #expect(throws: ProcedureError.self) { try await city.act(again, "approve", city.leader) }
        let finding = try #require(try await city.findings(again).first)
        await #expect(throws: PlainProblem.self) {
            try await city.permits.findings.settle(finding.id, as: .overridden, reason: "", by: city.leader)
        }
        try await city.permits.findings.settle(
            finding.id, as: .overridden, reason: "同一用人单位换签合同", by: city.leader)
        try await city.act(again, "approve", city.leader)
        let second = try await city.permit(of: again)
        #expect(second.foreigner == first.foreigner && second.id != first.id)
        let events = try await city.house.house.db.read { tx in try Record.events(of: again, tx) }
        #expect(events.contains { $0.kind == "finding.settled" && $0.content["reason"]?.string?.isEmpty == false })
    }

    @Test("A short task of at most 90 days; other purposes name their visa", arguments: TestStore.engines)
    func shortTerm(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        var answers = city.answers().filter { ["name", "mrz", "nationality", "trade", "district"].contains($0.key) }
        answers["purpose"] = "after-sale"
        (answers["partner"], answers["post"], answers["duties"]) = ("深圳某公司", "Engineer", "Install the machine")
        answers["annual-salary"] = 40_000_000
        (answers["stay-from"], answers["stay-to"]) = (city.text(city.today), city.text(city.today.adding(days: 90)))
        let id = try await city.draft(.shortTerm, answers)
        try await city.act(id, "submit", city.employer)
        #expect(Set(try await city.open(id)) == ["short.purpose", "stay.long"])
        #expect(try await city.findings(id).contains { $0.draft.message.en.contains("an M visa") })
        answers["purpose"] = "cooperation"
        answers["stay-to"] = city.text(city.today.adding(days: 89))
        try await city.act(id, "ask-correction", city.officer)
        try await city.save(id, answers)
        try await city.act(id, "resubmit", city.employer)
        #expect(try await city.open(id).isEmpty)
        try await city.act(id, "accept", city.officer)
        try await city.act(id, "approve", city.leader)
        let permit = try await city.permit(of: id)
        #expect(permit.term == .short && permit.endsOn == city.today.adding(days: 89))
        let renewal = try await city.draft(.extension, city.renewal(permit), permit: permit.id)
        try await city.act(renewal, "submit", city.employer)
        #expect(try await city.open(renewal).contains("extension.short"))
    }
}
