import Funding
import Kernel
import Store

extension DemonstrationCity {
    /// Files the synthetic city's projects as applications through the same actions as the pages: each investigator
    /// applies for the own employer, whose administrator endorses.
    /// - Returns: how many were endorsed.
    @discardableResult
    public func fillApplications() async throws -> Int {
        let house = services.house
        let today = house.today
        // Of several that would do, the one that is open longest takes the application.
        let calls = try await house.db.read { tx in
            try CallStore.list(CallFilter(phase: .open), today: today, limit: 50, tx).reversed().map {
                try CallStore.require($0.id, tx)
            }
        }
        let hash = try Passwords.hash(DemonstrationCity.password)
        var filed = 0
        var administrators: [Int: Actor] = [:]
        for (index, project) in city.projects.enumerated() {
            let person = city.people[project.investigator]
            let employer = city.organisations[person.employer]
            guard let host = LimitFacts.Host(rawValue: employer.kind.rawValue),
                let call = calls.first(where: { $0.content.hosts.contains(host) && Self.fits(project, $0) })
            else { continue }
            let place = try await house.db.read { tx in try Registry.organisation(uscc: employer.uscc, tx) }
            guard let place else { continue }
            let applicant = try await join(
                person.name.zh, person.orcid, login: "researcher\(index + 1)", [.handler], place.id, hash)
            let administrator: Actor
            if let known = administrators[person.employer] {
                administrator = known
            } else {
                administrator = try await join(
                    "管理员", nil, login: "administrator\(person.employer + 1)", [.administrator, .sealHolder], place.id,
                    hash)
                administrators[person.employer] = administrator
            }
            try await file(project, under: call, for: place.id, applicant, administrator)
            filed += 1
        }
        return filed
    }

    private func join(
        _ name: String, _ orcid: String?, login: String, _ roles: Set<MembershipRole>, _ place: ID<OrganisationMark>,
        _ hash: String
    ) async throws -> Actor {
        let house = services.house
        let (now, vault) = (house.clock.now(), house.vault)
        let made: ID<PersonMark> = house.ids.make()
        let account: ID<Account> = house.ids.make()
        return try await house.db.write { tx in
            // The experts of the city are people of the city too.
            let known: ID<PersonMark>? = try orcid.flatMap { try tx.value("SELECT id FROM person WHERE orcid = \($0)") }
            if known == nil {
                let person = Person(id: made, name: name, nameEn: "", title: "", orcid: orcid)
                try Registry.add(person, number: nil, vault: vault, at: now, tx)
            }
            let card = AccountCard(id: account, login: login, name: name, person: known ?? made, roles: [.applicant])
            try AccountStore.insert(card, passwordHash: hash, at: now, tx)
            try Registry.setMember(account, of: place, roles: roles, by: .system, at: now, tx)
            return try AccountStore.actor(card, tx)
        }
    }

    private func file(
        _ project: SyntheticCity.Project, under call: Call, for place: ID<OrganisationMark>, _ applicant: Actor,
        _ administrator: Actor
    ) async throws {
        let house = services.house
        let answers = Self.answers(project, under: call)
        let item = try await services.funding.applications.start(
            call: call.number, organisation: place, by: applicant)
        _ = try await services.funding.applications.replace(item.id, answers: answers, expecting: 0, by: applicant)
        let (procedures, now) = (house.procedures, house.clock.now())
        try await house.db.write { tx in
            try procedures.act(item.id, "submit", as: applicant, at: now, in: tx)
            try procedures.act(item.id, "endorse", as: administrator, at: now, in: tx)
        }
    }

    /// Whether the form of a call asks for nothing that the projects of the city cannot say.
    private static func fits(_ project: SyntheticCity.Project, _ call: Call) -> Bool {
        call.content.wholeForm.problems(answers(project, under: call), complete: true).isEmpty
    }

    private static func answers(_ project: SyntheticCity.Project, under call: Call) -> JSONValue {
        let amount = min(max(project.requested, call.content.minimum), call.content.maximum).fen
        return [
            "title-zh": .string(project.title.zh), "title-en": .string(project.title.en),
            "abstract": .string(project.abstract.zh),
            "keywords": .string(Vocabulary.fields.first { $0.code == project.field }?.name.zh ?? ""),
            "requested": .integer(amount), "term-months": 36,
            "telephone": "0755-12345678", "significance": .string(project.abstract.zh),
            "plan": "第一年完成机理研究，第二年完成关键技术，第三年完成验证与示范。", "outcomes": "论文、专利、人才培养和示范应用。",
            "ethics": true,
            "budget": [
                "operations": ["amount": .integer(amount - amount / 5), "note": "材料、测试和加工"],
                "indirect": ["amount": .integer(amount / 5), "note": .null],
            ],
        ]
    }
}
