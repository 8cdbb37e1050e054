import Foundation
import Kernel
import Testing

@Suite("Lists as XLSX")
struct WorkbookTests {
    /// A part of the file, unpacked by the system's own tool.
    private func part(_ name: String, of path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            "import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())",
            path, name,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    private func make(_ rows: [[ListCell]], sheet: Int = Workbook.sheetRows) throws -> String {
        let folder = NSTemporaryDirectory()
        let path = "\(folder)kechuang-\(UInt64.random(in: 0 ... .max)).xlsx"
        let book = try Workbook(path: path, header: ["名称", "Amount"], folder: folder, rowsPerSheet: sheet)
        for row in rows { try book.add([row]) }
        try book.close()
        return path
    }

    @Test("Texts stay texts, sums are numbers to the fen, days are days")
    func cells() throws {
        let path = try make([
            [.text("=HYPERLINK(\"http://x\")"), .money(Money(fen: 123_456_789))],
            [.text("a\u{0}b & <c>"), .number(42)], [.text("+1"), .day(Day(year: 2026, month: 3, day: 2)!)],
            [.text("大"), .money(Money(fen: Int64.max))], [.none, .none],
        ])
        let xml = try part("xl/worksheets/sheet1.xml", of: path)
        #expect(!xml.contains("<f>"), "no cell is a formula")
        #expect(xml.contains("=HYPERLINK(&quot;http://x&quot;)") || xml.contains("=HYPERLINK(\"http://x\")"))
        #expect(xml.contains("<v>1234567.89</v>") && xml.contains("<v>42</v>") && xml.contains("<v>46083</v>"))
        #expect(xml.contains("ab &amp; &lt;c&gt;") && xml.contains("92233720368547758.07"))
        #expect(xml.contains("t=\"inlineStr\""), "texts are written as they come, not gathered in memory")
    }

    @Test("A list longer than a sheet goes on in another, with its heading")
    func sheets() throws {
        let path = try make((0..<5).map { [.text("r\($0)"), .number(Int64($0))] }, sheet: 3)
        let (first, last) = (
            try part("xl/worksheets/sheet1.xml", of: path), try part("xl/worksheets/sheet3.xml", of: path)
        )
        #expect(first.contains("r0") && first.contains("r1") && !first.contains("r2"))
        #expect(last.contains("r4") && last.contains("名称"))
    }

    @Test(
        "Money is written for programs without separators",
        arguments: [(0, "0.00"), (-5, "-0.05"), (123_456, "1234.56")])
    func plain(fen: Int, text: String) {
        #expect(Money(fen: Int64(fen)).plainText == text)
    }
}
