import Store

/// Sealed members of saved answers: `{"sealed": "…"}` in hexadecimal text in place of a value, wherever it stands.
enum SealedAnswers {
    /// The same value with every sealed member changed; nil drops what was sealed and leaves `{"erased": true}`.
    static func mapped(_ value: JSONValue, _ change: ([UInt8]) throws -> [UInt8]?) throws -> JSONValue {
        if let members = value.object {
            if members.count == 1, let text = members["sealed"]?.string, let bytes = Hex.bytes(text) {
                guard let changed = try change(bytes) else { return ["erased": true] }
                return ["sealed": .string(Digest.hex(changed))]
            }
            return .object(try members.mapValues { try mapped($0, change) })
        }
        if let items = value.array { return .array(try items.map { try mapped($0, change) }) }
        return value
    }

    /// Answers with sealed members after a case, in order.
    static func page(after id: ID<CaseFile>, limit: Int, _ tx: Tx) throws -> [(id: ID<CaseFile>, content: JSONValue)] {
        try tx.rows(
            """
            SELECT case_id, content FROM case_answers WHERE case_id > \(id) AND content LIKE '%"sealed"%'
            ORDER BY case_id LIMIT \(limit)
            """
        ) { (try $0["case_id"], try $0["content"]) }
    }

    /// Writes content over what was read; someone who saved in between has sealed with a key of today anyway.
    static func save(_ content: JSONValue, over old: JSONValue, of id: ID<CaseFile>, _ tx: Tx) throws -> Int {
        try tx.run("UPDATE case_answers SET content = \(content) WHERE case_id = \(id) AND content = \(old)")
    }

    /// Drops what is sealed in the answers of cases.
    static func erase(_ cases: [ID<CaseFile>], why: String, by actor: Actor, at now: Instant, _ tx: Tx) throws {
        for id in cases {
            let old = try CaseStore.answers(id, tx).content
            let content = try mapped(old) { _ in nil }
            guard content != old, try save(content, over: old, of: id, tx) == 1 else { continue }
            try Record.append(
                Event(
                    room: "privacy", kind: "answers.erased", subjectKind: "case", subject: id.text, caseID: id,
                    actor: actor, at: now, content: ["why": .string(why)]), tx)
        }
    }
}
