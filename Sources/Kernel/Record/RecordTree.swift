public import Proof
public import Store

/// A leaf of the record.
public struct RecordLeaf: Sendable, Hashable {
    /// Counted from 0.
    public let index: Int
    public let event: String
    /// The canonical JSON that is hashed.
    public let text: String
    let salt: String
    let isPublic: Bool

    public var hash: TreeHash { TreeHash.leaf(text.utf8) }

    init(row: Row) throws {
        index = try row["position"]
        event = try row["event"]
        text = try row["leaf"]
        salt = try row["salt"]
        isPublic = try row["is_public"]
    }
}

extension Record {
    static let sequencerLock = LockKey("record.sequencer")

    /// Gives waiting events their places in the one order of the house and grows the tree by them. Of several server
    /// processes one works at a time; the others find nothing left to do.
    /// - Returns: how many events were placed.
    @discardableResult
    public static func sequence(in db: Database, limit: Int = 1_000) async throws -> Int {
        try await db.write(locking: [sequencerLock]) { tx in try place(limit, tx) }
    }

    static func place(_ limit: Int, _ tx: Tx) throws -> Int {
        let waiting = try tx.rows(
            """
            SELECT w.place, w.salt, w.is_public, e.* FROM record_waiting w JOIN event e ON e.id = w.event
            ORDER BY w.place, w.event LIMIT \(limit)
            """
        ) { row in
            (
                place: try row["place"] as Int64, salt: try row["salt"] as String,
                isPublic: try row["is_public"] as Bool, event: try StoredEvent(row: row)
            )
        }
        guard let last = waiting.last else { return 0 }
        let size = try size(tx)
        guard var tree = TileGrowth(size: size, tiles: try tiles(TileGrowth.edge(of: size), tx)) else {
            throw RecordError.damagedTree
        }
        var rows: [SQL] = []
        for item in waiting {
            guard let salt = Hex.bytes(item.salt) else { throw RecordError.damagedTree }
            let leaf = SealedEvent(event: item.event, salt: salt).leaf(isPublic: item.isPublic).canonicalText
            rows.append("(\(tree.size), \(item.event.id), \(item.salt), \(item.isPublic), \(leaf))")
            tree.append(TreeHash.leaf(leaf.utf8))
        }
        try tx.run(
            """
            INSERT INTO record_leaf (position, event, salt, is_public, leaf) VALUES \(SQL.join(rows, separator: ", "))
            """)
        try keep(tree.changes, tx)
        // The very rows that were read: the transaction sees no others up to the last of them.
        try tx.run("DELETE FROM record_waiting WHERE (place, event) <= (\(last.place), \(last.event.id))")
        return waiting.count
    }

    /// Stores tiles, new or longer than before.
    package static func keep(_ tiles: [TilePlace: [TreeHash]], _ tx: Tx) throws {
        let rows = tiles.sorted { $0.key < $1.key }.map { place, hashes -> SQL in
            "(\(place.level), \(place.number), \(TreeHash.joined(hashes)))"
        }
        for block in stride(from: 0, to: rows.count, by: 500) {
            let part = Array(rows[block..<min(block + 500, rows.count)])
            try tx.run(
                """
                INSERT INTO record_tile (level, number, hashes) VALUES \(SQL.join(part, separator: ", "))
                ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes
                """)
        }
    }

    /// Leaves of the tree.
    public static func size(_ tx: Tx) throws -> Int {
        try tx.value("SELECT COALESCE(MAX(position) + 1, 0) FROM record_leaf") ?? 0
    }

    /// The leaf at a place; nil beyond the end.
    public static func leaf(at index: Int, _ tx: Tx) throws -> RecordLeaf? {
        try tx.first("SELECT * FROM record_leaf WHERE position = \(index)", RecordLeaf.init(row:))
    }

    /// The leaf of an event; nil as long as it waits for its place.
    public static func leaf(of event: String, _ tx: Tx) throws -> RecordLeaf? {
        try tx.first("SELECT * FROM record_leaf WHERE event = \(event)", RecordLeaf.init(row:))
    }

    /// Leaves in order from a place on.
    public static func leaves(from index: Int, below end: Int, limit: Int, _ tx: Tx) throws -> [RecordLeaf] {
        try tx.rows(
            """
            SELECT * FROM record_leaf WHERE position >= \(index) AND position < \(end) ORDER BY position
            LIMIT \(limit)
            """, RecordLeaf.init(row:))
    }

    /// The root of the first `size` leaves.
    /// - Throws: ``RecordError/beyondEnd(_:)``.
    public static func root(of size: Int, _ tx: Tx) throws -> TreeHash {
        guard size > 0 else { return .empty }
        return try hashes(.root(of: size), within: size, tx)[0]
    }

