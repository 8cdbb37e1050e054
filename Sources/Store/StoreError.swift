/// The ways in which a database can fail.
public enum StoreError: Error, Sendable, Hashable {
    /// A unique constraint, by its name on both engines: `table_columns_key`, or `table_pkey` for a primary key.
    case unique(String)
    /// A row points to nothing, or something still points to it; SQLite does not say which constraint.
    case foreignKey(String)
    /// A check, by its name.
    case check(String)
    /// A column that must be filled: `table.column`.
    case notNull(String)
    /// Another writer holds the database longer than the wait time.
    case busy
    /// The transaction lost against others more often than it may be run again.
    case serialization
    case connectionLost(String)
    /// The connection was lost while a transaction was being kept: nobody knows whether it was.
    case outcomeUnknown(String)
    /// The disk has no room left.
    case diskFull(String)
    /// The disk cannot be written or read.
    case diskFailed(String)
    /// What lies on the disk is not what was written there.
    case damaged(String)
    /// No connection became free within the wait time, or too many callers wait already.
    case poolExhausted
    /// The database was written by a newer version.
    case newerSchema(String)
    /// A shipped migration was changed.
    case changedMigration(String)
    case cannotOpen(String)
    /// A read, or something that answers a GET, tried to write.
    case writeForbidden
    case decoding(column: String, reason: String)
    case sql(String)
    /// A program that the database brings, such as pg_dump, failed.
    case program(String)
    /// A place that has to be empty is not.
    case notEmpty(String)
}

extension StoreError: CustomStringConvertible {
    /// One line for logs and for whoever starts the program.
    public var description: String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private var text: String {
        switch self {
        case .unique(let name): "there is such a row already (\(name))"
        case .foreignKey(let name): "a row that is pointed to is missing or still needed (\(name))"
        case .check(let name): "a value is outside of what its column allows (\(name))"
        case .notNull(let name): "a value is missing (\(name))"
        case .busy: "another writer holds the database for too long"
        case .serialization: "the transaction lost against others too often"
        case .connectionLost(let reason): "the connection to the database was lost: \(reason)"
        case .outcomeUnknown(let reason):
            "the connection to the database was lost; it is not known whether the last transaction was kept: \(reason)"
        case .diskFull(let reason): "the disk of the database is full: \(reason)"
        case .diskFailed(let reason): "the disk of the database cannot be used: \(reason)"
        case .damaged(let reason): "the database is damaged; restore it from a backup: \(reason)"
        case .poolExhausted: "no connection to the database became free in time"
        case .newerSchema(let id): "the database was written by a newer version of this program (it knows step \(id))"
        case .changedMigration(let id): "the step \(id) of the schema was changed after it had been shipped"
        case .cannotOpen(let reason): "the database cannot be opened: \(reason)"
        case .writeForbidden: "something that only reads tried to write"
        case .decoding(let column, let reason): "column \(column) cannot be read: \(reason)"
        case .sql(let message): "the database refused a statement: \(message)"
        case .program(let message): "a program of the database failed: \(message)"
        case .notEmpty(let place): "\(place) is not empty"
        }
    }
}
