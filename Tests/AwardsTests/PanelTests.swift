import Kernel
import Review
import Store
import StoreTestSupport
import Testing

@testable import Awards

@Suite("Panels that a procedure defines")
struct PanelTests {
    private static func sheet(_ points: Int64, comment: String = "创新性突出，应用证明充分，同意。") -> JSONValue {
        [
            "score-innovation": .integer(points), "score-value": .integer(points), "score-difficulty": .integer(points),
            "verdict": "award", "comment": .string(comment),
        ]
    }

    private func reviewed(_ house: AwardHouse) async throws -> ID<CaseFile> {
        let id = try await house.draft()
        try await house.act(id, "submit", as: house.applicant)
        try await house.act(id, "endorse", as: house.seal)
        try await house.act(id, "accept")
        try await house.act(id, "publish")
        house.move(days: 11)
        try await house.act(id, "to-review")
        return id
    }

    private func actions(_ house: AwardHouse) -> PanelActions {
        PanelActions(
            db: house.house.db, clock: house.clock, zone: house.house.city.zone, procedures: house.house.procedures)
    }

    private func name(_ numbers: [Int], _ id: ID<CaseFile>, _ house: AwardHouse) async throws {
        try await actions(house).name(numbers.map { ID("expert\($0)") }, of: id, by: house.officer)
    }

    /// The codes of what is refused.
    private func refused(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch let problem as PanelError {
            return problem.fields.isEmpty ? [problem.code] : problem.fields.map(\.code)
        }
    }

    @Test(
        "The mean of the sheets goes with the case, and nothing goes on before all are in", arguments: TestStore.engines
    )
    func meanOfSheets(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        #expect(try await house.refusals(id, "reviewed") == ["panel.few"])
        try await name([2, 3, 4], id, house)
        #expect(try await house.refusals(id, "reviewed") == ["panel.open", "panel.few"])
        for (number, points) in [(2, 90), (3, 85), (4, 88)] as [(Int, Int64)] {
            try await actions(house).fill(id, Self.sheet(points), by: house.expert(number))
        }
        try await house.act(id, "reviewed")
        let values = try await house.house.db.read { tx in try CaseValues.own(of: id, tx) }
        #expect(values[PanelHooks.scoreField] == "87.67")
        #expect(try await house.step(id) == "defence")
    }

