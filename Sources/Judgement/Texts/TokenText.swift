/// One token of a text.
public struct Token: Hashable, Sendable {
    /// Equal tokens have equal hashes.
    public let hash: UInt64
    /// Where the token lies in the original, counted in Unicode scalars: `start ..< end`.
    public let start: Int32
    public let end: Int32
    /// Where it begins among the normalised scalars of the text.
    let place: Int32
}

/// A text as comparison sees it: letters and digits only, lower case, NFKC, cut into tokens. A character of a script
/// written without spaces is a token of its own; a run of other letters and digits is one token.
public struct TokenText: Sendable {
    public internal(set) var tokens: [Token] = []
    /// How many tokens are single characters.
    public internal(set) var characterCount = 0
    /// All letters and digits that are left.
    var scalars: [UInt32] = []

    public init() {}

    public var count: Int { tokens.count }

    /// Whether at least half of the tokens are characters of their own: such texts are compared by runs of five tokens,
    /// others by runs of three.
    public var isMostlyCharacters: Bool { characterCount * 2 >= count }

    /// The letters and digits of the whole text.
    public var normalised: String { count == 0 ? "" : string(0..<count) }

    /// The letters and digits of some tokens, joined by nothing.
    func string(_ range: Range<Int>) -> String {
        let end = range.upperBound < count ? Int(tokens[range.upperBound].place) : scalars.count
        var view = String.UnicodeScalarView()
        for value in scalars[Int(tokens[range.lowerBound].place)..<end] {
            if let scalar = Unicode.Scalar(value) { view.append(scalar) }
        }
        return String(view)
    }

    mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        scalars.removeAll(keepingCapacity: true)
        characterCount = 0
    }

    mutating func reserve(_ bytes: Int) {
        tokens.reserveCapacity(bytes)
        scalars.reserveCapacity(bytes)
    }
}
