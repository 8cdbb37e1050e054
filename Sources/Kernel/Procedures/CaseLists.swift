public import Store

/// Which cases of a procedure a list shows.
public struct CaseFilter: Hashable, Sendable {
    public var procedure: String
    public var step: String?
    /// Shown fields and the values that they must have.
    public var fields: [String: String]
    /// Only cases of this division.
    public var division: String?
    /// Only cases that officers of this division may see.
    public var viewer: String?
    /// Whether a case that names no divisions is for its own alone.
    public var isConfidential = false

    public init(_ procedure: String, step: String? = nil, fields: [String: String] = [:], division: String? = nil) {
        self.procedure = procedure
        self.step = step
        self.fields = fields
        self.division = division
    }
}

/// A case with its shown values.
public struct CaseLine: Codable, Sendable {
    public let file: CaseFile
    public let values: [String: JSONValue]
}

/// How many cases of a procedure stand at a step.
public struct CaseCount: Codable, Hashable, Sendable {
    public let procedure: String
    public let step: String
    public let count: Int
    /// Of these, how many are past their day.
    public let late: Int
}

/// Lists and counts of cases by procedure.
public enum CaseLists {
    /// A page, newest first, before a case; two queries, each served by an index.
    public static func list(
        _ filter: CaseFilter, before: ID<CaseFile>? = nil, limit: Int, _ tx: Tx
    ) throws -> [CaseLine] {
        var conditions: [SQL] = []
        var source: SQL = "case_file f"
        var order: SQL = "f.id"
        var fields = filter.fields.sorted { $0.key < $1.key }
        if let (field, value) = fields.first {
            // The first filter leads: its index has the cases in the order of the list.
            fields.removeFirst()
            source = "case_value d JOIN case_file f ON f.id = d.case_id"
            order = "d.case_id"
            conditions += [
                "d.procedure = \(filter.procedure)", "d.field = \(field)", "d.value = \(value)",
            ]
        } else {
            conditions.append("f.procedure = \(filter.procedure)")
        }
        if let step = filter.step { conditions.append("f.step = \(step)") }
        if let division = filter.division { conditions.append("f.division = \(division)") }
        if let viewer = filter.viewer {
            let own: SQL =
                filter.isConfidential ? "f.audience IS NULL AND f.division = \(viewer)" : "f.audience IS NULL"
            conditions.append("(\(own) OR ' ' || f.audience || ' ' LIKE \("% \(viewer) %"))")
        }
        if let before { conditions.append("\(order) < \(before)") }
        for (field, value) in fields {
            conditions.append(
                """
                EXISTS (SELECT 1 FROM case_value v WHERE v.case_id = f.id AND v.field = \(field) AND v.value = \(value))
                """)
        }
        let files = try tx.rows(
            """
            SELECT f.* FROM \(source) WHERE \(SQL.join(conditions, separator: " AND "))
            ORDER BY \(order) DESC LIMIT \(limit)
            """, CaseFile.init(row:))
        let values = try CaseValues.shown(of: files.map(\.id), tx)
        return files.map { CaseLine(file: $0, values: values[$0.id] ?? [:]) }
    }

    /// Counts of cases that are not over, by procedure and step; served by an index that holds no others.
    public static func open(_ procedures: [String], on day: Day, _ tx: Tx) throws -> [CaseCount] {
        guard !procedures.isEmpty else { return [] }
        return try tx.rows(
            """
            SELECT procedure, step, COUNT(*) AS total,
                CAST(SUM(CASE WHEN due_key < \(day.description) THEN 1 ELSE 0 END) AS BIGINT) AS late
            FROM case_file WHERE holder <> 'nobody' AND procedure IN \(list: procedures)
            GROUP BY procedure, step ORDER BY procedure, step
            """
        ) { row in
            CaseCount(
                procedure: try row["procedure"], step: try row["step"], count: try row["total"], late: try row["late"])
        }
    }

    /// How many cases were opened in each span between two instants, in order.
    public static func opened(_ procedures: [String], between edges: [Instant], _ tx: Tx) throws -> [Int] {
        guard !procedures.isEmpty, edges.count > 1 else { return [] }
        let counts = edges.indices.dropLast().map { index -> SQL in
            """
            (SELECT COUNT(*) FROM case_file WHERE procedure IN \(list: procedures)
                AND opened_at >= \(edges[index]) AND opened_at < \(edges[index + 1]))
                AS s\(SQL(unchecked: String(index)))
            """
        }
        return try tx.first("SELECT \(SQL.join(counts, separator: ", "))") { row in
            try counts.indices.map { try row["s\($0)"] as Int }
        } ?? []
    }
}
