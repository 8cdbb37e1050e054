/// An event as the record's tree holds it. Its parts (what happened, its content, its place in the chain of its case
/// with who did it) are each hashed under a key of their own, and only the hash over these hashes, the seal, is in the
/// leaf. So the log may be given to anyone: nobody can guess at a seal, a receipt shows some parts and not others, and
/// once an event's salt is erased nothing in the log speaks of it any more.
public struct SealedEvent: Sendable {
    /// The names of the parts.
    enum Part: String, CaseIterable { case what, content, chain }

    let event: StoredEvent
    let salt: [UInt8]

    /// What a part says.
    func value(_ part: Part) -> JSONValue {
        switch part {
        case .what:
            [
                "at": .integer(event.at.microseconds), "id": .string(event.id), "kind": .string(event.kind),
                "room": .string(event.room), "subject": .string(event.subject),
                "subjectKind": .string(event.subjectKind),
                "case": event.caseID.map { .string($0.text) } ?? .null, "position": .integer(Int64(event.position)),
            ]
        case .content: event.content
        case .chain:
            [
                "actor": event.actor.map { .string($0) } ?? .null, "hash": .string(event.hash),
                "previous": .string(event.previous),
            ]
        }
    }

    /// The key of a part; whoever has it can check the part and no other.
    func key(_ part: Part) -> [UInt8] { Digest.hmacSHA256(key: salt, Array(part.rawValue.utf8)) }

    func digest(_ part: Part) -> String { SealedEvent.digest(value(part), key: key(part)) }

    static func digest(_ value: JSONValue, key: [UInt8]) -> String {
        Digest.hex(Digest.hmacSHA256(key: key, value.canonicalBytes))
    }

    /// The hash over the hashes of all parts.
    static func seal(_ digests: [String: String]) -> String {
        Digest.hex(Digest.sha256(JSONValue.object(digests.mapValues { .string($0) }).canonicalBytes))
    }

    var seal: String {
        SealedEvent.seal(Dictionary(uniqueKeysWithValues: Part.allCases.map { ($0.rawValue, digest($0)) }))
    }

    /// The canonical JSON that is hashed as a leaf. Public events are in it in clear, without who did it.
    func leaf(isPublic: Bool) -> JSONValue {
        guard isPublic else { return ["seal": .string(seal)] }
        return ["seal": .string(seal), "event": SealedEvent.clear(value(.what), value(.content))]
    }

    /// The event in clear as a public leaf has it.
    static func clear(_ what: JSONValue, _ content: JSONValue) -> JSONValue {
        var members = what.object ?? [:]
        members["content"] = content
        return .object(members)
    }
}
