public import Kernel
public import Store

/// Something about a sheet, a pair of texts or an expert that somebody should look at. It is a question and no verdict:
/// nothing follows from it by itself.
public struct Question: Hashable, Sendable {
    /// Who is asked.
    public enum Desk: String, Sendable, SQLConvertible {
        /// Officers who run the review, about sheets.
        case sheets
        /// Officers of the divisions concerned and Integrity, about texts.
        case duplicates
        /// Integrity alone, about experts.
        case watch
    }

    /// What somebody who looked made of it.
    public enum Disposition: String, Sendable, CaseIterable, SQLConvertible {
        case explained, mended, watched
        case passedOn = "passed-on"

        public var title: Bilingual {
            switch self {
            case .explained: Bilingual("有合理解释", "Explained")
            case .mended: Bilingual("属实，已处理", "True, and dealt with")
            case .watched: Bilingual("继续关注", "Watched")
            case .passedOn: Bilingual("移送科技监督", "Passed on to Integrity")
            }
        }
    }

    public let id: ID<Question>
    public let kind: String
    /// What it is about, e.g. a sheet or a pair; asked once of each.
    public let place: String
    public let desk: Desk
    /// A round or case under which it is found.
    public let subject: String
    /// A second one; empty where there is none.
    public let other: String
    public let division: String
    public let otherDivision: String
    public let text: Bilingual
    public let figures: JSONValue
    public let foundAt: Instant
    /// The last word on it; nil while nobody looked.
    public let disposition: Disposition?

    init(row: Row) throws {
        id = try row["id"]
        kind = try row["kind"]
        place = try row["place"]
        desk = try row["desk"]
        subject = try row["subject"]
        other = try row["other"]
        division = try row["division"]
        otherDivision = try row["other_division"]
        text = Bilingual(try row["text_zh"], try row["text_en"])
        figures = try row["figures"]
        foundAt = try row["found_at"]
        disposition = try row["disposition"]
    }
}

/// A question as it is found.
public struct QuestionDraft: Hashable, Sendable {
    public let kind: String
    public let place: String
    public let text: Bilingual
    public let figures: JSONValue

    public init(_ kind: String, _ place: String, _ text: Bilingual, figures: JSONValue = [:]) {
        self.kind = kind
        self.place = place
        self.text = text
        self.figures = figures
    }
}

/// One look at a question.
public struct QuestionLook: Hashable, Sendable {
    public let disposition: Question.Disposition
    public let reason: String
    public let name: String
    public let at: Instant
}

/// Which questions a list shows.
public struct QuestionFilter: Hashable, Sendable {
    public var desk: Question.Desk
    public var subject: String?
    public var kind: String?
    public var isOpen: Bool
    /// Only those of a division, on either side; nil for all.
    public var division: String?

    public init(
        _ desk: Question.Desk, subject: String? = nil, kind: String? = nil, isOpen: Bool = false,
        division: String? = nil
    ) {
        self.desk = desk
        self.subject = subject
        self.kind = kind
        self.isOpen = isOpen
        self.division = division
    }

    var condition: SQL {
        var parts: [SQL] = ["desk = \(desk)"]
        if let subject { parts.append("(subject = \(subject) OR other = \(subject))") }
        if let kind { parts.append("kind = \(kind)") }
        if isOpen { parts.append("disposition IS NULL") }
        if let division { parts.append("(division = \(division) OR other_division = \(division))") }
        return SQL.join(parts, separator: " AND ")
    }
}

/// Keeps questions and what was made of them.
public enum Questions {
    /// Writes down what was found; what was asked before stays as it is, with its looks.
    /// - Returns: how many are new.
    @discardableResult
    public static func ask(
        _ drafts: [QuestionDraft], _ desk: Question.Desk, subject: String, other: String = "", division: String,
        otherDivision: String = "", at now: Instant, _ tx: Tx
    ) throws -> Int {
        var count = 0
        for part in drafts.blocks(of: 200) {
            let rows = part.map { one -> SQL in
                """
                (\(UUIDv7.make(at: now)), \(one.kind), \(one.place), \(desk), \(subject), \(other), \(division),
                    \(otherDivision), \(one.text.zh), \(one.text.en), \(one.figures), \(now))
                """
            }
            count += try tx.run(
                """
                INSERT INTO review_question (id, kind, place, desk, subject, other, division, other_division, text_zh,
                    text_en, figures, found_at)
                VALUES \(SQL.join(rows, separator: ", ")) ON CONFLICT (kind, place) DO NOTHING
                """)
        }
        return count
    }

    /// Questions, newest first, before an identity.
    public static func list(
        _ filter: QuestionFilter, before: ID<Question>? = nil, limit: Int, _ tx: Tx
    ) throws -> [Question] {
        let edge: SQL = before.map { "AND id < \($0)" } ?? ""
        return try tx.rows(
            "SELECT * FROM review_question WHERE \(filter.condition) \(edge) ORDER BY id DESC LIMIT \(limit)",
            Question.init(row:))
    }

    public static func find(_ id: ID<Question>, _ tx: Tx) throws -> Question? {
        try tx.first("SELECT * FROM review_question WHERE id = \(id)", Question.init(row:))
    }

    /// What was made of a question, in order.
    public static func looks(_ id: ID<Question>, _ tx: Tx) throws -> [QuestionLook] {
        try tx.rows("SELECT * FROM review_question_look WHERE question = \(id) ORDER BY position") {
            QuestionLook(
                disposition: try $0["disposition"], reason: try $0["reason"], name: try $0["looked_name"],
                at: try $0["looked_at"])
        }
    }

    /// How many questions of a desk there are of each kind, and how many of them are open.
    public static func counts(_ filter: QuestionFilter, _ tx: Tx) throws -> [String: (all: Int, open: Int)] {
        var found: [String: (all: Int, open: Int)] = [:]
        try tx.forEach(
            """
            SELECT kind, COUNT(*) AS n, SUM(CASE WHEN disposition IS NULL THEN 1 ELSE 0 END) AS waiting
            FROM review_question WHERE \(filter.condition) GROUP BY kind
            """
        ) { row in found[try row["kind"]] = (try row["n"], try row["waiting"]) }
        return found
    }

    /// Keeps what somebody made of a question; earlier looks stay.
    /// - Throws: ``ReviewError/unknown``; ``PlainProblem`` where the reason is missing.
    public static func look(
        _ question: Question, _ disposition: Question.Disposition, reason: String, by actor: Actor, at now: Instant,
        _ tx: Tx
    ) throws {
        try Words.check(reason, "reason", Bilingual("理由", "Reason"), most: 2_000)
        try tx.run(
            """
            INSERT INTO review_question_look (question, position, disposition, reason, looked_by, looked_name,
                looked_at)
            SELECT CAST(\(question.id) AS TEXT), COUNT(*) + 1, CAST(\(disposition.rawValue) AS TEXT),
                CAST(\(reason) AS TEXT), CAST(\(actor.account?.text ?? "") AS TEXT), CAST(\(actor.name) AS TEXT),
                CAST(\(now) AS BIGINT)
            FROM review_question_look WHERE question = \(question.id)
            """)
        try tx.run("UPDATE review_question SET disposition = \(disposition) WHERE id = \(question.id)")
        try Record.append(
            Event(
                room: "review", kind: "question.looked", subjectKind: "question", subject: question.id.text,
                actor: actor, at: now,
                content: [
                    "kind": .string(question.kind), "disposition": .string(disposition.rawValue),
                    "reason": .string(Digest.hex(Digest.sha256(Array(reason.utf8)))),
                ]), tx)
    }
}
