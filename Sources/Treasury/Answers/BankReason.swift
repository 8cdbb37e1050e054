public import Kernel

/// Why a bank did not pay, as it wrote it: a code of ISO 20022, words of its own, or both.
public enum BankReason {
    /// The reason in both languages. What a known code means is told in the language in which the bank did not write,
    /// before its own words, which may name a court's order; without one the words stand as they are.
    public static func words(_ text: String) -> Bilingual {
        let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let code = parts.first, let known = codes[code] else { return Bilingual(written: text) }
        let both = Bilingual("\(code) \(known.zh)", "\(code) \(known.en)")
        guard parts.count == 2 else { return both }
        let own = Bilingual(written: parts[1])
        if own.zh != own.en { return Bilingual("\(code) \(own.zh)", "\(code) \(own.en)") }
        let isChinese = own.zh.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
        return isChinese ? Bilingual(text, "\(both.en) (\(own.zh))") : Bilingual("\(both.zh)（\(own.en)）", text)
    }

    /// ISO 20022, external code sets for the reasons of rejections and returns (ExternalStatusReason1Code,
    /// ExternalReturnReason1Code): those that a domestic payment meets.
    private static let codes: [String: Bilingual] = [
        "AC01": Bilingual("账号有误", "the account number is wrong"),
        "AC03": Bilingual("收款账号无效", "the payee's account number is not valid"),
        "AC04": Bilingual("账户已销户", "the account is closed"),
        "AC06": Bilingual("账户已冻结", "the account is blocked"),
        "AG01": Bilingual("该账户不允许此类交易", "the account does not take such payments"),
        "AM02": Bilingual("金额超过限额", "the amount is more than is allowed"),
        "AM03": Bilingual("币种不能受理", "the currency is not taken"),
        "AM04": Bilingual("余额不足", "there is not enough money"),
        "AM05": Bilingual("重复付款", "a duplicate"),
        "AM09": Bilingual("金额有误", "the amount is wrong"),
        "BE01": Bilingual("户名与账号不符", "the name does not fit the account"),
        "CUST": Bilingual("客户要求", "the customer asked for it"),
        "DUPL": Bilingual("重复付款", "a duplicate"),
        "FOCR": Bilingual("应撤回请求退回", "it was called back"),
        "MD07": Bilingual("账户持有人已故", "the holder has died"),
        "MS02": Bilingual("客户未说明原因", "the customer gave no reason"),
        "MS03": Bilingual("银行未说明原因", "the bank gave no reason"),
        "RC01": Bilingual("行号有误", "the code of the bank is wrong"),
        "RR04": Bilingual("监管原因", "a supervisor's rules"),
    ]
}
