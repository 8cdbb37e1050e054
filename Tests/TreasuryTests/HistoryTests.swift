import Foundation
import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Treasury

/// Random histories: whatever happens in whatever order, the books and the orders say the same, and nobody is paid
/// more than was ordered.
@Suite("Histories of payments")
struct PaymentHistoryTests {
    private static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["KECHUANG_TEST_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
    }

    @Test("An order hears only what is possible, and its sums always fit")
    func pure() throws {
        let seed = Self.seed()
        var random = SeededRandom(seed: seed)
        var (heard, refused) = (0, 0)
        for _ in 0..<5_000 {
            var order = PaymentOrder(
                id: ID("o"), number: "n",
                PaymentDraft(
                    "thing", "1", caseID: nil, payee: Till.payee(),
                    amount: Money(fen: .random(in: 1...9, using: &random)),
                    purpose: "", from: Till.budget, programme: "science", year: 2026, project: "p"), posting: ID("p"),
                by: Till.officer, at: Instant(microseconds: 0))
            order.run = ID("r")
            order.state = .sent
            for _ in 0..<8 {
                let outcome = PaymentOutcome.allCases.randomElement(using: &random) ?? .paid
                let sum = Money(fen: .random(in: 0...10, using: &random))
                let before = order
                do throws(TreasuryError) {
                    let meant = try order.hear(outcome, sum)
                    heard += 1
                    #expect([.paid, .rejected, .returned].contains(meant))
                    #expect(before.open - order.open == (meant == .returned ? .zero : sum), "seed \(seed)")
                    let change: Int64 = meant == .paid ? sum.fen : meant == .returned ? -sum.fen : 0
                    #expect(order.settled.fen - before.settled.fen == change, "seed \(seed)")
                } catch {
                    refused += 1
                    #expect(order == before)
                }
                #expect(order.paid + order.rejected + order.open == order.amount, "seed \(seed)")
                #expect(order.settled >= .zero && order.open >= .zero, "seed \(seed)")
                #expect((order.open > .zero) == order.state.isOpen, "seed \(seed)")
            }
        }
        #expect(heard > 1_000 && refused > 1_000)
    }

    @Test("No payment is doubled or lost, and the books agree with the orders", arguments: TestStore.engines)
    func histories(engine: Engine) async throws {
        let seed = Self.seed()
        var random = SeededRandom(seed: seed)
        let till = try await Till(engine)
        try await till.open(["a", "b", "c"])
        let before = try await till.left()
        var all: [PaymentOrder] = []
        var files: [[UInt8]] = []
        for step in 0..<(ProcessInfo.processInfo.environment["KECHUANG_TEST_STEPS"].flatMap(Int.init) ?? 500) {
            let any = try await all.suffix(10).randomElement(using: &random).asyncMap { try await till.find($0) }
            try await tolerate {
                switch Int.random(in: 0..<12, using: &random) {
                case 0, 1:
                    let subject = String(Int.random(in: 0..<12, using: &random))
                    all.append(
                        try await till.place(
                            .random(in: 1...200_000_000, using: &random), subject,
                            payee: ["a", "b", "c"].randomElement(using: &random) ?? "a"))
                case 2, 3, 4: if let any { _ = try await till.orders.check(any.id, by: Till.treasurer) }
                case 5: if let any { _ = try await till.orders.approve(any.id, by: Till.leader) }
                case 6: if let any { _ = try await till.orders.sendBack(any.id, reason: "again", by: Till.treasurer) }
                case 7: _ = try await till.runs.make(by: Till.treasurer)
                case 8:
                    // The same file once more changes nothing.
                    if let file = files.randomElement(using: &random) {
                        _ = try await till.answers.read(file, name: "again", by: Till.treasurer)
                        Issue.record("a file was read twice; seed \(seed)")
                    }
                default:
                    guard let any, any.account != nil else { return }
                    let outcome = ["paid", "paid", "rejected", "returned"].randomElement(using: &random) ?? "paid"
                    let most = outcome == "returned" ? max(any.settled.fen, 1) : max(any.open.fen, 1)
                    let sum = Bool.random(using: &random) ? most : Int64.random(in: 1...most, using: &random)
                    let number = try await till.number(of: any)
                    let file = Till.csv([
                        [any.number, outcome, PaymentFile.yuan(Money(fen: sum)), number, "ref\(step)"],
                        [any.number, outcome, PaymentFile.yuan(Money(fen: sum)), number, "ref\(step)"],
                    ])
                    files.append(file)
                    _ = try await till.answers.read(file, name: "f", by: Till.treasurer)
                }
            }
        }
        try await agree(till, before, seed)
    }

    private func tolerate(_ body: () async throws -> Void) async throws {
        do { try await body() } catch is TreasuryError {}
    }

    private func agree(_ till: Till, _ before: Int64, _ seed: UInt64) async throws {
        let orders = try await till.db.read { tx in try PaymentStore.list(limit: 10_000, tx) }
        let (open, settled) = (Money.sum(orders.map(\.open)).fen, Money.sum(orders.map(\.settled)).fen)
        #expect(try await till.balance(.order) == open, "seed \(seed)")
        #expect(try await till.balance(.paid) == settled, "seed \(seed)")
        #expect(try await till.left() == before - open - settled, "seed \(seed)")
        #expect(try await till.faults() == [], "seed \(seed)")
        let lines = try await till.db.read { tx in
            try tx.rows(
                """
                SELECT outcome, CAST(SUM(amount_fen) AS BIGINT) AS fen FROM bank_line
                WHERE state IN ('matched', 'assigned') GROUP BY outcome
                """
            ) { (try $0["outcome"] as String, try $0["fen"] as Int64) }
        }
        let sums = Dictionary(uniqueKeysWithValues: lines)
        #expect(sums["paid", default: 0] > 0, "nothing happened; seed \(seed)")
        #expect(sums["paid", default: 0] == Money.sum(orders.map(\.paid)).fen, "seed \(seed)")
        #expect(sums["rejected", default: 0] == Money.sum(orders.map(\.rejected)).fen, "seed \(seed)")
        #expect(sums["returned", default: 0] == Money.sum(orders.map(\.returned)).fen, "seed \(seed)")
    }
}

extension Optional {
    func asyncMap<T>(_ change: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await change(self)
    }
}
