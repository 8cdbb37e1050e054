public import Kernel
public import Portal
public import Store

/// The face of the Integrity room.
public struct Integrity: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "integrity", title: Bilingual("监督与诚信", "Supervision and integrity"),
        lead: Bilingual(
            "举报、调查、处理与复核，双随机检查，名单、信用与承诺，评估。",
            "Tips, investigations, sanctions and appeals, random inspections, lists, credit and pledges, evaluations."),
        division: "integrity")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
