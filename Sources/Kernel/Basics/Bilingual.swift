/// The two languages in which everything a person sees exists.
public enum Language: String, Codable, Sendable, CaseIterable {
    case chinese = "zh"
    case english = "en"
}

/// A text in Chinese and English. Both parts are required, so that a missing translation does not compile.
public struct Bilingual: Codable, Hashable, Sendable {
    public let zh: String
    public let en: String

    public init(_ zh: String, _ en: String) {
        self.zh = zh
        self.en = en
    }

    /// A name as each language writes it: one that only exists in Chinese stays as it is.
    public init(named zh: String, _ en: String?) {
        self.init(zh, en.flatMap { $0.isEmpty ? nil : $0 } ?? zh)
    }

    /// A text that a person wrote into one field. `研究员 / Researcher` says the same in both languages: Chinese, a stroke
    /// between spaces, then English words. Whatever else was written is shown to everybody as it is, such as a purpose
    /// that names a machine: `设备 / PLC S7`.
    public init(written text: String) {
        let parts = text.split(separator: " / ", maxSplits: 1).map(String.init)
        if parts.count == 2, Bilingual.isChinese(parts[0]), Bilingual.isEnglish(parts[1]) {
            self.init(parts[0], parts[1])
        } else {
            self.init(text, text)
        }
    }

    private static func isChinese(_ text: String) -> Bool {
        text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    /// Whether there is a word of English among letters without Chinese, and not only names of things.
    private static func isEnglish(_ text: String) -> Bool {
        let words = text.split { !($0.isASCII && $0.isLowercase) }
        return !isChinese(text) && words.contains { $0.count > 2 }
    }

    /// The text in one language.
    public subscript(_ language: Language) -> String {
        switch language {
        case .chinese: zh
        case .english: en
        }
    }
}
