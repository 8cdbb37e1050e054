public import Kernel
public import Portal
public import Store

/// The face of the InnovationSystem room.
public struct InnovationSystem: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "innovation", title: Bilingual("创新体系", "Innovation system"),
        lead: Bilingual(
            "创新主体名册与统计、高新技术企业认定、体制改革与激励措施、部门意见、创新指标。",
            "Innovation bodies and their statistics, high-tech enterprises, reform and incentives, opinions of departments, indicators."
        ),
        division: "planning")

    /// Tables of this room.
    public static let migrations: [Migrations] = []

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(GrowthRule.self), RuleEntry(RecognitionGateRule.self), RuleEntry(RecognitionScoreRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {}

    /// All addresses of this room that are its own.
    public var routes: [Route] { [] }
}
