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
    public static let migrations: [Migrations] = [IntegrityTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [RuleEntry(SanctionRule.self)]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        CaseHooks(city: city).register(in: &hooks)
        AppealHooks(city: city).register(in: &hooks)
        CaseLetters(city: city).register(in: &hooks)
        InspectionHooks(city: city).register(in: &hooks)
        EvaluationHooks(city: city).register(in: &hooks)
    }

    /// Further pages of the room.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("双随机检查公开", "Random inspections"),
                Bilingual("抽取方案、种子和结果，任何人都能重算。", "Plans, seeds and results of the draws; anybody can run them again."),
                at: "/inspections", for: .everyone),
            RoomLink(
                Bilingual("我的信用记录", "My credit record"),
                Bilingual("本人和所在单位的记录，以及谁查询过。", "What is kept of you and your organisations, and who asked."),
                at: "/credit", for: .everyone),
            RoomLink(
                Bilingual("信用查询", "Credit queries"),
                Bilingual("查询须说明用途，全部留痕。", "A query takes a purpose, and every one is kept."), at: "/desk/credit",
                for: .staff),
            RoomLink(
                Bilingual("评审监督", "Watching the judges"),
                Bilingual(
                    "互相抬分、一贯偏高偏低、外泄和退出，只作为问题提出；限本处查看。",
                    "Favours, habits, leaks and leaving, as questions; for this division."),
                at: "/desk/watch", for: .staff),
            RoomLink(
                Bilingual("查重", "Near-duplicates"),
                Bilingual("申报书和报告之间的相近文字，左右对照。", "Texts that have much in common, side by side."),
                at: "/desk/duplicates", for: .staff),
        ]
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { CreditPages(house: house).routes + InspectionPages(house: house).routes }

    /// What the case page shows of the room's cases, by procedure.
    public var panels: [String: CasePanel] {
        [
            "integrity.defence": DefencePanel(house: house).show,
            "integrity.inspection": InspectionPages(house: house).panel,
            "integrity.check": CheckPanel(house: house).show,
        ]
    }

    /// Lists that are kept by events, and bars that end.
    public func tick() async throws { try await IntegrityJobs(house: house).run() }

    /// Further charts of the leader's summary.
    public func summary(_ visit: Visit) async throws -> HTML { try await IntegritySummary(house: house).show(visit) }
}
