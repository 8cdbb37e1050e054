import BureauTestSupport
import Foundation
import Funding
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// Outages are measured by the house itself, and deadlines near them move by the published rule.
@Suite("Outages", .timeLimit(.minutes(60)))
struct OutageTests {
    /// A house with a machine's clock that the test moves.
    private struct Watched {
        let test: TestHouse
        let machine: StandingClock

        init(_ engine: Engine) async throws {
            test = try await TestHouse(engine, standing: true)
            machine = StandingClock(SystemClock().now())
        }

        var house: House { test.house }
        var uptime: Uptime {
            var uptime = test.services.uptime
            uptime.machine = machine
            return uptime
        }

        /// An application that waits for its organisation, and until when.
        func submitted() async throws -> (item: Application, due: Day) {
            let applicant = try await test.actor("applicant")
            let item = try await test.services.funding.applications.start(
                call: try await test.call("natural-science").number,
                organisation: applicant.memberships[0].organisation, by: applicant)
            _ = try await test.services.funding.applications.replace(
                item.id, answers: TestHouse.answers(1), expecting: 0, by: applicant)
            return (item, try #require(try await test.act(item.id, "submit", applicant).dueOn))
        }

        /// Sets the house's clock only, as the demonstration does.
        func turn(to day: Day, hour: Int, minute: Int = 0) {
            test.services.clock.set(
                to: house.city.zone.start(of: day).adding(seconds: hour * 3_600 + minute * 60))
        }

        /// Time passes, with or without the house.
        func pass(minutes: Int) {
            machine.move(seconds: minutes * 60)
            test.services.clock.lead += Int64(minutes) * 60_000_000
        }

        func call(_ id: ID<Call>) async throws -> Call {
            try await house.db.read { tx in try CallStore.require(id, tx) }
        }
    }

    @Test(
        "Calls that close while the house is down, or soon after, are open longer, all the same",
        arguments: TestStore.engines)
    func calls(engine: Engine) async throws {
        let watched = try await Watched(engine)
        let (test, house) = (watched.test, watched.house)
        let first = try await test.call("natural-science")
        let second = try await test.call("technology-general")
        let day = first.closesOn
        try await house.db.write { tx in
            try tx.run("UPDATE funding_call SET closes_on = \(day) WHERE id = \(second.id)")
        }
        let applicant = try await test.actor("applicant")
        let draft = try await test.services.funding.applications.start(
            call: first.number, organisation: applicant.memberships[0].organisation, by: applicant)
        watched.turn(to: day, hour: 22)
        #expect(try await watched.uptime.beat() == nil)
        watched.pass(minutes: 240)
        await #expect(throws: CallError.self) {
            try await test.services.funding.applications.start(
                call: second.number, organisation: applicant.memberships[0].organisation, by: applicant)
        }
        let outage = try #require(try await watched.uptime.beat())
        #expect(outage.minutes == 240 && outage.extended >= 2)
        let expected = try Period.workingDays(1).end(after: day, house.city.calendar)
        for id in [first.id, second.id] {
            #expect(try await watched.call(id).closesOn == expected)
        }
        // What was too late is in time again, and drafts know the new day.
        watched.turn(to: expected, hour: 12)
        _ = try await test.services.funding.applications.start(
            call: second.number, organisation: applicant.memberships[0].organisation, by: applicant)
        let number = try #require(outage.notice)
        try await house.db.read { tx in
            #expect(try CaseValues.all(of: draft.id, tx)["closes-on"]?.string == expected.description)
            let notice = try #require(try NoticeStore.find(number: number, tx))
            let rows = try NoticeStore.rows(of: notice.id, tx)
            #expect(Set(rows.map(\.number)).isSuperset(of: [first.number, second.number]))
            let events: Int = try tx.value("SELECT COUNT(*) FROM event WHERE kind = 'call.extended'") ?? 0
            #expect(events == rows.count { $0.title.zh.contains("申报截止") })
        }
        try await pages(test, first, number)
    }

