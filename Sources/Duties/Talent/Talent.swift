public import Kernel
public import Portal
public import Store

/// The face of the Talent room: work permits for foreigners, foreign experts, talent teams.
public struct Talent: Duty {
    public let house: House
    let permits: PermitRoom

    public init(_ house: House) {
        self.house = house
        permits = PermitRoom(house)
    }

    /// Tables of this room.
    public static let migrations: [Migrations] = [PermitTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(PointsRule.self), RuleEntry(WageRule.self), RuleEntry(CategoryRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        guard let vault = hooks.vault else { return }
        PermitHooks(city: city, vault: vault).register(in: &hooks)
    }

    /// All addresses of this room.
    public var routes: [Route] { permits.routes }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] { permits.panels }

    /// Timely extensions that nobody decided take effect, and permits end.
    public func tick() async throws { try await PermitJobs(house: house).run() }
}
