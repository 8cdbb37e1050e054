import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

/// The check finds what somebody with the keys to the database changed behind the books' back.
@Suite("Check")
struct CheckTests {
    private func books(_ engine: Engine) async throws -> Books {
        let books = try await Books.open(engine)
        try await books.post(books.move(1_000, Names.source, Names.budget, key: "a"))
        let move = try await books.post(books.move(400, Names.budget, Names.reserve, "2026-03-04", key: "b"))
        try await books.post(books.posting(.reverse(move.id), "2026-03-05", key: "c"))
        let legs = [Leg(Names.budget, Money(fen: -70)), Leg(Names.reserve, Money(fen: 70))]
        let hold = try await books.post(books.posting(.reserve(legs, until: nil), "2026-03-06", key: "d"))
        try await books.post(books.posting(.settle(hold.id, nil), "2026-03-07", key: "e"))
        try await books.post(books.posting(.reserve(legs, until: nil), "2026-03-08", key: "f"))
        return books
    }

    @Test("Sound books have no fault, and the report says how much was looked at", arguments: TestStore.engines)
    func sound(engine: Engine) async throws {
        let report = try await books(engine).db.read { tx in try LedgerCheck.run(tx) }
        #expect(report.faults == [])
        #expect(report.postings == 6 && report.legs == 12 && report.accounts == 3)
        #expect(report.reservations == 2 && report.reversals == 1 && report.total == Money(fen: 1_000))
    }

    static let tampering: [(String, [String])] = [
        (
            "UPDATE ledger_leg SET in_fen = in_fen + 1 WHERE position = 2 AND in_fen = 1000",
            ["unbalanced", "balance", "day"]
        ),
        ("UPDATE ledger_account SET in_fen = in_fen + 5 WHERE kind = 'reserve'", ["balance"]),
        ("UPDATE ledger_account SET held_out_fen = 0 WHERE kind = 'budget'", ["balance"]),
        (
            "UPDATE ledger_day SET out_fen = out_fen + 2000 WHERE account LIKE 'budget%' AND day = '2026-03-04'",
            ["day", "floor"]
        ),
        ("DELETE FROM ledger_day WHERE day = '2026-03-07'", ["day"]),
        ("UPDATE ledger_month SET out_fen = out_fen + 1 WHERE kind = 'budget'", ["month"]),
        ("DELETE FROM ledger_month WHERE kind = 'reserve'", ["month"]),
        ("UPDATE ledger_leg SET in_fen = -399 WHERE in_fen = -400", ["unbalanced", "reversal"]),
        ("UPDATE ledger_leg SET in_fen = 71 WHERE in_fen = 70 AND day = '2026-03-07'", ["unbalanced", "settlement"]),
        ("DELETE FROM ledger_hold", ["reservation", "balance"]),
        ("DELETE FROM ledger_key WHERE key = 'a'", ["key"]),
        ("UPDATE ledger_posting SET event = 'none' WHERE key = 'a'", ["event"]),
    ]

    @Test("Tampering is found", arguments: TestStore.engines, tampering)
    func tampered(engine: Engine, change: (String, [String])) async throws {
        let books = try await books(engine)
        try await books.db.write { tx in
            for table in ["ledger_leg", "ledger_posting"] {
                switch tx.engine {
                case .sqlite:
                    try tx.run("DROP TRIGGER \(SQL(unchecked: table))_never_updated")
                case .postgres:
                    try tx.run("DROP TRIGGER \(SQL(unchecked: table))_append_only ON \(SQL(unchecked: table))")
                }
            }
            #expect(try tx.run(SQL(unchecked: change.0)) > 0)
        }
        let codes = Set(try await books.faults().map(\.code))
        #expect(codes.isSuperset(of: change.1), "\(codes)")
    }
}