    /// What everybody is told, in both languages.
    private func pages(_ test: TestHouse, _ call: Call, _ notice: String) async throws {
        let knocker = try Knocker(test.services)
        for (language, words) in [
            (Language.chinese, ["申报截止已顺延至", "系统停机 240 分钟", notice]),
            (.english, ["The closing date was moved to", "was down for 240 minutes", notice]),
        ] {
            let page = await knocker.get("/calls/\(call.number)", as: .everyone, "e", language: language)
            for word in words { #expect(page.text.contains(word), "\(word)") }
            let list = await knocker.get("/outages", as: .everyone, "e", language: language)
            #expect(list.status == 200 && list.text.contains("240") && list.text.contains(notice))
            #expect(list.text.contains(language == .chinese ? "依据待核" : "source to be checked"))
        }
        let file = await knocker.get("/outages?format=csv", as: .everyone, "e")
        #expect(file.text.contains(",240,") && file.text.contains(notice))
    }

    @Test("Deadlines of applicants and organisations move too, and say why", arguments: TestStore.engines)
    func clocks(engine: Engine) async throws {
        let watched = try await Watched(engine)
        let house = watched.house
        let (item, due) = try await watched.submitted()
        try await leave(item.id, house)
        watched.turn(to: due, hour: 23, minute: 30)
        try await watched.uptime.beat()
        watched.pass(minutes: 90)
        let outage = try #require(try await watched.uptime.beat())
        #expect(outage.extended >= 1)
        let calendar = house.city.calendar
        try await house.db.read { tx in
            let file = try CaseStore.require(item.id, tx)
            let wanted = try Period.workingDays(1).end(after: due, calendar)
            #expect(try #require(file.dueOn) >= wanted)
            let clock = try #require(try CaseStore.clocks(item.id, tx).last { $0.stoppedOn == nil })
            #expect(try clock.clock.due(calendar) == file.dueOn)
            #expect(try clock.clock.explanation(calendar).contains { $0.reason.zh.contains("停机") })
        }
    }

    /// Leaves a case as versions do that know the day that counts alone.
    private func leave(_ id: ID<CaseFile>, _ house: House) async throws {
        try await house.db.write { tx in try tx.run("UPDATE case_file SET clock_on = NULL WHERE id = \(id)") }
    }

    @Test(
        "A last day of the case's own is moved by no outage, and hides the end of the clock without changing it",
        arguments: TestStore.engines)
    func ownDays(engine: Engine) async throws {
        let watched = try await Watched(engine)
        let house = watched.house
        let (item, due) = try await watched.submitted()
        try await leave(item.id, house)
        func bind(_ day: Day?) async throws {
            try await house.db.write { tx in try CaseStore.bind(item.id, by: day, tx) }
        }
        func dueOn() async throws -> Day? {
            try await house.db.read { tx in try CaseStore.require(item.id, tx).dueOn }
        }
        try await bind(due)
        watched.turn(to: due, hour: 23, minute: 30)
        try await watched.uptime.beat()
        watched.pass(minutes: 90)
        try await watched.uptime.beat()
        #expect(try await dueOn() == due)
        let told = try await house.db.read { tx in
            try Record.events(of: item.id, tx).filter { $0.kind == "case.extended" }.count
        }
        #expect(told == 0)
        // Its clock was given the time all the same.
        try await bind(nil)
        let later = try #require(try await dueOn())
        let wanted = try Period.workingDays(1).end(after: due, house.city.calendar)
        #expect(later >= wanted)
        let soon = due.adding(days: -1)
        try await bind(soon)
        try await house.db.write { tx in try house.procedures.renewClocks(of: item.id, tx) }
        #expect(try await dueOn() == soon)
        try await bind(later.adding(days: 300))
        #expect(try #require(try await dueOn()) < later.adding(days: 300))
    }

    @Test("Short gaps, moved clocks and the house that stays up move nothing", arguments: TestStore.engines)
    func nothing(engine: Engine) async throws {
        let watched = try await Watched(engine)
        let call = try await watched.test.call("natural-science")
        watched.turn(to: call.closesOn, hour: 22)
        #expect(try await watched.uptime.beat() == nil)
        for _ in 0..<10 {
            watched.machine.move(seconds: 50)
            #expect(try await watched.uptime.beat() == nil)
        }
        // Nine minutes are an outage, but none that moves a deadline.
        watched.pass(minutes: 9)
        let short = try #require(try await watched.uptime.beat())
        #expect(short.minutes == 9 && short.extended == 0 && short.notice == nil)
        // The demonstration turns its clock forward by a week; the machine's clock is set back by an hour.
        watched.test.move(days: -7)
        #expect(try await watched.uptime.beat() == nil)
        watched.machine.move(seconds: -3_600)
        #expect(try await watched.uptime.beat() == nil)
        watched.machine.move(seconds: 30)
        #expect(try await watched.uptime.beat() == nil)
        #expect(try await watched.call(call.id).closesOn == call.closesOn)
    }

    @Test(
        "An outage that several processes find at once is kept once, and its length counts by days",
        arguments: TestStore.engines)
    func once(engine: Engine) async throws {
        let watched = try await Watched(engine)
        let house = watched.house
        let call = try await watched.test.call("natural-science")
        watched.turn(to: call.closesOn, hour: 20)
        try await watched.uptime.beat()
        watched.pass(minutes: 60 * 30)
        let found = try await withThrowingTaskGroup(of: Outage?.self) { group in
            for _ in 0..<8 { group.addTask { [uptime = watched.uptime] in try await uptime.beat() } }
            return try await group.reduce(into: [Outage]()) { all, one in if let one { all.append(one) } }
        }
        #expect(found.count == 1)
        let kept = try await house.db.read { tx in try OutageStore.list(after: nil, limit: 10, tx) }
        #expect(kept.filter { $0.minutes == 60 * 30 } == found)
        // Thirty hours: twice the extension.
        let expected = try Period.workingDays(2).end(after: call.closesOn, house.city.calendar)
        #expect(try await watched.call(call.id).closesOn == expected)
    }
}
