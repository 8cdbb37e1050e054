public import Store

/// What every room of the running house is given: its database, its clock, its city and what was built of them.
public struct House: Sendable {
    /// What waits for somebody on a day and is no case.
    public typealias Waiting = @Sendable (Actor, Day, Tx) throws -> [WaitingItem]

    public let db: Database
    public let clock: any Clock
    public let ids: any IDSource
    public let city: Jurisdiction
    public let procedures: Procedures
    /// The rules of law of all duties; their numbers are in `city.rules`.
    public let rules: RuleShelf
    public let vault: Vault
    public let files: FileStore
    /// Signs the record.
    public let record: RecordKeeper
    /// Scheme and host that people use, without a slash at the end.
    public let site: String
    /// In all rooms together, in a constant number of queries.
    public let waiting: Waiting

    public init(
        db: Database, clock: any Clock, ids: any IDSource, city: Jurisdiction, procedures: Procedures,
        rules: RuleShelf, vault: Vault, files: FileStore, record: RecordKeeper? = nil, site: String,
        waiting: @escaping Waiting = { _, _, _ in [] }
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.city = city
        self.procedures = procedures
        self.rules = rules
        self.vault = vault
        self.files = files
        // A house without a folder for its keys, as in tests, keeps them beside what it is just working on.
        self.record = record ?? RecordKeeper(db: db, clock: clock, folder: "\(files.spool)/keys", site: site)
        self.site = site
        self.waiting = waiting
    }

    /// The tables on which every room stands, in their order.
    public static let migrations: [Migrations] = [
        Settings.migrations, NumberSeries.migrations, Record.migrations, AccountStore.migrations, Registry.migrations,
        CaseStore.migrations, CaseValues.migrations, RegisterStore.migrations, DocumentStore.migrations,
        Publicity.migrations, Messages.migrations, Search.migrations, RulingStore.migrations, Personal.migrations,
        SecondFactor.migrations, OutageStore.migrations, IncidentStore.migrations, Identities.migrations,
    ]

    /// The registers of the city.
    public var registers: Registers { city.registers }

    /// Who has a case in hand, as people read it: the division where an officer has it, otherwise as its step says.
    /// - Parameter step: the step at which it stands; nil where the city has no such procedure any more.
    public func holder(of file: CaseFile, at step: StepDefinition?) -> Bilingual {
        file.holder == .officer ? city.division(file.division) : step?.holderTitle ?? file.holder.title
    }

    /// The civil day in the city.
    public var today: Day { city.zone.day(of: clock.now()) }
}
