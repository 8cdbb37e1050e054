public import Kernel
public import Portal
public import Review
public import Store
public import Treasury

/// The face of the Funding room: what it brings to the bureau.
public struct Funding: Duty {
    public let house: House
    public let calls: CallActions
    public let applications: ApplicationActions
    public let findings: FindingActions
    public let review: CallReview
    let disciplines: DisciplineDesk
    public let sheets: SheetActions
    public let fees: ExpertFeeActions
    public let duplicates: Duplicates
    public let watch: Watch
    public let decisions: DecisionActions
    public let projects: ProjectActions
    public let tranches: TrancheActions
    public let spending: SpendingActions
    public let recoveries: RecoveryActions

    public init(_ house: House) {
        self.house = house
        let (db, clock, ids, procedures) = (house.db, house.clock, house.ids, house.procedures)
        calls = CallActions(db: db, clock: clock, ids: ids, zone: house.city.zone, rules: house.city.rules)
        applications = ApplicationActions(
            db: db, clock: clock, ids: ids, procedures: procedures, files: house.files, vault: house.vault)
        findings = FindingActions(
            db: db, clock: clock, procedures: procedures, permission: .checkApplications,
            steps: ["funding.application": ["formal-check"]])
        review = CallReview(db: db, clock: clock, ids: ids, procedures: procedures, record: house.record)
        disciplines = DisciplineDesk(house)
        sheets = SheetActions(db: db, clock: clock, ids: ids, zone: house.city.zone)
        fees = ExpertFeeActions(
            db: db, clock: clock, ids: ids, zone: house.city.zone, rules: house.city.rules,
            books: FeeBooks(zone: house.city.zone))
        duplicates = Duplicates(db: db, clock: clock, source: DuplicateTexts())
        watch = Watch(db: db, clock: clock)
        projects = ProjectActions(db: db, clock: clock, ids: ids, procedures: procedures)
        decisions = DecisionActions(
            db: db, clock: clock, ids: ids, procedures: procedures,
            publicity: Publicity(calendar: house.city.calendar, zone: house.city.zone, rules: house.city.rules),
            projects: projects)
        tranches = TrancheActions(
            db: db, clock: clock, zone: house.city.zone, treasury: Treasury(house, listeners: Funding.payments))
        recoveries = RecoveryActions(
            db: db, clock: clock, zone: house.city.zone, rules: house.city.rules)
        spending = SpendingActions(
            db: db, clock: clock, ids: ids, procedures: procedures, files: house.files, rules: house.city.rules)
    }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "funding", title: Bilingual("科研资金", "Research funding"),
        lead: Bilingual(
            "指南、申报、评审、立项、合同、拨款与验收。", "Calls, applications, review, awards, contracts, payments and acceptance."),
        division: "planning")

    /// Tables of this room and of the one it stands on.
    public static let migrations: [Migrations] = [
        ReviewTables.migrations, FundingTables.migrations, Importer.migrations, BudgetTables.migrations,
        PerformanceStore.migrations,
        OpenDataTables.migrations, OversightTables.migrations,
    ]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(LimitsRule.self), RuleEntry(AcceptanceRule.self), RuleEntry(IndirectCostRule.self),
        RuleEntry(ExpertFeeRule.self), RuleEntry(BudgetShareRule.self),
        RuleEntry(PerformanceRule.self),
    ]

    /// What this room hears of its payments.
    public static let payments: [String: PaymentListener] = [
        Tranches.subject: Tranches.hear, FeeBooks.subject: FeeBooks.hear,
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        guard let vault = hooks.vault else { return }
        ApplicationHooks.register(
            in: &hooks, vault: vault, rules: city.rules, zone: city.zone, calendar: city.calendar)
        ProjectHooks.register(in: &hooks, city: city)
        AllocationHooks.register(in: &hooks)
        SpendingHooks.register(in: &hooks, rules: city.rules)
        BudgetChange.register(in: &hooks, rules: city.rules)
        BudgetHooks.register(in: &hooks, rules: city.rules)
        PerformanceHooks.register(in: &hooks, rules: city.rules)
    }

    /// Looks after reviews: reminders, lapses, replacement from the reserves. Adds up the board's parts, makes the
    /// day's open data, looks for red flags, and takes over what the version before writes in its own way.
    public func tick() async throws {
        try await review.tend()
        try await review.tendSheets()
        try await duplicates.tend()
        try await watch.tend()
        try await BoardParts.refresh(in: house.db, at: house.clock.now())
        try await OpenData(house).tend()
        try await FlagDesk(house).tend()
        try await review.actions.takeOverCauses()
    }

    /// Enters what was promised before there were books, and what was paid before reviews asked for it; does nothing
    /// where that was done or never was.
    public func carryOver() async throws {
        try await CarryOver.run(in: house.db, at: house.clock.now(), zone: house.city.zone)
        try await Tranches.handOver(in: house.db, at: house.clock.now(), zone: house.city.zone)
        try await VoucherDealings.carryOver(in: house.db, house.city.rules, on: house.today)
    }

    /// All addresses of this room.
    public var routes: [Route] {
        CallPages(self).routes + ApplicationPages(self).routes + CallDesk(self).routes + CallBuilder(self).routes
            + reviewRoutes + workRoutes + DecisionDesk(self).routes
            + findingDesk.routes + disciplines.routes + ProjectPages(self).routes + ProjectDesk(self).routes
            + FundingAPI(self).routes
            + AllocationPages(house: house).routes + moneyRoutes + budgetRoutes + oversightRoutes
    }

    /// Review: the desk's pages, the public draw, the experts' own.
    private var reviewRoutes: [Route] {
        ReviewDesk(self).routes + AssignmentDesk(self).routes + ConflictDesk(self).routes + RankingPage(self).routes
            + DrawPages(self).routes + ReviewPages(self).routes + ExpertProfilePages(self).routes
            + OwnConflictPages(self).routes + TieDesk(self).routes + AliasDesk(self).routes
            + ExpertDesk(self).routes + PoolImportDesk(self).routes + RegistrationPages(self).routes
            + RegistrationDesk(self).routes
    }

    /// What follows from the sheets of a review.
    private var workRoutes: [Route] {
        FeePage(self).routes + SheetDesk(self).routes + FeedbackDesk(self).routes
            + DuplicateDesk(self).routes + WatchDesk(self).routes
    }

    /// Spending, changes of budgets and what comes back.
    private var moneyRoutes: [Route] {
        MoneyPages(self).routes + ReportPages(self).routes + SpendingDesk(self).routes
            + BudgetChangePages(self).routes + RecoveryDesk(self).routes
            + CofundingPages(self).routes + SpendingAPI(self).routes
    }

    /// Budgets, the board, closing months.
    private var budgetRoutes: [Route] {
        BudgetPages(house: house).routes + BoardPages(house: house).routes + PublicBoard(house: house).routes
            + PeriodPages(house: house).routes + PerformancePages(house: house).routes
    }

    /// Open data, trails, samples and red flags.
    private var oversightRoutes: [Route] {
        OpenDataPages(house: house).routes + PublicMoneyPages(house: house).routes + TrailPages(house: house).routes
            + SamplePages(house: house).routes
            + FlagPages(house: house).routes
    }

    /// Where its pages begin.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("申报指南", "Calls"), Bilingual("正在申报和已截止的指南。", "Open and closed calls."), at: "/calls",
                for: .everyone),
            RoomLink(
                Bilingual("项目申报", "Apply for funding"),
                Bilingual("在正在申报的指南中选择一项填报。", "Choose an open call and fill in the application."), at: "/calls",
                for: .filers),
            RoomLink(
                Bilingual("资助项目", "Funded projects"),
                Bilingual("立项、合同、拨款和验收。", "Awards, contracts, payments and acceptance."), at: "/projects",
                for: .everyone),
            RoomLink(
                Bilingual("资金去向", "Public money"),
                Bilingual("给了谁、给了多少、付了多少；开放数据。", "To whom, how much, what was paid; open data."), at: "/public-money",
                for: .everyone),
            RoomLink(
                Bilingual("资金业务", "Funding desk"),
                Bilingual("指南、形式审查、评审、立项、项目。", "Calls, checks, reviews, awards, projects."), at: "/desk", for: .staff),
            RoomLink(
                Bilingual("评审会议", "Panel meetings"),
                Bilingual("议程、到会、回避、表决和纪要。", "Agenda, presence, keeping out, votes and minutes."), at: "/desk/meetings",
                for: .staff),
            RoomLink(
                Bilingual("配置方案比较", "Allocation proposals"),
                Bilingual("各方案的金额、理由和部门意见并列。", "Amounts, reasons and opinions side by side."), at: "/desk/allocations",
                for: .staff),
        ]
    }

    /// Findings of the formal check.
    var findingDesk: FindingDesk {
        FindingDesk(findings, base: "/desk/applications", name: "desk", roles: [.officer])
    }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        [
            "funding.application": ApplicationPanel(self).panel, "funding.project": ProjectPanel(self).panel,
            "funding.change": ProjectPanel(self).change, "funding.midterm": ProjectPanel(self).midterm,
            "funding.spending": SpendingPanel(self).panel,
            "funding.budget-change": BudgetChangePages(self).panel,
            BudgetHooks.procedure: BudgetPanel.paper, BudgetHooks.yearEndProcedure: BudgetPanel.yearEnd,
            Goal.programmes: PerformancePanel.panel, Goal.projects: PerformancePanel.panel,
        ]
    }
}
