/// The ways in which a database can fail.
public enum StoreError: Error, Sendable, Hashable {
    /// A unique constraint, by its name on both engines: `table_columns_key`.
    case unique(String)
    case foreignKey(String)
    case check(String)
    case notNull(String)
    /// Another writer holds the database longer than the wait time.
    case busy
    /// The transaction lost against others more often than it may be run again.
    case serialization
    case connectionLost(String)
    /// No connection became free within the wait time.
    case poolExhausted
    /// The database was written by a newer version.
    case newerSchema(String)
    /// A shipped migration was changed.
    case changedMigration(String)
    case cannotOpen(String)
    /// Something that answers a GET tried to write.
    case writeForbidden
    case decoding(column: String, reason: String)
    case sql(String)
}
