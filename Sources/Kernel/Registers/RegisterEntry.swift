public import Store

/// Marker of entries of registers.
public enum RegisterMark {}

/// One entry of a register.
public struct RegisterEntry: Codable, Hashable, Sendable {
    public let id: ID<RegisterMark>
    public let register: String
    public let number: String
    public let name: String
    public let state: String
    public let organisation: ID<OrganisationMark>?
    /// The case that made it.
    public let caseID: ID<CaseFile>?
    public let content: JSONValue
    /// Counts the changes.
    public let revision: Int

    /// Reads an entry out of a row of `register_entry`.
    public init(stored row: Row) throws { try self.init(row: row) }

    init(row: Row) throws {
        id = try row["id"]
        register = try row["register"]
        number = try row["number"]
        name = try row["name"]
        state = try row["state"]
        organisation = try row["organisation"]
        caseID = try row["case_id"]
        content = try row["content"]
        revision = try row["revision"]
    }
}

/// One change of an entry, kept for good.
public struct RegisterChange: Codable, Hashable, Sendable {
    public let kind: String
    /// The values as they were set.
    public let content: JSONValue
    /// As typed by a person, the same in both languages.
    public let reason: Bilingual
    public let caseID: ID<CaseFile>?
    public let by: String
    public let at: Instant

    init(row: Row) throws {
        kind = try row["kind"]
        content = try row["content"]
        let text: String = try row["reason"]
        reason = Bilingual(text, try row["reason_en"] ?? text)
        caseID = try row["case_id"]
        by = try row["made_by"]
        at = try row["at"]
    }
}

/// Who changes an entry, why, and when.
public struct RegisterAct: Sendable {
    public let actor: Actor
    public let reason: Bilingual
    public let caseID: ID<CaseFile>?
    public let now: Instant
    public let day: Day

    public init(by actor: Actor, reason: Bilingual, caseID: ID<CaseFile>? = nil, at now: Instant, on day: Day) {
        self.actor = actor
        self.reason = reason
        self.caseID = caseID
        self.now = now
        self.day = day
    }

    /// - Parameter reason: as a person typed it.
    public init(by actor: Actor, reason: String, caseID: ID<CaseFile>? = nil, at now: Instant, on day: Day) {
        self.init(by: actor, reason: Bilingual(reason, reason), caseID: caseID, at: now, on: day)
    }

    /// What an action of a case does to an entry.
    /// - Parameters:
    ///   - caseID: the case that is told as the ground; by default the one that is acted on.
    ///   - reason: by default what the action is called.
    public init(_ context: ActionContext, caseID: ID<CaseFile>? = nil, reason: Bilingual? = nil) {
        self.init(
            by: context.actor, reason: reason ?? context.action.title, caseID: caseID ?? context.file.id,
            at: context.now, on: context.day)
    }
}

/// Which entries a list shows.
public struct RegisterFilter: Hashable, Sendable {
    public var state: String?
    /// Shown fields and the values that they must have.
    public var fields: [String: String]
    /// The beginning of the name.
    public var name: String?

    public init(state: String? = nil, fields: [String: String] = [:], name: String? = nil) {
        self.state = state
        self.fields = fields
        self.name = name
    }
}
