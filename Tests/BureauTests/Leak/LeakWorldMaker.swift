import BureauTestSupport
import Foundation
import Funding
import Kernel
import Review
import Store
import Testing

@testable import Bureau

/// Plays what has to happen for every secret to be there.
struct LeakWorldMaker {
    let house: TestHouse

    private struct People {
        let owner: Actor
        let rival: Actor
        let ownerHouse: Actor
        let rivalHouse: Actor
    }

    func make() async throws -> ([LeakWorld.Guest], [LeakWorld.Secret]) {
        let officer = try await house.actor("officer")
        try await nameExperts()
        try await giveAddresses()
        let rivalPlace = try await freeOrganisation()
        let people = People(
            owner: try await house.actor("applicant"),
            rival: try await account("rival", "Qzrivalname", [.applicant], (rivalPlace, [.handler])),
            ownerHouse: try await house.actor("organisation"),
            rivalHouse: try await account("rivalhouse", "R", [.applicant], (rivalPlace, [.administrator, .sealHolder])))
        let tipper = try await account("tipper", "Qztipauthor", [.applicant], nil)
        let decided = try await house.call("natural-science")
        let reviewed = try await call("sustainable-development")
        let committed = try await call("key-technology")
        for call in [decided, reviewed, committed] {
            try await apply(to: call, people, officer, alone: call.id == decided.id)
        }
        try await leaveDrafts(reviewed, people.rival)
        house.move(days: reviewed.closesOn.number - house.house.today.number + 1)
        _ = try await house.funding.review.open(
            committed.id, load: 15, dueOn: house.house.today.adding(days: 14), by: officer)
        try await decide(decided, officer)
        let reviewers = try await review(reviewed)
        try await tip(tipper)
        let secret = try await seed(committed)
        try await house.house.record.sign()
        return try await world(people, tipper, reviewers, secret)
    }

    private func world(
        _ people: People, _ tipper: Actor, _ reviewers: [Actor], _ secret: String
    ) async throws -> ([LeakWorld.Guest], [LeakWorld.Secret]) {
        let place = people.owner.memberships[0].organisation
        let idle = try await account("idle", "I", [.expert], nil)
        var guests: [LeakWorld.Guest] = []
        func add(_ name: String, _ actor: Actor) { guests.append(LeakWorld.Guest(name: name, actor: actor)) }
        add("everyone", .everyone)
        add("stranger", try await account("stranger", "S", [.applicant], nil))
        add("owner", people.owner)
        add("owner's organisation", people.ownerHouse)
        add("owner's colleague", try await account("colleague", "C", [.applicant], (place, [.member])))
        add("rival", people.rival)
        add("rival's organisation", people.rivalHouse)
        add("reviewer", reviewers[0])
        add("second reviewer", reviewers[1])
        add("idle expert", idle)
        add("tipper", tipper)
        add("officer", try await house.actor("officer"))
        add("other officer", try await account("elsewhere", "E", [.officer], nil, division: "electronics"))
        for (name, login) in [
            ("leader", "leader"), ("treasurer", "treasurer"), ("auditor", "auditor"), ("administrator", "admin"),
        ] {
            add(name, try await house.actor(login))
        }
        let secrets = LeakWorld.secrets.map {
            $0.word.isEmpty ? LeakWorld.Secret(name: $0.name, word: secret, knowers: $0.knowers) : $0
        }
        return (guests, secrets)
    }

    private var db: Database { house.house.db }

    func account(
        _ login: String, _ name: String, _ roles: Set<Role>,
        _ member: (place: ID<OrganisationMark>, roles: Set<MembershipRole>)?, division: String? = nil
    ) async throws -> Actor {
        let (ids, now, vault) = (house.house.ids, house.house.clock.now(), house.house.vault)
        let card = AccountCard(
            id: ids.make(), login: login, name: name, mail: try SealedText("\(login)@example.cn", by: vault),
            person: ids.make(), roles: roles, division: division)
        let number = login == "rival" ? "440305197001018010" : nil
        try await db.write { tx in
            if let person = card.person {
                let one = Person(id: person, name: name, nameEn: name, title: "", orcid: nil)
                try Registry.add(one, number: number ?? Self.number(login), vault: vault, at: now, tx)
            }
            try AccountStore.insert(card, passwordHash: "none", at: now, tx)
            if let member {
                try Registry.setMember(card.id, of: member.place, roles: member.roles, by: .system, at: now, tx)
            }
        }
        return try await house.actor(login)
    }

