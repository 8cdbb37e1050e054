import BureauTestSupport
import Funding
import Kernel
import Ledger
import Portal
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// How a project's money ends: kept, returned in parts with penalties, or written off by two people.
@Suite("The end of a project's money")
struct RecoveryTests {
    /// A project that is closed with a surplus; half of what is spent is in the books.
    private func closed(
        _ engine: Engine, _ outcome: String = "closed", interest: Int64 = 0
    ) async throws -> (TestHouse, Project, Money) {
        let (house, project) = try await TestHouse.paidProject(engine)
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let report = try await house.report(project)
        try await house.funding.spending.enter(house.voucher("F-1", 5_000_017), into: report.id, by: applicant)
        try await house.accept(report)
        let left = try await house.paid(project) - Money(fen: 5_000_017)
        let values = [
            "summary-report": "项目完成了合同规定的研究内容，成果已应用。", "results.0.name": "论文", "results.0.reached": "3 篇",
            "results.0.evidence": "检索证明", "spent": "50000.17",
        ]
        let revision = try await house.house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        _ = try await house.funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: applicant)
        try await house.act(project.id, "apply-acceptance", applicant)
        try await house.act(project.id, "forward", officer)
        func propose(_ surplus: Int64) async throws {
            try await house.act(
                project.id, "propose-outcome", officer,
                [
                    "outcome": .string(outcome), "opinion": "专家组意见一致。", "surplus": .integer(surplus),
                    "interest": .integer(interest),
                ])
        }
        for (wrong, code) in [(left.fen + 1, "project.surplus"), (left.fen - 1, "project.surplus-books")] {
            await #expect {
                try await propose(wrong)
            } throws: { ($0 as? any Problem)?.fields.map(\.code) == [code] }
        }
        try await propose(left.fen)
        try await house.act(project.id, "decide", try await house.actor("leader"))
        return (house, project, left)
    }

    private func recovery(_ house: TestHouse, _ project: Project) async throws -> Recovery {
        try #require(try await house.house.db.read { tx in try RecoveryStore.list(project: project.id, tx).first })
    }

    private func balance(_ house: TestHouse, _ project: Project, _ kind: AccountKind) async throws -> Int64 {
        try await house.house.db.read { tx in
            try Balances.list(project: project.number, tx).filter { $0.account.kind == kind }.reduce(0) {
                $0 + $1.balance.fen
            }
        }
    }

    @Test("A surplus that is kept leaves nothing open", arguments: TestStore.engines)
    func kept(engine: Engine) async throws {
        let (house, project, left) = try await closed(engine, "passed")
        #expect(try await balance(house, project, .surplus) == left.fen)
        #expect(try await balance(house, project, .paid) == 0)
        #expect(try await house.house.db.read { tx in try RecoveryStore.list(project: project.id, tx) } == [])
    }

    @Test(
        "Parts add up, come back in their order, late ones with a penalty; the list of the overdue follows",
        arguments: TestStore.engines)
    func parts(engine: Engine) async throws {
        let (house, project, left) = try await closed(engine, interest: 1_234)
        let recoveries = house.funding.recoveries
        let (officer, treasurer) = (try await house.actor("officer"), try await house.actor("treasurer"))
        let recovery = try await recovery(house, project)
        #expect(recovery.amount == left && recovery.interest == Money(fen: 1_234))
        let today = house.house.today
        let half = Money(fen: left.fen / 2)
        func plan(_ amounts: [Money]) -> [RecoveryActions.Part] {
            amounts.enumerated().map { .init($0.element, dueOn: today.adding(days: 10 * ($0.offset + 1))) }
        }
        await #expect(throws: RecoveryError.sum(left, half + half + Money(fen: 2))) {
            try await recoveries.agree(recovery.id, plan([half, half + Money(fen: 2)]), by: officer)
        }
        func desk() async throws -> String { text(try await house.visit("desk.tranches", treasurer)) }
        #expect(try await desk().contains("action=\"/desk/recoveries/\(recovery.id)/settle\""))
        try await recoveries.agree(recovery.id, plan([half, left - half]), by: officer)
        // The desk of tranches lists it still, and leads to where its parts are booked.
        let listed = try await desk()
        #expect(listed.contains(left.yuanText))
        #expect(listed.contains("<a href=\"/desk/recoveries/\(recovery.id)\">In parts"))
        #expect(!listed.contains("/settle") && !listed.contains("Nothing is due back") && !listed.contains("Overdue"))
        await #expect(throws: RecoveryError.inParts) {
            try await house.funding.projects.settle(recovery.id, by: treasurer)
        }
        await #expect(throws: RecoveryError.notNext) {
            _ = try await recoveries.receive(recovery.id, position: 2, by: treasurer)
        }
        func overdue() async throws -> [String] {
            await Jobs(services: house.services, mail: nil).tick()
            return try await house.house.db.read { tx in
                try tx.rows(
                    "SELECT state FROM register_entry WHERE register = 'integrity.overdue-refund' ORDER BY number"
                ) { try $0["state"] as String }
            }
        }
        #expect(try await overdue() == [])
        house.move(days: 14)
        #expect(try await overdue() == ["listed"])
        #expect(try await desk().contains("Overdue"))
        let penalty = try await recoveries.receive(recovery.id, position: 1, by: treasurer)
        #expect(penalty == Money(fen: half.fen / 10_000 * 5 * 4 + half.fen % 10_000 * 5 * 4 / 10_000))
        #expect(try await overdue() == ["removed"])
        #expect(try await balance(house, project, .returned) == half.fen)
        #expect(try await recoveries.receive(recovery.id, position: 2, by: treasurer) == .zero)
        #expect(try await balance(house, project, .returned) == left.fen)
        #expect(try await self.recovery(house, project).state == .returned)
        #expect(try await desk().contains("Nothing is due back"))
        let handed = try await house.house.db.read { tx in
            try ["interest", "penalty"].map { try Balances.now(.lapsed($0, year: project.year), tx)?.balance.fen ?? 0 }
        }
        #expect(handed == [1_234, penalty.fen])
        try await house.act(project.id, "close", officer)
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }

    @Test("What a failed project spent is not recognised, and all of it is owed")
    func failed() async throws {
        let (house, project, left) = try await closed(.sqlite, "failed")
        let recovery = try await recovery(house, project)
        #expect(recovery.amount == left + Money(fen: 5_000_017))
        #expect(try await balance(house, project, .spent) == 0)
        #expect(try await house.vouchers(nil, of: project).allSatisfy { $0.state == .withdrawn })
    }

    @Test("Writing off takes two people", arguments: TestStore.engines)
    func writeOff(engine: Engine) async throws {
        let (house, project, left) = try await closed(engine)
        let recoveries = house.funding.recoveries
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let recovery = try await recovery(house, project)
        await #expect(throws: (any Error).self) {
            try await recoveries.proposeWriteOff(recovery.id, reason: "", by: officer)
        }
        try await recoveries.proposeWriteOff(recovery.id, reason: "单位已注销，无财产可供执行", by: officer)
        await #expect(throws: (any Error).self) {
            try await recoveries.decideWriteOff(recovery.id, agreed: true, by: officer)
        }
        try await recoveries.decideWriteOff(recovery.id, agreed: false, by: leader)
        #expect(try await balance(house, project, .writtenOff) == 0)
        try await recoveries.proposeWriteOff(recovery.id, reason: "补充了清算报告", by: officer)
        try await recoveries.decideWriteOff(recovery.id, agreed: true, by: leader)
        #expect(try await balance(house, project, .writtenOff) == left.fen)
        #expect(try await balance(house, project, .paid) == 0)
        #expect(try await self.recovery(house, project).state == .writtenOff)
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }
}
