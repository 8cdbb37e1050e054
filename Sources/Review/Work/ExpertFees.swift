public import Kernel
public import Store

/// One expert's fee of a round.
public struct ExpertFeeLine: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable, SQLConvertible {
        case planned, ordered, paid

        public var title: Bilingual {
            switch self {
            case .planned: Bilingual("待批准", "Planned")
            case .ordered: Bilingual("已开付款单", "Ordered")
            case .paid: Bilingual("已支付", "Paid")
            }
        }
    }

    public let id: ID<ExpertFeeLine>
    public let round: ID<Round>
    public let expert: ID<Expert>
    public let rank: ExpertFeeFacts.Rank
    /// Sheets handed in.
    public let sheets: Int
    /// What the rule allows for them, after tax.
    public let least: Money
    public let most: Money
    public let amount: Money
    public let state: State

    init(row: Row) throws {
        id = try row["id"]
        round = try row["round"]
        expert = try row["expert"]
        let word: String = try row["rank"]
        rank = ExpertFeeFacts.Rank(rawValue: word) ?? .other
        sheets = try row["sheets"]
        least = try row["least_fen"]
        most = try row["most_fen"]
        amount = try row["amount_fen"]
        state = try row["state"]
    }
}

/// The fees of a closed round: proposed by one person, decided by another.
public struct ExpertFeeRun: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable, SQLConvertible { case proposed, returned, approved }

    public let round: ID<Round>
    public let state: State
    public let total: Money
    public let proposedBy: String
    public let proposedName: String
    public let decidedName: String?
    /// Why it was sent back.
    public let reason: String

    init(row: Row) throws {
        round = try row["round"]
        state = try row["state"]
        total = try row["total_fen"]
        proposedBy = try row["proposed_by"]
        proposedName = try row["proposed_name"]
        decidedName = try row["decided_name"]
        reason = try row["reason"]
    }
}

/// Who turns approved fees into payments: the duty whose money it is.
public protocol ExpertFeeBooks: Sendable {
    /// Orders the fees of a round in the transaction that approves them.
    /// - Throws: what keeps them from being paid; then nothing is approved.
    func order(
        _ lines: [(line: ExpertFeeLine, expert: Expert)], of round: Round, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws
}

/// Reads fees.
public enum ExpertFeeStore {
    public static func run(_ round: ID<Round>, _ tx: Tx) throws -> ExpertFeeRun? {
        try tx.first("SELECT * FROM review_fee_run WHERE round = \(round)", ExpertFeeRun.init(row:))
    }

    public static func lines(_ round: ID<Round>, _ tx: Tx) throws -> [ExpertFeeLine] {
        try tx.rows("SELECT * FROM review_fee WHERE round = \(round) ORDER BY expert", ExpertFeeLine.init(row:))
    }

    public static func find(_ id: ID<ExpertFeeLine>, _ tx: Tx) throws -> ExpertFeeLine? {
        try tx.first("SELECT * FROM review_fee WHERE id = \(id)", ExpertFeeLine.init(row:))
    }

    /// Follows what became of a fee's payment.
    public static func setState(_ state: ExpertFeeLine.State, _ id: ID<ExpertFeeLine>, _ tx: Tx) throws {
        try tx.run("UPDATE review_fee SET state = \(state) WHERE id = \(id)")
    }

    /// How many sheets each expert handed in.
    public static func sheets(_ round: ID<Round>, _ tx: Tx) throws -> [ID<Expert>: Int] {
        var found: [ID<Expert>: Int] = [:]
        try tx.forEach(
            """
            SELECT expert, COUNT(*) AS n FROM review_assignment WHERE round = \(round) AND state = 'submitted'
            GROUP BY expert
            """
        ) { row in found[try row["expert"]] = try row["n"] }
        return found
    }
}

extension ExpertFeeFacts.Rank {
    /// The rank that a title of the pool stands for: academicians; professors, researchers and chief or senior
    /// engineers with their deputies; everybody else.
    public init(title: String) {
        let title = title.lowercased()
        let senior = [
            "教授", "研究员", "主任医师", "高级工程师", "正高", "副高", "高级", "professor", "senior engineer", "chief physician",
            "research fellow",
        ]
        if title.contains("院士") || title.contains("academician") {
            self = .eminent
        } else if !title.contains("助理"), !title.contains("assistant"), senior.contains(where: title.contains) {
            self = .senior
        } else {
            self = .other
        }
    }
}

extension Permission {
    /// To propose fees of experts.
    public static let proposeFees = Permission(Bilingual("拟定专家咨询费", "propose fees of experts"), [.officer])
    /// To decide on fees of experts.
    public static let approveFees = Permission(Bilingual("批准专家咨询费", "decide on fees of experts"), [.leader])
}

/// Why fees cannot be decided as asked.
public enum ExpertFeeError: Problem, Hashable {
    case samePerson
    case ownFee
    /// Experts of whom the registry knows no person, by name.
    case noPerson([String])

