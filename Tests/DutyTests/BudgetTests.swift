import BureauTestSupport
import Kernel
import Ledger
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Funding

/// Budgets change by papers that one person proposes and another approves; boards show what the books hold.
@Suite("Budgets")
struct BudgetTests {
    private static func answers(_ year: Int, _ lines: [JSONValue]) -> JSONValue {
        [
            "name": "预算调整", "year": .integer(Int64(year)), "kind": "addition", "document": "深财科〔2026〕1号",
            "lines": .array(lines), "reason": "按批复文件办理。",
        ]
    }

    private static func line(_ source: String, _ programme: String?, _ fen: Int64) -> JSONValue {
        [
            "source": .string(source), "programme": programme.map { .string($0) } ?? .null,
            "direction": fen < 0 ? "down" : "up", "amount": .integer(abs(fen)),
        ]
    }

    private func paper(
        _ house: TestHouse, _ lines: [JSONValue], year: Int? = nil, by login: String = "officer"
    ) async throws -> CaseFile {
        let actor = try await house.actor(login)
        let filings = Filings(house.house)
        let file = try await filings.start("funding.budget", Filings.Start(entry: "", parent: ""), by: actor)
        _ = try await filings.drafts.replace(
            file.id, answers: Self.answers(year ?? house.house.today.parts.year + 1, lines), expecting: 0, by: actor)
        _ = try await filings.drafts.attach(
            file.id, field: "papers", name: "批复.pdf", bytes: SamplePDF.bytes, by: actor)
        return file
    }

    private func balance(_ house: TestHouse, _ account: LedgerAccount) async throws -> Int64 {
        try await house.house.db.read { tx in try Balances.now(account, tx)?.balance.fen ?? 0 }
    }

    private func codes(_ body: () async throws -> Void) async throws -> [String] {
        do {
            try await body()
            return []
        } catch let problem as any Problem {
            return problem.fields.isEmpty ? [problem.code] : problem.fields.map(\.code)
        }
    }

    private static let because: JSONValue = ["share-reason": "下年度补足。"]

    @Test("A paper is posted when another person approves it, and not before", arguments: TestStore.engines)
    func approved(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let year = house.house.today.parts.year + 1
        let budget = LedgerAccount.budget("natural-science", year: year)
        let grant = LedgerAccount.appropriation("national", year: year)
        let before = try await balance(house, budget)
        let file = try await paper(
            house, [Self.line("national", nil, 700), Self.line("national", "natural-science", 500)])
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        try await house.act(file.id, "propose", officer, Self.because)
        #expect(try await balance(house, budget) == before)
        #expect(try await codes { _ = try await house.act(file.id, "approve", officer) } == ["case.not-yours"])
        try await house.act(file.id, "approve", leader)
        #expect(try await balance(house, budget) == before + 500)
        #expect(try await balance(house, grant) == 200)
        let (outside, posted, faults) = try await house.house.db.read { tx in
            (
                try BudgetStore.outside(year: year, tx), try PostingStore.list(of: file.id, limit: 5, tx),
                try LedgerCheck.run(tx).faults
            )
        }
        #expect(outside == ["natural-science": [.national: Money(fen: 500)]])
        #expect(posted.count == 1 && posted[0].legs.count == 3 && posted[0].rules == "funding.budget@1")
        #expect(faults == [])
    }

