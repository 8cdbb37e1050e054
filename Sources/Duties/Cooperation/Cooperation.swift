public import Kernel
public import Portal
public import Store

/// The face of the Cooperation room.
public struct Cooperation: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "cooperation", title: Bilingual("交流合作", "International cooperation"),
        lead: Bilingual(
            "合作协议、联合资助、出访来访、活动与大科学装置，合规审查。",
            "Agreements, joint calls, visits, events, mega-science, and compliance."),
        division: "cooperation")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(VisitRule.self), RuleEntry(GeneticRule.self), RuleEntry(SupportRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
