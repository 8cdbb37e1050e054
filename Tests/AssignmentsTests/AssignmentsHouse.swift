import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Assignments

/// The Assignments room on a fresh database, with officers of several divisions.
struct AssignmentsHouse {
    static let start = Day(year: 2026, month: 3, day: 2)!

    let house: House
    let clock: StandingClock
    let room: Assignments
    let office = Actor(account: ID("office"), name: "办公室", roles: [.officer], division: "general-office")
    let checker = Actor(account: ID("checker"), name: "办公室核查", roles: [.officer], division: "general-office")
    let lead = Actor(account: ID("lead"), name: "主办处", roles: [.officer], division: "talent")
    let assisting = Actor(account: ID("assisting"), name: "协办处", roles: [.officer], division: "finance")
    let other = Actor(account: ID("other"), name: "其他处", roles: [.officer], division: "biology")
    let leader = Actor(account: ID("leader"), name: "局长", roles: [.leader])

    static var root: String { TestCity.root }

    init(_ engine: Engine) async throws {
        let city = try TestCity.shenzhen()
        let rooms = [
            Settings.migrations, NumberSeries.migrations, Record.migrations, AccountStore.migrations,
            Registry.migrations, CaseStore.migrations, CaseValues.migrations, RegisterStore.migrations,
            DocumentStore.migrations, Messages.migrations, Search.migrations, RulingStore.migrations,
            Personal.migrations,
        ]
        let db = try await TestStore.open(engine, rooms + Assignments.migrations + [FindingStore.migrations])
        clock = StandingClock(city.zone.start(of: Self.start).adding(seconds: 9 * 3_600))
        let vault = Vault(key: [UInt8](repeating: 5, count: 32))
        var hooks = ProcedureHooks(vault: vault)
        Assignments.register(in: &hooks, city: city)
        RegisterHooks.register(in: &hooks, city.registers)
        let procedures = try Procedures(
            city.procedures.filter { $0.duty == "assignments" }, hooks: hooks, calendar: city.calendar,
            zone: city.zone, rules: city.rules, letters: city.letters)
        house = House(
            db: db, clock: clock, ids: UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: try RuleShelf(Assignments.rules, book: city.rules), vault: vault,
            files: FileStore(folder: NSTemporaryDirectory()), site: "http://house.test")
        room = Assignments(house)
        let now = clock.now()
        let cards: [(String, Set<Role>, String?)] = [
            ("office", [.officer], "general-office"), ("checker", [.officer], "general-office"),
            ("lead", [.officer], "talent"), ("assisting", [.officer], "finance"), ("other", [.officer], "biology"),
            ("leader", [.leader], nil),
        ]
        try await house.db.write { tx in
            for (login, roles, division) in cards {
                try AccountStore.insert(
                    AccountCard(
                        id: ID(login), login: login, name: login, roles: roles, division: division),
                    passwordHash: "", at: now, tx)
            }
        }
    }

    func move(days: Int) { clock.move(seconds: days * 86_400) }

    @discardableResult
    func act(
        _ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]
    ) async throws -> CaseFile {
        let (procedures, now) = (house.procedures, clock.now())
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

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

    func draft(
        days: Int = 30, secrecy: String = "internal", source: String = "government", received: Int = 0
    ) async throws -> CaseFile {
        let filings = Filings(house)
        let file = try await filings.start("assignments.task", Filings.Start(), by: office)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "name": "推进某项工作", "source": .string(source), "document": "纪要〔2026〕1号", "text": "按期完成并报告。",
                "received-on": .string(house.today.adding(days: received).description),
                "deadline": .string(house.today.adding(days: days).description), "secrecy": .string(secrecy),
            ], expecting: 0, by: office)
        return file
    }

    /// A task in the hands of its leading division.
    func shared(days: Int = 30, secrecy: String = "internal", source: String = "government") async throws -> CaseFile {
        let file = try await draft(days: days, secrecy: secrecy, source: source)
        try await act(file.id, "submit", office)
        return try await act(file.id, "share", office, ["lead": "talent", "assisting": ["finance"]])
    }

    /// A task in progress with its milestones, by days from today.
    func running(
        days: Int = 30, milestones: [Int] = [20], objects: JSONValue = [], secrecy: String = "internal",
        source: String = "government"
    ) async throws -> CaseFile {
        let file = try await shared(days: days, secrecy: secrecy, source: source)
        let rows = milestones.enumerated().map { index, day -> JSONValue in
            ["title": .string("节点\(index + 1)"), "due-on": .string(house.today.adding(days: day).description)]
        }
        return try await act(file.id, "plan", lead, ["milestones": .array(rows), "objects": objects])
    }

    func due(_ id: ID<CaseFile>) async throws -> Day? {
        try await house.db.read { tx in try CaseStore.require(id, tx).dueOn }
    }

    func light(_ id: ID<CaseFile>) async throws -> LightOutcome.Light {
        let (today, procedures) = (house.today, house.procedures)
        let rule = try LightRule(house.city.rules.law(on: today))
        let whole = try await house.db.read { tx in try AssignmentHooks.whole(id, tx) }
        return whole.map { Lights.light($0, rule, on: today, procedures) } ?? .unknown
    }

    func messages(_ login: String) async throws -> [Message] {
        try await house.db.read { tx in try Messages.list(ID(login), before: nil, limit: 100, tx) }
    }
}
