import Foundation
import Kernel
import Review
import Store
import Synchronization
import Testing

@testable import Review

/// The city's day 0 is 4 October 2024, in the autumn holiday: the first working days after it are 8, 9, 10, 11 and 12
/// October (a Saturday that was worked), then 14, the due day.
@Suite("Looking after a review")
struct CareTests {
    static let care = ReviewCare(answer: .workingDays(3), sheet: .workingDays(5), remindBefore: 2)

    static func calendar() throws -> WorkCalendar {
        var url = URL(fileURLWithPath: #filePath)
        while url.lastPathComponent != "Tests" { url = url.deletingLastPathComponent() }
        return try WorkCalendar.load(url.deletingLastPathComponent().path + "/Jurisdictions/Shenzhen/calendar.yaml")
    }

    private func day(_ number: Int) -> Day { ReviewCity.day.adding(days: number) }

    private func tend(_ city: ReviewCity, _ round: Round, on number: Int) async throws -> LapsedOutcome? {
        city.clock.set(to: city.sheets.zone.start(of: day(number)).adding(seconds: 36_000))
        let box = Mutex<LapsedOutcome?>(nil)
        try await city.review.tend(round.id, Self.care, Self.calendar()) { outcome, _ in
            box.withLock { $0 = outcome }
        }
        return box.withLock { $0 }
    }

    private func messages(_ city: ReviewCity, _ expert: ID<Expert>) async throws -> Int {
        let account = try #require(city.experts.first { $0.id == expert }).account
        return try await city.db.read { tx in
            try Messages.list(account, before: nil, limit: 100, tx).filter { $0.title.en == "Reminder to review" }.count
        }
    }

    @Test("Who does not answer the invitation in its days is replaced by the next reserve, once a day, without a hand")
    func invitations() async throws {
        let city = try await ReviewCity.open(experts: 5)
        let (round, outcome) = try await city.drawn(wanted: 2)
        #expect(try await tend(city, round, on: 6)?.replaced.isEmpty == true)
        let after = try #require(try await tend(city, round, on: 7))
        #expect(after.replaced.count == 2 && after.withoutReserve.isEmpty)
        #expect(try await tend(city, round, on: 7) == nil)
        let all = try await city.assignments(round)
        #expect(
            all.filter { $0.state == .replaced }.map(\.expert).sorted { $0.text < $1.text }
                == outcome.results[0].drawn.sorted { $0.text < $1.text })
        let fresh = all.filter { $0.state == .invited }
        #expect(Set(fresh.map(\.expert)) == Set(outcome.results[0].reserves.prefix(2)))
        // Five working days from the 11th: the 12th, 14th, 15th, 16th and 17th.
        #expect(fresh.allSatisfy { $0.isReserve && $0.dueOn == day(13) })
    }

    @Test("A sheet that is not submitted by its day goes to a reserve; one that was submitted stays")
    func sheets() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (round, _) = try await city.drawn(wanted: 2)
        let both = try await city.assignments(round)
        for one in both { try await city.sheets.accept(one.id, by: try city.actor(one.expert)) }
        try await city.judge(try await city.assignment(both[0].id), 80)
        #expect(try await tend(city, round, on: 10)?.replaced.isEmpty == true)
        let outcome = try #require(try await tend(city, round, on: 11))
        #expect(outcome.replaced == [both[1].id])
        #expect(try await city.assignment(both[0].id).state == .submitted)
    }

    @Test("Where no reserve is left the expert keeps the sheet, the owner is told, and the reminder comes again")
    func withoutReserve() async throws {
        let city = try await ReviewCity.open(experts: 2)
        let (round, _) = try await city.drawn(wanted: 2)
        let both = try await city.assignments(round)
        for one in both { try await city.sheets.accept(one.id, by: try city.actor(one.expert)) }
        let outcome = try #require(try await tend(city, round, on: 11))
        #expect(outcome.replaced.isEmpty && outcome.withoutReserve.count == 2)
        #expect(try await messages(city, both[0].expert) == 1)
        _ = try await tend(city, round, on: 12)
        #expect(try await messages(city, both[0].expert) == 1)
        _ = try await tend(city, round, on: 13)
        #expect(try await messages(city, both[0].expert) == 2)
        #expect(try await city.assignment(both[0].id).state == .accepted)
    }

    @Test("A reminder goes out before the last day and on it, and to nobody who has submitted")
    func reminders() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (round, _) = try await city.drawn(wanted: 2)
        let both = try await city.assignments(round)
        for one in both { try await city.sheets.accept(one.id, by: try city.actor(one.expert)) }
        try await city.judge(try await city.assignment(both[0].id), 80)
        var counts: [Int] = []
        for number in 4...10 {
            _ = try await tend(city, round, on: number)
            counts.append(try await messages(city, both[1].expert))
        }
        // Two working days before the 14th is the 11th, day 7; the 14th is day 10.
        #expect(counts == [0, 0, 0, 1, 1, 1, 2])
        #expect(try await messages(city, both[0].expert) == 0)
    }

    @Test("An expert under the same parent is not drawn, and one who comes under it later may not go on")
    func parents() async throws {
        let city = try await ReviewCity.open(experts: 4)
        let (now, day) = (city.clock.now(), ReviewCity.day)
        let places: [ID<OrganisationMark>] = [ID("firm0"), ID("group")] + city.experts.map(\.organisation)
        try await city.db.write { tx in
            for (number, id) in places.enumerated() {
                try Registry.add(
                    Organisation(
                        id: id, name: Bilingual(id.text, id.text), uscc: "code\(number)", kind: .enterprise, address: ""
                    ),
                    source: "test", by: .system, at: now, on: day, tx)
            }
            for child in [ID("firm0"), city.experts[0].organisation] {
                try Registry.affiliate(
                    Affiliation(organisation: child, parent: ID("group"), kind: .subsidiary, source: "test", from: day),
                    by: .system, at: now, tx)
            }
        }
        let (round, outcome) = try await city.drawn(wanted: 2)
        #expect(!outcome.plan.items[0].eligible.contains(city.experts[0].id))
        #expect(outcome.plan.items[0].eligible.count == 3)
        let one = try #require(try await city.assignments(round).first)
        let home = try #require(city.experts.first { $0.id == one.expert }).organisation
        try await city.db.write { tx in
            try Registry.affiliate(
                Affiliation(organisation: home, parent: ID("group"), kind: .branch, source: "test", from: day),
                by: .system, at: now, tx)
        }
        await #expect(throws: ReviewError.conflicted([.sameParent])) {
            try await city.sheets.accept(one.id, by: try city.actor(one.expert))
        }
    }
}