    public var kind: ProblemKind {
        switch self {
        case .samePerson, .ownFee: .forbidden
        case .noPerson: .conflict
        }
    }

    public var code: String {
        switch self {
        case .samePerson: "fee.same-person"
        case .ownFee: "fee.own"
        case .noPerson: "fee.no-person"
        }
    }

    public var message: Bilingual {
        switch self {
        case .samePerson:
            Bilingual("拟定和批准须由不同的人办理。", "Whoever proposed the fees may not decide on them.")
        case .ownFee: Bilingual("本人领取咨询费的，不得批准。", "Whoever gets a fee may not decide on it.")
        case .noPerson(let names):
            Bilingual(
                "以下专家未与主体库中的人员关联，不能支付：\(names.joined(separator: "、"))。",
                "These experts are no persons of the registry and cannot be paid: \(names.joined(separator: ", ")).")
        }
    }
}

/// Computes, proposes and decides fees; see `ExpertFeeRule` (财科教〔2017〕128号).
public struct ExpertFeeActions: Sendable {
    let db: Database
    let clock: any Clock
    let ids: any IDSource
    let zone: CityZone
    let rules: RuleBook
    let books: any ExpertFeeBooks

    public init(
        db: Database, clock: any Clock, ids: any IDSource, zone: CityZone, rules: RuleBook, books: any ExpertFeeBooks
    ) {
        self.db = db
        self.clock = clock
        self.ids = ids
        self.zone = zone
        self.rules = rules
        self.books = books
    }

    /// What the rule allows for a number of sheets: remote reviews are paid by times.
    /// - Throws: ``RuleBookError`` where a number is not known.
    public static func ruling(
        _ rank: ExpertFeeFacts.Rank, sheets: Int, _ law: Law
    ) throws -> (outcome: ExpertFeeOutcome, trace: JSONValue) {
        var facts = ExpertFeeFacts()
        facts.rank = rank
        facts.form = .remote
        facts.count = sheets
        facts.projectMember = false
        let found = try ExpertFeeRule(law).explain(facts)
        return (
            found.outcome,
            [
                "rule": .string(ExpertFeeRule.id), "version": .integer(Int64(ExpertFeeRule.version)),
                "day": .string(law.day.description), "sheets": .integer(Int64(sheets)),
                "rank": .string(rank.rawValue), "outcome": found.outcome.json,
                "trace": .array(found.trace.map(\.json)),
            ]
        )
    }

    /// Proposes the fees of a closed round: so much a sheet for each rank.
    /// - Throws: ``ReviewError/incomplete(_:)`` with every rate that the rule does not allow;
    ///   ``ReviewError/wrongState`` before the round is closed and once fees are decided.
    public func propose(
        _ id: ID<Round>, perSheet: [ExpertFeeFacts.Rank: Money], by actor: Actor
    ) async throws {
        try Policy.require(actor, .proposeFees)
        let now = clock.now()
        let law = rules.law(on: zone.day(of: now))
        try await db.write { tx in
            guard let round = try RoundStore.find(id, tx) else { throw ReviewError.unknown }
            guard round.state == .closed, try ExpertFeeStore.run(id, tx).map({ $0.state == .returned }) ?? true else {
                throw ReviewError.wrongState
            }
            let sheets = try ExpertFeeStore.sheets(id, tx)
            let experts = try ExpertStore.all(Array(sheets.keys), tx)
            var problems: [FieldProblem] = []
            var rows: [SQL] = []
            var total = Money.zero
            for (expert, count) in sheets.sorted(by: { $0.key.text < $1.key.text }) {
                let rank = ExpertFeeFacts.Rank(title: experts[expert]?.title ?? "")
                let (outcome, trace) = try Self.ruling(rank, sheets: count, law)
                guard let least = outcome.least, let most = outcome.most else { throw ReviewError.wrongState }
                let amount = Money(fen: (perSheet[rank]?.fen ?? 0) * Int64(count))
                if amount < least || amount > most {
                    let limits = (
                        Money(fen: least.fen / Int64(count)).yuanText, Money(fen: most.fen / Int64(count)).yuanText
                    )
                    problems.append(
                        FieldProblem(
                            field: rank.rawValue, code: "fee.out-of-range",
                            message: Bilingual(
                                "\(rank.title.zh)每份应在 \(limits.0) 元至 \(limits.1) 元之间",
                                "\(rank.title.en): between RMB \(limits.0) and RMB \(limits.1) a sheet")))
                }
                total = total + amount
                rows.append(
                    """
                    (\(ids.make(ExpertFeeLine.self)), \(id), \(expert), \(rank.rawValue), \(count), \(least.fen),
                        \(most.fen), \(amount.fen), \(trace), 'planned')
                    """)
            }
            var seen: Set<String> = []
            problems = problems.filter { seen.insert($0.field).inserted }
            guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
            try keep(id, rows, total, actor, now, tx)
        }
    }

