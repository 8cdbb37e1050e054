import Foundation
import GRDBSQLite
import Kernel
import Ledger
import Store
import Synchronization

/// One measurement a run, so that `script/bench-ledger` can let rivals take turns.
@main
struct LedgerBench {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "open": try await open(words[1])
        case "rate": try await rate(words[1], workers: Int(words[2]) ?? 1, seconds: Double(words[3]) ?? 4)
        case "bare": try bare(words[1], seconds: Double(words[2]) ?? 4)
        case "fill": try await fill(words[1], Int(words[2]) ?? 1_000_000)
        case "ask": try await ask(words[1])
        case "export": try await export(words[1], words[2])
        default: print("open|rate|bare|fill|ask|export ADDRESS …")
        }
    }

    /// Budgets that all workers draw on, as the branches of TPC-B.
    static let budgets = 10
    static let hot = LedgerAccount.reserve("p0", year: 2026, call: "hot")
    static let origin = PostingOrigin(
        caseID: nil, event: "bench", actor: .system, rules: "bench@1", at: SystemClock().now())

    static func database(_ address: String, _ connections: Int = 4) throws -> Database {
        try Database.open(address, DatabaseOptions(connections: connections, waitSeconds: 60))
    }

    static func budget(_ number: Int) -> LedgerAccount { .budget("p\(number)", year: 2026) }

    /// Fresh books with endless budgets.
    static func open(_ address: String) async throws {
        let db = try database(address)
        try await db.migrate([NumberSeries.migrations, Record.migrations, LedgerTables.migrations])
        let legs = (0..<budgets).map { Leg(budget($0), Money(fen: 1_000_000_000_000_000)) }
        let all = legs + [Leg(.source("municipal", year: 2026), Money(fen: -1_000_000_000_000_000 * Int64(budgets)))]
        try await db.write { tx in
            _ = try Ledger.post(
                Posting(.move(all), on: Day(number: 20_000), "budgets", key: "budgets", origin: origin), tx)
        }
    }

    /// Durable postings a second: each moves a random amount from a random budget to one of 100,000 commitments.
    static func rate(_ address: String, workers: Int, seconds limit: Double) async throws {
        let desk = LedgerDesk(db: try database(address))
        let run = UUID().uuidString.lowercased()
        let start = ContinuousClock.now
        let end = start.advanced(by: .seconds(limit))
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        let target = try LedgerAccount.project(
                            .commitment, "p0", year: 2026, "k\(Int.random(in: 0..<100_000))")
                        _ = try await desk.post(
                            Posting(
                                Money(fen: .random(in: 1...500_000)), from: budget(.random(in: 0..<budgets)),
                                to: target, on: Day(number: 20_500), "bench", key: "\(run).\(worker).\(count)",
                                origin: origin))
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        print(Int(Double(counts) / seconds(since: start)))
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        let spent = start.duration(to: .now).components
        return Double(spent.seconds) + Double(spent.attoseconds) / 1e18
    }

    /// Durable commits of one small row a second by the bare C library, one writer.
    static func bare(_ path: String, seconds limit: Double) throws {
        var db: OpaquePointer?
        guard sqlite3_open(path, &db) == SQLITE_OK else { return print(0) }
        for text in [
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            "CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY, note TEXT NOT NULL)",
        ] { sqlite3_exec(db, text, nil, nil, nil) }
        let start = ContinuousClock.now
        var count = 0
        while seconds(since: start) < limit {
            sqlite3_exec(db, "INSERT INTO bench (note) VALUES ('note')", nil, nil, nil)
            count += 1
        }
        print(Int(Double(count) / seconds(since: start)))
    }

    /// Postings over 1,000 days, all through one account, to 50,000 projects of ten programmes in one budget year.
    static func fill(_ address: String, _ count: Int) async throws {
        let db = try database(address)
        try await db.write { tx in
            _ = try Ledger.post(
                Posting(
                    Money(fen: 900_000_000_000_000), from: budget(0), to: hot, on: Day(number: 20_000), "hot",
                    key: "hot", origin: origin), tx)
        }
        let start = ContinuousClock.now
        for first in stride(from: 0, to: count, by: 500) {
            let postings = try (first..<min(first + 500, count)).map { index in
                Posting(
                    Money(fen: Int64(index % 977 + 1)), from: hot,
                    to: try .project(.commitment, "p\(index % 10)", year: 2026, "k\(index % 50_000)"),
                    on: Day(number: 20_000 + index * 1_000 / count), "bench", key: "fill.\(index)", origin: origin)
            }
            try await db.write { tx in for result in try Ledger.post(postings, tx) { _ = try result.get() } }
        }
        print(Int(Double(count) / seconds(since: start)))
    }

    /// Milliseconds of: the balance now, at a day in the middle, a page of the statement (medians), the board (p95).
    static func ask(_ address: String) async throws {
        let db = try database(address)
        let middle = Day(number: 20_500)
        let now = try await median { _ = try await db.read { tx in try Balances.now(hot, tx) } }
        let past = try await median { _ = try await db.read { tx in try Balances.on(middle, hot, tx) } }
        let page = try await median {
            _ = try await db.read { tx in
                try Balances.statement(of: hot, before: (middle, ID("f")), limit: 50, tx)
            }
        }
        let board = try await time(at: 96) {
            _ = try await db.read { tx in
                let months = try MonthSums.of(year: 2026, tx)
                return (try Board.lines(months, year: 2026, tx), try Board.years(tx))
            }
        }
        let legs = try await db.read { tx in try tx.value("SELECT MAX(legs) FROM ledger_account") as Int? }
        print([now, past, page, board].map { String(format: "%.3f", $0) }.joined(separator: " "), legs ?? 0)
    }

    static func median(_ body: () async throws -> Void) async throws -> Double { try await time(at: 50, body) }

    /// The time of the one in a hundred and one tries that stands at a place when they are sorted.
    static func time(at place: Int, _ body: () async throws -> Void) async throws -> Double {
        var times: [Double] = []
        for _ in 0..<101 {
            let start = ContinuousClock.now
            try await body()
            times.append(seconds(since: start) * 1_000)
        }
        return times.sorted()[place]
    }

    /// Seconds, megabytes written and the process's peak memory in MiB.
    static func export(_ address: String, _ format: String) async throws {
        guard let format = BookFormat(rawValue: format) else { return print("no such format") }
        let db = try database(address)
        let start = ContinuousClock.now
        let bytes = try await db.read { tx in
            var bytes = 0
            try withUnsafeMutablePointer(to: &bytes) { bytes in
                _ = try BookExport.write(format, tx) { bytes.pointee += $0.count }
            }
            return bytes
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print(String(format: "%.1f %d %d", seconds(since: start), bytes / 1_000_000, usage.ru_maxrss / 1024))
    }
}
