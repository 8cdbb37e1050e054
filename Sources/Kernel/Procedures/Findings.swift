public import Store

/// One defect of a filing: coded, with its rule, as the check of its duty lists it.
public struct FindingDraft: Codable, Hashable, Sendable {
    public let code: String
    /// Path of the field, or empty for the whole filing.
    public let field: String
    public let message: Bilingual
    /// Document and article of the rule.
    public let basis: Bilingual
    /// What the applicant can do about it; empty where the message says it already.
    public let remedy: Bilingual?

    public init(code: String, field: String, message: Bilingual, basis: Bilingual, remedy: Bilingual? = nil) {
        self.code = code
        self.field = field
        self.message = message
        self.basis = basis
        self.remedy = remedy
    }
}

/// A finding as it is kept.
public struct Finding: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case open, mended, overridden, withdrawn
    }

    public let id: ID<Finding>
    public let caseID: ID<CaseFile>
    /// 1 for the first check, 2 after a correction.
    public let round: Int
    public let draft: FindingDraft
    public let isAutomatic: Bool
    public let state: State
    public let reason: String?
    public let madeAt: Instant

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        round = try row["round"]
        let remedy: String? = try row["remedy_zh"]
        let remedyEn: String? = try row["remedy_en"]
        draft = FindingDraft(
            code: try row["code"], field: try row["field"],
            message: Bilingual(try row["message_zh"], try row["message_en"]),
            basis: Bilingual(try row["basis_zh"], try row["basis_en"]),
            remedy: remedy.map { Bilingual($0, remedyEn ?? $0) })
        let origin: String = try row["origin"]
        isAutomatic = origin == "automatic"
        state = try row["state"]
        reason = try row["reason"]
        madeAt = try row["made_at"]
    }
}

/// Reads and writes findings.
public enum FindingStore {
    /// The table began in the Funding room, so it may be there already; rooms that have findings stand on this one.
    public static let migrations = Migrations(
        room: "findings",
        steps: [
            Migration(
                id: "2026-11-26-findings-shared",
                statements: [
                    """
                    CREATE TABLE IF NOT EXISTS formal_finding (
                        id TEXT PRIMARY KEY, case_id TEXT NOT NULL, round BIGINT NOT NULL,
                        code TEXT NOT NULL, field TEXT NOT NULL, origin TEXT NOT NULL
                            CONSTRAINT formal_finding_origin_check CHECK (origin IN ('automatic', 'officer')),
                        message_zh TEXT NOT NULL, message_en TEXT NOT NULL, basis_zh TEXT NOT NULL,
                        basis_en TEXT NOT NULL,
                        state TEXT NOT NULL CONSTRAINT formal_finding_state_check
                            CHECK (state IN ('open', 'mended', 'overridden', 'withdrawn')),
                        reason TEXT, made_by TEXT NOT NULL, made_at BIGINT NOT NULL, settled_by TEXT,
                        settled_at BIGINT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX IF NOT EXISTS formal_finding_case ON formal_finding (case_id, round, id)",
                    "ALTER TABLE formal_finding ADD COLUMN remedy_zh TEXT",
                    "ALTER TABLE formal_finding ADD COLUMN remedy_en TEXT",
                ])
        ])

    public static func list(of id: ID<CaseFile>, _ tx: Tx) throws -> [Finding] {
        try tx.rows("SELECT * FROM formal_finding WHERE case_id = \(id) ORDER BY round, id", Finding.init(row:))
    }

    public static func openCount(of id: ID<CaseFile>, _ tx: Tx) throws -> Int {
        try tx.value("SELECT COUNT(*) FROM formal_finding WHERE case_id = \(id) AND state = 'open'") ?? 0
    }

    /// Writes what the machine found; open automatic findings of earlier rounds that are gone count as mended.
    public static func renew(_ found: [FindingDraft], of id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
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

    /// Adds what the machine found beside its check, unless a finding of the same code and field is open already or was
    /// settled by an officer.
    public static func add(_ draft: FindingDraft, of id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        let earlier = try list(of: id, tx)
        let isKnown = earlier.contains {
            $0.draft.code == draft.code && $0.draft.field == draft.field && $0.state != .mended
        }
        guard !isKnown else { return }
        let round = max(1, earlier.map(\.round).max() ?? 1)
        try insert(draft, of: id, round: round, origin: "automatic", by: "system", at: now, tx)
    }

    static func insert(
        _ draft: FindingDraft, of id: ID<CaseFile>, round: Int, origin: String, by: String, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO formal_finding (id, case_id, round, code, field, origin, message_zh, message_en, basis_zh,
                basis_en, remedy_zh, remedy_en, state, made_by, made_at)
            VALUES (\(UUIDv7.make(at: now)), \(id), \(round), \(draft.code), \(draft.field), \(origin),
                \(draft.message.zh), \(draft.message.en), \(draft.basis.zh), \(draft.basis.en), \(draft.remedy?.zh),
                \(draft.remedy?.en), 'open', \(by), \(now))
            """)
    }

    /// Numbered lines, each with its basis and its remedy, as letters list them.
    public static func lines(_ findings: [Finding]) -> Bilingual {
        let drafts = findings.map(\.draft)
        return Bilingual(
            lines(drafts.map { "\($0.message.zh)（\($0.basis.zh)）\($0.remedy.map { "补救：\($0.zh)" } ?? "")" }),
            lines(drafts.map { "\($0.message.en) (\($0.basis.en))\($0.remedy.map { " Remedy: \($0.en)" } ?? "")" }))
    }

    private static func lines(_ items: [String]) -> String {
        items.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "\n")
    }
}

/// What those who check a filing do with its findings.
public struct FindingActions: Sendable {
    let db: Database
    let clock: any Clock
    let procedures: Procedures
    /// The action of the policy that it takes, and the steps of each procedure at which findings are made.
    let permission: Permission
    let steps: [String: Set<String>]