    private func keep(
        _ id: ID<Round>, _ rows: [SQL], _ total: Money, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try tx.run("DELETE FROM review_fee WHERE round = \(id)")
        try tx.run(
            """
            INSERT INTO review_fee_run (round, state, total_fen, proposed_by, proposed_name, proposed_at, reason)
            VALUES (\(id), 'proposed', \(total.fen), \(actor.account?.text ?? ""), \(actor.name), \(now), '')
            ON CONFLICT (round) DO UPDATE SET state = 'proposed', total_fen = excluded.total_fen,
                proposed_by = excluded.proposed_by, proposed_name = excluded.proposed_name,
                proposed_at = excluded.proposed_at, decided_by = NULL, decided_name = NULL, decided_at = NULL,
                reason = ''
            """)
        for part in rows.blocks(of: 200) {
            try tx.run(
                """
                INSERT INTO review_fee (id, round, expert, rank, sheets, least_fen, most_fen, amount_fen, ruling,
                    state)
                VALUES \(SQL.join(part, separator: ", "))
                """)
        }
        try log("review.fees-proposed", id, total, rows.count, actor, now, tx)
    }

    /// Approves or sends back proposed fees; approved, they are ordered in the same transaction.
    /// - Parameter reason: wanted where they are sent back.
    /// - Throws: ``ExpertFeeError/samePerson`` for whoever proposed them; ``ExpertFeeError/ownFee`` for whoever gets
    ///   one.
    public func decide(_ id: ID<Round>, approve: Bool, reason: String, by actor: Actor) async throws {
        try Policy.require(actor, .approveFees)
        try Words.check(reason, "reason", Bilingual("理由", "Reason"), isRequired: !approve)
        let now = clock.now()
        try await db.write { tx in
            guard let round = try RoundStore.find(id, tx), let run = try ExpertFeeStore.run(id, tx) else {
                throw ReviewError.unknown
            }
            guard run.state == .proposed else { throw ReviewError.wrongState }
            guard run.proposedBy != actor.account?.text else { throw ExpertFeeError.samePerson }
            let lines = try ExpertFeeStore.lines(id, tx)
            let experts = try ExpertStore.all(lines.map(\.expert), tx)
            guard !experts.values.contains(where: { $0.account == actor.account }) else { throw ExpertFeeError.ownFee }
            let state: ExpertFeeRun.State = approve ? .approved : .returned
            try tx.run(
                """
                UPDATE review_fee_run SET state = \(state), decided_by = \(actor.account?.text ?? ""),
                    decided_name = \(actor.name), decided_at = \(now), reason = \(reason)
                WHERE round = \(id)
                """)
            if approve {
                let due = lines.compactMap { line in experts[line.expert].map { (line: line, expert: $0) } }
                try books.order(due.filter { $0.line.amount > .zero }, of: round, by: actor, at: now, tx)
                try tx.run("UPDATE review_fee SET state = 'ordered' WHERE round = \(id) AND amount_fen > 0")
            }
            try log(
                approve ? "review.fees-approved" : "review.fees-returned", id, run.total, lines.count, actor, now, tx)
        }
    }

    private func log(
        _ kind: String, _ id: ID<Round>, _ total: Money, _ count: Int, _ actor: Actor, _ now: Instant, _ tx: Tx
    ) throws {
        try Record.append(
            Event(
                room: "review", kind: kind, subjectKind: "round", subject: id.text, actor: actor, at: now,
                content: ["totalFen": .integer(total.fen), "experts": .integer(Int64(count))]), tx)
    }
}
