public import Kernel
public import Store

/// A finding of the formal check as it is kept.
public struct Finding: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case open, mended, overridden, withdrawn
    }

    public let id: ID<Finding>
    public let caseID: ApplicationID
    /// 1 for the first check, 2 after a correction.
    public let round: Int
    public let draft: FindingDraft
    public let isAutomatic: Bool
    public let state: State
    public let reason: String?

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        round = try row["round"]
        draft = FindingDraft(
            code: try row["code"], field: try row["field"],
            message: Bilingual(try row["message_zh"], try row["message_en"]),
            basis: Bilingual(try row["basis_zh"], try row["basis_en"]))
        let origin: String = try row["origin"]
        isAutomatic = origin == "automatic"
        state = try row["state"]
        reason = try row["reason"]
    }
}

/// Reads and writes findings.
public enum FindingStore {
    public static func list(of id: ApplicationID, _ tx: Tx) throws -> [Finding] {
        try tx.rows("SELECT * FROM formal_finding WHERE case_id = \(id) ORDER BY round, id", Finding.init(row:))
    }

    public static func openCount(of id: ApplicationID, _ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM formal_finding WHERE case_id = \(id) AND state = 'open'") ?? 0
    }

    /// Writes what the machine found; open automatic findings of earlier rounds that are gone count as mended.
    static func renew(_ found: [FindingDraft], of id: ApplicationID, at now: Instant, _ tx: Tx) throws {
        let earlier = try list(of: id, tx)
        let round = (earlier.map(\.round).max() ?? 0) + 1
        func same(_ finding: Finding, _ draft: FindingDraft) -> Bool {
            finding.draft.code == draft.code && finding.draft.field == draft.field
        }
        for finding in earlier where finding.isAutomatic && finding.state == .open {
            guard !found.contains(where: { same(finding, $0) }) else { continue }
            try tx.run(
                "UPDATE formal_finding SET state = 'mended', settled_at = \(now) WHERE id = \(finding.id)")
        }
        for draft in found
        where !earlier.contains(where: { same($0, draft) && [.open, .overridden].contains($0.state) }) {
            try insert(draft, of: id, round: round, origin: "automatic", by: "system", at: now, tx)
        }
    }

    static func insert(
        _ draft: FindingDraft, of id: ApplicationID, round: Int, origin: String, by: String, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO formal_finding (id, case_id, round, code, field, origin, message_zh, message_en, basis_zh,
                basis_en, state, made_by, made_at)
            VALUES (\(UUIDv7.make(at: now)), \(id), \(round), \(draft.code), \(draft.field), \(origin),
                \(draft.message.zh), \(draft.message.en), \(draft.basis.zh), \(draft.basis.en), 'open', \(by), \(now))
            """)
    }
}

/// What officers do with findings at the formal check.
public struct FindingActions: Sendable {
    let db: Database
    let clock: any Clock

    public init(db: Database, clock: any Clock) {
        self.db = db
        self.clock = clock
    }

    /// Adds an officer's own finding.
    /// - Throws: a problem of kind `invalid` where message or basis is missing.
    public func add(_ draft: FindingDraft, to id: ApplicationID, by actor: Actor) async throws {
        try Policy.require(actor, "funding.formal-check")
        var problems: [FieldProblem] = []
        for (field, text, label) in [
            ("message-zh", draft.message.zh, Bilingual("意见（中文）", "Finding in Chinese")),
            ("message-en", draft.message.en, Bilingual("意见（英文）", "Finding in English")),
            ("basis-zh", draft.basis.zh, Bilingual("依据", "Basis")),
        ] where text.isEmpty || text.count > 1_000 {
            problems.append(
                text.isEmpty
                    ? FieldProblem(
                        field: field, code: "field.required",
                        message: Bilingual("「\(label.zh)」必填", "\(label.en): is required"))
                    : FieldProblem(
                        field: field, code: "field.long",
                        message: Bilingual("「\(label.zh)」最多 1000 字", "\(label.en): takes at most 1000 characters")))
        }
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        let now = clock.now()
        try await db.write { tx in
            try inFormalCheck(id, actor, tx)
            let round = try FindingStore.list(of: id, tx).map(\.round).max() ?? 1
            try FindingStore.insert(
                draft, of: id, round: round, origin: "officer", by: actor.account?.text ?? "", at: now, tx)
            try log("finding.added", id, ["code": .string(draft.code), "field": .string(draft.field)], actor, now, tx)
        }
    }

    /// Overrides or withdraws a finding, with a reason.
    public func settle(_ finding: ID<Finding>, as state: Finding.State, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, "funding.formal-check")
        try Words.check(reason, "reason", Bilingual("核销理由", "Reason to override"))
        let now = clock.now()
        try await db.write { tx in
            guard
                let found = try tx.first("SELECT * FROM formal_finding WHERE id = \(finding)", Finding.init(row:))
            else { throw ApplicationError.findingUnknown }
            try inFormalCheck(found.caseID, actor, tx)
            try tx.run(
                """
                UPDATE formal_finding SET state = \(state), reason = \(reason), settled_by = \(actor.account),
                    settled_at = \(now) WHERE id = \(finding) AND state = 'open'
                """)
            try log(
                "finding.settled", found.caseID,
                ["code": .string(found.draft.code), "state": .string(state.rawValue), "reason": .string(reason)], actor,
                now, tx)
        }
    }

    private func inFormalCheck(_ id: ApplicationID, _ actor: Actor, _ tx: Tx) throws {
        let file = try CaseStore.require(id, tx)
        guard file.step == "formal-check", Policy.handles(actor, file) else { throw ProcedureError.notYours }
    }

    private func log(
        _ kind: String, _ id: ApplicationID, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "funding", kind: kind, subjectKind: "case", subject: id.text, caseID: id, actor: actor, at: now,
                content: content), tx)
    }
}
