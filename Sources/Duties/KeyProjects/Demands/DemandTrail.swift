import Kernel
import Store

/// What followed from a demand, link by link: merged demands, call, project, result, contract, benefit. Other rooms are
/// named by the numbers of their cases alone.
struct TrailLink: Hashable, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case demand, call, project, result, contract, benefit

        var title: Bilingual {
            switch self {
            case .demand: Bilingual("需求", "Demand")
            case .call: Bilingual("指南", "Call")
            case .project: Bilingual("项目", "Project")
            case .result: Bilingual("成果", "Result")
            case .contract: Bilingual("合同", "Contract")
            case .benefit: Bilingual("效益", "Benefit")
            }
        }

        /// The state of the demand once it has come so far.
        var state: String? {
            switch self {
            case .demand: nil
            case .call: "called"
            case .project: "project"
            case .result, .contract, .benefit: "solved"
            }
        }
    }

    let kind: Kind
    let reference: String
    let title: String
    let amount: Money?
    let day: Day

    init(_ kind: Kind, _ reference: String, _ title: String, amount: Money? = nil, on day: Day) {
        self.kind = kind
        self.reference = reference
        self.title = title
        self.amount = amount
        self.day = day
    }

    init(row: Row) throws {
        kind = Kind(rawValue: try row["kind"]) ?? .benefit
        reference = try row["reference"]
        title = try row["title"]
        amount = try row["amount_fen"]
        day = try row["day"]
    }
}

/// Tables of the room, and how links are kept.
enum DemandTrail {
    static let register = "key.demands"
    /// Which state comes after which; a link never takes a demand back.
    private static let states = ["open", "called", "project", "solved", "closed"]

    static let migrations = Migrations(
        room: "key-projects",
        steps: [
            Migration(
                id: "2026-11-26-key-projects-trail-and-payments",
                statements: [
                    """
                    CREATE TABLE demand_trail (
                        entry TEXT NOT NULL, ordinal BIGINT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL,
                        title TEXT NOT NULL, amount_fen BIGINT, day TEXT NOT NULL, noted_by TEXT NOT NULL,
                        noted_at BIGINT NOT NULL, PRIMARY KEY (entry, ordinal)
                    ) \(SQL.strict)
                    """,
                    """
                    CREATE TABLE bid_payment (
                        case_id TEXT NOT NULL REFERENCES case_file (id), stage BIGINT NOT NULL,
                        amount_fen BIGINT NOT NULL, state TEXT NOT NULL, ordered_on TEXT NOT NULL, paid_on TEXT,
                        PRIMARY KEY (case_id, stage)
                    ) \(SQL.strict)
                    """,
                ] + SQL.appendOnly("demand_trail"))
        ])

    /// Adds a link and moves the demand's state on.
    static func add(
        _ link: TrailLink, to entry: RegisterEntry, of definition: RegisterDefinition, _ act: RegisterAct, _ tx: Tx
    ) throws {
        let ordinal: Int = try tx.value("SELECT COUNT(*) FROM demand_trail WHERE entry = \(entry.number)") ?? 0
        try tx.run(
            """
            INSERT INTO demand_trail (entry, ordinal, kind, reference, title, amount_fen, day, noted_by, noted_at)
            VALUES (\(entry.number), \(ordinal), \(link.kind.rawValue), \(link.reference), \(link.title),
                \(link.amount), \(link.day), \(act.actor.account?.text ?? "system"), \(act.now))
            """)
        try Record.append(
            Event(
                room: "key-projects", kind: "demand.linked", subjectKind: "entry", subject: entry.id.text,
                caseID: act.caseID, actor: act.actor, at: act.now,
                content: [
                    "number": .string(entry.number), "kind": .string(link.kind.rawValue),
                    "reference": .string(link.reference),
                ]), tx)
        guard let state = link.kind.state, let now = states.firstIndex(of: entry.state),
            let next = states.firstIndex(of: state), next > now
        else { return }
        try RegisterStore.setState(entry, of: definition, state, act, tx)
    }

    static func list(_ entry: String, _ tx: Tx) throws -> [TrailLink] {
        try tx.rows("SELECT * FROM demand_trail WHERE entry = \(entry) ORDER BY ordinal", TrailLink.init(row:))
    }
}
