import CPostgres
import Dispatch

/// One connection to PostgreSQL by libpq's blocking calls, on a queue of its own.
///
/// `@unchecked Sendable`: the pointer and the statement cache are touched only on `queue`, one call at a time.
final class PostgresConnection: @unchecked Sendable {
    let queue: DispatchQueue
    private let pointer: OpaquePointer
    private var prepared: [Prepared: String] = [:]
    private var isStreaming = false
    /// The first failure of the running transaction: PostgreSQL refuses everything after it.
    private var failure: StoreError?
    /// The schema changed under a prepared statement.
    private var mustForget = false
    private var mayHoldLocks = false
    /// Sent together with the next statement.
    private var ahead: [Ahead] = []
    /// Whether the running transaction has reached PostgreSQL.
    private(set) var hasBegun = false
    /// Whether a write failed because the server takes none: the connection is then of no use.
    var refusesWrites = false
    private var savepoints = 0
    private var writes = false

    private struct Ahead {
        let sql: SQL
        /// What follows does not depend on it, and is no part of its transaction.
        var endsPart = false
        var isLock = false
        var savepoint: Int?
    }

    /// A statement that is remembered; with parameters of other types it is another one, and so it is in a transaction
    /// that writes, where its plan is made in another way.
    private struct Prepared: Hashable {
        let text: String
        let types: [UInt32]
        let isOfWriter: Bool
    }

    /// Statements that a connection remembers.
    private static let cacheLimit = 1_000
    /// Statements with more parameters are written once and not remembered.
    private static let cachedParameters = 100

