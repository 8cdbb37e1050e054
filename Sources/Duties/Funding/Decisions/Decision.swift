public import Kernel
public import Store

/// A proposal which applications of a call to fund, decided by a leader who did not make it.
public struct Decision: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case proposed, returned, approved, effective
    }

    public let id: ID<Decision>
    public let number: String
    public let call: ID<Call>
    public var state: State
    /// How the line was drawn: `strict` or `fitting`, as the funding-line tool names it.
    public let method: String
    /// Why this line, in the officer's words.
    public let reasons: String
    /// The notice under which the proposal is open to objection.
    public var notice: ID<Notice>?
    public let proposedBy: String
    public let proposedAt: Instant
    public var decidedBy: String?
    public var decidedAt: Instant?
    public var decisionReason: String?
    public var effectiveAt: Instant?

    init(row: Row) throws {
        id = try row["id"]
        number = try row["number"]
        call = try row["call"]
        state = try row["state"]
        method = try row["method"]
        reasons = try row["reasons"]
        notice = try row["notice"]
        proposedBy = try row["proposed_by"]
        proposedAt = try row["proposed_at"]
        decidedBy = try row["decided_by"]
        decidedAt = try row["decided_at"]
        decisionReason = try row["decision_reason"]
        effectiveAt = try row["effective_at"]
    }
}

/// What a decision says of one application.
public struct DecisionItem: Codable, Hashable, Sendable {
    public enum Outcome: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case award, refuse
        /// Proposed for award, then taken off after an upheld objection.
        case struck
    }

    public let application: ApplicationID
    public let rank: Int
    public var outcome: Outcome
    public let amount: Money
    /// Official score in thousandths; nil where nobody judged it.
    public let score: Int?
    public var reason: Bilingual

    init(row: Row) throws {
        application = try row["case_id"]
        rank = try row["rank"]
        outcome = try row["outcome"]
        amount = try row["amount_fen"]
        score = try row["score_thousandths"]
        reason = Bilingual(try row["reason_zh"], try row["reason_en"])
    }

    public init(
        application: ApplicationID, rank: Int, outcome: Outcome, amount: Money, score: Int?, reason: Bilingual
    ) {
        self.application = application
        self.rank = rank
        self.outcome = outcome
        self.amount = amount
        self.score = score
        self.reason = reason
    }
}

/// Reads and writes decisions.
public enum DecisionStore {
    public static func find(_ id: ID<Decision>, _ tx: Tx) throws -> Decision? {
        try tx.first("SELECT * FROM funding_decision WHERE id = \(id)", Decision.init(row:))
    }

    /// - Throws: ``DecisionError/unknown``.
    public static func require(_ id: ID<Decision>, _ tx: Tx) throws -> Decision {
        guard let decision = try find(id, tx) else { throw DecisionError.unknown }
        return decision
    }

    /// Everything that a decision says, by rank.
    public static func items(_ id: ID<Decision>, _ tx: Tx) throws -> [DecisionItem] {
        try tx.rows(
            "SELECT * FROM funding_decision_item WHERE decision = \(id) ORDER BY rank, case_id",
            DecisionItem.init(row:))
    }

    /// A page of what a decision says, by rank, after a rank and application.
    public static func items(
        _ id: ID<Decision>, after cursor: (rank: Int, id: String)?, limit: Int, _ tx: Tx
    ) throws -> [DecisionItem] {
        let edge: SQL = cursor.map { "AND (rank, case_id) > (\($0.rank), \($0.id))" } ?? ""
        return try tx.rows(
            """
            SELECT * FROM funding_decision_item WHERE decision = \(id) \(edge) ORDER BY rank, case_id LIMIT \(limit)
            """, DecisionItem.init(row:))
    }

    /// What a decision awards, and to how many.
    public static func awarded(_ id: ID<Decision>, _ tx: Tx) throws -> (count: Int, total: Money) {
        try tx.first(
            """
            SELECT COUNT(*) AS n, COALESCE(SUM(amount_fen), 0) AS total FROM funding_decision_item
            WHERE decision = \(id) AND outcome = 'award'
            """
        ) { (try $0["n"], try $0["total"]) } ?? (0, .zero)
    }

    /// Decisions of a call, newest first.
    public static func list(call: ID<Call>, _ tx: Tx) throws -> [Decision] {
        try tx.rows("SELECT * FROM funding_decision WHERE call = \(call) ORDER BY id DESC", Decision.init(row:))
    }

    /// A page of decisions, newest first, before an identity; of one state where one is named.
    public static func list(
        state: Decision.State? = nil, before: ID<Decision>? = nil, limit: Int, _ tx: Tx
    ) throws -> [Decision] {
        var conditions: [SQL] = ["1 = 1"]
        if let state { conditions.append("state = \(state)") }
        if let before { conditions.append("id < \(before)") }
        return try tx.rows(
            """
            SELECT * FROM funding_decision WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY id DESC LIMIT \(limit)
            """, Decision.init(row:))
    }

    /// Whether a decision speaks of what the actor, or an organisation of theirs, applied for.
    static func isOwn(_ actor: Actor, _ id: ID<Decision>, _ tx: Tx) throws -> Bool {
        let places = actor.memberships.map(\.organisation)
        let own: Int? = try tx.value(
            """
            SELECT 1 FROM funding_decision_item i JOIN application a ON a.case_id = i.case_id
            WHERE i.decision = \(id)
                AND (a.applicant = \(actor.account?.text ?? "") OR a.organisation IN \(list: places)) LIMIT 1
            """)
        return own != nil
    }

