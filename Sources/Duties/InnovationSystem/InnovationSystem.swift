public import Kernel
public import Portal
public import Store

/// The face of the InnovationSystem room.
public struct InnovationSystem: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "innovation", title: Bilingual("创新体系", "Innovation system"),
        lead: Bilingual(
            "创新主体名册与统计、高新技术企业认定、体制改革与激励措施、部门意见、创新指标。",
            "Innovation bodies and their statistics, high-tech enterprises, reform and incentives, opinions of departments, indicators."
        ),
        division: "planning")

    /// Tables of this room.
    public static let migrations: [Migrations] = [InnovationTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(GrowthRule.self), RuleEntry(RecognitionGateRule.self), RuleEntry(RecognitionScoreRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        RecognitionHooks(city: city).register(in: &hooks)
        OpinionHooks.register(in: &hooks)
    }

    /// Sheets on enterprises that wait for an expert.
    public static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] {
        guard actor.roles.contains(.expert), let account = actor.account else { return [] }
        return try RecognitionSheet.list(of: account, limit: 20, tx).filter {
            $0.sheet.points == nil && $0.file.step == "review"
        }.map { item in
            WaitingItem(
                Bilingual("评审高新技术企业", "Review an enterprise"), item.file.title,
                at: "/innovation/recognition/\(item.file.id.text)", dueOn: item.file.dueOn)
        }
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] {
        RecognitionPages(house: house).routes + OpinionPages(house: house).routes + IndicatorPages(house: house).routes
    }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        [
            "innovation.recognition": RecognitionPages(house: house).casePanel,
            "innovation.opinion": OpinionPages.panel,
        ]
    }

    /// Further pages to which the room leads.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("创新指标与目标", "Indicators and targets"),
                Bilingual("全市创新指标逐年数值和目标。", "The city's indicators with their targets, year by year."),
                at: "/innovation/indicators", for: .everyone),
            RoomLink(
                Bilingual("高新技术企业年报情况", "Yearly reports of high-tech enterprises"),
                Bilingual("缺报的年度和应取消资格的企业。", "Missing years, and enterprises whose recognition should end."),
                at: "/desk/innovation/reports", for: .staff),
        ]
    }

    /// Further charts of the leader's summary.
    public func summary(_ visit: Visit) async throws -> HTML {
        let t = visit.say
        let all = try await house.db.read { tx in try IndicatorPages.all(tx) }
        let reached = all.filter { $0.isReached == true }.count
        let behind = all.filter { $0.isReached == false }.count
        guard !all.isEmpty else { return .empty }
        return Chart.bars(
            ChartText(
                id: "indicator-states", title: t("创新指标完成情况", "Indicators and their targets"),
                description: t(
                    "最近一年达到和未达到目标的指标数。", "Indicators that have and have not reached the target of the last year.")),
            [
                (label: t("达到", "Reached"), value: reached), (label: t("未达到", "Not reached"), value: behind),
                (label: t("无目标", "No target"), value: all.count - reached - behind),
            ], t)
    }
}
