internal import Foundation
public import Store

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
        outcome.values += try await resealAnswers()
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
                try tx.forEach("SELECT \(name) AS held FROM \(table) WHERE \(column.isSealed)") { row in
                    let key = try column.bytes(in: row, "held").flatMap { vault.keyName(of: $0) }
                    found[key ?? "", default: 0] += 1
                }
                return found
            }
            census.merge(part) { $0 + $1 }
        }
        var after: ID<CaseFile>? = ID("")
        while let edge = after {
            let (vault, batch) = (vault, batch)
            let (page, part) = try await db.read { tx -> ([ID<CaseFile>], [String: Int]) in
                var found: [String: Int] = [:]
                let page = try SealedAnswers.page(after: edge, limit: batch, tx)
                for item in page {
                    _ = try SealedAnswers.mapped(item.content) { sealed in
                        found[vault.keyName(of: sealed) ?? "", default: 0] += 1
                        return sealed
                    }
                }
                return (page.map(\.id), found)
            }
            census.merge(part) { $0 + $1 }
            after = page.count < batch ? nil : page.last
        }
        return census
    }

    private func resealAnswers() async throws -> Int {
        var changed = 0
        var after: ID<CaseFile>? = ID("")
        while let edge = after {
            let (vault, batch) = (vault, batch)
            let step = try await db.write { tx -> (changed: Int, last: ID<CaseFile>?) in
                let page = try SealedAnswers.page(after: edge, limit: batch, tx)
                var changed = 0
                for item in page {
                    let content = try SealedAnswers.mapped(item.content) { sealed in
                        vault.isCurrent(sealed) ? sealed : try vault.seal(bytes: try vault.open(bytes: sealed))
                    }
                    guard content != item.content else { continue }
                    changed += try SealedAnswers.save(content, over: item.content, of: item.id, tx)
                }
                return (changed, page.count < batch ? nil : page.last?.id)
            }
            changed += step.changed
            after = step.last
        }
        return changed
    }

    /// Texts that lie in the clear still are left to ``Sealing``, which knows when they may be sealed.
    private func reseal(_ column: SealedColumn, after edge: String) async throws -> (changed: Int, last: String?) {
        let (table, key) = (SQL(unchecked: column.table), SQL(unchecked: column.key))
        let name = SQL(unchecked: column.column)
        let (vault, batch) = (vault, batch)
        return try await db.write { tx in
            let rows = try tx.rows(
                """
                SELECT \(key), \(name) FROM \(table) WHERE \(key) > \(edge) AND \(column.isFilled)
                ORDER BY \(key) LIMIT \(batch)
                """)
            var changed = 0
            for row in rows {
                let id: String = try row[column.key]
                func put(_ new: some SQLConvertible, over old: some SQLConvertible) throws {
                    changed += try tx.run(
                        "UPDATE \(table) SET \(name) = \(new) WHERE \(key) = \(id) AND \(name) = \(old)")
                }
                switch column.storage {
                case .bytes:
                    let old: [UInt8] = try row[column.column]
                    guard !vault.isCurrent(old) else { continue }
                    try put(try vault.seal(bytes: try vault.open(bytes: old)), over: old)
                case .text:
                    let old: SealedText = try row[column.column]
                    guard old.bytes != nil, let new = try old.renewed(by: vault) else { continue }
                    try put(new, over: old)
                }
            }
            return (changed, rows.count < batch ? nil : try rows.last.map { try $0[column.key] as String })
        }
    }
}
