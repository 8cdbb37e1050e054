public import Kernel

/// Speaks the language of the page: `let t = Say(language)`, then `t("提交", "Submit")`.
public struct Say: Sendable {
    /// The language of the page.
    public let language: Language

    public init(_ language: Language) { self.language = language }

    /// One of two texts.
    public func callAsFunction(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }

    /// A text in the page's language.
    public func callAsFunction(_ text: Bilingual) -> String { text[language] }

    /// A text in the page's language, where there is one.
    public func callAsFunction(_ text: Bilingual?) -> String? { text?[language] }

    /// What a person or the house wrote into one field, perhaps in both languages; see ``Bilingual/init(written:)``.
    public func callAsFunction(written text: String) -> String { Bilingual(written: text)[language] }

    /// Between a name and what is said of it.
    public var colon: String { self("：", ": ") }

    /// Something said beside the words before it, in the brackets of the language.
    public func beside(_ text: String) -> String { self("（\(text)）", " (\(text))") }

    /// The same of markup.
    public func beside(html piece: HTML) -> HTML { html("（\(piece)）", " (\(piece))") }

    /// One of two pieces of markup.
    public func html(_ zh: HTML, _ en: HTML) -> HTML { language == .chinese ? zh : en }

    /// Whoever did something, by name; the house itself has one in each language.
    public func actor(_ name: String) -> String { name == Actor.system.name ? self("系统", "the system") : name }

    /// `zh-CN` or `en`, for the `lang` attribute.
    public var tag: String { language == .chinese ? "zh-CN" : "en" }
}
