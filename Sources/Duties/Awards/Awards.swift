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
    public static let migrations: [Migrations] = [AwardTables.migrations]

    /// The rules of law that this room applies.
    public static let rules: [RuleEntry] = [
        RuleEntry(AwardLimitsRule.self), RuleEntry(NomineeRule.self), RuleEntry(BallotRule.self),
        RuleEntry(UpperQuotaRule.self), RuleEntry(AwardMoneyRule.self),
    ]

    /// Names guards, effects and letters for the procedures.
    public static func register(in hooks: inout ProcedureHooks, city: Jurisdiction) {
        AwardHooks(city: city).register(in: &hooks)
    }

    /// Ballots that wait for a member's paper.
    public static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] {
        guard actor.roles.contains(.expert), let account = actor.account else { return [] }
        return try BallotStore.open(for: account, limit: 20, tx).map { ballot in
            WaitingItem(
                Bilingual("参加表决", "Vote"), Bilingual(ballot.title, ballot.title),
                at: "/awards/ballots/\(ballot.id.text)")
        }
    }

    /// All addresses of this room that are its own.
    public var routes: [Route] { BallotPages(house: house).routes + AwardDesk(house: house).routes }

    /// What the case page shows of this room's cases.
    public var panels: [String: CasePanel] {
        let panel = AwardPanel(house: house).panel
        return ["awards.nomination": panel, "awards.upper": panel]
    }

    /// Further pages to which the room leads.
    public var links: [RoomLink] {
        [
            RoomLink(
                Bilingual("年度奖励进展", "Years of awards"),
                Bilingual("各环节件数、计划与法定限额。", "Nominations by step, the plan and the limits of the law."),
                at: "/desk/awards/years", for: .staff),
            RoomLink(
                Bilingual("集中公示", "Publish together"),
                Bilingual("受理公示、拟奖公示和推荐公示。", "Notices after acceptance, after the vote, and before a nomination."),
                at: "/desk/awards/notices", for: .staff),
            RoomLink(
                Bilingual("评审表决", "Ballots"),
                Bilingual("记录谁投了票，不记录怎么投。", "Who voted is known; how is not."), at: "/desk/awards/ballots", for: .staff),
        ]
    }

    /// Further charts of the leader's summary.
    public func summary(_ visit: Visit) async throws -> HTML { try await AwardDesk.summary(house, visit.say) }
}
