import Store

/// The answers of a case as they lie there, and what its form hangs on.
struct KeptAnswers: Sendable {
    let id: ID<CaseFile>
    let procedure: String
    let version: Int
    let content: JSONValue

    init(row: Row) throws {
        id = try row["case_id"]
        procedure = try row["procedure"]
        version = try row["version"]
        content = try row["content"]
    }

    /// Some of those that hold something sealed, in the order of their cases.
    /// - Parameter condition: over `case_file` as `c`.
    static func sealed(where condition: SQL, limit: Int, _ tx: Tx) throws -> [KeptAnswers] {
        try tx.rows(
            """
            SELECT a.case_id, c.procedure, c.version, a.content FROM case_file c
            JOIN case_answers a ON a.case_id = c.id
            WHERE (\(condition)) AND a.content LIKE '%"sealed"%' ORDER BY c.id LIMIT \(limit)
            """, KeptAnswers.init(row:))
    }
}

extension Procedures {
    /// The forms that cases fill in; those of a version that this house does not know have none.
    func forms(of cases: [KeptAnswers], _ tx: Tx) throws -> [ID<CaseFile>: Form] {
        var found: [ID<CaseFile>: Form] = [:]
        for (procedure, find) in hooks.forms {
            let ids = cases.filter { $0.procedure == procedure }.map(\.id)
            if !ids.isEmpty { found.merge(try find(ids, tx)) { first, _ in first } }
        }
        for item in cases where hooks.forms[item.procedure] == nil {
            guard let definition = byKey["\(item.procedure)/\(item.version)"] else { continue }
            found[item.id] = definition.form ?? Form(sections: [])
        }
        return found
    }

    /// SQL of the moment since which nobody needs the telephones and mail addresses in the answers of a case, over the
    /// columns of `case_file` as `c`; null while they are needed: while the case goes on, and as its room says.
    var contactEnd: SQL {
        let own = hooks.contactEnds.sorted { $0.key < $1.key }.map { procedure, end -> SQL in
            "WHEN c.procedure = \(procedure) THEN (\(end))"
        }
        return "CASE WHEN c.holder <> 'nobody' THEN NULL \(SQL.join(own, separator: " ")) ELSE c.step_since END"
    }
}
