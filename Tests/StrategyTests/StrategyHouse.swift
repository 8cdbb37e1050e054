import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Strategy

/// The Strategy room on a fresh database, with two officers and two leaders.
struct StrategyHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    let house: House
    let clock: StandingClock
    let strategy: Strategy
    let officer = Actor(account: ID("officer"), name: "经办人", roles: [.officer])
    let reviewer = Actor(account: ID("reviewer"), name: "法规审查人", roles: [.officer])
    let leader = Actor(account: ID("leader"), name: "局长", roles: [.leader])
    let stranger = Actor(account: ID("stranger"), name: "路人", roles: [.applicant])

    static var root: String { TestCity.root }

    init(_ engine: Engine) async throws {
        let city = try TestCity.shenzhen()
        let db = try await TestStore.open(engine, House.migrations + Strategy.migrations + [FindingStore.migrations])
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        let vault = Vault(key: [UInt8](repeating: 5, count: 32))
        var hooks = ProcedureHooks(vault: vault)
        Strategy.register(in: &hooks, city: city)
        RegisterHooks.register(in: &hooks, city.registers)
        let procedures = try Procedures(
            city.procedures.filter { $0.duty == "strategy" }, hooks: hooks, calendar: city.calendar, zone: city.zone,
            rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf(Strategy.rules, book: city.rules), vault: vault,
            files: FileStore(folder: NSTemporaryDirectory()), site: "http://house.test")
        strategy = Strategy(house)
        let now = clock.now()
        try await house.db.write { tx in
            for (login, roles) in [
                ("officer", Set([Role.officer])), ("reviewer", [.officer]), ("leader", [.leader]), ("stranger", []),
            ] {
                try AccountStore.insert(
                    AccountCard(id: ID(login), login: login, name: login, roles: roles),
                    passwordHash: "", at: now, tx)
            }
        }
    }

    var actions: NormActions { NormActions(house: house) }

    func move(days: Int) { clock.move(seconds: days * 86_400) }

    @discardableResult
    func act(
        _ id: ID<CaseFile>, _ action: String, _ actor: Actor? = nil, _ answers: JSONValue = [:]
    ) async throws -> CaseFile {
        let (procedures, now, actor) = (house.procedures, clock.now(), actor ?? officer)
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    /// The codes with which something is refused; empty where it is not.
    func refusal(_ body: () async throws -> Void) async -> [String] {
        do {
            try await body()
            return []
        } catch let problem as any Problem {
            return problem.fields.isEmpty ? [problem.code] : problem.fields.map(\.code)
        } catch {
            return ["\(error)"]
        }
    }

    /// Opens a case and fills in its form.
    func filed(
        _ procedure: String, _ answers: JSONValue, entry: String = "", parent: String = "", by actor: Actor? = nil
    ) async throws -> CaseFile {
        let actor = actor ?? officer
        let filings = Filings(house)
        let file = try await filings.start(procedure, Filings.Start(entry: entry, parent: parent), by: actor)
        let revision = try await house.db.read { tx in try CaseStore.answers(file.id, tx).revision }
        let before = try await house.db.read { tx in try CaseStore.answers(file.id, tx).content }
        var members = before.object ?? [:]
        members.merge(answers.object ?? [:]) { _, new in new }
        _ = try await filings.drafts.replace(file.id, answers: .object(members), expecting: revision, by: actor)
        return file
    }

    static let text = """
        第一条　为了支持创新，制定本办法。
        第二条　本办法适用于本市科技计划项目。
        第三条　本办法自公布之日起施行。
        """

    /// A project on the list, with its first text.
    func drafting(
        _ kind: String = "department-document", major: Bool = false, name: String = "深圳市科技计划项目管理办法"
    ) async throws -> CaseFile {
        let file = try await filed(
            "strategy.document",
            [
                "name": .string(name), "kind": .string(kind), "major": .string(major ? "yes" : "no"), "temporary": "no",
                "lead": "planning", "necessity": "现行办法即将到期，需要修订完善。",
            ])
        try await act(file.id, "submit")
        try await act(file.id, "approve", leader)
        try await actions.save(Self.text, note: "初稿", of: file.id, after: 0, by: officer)
        return file
    }

    static let clear: JSONValue = [
        "applies": "yes", "entry": "no", "flow": "no", "costs": "no", "conduct": "no", "heard": "yes",
        "conclusion": "不含排除、限制竞争的内容。",
    ]

    /// Opens the consultation, waits it out, and goes on to the fair-competition review.
    func consulted(_ id: ID<CaseFile>, days: Int = 30) async throws {
        try await act(
            id, "open-consultation", nil, ["days": .integer(Int64(days)), "explanation": "说明起草的背景和主要内容。"])
        move(days: days + 4)
        try await act(id, "close-consultation")
    }

    /// Brings a project before the meeting.
    func reviewed(_ id: ID<CaseFile>) async throws {
        try await consulted(id)
        try await act(id, "finish", nil, ["substantive": "no"])
        try await act(id, "pass-competition", nil, Self.clear)
        move(days: 14)
        try await act(id, "pass-legality", reviewer, ["opinion": "权限、程序和内容合法。"])
    }

    func discussed(_ id: ID<CaseFile>, _ stances: [String], head: String = "agree") async throws {
        for (index, stance) in stances.enumerated() {
            try await actions.speak(
                id, member: "委员\(index + 1)", isHead: false, stance: stance, words: "", by: officer)
        }
        try await actions.speak(id, member: "局长", isHead: true, stance: head, words: "", by: officer)
        try await act(id, "end-meeting")
    }

    /// Brings a project of the bureau to its number.
    func issued(_ name: String = "深圳市科技计划项目管理办法", years: Int = 5) async throws -> (CaseFile, number: String) {
        let file = try await drafting(name: name)
        try await reviewed(file.id)
        try await discussed(file.id, ["agree", "agree"])
        try await act(file.id, "adopt", leader)
        try await act(
            file.id, "issue", nil,
            [
                "effective-on": .string(house.today.adding(days: 10).description), "years": .integer(Int64(years)),
                "interpretation": "企业和高校可以更方便地申报项目。",
            ])
        let number = try await house.db.read { tx in
            try CaseValues.own(of: file.id, tx)[RegisterHooks.numberField]?.string
        }
        return (file, number ?? "")
    }

    func entry(of file: CaseFile) async throws -> RegisterEntry? {
        try await house.db.read { tx in try RegisterStore.entries(of: file.id, tx).first }
    }

    /// A document of the bureau in the register, with the last day of its force.
    func entry(_ name: String, expires: Day) async throws -> String {
        let (registers, now, today) = (house.registers, clock.now(), house.today)
        let id: ID<RegisterMark> = house.ids.make()
        return try await house.db.write { tx in
            try RegisterStore.add(
                try registers.require("strategy.documents"),
                [
                    "name": .string(name), "document-number": .string("\(name)号"), "kind": "department-document",
                    "published-on": "2021-01-01", "effective-on": "2021-01-01",
                    "expires-on": .string(expires.description),
                ], id: id, RegisterAct(by: .system, reason: "test", at: now, on: today), tx
            ).number
        }
    }
}
