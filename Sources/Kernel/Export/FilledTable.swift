/// A table that people fill in by a template: XLSX, or CSV in UTF-8 or GB 18030.
public struct FilledTable: Sendable {
    /// A column: how the code calls it, and how the template does in both languages.
    public struct Column: Sendable {
        public let name: String
        public let title: Bilingual
        public let isRequired: Bool

        public init(_ name: String, _ title: Bilingual, isRequired: Bool = true) {
            self.name = name
            self.title = title
            self.isRequired = isRequired
        }
    }

    /// One row as it was typed, without the space around.
    public struct Row: Sendable {
        /// As the spreadsheet counts.
        public let number: Int
        let cells: [String: String]

        /// A row that came by a form, to be judged as one of a file.
        public init(number: Int, cells: [String: String]) {
            self.number = number
            self.cells = cells.mapValues(\.trimmed)
        }

        /// Empty where the file has no such column.
        public subscript(_ column: String) -> String { cells[column] ?? "" }
    }

    public let columns: [Column]
    /// Most rows that one file may have.
    public let mostRows: Int

    public init(_ columns: [Column], mostRows: Int) {
        self.columns = columns
        self.mostRows = mostRows
    }

    /// Reads a file by its content, whatever its name; columns stand in any order, under any of their names.
    /// - Throws: ``FilledTableError``, ``SpreadsheetError``.
    public func read(_ bytes: [UInt8]) throws -> [Row] {
        let table = try FilledTable.cells(bytes)
        guard let header = table.first else { throw FilledTableError.empty }
        let titles = header.map(FilledTable.key)
        var places: [String: Int] = [:]
        for column in columns {
            let names = [column.name, column.title.zh, column.title.en].map(FilledTable.key)
            places[column.name] = titles.firstIndex { names.contains($0) }
        }
        let absent = columns.filter { $0.isRequired && places[$0.name] == nil }
        guard absent.isEmpty else { throw FilledTableError.columns(absent.map(\.title)) }
        let rows = table.enumerated().dropFirst().filter { row in
            !row.element.allSatisfy { $0.allSatisfy(\.isWhitespace) }
        }
        guard !rows.isEmpty else { throw FilledTableError.empty }
        guard rows.count <= mostRows else { throw FilledTableError.tooMany(mostRows) }
        return rows.map { index, cells in
            Row(number: index + 1, cells: places.mapValues { $0 < cells.count ? cells[$0].trimmed : "" })
        }
    }

    private static func cells(_ bytes: [UInt8]) throws -> [[String]] {
        if Spreadsheet.isArchive(bytes) { return try Spreadsheet.rows(bytes) }
        guard let text = text(bytes) else { throw FilledTableError.encoding }
        return CSVText.rows(text)
    }

    /// The text of a file in UTF-8 or GB 18030; nil where it is in neither.
    public static func text(_ bytes: [UInt8]) -> String? {
        for encoding in [TextEncoding.utf8, .gb18030] {
            if let text = encoding.decode(bytes), !text.contains("\0") { return text }
        }
        return nil
    }

    /// What is compared when somebody typed a name: without spaces, full-width forms as plain ones, in capitals.
    public static func key(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !scalar.properties.isWhitespace && scalar != "\u{FEFF}" {
            let value = (0xFF01...0xFF5E).contains(scalar.value) ? scalar.value - 0xFEE0 : scalar.value
            plain.append(Unicode.Scalar(value) ?? scalar)
        }
        return String(plain).uppercased()
    }

    /// Days as people and spreadsheets write them: `2026-03-02`, `2026/3/2`, `2026年3月2日`.
    public static func day(_ text: String) -> Day? {
        let parts = text.split { !($0.isASCII && $0.isNumber) }.compactMap { Int($0) }
        guard parts.count == 3, parts[0] > 1_900 else { return nil }
        return Day(year: parts[0], month: parts[1], day: parts[2])
    }
}

/// Why a file cannot be read as a whole.
public enum FilledTableError: Problem, Hashable {
    case empty
    case encoding
    case columns([Bilingual])
    case tooMany(Int)

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .empty: "table-file.empty"
        case .encoding: "table-file.encoding"
        case .columns: "table-file.columns"
        case .tooMany: "table-file.rows"
        }
    }
    public var message: Bilingual {
        switch self {
        case .empty: Bilingual("文件中没有数据行。", "The file has no rows.")
        case .encoding:
            Bilingual(
                "文件既不是 XLSX，也不是 UTF-8 或 GB 18030 的 CSV。", "The file is neither XLSX nor CSV in UTF-8 or GB 18030.")
        case .columns(let titles):
            Bilingual(
                "缺少列：\(titles.map(\.zh).joined(separator: "、"))。请用模板填写。",
                "Columns are missing: \(titles.map(\.en).joined(separator: ", ")). Use the template.")
        case .tooMany(let most): Bilingual("一个文件最多 \(most) 行。", "A file takes at most \(most) rows.")
        }
    }
}
