import Foundation
import Kernel
import Testing

@Suite("Reading spreadsheets")
struct SpreadsheetTests {
    private func folder() throws -> String {
        let path = "\(NSTemporaryDirectory())kechuang-sheet-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test("What the house writes it reads: texts, days, sums, numbers, empty cells")
    func own() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/a.xlsx"
        let day = try #require(Day("2026-02-28"))
        let book = try Workbook(path: path, header: ["甲", "B", "C", "D", "E"], folder: folder)
        try book.add([
            [.text("中文 & <b>"), .day(day), .money(Money(fen: 123_456_78)), .number(42), .text("x")],
            [.text(""), .none, .money(Money(fen: 7)), .none, .text("=1+1")],
        ])
        try book.close()
        let bytes = Array(try #require(FileManager.default.contents(atPath: path)))
        #expect(
            try Spreadsheet.rows(bytes) == [
                ["甲", "B", "C", "D", "E"], ["中文 & <b>", "2026-02-28", "123456.78", "42", "x"],
                ["", "", "0.07", "", "=1+1"],
            ])
    }

    private func package(_ sheet: String, strings: String? = nil) throws -> [UInt8] {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var parts = [
            (name: "xl/workbook.xml", bytes: Array("<workbook/>".utf8)),
            (name: "xl/worksheets/sheet1.xml", bytes: Array(sheet.utf8)),
        ]
        if let strings { parts.append((name: "xl/sharedStrings.xml", bytes: Array(strings.utf8))) }
        try Package.write(parts, to: "\(folder)/p.xlsx")
        return Array(try #require(FileManager.default.contents(atPath: "\(folder)/p.xlsx")))
    }

    @Test("Gaps stay gaps, rich texts are joined without their readings, numbers keep no noise")
    func others() throws {
        let sheet = """
            <worksheet><sheetData><row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2"><v>1234.5599999999999</v></c></row>
            <row r="4"><c r="A4" t="inlineStr"><is><t>in line</t></is></c><c r="B4" t="s"><v>9</v></c></row></sheetData></worksheet>
            """
        let strings = "<sst><si><r><t>深</t></r><r><t>圳</t></r><rPh><t>shen</t></rPh></si></sst>"
        #expect(
            try Spreadsheet.rows(try package(sheet, strings: strings)) == [
                [], ["", "深圳", "", "1234.56"], [], ["in line", ""],
            ])
    }

    @Test("A cell stands in its own column, whatever came before it")
    func order() throws {
        let cells = "<c r=\"C1\"><v>3</v></c><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>9</v></c><c><v>4</v></c>"
        let sheet = "<worksheet><sheetData><row>\(cells)</row></sheetData></worksheet>"
        #expect(try Spreadsheet.rows(try package(sheet)) == [["9", "", "3", "4"]])
    }

    @Test("One long text that many cells name is not read as often")
    func repeated() throws {
        let cells = String(repeating: "<c t=\"s\"><v>0</v></c>", count: 70)
        let sheet = "<worksheet><sheetData><row>\(cells)</row></sheetData></worksheet>"
        let strings = "<sst><si><t>\(String(repeating: "x", count: 1 << 20))</t></si></sst>"
        #expect(throws: SpreadsheetError.tooLarge) { try Spreadsheet.rows(try package(sheet, strings: strings)) }
        let few = try Spreadsheet.rows(try package(sheet, strings: "<sst><si><t>x</t></si></sst>"))
        #expect(few.first?.count == 70)
    }

    @Test("Broken, hostile and foreign files are refused")
    func bad() throws {
        #expect(throws: SpreadsheetError.broken) { try Spreadsheet.rows(try package("<worksheet><row>")) }
        #expect(throws: SpreadsheetError.notASpreadsheet) { try Spreadsheet.rows([]) }
        #expect(throws: SpreadsheetError.notASpreadsheet) { try Spreadsheet.rows(Array("a,b".utf8)) }
        let bomb = """
            <!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
            <!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
            <!ENTITY x SYSTEM "file:///etc/passwd">]>
            <worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&x;</v></c><c r="B1" t="str"><v>&e;&e;&e;&e;&e;&e;&e;&e;&e;</v></c></row></sheetData></worksheet>
            """
        let rows = (try? Spreadsheet.rows(try package(bomb))) ?? []
        #expect(!rows.joined().contains { $0.contains("root:") || $0.utf8.count > 1_000_000 })
    }
}
