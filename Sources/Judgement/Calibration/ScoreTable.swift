/// One mark that one reviewer gave one application.
public struct Score: Hashable, Sendable {
    public let application: String
    public let reviewer: String
    public let value: ExactDecimal

    public init(application: String, reviewer: String, value: ExactDecimal) {
        self.application = application
        self.reviewer = reviewer
        self.value = value
    }
}

/// What is wrong with one line of a file.
public struct LineProblem: Hashable, Sendable {
    /// From 1; the header is line 1.
    public let line: Int
    public let zh: String
    public let en: String

    public init(line: Int, zh: String, en: String) {
        self.line = line
        self.zh = zh
        self.en = en
    }
}

/// A file that cannot be taken: every line with its problem.
public struct LineProblems: Error, Hashable, Sendable {
    public let problems: [LineProblem]

    public init(_ problems: [LineProblem]) { self.problems = problems }
}

/// Scores read from rows of cells.
public enum ScoreTable {
    /// - Parameter rows: all rows, the header first, with the columns `application`, `reviewer` and `score` in any
    ///   order; others are left alone. Wholly empty rows are skipped.
    /// - Throws: ``LineProblems`` with every bad line: an empty name, a score that is no plain decimal, a second score
    ///   of one reviewer for one application, a missing column, no scores at all.
    public static func read(_ rows: [[String]]) throws(LineProblems) -> [Score] {
        guard let header = rows.first else { throw LineProblems([nothing]) }
        let names = header.map(trimmed)
        let wanted = ["application", "reviewer", "score"]
        let places = wanted.compactMap { names.firstIndex(of: $0) }
        guard places.count == 3 else {
            let missing = wanted.filter { !names.contains($0) }.joined(separator: ", ")
            throw LineProblems([
                LineProblem(line: 1, zh: "表头缺少列：\(missing)", en: "the header lacks the columns \(missing)")
            ])
        }
        var scores: [Score] = []
        var problems: [LineProblem] = []
        var seen: [Pair: Int] = [:]
        for (index, row) in rows.enumerated().dropFirst() where row.contains(where: { !$0.isEmpty }) {
            let line = index + 1
            let cells = places.map { $0 < row.count ? trimmed(row[$0]) : "" }
            if let problem = check(cells, line, &seen) {
                problems.append(problem)
            } else if let value = ExactDecimal(parsing: cells[2]) {
                scores.append(Score(application: cells[0], reviewer: cells[1], value: value))
            }
        }
        guard problems.isEmpty else { throw LineProblems(problems) }
        guard !scores.isEmpty else { throw LineProblems([nothing]) }
        return scores
    }

    private struct Pair: Hashable {
        let application: String
        let reviewer: String
    }

    private static let nothing = LineProblem(line: 1, zh: "文件中没有评分", en: "the file holds no scores")

    private static func check(_ cells: [String], _ line: Int, _ seen: inout [Pair: Int]) -> LineProblem? {
        if cells[0].isEmpty { return LineProblem(line: line, zh: "缺少申报书编号", en: "the application is missing") }
        if cells[1].isEmpty { return LineProblem(line: line, zh: "缺少评审人编号", en: "the reviewer is missing") }
        if ExactDecimal(parsing: cells[2]) == nil {
            return LineProblem(
                line: line, zh: "评分“\(cells[2])”不是十进制数（最多 15 位）",
                en: "the score “\(cells[2])” is not a decimal number of at most 15 digits")
        }
        let pair = Pair(application: cells[0], reviewer: cells[1])
        if let first = seen[pair] {
            return LineProblem(
                line: line, zh: "评审人 \(cells[1]) 在第 \(first) 行已为 \(cells[0]) 评分",
                en: "reviewer \(cells[1]) already scored \(cells[0]) on line \(first)")
        }
        seen[pair] = line
        return nil
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
