public import Kernel
public import Portal
public import Store

/// The face of the Transfer room: technology contracts, market of results and needs, services, demonstration, finance.
public struct Transfer: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "transfer", title: Bilingual("成果转化", "Technology transfer"),
        lead: Bilingual(
            "技术合同登记、成果与需求市场、服务机构、示范应用、科技金融。",
            "Technology contracts, results and needs, services, demonstration, finance for technology."),
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
    public var routes: [Route] {
        VerifyPage(house: house).routes + MarketPages(house: house).routes + CalculatorPages(house: house).routes
            + ContractDesk(house: house).routes
    }

    /// Its pages beside procedures and registers.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("技术市场", "Technology market"),
                Bilingual("搜索成果和需求，查看匹配及理由。", "Search results and needs; see what fits, and why."),
                at: "/transfer/market", for: .everyone),
            RoomLink(
                Bilingual("技术合同核验", "Verify a contract"),
                Bilingual("凭校验码核对登记证明。", "Confirm a certificate by its code."), at: "/verify/contract", for: .everyone),
            RoomLink(
                Bilingual("转化政策计算", "Calculators"),
                Bilingual("试算合同金额、奖励、税收和期限。", "Try amounts, rewards, taxes and times."), at: "/transfer/calculators",
                for: .everyone),
            RoomLink(
                Bilingual("技术合同", "Technology contracts"),
                Bilingual("清单和全国登记表导出。", "List and national export."), at: "/desk/transfer/contracts", for: .staff),
            RoomLink(
                Bilingual("技术合同统计", "Statistics of contracts"),
                Bilingual("按月份、类型和领域。", "By month, kind and field."), at: "/desk/transfer/statistics", for: .staff),
            RoomLink(
                Bilingual("疑似重复登记", "Registered twice"),
                Bilingual("跨登记机构比对。", "Compared over all registrars."), at: "/desk/transfer/doubles", for: .staff),
            RoomLink(
                Bilingual("导入其他机构的合同", "Contracts of other registrars"),
                Bilingual("逐行导入，防止重复登记。", "Line by line, so that none is registered twice."),
                at: "/desk/transfer/outside", for: .staff),
        ]
    }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        [
            "transfer.contract": ContractPanel(house: house).show,
            "transfer.finance-need": FinancePanel().show,
        ]
    }

    /// Tells the reviews, once, of the contracts and matches of before they asked for them.
    public func tick() async throws { try await ContractDealings.carryOver(house) }

    /// Registered contracts of the last twelve months.
    public func summary(_ visit: Visit) async throws -> HTML {
        let today = house.today
        let sums = try await house.db.read { tx in
            try ContractStore.sums(from: today.adding(months: -12), to: today, tx)
        }
        let form = try house.procedures.newest("transfer.contract").form ?? Form(sections: [])
        return ContractCharts.draw(sums, form, visit.say)
    }
}
