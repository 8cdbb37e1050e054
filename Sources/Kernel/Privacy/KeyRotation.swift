internal import Foundation
public import Store

/// A column that holds sealed bytes, so that they can be sealed anew when the key changes.
public struct SealedColumn: Hashable, Sendable {
    public let table: String
    /// The column by which rows are walked through: the primary key.
    public let key: String
    public let column: String
    /// The column with the keyed hash of the value, and what stands before the value in it.
    public let mark: String?

    public init(table: String, key: String = "id", column: String, mark: String? = nil) {
        self.table = table
        self.key = key
        self.column = column
        self.mark = mark
    }

    /// Those of the kernel.
    public static let kernel: [SealedColumn] = [
        SealedColumn(table: "person", column: "sealed_number", mark: "number_mark"),
        SealedColumn(table: "personal_content", column: "sealed_value", mark: "mark"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_name"),
        SealedColumn(table: "objection", key: "case_id", column: "sealed_contact"),
    ]
}

/// Seals everything anew with the newest key, in batches, while the house may go on working.
public struct KeyRotation: Sendable {
    let db: Database
    let vault: Vault
    let files: FileStore
    let columns: [SealedColumn]
    var batch = 200

    public init(db: Database, vault: Vault, files: FileStore, columns: [SealedColumn]) {
        self.db = db
        self.vault = vault
        self.files = files
        self.columns = columns
    }

    /// What a rotation did.
    public struct Outcome: Hashable, Sendable {
        public var values = 0
        public var files = 0
    }

    /// Walks through all columns and files; running it again finds nothing left to do.
    public func run() async throws -> Outcome {
        var outcome = Outcome()
        for column in columns {
            var after: String? = ""
            while let edge = after {
                let step = try await reseal(column, after: edge)
                outcome.values += step.changed
                after = step.last
            }
        }
        var after: ID<Document>? = ID("")
        while let edge = after {
            let batch = batch
            let papers = try await db.read { tx in
                try tx.rows(
                    """
                    SELECT * FROM document WHERE is_sealed AND erased_at IS NULL AND id > \(edge) ORDER BY id
                    LIMIT \(batch)
                    """, Document.init(row:))
            }
            for paper in papers where try files.reseal(paper.hash, vault) { outcome.files += 1 }
            after = papers.count < batch ? nil : papers.last?.id
        }
        return outcome
    }

    /// How many sealed values each key holds, by its name; those before keys had names count under an empty name.
    public func census() async throws -> [String: Int] {
        var census: [String: Int] = [:]
        for column in columns {
            let (table, name) = (SQL(unchecked: column.table), SQL(unchecked: column.column))
            let vault = vault
            let part = try await db.read { tx -> [String: Int] in
                var found: [String: Int] = [:]
                try tx.forEach("SELECT \(name) AS sealed FROM \(table) WHERE \(name) IS NOT NULL") { row in
                    found[vault.keyName(of: try row["sealed"]) ?? "", default: 0] += 1
                }
                return found
            }
            census.merge(part) { $0 + $1 }
        }
        return census
    }

    private func reseal(_ column: SealedColumn, after edge: String) async throws -> (changed: Int, last: String?) {
        let (table, key) = (SQL(unchecked: column.table), SQL(unchecked: column.key))
        let name = SQL(unchecked: column.column)
        let (vault, batch) = (vault, batch)
        return try await db.write { tx in
            let rows = try tx.rows(
                """
                SELECT * FROM \(table) WHERE \(key) > \(edge) AND \(name) IS NOT NULL ORDER BY \(key) LIMIT \(batch)
                """)
            var changed = 0
            for row in rows {
                let old: [UInt8] = try row[column.column]
                guard !vault.isCurrent(old) else { continue }
                let text = try vault.open(old)
                var sets: [SQL] = ["\(name) = \(try vault.seal(text))"]
                if let mark = column.mark {
                    sets.append("\(SQL(unchecked: mark)) = \(vault.mark(try column.marked(text, row)))")
                }
                let id: String = try row[column.key]
                changed += try tx.run(
                    "UPDATE \(table) SET \(SQL.join(sets, separator: ", ")) WHERE \(key) = \(id) AND \(name) = \(old)")
            }
            return (changed, rows.count < batch ? nil : try rows.last.map { try $0[column.key] as String })
        }
    }
}

extension SealedColumn {
    /// What the mark of a row is made of.
    func marked(_ text: String, _ row: Row) throws -> String {
        guard table == "personal_content" else { return text }
        return "\(try row["kind"] as String):\(text.dropFirst(PersonalContent.saltLength))"
    }
}
