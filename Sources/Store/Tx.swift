internal import GRDB

/// One transaction: the only way to speak to the database. It lives as long as the closure that got it.
public struct Tx {
    enum Link {
        case sqlite(GRDB.Database)
    }

    let link: Link
    public var engine: Engine { .sqlite }

    /// All rows of an answer.
    public func rows(_ sql: SQL) throws -> [Row] {
        var found: [Row] = []
        try forEach(sql) { found.append($0) }
        return found
    }

    /// All rows of an answer, each mapped.
    public func rows<T>(_ sql: SQL, _ map: (Row) throws -> T) throws -> [T] {
        var found: [T] = []
        try forEach(sql) { found.append(try map($0)) }
        return found
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
        let (text, values) = sql.rendered(for: engine)
        switch link {
        case .sqlite(let db):
            return try SQLiteErrors.translated {
                let statement = try db.cachedStatement(sql: text)
                statement.arguments = StatementArguments(values.map(\.databaseValue))
                try statement.execute()
                return db.changesCount
            }
        }
    }

    /// Walks through the rows of an answer without holding them all.
    public func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = sql.rendered(for: engine)
        switch link {
        case .sqlite(let db):
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
