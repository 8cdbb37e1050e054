import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Treasury

@Suite("Payees' bank accounts")
struct AccountTests {
    private let keeper = Till.person("keeper", [.applicant], of: "uni")

    @Test("An account takes two people and three working days", arguments: TestStore.engines)
    func waiting(engine: Engine) async throws {
        let till = try await Till(engine)
        let order = try await till.place(100)
        await #expect(throws: TreasuryError.noAccount(Till.payee().name, from: nil)) {
            _ = try await till.orders.check(order.id, by: Till.treasurer)
        }
        let made = try await till.accounts.propose(Till.draft("6222 0200-0000 0000 001"), for: Till.payee(), by: keeper)
        #expect(made.masked == "••••0001")
        await #expect(throws: TreasuryError.accountOpen) {
            _ = try await till.accounts.propose(Till.draft(), for: Till.payee(), by: keeper)
        }
        let same = Till.person("keeper", [.treasurer])
        await #expect(throws: TreasuryError.samePerson) {
            _ = try await till.accounts.confirm(made.id, number: "6222020000000000001", by: same)
        }
        await #expect(throws: TreasuryError.accountDiffers) {
            _ = try await till.accounts.confirm(made.id, number: "6222020000000000002", by: Till.treasurer)
        }
        let done = try await till.accounts.confirm(made.id, number: "6222 0200 0000 0000 001", by: Till.treasurer)
        // Monday the 2nd of March 2026 and three working days.
        let day = try #require(Day("2026-03-05"))
        #expect(done.effectiveOn == day)
        till.clock.move(seconds: 2 * 86_400)
        await #expect(throws: TreasuryError.noAccount(Till.payee().name, from: day)) {
            _ = try await till.orders.check(order.id, by: Till.treasurer)
        }
        till.clock.move(seconds: 86_400)
        #expect(try await till.orders.check(order.id, by: Till.treasurer).account == made.id)
        await #expect(throws: TreasuryError.accountState) {
            _ = try await till.accounts.refuse(made.id, reason: "太晚了", by: Till.treasurer)
        }
    }

    @Test("A payment under way keeps the account it was checked with; the next one has the new one")
    func change() async throws {
        let till = try await Till(.sqlite)
        try await till.open()
        let first = try await till.place(100, "1")
        let old = try await till.orders.check(first.id, by: Till.treasurer).account
        let made = try await till.accounts.propose(Till.draft("622200000009"), for: Till.payee(), by: keeper)
        _ = try await till.accounts.confirm(made.id, number: "622200000009", by: Till.treasurer)
        till.clock.move(seconds: 10 * 86_400)
        _ = try await till.runs.make(by: Till.treasurer)
        #expect(try await till.find(first).account == old)
        #expect(try await till.number(of: first) != "622200000009")
        let second = try await till.place(100, "2")
        #expect(try await till.orders.check(second.id, by: Till.treasurer).account == made.id)
        #expect(try await till.db.read { tx in try PayeeAccountStore.list(of: ["uni"], limit: 9, tx).count } == 2)
    }

    @Test("Only the payee enters it, and everything that is wrong is told at once")
    func faults() async throws {
        let till = try await Till(.sqlite)
        let stranger = Till.person("stranger", [.applicant], of: "other")
        await #expect(throws: TreasuryError.unknownAccount) {
            _ = try await till.accounts.propose(Till.draft(), for: Till.payee(), by: stranger)
        }
        let draft = PayeeAccountDraft(holder: " ", bank: "", branch: "", cnaps: "12345", number: "12a4")
        #expect(draft.problems.map(\.field) == ["holder", "bank", "branch", "cnaps", "number"])
        await #expect(throws: TreasuryError.accountFaulty(draft.problems)) {
            _ = try await till.accounts.propose(draft, for: Till.payee(), by: keeper)
        }
    }

    @Test("Numbers are sealed in the database", arguments: TestStore.engines)
    func sealed(engine: Engine) async throws {
        let till = try await Till(engine)
        try await till.open()
        let sealed: [UInt8]? = try await till.db.read { tx in
            try tx.value("SELECT sealed_number FROM payee_account LIMIT 1")
        }
        #expect(String(decoding: try #require(sealed), as: UTF8.self).contains("62220200") == false)
        #expect(try till.vault.open(try #require(sealed)) == "6222020000000000001")
    }
}
