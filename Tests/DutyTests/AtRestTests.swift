import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

/// Whoever has the database or a backup of it, and no keys, learns no mail address of an account and no telephone of a
/// field that is sealed.
@Suite("Mail addresses and telephones at rest")
struct AtRestTests {
    /// Values that are nowhere else in a house.
    private enum Planted {
        static let mail = "qzplanted@example.cn"
        /// Sent by a program.
        static let first = "0755-90817261"
        /// Typed on the page over it.
        static let second = "0755-90817262"
        static let employer = "0755-90817263"
        static let proposal = "0755-90817264"
        /// Mail servers write addresses as they like.
        static let all = [mail, mail.uppercased(), first, second, employer, proposal]
        /// What the demonstration city gives all its people.
        static let demonstration = "0755-12345678"
    }

    private struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// A house in which people with these values have done what people do.
    private struct Story {
        let city: PermitHouse
        let person: Actor
        let applicant: Actor
        let application: ApplicationID
        let proposal: ID<CaseFile>
        let registration: ID<CaseFile>
        let place: ID<OrganisationMark>

        var house: TestHouse { city.house }
        var db: Database { city.house.house.db }
        var vault: Vault { city.house.house.vault }
        var cases: [ID<CaseFile>] { [application, proposal, registration] }
    }

    private func story(_ engine: Engine) async throws -> Story {
        let city = try await PermitHouse(engine)
        let house = city.house
        let applicant = try await house.actor("applicant")
        try await house.services.accounts.register(
            AccountDraft(
                name: "林小明", nameEn: "", number: "11010519491231002X", orcid: "", mail: Planted.mail, login: "qzlin",
                password: "a long password", language: .english))
        let (place, registration) = try await employer(city)
        let story = Story(
            city: city, person: try await house.actor("qzlin"), applicant: applicant,
            application: try await application(house, applicant), proposal: try await proposal(house, applicant),
            registration: registration, place: place)
        try await tell(story)
        // The first attempt fails, and the server repeats the address.
        let failed = try await Messages.deliver(from: story.db, vault: story.vault, now: house.house.clock.now()) {
            throw Refusal(description: "550 <\($0.to)>, <\($0.to.uppercased())> is unknown here")
        }
        #expect(failed == 0)
        await Jobs(services: house.services, mail: nil).tick()
        return story
    }

    private func tell(_ story: Story) async throws {
        let now = story.house.house.clock.now()
        let account = try #require(story.person.account)
        try await story.db.write { tx in
            try Messages.tell(
                account, Bilingual("请补正", "Please correct"), Bilingual("缺少附件", "A paper is missing"), at: "/work",
                now: now, tx)
        }
    }

    private func application(_ house: TestHouse, _ applicant: Actor) async throws -> ApplicationID {
        let call = try await house.call("natural-science")
        let item = try await house.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        var answers = TestHouse.answers(1).object ?? [:]
        answers["telephone"] = .string(Planted.first)
        let revision = try await house.funding.applications.replace(
            item.id, answers: .object(answers), expecting: 0, by: applicant)
        _ = try await house.funding.applications.drafts.save(
            item.id, section: "team", values: { $0 == "telephone" ? [Planted.second] : [] }, expecting: revision,
            by: applicant)
        try await house.act(item.id, "submit", applicant)
        try await house.act(item.id, "endorse", try await house.actor("organisation"))
        _ = try await house.accepted(item, by: try await house.actor("officer"))
        return item.id
    }

