import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Portal
@testable import Talent

@Suite("Boards and reminders")
struct BoardTests {
    @Test("An employer gets one message for all its permits, once for each reminder", arguments: TestStore.engines)
    func reminders(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        for number in 1...3 {
            try await room.permit(number, endsIn: 90, account: number == 1 ? room.expertAccount : nil)
        }
        try await room.permit(4, endsIn: 91)
        try await room.permit(5, endsIn: 90, at: room.other)
        try await room.permit(6, endsIn: 90, state: "cancelled")
        let reminders = Reminders(room.house)
        #expect(try await reminders.run() == 4, "three here and one elsewhere")
        #expect(try await reminders.run() == 0)
        var told = try await room.messages(ID("handler"))
        #expect(told.count == 1 && told[0].title.en == "3 work permits end soon")
        #expect(told[0].address == "/talent/employers/\(room.place)")
        #expect(try await room.messages(room.expertAccount).count == 1)
        room.move(days: 1)
        #expect(try await reminders.run() == 1, "the fourth reaches its ninetieth day")
        room.move(days: 28)
        #expect(try await reminders.run() == 0)
        room.move(days: 1)
        // Sixty days are left to the first three, and to the one elsewhere.
        #expect(try await reminders.run() == 4)
        told = try await room.messages(ID("handler"))
        #expect(told.count == 3)
    }

    @Test(
        "A house that slept sends the nearest reminder only, and an extended permit begins anew",
        arguments: TestStore.engines)
    func late(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        try await room.permit(1, endsIn: 31)
        #expect(try await Reminders(room.house).run() == 1)
        let days: [Int] = try await room.house.db.read { tx in
            try tx.rows("SELECT days FROM permit_reminder") { try $0["days"] }
        }
        #expect(days == [45])
        let end = room.house.today.adding(days: 89)
        try await room.house.db.write { tx in try tx.run("UPDATE permit SET ends_on = \(end) WHERE id = 'p1'") }
        #expect(try await Reminders(room.house).run() == 1)
    }

    @Test("Months, census and lists count the same permits", arguments: TestStore.engines)
    func counts(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        var random = SeededRandom(seed: 12)
        for number in 0..<40 {
            try await room.permit(
                number, endsIn: Int.random(in: -100...500, using: &random),
                at: number % 3 == 0 ? room.other : room.place,
                category: ["A", "B", "C"][Int.random(in: 0..<3, using: &random)],
                country: ["DEU", "FRA", "JPN"][Int.random(in: 0..<3, using: &random)],
                state: number % 5 == 0 ? "cancelled" : "valid")
        }
        let today = room.house.today
        try await room.house.db.read { tx in
            let months = try BoardStore.months(from: today, count: 12, tx)
            #expect(months.count == 12 && months[0].month == "2026-03" && months[11].month == "2027-02")
            let listed = try BoardStore.ending(
                from: today, through: today.adding(months: 12).adding(days: -1), limit: 1_000, tx)
            #expect(months.reduce(0) { $0 + $1.total } == listed.count && !listed.isEmpty)
            let here = try BoardStore.months(from: today, count: 12, organisation: room.place, tx)
            let elsewhere = try BoardStore.months(from: today, count: 12, organisation: room.other, tx)
            #expect(zip(zip(here, elsewhere), months).allSatisfy { $0.0.total + $0.1.total == $1.total })
            let census = try BoardStore.census(tx)
            let valid: Int = try tx.value("SELECT COUNT(*) FROM permit WHERE state = 'valid'") ?? 0
            #expect(census.total == valid)
            let sums = census.sums(by: \.nationality)
            #expect(sums.reduce(0) { $0 + $1.count } == valid && sums.map(\.count) == sums.map(\.count).sorted(by: >))
            var pages: [BoardPermit] = []
            while true {
                let page = try BoardStore.ending(
                    from: today, through: today.adding(days: 400), after: pages.last.map { ($0.endsOn, $0.id) },
                    limit: 3,
                    tx)
                pages += page
                if page.count < 3 { break }
            }
            let whole = try BoardStore.ending(from: today, through: today.adding(days: 400), limit: 1_000, tx)
            #expect(pages == whole)
        }
    }

