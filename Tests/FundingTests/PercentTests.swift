import Kernel
import Testing

@testable import Funding

@Suite("How much of what was paid is spent")
struct PercentTests {
    @Test(
        "Hundredths are the nearest, and 100 only where all is spent",
        arguments: [
            (13_507_000, 40_000_000, 34), (8_000_000, 20_000_000, 40), (0, 100, 0), (999, 1_000, 99),
            (1_000, 1_000, 100),
        ] as [(Int64, Int64, Int64)])
    func percent(spent: Int64, paid: Int64, told: Int64) {
        #expect(Money(fen: spent).percent(of: Money(fen: paid)) == told)
    }

    @Test("Of nothing there is no share")
    func ofNothing() { #expect(Money.zero.percent(of: .zero) == nil) }
}
