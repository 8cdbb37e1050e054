/// What is known about the subject of an application, or about the work of an expert.
public struct AffinityProfile: Hashable, Sendable {
    /// Codes of any vocabulary, e.g. `F0201`: a code also stands for the shorter codes that it begins with.
    public var disciplines: [String]
    /// In either language.
    public var keywords: [String]
    /// Titles and abstracts in either language.
    public var texts: [String]

    public init(disciplines: [String] = [], keywords: [String] = [], texts: [String] = []) {
        self.disciplines = disciplines
        self.keywords = keywords
        self.texts = texts
    }
}

/// Where a term stands in a profile.
public enum AffinityField: Int, CaseIterable, Sendable {
    case discipline, keyword, text
}

/// What the three parts of a profile count; a part that a profile lacks leaves its weight to the others.
public struct AffinityWeights: Hashable, Sendable {
    public var discipline: UInt64
    public var keyword: UInt64
    public var text: UInt64

    public init(discipline: UInt64 = 3, keyword: UInt64 = 3, text: UInt64 = 4) {
        self.discipline = discipline
        self.keyword = keyword
        self.text = text
    }

    subscript(_ field: AffinityField) -> UInt64 {
        switch field {
        case .discipline: discipline
        case .keyword: keyword
        case .text: text
        }
    }
}

/// Cuts profiles into terms.
struct TermReader {
    /// A term by its hash, which tells its field too.
    struct Term {
        let hash: UInt64
        let field: AffinityField
        /// How often it stands there.
        var count: UInt64
    }

    private var normaliser = Normaliser()
    private var tokens = TokenText()

    /// The different terms of a profile, by hash.
    /// - Parameter named: told each term's wording once for each time it stands there.
    mutating func terms(of profile: AffinityProfile, named: ((UInt64, AffinityField, String) -> Void)? = nil) -> [Term]
    {
        var all: [(UInt64, AffinityField)] = []
        for code in profile.disciplines {
            for length in TermReader.levels(code) {
                let part = String(code.prefix(length))
                let hash = TermReader.hash(part, .discipline)
                all.append((hash, .discipline))
                named?(hash, .discipline, part)
            }
        }
        for keyword in profile.keywords {
            normaliser.read(keyword, into: &tokens)
            guard tokens.count > 0 else { continue }
            let whole = tokens.tokens.reduce(UInt64(AffinityField.keyword.rawValue)) { mixed($0 &+ $1.hash) }
            all.append((whole, .keyword))
            named?(whole, .keyword, keyword)
            add(.text, &all, named)
        }
        for text in profile.texts {
            normaliser.read(text, into: &tokens)
            add(.text, &all, named)
        }
        all.sort { $0.0 < $1.0 }
        var terms: [Term] = []
        for (hash, field) in all {
            if let last = terms.last, last.hash == hash {
                terms[terms.count - 1].count += 1
            } else {
                terms.append(Term(hash: hash, field: field, count: 1))
            }
        }
        return terms
    }

    /// Pairs of neighbouring characters, and words: a character without neighbours stands for itself.
    private func add(
        _ field: AffinityField, _ all: inout [(UInt64, AffinityField)],
        _ named: ((UInt64, AffinityField, String) -> Void)?
    ) {
        let list = tokens.tokens
        func isCharacter(_ place: Int) -> Bool {
            ScalarClass.isCharacter(tokens.scalars[Int(list[place].place)])
        }
        func joins(_ place: Int) -> Bool {
            place > 0 && place < list.count && list[place - 1].end == list[place].start && isCharacter(place - 1)
                && isCharacter(place)
        }
        for place in list.indices {
            let range: Range<Int>
            if joins(place) {
                range = place - 1..<place + 1
            } else if !isCharacter(place) || !joins(place + 1) {
                range = place..<place + 1
            } else {
                continue
            }
            let hash = list[range].reduce(UInt64(field.rawValue)) { mixed($0 &+ $1.hash) }
            all.append((hash, field))
            if let named { named(hash, field, tokens.string(range)) }
        }
    }

    /// Codes grow by a letter, then by two digits a level (`F`, `F02`, `F0201`); others have one level.
    private static func levels(_ code: String) -> [Int] {
        let count = code.count
        guard let first = code.utf8.first, code.utf8.dropFirst().allSatisfy({ (48...57).contains($0) }) else {
            return count > 0 ? [count] : []
        }
        let start = (65...90).contains(first) ? 1 : min(2, count)
        return Array(Set(stride(from: start, to: count, by: 2) + [count])).sorted()
    }

    private static func hash(_ text: String, _ field: AffinityField) -> UInt64 {
        text.unicodeScalars.reduce(UInt64(field.rawValue) &+ 0x5EED) { mixed($0 &+ UInt64($1.value)) }
    }
}
