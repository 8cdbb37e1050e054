public import Kernel
public import Portal
public import Store

/// The face of the BasicResearch room.
public struct BasicResearch: Duty {
    let house: House

    public init(_ house: House) { self.house = house }

    private static let title = Bilingual("基础研究", "Basic research")

    /// The way to the room's pages.
    static let crumb = Crumb(title, "/rooms/basic-research")

    /// How the room is shown.
    public static let room: RoomFace? = RoomFace(
        id: "basic-research", title: title,
        lead: Bilingual(
            "自然科学基金、重点实验室、大型科研仪器开放共享与基础研究投入。",
            "Natural science fund, key laboratories, shared instruments, and the share of basic research."),
        division: "basic-research")

    /// Tables of this room.
    public static let migrations: [Migrations] = [BasicTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [RuleEntry(ShareRule.self), RuleEntry(GradeRule.self)]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        EntryHooks(city: city).register(in: &hooks)
        LaboratoryHooks(city: city).register(in: &hooks)
        InstrumentHooks(city: city).register(in: &hooks)
        ReexaminationHooks(city: city).register(in: &hooks)
    }

    /// Further pages of the room.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("基础研究投入占比", "Share of basic research"),
                Bilingual(
                    "每年基础研究占市级科技研发资金的比例，对照法定比例。",
                    "The share of basic research in the municipal R&D budget, year by year."),
                at: "/basic-research/share", for: .everyone),
            RoomLink(
                Bilingual("重点实验室年度数据", "Yearly figures of laboratories"),
                Bilingual("每个实验室的年度数据，依托单位可由此填报年度报告。", "Figures of each year; hosts begin their reports here."),
                at: "/laboratories", for: .everyone),
            RoomLink(
                Bilingual("仪器可用时段", "Hours of instruments"),
                Bilingual("查看已预约的时段并预约。", "See which hours are given, and book."), at: "/instruments", for: .everyone),
        ]
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] {
        SharePages(house: house).routes + LaboratoryPages(house: house).routes + InstrumentPages(house: house).routes
    }

    /// What the case page shows of the room's cases, by procedure.
    public var panels: [String: CasePanel] {
        [
            "basic.lab-evaluation": GradesPanel(house: house).show,
            "basic.instrument-evaluation": FiguresPanel(house: house).show,
            "basic.booking-answer": BookingPanel(house: house).show,
        ]
    }

    /// Further charts of the leader's summary.
    public func summary(_ visit: Visit) async throws -> HTML { try await SharePages(house: house).chart(visit) }
}
