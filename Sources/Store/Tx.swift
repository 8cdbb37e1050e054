internal import GRDB

/// One transaction: the only way to speak to the database. It lives as long as the closure that got it.
public struct Tx {
    enum Link {
        case sqlite(GRDB.Database)
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

    /// Runs a statement and says how many rows it changed.
    @discardableResult
    public func run(_ sql: SQL) throws -> Int {
        switch link {
        case .postgres(let connection): return try connection.run(sql)
        case .sqlite(let db):
            QueryCounter.current?.add()
            let (text, values) = sql.rendered(for: .sqlite)
            return try SQLiteErrors.translated {
                let statement = try db.cachedStatement(sql: text)
                statement.arguments = StatementArguments(values.map(\.databaseValue))
                try statement.execute()
                return db.changesCount
            }
        }
    }

    /// Walks through the rows of an answer without holding them all. The body sends no other statement meanwhile.
    public func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        switch link {
        case .postgres(let connection): try connection.forEach(sql, body)
        case .sqlite(let db):
            QueryCounter.current?.add()
            let (text, values) = sql.rendered(for: .sqlite)
            try SQLiteErrors.translated {
                let statement = try db.cachedStatement(sql: text)
                let cursor = try GRDB.Row.fetchCursor(
                    statement, arguments: StatementArguments(values.map(\.databaseValue)))
                var columns: [String: Int]?
                while let row = try cursor.next() {
                    let names =
                        columns
                        ?? Dictionary(
                            row.columnNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
                    columns = names
                    try body(Row(columns: names, values: row.databaseValues.map(SQLValue.init)))
                }
            }
        }
    }
}
