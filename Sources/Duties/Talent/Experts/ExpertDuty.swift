import Kernel
import Portal
import Store

/// What the register of experts and the boards bring to the room.
enum ExpertDuty {
    static let migrations: [Migrations] = [ExpertTables.migrations, Reminders.migrations]

    /// The last day on which a foreigner's papers are needed: that of the last permit or filing; none while one runs.
    private static let needed: SQL = """
        (CASE WHEN EXISTS (SELECT 1 FROM permit_filing f WHERE f.foreigner = foreigner.id AND f.decided_on IS NULL)
        THEN '9999-12-31' ELSE COALESCE(
            (SELECT MAX(COALESCE(p.closed_on, p.ends_on)) FROM permit p WHERE p.foreigner = foreigner.id),
            (SELECT MAX(f.decided_on) FROM permit_filing f WHERE f.foreigner = foreigner.id), '9999-12-31') END)
        """

    static let sealed: [SealedColumn] = [
        SealedColumn(
            table: "foreigner", column: "sealed_passport", kind: .passport, neededUntil: needed, owner: "account",
            mark: "passport_mark"),
        SealedColumn(
            table: "foreigner", column: "sealed_birth", kind: .birthDate, neededUntil: needed, owner: "account"),
    ]

    static func routes(_ talent: Talent) -> [Route] {
        ExpertPages(talent).routes + MyExpertPages(talent).routes + EmployerBoard(talent).routes
            + TalentDesk(talent).routes + DepartmentExports(talent).routes
    }

    static func panels(_ talent: Talent) -> [String: CasePanel] {
        let panel = ExpertCaseParts.panel(talent.house)
        return Dictionary(
            ExpertCase.Kind.allCases.map { ($0.procedure, panel) }, uniquingKeysWith: { first, _ in first })
    }

    /// Tells the reviews, once, of complaints of before they asked for them. Then the work of a day, done once a day:
    /// what is kept of experts who work here stays needed, and reminders go out.
    static func tick(_ house: House) async throws {
        try await ComplaintDealings.carryOver(house)
        let today = house.today
        let setting = "talent.daily.done"
        let done = try await house.db.read { tx in try Settings.get(setting, tx) }
        guard done != today.description else { return }
        try await renewNeeds(house, today)
        try await Reminders(house).run()
        try await house.db.write { tx in try Settings.set(setting, today.description, tx) }
    }

    /// Content of experts who work here is needed today; statements have their own time.
    static func renewNeeds(_ house: House, _ today: Day) async throws {
        let kinds = [PersonalKind.passport, .birthDate, .contact, .home, .family].map(\.id)
        try await house.db.write { tx in
            try tx.run(
                """
                UPDATE personal_content SET needed_until = \(today)
                WHERE kind IN \(list: kinds) AND erased_at IS NULL AND needed_until < \(today)
                AND person IN (SELECT person FROM foreign_expert WHERE state = 'present')
                """)
        }
    }
}
