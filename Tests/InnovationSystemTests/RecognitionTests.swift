import HouseTestSupport
import Kernel
import Portal
import Review
import Store
import StoreTestSupport
import Testing

@testable import InnovationSystem

@Suite("Recognition of high-tech enterprises")
struct RecognitionTests {
    /// Points in the middle of every band of the sample enterprise.
    static let points: [ScoreItem: Int] = [
        .advance: 7, .coreSupport: 7, .rightsPoints: 8, .waysPoints: 5, .standardsPoints: 1, .transformationPoints: 27,
        .systemPoints: 5, .bodyPoints: 5, .incentivesPoints: 3, .trainingPoints: 3, .assetsPoints: 5, .salesPoints: 9,
    ]

    private func name(_ room: InnovationHouse, _ id: ID<CaseFile>, technical: [Int], finance: [Int]) async throws {
        let panel =
            technical.map { (account: ID<Account>("expert\($0)"), kind: RecognitionSheet.Kind.technical) }
            + finance.map { (account: ID<Account>("expert\($0)"), kind: RecognitionSheet.Kind.finance) }
        try await RecognitionActions(house: room.house).name(panel, of: id, by: room.officer)
    }

    @Test(
        "Five sheets within the bands, publicity of ten working days, a certificate for three years",
        arguments: TestStore.engines)
    func whole(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await room.toReview()
        try await name(room, id, technical: [1, 2, 3, 4], finance: [5])
        let actions = RecognitionActions(house: room.house)
        for number in 1...4 { try await actions.fill(id, Self.points, opinion: "同意", by: room.expert(number)) }
        #expect(try await room.refusals(id, "close-review") == ["recognition.open"])
        try await actions.fill(id, Self.points, opinion: "同意", by: room.expert(5))
        await #expect(throws: ProcedureError.notYours) {
            try await actions.fill(id, Self.points, opinion: "再来一次", by: room.expert(5))
        }
        try await room.act(id, "close-review")
        #expect(try await room.value(id, "total") == "85")
        try await room.act(id, "propose")
        #expect(try await room.refusals(id, "to-decision") == ["recognition.publicity"])
        room.move(days: 15)
        try await room.act(id, "to-decision")
        try await room.act(id, "certify", as: room.leader)
        let entries = try await room.house.db.read { tx in try RegisterStore.entries(of: id, tx) }
        let entry = try #require(entries.first)
        #expect(entry.content["issued"]?.string == "2026-03-17" && entry.content["expires"]?.string == "2029-03-17")
        #expect(entry.content["issued-number"]?.string == "GR2026442000001")
        #expect(entry.content["uscc"]?.string == "91440300MA5D12340D")
    }

    @Test("A panel that is too small, lacks finance or is not of experts is not named", arguments: TestStore.engines)
    func panels(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await room.toReview()
        let wrong: [([Int], [Int], [String])] = [
            ([1, 2, 3], [4], ["recognition.panel.few"]), ([1, 2, 3, 4, 5], [], ["recognition.panel.finance"]),
            ([1, 2], [3, 4, 5], ["recognition.panel.technical"]),
            ([], [], ["recognition.panel.few", "recognition.panel.finance"]),
        ]
        for (technical, finance, codes) in wrong {
            do {
                try await name(room, id, technical: technical, finance: finance)
                Issue.record("a faulty panel was named")
            } catch ProcedureError.refused(let problems) {
                #expect(problems.map(\.code) == codes)
            }
        }
        // Three of five are exactly six in ten.
        try await name(room, id, technical: [1, 2, 3], finance: [4, 5])
        let sheets = try await room.house.db.read { tx in try RecognitionSheet.list(id, tx) }
        #expect(sheets.count == 5)
        await #expect(throws: ProcedureError.unknownCase) {
            try await RecognitionActions(house: room.house).fill(id, Self.points, opinion: "同意", by: room.expert(6))
        }
    }

    /// What naming a panel is refused for.
    private func refused(
        _ room: InnovationHouse, _ id: ID<CaseFile>, technical: [Int], finance: [Int]
    ) async throws -> [FieldProblem] {
        do {
            try await name(room, id, technical: technical, finance: finance)
            return []
        } catch ProcedureError.refused(let problems) {
            return problems
        }
    }

    @Test(
        "Who is in conflict, away or out of the pool is not named, and told at the field", arguments: TestStore.engines)
    func judges(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await room.toReview()
        let (real, owner, today) = (room.house, room.owner.text, room.house.today)
        try await real.db.write { tx in
            try Dealings.set([Dealing(.money, "employer1", owner, from: today, to: today)], of: "contract", tx)
            try Dealings.set([Dealing(.protected, "expert2", owner, from: today, to: today)], of: "tip", tx)
            try ExpertStore.leave(ID("e3"), tx)
        }
        let review = ReviewActions(db: real.db, clock: room.clock, ids: real.ids, zone: real.city.zone)
        try await review.addAbsence(
            AbsenceEntry(from: today.description, to: today.description, note: ""), by: room.expert(6))
        let found = try await refused(room, id, technical: [1, 2, 3, 4], finance: [6])
        #expect(found.map(\.field) == ["technical", "technical", "technical", "finance"])
        #expect(
            found.map(\.code) == ["panel.unavailable", "panel.conflict", "panel.conflict", "panel.unavailable"])
        #expect(found.contains { $0.message.zh == "专家2：关系限制，须回避" })
        let none = try await refused(room, id, technical: [4, 5, 7, 8], finance: [10])
        #expect(none.map(\.code) == ["recognition.panel.unknown"])
        let form = ["4", "5", "7", "8"].map { ("technical", "expert\($0)") } + [("finance", "expert6")]
        _ = try await room.visit("innovation.panel.name", as: room.officer, values: ["id": id.text], form: form)
        #expect(try await room.house.db.read { tx in try RecognitionSheet.list(id, tx) }.isEmpty)
        try await name(room, id, technical: [4, 5, 7, 8], finance: [9])
        // Who has a sheet goes on with it, also where the panel is named anew.
        try await real.db.write { tx in try ExpertStore.leave(ID("e4"), tx) }
        #expect(try await refused(room, id, technical: [4, 5, 7, 8], finance: [9]).isEmpty)
    }

    @Test(
        "Bands open as the facts say, and points outside are refused",
        arguments: [
            (["class-one": 0, "class-two": 5], ScoreItem.rightsPoints, 5...6),
            (["class-one": 0, "class-two": 0], .rightsPoints, 0...0), (["class-one": 1], .rightsPoints, 7...8),
            (["own-research": "no"], .waysPoints, 0...3), (["transformations": 14], .transformationPoints, 19...24),
            (["transformations": 15], .transformationPoints, 25...30),
            (["transformations": 2], .transformationPoints, 0...0),
            (["transformations": 3], .transformationPoints, 1...6), ([:], .assetsPoints, 5...6),
            ([:], .salesPoints, 9...10),
            (["sales3": 0], .salesPoints, 0...0),
            (["assets1": 100, "assets2": 140, "assets3": 175], .assetsPoints, 7...8),
        ] as [(JSONValue, ScoreItem, ClosedRange<Int>)])
    func bands(changes: JSONValue, item: ScoreItem, range: ClosedRange<Int>) throws {
        let city = try TestCity.shenzhen()
        let answers = RecognitionAnswers(values: InnovationHouse.enterprise(changes))
        let bands = try ScoreBands(answers, law: city.rules.law(on: InnovationHouse.start))
        #expect(bands.ranges[item] == range)
        var points = Self.points
        points[item] = range.upperBound + 1
        #expect(bands.problems(points).contains { $0.field == item.field && $0.code == "recognition.band" })
        points[item] = range.lowerBound
        #expect(!bands.problems(points).contains { $0.field == item.field })
        #expect(bands.problems([:]).count == ScoreItem.allCases.count)
    }

    @Test("Above 70 passes, 70 does not; means are rounded half up")
    func line() throws {
        let city = try TestCity.shenzhen()
        let bands = try ScoreBands(
            RecognitionAnswers(values: InnovationHouse.enterprise()), law: city.rules.law(on: InnovationHouse.start))
        var points = Self.points
        points[.advance] = 0
        points[.coreSupport] = 0
        points[.standardsPoints] = 0
        #expect(bands.ruling(points).outcome == ["total": 70, "passes": false])
        points[.standardsPoints] = 1
        #expect(bands.ruling(points).outcome == ["total": 71, "passes": true])
        #expect(RecognitionPanel.means([[.advance: 7], [.advance: 8]])[.advance] == 8)
        #expect(RecognitionPanel.means([[.advance: 7], [.advance: 7], [.advance: 8]])[.advance] == 7)
        #expect(RecognitionPanel.means([]).isEmpty)
    }

    @Test("Who does not meet the conditions cannot submit, and every condition is named", arguments: TestStore.engines)
    func gate(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await room.file(
            "innovation.recognition",
            InnovationHouse.enterprise(["registered-on": "2025-03-03", "clean": "no", "science-staff": 19]),
            files: ["papers"], by: room.applicant)
        #expect(
            try await room.refusals(id, "submit", as: room.applicant)
                == ["recognition.gate.days", "recognition.gate.staff", "recognition.gate.clean"])
    }

    @Test("Nonsense on a sheet comes back with what was typed and keeps nothing", arguments: TestStore.engines)
    func nonsense(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await room.toReview()
        try await name(room, id, technical: [1, 2, 3, 4], finance: [5])
        for form in [[], [("advance", "七")], ScoreItem.allCases.map { ($0.field, "99") }] {
            _ = try await room.visit(
                "innovation.sheets.fill", as: room.expert(1), values: ["id": id.text], form: form)
        }
        let sheets = try await room.house.db.read { tx in try RecognitionSheet.list(id, tx) }
        #expect(sheets.allSatisfy { $0.points == nil })
        for page in ["innovation.sheets.show", "innovation.sheets.mine"] {
            _ = try await room.visit(page, as: room.expert(1), values: ["id": id.text])
        }
        _ = try await room.visit("innovation.panel", as: room.officer, values: ["id": id.text])
    }
}

