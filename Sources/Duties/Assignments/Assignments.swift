public import Kernel
public import Portal
public import Store

/// The face of the Assignments room.
public struct Assignments: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// The division that takes tasks in, shares them out and checks what is reported back.
    static let office = "general-office"

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "assignments", title: Bilingual("督办事项", "Assignments"),
        lead: Bilingual(
            "市委、市政府和上级交办事项：接收、分办、推进、反馈与办结。",
            "Tasks from the Party Committee, the government and superior bodies: taken in, shared out, followed, reported and closed."
        ),
        division: office)

    /// Tables of this room.
    public static let migrations: [Migrations] = [AssignmentTables.migrations]

    /// The rule that computes the light.
    public static let rules: [RuleEntry] = [RuleEntry(LightRule.self)]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        AssignmentHooks.register(in: &hooks, city)
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { AssignmentDesk(house: house).routes }

    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("督办台账", "All assignments"),
                Bilingual("按状态、亮灯、来源和处室筛选，可导出。", "By state, light, source and division, with files."),
                at: "/desk/assignments", for: .staff)
        ]
    }

    public var panels: [String: CasePanel] { ["assignments.task": AssignmentPanel.panel(house)] }

    public func summary(_ visit: Visit) async throws -> HTML { try await AssignmentDesk(house: house).summary(visit) }

    /// The work of a day, done once a day: reminders before deadlines, escalation after them. Before it, what cases
    /// lack that the version before moved.
    public func tick() async throws {
        try await AssignmentHooks.takeOver(house)
        let setting = "assignments.daily.done"
        let today = house.today.description
        let done = try await house.db.read { tx in try Settings.get(setting, tx) }
        guard done != today else { return }
        try await AssignmentReminders(house: house).run()
        try await house.db.write { tx in try Settings.set(setting, today, tx) }
    }
}
