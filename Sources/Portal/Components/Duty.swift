public import Kernel
public import Store

/// What one of the bureau's duties brings to the house. The list of duties in Bureau is the only place that names them
/// all; the house makes its tables, rules, procedures, addresses and work of its own out of this.
public protocol Duty: Sendable {
    init(_ house: House)

    /// Tables of the room, and of rooms that only it stands on.
    static var migrations: [Migrations] { get }
    /// Its columns of sealed personal content: sealed anew when keys change, erased when their time is over.
    static var sealed: [SealedColumn] { get }
    /// The rules of law that the room applies.
    static var rules: [RuleEntry] { get }
    /// Names guards, effects and letters for the procedures.
    static func register(in hooks: inout ProcedureHooks, city: Jurisdiction)

    /// How the room is shown to people; nil where it has pages of its own alone.
    static var room: RoomFace? { get }
    /// Further pages to which the room's home and desk lead.
    var links: [RoomLink] { get }
    /// Further charts of the leader's summary.
    func summary(_ visit: Visit) async throws -> HTML

    /// What waits for somebody in this room and is no case, the most urgent first; a constant number of queries.
    static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem]

    /// What of the room is found by searching, besides its registers.
    var searchSources: [SearchSource] { get }

    /// All addresses of the room, pages and API.
    var routes: [Route] { get }
    /// What the case page shows of the room's cases, by procedure.
    var panels: [String: CasePanel] { get }
    /// What the room does by itself, once a round of the house's jobs; it must bear being done again.
    func tick() async throws
    /// Gives the room's deadlines that an outage touched more time, all the same.
    /// - Returns: a line for each, as the notice of the extension shows it.
    func extend(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> [NoticeRow]
}

extension Duty {
    public static var room: RoomFace? { nil }
    public var links: [RoomLink] { [] }
    public func summary(_ visit: Visit) async throws -> HTML { .empty }
    public static func waiting(_ actor: Actor, on today: Day, _ tx: Tx) throws -> [WaitingItem] { [] }
    public var searchSources: [SearchSource] { [] }
    public static var rules: [RuleEntry] { [] }
    public static var sealed: [SealedColumn] { [] }
    public var panels: [String: CasePanel] { [:] }
    public func tick() async throws {}
    public func extend(for outage: Outage, _ law: OutageLaw, at now: Instant, _ tx: Tx) throws -> [NoticeRow] { [] }
}

/// How one of the bureau's rooms presents itself.
public struct RoomFace: Hashable, Sendable {
    /// As procedures and registers name it in `duty`.
    public let id: String
    public let title: Bilingual
    public let lead: Bilingual
    /// The division that answers for it, as coded in the city's chart.
    public let division: String

    public init(id: String, title: Bilingual, lead: Bilingual, division: String) {
        self.id = id
        self.title = title
        self.lead = lead
        self.division = division
    }
}

/// A page of a room beside its procedures and registers.
public struct RoomLink: Sendable {
    /// Who is led there; `filers` is for everybody too, beside what can be filed in the room.
    public enum Audience: Hashable, Sendable { case everyone, filers, staff }

    public let title: Bilingual
    public let lead: Bilingual
    public let address: SafeURL
    public let audience: Audience

    public init(_ title: Bilingual, _ lead: Bilingual, at address: SafeURL, for audience: Audience) {
        self.title = title
        self.lead = lead
        self.address = address
        self.audience = audience
    }
}
