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
