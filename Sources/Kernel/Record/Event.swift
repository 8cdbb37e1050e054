import Store

/// Something that happened: who did what, when, about what, and the hash of what it said.
public struct Event: Codable, Hashable, Sendable {
    /// The room that says so, e.g. `funding`.
    public let room: String
    /// What happened, e.g. `application.submitted`.
    public let kind: String
    /// What it is about: a kind and an identity.
    public let subjectKind: String
    public let subject: String
    /// The case that it belongs to, if any; the events of a case form one chain.
    public let caseID: ID<CaseFile>?
    public let actor: String?
    public let actorName: String
    public let at: Instant
    public let content: JSONValue
    /// Whether anybody may read what happened in the exported log: notices, commitments, keys. Everything else shows
    /// there as a hash alone.
    public let isPublic: Bool

    public init(
        room: String, kind: String, subjectKind: String, subject: String, caseID: ID<CaseFile>? = nil, actor: Actor,
        at: Instant, content: JSONValue = [:], isPublic: Bool = false
    ) {
        self.room = room
        self.kind = kind
        self.subjectKind = subjectKind
        self.subject = subject
        self.caseID = caseID
        self.actor = actor.account?.text
        actorName = actor.name
        self.at = at
        self.content = content
        self.isPublic = isPublic
    }
}

/// An event as it is kept, with its place in the chain of its case.
public struct StoredEvent: Codable, Hashable, Sendable {
    public let id: String
    public let room: String
    public let kind: String
    public let subjectKind: String
    public let subject: String
    public let caseID: ID<CaseFile>?
    /// Place in the chain of the case, from 1; 0 where there is no case.
    public let position: Int
    /// Hash of the previous event of the case; empty for the first.
    public let previous: String
    public let actor: String?
    public let actorName: String
    public let at: Instant
    public let content: JSONValue
    public let contentHash: String
    /// SHA-256 over everything above but the content and the name, which are represented by hashes.
    public let hash: String

    init(row: Row) throws {
        id = try row["id"]
        room = try row["room"]
        kind = try row["kind"]
        subjectKind = try row["subject_kind"]
        subject = try row["subject"]
        caseID = try row["case_id"]
        position = try row["position"]
        previous = try row["previous"]
        actor = try row["actor"]
        actorName = try row["actor_name"]
        at = try row["at"]
        content = try row["content"]
        contentHash = try row["content_hash"]
        hash = try row["hash"]
    }

    /// The hash that the event ought to have, from what it says now.
    public var expectedHash: String {
        StoredEvent.hash(
            id: id, room: room, kind: kind, subjectKind: subjectKind, subject: subject, caseID: caseID,
            position: position, previous: previous, actor: actor, at: at, contentHash: contentHash)
    }

    /// The hash that its content ought to have.
    public var expectedContentHash: String { Digest.hex(Digest.sha256(content.canonicalBytes)) }

    static func hash(
        id: String, room: String, kind: String, subjectKind: String, subject: String, caseID: ID<CaseFile>?,
        position: Int, previous: String, actor: String?, at: Instant, contentHash: String
    ) -> String {
        let leaf: JSONValue = [
            "id": .string(id), "room": .string(room), "kind": .string(kind), "subjectKind": .string(subjectKind),
            "subject": .string(subject), "case": caseID.map { .string($0.text) } ?? .null,
            "position": .integer(Int64(position)), "previous": .string(previous),
            "actor": actor.map { .string($0) } ?? .null, "at": .integer(at.microseconds),
            "content": .string(contentHash),
        ]
        return Digest.hex(Digest.sha256(leaf.canonicalBytes))
    }
}
