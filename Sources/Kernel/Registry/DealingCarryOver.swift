public import Store

extension Dealings {
    private static let carriedOver = "done"

    /// Keeps what a room knew before dealings were kept; once, whatever the number of processes. It is gone through in
    /// blocks, each a transaction of its own that also keeps where it ended: one that fails is tried again with the
    /// next run, and those before it are not.
    /// - Parameters:
    ///   - name: the setting under which the room keeps how far it has come.
    ///   - keep: keeps the block after an identity (at first an empty text), in the order of identities.
    ///     - Returns: the last identity of the block; nil where none was left.
    public static func carryOver(
        _ name: String, in db: Database, _ keep: @escaping @Sendable (_ after: String, _ tx: Tx) throws -> String?
    ) async throws {
        while try await db.read({ tx in try Settings.get(name, tx) }) != carriedOver {
            try await db.write { tx in
                let reached = try Settings.get(name, tx) ?? ""
                guard reached != carriedOver else { return }
                try Settings.set(name, try keep(reached, tx) ?? carriedOver, tx)
            }
        }
    }
}
