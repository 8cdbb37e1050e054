public import Kernel
public import Portal
public import Store

/// The face of the Assignments room.
public struct Assignments: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "assignments", title: Bilingual("督办事项", "Assignments"),
        lead: Bilingual(
            "市委、市政府和上级交办事项：接收、分办、推进、反馈与办结。",
            "Tasks from the Party Committee, the government and superior bodies: taken in, shared out, followed, reported and closed."
        ),
        division: "general-office")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
