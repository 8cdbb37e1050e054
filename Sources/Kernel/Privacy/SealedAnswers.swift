import Store

/// Sealed members of saved answers: `{"sealed": "…"}` in hexadecimal text in place of a value, wherever it stands.
enum SealedAnswers {
    /// What goes at its own time.
    enum Part: Sendable {
        /// Telephones and mail addresses.
        case contact
        /// All else: what a form marks as personal, and what it does not ask any more.
        case personal

        var kind: PersonalKind {
            switch self {
            case .contact: .contact
            case .personal: .papers
            }
        }
    }

    /// The same value with every sealed member changed.
    static func mapped(_ value: JSONValue, _ change: ([UInt8]) throws -> [UInt8]) throws -> JSONValue {
        if let members = value.object {
            if value.isSealed, let bytes = value["sealed"]?.string.flatMap({ Hex.bytes($0) }) {
                return ["sealed": .string(Digest.hex(try change(bytes)))]
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

    /// Those of some cases in whose answers a part is sealed still, with what is left when it is erased. Whose form the
    /// house does not know are left alone.
    static func holding(
        _ part: Part, _ cases: [KeptAnswers], _ procedures: Procedures, _ tx: Tx
    ) throws -> [(item: KeptAnswers, left: JSONValue)] {
        let forms = try procedures.forms(of: cases, tx)
        return cases.compactMap { item -> (item: KeptAnswers, left: JSONValue)? in
            guard let form = forms[item.id] else { return nil }
            let contacts = Set(form.contactFields.map(\.name))
            let left = item.content.erasing({ contacts.contains($0) == (part == .contact) }, procedures.hooks.vault)
            guard left != item.content else { return nil }
            return (item: item, left: left)
        }
    }

    /// Drops a part of what is sealed in the answers of cases.
    /// - Returns: in how many.
    @discardableResult
    static func erase(
        _ part: Part, of cases: [KeptAnswers], _ procedures: Procedures, why: String, by actor: Actor, at now: Instant,
        _ tx: Tx
    ) throws -> Int {
        var erased = 0
        for (item, left) in try holding(part, cases, procedures, tx) {
            guard try save(left, over: item.content, of: item.id, tx) == 1 else { continue }
            try Record.append(
                Event(
                    room: "privacy", kind: "answers.erased", subjectKind: "case", subject: item.id.text,
                    caseID: item.id, actor: actor, at: now,
                    content: ["kind": .string(part.kind.id), "why": .string(why)]), tx)
            erased += 1
        }
        return erased
    }
}
