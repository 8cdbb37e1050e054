public import Kernel
public import Store

/// One expert's sheet on a case that a panel judges.
public struct PanelSheet: Hashable, Sendable {
    public enum State: String, Codable, Sendable, SQLConvertible { case open, filled, recused }

    public let caseID: ID<CaseFile>
    public let step: String
    public let account: ID<Account>
    public let name: String
    public let state: State
    public let answers: JSONValue
    /// The weighted total in thousandths of a point; nil until it is handed in.
    public let total: Int?
    /// Why the expert withdrew.
    public let reason: String

    init(row: Row) throws {
        caseID = try row["case_id"]
        step = try row["step"]
        account = try row["account"]
        name = try row["name"]
        state = try row["state"]
        answers = try row["answers"]
        total = try row["total"]
        reason = try row["reason"]
    }

    /// The sheets on a case at a step, by name.
    public static func list(_ id: ID<CaseFile>, at step: String, _ tx: Tx) throws -> [PanelSheet] {
        try tx.rows(
            "SELECT * FROM panel_sheet WHERE case_id = \(id) AND step = \(step) ORDER BY name, account",
            PanelSheet.init(row:))
    }

    /// An expert's sheets that are still open while their case stands at their step, with the case.
    public static func open(
        of account: ID<Account>, limit: Int, _ tx: Tx
    ) throws -> [(sheet: PanelSheet, file: CaseFile)] {
        try tx.rows(
            """
            SELECT c.*, s.case_id, s.step AS at_step, s.account, s.name, s.state, s.answers, s.total, s.reason
            FROM panel_sheet s JOIN case_file c ON c.id = s.case_id AND c.step = s.step
            WHERE s.account = \(account) AND s.state = 'open' ORDER BY s.case_id LIMIT \(limit)
            """
        ) { (try PanelSheet(row: $0), try CaseFile(stored: $0)) }
    }

    /// Whether an actor sits on a panel of a case and has not withdrawn.
    public static func isOn(_ id: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Bool {
        guard let account = actor.account else { return false }
        let count: Int? = try tx.value(
            """
            SELECT COUNT(*) FROM panel_sheet WHERE case_id = \(id) AND account = \(account) AND state <> 'recused'
            """)
        return count ?? 0 > 0
    }

    /// The mean of the totals handed in, in hundredths of a point, half up; nil where there is none.
    public static func mean(_ sheets: [PanelSheet]) -> Int? {
        let totals = sheets.compactMap(\.total)
        guard !totals.isEmpty else { return nil }
        let divisor = totals.count * 10
        return (totals.reduce(0, +) * 2 + divisor) / (divisor * 2)
    }
}

extension ScoringSheet {
    /// The sheet of a panel that a procedure defines.
    public init(_ panel: PanelDefinition) {
        self.init(
            criteria: panel.criteria.map { Criterion(id: $0.id, title: $0.title, weight: $0.weight) },
            verdicts: panel.verdicts)
    }
}

/// Why a panel's work cannot be taken in.
public enum PanelError: Problem, Hashable {
    case unknown
    case closed
    case incomplete([FieldProblem])

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .closed: .conflict
        case .incomplete: .invalid
        }
    }

    public var code: String {
        switch self {
        case .unknown: "panel.unknown"
        case .closed: "panel.closed"
        case .incomplete: "panel.incomplete"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有请您评审该件。", "You are not asked to judge this.")
        case .closed: Bilingual("评分已提交或评审已结束。", "The sheet is in, or the review is over.")
        case .incomplete: Bilingual("还不能提交，请逐项改正。", "This cannot be handed in yet; mend each point.")
        }
    }

    public var fields: [FieldProblem] { if case .incomplete(let problems) = self { problems } else { [] } }
}