    /// The audit path of a leaf in the tree of the first `size` leaves.
    /// - Throws: ``RecordError/beyondEnd(_:)``.
    public static func inclusion(of index: Int, in size: Int, _ tx: Tx) throws -> [TreeHash] {
        guard 0 <= index, index < size else { throw RecordError.beyondEnd(size) }
        return try hashes(.inclusion(of: index, in: size), within: size, tx)
    }

    /// The proof that the tree of `new` leaves begins with that of `old` leaves.
    /// - Throws: ``RecordError/beyondEnd(_:)``.
    public static func consistency(from old: Int, to new: Int, _ tx: Tx) throws -> [TreeHash] {
        guard 0 <= old, old <= new else { throw RecordError.beyondEnd(new) }
        return try hashes(.consistency(from: old, to: new), within: new, tx)
    }

    /// Reads the tiles of a plan with one question.
    private static func hashes(_ plan: TreePlan, within size: Int, _ tx: Tx) throws -> [TreeHash] {
        guard let hashes = Tiles(try tiles(Tiles.needed(plan), tx)).hashes(plan) else {
            throw try Record.size(tx) < size ? RecordError.beyondEnd(size) : RecordError.damagedTree
        }
        return hashes
    }

    static func tiles(_ places: [TilePlace], _ tx: Tx) throws -> [TilePlace: [TreeHash]] {
        guard !places.isEmpty else { return [:] }
        let conditions = places.map { place -> SQL in "(level = \(place.level) AND number = \(place.number))" }
        var found: [TilePlace: [TreeHash]] = [:]
        try tx.forEach("SELECT * FROM record_tile WHERE \(SQL.join(conditions, separator: " OR "))") { row in
            guard let hashes = TreeHash.split(try row["hashes"]) else { throw RecordError.damagedTree }
            found[TilePlace(level: try row["level"], number: try row["number"])] = hashes
        }
        return found
    }
}

/// Why the record cannot answer.
public enum RecordError: Problem, Hashable {
    /// There are fewer leaves than asked for.
    case beyondEnd(Int)
    /// Stored hashes are missing or do not fit.
    case damagedTree
    case noCheckpoint
    /// The event waits for its place and for a checkpoint that covers it.
    case waiting
    case unknownEvent
    /// A text that should be a checkpoint or a key.
    case malformed(String)
    /// The folder of keys lacks the one that signs now.
    case keyMissing(Int)
    case keyFile(String)
    case unreadable(String)
    /// A file that should be JSON.
    case noJSON(String, JSONProblem)

    public var kind: ProblemKind {
        switch self {
        case .beyondEnd, .noCheckpoint, .unknownEvent: .notFound
        case .waiting: .busy
        case .malformed, .unreadable, .noJSON: .invalid
        case .damagedTree, .keyMissing, .keyFile: .broken
        }
    }

    public var code: String {
        switch self {
        case .beyondEnd: "record.beyond-end"
        case .damagedTree: "record.damaged-tree"
        case .noCheckpoint: "record.no-checkpoint"
        case .waiting: "record.waiting"
        case .unknownEvent: "record.unknown-event"
        case .malformed: "record.malformed"
        case .keyMissing: "record.key-missing"
        case .keyFile: "record.key-file"
        case .unreadable: "record.unreadable"
        case .noJSON: "record.json"
        }
    }

    public var message: Bilingual {
        switch self {
        case .beyondEnd(let size):
            Bilingual("存证日志还没有 \(size) 条。", "The record does not reach to \(counted(size, "leaf", "leaves")) yet.")
        case .damagedTree:
            Bilingual("存证树的存储与大小不符，请核查数据库。", "The stored tree does not fit its size; check the database.")
        case .noCheckpoint: Bilingual("没有这个检查点。", "There is no such checkpoint.")
        case .waiting:
            Bilingual(
                "该事项正在写入存证日志，通常一分钟内完成，请稍后再看。", "It is being entered in the record, which takes a minute; look again.")
        case .unknownEvent: Bilingual("没有这条记录，或您无权查看。", "There is no such event, or it is not yours to see.")
        case .malformed(let reason):
            Bilingual("内容无法作为检查点读取：\(reason)。", "This cannot be read as a checkpoint: \(reason).")
        case .keyMissing(let number):
            Bilingual("数据目录中没有第 \(number) 号签名密钥。", "The data folder lacks signing key number \(number).")
        case .unreadable(let path): Bilingual("无法读取文件 \(path)。", "The file \(path) cannot be read.")
        case .noJSON(let path, let problem):
            Bilingual(
                "文件 \(path) 不是 JSON：第 \(problem.offset) 字节处\(problem.reason.zh)。",
                "The file \(path) is no JSON: at byte \(problem.offset), \(problem.reason.en).")
        case .keyFile(let path): Bilingual("密钥文件 \(path) 无法读写。", "Key file \(path) cannot be read or written.")
        }
    }

    public var fields: [FieldProblem] {
        guard case .malformed = self else { return [] }
        return [FieldProblem(field: "checkpoint", code: code, message: message)]
    }

    public var retryAfter: Int? { self == .waiting ? 60 : nil }
}
