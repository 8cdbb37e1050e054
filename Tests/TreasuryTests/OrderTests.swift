import Kernel
import Ledger
import Store
import StoreTestSupport
import Testing

@testable import Treasury

@Suite("Payment orders")
struct OrderTests {
    @Test("Money goes from where it lies to order to paid, and the duty hears of it", arguments: TestStore.engines)
    func paid(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let before = try await till.left()
        let order = try await till.place(60_000_000)
        #expect(order.number == "FK2026-000001")
        #expect(try await till.balance(.order) == 60_000_000)
        #expect(try await till.left() == before - 60_000_000)
        #expect(try await till.orders.check(order.id, by: Till.treasurer).state == .ready)
        let run = try await till.runs.make(by: Till.treasurer)
        #expect((run.count, run.total.fen, run.number) == (1, 60_000_000, "ZF2026-00001"))
        #expect(try await till.answer(order, "paid", 60_000_000)?.state == .matched)
        #expect(try await till.balance(.order) == 0)
        #expect(try await till.balance(.paid) == 60_000_000)
        #expect(try await till.find(order).state == .paid)
        #expect(till.heard.all == [.paid(Money(fen: 60_000_000))])
        #expect(try await till.faults() == [])
    }

    @Test("Above the level a leader approves, and nobody acts twice", arguments: TestStore.engines)
    func levels(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let small = try await till.place(100_000_000, "1")
        let large = try await till.place(100_000_001, "2")
        #expect(try await till.orders.check(small.id, by: Till.treasurer).state == .ready)
        let both = Till.person("officer", [.officer, .treasurer, .leader])
        await #expect(throws: TreasuryError.samePerson) { _ = try await till.orders.check(large.id, by: both) }
        let all = Till.person("t2", [.treasurer, .leader])
        #expect(try await till.orders.check(large.id, by: all).state == .checked)
        await #expect(throws: TreasuryError.samePerson) { _ = try await till.orders.approve(large.id, by: all) }
        await #expect(throws: TreasuryError.samePerson) { _ = try await till.orders.approve(large.id, by: both) }
        await #expect(throws: AccessError.self) { _ = try await till.orders.approve(large.id, by: Till.treasurer) }
        await #expect(throws: TreasuryError.orderState) { _ = try await till.orders.approve(small.id, by: Till.leader) }
        #expect(try await till.runs.make(by: Till.treasurer).count == 1)
        #expect(try await till.orders.approve(large.id, by: Till.leader).state == .ready)
        #expect(try await till.runs.make(by: Till.treasurer).count == 1)
        await #expect(throws: TreasuryError.nothingReady) { _ = try await till.runs.make(by: Till.treasurer) }
    }

    @Test("Nobody handles a payment to their own organisation")
    func own() async throws {
        let till = try await Till(.sqlite)
        try await till.open()
        let order = try await till.place(100)
        let insider = Till.person("t3", [.treasurer], of: "uni")
        await #expect(throws: TreasuryError.ownMoney) { _ = try await till.orders.check(order.id, by: insider) }
        await #expect(throws: TreasuryError.ownMoney) {
            _ = try await till.orders.sendBack(order.id, reason: "不对", by: insider)
        }
    }

    @Test("What is sent back or taken back goes back in the books by a reversal", arguments: TestStore.engines)
    func sentBack(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let before = try await till.left()
        let order = try await till.place(100)
        await #expect(throws: TreasuryError.alreadyOrdered) { _ = try await till.place(100) }
        #expect(try await till.orders.sendBack(order.id, reason: "账户有误", by: Till.treasurer).state == .sentBack)
        #expect(try await till.left() == before)
        await #expect(throws: TreasuryError.orderState) {
            _ = try await till.orders.check(order.id, by: Till.treasurer)
        }
        let again = try await till.place(100)
        _ = try await till.orders.check(again.id, by: Till.treasurer)
        let entry = till.entry
        let isFree = try await till.db.write(locking: PaymentOrders.locks) { tx in
            try PaymentOrders.cancel("thing", "1", reason: "项目终止", entry, tx)
        }
        #expect(isFree)
        #expect(try await till.left() == before)
        _ = try await till.sent(100)
        let atBank = try await till.db.write(locking: PaymentOrders.locks) { tx in
            try PaymentOrders.cancel("thing", "1", reason: "项目终止", entry, tx)
        }
        #expect(!atBank, "what is at the bank cannot be taken back")
        #expect(try await till.left() == before - 100)
        #expect(till.heard.all == [.sentBack(reason: "账户有误")])
        #expect(try await till.faults() == [])
    }

    @Test("More than there is cannot be ordered")
    func overdraft() async throws {
        let till = try await Till(.sqlite)
        let left = try await till.left()
        await #expect(throws: LedgerError.self) { _ = try await till.place(left + 1) }
        #expect(try await till.left() == left)
    }

    @Test("Two runs at once never take the same order", arguments: TestStore.engines)
    func race(engine: Engine) async throws {
        let till = try await Till(engine, DatabaseOptions(connections: 8, waitSeconds: 60))
        try await till.open()
        for number in 1...20 {
            let order = try await till.place(100, String(number))
            _ = try await till.orders.check(order.id, by: Till.treasurer)
        }
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do { return try await till.runs.make(by: Till.treasurer).count } catch TreasuryError.nothingReady {
                        return 0
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts.reduce(0, +) == 20)
    }

    @Test("An officer orders directly out of a budget, and one number is paid once", arguments: TestStore.engines)
    func direct(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        func payment(_ reference: String, _ fen: Int64) -> DirectPayment {
            DirectPayment(
                reference: reference, programme: "science", year: 2026, payee: Till.payee(), amount: Money(fen: fen),
                purpose: "奖金")
        }
        await #expect(throws: TreasuryError.faulty(payment("", 0).problems)) {
            _ = try await till.orders.order(payment("", 0), by: Till.officer)
        }
        #expect(payment("", 0).problems.map(\.field) == ["reference", "amount"])
        let order = try await till.orders.order(payment("奖〔2026〕1号", 500), by: Till.officer)
        #expect(try await till.balance(.order, LedgerAccount.code("奖〔2026〕1号")) == 500)
        await #expect(throws: TreasuryError.alreadyOrdered) {
            _ = try await till.orders.order(payment("奖〔2026〕1号", 500), by: Till.officer)
        }
        _ = try await till.orders.check(order.id, by: Till.treasurer)
        _ = try await till.runs.make(by: Till.treasurer)
        try await till.answer(order, "paid", 500)
        await #expect(throws: TreasuryError.alreadyOrdered) {
            _ = try await till.orders.order(payment("奖〔2026〕1号", 1), by: Till.officer)
        }
        await #expect(throws: AccessError.self) {
            _ = try await till.orders.order(payment("2", 1), by: Till.treasurer)
        }
        #expect(try await till.faults() == [])
    }
}
