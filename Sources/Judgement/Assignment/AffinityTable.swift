/// Scores as a file has them: names instead of numbers, decimals instead of units. Names are sorted, so that the
/// order of the file has no say.
public struct AffinityTable: Sendable {
    public let applications: [String]
    public let experts: [String]
    public let candidates: Candidates
    /// A score of one unit stands for `unit` of the last of `decimals` digits after the point.
    public let scale: DecimalScale

    /// One line that cannot be taken.
    public struct Refusal: Hashable, Sendable {
        /// Counted from 1, the header being 1.
        public let line: Int
        /// What is wrong and how to mend it, in Chinese.
        public let zh: String
        /// The same in English.
        public let en: String
    }

    /// All lines that cannot be taken; at most ``listed`` are named.
    public struct Refused: Error, Hashable, Sendable {
        public let refusals: [Refusal]
        public let count: Int
        static let listed = 50
    }

    /// Reads comma-separated text with the header `application,expert,score,conflict`, in any order of columns. Where
    /// conflict is 1, the pair is forbidden.
    /// - Throws: ``Refused`` with every line that is wrong, or ``AssignmentError/tooFine``.
    public init(csv bytes: [UInt8]) throws {
        var reader = ScoreReader(bytes)
        try reader.read()
        let (applicationOrder, applicationNames) = reader.applications.sorted()
        let (expertOrder, expertNames) = reader.experts.sorted()
        scale = try DecimalScale(reader.scores)
        let rows = reader.rows.sorted {
            (applicationOrder[Int($0.application)], expertOrder[Int($0.expert)], $0.line)
                < (applicationOrder[Int($1.application)], expertOrder[Int($1.expert)], $1.line)
        }
        var refusals: [Refusal] = []
        for (before, row) in zip(rows, rows.dropFirst())
        where before.application == row.application && before.expert == row.expert {
            refusals.append(
                Refusal(
                    line: Int(row.line), zh: "与第 \(before.line) 行重复，请删去其中一行",
                    en: "repeats the pair of line \(before.line); remove one of the two"))
        }
        if !refusals.isEmpty {
            refusals.sort { $0.line < $1.line }
            throw Refused(refusals: Array(refusals.prefix(Refused.listed)), count: refusals.count)
        }
        var offsets = [Int](repeating: 0, count: applicationNames.count + 1)
        let allowed = rows.filter { $0.score >= 0 }
        for row in allowed { offsets[applicationOrder[Int(row.application)] + 1] += 1 }
        for application in 0..<applicationNames.count { offsets[application + 1] += offsets[application] }
        let scale = scale
        candidates = try Candidates(
            applications: applicationNames.count, experts: expertNames.count, offsets: offsets,
            expert: allowed.map { Int32(expertOrder[Int($0.expert)]) },
            score: allowed.map { scale.units(reader.scores[Int($0.score)]) })
        applications = applicationNames
        experts = expertNames
    }
}

/// Names numbered as they come.
struct NameList {
    private var numbers: [String: Int32] = [:]
    private(set) var names: [String] = []

    mutating func number(_ name: String) -> Int32 {
        if let number = numbers[name] { return number }
        let number = Int32(names.count)
        numbers[name] = number
        names.append(name)
        return number
    }

    /// The place of each name when sorted by its bytes, and the names in that order.
    func sorted() -> (place: [Int], names: [String]) {
        let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
        var place = [Int](repeating: 0, count: names.count)
        for (index, number) in order.enumerated() { place[number] = index }
        return (place, order.map { names[$0] })
    }
}
