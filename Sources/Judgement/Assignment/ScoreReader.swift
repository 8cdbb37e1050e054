/// Walks a file of scores once and keeps every line that is wrong.
struct ScoreReader {
    struct Row {
        var application: Int32
        var expert: Int32
        /// The place of its score in ``scores``; -1 for a forbidden pair.
        var score: Int32
        var line: Int32
    }

    private let bytes: [UInt8]
    private var at = 0
    private var line = 0
    private(set) var rows: [Row] = []
    private(set) var applications = NameList()
    private(set) var experts = NameList()
    private(set) var scores: [Decimal64] = []
    private var refusals: [AffinityTable.Refusal] = []
    private var refused = 0
    /// Whether a cell of the line is not text.
    private var hasBadBytes = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() throws(AffinityTable.Refused) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        let names = ["application", "expert", "score", "conflict"]
        let header = next() ?? []
        let columns = names.map { header.firstIndex(of: $0) ?? -1 }
        if columns[0...2].contains(-1) {
            refuse(
                "表头须为 application,expert,score,conflict", "the header must be application,expert,score,conflict")
        } else {
            while let cells = next() {
                if cells.count == 1, cells[0].isEmpty { continue }
                take(cells, columns, header.count)
            }
            if rows.isEmpty, refused == 0 { refuse("文件中没有数据行", "there is no pair in the file") }
        }
        if refused > 0 { throw AffinityTable.Refused(refusals: refusals, count: refused) }
    }

    private mutating func refuse(_ zh: String, _ en: String) {
        refused += 1
        if refusals.count < AffinityTable.Refused.listed {
            refusals.append(AffinityTable.Refusal(line: max(line, 1), zh: zh, en: en))
        }
    }

    private mutating func take(_ cells: [String], _ columns: [Int], _ width: Int) {
        guard !hasBadBytes else { return refuse("不是 UTF-8 文本", "is not text in UTF-8") }
        guard cells.count == width else {
            return refuse(
                "有 \(cells.count) 个单元格，表头有 \(width) 个", "has \(cells.count) cells where the header has \(width)")
        }
        let (application, expert) = (cells[columns[0]], cells[columns[1]])
        guard !application.isEmpty, !expert.isEmpty else {
            return refuse("application 和 expert 不能为空", "application and expert must not be empty")
        }
        let conflict = columns[3] < 0 ? "0" : cells[columns[3]]
        guard ["0", "1", ""].contains(conflict) else {
            return refuse(
                "conflict 须为 0 或 1，不能是“\(conflict)”", "conflict must be 0 or 1, not '\(conflict)'")
        }
        var score: Int32 = -1
        if conflict != "1" {
            guard let value = Decimal64(cells[columns[2]]) else {
                return refuse(
                    "“\(cells[columns[2]])”不是至多 18 位的十进制数，如 0.25",
                    "'\(cells[columns[2]])' is not a decimal number of at most 18 digits, such as 0.25")
            }
            score = Int32(scores.count)
            scores.append(value)
        }
        rows.append(
            Row(
                application: applications.number(application), expert: experts.number(expert), score: score,
                line: Int32(line)))
    }

    /// The cells of the next line (RFC 4180); nil at the end.
    private mutating func next() -> [String]? {
        guard at < bytes.count else { return nil }
        line += 1
        hasBadBytes = false
        var cells: [String] = []
        while true {
            cells.append(cell())
            guard at < bytes.count else { return cells }
            let separator = bytes[at]
            at += 1
            if separator == UInt8(ascii: "\n") { return cells }
        }
    }

    private mutating func cell() -> String {
        if at < bytes.count, bytes[at] == UInt8(ascii: "\"") { return quoted() }
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: "\n") { at += 1 }
        var end = at
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return text(bytes[start..<end])
    }

    private mutating func quoted() -> String {
        var text: [UInt8] = []
        at += 1
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "\"") {
                text.append(bytes[at])
                at += 1
            } else if at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "\"") {
                text.append(bytes[at])
                at += 2
            } else {
                break
            }
        }
        while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != UInt8(ascii: "\n") { at += 1 }
        return self.text(text[...])
    }

    /// Names that are not text would all become the same question marks.
    private mutating func text(_ bytes: ArraySlice<UInt8>) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            hasBadBytes = true
            return ""
        }
        return text
    }
}
