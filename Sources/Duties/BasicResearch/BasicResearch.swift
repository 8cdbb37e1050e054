public import Kernel
public import Portal
public import Store

/// The face of the BasicResearch room.
public struct BasicResearch: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "basic-research", title: Bilingual("基础研究", "Basic research"),
        lead: Bilingual(
            "自然科学基金、重点实验室、大型科研仪器开放共享与基础研究投入。",
            "Natural science fund, key laboratories, shared instruments, and the share of basic research."),
        division: "basic-research")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
