/// Articles of Chinese law as an English reader finds them.
enum ArticleWords {
    private static let parts: [Character: String] = [
        "章": "chapter", "节": "section", "条": "article", "款": "paragraph", "项": "item",
    ]

    /// `第四十五条第一款第三项` as `article 45 paragraph 1 item 3`; what is no number of an article stays as it is.
    static func english(_ text: String) -> String {
        let named = text.replacing(/第([〇零一二三四五六七八九十百千]+|[0-9]+)([章节条款项])/) { match -> String in
            guard let number = number(match.1), let part = match.2.first.flatMap({ parts[$0] }) else {
                return String(match.0)
            }
            return " \(part) \(number) "
        }
        let joined = named.replacing("附件", with: " annex ").replacing("、", with: ", ").replacing("至", with: " to ")
        return joined.split(separator: " ").joined(separator: " ").replacing(" ,", with: ",")
    }

    /// A whole number under ten thousand in digits or in Chinese numerals.
    static func number(_ text: Substring) -> Int? {
        if let plain = Int(text) { return plain }
        let digits = Array("〇一二三四五六七八九")
        let units: [Character: Int] = ["十": 10, "百": 100, "千": 1_000]
        var (total, digit) = (0, 0)
        for character in text {
            if let unit = units[character] {
                // 十五 is said for 一十五.
                total += max(digit, 1) * unit
                digit = 0
            } else if character == "零" {
                digit = 0
            } else if let value = digits.firstIndex(of: character) {
                digit = value
            } else {
                return nil
            }
        }
        return total + digit
    }
}
