import Kernel

/// How much room words take in a chart, in its own units, with letters 12 high. Fonts differ, so the widths are those
/// of a wide one: what fits here fits on the page.
enum Lettering {
    static func width(of text: String) -> Int { text.reduce(0) { $0 + size(of: $1) } }

    private static func size(of letter: Character) -> Int {
        switch letter {
        case _ where isWide(letter): 12
        case "i", "j", "l", "t", "f", "r", "I", " ", ".", ",", ":", ";", "'", "(", ")", "-", "|": 5
        case "m", "w", "M", "W", "%", "‰", "–", "—": 11
        case "A"..."Z": 8
        default: 7
        }
    }

    /// Whether a letter fills a square, as Chinese characters do.
    private static func isWide(_ letter: Character) -> Bool {
        letter.unicodeScalars.first.map { $0.value > 0x2E7F } ?? false
    }

    /// The text, or what of it fits.
    static func cut(_ text: String, to room: Int) -> String {
        guard width(of: text) > room else { return text }
        var shown = ""
        var used = width(of: "—")
        for letter in text {
            used += size(of: letter)
            if used > room { break }
            shown.append(letter)
        }
        return "\(shown.trimmed)…"
    }

    /// The text in one line, or in two where it is too long for one; what is too long for two is cut.
    static func lines(_ text: String, in room: Int) -> [String] {
        guard width(of: text) > room else { return [text] }
        var (used, index, end) = (0, text.startIndex, text.startIndex)
        while index < text.endIndex {
            used += size(of: text[index])
            if used > room { break }
            index = text.index(after: index)
            guard index < text.endIndex else { break }
            let next = text[index]
            if next == " " || isWide(next) && !next.isPunctuation { end = index }
        }
        guard end > text.startIndex else { return [cut(text, to: room)] }
        return [String(text[..<end]), cut(text[end...].trimmed, to: room)]
    }
}

/// How a chart of rows shares out its width: the names, what is drawn, and the numbers at its end.
struct RowRoom: Hashable {
    /// Where the drawing begins.
    let start: Int
    /// How far it reaches.
    let length: Int

    private static let gap = 8

    /// - Parameter numbers: what stands behind the drawing; none where the numbers stand inside it.
    init(names: [String], numbers: [String]) {
        let longest = names.map(Lettering.width(of:)).max() ?? 0
        start = min(longest, Chart.width * 2 / 5) + Self.gap
        let behind = numbers.map(Lettering.width(of:)).max().map { $0 + Self.gap } ?? 0
        length = Chart.width - start - behind
    }

    /// A name at the left of its row.
    /// - Parameter y: the upper edge of the row.
    func name(_ text: String, y: Int) -> HTML {
        let right = start - Self.gap
        let lines = Lettering.lines(text, in: right)
        let first = lines.count == 1 ? y + Chart.baseline : y + 13
        return HTML(each: lines.enumerated()) { index, line in
            "<text class=\"label\" x=\"\(right)\" y=\"\(first + index * 12)\" text-anchor=\"end\">\(line)</text>"
        }
    }
}
