import BureauTestSupport
import Funding
import Kernel
import Ledger
import Portal
import Store
import StoreTestSupport
import Testing
import Treasury

@testable import Bureau

/// Tranches follow what the treasury and the bank do with their orders.
@Suite("Tranches and the treasury")
struct TranchePaymentTests {
    private struct Scene {
        let house: TestHouse
        let project: Project
        let tranche: Tranche
        let treasurer: Actor

        init(_ engine: Engine) async throws {
            house = try await TestHouse(engine)
            project = try await house.running(try await house.call("natural-science"))
            tranche = try #require(try await house.tranches(project).first)
            treasurer = try await house.actor("treasurer")
        }

        /// Orders the tranche and sends it to the bank, which says something of it.
        func send(_ reply: PretendBank.Reply) async throws {
            _ = try await house.funding.tranches.order(tranche.id, note: "", by: try await house.actor("officer"))
            _ = try await house.funding.tranches.confirm(tranche.id, by: treasurer)
            let number = try #require(try await order()).number
            _ = try await PretendBank(treasury: house.services.treasury, treasurer: treasurer).pay([number: reply])
        }

        func answer(_ outcome: String, _ amount: Money, _ reference: String) async throws {
            let order = try #require(try await order())
            let run = try await house.services.treasury.runs.csv(try #require(order.run), by: treasurer)
            let rows = CSVText.rows(String(decoding: run.bytes, as: UTF8.self))
            let account = try #require(rows.first { $0.first == order.number })[2]
            let file = """
                number,outcome,amount,account,reference
                \(order.number),\(outcome),\(amount.plainText),\(account),\(reference)
                """
            _ = try await house.services.treasury.answers.read(Array(file.utf8), name: "a", by: treasurer)
        }

        func order() async throws -> PaymentOrder? {
            try await house.house.db.read { tx in try PaymentStore.list("tranche", tranche.id.text, tx).last }
        }

        func state() async throws -> Tranche.State? {
            try await house.house.db.read { tx in try TrancheStore.find(tranche.id, tx)?.state }
        }

        func balance(_ kind: AccountKind) async throws -> Money {
            let account =
                kind == .budget
                ? LedgerAccount.budget("natural-science", year: project.year)
                : try .project(kind, "natural-science", year: project.year, project.number)
            return try await house.house.db.read { tx in try Balances.now(account, tx)?.balance ?? .zero }
        }

        func faults() async throws -> [LedgerCheck.Fault] {
            try await house.house.db.read { tx in try LedgerCheck.run(tx).faults }
        }
    }

    @Test("A bounced tranche is planned again and paid by a new order", arguments: TestStore.engines)
    func bounced(engine: Engine) async throws {
        let scene = try await Scene(engine)
        try await scene.send(.init(.rejected, scene.tranche.amount, "AC01 账号不存在"))
        #expect(try await scene.state() == .planned)
        #expect(try await scene.balance(.order) == .zero)
        #expect(try await scene.balance(.contract) == scene.project.amount)
        let order = try #require(try await scene.order())
        for language in Language.allCases {
            let words = language == .chinese ? "AC01 账号不存在" : "AC01 the account number is wrong (账号不存在)"
            let page = text(
                try await scene.house.visit(
                    "treasury.order", scene.treasurer, values: ["id": order.id.text], language: language))
            #expect(page.contains(words))
        }
        try await scene.house.pay(scene.tranche)
        #expect(try await scene.state() == .confirmed)
        #expect(try await scene.balance(.paid) == scene.tranche.amount)
        let confirmed = try await scene.house.house.db.read { tx in
            try TrancheStore.find(scene.tranche.id, tx)?.confirmedBy
        }
        #expect(confirmed == scene.treasurer.account?.text)
        #expect(try await scene.faults() == [])
    }

    @Test("The page of an order says that the bank is silent only where it was asked", arguments: TestStore.engines)
    func silence(engine: Engine) async throws {
        let scene = try await Scene(engine)
        let (house, treasurer) = (scene.house, scene.treasurer)
        let officer = try await house.actor("officer")
        func says(_ words: String) async throws -> Bool {
            let order = try #require(try await scene.order())
            let page = try await house.visit("treasury.order", treasurer, values: ["id": order.id.text])
            return text(page).contains(words)
        }
        _ = try await house.funding.tranches.order(scene.tranche.id, note: "", by: officer)
        #expect(try await says("It has not been sent to the bank yet."))
        _ = try await house.funding.tranches.sendBack(scene.tranche.id, reason: "账号有误", by: treasurer)
        #expect(try await says("It was never sent to the bank."))
        _ = try await house.funding.tranches.order(scene.tranche.id, note: "", by: officer)
        _ = try await house.funding.tranches.confirm(scene.tranche.id, by: treasurer)
        #expect(try await says("It has not been sent to the bank yet."))
        _ = try await house.services.treasury.runs.make(by: treasurer)
        #expect(try await says("The bank has not answered."))
    }

    @Test("A tranche paid in part is ordered anew for the rest, and one that comes back as well")
    func parts() async throws {
        let scene = try await Scene(.sqlite)
        let third = Money(fen: scene.tranche.amount.fen / 3)
        let rest = scene.tranche.amount - third
        try await scene.send(.init(.paid, third))
        #expect(try await scene.state() == .ordered)
        await #expect(throws: ProjectError.trancheState) {
            _ = try await scene.house.funding.tranches.order(
                scene.tranche.id, note: "", by: try await scene.house.actor("officer"))
        }
        try await scene.answer("rejected", rest, "R1")
        #expect(try await scene.state() == .planned)
        try await scene.house.pay(scene.tranche)
        #expect(try await scene.order()?.amount == rest)
        #expect(try await scene.state() == .confirmed)
        #expect(try await scene.balance(.paid) == scene.tranche.amount)
        try await scene.answer("returned", rest, "R2")
        #expect(try await scene.state() == .planned)
        #expect(try await scene.balance(.paid) == third)
        #expect(try await scene.faults() == [])
    }

    @Test("A project does not end while its money is at the bank; what comes back afterwards is freed")
    func ended() async throws {
        let scene = try await Scene(.sqlite)
        try await scene.send(.init())
        await #expect(throws: ProjectError.atBank) {
            try await scene.house.act(scene.project.id, "terminate", .system)
        }
        try await scene.answer("paid", scene.tranche.amount, "R1")
        let before = try await scene.balance(.budget)
        try await scene.house.act(scene.project.id, "terminate", .system)
        let rest = scene.project.amount - scene.tranche.amount
        #expect(try await scene.balance(.budget) == before + rest)
        try await scene.answer("returned", scene.tranche.amount, "R2")
        #expect(try await scene.state() == .cancelled)
        #expect(try await scene.balance(.budget) == before + scene.project.amount)
        #expect(try await scene.balance(.paid) == .zero)
        #expect(try await scene.faults() == [])
    }

    @Test("The treasurer's return puts the tranche back, and a large one waits for the leader")
    func sentBack() async throws {
        let scene = try await Scene(.sqlite)
        let officer = try await scene.house.actor("officer")
        _ = try await scene.house.funding.tranches.order(scene.tranche.id, note: "", by: officer)
        let back = try await scene.house.funding.tranches.sendBack(
            scene.tranche.id, reason: "账号有误", by: scene.treasurer)
        #expect((back.state, back.note) == (.planned, "账号有误"))
        #expect(try await scene.balance(.order) == .zero)
    }
}
