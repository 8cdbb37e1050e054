import CZip
internal import Foundation
internal import FoundationXML

/// Reads the first sheet of an XLSX file (ECMA-376) as texts: days as `YYYY-MM-DD`, numbers as short as they are exact.
public enum Spreadsheet {
    /// Bytes of the largest part that is unpacked, and of all cells together, which may name one long text a million
    /// times: a small file cannot fill the memory or keep the house busy.
    static let largestPart = 64 << 20
    /// Most columns that are read.
    static let mostColumns = 100

    /// The cells row by row; rows without a cell are empty lists, so that row numbers stay those of the sheet.
    /// - Throws: ``SpreadsheetError``.
    public static func rows(_ bytes: [UInt8]) throws(SpreadsheetError) -> [[String]] {
        let parts = try Zip.parts(bytes, named: ["xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"])
        let shared = parts["xl/sharedStrings.xml"].map { SharedTexts.read($0) } ?? []
        let days = parts["xl/styles.xml"].map { DayStyles.read($0) } ?? []
        guard parts["xl/workbook.xml"] != nil else { throw .notASpreadsheet }
        guard let sheet = try Zip.firstSheet(bytes) else { throw .notASpreadsheet }
        let reader = SheetReader(shared: shared, days: days)
        let isRead = XML.parse(sheet, reader)
        guard !reader.isTooLarge else { throw .tooLarge }
        guard isRead, reader.isWhole else { throw .broken }
        return reader.rows
    }

    /// Whether bytes begin as a ZIP archive does.
    public static func isArchive(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }
}

/// Why a spreadsheet cannot be read.
public enum SpreadsheetError: Problem, Hashable {
    case notASpreadsheet
    case broken
    case tooLarge

    public var kind: ProblemKind { .invalid }
    public var code: String {
        switch self {
        case .notASpreadsheet: "spreadsheet.kind"
        case .broken: "spreadsheet.broken"
        case .tooLarge: "spreadsheet.large"
        }
    }
    public var message: Bilingual {
        switch self {
        case .notASpreadsheet: Bilingual("这不是 XLSX 表格文件。", "This is not an XLSX file.")
        case .broken: Bilingual("XLSX 文件已损坏，读不出。", "The XLSX file is damaged and cannot be read.")
        case .tooLarge: Bilingual("XLSX 文件解开后过大。", "The XLSX file is too large when unpacked.")
        }
    }
}

/// Parts of a package by libzip.
private enum Zip {
    static func parts(_ bytes: [UInt8], named names: [String]) throws(SpreadsheetError) -> [String: Data] {
        var found: [String: Data] = [:]
        for name in names { found[name] = try part(bytes, name) }
        return found
    }

    /// The sheet with the smallest number; writers count them from one.
    static func firstSheet(_ bytes: [UInt8]) throws(SpreadsheetError) -> Data? {
        for number in 1...20 {
            if let data = try part(bytes, "xl/worksheets/sheet\(number).xml") { return data }
        }
        return nil
    }

    private static func part(_ bytes: [UInt8], _ name: String) throws(SpreadsheetError) -> Data? {
        let read: Result<Data?, SpreadsheetError> = bytes.withUnsafeBytes { buffer in
            var error = zip_error_t()
            guard let source = zip_source_buffer_create(buffer.baseAddress, UInt64(buffer.count), 0, &error) else {
                return .failure(.broken)
            }
            guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
                zip_source_free(source)
                return .failure(.notASpreadsheet)
            }
            defer { zip_discard(archive) }
            var info = zip_stat_t()
            guard zip_stat(archive, name, 0, &info) == 0 else { return .success(nil) }
            guard info.size <= Spreadsheet.largestPart else { return .failure(.tooLarge) }
            guard let file = zip_fopen(archive, name, 0) else { return .failure(.broken) }
            defer { zip_fclose(file) }
            var data = Data(count: Int(info.size))
            let count = data.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, info.size) }
            return count == Int64(info.size) ? .success(data) : .failure(.broken)
        }
        return try read.get()
    }
}

private enum XML {
    static func parse(_ data: Data, _ reader: any XMLParserDelegate) -> Bool {
        guard let parser = try? OutsideXML.parser(data) else { return false }
        parser.shouldProcessNamespaces = true
        parser.delegate = reader
        return parser.parse()
    }
}