@Suite("Yearly reports and indicators")
struct ReportTests {
    @Test(
        "Reports are due by the end of May; missing years are counted from the certificate",
        arguments: TestStore.engines)
    func missing(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let entry = try await room.add(
            "innovation.high-tech", ["name": "甲公司", "field": "energy", "issued": "2023-11-15"])
        func years(_ day: String) async throws -> [[Int]] {
            let day = try #require(Day(day))
            return try await room.house.db.read { tx in try IndicatorPages.missing(on: day, tx).map(\.years) }
        }
        #expect(try await years("2024-05-31") == [])
        #expect(try await years("2024-06-01") == [[2023]])
        #expect(try await years("2026-03-02") == [[2023, 2024]])
        let definition = try room.house.registers.require("innovation.high-tech")
        let act = RegisterAct(by: room.officer, reason: "test", at: room.clock.now(), on: InnovationHouse.start)
        try await room.house.db.write { tx in
            try RegisterStore.setFigures(entry, of: definition, period: "2024", ["sales": 1], act, tx)
        }
        #expect(try await years("2026-03-02") == [[2023]])
        _ = try await room.visit("innovation.reports", as: room.leader)
    }

    @Test("An indicator is reached in its own direction", arguments: TestStore.engines)
    func indicators(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let definition = try room.house.registers.require("innovation.indicators")
        let act = RegisterAct(by: room.officer, reason: "test", at: room.clock.now(), on: InnovationHouse.start)
        for (name, better, value, target) in [
            ("高", "higher", 10, 10), ("不足", "higher", 9, 10), ("低", "lower", 9, 10), ("无目标", "lower", 9, nil),
        ] as [(String, String, Int64, Int64?)] {
            let entry = try await room.add(
                "innovation.indicators",
                ["name": .string(name), "unit": "件", "source": "局", "better": .string(better), "group": "output"])
            let figures: JSONValue = ["value": .integer(value), "target": target.map { .integer($0) } ?? .null]
            try await room.house.db.write { tx in
                try RegisterStore.setFigures(entry, of: definition, period: "2025", figures, act, tx)
            }
        }
        let all = try await room.house.db.read { tx in try IndicatorPages.all(tx) }
        #expect(all.map(\.isReached) == [true, false, true, nil])
        _ = try await room.visit("innovation.indicators", as: .everyone)
    }
}

