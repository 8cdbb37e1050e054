import Foundation
import HouseTestSupport
import Kernel
import Portal
import Store
import StoreTestSupport

@testable import KeyProjects

/// The KeyProjects room on a fresh database, with its procedures and registers.
struct KeyHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    let house: House
    let clock: StandingClock
    let room: KeyProjects
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let leader = Actor(account: ID("leader"), name: "局领导", roles: [.leader])
    let treasurer = Actor(account: ID("treasurer"), name: "财务", roles: [.treasurer])
    let owner: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000aa")
    let bidder = Actor(account: ID("bidder"), name: "揭榜人", roles: [.expert])
    let rival = Actor(account: ID("rival"), name: "另一人", roles: [.expert])

    static var root: String { TestCity.root }

    /// - Parameter contactsLater: an upgrade is going on, in which telephones and the like still lie in the clear.
    init(_ engine: Engine, contactsLater: Bool = false) async throws {
        let city = try TestCity.shenzhen()
        let rooms = [
            Settings.migrations, NumberSeries.migrations, Record.migrations, AccountStore.migrations,
            Registry.migrations, CaseStore.migrations, CaseValues.migrations, RegisterStore.migrations,
            DocumentStore.migrations, Publicity.migrations, Messages.migrations, Search.migrations,
            RulingStore.migrations, Personal.migrations,
        ]
        let db = try await TestStore.open(engine, rooms + KeyProjects.migrations)
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        var vault = Vault(key: [UInt8](repeating: 5, count: 32))
        if contactsLater { vault.contactsFrom = clock.now().adding(seconds: 86_400) }
        var hooks = ProcedureHooks(vault: vault)
        RegisterHooks.register(in: &hooks, city.registers)
        KeyProjects.register(in: &hooks, city: city)
        let procedures = try Procedures(
            city.procedures.filter { $0.duty == "key-projects" }, hooks: hooks, calendar: city.calendar,
            zone: city.zone, rules: city.rules, letters: city.letters)
        let folder = "\(NSTemporaryDirectory())kechuang-key-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: "\(folder)/spool", withIntermediateDirectories: true)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf([], book: city.rules), vault: vault,
            files: FileStore(folder: folder), site: "http://house.test")
        room = KeyProjects(house)
        let (now, today, owner) = (clock.now(), Self.start, owner)
        try await db.write { tx in
            try Registry.add(
                Organisation(
                    id: owner, name: Bilingual("甲公司", "Company A"), uscc: "91440300MA5D12340D", kind: .enterprise,
                    address: ""), source: "test", by: .system, at: now, on: today, tx)
            for login in ["officer", "leader", "treasurer", "applicant", "seal", "bidder", "rival"] {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: []), passwordHash: "",
                    at: now, tx)
            }
        }
    }

    var applicant: Actor {
        Actor(
            account: ID("applicant"), name: "填报人", roles: [.applicant],
            memberships: [Membership(organisation: owner, roles: [.handler])])
    }
    var seal: Actor {
        Actor(
            account: ID("seal"), name: "单位", roles: [.applicant],
            memberships: [Membership(organisation: owner, roles: [.sealHolder])])
    }

    func move(days: Int) { clock.move(seconds: days * 86_400) }

    @discardableResult
    func add(_ register: String, _ values: JSONValue) async throws -> RegisterEntry {
        let (definition, now, id) = (
            try house.registers.require(register), clock.now(), house.ids.make(RegisterMark.self)
        )
        let act = RegisterAct(by: officer, reason: "test", at: now, on: house.today)
        return try await house.db.write { tx in try RegisterStore.add(definition, values, id: id, act, tx) }
    }

    /// A case with its form filled in, as the pages make it.
    func file(
        _ procedure: String, _ answers: JSONValue, entry: String = "", files: [String] = [], by actor: Actor
    )
        async throws -> ID<CaseFile>
    {
        let filings = Filings(house)
        let file = try await filings.start(procedure, Filings.Start(entry: entry), by: actor)
        _ = try await filings.drafts.replace(file.id, answers: answers, expecting: 0, by: actor)
        for field in files {
            _ = try await filings.drafts.attach(
                file.id, field: field, name: "paper.pdf", bytes: Array("%PDF-1.4\n%%EOF\n".utf8), by: actor)
        }
        return file.id
    }

    @discardableResult
    func act(
        _ id: ID<CaseFile>, _ action: String, _ answers: JSONValue = [:], as actor: Actor? = nil
    ) async throws
        -> CaseFile
    {
        let (procedures, now, actor) = (house.procedures, clock.now(), actor ?? officer)
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    func refusals(
        _ id: ID<CaseFile>, _ action: String, _ answers: JSONValue = [:], as actor: Actor? = nil
    ) async throws
        -> [String]
    {
        do {
            try await act(id, action, answers, as: actor)
            return []
        } catch ProcedureError.refused(let problems) {
            return problems.map(\.code)
        }
    }

    func step(_ id: ID<CaseFile>) async throws -> String {
        try await house.db.read { tx in try CaseStore.require(id, tx).step }
    }

    func value(_ id: ID<CaseFile>, _ name: String) async throws -> String? {
        try await house.db.read { tx in try CaseValues.all(of: id, tx)[name]?.plainText }
    }

    /// What an address of the room answers.
    func visit(
        _ id: String, as actor: Actor, values: [String: String] = [:], form: [(String, String)] = []
    ) async throws
        -> Answer
    {
        guard let route = room.routes.first(where: { $0.id == id }) else { throw RequestProblem.nothingHere }
        return try await route.handler(
            Visit(
                actor: actor, method: route.method, values: values,
                form: FormBody(fields: form.map { FormBody.Field(name: $0.0, value: $0.1) }), now: clock.now()))
    }

    static func demand(_ title: String, _ problem: String, amount: Int64 = 300_000_000) -> JSONValue {
        [
            "title": .string(title), "field": "energy", "problem": .string(problem), "target": "循环 2000 次",
            "amount": .integer(amount), "trl-now": "3", "trl-goal": "7", "urgency": "now",
            "enterprise-contact": "张三 13800000000",
        ]
    }
}
