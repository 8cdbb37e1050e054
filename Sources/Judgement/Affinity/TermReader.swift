/// Where a term stands in a profile.
public enum AffinityField: Int, CaseIterable, Sendable {
    case discipline, keyword, text
}

/// Cuts profiles into terms.
struct TermReader {
    /// A term by its hash, which tells its field too.
    struct Term {
        let hash: UInt64
        let field: AffinityField
    }

    private var normaliser = Normaliser()
    private var tokens = TokenText()

    /// The terms of a profile, as often as they stand there.
    /// - Parameter named: told each term's wording once for each time it stands there.
    mutating func read(
        _ profile: AffinityProfile, into terms: inout [Term], named: ((UInt64, AffinityField, String) -> Void)? = nil
    ) {
        terms.removeAll(keepingCapacity: true)
        for code in profile.disciplines {
            for length in TermReader.levels(code) {
                let part = String(code.prefix(length))
                let hash = TermReader.hash(part)
                terms.append(Term(hash: hash, field: .discipline))
                named?(hash, .discipline, part)
            }
        }
        for keyword in profile.keywords {
            normaliser.read(keyword, into: &tokens)
            guard tokens.count > 0 else { continue }
            let whole = tokens.tokens.reduce(UInt64(AffinityField.keyword.rawValue)) { mixed($0 &+ $1.hash) }
            terms.append(Term(hash: whole, field: .keyword))
            named?(whole, .keyword, keyword)
            readText(&terms, named)
        }
        for text in profile.texts {
            normaliser.read(text, into: &tokens)
            readText(&terms, named)
        }
    }

    /// Pairs of neighbouring characters, and words: a character without neighbours stands for itself.
    private func readText(_ terms: inout [Term], _ named: ((UInt64, AffinityField, String) -> Void)?) {
        let list = tokens.tokens
        var joinsBefore = false
        var isCharacter = list.first.map { ScalarClass.isCharacter(tokens.scalars[Int($0.place)]) } ?? false
        for place in list.indices {
            let next = place + 1
            let nextIsCharacter = next < list.count && ScalarClass.isCharacter(tokens.scalars[Int(list[next].place)])
            let joinsNext = isCharacter && nextIsCharacter && list[place].end == list[next].start
            if joinsNext {
                add(place..<next + 1, mixed(list[place].hash &+ list[next].hash &* 3), &terms, named)
            } else if !joinsBefore {
                add(place..<next, mixed(list[place].hash &+ 2), &terms, named)
            }
            joinsBefore = joinsNext
            isCharacter = nextIsCharacter
        }
    }

    private func add(
        _ range: Range<Int>, _ hash: UInt64, _ terms: inout [Term],
        _ named: ((UInt64, AffinityField, String) -> Void)?
    ) {
        terms.append(Term(hash: hash, field: .text))
        if let named { named(hash, .text, tokens.string(range)) }
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

    private static func hash(_ code: String) -> UInt64 {
        code.unicodeScalars.reduce(0x5EED) { mixed($0 &+ UInt64($1.value)) }
    }
}
