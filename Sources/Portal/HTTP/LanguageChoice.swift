import Kernel

/// Which language a visit is answered in: asked for in the address, chosen before, or preferred by the browser.
enum LanguageChoice {
    /// The query field that chooses a language.
    static let field = "lang"

    /// The choice in the address, if there is one that we know.
    static func asked(_ query: [FormBody.Field]) -> Language? {
        query.first { $0.name == field }.flatMap { language($0.value) }
    }

    static func choose(asked: Language?, cookie: String?, accept: String?) -> Language {
        asked ?? cookie.flatMap(language) ?? accept.flatMap(preferred) ?? .chinese
    }

    /// `zh`, `zh-CN`, `en`, `en-GB` …
    static func language(_ tag: String) -> Language? {
        let lower = HeaderText.lowercased(tag)
        return Language.allCases.first { lower == $0.rawValue || lower.hasPrefix("\($0.rawValue)-") }
    }

    /// The best language of an `Accept-Language` header that we speak; the first of equals wins.
    static func preferred(_ header: String) -> Language? {
        var best: (language: Language, weight: Int)?
        for part in header.utf8.prefix(1_000).split(separator: UInt8(ascii: ",")).prefix(50) {
            guard let item = HeaderText(String(decoding: part, as: UTF8.self)) else { continue }
            let weight = item.parameters["q"].map(thousandths) ?? 1_000
            guard weight > 0, let language = language(item.value) else { continue }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language
    }

    /// A weight such as `0.8`, in thousandths; 0 for what cannot be read.
    private static func thousandths(_ text: String) -> Int {
        let halves = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(String(decoding: halves[0], as: UTF8.self)), (0...1).contains(whole) else { return 0 }
        guard halves.count > 1 else { return whole * 1_000 }
        let digits = halves[1].prefix(3)
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return 0 }
        let padded = Array(digits) + [UInt8](repeating: 48, count: 3 - digits.count)
        return min(1_000, whole * 1_000 + padded.reduce(0) { $0 * 10 + Int($1) - 48 })
    }
}
