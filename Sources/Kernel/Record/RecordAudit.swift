import Proof
public import Store

/// Looks at the record from inside: whether events, leaves, stored hashes and checkpoints still say the same.
public enum RecordAudit {
    /// - Returns: what does not hold, at most fifty; empty where all is well.
    public static func faults(_ db: Database) async throws -> [Bilingual] {
        var faults: [Bilingual] = []
        var tree = GrowingTree()
        let (end, checkpoints) = try await db.read { tx in
            (
                try Record.size(tx),
                try tx.rows("SELECT * FROM record_checkpoint ORDER BY size", StoredCheckpoint.init(row:))
            )
        }
        var due = checkpoints[...]
        while tree.size < end, faults.count < 50 {
            let start = tree.size
            let rows = try await db.read { tx in
                try tx.rows(
                    """
                    SELECT l.position AS leaf_position, l.salt, l.is_public, l.leaf, e.*
                    FROM record_leaf l JOIN event e ON e.id = l.event
                    WHERE l.position >= \(start) ORDER BY l.position LIMIT 1000
                    """
                ) { row in
                    Line(
                        index: try row["leaf_position"], salt: try row["salt"], isPublic: try row["is_public"],
                        text: try row["leaf"], event: try StoredEvent(row: row))
                }
            }
            guard !rows.isEmpty else { break }
            for line in rows {
                if line.index != tree.size {
                    return faults + [Bilingual("缺少第 \(tree.size) 条", "leaf \(tree.size) is missing")]
                }
                faults += line.faults
                tree.append(TreeHash.leaf(line.text.utf8))
                while let checkpoint = due.first, checkpoint.size == tree.size {
                    if checkpoint.root != tree.root {
                        faults.append(
                            Bilingual(
                                "与 \(tree.size) 条的检查点不符",
                                "it is not what the checkpoint of \(counted(tree.size, "leaf", "leaves")) says"))
                    }
                    due.removeFirst()
                }
            }
        }
        let (size, root) = (tree.size, tree.root)
        if try await db.read({ tx in try Record.root(of: size, tx) }) != root {
            faults.append(Bilingual("存储的树与条目不符", "the stored tree is not that of the leaves"))
        }
        for checkpoint in due {
            faults.append(
                Bilingual(
                    "检查点有 \(checkpoint.size) 条，多于日志",
                    "a checkpoint counts \(counted(checkpoint.size, "leaf", "leaves")), more than there are"))
        }
        return faults
    }

    private struct Line: Sendable {
        let index: Int
        let salt: String
        let isPublic: Bool
        let text: String
        let event: StoredEvent

        var faults: [Bilingual] {
            var faults: [Bilingual] = []
            if event.hash != event.expectedHash || event.contentHash != event.expectedContentHash {
                faults.append(Bilingual("第 \(index) 条的事件被改动", "the event of leaf \(index) was changed"))
            }
            let leaf = SealedEvent(event: event, salt: Hex.bytes(salt) ?? []).leaf(isPublic: isPublic)
            if leaf.canonicalText != text {
                faults.append(Bilingual("第 \(index) 条与事件不符", "leaf \(index) is not that of its event"))
            }
            return faults
        }
    }
}
