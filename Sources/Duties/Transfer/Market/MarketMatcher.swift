import Foundation
import Kernel

/// An offer or a need of the market as it is compared: its words in both languages and its field.
struct MarketText: Hashable, Sendable {
    let number: String
    let name: String
    let nameEn: String
    let field: String
    /// Everything that is read, for finding phrases again.
    let text: String
    let words: Set<String>

    init(_ entry: RegisterEntry) {
        self.init(number: entry.number, field: entry.content["field"]?.string ?? "", content: entry.content)
    }

    init(number: String, field: String, content: JSONValue) {
        func part(_ name: String) -> String { content[name]?.string ?? "" }
        self.number = number
        self.field = field
        name = part("name")
        nameEn = part("name-en")
        let text = ["name", "name-en", "summary", "summary-en", "keywords"].map(part).joined(separator: "\n")
        self.text = text.precomposedStringWithCompatibilityMapping.lowercased()
        words = Search.words(text).subtracting(Self.fillers)
    }

    /// Words that every text holds and that say nothing.
    static let fillers: Set<String> = [
        "the", "and", "for", "of", "to", "in", "on", "with", "is", "are", "we", "by", "an", "at", "or", "as", "from",
        "that", "this", "be", "can", "技术", "需求", "成果", "一种", "以及", "可以", "用于", "具有", "采用", "进行",
    ]
}

/// How well two texts fit, and why.
struct MarketMatch: Hashable, Sendable {
    let number: String
    let name: String
    let nameEn: String
    /// From 0 to 1000.
    let score: Int
    /// The strongest words that both hold, the strongest first.
    let terms: [String]
    let sameField: Bool
}

/// Suggests what fits: words that both texts hold count the more, the fewer texts of the market hold them.
struct MarketMatcher: Sendable {
    /// Least score that is worth a look.
    static let least = 80
    /// What the same field adds.
    static let fieldBonus = 100

    private let weights: [String: Double]
    private let rarest: Double

    /// - Parameter texts: the whole market, both sides.
    init(_ texts: [MarketText]) {
        var counts: [String: Int] = [:]
        for text in texts { for word in text.words { counts[word, default: 0] += 1 } }
        let all = Double(max(texts.count, 1))
        weights = counts.mapValues { log(1 + all / Double($0)) }
        rarest = log(1 + all)
    }

    private func weight(_ word: String) -> Double { weights[word] ?? rarest }

    /// How well two texts fit.
    func compare(_ one: MarketText, _ other: MarketText) -> MarketMatch {
        let shared = one.words.intersection(other.words)
        let common = shared.reduce(0) { $0 + weight($1) }
        let sizes = [one, other].map { text in max(text.words.reduce(0) { $0 + weight($1) }, 1) }
        let cosine = common / (sizes[0] * sizes[1]).squareRoot()
        let sameField = !one.field.isEmpty && one.field == other.field
        let score = Int(cosine * Double(1_000 - Self.fieldBonus)) + (sameField && !shared.isEmpty ? Self.fieldBonus : 0)
        return MarketMatch(
            number: other.number, name: other.name, nameEn: other.nameEn, score: score,
            terms: phrases(shared, one, other), sameField: sameField)
    }

    /// What fits a text best among others.
    func suggest(_ text: MarketText, among others: [MarketText], limit: Int = 10) -> [MarketMatch] {
        let found = others.map { compare(text, $0) }.filter { $0.score >= Self.least && !$0.terms.isEmpty }
        return Array(found.sorted { ($1.score, $0.number) < ($0.score, $1.number) }.prefix(limit))
    }

    /// What a searcher's words find, the best first: all that hold at least one of them.
    func search(_ query: String, among texts: [MarketText], limit: Int = 50) -> [MarketMatch] {
        let wanted = Search.words(query)
        guard !wanted.isEmpty else { return [] }
        let whole = wanted.reduce(0) { $0 + weight($1) }
        let found = texts.compactMap { text -> MarketMatch? in
            let shared = wanted.intersection(text.words)
            guard !shared.isEmpty else { return nil }
            let part = shared.reduce(0) { $0 + weight($1) } / whole
            return MarketMatch(
                number: text.number, name: text.name, nameEn: text.nameEn, score: Int(part * 1_000),
                terms: phrases(shared, text, text), sameField: false)
        }
        return Array(found.sorted { ($1.score, $0.number) < ($0.score, $1.number) }.prefix(limit))
    }

    /// The shared words as people say them: pairs of characters that follow each other in both texts become one.
    private func phrases(_ shared: Set<String>, _ one: MarketText, _ other: MarketText) -> [String] {
        var pairs = shared.filter { Self.isChinese($0) }.sorted { (weight($1), $0) < (weight($0), $1) }
        var found: [(text: String, weight: Double)] = shared.filter { !Self.isChinese($0) }.map { ($0, weight($0)) }
        while let first = pairs.first {
            pairs.removeFirst()
            var (phrase, total) = (first, weight(first))
            func grow(_ make: (String) -> String?) -> Bool {
                for (index, pair) in pairs.enumerated() {
                    guard let longer = make(pair), one.text.contains(longer), other.text.contains(longer) else {
                        continue
                    }
                    phrase = longer
                    total += weight(pair)
                    pairs.remove(at: index)
                    return true
                }
                return false
            }
            while grow({ $0.first == phrase.last ? phrase + $0.dropFirst() : nil })
                || grow({ $0.last == phrase.first ? String($0.dropLast()) + phrase : nil })
            {}
            found.append((phrase, total))
        }
        return found.sorted { ($1.weight, $0.text) < ($0.weight, $1.text) }.prefix(6).map(\.text)
    }

    private static func isChinese(_ word: String) -> Bool {
        word.unicodeScalars.first.map { $0.value >= 0x3400 } ?? false
    }
}
