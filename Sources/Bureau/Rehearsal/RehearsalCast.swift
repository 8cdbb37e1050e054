import Funding
import Kernel
import Review
import Store

/// Everybody who takes part in a rehearsal.
struct RehearsalCast: Sendable {
    let officer: Actor
    let leader: Actor
    let treasurer: Actor
    /// One for each row, in order.
    let applicants: [Actor]
    let administrators: [ID<OrganisationMark>: Actor]
    let experts: [ID<Expert>: Actor]
    let byAccount: [ID<Account>: Actor]
    let byPerson: [ID<PersonMark>: Actor]

    private init(
        bureau: (officer: Actor, leader: Actor, treasurer: Actor), applicants: [Actor],
        administrators: [ID<OrganisationMark>: Actor], experts: [ID<Expert>: Actor]
    ) {
        (officer, leader, treasurer) = bureau
        self.applicants = applicants
        self.administrators = administrators
        self.experts = experts
        byAccount = Dictionary(
            applicants.compactMap { one in one.account.map { ($0, one) } }, uniquingKeysWith: { first, _ in first })
        byPerson = Dictionary(
            applicants.compactMap { one in one.person.map { ($0, one) } }, uniquingKeysWith: { first, _ in first })
    }

    /// Enters hosts, applicants, experts and the bureau's people into an empty house.
    static func enter(_ rows: [RehearsalRow], seed: UInt64, into services: Services) async throws -> RehearsalCast {
        var writer = CastWriter(
            services: services, random: SeededRandom(seed: seed), hash: try Passwords.hash("rehearsal-only"))
        let officer = try await writer.person("经办员", login: "officer", roles: [.officer])
        let leader = try await writer.person("局领导", login: "leader", roles: [.leader])
        let treasurer = try await writer.person("财务员", login: "treasurer", roles: [.treasurer])
        var places: [String: ID<OrganisationMark>] = [:]
        var administrators: [ID<OrganisationMark>: Actor] = [:]
        for host in NSOrderedNames(rows.map(\.host)).names {
            let place = try await writer.organisation(host)
            places[host] = place
            administrators[place] = try await writer.person(
                "管理员", login: "host\(places.count)", roles: [.applicant],
                member: (place, [.administrator, .sealHolder]))
        }
        try await TreasuryCity(services: services).openAccounts(places.values.sorted { $0.text < $1.text })
        var known: [String: Actor] = [:]
        var applicants: [Actor] = []
        for row in rows {
            let key = "\(row.investigator)@\(row.host)"
            if known[key] == nil, let place = places[row.host] {
                known[key] = try await writer.person(
                    row.investigator, login: "applicant\(known.count + 1)", roles: [.applicant],
                    member: (place, [.handler]))
            }
            if let actor = known[key] { applicants.append(actor) }
        }
        let experts = try await writer.experts(
            count: max(40, rows.count * 3 / 10), hosts: places.values.sorted { $0.text < $1.text })
        return RehearsalCast(
            bureau: (officer, leader, treasurer), applicants: applicants,
            administrators: administrators, experts: experts)
    }
}

/// Names in the order in which they first come.
private struct NSOrderedNames {
    private(set) var names: [String] = []

    init(_ all: [String]) {
        var seen: Set<String> = []
        for name in all where seen.insert(name).inserted { names.append(name) }
    }
}

/// Writes people and organisations.
private struct CastWriter {
    let services: Services
    var random: SeededRandom
    let hash: String
    /// Made by chance, so that among many people two would sooner or later be the same.
    private var orcids: Set<String> = []
    private var codes: Set<String> = []

    init(services: Services, random: SeededRandom, hash: String) {
        self.services = services
        self.random = random
        self.hash = hash
    }

    private mutating func orcid() -> String {
        while true {
            let made = ORCID.generate(using: &random).text
            if orcids.insert(made).inserted { return made }
        }
    }

    private mutating func code(_ prefix: String) -> String {
        while true {
            let made = USCC.generate(prefix: prefix, division: "440305", using: &random).text
            if codes.insert(made).inserted { return made }
        }
    }

    mutating func person(
        _ name: String, login: String, roles: Set<Role>, member: (ID<OrganisationMark>, Set<MembershipRole>)? = nil
    ) async throws -> Actor {
        let house = services.house
        let now = house.clock.now()
        let person = Person(
            id: house.ids.make(), name: name, nameEn: "", title: "", orcid: orcid())
        let card = AccountCard(id: house.ids.make(), login: login, name: name, person: person.id, roles: roles)
        let (vault, hash) = (house.vault, hash)
        return try await house.db.write { tx in
            try Registry.add(person, number: nil, vault: vault, at: now, tx)
            try AccountStore.insert(card, passwordHash: hash, at: now, tx)
            if let member {
                try Registry.setMember(card.id, of: member.0, roles: member.1, by: .system, at: now, tx)
            }
            return try AccountStore.actor(card, tx)
        }
    }

    mutating func organisation(_ name: String) async throws -> ID<OrganisationMark> {
        let house = services.house
        let (now, today) = (house.clock.now(), house.today)
        let kind: Organisation.Kind =
            if name.contains("医院") { .hospital } else if name.contains("公司") {
                .enterprise
            } else if name.contains("大学") || name.contains("学院") {
                .university
            } else { .institute }
        let item = Organisation(
            id: house.ids.make(), name: Bilingual(name, name),
            uscc: code(kind == .enterprise ? "91" : "12"),
            kind: kind, address: "深圳市")
        try await house.db.write { tx in
            try Registry.add(item, source: "rehearsal", by: .system, at: now, on: today, tx)
        }
        return item.id
    }

    /// Experts of whom every fifth works at one of the hosts, so that conflicts really happen.
    mutating func experts(count: Int, hosts: [ID<OrganisationMark>]) async throws -> [ID<Expert>: Actor] {
        let house = services.house
        let city = SyntheticCity(seed: 1, scale: max(1, count / 100 + 1))
        var places: [ID<OrganisationMark>] = []
        for place in city.organisations.prefix(40) { places.append(try await organisation(place.name.zh)) }
        var experts: [ID<Expert>: Actor] = [:]
        for (index, source) in city.people.prefix(count).enumerated() {
            let actor = try await person(source.name.zh, login: "expert\(index + 1)", roles: [.expert])
            guard let account = actor.account else { continue }
            let employer = index.isMultiple(of: 5) ? hosts[index % hosts.count] : places[index % places.count]
            let expert = Expert(
                id: house.ids.make(), account: account, person: actor.person, name: actor.name, title: source.title.zh,
                organisation: employer, organisationName: "", fields: [source.field])
            let now = house.clock.now()
            try await house.db.write { tx in try ExpertStore.add(expert, at: now, tx) }
            experts[expert.id] = actor
        }
        return experts
    }
}
