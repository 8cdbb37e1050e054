import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

@Suite("Postings")
struct PostingTests {
    @Test("Money moves, and both accounts show it now and on any day", arguments: TestStore.engines)
    func moves(engine: Engine) async throws {
        let books = try await Books.open(engine)
        try await books.post(books.move(1_000, Names.source, Names.budget, "2026-03-02", key: "a"))
        try await books.post(books.move(300, Names.budget, Names.reserve, "2026-03-05", key: "b"))
        #expect(try await books.balance(Names.budget) == Money(fen: 700))
        #expect(try await books.balance(Names.source) == Money(fen: -1_000))
        let days: [(String, Int64)] = [
            ("2026-03-01", 0), ("2026-03-02", 1_000), ("2026-03-04", 1_000), ("2026-03-05", 700),
        ]
        for (day, fen) in days {
            let balance = try await books.db.read { tx in try Balances.on(#require(Day(day)), Names.budget, tx) }
            #expect(balance == Money(fen: fen), "\(day)")
        }
        let lines = try await books.db.read { tx in try Balances.statement(of: Names.budget, limit: 10, tx) }
        #expect(lines.map(\.balance) == [Money(fen: 700), Money(fen: 1_000)])
        #expect(try await books.faults() == [])
    }

    @Test("What is wrong with a posting by itself is told by name, in a fixed order", arguments: TestStore.engines)
    func shapes(engine: Engine) async throws {
        let books = try await Books.open(engine)
        func leg(_ account: LedgerAccount, _ fen: Int64) -> Leg { Leg(account, Money(fen: fen)) }
        let cases: [(Posting, LedgerError)] = [
            (books.posting(.move([]), key: ""), .noKey),
            (books.posting(.move([leg(Names.budget, 0)]), key: "a"), .tooFewLegs),
            (books.posting(.move([leg(Names.source, 0), leg(Names.source, 1)]), key: "a"), .zeroLeg(Names.source)),
            (
                books.posting(.move([leg(Names.source, 1), leg(Names.source, 1)]), key: "a"),
                .accountTwice(Names.source)
            ),
            (
                books.posting(.move([leg(Names.source, .min), leg(Names.budget, .max)]), key: "a"),
                .legTooLarge(Names.source)
            ),
            (
                books.posting(.move([leg(Names.source, -3), leg(Names.budget, 2)]), key: "a"),
                .unbalanced(Money(fen: -1))
            ),
            (books.posting(.reverse(ID("nothing")), key: "a"), .unknownPosting("nothing")),
            (books.move(1, Names.budget, Names.source, key: "a"), .overdraft(Names.budget, available: .zero, on: nil)),
        ]
        for (posting, error) in cases {
            await #expect(throws: error) { try await books.post(posting) }
        }
        let nameless = Posting(
            .move([]), on: Day(number: 0), "", key: "a",
            origin: PostingOrigin(caseID: nil, event: "", actor: .system, rules: "r", at: Instant(microseconds: 1)))
        await #expect(throws: LedgerError.noOrigin) { try await books.post(nameless) }
        let rows: Int? = try await books.db.read { tx in
            try tx.value(
                """
                SELECT (SELECT COUNT(*) FROM ledger_posting) + (SELECT COUNT(*) FROM ledger_leg)
                    + (SELECT COUNT(*) FROM ledger_account) + (SELECT COUNT(*) FROM ledger_key)
                """)
        }
        #expect(rows == 0)
    }

    @Test(
        "A key that is asked again answers with what was written; for something else it is refused",
        arguments: TestStore.engines)
    func keys(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let first = try await books.post(books.move(5, Names.source, Names.budget, key: "k"))
        #expect(try await books.post(books.move(5, Names.source, Names.budget, key: "k")) == first)
        await #expect(throws: LedgerError.keyReused("k")) {
            try await books.post(books.move(6, Names.source, Names.budget, key: "k"))
        }
        // A refused posting gives its key back.
        await #expect(throws: LedgerError.self) {
            try await books.post(books.move(50, Names.budget, Names.reserve, key: "later"))
        }
        try await books.post(books.move(5, Names.budget, Names.reserve, key: "later"))
        // Twice in one batch is once.
        let twice = [
            books.move(1, Names.source, Names.budget, key: "t"), books.move(1, Names.source, Names.budget, key: "t"),
        ]
        let results = try await books.db.write { tx in try Ledger.post(twice, tx).map { try $0.get() } }
        #expect(results[0] == results[1])
        #expect(try await books.balance(Names.source) == Money(fen: -6))
        #expect(try await books.faults() == [])
    }

