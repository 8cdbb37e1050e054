import Kernel
import Portal

/// The form of an import of vouchers, and what became of the file, row by row.
enum ImportView {
    static func form(_ report: ID<CaseFile>, _ visit: Visit) -> HTML {
        let t = visit.say
        return Parts.card(
            t("导入凭证", "Import vouchers"),
            """
            <p>\(t("XLSX，或 UTF-8、GB 18030 的 CSV。全部行都能导入才会导入；同一文件再次导入不重复。", "XLSX, or CSV in UTF-8 or GB 18030. Either all rows are imported or none; the same file again changes nothing."))</p>\
            <p>\(t("下载模板：", "Template: "))<a href="/spending/template?format=xlsx">XLSX</a> <a href="/spending/template?format=csv">CSV</a></p>\
            \(Fields.form("/spending/\(report.text)/import", token: visit.csrfToken, isUpload: true,
                Fields.input(.init("vouchers", t("凭证文件", "File of vouchers")), type: "file", t),
                buttons: "\(Fields.submit(t("试导入，不写入", "Try only"), .secondary, name: "mode", value: "try")) \(Fields.submit(t("导入", "Import"), name: "mode", value: "import"))"))
            """, id: "import")
    }

    static func result(_ result: VoucherImport, _ t: Say) -> HTML {
        let refused = result.count(.refused)
        let words: String
        if result.isWritten {
            words = t(
                "已导入 \(result.lines.count) 张凭证，合计 \(result.total.yuanText) 元",
                "\(result.lines.count) vouchers imported, RMB \(result.total.yuanText)")
        } else if result.count(.known) > 0 {
            words = t("这个文件此前已导入，没有改变", "This file was imported before; nothing has changed")
        } else if refused > 0 {
            words = t("\(refused) 行不能导入，整个文件都没有写入", "\(refused) rows are refused; nothing of the file was written")
        } else {
            words = t(
                "\(result.lines.count) 行都可导入，合计 \(result.total.yuanText) 元；尚未写入",
                "All \(result.lines.count) rows fit, RMB \(result.total.yuanText); nothing is written yet")
        }
        let rows = result.lines.prefix(500).map { line -> [HTML] in
            [
                HTML(text: String(line.number)), HTML(text: line.draft?.number ?? "—"),
                HTML(text: line.draft?.amount.yuanText ?? "—"),
                Parts.badge(t(line.outcome.title), line.outcome == .refused ? .bad : .good),
                HTML(each: line.problems) { problem in
                    "<p>\(problem.message[t.language])\(with: problem.basis, { " <span class=\"basis\">\($0[t.language])</span>" })</p>"
                },
            ]
        }
        let table = Parts.table(
            t("逐行结果", "Row by row"),
            [
                .init(t("行", "Row"), numeric: true), .init(t("凭证号", "Number")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("结果", "Result")),
                .init(t("问题", "What is wrong")),
            ], rows, empty: "—")
        return Parts.notice(
            refused > 0 ? .bad : .good, "\(result.name)：\(words)",
            "<details\(attribute: "open", if: refused > 0)><summary>\(t("逐行结果", "Row by row"))</summary>\(table)</details>"
        )
    }
}
