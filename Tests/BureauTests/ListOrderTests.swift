import BureauTestSupport
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

/// What stands first in lists that people read from the top, on whatever page of them.
@Suite("The order of lists")
struct ListOrderTests {
    private func numbers(_ phase: CallFilter.Phase, by size: Int, _ house: TestHouse) async throws -> [String] {
        let today = house.house.today
        var found: [CallSummary] = []
        for _ in 0..<10 {
            let place = found.last.map { (day: phase.day(of: $0), id: $0.id.text) }
            let part = try await house.house.db.read { tx in
                try CallStore.list(CallFilter(phase: phase), today: today, after: place, limit: size, tx)
            }
            found += part
            if part.count < size { break }
        }
        return found.map(\.number)
    }

    @Test(
        "Open calls come by their deadlines, the nearest first, and those to come by the day on which they open",
        arguments: TestStore.engines)
    func calls(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let first = try await house.call("natural-science").number
        let second = try await house.call("technology-general").number
        let third = try await house.call("talent-team").number
        let (order, today) = ([first, second, third], house.house.today)
        for size in [1, 2, 50] {
            #expect(try await numbers(.open, by: size, house) == order, "\(size)")
            #expect(try await numbers(.all, by: size, house) == order.reversed(), "\(size)")
        }
        let listed = try await house.walk("calls.list", .everyone) { html in
            html.matches(of: /href="\/calls\/([A-Z-]+-[0-9]{4}-[0-9]{3})"/).map { String($0.1) }
        }
        #expect(listed == order)
        let home = text(try await house.visit("home", .everyone))
        let places = order.compactMap { home.firstRange(of: "/calls/\($0)")?.lowerBound }
        #expect(places.count == 3 && places == places.sorted())
        try await house.house.db.write { tx in
            for (number, days) in [(first, 9), (third, 3)] {
                try tx.run(
                    "UPDATE funding_call SET opens_on = \(today.adding(days: days)) WHERE number = \(number)")
            }
        }
        for size in [1, 50] {
            #expect(try await numbers(.upcoming, by: size, house) == [third, first], "\(size)")
            #expect(try await numbers(.open, by: size, house) == [second], "\(size)")
        }
        house.move(days: 60)
        for size in [1, 50] {
            #expect(try await numbers(.closed, by: size, house) == order.reversed(), "\(size)")
        }
    }

    @Test(
        "Notices that are open to objection come by their deadlines, the nearest first; all of them the newest first",
        arguments: TestStore.engines)
    func notices(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (today, now) = (house.house.today, house.house.clock.now())
        let made = (0..<50).map { index in
            (
                id: UUIDv7.make(at: now.adding(seconds: index)), number: "GS-2026-\(9_000 + index)",
                days: index * 7 % 24 - 2
            )
        }
        try await house.house.db.write { tx in
            for one in made {
                try tx.run(
                    """
                    INSERT INTO notice (id, number, title_zh, title_en, intro_zh, intro_en, subject_kind, subject,
                        opens_on, closes_on, basis_zh, basis_en, content_hash, division, published_at)
                    VALUES (\(one.id), \(one.number), '公示', 'Notice', '', '', 'test', \(one.number),
                        \(today.adding(days: -9)), \(today.adding(days: one.days)), '', '', '', 'planning', \(now))
                    """)
            }
        }
        func walk(_ query: String) async throws -> [String] {
            try await house.walk("notices.list", .everyone, query) { html in
                html.matches(of: /href="\/notices\/(GS-2026-9[0-9]{3})"/).map { String($0.1) }
            }
        }
        let open = made.filter { $0.days >= 0 }.sorted { ($0.days, $0.id) < ($1.days, $1.id) }
        #expect(open.count > 40 && open.count < made.count)
        #expect(try await walk("") == open.map(\.number))
        #expect(try await walk("phase=all") == made.reversed().map(\.number))
    }

    @Test("My work shows the last of what I applied for and leads to all of it", arguments: TestStore.engines)
    func applied(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let applicant = try await house.actor("applicant")
        let now = house.house.clock.now()
        func file(_ numbers: ClosedRange<Int>) async throws {
            try await house.house.db.write { tx in
                for number in numbers {
                    try tx.run(
                        """
                        INSERT INTO case_file (id, procedure, version, number, title_zh, title_en, step, holder,
                            applicant, division, opened_at, step_since, due_key, revision)
                        VALUES (\(UUIDv7.make(at: now.adding(seconds: number))), 'test', 1, \("SQ-\(1_000 + number)"),
                            '题', 'Title', 'review', 'officer', \(applicant.account), 'planning', \(now), \(now), '9999',
                            1)
                        """)
                }
            }
        }
        func find(_ html: String) -> [String] {
            html.matches(of: /cases\/[^"]+">(SQ-[0-9]{4})</).map { String($0.1) }
        }
        func expected(_ numbers: ClosedRange<Int>) -> [String] { numbers.reversed().map { "SQ-\(1_000 + $0)" } }
        try await file(1...20)
        let few = text(try await house.visit("work", applicant))
        #expect(find(few) == expected(1...20) && !few.contains("/work/applied"))
        try await file(21...120)
        let many = text(try await house.visit("work", applicant))
        #expect(find(many) == expected(101...120) && many.contains("href=\"/work/applied\""))
        #expect(try await house.walk("work.applied", applicant, find: find) == expected(1...120))
        let other = try await house.walk("work.applied", try await house.actor("organisation"), find: find)
        #expect(other.isEmpty)
    }
}
