import Testing

@testable import Kernel

@Suite("The wording of letters")
struct LetterTests {
    static let values = ["what": Bilingual("甲", "A"), "why": Bilingual("", ""), "note": Bilingual("", "")]

    @Test(
        "A line whose values are all empty is left out, one with a value or with none to fill in stays",
        arguments: [
            ("结果：{{what}}\n理由：{{why}}\n完", "结果：甲\n完"), ("{{what}}：{{why}}", "甲："), ("{{why}}{{note}}", ""),
            ("一\n\n二", "一\n\n二"), ("{{ what }}", "甲"), ("未闭合 {{what", "未闭合 {{what"),
        ])
    func empty(text: String, wanted: String) {
        #expect(Letters.fill(text, Self.values, .chinese) == wanted)
    }

    @Test("A value that nobody gave is not left out in silence")
    func missing() {
        #expect(Letters.fill("期限：{{due}}", Self.values, .english) == "期限：—")
    }
}
