import BureauTestSupport
import Funding
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// A house of before the books keeps all that was set, promised and paid.
@Suite("Carrying over into the books")
struct CarryOverTests {
    /// What lies in every account, and what is held of it.
    private func holdings(_ house: TestHouse) async throws -> [String: [Int64]] {
        try await house.house.db.read { tx in
            let rows = try tx.rows("SELECT * FROM ledger_account") { row -> (String, [Int64]) in
                let balance = try (row["in_fen"] as Int64) - row["out_fen"]
                return (try row["id"], [balance, try row["held_in_fen"], try row["held_out_fen"]])
            }
            return Dictionary(uniqueKeysWithValues: rows.filter { $0.1 != [0, 0, 0] })
        }
    }

    /// Makes the database what it would be had it been made before the books: budgets in a table of their own.
    private func forgetBooks(_ house: TestHouse) async throws {
        try await house.house.db.write { tx in
            for year in try Board.years(tx) {
                for line in try ProgrammeStore.balances(year: year, tx) where line.budget > .zero {
                    try tx.run(
                        """
                        INSERT INTO programme_budget (programme, year, amount_fen, set_by, set_at)
                        VALUES (\(line.programme.id), \(year), \(line.budget), 'leader', 1)
                        """)
                }
            }
            for table in ["leg", "posting", "key", "hold", "period", "day", "month", "account"] {
                try tx.run("DROP TABLE \(SQL(unchecked: "ledger_\(table)"))")
            }
            if tx.engine == .postgres {
                try tx.run("DROP FUNCTION ledger_leg_never_changed(), ledger_posting_never_changed()")
            }
            try tx.run("DROP TABLE funding_posting")
            for table in [
                "payment_posting", "bank_line", "bank_answer_file", "bank_answer", "payment_order", "payment_run",
            ] {
                try tx.run("DELETE FROM \(SQL(unchecked: table))")
            }
            try tx.run("DELETE FROM migration WHERE room = 'ledger' OR id LIKE '2026-11-26-%-books'")
        }
    }

    private func carryOver(_ house: TestHouse, _ stage: String) async throws {
        let before = try await holdings(house)
        #expect(!before.isEmpty)
        try await forgetBooks(house)
        try await house.house.db.migrate(Services.migrations)
        #expect(try await holdings(house).isEmpty, "\(stage)")
        try await house.funding.carryOver()
        let after = try await holdings(house)
        let differs = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
        #expect(differs.map { "\($0) \(before[$0] ?? []) \(after[$0] ?? [])" } == [], "\(stage)")
        try await house.funding.carryOver()
        #expect(try await holdings(house) == before, "\(stage), started again")
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [], "\(stage)")
    }

    @Test(
        "At every step of a round a database of before the books has the same money, and the round goes on",
        arguments: TestStore.engines)
    func round(engine: Engine) async throws {
        let house = try await TestHouse(engine)
        let call = try await house.call("natural-science")
        let (officer, leader) = (try await house.actor("officer"), try await house.actor("leader"))
        let (applicant, treasurer) = (try await house.actor("applicant"), try await house.actor("treasurer"))
        let next = try await house.funding.calls.draft(
            call.content, programme: "natural-science", year: call.year + 1, opensOn: call.opensOn,
            closesOn: call.closesOn.adding(days: 200), budget: Money(fen: 5_000_000_000), by: officer)
        _ = try await house.funding.calls.propose(next.id, by: officer)
        try await importAwards(house)
        let decision = try await house.proposed(call)
        try await carryOver(house, "proposed")

        _ = try await house.funding.decisions.approve(decision.id, reason: "同意", by: leader)
        _ = try await house.funding.calls.publish(next.id, by: leader)
        try await carryOver(house, "under publicity")

        house.move(days: 15)
        _ = try await house.funding.decisions.takeEffect(decision.id, by: officer)
        try await carryOver(house, "awarded")

        let project = try await house.signed()
        let tranches = try await house.tranches(project)
        _ = try await house.funding.tranches.order(tranches[0].id, note: "", by: officer)
        try await carryOver(house, "ordered")

        _ = try await house.funding.tranches.sendBack(tranches[0].id, reason: "账号有误", by: treasurer)
        _ = try await house.funding.tranches.order(tranches[0].id, note: "", by: officer)
        try await house.checkAndPay(tranches[0])
        try await carryOver(house, "paid")

        try await accept(house, project, officer: officer, leader: leader, applicant: applicant)
        try await carryOver(house, "to be returned")
        let due = try await house.house.db.read { tx in try RecoveryStore.list(project: project.id, tx) }
        #expect(due.map(\.amount.fen) == [100_000])
        try await house.funding.projects.settle(try #require(due.first).id, by: treasurer)
        try await carryOver(house, "returned")
    }

    private func importAwards(_ house: TestHouse) async throws {
        let map = ImportMap(
            funder: "other",
            columns: ["number": "n", "title": "t", "host": "h", "investigator": "i", "amount": "a", "term": "y"],
            unit: .tenThousand, missing: [])
        let file = "n,t,h,i,a,y\n1,甲,某大学,张三,30,2018.01-2021.12\n2,乙,某大学,李四,40.5,2019.01-2021.12\n"
        let importer = Importer(db: house.house.db, clock: house.house.clock, zone: house.house.city.zone)
        let report = try await importer.run(.awards, Array(file.utf8), map: map, isDry: false, skipsRefused: false)
        #expect(report.isWritten)
    }

    private func accept(
        _ house: TestHouse, _ project: Project, officer: Actor, leader: Actor, applicant: Actor
    ) async throws {
        let revision = try await house.house.db.read { tx in try CaseStore.answers(project.id, tx).revision }
        let values = [
            "summary-report": "按合同完成了全部研究内容，形成原型系统并示范应用。", "results.0.name": "论文", "results.0.reached": "5 篇",
            "results.0.evidence": "检索证明", "spent": "1000",
        ]
        _ = try await house.funding.projects.save(
            project.id, values: { values[$0].map { [$0] } ?? [] }, expecting: revision, by: applicant)
        try await house.act(project.id, "apply-acceptance", applicant)
        try await house.act(project.id, "forward", officer)
        try await house.act(
            project.id, "propose-outcome", officer,
            ["outcome": "closed", "opinion": "指标未全部完成，同意结题。", "surplus": .integer(100_000)])
        try await house.act(project.id, "decide", leader)
    }
}
