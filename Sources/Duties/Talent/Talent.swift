public import Kernel
public import Portal
public import Store

/// The face of the Talent room: work permits for foreigners, foreign experts, talent teams.
public struct Talent: Duty {
    public let house: House
    let permits: PermitRoom

    /// The register of foreign experts and what is filed about it.
    public let experts: ExpertActions

    public init(_ house: House) {
        self.house = house
        permits = PermitRoom(house)
        experts = ExpertActions(house: house)
    }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "talent", title: Bilingual("外国人才", "Foreign talent"),
        lead: Bilingual(
            "外国人来华工作许可、外国专家服务与人才团队。", "Work permits for foreigners, services for foreign experts, and talent teams."),
        division: "talent")

    /// Tables of this room.
    public static let migrations: [Migrations] = [PermitTables.migrations] + ExpertDuty.migrations

    /// Columns of sealed personal content.
    public static let sealed: [SealedColumn] = ExpertDuty.sealed + [EmployerStore.sealed]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(PointsRule.self), RuleEntry(WageRule.self), RuleEntry(CategoryRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        ExpertHooks.register(in: &hooks)
        guard let vault = hooks.vault else { return }
        PermitHooks(city: city, vault: vault).register(in: &hooks)
    }

    /// All addresses of this room.
    public var routes: [Route] { permits.routes + SelfCheckPages(house: house).routes + ExpertDuty.routes(self) }

    /// Where its pages begin.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("分类自测", "Self-check"),
                Bilingual("外国人来华工作属于哪一类。", "Which category of foreign worker one would be."), at: "/talent/check",
                for: .everyone),
            RoomLink(
                Bilingual("核验工作许可", "Verify a work permit"), Bilingual("凭验证码核对。", "By its check code."),
                at: "/verify/permit", for: .everyone),
            RoomLink(
                Bilingual("外国人工作许可", "Work permits"),
                Bilingual(
                    "用人单位登记，工作许可的申请、延期、变更和注销。",
                    "Register as employer; new permits, extensions, changes and cancellations."), at: "/permits",
                for: .filers),
            RoomLink(
                Bilingual("外国人来华工作许可：办事指南", "Work permits: the guide"),
                Bilingual("条件、材料、环节和时限。", "Who may apply, documents, steps and days."), at: "/guides/talent.new-abroad",
                for: .filers),
            RoomLink(
                Bilingual("外国专家业务", "Foreign experts' desk"),
                Bilingual("名册、到期、请求、统计。", "Register, expiries, requests, statistics."), at: "/desk/talent", for: .staff),
            RoomLink(
                Bilingual("工作许可办件", "Permit filings"), Bilingual("全部办件，按环节。", "All filings by step."),
                at: "/desk/permits", for: .staff),
        ]
    }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        permits.panels.merging(ExpertDuty.panels(self)) { first, _ in first }
    }

    /// Timely extensions that nobody decided take effect, and permits end; then the work of a day is done.
    public func tick() async throws {
        try await PermitJobs(house: house).run()
        try await ExpertDuty.tick(house)
    }
}
