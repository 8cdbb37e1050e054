public import Proof
public import Store

/// A key of the record.
public struct RecordKey: Sendable, Hashable {
    /// Counted from 1; the highest signs.
    public let number: Int
    public let key: NoteVerifier
    public let madeAt: Instant
    /// The size of the last checkpoint that it signed; nil while it is in use.
    public let lastSize: Int?

    init(row: Row) throws {
        number = try row["number"]
        do {
            key = try NoteVerifier(parsing: try row["key"])
        } catch is NoteError {
            throw RecordError.damagedTree
        }
        madeAt = try row["made_at"]
        lastSize = try row["last_size"]
    }
}

/// Reads keys, checkpoints and conflicts.
public enum RecordStore {
    static let originSetting = "record.origin"

    /// The name of the log; nil before the first key.
    public static func origin(_ tx: Tx) throws -> String? { try Settings.get(originSetting, tx) }

    /// All keys, oldest first.
    public static func keys(_ tx: Tx) throws -> [RecordKey] {
        try tx.rows("SELECT * FROM record_key ORDER BY number", RecordKey.init(row:))
    }

    /// The keys as outsiders keep them.
    public static func published(_ tx: Tx) throws -> LogKeys {
        LogKeys(origin: try origin(tx) ?? "", keys: try keys(tx).map { LogKeys.Entry(key: $0.key, until: $0.lastSize) })
    }

    public static func latest(_ tx: Tx) throws -> StoredCheckpoint? {
        try tx.first("SELECT * FROM record_checkpoint ORDER BY size DESC LIMIT 1", StoredCheckpoint.init(row:))
    }

    /// The checkpoint of exactly a size.
    public static func checkpoint(of size: Int, _ tx: Tx) throws -> StoredCheckpoint? {
        try tx.first("SELECT * FROM record_checkpoint WHERE size = \(size)", StoredCheckpoint.init(row:))
    }

    /// The first checkpoint that covers a leaf.
    public static func checkpoint(covering index: Int, _ tx: Tx) throws -> StoredCheckpoint? {
        try tx.first(
            "SELECT * FROM record_checkpoint WHERE size > \(index) ORDER BY size LIMIT 1", StoredCheckpoint.init(row:))
    }

    /// Whether a signed checkpoint covers an event of a kind about a subject, so that everybody could see it before
    /// whatever is done next.
    public static func isSigned(_ kind: String, about subjectKind: String, _ subject: String, _ tx: Tx) throws -> Bool {
        try tx.first(
            """
            SELECT 1 FROM event e JOIN record_leaf l ON l.event = e.id
            WHERE e.subject_kind = \(subjectKind) AND e.subject = \(subject) AND e.kind = \(kind)
                AND l.position < (SELECT MAX(size) FROM record_checkpoint) LIMIT 1
            """) != nil
    }

    /// Checkpoints, newest first, below a size.
    public static func checkpoints(below size: Int?, limit: Int, _ tx: Tx) throws -> [StoredCheckpoint] {
        try tx.rows(
            "SELECT * FROM record_checkpoint WHERE size < \(size ?? .max) ORDER BY size DESC LIMIT \(limit)",
            StoredCheckpoint.init(row:))
    }

    /// Checkpoints that disagree with the record, newest first.
    public static func conflicts(limit: Int = 50, _ tx: Tx) throws -> [RecordConflict] {
        try tx.rows("SELECT * FROM record_conflict ORDER BY found_at DESC, id LIMIT \(limit)") { row in
            RecordConflict(
                size: try row["size"], ours: try row["ours"], theirs: try row["theirs"], foundAt: try row["found_at"])
        }
    }
}
