import Funding
public import Kernel
public import Review
import Store

/// Fills an empty house with a city made from a seed: people, organisations, experts, programmes and open calls.
public struct DemonstrationCity: Sendable {
    /// The password of every demonstration account; the demonstration is never a real house.
    public static let password = "kechuang-demo"

    /// One account for each kind of user.
    public struct DemonstrationAccount: Sendable {
        public let login: String
        public let what: Bilingual
        let roles: Set<Role>
        let division: String?
    }

    public static let accounts: [DemonstrationAccount] = [
        .init(
            login: "applicant", what: Bilingual("申请人（项目负责人）", "Applicant, principal investigator"), roles: [.applicant],
            division: nil),
        .init(
            login: "organisation", what: Bilingual("单位管理员", "Administrator of the organisation"), roles: [.applicant],
            division: nil),
        .init(login: "officer", what: Bilingual("经办人", "Officer of the bureau"), roles: [.officer], division: nil),
        .init(login: "leader", what: Bilingual("局领导", "Leader of the bureau"), roles: [.leader], division: nil),
        .init(login: "treasurer", what: Bilingual("财务复核", "Treasurer"), roles: [.treasurer], division: nil),
        .init(
            login: "expert1",
            what: Bilingual("评审专家（共 12 位：expert1–expert12）", "Expert, one of twelve: expert1 to expert12"),
            roles: [.expert], division: nil),
        .init(login: "auditor", what: Bilingual("审计", "Auditor"), roles: [.auditor], division: nil),
        .init(
            login: "admin", what: Bilingual("系统管理员", "System administrator"), roles: [.systemAdministrator],
            division: nil),
        .init(
            login: "leader2", what: Bilingual("局领导（办理行政复议）", "Second leader, for reconsiderations"), roles: [.leader],
            division: nil),
        .init(login: "officer2", what: Bilingual("第二经办人", "Second officer"), roles: [.officer], division: nil),
        .init(
            login: "enterprise", what: Bilingual("企业经办人", "Handler of an enterprise"), roles: [.applicant],
            division: nil),
        .init(
            login: "enterprise-head", what: Bilingual("企业管理员", "Administrator of the enterprise"), roles: [.applicant],
            division: nil),
    ]

    /// Which organisation an account works for, in what part. Of the enterprise no expert is employed.
    private static let members: [String: (organisation: Int, roles: Set<MembershipRole>)] = [
        "applicant": (0, [.handler]), "organisation": (0, [.administrator, .sealHolder]),
        "enterprise": (17, [.handler]), "enterprise-head": (17, [.administrator, .sealHolder]),
    ]

    let services: Services
    let city: SyntheticCity
    /// Whether it is the city of which the stories are told.
    let isUsual: Bool

    public init(_ services: Services, seed: UInt64 = 1, scale: Int = 1) {
        self.services = services
        isUsual = seed == 1
        city = SyntheticCity(seed: seed, scale: scale)
    }

    /// Fills the house if it is empty.
    /// - Parameter stories: whether the registers and cases of all rooms are made too.
    /// - Returns: whether anything was made.
    @discardableResult
    public func fill(stories: Bool = true) async throws -> Bool {
        let db = services.house.db
        let known: Int = try await db.read { tx in try tx.value("SELECT COUNT(*) FROM account") ?? 0 }
        guard known == 0 else { return false }
        try await turnClock()
        try await seedProgrammes()
        let organisations = try await seedOrganisations()
        try await seedAffiliation(organisations)
        let hash = try Passwords.hash(DemonstrationCity.password)
        try await seedAccounts(organisations, hash)
        try await PermitSamples(house: services.house).seed(organisations[0])
        try await seedExperts(organisations, hash, count: 12 * max(1, city.people.count / 120))
        try await openCalls()
        try await TalentCity(services, count: city.people.count / 2).fill(organisations, passwordHash: hash)
        try await TreasuryCity(services: services).openAccounts(organisations)
        if stories {
            try await PoolCity(services: services).fill()
            try await tellStories()
            // The round of a year ago comes first: its runs shall pay nothing of this year.
            if isUsual { try await MoneyCity(services: services).play() }
            try await TreasuryCity(services: services).play(organisations)
            try await PanelCity(services: services).play()
            try await closeMonths()
            try await IncidentCity(house: services.house).tell(of: try await rememberOutage())
        }
        return true
    }

