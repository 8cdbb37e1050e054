import Kernel
import Store

/// A public consultation on one version of a text.
struct Consultation: Hashable, Sendable {
    let caseID: ID<CaseFile>
    let round: Int
    let number: String
    let title: String
    let version: Int
    let explanation: String
    let opensOn: Day
    /// Comments are taken until 24:00 of this day.
    let closesOn: Day
    /// The rule that sets its shortest length.
    let basis: Bilingual
    let shortReason: String
    let hearingOn: Day?
    let hearingPlace: String

    init(row: Row) throws {
        caseID = try row["case_id"]
        round = try row["round"]
        number = try row["number"]
        title = try row["title"]
        version = try row["version"]
        explanation = try row["explanation"]
        opensOn = try row["opens_on"]
        closesOn = try row["closes_on"]
        basis = Bilingual(try row["basis_zh"], try row["basis_en"])
        shortReason = try row["short_reason"]
        hearingOn = try row["hearing_on"]
        hearingPlace = try row["hearing_place"]
    }

    init(
        of norm: Norm, round: Int, version: Int, explanation: String, opensOn: Day, closesOn: Day, basis: Bilingual,
        shortReason: String, hearingOn: Day?, hearingPlace: String
    ) {
        caseID = norm.caseID
        self.round = round
        number = norm.number
        title = norm.title
        self.version = version
        self.explanation = explanation
        self.opensOn = opensOn
        self.closesOn = closesOn
        self.basis = basis
        self.shortReason = shortReason
        self.hearingOn = hearingOn
        self.hearingPlace = hearingPlace
    }

    func isOpen(on day: Day) -> Bool { opensOn <= day && day <= closesOn }
}

/// A comment of the public on a clause, and its answer.
struct Comment: Hashable, Sendable {
    /// How a comment was answered.
    enum Verdict: String, Sendable, CaseIterable, SQLConvertible {
        case taken, partly
        case notTaken = "not-taken"

        var title: Bilingual {
            switch self {
            case .taken: Bilingual("采纳", "Taken")
            case .partly: Bilingual("部分采纳", "Partly taken")
            case .notTaken: Bilingual("未采纳", "Not taken")
            }
        }
    }

    let id: String
    let caseID: ID<CaseFile>
    let round: Int
    /// The label of the clause; empty for the whole text.
    let clause: String
    let text: String
    let sealedFrom: [UInt8]?
    let filedAt: Instant
    let verdict: Verdict?
    let reason: String

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        round = try row["round"]
        clause = try row["clause"]
        text = try row["text"]
        sealedFrom = try row["sealed_from"]
        filedAt = try row["filed_at"]
        verdict = try row["verdict"]
        let reason: String? = try row["reason"]
        self.reason = reason ?? ""
    }
}

/// How many comments a consultation has, and how they were answered.
struct CommentCounts: Hashable, Sendable {
    var open = 0
    var answered: [Comment.Verdict: Int] = [:]

    var all: Int { open + answered.values.reduce(0, +) }
}

