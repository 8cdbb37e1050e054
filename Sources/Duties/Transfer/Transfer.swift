public import Kernel
public import Portal
public import Store

/// The face of the Transfer room.
public struct Transfer: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "transfer", title: Bilingual("成果转化", "Technology transfer"),
        lead: Bilingual(
            "技术合同登记、成果与需求市场、服务机构、示范应用、科技金融。",
            "Technology contracts, results and needs, services, demonstration, technology and finance."),
        division: "transfer")

    /// Tables of this room.
    public static let migrations: [Migrations] = [ContractTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(ContractGateRule.self), RuleEntry(ContractAmountRule.self), RuleEntry(RewardRule.self),
        RuleEntry(TransferTaxRule.self), RuleEntry(ResearchDeductionRule.self), RuleEntry(TechnologyTradeRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        ContractHooks(city: city).register(in: &hooks)
        ReportHooks(city: city).register(in: &hooks)
        MarketHooks(city: city).register(in: &hooks)
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
