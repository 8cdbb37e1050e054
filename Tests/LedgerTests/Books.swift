import Kernel
import Store
import StoreTestSupport
import Synchronization

@testable import Ledger

/// A database with empty books, and short words for writing into them.
struct Books: Sendable {
    let db: Database
    let desk: LedgerDesk
    let event: String

    static func open(_ engine: Engine, connections: Int = 8) async throws -> Books {
        let db = try await TestStore.open(
            engine, [NumberSeries.migrations, Record.migrations, Ledger.migrations],
            DatabaseOptions(connections: connections, waitSeconds: 60))
        let event = try await db.write { tx in
            try Record.append(
                Event(
                    room: "test", kind: "test.began", subjectKind: "test", subject: "1", actor: .system,
                    at: Instant(microseconds: 1)), tx)
        }
        return Books(db: db, desk: LedgerDesk(db: db), event: event)
    }

    var origin: PostingOrigin {
        PostingOrigin(caseID: nil, event: event, actor: .system, rules: "test@1", at: Instant(microseconds: 1))
    }

    func posting(_ act: PostingAct, _ day: String = "2026-03-02", key: String) -> Posting {
        Posting(act, on: Day(day) ?? Day(number: 0), "test \(key)", key: key, origin: origin)
    }

    func move(
        _ fen: Int64, _ from: LedgerAccount, _ to: LedgerAccount, _ day: String = "2026-03-02", key: String
    ) -> Posting {
        posting(.move([Leg(from, Money(fen: -fen)), Leg(to, Money(fen: fen))]), day, key: key)
    }

    /// Writes one posting directly.
    @discardableResult
    func post(_ posting: Posting) async throws -> StoredPosting {
        try await db.write { tx in try Ledger.post(posting, tx) }
    }

    func balance(_ account: LedgerAccount) async throws -> Money {
        try await db.read { tx in try Balances.now(account, tx)?.balance ?? .zero }
    }

    func available(_ account: LedgerAccount) async throws -> Money {
        try await db.read { tx in try Balances.now(account, tx)?.available ?? .zero }
    }

    func faults() async throws -> [LedgerCheck.Fault] {
        try await db.read { tx in try LedgerCheck.run(tx).faults }
    }
}

/// Accounts that tests use.
enum Names {
    static let source = LedgerAccount.source("municipal", year: 2026)
    static let appropriation = LedgerAccount.appropriation("municipal", year: 2026)
    static let budget = LedgerAccount.budget("natural-science", year: 2026)
    static let reserve = LedgerAccount.reserve("natural-science", year: 2026, call: "c1")

    static func project(_ kind: AccountKind, _ number: String) -> LedgerAccount {
        guard let account = try? LedgerAccount.project(kind, "natural-science", year: 2026, number) else {
            return budget
        }
        return account
    }
}

func person(_ name: String) -> Actor { Actor(account: ID(name), name: name, roles: [.officer]) }

/// A value that many workers change.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    @discardableResult
    func change<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T {
        value.withLock { value in body(&value) }
    }

    var now: Value { value.withLock { $0 } }
}
