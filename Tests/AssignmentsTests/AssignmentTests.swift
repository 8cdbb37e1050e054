import Kernel
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Assignments

@Suite("Assignments from intake to close", .serialized)
struct AssignmentTests {
    @Test("A task goes its whole way between the divisions", arguments: TestStore.engines)
    func wholeWay(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let file = try await house.running(milestones: [5, 20])
        #expect(
            await house.refusal { try await house.act(file.id, "note", house.office, ["text": "进展"]) } == [
                "case.not-yours"
            ])
        #expect(
            await house.refusal {
                try await house.act(file.id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复"])
            } == ["assignment.open-milestones"])
        try await house.act(file.id, "note", house.lead, ["text": "第一步完成", "milestone": 1])
        try await house.act(file.id, "replan", house.lead)
        let today = house.house.today
        try await house.act(
            file.id, "plan", house.lead,
            [
                "milestones": [
                    ["title": "节点1", "due-on": .string(today.adding(days: 5).description)],
                    ["title": "新节点", "due-on": .string(today.adding(days: 25).description)],
                ]
            ])
        let whole = try #require(try await house.house.db.read { tx in try AssignmentHooks.whole(file.id, tx) })
        #expect(whole.milestones.map { $0.doneOn != nil } == [true, false])
        try await house.act(file.id, "note", house.lead, ["text": "第二步完成", "milestone": 2])
        let checked = try await house.act(file.id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复文件"])
        #expect(checked.step == "check")
        #expect(
            await house.refusal { try await house.act(file.id, "close", house.lead, ["finding": "属实"]) } == [
                "case.not-yours"
            ])
        try await house.act(file.id, "return", house.office, ["reason": "缺少批复原文"])
        #expect(
            await house.refusal { try await house.act(file.id, "note", house.office, ["text": "进展"]) } == [
                "case.not-yours"
            ])
        try await house.act(file.id, "report-back", house.lead, ["result": "已补充批复", "evidence": "批复文件"])
        try await house.act(file.id, "close", house.checker, ["finding": "已核对"])
        let task = try #require(try await house.house.db.read { tx in try AssignmentStore.find(file.id, tx) })
        #expect(task.state == .closed && task.closedOn == today)
    }

    @Test(
        "What comes in is checked",
        arguments: [
            (30, "internal", 0, [] as [String]), (30, "state-secret", 0, ["assignment.state-secret"]),
            (30, "top", 0, ["field.choice", "assignment.state-secret"]), (-1, "open", 0, ["assignment.deadline"]),
            (30, "open", 1, ["assignment.received"]), (0, "open", 0, []),
        ])
    func intake(days: Int, secrecy: String, received: Int, codes: [String]) async throws {
        let house = try await AssignmentsHouse(.sqlite)
        let file = try await house.draft(days: days, secrecy: secrecy, received: received)
        #expect(await house.refusal { try await house.act(file.id, "submit", house.office) } == codes)
    }

    @Test("Nobody files for the office but the office, and no other division shares out")
    func others() async throws {
        let house = try await AssignmentsHouse(.sqlite)
        #expect(
            await house.refusal {
                _ = try await Filings(house.house).start("assignments.task", Filings.Start(), by: house.other)
            } == ["case.not-yours"])
        let file = try await house.draft()
        #expect(await house.refusal { try await house.act(file.id, "submit", house.other) } == ["case.unknown"])
        try await house.act(file.id, "submit", house.office)
        #expect(
            await house.refusal { try await house.act(file.id, "share", house.other, ["lead": "talent"]) } == [
                "case.not-yours"
            ])
        #expect(
            await house.refusal { try await house.act(file.id, "share", house.office, ["lead": "moon"]) } == [
                "field.choice"
            ])
        #expect(
            await house.refusal {
                try await house.act(file.id, "share", house.office, ["lead": "talent", "assisting": ["talent"]])
            } == ["assignment.lead-assists"])
        try await house.act(file.id, "share", house.office, ["lead": "talent"])
        try await house.act(file.id, "hand-back", house.lead, ["reason": "不属本处职责"])
        try await house.act(file.id, "share", house.office, ["lead": "finance"])
        #expect(
            await house.refusal { try await house.act(file.id, "hand-back", house.lead, ["reason": "x"]) } == [
                "case.not-yours"
            ])
    }

    @Test("A restricted task is for its divisions, the office and the leaders alone", arguments: TestStore.engines)
    func restricted(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let secret = try await house.running(secrecy: "restricted")
        let plain = try await house.running()
        let desk = AssignmentDesk(house: house.house)
        for (actor, count) in [
            (house.office, 2), (house.lead, 2), (house.assisting, 2), (house.leader, 2), (house.other, 1),
        ] {
            let lines = try await desk.lines(
                AssignmentFilter(viewer: AssignmentDesk.viewer(actor), isRunning: true), light: nil, after: nil,
                limit: 10)
            #expect(lines.count == count, "\(actor.name)")
            let (file, open) = try await house.house.db.read { tx in
                (try CaseStore.require(secret.id, tx), try CaseStore.require(plain.id, tx))
            }
            #expect(house.house.procedures.maySee(actor, file) == (count == 2), "\(actor.name)")
            #expect(house.house.procedures.maySee(actor, open), "\(actor.name)")
            if let viewer = AssignmentDesk.viewer(actor) {
                var filter = CaseFilter("assignments.task")
                filter.viewer = viewer
                filter.isConfidential = true
                let listed = try await house.house.db.read { [filter] tx in try CaseLists.list(filter, limit: 10, tx) }
                #expect(listed.count == count, "\(actor.name)")
            }
        }
        let stranger = Actor(account: ID("stranger"), name: "路人", roles: [.applicant])
        let file = try await house.house.db.read { tx in try CaseStore.require(plain.id, tx) }
        #expect(!house.house.procedures.maySee(stranger, file))
        // Messages name the number alone.
        let told = try await house.messages("lead")
        #expect(!told.isEmpty && told.allSatisfy { !$0.title.zh.contains("推进某项工作") && !$0.body.zh.contains("推进某项工作") })
    }

    @Test(
        "The light follows deadlines, milestones and the clocks of what the task concerns", arguments: TestStore.engines
    )
    func lights(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let plain = try await house.running(days: 30, milestones: [10])
        #expect(try await house.light(plain.id) == .onTime)
        house.move(days: 11)
        #expect(try await house.light(plain.id) == .atRisk)
        try await house.act(plain.id, "note", house.lead, ["text": "补上", "milestone": 1])
        #expect(try await house.light(plain.id) == .onTime)
        house.move(days: 14)
        #expect(try await house.light(plain.id) == .atRisk)
        try await house.act(plain.id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复"])
        #expect(try await house.light(plain.id) == .onTime)
        try await house.act(plain.id, "return", house.office, ["reason": "不完整"])
        house.move(days: 6)
        #expect(try await house.light(plain.id) == .late)
    }

    @Test("A case is due on the day of its task, where its step does not end before", arguments: TestStore.engines)
    func lastDay(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let last = house.house.today.adding(days: 30)
        let file = try await house.running(days: 30, milestones: [20])
        #expect(try await house.due(file.id) == last)
        let later = last.adding(days: 10)
        try await house.act(
            file.id, "ask-extension", house.lead,
            ["new-deadline": .string(later.description), "reason": "需要更多时间"])
        #expect(try await house.due(file.id) == last)
        try await house.act(file.id, "grant", house.leader)
        #expect(try await house.due(file.id) == later)
        try await house.act(file.id, "replan", house.lead)
        let planning = try #require(try await house.due(file.id))
        #expect(planning < last)
        let near = try await house.shared(days: 0)
        #expect(try await house.due(near.id) == house.house.today)
    }

    @Test(
        "A task follows the case that it concerns, and is not closed before that is finished",
        arguments: TestStore.engines)
    func concerns(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        // The case that is watched is another task, whose clock of sharing out runs.
        let watched = try await house.draft(days: 90)
        let moved = try await house.act(watched.id, "submit", house.office)
        let objects: JSONValue = [["kind": "case", "number": .string(watched.number)]]
        let file = try await house.running(days: 60, milestones: [50], objects: objects)
        let due = try #require(moved.dueOn)
        #expect(try await house.light(file.id) == .atRisk)
        house.move(days: due.number - house.house.today.number + 1)
        #expect(try await house.light(file.id) == .atRisk)
        try await house.act(file.id, "note", house.lead, ["text": "完成", "milestone": 1])
        try await house.act(file.id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复"])
        #expect(
            await house.refusal { try await house.act(file.id, "close", house.checker, ["finding": "属实"]) } == [
                "assignment.object-open"
            ])
        try await house.act(watched.id, "share", house.office, ["lead": "finance"])
        #expect(try await house.light(file.id) == .onTime)
    }

    @Test("An entry that a task concerns must be in its wanted state", arguments: TestStore.engines)
    func entries(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let definition = try #require(house.house.registers.definitions.first { $0.id == "strategy.documents" })
        let (now, today) = (house.clock.now(), house.house.today)
        let id: ID<RegisterMark> = house.house.ids.make()
        let act = RegisterAct(by: .system, reason: "test", at: now, on: today)
        let number = try await house.house.db.write { tx in
            try RegisterStore.add(
                definition,
                [
                    "name": "旧办法", "document-number": "旧〔2020〕1号", "kind": "department-document",
                    "published-on": "2020-01-01", "effective-on": "2020-01-01",
                ], id: id, act, tx
            ).number
        }
        let file = try await house.running(
            objects: [["kind": "entry", "number": .string(number), "wanted": "repealed"]])
        try await house.act(file.id, "note", house.lead, ["text": "完成", "milestone": 1])
        try await house.act(file.id, "report-back", house.lead, ["result": "已经完成了", "evidence": "批复"])
        #expect(
            await house.refusal { try await house.act(file.id, "close", house.checker, ["finding": "属实"]) } == [
                "assignment.object-open"
            ])
        try await house.house.db.write { tx in
            let entry = try RegisterStore.require(definition.id, number, tx)
            try RegisterStore.setState(entry, of: definition, "repealed", act, tx)
        }
        try await house.act(file.id, "close", house.checker, ["finding": "属实"])
    }

    static let broken: [([Int], JSONValue, [String])] = [
        ([40], [], ["assignment.milestone-late"]), ([20, 10], [], ["assignment.milestone-order"]),
        ([], [], ["field.rows"]), ([10], [["kind": "case", "number": "X-1"]], ["assignment.object"]),
        ([10], [["kind": "entry", "number": "X-1"]], ["assignment.object"]),
    ]

    @Test("A plan that does not hold is refused", arguments: broken)
    func plans(milestones: [Int], objects: JSONValue, codes: [String]) async throws {
        let house = try await AssignmentsHouse(.sqlite)
        #expect(
            await house.refusal { _ = try await house.running(milestones: milestones, objects: objects) } == codes)
    }

    @Test("More time is asked for, and only a leader gives it", arguments: TestStore.engines)
    func extensions(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        let file = try await house.running(days: 10, milestones: [5])
        let today = house.house.today
        func ask(_ days: Int) async -> [String] {
            await house.refusal {
                try await house.act(
                    file.id, "ask-extension", house.lead,
                    ["new-deadline": .string(today.adding(days: days).description), "reason": "等待上级批复"])
            }
        }
        #expect(await ask(10) == ["assignment.extension"])
        #expect(await ask(40) == [])
        #expect(await house.refusal { try await house.act(file.id, "grant", house.office) } == ["case.not-yours"])
        try await house.act(file.id, "grant", house.leader)
        let task = try await house.house.db.read { tx in try AssignmentStore.require(file.id, tx) }
        #expect(task.deadline == today.adding(days: 40))
    }

    @Test("Divisions are reminded before the deadline, leaders told after it, once each", arguments: TestStore.engines)
    func reminders(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        _ = try await house.running(days: 30)
        let before = try await house.messages("lead").count
        var told: [Int] = []
        for _ in 0...40 {
            told.append(try await AssignmentReminders(house: house.house, batch: 1).run())
            _ = try await AssignmentReminders(house: house.house).run()
            house.move(days: 1)
        }
        let days = told.enumerated().filter { $0.element > 0 }.map(\.offset)
        #expect(days == [20, 25, 29, 31, 35])
        #expect(try await house.messages("lead").count - before == 5)
        #expect(try await house.messages("assisting").count - before == 5)
        #expect(try await house.messages("other").isEmpty)
        #expect(try await house.messages("leader").count == 2)
    }

    @Test("Lists are filtered by light, source and division, page by page", arguments: TestStore.engines)
    func lists(engine: Engine) async throws {
        let house = try await AssignmentsHouse(engine)
        for index in 0..<6 {
            _ = try await house.running(
                days: index % 2 == 0 ? 3 : 40, milestones: [2], source: index % 3 == 0 ? "superior" : "government")
        }
        let desk = AssignmentDesk(house: house.house)
        func count(_ filter: AssignmentFilter, _ light: LightOutcome.Light?) async throws -> Int {
            var found = 0
            var place: (deadline: Day, id: String)?
            while true {
                let lines = try await desk.lines(filter, light: light, after: place, limit: 2)
                found += lines.count
                guard lines.count == 2, let last = lines.last else { return found }
                place = (last.task.deadline, last.task.caseID.text)
            }
        }
        #expect(try await count(AssignmentFilter(isRunning: true), nil) == 6)
        #expect(try await count(AssignmentFilter(isRunning: true), .atRisk) == 3)
        #expect(try await count(AssignmentFilter(source: "superior"), nil) == 2)
        #expect(try await count(AssignmentFilter(lead: "finance"), nil) == 0)
        #expect(try await count(AssignmentFilter(state: .closed), nil) == 0)
    }
}
