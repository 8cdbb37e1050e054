public import Kernel
public import Store

/// An opinion as its applicant may read it.
public struct Feedback: Hashable, Sendable {
    public let assignment: Assignment
    /// The expert's answers, or what the officer made of them.
    public let answers: JSONValue
    public let isMended: Bool
    /// What still tells who wrote it, by the name of its field; while there is any, the applicant does not see it.
    public let findings: [String: [IdentityFinder.Match]]

    public var isReleased: Bool { findings.isEmpty }
}

/// Opinions for applicants: shown where they tell nobody's name, held back until an officer has mended them where they
/// do. The sheet itself never changes.
public enum FeedbackStore {
    /// Characters that the words for an applicant take at most.
    public static let longest = 4_000

    /// The opinions on an item, in the order in which they were asked for: four queries.
    public static func list(of item: ID<CaseFile>, _ sheet: ScoringSheet, _ tx: Tx) throws -> [Feedback] {
        try feedback(try RoundStore.assignments(item: item, tx), sheet, tx)
    }

    /// A page of a round's opinions, by item, after an item and identity: the whole of each item's asked experts is
    /// read, because an opinion may name a colleague.
    public static func list(
        _ round: Round, after cursor: (item: String, id: String)? = nil, limit: Int, _ tx: Tx
    ) throws -> [Feedback] {
        let edge: SQL = cursor.map { "AND (item, id) > (\($0.item), \($0.id))" } ?? ""
        let page = try tx.rows(
            """
            SELECT * FROM review_assignment WHERE round = \(round.id) AND state = 'submitted' \(edge)
            ORDER BY item, id LIMIT \(limit)
            """, Assignment.init(row:))
        let items = Array(Set(page.map(\.item)))
        let asked = try tx.rows(
            "SELECT * FROM review_assignment WHERE item IN \(list: items) ORDER BY item, id", Assignment.init(row:))
        let all = Dictionary(
            try feedback(asked, round.sheet, tx).map { ($0.assignment.id, $0) }, uniquingKeysWith: { first, _ in first }
        )
        return page.compactMap { all[$0.id] }
    }

    private static func feedback(_ asked: [Assignment], _ sheet: ScoringSheet, _ tx: Tx) throws -> [Feedback] {
        let submitted = asked.filter { $0.state == .submitted }
        guard !submitted.isEmpty else { return [] }
        let experts = try ExpertStore.all(Array(Set(asked.map(\.expert))), tx)
        var mended: [ID<Assignment>: JSONValue] = [:]
        try tx.forEach(
            """
            SELECT assignment, answers FROM review_feedback WHERE assignment IN \(list: submitted.map(\.id))
            ORDER BY assignment, position
            """
        ) { row in mended[try row["assignment"]] = try row["answers"] }
        let byItem = Dictionary(grouping: asked, by: \.item)
        var finders: [ID<CaseFile>: IdentityFinder] = [:]
        return submitted.map { one in
            let people = (byItem[one.item] ?? []).compactMap { experts[$0.expert] }
            let finder =
                finders[one.item]
                ?? IdentityFinder(names: people.map(\.name), employers: people.map(\.organisationName))
            finders[one.item] = finder
            let answers = mended[one.id] ?? one.answers
            return Feedback(
                assignment: one, answers: answers, isMended: mended[one.id] != nil,
                findings: findings(answers, sheet, finder))
        }
    }

    private static func findings(
        _ answers: JSONValue, _ sheet: ScoringSheet, _ finder: IdentityFinder
    ) -> [String: [IdentityFinder.Match]] {
        var found: [String: [IdentityFinder.Match]] = [:]
        for field in sheet.commentFields {
            let matches = finder.matches(in: answers[field]?.string ?? "")
            if !matches.isEmpty { found[field] = matches }
        }
        return found
    }
}

extension ReviewActions {
    /// Keeps what an applicant shall read in place of an expert's words. Scores, grade and verdict stay the expert's.
    /// - Parameter values: the new words, by the names of the sheet's comments; a missing one stays.
    /// - Throws: ``ReviewError/incomplete(_:)`` with everything that still tells who wrote it, and words that are gone.
    public func mend(
        _ id: ID<Assignment>, values: @escaping @Sendable (String) -> String?, by actor: Actor
    ) async throws {
        try Policy.require(actor, .runReviews)
        let now = clock.now()
        try await db.write { tx in
            guard let one = try RoundStore.assignment(id, tx), one.state == .submitted,
                let round = try RoundStore.find(one.round, tx)
            else { throw ReviewError.unknown }
            let known = try FeedbackStore.list(of: one.item, round.sheet, tx)
            guard let feedback = known.first(where: { $0.assignment.id == id }) else { throw ReviewError.unknown }
            var answers = feedback.answers.object ?? [:]
            var problems: [FieldProblem] = []
            for field in round.sheet.commentFields {
                guard let text = values(field) else { continue }
                let label = round.sheet.form.fields.first { $0.name == field }?.label ?? Bilingual("意见", "Opinion")
                problems += Words.problems(text, field, label, isRequired: false, most: FeedbackStore.longest)
                if text.allSatisfy(\.isWhitespace), answers[field]?.string != nil {
                    problems.append(
                        FieldProblem(
                            field: field, code: "feedback.empty",
                            message: Bilingual("意见不能删空", "The opinion must not be emptied")))
                }
                answers[field] = .string(text)
            }
            let experts = try ExpertStore.all(
                Array(Set(try RoundStore.assignments(item: one.item, tx).map(\.expert))), tx)
            let finder = IdentityFinder(
                names: experts.values.map(\.name), employers: experts.values.map(\.organisationName))
            for field in round.sheet.commentFields {
                for match in finder.matches(in: answers[field]?.string ?? "") {
                    problems.append(
                        FieldProblem(
                            field: field, code: "feedback.identity",
                            message: Bilingual(
                                "仍含\(match.kind.title.zh)：\(match.text)",
                                "still holds a \(match.kind.title.en): \(match.text)")))
                }
            }
            guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
            try tx.run(
                """
                INSERT INTO review_feedback (assignment, position, answers, mended_by, mended_name, mended_at)
                SELECT CAST(\(id) AS TEXT), COUNT(*) + 1, CAST(\(JSONValue.object(answers)) AS TEXT),
                    CAST(\(actor.account?.text ?? "") AS TEXT), CAST(\(actor.name) AS TEXT), CAST(\(now) AS BIGINT)
                FROM review_feedback WHERE assignment = \(id)
                """)
            let hash = Digest.hex(Digest.sha256(JSONValue.object(answers).canonicalBytes))
            try log(
                "review.feedback-mended", round.id, ["assignment": .string(id.text), "text": .string(hash)], actor, now,
                tx)
        }
    }
}
