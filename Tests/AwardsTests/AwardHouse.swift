import Foundation
import HouseTestSupport
import Kernel
import Review
import Store
import StoreTestSupport

@testable import Awards

/// The Awards room on a fresh database, with its procedures and registers.
struct AwardHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    let house: House
    let clock: StandingClock
    let awards: Awards
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let leader = Actor(account: ID("leader"), name: "局领导", roles: [.leader])
    let treasurer = Actor(account: ID("treasurer"), name: "财务", roles: [.treasurer])
    let nominator: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000aa")
    let unit: ID<OrganisationMark> = ID("018f0000-0000-7000-8000-0000000000bb")
    static let unitCode = "91440300MA5D54321U"

    static var root: String { TestCity.root }

    init(_ engine: Engine) async throws {
        let city = try TestCity.shenzhen()
        let db = try await TestStore.open(engine, House.migrations + [ReviewTables.migrations] + Awards.migrations)
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        var hooks = ProcedureHooks()
        RegisterHooks.register(in: &hooks, city.registers)
        Objections.register(in: &hooks)
        PanelHooks.register(in: &hooks, city.rules)
        Awards.register(in: &hooks, city: city)
        let procedures = try Procedures(
            city.procedures.filter { $0.id.hasPrefix("awards.") || $0.id == "publicity.objection" }, hooks: hooks,
            calendar: city.calendar, zone: city.zone, rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf(Awards.rules, book: city.rules), vault: Vault(key: [UInt8](repeating: 5, count: 32)),
            files: FileStore(folder: NSTemporaryDirectory()), site: "http://house.test")
        awards = Awards(house)
        try await people()
    }

    private func people() async throws {
        let (now, today, nominator, unit) = (clock.now(), Self.start, nominator, unit)
        try await house.db.write { tx in
            for (id, name, code) in [
                (nominator, "某区政府", "91440300MA5D12340D"), (unit, "甲公司", Self.unitCode),
            ] {
                try Registry.add(
                    Organisation(id: id, name: Bilingual(name, name), uscc: code, kind: .other, address: ""),
                    source: "test", by: .system, at: now, on: today, tx)
            }
            for login in ["officer", "leader", "treasurer", "applicant", "seal"] {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: []), passwordHash: "",
                    at: now, tx)
            }
            for number in 1...9 {
                try AccountStore.insert(
                    AccountCard(
                        id: ID("expert\(number)"), login: "expert\(number)", name: "专家\(number)",
                        roles: [.expert]), passwordHash: "", at: now, tx)
                try ExpertStore.add(
                    Expert(
                        id: ID("e\(number)"), account: ID("expert\(number)"), person: nil, name: "专家\(number)",
                        title: "",
                        organisation: number == 1 ? unit : ID("elsewhere"), organisationName: "", fields: []), at: now,
                    tx)
            }
        }
        try await add(
            "awards.years", ["name": "2026 年度", "calendar-year": 2026, "opens": "2026-03-01", "closes": "2026-06-30"])
        try await add(
            "awards.nominators",
            [
                "name": "某区政府", "uscc": "91440300MA5D12340D", "kind": "district",
                "prizes": ["nature", "progress", "youth", "patent"],
            ])
    }

    /// The employer of expert 2 has a contract with the organisation that is nominated; expert 3 reported it.
    func tie() async throws {
        let (unit, today) = (unit.text, house.today)
        try await house.db.write { tx in
            try tx.run("UPDATE expert SET organisation = 'partner' WHERE id = 'e2'")
            try Dealings.set([Dealing(.money, "partner", unit, from: today, to: today)], of: "contract", tx)
            try Dealings.set([Dealing(.protected, "expert3", unit, from: today, to: today)], of: "tip", tx)
        }
    }

    @discardableResult
    func add(_ register: String, _ values: JSONValue) async throws -> RegisterEntry {
        let (definition, now, id) = (
            try house.registers.require(register), clock.now(), house.ids.make(RegisterMark.self)
        )
        let act = RegisterAct(by: officer, reason: "test", at: now, on: house.today)
        return try await house.db.write { tx in try RegisterStore.add(definition, values, id: id, act, tx) }
    }

    var applicant: Actor {
        Actor(
            account: ID("applicant"), name: "填报人", roles: [.applicant],
            memberships: [Membership(organisation: nominator, roles: [.handler])])
    }
    var seal: Actor {
        Actor(
            account: ID("seal"), name: "单位", roles: [.applicant],
            memberships: [Membership(organisation: nominator, roles: [.sealHolder])])
    }
    func expert(_ number: Int) -> Actor {
        Actor(account: ID("expert\(number)"), name: "专家\(number)", roles: [.expert])
    }

    func move(days: Int) { clock.move(seconds: days * 86_400) }

    /// A nomination as the pages would have made it.
    func draft(_ changes: JSONValue = [:], procedure: String = "awards.nomination") async throws -> ID<CaseFile> {
        var answers: [String: JSONValue] = [
            "year": "JL-2026-01", "prize": "progress", "grade": "first", "title": "城市感知系统", "field": "information",
            "summary": .string(String(repeating: "多源感知数据的协同建模。", count: 3)),
            "people": [["name": "李一"], ["name": "王二"]],
            "units": [["unit-name": "甲公司", "uscc": .string(Self.unitCode)]],
            "opinion": "该项目创新突出，同意提名。", "contact": "张三 0755-12345678", "honest": true,
        ]
        answers.merge(changes.object ?? [:]) { _, new in new }
        let (id, now, applicant, procedures) = (house.ids.make(CaseFile.self), clock.now(), applicant, house.procedures)
        let (organisation, content) = (nominator, JSONValue.object(answers))
        return try await house.db.write { tx in
            try procedures.open(
                CaseFile(
                    id: id, procedure: procedure, number: "T-\(id.text.suffix(8))",
                    title: Bilingual("提名", "Nomination"),
                    organisation: organisation, applicant: applicant.account, division: "planning", openedAt: now),
                as: applicant, at: now, in: tx)
            try CaseStore.saveAnswers(content, of: id, expecting: 0, by: applicant, at: now, tx)
            try DocumentStore.add(
                Document(
                    id: ID(UUIDv7.make(at: now)), caseID: id, field: "papers", name: "提名书.pdf", size: 1, hash: "00",
                    type: "application/pdf", uploadedBy: "applicant", uploadedAt: now),
                accepting: nil, tx)
            return id
        }
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

    /// The codes of what an action is refused for.
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

    /// Brings a nomination to the vote.
    func toBallot(_ changes: JSONValue = [:]) async throws -> ID<CaseFile> {
        let id = try await draft(changes)
        try await act(id, "submit", as: applicant)
        try await act(id, "endorse", as: seal)
        try await act(id, "accept")
        try await act(id, "publish")
        move(days: 11)
        try await act(id, "to-review")
        try await act(id, "to-defence", ["score": 88, "review-opinion": "创新突出"])
        try await act(id, "defended", ["defence-note": "答辩清楚"])
        return id
    }

    func step(_ id: ID<CaseFile>) async throws -> String {
        try await house.db.read { tx in try CaseStore.require(id, tx).step }
    }
}
