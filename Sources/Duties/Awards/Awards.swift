public import Kernel
public import Portal
public import Store

/// The face of the Awards room.
public struct Awards: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "awards", title: Bilingual("科技奖励", "Science and technology awards"),
        lead: Bilingual(
            "提名、受理、评审、公示异议、授奖与推荐上级奖励。",
            "Nomination, acceptance, review, publicity and objections, decision, and nomination for higher prizes."),
        division: "planning")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
