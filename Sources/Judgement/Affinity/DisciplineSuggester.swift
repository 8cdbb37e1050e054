/// Suggests disciplines for a text from texts whose discipline is known: a discipline is the profile of all its
/// examples together, and stands where an expert stands in matching.
public struct DisciplineSuggester: Sendable {
    /// A discipline that fits, and why.
    public struct Suggestion: Hashable, Sendable {
        public let discipline: String
        /// Affinity to all examples of the discipline together.
        public let millionths: Int
        /// The terms that speak for it, strongest first.
        public let terms: [String]
    }

    private var model: AffinityModel
    private var index: AffinityIndex
    private let disciplines: [String]
    private let vectors: [AffinityModel.Vector]

    /// - Parameter examples: in any order; disciplines of the profiles themselves are not looked at.
    public init(_ examples: [(discipline: String, profile: AffinityProfile)]) {
        var model = AffinityModel(examples.lazy.map(\.profile), weights: AffinityWeights(discipline: 0))
        var together: [String: AffinityProfile] = [:]
        for example in examples {
            together[example.discipline, default: AffinityProfile()].keywords += example.profile.keywords
            together[example.discipline, default: AffinityProfile()].texts += example.profile.texts
        }
        let sorted = together.sorted { $0.key < $1.key }
        disciplines = sorted.map(\.key)
        vectors = sorted.map { model.vector($0.value) }
        index = AffinityIndex(vectors, of: model)
        self.model = model
    }

    /// The disciplines that fit best, best first.
    public mutating func suggestions(for profile: AffinityProfile, limit: Int = 3) -> [Suggestion] {
        index.best(model.vector(profile), limit: limit).map { found in
            let terms = model.explanation(profile, vectors[found.expert]).map(\.term)
            return Suggestion(discipline: disciplines[found.expert], millionths: found.millionths, terms: terms)
        }
    }
}
