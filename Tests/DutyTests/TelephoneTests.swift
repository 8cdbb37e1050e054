import BureauTestSupport
import Foundation
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

/// How long telephones in answers are kept, what is shown when they are gone or lost, and what an upgrade does first.
@Suite("Telephones in answers")
struct TelephoneTests {
    private static let telephone = "0755-12345678"

    /// What retention does on a day, the house standing still.
    private func retain(_ house: TestHouse, on day: Day) async throws {
        try await Retention(house.house, columns: Services.sealed, rows: Services.personal)
            .run(today: day, now: house.house.clock.now())
    }

    private func telephone(_ id: ID<CaseFile>, _ house: TestHouse) async throws -> JSONValue? {
        let vault = house.house.vault
        return try await house.house.db.read { tx in
            try CaseStore.answers(id, tx).content.readable(by: vault, or: .data)["telephone"]
        }
    }

    private func json(_ answer: Answer) throws -> JSONValue {
        guard case .encoded(_, let encode) = answer.content else { return .null }
        return try JSONValue(parsing: try encode(), fractions: true)
    }

    /// What the API answers of an application, and which fields it finds wanting.
    private func shown(
        _ id: ID<CaseFile>, _ house: TestHouse
    ) async throws -> (telephone: JSONValue?, wanting: [String]) {
        let officer = try await house.actor("officer")
        let answer = try json(try await house.visit("api.applications.show", officer, values: ["id": id.text]))
        let problems = try #require(answer["problems"]?.array)
        return (answer["answers"]?["telephone"], problems.compactMap { $0["field"]?.string })
    }

    private func page(_ id: ID<CaseFile>, _ login: String, _ house: TestHouse) async throws -> String {
        text(try await house.visit("cases.show", try await house.actor(login), values: ["id": id.text]))
    }

    /// The digest of what was handed in, as it is worked out today.
    private func digest(_ id: ID<CaseFile>, _ house: TestHouse) async throws -> String {
        let vault = house.house.vault
        return try await house.house.db.read { tx in
            let content: JSONValue = [
                "answers": try CaseStore.answers(id, tx).content.marked(by: vault),
                "files": .array(
                    try DocumentStore.list(of: id, tx).map {
                        ["field": .string($0.field), "hash": .string($0.hash)]
                    }),
            ]
            return Digest.hex(Digest.sha256(content.canonicalBytes))
        }
    }

    @Test(
        "An awarded application keeps it while its project runs; a year after the end it goes, and nothing is wanting",
        arguments: TestStore.engines)
    func project(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let id = project.application
        let frozen = try await house.house.db.read { tx in try ApplicationStore.require(id, tx).contentHash }
        try await retain(house, on: house.house.today.adding(months: 13))
        #expect(try await telephone(id, house) == .string(Self.telephone))
        try await house.act(project.id, "terminate", .system)
        let end = house.house.today.adding(years: 1)
        try await retain(house, on: end)
        #expect(try await telephone(id, house) == .string(Self.telephone))
        let before = try await shown(id, house)
        #expect(before.telephone == .string(Self.telephone) && !before.wanting.contains("telephone"))
        try await retain(house, on: end.adding(days: 1))
        #expect(try await telephone(id, house) == ["erased": true])
        let after = try await shown(id, house)
        #expect(after.telephone == ["erased": true] && after.wanting == before.wanting)
        #expect(try await page(id, "officer", house).contains("(erased)"))
        #expect(try await page(id, "applicant", house).contains("(erased)"))
        #expect(try await digest(id, house) == frozen, "what was handed in can still be proven")
    }