    @Test(
        "Of a batch each posting is judged by those before it: what only a later one makes good is refused",
        arguments: TestStore.engines)
    func inOrder(engine: Engine) async throws {
        func codes(_ postings: [Posting], _ books: Books) async throws -> [String] {
            try await books.db.write { tx in
                try Ledger.post(postings, tx).map { result in
                    if case .failure(let error) = result { error.code } else { "" }
                }
            }
        }
        let books = try await Books.open(engine)
        try await books.post(books.move(5, Names.source, Names.appropriation, key: "begin"))
        // Too much leaves before it comes; in the other order the same is possible.
        let leaves = books.move(8, Names.appropriation, Names.budget, key: "leaves")
        let comes = books.move(10, Names.source, Names.appropriation, key: "comes")
        #expect(try await codes([leaves, comes], books) == ["ledger.overdraft", ""])
        #expect(try await codes([comes, leaves], books) == ["", ""])
        #expect(try await books.balance(Names.appropriation) == Money(fen: 7))
        // The same of what is held back, and of what a cap forbids meanwhile.
        let held = books.posting(
            .reserve([Leg(Names.budget, Money(fen: -9)), Leg(Names.reserve, Money(fen: 9))], until: nil), key: "held")
        let more = books.move(1, Names.appropriation, Names.budget, key: "more")
        #expect(try await codes([held, more], books) == ["ledger.overdraft", ""])
        #expect(try await books.available(Names.budget) == Money(fen: 9))
        try await books.db.write { tx in
            try Caps.set(Money(fen: 10), of: Names.budget, by: .system, at: Instant(microseconds: 1), tx)
        }
        let over = books.move(2, Names.appropriation, Names.budget, key: "over")
        let away = books.move(2, Names.budget, Names.reserve, key: "away")
        #expect(try await codes([over, away], books) == ["ledger.above-cap", ""])
        #expect(try await codes([over], books) == [""])
        #expect(try await books.balance(Names.budget) == Money(fen: 9))
        #expect(try await books.faults() == [])
    }

