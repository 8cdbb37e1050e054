import Foundation
package import Funding
import HouseTestSupport
package import Kernel
package import Store
import StoreTestSupport

@testable package import Bureau

/// A whole house on a fresh database, with the demonstration city in it.
package struct TestHouse {
    package let services: Services
    package let folder: String
    package let address: String

    package static var root: String { TestCity.root }

    /// A database and a folder in which the demonstration was filled once; houses work on copies of them.
    struct Template {
        /// The address of its database, which nobody is connected to.
        let address: String
        let folder: String
        /// Microseconds by which its clock is ahead.
        let lead: Int64

        static func make(_ kind: Kind) async throws -> Template {
            let folder = try TestCity.folder()
            let address = try await TestStore.database(kind.engine)
            let services = try await TestHouse.services(on: address, folder: folder)
            try await DemonstrationCity(services).fill(stories: kind.isTold)
            await services.house.db.close()
            return Template(address: address, folder: folder, lead: services.clock.lead)
        }
    }

    struct Kind: Hashable, Sendable {
        let engine: Engine
        let isTold: Bool
    }

    private static let templates = Once<Kind, Template>()

    /// - Parameters:
    ///   - told: with the stories of all rooms, as people see the demonstration.
    ///   - standing: the time moves only when the test moves it; for what changes by itself within seconds.
    ///   - provider: where people may sign in as well.
    ///   - site: the address of the house.
    package init(
        _ engine: Engine, filled: Bool = true, told: Bool = false, standing: Bool = false,
        provider: IdentityProvider? = nil, site: String = "http://house.test"
    ) async throws {
        let clock = standing ? MovableClock(base: StandingClock(SystemClock().now())) : MovableClock()
        guard filled else {
            folder = try TestCity.folder()
            address = try await TestStore.address(engine)
            services = try await Self.services(
                on: address, folder: folder, clock: clock, provider: provider, site: site)
            return
        }
        let kind = Kind(engine: engine, isTold: told)
        let template = try await Self.templates.value(kind) { try await Template.make(kind) }
        folder = try TestCity.folder()
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.copyItem(atPath: template.folder, toPath: folder)
        address = try await TestStore.copy(of: template.address, engine)
        services = try await Self.services(
            on: address, folder: folder, clock: clock, provider: provider, site: site)
        services.clock.lead = template.lead
    }

    /// A house on a database, which gets its tables.
    package static func services(
        on address: String, folder: String, clock: MovableClock = MovableClock(), isDemonstration: Bool = true,
        provider: IdentityProvider? = nil, site: String = "http://house.test"
    ) async throws -> Services {
        let db = try Database.open(address, DatabaseOptions(connections: 4, waitSeconds: 60))
        try await db.migrate(Services.migrations)
        return try Services(
            db: db, clock: clock, city: try TestCity.shenzhen(),
            vault: Vault(key: [UInt8](repeating: 7, count: 32)), files: FileStore(folder: folder),
            site: site, isDemonstration: isDemonstration, provider: provider)
    }

    package var house: House { services.house }

    /// The actor behind a demonstration account.
    package func actor(_ login: String) async throws -> Actor {
        let found = try await house.db.read { tx in
            try AccountStore.find(login: login, tx).map { try AccountStore.actor($0, tx) }
        }
        guard let found else { throw AccessError.unknownAccount }
        return found
    }

    /// The published call of a programme.
    package func call(_ programme: String) async throws -> Call {
        let today = house.today
        return try await house.db.read { tx in
            let list = try CallStore.list(CallFilter(phase: .open, programme: programme), today: today, limit: 1, tx)
            guard let first = list.first else { throw CallError.unknown }
            return try CallStore.require(first.id, tx)
        }
    }

    package func move(days: Int) { services.clock.lead += Int64(days) * 86_400_000_000 }

    /// Answers of an application that nothing is wrong with.
    package static func answers(_ number: Int, requested: Int64 = 40_000_000) -> JSONValue {
        [
            "title-zh": .string("第 \(number) 号城市感知研究"), "title-en": .string("Urban sensing study no. \(number)"),
            "abstract": "研究多源异构感知数据在隐私保护下的协同建模方法，形成可复现的原型系统。",
            "requested": .integer(requested), "term-months": 24, "telephone": "0755-12345678",
            "significance": "对城市治理有重要意义，对产业有带动作用。", "plan": "第一年完成方法，第二年完成验证和示范。",
            "outcomes": "论文、专利和一个开放的原型系统。", "ethics": true,
            "budget": [
                "operations": ["amount": .integer(requested * 7 / 10), "note": "材料和测试"],
                "indirect": ["amount": .integer(requested - requested * 7 / 10), "note": .null],
            ],
        ]
    }

    /// Brings one application to the formal check.
    package func submit(_ number: Int, call: Call) async throws -> Application {
        let (applicant, organisation) = (try await actor("applicant"), try await actor("organisation"))
        let item = try await services.funding.applications.start(
            call: call.number, organisation: applicant.memberships[0].organisation, by: applicant)
        _ = try await services.funding.applications.replace(
            item.id, answers: Self.answers(number), expecting: 0, by: applicant)
        try await act(item.id, "submit", applicant)
        try await act(item.id, "endorse", organisation)
        return item
    }

    @discardableResult
    package func act(
        _ id: ID<CaseFile>, _ action: String, _ actor: Actor, _ answers: JSONValue = [:]
    ) async throws -> CaseFile {
        let (procedures, now) = (house.procedures, house.clock.now())
        return try await house.db.write { tx in
            try procedures.act(id, action, answers: answers, as: actor, at: now, in: tx)
        }
    }

    private static let stories = Result { try StoryFile.load(folder: "\(root)/Jurisdictions/Shenzhen/stories") }

    /// Tells the stories of one room as the demonstration has them.
    package func tell(_ name: String) async throws {
        guard let file = try Self.stories.get().first(where: { $0.name == name })?.file else {
            throw CocoaError(.fileNoSuchFile)
        }
        let teller = Storyteller(services)
        try await teller.seed(file.registers ?? [])
        var known: [String: CaseFile] = [:]
        for story in file.stories ?? [] {
            if let before = story.parent ?? story.continues, known[before] == nil { continue }
            let outcome = try await teller.play(story, known: known, moves: false)
            if !outcome.isWaiting { known[story.id] = outcome.file }
        }
    }
}
