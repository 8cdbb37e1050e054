import Foundation

@testable import Kernel
@testable import Review

extension OutsideReader {
    /// Workbooks as archives, and what stands in them: behind a checksum no change of the archive would ever be read.
    static let workbooks: [OutsideReader] = [
        OutsideReader(
            "workbooks", longest: 16_384, words: ["PK\u{3}\u{4}", "PK\u{1}\u{2}", "PK\u{5}\u{6}", "xl/workbook.xml"],
            making: { [try written(), workbook(Array(sheet.utf8))] },
            refused: ["PK\u{3}\u{4}xl/workbook.xml", "a;b", ""]
        ) { bytes in
            try check(try Spreadsheet.rows(bytes))
        },
        OutsideReader(
            "sheets", longest: 16_384, words: elements,
            [sheet, "\(sheet)\0\(shared)\0\(styles)"],
            refused: ["<worksheet><row>", "<worksheet/><?a?>", "<worksheet/><!DOCTYPE a>", "<?a?>", ""]
        ) { bytes in
            try check(try Spreadsheet.rows(workbook(bytes)))
        },
        OutsideReader(
            "review-sheets", longest: 16_384, words: elements + ["#sheet", "#revision", "score-novelty", "verdict"],
            [filledIn],
            refused: [
                sheet, filledIn.replacing("<t>81", with: "<t>101"), filledIn.replacing("#sheet", with: "#sheets"),
            ]
        ) { bytes in
            let read = try OfflineSheet.read(workbook(bytes), of: assignment.get(), scoring)
            try law(Set(read.values.keys) == Set(scoring.form.fields.map(\.name)), "a sheet has other fields")
            try law(scoring.form.problems(answers(read), complete: false).isEmpty, "a wrong cell was taken: \(read)")
        },
    ]

    private static func check(_ rows: [[String]]) throws {
        try law(rows.allSatisfy { $0.count <= Spreadsheet.mostColumns }, "a row has too many cells")
        try law(rows.count <= 200_000, "a file of some kilobytes has \(rows.count) rows")
    }

    /// A workbook round its parts, which zero bytes part: sheet, shared texts, styles.
    private static func workbook(_ input: [UInt8]) -> [UInt8] {
        let parts = input.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map(Array.init)
        let names = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
        return StoredZip.archive(
            [(name: "xl/workbook.xml", bytes: Array("<workbook/>".utf8))]
                + zip(names, parts).map { (name: $0.0, bytes: $0.1) })
    }

    /// A workbook as the house writes them.
    private static func written() throws -> [UInt8] {
        let folder = NSTemporaryDirectory()
        let path = "\(folder)kechuang-example-\(UInt64.random(in: 0 ... .max)).xlsx"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let book = try Workbook(path: path, header: ["甲", "B", "C"], folder: folder)
        try book.add([[.text("中文 & <b>"), .day(Day(number: 20_500)), .money(Money(fen: 123_456_78))], [.number(42)]])
        try book.close()
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static let elements = [
        "<row r=\"", "<c r=\"A1\" t=\"s\">", "<c r=\"", " t=\"inlineStr\"", " s=\"1\"", "<v>", "</v></c>", "<is><t>",
        "</t></is></c>", "</row>", "<si>", "<rPh>", "<numFmt numFmtId=\"", "formatCode=\"yyyy", "<cellXfs>",
        "<xf numFmtId=\"",
        "</worksheet>", "<![CDATA[", "]]>", "&amp;", "&#1;", "<?a?>", "<!DOCTYPE a [", "xmlns=\"", "1E308", "ZZZ99999",
    ]
    private static let sheet = """
        <worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>\
        <row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2" s="1"><v>46083</v></c></row>\
        <row r="4"><c r="A4" t="inlineStr"><is><t>in line</t></is></c><c t="b"><v>1</v></c><c><v>1234.5</v></c></row>\
        </sheetData></worksheet>
        """
    private static let shared = "<sst><si><r><t>深</t></r><r><t>圳</t></r><rPh><t>shen</t></rPh></si></sst>"
    private static let styles = """
        <styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>\
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>
        """

    // MARK: Sheets of reviewers

    private static let scoring = ScoringSheet(
        criteria: [
            .init(id: "novelty", title: Bilingual("创新性", "Novelty"), weight: 375),
            .init(id: "method", title: Bilingual("方案", "Method"), weight: 625),
        ],
        verdicts: [FormOption("fund", Bilingual("资助", "Fund")), FormOption("refuse", Bilingual("不资助", "Refuse"))],
        hasGrade: true)

    private static let assignment = Result<Assignment, any Error> {
        let stored: JSONValue = [
            "id": "0190aaaa", "round": "r", "item": "i", "expert": "e", "state": "accepted", "isReserve": false,
            "dueOn": "2026-12-01", "invitedAt": 0, "answers": [:], "revision": 3,
        ]
        return try stored.decode()
    }

    private static func answers(_ read: OfflineSheet.Answers) -> JSONValue {
        scoring.form.read(section: nil, from: { read.values[$0].map { [$0] } ?? [] })
    }

    private static let filledIn: String = {
        let cells = [
            ("#sheet", "0190aaaa"), ("#revision", "3"), ("score-novelty", "81"), ("score-method", "77"), ("grade", "A"),
            ("verdict", "资助"), ("comment", "方法可复现，但样本偏少。"),
        ]
        func cell(_ text: String) -> String { "<c t=\"inlineStr\"><is><t>\(text)</t></is></c>" }
        let rows = cells.map { "<row>\(cell($0.0))\(cell(""))\(cell($0.1))</row>" }.joined()
        return "<worksheet><sheetData><row>\(cell("Code"))</row>\(rows)</sheetData></worksheet>"
    }()
}
