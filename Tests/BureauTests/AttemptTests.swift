import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Bureau

@Suite("Attempts with a key of which nobody was told what became of them")
struct AttemptTests {
    private struct TakenBack: Error {}

    private let began = Instant(microseconds: 1_700_000_000_000_000)

    private let vault = Vault(key: [UInt8](repeating: 5, count: 32))

    private func attempt(after seconds: Int = 0, digest: String = "digest") -> IdempotencyKeys.Attempt {
        IdempotencyKeys.Attempt(
            account: ID("account"), key: "key", route: "route", digest: digest, now: began.adding(seconds: seconds))
    }

    private func state(
        _ keys: IdempotencyKeys, after seconds: Int, digest: String = "digest"
    ) async throws -> String {
        switch try await keys.claim(attempt(after: seconds, digest: digest)) {
        case .fresh: "fresh"
        case .answered: "answered"
        case .different: "different"
        case .running: "running"
        case .answerLost: "answer lost"
        }
    }

    /// What lies in a column of the only attempt that there is.
    private func kept(_ column: String, in db: Database) async throws -> String? {
        try await db.read { tx in try tx.first("SELECT * FROM api_attempt") { try $0[column] as String } }
    }

    /// Looks, while a transaction is under way, until somebody waits for its end, three seconds at most.
    private static func waitForOther(_ tx: Tx) throws {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(3))
        while clock.now < deadline {
            let waiting: Int? = try tx.value(
                """
                SELECT COUNT(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted
                    AND transactionid = pg_current_xact_id_if_assigned()::xid
                """)
            if waiting != 0 { return }
        }
    }

    @Test(
        "A key whose commit is still under way when the connection is lost is free only if nothing was kept",
        arguments: TestStore.engines, [true, false])
    func underWay(engine: Engine, isKept: Bool) async throws {
        let db = try await TestStore.open(engine, [IdempotencyStore.migrations])
        let keys = IdempotencyStore.keys(db, vault: vault)
        let own = attempt()
        #expect(try await state(keys, after: 0) == "fresh")
        let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let effect = Task {
            try await db.write { tx in
                try keys.note(own, tx)
                hasBegun.finish()
                if engine == .postgres { try Self.waitForOther(tx) }
                guard isKept else { throw TakenBack() }
            }
        }
        for await _ in begun {}
        try await keys.release(own, false)
        switch await effect.result {
        case .success: #expect(isKept)
        case .failure: #expect(!isKept)
        }
        #expect(try await state(keys, after: 5) == (isKept ? "running" : "fresh"))
        #expect(try await state(keys, after: 11) == (isKept ? "answer lost" : "running"))
    }

    @Test(
        "What was sent is kept as a mark, and as its digest while the version before may be about",
        arguments: TestStore.engines)
    func marks(engine: Engine) async throws {
        let db = try await TestStore.open(engine, [IdempotencyStore.migrations])
        var former = vault
        former.contactsFrom = began.adding(seconds: 60)
        let (keys, early) = (
            IdempotencyStore.keys(db, vault: vault), IdempotencyStore.keys(db, vault: former)
        )
        func stored() async throws -> String? { try await kept("digest", in: db) }
        #expect(try await state(early, after: 0) == "fresh")
        #expect(try await stored() == "digest")
        // Each knows what the other kept.
        for known in [keys, early] {
            #expect(try await state(known, after: 5) == "running")
            #expect(try await state(known, after: 5, digest: "another") == "different")
        }
        try await keys.release(attempt(), true)
        #expect(try await state(keys, after: 6) == "fresh")
        let mark = try #require(try await stored())
        // Without the key nobody has the mark of what they try out.
        #expect(mark == vault.mark("attempt digest"))
        #expect(mark != Vault(key: [UInt8](repeating: 6, count: 32)).mark("attempt digest"))
        for known in [keys, early] {
            #expect(try await state(known, after: 7) == "running")
            #expect(try await state(known, after: 7, digest: "another") == "different")
        }
        try await keys.release(attempt(), true)
        #expect(try await state(early, after: 61) == "fresh")
        #expect(try await stored() == mark)
    }

    @Test(
        "What was answered is kept sealed, in the clear while the version before may be about, and lost with its key",
        arguments: TestStore.engines)
    func answers(engine: Engine) async throws {
        let db = try await TestStore.open(engine, [IdempotencyStore.migrations])
        var former = vault
        former.contactsFrom = began.adding(seconds: 60)
        let word = "qz-in-an-answer"
        let answer = IdempotencyKeys.Kept(
            status: 201, location: nil, etag: nil, body: "{\"name\":\"\(word)@example.cn\"}")
        func keep(_ vault: Vault) async throws -> String? {
            let keys = IdempotencyStore.keys(db, vault: vault)
            #expect(try await state(keys, after: 0) == "fresh")
            try await keys.keep(attempt(), answer)
            return try await kept("answer", in: db)
        }
        func answered(_ vault: Vault) async throws -> IdempotencyKeys.Kept? {
            guard case .answered(let kept) = try await IdempotencyStore.keys(db, vault: vault).claim(attempt(after: 5))
            else { return nil }
            return kept
        }
        let clear = try #require(try await keep(former))
        #expect(clear.contains(word))
        #expect(try await answered(vault) == answer, "each reads what the other kept")
        try await IdempotencyStore.keys(db, vault: vault).release(attempt(), true)
        let sealed = try #require(try await keep(vault))
        #expect(!sealed.contains(word))
        for known in [vault, former] { #expect(try await answered(known) == answer) }
        let next = Vault(key: [UInt8](repeating: 6, count: 32), index: [UInt8](repeating: 5, count: 32))
        #expect(try await state(IdempotencyStore.keys(db, vault: next), after: 5) == "answer lost")
    }
}
