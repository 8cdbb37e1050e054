public import Store

/// A file that belongs to a case.
public struct Document: Codable, Hashable, Sendable {
    public let id: ID<Document>
    public let caseID: ID<CaseFile>
    /// The form field, or a word for what it is.
    public let field: String
    public let name: String
    public let size: Int
    public let hash: String
    public let type: String
    public let uploadedBy: String
    public let uploadedAt: Instant
    /// Whether the bytes are sealed on disk; such a file is shown by need and each look is logged.
    public let isSealed: Bool

    public init(
        id: ID<Document>, caseID: ID<CaseFile>, field: String, name: String, size: Int, hash: String, type: String,
        uploadedBy: String, uploadedAt: Instant, isSealed: Bool = false
    ) {
        self.id = id
        self.caseID = caseID
        self.field = field
        self.name = name
        self.size = size
        self.hash = hash
        self.type = type
        self.uploadedBy = uploadedBy
        self.uploadedAt = uploadedAt
        self.isSealed = isSealed
    }

    init(row: Row) throws {
        id = try row["id"]
        caseID = try row["case_id"]
        field = try row["field"]
        name = try row["name"]
        size = try row["size"]
        hash = try row["hash"]
        type = try row["type"]
        uploadedBy = try row["uploaded_by"]
        uploadedAt = try row["uploaded_at"]
        isSealed = try row["is_sealed"]
    }
}

/// The register of files and letters. Who may see a case may see its files.
public enum DocumentStore {
    /// Bytes of the largest attachment.
    public static let largest = 50 << 20
    /// What an attachment may be, where the form does not say.
    public static let usualTypes = ["application/pdf", "image/png", "image/jpeg"]

    public static let migrations = Migrations(
        room: "documents",
        steps: [
            Migration(
                id: "2026-11-24-documents-files",
                statements: [
                    """
                    CREATE TABLE document (
                        id TEXT PRIMARY KEY, case_id TEXT NOT NULL, field TEXT NOT NULL, name TEXT NOT NULL,
                        size BIGINT NOT NULL, hash TEXT NOT NULL, type TEXT NOT NULL,
                        uploaded_by TEXT NOT NULL, uploaded_at BIGINT NOT NULL, removed_at BIGINT
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX document_case ON document (case_id, field, id)",
                    """
                    CREATE TABLE letter (
                        id TEXT PRIMARY KEY, case_id TEXT NOT NULL, template TEXT NOT NULL, number TEXT NOT NULL,
                        title_zh TEXT NOT NULL, title_en TEXT NOT NULL, body_zh TEXT NOT NULL, body_en TEXT NOT NULL,
                        check_code TEXT NOT NULL, hash TEXT NOT NULL, written_at BIGINT NOT NULL,
                        CONSTRAINT letter_check_code_key UNIQUE (check_code),
                        CONSTRAINT letter_number_key UNIQUE (number)
                    ) \(SQL.strict)
                    """,
                    "CREATE INDEX letter_case ON letter (case_id, id)",
                ]),
            Migration(
                id: "2026-11-25-documents-sealed",
                statements: [
                    """
                    ALTER TABLE document ADD COLUMN is_sealed \(SQL.boolean) NOT NULL
                    DEFAULT \(sqlite: "0", postgres: "FALSE")
                    """,
                    "ALTER TABLE document ADD COLUMN erased_at BIGINT",
                    "CREATE INDEX document_sealed ON document (case_id, id) WHERE is_sealed AND erased_at IS NULL",
                    "CREATE INDEX document_hash ON document (hash)",
                    // Files whose bytes nobody may keep any more; emptied after the transaction that says so.
                    "CREATE TABLE file_erased (hash TEXT PRIMARY KEY) \(SQL.strict)",
                ]),
        ])

    /// Registers a file that was kept.
    /// - Throws: ``DocumentError`` where it is empty, too large or of a type that is not taken.
    public static func add(_ document: Document, accepting types: [String]?, _ tx: Tx) throws {
        guard document.size > 0 else { throw DocumentError.empty(field: document.field) }
        guard document.size <= largest else { throw DocumentError.tooLarge(field: document.field, limit: largest) }
        let accepted = types ?? usualTypes
        guard accepted.contains(document.type) else {
            throw DocumentError.wrongType(field: document.field, found: document.type, accepted: accepted)
        }
        try tx.run(
            """
            INSERT INTO document (id, case_id, field, name, size, hash, type, uploaded_by, uploaded_at, is_sealed)
            VALUES (\(document.id), \(document.caseID), \(document.field), \(document.name), \(document.size),
                \(document.hash), \(document.type), \(document.uploadedBy), \(document.uploadedAt),
                \(document.isSealed))
            """)
    }

    public static func find(_ id: ID<Document>, _ tx: Tx) throws -> Document? {
        try tx.first("SELECT * FROM document WHERE id = \(id) AND removed_at IS NULL", Document.init(row:))
    }

    /// The files of a case in the order of their fields.
    public static func list(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [Document] {
        try tx.rows(
            "SELECT * FROM document WHERE case_id = \(caseID) AND removed_at IS NULL ORDER BY field, id",
            Document.init(row:))
    }

    /// How many files each field of a case holds.
    public static func counts(of caseID: ID<CaseFile>, _ tx: Tx) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for document in try list(of: caseID, tx) { counts[document.field, default: 0] += 1 }
        return counts
    }

    /// Takes a file off a case; the register keeps that it was there.
    public static func remove(_ id: ID<Document>, at now: Instant, _ tx: Tx) throws {
        try tx.run("UPDATE document SET removed_at = \(now) WHERE id = \(id)")
    }
}
