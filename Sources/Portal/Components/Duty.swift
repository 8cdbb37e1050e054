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

    /// All addresses of the room, pages and API.
    var routes: [Route] { get }
    /// What the case page shows of the room's cases, by procedure.
    var panels: [String: CasePanel] { get }
    /// What the room does by itself, once a round of the house's jobs; it must bear being done again.
    func tick() async throws
}

extension Duty {
    public static var rules: [RuleEntry] { [] }
    public static var sealed: [SealedColumn] { [] }
    public var panels: [String: CasePanel] { [:] }
    public func tick() async throws {}
}
