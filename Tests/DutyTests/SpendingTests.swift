import BureauTestSupport
import Foundation
import Funding
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Bureau

/// What awardees account for: checked at entry, in the books when accepted, never more than was paid.
@Suite("Spending")
struct SpendingTests {
    @Test("A report goes from its vouchers through the organisation into the books", arguments: TestStore.engines)
    func flow(engine: Engine) async throws {
        let (house, project) = try await TestHouse.paidProject(engine)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        let voucher = try await house.funding.spending.enter(
            house.voucher("F-1", 1_234_567), into: report.id, by: applicant)
        #expect(try await house.spent(project) == [:])
        try await house.accept(report)
        #expect(try await house.spent(project) == ["operations": 1_234_567])
        try await house.funding.spending.askBack(voucher.id, reason: "开错票", by: applicant)
        let officer = try await house.actor("officer")
        await #expect(throws: ProcedureError.notYours) {
            try await house.funding.spending.decideBack(voucher.id, agreed: true, by: applicant)
        }
        try await house.funding.spending.decideBack(voucher.id, agreed: true, by: officer)
        #expect(try await house.spent(project) == ["operations": 0])
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
        await #expect(throws: SpendingError.state) {
            try await house.funding.spending.askBack(voucher.id, reason: "again", by: applicant)
        }
    }

    @Test("All that stands against a voucher is said at once, with its rule")
    func refusals() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        func codes(_ draft: VoucherDraft) async throws -> [String] {
            do {
                try await house.funding.spending.enter(draft, into: report.id, by: applicant)
                return []
            } catch SpendingError.refused(let problems) {
                #expect(problems.allSatisfy { $0.code.hasPrefix("field.") || $0.basis != nil })
                return problems.map(\.code)
            }
        }
        var bad = house.voucher("", 90_000_000_00, heading: "indirect", payee: project.investigatorName)
        bad.day = report.to.adding(days: 4_000)
        #expect(
            try await codes(bad) == [
                "field.required", "voucher.term", "voucher.future", "voucher.cap", "voucher.paid", "voucher.round",
                "voucher.related",
            ])
        #expect(try await codes(house.voucher("F-1", 1_000_000, payee: "甲公司")) == ["voucher.round"])
        var round = house.voucher("F-1", 1_000_000, payee: "甲公司")
        round.reason = "合同约定的总价"
        #expect(try await codes(round) == [])
        // The same in another width, case and spacing is the same.
        var same = house.voucher("ｆ - 1", 1_000_000, payee: "甲 公司")
        same.reason = round.reason
        #expect(try await codes(same) == ["voucher.duplicate"])
        #expect(try await codes(house.voucher("F-2", 10_000, heading: "rent")) == ["voucher.heading"])
        #expect(try await codes(house.voucher("F-3", 9_500_050, payee: "乙公司")) == [])
        #expect(try await codes(house.voucher("F-4", 9_400_050, payee: "乙公司")) == ["voucher.split"])
    }

    @Test(
        "A fee of experts is held against the table",
        arguments: [
            ("senior", "meeting", 3, Int64(600_000)), ("senior", "half-day", 1, 144_000),
            ("eminent", "half-day", 1, 216_000),
        ])
    func fees(rank: String, form: String, count: Int, most: Int64) async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        var draft = house.voucher("ZJ-1", most + 1, payee: "王专家")
        draft.purpose = "专家咨询费"
        func codes(_ draft: VoucherDraft) async throws -> [String] {
            do {
                try await house.funding.spending.enter(draft, into: report.id, by: applicant)
                return []
            } catch { return error is any Problem ? (error as? any Problem)?.fields.map(\.code) ?? [] : [] }
        }
        #expect(try await codes(draft) == ["voucher.fee-open"])
        draft.expert = ExpertFee(rank: rank, form: form, count: count)
        #expect(try await codes(draft) == ["voucher.fee"])
        draft.amount = Money(fen: most)
        #expect(try await codes(draft) == [])
        draft.number = "ZJ-2"
        draft.payee = project.investigatorName
        draft.reason = "x"
        #expect(try await codes(draft) == ["voucher.fee-member"])
    }

    @Test("A foreign sum keeps its rate, and its RMB must be what the rate says")
    func foreign() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        let applicant = try await house.actor("applicant")
        let rate = try #require(DecimalNumber("7.1234"))
        var draft = house.voucher("US-1", 71_235)
        draft.foreign = ForeignSum(currency: "USD", cents: 10_000, rate: rate, rateDay: report.from)
        await #expect(throws: SpendingError.self) {
            draft.amount = Money(fen: 71_300)
            try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        }
        draft.amount = Money(fen: 71_234)
        let kept = try await house.funding.spending.enter(draft, into: report.id, by: applicant)
        #expect(kept.draft.foreign == draft.foreign)
        #expect(kept.draft.foreign?.text == "USD 100.00 × 7.1234 (\(report.from))")
    }

    @Test("Nobody else reads or writes a report, and a submitted one takes nothing")
    func strangers() async throws {
        let (house, project) = try await TestHouse.paidProject(.sqlite)
        let report = try await house.report(project)
        for login in ["officer", "expert1", "treasurer"] {
            let other = try await house.actor(login)
            await #expect(throws: SpendingError.unknownReport) {
                try await house.funding.spending.enter(house.voucher("X", 1), into: report.id, by: other)
            }
        }
        let applicant = try await house.actor("applicant")
        try await house.funding.spending.enter(house.voucher("F-1", 100), into: report.id, by: applicant)
        await #expect(throws: SpendingError.overlap(report.number)) {
            _ = try await house.funding.spending.open(project.id, from: report.from, to: report.from, by: applicant)
        }
        try await house.act(report.id, "submit", applicant)
        await #expect(throws: SpendingError.closed) {
            try await house.funding.spending.enter(house.voucher("F-2", 100), into: report.id, by: applicant)
        }
    }

    /// Random reports: whatever is entered, accepted and taken back, the books hold.
    @Test("Spent is never above paid, headings add up, and what is withdrawn is nothing", arguments: TestStore.engines)
    func property(engine: Engine) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed of spending on \(engine): \(seed)")
        var random = SeededRandom(seed: seed)
        let (house, project) = try await TestHouse.paidProject(engine)
        let (applicant, officer) = (try await house.actor("applicant"), try await house.actor("officer"))
        let paid = try await house.paid(project)
        var number = 0
        var day = project.startsOn ?? house.house.today
        for _ in 0..<4 {
            let report = try await house.report(project, from: day, days: 3)
            day = day.adding(days: 4)
            house.move(days: 4)
            for _ in 0..<8 {
                number += 1
                let heading = ["operations", "indirect"].randomElement(using: &random) ?? "operations"
                var draft = house.voucher(
                    "R-\(number)", Int64.random(in: 1...paid.fen / 8, using: &random), heading: heading)
                draft.day = report.from
                draft.reason = "已核实"
                _ = try? await house.funding.spending.enter(draft, into: report.id, by: applicant)
            }
            let vouchers = try await house.vouchers(report)
            guard !vouchers.isEmpty else { continue }
            try await house.accept(report)
            let spent = try await house.spent(project)
            #expect(spent.values.reduce(0, +) <= paid.fen)
            for voucher in vouchers where Bool.random(using: &random) {
                try await house.funding.spending.askBack(voucher.id, reason: "更正", by: applicant)
                try await house.funding.spending.decideBack(voucher.id, agreed: true, by: officer)
            }
            var live: [String: Int64] = [:]
            for voucher in try await house.vouchers(nil, of: project) where voucher.state == .accepted {
                live[voucher.draft.heading, default: 0] += voucher.draft.amount.fen
            }
            #expect(try await house.spent(project).filter { $0.value > 0 } == live)
        }
        for voucher in try await house.vouchers(nil, of: project) where voucher.state == .accepted {
            try await house.funding.spending.askBack(voucher.id, reason: "全部", by: applicant)
            try await house.funding.spending.decideBack(voucher.id, agreed: true, by: officer)
        }
        #expect(try await house.spent(project).values.allSatisfy { $0 == 0 })
        #expect(try await house.house.db.read { tx in try LedgerCheck.run(tx).faults } == [])
    }
}

