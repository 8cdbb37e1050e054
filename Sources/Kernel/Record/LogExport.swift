public import Store

/// The record as outsiders get it: JSON lines, first what it is, then every leaf with its index and, after the leaf at
/// which each was made, the checkpoints. It ends with the newest checkpoint.
public enum LogExport {
    private static let block = 2_000

    /// Writes the whole log, or its leaves from an index on.
    /// - Parameter write: takes some whole lines at a time.
    public static func write(
        _ db: Database, from start: Int = 0, _ write: (String) async throws -> Void
    ) async throws {
        let (origin, end) = try await db.read { tx in
            (try RecordStore.origin(tx) ?? "", try RecordStore.latest(tx)?.size ?? 0)
        }
        let head: JSONValue = ["format": .string(LogVerifier.format), "origin": .string(origin)]
        if start == 0 { try await write(head.canonicalText + "\n") }
        var next = start
        while next < end {
            let from = next
            let (leaves, checkpoints) = try await db.read { tx in
                let leaves = try Record.leaves(from: from, below: end, limit: block, tx)
                let last = leaves.last?.index ?? end
                return (
                    leaves,
                    try tx.rows(
                        "SELECT * FROM record_checkpoint WHERE size > \(from) AND size <= \(last + 1) ORDER BY size",
                        StoredCheckpoint.init(row:))
                )
            }
            guard let last = leaves.last else { return }
            var lines = ""
            var due = checkpoints[...]
            for leaf in leaves {
                lines += "{\"index\":\(leaf.index),\"leaf\":\(leaf.text)}\n"
                while let checkpoint = due.first, checkpoint.size == leaf.index + 1 {
                    lines += (["checkpoint": .string(checkpoint.note)] as JSONValue).canonicalText + "\n"
                    due.removeFirst()
                }
            }
            try await write(lines)
            next = last.index + 1
        }
    }
}
