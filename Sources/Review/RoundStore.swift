public import Kernel
public import Store

/// A review round: its sheet, its plan, its draw.
public struct Round: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible { case committed, drawn, closed }

    public let id: ID<Round>
    /// What is reviewed, e.g. a call.
    public let subject: String
    public let sheet: ScoringSheet
    public let wanted: Int
    public let load: Int
    public let dueOn: Day
    public let state: State
    /// Published before the seed.
    public let commitment: String
    public let seed: String?
    public let openedBy: String
    /// For how many years an earlier employer counts as a conflict; nil for ever.
    public let lookbackYears: Int?
    /// The windows of all kinds of relation.
    public let windows: ConflictWindows
    /// How experts are shared out.
    public let mode: AssignmentMode
    /// Whether no two of one employer judge an item.
    public let keepsApart: Bool

    init(row: Row) throws {
        id = try row["id"]
        subject = try row["subject"]
        let sheet: JSONValue = try row["sheet"]
        self.sheet = try sheet.decode()
        wanted = try row["wanted"]
        load = try row["load"]
        dueOn = try row["due_on"]
        state = try row["state"]
        commitment = try row["commitment"]
        seed = try row["seed"]
        openedBy = try row["opened_by"]
        lookbackYears = try row["lookback_years"]
        let windows: JSONValue? = try row["windows"]
        mode = try row["mode"] ?? .draw
        keepsApart = try row["keeps_apart"]
        self.windows = try windows?.decode() ?? ConflictWindows(all: lookbackYears)
    }
}

/// One expert's part in a round: the invitation, and the sheet that is filled in.
public struct Assignment: Codable, Hashable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable, SQLConvertible {
        case invited, accepted, declined, recused, replaced, submitted

        public var title: Bilingual {
            switch self {
            case .invited: Bilingual("已邀请", "Invited")
            case .accepted: Bilingual("已接受", "Accepted")
            case .declined: Bilingual("已谢绝", "Declined")
            case .recused: Bilingual("已回避", "Recused")
            case .replaced: Bilingual("已更换", "Replaced")
            case .submitted: Bilingual("已提交", "Submitted")
            }
        }
    }

    public let id: ID<Assignment>
    public let round: ID<Round>
    public let item: ID<CaseFile>
    public let expert: ID<Expert>
    public let state: State
    public let isReserve: Bool
    public let dueOn: Day
    public let invitedAt: Instant
    public let remindedAt: Instant?
    /// As the expert or an officer typed it.
    public let reason: String?
    /// Why the house took it away by itself.
    public let cause: Cause?
    public let answers: JSONValue
    public let revision: Int
    /// Weighted total in thousandths of a point, once submitted.
    public let total: Int?
    public let verdict: String?

    init(row: Row) throws {
        id = try row["id"]
        round = try row["round"]
        item = try row["item"]
        expert = try row["expert"]
        state = try row["state"]
        isReserve = try row["is_reserve"]
        dueOn = try row["due_on"]
        invitedAt = try row["invited_at"]
        remindedAt = try row["reminded_at"]
        reason = try row["reason"]
        cause = try row["cause"]
        answers = try row["answers"]
        revision = try row["revision"]
        total = try row["total"]
        verdict = try row["verdict"]
    }
}

/// A note of the panel on an item.
public struct PanelNote: Codable, Hashable, Sendable {
    public let item: ID<CaseFile>
    public let authorName: String
    public let note: String
    public let at: Instant
}

/// Reads rounds, assignments and notes.
public enum RoundStore {
    public static func find(_ id: ID<Round>, _ tx: Tx) throws -> Round? {
        try tx.first("SELECT * FROM review_round WHERE id = \(id)", Round.init(row:))
    }

    public static func find(subject: String, _ tx: Tx) throws -> Round? {
        try tx.first("SELECT * FROM review_round WHERE subject = \(subject)", Round.init(row:))
    }

    /// Rounds that are not closed.
    static func underWay(_ tx: Tx) throws -> [Round] {
        try tx.rows(
            "SELECT * FROM review_round WHERE state IN ('committed', 'drawn') ORDER BY id", Round.init(row:))
    }

    /// Rounds under way after which nobody has looked today.
    public static func untended(on day: Day, _ tx: Tx) throws -> [Round] {
        try tx.rows(
            """
            SELECT * FROM review_round WHERE state = 'drawn' AND (tended_on IS NULL OR tended_on < \(day)) ORDER BY id
            """, Round.init(row:))
    }

    /// The draw with all that is needed to run it again, once it was drawn.
    public static func drawProtocol(_ id: ID<Round>, _ tx: Tx) throws -> JSONValue? {
        try tx.first("SELECT protocol FROM review_draw WHERE round = \(id)") { try $0["protocol"] as JSONValue? } ?? nil
    }