extension TestHouse {
    /// A running project whose first tranche is paid.
    static func paidProject(_ engine: Engine) async throws -> (TestHouse, Project) {
        let house = try await TestHouse(engine)
        let project = try await house.running(try await house.call("natural-science"))
        try await house.payNext(project)
        house.move(days: 10)
        return (house, project)
    }

    /// Orders and pays the next tranche.
    func payNext(_ project: Project) async throws {
        guard let next = try await tranches(project).first(where: { $0.state == .planned }) else { return }
        try await pay(next)
    }

    func report(_ project: Project, from: Day? = nil, days: Int = 9) async throws -> SpendingReport {
        let start = from ?? project.startsOn ?? house.today
        return try await funding.spending.open(
            project.id, from: start, to: start.adding(days: days), by: try await actor("applicant"))
    }

    func voucher(
        _ number: String, _ fen: Int64, heading: String = "operations", payee: String = "深圳市某仪器有限公司"
    ) -> VoucherDraft {
        VoucherDraft(
            number: number, day: house.today.adding(days: -8), heading: heading, payee: payee,
            amount: Money(fen: fen), purpose: "实验材料")
    }

    func accept(_ report: SpendingReport) async throws {
        try await act(report.id, "submit", try await actor("applicant"))
        try await act(report.id, "endorse", try await actor("organisation"))
        try await act(report.id, "accept", try await actor("officer"))
    }

    func vouchers(_ report: SpendingReport?, of project: Project? = nil) async throws -> [Voucher] {
        try await house.db.read { tx in
            try VoucherStore.list(VoucherFilter(project: project?.id, report: report?.id), limit: 500, tx)
        }
    }

    /// What the books have as spent, by heading, in fen.
    func spent(_ project: Project) async throws -> [String: Int64] {
        try await house.db.read { tx in
            var found: [String: Int64] = [:]
            for line in try Balances.list(project: project.number, tx) where line.account.kind == .spent {
                // An account that only has its limit was never used.
                guard let heading = line.account[.heading],
                    try !Balances.statement(of: line.account, limit: 1, tx).isEmpty
                else { continue }
                found[heading] = line.balance.fen
            }
            return found
        }
    }

    func paid(_ project: Project) async throws -> Money {
        try await house.db.read { tx in
            let lines = try Balances.list(project: project.number, tx)
            return Money.sum(lines.filter { $0.account.kind == .paid }.map(\.inward))
        }
    }
}
