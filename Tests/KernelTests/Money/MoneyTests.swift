import Kernel
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "What people paste is read to the fen",
        arguments: [
            ("12.50", 1_250), ("1,234,567.80", 123_456_780), ("１２３", 12_300), ("3万元", 3_000_000),
            ("1.5亿", 15_000_000_000), ("¥300", 30_000), ("￥ 300 元", 30_000), ("0.01", 1), ("12.3456万", 12_345_600),
            ("RMB 5", 500), ("0", 0),
        ] as [(String, Int64)])
    func reading(text: String, fen: Int64) throws { #expect(try Money(parsing: text).fen == fen) }

    @Test(
        "What can be read in two ways, or not at all, is refused",
        arguments: [
            "", "abc", "1,5", "12,34.00", "1.234", "-5", "1.2.3", "１万２千", "1e5", "9999999999999999999", "1.", ".5",
            "0.0000001万",
        ])
    func refusing(text: String) { #expect(throws: MoneyError.self) { try Money(parsing: text) } }

    @Test("Printing and reading undo each other; parts add up to the whole", arguments: 1...50)
    func laws(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let money = Money(fen: Int64.random(in: 0...9_000_000_000_000, using: &random))
        #expect(try Money(parsing: money.yuanText) == money, "seed \(seed)")
        #expect(try Money(parsing: "\(money.tenThousandText)万") == money, "seed \(seed)")
        let shares =
            (0..<Int.random(in: 1...9, using: &random)).map { _ in Int.random(in: 0...1_000, using: &random) } + [1]
        let parts = try money.split(byShares: shares)
        #expect(Money.sum(parts) == money, "seed \(seed)")
        #expect(parts.allSatisfy { $0.fen >= 0 }, "seed \(seed)")
        let total = shares.reduce(0, +)
        for (part, share) in zip(parts, shares) {
            let exact = Double(money.fen) * Double(share) / Double(total)
            #expect(abs(Double(part.fen) - exact) <= 1.01, "seed \(seed)")
        }
    }

    @Test("Shares that cannot be split by are refused")
    func noShares() {
        #expect(throws: MoneyError.noShares) { try Money(fen: 100).split(byShares: [0, 0]) }
        #expect(throws: MoneyError.noShares) { try Money(fen: 100).split(byShares: [1, -1]) }
    }
}
