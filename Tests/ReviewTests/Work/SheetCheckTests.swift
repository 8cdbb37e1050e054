import Kernel
import Store
import Testing

@testable import Review

@Suite("Questions about sheets")
struct SheetCheckTests {
    static func sheet(
        _ number: Int, expert: Int = 1, total: Int = 75, verdict: String = "fund", late: Int = -1, _ comment: String
    ) -> SheetCheck.Sheet {
        SheetCheck.Sheet(
            id: ID("sheet\(number)"), item: ID("item\(number)"), expert: ID("expert\(expert)"), total: total * 1_000,
            verdict: verdict, comment: comment, dueOn: Day(number: 20_010),
            submittedOn: Day(number: 20_010 + late))
    }

    static let good = "对照组只有两家医院，样本的代表性要说明；第二年的指标偏低，建议按季度给出可检验的数据。"

    static func kinds(_ sheet: SheetCheck.Sheet) -> [String] {
        SheetCheck.alone(sheet, ReviewCity.sheet.verdicts).map(\.kind)
    }

    @Test(
        "Praise without substance is asked about, words about the matter are not",
        arguments: [
            ("选题新颖，方案可行，建议资助。", true), ("该项目意义重大，思路清晰，同意立项。", true),
            ("The project is novel and feasible. Excellent proposal, recommend funding!", true), (good, false),
            ("选题有新意，但没有说明三类传感器的数据怎样对齐，误差从哪里来。", false),
        ])
    func emptyPraise(comment: String, isEmpty: Bool) {
        #expect(Self.kinds(Self.sheet(1, comment)).contains("sheet.empty") == isEmpty, "\(comment)")
    }

    @Test("Scores that go against verdict or words are asked about")
    func contrary() {
        #expect(Self.kinds(Self.sheet(1, total: 92, verdict: "refuse", Self.good)) == ["sheet.contrary"])
        #expect(Self.kinds(Self.sheet(1, total: 41, verdict: "fund", Self.good)) == ["sheet.contrary"])
        #expect(Self.kinds(Self.sheet(1, total: 92, verdict: "fund", Self.good)).isEmpty)
        #expect(Self.kinds(Self.sheet(1, total: 41, verdict: "refuse", Self.good)).isEmpty)
        #expect(Self.kinds(Self.sheet(1, total: 70, verdict: "refuse", Self.good)).isEmpty)
    }

    @Test("A sheet after its due day is late by so many days")
    func late() {
        #expect(Self.kinds(Self.sheet(1, late: 0, Self.good)).isEmpty)
        let found = SheetCheck.alone(Self.sheet(1, late: 3, Self.good), ReviewCity.sheet.verdicts)
        #expect(found.map(\.kind) == ["sheet.late"] && found[0].text.zh == "逾期 3 天")
    }

    @Test("Copies are found between experts and between items, stock phrases are not copies")
    func copies() {
        let copied = Self.good + "另外预算中的设备费请再核算。"
        let sheets = [
            Self.sheet(1, expert: 1, Self.good), Self.sheet(2, expert: 2, copied),
            Self.sheet(3, expert: 3, "算法部分写得清楚，硬件的功耗没有给出上限，试验场地也没有落实，需要补充合同。"),
            Self.sheet(4, expert: 4, "选题新颖，技术路线可行，研究基础扎实，建议资助。"),
            Self.sheet(5, expert: 5, "选题新颖，技术路线可行，研究基础扎实，建议资助。"),
        ]
        let found = SheetCheck.copies(sheets)
        #expect(found.map(\.place) == ["sheet1", "sheet2"])
        #expect(found.first?.figures["like"]?.string == "sheet2")
        let mine = SheetCheck.copies([Self.sheet(1, expert: 1, Self.good), Self.sheet(2, expert: 1, Self.good)])
        #expect(mine.count == 2 && mine[0].text.zh.contains("同一专家"))
    }

    @Test("A round is looked over when sheets came in, once; dispositions stay")
    func round() async throws {
        let city = try await ReviewCity.open(experts: 6)
        let (round, _) = try await city.drawn(items: 2)
        for one in try await city.assignments(round) { try await city.judge(one, 80) }
        let zone = try #require(CityZone(name: "Asia/Shanghai"))
        let due = try await city.db.read { tx in try SheetCheck.due(limit: 10, tx).map(\.id) }
        #expect(due == [round.id])
        let now = city.clock.now()
        let new = try await SheetCheck.run(round, division: "planning", zone: zone, at: now, in: city.db)
        #expect(new == 4, "each of four comments is only praise")
        let again = try await SheetCheck.run(round, division: "planning", zone: zone, at: now, in: city.db)
        #expect(again == 0)
        #expect(try await city.db.read { tx in try SheetCheck.due(limit: 10, tx).isEmpty })
        let filter = QuestionFilter(.sheets, subject: round.id.text)
        let first = try await city.db.read { tx in try Questions.list(filter, limit: 1, tx)[0] }
        let officer = city.officer
        try await city.db.write { tx in
            try Questions.look(first, .explained, reason: "专家已补充说明", by: officer, at: now, tx)
            try Questions.look(first, .mended, reason: "已退回补充", by: officer, at: now, tx)
        }
        let (open, looks, counts) = try await city.db.read { tx in
            var open = filter
            open.isOpen = true
            return (
                try Questions.list(open, limit: 10, tx).count, try Questions.looks(first.id, tx),
                try Questions.counts(filter, tx)
            )
        }
        #expect(open == 3 && looks.map(\.disposition) == [.explained, .mended])
        #expect(counts["sheet.empty"]?.all == 4 && counts["sheet.empty"]?.open == 3)
        await #expect(throws: PlainProblem.self) {
            try await city.db.write { tx in
                try Questions.look(first, .explained, reason: " ", by: officer, at: now, tx)
            }
        }
        await #expect(throws: (any Error).self, "a look is never changed") {
            try await city.db.write { tx in try tx.run("UPDATE review_question_look SET reason = 'x'") }
        }
    }
}
