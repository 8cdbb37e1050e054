import Foundation
public import Funding
public import Kernel
import Ledger
import Portal
import Review
public import Store

/// The house put together: what stands on what, once, in one place.
public struct Services: Sendable {
    public let house: House
    public let funding: Funding
    let sessions: Sessions
    let accounts: Accounts
    let clock: MovableClock
    let isDemonstration: Bool

    /// The tables of every room, in the order of the house.
    public static let migrations: [Migrations] =
        [
            Settings.migrations, NumberSeries.migrations, Record.migrations, AccountStore.migrations,
            Registry.migrations, CaseStore.migrations, DocumentStore.migrations, Publicity.migrations,
            Messages.migrations, Search.migrations, IdempotencyStore.migrations, Ledger.migrations,
        ] + Funding.migrations

    /// Opens everything that a configuration names.
    /// - Throws: errors that say in one line what is wrong; nothing is changed then.
    public static func open(_ configuration: Configuration) async throws -> Services {
        let city = try Jurisdiction(folder: "\(configuration.jurisdictions)/\(configuration.city)")
        let db = try Database.open(configuration.database)
        try await db.migrate(migrations)
        let files = "\(configuration.dataDirectory)/files"
        try FileManager.default.createDirectory(atPath: "\(files)/spool", withIntermediateDirectories: true)
        let vault = Vault(key: try Keys.load("\(configuration.dataDirectory)/keys/registry.key"))
        let lead = try await db.read { tx in try Settings.get("demonstration.lead", tx).flatMap { Int64($0) } ?? 0 }
        let clock = MovableClock(offset: configuration.demonstration ? lead : 0)
        return try Services(
            db: db, clock: clock, city: city, vault: vault, files: FileStore(folder: files),
            site: configuration.publicAddress, isDemonstration: configuration.demonstration)
    }

    init(
        db: Database, clock: MovableClock, ids: (any IDSource)? = nil, city: Jurisdiction, vault: Vault,
        files: FileStore, site: String, isDemonstration: Bool
    ) throws {
        var hooks = ProcedureHooks()
        Funding.register(in: &hooks, city: city)
        Objections.register(in: &hooks)
        let procedures = try Procedures(
            city.procedures, hooks: hooks, calendar: city.calendar, zone: city.zone, rules: city.rules,
            letters: city.letters)
        house = House(
            db: db, clock: clock, ids: ids ?? UUIDv7Source(clock: clock), city: city, procedures: procedures,
            vault: vault,
            files: files, site: site)
        funding = Funding(house)
        sessions = Sessions(db: db)
        accounts = Accounts(house: house)
        self.clock = clock
        self.isDemonstration = isDemonstration
    }

    /// Every address of the house.
    /// - Throws: a problem naming routes that clash or lack what they must declare.
    func routeTable() throws -> RouteTable {
        let notices = NoticePages(house: house)
        var panels = funding.panels
        panels["publicity.objection"] = notices.panel
        let jobs = Jobs(services: self, mail: nil)
        var routes = SitePages(house: house).routes + notices.routes
        routes += SessionPages(house: house, sessions: sessions, accounts: accounts).routes
        routes += WorkPages(house: house).routes + OrganisationPages(house: house).routes
        routes += CasePages(house: house, panels: panels).routes + LetterPages(house: house).routes
        routes +=
            AdminPages(
                house: house, accounts: accounts, demonstration: isDemonstration ? clock : nil,
                tick: { try await jobs.tick() }
            ).routes
        routes += funding.routes + LedgerPages(house: house).routes
        routes += HouseAPI(house: house).routes + FundingAPI(funding).routes
        routes.append(
            OpenAPI.route(
                title: Bilingual("\(house.city.bureau.zh) 开放接口", "Open API of the \(house.city.bureau.en)"),
                version: "1", describing: routes))
        return try RouteTable(routes)
    }

    var doorkeeper: Doorkeeper {
        let sessions = sessions
        return Doorkeeper(
            actorForSession: { token, now in try await sessions.actor(token: token, now: now) },
            bearer: { token, now in
                try await sessions.bearer(token: token, now: now).map { .init(actor: $0.actor, scopes: $0.scopes) }
            })
    }
}

/// Secret keys in files that only the house may read; made on the first start.
enum Keys {
    /// - Throws: ``ConfigurationError`` where the file cannot be read or written.
    static func load(_ path: String) throws -> [UInt8] {
        let manager = FileManager.default
        if let data = manager.contents(atPath: path) {
            guard data.count == 32 else { throw ConfigurationError(faults: ["key file '\(path)' is damaged"]) }
            return Array(data)
        }
        let key = try Secret.bytes(32)
        let folder = (path as NSString).deletingLastPathComponent
        try manager.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard manager.createFile(atPath: path, contents: Data(key), attributes: [.posixPermissions: 0o600]) else {
            throw ConfigurationError(faults: ["key file '\(path)' cannot be written"])
        }
        return key
    }
}