    @Test("Who is named in the case or shares its employer is not on its panel", arguments: TestStore.engines)
    func conflictsAreRefused(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        // Expert 1 works for the organisation that is nominated.
        let id = try await reviewed(house)
        #expect(try await refused { try await name([1, 2, 3], id, house) } == ["panel.conflict"])
        #expect(try await refused { try await name([1, 2], id, house) } == ["panel.few", "panel.conflict"])
        #expect(
            try await refused {
                try await actions(house).name([ID("nobody"), ID("expert2"), ID("expert3")], of: id, by: house.officer)
            } == ["panel.unknown", "panel.few"])
        let named = try await house.house.db.read { tx in try PanelSheet.list(id, at: "review", tx) }
        #expect(named.isEmpty)
    }

    @Test(
        "Who has a contract with a nominated organisation, or reported it, is not on its panel; no more is said",
        arguments: TestStore.engines)
    func dealings(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        try await house.tie()
        var said: [String] = []
        do {
            try await name([2, 3, 4], id, house)
        } catch let problem as PanelError {
            said = problem.fields.map(\.message.en)
            #expect(problem.fields.map(\.code) == ["panel.conflict", "panel.conflict"])
        }
        #expect(said.first?.contains("with a contract or payments") == true)
        #expect(said.last == "专家3 is barred by a protected fact and must withdraw")
        try await name([4, 5, 6], id, house)
        // Of an organisation that the nomination does not name nothing stands in the way.
        let day = AwardHouse.start
        try await house.house.db.write { tx in
            try Dealings.set([Dealing(.protected, "expert3", "other", from: day, to: day)], of: "tip", tx)
        }
        try await name([3, 4, 5], id, house)
    }

    @Test(
        "Who left the pool gets no new sheet, and ends the one in hand, also where the panel is named anew",
        arguments: TestStore.engines)
    func gone(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        try await name([2, 3, 4], id, house)
        let gone: [ID<Account>] = [ID("expert4"), ID("expert5")]
        let day = house.house.today
        let offered = try await house.house.db.write { tx in
            for account in gone {
                try ExpertStore.leave(try #require(try ExpertStore.find(account: account, tx)).id, tx)
            }
            return try ExpertStore.available(on: day, and: [gone[0]], limit: 100, tx).map(\.account)
        }
        #expect(offered.contains(gone[0]) && !offered.contains(gone[1]))
        #expect(try await refused { try await name([2, 3, 4, 5], id, house) } == ["panel.unavailable"])
        try await name([2, 4, 6], id, house)
        let sheets = try await house.house.db.read { tx in try PanelSheet.list(id, at: "review", tx) }
        #expect(sheets.map(\.account.text) == ["expert2", "expert4", "expert6"])
        try await actions(house).fill(id, Self.sheet(90), by: house.expert(4))
    }

    @Test("Who is away gets no new sheet before the day after", arguments: TestStore.engines)
    func away(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        let (real, today) = (house.house, house.house.today.description)
        let review = ReviewActions(db: real.db, clock: house.clock, ids: real.ids, zone: real.city.zone)
        try await review.addAbsence(AbsenceEntry(from: today, to: today, note: ""), by: house.expert(5))
        #expect(try await refused { try await name([2, 3, 5], id, house) } == ["panel.unavailable"])
        house.move(days: 1)
        try await name([2, 3, 5], id, house)
    }

    @Test("One whole sheet each, by those on the panel, while the case is there", arguments: TestStore.engines)
    func oneSheetEach(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        try await name([2, 3, 4], id, house)
        let actions = actions(house)
        #expect(
            try await refused { try await actions.fill(id, Self.sheet(90), by: house.expert(5)) } == ["panel.unknown"])
        let wrong: JSONValue = ["score-innovation": 101, "score-value": "高", "verdict": "perhaps", "comment": "好"]
        let codes = try await refused { try await actions.fill(id, wrong, by: house.expert(2)) }
        #expect(codes.count == 5, "every field is wrong: \(codes)")
        try await actions.fill(id, Self.sheet(90), by: house.expert(2))
        #expect(
            try await refused { try await actions.fill(id, Self.sheet(10), by: house.expert(2)) } == ["panel.closed"])
        // Named anew without expert 3: the sheet that is in stays, the open one goes.
        try await name([4, 5, 6], id, house)
        let sheets = try await house.house.db.read { tx in try PanelSheet.list(id, at: "review", tx) }
        #expect(sheets.map(\.account.text) == ["expert2", "expert4", "expert5", "expert6"])
        #expect(
            try await refused { try await actions.fill(id, Self.sheet(90), by: house.expert(3)) } == ["panel.unknown"])
    }

    @Test("Who withdraws says why, reads no more, and another expert is needed", arguments: TestStore.engines)
    func withdrawal(engine: Engine) async throws {
        let house = try await AwardHouse(engine)
        let id = try await reviewed(house)
        try await name([2, 3, 4], id, house)
        let actions = actions(house)
        #expect(
            try await refused { try await actions.recuse(id, reason: " ", by: house.expert(2)) } == ["panel.reason"])
        try await actions.recuse(id, reason: "与完成人有合作", by: house.expert(2))
        let (isOn, waiting) = try await house.house.db.read { tx in
            (
                try PanelSheet.isOn(id, house.expert(2), tx),
                try PanelSheet.open(of: ID("expert2"), limit: 10, tx).count
            )
        }
        #expect(!isOn && waiting == 0)
        for number in [3, 4] { try await actions.fill(id, Self.sheet(80), by: house.expert(number)) }
        #expect(try await house.refusals(id, "reviewed") == ["panel.few"])
        try await name([5, 6, 7], id, house)
        for number in [5, 6, 7] { try await actions.fill(id, Self.sheet(80), by: house.expert(number)) }
        try await house.act(id, "reviewed")
        #expect(try await house.step(id) == "defence")
    }
}
