public import Store

/// What is known of a case besides its form: what was asked with actions, and values that a room worked out.
public enum CaseValues {
    public static let migrations = Migrations(
        room: "case-values",
        steps: [
            Migration(
                id: "2026-11-26-procedures-case-values",
                statements: [
                    """
                    CREATE TABLE case_value (
                        case_id TEXT NOT NULL REFERENCES case_file (id), procedure TEXT NOT NULL, field TEXT NOT NULL,
                        value TEXT NOT NULL, content TEXT NOT NULL, is_own \(SQL.boolean) NOT NULL,
                        PRIMARY KEY (case_id, field)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX case_value_field ON case_value (procedure, field, value, case_id)",
                    """
                    CREATE TABLE case_asked (
                        case_id TEXT NOT NULL REFERENCES case_file (id), action TEXT NOT NULL, content TEXT NOT NULL,
                        asked_at BIGINT NOT NULL, PRIMARY KEY (case_id, action)
                    ) \(SQL.strict)
                    """,
                ])
        ])

    /// Longest value by which lists filter, in characters.
    static let longest = 200

    /// Keeps a value that a room worked out beside the answers of a case; `.null` takes it away.
    public static func set(_ id: ID<CaseFile>, _ field: String, _ value: JSONValue, _ tx: Tx) throws {
        try keep(id, field, value, isOwn: true, tx)
    }

    /// Keeps the shown fields of a form for lists; sealed answers are never among them.
    static func index(_ definition: ProcedureDefinition, _ answers: JSONValue, of id: ID<CaseFile>, _ tx: Tx) throws {
        let sealed = Set(definition.form?.sealedFields.map(\.name) ?? [])
        for name in definition.shownFields where !sealed.contains(name) {
            guard definition.form?.field(name) != nil else { continue }
            // An answer that an earlier version of the form sealed stays so until it is changed.
            let value = answers[name] ?? .null
            try keep(id, name, value.holds(\.isWithheld) ? .null : value, isOwn: false, tx)
        }
        try forgetSealed(definition, of: [id], tx)
    }

    /// Takes from lists and titles what is kept sealed: it came there before it was, or under an earlier version.
    static func forgetSealed(_ definition: ProcedureDefinition, of cases: [ID<CaseFile>], _ tx: Tx) throws {
        let sealed = (definition.form?.sealedFields ?? []).map(\.name)
        guard !sealed.isEmpty else { return }
        try tx.run(
            """
            DELETE FROM case_value WHERE case_id IN \(list: cases) AND is_own = \(false) AND field IN \(list: sealed)
            """)
        guard let subject = definition.filing?.subject, sealed.contains(subject) else { return }
        try tx.run(
            """
            UPDATE case_file SET title_zh = \(definition.title.zh), title_en = \(definition.title.en)
            WHERE id IN \(list: cases)
            """)
    }

    private static func keep(
        _ id: ID<CaseFile>, _ field: String, _ value: JSONValue, isOwn: Bool, _ tx: Tx
    ) throws {
        guard value != .null else {
            try tx.run("DELETE FROM case_value WHERE case_id = \(id) AND field = \(field)")
            return
        }
        let plain = value.plainText ?? value.array?.compactMap(\.plainText).joined(separator: " ") ?? ""
        try tx.run(
            """
            INSERT INTO case_value (case_id, procedure, field, value, content, is_own)
            SELECT \(id), procedure, \(field), \(String(plain.prefix(longest))), \(value), \(isOwn) FROM case_file
            WHERE id = \(id)
            ON CONFLICT (case_id, field) DO UPDATE SET value = excluded.value, content = excluded.content,
                is_own = excluded.is_own
            """)
    }

    /// Keeps what was asked with an action; the last time counts.
    static func note(_ action: String, _ answers: JSONValue, of id: ID<CaseFile>, at now: Instant, _ tx: Tx) throws {
        guard let members = answers.object, !members.isEmpty else { return }
        try tx.run(
            """
            INSERT INTO case_asked (case_id, action, content, asked_at) VALUES (\(id), \(action), \(answers), \(now))
            ON CONFLICT (case_id, action) DO UPDATE SET content = excluded.content, asked_at = excluded.asked_at
            """)
    }

    /// Forgets what was asked with an action, where a room keeps it in a place of its own.
    public static func forget(_ action: String, of id: ID<CaseFile>, _ tx: Tx) throws {
        try tx.run("DELETE FROM case_asked WHERE case_id = \(id) AND action = \(action)")
    }

    /// What was asked with an action when it was last done; an empty object where it was not.
    public static func asked(_ action: String, of id: ID<CaseFile>, _ tx: Tx) throws -> JSONValue {
        try tx.value("SELECT content FROM case_asked WHERE case_id = \(id) AND action = \(action)") ?? [:]
    }

    /// What was asked with each action, in the order in which they were last done.
    public static func asked(of id: ID<CaseFile>, _ tx: Tx) throws -> [(action: String, answers: JSONValue)] {
        try tx.rows("SELECT action, content FROM case_asked WHERE case_id = \(id) ORDER BY asked_at, action") {
            (action: try $0["action"], answers: try $0["content"])
        }
    }

    /// Values that rooms worked out, by field.
    public static func own(of id: ID<CaseFile>, _ tx: Tx) throws -> [String: JSONValue] {
        let rows = try tx.rows(
            "SELECT field, content FROM case_value WHERE case_id = \(id) AND is_own = \(true) ORDER BY field"
        ) { (try $0["field"] as String, try $0["content"] as JSONValue) }
        return Dictionary(rows, uniquingKeysWith: { _, last in last })
    }

    /// Everything known of a case as one object: the answers, over them what was asked under the same names, over all
    /// what rooms worked out; what was asked is also there as `action.field`. Sealed answers stay sealed.
    public static func all(of id: ID<CaseFile>, _ tx: Tx) throws -> JSONValue {
        var values = try CaseStore.answers(id, tx).content.object ?? [:]
        for (action, answers) in try asked(of: id, tx) {
            for (name, value) in answers.object ?? [:] {
                values["\(action).\(name)"] = value
                if value != .null { values[name] = value }
            }
        }
        values.merge(try own(of: id, tx)) { _, own in own }
        return .object(values)
    }

    /// The shown values of some cases, by case and field; one query.
    public static func shown(of ids: [ID<CaseFile>], _ tx: Tx) throws -> [ID<CaseFile>: [String: JSONValue]] {
        guard !ids.isEmpty else { return [:] }
        let rows = try tx.rows("SELECT case_id, field, content FROM case_value WHERE case_id IN \(list: ids)") {
            (try $0["case_id"] as ID<CaseFile>, try $0["field"] as String, try $0["content"] as JSONValue)
        }
        var values: [ID<CaseFile>: [String: JSONValue]] = [:]
        for (id, field, content) in rows { values[id, default: [:]][field] = content }
        return values
    }
}
