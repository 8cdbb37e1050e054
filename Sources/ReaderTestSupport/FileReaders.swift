@testable import Funding
@testable import Kernel
@testable import Strategy
@testable import Transfer
@testable import Treasury

extension OutsideReader {
    /// Files and long texts that somebody uploads or pastes.
    static let files: [OutsideReader] = [
        OutsideReader(
            "bank-answers", longest: 24_576,
            words: [
                "<Ntry>", "<TxDtls>", "<Amt Ccy=\"CNY\">", "<CdtDbtInd>DBIT</CdtDbtInd>", "<Sts><Cd>BOOK</Cd></Sts>",
                "<EndToEndId>", "<RtrInf>", "<?a?>", "<!DOCTYPE a [", "<![CDATA[", "]]>", "&#1;", "encoding=\"", "退票",
                "已付",
            ], [answer, camt(1, "1.00"), camt(3, "0.50")],
            refused: [
                "<Document/>", "<?xml version=\"1.0\"?><?a?><Document/>", "<Document></Document><!DOCTYPE a>", "",
                // More details than can be added up.
                camt(93, "1000000000000000"),
            ]
        ) { bytes in
            let file = try AnswerFile.read(bytes)
            try law(!file.lines.isEmpty || file.format == .csv, "a file without payments was taken")
            for line in file.lines {
                let fits = line.amount > .zero && line.number.count <= 64 && line.reason.count <= 400
                try law(fits, "a line was taken that cannot be kept: \(line)")
            }
        },
        OutsideReader(
            "vouchers", longest: 8_192, words: ["2026-03-02", "设备费", "USD", "7.1234", "senior meeting 3", "人民币", "/"],
            [
                """
                凭证号,日期,费用科目,收款方,收款方信用代码,金额（元）,用途,币种,外币金额,汇率,汇率日期,专家费（级别 形式 次数）,理由
                记-1,2026-03-02,设备费,某公司,91350100M000100Y43,"1,234.50",采购,,,,,,
                记-2,2026/3/2,labour,某人,,,讲课,USD,100.00,7.1234,2026-03-02,senior meeting 3,无
                """
            ], refused: ["", "number\n1", "number,day,heading,payee,amount,purpose\n"]
        ) { bytes in
            let headings = [
                FormOption("equipment", Bilingual("设备费", "Equipment")),
                FormOption("labour", Bilingual("劳务费", "Labour")),
            ]
            for line in try VoucherFile.read(bytes, headings: headings) {
                try law((line.draft == nil) != line.problems.isEmpty, "row \(line.number) is refused without a word")
                try law(line.draft.map { $0.amount <= .largest } ?? true, "row \(line.number) has too large a sum")
            }
        },
        OutsideReader(
            "funders-files", longest: 8_192, words: ["2018.01-2020.12", "2018-01-01至2020-12-31", "--", "万元", "\t"],
            [
                """
                批准号,项目名称,资助类别,依托单位,负责人,金额（万元）,起止年月,结题
                51800001,深海材料,青年,某大学,林某,24.5,2018.01-2020.12,--
                51800002,海洋传感,面上,某研究所,陈某,60,2018-01-01至2020-12-31,优
                51800003,无日期,面上,某研究所,陈某,60,长期,--
                """
            ], refused: ["", "批准号\n1", "\u{FEFF}"]
        ) { bytes in
            let rows = try Importer.rows(.awards, bytes, map)
            let (lines, records) = Importer.judge(rows, known: [:])
            try law(lines.count == rows.count, "a row is lost")
            try law(lines.allSatisfy { $0.outcome != .refused || $0.note != nil }, "a row is refused without a word")
            try law(records.count == lines.count { $0.outcome == .imported }, "a record is lost")
            _ = Money.countableSum(records.lazy.compactMap(\.amount))
        },
        OutsideReader(
            "contracts", words: ["技术开发", "development", "licence", "2026-03-01", "万元", "\n"],
            ["2026-001,深圳登记站,水下机器人,技术开发,甲公司,乙公司,\"1,200,000.00\",2026-03-01\nB2,某站,传感器,licence,甲,乙,30万元,2026-02-28"],
            refused: ["", "a,b", "1,2,3,4,5,6,7,8"]
        ) { bytes in
            let lines = try OutsideContracts.read(text(bytes))
            try law(Set(lines.map { "\($0.registrar)\n\($0.number)" }).count == lines.count, "a contract stands twice")
            for line in lines {
                let total = line.content["total"]?.integer ?? -1
                try law((0...Money.largest.fen).contains(total), "a contract has too large a sum")
            }
        },
        OutsideReader(
            "clauses", words: ["第", "条", "章", "之", "十二", "Article ", "Chapter ", "\n", "　"],
            ["序言\n第一章 总则\n第一条 本办法适用于科技项目。\n第二条之一　补充。\n参照第一条第二款。\nArticle 3: Duties\nChapter 2 Rest"]
        ) { bytes in
            let draft = text(bytes)
            let clauses = ClauseReader.read(draft)
            try law(clauses.allSatisfy { $0.kind == .preamble || !$0.label.isEmpty }, "a clause has no number")
            for clause in clauses {
                try law(draft.contains(clause.label), "a clause is called \(clause.label), which nobody wrote")
            }
            for problem in ClauseReader.problems(draft, field: "text") {
                try law(!problem.message.zh.isEmpty, "a problem without words")
            }
        },
    ]

    private static let answer = """
        付款单号,结果,金额,收款账号,记账日期,银行流水号,原因
        FK-2026-00001,已付,"1,234.56",6222000000000000,2026-03-02,LS1,
        FK-2026-00002,退票,5.00,6222000000000001,2026-03-02,LS2,账号不存在
        """

    /// A notification of an entry with so many details of a sum each.
    private static func camt(_ details: Int, _ yuan: String) -> String {
        let total = details == 3 ? "1.500" : yuan
        let detail = """
            <TxDtls><Refs><EndToEndId>FK-2026-00001</EndToEndId></Refs><Amt Ccy="CNY">\(yuan)</Amt><RltdPties>\
            <CdtrAcct><Id><Othr><Id>622</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls>
            """
        return """
            <?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08">\
            <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N1</MsgId></GrpHdr><Ntfctn><Id>N</Id>\
            <Ntry><Amt Ccy="CNY">\(total)</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
            <BookgDt><Dt>2026-03-03</Dt></BookgDt><NtryDtls>\(String(repeating: detail, count: details))</NtryDtls>\
            </Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
            """
    }

    private static let map = ImportMap(
        funder: "nsfc",
        columns: [
            "number": "批准号", "title": "项目名称", "kind": "资助类别", "host": "依托单位", "investigator": "负责人",
            "amount": "金额（万元）", "term": "起止年月", "rating": "结题",
        ], unit: .tenThousand, missing: ["--"])
}
