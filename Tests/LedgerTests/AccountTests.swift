import Kernel
import Testing

@testable import Ledger

@Suite("Accounts and shares")
struct AccountTests {
    @Test("A name is read back as it was written; a wrong one is refused")
    func names() throws {
        let good = [
            "source:municipal:2026", "budget:natural-science:2026", "spent:p:2026:kj2026-00001:indirect",
            "written-off:p:0000:x",
        ]
        for text in good { #expect(try LedgerAccount(text).text == text) }
        let bad = [
            "", "budget", "budget:natural-science", "budget:natural-science:26", "budget:Natural:2026", "budget::2026",
            "budget:-a:2026", "budget:a:2026:b", "cash:a:2026", "budget:a b:2026", "budget:科学:2026",
        ]
        for text in bad { #expect(throws: LedgerError.accountName(text)) { try LedgerAccount(text) } }
    }

    @Test("Any text becomes a code, and two texts never the same one")
    func codes() throws {
        #expect(LedgerAccount.code("KJ2026-00001") == "kj2026-00001")
        let texts = ["京-123", "津-123", "a b", "a.b", "a:b", "", "-a", "é", "e\u{301}", "'; DROP"]
        let codes = texts.map(LedgerAccount.code)
        #expect(Set(codes).count == texts.count)
        for code in codes { #expect(try LedgerAccount(.budget, [code, "2026"]).parts[0] == code) }
    }

    @Test("A month knows its days")
    func months() throws {
        let february = try #require(Month("2024-02"))
        #expect(february.firstDay.description == "2024-02-01" && february.lastDay.description == "2024-02-29")
        #expect(Month("2026-13") == nil && Month("2026-1") == nil)
        #expect(Month(try #require(Day("2026-12-31"))).lastDay.description == "2026-12-31")
    }

    @Test("No fen is lost in any split or rate, and no part is more than a fen from its due")
    func shares() throws {
        var random = SeededRandom(seed: 20_261_125)
        for round in 0..<5_000 {
            let amount = Money(
                fen: .random(in: 0...(round.isMultiple(of: 7) ? 9_000_000_000_000_000 : 5_000), using: &random))
            let shares = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                Int.random(in: 0...(round.isMultiple(of: 3) ? 3 : 100_000), using: &random)
            }
            guard shares.reduce(0, +) > 0 else {
                #expect(throws: MoneyError.noShares) { try amount.split(byShares: shares) }
                continue
            }
            let parts = try amount.split(byShares: shares)
            #expect(Money.sum(parts) == amount, "round \(round)")
            let total = Int128(shares.reduce(0, +))
            for (part, share) in zip(parts, shares) {
                let off = Int128(part.fen) * total - Int128(amount.fen) * Int128(share)
                #expect(off.magnitude < total.magnitude, "round \(round)")
                if share == 0 { #expect(part == .zero) }
            }
            #expect(try amount.split(byShares: shares) == parts)
        }
        // Ties go to the earlier part.
        #expect(try Money(fen: 100).split(byShares: [1, 1, 1]).map(\.fen) == [34, 33, 33])
    }
}
