import CPostgres
import Dispatch
internal import Foundation

/// One connection to PostgreSQL by libpq's blocking calls, on a queue of its own.
///
/// `@unchecked Sendable`: the pointer and the statement cache are touched only on `queue`, one call at a time.
final class PostgresConnection: @unchecked Sendable {
    let queue: DispatchQueue
    private let pointer: OpaquePointer
    private var prepared: [String: String] = [:]
    private var isStreaming = false

    /// Statements that a connection remembers.
    private static let cacheLimit = 500
    /// Statements with more parameters are written once and not remembered.
    private static let cachedParameters = 40

    private init(_ pointer: OpaquePointer, _ queue: DispatchQueue) {
        self.pointer = pointer
        self.queue = queue
    }

    deinit { PQfinish(pointer) }

    /// Connects; blocks.
    /// - Throws: ``StoreError/cannotOpen(_:)`` in one line, without the password.
    static func open(_ address: String) throws(StoreError) -> PostgresConnection {
        let queue = DispatchQueue(label: "kechuang.postgres")
        guard let pointer = PQconnectdb(address) else { throw .cannotOpen("no memory for a connection") }
        guard PQstatus(pointer) == CONNECTION_OK else {
            let reason = message(pointer)
            PQfinish(pointer)
            throw .cannotOpen(reason)
        }
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
        let connection = PostgresConnection(pointer, queue)
        do {
            try connection.command("SET client_encoding = 'UTF8'")
            try connection.command("SET standard_conforming_strings = on")
        } catch {
            throw .cannotOpen(message(pointer))
        }
        return connection
    }

    /// Whether the server can still be reached as far as the library knows.
    var isUsable: Bool { PQstatus(pointer) == CONNECTION_OK && !isStreaming }

    private static func message(_ pointer: OpaquePointer) -> String {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A statement without parameters and answer.
    func command(_ text: String) throws(StoreError) {
        QueryCounter.current?.add()
        let result = PQexec(pointer, text)
        defer { PQclear(result) }
        try check(result)
    }

    /// Runs a statement and returns the number of rows that it changed.
    func run(_ sql: SQL) throws(StoreError) -> Int {
        let result = try execute(sql)
        defer { PQclear(result) }
        return PQcmdTuples(result).map { Int(String(cString: $0)) ?? 0 } ?? 0
    }

    /// All rows of an answer.
    func rows(_ sql: SQL) throws(StoreError) -> [Row] {
        let result = try execute(sql)
        defer { PQclear(result) }
        let columns = PostgresValues.columns(result)
        return (0..<PQntuples(result)).map { PostgresValues.row(result, $0, columns) }
    }

    /// Rows one at a time, as they come. The body must not ask this connection for anything else meanwhile.
    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        guard !isStreaming else { throw StoreError.sql("a second statement while rows are being read") }
        QueryCounter.current?.add()
        let (text, values) = sql.rendered(for: .postgres)
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

    private func execute(_ sql: SQL) throws(StoreError) -> OpaquePointer? {
        guard !isStreaming else { throw .sql("a second statement while rows are being read") }
        QueryCounter.current?.add()
        let (text, values) = sql.rendered(for: .postgres)
        let parameters = PostgresParameters(values)
        let result: OpaquePointer?
        if values.count > PostgresConnection.cachedParameters {
            result = parameters.withPointers { types, pointers, lengths, formats in
                PQexecParams(pointer, text, Int32(values.count), types, pointers, lengths, formats, 0)
            }
        } else {
            let name = try prepare(text, parameters)
            result = parameters.withPointers { _, pointers, lengths, formats in
                PQexecPrepared(pointer, name, Int32(values.count), pointers, lengths, formats, 0)
            }
        }
        do {
            try check(result)
        } catch {
            PQclear(result)
            throw error
        }
        return result
    }

    private func prepare(_ text: String, _ parameters: PostgresParameters) throws(StoreError) -> String {
        let key = "\(parameters.signature)|\(text)"
        if let name = prepared[key] { return name }
        if prepared.count >= PostgresConnection.cacheLimit {
            try command("DEALLOCATE ALL")
            prepared = [:]
        }
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

    private func check(_ result: OpaquePointer?) throws(StoreError) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return
        default: break
        }
        guard PQstatus(pointer) == CONNECTION_OK else { throw lost() }
        throw PostgresErrors.error(
            state: PostgresErrors.field(result, UInt8(ascii: "C")),
            constraint: PostgresErrors.field(result, UInt8(ascii: "n")),
            column: PostgresErrors.field(result, UInt8(ascii: "c")),
            message: PostgresErrors.field(result, UInt8(ascii: "M")) ?? PostgresConnection.message(pointer))
    }
}

/// SQLSTATE codes and what they mean here.
enum PostgresErrors {
    /// A field of an error report, by its letter in the protocol: C state, n constraint, c column, M message.
    static func field(_ result: OpaquePointer?, _ code: some BinaryInteger) -> String? {
        PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }

    static func error(state: String?, constraint: String?, column: String?, message: String) -> StoreError {
        switch state ?? "" {
        case "23505": .unique(uniqueName(constraint ?? message))
        case "23503": .foreignKey(constraint ?? message)
        case "23514": .check(constraint ?? message)
        case "23502": .notNull(column ?? message)
        case "40001", "40P01": .serialization
        case "55P03": .busy
        case "57P01", "57P02", "57P03", "08000", "08003", "08006": .connectionLost(message)
        default: .sql(message)
        }
    }

    /// Primary keys have a name of PostgreSQL's own; SQLite names them by their columns, which is told apart upstairs.
    private static func uniqueName(_ name: String) -> String { name }
}