    /// Keeps the drawn order of reserves beside the protocol.
    static func keep(outside experts: [ID<Expert>], of id: ID<Round>, _ tx: Tx) throws {
        for part in experts.blocks(of: 200) {
            let rows = part.map { "(\(id), \($0))" as SQL }
            try tx.run("INSERT INTO review_outside (round, expert) VALUES \(SQL.join(rows, separator: ", "))")
        }
    }

    /// Who of some experts is of the wanted group; nil where the round wants none.
    static func outside(_ id: ID<Round>, among experts: [ID<Expert>], _ tx: Tx) throws -> Set<ID<Expert>>? {
        let first: ID<Expert>? = try tx.value("SELECT expert FROM review_outside WHERE round = \(id) LIMIT 1")
        guard first != nil else { return nil }
        return Set(
            try tx.rows("SELECT expert FROM review_outside WHERE round = \(id) AND expert IN \(list: experts)") {
                try $0["expert"] as ID<Expert>
            })
    }

    static func keepReserves(
        _ results: [Drawn], loads: [ID<Expert>: Int], of id: ID<Round>, _ tx: Tx
    ) throws {
        let rows = results.flatMap { result in
            result.reserves.enumerated().map { position, expert -> SQL in
                "(\(id), \(result.item), \(position), \(expert), \(loads[expert] ?? 0))"
            }
        }
        for part in rows.blocks(of: 200) {
            try tx.run(
                """
                INSERT INTO review_reserve (round, item, position, expert, load)
                VALUES \(SQL.join(part, separator: ", "))
                """)
        }
    }

    /// The reserves of an item in their drawn order, each with the most items that he or she may be given.
    static func reserves(
        _ id: ID<Round>, item: ID<CaseFile>, _ tx: Tx
    ) throws -> [(expert: ID<Expert>, load: Int)] {
        try tx.rows(
            "SELECT expert, load FROM review_reserve WHERE round = \(id) AND item = \(item) ORDER BY position"
        ) { (try $0["expert"], try $0["load"]) }
    }

    /// The plan as it is stored; whether it is the published one shows by its hash.
    static func plan(_ id: ID<Round>, _ tx: Tx) throws -> DrawPlan? {
        try tx.first("SELECT plan FROM review_draw WHERE round = \(id)") { try ($0["plan"] as JSONValue).decode() }
    }

    /// The plan of an assignment by affinity, as it is stored.
    public static func assignmentPlan(_ id: ID<Round>, _ tx: Tx) throws -> AssignmentPlan? {
        try tx.first("SELECT plan FROM review_draw WHERE round = \(id)") { try ($0["plan"] as JSONValue).decode() }
    }

    /// The house's half of the seed; nil for rounds of before there was one.
    static func secret(_ id: ID<Round>, _ tx: Tx) throws -> SeedSecret? {
        try tx.first("SELECT secret FROM review_draw WHERE round = \(id)") { try $0["secret"] as String? }?.map(
            SeedSecret.init(text:))
    }

    /// What was published with the plan, before the seed was known; nil for rounds of before there was one.
    public static func seedCommitment(_ id: ID<Round>, _ tx: Tx) throws -> String? {
        try secret(id, tx)?.commitment
    }

    /// Rounds, newest first, before an identity.
    public static func list(before: ID<Round>?, limit: Int, _ tx: Tx) throws -> [Round] {
        let condition: SQL = before.map { "WHERE id < \($0)" } ?? ""
        return try tx.rows("SELECT * FROM review_round \(condition) ORDER BY id DESC LIMIT \(limit)", Round.init(row:))
    }

    /// How many items each expert of a round holds or has judged.
    static func loads(_ id: ID<Round>, of experts: [ID<Expert>], _ tx: Tx) throws -> [ID<Expert>: Int] {
        var found: [ID<Expert>: Int] = [:]
        try tx.forEach(
            """
            SELECT expert, COUNT(*) AS items FROM review_assignment
            WHERE round = \(id) AND expert IN \(list: experts)
                AND state IN ('invited', 'accepted', 'submitted')
            GROUP BY expert
            """
        ) { row in found[try row["expert"]] = try row["items"] }
        return found
    }

    /// Assignments of a round whose sheet is still awaited, by item.
    public static func open(_ round: ID<Round>, _ tx: Tx) throws -> [Assignment] {
        try tx.rows(
            """
            SELECT * FROM review_assignment WHERE round = \(round) AND state IN ('invited', 'accepted')
            ORDER BY item, id
            """, Assignment.init(row:))
    }

    /// Assignments of an expert whose sheet is still awaited, in all rounds, soonest due first.
    public static func open(of expert: ID<Expert>, _ tx: Tx) throws -> [Assignment] {
        try tx.rows(
            """
            SELECT * FROM review_assignment WHERE expert = \(expert) AND state IN ('invited', 'accepted')
            ORDER BY due_on, id
            """, Assignment.init(row:))
    }

