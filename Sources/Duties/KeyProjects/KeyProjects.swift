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
    public static let migrations: [Migrations] = [DemandTrail.migrations]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        DemandHooks(city: city).register(in: &hooks)
        BidHooks(city: city).register(in: &hooks)
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { DemandPages(house: house).routes + AlignmentPages(house: house).routes }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] { ["key.demand": KeyPanels.demand, "key.bid-call": KeyPanels.bidCall] }

    /// Further pages to which the room leads.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("产业链图谱", "Map of industry chains"),
                Bilingual("环节、缺口、项目和企业。", "Links, gaps, projects and firms."), at: "/key-projects/chains",
                for: .everyone),
            RoomLink(
                Bilingual("需求分析", "Analysis of demand"),
                Bilingual("按领域的规模、成熟度和紧迫程度。", "Size, readiness and urgency by field."),
                at: "/desk/key-projects/analysis", for: .staff),
            RoomLink(
                Bilingual("需求归并", "Merge demands"),
                Bilingual("按文字相似程度提示相同的需求。", "Likeness of words suggests what is the same."),
                at: "/desk/key-projects/merging", for: .staff),
            RoomLink(
                Bilingual("国家和省项目衔接", "National and provincial projects"),
                Bilingual("配套责任、已付和未付。", "The duty to co-fund, paid and left."),
                at: "/desk/key-projects/alignment", for: .staff),
        ]
    }

    /// Tells the reviews, once, of the bids that were chosen before they asked for them.
    public func tick() async throws { try await BidDealings.carryOver(house) }

    /// Further charts of the leader's summary.
    public func summary(_ visit: Visit) async throws -> HTML {
        let (counts, duties) = try await house.db.read { tx in
            (try DemandCount.all(tx), try AlignmentPages.duties(tx))
        }
        return DemandPages(house: house).chart(counts, visit.say) + AlignmentPages.chart(duties, visit.say)
    }
}
