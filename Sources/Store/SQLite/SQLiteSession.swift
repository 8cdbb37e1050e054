internal import GRDB

/// One transaction on SQLite. It keeps to the rules that PostgreSQL sets, so that what works here works there.
final class SQLiteSession {
    private let db: GRDB.Database
    private var isStreaming = false
    /// The first statement that failed: nothing is taken after it.
    private var failure: StoreError?

    private init(_ db: GRDB.Database) { self.db = db }

    /// Runs a body.
    /// - Throws: what the body throws, or what made one of its statements fail although the body went on.
    static func run<T>(_ db: GRDB.Database, _ body: (Tx) throws -> T) throws -> T {
        let session = SQLiteSession(db)
        let value = try body(Tx(link: .sqlite(session)))
        if let failure = session.failure { throw failure }
        return value
    }

    func run(_ sql: SQL) throws -> Int {
        let (text, values) = try accept(sql)
        return try noting {
            let statement = try db.cachedStatement(sql: text)
            statement.arguments = StatementArguments(values.map(\.databaseValue))
            try statement.execute()
            return db.changesCount
        }
    }

    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = try accept(sql)
        isStreaming = true
        defer { isStreaming = false }
        try noting {
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

    /// Runs a body; where it throws, what it wrote is taken back and the session goes on.
    func attempt<T>(_ body: () throws -> T) throws -> T {
        if let failure { throw failure }
        try noting { try db.execute(sql: "SAVEPOINT attempt") }
        do {
            let value = try body()
            if let failure { throw failure }
            try noting { try db.execute(sql: "RELEASE attempt") }
            return value
        } catch {
            // A full disk takes back everything at once: then there is nothing left to go on with.
            guard db.isInsideTransaction else { throw error }
            try noting { try db.execute(sql: "ROLLBACK TO attempt; RELEASE attempt") }
            failure = nil
            throw error
        }
    }

    private func accept(_ sql: SQL) throws(StoreError) -> (text: String, values: [SQLValue]) {
        if let failure { throw failure }
        guard !isStreaming else { throw .sql("a second statement while rows are being read") }
        QueryCounter.current?.add()
        return try sql.bound(for: .sqlite)
    }

    private func noting<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError {
            let typed = SQLiteErrors.translate(error)
            failure = typed
            throw typed
        }
    }
}