    private static func number(_ login: String) -> String {
        var random = SeededRandom(seed: login.utf8.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) })
        return ResidentID.generate(division: "440305", birth: Day(number: 3_000), using: &random)
    }

    private func freeOrganisation() async throws -> ID<OrganisationMark> {
        let taken = try await house.actor("applicant").memberships[0].organisation
        return try #require(
            try await db.read { tx in
                try tx.first(
                    """
                    SELECT id FROM organisation WHERE id <> \(taken) AND kind = 'university'
                        AND id NOT IN (SELECT organisation FROM expert) ORDER BY id LIMIT 1
                    """
                ) { try $0["id"] as ID<OrganisationMark> }
                    ?? tx.first("SELECT id FROM organisation WHERE id <> \(taken) ORDER BY id DESC LIMIT 1") {
                        try $0["id"] as ID<OrganisationMark>
                    }
            })
    }

    /// Every expert has a name that tells them.
    private func nameExperts() async throws {
        try await db.write { tx in
            try tx.run("UPDATE person SET name = 'Qzreviewer ' || id WHERE id IN (SELECT person FROM expert)")
            try tx.run("UPDATE account SET name = 'Qzreviewer ' || id WHERE id IN (SELECT account FROM expert)")
            try tx.run("UPDATE expert SET name = 'Qzreviewer ' || id")
        }
    }

    /// Everybody gets by mail what they are told.
    private func giveAddresses() async throws {
        try await db.write { tx in
            try tx.run("UPDATE account SET mail = login || '@example.cn' WHERE mail = ''")
        }
    }

    func call(_ programme: String) async throws -> Call {
        let (officer, leader, today) = (
            try await house.actor("officer"), try await house.actor("leader"), house.house.today
        )
        let calls = house.funding.calls
        var content = SampleCall.all[0].content
        // With these weights a total has decimals that occur nowhere else.
        for (place, weight) in [371, 302, 327].enumerated() { content.sheet.criteria[place].weight = weight }
        let call = try await calls.draft(
            content, programme: programme, year: today.parts.year, opensOn: today,
            closesOn: today.adding(days: 20), budget: Money(fen: 500_000_000), by: officer)
        _ = try await calls.propose(call.id, by: officer)
        return try await calls.publish(call.id, by: leader)
    }

    private func apply(to call: Call, _ people: People, _ officer: Actor, alone: Bool) async throws {
        let sides = [
            (people.owner, people.ownerHouse, "Qzownerplan", "0755-80112233"),
            (people.rival, people.rivalHouse, "Qzrivalplan", "0755-80445566"),
        ]
        for (index, (applicant, organisation, plan, telephone)) in sides.enumerated() {
            // The rival is nobody's rival in the call that is decided already: there the public knows who won.
            if index == 1, alone { continue }
            let item = try await start(call, applicant, plan, telephone)
            try await house.act(item, "submit", applicant)
            try await house.act(item, "endorse", organisation)
            try await house.act(item, "accept", officer)
        }
    }

    func start(
        _ call: Call, _ applicant: Actor, _ plan: String, _ telephone: String
    ) async throws -> ID<CaseFile> {
        let applications = house.funding.applications
        let item = try await applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        guard case .object(var answers) = TestHouse.answers(plan.count) else { return item.id }
        answers["plan"] = .string("\(plan)：第一年完成方法，第二年完成验证和示范。")
        answers["significance"] = .string("\(plan)：对城市治理有重要意义，对产业有带动作用。")
        answers["telephone"] = .string(telephone)
        _ = try await applications.replace(item.id, answers: .object(answers), expecting: 0, by: applicant)
        return item.id
    }

    private func leaveDrafts(_ call: Call, _ rival: Actor) async throws {
        _ = try await start(call, rival, "Qzrivaldraft", "0755-12345678")
    }

    /// One call goes to its decision; an objection is filed against the notice.
    private func decide(_ call: Call, _ officer: Actor) async throws {
        let round = try await house.draw(call)
        try await house.judge(round)
        try await house.funding.review.close(call.id, by: officer)
        let decision = try await house.funding.proposeLine(
            call.id, method: .fitting, floor: 60, share: 100, reasons: "按评审排序", by: officer)
        let approved = try await house.funding.decisions.approve(
            decision.id, reason: "同意", by: try await house.actor("leader"))
        let notice = try #require(
            try await db.read { tx in try approved.notice.flatMap { try NoticeStore.find($0, tx) } })
        let home = house.house
        let objections = Objections(vault: home.vault, zone: home.city.zone, division: home.city.objectionsDivision)
        let (procedures, now, id) = (home.procedures, home.clock.now(), home.ids.make(CaseFile.self))
        let bytes = Array("%PDF-1.4 signed".utf8)
        let page = Document(
            id: home.ids.make(), caseID: id, field: "signed-page", name: "signed.pdf", size: bytes.count,
            hash: try home.files.keep(bytes), type: "application/pdf", uploadedBy: "", uploadedAt: now)
        let draft = ObjectionDraft(
            objector: .person, name: "Qzobjector", contact: "Qzobjecontact", address: "深圳", row: 1, statement: "内容重复",
            signedPage: page)
        _ = try await db.write { tx in
            try objections.file(draft, against: notice.number, as: id, procedures: procedures, at: now, tx)
        }
    }

    /// The other is under review: one sheet is handed in, one is half filled, the others are open.
    private func review(_ call: Call) async throws -> [Actor] {
        let round = try await house.draw(call)
        var reviewers: [Actor] = []
        let invited = try await house.assignments(round).filter { $0.state == .invited }
        for one in invited where reviewers.count < 2 {
            let expert = try await house.actor(one.expert)
            guard !reviewers.contains(expert) else { continue }
            let index = reviewers.count
            reviewers.append(expert)
            try await house.funding.sheets.accept(one.id, by: expert)
            let word = index == 0 ? "Qzopinion" : "Qzunsentopinion"
            let marks = index == 0 ? ["score-novelty": "61", "score-feasibility": "73", "score-benefit": "74"] : [:]
            _ = try await house.funding.sheets.save(
                one.id,
                values: { name in
                    switch name {
                    case "verdict": ["fund"]
                    case "comment": ["\(word)：选题有新意，技术路线可行，建议资助。"]
                    default: [marks[name] ?? "87"]
                    }
                }, expecting: one.revision, by: expert)
            if index == 0 { try await house.funding.sheets.submit(one.id, by: expert) }
        }
        try #require(reviewers.count == 2)
        return reviewers
    }

    private func tip(_ tipper: Actor) async throws {
        let filings = Filings(house.house)
        let file = try await filings.start("integrity.tip", Filings.Start(entry: "", parent: ""), by: tipper)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "kind": "fabrication", "subject-name": "某研究团队", "facts": "Qztipfacts：测试数据与原始记录不一致，两组图表完全相同。",
                "protection": "protected", "contact": "Qztipcontact", "truth": true,
            ], expecting: 0, by: tipper)
        try await house.act(file.id, "submit", tipper)
    }

    private func seed(_ call: Call) async throws -> String {
        let text: String? = try await db.read { tx in
            try tx.value(
                """
                SELECT d.secret FROM review_draw d JOIN review_round r ON r.id = d.round
                WHERE r.subject = \(call.id.text)
                """)
        }
        return try #require(text).lowercased()
    }
}