    private init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        queue = DispatchQueue(label: "kechuang.postgres")
    }

    deinit { PQfinish(pointer) }

    /// Connects; blocks.
    /// - Throws: ``StoreError/cannotOpen(_:)`` in one line, without the password.
    static func open(_ address: PostgresAddress) throws(StoreError) -> PostgresConnection {
        guard let pointer = address.connect() else { throw .cannotOpen("no memory for a connection") }
        let connection = PostgresConnection(pointer)
        guard PQstatus(pointer) == CONNECTION_OK else { throw .cannotOpen(message(pointer)) }
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        do {
            try connection.command(address.session)
        } catch {
            throw .cannotOpen(message(pointer))
        }
        return connection
    }

    /// Whether the connection can be given to somebody else: alive as far as the library knows, outside of a
    /// transaction, without locks.
    var isUsable: Bool {
        PQstatus(pointer) == CONNECTION_OK && PQtransactionStatus(pointer) == PQTRANS_IDLE
            && PQpipelineStatus(pointer) == PQ_PIPELINE_OFF && !isStreaming && !mayHoldLocks && !refusesWrites
            && !isStandby
    }

    /// Whether the server follows another one, as it said last: it reports when it is promoted.
    var isStandby: Bool {
        PQparameterStatus(pointer, "in_hot_standby").map { String(cString: $0) == "on" } ?? false
    }

    private static func message(_ pointer: OpaquePointer) -> String {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A statement of the store's own, without parameters and answer; it does not count as asked by the caller.
    private func command(_ text: String) throws(StoreError) {
        let result = PQexec(pointer, text)
        defer { PQclear(result) }
        try check(result)
    }

    /// Begins a transaction with the first statement that it has: locks that outlive it, in the order given, the
    /// beginning and the statement travel together. Locks of other schemas are apart.
    ///
    /// Who writes follows an index wherever one leads to the rows. Small tables would be read whole otherwise, all
    /// their rows would count as read, and whoever changes any of them would conflict with this transaction.
    func begin(_ text: String, writes: Bool, locking keys: [LockKey]) throws(StoreError) {
        if mustForget || prepared.count >= PostgresConnection.cacheLimit { try forget() }
        self.writes = writes
        failure = nil
        hasBegun = false
        savepoints = 0
        ahead = []
        if !keys.isEmpty {
            let names = keys.map(\.name).joined(separator: "\n")
            let lock: SQL = """
                SELECT pg_advisory_lock(hashtextextended(COALESCE(current_schema(), '') || '.' || name, 0)) FROM (
                    SELECT name FROM unnest(string_to_array(\(names), chr(10))) WITH ORDINALITY AS key (name, place)
                    ORDER BY place) AS sorted
                """
            // Apart from what follows: taken inside, the transaction would not see what the holder wrote.
            ahead = [Ahead(sql: lock, endsPart: true, isLock: true)]
        }
        ahead.append(Ahead(sql: SQL(unchecked: text)))
        if writes { ahead.append(Ahead(sql: "SET LOCAL enable_seqscan = off")) }
    }

    /// Runs a transaction of one statement, for which ``begin(_:writes:locking:)`` was called: the locks, the
    /// beginning, the statement, its end and the giving back of the locks are one round trip.
    /// - Throws: ``StoreError/outcomeUnknown(_:)`` wherever the connection is lost.
    func alone(_ sql: SQL) throws(StoreError) -> [Row] {
        QueryCounter.current?.add()
        do {
            let result = try sendTogether(try ready(sql), committing: true)
            defer { PQclear(result) }
            try check(result)
            let columns = PostgresValues.columns(result)
            return (0..<PQntuples(result)).map { PostgresValues.row(result, $0, columns) }
        } catch .connectionLost(let reason) {
            throw .outcomeUnknown(reason)
        }
    }

    /// Gives all locks back. Where that fails the connection counts as unusable, and its end frees them.
    func unlock() {
        guard mayHoldLocks else { return }
        do {
            try command("SELECT pg_advisory_unlock_all()")
            mayHoldLocks = false
        } catch {}
    }

    /// - Throws: what made an earlier statement fail, even where the caller went on: PostgreSQL keeps nothing of such
    ///   a transaction and says so only in passing.
    func commit() throws(StoreError) {
        if let failure { throw failure }
        guard hasBegun else { return }
        guard PQtransactionStatus(pointer) != PQTRANS_INERROR else { throw .sql("the transaction had failed already") }
        do {
            // Locks go with the commit, so that whoever waits for them does not wait for another round trip.
            try command(mayHoldLocks ? "COMMIT; SELECT pg_advisory_unlock_all()" : "COMMIT")
            mayHoldLocks = false
        } catch .connectionLost(let reason) {
            throw .outcomeUnknown(reason)
        }
    }

    func rollback() {
        ahead = []
        if hasBegun { try? command("ROLLBACK") }
    }

    /// Runs a body; where it throws, what it wrote is taken back and the transaction goes on as if it had not been.
    func attempt<T>(_ body: () throws -> T) throws -> T {
        if let failure { throw failure }
        savepoints += 1
        let number = savepoints
        ahead.append(Ahead(sql: SQL(unchecked: "SAVEPOINT attempt\(number)"), savepoint: number))
        do {
            let value = try body()
            if let failure { throw failure }
            return value
        } catch {
            if let unsent = ahead.firstIndex(where: { $0.savepoint == number }) {
                ahead.removeSubrange(unsent...)
                if PQtransactionStatus(pointer) != PQTRANS_INERROR { failure = nil }
            } else if PQstatus(pointer) == CONNECTION_OK {
                try command("ROLLBACK TO SAVEPOINT attempt\(number)")
                failure = nil
            }
            throw error
        }
    }

    private func forget() throws(StoreError) {
        try command("DEALLOCATE ALL")
        prepared = [:]
        mustForget = false
    }

    /// Runs a statement and returns the number of rows that it changed.
    func run(_ sql: SQL) throws(StoreError) -> Int {
        QueryCounter.current?.add()
        let result = try execute(sql)
        defer { PQclear(result) }
        return PQcmdTuples(result).map { Int(String(cString: $0)) ?? 0 } ?? 0
    }

    /// All rows of an answer.
    func rows(_ sql: SQL) throws(StoreError) -> [Row] {
        QueryCounter.current?.add()
        let result = try execute(sql)
        defer { PQclear(result) }
        let columns = PostgresValues.columns(result)
        return (0..<PQntuples(result)).map { PostgresValues.row(result, $0, columns) }
    }

    /// Rows one at a time, as they come. The body must not ask this connection for anything else meanwhile.
    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (text, values) = try accept(sql)
        if !ahead.isEmpty { _ = try sendTogether(nil) }
        QueryCounter.current?.add()
        let parameters = PostgresParameters(values)
        let sent = parameters.withPointers { types, pointers, lengths, formats in
            PQsendQueryParams(pointer, text, Int32(values.count), types, pointers, lengths, formats, 0)
        }
        guard sent == 1, PQsetSingleRowMode(pointer) == 1 else { throw lost() }
        isStreaming = true
        var failure: (any Error)?
        var columns: [String: Int]?
        while let result = PQgetResult(pointer) {
            defer { PQclear(result) }
            guard failure == nil else { continue }
            do {
                if PQresultStatus(result) == PGRES_SINGLE_TUPLE {
                    let names = columns ?? PostgresValues.columns(result)
                    columns = names
                    try body(PostgresValues.row(result, 0, names))
                } else {
                    try check(result)
                }
            } catch {
                failure = error
            }
        }
        isStreaming = false
        if let failure { throw failure }
        guard PQstatus(pointer) == CONNECTION_OK else { throw lost() }
    }

    private func accept(_ sql: SQL) throws(StoreError) -> (text: String, values: [SQLValue]) {
        if let failure { throw failure }
        guard !isStreaming else { throw .sql("a second statement while rows are being read") }
        return try sql.bound(for: .postgres)
    }

    private func execute(_ sql: SQL) throws(StoreError) -> OpaquePointer? {
        let statement = try ready(sql)
        let result = ahead.isEmpty ? statement.run(on: pointer) : try sendTogether(statement)
        do {
            try check(result)
        } catch {
            PQclear(result)
            throw error
        }
        return result
    }

    private func ready(_ sql: SQL, isRemembered: Bool = true) throws(StoreError) -> PostgresStatement {
        let (text, values) = try accept(sql)
        let parameters = PostgresParameters(values)
        let isLong = values.count > PostgresConnection.cachedParameters
        let name = isLong || !isRemembered ? nil : try prepare(text, parameters)
        return PostgresStatement(name: name, text: text, parameters: parameters)
    }

    /// Sends what waits to be sent and a statement at once, in one round trip.
    /// - Returns: the answer to the statement, good or bad.
    /// - Throws: where something ahead of it or its commit failed; the statement has then done nothing that is kept.
    private func sendTogether(
        _ statement: PostgresStatement?, committing: Bool = false
    ) throws(StoreError) -> OpaquePointer? {
        let items = ahead
        ahead = []
        var parts: [(statement: PostgresStatement, endsPart: Bool)] = []
        for item in items {
            parts.append((try ready(item.sql, isRemembered: item.savepoint == nil), item.endsPart))
            if item.isLock { mayHoldLocks = true }
        }
        let place = parts.count
        if let statement { parts.append((statement, !committing)) } else { parts[parts.count - 1].endsPart = true }
        if committing {
            parts.append((try ready("COMMIT"), true))
            if mayHoldLocks { parts.append((try ready("SELECT pg_advisory_unlock_all()"), true)) }
        }
        guard PQenterPipelineMode(pointer) == 1 else { throw lost() }
        for part in parts {
            guard part.statement.send(on: pointer), !part.endsPart || PQpipelineSync(pointer) == 1 else { throw lost() }
        }
        var results: [OpaquePointer?] = []
        for part in parts {
            results.append(PQgetResult(pointer))
            // After each answer comes an empty one, after each part the sign that it is over.
            PQclear(PQgetResult(pointer))
            if part.endsPart { PQclear(PQgetResult(pointer)) }
        }
        PQexitPipelineMode(pointer)
        // A connection that is gone by now has done nothing that is kept.
        hasBegun = PQstatus(pointer) == CONNECTION_OK && PQtransactionStatus(pointer) != PQTRANS_IDLE
        let answer = statement == nil ? nil : results.remove(at: place)
        defer { for result in results { PQclear(result) } }
        do {
            for result in results.prefix(place) { try check(result) }
            // What follows a statement that failed was skipped; the caller checks its answer.
            guard isGood(answer) else { return answer }
            for result in results.dropFirst(place) { try check(result) }
        } catch {
            PQclear(answer)
            throw error
        }
        if committing { mayHoldLocks = false }
        return answer
    }

    private func prepare(_ text: String, _ parameters: PostgresParameters) throws(StoreError) -> String {
        let key = Prepared(text: text, types: parameters.types, isOfWriter: writes)
        if let name = prepared[key] { return name }
        // A statement that is wrong fails already here, and must fail inside what it belongs to.
        if hasBegun, !ahead.isEmpty { _ = try sendTogether(nil) }
        let name = "s\(prepared.count)"
        let result = parameters.withPointers { types, _, _, _ in
            PQprepare(pointer, name, text, Int32(parameters.count), types)
        }
        defer { PQclear(result) }
        try check(result)
        prepared[key] = name
        return name
    }

    private func lost() -> StoreError { .connectionLost(PostgresConnection.message(pointer)) }

    private func isGood(_ result: OpaquePointer?) -> Bool {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: true
        default: false
        }
    }

    private func check(_ result: OpaquePointer?) throws(StoreError) {
        guard !isGood(result) else { return }
        let error = error(of: result)
        if failure == nil { failure = error }
        throw error
    }

    private func error(of result: OpaquePointer?) -> StoreError {
        guard PQstatus(pointer) == CONNECTION_OK else { return lost() }
        func field(_ letter: UInt8) -> String? { PQresultErrorField(result, Int32(letter)).map { String(cString: $0) } }
        // What PostgreSQL refuses has a state; without one the library speaks of the connection, which it may not have
        // given up yet when it was in the middle of a pipeline.
        guard let state = field(UInt8(ascii: "C")) else { return lost() }
        // A migration ran meanwhile and changed the answer of a prepared statement: prepared anew, it will do.
        if field(UInt8(ascii: "R")) == "RevalidateCachedQuery" {
            mustForget = true
            return .serialization
        }
        let column = [field(UInt8(ascii: "t")), field(UInt8(ascii: "c"))].compactMap { $0 }.joined(separator: ".")
        return PostgresErrors.error(
            state: state, source: field(UInt8(ascii: "F")), constraint: field(UInt8(ascii: "n")), column: column,
            message: field(UInt8(ascii: "M")) ?? PostgresConnection.message(pointer))
    }
}

/// SQLSTATE codes and what they mean here.
enum PostgresErrors {
    /// Where PostgreSQL speaks of files: a disk that became read-only has the same state as a right that is missing.
    private static let files: Set<String?> = ["md.c", "fd.c", "slru.c", "xlog.c", "copydir.c"]

    /// - Parameter source: the file of PostgreSQL's own source that says so.
    static func error(
        state: String, source: String?, constraint: String?, column: String, message: String
    ) -> StoreError {
        switch state {
        case "23505": .unique(constraint ?? message)
        case "23503": .foreignKey(constraint ?? message)
        case "23514": .check(constraint ?? message)
        // A statement that finds a fault in what it has just written can only divide by zero.
        case "22012": .check("division by zero")
        case "23502": .notNull(column)
        case "40001", "40P01": .serialization
        case "55P03", "57014": .busy
        case "25006": .writeForbidden
        case "57P01", "57P02", "57P03", "08000", "08003", "08006": .connectionLost(message)
        case "53100": .diskFull(message)
        case "58030": .diskFailed(message)
        case "42501" where files.contains(source): .diskFailed(message)
        case "XX001", "XX002": .damaged(message)
        default: .sql(message)
        }
    }
}
