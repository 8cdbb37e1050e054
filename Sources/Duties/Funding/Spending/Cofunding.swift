public import Kernel
public import Store

/// A partner that promised money to a project beside the city's (配套资金).
public struct Partner: Codable, Hashable, Sendable {
    public let id: ID<Partner>
    public let project: ID<CaseFile>
    public let name: String
    public let promised: Money

    init(row: Row) throws {
        id = try row["id"]
        project = try row["project"]
        name = try row["name"]
        promised = try row["promised_fen"]
    }
}

/// Money of a partner that came, with its evidence.
public struct PartnerReceipt: Codable, Hashable, Sendable {
    public let id: String
    public let partner: ID<Partner>
    public let day: Day
    public let amount: Money
    public let foreign: ForeignSum?
    /// The bank's slip or another paper.
    public let file: ID<Document>
    public let note: String

    init(row: Row) throws {
        id = try row["id"]
        partner = try row["partner"]
        day = try row["day"]
        amount = try row["amount_fen"]
        foreign = try ForeignSum(row: row)
        file = try row["file"]
        note = try row["note"]
    }
}

/// Reads co-funding.
public enum PartnerStore {
    public static func list(project: ID<CaseFile>, _ tx: Tx) throws -> [Partner] {
        try tx.rows("SELECT * FROM project_partner WHERE project = \(project) ORDER BY name", Partner.init(row:))
    }

    /// All receipts of a project by day.
    public static func receipts(project: ID<CaseFile>, _ tx: Tx) throws -> [PartnerReceipt] {
        try tx.rows(
            """
            SELECT r.* FROM project_partner_receipt r JOIN project_partner p ON p.id = r.partner
            WHERE p.project = \(project) ORDER BY r.day, r.id
            """, PartnerReceipt.init(row:))
    }
}

extension SpendingActions {
    /// Names a partner and what it promised; the same name again changes the promise.
    /// - Throws: a ``PlainProblem`` of kind `invalid`; ``CofundingError``.
    public func promise(
        _ name: String, _ amount: Money, to project: ID<CaseFile>, by actor: Actor
    ) async throws {
        try Words.check(name, "partner", Bilingual("出资单位", "Partner"), most: 120)
        guard amount > .zero else { throw CofundingError.amount }
        let now = clock.now()
        let id: ID<Partner> = ids.make()
        try await db.write { tx in
            let item = try keptProject(project, actor, tx)
            try tx.run(
                """
                INSERT INTO project_partner (id, project, name, promised_fen, made_by, made_at)
                VALUES (\(id), \(project), \(name.trimmed), \(amount), \(actor.account), \(now))
                ON CONFLICT (project, name) DO UPDATE SET promised_fen = excluded.promised_fen
                """)
            try record("cofunding.promised", ID(id.text), amount, item, actor, now, tx, name)
        }
    }

    /// Enters money of a partner that came, with its evidence.
    public func receive(
        _ amount: Money, foreign: ForeignSum? = nil, from partner: ID<Partner>, of project: ID<CaseFile>, on day: Day,
        note: String, evidence: (name: String, bytes: [UInt8]), by actor: Actor
    ) async throws {
        try Words.check(note, "note", Bilingual("备注", "Note"), isRequired: false)
        guard amount > .zero else { throw CofundingError.amount }
        let now = clock.now()
        guard day <= zone.day(of: now) else { throw CofundingError.day }
        let (id, paper): (ID<PartnerReceipt>, ID<Document>) = (ids.make(), ids.make())
        guard !evidence.bytes.isEmpty else { throw DocumentError.empty(field: "evidence") }
        let hash = try files.keep(evidence.bytes)
        let type = FileStore.sniff(evidence.bytes)
        try await db.write { tx in
            let item = try keptProject(project, actor, tx)
            guard try PartnerStore.list(project: project, tx).contains(where: { $0.id == partner }) else {
                throw CofundingError.unknown
            }
            try DocumentStore.add(
                Document(
                    id: paper, caseID: project, field: "cofunding", name: evidence.name, size: evidence.bytes.count,
                    hash: hash, type: type, uploadedBy: actor.account?.text ?? "", uploadedAt: now), accepting: nil, tx)
            try tx.run(
                """
                INSERT INTO project_partner_receipt (id, partner, day, amount_fen, currency, foreign_cents, rate,
                    rate_day, file, note, made_by, made_at)
                VALUES (\(id), \(partner), \(day), \(amount), \(foreign?.currency ?? "CNY"), \(foreign?.cents),
                    \(foreign?.rate.description), \(foreign?.rateDay), \(paper), \(note), \(actor.account), \(now))
                """)
            try record("cofunding.received", ID(id.text), amount, item, actor, now, tx, note)
        }
    }

    private func keptProject(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Project {
        guard Self.keeps(actor, try CaseStore.require(id, tx)) else { throw ProjectError.unknown }
        let item = try ProjectStore.require(id, tx)
        guard item.step == "running" else { throw ProjectError.notRunning }
        return item
    }
}

/// Why money of a partner cannot be entered.
public enum CofundingError: Problem, Hashable {
    case amount
    case day
    case unknown

    public var kind: ProblemKind { self == .unknown ? .notFound : .invalid }
    public var code: String {
        switch self {
        case .amount: "cofunding.amount"
        case .day: "cofunding.day"
        case .unknown: "cofunding.unknown"
        }
    }
    public var message: Bilingual {
        switch self {
        case .amount: Bilingual("金额应大于零。", "The amount must be above zero.")
        case .day: Bilingual("到账日期应为今天或以前的日期。", "The day is today or before.")
        case .unknown: Bilingual("没有这个出资单位。", "There is no such partner.")
        }
    }
}
