import CPostgres
import Foundation
import GRDBSQLite
import Store

/// Durable single-row transactions a second: the bare C libraries, one writer through Store, 64 writers at once.
@main
struct StoreBench {
    static let rounds = 5
    static let perRound = 200

    static func main() async throws {
        let folder = NSTemporaryDirectory() + "kechuang-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        show(
            "SQLite", try await measure("sqlite:\(folder)/store.sqlite", BareSQLite("\(folder)/bare.sqlite")), goal64: 5
        )
        if let address = ProcessInfo.processInfo.environment["KECHUANG_TEST_PG"] {
            show("PostgreSQL", try await measure(address, BarePostgres(address)), goal64: nil)
        }
    }

    struct Result {
        var bare: [Double] = []
        var store: [Double] = []
        var many: [Double] = []
    }

    static func measure(_ address: String, _ bare: any BareWriter) async throws -> Result {
        let db = try Database.open(address, DatabaseOptions(connections: 16, waitSeconds: 60))
        try await db.write { tx in
            _ = try tx.run("DROP TABLE IF EXISTS bench_store")
            _ = try tx.run("CREATE TABLE bench_store (id BIGINT PRIMARY KEY, note TEXT NOT NULL)")
        }
        var next = 0
        var result = Result()
        for round in 0...rounds {
            // The first round warms up; peers take turns, so that a noisy disk hurts both.
            let first = next
            next += perRound * 2 + 64 * 25
            let bareRate = try rate(perRound) { for index in 0..<perRound { try bare.write(first + index) } }
            let storeRate = try await rateAsync(perRound) {
                for index in 0..<perRound { try await insert(first + index, db) }
            }
            let manyRate = try await rateAsync(64 * 25) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<64 {
                        group.addTask {
                            for index in 0..<25 { try await insert(first + perRound + writer * 25 + index, db) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            if round > 0 {
                result.bare.append(bareRate)
                result.store.append(storeRate)
                result.many.append(manyRate)
            }
        }
        return result
    }

    static func insert(_ id: Int, _ db: Database) async throws {
        try await db.write { tx in
            _ = try tx.run("INSERT INTO bench_store (id, note) VALUES (\(id), \("note \(id)"))")
        }
    }

    static func rate(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        return Double(count) / seconds(start)
    }

    static func rateAsync(_ count: Int, _ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double(count) / seconds(start)
    }

    static func seconds(_ start: ContinuousClock.Instant) -> Double {
        let spent = start.duration(to: .now).components
        return Double(spent.seconds) + Double(spent.attoseconds) / 1e18
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    static func show(_ name: String, _ result: Result, goal64: Double?) {
        let (bare, store, many) = (median(result.bare), median(result.store), median(result.many))
        func line(_ what: String, _ value: Double, _ peer: Double, _ goal: Double?) {
            let ratio = value / peer
            let verdict = goal.map { ratio >= $0 ? "ok (≥ \($0))" : "MISSED (≥ \($0))" } ?? ""
            print("\(name)  \(what)  \(Int(value))/s  ratio \((ratio * 100).rounded() / 100)  \(verdict)")
        }
        line("bare C library, 1 writer ", bare, bare, nil)
        line("Store, 1 writer          ", store, bare, 0.7)
        line("Store, 64 writers        ", many, store, goal64)
    }
}

/// The C library without anything round it.
protocol BareWriter {
    func write(_ id: Int) throws
}

struct BenchError: Error {}

final class BareSQLite: BareWriter {
    private var db: OpaquePointer?
    private var statement: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &db) == SQLITE_OK else { throw BenchError() }
        for text in [
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            "CREATE TABLE bench (id INTEGER PRIMARY KEY, note TEXT NOT NULL)",
        ] {
            guard sqlite3_exec(db, text, nil, nil, nil) == SQLITE_OK else { throw BenchError() }
        }
        guard sqlite3_prepare_v2(db, "INSERT INTO bench (id, note) VALUES (?, ?)", -1, &statement, nil) == SQLITE_OK
        else {
            throw BenchError()
        }
    }

    func write(_ id: Int) throws {
        let note = "note \(id)"
        sqlite3_exec(db, "BEGIN IMMEDIATE", nil, nil, nil)
        sqlite3_bind_int64(statement, 1, Int64(id))
        note.withCString { text in
            _ = sqlite3_bind_text(statement, 2, text, -1, nil)
            _ = sqlite3_step(statement)
        }
        sqlite3_reset(statement)
        guard sqlite3_exec(db, "COMMIT", nil, nil, nil) == SQLITE_OK else { throw BenchError() }
    }
}

final class BarePostgres: BareWriter {
    private let connection: OpaquePointer?

    init(_ address: String) throws {
        connection = PQconnectdb(address)
        for text in [
            "DROP TABLE IF EXISTS bench_bare", "CREATE TABLE bench_bare (id BIGINT PRIMARY KEY, note TEXT NOT NULL)",
            "PREPARE bench (BIGINT, TEXT) AS INSERT INTO bench_bare (id, note) VALUES ($1, $2)",
        ] { try run(text) }
    }

    private func run(_ text: String) throws {
        let result = PQexec(connection, text)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw BenchError() }
    }

    func write(_ id: Int) throws {
        try run("BEGIN ISOLATION LEVEL SERIALIZABLE")
        try run("EXECUTE bench(\(id), 'note \(id)')")
        try run("COMMIT")
    }
}
