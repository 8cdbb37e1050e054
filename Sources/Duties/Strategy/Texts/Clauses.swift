import Kernel

/// One clause (条) of a draft: its label as written, and its text; also headings and what stands before the first one.
struct Clause: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Hashable, Sendable { case preamble, heading, clause }

    let kind: Kind
    /// `第三条`, `Article 3`; empty before the first clause.
    let label: String
    let text: String

    /// The name under which comments speak of it.
    var name: Bilingual {
        kind == .preamble ? Bilingual("序言", "Preamble") : Bilingual(label, label)
    }
}

/// Cuts a draft into its clauses.
enum ClauseReader {
    /// Longest draft in characters.
    static let longest = 100_000
    /// Most clauses of one draft.
    static let most = 500

    private static let numerals = Set("零〇一二三四五六七八九十百千两0123456789０１２３４５６７８９")
    private static let headings: Set<Character> = ["编", "章", "节"]

    /// The clauses in order. Lines that begin `第…条` or `Article …` open a clause, `第…章` and `Chapter …` are headings;
    /// everything else belongs to what stands above it.
    static func read(_ text: String) -> [Clause] {
        var found: [Clause] = []
        var kind = Clause.Kind.preamble
        var label = ""
        var lines: [Substring] = []
        func close() {
            let body = lines.map(\.trimmed).filter { !$0.isEmpty }.joined(separator: "\n")
            if kind != .preamble || !body.isEmpty { found.append(Clause(kind: kind, label: label, text: body)) }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if let start = opening(line) {
                close()
                (kind, label) = (start.kind, start.label)
                lines = [start.rest]
            } else {
                lines.append(line)
            }
        }
        close()
        return found
    }

    /// What keeps a text from being a draft.
    static func problems(_ text: String, field: String) -> [FieldProblem] {
        func problem(_ code: String, _ zh: String, _ en: String) -> [FieldProblem] {
            [FieldProblem(field: field, code: code, message: Bilingual(zh, en))]
        }
        guard text.count <= longest else {
            return problem(
                "norm.long", "全文最多 \(longest) 字，现有 \(text.count) 字",
                "The text takes at most \(longest) characters and has \(text.count)")
        }
        let clauses = read(text).filter { $0.kind == .clause }
        if clauses.isEmpty {
            return problem(
                "norm.clauses", "没有找到条文：每条应另起一行，以「第一条」开头",
                "No clause was found: each begins on a line of its own with 第一条 or Article 1")
        }
        if clauses.count > most {
            return problem("norm.clauses", "条文不能超过 \(most) 条", "There are more than \(most) clauses")
        }
        let doubled = Dictionary(grouping: clauses, by: \.label).filter { $0.value.count > 1 }.keys.sorted()
        if !doubled.isEmpty {
            let list = doubled.listed
            return problem("norm.doubled", "条号重复：\(list.zh)", "These numbers are used twice: \(list.en)")
        }
        let empty = clauses.filter(\.text.isEmpty).map(\.label)
        if !empty.isEmpty {
            let list = empty.listed
            return problem("norm.empty", "以下条文没有内容：\(list.zh)", "These clauses are empty: \(list.en)")
        }
        return []
    }

    private static func opening(_ line: Substring) -> (kind: Clause.Kind, label: String, rest: Substring)? {
        let text = line.trimmed[...]
        if text.first == "第" {
            let number = text.dropFirst().prefix { numerals.contains($0) }
            guard !number.isEmpty, let unit = text.dropFirst(1 + number.count).first else { return nil }
            let end = text.index(text.startIndex, offsetBy: 2 + number.count)
            // 第三条之一 was put in between later.
            let inserted = unit == "条" ? insertion(text[end...]) : ""
            let rest = text[text.index(end, offsetBy: inserted.count)...]
            let label = "第\(number)\(unit)\(inserted)"
            // 第三条第二款 in the middle of a sentence is a reference, not a clause.
            if unit == "条", rest.first != "第" { return (.clause, label, rest) }
            if headings.contains(unit) { return (.heading, label, rest) }
            return nil
        }
        for (word, kind) in [("Article ", Clause.Kind.clause), ("Chapter ", .heading)] where text.hasPrefix(word) {
            let number = text.dropFirst(word.count).prefix { $0.isNumber || $0.isLetter }
            guard !number.isEmpty else { continue }
            let rest = text.dropFirst(word.count + number.count).drop { $0 == "." || $0 == ":" }
            return (kind, word + number, rest)
        }
        return nil
    }

    private static func insertion(_ rest: Substring) -> Substring {
        guard rest.first == "之" else { return "" }
        let number = rest.dropFirst().prefix { numerals.contains($0) }
        return number.isEmpty ? "" : rest.prefix(1 + number.count)
    }
}