    private func proposal(_ house: TestHouse, _ applicant: Actor) async throws -> ID<CaseFile> {
        let filings = Filings(house.house)
        let file = try await filings.start("strategy.proposal", Filings.Start(), by: applicant)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "name": "建议制定数据办法", "kind": "make", "content": "科研数据需要统一的管理办法。",
                "contact": .string(Planted.proposal),
            ], expecting: 0, by: applicant)
        try await house.act(file.id, "submit", applicant)
        return file.id
    }

    /// An organisation that registered as employer.
    private func employer(_ city: PermitHouse) async throws -> (ID<OrganisationMark>, ID<CaseFile>) {
        let home = city.house.house
        let (now, today, account) = (home.clock.now(), city.today, try #require(city.employer.account))
        let place = Organisation(
            id: home.ids.make(), name: Bilingual("新公司", "New company"), uscc: "91440300708461136T", kind: .enterprise,
            address: "深圳")
        let actor = try await home.db.write { tx -> Actor in
            try Registry.add(place, source: "test", by: .system, at: now, on: today, tx)
            try Registry.setMember(account, of: place.id, roles: [.administrator], by: .system, at: now, tx)
            return try AccountStore.actor(try #require(try AccountStore.find(account, tx)), tx)
        }
        let filings = city.permits.filings
        let filing = try await filings.start(.employer, organisation: place.id, by: actor)
        let answers: JSONValue = [
            "established-on": "2020-01-01", "trade": "C", "district": "440306", "contact": "李四",
            "telephone": .string(Planted.employer), "sector": "no", "honest": true,
        ]
        _ = try await filings.drafts.replace(filing.caseID, answers: answers, expecting: 0, by: actor)
        _ = try await filings.drafts.attach(
            filing.caseID, field: "licence", name: "licence.pdf", bytes: PermitHouse.pdf, by: actor)
        try await city.act(filing.caseID, "submit", actor)
        try await city.act(filing.caseID, "approve", city.officer)
        return (place.id, filing.caseID)
    }

    private func mail(_ story: Story, _ vault: Vault) async throws -> String? {
        try await story.db.read { tx in try AccountStore.find(login: "qzlin", tx)?.mail.text(vault) }
    }

    private func telephones(_ story: Story, _ vault: Vault) async throws -> [String?] {
        let (application, proposal, place) = (story.application, story.proposal, story.place)
        return try await story.db.read { tx in
            [
                try Drafts.answers(application, vault: vault, tx).content["telephone"]?.string,
                try Drafts.answers(proposal, vault: vault, tx).content["contact"]?.string,
                try EmployerStore.find(place, tx)?.telephone.text(vault),
            ]
        }
    }

    private static let telephones: [String?] = [Planted.second, Planted.proposal, Planted.employer]

    @Test(
        "Nowhere in the tables is one of them after use, and those who may read them do", arguments: TestStore.engines)
    func tables(engine: Engine) async throws {
        let story = try await story(engine)
        #expect(try await story.db.places(of: Planted.all + [Planted.demonstration]) == [])
        // What is not sealed is found, so that finding nothing means something.
        #expect(try await story.db.places(of: ["号城市感知研究"]).contains("case_answers: 号城市感知研究"))
        #expect(try await mail(story, story.vault) == Planted.mail)
        #expect(try await telephones(story, story.vault) == Self.telephones)
        let officer = try await story.house.actor("officer")
        let seen = text(
            try await story.house.visit("cases.show", officer, values: ["id": story.application.text]))
        #expect(seen.contains(Planted.second) && !seen.contains(Planted.first))
        let own = text(try await story.house.visit("account.show", story.person))
        #expect(own.contains(Planted.mail))
        let (home, proposal, applicant) = (story.house.house, story.proposal, story.applicant)
        let (shown, typed) = try await story.db.read { tx -> (JSONValue, JSONValue) in
            let file = try CaseStore.require(proposal, tx)
            return (
                try ShownAnswers.of(file, to: officer, home, tx), try ShownAnswers.of(file, to: applicant, home, tx)
            )
        }
        #expect(shown["contact"] == ["sealed": true] && typed["contact"] == .string(Planted.proposal))
        var sent: [String] = []
        let later = home.clock.now().adding(seconds: 3_600)
        _ = try await Messages.deliver(from: story.db, vault: story.vault, now: later) { sent.append($0.to) }
        #expect(Set(sent) == [Planted.mail])
        #expect(try await story.db.places(of: Planted.all) == [])
    }

    @Test(
        "What an earlier version of the house left in the clear is sealed, and read as before",
        arguments: TestStore.engines)
    func earlier(engine: Engine) async throws {
        let story = try await story(engine)
        let (cases, vault, place) = (story.cases, story.vault, story.place)
        try await story.db.write { tx in
            for id in cases {
                let clear = try Drafts.answers(id, vault: vault, tx).content
                try tx.run("UPDATE case_answers SET content = \(clear) WHERE case_id = \(id)")
            }
            try tx.run("UPDATE account SET mail = \(Planted.mail) WHERE login = 'qzlin'")
            let words = "mail not sent (55): 550 <\(Planted.mail.uppercased())>"
            try tx.run("UPDATE mail_outbox SET recipient = \(Planted.mail), failure = \(words)")
            try tx.run("UPDATE employer SET telephone = \(Planted.employer) WHERE organisation = \(place)")
        }
        // It is read before it is sealed as well.
        #expect(try await mail(story, vault) == Planted.mail)
        #expect(try await telephones(story, vault) == Self.telephones)
        let found = try await story.db.places(of: Planted.all)
        #expect(found.contains("account: \(Planted.mail)") && found.contains("mail_outbox: \(Planted.mail)"))
        #expect(found.contains("mail_outbox: \(Planted.mail.uppercased())"))
        #expect(found.contains("employer: \(Planted.employer)") && found.contains("case_answers: \(Planted.second)"))
        let now = story.house.house.clock.now()
        #expect(try await story.house.services.sealing.run(now: now) >= 6)
        #expect(try await story.db.places(of: Planted.all) == [])
        #expect(try await mail(story, vault) == Planted.mail)
        #expect(try await telephones(story, vault) == Self.telephones)
        #expect(try await story.house.services.sealing.run(now: now) == 0)
    }

    @Test(
        "A change of keys takes all of them along; the digest of an application is the same before and after",
        arguments: TestStore.engines)
    func rotation(engine: Engine) async throws {
        let story = try await story(engine)
        let next = [UInt8](repeating: 9, count: 32)
        let ring = Vault(key: next, earlier: [[UInt8](repeating: 7, count: 32)])
        let rotation = KeyRotation(
            db: story.db, vault: ring, files: story.house.house.files, columns: Services.sealed)
        #expect(try await rotation.run().values > 6)
        #expect(try await Set(rotation.census().keys) == [ring.newestKey])
        let alone = Vault(key: next, index: [UInt8](repeating: 7, count: 32))
        #expect(try await mail(story, alone) == Planted.mail)
        #expect(try await telephones(story, alone) == Self.telephones)
        #expect(try await story.db.places(of: Planted.all) == [])
        let id = story.application
        let (digest, content) = try await story.db.read { tx -> (String?, JSONValue) in
            let files = try DocumentStore.list(of: id, tx)
            let content: JSONValue = [
                "answers": try CaseStore.answers(id, tx).content.marked(by: alone),
                "files": .array(files.map { ["field": .string($0.field), "hash": .string($0.hash)] }),
            ]
            return (try ApplicationStore.require(id, tx).contentHash, content)
        }
        #expect(digest == Digest.hex(Digest.sha256(content.canonicalBytes)))
    }

    @Test(
        "Who asks for it has the address erased with the mails that wait, and gets messages in the house alone",
        arguments: TestStore.engines)
    func erasure(engine: Engine) async throws {
        let story = try await story(engine)
        let house = story.house
        let answer = try await house.visit(
            "privacy.erase", story.person, form: [("kinds", "contact"), ("why", "I want no mail")])
        guard case .redirect(let path) = answer.content else {
            Issue.record("not filed")
            return
        }
        let id: ID<CaseFile> = ID(String(path.split(separator: "/").last ?? ""))
        try await house.act(id, "propose", try await house.actor("officer"))
        try await house.act(id, "erase", try await house.actor("leader"))
        #expect(try await mail(story, story.vault) == "")
        try await tell(story)
        let account = try #require(story.person.account)
        let (waiting, messages) = try await story.db.read { tx -> (Int, Int) in
            (
                try tx.value("SELECT COUNT(*) FROM mail_outbox WHERE recipient <> ''") ?? -1,
                try Messages.list(account, before: nil, limit: 50, tx).count
            )
        }
        #expect(waiting == 0 && messages >= 2)
        // Nothing is sent to nobody, now or ever.
        var sent: [String] = []
        let later = house.house.clock.now().adding(seconds: 60)
        let count = try await Messages.deliver(from: story.db, vault: story.vault, now: later) { sent.append($0.to) }
        let left: Int? = try await story.db.read { tx in
            try tx.value("SELECT COUNT(*) FROM mail_outbox WHERE recipient = '' AND state NOT IN ('sent', 'failed')")
        }
        #expect(count == sent.count && !sent.contains("") && left == 0)
        let own = text(try await house.visit("account.show", story.person))
        #expect(!own.contains(Planted.mail))
    }

    @Test("Nobody is shown what others sealed by typing its cipher into a form of their own")
    func forged() async throws {
        let story = try await story(.sqlite)
        let application = story.application
        let cipher = try await story.db.read { tx in
            try CaseStore.answers(application, tx).content["telephone"] ?? .null
        }
        #expect(cipher.isSealed)
        let filings = Filings(story.house.house)
        let file = try await filings.start("strategy.proposal", Filings.Start(), by: story.person)
        let forged: JSONValue = ["name": cipher, "content": [["a": cipher]], "contact": cipher, "kind": "make"]
        do {
            _ = try await filings.drafts.replace(file.id, answers: forged, expecting: 0, by: story.person)
            Issue.record("a cipher was taken")
        } catch let problem as PlainProblem {
            #expect(problem.fields.map(\.field) == ["contact", "content", "name"])
            #expect(problem.fields.allSatisfy { $0.code == "field.sealed" })
        }
        // Nor is what an erased answer was said by typing its mark.
        let marked: JSONValue = ["contact": ["erased": true, "mark": "00"], "name": "建议", "kind": "make"]
        do {
            _ = try await filings.drafts.replace(file.id, answers: marked, expecting: 0, by: story.person)
            Issue.record("a mark was taken")
        } catch let problem as PlainProblem {
            #expect(problem.fields.map(\.field) == ["contact"])
        }
        let kept = try await story.db.read { tx in try CaseStore.answers(file.id, tx).revision }
        #expect(kept == 0)
    }
}