/// The texts that cells name by number.
private final class SharedTexts: NSObject, XMLParserDelegate {
    private var texts: [String] = []
    private var text = ""
    private var isText = false
    private var isReading = false

    static func read(_ data: Data) -> [String] {
        let reader = SharedTexts()
        _ = XML.parse(data, reader)
        return reader.texts
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch name {
        case "si": text = ""
        case "rPh": isReading = true
        case "t": isText = !isReading
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { if isText { text += string } }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        switch name {
        case "si": texts.append(text)
        case "rPh": isReading = false
        case "t": isText = false
        default: break
        }
    }
}

/// Which cell styles show a number as a day.
private final class DayStyles: NSObject, XMLParserDelegate {
    private var own: [Int: Bool] = [:]
    private var days: [Bool] = []
    private var isCell = false

    static func read(_ data: Data) -> [Bool] {
        let reader = DayStyles()
        _ = XML.parse(data, reader)
        return reader.days
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch name {
        case "numFmt":
            guard let id = attributes["numFmtId"].flatMap({ Int($0) }) else { return }
            let code = (attributes["formatCode"] ?? "").lowercased()
            own[id] = code.contains("yy") || code.contains("年")
        case "cellXfs": isCell = true
        case "xf" where isCell:
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            // The numbers of the standard for days, those of East Asia among them.
            days.append(
                own[id] ?? ((14...17).contains(id) || id == 22 || (27...31).contains(id) || (50...58).contains(id)))
        default: break
        }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "cellXfs" { isCell = false }
    }
}

/// The cells of one sheet.
private final class SheetReader: NSObject, XMLParserDelegate {
    let shared: [String]
    let days: [Bool]
    private(set) var rows: [[String]] = []
    /// Whether the sheet was read to its end; the parser takes one that breaks off for whole.
    private(set) var isWhole = false
    /// Whether reading ended because its cells hold more than a sheet may.
    private(set) var isTooLarge = false
    private var size = 0
    private var row: [String] = []
    private var column = 0
    private var kind = ""
    private var style = 0
    private var text = ""
    private var isValue = false

    init(shared: [String], days: [Bool]) {
        self.shared = shared
        self.days = days
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch name {
        case "row":
            row = []
            // A gap of rows stays a gap, but nobody may claim a million of them.
            if let number = attributes["r"].flatMap({ Int($0) }), number - 1 > rows.count, number < 100_000 {
                rows += Array(repeating: [], count: number - 1 - rows.count)
            }
        case "c":
            column = attributes["r"].flatMap(SheetReader.column) ?? row.count
            kind = attributes["t"] ?? ""
            style = attributes["s"].flatMap { Int($0) } ?? 0
            text = ""
        case "v", "t": isValue = true
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { if isValue { text += string } }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        switch name {
        case "v", "t": isValue = false
        case "c" where column < Spreadsheet.mostColumns:
            let cell = value
            size += cell.utf8.count
            if size > Spreadsheet.largestPart {
                isTooLarge = true
                return parser.abortParsing()
            }
            // A cell stands where it says, whatever came before it.
            while row.count <= column { row.append("") }
            row[column] = cell
        case "row": rows.append(row)
        case "worksheet": isWhole = true
        default: break
        }
    }

    private var value: String {
        switch kind {
        case "s": return Int(text).flatMap { shared.indices.contains($0) ? shared[$0] : nil } ?? ""
        case "str", "inlineStr", "b", "e": return text
        default: break
        }
        guard let number = Double(text) else { return text }
        let whole = number.rounded(.down)
        if days.indices.contains(style), days[style], (1...2_958_465).contains(whole) {
            // Day 1 is 1 January 1900, and the format has a 29 February 1900 that never was.
            return (Day("1899-12-30") ?? Day(number: 0)).adding(days: Int(whole)).description
        }
        if number == whole, abs(number) < 1e15 { return String(Int64(number)) }
        return number.description
    }

    /// `C12` is column 2.
    private static func column(_ place: String) -> Int? {
        var number = 0
        for letter in place.utf8 {
            guard (65...90).contains(letter) else { break }
            number = number * 26 + Int(letter - 64)
            if number > 20_000 { return nil }
        }
        return number > 0 ? number - 1 : nil
    }
}
