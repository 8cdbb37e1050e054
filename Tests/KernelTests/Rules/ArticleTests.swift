import Testing

@testable import Kernel

@Suite("Articles of law in English")
struct ArticleTests {
    @Test(
        "An article is cited by its number, and what is none stays as it is",
        arguments: [
            ("第十五条", "article 15"), ("第二十条", "article 20"), ("第一百零一条", "article 101"), ("第一百一十条", "article 110"),
            ("第四十五条第一款第三项", "article 45 paragraph 1 item 3"), ("第二章", "chapter 2"), ("附件3", "annex 3"),
            ("第八百四十三条至第八百八十七条", "article 843 to article 887"), ("第三十二条、第四十二条", "article 32, article 42"),
            ("外专发〔2017〕36号 第六条", "外专发〔2017〕36号 article 6"), ("", ""), ("4.2", "4.2"),
        ])
    func english(chinese: String, wanted: String) {
        #expect(ArticleWords.english(chinese) == wanted)
    }

    @Test("Every numeral up to 9,999 that is written in Chinese is read")
    func numerals() {
        let digits = Array("〇一二三四五六七八九")
        for number in 1...9_999 {
            var text = ""
            var isGap = false
            for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
                let digit = number / unit % 10
                if digit == 0 {
                    isGap = !text.isEmpty
                } else {
                    if isGap { text += "零" }
                    isGap = false
                    text += "\(digits[digit])\(name)"
                }
            }
            #expect(ArticleWords.number(Substring(text)) == number, "\(text)")
        }
    }

    @Test("Who reads English is told the article in English")
    func cited() {
        let source = RuleSource(document: Bilingual("某办法", "A measure"), article: "第十条", confidence: .law)
        #expect(source.cited == Bilingual("某办法 第十条", "A measure, article 10"))
    }
}
