import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Ledger

@Suite("Periods and year's end")
struct PeriodTests {
    private let now = Instant(microseconds: 5)

    private func propose(_ books: Books, closing: Bool, by name: String, on day: String = "2026-04-01") async throws {
        try await books.db.write { tx in
            try Periods.propose(
                closing: closing, #require(Month("2026-03")), reason: "month's end", by: person(name),
                on: #require(Day(day)), at: now, tx)
        }
    }

    private func decide(_ books: Books, _ approve: Bool, by name: String) async throws {
        try await books.db.write { tx in
            try Periods.decide(#require(Month("2026-03")), approve: approve, by: person(name), at: now, tx)
        }
    }

    @Test("A closed month refuses postings until two people reopen it", arguments: TestStore.engines)
    func closing(engine: Engine) async throws {
        let books = try await Books.open(engine)
        let march = try #require(Month("2026-03"))
        try await books.post(books.move(100, Names.source, Names.budget, key: "a"))
        await #expect(throws: LedgerError.periodRunning(march)) {
            try await propose(books, closing: true, by: "anna", on: "2026-03-31")
        }
        try await propose(books, closing: true, by: "anna")
        try await books.post(books.move(1, Names.source, Names.budget, "2026-03-31", key: "b"))
        await #expect(throws: LedgerError.samePerson) { try await decide(books, true, by: "anna") }
        try await decide(books, true, by: "bo")
        await #expect(throws: LedgerError.periodClosed(march)) {
            try await books.post(books.move(1, Names.source, Names.budget, "2026-03-31", key: "c"))
        }
        try await books.post(books.move(1, Names.source, Names.budget, "2026-04-01", key: "c"))
        await #expect(throws: LedgerError.periodState(march)) { try await propose(books, closing: true, by: "anna") }
        // A refused reopening leaves it closed, with its totals.
        try await propose(books, closing: false, by: "bo")
        try await decide(books, false, by: "anna")
        #expect(try await books.faults() == [])
        let kept = try await books.db.read { tx in try Periods.find(march, tx) }
        #expect(kept?.state == .closed && kept?.postings == 2 && kept?.turnover == Money(fen: 101))
        try await propose(books, closing: false, by: "bo")
        await #expect(throws: LedgerError.periodClosed(march)) {
            try await books.post(books.move(1, Names.source, Names.budget, "2026-03-31", key: "d"))
        }
        try await decide(books, true, by: "anna")
        try await books.post(books.move(1, Names.source, Names.budget, "2026-03-31", key: "d"))
        #expect(try await books.faults() == [])
    }

    @Test(
        "At the year's end what is free is carried over or lapses, once; what is held stays",
        arguments: TestStore.engines, YearEnd.Treatment.allCases)
    func yearEnd(engine: Engine, treatment: YearEnd.Treatment) async throws {
        let books = try await Books.open(engine)
        try await books.post(books.move(1_000, Names.source, Names.appropriation, key: "a"))
        try await books.post(books.move(700, Names.appropriation, Names.budget, key: "b"))
        try await books.post(books.move(100, Names.budget, Names.reserve, key: "c"))
        try await books.post(
            books.posting(
                .reserve([Leg(Names.budget, Money(fen: -50)), Leg(Names.reserve, Money(fen: 50))], until: nil), key: "h"
            ))
        let settle = {
            try await books.db.write { tx in
                try YearEnd.settle(
                    2026, treatment, source: "municipal", on: #require(Day("2026-12-31")), origin: books.origin, tx)
            }.count
        }
        #expect(try await settle() == 2)
        #expect(try await settle() == 0)
        #expect(try await books.balance(Names.budget) == Money(fen: 50))
        #expect(try await books.balance(Names.reserve) == Money(fen: 100))
        #expect(try await books.balance(Names.appropriation) == .zero)
        let next = try await books.balance(.budget("natural-science", year: 2027))
        let lapsed = try await books.balance(.lapsed("municipal", year: 2026))
        #expect(next == Money(fen: treatment == .carryOver ? 550 : 0))
        #expect(lapsed == Money(fen: treatment == .carryOver ? 0 : 850))
        #expect(try await books.faults() == [])
    }

    @Test("The board shows each station of a year's money")
    func board() async throws {
        let books = try await Books.open(.sqlite)
        try await books.post(books.move(1_000, Names.source, Names.budget, key: "a"))
        try await books.post(books.move(400, Names.budget, Names.reserve, key: "b"))
        try await books.post(books.move(300, Names.reserve, Names.project(.commitment, "p1"), key: "c"))
        let back = try await books.post(books.move(50, Names.reserve, Names.project(.commitment, "p2"), key: "d"))
        try await books.post(books.posting(.reverse(back.id), key: "e"))
        let lines = try await books.db.read { tx in try Board.of(year: 2026, tx) }
        let line = try #require(lines.first { $0.programme == "natural-science" })
        #expect(line[.budget].balance == Money(fen: 600) && line[.budget].inward == Money(fen: 1_000))
        #expect(line[.commitment].inward == Money(fen: 300) && line[.paid].balance == .zero)
    }
}
