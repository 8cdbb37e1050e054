import BureauTestSupport
import Foundation
import Funding
import Kernel
import Review
import Store
import Testing

@testable import Bureau
@testable import Portal
@testable import Talent

/// Plays in the demonstration city what has to go on for every room to have something to show, and to hide.
struct LeakRoomsMaker {
    let house: TestHouse

    private var db: Database { house.house.db }

    /// - Returns: who looks, what is secret, and addresses to which no page leads.
    func make() async throws -> ([LeakWorld.Guest], [LeakWorld.Secret], [String]) {
        try await nameJudges()
        let planned = try await assign()
        let nomination = try await judgeNomination()
        let enterprise = try await judgeEnterprise()
        try await hold(planned)
        try await vote(planned)
        try await changeProject()
        try await audit()
        var doors = try await file()
        let hidden = try await makeSafe()
        doors += try await sentAddresses(nomination) + proofs() + cases(nomination.text, enterprise)
        var guests = [LeakWorld.Guest(name: "everyone", actor: .everyone)]
        let stranger = try await LeakWorldMaker(house: house).account("stranger", "S", [.applicant], nil)
        guests.append(LeakWorld.Guest(name: "stranger", actor: stranger))
        for (name, login) in LeakRooms.logins {
            guests.append(LeakWorld.Guest(name: name, actor: try await house.actor(login)))
        }
        return (guests, LeakRooms.secrets + hidden, doors)
    }

    private func first(_ sql: SQL) async throws -> String {
        let found: String? = try await db.read { tx in try tx.value(sql) }
        return try #require(found, "\(sql)")
    }

