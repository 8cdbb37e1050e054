import Kernel
import Ledger
import Testing

@testable import Funding

@Suite("Names of accounts")
struct AccountNamesTests {
    private static let names = AccountNames([
        (code: "natural-science", name: Bilingual("市自然科学基金", "Natural Science Fund"))
    ])

    @Test(
        "An account is called by its station and what it is about",
        arguments: [
            (
                "budget:natural-science:2026", "专项预算 · 市自然科学基金 · 2026 年",
                "Programme budget · Natural Science Fund · 2026"
            ),
            (
                "contract:natural-science:2026:kj2026-00001", "合同应付 · 市自然科学基金 · 2026 年 · KJ2026-00001",
                "Contract · Natural Science Fund · 2026 · KJ2026-00001"
            ),
            (
                "spent:nsfc:2018:71700003:indirect", "已支出 · NSFC · 2018 年 · 71700003 · 间接费用",
                "Spent · NSFC · 2018 · 71700003 · Indirect costs"
            ),
            ("appropriation:municipal:2026", "年度预算批复 · 市级财政 · 2026 年", "Appropriation · Municipal · 2026"),
        ])
    func called(account: String, zh: String, en: String) throws {
        #expect(Self.names.name(try LedgerAccount(account)) == Bilingual(zh, en))
    }
}