    @Test("A refused posting does not hurt its batch and leaves nothing behind", arguments: TestStore.engines)
    func batches(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let postings = [
            books.move(10, Names.source, Names.budget, key: "a"),
            books.move(11, Names.budget, Names.project(.commitment, "p1"), key: "b"),
            books.move(10, Names.budget, Names.reserve, key: "c"),
            books.move(1, Names.budget, Names.reserve, key: "d"),
        ]
        let results = try await books.db.write { tx in try Ledger.post(postings, tx) }
        let outcomes = results.map { result -> LedgerError? in
            if case .failure(let error) = result { error } else { nil }
        }
        #expect(
            outcomes == [
                nil, .overdraft(Names.budget, available: Money(fen: 10), on: nil), nil,
                .overdraft(Names.budget, available: .zero, on: nil),
            ])
        #expect(
            try await books.db.read { tx in try Balances.now(Names.project(.commitment, "p1"), tx) == nil })
        #expect(try await books.faults() == [])
    }

    @Test(
        "A posting is reversed once, by a linked one that mirrors it and keeps turnovers true",
        arguments: TestStore.engines)
    func reversal(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let move = try await books.post(books.move(100, Names.source, Names.budget, "2026-03-05", key: "a"))
        await #expect(throws: LedgerError.beforeTarget(move.day)) {
            try await books.post(books.posting(.reverse(move.id), "2026-03-04", key: "r"))
        }
        let reversal = try await books.post(books.posting(.reverse(move.id), "2026-03-06", key: "r"))
        #expect(reversal.target == move.id && reversal.legs.map(\.amount) == [Money(fen: 100), Money(fen: -100)])
        await #expect(throws: LedgerError.alreadyReversed(move.id.text)) {
            try await books.post(books.posting(.reverse(move.id), "2026-03-06", key: "r2"))
        }
        await #expect(throws: LedgerError.notReversible(reversal.id.text)) {
            try await books.post(books.posting(.reverse(reversal.id), "2026-03-06", key: "r3"))
        }
        let budget = try await books.db.read { tx in try Balances.now(Names.budget, tx) }
        #expect(budget?.inward == .zero && budget?.outward == .zero)
        #expect(try await books.db.read { tx in try PostingStore.answer(to: move.id, tx)?.id } == reversal.id)
        #expect(try await books.faults() == [])
    }

    @Test("Money that has moved on cannot be taken back", arguments: TestStore.engines)
    func movedOn(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let move = try await books.post(books.move(100, Names.source, Names.budget, key: "a"))
        try await books.post(books.move(1, Names.budget, Names.reserve, key: "b"))
        await #expect(throws: LedgerError.overdraft(Names.budget, available: Money(fen: 99), on: nil)) {
            try await books.post(books.posting(.reverse(move.id), key: "r"))
        }
    }

    @Test("What is reserved cannot be spent, is settled in part or whole, or comes back", arguments: TestStore.engines)
    func twoPhase(engine: Engine) async throws {
        let books = try await Books.open(engine)
        try await books.post(books.move(100, Names.source, Names.budget, key: "a"))
        func legs(_ fen: Int64) -> [Leg] {
            [Leg(Names.budget, Money(fen: -fen)), Leg(Names.reserve, Money(fen: fen))]
        }
        let hold = try await books.post(books.posting(.reserve(legs(80), until: Day("2026-03-10")), key: "h"))
        #expect(try await books.balance(Names.budget) == Money(fen: 100))
        #expect(try await books.available(Names.budget) == Money(fen: 20))
        #expect(try await books.balance(Names.reserve) == .zero)
        await #expect(throws: LedgerError.overdraft(Names.budget, available: Money(fen: 20), on: nil)) {
            try await books.post(books.move(21, Names.budget, Names.reserve, key: "b"))
        }
        await #expect(throws: LedgerError.aboveReserved(Names.budget, reserved: Money(fen: 80))) {
            try await books.post(books.posting(.settle(hold.id, legs(81)), key: "s"))
        }
        await #expect(throws: LedgerError.expired(try #require(Day("2026-03-10")))) {
            try await books.post(books.posting(.settle(hold.id, nil), "2026-03-11", key: "s"))
        }
        let settled = try await books.post(books.posting(.settle(hold.id, legs(50)), "2026-03-10", key: "s"))
        #expect(try await books.available(Names.budget) == Money(fen: 50))
        #expect(try await books.balance(Names.reserve) == Money(fen: 50))
        await #expect(throws: LedgerError.alreadyEnded(hold.id.text)) {
            try await books.post(books.posting(.release(hold.id), key: "x"))
        }
        await #expect(throws: LedgerError.notReserved(settled.id.text)) {
            try await books.post(books.posting(.release(settled.id), "2026-03-10", key: "x"))
        }
        // Not settled in time, it comes back by itself on the day after its last.
        try await books.post(books.posting(.reserve(legs(50), until: Day("2026-03-20")), "2026-03-12", key: "h2"))
        #expect(try await books.available(Names.budget) == .zero)
        for (day, count) in [("2026-03-20", 0), ("2026-03-21", 1), ("2026-03-22", 0)] {
            let released = try await books.db.write { tx in
                try Expiry.run(before: #require(Day(day)), at: Instant(microseconds: 2), tx)
            }
            #expect(released == count, "\(day)")
        }
        #expect(try await books.available(Names.budget) == Money(fen: 50))
        #expect(try await books.faults() == [])
    }

    @Test("A posting dated back may not overdraw any day after it", arguments: TestStore.engines)
    func datedBack(engine: Engine) async throws {
        let books = try await Books.open(engine)
        try await books.post(books.move(100, Names.source, Names.budget, "2026-03-02", key: "a"))
        try await books.post(books.move(90, Names.budget, Names.reserve, "2026-03-05", key: "b"))
        try await books.post(books.move(90, Names.source, Names.budget, "2026-03-09", key: "c"))
        let day = try #require(Day("2026-03-05"))
        await #expect(throws: LedgerError.overdraft(Names.budget, available: Money(fen: 10), on: day)) {
            try await books.post(books.move(11, Names.budget, Names.reserve, "2026-03-03", key: "d"))
        }
        try await books.post(books.move(10, Names.budget, Names.reserve, "2026-03-03", key: "d"))
        #expect(try await books.faults() == [])
    }

    @Test("A cap holds against what is there and what is on its way", arguments: TestStore.engines)
    func caps(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let heading = LedgerAccount.spent("natural-science", year: 2026, "p1", heading: "equipment")
        let cap = { (fen: Int64) in
            try await books.db.write { tx in
                try Caps.set(Money(fen: fen), of: heading, by: .system, at: Instant(microseconds: 3), tx)
            }
        }
        try await cap(100)
        let legs = [Leg(Names.source, Money(fen: -60)), Leg(heading, Money(fen: 60))]
        try await books.post(books.posting(.reserve(legs, until: nil), key: "h"))
        await #expect(throws: LedgerError.aboveCap(heading, cap: Money(fen: 100), on: nil)) {
            try await books.post(books.move(41, Names.source, heading, key: "a"))
        }
        try await books.post(books.move(40, Names.source, heading, key: "a"))
        await #expect(throws: LedgerError.capBelowBalance(heading, balance: Money(fen: 100))) { try await cap(99) }
        #expect(try await books.faults() == [])
    }

    @Test(
        "The database itself refuses to change or delete a posting and to overdraw an account",
        arguments: TestStore.engines)
    func appendOnly(engine: Engine) async throws {
        let books = try await Books.open(engine)
        try await books.post(books.move(100, Names.source, Names.budget, key: "a"))
        let statements: [SQL] = [
            "UPDATE ledger_posting SET text = 'other'", "DELETE FROM ledger_posting",
            "UPDATE ledger_leg SET in_fen = 1 WHERE in_fen > 0", "DELETE FROM ledger_leg",
            "UPDATE ledger_account SET out_fen = 101 WHERE kind = 'budget'",
        ]
        for statement in statements {
            await #expect(throws: StoreError.self) { try await books.db.write { tx in try tx.run(statement) } }
        }
        #expect(try await books.faults() == [])
    }
}
