import Assignments
import Awards
import BasicResearch
import Cooperation
import Foundation
public import Funding
import InnovationSystem
import Integrity
public import Kernel
import KeyProjects
import Ledger
import Portal
import Review
public import Store
import Strategy
import Talent
import Transfer
public import Treasury

/// The house put together: what stands on what, once, in one place.
public struct Services: Sendable {
    public let house: House
    public let funding: Funding
    public let treasury: Treasury
    let sessions: Sessions
    let accounts: Accounts
    let clock: MovableClock
    let isDemonstration: Bool
    let traffic = Traffic()
    let admission: Admission
    /// Minutes for which a link to download something is good.
    let linkMinutes: Int
    let pulse = Pulse()
    /// Where people may sign in as well.
    let provider: IdentityProvider?
    /// The duties of the bureau, in the order of its statute.
    let duties: [any Duty]

    static let dutyTypes: [any Duty.Type] = [
        Strategy.self, InnovationSystem.self, Funding.self, Integrity.self, BasicResearch.self, KeyProjects.self,
        Transfer.self, Talent.self, Cooperation.self, Awards.self, Assignments.self,
    ]

    /// What waits for somebody in any room and is no case.
    static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] {
        let rooms = try dutyTypes.flatMap { try $0.waiting(actor, on: today, tx) }
        let shared = try PanelPages.waiting(actor, tx) + MeetingHouse.waiting(actor, tx)
        return try rooms + Treasury.waiting(actor, on: today, tx) + shared + IncidentPages.waiting(actor, tx)
    }

    /// The rules of law of all duties.
    public static let rules: [RuleEntry] = dutyTypes.flatMap { $0.rules }

    /// The sealed columns of all rooms.
    public static let sealed: [SealedColumn] =
        SealedColumn.kernel + [PayeeAccountStore.sealed, BankAnswerStore.sealed, MeetingStore.sealed]
        + dutyTypes.flatMap { $0.sealed }

    /// The personal rows of all rooms.
    public static let personal: [PersonalRows] = PersonalRows.kernel + [AbsenceStore.personal]

    /// The tables of every room, in the order of the house; findings come after Funding, where their table began.
    public static let migrations: [Migrations] =
        House.migrations + [IdempotencyStore.migrations, Ledger.migrations, Treasury.migrations]
        + dutyTypes.flatMap { $0.migrations } + [
            FindingStore.migrations
        ]

    /// Opens everything that a configuration names.
    /// - Parameter serves: whether people use it, and no command alone.
    /// - Throws: errors that say in one line what is wrong; nothing is changed then.
    public static func open(_ configuration: Configuration, serves: Bool = false) async throws -> Services {
        let city = try Jurisdiction(folder: "\(configuration.jurisdictions)/\(configuration.city)")
        let db = try Database.open(configuration.database)
        try await db.migrate(migrations)
        let files = "\(configuration.dataDirectory)/files"
        try FileManager.default.createDirectory(atPath: "\(files)/spool", withIntermediateDirectories: true)
        var vault = try KeyRing(folder: "\(configuration.dataDirectory)/keys").vault
        let lead = try await db.read { tx in try Settings.get("demonstration.lead", tx).flatMap { Int64($0) } ?? 0 }
        let clock = MovableClock(offset: configuration.demonstration ? lead : 0)
        vault.contactsFrom = try await Sealing.begin(in: db, serves: serves, at: clock.now())
        try await RuleChanges.refresh(city.rules, from: db)
        let services = try Services(
            db: db, clock: clock, city: city, vault: vault,
            files: FileStore(folder: files, scanner: configuration.scanner),
            keys: "\(configuration.dataDirectory)/keys", site: configuration.publicAddress,
            isDemonstration: configuration.demonstration, required: configuration.secondFactor,
            admission: Admission(limit: configuration.requestsAtOnce), linkMinutes: configuration.linkMinutes,
            provider: configuration.provider.map { settings in
                IdentityProvider(settings) { request in try await Blocking.run { try request.send() } }
            })
        try await services.funding.carryOver()
        return services
    }

    init(
        db: Database, clock: MovableClock, ids: (any IDSource)? = nil, city: Jurisdiction, vault: Vault,
        files: FileStore, keys: String? = nil, site: String, isDemonstration: Bool,
        required: Set<Role> = [], admission: Admission = Admission(), linkMinutes: Int = DownloadLink.usualMinutes,
        provider: IdentityProvider? = nil
    ) throws {
        let shelf = try RuleShelf(Services.rules, book: city.rules)
        var hooks = ProcedureHooks(vault: vault)
        RuleChanges.register(in: &hooks, shelf: shelf, book: city.rules)
        for duty in Services.dutyTypes { duty.register(in: &hooks, city: city) }
        RegisterHooks.register(in: &hooks, city.registers)
        PanelHooks.register(in: &hooks, city.rules)
        Objections.register(in: &hooks)
        Erasures.register(in: &hooks, columns: Services.sealed, rows: Services.personal)
        let procedures = try Procedures(
            city.procedures, hooks: hooks, calendar: city.calendar, zone: city.zone, rules: city.rules,
            letters: city.letters)
        house = House(
            db: db, clock: clock, ids: ids ?? UUIDv7Source(clock: clock), city: city, procedures: procedures,
            rules: shelf, vault: vault, files: files,
            record: keys.map { RecordKeeper(db: db, clock: clock, folder: $0, site: site) }, site: site,
            waiting: { try Services.waiting($0, on: $1, $2) })
        funding = Funding(house)
        treasury = Treasury(house, listeners: Funding.payments)
        duties = Services.dutyTypes.map { [house] in $0.init(house) }
        sessions = Sessions(db: db, vault: vault, required: required, party: RelyingParty(site: site))
        accounts = Accounts(house: house, sessions: sessions)
        self.clock = clock
        self.admission = admission
        self.linkMinutes = linkMinutes
        self.isDemonstration = isDemonstration
        self.provider = provider
    }

    /// Every address of the house.
    /// - Throws: a problem naming routes that clash or lack what they must declare.
    func routeTable() throws -> RouteTable {
        let notices = NoticePages(house: house)
        var panels: [String: CasePanel] = [:]
        for duty in duties { panels.merge(duty.panels) { _, last in last } }
        panels["publicity.objection"] = notices.panel
        panels[RuleChanges.procedure] = RuleChangePanel(house: house).panel
        let privacy = PrivacyPages(house: house, columns: Services.sealed, rows: Services.personal)
        panels[Erasures.procedure] = privacy.panel
        let jobs = Jobs(services: self, mail: nil)
        var routes = SitePages(house: house).routes + notices.routes
        routes += OperationPages(house: house, traffic: traffic, admission: admission, pulse: pulse).routes
        routes += OutagePages(house: house).routes + IncidentPages(house: house).routes
        routes += IncidentDesk(house: house).routes
        routes +=
            SessionPages(house: house, sessions: sessions, accounts: accounts, provider: provider?.settings).routes
        if let provider {
            routes += IdentityPages(house: house, sessions: sessions, provider: provider).routes
            routes += IdentityDesk(house: house, settings: provider.settings).routes
        }
        routes += SecondFactorPages(house: house, sessions: sessions).routes
        routes += privacy.routes + WorkPages(house: house).routes + OrganisationPages(house: house).routes
        routes += RegistryDesk(house: house).routes + RoomPages(house: house, duties: duties).routes
        routes += FilingPages(house: house).routes + ProcedureDesk(house: house).routes
        routes +=
            RegisterPages(house: house).routes + RegisterDesk(house: house).routes + RevealPage(house: house).routes
        routes += PanelPages(house: house).routes + RoomAPI(house: house).routes + VersionPages(house: house).routes
        routes += MeetingDesk(house: house).routes + MeetingRoom(house: house).routes
        routes += MeetingPages(house: house).routes + VotePages(house: house).routes
        routes += MinutesPages(house: house).routes + MeetingAPI(house: house).routes
        routes += CasePages(house: house, panels: panels).routes + LetterPages(house: house).routes
        routes += DownloadPages(house: house, sessions: sessions, minutes: linkMinutes).routes
        routes += RecordPages(house: house).routes + ReceiptPages(house: house).routes
        routes +=
            AdminPages(
                house: house, accounts: accounts, demonstration: isDemonstration ? clock : nil,
                hasProvider: provider != nil, tick: { await jobs.tick() }
            ).routes
        routes += RulePages(house: house).routes + LaboratoryPages(house: house).routes
        routes += LedgerPages(house: house).routes
        routes += OrderPages(house: house, treasury: treasury).routes
        routes += RunPages(house: house, treasury: treasury).routes
        routes += AnswerPages(house: house, treasury: treasury).routes
        routes += PayeeAccountPages(house: house, treasury: treasury).routes
        routes += TreasuryAPI(house: house, treasury: treasury).routes
        routes += duties.flatMap(\.routes) + HouseAPI(house: house).routes + RecordAPI(house: house).routes
        routes.append(
            OpenAPI.route(
                title: Bilingual("\(house.city.bureau.zh) 开放接口", "Open API of the \(house.city.bureau.en)"),
                version: "1", describing: routes))
        return try RouteTable(routes)
    }

    /// Seals what an earlier version left in the clear.
    var sealing: Sealing {
        Sealing(house, columns: Services.sealed)
    }

    var uptime: Uptime { Uptime(house: house, duties: duties, pulse: pulse) }

    var doorkeeper: Doorkeeper {
        let sessions = sessions
        return Doorkeeper(
            actorForSession: { token, now in try await sessions.actor(token: token, now: now) },
            bearer: { token, now in
                try await sessions.bearer(token: token, now: now).map { .init(actor: $0.actor, scopes: $0.scopes) }
            })
    }
}
