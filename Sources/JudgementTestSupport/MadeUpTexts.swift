/// Made-up Chinese and English texts with words of uneven frequency and turns of phrase, and copies with seeded edits.
public struct MadeUpTexts: Sendable {
    private var chance: MadeUpChance
    private let chinese: [String]
    private let english: [String]
    private let phrases: [String]

    public init(seed: UInt64) {
        var chance = MadeUpChance(seed: seed)
        chinese = (0..<30_000).map { _ in MadeUpTexts.chineseWord(&chance) }
        english = (0..<20_000).map { _ in
            (0..<Int.random(in: 1...4, using: &chance)).map { _ in
                String("bcdfghklmnprstvw".randomElement(using: &chance) ?? "b")
                    + String("aeiou".randomElement(using: &chance) ?? "a")
            }.joined()
        }
        let words = chinese
        phrases = (0..<300).map { _ in
            (0..<Int.random(in: 3...8, using: &chance)).map { _ in words.randomElement(using: &chance) ?? "" }.joined()
        }
        self.chance = chance
    }

    private static func chineseWord(_ chance: inout MadeUpChance) -> String {
        let length = [1, 2, 2, 2, 2, 2, 3, 3, 4].randomElement(using: &chance) ?? 2
        var view = String.UnicodeScalarView()
        for _ in 0..<length {
            if let scalar = Unicode.Scalar(UInt32(0x4E00 + Int.random(in: 0..<3_500, using: &chance) * 5)) {
                view.append(scalar)
            }
        }
        return String(view)
    }

    /// A word whose rank `r` comes with probability about `1 / r`.
    private mutating func word(_ words: [String]) -> String {
        var rank = 1.0
        let size = Double(words.count)
        // The logarithm of the rank is uniform; halving steps spare a call of a mathematics library.
        var left = chance.unit() * 14.8
        while left >= 1 {
            rank *= 2
            left -= 1
        }
        rank *= 1 + left
        return words[min(Int(rank), Int(size)) - 1]
    }

    /// A Chinese text of about so many characters.
    public mutating func chineseText(_ length: Int) -> String {
        var text = ""
        var written = 0
        var sentence = 0
        while written < length {
            let piece = chance.unit() < 0.03 ? phrases.randomElement(using: &chance) ?? "" : word(chinese)
            text += piece
            written += piece.unicodeScalars.count
            sentence += 1
            if sentence > 6, chance.unit() < 0.2 {
                text += chance.unit() < 0.6 ? "，" : "。"
                sentence = 0
            }
        }
        return text
    }

    /// An English text of about so many words.
    public mutating func englishText(_ count: Int) -> String {
        (0..<count).map { _ in word(english) + (chance.unit() < 0.1 ? "," : "") }.joined(separator: " ")
    }

    /// A copy of a Chinese text of which about `share` is replaced, in stretches of 5 to 40 characters.
    public mutating func edited(_ text: String, share: Double) -> String {
        let scalars = Array(text.unicodeScalars)
        var edited = String.UnicodeScalarView()
        var place = 0
        // Kept and replaced stretches take turns; the means of their lengths stand as one less the share to the share.
        while place < scalars.count {
            let span = Int.random(in: 5...40, using: &chance)
            let kept = Int(chance.unit() * 2 * 22.5 * (1 - share) / share)
            edited.append(contentsOf: scalars[place..<min(scalars.count, place + kept)])
            place += kept
            guard place < scalars.count else { break }
            edited.append(contentsOf: chineseText(span).unicodeScalars)
            place += span
        }
        return String(edited)
    }

    /// A corpus and the pairs of original and copy in it.
    public struct Corpus: Sendable {
        public var texts: [String] = []
        /// Places of original and copy, and how much was replaced.
        public var copies: [(original: Int, copy: Int, share: Double)] = []

        public init() {}
    }

    /// `count` Chinese texts, of which a tenth are copies with 10, 20 and 35 % replaced in turn.
    public mutating func corpus(_ count: Int, length: Int) -> Corpus {
        var corpus = Corpus()
        let shares = [0.1, 0.2, 0.35]
        for place in 0..<count {
            if place % 10 == 9 {
                let original = Int.random(in: 0..<place, using: &chance)
                let share = shares[place / 10 % 3]
                corpus.texts.append(edited(corpus.texts[original], share: share))
                corpus.copies.append((original, place, share))
            } else {
                corpus.texts.append(chineseText(length))
            }
        }
        return corpus
    }
}
