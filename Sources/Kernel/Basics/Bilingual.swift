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

    /// The text in one language.
    public subscript(_ language: Language) -> String {
        switch language {
        case .chinese: zh
        case .english: en
        }
    }
}
