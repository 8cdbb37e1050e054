public import Kernel

/// A file of ties of experts to people and organisations: XLSX, or CSV in UTF-8 or GB 18030.
public enum TieFile {
    /// A column: how the template calls it, in both languages.
    public struct Column: Sendable {
        let name: String
        public let title: Bilingual
        let isRequired: Bool
    }

    public static let columns = [
        Column(name: "expert", title: Bilingual("专家登录名", "Expert's login"), isRequired: true),
        Column(name: "relation", title: Bilingual("关系", "Relation"), isRequired: true),
        Column(name: "with", title: Bilingual("对方", "With whom"), isRequired: true),
        Column(name: "from", title: Bilingual("开始", "From"), isRequired: false),
        Column(name: "to", title: Bilingual("结束", "To"), isRequired: false),
        Column(name: "source", title: Bilingual("来源", "Source"), isRequired: true),
    ]

    /// Most rows that one file may have.
    public static let mostRows = 20_000

    /// One row as it was typed.
    struct Line: Sendable {
        /// As the spreadsheet counts.
        let number: Int
        let cells: [String: String]

        subscript(_ column: String) -> String { cells[column] ?? "" }
    }

    /// Reads a file by its content.
    /// - Throws: ``TieFileError``, `SpreadsheetError`.
    static func read(_ bytes: [UInt8]) throws -> [Line] { try read(bytes, columns, most: mostRows) }

    /// The same for a file with other columns.
    static func read(_ bytes: [UInt8], _ columns: [Column], most: Int) throws -> [Line] {
        let table = try table(bytes)
        guard let header = table.first else { throw TieFileError.empty }
        let titles = header.map(key)
        var places: [String: Int] = [:]
        for column in columns {
            let names = [column.name, column.title.zh, column.title.en].map(key)
            places[column.name] = titles.firstIndex { names.contains($0) }
        }
        let absent = columns.filter { $0.isRequired && places[$0.name] == nil }
        guard absent.isEmpty else { throw TieFileError.columns(absent.map(\.title)) }
        let rows = table.enumerated().dropFirst().filter { row in
            !row.element.allSatisfy { $0.allSatisfy(\.isWhitespace) }
        }
        guard !rows.isEmpty else { throw TieFileError.empty }
        guard rows.count <= most else { throw TieFileError.tooMany(most) }
        return rows.map { index, cells in
            Line(
                number: index + 1,
                cells: places.mapValues { place in
                    place < cells.count ? cells[place].split(whereSeparator: \.isWhitespace).joined(separator: " ") : ""
                })
        }
    }

    private static func table(_ bytes: [UInt8]) throws -> [[String]] {
        if Spreadsheet.isArchive(bytes) { return try Spreadsheet.rows(bytes) }
        for encoding in [TextEncoding.utf8, .gb18030] {
            if let text = encoding.decode(bytes), !text.contains("\0") { return CSVText.rows(text) }
        }
        throw TieFileError.encoding
    }

    /// What is compared when a heading or a relation is looked up.
    static func key(_ text: String) -> String {
        text.filter { !$0.isWhitespace && $0 != "\u{FEFF}" }.lowercased()
    }

    /// A relation by its code or either of its names.
    static func relation(_ text: String) -> TieKind? {
        let typed = key(text)
        return TieKind.allCases.first { kind in
            [kind.rawValue, kind.title.zh, kind.title.en].contains { key($0) == typed }
        }
    }

    /// Days as people and spreadsheets write them: `2026-03-02`, `2026/3/2`, `2026年3月2日`.
    static func day(_ text: String) -> Day? {
        let parts = text.split { !($0.isASCII && $0.isNumber) }.compactMap { Int($0) }
        guard parts.count == 3, parts[0] > 1_900 else { return nil }
        return Day(year: parts[0], month: parts[1], day: parts[2])
    }
}

/// Why a file of ties cannot be read as a whole.
public enum TieFileError: Problem, Hashable {
    case empty
    case encoding
    case columns([Bilingual])
    case tooMany(Int)

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .empty: "tie-file.empty"
        case .encoding: "tie-file.encoding"
        case .columns: "tie-file.columns"
        case .tooMany: "tie-file.rows"
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
