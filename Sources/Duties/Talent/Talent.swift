public import Kernel
public import Portal
public import Store

/// The face of the Talent room: work permits for foreigners, foreign experts, talent teams.
public struct Talent: Duty {
    public let house: House

    public init(_ house: House) { self.house = house }

    /// Tables of this room.
    public static let migrations: [Migrations] = [PermitTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(PointsRule.self), RuleEntry(WageRule.self), RuleEntry(CategoryRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room.
    public var routes: [Route] { SelfCheckPages(house: house).routes }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] { [:] }
}
