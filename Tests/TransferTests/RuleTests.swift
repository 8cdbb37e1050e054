import Kernel
import Testing

@testable import Transfer

@Suite("Rules of technology transfer")
struct TransferRuleTests {
    @Test("Every row of the room's tables holds, and leaves no edge untried", arguments: TransferHouse.tables)
    func rows(file: String) throws {
        let book = try TransferHouse.city().rules
        let shelf = try RuleShelf(Transfer.rules, book: book)
        let table = try RuleTable(path: file)
        let results = try table.run(shelf, book: book)
        for result in results { #expect(result.faults.isEmpty, "\(result.row.name): \(result.faults)") }
        #expect(try table.uncovered(results, shelf, book: book) == [])
    }

    @Test("The numbers of the draft of 2024 are shown as to be checked; the law's are not")
    func confidence() throws {
        let book = try TransferHouse.city().rules
        for id in ["transfer.contract.days", "transfer.contract.expert-days", "transfer.contract.expert-from"] {
            #expect(try book.dated(id, on: TransferHouse.start).source.confidence.needsChecking, "\(id)")
        }
        #expect(
            try !book.dated("transfer.reward.income-share", on: TransferHouse.start).source.confidence.needsChecking)
    }

    @Test("Largest amounts do not overflow")
    func largest() throws {
        let law = try TransferHouse.city().rules.law(on: TransferHouse.start)
        var facts = ContractFacts()
        facts.total = Money.largest
        facts.carrier = .hardware
        facts.carrierCost = Money.largest
        (facts.carriers, facts.carriersNeeded) = (1_000_000, 1)
        #expect(try ContractAmountRule(law).decide(facts).technical == Money(fen: 100_000_000_000))
        var reward = RewardFacts()
        (reward.way, reward.base, reward.agreed) = (.transfer, Money.largest, 1_000)
        #expect(try RewardRule(law).decide(reward).reward == Money.largest)
    }
}