    @Test("Neither more than was granted nor less than is promised", arguments: TestStore.engines)
    func refused(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let year = house.house.today.parts.year + 1
        let more = try await paper(house, [Self.line("provincial", "natural-science", 1)])
        #expect(
            try await codes { _ = try await house.act(more.id, "propose", officer, Self.because) }
                == ["budget.not-granted"])
        let nothing = try await paper(
            house, [Self.line("municipal", "natural-science", 5), Self.line("municipal", "natural-science", -5)])
        #expect(
            try await codes { _ = try await house.act(nothing.id, "propose", officer, Self.because) }
                == ["budget.nothing"])
        let all = try await balance(house, .budget("natural-science", year: year))
        let less = try await paper(
            house, [Self.line("municipal", "natural-science", -all), Self.line("municipal", nil, -all)])
        try await house.act(less.id, "propose", officer, Self.because)
        // Between proposal and approval a call takes its part.
        let like = try await house.call("natural-science")
        let calls = house.services.funding.calls
        let call = try await calls.draft(
            like.content, programme: "natural-science", year: year, opensOn: like.opensOn, closesOn: like.closesOn,
            budget: Money(fen: all / 2), by: officer)
        _ = try await calls.propose(call.id, by: officer)
        #expect(
            try await codes { _ = try await house.act(less.id, "approve", leader) } == ["budget.below-promised"])
        #expect(try await balance(house, .budget("natural-science", year: year)) == all)
    }

    @Test("A share of basic research below the law needs a reason, and the article is named")
    func share() async throws {
        let house = try await TestHouse(.sqlite)
        let officer = try await house.actor("officer")
        let file = try await paper(
            house, [Self.line("municipal", nil, 10_000), Self.line("municipal", "key-technology", 10_000)])
        do {
            try await house.act(file.id, "propose", officer)
            Issue.record("not refused")
        } catch let problem as any Problem {
            let field = try #require(problem.fields.first)
            #expect(field.code == "budget.share" && field.field == "share-reason")
            #expect(field.basis?.zh.contains("科技创新条例") == true)
        }
        try await house.act(file.id, "propose", officer, Self.because)
        let rulings = try await house.house.db.read { tx in try RulingStore.list(of: file.id, tx) }
        #expect(rulings.map(\.ruling.rule) == ["funding.budget-share"])
        // Seven programmes of two hundred million each, one of them for basic research.
        #expect(rulings.first?.ruling.outcome["perMille"]?.integer == 142)
        // The page of the case says of which day that is and on what sums.
        let page = text(try await house.visit("cases.show", officer, values: ["id": file.id.text]))
        #expect(page.contains("Judged on \(house.house.today.text(.english)), when the paper was proposed"))
        #expect(page.contains("RMB 1,400,000,100.00") && page.contains("RMB 200,000,000.00"))
        // Money of others than the city does not count.
        let year = house.house.today.parts.year + 1
        let before = try await house.house.db.read { tx in try BudgetStore.share(year: year, tx) }
        let national = try await paper(
            house, [Self.line("national", nil, 900), Self.line("national", "natural-science", 900)])
        try await house.act(national.id, "propose", officer, Self.because)
        try await house.act(national.id, "approve", try await house.actor("leader"))
        let after = try await house.house.db.read { tx in try BudgetStore.share(year: year, tx) }
        #expect(before == after)
    }

    @Test("Of everything on the board: budget = left + held + reserved + committed", arguments: TestStore.engines)
    func board(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let first = try #require(try await house.tranches(project).first)
        try await house.pay(first)
        try await house.funding.tick()
        let (lines, months, ends, fields, districts, forecast) = try await house.house.db.read { tx in
            (
                try Board.of(year: project.year, tx), try MonthSums.of(year: project.year, tx),
                try YearEndMoves.of(year: project.year, tx),
                try BoardParts.list(.field, year: project.year, tx),
                try BoardParts.list(.district, year: project.year, tx), try Forecast.of(house.house.today, tx)
            )
        }
        let given = Money(fen: 20_000_000_000)
        for line in lines where !line.programme.isEmpty {
            let sum = BoardFigures(line)
            #expect(sum.budget == sum.left + sum.held + sum.reserved + sum.committed)
            #expect(sum.budget == given)
        }
        let science = BoardFigures(try #require(lines.first { $0.programme == "natural-science" }))
        #expect(science.committed == project.amount && science.paid == first.amount)
        for parts in [fields.parts, districts.parts] {
            #expect(Money.sum(parts.map(\.committed)) == project.amount)
            #expect(Money.sum(parts.map(\.paid)) == first.amount)
        }
        #expect(fields.parts.map(\.part) == [project.field] && fields.madeAt != nil)
        #expect(Money.sum(BoardMonth.all(months, ends).map(\.paid)) == first.amount)
        // What is not paid yet is forecast, to the fen.
        #expect(Money.sum(forecast.map(\.total)) == project.amount - first.amount)
        #expect(forecast.allSatisfy { $0.month.map { $0 >= Month(house.house.today) } ?? true })
    }

    @Test("A year's end moves what is free and leaves what is held", arguments: TestStore.engines)
    func yearEnd(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let year = house.house.today.parts.year
        let before = try await balance(house, .budget("natural-science", year: year))
        let next = try await balance(house, .budget("natural-science", year: year + 1))
        let file = try await ending(house, year, .carryOver)
        #expect(try await codes { _ = try await house.act(file.id, "propose", officer) } == ["budget.year-running"])
        try await end(house, year)
        try await house.act(file.id, "propose", officer)
        try await house.act(file.id, "approve", leader)
        #expect(try await balance(house, .budget("natural-science", year: year)) == 0)
        #expect(try await balance(house, .budget("natural-science", year: year + 1)) == next + before)
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }

    /// The case by which a year's end is handled, written and not proposed.
    private func ending(_ house: TestHouse, _ year: Int, _ treatment: YearEnd.Treatment) async throws -> CaseFile {
        let officer = try await house.actor("officer")
        let filings = Filings(house.house)
        let file = try await filings.start("funding.year-end", Filings.Start(entry: "", parent: ""), by: officer)
        _ = try await filings.drafts.replace(
            file.id,
            answers: [
                "name": "年末结转", "year": .integer(Int64(year)), "treatment": .string(treatment.rawValue),
                "document": "深财科〔2026〕3号", "reason": "按规定结转。",
            ], expecting: 0, by: officer)
        return file
    }

    /// Goes on to the last day of a year.
    private func end(_ house: TestHouse, _ year: Int) async throws {
        let last = try #require(Day(year: year, month: 12, day: 31))
        house.move(days: last.number - house.house.today.number)
    }

    @Test(
        "What a year leaves over is counted once: the sums of both years add up, and neither share changes",
        arguments: TestStore.engines, YearEnd.Treatment.allCases)
    func leftOver(engine: Engine, treatment: YearEnd.Treatment) async throws {
        let house = try await TestHouse(engine)
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let year = house.house.today.parts.year
        // The city grants more than it gives, so that an appropriation is left over as well as budgets.
        let grant = try await paper(
            house, [Self.line("municipal", nil, 900), Self.line("municipal", "natural-science", 500)], year: year)
        try await house.act(grant.id, "propose", officer, Self.because)
        try await house.act(grant.id, "approve", leader)
        func shares() async throws -> [BudgetShareFacts] {
            try await house.house.db.read { tx in
                [try BudgetStore.share(year: year, tx), try BudgetStore.share(year: year + 1, tx)]
            }
        }
        func boards() async throws -> [BoardPages.Model] {
            try await house.house.db.read { tx in
                [
                    try BoardPages.Model.load(year, .programme, tx),
                    try BoardPages.Model.load(year + 1, .programme, tx),
                ]
            }
        }
        let (before, granted) = (try await shares(), try await boards().map(\.granted))
        let file = try await ending(house, year, treatment)
        try await end(house, year)
        try await house.act(file.id, "propose", officer)
        try await house.act(file.id, "approve", leader)
        #expect(try await shares() == before)
        let models = try await boards()
        #expect(models.map(\.granted) == granted)
        for model in models {
            #expect(
                model.granted + model.ends.carriedIn
                    == model.total.budget + model.notGiven + model.ends.settledOut)
            #expect(Money.sum(BoardMonth.all(model.months, model.ends).map(\.granted)) == model.granted)
        }
        let isCarried = treatment == .carryOver
        #expect(models[0].ends.settledOut > .zero && models[0].notGiven == .zero)
        #expect(models[1].ends.carriedIn == (isCarried ? models[0].ends.settledOut : .zero))
        #expect(models[1].notGiven == Money(fen: isCarried ? 400 : 0))
        // The page says how the budgets of programmes follow from what was given.
        for (model, given) in [(models[0], granted[0] - Money(fen: 400)), (models[1], granted[1])] {
            let page = text(
                try await house.visit("desk.programmes", officer, query: [("year", String(model.year))]))
            #expect(
                page.contains(
                    "All budgets are RMB \(model.total.budget.yuanText): RMB \(given.yuanText) given, RMB "))
            #expect(page.contains("As of \(house.house.today.text(.english)), programmes were given"))
        }
    }
}
