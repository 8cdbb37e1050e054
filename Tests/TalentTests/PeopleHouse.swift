import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Talent

/// The Talent room on a fresh database, with the procedures of foreign experts.
struct PeopleHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    let house: House
    let clock: StandingClock
    let talent: Talent
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let place: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000aa")
    let other: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000bb")
    let expertAccount: ID<Account> = ID("expert")

    static var root: String { TestCity.root }

    init(_ engine: Engine) async throws {
        let city = try TestCity.shenzhen()
        let db = try await TestStore.open(engine, House.migrations + Talent.migrations)
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        var hooks = ProcedureHooks()
        Talent.register(in: &hooks, city: city)
        let own = Set(ExpertCase.Kind.allCases.map(\.procedure))
        let procedures = try Procedures(
            city.procedures.filter { own.contains($0.id) }, hooks: hooks, calendar: city.calendar, zone: city.zone,
            rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf([], book: city.rules), vault: Vault(key: [UInt8](repeating: 5, count: 32)),
            files: FileStore(folder: NSTemporaryDirectory()), site: "http://house.test")
        talent = Talent(house)
        try await people()
    }

    private func people() async throws {
        let (now, today, place, other, vault) = (clock.now(), Self.start, place, other, house.vault)
        try await house.db.write { tx in
            for (id, name, code) in [(place, "甲公司", "91440300MA5D12345X"), (other, "乙公司", "91440300MA5D54321X")] {
                try Registry.add(
                    Organisation(id: id, name: Bilingual(name, name), uscc: code, kind: .enterprise, address: ""),
                    source: "test", by: .system, at: now, on: today, tx)
            }
            for login in ["officer", "expert", "handler", "stranger"] {
                try AccountStore.insert(
                    AccountCard(
                        id: ID(login), login: login, name: login,
                        mail: try SealedText("\(login)@example.org", by: vault), roles: []),
                    passwordHash: "", at: now, tx)
            }
            try Registry.setMember(ID("handler"), of: place, roles: [.handler], by: .system, at: now, tx)
        }
    }

    var handler: Actor {
        Actor(
            account: ID("handler"), name: "人事", roles: [.applicant],
            memberships: [Membership(organisation: place, roles: [.handler])])
    }
    var expertActor: Actor { Actor(account: expertAccount, name: "Anna", roles: [.applicant]) }

    func move(days: Int) { clock.move(seconds: days * 86_400) }

    /// A foreigner with one permit that ends after so many days.
    @discardableResult
    func permit(
        _ number: Int, endsIn days: Int, at organisation: ID<OrganisationMark>? = nil, category: String = "B",
        country: String = "DEU", account: ID<Account>? = nil, state: String = "valid", startedDaysAgo: Int = 300
    ) async throws -> String {
        let (now, today, vault) = (clock.now(), house.today, house.vault)
        let place = organisation ?? place
        try await house.db.write { tx in
            try tx.run(
                """
                INSERT INTO foreigner (id, number, name, nationality, sealed_passport, passport_mark, sealed_birth, sex,
                    account, created_at)
                VALUES (\("f\(number)"), \("N\(number)"), \("PERSON \(number)"), \(country),
                    \(try vault.seal("C\(number)")), \(vault.mark("C\(number)")), \(try vault.seal("1980-01-31")), '',
                    \(account), \(now))
                """)
            try tx.run(
                """
                INSERT INTO permit (id, foreigner, organisation, case_id, term, category, route, post, district, trade,
                    nationality, salary_fen, starts_on, ends_on, state, basis, check_code, issued_at)
                VALUES (\("p\(number)"), \("f\(number)"), \(place), '', 'long', \(category), '', '工程师', '南山', 'I',
                    \(country), 1, \(today.adding(days: -startedDaysAgo)), \(today.adding(days: days)), \(state),
                    'decision', \("c\(number)"), \(now))
                """)
        }
        return "p\(number)"
    }

    func expert(
        _ name: String, account: ID<Account>? = nil, foreigner: String? = nil, country: String = "DEU",
        field: String = "biology", state: ForeignExpert.State = .present
    ) async throws -> ForeignExpert {
        let draft = ForeignExpert(
            id: house.ids.make(), person: house.ids.make(), account: account, foreigner: foreigner, name: name,
            country: country, field: field, organisation: place, employer: "甲公司", category: "B", state: state)
        return try await talent.experts.save(
            draft, papers: ExpertPapers(passport: "C01X00T47", birth: "1980-01-31", contact: "anna@example.org"),
            source: "护照原件", by: officer)
    }

    func messages(_ account: ID<Account>) async throws -> [Message] {
        try await house.db.read { tx in try Messages.list(account, before: nil, limit: 100, tx) }
    }

    @discardableResult
    func act(_ id: ID<CaseFile>, _ action: String, _ answers: JSONValue = [:]) async throws -> CaseFile {
        let (procedures, now, officer) = (house.procedures, clock.now(), officer)
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: officer, at: now, in: tx)
        }
    }
}
