import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Portal
@testable import Transfer

/// The Transfer room on a fresh database, with its own procedures.
struct TransferHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    static var root: String { TestCity.root }

    static func city() throws -> Jurisdiction { try TestCity.shenzhen() }

    static let tables: [String] =
        ["National", "Shenzhen"].flatMap { folder -> [String] in
            let path = "\(root)/Jurisdictions/\(folder)/tables"
            return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted().map { "\(path)/\($0)" }
        }.filter { $0.contains("/transfer-") }

    let house: House
    let clock: StandingClock
    let filings: Filings
    let place: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000aa")
    let other: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000bb")
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let officer2 = Actor(account: ID("officer2"), name: "第二经办人", roles: [.officer])

    init(_ engine: Engine) async throws {
        let city = try Self.city()
        let db = try await TestStore.open(engine, House.migrations + Transfer.migrations)
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        let vault = Vault(key: [UInt8](repeating: 5, count: 32))
        var hooks = ProcedureHooks(vault: vault)
        Transfer.register(in: &hooks, city: city)
        RegisterHooks.register(in: &hooks, city.registers)
        let procedures = try Procedures(
            city.procedures.filter { $0.duty == "transfer" }, hooks: hooks, calendar: city.calendar, zone: city.zone,
            rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf(Transfer.rules, book: city.rules), vault: vault,
            files: FileStore(folder: try Self.folder()), site: "http://house.test")
        filings = Filings(house)
        let now = clock.now()
        try await db.write { tx in
            for login in ["officer", "officer2", "handler", "stranger"] {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: []), passwordHash: "",
                    at: now, tx)
            }
        }
    }

    private static func folder() throws -> String {
        let path = "\(NSTemporaryDirectory())kechuang-transfer-\(UInt64.random(in: 0 ... .max))"
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

    /// A contract that nothing is wrong with.
    static func contract(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": "视觉检测软件开发", "kind": "development-commissioned", "written": "yes", "filed-by": "seller",
            "signed-on": "2026-02-10", "starts-on": "2026-02-10", "ends-on": "2027-12-31", "payment": "lump-sum",
            "elsewhere": "no", "registrar": "DJ-2026-01", "seller": "甲公司", "seller-country": "CHN",
            "seller-region": "440305", "seller-nature": "150", "buyer": "乙公司", "buyer-country": "CHN",
            "buyer-region": "440306", "buyer-nature": "160", "total": 100_000_000,
            "exclusions": [["heading": "equipment", "amount": 20_000_000, "reason": "相机"]], "carrier": "none",
            "field": "electronics", "ip": ["software"], "objective": "industry",
        ]
        members.merge(changes) { _, new in new }
        return .object(members.filter { $0.value != .null })
    }

    /// Files a contract and brings it to its registration.
    func registered(_ changes: [String: JSONValue] = [:]) async throws -> (file: CaseFile, contract: Contract) {
        let known = try await house.db.read { tx in try RegisterStore.find("transfer.registrars", "DJ-2026-01", tx) }
        if known == nil { try await entry("transfer.registrars", ["name": "登记中心", "district": "福田区"]) }
        let file = try await draft("transfer.contract", Self.contract(changes), files: ["contract"])
        try await act(file.id, "submit", handler)
        let technical = try await contract(file.id).technical
        try await act(file.id, "recognise", officer, ["recognised": .integer(technical.fen)])
        try await act(file.id, "register", officer2)
        return (file, try await contract(file.id))
    }

    func contract(_ id: ID<CaseFile>) async throws -> Contract {
        let found = try await house.db.read { tx in try ContractStore.find(case: id, tx) }
        guard let found else { throw ProcedureError.unknownCase }
        return found
    }

    /// A page as somebody sees it, and its status.
    func page(
        _ route: String, _ actor: Actor = .everyone, _ values: [String: String] = [:], query: [String: String] = [:],
        form: [String: String] = [:], language: Language = .english
    ) async throws -> (text: String, status: Int) {
        let found = Transfer(house).routes.first { $0.id == route }
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
