import BureauTestSupport
import Funding
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// The money of a contract: indirect costs by portion, lump sums, changes of the budget by who approves them.
@Suite("Money of a contract")
struct ContractMoneyTests {
    /// Saves a contract and says what stands against handing it in.
    private func problems(_ house: TestHouse, _ project: Project, _ more: [String: String]) async throws -> [String] {
        let applicant = try await house.actor("applicant")
        var values = [
            "starts-on": house.house.today.description, "term-months": "24", "amount": project.amount.yuanText,
            "indicators.0.name": "论文", "indicators.0.target": "5 篇", "indicators.0.evidence": "检索证明",
        ]
        values.merge(more) { _, new in new }
        let typed = values
        let revision = try await house.house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await house.funding.projects.save(
            project.id, values: { typed[$0].map { [$0] } ?? [] }, expecting: revision, by: applicant)
        let (procedures, now) = (house.house.procedures, house.house.clock.now())
        return try await house.house.db.read { tx in
            try procedures.obstacles(
                try CaseStore.require(project.id, tx), "submit-contract", as: applicant, at: now, tx
            ).map(\.code)
        }
    }

    private func awarded() async throws -> (TestHouse, Project) {
        let house = try await TestHouse(.sqlite)
        _ = try await house.effective(try await house.call("natural-science"))
        let found = try await house.house.db.read { tx in try ProjectStore.list(ProjectFilter(), limit: 1, tx).first }
        return (house, try #require(found))
    }

    @Test("A contract above the tier of indirect costs is refused with the rule, equipment does not count")
    func indirect() async throws {
        let (house, project) = try await awarded()
        #expect(project.amount == Money(fen: 40_000_000))
        func budget(_ equipment: Int64, _ operations: Int64, _ indirect: Int64) -> [String: String] {
            var values: [String: String] = [:]
            for (name, yuan) in [("equipment", equipment), ("operations", operations), ("indirect", indirect)] {
                values["budget.\(name).amount"] = String(yuan)
            }
            return values
        }
        // 30 % of 300,000 is 90,000: 100,000 is 25 % of the whole and still too much.
        #expect(try await problems(house, project, budget(0, 300_000, 100_000)) == ["contract.indirect"])
        #expect(try await problems(house, project, budget(100_000, 230_000, 70_000)) == ["contract.indirect"])
        #expect(try await problems(house, project, budget(100_000, 231_000, 69_000)) == [])
        // Left empty it is a budget by headings, and is read as one.
        let page = text(
            try await house.visit(
                "cases.show", try await house.actor("applicant"), values: ["id": project.id.text]))
        #expect(page.contains("Budget by headings"))
    }

    @Test("A lump sum needs no headings, and only programmes of the city's list have it")
    func lumpSum() async throws {
        let (house, project) = try await awarded()
        #expect(try await problems(house, project, ["money-mode": "lump-sum"]) == [])
        let applicant = try await house.actor("applicant")
        try await house.act(project.id, "submit-contract", applicant)
        try await house.act(project.id, "confirm", try await house.actor("officer"))
        try await house.act(project.id, "sign", try await house.actor("leader"))
        let running = try await house.house.db.read { tx in try ProjectStore.require(project.id, tx) }
        try await house.payNext(running)
        house.move(days: 10)
        let report = try await house.report(running)
        var draft = house.voucher("F-1", 15_000_001)
        // No heading has a limit of its own.
        try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        draft.number = "F-2"
        draft.amount = Money(fen: 100)
        draft.purpose = "支付罚款"
        await #expect {
            try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        } throws: { ($0 as? any Problem)?.fields.map(\.code) == ["voucher.negative"] }
    }

    /// Saves a change of the budget and gives its case.
    private func change(
        _ house: TestHouse, _ project: Project, amount: Int64, _ headings: [String: Int64]
    ) async throws -> CaseFile {
        let applicant = try await house.actor("applicant")
        let file = try await house.funding.projects.openBudgetChange(project.id, by: applicant)
        var values = ["amount": Money(fen: amount).yuanText, "reason": "按研究需要调剂"]
        for (heading, fen) in headings { values["budget.\(heading).amount"] = Money(fen: fen).yuanText }
        let typed = values
        let revision = try await house.house.db.read { tx in try CaseStore.answers(file.id, tx).revision }
        let saved = try await house.funding.projects.saveBudgetChange(
            file.id, values: { typed[$0].map { [$0] } ?? [] }, expecting: revision, by: applicant)
        #expect(saved.problems.isEmpty)
        return file
    }