    public init(
        db: Database, clock: any Clock, procedures: Procedures, permission: Permission, steps: [String: Set<String>]
    ) {
        self.db = db
        self.clock = clock
        self.procedures = procedures
        self.permission = permission
        self.steps = steps
    }

    /// Adds a person's own finding.
    /// - Throws: a problem of kind `invalid` where message or basis is missing.
    public func add(_ draft: FindingDraft, to id: ID<CaseFile>, by actor: Actor) async throws {
        try Policy.require(actor, permission)
        var problems: [FieldProblem] = []
        for (field, text, label) in [
            ("message-zh", draft.message.zh, Bilingual("意见（中文）", "Finding in Chinese")),
            ("message-en", draft.message.en, Bilingual("意见（英文）", "Finding in English")),
            ("basis-zh", draft.basis.zh, Bilingual("依据（文件和条款）", "Basis: document and article")),
        ] {
            do { try Words.check(text, field, label) } catch { problems += error.fields }
        }
        guard problems.isEmpty else { throw ProcedureError.refused(problems) }
        let now = clock.now()
        try await db.write { tx in
            let file = try checking(id, actor, tx)
            let round = try FindingStore.list(of: id, tx).map(\.round).max() ?? 1
            try FindingStore.insert(
                draft, of: id, round: round, origin: "officer", by: actor.account?.text ?? "", at: now, tx)
            try log(
                "finding.added", file, ["code": .string(draft.code), "field": .string(draft.field)], actor, now, tx)
        }
    }

    /// Overrides or withdraws a finding, with a reason.
    /// - Throws: a ``PlainProblem`` where the reason is missing or too long, ``FindingError/unknown``.
    public func settle(_ finding: ID<Finding>, as state: Finding.State, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, permission)
        try Words.check(reason, "reason", Bilingual("核销理由", "Reason to override"))
        let now = clock.now()
        try await db.write { tx in
            guard
                let found = try tx.first("SELECT * FROM formal_finding WHERE id = \(finding)", Finding.init(row:))
            else { throw FindingError.unknown }
            let file = try checking(found.caseID, actor, tx)
            try tx.run(
                """
                UPDATE formal_finding SET state = \(state), reason = \(reason), settled_by = \(actor.account),
                    settled_at = \(now) WHERE id = \(finding) AND state = 'open'
                """)
            try log(
                "finding.settled", file,
                ["code": .string(found.draft.code), "state": .string(state.rawValue), "reason": .string(reason)], actor,
                now, tx)
        }
    }

    /// Whether the actor may add and settle findings of a case now.
    public func mayCheck(_ file: CaseFile, _ actor: Actor) -> Bool {
        guard Policy.may(actor, permission), steps[file.procedure]?.contains(file.step) == true,
            let step = try? procedures.step(of: file)
        else { return false }
        return step.actions.contains { !$0.isSystem && Procedures.holds(actor, step: step, $0, file) }
    }

    private func checking(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> CaseFile {
        let file = try CaseStore.require(id, tx)
        guard mayCheck(file, actor) else { throw ProcedureError.notYours }
        return file
    }

    private func log(
        _ kind: String, _ file: CaseFile, _ content: JSONValue, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        let room = file.procedure.split(separator: ".").first.map(String.init) ?? "procedures"
        try Record.append(
            Event(
                room: room, kind: kind, subjectKind: "case", subject: file.id.text, caseID: file.id, actor: actor,
                at: now, content: content), tx)
    }
}

/// Why a finding cannot be made or settled, or keeps a case where it is.
public enum FindingError: Problem, Hashable {
    case unknown
    case nothing
    case open

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .nothing, .open: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "finding.unknown"
        case .nothing: "finding.none"
        case .open: "finding.open"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这条审查意见。", "There is no such finding.")
        case .nothing:
            Bilingual(
                "要求补正或不予受理，须至少有一条未解决的审查意见。", "To ask for corrections or to refuse, at least one finding must be open.")
        case .open:
            Bilingual(
                "还有未解决的审查意见。请逐条核销或说明理由后再通过。",
                "Some findings are still open. Settle each, with a reason where you override it, then accept.")
        }
    }

    /// The error as a guard gives it.
    public var problem: FieldProblem { FieldProblem(field: "", code: code, message: message) }
}
