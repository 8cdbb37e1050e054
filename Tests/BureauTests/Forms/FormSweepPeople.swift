import BureauTestSupport
import Funding
import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

extension FormSweepTests {
    /// Looked at while somebody sees to an account or a permit, or while the bureau meets and looks into something.
    static let people: Set<String> = filed.union(sat).union(keyed)

    private static let filed: Set<String> = [
        "account.session.end", "account.token.end", "factor.confirm", "factor.end", "session.code",
        "desk.permits.findings.add", "desk.permits.findings.settle", "desk.permits.reveal", "permits.filings.save",
        "permits.filings.attach", "permits.filings.detach", "talent.notices.file", "documents.reveal",
        "procedures.migrate",
    ]

    private static let keyed: Set<String> = ["factor.key.begin", "factor.key.add", "factor.key.end"]

    private static let sat: Set<String> = [
        "meetings.close", "meetings.item", "meetings.sign", "meetings.vote.close", "votes.cast", "audit.hit.look",
        "desk.experts.decide", "desk.experts.absences.remove", "reviews.absences.remove", "reviews.conflicts.contest",
        "laboratories.report",
    ]

    // MARK: Accounts and permits

    @Test("Forms that stand while an account is made safe and a permit is filed and checked")
    func accountAndPermitForms() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        try await secure(&sweeper)
        try await file(&sweeper)
        let place = try await house.actor("organisation").memberships[0].organisation
        try await sweeper.look("organisation", "/talent/employers/\(place)/notices/new")
        try await migrate(&sweeper)
        sweeper.expect(Self.filed, "accounts and permits")
    }

    /// A session, a token and a second factor.
    private func secure(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let (sessions, now) = (house.services.sessions, house.house.clock.now())
        let (officer, treasurer) = (try await house.actor("officer"), try await house.actor("treasurer"))
        _ = try await sessions.signIn(
            login: "officer", password: DemonstrationCity.password, from: Sessions.Origin(client: "192.0.2.1"),
            now: now)
        _ = try await sessions.makeToken(
            for: try #require(officer.account), label: "t", scopes: ["*"], ends: now.adding(seconds: 600), now: now)
        try await sweeper.look("officer", "/account")
        try await sweeper.look(
            LeakWorld.Guest(name: "auditor", actor: try await house.actor("auditor")),
            after: "/account/second-factor/begin",
            "\(SecondFactorPages.codesPassword)=\(DemonstrationCity.password)")
        let setUp = try await sessions.factor.begin(
            showing: nil, by: try #require(treasurer.account), session: nil, at: now)
        let code = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
        _ = try await sessions.factor.confirm(code, of: setUp.sealed, by: treasurer, session: nil, at: now)
        try await sweeper.look("treasurer", "/account/second-factor")
        try await sweeper.look(
            LeakWorld.Guest(name: "everyone", actor: .everyone), after: "/sign-in",
            "login=treasurer&password=\(DemonstrationCity.password)")
    }

    @Test("Forms that stand while somebody adds a security key and removes it")
    func keyForms() async throws {
        let site = "https://house.test"
        let house = try await TestHouse(.sqlite, standing: true, site: site)
        var sweeper = try FormSweeper(house)
        let (leader, factor) = (try await house.actor("leader"), house.services.sessions.factor)
        let account = try #require(leader.account)
        let guest = LeakWorld.Guest(name: "leader", actor: leader)
        let wanted = "name=blue&password=\(DemonstrationCity.password)"
        try await sweeper.look("leader", "/account/second-factor")
        try await sweeper.look(guest, after: "/account/second-factor/keys", wanted)
        let (id, now): (ID<SecurityKey>, Instant) = (house.house.ids.make(), house.house.clock.now())
        let question = try await factor.question(
            adding: "blue", to: account, showing: nil, session: nil, house: "局", at: now)
        _ = try await factor.add(
            try SoftKey().create(question.options, at: site), to: question.sealed, as: id, by: leader, session: nil,
            at: now)
        try await sweeper.look("leader", "/account/second-factor/keys/\(id)")
        // From now on another one takes this one as well.
        try await sweeper.look(guest, after: "/account/second-factor/keys", wanted)
        sweeper.expect(Self.keyed, "security keys")
    }

    /// Drafts of everything that is asked for anew, and an invitation that goes to its check.
    private func file(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let filings = PermitRoom(house.house).filings
        let employer = try await house.actor("organisation")
        let place = employer.memberships[0].organisation
        for kind in FilingKind.fresh {
            try await sections(of: try await filings.start(kind, organisation: place, by: employer), [:], &sweeper)
        }
        let filing = try await filings.start(.invitation, organisation: place, by: employer)
        let (id, answers) = (filing.caseID, try visit(from: house.house.today.adding(days: 30)))
        _ = try await filings.drafts.replace(id, answers: answers, expecting: 0, by: employer)
        let paper = try await filings.drafts.attach(
            id, field: "paper-passport", name: "passport.pdf", bytes: SamplePDF.bytes, by: employer)
        try await sections(of: filing, answers, &sweeper)
        try await house.act(id, "submit", employer)
        try await sweeper.fill(
            "officer", "/cases/\(id)", "desk.permits.findings.add",
            ["message-zh": "行程不明", "message-en": "The programme is not clear", "basis-zh": "服务指南第三条"])
        try await sweeper.look("officer", "/cases/\(id)", "/documents/\(paper.id)")
        try await sweeper.look("organisation", "/documents/\(paper.id)")
    }

    private func sections(of filing: Filing, _ answers: JSONValue, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house.house
        let definition = try house.procedures.newest(filing.kind.rawValue)
        for section in FilingForm(city: house.city).form(filing.kind, definition, answers).sections {
            try await sweeper.look("organisation", "/permits/filings/\(filing.caseID)/sections/\(section.name)")
        }
    }

    /// Answers of an invitation that nothing is wrong with.
    private func visit(from day: Day) throws -> JSONValue {
        let lines = Passport.generate(
            surname: "DUPONT", given: "MARIE", nationality: "FRA", number: "FR7001234",
            birth: try #require(Day("1990-05-17")), sex: .female, ends: day.adding(years: 5))
        return [
            "name": "DUPONT MARIE", "mrz": .string(lines), "nationality": "FRA", "post": "Research engineer",
            "duties": "Lectures on sensors for the city", "trade": "M", "district": "440305",
            "stay-from": .string(day.description), "stay-to": .string(day.adding(days: 20).description),
        ]
    }

    /// Drafts as if they had been begun under a version that came before.
    private func migrate(_ sweeper: inout FormSweeper) async throws {
        let kind = FilingKind.newAbroad.rawValue
        try await sweeper.house.house.db.write { tx in
            try tx.run("UPDATE case_file SET version = 0 WHERE procedure = \(kind) AND step = 'draft'")
        }
        try await sweeper.look("leader", "/admin/procedures/\(kind)")
    }

    // MARK: The bureau

    @Test("Forms that stand while a panel meets, an expert is barred or asks to come in, and an auditor looks")
    func panelAndAuditForms() async throws {
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        let call = try await house.call("natural-science")
        try await ask(&sweeper)
        try await leave(&sweeper)
        try await report(&sweeper)
        try await meet(call, &sweeper)
        try await contest(call, &sweeper)
        try await audit(&sweeper)
        sweeper.expect(Self.sat, "meetings")
    }

    /// Somebody asks to come into the pool of experts.
    private func ask(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let applicant = try await house.actor("applicant")
        let place = applicant.memberships[0].organisation
        let found = try await house.house.db.read { tx in try Registry.organisations([place], tx).values.first }
        let answer = try await house.visit(
            "reviews.registration.send", applicant,
            form: [
                ("title", "教授"), ("employer", try #require(found).uscc), ("fields", "430"), ("fields", "520"),
                ("keywords", "图"), ("languages", "zh"),
            ])
        try #require(answer.status == 303)
        try await sweeper.look("officer", "/desk/experts/requests")
    }

    /// An expert is away for some days of another time.
    private func leave(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let (expert, today) = (try await house.actor("expert2"), house.house.today)
        let answer = try await house.visit(
            "reviews.absences.add", expert,
            form: [("from", today.adding(days: 200).description), ("to", today.adding(days: 210).description)])
        try #require(answer.status == 303)
        let found = try await house.house.db.read { tx in
            try expert.account.flatMap { try ExpertStore.find(account: $0, tx) }
        }
        try await sweeper.look("expert2", "/reviews/registration")
        try await sweeper.look("officer", "/desk/experts/\(try #require(found).id)")
    }

    /// A laboratory of the organisation, whose report is due.
    private func report(_ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let story = try #require(StoryTests.files.first { $0.name == "basic-research.yaml" }?.file)
        try await Storyteller(house.services).seed(story.registers ?? [])
        let found = try await house.house.db.read { tx in
            try RegisterStore.list("basic.laboratories", RegisterFilter(name: "海洋观测"), limit: 1, tx).first
        }
        try await sweeper.look("organisation", "/laboratories/\(try #require(found).number)")
    }

    /// A meeting from its first item to its minutes; the item is about no case, so that nobody keeps out.
    private func meet(_ call: Call, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        let actions = MeetingHouse(house: house.house).actions
        let officer = try await house.actor("officer")
        let (id, experts) = try await house.meeting(call, of: 5)
        let room = "/desk/meetings/\(id)"
        let item = try await actions.add(Bilingual("议题", "Item"), minutes: 20, cases: [], to: id, by: officer)
        try await sweeper.look("officer", room)
        try await actions.openItem(item, by: officer)
        try await sweeper.look("officer", room)
        let vote = try await actions.openVote(
            MeetingActions.Ballot(kind: .approve, isSecret: true, question: ""), on: item, by: officer)
        try await sweeper.look("officer", room)
        try await sweeper.look("expert1", "/votes/\(vote)")
        _ = try await actions.cast(["yes"], in: vote, by: experts[0])
        try await actions.closeVote(vote, by: officer)
        try await actions.closeItem(item, by: officer)
        try await actions.close(id, by: officer)
        try await sweeper.look("officer", "/meetings/\(id)/minutes")
    }

    /// An expert who has to keep out of a round that is under way.
    private func contest(_ call: Call, _ sweeper: inout FormSweeper) async throws {
        let house = sweeper.house
        _ = try await house.checked(call)
        _ = try await house.funding.review.open(
            call.id, load: 15, dueOn: house.house.today.adding(days: 14), by: try await house.actor("officer"))
        var barred: String?
        for login in (1...12).map({ "expert\($0)" }) where barred == nil {
            let account = try #require(try await house.actor(login).account)
            let own = try await house.house.db.read { tx -> [OwnConflict] in
                guard let expert = try ExpertStore.find(account: account, tx) else { return [] }
                return try ConflictStore.own(expert.id, limit: 20, tx)
            }
            if own.contains(where: { $0.isUnderWay && $0.kept.state == .stands }) { barred = login }
        }
        let login = try #require(barred)
        try await sweeper.look(login, "/reviews/conflicts")
    }

    /// A hit as a flag writes it, which saves a whole round.
    private func audit(_ sweeper: inout FormSweeper) async throws {
        let (db, now, today) = (sweeper.house.house.db, sweeper.house.house.clock.now(), sweeper.house.house.today)
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO red_flag (flag, subject, id, subject_kind, project, amount_fen, day, value1, value2,
                    found_at)
                VALUES ('paid-after-term', 'probe', 'paid-after-term.probe', 'project', '', 100, \(today), '', '',
                    \(now))
                """)
        }
        try await sweeper.look("auditor", "/audit/flags/paid-after-term/probe")
    }
}