    private func budget(_ house: TestHouse, _ project: Project) async throws -> ContractBudget {
        try await house.house.db.read { tx in try ContractBudget.current(project, tx) }
    }

    @Test("Who approves a change depends on what changes", arguments: TestStore.engines)
    func changes(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let (applicant, organisation) = (try await house.actor("applicant"), try await house.actor("organisation"))
        // 320,000 operations and 80,000 indirect as signed.
        let other = try await change(
            house, project, amount: 40_000_000, ["operations": 30_000_000, "labour": 2_000_000, "indirect": 8_000_000])
        await #expect(throws: (any Error).self) { try await house.act(other.id, "submit", applicant) }
        try await house.act(other.id, "decide", applicant)
        #expect(try await budget(house, project).amounts["labour"] == Money(fen: 2_000_000))
        let equipment = try await change(
            house, project, amount: 40_000_000,
            ["equipment": 5_000_000, "operations": 26_000_000, "labour": 2_000_000, "indirect": 7_000_000])
        await #expect(throws: (any Error).self) { try await house.act(equipment.id, "decide", applicant) }
        try await house.act(equipment.id, "submit", applicant)
        try await house.act(equipment.id, "approve", organisation)
        let now = try await budget(house, project)
        #expect(now.revision == 2 && now.cap("equipment") == Money(fen: 5_000_000))
        let kept: Int? = try await house.house.db.read { tx in
            try tx.value("SELECT COUNT(DISTINCT revision) FROM project_budget WHERE project = \(project.id)")
        }
        #expect(kept == 2)
    }

    @Test("A smaller sum is decided by the bureau and frees the difference", arguments: TestStore.engines)
    func total(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let programme = LedgerAccount.budget("natural-science", year: project.year)
        let before = try await house.house.db.read { tx in try Balances.now(programme, tx)?.balance ?? .zero }
        let file = try await change(
            house, project, amount: 36_000_000, ["operations": 29_000_000, "indirect": 7_000_000])
        try await house.act(file.id, "submit", try await house.actor("applicant"))
        try await house.act(file.id, "endorse", try await house.actor("organisation"))
        try await house.act(file.id, "forward", try await house.actor("officer"))
        try await house.act(file.id, "agree", try await house.actor("leader"))
        let after = try await house.house.db.read { tx in
            (
                try ProjectStore.require(project.id, tx).amount, try Balances.now(programme, tx)?.balance ?? .zero,
                Money.sum(try TrancheStore.list(project: project.id, tx).map(\.amount)), try LedgerCheck.run(tx).faults
            )
        }
        #expect(after.0 == Money(fen: 36_000_000))
        #expect(after.1 == before + Money(fen: 4_000_000))
        #expect(after.2 == Money(fen: 36_000_000))
        #expect(after.3 == [])
    }

    @Test("A heading cannot be lowered below what is spent, and the books hold the new limit")
    func below() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let applicant = try await house.actor("applicant")
        let report = try await house.report(project)
        try await house.funding.spending.enter(house.voucher("F-1", 10_000_001), into: report.id, by: applicant)
        try await house.accept(report)
        let file = try await change(
            house, project, amount: 40_000_000,
            ["operations": 10_000_000, "labour": 28_000_000, "indirect": 2_000_000])
        await #expect {
            try await house.act(file.id, "decide", applicant)
        } throws: { ($0 as? any Problem)?.fields.map(\.code) == ["budget-change.spent"] }
        let account = LedgerAccount.spent("natural-science", year: project.year, project.number, heading: "operations")
        let cap = try await house.house.db.read { tx in try Balances.now(account, tx)?.cap }
        #expect(cap == Money(fen: 32_000_000))
    }
}