    /// An outage of a quiet Sunday, near no deadline.
    private func rememberOutage() async throws -> Outage {
        let house = services.house
        let now = house.clock.now()
        let from = house.city.zone.start(of: house.today.adding(days: -1)).adding(seconds: 3 * 3_600 + 12 * 60)
        let outage = Outage(id: house.ids.make(), from: from, until: from.adding(seconds: 25 * 60))
        try await house.db.write { tx in try OutageStore.add(outage, at: now, tx) }
        return outage
    }

    /// Sets the city's clock to the first Monday of March in the last year whose days off are known: a whole round
    /// fits before the end of what the calendar knows.
    private func turnClock() async throws {
        let house = services.house
        let year = house.city.calendar.knownThrough.parts.year
        guard var day = Day(year: year, month: 3, day: 1) else { return }
        while day.weekday != 1 { day = day.adding(days: 1) }
        services.clock.set(to: house.city.zone.start(of: day).adding(seconds: 9 * 3_600))
        try await services.rememberClock()
    }

    /// Programmes with a budget for this year and the next.
    public func seedProgrammes() async throws {
        let house = services.house
        let now = house.clock.now()
        let year = house.today.parts.year
        let entries = house.city.programmes.map { (house.ids.make(Programme.self), $0) }
        try await house.db.write { tx in
            for (id, entry) in entries {
                let programme = Programme(
                    id: id, code: entry.code, kind: entry.kind, name: entry.name, summary: entry.summary,
                    division: entry.division)
                try ProgrammeStore.save(programme, at: now, tx)
            }
        }
        for entry in house.city.programmes {
            for budgetYear in [year, year + 1] {
                try await services.funding.calls.setBudget(
                    Money(fen: 20_000_000_000), programme: entry.code, year: budgetYear)
            }
        }
    }

    /// - Returns: their identities in the order of the synthetic city.
    public func seedOrganisations() async throws -> [ID<OrganisationMark>] {
        let house = services.house
        let (now, today) = (house.clock.now(), house.today)
        let made = city.organisations.map { item in
            Organisation(
                id: house.ids.make(), name: item.name, uscc: item.uscc,
                kind: Organisation.Kind(rawValue: item.kind.rawValue) ?? .other, address: "深圳市 / Shenzhen")
        }
        for block in stride(from: 0, to: made.count, by: 200) {
            let part = Array(made[block..<min(block + 200, made.count)])
            try await house.db.write { tx in
                for item in part {
                    try Registry.add(item, source: "demonstration", by: .system, at: now, on: today, tx)
                }
            }
        }
        return made.map(\.id)
    }

    /// One institute belongs to the applicant's university, so that its expert is seen to be excluded.
    private func seedAffiliation(_ organisations: [ID<OrganisationMark>]) async throws {
        let house = services.house
        let now = house.clock.now()
        let tie = Affiliation(
            organisation: organisations[2], parent: organisations[0], kind: .subsidiary, source: "demonstration",
            from: house.today)
        try await house.db.write { tx in try Registry.affiliate(tie, by: .system, at: now, tx) }
    }

    private func seedAccounts(_ organisations: [ID<OrganisationMark>], _ hash: String) async throws {
        let house = services.house
        let now = house.clock.now()
        let people = city.people
        for (index, account) in DemonstrationCity.accounts.enumerated() where !account.roles.contains(.expert) {
            let source = people[index]
            let person = Person(
                id: house.ids.make(), name: source.name.zh, nameEn: source.name.en, title: source.title.zh,
                orcid: source.orcid)
            let card = AccountCard(
                id: house.ids.make(), login: account.login, name: source.name.zh, person: person.id,
                roles: account.roles, division: account.division)
            let number = identityNumber(UInt64(index))
            let vault = house.vault
            try await house.db.write { tx in
                try Registry.add(person, number: number, vault: vault, at: now, tx)
                try AccountStore.insert(card, passwordHash: hash, at: now, tx)
                guard let place = DemonstrationCity.members[account.login] else { return }
                try Registry.setMember(
                    card.id, of: organisations[place.organisation], roles: place.roles, by: .system, at: now, tx)
            }
        }
    }

    private func identityNumber(_ seed: UInt64) -> String {
        var random = SeededRandom(seed: 7_000 + seed)
        let birth = Day(number: Int.random(in: 0...9_000, using: &random))
        return ResidentID.generate(division: "440305", birth: birth, using: &random)
    }