    private func accounts(_ numbers: ClosedRange<Int>) async throws -> [ID<Account>] {
        var accounts: [ID<Account>] = []
        for number in numbers { accounts.append(try #require(try await house.actor("expert\(number)").account)) }
        return accounts
    }

    /// Sends a form as somebody does, and has it taken.
    private func send(
        _ route: String, _ login: String, values: [String: String] = [:], _ form: [(String, String)]
    ) async throws {
        let answer = try await house.visit(route, try await house.actor(login), values: values, form: form)
        try #require(answer.status < 400, "\(route) is answered \(answer.status): \(text(answer))")
    }

    /// Those who judge nominations and enterprises have names that tell them, before anybody writes these down.
    private func nameJudges() async throws {
        let judges: SQL = "(SELECT id FROM account WHERE login IN ('expert2', 'expert3', 'expert4'))"
        try await db.write { tx in
            try tx.run(
                """
                UPDATE person SET name = 'Qzjudge ' || id
                WHERE id IN (SELECT person FROM expert WHERE account IN \(judges))
                """)
            try tx.run("UPDATE expert SET name = 'Qzjudge ' || id WHERE account IN \(judges)")
            try tx.run("UPDATE account SET name = 'Qzjudge ' || id WHERE id IN \(judges)")
            try tx.run("UPDATE account SET mail = 'qzmail@example.cn' WHERE login = 'enterprise'")
        }
    }

    /// One call whose experts are to be assigned, and one whose plan is fixed by affinity.
    /// - Returns: the second.
    private func assign() async throws -> Call {
        let maker = LeakWorldMaker(house: house)
        let (officer, organisation) = (try await house.actor("officer"), try await house.actor("organisation"))
        let place = organisation.memberships[0].organisation
        let newcomer = try await maker.account("newcomer", "N", [.applicant], (place, [.handler]))
        var calls: [Call] = []
        for programme in ["sustainable-development", "key-technology"] {
            let call = try await maker.call(programme)
            let item = try await maker.start(call, newcomer, "一项新的研究", "0755-80000001")
            try await house.act(item, "submit", newcomer)
            try await house.act(item, "endorse", organisation)
            try await house.act(item, "accept", officer)
            calls.append(call)
        }
        house.move(days: calls[1].closesOn.number - house.house.today.number + 1)
        try await house.funding.review.open(
            calls[1].id, AssignmentOptions(mode: .best, seats: 2, load: 15),
            city: String(house.house.city.districts[0].code.prefix(4)), dueOn: house.house.today.adding(days: 14),
            by: officer)
        return calls[1]
    }

    /// The one nomination of the city stands where a ballot is held on it, then where a panel judges it.
    private func judgeNomination() async throws -> ID<CaseFile> {
        let nomination = try await first(
            "SELECT id FROM case_file WHERE procedure = 'awards.nomination' AND step = 'acceptance-publicity'")
        try await move(nomination, to: "ballot")
        let members = try await accounts(2...6)
        try await send(
            "awards.ballots.open", "officer",
            [("title", "2026 年度综合评审"), ("stage", "committee"), ("cases", nomination)]
                + members.map { ("members", $0.text) })
        let ballot = try await first("SELECT id FROM award_ballot")
        try await send("awards.ballots.vote", "expert2", values: ["id": ballot], [("mark-1", "against")])
        try await move(nomination, to: "review")
        let home = house.house
        let panels = PanelActions(db: home.db, clock: home.clock, zone: home.city.zone, procedures: home.procedures)
        try await panels.name(try await accounts(2...4), of: ID(nomination), by: try await house.actor("officer"))
        try await panels.fill(
            ID(nomination),
            [
                "score-innovation": 92, "score-value": 90, "score-difficulty": 85, "verdict": "award",
                "comment": "Qzpanelopinion：界面稳定技术有原创性，应用证明充分，建议授奖。",
            ], by: try await house.actor("expert2"))
        return ID(nomination)
    }

    private func move(_ id: String, to step: String) async throws {
        try await db.write { tx in try tx.run("UPDATE case_file SET step = \(step) WHERE id = \(id)") }
    }

    private func judgeEnterprise() async throws -> String {
        let enterprise = try await first(
            """
            SELECT id FROM case_file WHERE procedure = 'innovation.recognition'
                AND step NOT IN ('refused', 'withdrawn') ORDER BY number LIMIT 1
            """)
        try await move(enterprise, to: "review")
        let members = try await accounts(1...5)
        try await send(
            "innovation.panel.name", "officer", values: ["id": enterprise],
            members.enumerated().map { ($0 < 4 ? "technical" : "finance", $1.text) })
        let (points, now): (JSONValue, Instant) = (["advance": 7], house.house.clock.now())
        try await db.write { tx in
            try tx.run(
                """
                UPDATE recognition_sheet SET points = \(points), opinion = 'Qzsheetopinion：技术先进。', filled_at = \(now)
                WHERE case_id = \(enterprise) AND account = \(members[1])
                """)
        }
        return enterprise
    }

    private func meeting(_ call: Call) async throws -> (ID<Meeting>, ID<MeetingItem>, [Actor]) {
        let (meetings, officer) = (MeetingHouse(house: house.house).actions, try await house.actor("officer"))
        let (id, experts) = try await house.meeting(call, of: 5)
        let item = try await meetings.add(Bilingual("议题", "Item"), minutes: 20, cases: [], to: id, by: officer)
        try await meetings.openItem(item, by: officer)
        return (id, item, experts)
    }

    /// A meeting that is over, with minutes.
    private func hold(_ call: Call) async throws {
        let (meetings, officer) = (MeetingHouse(house: house.house).actions, try await house.actor("officer"))
        let (id, item, _) = try await meeting(call)
        try await meetings.note("Qzminutes：委员建议补充测试数据。", on: item, by: officer)
        try await meetings.closeItem(item, by: officer)
        try await meetings.close(id, by: officer)
    }

    /// A secret vote that is open, with two papers that differ.
    private func vote(_ call: Call) async throws {
        let (meetings, officer) = (MeetingHouse(house: house.house).actions, try await house.actor("officer"))
        let (_, item, experts) = try await meeting(call)
        let vote = try await meetings.openVote(
            MeetingActions.Ballot(kind: .approve, isSecret: true, question: "是否同意"), on: item, by: officer)
        _ = try await meetings.cast(["yes"], in: vote, by: experts[0])
        _ = try await meetings.cast(["no"], in: vote, by: experts[1])
    }

    /// What an investigator asks for while the project runs.
    private func changeProject() async throws {
        let applicant = try await house.actor("applicant")
        let projects = try await db.read { tx in try ProjectStore.list(ProjectFilter(), limit: 20, tx) }
        let own = try #require(projects.first { $0.investigator == applicant.person })
        _ = try await house.funding.projects.openChange(own.id, by: applicant)
        _ = try await house.funding.projects.openBudgetChange(own.id, by: applicant)
    }

    /// A hit of the red flags, as one writes it, and a sample.
    private func audit() async throws {
        let (now, today) = (house.house.clock.now(), house.house.today)
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO red_flag (flag, subject, id, subject_kind, project, amount_fen, day, value1, value2,
                    found_at)
                VALUES ('paid-after-term', 'probe', 'paid-after-term.probe', 'project', '', 100, \(today), '', '',
                    \(now))
                """)
        }
        try await send(
            "audit.samples.draw", "auditor",
            [
                ("title", "拨款抽查"), ("method", "random"), ("kind", "paid"), ("programme", ""), ("least", ""),
                ("from", today.adding(days: -500).description), ("to", today.description), ("size", "3"),
                ("seed", "8 15 22"),
            ])
    }

    /// Drafts of a suggestion and of an invitation of a foreigner.
    private func file() async throws -> [String] {
        let (applicant, employer) = (try await house.actor("applicant"), try await house.actor("organisation"))
        let proposal = try await Filings(house.house).start("strategy.proposal", Filings.Start(), by: applicant)
        let invitation = try await PermitRoom(house.house).filings.start(
            .invitation, organisation: employer.memberships[0].organisation, by: employer)
        return ["/drafts/\(proposal.id)", "/permits/filings/\(invitation.caseID)"]
    }

    /// The newest case of each procedure, and some others.
    private func cases(_ others: String...) async throws -> [String] {
        let newest = try await db.read { tx in
            try tx.rows("SELECT MAX(id) AS id FROM case_file GROUP BY procedure ORDER BY procedure") {
                try $0["id"] as String
            }
        }
        return (others + newest).map { "/cases/\($0)" }
    }

    /// A second factor that is on, and an identity of the provider.
    /// - Returns: the secret of the one, and a code that takes its place once.
    private func makeSafe() async throws -> [LeakWorld.Secret] {
        let (factor, now) = (house.services.sessions.factor, house.house.clock.now())
        let treasurer = try await house.actor("treasurer")
        let setUp = try await factor.begin(
            showing: nil, by: try #require(treasurer.account), session: nil, at: now)
        let code = OneTimeCode.code(setUp.secret, step: OneTimeCode.step(at: now))
        let codes = try await factor.confirm(code, of: setUp.sealed, by: treasurer, session: nil, at: now)
        let owner = try #require(try await house.actor("applicant").account)
        let id: String = house.house.ids.next()
        try await db.write { tx in
            try tx.run(
                """
                INSERT INTO account_identity (id, issuer, subject, account, linked_at)
                VALUES (\(id), \(IdentityPagesTests.issuer), 'Qzsubject', \(owner), \(now))
                """)
        }
        return [
            LeakWorld.Secret(
                name: "the secret of a second factor", word: OneTimeCode.base32(setUp.secret).lowercased(),
                knowers: []),
            LeakWorld.Secret(
                name: "a recovery code", word: try #require(codes.first).lowercased(), knowers: []),
        ]
    }

    /// Addresses that are typed, or come by mail or with a paper.
    private func sentAddresses(_ nomination: ID<CaseFile>) async throws -> [String] {
        let applicant = try await house.actor("applicant")
        let papers = try await db.read { tx in try DocumentStore.list(of: nomination, tx) }
        let (paper, now) = (try #require(papers.first), house.house.clock.now())
        let link = DownloadLink(
            .document(paper.id), for: try #require(applicant.account), until: now.adding(seconds: 900))
        let code = try await first(
            "SELECT uscc FROM organisation WHERE id = \(applicant.memberships[0].organisation)")
        try await send("credit.query", "officer", [("code", code), ("purpose", "立项前核查")])
        let query = try await first("SELECT id FROM integrity_query ORDER BY id DESC LIMIT 1")
        func number(_ register: String) async throws -> String {
            try await first("SELECT number FROM register_entry WHERE register = \(register) ORDER BY number LIMIT 1")
        }
        let letter = try await first("SELECT check_code FROM letter ORDER BY id LIMIT 1")
        let permit = try await first("SELECT check_code FROM permit ORDER BY id LIMIT 1")
        let (demand, need) = (try await number("key.demands"), try await number("transfer.finance-needs"))
        let laboratory = try await number("basic.laboratories")
        let project = try await first("SELECT case_id FROM project ORDER BY case_id LIMIT 1")
        let employer = "/talent/employers/\(try await house.actor("enterprise").memberships[0].organisation)"
        return [
            "/api/v1/projects/\(project)/file", "/api/v1/tranches?state=planned",
            "/api/v1/registers/basic.laboratories/entries", employer, "\(employer)/notices/new",
            "/downloads/\(link.text(hash: paper.hash, house.house.vault))", "/desk/credit/\(query)",
            "/api/v1/letters/\(letter)", "/api/v1/permits/verify?code=\(permit)", "/key-projects/demands/\(demand)",
            "/desk/transfer/finance/\(need)", "/api/v1/registers/basic.laboratories/entries/\(laboratory)",
        ]
    }

    /// The record signed twice, and what can be asked of it.
    private func proofs() async throws -> [String] {
        let early = try #require(try await house.house.record.sign()).size
        let account = try #require(try await house.actor("officer").account)
        let now = house.house.clock.now()
        try await db.write { tx in
            try Record.append(
                Event(
                    room: "tests", kind: "test.shown", subjectKind: "account", subject: account.text, actor: .system,
                    at: now, content: [:]), tx)
        }
        let late = try #require(try await house.house.record.sign()).size
        return [
            "/api/v1/record/checkpoints/\(early)", "/api/v1/record/inclusion?index=0&size=\(early)",
            "/api/v1/record/consistency?from=\(early)&to=\(late)",
        ]
    }
}
