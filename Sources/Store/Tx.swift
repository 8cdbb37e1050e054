/// One transaction: the only way to speak to the database. It lives as long as the closure that got it.
public struct Tx {
    enum Link {
        case sqlite(SQLiteSession)
        case postgres(PostgresConnection)
    }

    let link: Link
    public var engine: Engine {
        switch link {
        case .sqlite: .sqlite
        case .postgres: .postgres
        }
    }

    /// All rows of an answer.
    public func rows(_ sql: SQL) throws -> [Row] {
        if case .postgres(let connection) = link { return try connection.rows(sql) }
        var found: [Row] = []
        try forEach(sql) { found.append($0) }
        return found
    }

    /// All rows of an answer, each mapped.
    public func rows<T>(_ sql: SQL, _ map: (Row) throws -> T) throws -> [T] {
        try rows(sql).map(map)
    }

    /// The first row, if there is one.
    public func first(_ sql: SQL) throws -> Row? { try rows(sql).first }

    /// The first row mapped, if there is one.
    public func first<T>(_ sql: SQL, _ map: (Row) throws -> T) throws -> T? { try first(sql).map(map) }

    /// The first column of the first row; nil where there is no row or it holds null.
    public func value<T: SQLConvertible>(_ sql: SQL) throws -> T? {
        guard let row = try first(sql), let value = row.values.first, value != .null else { return nil }
        return try T(sqlValue: value)
    }

    /// Runs a statement and says how many rows it changed. One that fails spoils its transaction, even where the
    /// caller goes on: no further statement is taken and nothing is kept.
    @discardableResult
    public func run(_ sql: SQL) throws -> Int {
        switch link {
        case .postgres(let connection): return try connection.run(sql)
        case .sqlite(let session): return try session.run(sql)
        }
    }

    /// Runs a part of the transaction; where it throws, what it wrote is taken back, its error is thrown, and the
    /// transaction goes on as if nothing had been tried.
    public func attempt<T>(_ body: () throws -> T) throws -> T {
        switch link {
        case .postgres(let connection): return try connection.attempt(body)
        case .sqlite(let session): return try session.attempt(body)
        }
    }

    /// Walks through the rows of an answer without holding them all. The body sends no other statement meanwhile.
    public func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        switch link {
        case .postgres(let connection): try connection.forEach(sql, body)
        case .sqlite(let session): try session.forEach(sql, body)
        }
    }
}