    @Test(
        "Of an application that was withdrawn it goes a year later, or by request; not while another is filled in",
        arguments: TestStore.engines)
    func withdrawn(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let applicant = try await house.actor("applicant")
        let call = try await house.call("natural-science")
        func draft() async throws -> ID<CaseFile> {
            let item = try await house.funding.applications.start(
                call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
            _ = try await house.funding.applications.replace(
                item.id, answers: TestHouse.answers(1), expecting: 0, by: applicant)
            return item.id
        }
        let first = try await draft()
        try await house.act(first, "withdraw", applicant)
        let second = try await draft()
        try await retain(house, on: house.house.today.adding(years: 1))
        #expect(try await telephone(first, house) == .string(Self.telephone))
        // Asking for sensitive papers leaves it; asking for contacts takes it where nobody needs it any more.
        let requests: [(kind: String, left: JSONValue)] = [
            ("papers", .string(Self.telephone)), ("contact", ["erased": true]),
        ]
        for (kind, left) in requests {
            let answer = try await house.visit(
                "privacy.erase", applicant, form: [("kinds", kind), ("why", "I withdrew it")])
            guard case .redirect(let path) = answer.content else {
                Issue.record("not filed")
                return
            }
            let request: ID<CaseFile> = ID(String(path.split(separator: "/").last ?? ""))
            try await house.act(request, "propose", try await house.actor("officer"))
            try await house.act(request, "erase", try await house.actor("leader"))
            #expect(try await telephone(first, house) == left, "\(kind)")
        }
        try await retain(house, on: house.house.today.adding(years: 3))
        #expect(try await telephone(second, house) == .string(Self.telephone))
        try await house.act(second, "withdraw", applicant)
        try await retain(house, on: house.house.today.adding(years: 1).adding(days: 1))
        #expect(try await telephone(second, house) == ["erased": true])
    }

    /// A registration as employer that was granted, with its telephone.
    private func register(_ city: PermitHouse, _ telephone: String) async throws -> ID<CaseFile> {
        let filing = try await city.permits.filings.start(
            .employer, organisation: city.organisation, by: city.employer)
        try await city.save(
            filing.caseID,
            [
                "established-on": "2020-01-01", "trade": "C", "district": "440306", "contact": "李四",
                "telephone": .string(telephone), "sector": "no", "honest": true,
            ])
        _ = try await city.permits.filings.drafts.attach(
            filing.caseID, field: "licence", name: "licence.pdf", bytes: PermitHouse.pdf, by: city.employer)
        try await city.act(filing.caseID, "submit", city.employer)
        try await city.act(filing.caseID, "approve", city.officer)
        return filing.caseID
    }

    @Test(
        "Of an employer it is kept while the registration lasts, which the next one ends", arguments: TestStore.engines)
    func employer(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let house = city.house
        let first = try await register(city, "0755-1111111")
        try await retain(house, on: city.today.adding(years: 3))
        #expect(try await telephone(first, house) == "0755-1111111")
        let second = try await register(city, "0755-2222222")
        try await retain(house, on: city.today.adding(years: 1).adding(days: 1))
        #expect(try await telephone(first, house) == ["erased": true])
        #expect(try await telephone(second, house) == "0755-2222222")
        let api = try json(
            try await house.visit("api.permits.filings.show", city.officer, values: ["id": first.text]))
        #expect(api["answers"]?["telephone"] == ["erased": true])
        #expect(api["problems"]?.array?.contains { $0["field"] == "telephone" } == false)
        #expect(try await page(first, "officer", house).contains("(erased)"))
    }

    @Test(
        "Where no key opens one, pages and API tell it and show the rest; what freezes a filing is refused",
        arguments: TestStore.engines)
    func lost(engine: Engine) async throws {
        let city = try await PermitHouse(engine)
        let house = city.house
        let application = try await house.submit(1, call: try await house.call("natural-science")).id
        let registration = try await register(city, "0755-1111111")
        let sealed = Digest.hex(try Vault(key: [UInt8](repeating: 3, count: 32)).seal("\"0755-3333333\""))
        try await house.house.db.write { tx in
            for id in [application, registration] {
                var members = try CaseStore.answers(id, tx).content.object ?? [:]
                members["telephone"] = ["sealed": .string(sealed)]
                let content = JSONValue.object(members)
                try tx.run("UPDATE case_answers SET content = \(content) WHERE case_id = \(id)")
            }
        }
        for login in ["officer", "applicant"] {
            let page = try await page(application, login, house)
            #expect(page.contains("(cannot be opened)") && page.contains("第 1 号城市感知研究"), "\(login)")
        }
        let shown = try await shown(application, house)
        #expect(shown.telephone == ["unreadable": true] && !shown.wanting.contains("telephone"))
        #expect(try await page(registration, "officer", house).contains("(cannot be opened)"))
        let whole = try await house.visit("api.cases.show", city.officer, values: ["id": registration.text])
        #expect(try json(whole)["answers"]?["telephone"] == ["unreadable": true])
        let filing = try await house.visit(
            "api.permits.filings.show", city.officer, values: ["id": registration.text])
        #expect(try json(filing)["answers"]?["telephone"] == ["unreadable": true])
        await #expect(throws: AccessError.unreadableSecret) { try await digest(application, house) }
    }

    // MARK: Upgrades

    @Test(
        "On a house of the version before nothing is sealed that it reads in the clear, until a day has passed",
        arguments: TestStore.engines)
    func upgrade(engine: Engine) async throws {
        let folder = "\(NSTemporaryDirectory())kechuang-upgrade-\(UInt64.random(in: 0 ... .max))"
        let configuration = try Configuration(
            dataDirectory: folder, database: try await TestStore.address(engine), environment: [:])
        let new = try await Services.open(configuration)
        #expect(new.house.vault.contactsFrom == nil)
        let opened = new.house.clock.now()
        try await new.house.db.write { tx in
            try AccountStore.insert(
                AccountCard(id: ID("old"), login: "old", name: "Old", roles: []), passwordHash: "", at: opened, tx)
            // As the version before leaves it.
            try tx.run("DELETE FROM setting WHERE name = 'handover.contacts'")
        }
        await new.house.db.close()
        // A command of this version, run beside servers of the version before, changes nothing.
        let command = try await Services.open(configuration)
        #expect(command.house.vault.contactsFrom != nil)
        let begun = try await command.house.db.read { tx in try Settings.get("handover.contacts", tx) }
        #expect(begun == nil)
        await command.house.db.close()
        let services = try await Services.open(configuration, serves: true)
        let from = try #require(services.house.vault.contactsFrom)
        #expect(from >= opened.adding(seconds: 86_400))
        let (mail, telephone) = ("qzupgrade@example.cn", "0755-90817269")
        try await services.accounts.register(
            AccountDraft(
                name: "林小明", nameEn: "", number: "11010519491231002X", orcid: "", mail: mail, login: "qzlin",
                password: "a long password", language: .english))
        let (actor, place) = try await member(services)
        let filings = FilingActions(services.house)
        let draft = try await filings.start(.employer, organisation: place, by: actor).caseID
        let answers: JSONValue = ["contact": "李四", "telephone": .string(telephone)]
        let revision = try await filings.drafts.replace(draft, answers: answers, expecting: 0, by: actor)
        let clear: Set<String> = ["account: \(mail)", "case_answers: \(telephone)"]
        #expect(try await services.sealing.run(now: services.house.clock.now()) == 0)
        #expect(try await services.house.db.places(of: [mail, telephone]) == clear)
        // Processes that start later wait for the same moment.
        let other = try await Sealing.begin(in: services.house.db, serves: true, at: services.house.clock.now())
        #expect(other == from)
        services.clock.lead += 86_400_000_000
        _ = try await filings.drafts.replace(draft, answers: answers, expecting: revision, by: actor)
        #expect(try await services.house.db.places(of: [mail, telephone]) == ["account: \(mail)"])
        #expect(try await services.sealing.run(now: services.house.clock.now()) >= 1)
        #expect(try await services.house.db.places(of: [mail, telephone]) == [])
        await services.house.db.close()
    }

    /// The administrator of an organisation.
    private func member(_ services: Services) async throws -> (Actor, ID<OrganisationMark>) {
        let (now, today) = (services.house.clock.now(), services.house.today)
        let place = Organisation(
            id: services.house.ids.make(), name: Bilingual("新公司", "New company"), uscc: "91440300708461136T",
            kind: .enterprise, address: "深圳")
        let actor = try await services.house.db.write { tx -> Actor in
            let account = try #require(try AccountStore.find(login: "qzlin", tx))
            try Registry.add(place, source: "test", by: .system, at: now, on: today, tx)
            try Registry.setMember(account.id, of: place.id, roles: [.administrator], by: .system, at: now, tx)
            return try AccountStore.actor(account, tx)
        }
        return (actor, place.id)
    }
}
