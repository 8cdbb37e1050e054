public import Kernel

/// A language in which experts can judge, by its code of ISO 639-1.
public enum ReviewLanguage: String, Codable, Hashable, Sendable, CaseIterable {
    case chinese = "zh"
    case english = "en"
    case japanese = "ja"
    case korean = "ko"
    case german = "de"
    case french = "fr"
    case russian = "ru"
    case spanish = "es"
    case italian = "it"
    case portuguese = "pt"

    public var title: Bilingual {
        switch self {
        case .chinese: Bilingual("中文", "Chinese")
        case .english: Bilingual("英文", "English")
        case .japanese: Bilingual("日文", "Japanese")
        case .korean: Bilingual("韩文", "Korean")
        case .german: Bilingual("德文", "German")
        case .french: Bilingual("法文", "French")
        case .russian: Bilingual("俄文", "Russian")
        case .spanish: Bilingual("西班牙文", "Spanish")
        case .italian: Bilingual("意大利文", "Italian")
        case .portuguese: Bilingual("葡萄牙文", "Portuguese")
        }
    }

    /// A language by its code or either of its names.
    public init?(typed text: String) {
        let key = FilledTable.key(text)
        let found = ReviewLanguage.allCases.first { language in
            [language.rawValue, language.title.zh, language.title.en].contains { FilledTable.key($0) == key }
        }
        guard let found else { return nil }
        self = found
    }

    /// Some languages once each, in the order of the list.
    static func ordered(_ languages: some Sequence<ReviewLanguage>) -> [ReviewLanguage] {
        let chosen = Set(languages)
        return allCases.filter { chosen.contains($0) }
    }

    /// As a column keeps them: codes with spaces between.
    static func kept(_ languages: [ReviewLanguage]) -> String {
        ordered(languages).map(\.rawValue).joined(separator: " ")
    }

    /// The languages of a column.
    static func read(_ kept: String) -> [ReviewLanguage] {
        ordered(kept.split(separator: " ").compactMap { ReviewLanguage(rawValue: String($0)) })
    }

    /// What is said where none is chosen, or one that is not on the list.
    static let problem: FieldProblem = {
        let (zh, en) = (
            allCases.map { "\($0.title.zh) \($0.rawValue)" }.joined(separator: "、"),
            allCases.map { "\($0.title.en) \($0.rawValue)" }.joined(separator: ", ")
        )
        return FieldProblem(
            field: "languages", code: "expert.languages",
            message: Bilingual("请至少选择一种评审语言：\(zh)", "Choose at least one language: \(en)"))
    }()
}
