import Kernel
import Testing
import Treasury

@Suite("Why a bank did not pay")
struct BankReasonTests {
    @Test(
        "A known code is told in the language in which the bank did not write",
        arguments: [
            ("AC01", "AC01 账号有误", "AC01 the account number is wrong"),
            ("AC01 账号不存在", "AC01 账号不存在", "AC01 the account number is wrong (账号不存在)"),
            ("AC04 closed in May", "AC04 账户已销户（closed in May）", "AC04 closed in May"),
            ("BE01 户名不符 / name differs", "BE01 户名不符", "BE01 name differs"),
            ("单号不清 / number unclear", "单号不清", "number unclear"), ("XX99 别的原因", "XX99 别的原因", "XX99 别的原因"), ("", "", ""),
        ])
    func words(reason: String, zh: String, en: String) {
        #expect(BankReason.words(reason) == Bilingual(zh, en))
    }
}
