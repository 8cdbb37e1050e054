import Kernel
import Store
import Talent

/// Foreign staff of the demonstration city: employers, permits over two years, the register, an expert with account.
struct TalentCity: Sendable {
    static let accounts: [DemonstrationCity.DemonstrationAccount] = [
        .init(login: "foreign-expert", what: Bilingual("外国专家", "Foreign expert"), roles: [.applicant], division: nil)
    ]

    private static let given = [
        "ANNA", "KENJI", "MARIA", "DAVID", "PRIYA", "LUCAS", "OLGA", "THOMAS", "SOFIA", "MIN-JUN",
    ]
    private static let family = [
        "MUELLER", "TANAKA", "SILVA", "SMITH", "SHARMA", "MARTIN", "IVANOVA", "NOVAK", "ROSSI", "KIM",
    ]
    private static let countries = [
        "DEU", "JPN", "BRA", "USA", "IND", "FRA", "RUS", "CZE", "ITA", "KOR", "GBR", "SGP", "CAN", "AUS",
    ]
    private static let fields = [
        "electronics", "biology", "materials", "energy", "manufacturing", "education", "finance",
    ]
    private static let trades = ["I", "C", "M", "P", "J", "F", "Q"]
    private static let posts = [
        "高级工程师 / Senior engineer", "研究员 / Researcher", "教师 / Teacher", "总监 / Director", "实习生 / Intern",
    ]

    let services: Services
    let count: Int

    init(_ services: Services, count: Int) {
        self.services = services
        self.count = count
    }

    private struct Worker: Sendable {
        let foreigner: String
        let person: ID<PersonMark>
        let expert: ID<ForeignExpert>
        let name: String
        let country: String
        let passport: String
        let birth: Day
        let place: Int
        let category: String
        let starts: Day
        let ends: Day
        let number: Int
    }

    /// - Parameter organisations: of the demonstration city, in its order; the first one employs the named expert.
    func fill(_ organisations: [ID<OrganisationMark>], passwordHash: String) async throws {
        let house = services.house
        let (now, today) = (house.clock.now(), house.today)
        var random = SeededRandom(seed: 88)
        let workers = (0..<max(1, count)).map { worker($0, organisations.count, today, &random) }
        let account: ID<Account> = house.ids.make()
        for block in stride(from: 0, to: workers.count, by: 100) {
            let part = Array(workers[block..<min(block + 100, workers.count)])
            try await house.db.write { tx in
                for item in part { try add(item, organisations, account, now, today, tx) }
            }
        }
        let card = AccountCard(
            id: account, login: "foreign-expert", name: workers[0].name, person: workers[0].person,
            roles: [.applicant])
        try await house.db.write { tx in try AccountStore.insert(card, passwordHash: passwordHash, at: now, tx) }
        try await register(workers, organisations, account)
    }

    private func worker(_ index: Int, _ places: Int, _ today: Day, _ random: inout SeededRandom) -> Worker {
        let house = services.house
        func pick(_ list: [String]) -> String { list[Int.random(in: 0..<list.count, using: &random)] }
        // The first is the expert with the account: a permit of category B that ends within seven weeks.
        let left = index == 0 ? 48 : Int.random(in: -60...500, using: &random)
        let category = index == 0 ? "B" : ["A", "B", "B", "B", "C"][Int.random(in: 0..<5, using: &random)]
        let length = category == "C" ? 365 : Int.random(in: 365...730, using: &random)
        let name = index == 0 ? "MUELLER ANNA" : "\(pick(Self.family)) \(pick(Self.given))"
        let number = Int.random(in: 1_000_000...9_999_999, using: &random)
        return Worker(
            foreigner: house.ids.next(), person: house.ids.make(), expert: house.ids.make(), name: name,
            country: index == 0 ? "DEU" : pick(Self.countries), passport: "C\(number)",
            birth: Day(number: Int.random(in: 0...10_000, using: &random)),
            place: index % 4 == 0 ? 0 : Int.random(in: 0..<places, using: &random), category: category,
            starts: today.adding(days: left - length), ends: today.adding(days: left), number: index)
    }

    private func add(
        _ item: Worker, _ organisations: [ID<OrganisationMark>], _ account: ID<Account>, _ now: Instant, _ today: Day,
        _ tx: Tx
    ) throws {
        let vault = services.house.vault
        let place = organisations[item.place]
        let trade = Self.trades[item.place % Self.trades.count]
        let district = Vocabulary.districts[item.place % Vocabulary.districts.count].code
        try tx.run(
            """
            INSERT INTO employer (organisation, case_id, state, trade, district, contact, telephone, registered_on)
            VALUES (\(place), '', 'active', \(trade), \(district), '', '', \(today))
            ON CONFLICT (organisation) DO NOTHING
            """)
        try tx.run(
            """
            INSERT INTO foreigner (id, number, name, nationality, sealed_passport, passport_mark, passport_ends,
                sealed_birth, sex, account, created_at)
            VALUES (\(item.foreigner), \("DEMO\(padded(item.number, 6))"), \(item.name), \(item.country),
                \(try vault.seal(item.passport)), \(vault.mark("passport/\(item.country)/\(item.passport)")), \(today.adding(years: 4)),
                \(try vault.seal(item.birth.description)), '', \(item.number == 0 ? account : nil), \(now))
            """)
        let state = item.ends < today ? "expired" : "valid"
        try tx.run(
            """
            INSERT INTO permit (id, foreigner, organisation, case_id, term, category, route, post, district, trade,
                nationality, salary_fen, starts_on, ends_on, state, basis, check_code, issued_at)
            VALUES (\(services.house.ids.next()), \(item.foreigner), \(place), '', 'long', \(item.category), '',
                \(Self.posts[item.number % Self.posts.count]), \(district), \(trade), \(item.country),
                \(Int64(36_000_000)), \(item.starts), \(item.ends), \(state), 'decision',
                \("DEMO-\(padded(item.number, 8))"), \(now))
            """)
    }

    /// Two of three stand in the register, as the officer entered them.
    private func register(
        _ workers: [Worker], _ organisations: [ID<OrganisationMark>], _ account: ID<Account>
    ) async throws {
        let house = services.house
        let talent = Talent(house)
        let names = try await house.db.read { tx in try Registry.organisations(organisations, tx) }
        for item in workers where item.number % 3 != 1 {
            let place = organisations[item.place]
            let isNamed = item.number == 0
            let expert = ForeignExpert(
                id: item.expert, person: item.person, account: isNamed ? account : nil, foreigner: item.foreigner,
                name: item.name, country: item.country, field: Self.fields[item.number % Self.fields.count],
                organisation: place, employer: names[place].map { "\($0.name.zh) / \($0.name.en)" } ?? "",
                category: item.category, since: item.starts, state: item.ends < house.today ? .left : .present)
            try await talent.experts.save(
                expert,
                papers: ExpertPapers(
                    passport: item.passport, birth: item.birth.description, contact: isNamed ? "anna@example.org" : ""),
                source: "demonstration", by: .system)
        }
        guard
            let actor = try await house.db.read({ tx in
                try AccountStore.find(account, tx).map { try AccountStore.actor($0, tx) }
            })
        else { return }
        _ = try await talent.experts.file(
            ExpertActions.Filing(
                kind: .service, topic: "school",
                text: "My daughter starts school in September. Which schools take foreign children?"), by: actor)
    }
}