@Suite("Opinions of departments")
struct OpinionTests {
    private func asked(_ room: InnovationHouse) async throws -> ID<CaseFile> {
        let id = try await room.file(
            "innovation.opinion",
            [
                "title": "若干措施", "text": "请就第三条提出意见。",
                "departments": [["department-name": "市财政局"], ["department-name": "市税务局"]],
            ], by: room.officer)
        try await room.act(id, "send")
        return id
    }

    @Test("One sheet of all opinions; a second letter takes the place of the first", arguments: TestStore.engines)
    func sheet(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await asked(room)
        #expect(
            try await room.refusals(id, "reply", ["department": "市教育局", "stance": "agree"]) == [
                "innovation.reply-unknown"
            ])
        try await room.act(id, "reply", ["department": "市财政局", "stance": "object", "words": "不同意第三条"])
        #expect(try await room.refusals(id, "consolidate") == ["innovation.waiting"])
        try await room.act(id, "reply", ["department": "市财政局", "stance": "amend", "words": "修改第三条"])
        try await room.act(id, "reply", ["department": "市税务局", "stance": "agree"])
        try await room.act(id, "consolidate")
        let replies = try await room.house.db.read { tx in try OpinionReply.list(id, tx) }
        #expect(replies.count == 2)
        let finance = try #require(replies.first { $0.department == "市财政局" })
        #expect(finance.words == "修改第三条")
        #expect(try await room.refusals(id, "submit") == ["innovation.unanswered"])
        try await room.act(id, "answer", ["reply": .integer(Int64(finance.ordinal)), "taken": "yes", "answer": "已修改"])
        try await room.act(id, "submit")
        try await room.act(id, "approve", as: room.leader)
        _ = try await room.visit("innovation.opinions.sheet", as: room.officer, values: ["id": id.text])
    }

    @Test("When the time is over the sheet is drawn up without those who did not answer", arguments: TestStore.engines)
    func lapse(engine: Engine) async throws {
        let room = try await InnovationHouse(engine)
        let id = try await asked(room)
        try await room.act(id, "reply", ["department": "市税务局", "stance": "none"])
        #expect(try await room.refusals(id, "consolidate") == ["innovation.waiting"])
        room.move(days: 15)
        try await room.act(id, "consolidate")
        #expect(try await room.step(id) == "sheet")
    }
}
