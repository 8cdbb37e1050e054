public import Store

/// A proposed new value of a legal number, and from when it is to hold.
public struct RuleChange: Codable, Hashable, Sendable {
    public let parameter: String
    public let value: ParameterValue
    /// The first day of the new value; it must still lie ahead when the change is approved.
    public let from: Day
    public let source: RuleSource
    public let note: Bilingual?

    public init(parameter: String, value: ParameterValue, from: Day, source: RuleSource, note: Bilingual?) {
        self.parameter = parameter
        self.value = value
        self.from = from
        self.source = source
        self.note = note
    }
}

extension Parameter {
    /// The history with a new value from a day on: the value before ends on the day before, and a value that was to
    /// begin on the same day gives way.
    func amended(by change: RuleChange) -> Parameter {
        let before = values.filter { $0.from < change.from }.map { dated in
            dated.to.map { $0 >= change.from } ?? true ? dated.ending(change.from.adding(days: -1)) : dated
        }
        let after = values.filter { $0.from > change.from }
        let new = DatedValue(
            value: change.value, from: change.from, to: after.first?.from.adding(days: -1), source: change.source,
            note: change.note)
        return Parameter(
            id: id, title: title, unit: unit, gives: gives, level: level, words: words,
            values: before + [new] + after)
    }
}

/// Proposed and approved changes of legal numbers, each the subject of a case of the procedure `rules.change`.
public enum RuleChangeStore {
    static let tables = Migration(
        id: "2026-11-25-rules-changes",
        statements: [
            """
            CREATE TABLE rule_change (
                case_id TEXT PRIMARY KEY REFERENCES case_file (id), parameter TEXT NOT NULL, starts_on TEXT NOT NULL,
                content TEXT NOT NULL, tested TEXT NOT NULL, approved_at BIGINT
            ) \(SQL.strict)
            """,
            "CREATE INDEX rule_change_parameter ON rule_change (parameter, case_id)",
            "CREATE INDEX rule_change_approved ON rule_change (approved_at, case_id)",
        ])

    /// A change as it is kept.
    public struct Stored: Sendable {
        public let caseID: ID<CaseFile>
        public let change: RuleChange
        /// What a replay of past rulings showed when it was proposed, by rule.
        public let tested: JSONValue
        public let approvedAt: Instant?

        init(row: Row) throws {
            caseID = try row["case_id"]
            let content: JSONValue = try row["content"]
            change = try content.decode(RuleChange.self)
            tested = try row["tested"]
            approvedAt = try row["approved_at"]
        }
    }

    public static func insert(_ change: RuleChange, of caseID: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run(
            """
            INSERT INTO rule_change (case_id, parameter, starts_on, content, tested)
            VALUES (\(caseID), \(change.parameter), \(change.from), \(try JSONValue(encoding: change)), '{}')
            """)
    }

    public static func find(_ caseID: ID<CaseFile>, _ tx: Tx) throws -> Stored? {
        try tx.first("SELECT * FROM rule_change WHERE case_id = \(caseID)", Stored.init(row:))
    }

    /// Changes of one parameter, the newest first.
    public static func list(of parameter: String, _ tx: Tx) throws -> [Stored] {
        try tx.rows(
            "SELECT * FROM rule_change WHERE parameter = \(parameter) ORDER BY case_id DESC LIMIT 50", Stored.init(row:)
        )
    }

    static func setTested(_ tested: JSONValue, of caseID: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("UPDATE rule_change SET tested = \(tested) WHERE case_id = \(caseID)")
    }

    static func approve(_ caseID: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        try tx.run("UPDATE rule_change SET approved_at = \(now) WHERE case_id = \(caseID)")
    }

    static func approved(_ tx: Tx) throws -> [Stored] {
        try tx.rows(
            "SELECT * FROM rule_change WHERE approved_at IS NOT NULL ORDER BY approved_at, case_id", Stored.init(row:))
    }
}

/// The procedure by which legal numbers change: proposed by an officer, tried on past rulings, approved by another.
public enum RuleChanges {
    public static let procedure = "rules.change"

    /// Takes all approved changes into the book. Since a change holds only from a later day, a server that learns of it
    /// a moment later judges nothing differently.
    public static func refresh(_ book: RuleBook, from db: Database) async throws {
        let approved = try await db.read { tx in try RuleChangeStore.approved(tx) }
        var parameters = book.written
        for stored in approved {
            parameters[stored.change.parameter] = parameters[stored.change.parameter]?.amended(by: stored.change)
        }
        book.replace(parameters)
    }

    /// Names the guards and effects of `rules.change`.
    public static func register(in hooks: inout ProcedureHooks, shelf: RuleShelf, book: RuleBook) {
        hooks.guards["rules.ahead"] = { context, tx in
            guard let stored = try RuleChangeStore.find(context.file.id, tx) else { return [] }
            guard stored.change.from <= context.day else { return [] }
            return [
                FieldProblem(
                    field: "from", code: "rules.too-late",
                    message: Bilingual(
                        "生效日 \(stored.change.from) 已到；已开始的日期不能改，请退回并改为以后的日期",
                        "The first day \(stored.change.from) has come; days that have begun are never changed, so send it back for a later day"
                    ))
            ]
        }
        hooks.effects["rules.test"] = { context, tx in
            guard let stored = try RuleChangeStore.find(context.file.id, tx) else { return }
            let tested = try RuleChanges.test(stored.change, shelf: shelf, book: book, tx)
            try RuleChangeStore.setTested(tested, of: context.file.id, tx)
        }
        hooks.effects["rules.approve"] = { context, tx in
            try RuleChangeStore.approve(context.file.id, at: context.now, tx)
        }
    }

    /// Replays past rulings of every rule that reads the parameter, at most 10,000 a rule, under the law of the new
    /// value's first day with and without it.
    static func test(_ change: RuleChange, shelf: RuleShelf, book: RuleBook, _ tx: Tx) throws -> JSONValue {
        var found: [String: JSONValue] = [:]
        let before = book.law(on: change.from)
        let after = before.replacing([change.parameter: change.value])
        for entry in shelf.readers(of: change.parameter) {
            let replay = try entry.replay(before: before, after: after)
            var last = ""
            for _ in 0..<20 {
                let page = try RulingStore.page(rule: entry.id, after: last, tx)
                for stored in page { _ = replay.add(id: stored.id, facts: stored.ruling.facts) }
                guard let end = page.last, page.count == 500 else { break }
                last = end.id
            }
            let report = replay.report
            found[entry.id] = [
                "cases": .integer(Int64(report.cases)), "changed": .integer(Int64(report.changed)),
                "unreadable": .integer(Int64(report.unreadable)),
            ]
        }
        return .object(found)
    }
}