    /// Experts who work elsewhere than at the first organisation, each in several fields.
    /// - Returns: the experts with the actors under which they act.
    @discardableResult
    public func seedExperts(
        _ organisations: [ID<OrganisationMark>], _ hash: String, count: Int
    ) async throws -> [(Expert, Actor)] {
        let house = services.house
        let now = house.clock.now()
        let fields = Vocabulary.fields.map(\.code)
        let pool = city.people.enumerated().filter { $0.offset >= 20 && $0.element.employer != 0 }.prefix(count)
        var made: [(Expert, Actor, AccountCard, Person)] = []
        for (number, entry) in pool.enumerated() {
            let source = entry.element
            let person = Person(
                id: house.ids.make(), name: source.name.zh, nameEn: source.name.en, title: source.title.zh,
                orcid: source.orcid)
            let card = AccountCard(
                id: house.ids.make(), login: "expert\(number + 1)", name: source.name.zh, person: person.id,
                roles: [.expert])
            // Each expert covers the own field and three others, so that any call finds enough of them.
            let own = fields.firstIndex(of: source.field) ?? 0
            let covered = Set((0..<4).map { fields[(own + $0 * (number % 2 + 1)) % fields.count] } + [source.field])
            let expert = Expert(
                id: house.ids.make(), account: card.id, person: person.id, name: source.name.zh,
                title: "\(source.title.zh) / \(source.title.en)",
                organisation: organisations[source.employer],
                organisationName: city.organisations[source.employer].name.zh,
                languages: DemonstrationCity.languages(number), fields: covered.sorted())
            let actor = Actor(account: card.id, person: person.id, name: card.name, roles: card.roles)
            made.append((expert, actor, card, person))
        }
        let vault = house.vault
        for block in stride(from: 0, to: made.count, by: 100) {
            let part = Array(made[block..<min(block + 100, made.count)])
            try await house.db.write { tx in
                for (place, (expert, _, card, person)) in part.enumerated() {
                    try Registry.add(person, number: nil, vault: vault, at: now, tx)
                    try AccountStore.insert(card, passwordHash: hash, at: now, tx)
                    try ExpertStore.add(expert, at: now, tx)
                    let named = Vocabulary.fields.filter { expert.fields.contains($0.code) }
                    try ExpertTexts.set(
                        keywords: named.flatMap { [$0.name.zh, $0.name.en] },
                        titles: named.map { field in
                            let method = field.methods[place % field.methods.count]
                            return "基于\(method.zh)的\(field.objects[place / 2 % field.objects.count].zh)研究"
                        }, of: expert.id, tx)
                }
            }
        }
        return made.map { ($0.0, $0.1) }
    }

    /// Most experts read English, and some a third language.
    private static func languages(_ number: Int) -> [ReviewLanguage] {
        switch number % 12 {
        case 2, 8: [.chinese]
        case 4: [.chinese, .english, .japanese]
        case 9: [.chinese, .english, .german]
        default: [.chinese, .english]
        }
    }

    /// Two published calls and one draft.
    private func openCalls() async throws {
        let house = services.house
        let today = house.today
        let (officer, leader) = try await house.db.read { tx -> (Actor?, Actor?) in
            func actor(_ login: String) throws -> Actor? {
                try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
            }
            return (try actor("officer"), try actor("leader"))
        }
        guard let officer, let leader else { return }
        let programmes = Set(house.city.programmes.map(\.code))
        for sample in SampleCall.all where programmes.contains(sample.programme) {
            // What is still being written opens later.
            let opensOn = sample.isPublished ? today : today.adding(days: 30)
            let call = try await services.funding.calls.draft(
                sample.content, programme: sample.programme, year: today.parts.year, opensOn: opensOn,
                closesOn: opensOn.adding(days: sample.openDays), budget: sample.budget, by: officer)
            guard sample.isPublished else { continue }
            _ = try await services.funding.calls.propose(call.id, by: officer)
            _ = try await services.funding.calls.publish(call.id, by: leader)
        }
    }
}

extension Services {
    /// Keeps by how much the demonstration's clock is ahead, for when the house is opened again.
    func rememberClock() async throws {
        let lead = clock.lead
        try await house.db.write { tx in try Settings.set("demonstration.lead", String(lead), tx) }
    }
}

