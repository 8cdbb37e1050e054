public import Kernel
public import Portal
public import Store

/// The face of the Cooperation room: agreements, joint calls, visits, events, mega-science, exchange of talent.
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
    public static let migrations: [Migrations] = [FlagStore.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(VisitRule.self), RuleEntry(GeneticRule.self), RuleEntry(SupportRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        ComplianceHooks(city: city).register(in: &hooks)
        CooperationHooks(city: city).register(in: &hooks)
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { AgreementBoard(house: house).routes }

    /// Its pages beside procedures and registers.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("协议到期与投入", "Agreements: ends and money"),
                Bilingual("按到期先后，含各方原币投入。", "By their ends, with the money of each side in its currency."),
                at: "/desk/cooperation/agreements", for: .staff)
        ]
    }

    /// The procedures whose cases may carry compliance flags.
    static let flagged = [
        "agreement", "joint-application", "visit-out", "visit-in", "event", "facility", "exchange",
    ].map { "cooperation.\($0)" }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        Dictionary(Self.flagged.map { ($0, FlagPanel().show) }, uniquingKeysWith: { first, _ in first })
    }

    /// Heads by country, money by source and hours used.
    public func summary(_ visit: Visit) async throws -> HTML {
        let charts = try await house.db.read { tx in try CooperationCharts.read(tx) }
        return charts.draw(house.city.countries, visit.say)
    }

    /// Warns of agreements that end soon.
    public func tick() async throws { try await Renewals(house: house).run() }
}
