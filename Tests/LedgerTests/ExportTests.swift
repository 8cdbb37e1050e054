import Foundation
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

/// Other people's programs read the books and come to the same fen.
@Suite("Exports")
struct ExportTests {
    private static let python = ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"]
    private static let hledger = ["/usr/bin/hledger", "/usr/local/bin/hledger"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Books with everything that an export can meet: three legs, reversals, reservations, hostile words.
    private func books(_ engine: Engine) async throws -> Books {
        let books = try await Books.open(engine)
        var random = SeededRandom(seed: 360)
        let words = [
            "拨款；第一期", "a \"quoted\" \\ text", "line\nbreak; comment | pipe", "=1+1,\"x\"", "e\u{301}\"\u{301}",
            "(code) *", "",
        ]
        try await books.post(books.move(987_654_321_012, Names.source, Names.budget, "2026-01-05", key: "begin"))
        for index in 0..<60 {
            let commitment = Names.project(.commitment, "p\(index % 7)")
            let paid = Names.project(.paid, "p\(index % 7)")
            let amount = Int64.random(in: 3...9_000_001, using: &random)
            let day = Day(number: 20_470 + index)
            func write(_ act: PostingAct, _ key: String) async throws -> StoredPosting {
                try await books.post(
                    Posting(act, on: day, words[index % words.count], key: "\(key)\(index)", origin: books.origin))
            }
            let legs = [
                Leg(Names.budget, Money(fen: -amount)), Leg(commitment, Money(fen: amount - 1)),
                Leg(paid, Money(fen: 1)),
            ]
            let move = try await write(.move(legs), "m")
            if index.isMultiple(of: 5) { _ = try await write(.reverse(move.id), "r") }
            let hold = try await write(.reserve(legs, until: nil), "h")
            if index.isMultiple(of: 3) { _ = try await write(.settle(hold.id, nil), "s") }
        }
        return books
    }

    private func export(_ books: Books, _ format: BookFormat, from: Day? = nil, to: Day? = nil) async throws -> String {
        let path = "\(NSTemporaryDirectory())kechuang-\(UInt64.random(in: 0 ... .max)).\(format.rawValue)"
        try #require(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try await books.db.read { tx in
            _ = try BookExport.write(format, from: from, to: to, tx) { try file.write(contentsOf: Data($0)) }
        }
        try file.close()
        return path
    }

    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, out: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let (out, errors) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = errors
        try process.run()
        let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationStatus == 0 ? text : complaint)
    }

    /// `name,amount` lines with amounts in yuan, as fen; accounts at zero are left out.
    private func fen(_ text: String) throws -> [String: Int64] {
        var found: [String: Int64] = [:]
        for row in CSVText.rows(text) where row.count == 2 {
            let digits = row[1].filter { $0.isNumber || $0 == "-" || $0 == "." }
            guard digits.contains(where: \.isNumber) else { continue }
            let parts = digits.split(separator: ".")
            let cents = parts.count == 2 ? String(parts[1]) : ""
            let whole = "\(parts[0])\(cents.padding(toLength: 2, withPad: "0", startingAt: 0))"
            let value: Int64 = try #require(Int64(whole))
            found[row[0]] = value
        }
        return found.filter { $0.value != 0 }
    }

    private func kept(
        _ books: Books, on day: Day? = nil, as name: (LedgerAccount) -> String
    ) async throws -> [String: Int64] {
        let accounts = try await books.db.read { tx in
            try tx.rows("SELECT * FROM ledger_account", AccountBalance.init(row:)).map { item in
                (item.account, try day.map { try Balances.on($0, item.account, tx) } ?? item.balance)
            }
        }
        return Dictionary(uniqueKeysWithValues: accounts.map { (name($0.0), $0.1.fen) }).filter { $0.value != 0 }
    }

    @Test(
        "hledger reads the export, strictly, and agrees on every balance", .enabled(if: hledger != nil),
        arguments: TestStore.engines)
    func hledgerAgrees(engine: Engine) async throws {
        let books = try await books(engine)
        let path = try await export(books, .hledger)
        let program = try #require(Self.hledger)
        let answer = try run(
            program, ["-f", path, "--strict", "balance", "--flat", "--no-total", "-O", "csv"])
        #expect(answer.status == 0, "\(answer.out)")
        let theirs = try fen(answer.out)
        #expect(theirs == (try await kept(books) { $0.text }))
        #expect(theirs.count == 16)
    }

    @Test(
        "Beancount reads the export without an error and agrees on every balance", .enabled(if: python != nil),
        arguments: TestStore.engines)
    func beancountAgrees(engine: Engine) async throws {
        let books = try await books(engine)
        let path = try await export(books, .beancount)
        let answer = try run(
            try #require(Self.python),
            [
                "-c",
                """
                import sys
                from beancount import loader
                from beancount.core import realization
                entries, errors, options = loader.load_file(sys.argv[1])
                for error in errors: print(error, file=sys.stderr)
                for real in realization.iter_children(realization.realize(entries)):
                    for position in real.balance: print(f'{real.account},{position.units.number}')
                sys.exit(1 if errors else 0)
                """, path,
            ])
        #expect(answer.status == 0, "\(answer.out)")
        let theirs = try fen(answer.out)
        #expect(theirs == (try await kept(books, as: BeancountWriter.name)))
        #expect(theirs.count == 16)
    }

    @Test("The table of legs adds up to every balance, words unharmed", arguments: TestStore.engines)
    func table(engine: Engine) async throws {
        let books = try await books(engine)
        let text = try String(contentsOfFile: try await export(books, .csv), encoding: .utf8)
        let rows = CSVText.rows(text).dropFirst()
        #expect(rows.allSatisfy { $0.count == 12 })
        var sums: [String: Int64] = [:]
        for row in rows { sums[row[4], default: 0] += try #require(Int64(row[5].filter { $0 != "." }, radix: 10)) }
        #expect(sums.filter { $0.value != 0 } == (try await kept(books) { $0.text }))
        #expect(rows.contains { $0[3] == "line\nbreak; comment | pipe" })
        #expect(rows.contains { $0[3] == "e\u{301}\"\u{301}" })
    }

    @Test(
        "A span begins with what was there before and ends with the balances of its last day",
        .enabled(if: hledger != nil))
    func span() async throws {
        let books = try await books(.sqlite)
        let (from, to) = (Day(number: 20_490), Day(number: 20_510))
        let path = try await export(books, .hledger, from: from, to: to)
        let answer = try run(
            try #require(Self.hledger), ["-f", path, "--strict", "balance", "--flat", "--no-total", "-O", "csv"])
        #expect(answer.status == 0, "\(answer.out)")
        #expect(try fen(answer.out) == (try await kept(books, on: to) { $0.text }))
    }
}