/// Calls as the demonstration publishes them.
struct SampleCall: Sendable {
    let programme: String
    let openDays: Int
    let budget: Money
    let isPublished: Bool
    let content: CallContent

    static let all: [SampleCall] = [
        SampleCall(
            programme: "natural-science", openDays: 20, budget: Money(fen: 3_000_000_000), isPublished: true,
            content: content(
                Bilingual("深圳市自然科学基金面上项目", "Natural Science Fund, General Projects"),
                Bilingual(
                    "支持科研人员围绕基础研究和应用基础研究自由选题，培养青年人才。",
                    "Supports researchers who choose their own topics in basic and applied basic research, and trains young talent."
                ),
                hosts: [.university, .institute, .hospital], minimum: 20_000_000, maximum: 60_000_000)),
        SampleCall(
            programme: "technology-general", openDays: 30, budget: Money(fen: 5_000_000_000), isPublished: true,
            content: content(
                Bilingual("技术攻关面上项目", "General Technology Projects"),
                Bilingual(
                    "支持企业牵头，联合高校院所解决产业发展中的关键技术问题。",
                    "Supports enterprises that lead universities and institutes in solving key technical problems of industry."
                ),
                hosts: [.enterprise, .enterpriseKeyLaboratory], minimum: 50_000_000, maximum: 300_000_000)),
        SampleCall(
            programme: "international-cooperation", openDays: 45, budget: Money(fen: 1_000_000_000), isPublished: false,
            content: content(
                Bilingual("国际科技合作项目", "International Cooperation Projects"),
                Bilingual(
                    "支持与境外机构开展联合研发。", "Supports joint research with partners abroad."), hosts: LimitFacts.Host.allCases,
                minimum: 30_000_000, maximum: 100_000_000)),
        talentTeam,
    ]

    static func content(
        _ title: Bilingual, _ summary: Bilingual, hosts: [LimitFacts.Host], minimum: Int64, maximum: Int64
    ) -> CallContent {
        var content = CallContent.standard(title: title)
        content.summary = summary
        content.hosts = hosts
        content.minimum = Money(fen: minimum)
        content.maximum = Money(fen: maximum)
        content.conditions = [
            Bilingual("在深圳市依法登记的法人单位。", "A legal entity registered in Shenzhen."),
            Bilingual("项目负责人为在职人员，具有组织实施项目的能力。", "The investigator is employed there and able to lead the project."),
            Bilingual("未列入科研严重失信行为数据库。", "Not listed for serious misconduct in research."),
        ]
        content.form = Form(sections: [
            FormSection(
                name: "content", title: Bilingual("申报内容", "Content"),
                fields: [
                    FormField(
                        name: "significance", label: Bilingual("立项依据与意义", "Why it matters"), kind: .longText,
                        atMost: 3_000,
                        atLeast: 10),
                    FormField(
                        name: "plan", label: Bilingual("研究内容与技术路线", "What is done, and how"), kind: .longText,
                        atMost: 5_000,
                        atLeast: 10),
                    FormField(
                        name: "outcomes", label: Bilingual("预期成果", "Expected results"), kind: .longText, atMost: 2_000,
                        atLeast: 10),
                    FormField(
                        name: "ethics",
                        label: Bilingual(
                            "不涉及伦理问题，或已通过伦理审查", "No ethical questions, or approved by an ethics committee"),
                        kind: .yesNo),
                    FormField(
                        name: "attachments",
                        label: Bilingual("附件（可行性报告等）", "Attachments such as the feasibility report"),
                        kind: .files, required: false, atMost: 10, accepts: DocumentStore.usualTypes),
                ]),
            FormSection(
                name: "budget-section", title: Bilingual("经费预算", "Budget"),
                fields: [
                    FormField(
                        name: "budget", label: Bilingual("经费预算", "Budget"), kind: .budget,
                        options: [
                            FormOption("equipment", Bilingual("设备费", "Equipment")),
                            FormOption("operations", Bilingual("业务费", "Operations")),
                            FormOption("labour", Bilingual("劳务费", "Labour")),
                            FormOption("indirect", Bilingual("间接费用", "Indirect costs")),
                        ], caps: ["indirect": 300], equals: "requested")
                ]),
        ])
        return content
    }
}
