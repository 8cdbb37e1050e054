public import Kernel
public import Portal
public import Store

/// The face of the Strategy room.
public struct Strategy: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "strategy", title: Bilingual("战略规划与政策法规", "Strategy, policies and law"),
        lead: Bilingual(
            "规划、政策、规章与规范性文件：起草、征求意见、审查、发布与后评估。",
            "Plans, policies, rules and normative documents: drafted, consulted on, reviewed, issued, evaluated."),
        division: "planning")

    /// Tables of this room.
    public static let migrations: [Migrations] = [NormTables.migrations, PlanTables.migrations]

    /// Who comments in a consultation.
    public static let sealed: [SealedColumn] = NormTables.sealed

    /// The rules of law that drafting applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(ConsultationRule.self), RuleEntry(CompetitionRule.self), RuleEntry(DiscussionRule.self),
        RuleEntry(ValidityRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        NormHooks.register(in: &hooks, city)
        PlanHooks.register(in: &hooks)
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] {
        ConsultationPages(house: house).routes + NormDesk(house: house).routes + PlanPages(house: house).routes
    }

    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("征求意见", "Consultations"),
                Bilingual("法规规章和规范性文件草案，逐条提意见，逐条答复。", "Drafts open to comments by clause; every comment is answered."),
                at: "/consultations", for: .everyone),
            RoomLink(
                PlanPages.crumb.title,
                Bilingual("目标、指标和任务的年度进展，附依据。", "What plans aimed at and reached each year, with evidence."),
                at: "/plans", for: .everyone),
        ]
    }

    public var panels: [String: CasePanel] { ["strategy.document": NormPanel.panel(house)] }

    public func summary(_ visit: Visit) async throws -> HTML { try await StrategySummary(house: house).html(visit) }

    /// The work of a day, done once a day: texts expire, and warnings go out before they do.
    public func tick() async throws {
        let setting = "strategy.daily.done"
        let today = house.today.description
        let done = try await house.db.read { tx in try Settings.get(setting, tx) }
        guard done != today else { return }
        try await NormExpiry(house: house).run()
        try await PlanReminders(house: house).run()
        try await house.db.write { tx in try Settings.set(setting, today, tx) }
    }
}
