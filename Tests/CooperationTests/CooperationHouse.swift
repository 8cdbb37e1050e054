import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Cooperation
@testable import Portal

/// The Cooperation room on a fresh database, with its own procedures.
struct CooperationHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    static var root: String { TestCity.root }

    static func city() throws -> Jurisdiction { try TestCity.shenzhen() }

    static let tables: [String] =
        ["National", "Shenzhen"].flatMap { folder -> [String] in
            let path = "\(root)/Jurisdictions/\(folder)/tables"
            return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { "\(path)/\($0)" }
        }.filter { $0.contains("/cooperation-") }

    let house: House
    let clock: StandingClock
    let filings: Filings
    let place: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000aa")
    let other: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000bb")
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let officer2 = Actor(account: ID("officer2"), name: "第二经办人", roles: [.officer])
    let leader = Actor(account: ID("leader"), name: "局领导", roles: [.leader])

    init(_ engine: Engine) async throws {
        let city = try Self.city()
        let db = try await TestStore.open(engine, House.migrations + Cooperation.migrations)
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        let vault = Vault(key: [UInt8](repeating: 5, count: 32))
        var hooks = ProcedureHooks(vault: vault)
        Cooperation.register(in: &hooks, city: city)
        RegisterHooks.register(in: &hooks, city.registers)
        let procedures = try Procedures(
            city.procedures.filter { $0.duty == "cooperation" }, hooks: hooks, calendar: city.calendar, zone: city.zone,
            rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf(Cooperation.rules, book: city.rules), vault: vault,
            files: FileStore(folder: try Self.folder()), site: "http://house.test")
        filings = Filings(house)
        let now = clock.now()
        try await db.write { tx in
            for login in ["officer", "officer2", "handler", "stranger"] {
                try AccountStore.insert(
                    AccountCard(
                        id: ID(login), login: login, name: login,
                        roles: login.hasPrefix("officer") ? [.officer] : [],
                        division: login == "officer2" ? "talent" : nil), passwordHash: "", at: now, tx)
            }
        }
    }

    private static func folder() throws -> String {
        let path = "\(NSTemporaryDirectory())kechuang-cooperation-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: "\(path)/spool", withIntermediateDirectories: true)
        return path
    }

    func member(_ login: String, of organisation: ID<OrganisationMark>) -> Actor {
        Actor(
            account: ID(login), name: login, roles: [.applicant],
            memberships: [Membership(organisation: organisation, roles: [.handler])])
    }
    var handler: Actor { member("handler", of: place) }
    var stranger: Actor { member("stranger", of: other) }

    /// Adds an entry to a register.
    @discardableResult
    func entry(_ register: String, _ values: JSONValue) async throws -> RegisterEntry {
        let definition = try house.registers.require(register)
        let act = RegisterAct(by: .system, reason: "test", at: clock.now(), on: house.today)
        let id: ID<RegisterMark> = house.ids.make()
        return try await house.db.write { tx in try RegisterStore.add(definition, values, id: id, act, tx) }
    }

    /// Opens a case and fills in its form.
    func draft(
        _ procedure: String, _ answers: JSONValue, entry: String = "", files: [String] = [], by actor: Actor? = nil
    ) async throws -> CaseFile {
        let who = actor ?? handler
        let file = try await filings.start(procedure, Filings.Start(entry: entry), by: who)
        _ = try await filings.drafts.replace(file.id, answers: answers, expecting: 0, by: who)
        for field in files {
            _ = try await filings.drafts.attach(
                file.id, field: field, name: "a.pdf", bytes: Array("%PDF-1.4\n%%EOF\n".utf8), by: who)
        }
        return file
    }

    @discardableResult
    func act(_ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]) async throws -> CaseFile
    {
        let (procedures, now) = (house.procedures, clock.now())
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    /// What an action is refused for, by code.
    func refusal(_ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]) async -> [String] {
        do {
            try await act(id, action, actor, answers)
            return []
        } catch let problem as any Problem {
            return problem.fields.isEmpty ? [problem.code] : problem.fields.map(\.code)
        } catch { return ["\(error)"] }
    }

    /// A page as somebody sees it, and its status.
    func page(
        _ route: String, _ actor: Actor = .everyone, _ values: [String: String] = [:], query: [String: String] = [:],
        form: [String: String] = [:], language: Language = .english
    ) async throws -> (text: String, status: Int) {
        let found = Cooperation(house).routes.first { $0.id == route }
        guard let found else { throw ProcedureError.unknownCase }
        let visit = Visit(
            actor: actor, language: language, method: found.method, values: values,
            query: query.map { .init(name: $0.key, value: $0.value) },
            form: FormBody(fields: form.map { .init(name: $0.key, value: $0.value) }), now: clock.now(), csrfToken: "t")
        let answer = try await Database.$writesForbidden.withValue(found.method == .get) {
            try await found.handler(visit)
        }
        guard case .page(let page) = answer.content else { return ("", answer.status) }
        return (page.body.string, answer.status)
    }
}