/// Reads and writes consultations and comments.
enum ConsultationStore {
    static func insert(_ item: Consultation, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO norm_consultation (case_id, round, number, title, version, explanation, opens_on, closes_on,
                basis_zh, basis_en, short_reason, hearing_on, hearing_place)
            VALUES (\(item.caseID), \(item.round), \(item.number), \(item.title), \(item.version),
                \(item.explanation), \(item.opensOn), \(item.closesOn), \(item.basis.zh), \(item.basis.en),
                \(item.shortReason), \(item.hearingOn), \(item.hearingPlace))
            """)
    }

    static func find(_ id: ID<CaseFile>, round: Int, _ tx: Tx) throws -> Consultation? {
        try tx.first(
            "SELECT * FROM norm_consultation WHERE case_id = \(id) AND round = \(round)", Consultation.init(row:))
    }

    static func rounds(of id: ID<CaseFile>, _ tx: Tx) throws -> [Consultation] {
        try tx.rows(
            "SELECT * FROM norm_consultation WHERE case_id = \(id) ORDER BY round LIMIT 50", Consultation.init(row:))
    }

    /// Consultations by their last day: open ones soonest closing first, closed ones latest first.
    static func list(
        openOn day: Day?, before: Day?, after place: (Day, String, Int)?, limit: Int, _ tx: Tx
    ) throws -> [Consultation] {
        var conditions: [SQL] = ["1 = 1"]
        if let day { conditions.append("closes_on >= \(day)") }
        if let before { conditions.append("closes_on < \(before)") }
        if let place {
            conditions.append(
                day == nil
                    ? "(closes_on, case_id, round) < (\(place.0), \(place.1), \(place.2))"
                    : "(closes_on, case_id, round) > (\(place.0), \(place.1), \(place.2))")
        }
        let order: SQL =
            day == nil ? "closes_on DESC, case_id DESC, round DESC" : "closes_on, case_id, round"
        return try tx.rows(
            """
            SELECT * FROM norm_consultation WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY \(order) LIMIT \(limit)
            """, Consultation.init(row:))
    }

    // MARK: Comments

    static func add(
        _ text: String, on clause: String, of item: Consultation, from sealed: [UInt8]?, at now: Instant, _ tx: Tx
    ) throws -> String {
        let id = UUIDv7.make(at: now)
        try tx.run(
            """
            INSERT INTO norm_comment (id, case_id, round, clause, text, sealed_from, filed_at)
            VALUES (\(id), \(item.caseID), \(item.round), \(clause), \(text), \(sealed), \(now))
            """)
        return id
    }

    static func comment(_ id: String, _ tx: Tx) throws -> Comment? {
        try tx.first("SELECT * FROM norm_comment WHERE id = \(id)", Comment.init(row:))
    }

    /// The comment with a number, from 1 in the order in which they came.
    static func comment(_ number: Int, of id: ID<CaseFile>, round: Int, _ tx: Tx) throws -> Comment? {
        try tx.first(
            """
            SELECT * FROM norm_comment WHERE case_id = \(id) AND round = \(round) ORDER BY id
            LIMIT 1 OFFSET \(number - 1)
            """, Comment.init(row:))
    }

    /// Comments of a consultation in the order in which they came, after one.
    /// - Parameter state: `open`, `answered`, or a verdict; all of them if nil.
    static func comments(
        of id: ID<CaseFile>, round: Int, state: String? = nil, after last: String? = nil, limit: Int, _ tx: Tx
    ) throws -> [Comment] {
        var conditions: [SQL] = ["case_id = \(id)", "round = \(round)"]
        switch state {
        case "open": conditions.append("verdict IS NULL")
        case "answered": conditions.append("verdict IS NOT NULL")
        case let verdict?: conditions.append("verdict = \(verdict)")
        case nil: break
        }
        if let last { conditions.append("id > \(last)") }
        return try tx.rows(
            """
            SELECT * FROM norm_comment WHERE \(SQL.join(conditions, separator: " AND ")) ORDER BY id LIMIT \(limit)
            """, Comment.init(row:))
    }

    static func counts(of id: ID<CaseFile>, round: Int, _ tx: Tx) throws -> CommentCounts {
        let rows = try tx.rows(
            """
            SELECT verdict, COUNT(*) AS count FROM norm_comment WHERE case_id = \(id) AND round = \(round)
            GROUP BY verdict
            """
        ) { (try $0["verdict"] as Comment.Verdict?, try $0["count"] as Int) }
        return counts(rows)
    }

    /// The same over all consultations.
    static func counts(_ tx: Tx) throws -> CommentCounts {
        let rows = try tx.rows("SELECT verdict, COUNT(*) AS count FROM norm_comment GROUP BY verdict") {
            (try $0["verdict"] as Comment.Verdict?, try $0["count"] as Int)
        }
        return counts(rows)
    }

    private static func counts(_ rows: [(Comment.Verdict?, Int)]) -> CommentCounts {
        var counts = CommentCounts()
        for (verdict, count) in rows {
            if let verdict { counts.answered[verdict] = count } else { counts.open += count }
        }
        return counts
    }

    static func answer(
        _ id: String, _ verdict: Comment.Verdict, reason: String, by actor: Actor, at now: Instant, _ tx: Tx
    ) throws {
        try tx.run(
            """
            UPDATE norm_comment SET verdict = \(verdict), reason = \(reason),
                answered_by = \(actor.account?.text ?? "system"), answered_at = \(now)
            WHERE id = \(id)
            """)
    }
}
