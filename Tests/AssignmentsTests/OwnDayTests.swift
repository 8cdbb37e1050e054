import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Assignments

@Suite("Days of tasks beside the version before", .serialized)
struct OwnDayTests {
    @Test(
        "Tasks under way from before cases had days of their own get theirs; what was reported back does not",
        arguments: TestStore.engines)
    func carriedOver(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let running = try await house.running(days: 30, milestones: [20])
        let reported = try await house.running(days: 1, milestones: [1])
        let checking = try await report(reported.id, house)
        #expect(checking > house.house.today.adding(days: 1), "the check has its own time")
        try await house.house.db.write { tx in
            try tx.run(
                "UPDATE case_file SET bound_on = NULL, due_on = clock_on, due_key = COALESCE(clock_on, '9999')")
        }
        #expect(try await house.due(running.id) == nil)
        try await house.room.tick()
        #expect(try await house.due(running.id) == house.house.today.adding(days: 30))
        #expect(try await house.due(reported.id) == checking)
    }

    @Test("What the version before does to tasks beside this one is taken over", arguments: TestStore.engines)
    func takenOver(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let today = house.house.today
        let later = today.adding(days: 40)
        let (extended, reported, opened) = (
            try await house.running(), try await house.running(), try await house.running()
        )
        let check = try await report(reported.id, house)
        try await house.house.db.write { tx in
            try tx.run("UPDATE assignment SET deadline = \(later) WHERE case_id = \(extended.id)")
            // The day of its own is there yet, and happens to be that of the check.
            try tx.run("UPDATE case_file SET clock_on = NULL, bound_on = \(check) WHERE id = \(reported.id)")
        }
        try await leave(extended.id, dueOn: later, house)
        try await leave(opened.id, dueOn: today.adding(days: 30), isNew: true, house)
        try await house.room.tick()
        #expect(try await house.due(extended.id) == later)
        #expect(try await house.due(reported.id) == check)
        #expect(try await !isBound(reported.id, house))
        // Their days stay through steps that have a clock.
        for (file, day) in [(extended, later), (opened, today.adding(days: 30))] {
            try await house.act(file.id, "replan", house.lead)
            #expect(try #require(try await house.due(file.id)) < day)
            let milestones: JSONValue = [
                ["title": "节点", "due-on": .string(today.adding(days: 20).description)]
            ]
            try await house.act(file.id, "plan", house.lead, ["milestones": milestones, "objects": []])
            #expect(try await house.due(file.id) == day)
        }
        // Every hour, until no process of the version before is left.
        try await leave(opened.id, dueOn: today.adding(days: 30), isNew: true, house)
        try await house.room.tick()
        #expect(try await !isBound(opened.id, house))
        house.clock.move(seconds: 3_600)
        try await house.room.tick()
        #expect(try await isBound(opened.id, house))
        house.move(days: 1)
        try await house.room.tick()
        try await leave(opened.id, dueOn: today.adding(days: 30), isNew: true, house)
        house.move(days: 1)
        try await house.room.tick()
        #expect(try await !isBound(opened.id, house))
    }

    @Test(
        "Where the day of a task hides the end of a clock, that end is known all the same after the version before moved it",
        arguments: TestStore.engines)
    func hiddenClocks(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let today = house.house.today
        let far = today.adding(days: 300)
        // Due today; its plan has some days more.
        let moved = try await house.shared(days: 0)
        // No clock runs; the version before knows the day of the task for the end of one.
        let (opened, last) = (try await house.running(days: 30), today.adding(days: 30))
        let end = try #require(try await clockEnd(moved.id, house))
        #expect(end > today)
        // It moves a case and binds it anew: the day stays, and with it what was kept of the step before.
        try await house.house.db.write { tx in
            try tx.run("UPDATE case_file SET clock_on = \(today) WHERE id = \(moved.id)")
            try tx.run("UPDATE case_file SET clock_on = \(last) WHERE id = \(opened.id)")
        }
        try await house.room.tick()
        #expect(try await house.due(moved.id) == today)
        #expect(try await house.due(opened.id) == last)
        try await house.house.db.write { tx in
            for file in [moved, opened] { try CaseStore.bind(file.id, by: far, tx) }
        }
        #expect(try await house.due(moved.id) == end)
        #expect(try await house.due(opened.id) == far)
    }

    /// Leaves a case as the version before does, which knows the day that counts alone.
    /// - Parameter isNew: whether it opened the case, too.
    private func leave(
        _ id: ID<CaseFile>, dueOn day: Day, isNew: Bool = false, _ house: AssignmentsHouse
    ) async throws {
        try await house.house.db.write { tx in
            try tx.run("UPDATE case_file SET due_on = \(day), due_key = \(day) WHERE id = \(id)")
            if isNew { try tx.run("UPDATE case_file SET clock_on = NULL, bound_on = NULL WHERE id = \(id)") }
        }
    }

    /// Reports a task with one milestone back.
    /// - Returns: the last day of its check.
    private func report(_ id: ID<CaseFile>, _ house: AssignmentsHouse) async throws -> Day {
        try await house.act(id, "note", house.lead, ["text": "完成", "milestone": 1])
        try await house.act(id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复"])
        return try #require(try await house.due(id))
    }

    private func isBound(_ id: ID<CaseFile>, _ house: AssignmentsHouse) async throws -> Bool {
        try await house.house.db.read { tx in
            let day: Day? = try tx.value("SELECT bound_on FROM case_file WHERE id = \(id)")
            return day != nil
        }
    }

    private func clockEnd(_ id: ID<CaseFile>, _ house: AssignmentsHouse) async throws -> Day? {
        try await house.house.db.read { tx in try tx.value("SELECT clock_on FROM case_file WHERE id = \(id)") }
    }
}