    /// The same of many experts: one query.
    static func open(of experts: [ID<Expert>], _ tx: Tx) throws -> [Assignment] {
        try tx.rows(
            """
            SELECT * FROM review_assignment WHERE expert IN \(list: experts) AND state IN ('invited', 'accepted')
            ORDER BY due_on, id
            """, Assignment.init(row:))
    }

    /// A page of a round's assignments, by item, after an item and identity.
    public static func assignments(
        _ round: ID<Round>, after cursor: (item: String, id: String)?, limit: Int, _ tx: Tx
    ) throws -> [Assignment] {
        let edge: SQL = cursor.map { "AND (item, id) > (\($0.item), \($0.id))" } ?? ""
        return try tx.rows(
            "SELECT * FROM review_assignment WHERE round = \(round) \(edge) ORDER BY item, id LIMIT \(limit)",
            Assignment.init(row:))
    }

    /// How many assignments of a round are in each state.
    public static func counts(_ round: ID<Round>, _ tx: Tx) throws -> [Assignment.State: Int] {
        var counts: [Assignment.State: Int] = [:]
        try tx.forEach(
            "SELECT state, COUNT(*) AS n FROM review_assignment WHERE round = \(round) GROUP BY state"
        ) { row in counts[try row["state"]] = try row["n"] }
        return counts
    }

    public static func items(_ id: ID<Round>, _ tx: Tx) throws -> [ItemFacts] {
        try tx.rows("SELECT facts FROM review_item WHERE round = \(id) ORDER BY item") {
            try ($0["facts"] as JSONValue).decode()
        }
    }

    public static func item(_ round: ID<Round>, _ item: ID<CaseFile>, _ tx: Tx) throws -> ItemFacts? {
        try tx.first("SELECT facts FROM review_item WHERE round = \(round) AND item = \(item)") {
            try ($0["facts"] as JSONValue).decode()
        }
    }

    public static func assignments(_ round: ID<Round>, _ tx: Tx) throws -> [Assignment] {
        try tx.rows(
            "SELECT * FROM review_assignment WHERE round = \(round) ORDER BY item, id", Assignment.init(row:))
    }

    /// The submitted opinions on an item, as its applicant may read them after the decision: without names.
    public static func assignments(item: ID<CaseFile>, _ tx: Tx) throws -> [Assignment] {
        try tx.rows("SELECT * FROM review_assignment WHERE item = \(item) ORDER BY id", Assignment.init(row:))
    }

    public static func assignment(_ id: ID<Assignment>, _ tx: Tx) throws -> Assignment? {
        try tx.first("SELECT * FROM review_assignment WHERE id = \(id)", Assignment.init(row:))
    }

    /// Assignments by identity.
    public static func assignments(ids: [ID<Assignment>], _ tx: Tx) throws -> [ID<Assignment>: Assignment] {
        let found = try tx.rows("SELECT * FROM review_assignment WHERE id IN \(list: ids)", Assignment.init(row:))
        return Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What an expert has done or given up, newest first, before an identity.
    public static func done(of expert: ID<Expert>, before: ID<Assignment>?, limit: Int, _ tx: Tx) throws -> [Assignment]
    {
        let edge: SQL = before.map { "AND id < \($0)" } ?? ""
        return try tx.rows(
            """
            SELECT * FROM review_assignment WHERE expert = \(expert) AND state NOT IN ('invited', 'accepted') \(edge)
            ORDER BY id DESC LIMIT \(limit)
            """, Assignment.init(row:))
    }

    public static func notes(_ round: ID<Round>, _ tx: Tx) throws -> [PanelNote] {
        try tx.rows("SELECT * FROM review_panel_note WHERE round = \(round) ORDER BY item, id") { row in
            PanelNote(
                item: try row["item"], authorName: try row["author_name"], note: try row["note"], at: try row["at"])
        }
    }

    /// The ranking of a round from its submitted sheets, in two queries.
    public static func ranking(_ round: Round, disagreement: Int, _ tx: Tx) throws -> Ranking {
        var totals: [ID<CaseFile>: [Int]] = [:]
        var verdicts: [ID<CaseFile>: [String: Int]] = [:]
        try tx.forEach(
            "SELECT item, total, verdict FROM review_assignment WHERE round = \(round.id) AND state = 'submitted'"
        ) { row in
            let item: ID<CaseFile> = try row["item"]
            totals[item, default: []].append(try row["total"])
            verdicts[item, default: [:]][try row["verdict"] ?? "", default: 0] += 1
        }
        let items = try tx.rows("SELECT item FROM review_item WHERE round = \(round.id) ORDER BY item") {
            try $0["item"] as ID<CaseFile>
        }
        return Ranking(
            items.map {
                ScoredItem(item: $0, totals: totals[$0] ?? [], verdicts: verdicts[$0] ?? [:], wanted: round.wanted)
            }, disagreement: disagreement)
    }
}
