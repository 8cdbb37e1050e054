internal import Judgement
public import Kernel
public import Store
internal import Synchronization

/// A discipline that fits a text, and why.
public struct SuggestedDiscipline: Hashable, Sendable {
    public let code: String
    /// 0 to 1,000,000: how much of the text's terms the discipline shares.
    public let millionths: Int
    /// The text's own terms that speak for it, strongest first.
    public let terms: [String]
}

/// Suggests disciplines for applications from what the city knows: the names of the vocabulary, what the experts of
/// each discipline work on, and the titles of awards. It learns once a day, and the answer repeats to the digit.
public final class DisciplineGuide: Sendable {
    /// Texts that are known to belong to a discipline.
    public struct Example: Sendable {
        let code: String
        let texts: [String]

        public init(_ code: String, texts: [String]) {
            self.code = code
            self.texts = texts
        }
    }

    /// Most rows of one kind that are learned from, so that the first question of a day costs the same everywhere.
    public static let most = 50_000

    private let names: [FormOption]
    private let awards: @Sendable (_ limit: Int, _ tx: Tx) throws -> [Example]
    private let kept = Mutex<(day: Day, suggester: DisciplineSuggester)?>(nil)

    /// - Parameters:
    ///   - names: the vocabulary: only its codes are suggested.
    ///   - awards: titles of awards, the newest first.
    public init(
        _ names: [FormOption], awards: @escaping @Sendable (_ limit: Int, _ tx: Tx) throws -> [Example]
    ) {
        self.names = names
        self.awards = awards
    }

    /// The disciplines that fit best, best first; none where nothing is shared. Three queries on the first question of
    /// a day, none after it.
    public func suggestions(
        keywords: [String], texts: [String], on day: Day, limit: Int = 3, _ tx: Tx
    ) throws -> [SuggestedDiscipline] {
        let profile = AffinityProfile(keywords: keywords, texts: texts)
        return try kept.withLock { kept in
            var suggester: DisciplineSuggester
            if let known = kept, known.day == day {
                suggester = known.suggester
            } else {
                suggester = DisciplineSuggester(try examples(tx))
            }
            kept = nil
            defer { kept = (day, suggester) }
            return suggester.suggestions(for: profile, limit: limit).map {
                SuggestedDiscipline(code: $0.discipline, millionths: $0.millionths, terms: $0.terms)
            }
        }
    }

    private func examples(_ tx: Tx) throws -> [(discipline: String, profile: AffinityProfile)] {
        let known = Set(names.map(\.value))
        var found = names.map { name -> (discipline: String, profile: AffinityProfile) in
            let words = [name.label.zh, name.label.en].map { text in
                text.split(separator: " ").filter { $0 != name.value }.joined(separator: " ")
            }
            return (name.value, AffinityProfile(keywords: words))
        }
        let codes = Dictionary(
            zip(found, names).flatMap { one, name in one.profile.keywords.map { ($0, name.value) } },
            uniquingKeysWith: { first, _ in first })
        var experts: [String: AffinityProfile] = [:]
        var order: [(String, String)] = []
        try tx.forEach(
            """
            SELECT f.field, f.expert, t.kind, t.text FROM expert_text t JOIN expert_field f ON f.expert = t.expert
            ORDER BY t.expert, t.kind, t.text, f.field LIMIT \(DisciplineGuide.most)
            """
        ) { row in
            let field: String = try row["field"]
            guard known.contains(field) else { return }
            let key = "\(field) \(try row["expert"] as String)"
            if experts[key] == nil { order.append((key, field)) }
            let text: String = try row["text"]
            // Who names a discipline speaks of that one, not of the others.
            if let named = codes[text], named != field { return }
            if try row["kind"] as String == "keyword" {
                experts[key, default: AffinityProfile()].keywords.append(text)
            } else {
                experts[key, default: AffinityProfile()].texts.append(text)
            }
        }
        try tx.forEach(
            """
            SELECT f.field, w.title, w.abstract FROM expert_work w JOIN expert_field f ON f.expert = w.expert
            ORDER BY w.expert, w.id, f.field LIMIT \(DisciplineGuide.most)
            """
        ) { row in
            let field: String = try row["field"]
            if known.contains(field) {
                found.append((field, AffinityProfile(texts: [try row["title"], try row["abstract"]])))
            }
        }
        for (key, field) in order { found.append((field, experts[key] ?? AffinityProfile())) }
        for award in try awards(DisciplineGuide.most, tx) where known.contains(award.code) {
            found.append((award.code, AffinityProfile(texts: award.texts)))
        }
        return found
    }
}
