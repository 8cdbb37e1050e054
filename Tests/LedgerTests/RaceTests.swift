import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

/// Sixty-four workers race for the last RMB 1,000,000.
@Suite("Races")
struct RaceTests {
    enum Way: String, CaseIterable { case desk, desks, locked, unlocked, reserved }

    private static let last = Money(fen: 100_000_000)

    @Test(
        "64 workers never commit more than the budget, whichever way they come", arguments: TestStore.engines,
        Way.allCases)
    func last(engine: Engine, way: Way) async throws {
        let books = try await Books.open(engine, connections: 16)
        try await books.post(books.move(Self.last.fen, Names.source, Names.budget, key: "budget"))
        let part = Money(fen: Self.last.fen / 40)
        // As if two processes wrote: desks lock only where they have met somebody.
        let other = Books(db: books.db, desk: LedgerDesk(db: books.db), event: books.event)
        let won = Shared(0)
        let spoiled = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<64 {
                group.addTask {
                    do {
                        try await commit(part, "p\(worker)", way, way == .desks && worker % 2 == 0 ? other : books)
                        won.change { $0 += 1 }
                    } catch LedgerError.overdraft {
                    } catch StoreError.serialization {
                        // Without locks a writer may lose more often than it is run again; it has committed nothing.
                        spoiled.change { $0 += 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        let committed = try await books.db.read { tx in
            try tx.value("SELECT COALESCE(SUM(in_fen), 0) FROM ledger_account WHERE kind = 'commitment'") as Money?
        }
        let count = Int64(won.now)
        #expect(committed == Money(fen: part.fen * count) && count <= 40)
        #expect(count == 40 || way == .unlocked && spoiled.now > 0)
        #expect(try await books.balance(Names.budget) == Money(fen: Self.last.fen - part.fen * count))
        #expect(try await books.faults() == [])
    }

    private func commit(_ part: Money, _ project: String, _ way: Way, _ books: Books) async throws {
        let target = Names.project(.commitment, project)
        let move = books.move(part.fen, Names.budget, target, key: project)
        switch way {
        case .desk, .desks: _ = try await books.desk.post(move)
        case .unlocked: try await books.post(move)
        case .locked:
            try await books.db.write(locking: Ledger.locks([Names.budget, target])) { tx in
                _ = try Ledger.post(move, tx)
            }
        case .reserved:
            let legs = [Leg(Names.budget, Money(fen: -part.fen)), Leg(target, part)]
            let hold = try await books.desk.post(books.posting(.reserve(legs, until: nil), key: "hold.\(project)"))
            _ = try await books.desk.post(books.posting(.settle(hold.id, nil), key: project))
        }
    }

    @Test(
        "A posting whose connection dies is written once, and whoever asked for it does not notice",
        .enabled(if: TestStore.engines.contains(.postgres)))
    func deadConnections() async throws {
        let books = try await Books.open(.postgres, connections: 1)
        let killer = try await TestStore.open(.postgres, [], DatabaseOptions(connections: 1, waitSeconds: 60))
        try await books.post(books.move(1_000, Names.source, Names.appropriation, key: "grant"))
        for round in 0..<6 {
            let backend: Int = try await books.db.read { tx in try tx.value("SELECT pg_backend_pid()") ?? 0 }
            _ = try await killer.read { tx in try tx.rows("SELECT pg_terminate_backend(\(backend)::int, 120000)") }
            _ = try await books.desk.post(books.move(10, Names.appropriation, Names.budget, key: "k\(round)"))
        }
        #expect(try await books.balance(Names.budget) == Money(fen: 60))
        #expect(try await books.faults().isEmpty)
    }
}