    @Test("The use of the year's places counts permits of category C that begin in it", arguments: TestStore.engines)
    func quota(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        try await room.permit(1, endsIn: 100, category: "C", startedDaysAgo: 60)
        try await room.permit(2, endsIn: 100, category: "C", startedDaysAgo: 61)
        try await room.permit(3, endsIn: 100, category: "B", startedDaysAgo: 1)
        let (this, last) = try await room.house.db.read { tx in
            (try BoardStore.usedPlaces(year: 2026, tx), try BoardStore.usedPlaces(year: 2025, tx))
        }
        // 2 March less 60 days is 1 January.
        #expect(this == 1 && last == 1)
    }

    @Test("Each department has only the fields that the data gives it")
    func departments() async throws {
        let room = try await PeopleHouse(.sqlite)
        let exports = DepartmentExports(room.talent)
        let recipients = exports.recipients(on: PeopleHouse.start)
        #expect(Set(recipients.map(\.id)) == ["police", "labour", "statistics"])
        let known = Set(DepartmentExports.columns(.english, room.house.city).map(\.id))
        for recipient in recipients { #expect(known.isSuperset(of: recipient.fields), "\(recipient.id)") }
        let statistics = try #require(recipients.first { $0.id == "statistics" })
        #expect(!statistics.fields.contains("name") && !statistics.fields.contains("employer"))
    }

    /// The page that a route of the boards shows.
    private func page(
        _ routes: [Route], _ id: String, _ room: PeopleHouse, _ actor: Actor, values: [String: String] = [:]
    ) async throws -> String {
        let route = try #require(routes.first { $0.id == id })
        let answer = try await route.handler(
            Visit(
                actor: actor, language: .english, route: id, address: route.path, values: values,
                now: room.clock.now(), csrfToken: "t"))
        guard case .page(let page) = answer.content else { return "" }
        return page.body.string
    }

    @Test(
        "What ends soon is the same everywhere, and what is left is left to ask for an extension",
        arguments: TestStore.engines)
    func soon(engine: Engine) async throws {
        let room = try await PeopleHouse(engine)
        for (number, days) in [(1, 29), (2, 30), (3, 35), (4, 46), (5, 20), (6, 91)] {
            try await room.permit(number, endsIn: days)
        }
        for number in 10...21 { try await room.permit(number, endsIn: 80, at: room.other) }
        try await room.house.db.write { tx in _ = try tx.run("UPDATE permit SET term = 'short' WHERE id = 'p5'") }
        try await Reminders(room.house).run()
        #expect(try await room.messages(ID("handler")).map(\.title.en) == ["5 work permits end soon"])
        let name = "data-title=\"Name\""

        let own = try await page(
            EmployerBoard(room.talent).routes, "talent.employer", room, room.handler, values: ["id": room.place.text])
        #expect(own.ranges(of: name).count == 5 && !own.contains("PERSON 6<"))
        for badge in [
            "bad\">Too late to extend<", "warning\">Last day today<", "warning\">5 days<", "good\">16 days<",
            "neutral\">Cannot be extended<",
        ] { #expect(own.contains("<span class=\"badge \(badge)"), "\(badge)") }

        let desk = TalentDesk(room.talent).routes
        let home = try await page(desk, "talent.desk", room, room.officer)
        #expect(home.contains("<span class=\"value\">17</span><span class=\"label\">end within 90 days<"))
        #expect(home.contains("Ending within 90 days") && home.ranges(of: name).count == 10)
        #expect(home.contains("<a href=\"/desk/talent/permits?days=90\">All 17</a>"))
        #expect(try await page(desk, "talent.desk.permits", room, room.officer).ranges(of: name).count == 17)
    }
}