    static func insert(
        _ draft: DecisionDraft, id: ID<Decision>, number: String, by: String, at: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            INSERT INTO funding_decision (id, number, call, state, method, reasons, proposed_by, proposed_at)
            VALUES (\(id), \(number), \(draft.call), 'proposed', \(draft.method), \(draft.reasons), \(by), \(at))
            """)
        // Rows go in blocks, so that a large call does not cost one statement a row.
        for block in stride(from: 0, to: draft.items.count, by: 200) {
            let rows = draft.items[block..<min(block + 200, draft.items.count)].map { item -> SQL in
                """
                (\(id), \(item.application), \(item.rank), \(item.outcome), \(item.amount), \(item.score),
                \(item.reason.zh), \(item.reason.en))
                """
            }
            try tx.run(
                """
                INSERT INTO funding_decision_item
                    (decision, case_id, rank, outcome, amount_fen, score_thousandths, reason_zh, reason_en)
                VALUES \(SQL.join(rows, separator: ", "))
                """)
        }
    }
}

/// What an officer proposes.
public struct DecisionDraft: Sendable {
    public let call: ID<Call>
    public let method: String
    public let reasons: String
    public let items: [DecisionItem]

    public init(call: ID<Call>, method: String, reasons: String, items: [DecisionItem]) {
        self.call = call
        self.method = method
        self.reasons = reasons
        self.items = items
    }
}

/// Why a decision cannot be made or take effect.
public enum DecisionError: Problem, Hashable {
    case unknown
    case notProposed
    case notApproved
    case samePerson
    case overBudget(budget: Money, wanted: Money)
    case noReasons
    case lineOutOfRange
    /// An application of the actor, or of an organisation of theirs, is among those decided.
    case ownApplication
    case outside([String])
    /// Applications, by number, that a bar in force keeps from being funded, each with its reason.
    case barred([String: Bilingual])
    /// Another proposal of the call, by its number, waits for a leader.
    case alreadyProposed(String)
    case publicityOpen(until: Day)
    case objectionsOpen(Int)

    public var kind: ProblemKind {
        switch self {
        case .unknown: .notFound
        case .samePerson, .ownApplication: .forbidden
        case .noReasons, .lineOutOfRange: .invalid
        default: .conflict
        }
    }

    public var code: String {
        switch self {
        case .unknown: "decision.unknown"
        case .notProposed: "decision.not-proposed"
        case .notApproved: "decision.not-approved"
        case .samePerson: "decision.same-person"
        case .overBudget: "decision.over-budget"
        case .noReasons: "decision.no-reasons"
        case .ownApplication: "decision.own-application"
        case .lineOutOfRange: "decision.line"
        case .outside: "decision.outside"
        case .barred: "decision.barred"
        case .alreadyProposed: "decision.already-proposed"
        case .publicityOpen: "decision.publicity-open"
        case .objectionsOpen: "decision.objections-open"
        }
    }

    public var message: Bilingual {
        switch self {
        case .unknown: Bilingual("没有这份立项建议。", "There is no such proposal.")
        case .notProposed: Bilingual("这份立项建议不在待决定状态。", "This proposal is not waiting for a decision.")
        case .notApproved: Bilingual("这份立项建议尚未批准。", "This proposal has not been approved.")
        case .samePerson: Bilingual("提出立项建议的人不能自己决定。", "Who made the proposal may not decide it.")
        case .overBudget(let budget, let wanted):
            Bilingual(
                "建议金额 \(wanted.yuanText) 元超过本批预算 \(budget.yuanText) 元。请减少立项数或金额。",
                "The proposal of RMB \(wanted.yuanText) is above the call's budget of RMB \(budget.yuanText). Lower the number or the amounts."
            )
        case .noReasons: Bilingual("请说明理由。", "Please give the reasons.")
        case .ownApplication:
            Bilingual(
                "其中有您本人或您所在单位的申请，您须回避，请由他人办理。",
                "An application of yours or of your organisation is among them: you must stand aside, and somebody else decide."
            )
        case .lineOutOfRange:
            Bilingual(
                "最低平均分应为 0 至 100，按申请金额的百分比应为 1 至 100。",
                "The least mean is from 0 to 100, the share of the amount asked from 1 to 100 per cent.")
        case .outside(let numbers):
            Bilingual(
                "这些申请不在待决定环节：\(numbers.joined(separator: "、"))。",
                "These applications do not wait for a decision: \(numbers.joined(separator: ", ")).")
        case .barred(let reasons):
            Bilingual(
                "这些申请因限制措施在期，不能立项：\(reasons.sorted { $0.key < $1.key }.map { "\($0.key)（\($0.value.zh)）" }.joined(separator: "、"))。",
                "A bar in force keeps these from being funded: \(reasons.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.en))" }.joined(separator: ", "))."
            )
        case .alreadyProposed(let number):
            Bilingual(
                "立项建议 \(number) 正在等待审定。请等审定或退回后再提出新的建议。",
                "Proposal \(number) waits for a leader. Wait until it is decided or returned, then propose again.")
        case .publicityOpen(let day):
            Bilingual(
                "公示期至 \(day) 24:00，期满前不能生效。", "The publicity runs until \(day) 24:00; nothing takes effect before.")
        case .objectionsOpen(let count):
            Bilingual(
                "还有 \(count) 件异议未答复，答复后才能生效。",
                "\(counted(count, "objection is", "objections are")) unanswered; nothing takes effect before all are answered."
            )
        }
    }
}
