import BureauTestSupport
import Funding
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// What Funding promises is in the books, and the books do not let it promise more than there is.
@Suite("Funding in the books")
struct BooksTests {
    private func balances(_ house: TestHouse, _ accounts: [LedgerAccount]) async throws -> [Int64] {
        try await house.house.db.read { tx in try accounts.map { try Balances.now($0, tx)?.balance.fen ?? 0 } }
    }

    private func draft(_ house: TestHouse, like call: Call, budget: Money, by officer: Actor) async throws -> Call {
        try await house.services.funding.calls.draft(
            call.content, programme: "natural-science", year: call.year + 1, opensOn: call.opensOn,
            closesOn: call.closesOn, budget: budget, by: officer)
    }

    @Test("A budget is set, raised and lowered by postings, never below what calls hold", arguments: TestStore.engines)
    func budgets(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let calls = house.services.funding.calls
        let leader = try await house.actor("leader")
        let officer = try await house.actor("officer")
        let like = try await house.call("natural-science")
        let year = like.year + 1
        let accounts: [LedgerAccount] = [
            .source("municipal", year: year), .appropriation("municipal", year: year),
            .budget("natural-science", year: year),
        ]
        func set(_ fen: Int64) async throws {
            try await calls.setBudget(Money(fen: fen), programme: "natural-science", year: year)
        }
        try await set(0)
        let before = try await balances(house, accounts)
        try await set(10_000_000_000)
        // What is in the appropriation already is given first.
        #expect(try await balances(house, accounts) == [before[0], before[1] - 10_000_000_000, 10_000_000_000])
        let call = try await draft(house, like: like, budget: Money(fen: 6_000_000_000), by: officer)
        _ = try await calls.propose(call.id, by: officer)
        await #expect(throws: CallError.belowPromised(Money(fen: 6_000_000_000))) { try await set(5_999_999_999) }
        try await set(6_000_000_000)
        _ = try await calls.publish(call.id, by: leader)
        let reserve = LedgerAccount.reserve("natural-science", year: year, call: call.number)
        #expect(try await balances(house, [accounts[2], reserve]) == [0, 6_000_000_000])
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }

    @Test("A call that is sent back gives its money back", arguments: TestStore.engines)
    func sentBack(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let calls = house.services.funding.calls
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let like = try await house.call("natural-science")
        let budget = LedgerAccount.budget("natural-science", year: like.year + 1)
        func available() async throws -> Int64? {
            try await house.house.db.read { tx in try Balances.now(budget, tx)?.available.fen }
        }
        let before = try #require(try await available())
        let call = try await draft(house, like: like, budget: Money(fen: 5_000_000_000), by: officer)
        for _ in 0..<2 {
            _ = try await calls.propose(call.id, by: officer)
            #expect(try await available() == before - 5_000_000_000)
            _ = try await calls.sendBack(call.id, reason: "again", by: leader)
            #expect(try await available() == before)
        }
    }

    @Test("What a call has left after its last decision goes back to its programme", arguments: TestStore.engines)
    func lastDecision(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let accounts: [LedgerAccount] = [
            .budget("natural-science", year: call.year),
            .reserve("natural-science", year: call.year, call: call.number),
        ]
        let before = try await balances(house, accounts)
        #expect(before[1] == call.budget.fen)
        let decision = try await house.effective(call)
        let award = try await house.house.db.read { tx in
            Money.sum(try DecisionStore.items(decision.id, tx).map(\.amount)).fen
        }
        #expect(award > 0)
        #expect(try await balances(house, accounts) == [before[0] + call.budget.fen - award, 0])
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }

    @Test("A call keeps its money while an application is on its way, and gives it back when all are refused")
    func nothingAwarded() async throws {
        let house = try await TestHouse(.sqlite)
        let calls = house.services.funding.calls
        let officer = try await house.actor("officer")
        let call = try await house.call("natural-science")
        let accounts: [LedgerAccount] = [
            .budget("natural-science", year: call.year),
            .reserve("natural-science", year: call.year, call: call.number),
        ]
        let before = try await balances(house, accounts)
        await #expect(throws: CallError.notFinished) { _ = try await calls.finish(call.id, by: officer) }
        let item = try await house.submit(1, call: call)
        house.move(days: call.closesOn.number - house.house.today.number + 1)
        await #expect(throws: CallError.notFinished) { _ = try await calls.finish(call.id, by: officer) }
        #expect(try await balances(house, accounts) == before)
        try await house.funding.findings.add(
            FindingDraft(
                code: "officer.finding", field: "plan", message: Bilingual("方案不清楚", "The plan is unclear"),
                basis: Bilingual("申报指南", "The call")), to: item.id, by: officer)
        try await house.act(item.id, "refuse", officer, ["reason-zh": "材料不全", "reason-en": "Papers are missing"])
        for _ in 0..<2 {
            _ = try await calls.finish(call.id, by: officer)
            #expect(try await balances(house, accounts) == [before[0] + before[1], 0])
        }
    }

    @Test("A project that stops gives back what was ordered and what was not", arguments: TestStore.engines)
    func stopped(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        let accounts: [LedgerAccount] = [
            .budget("natural-science", year: project.year),
            try .project(.contract, "natural-science", year: project.year, project.number),
            try .project(.order, "natural-science", year: project.year, project.number),
        ]
        let before = try await balances(house, accounts)
        let first = try #require(try await house.tranches(project).first)
        _ = try await house.funding.tranches.order(first.id, note: "", by: try await house.actor("officer"))
        #expect(try await balances(house, accounts)[2] == first.amount.fen)
        try await house.act(project.id, "terminate", .system)
        #expect(try await balances(house, accounts) == [before[0] + project.amount.fen, 0, 0])
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }

    @Test("Of calls proposed at once, no more pass than the budget holds", arguments: TestStore.engines)
    func race(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let calls = house.services.funding.calls
        let officer = try await house.actor("officer")
        let like = try await house.call("natural-science")
        let part = Money(fen: 20_000_000_000 / 3)
        var drafts: [Call] = []
        for _ in 0..<8 { drafts.append(try await draft(house, like: like, budget: part, by: officer)) }
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for call in drafts {
                group.addTask {
                    do {
                        _ = try await calls.propose(call.id, by: officer)
                        return true
                    } catch CallError.incomplete(let problems) {
                        #expect(problems.map(\.code) == ["call.over-budget"])
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 3)
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }
}
