public import Kernel
public import Portal
public import Store

/// The face of the KeyProjects room.
public struct KeyProjects: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "key-projects", title: Bilingual("重大专项", "Key projects"),
        lead: Bilingual(
            "技术需求、路线图、揭榜挂帅、国家和省项目配套、社会发展科技。",
            "Demand, roadmaps, open-bid projects, national and provincial projects, science for society."),
        division: "key-projects")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
