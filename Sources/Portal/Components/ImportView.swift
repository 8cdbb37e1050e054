public import Kernel

/// Files that people fill in by a template: the form, the template, and what became of a file row by row.
public enum ImportView {
    /// Bytes of the largest file.
    public static let largest = 20 << 20

    /// - Parameters:
    ///   - words: what the file does, a sentence or more.
    ///   - field: of the file; ``file(_:_:)`` reads it.
    public static func form(
        _ url: SafeURL, template: String, field: Fields.Field, words: String, _ visit: Visit
    ) -> HTML {
        let t = visit.say
        return """
            <p>\(words) \(t("XLSX，或 UTF-8、GB 18030 的 CSV。全部行都能导入才会导入；同一文件再次导入不重复。", "XLSX, or CSV in UTF-8 or GB 18030. Either all rows are imported or none; the same file again changes nothing."))</p>\
            <p>\(t("下载模板：", "Template: "))<a href="\(template)?format=xlsx">XLSX</a> <a href="\(template)?format=csv">CSV</a></p>\
            \(Fields.form(url, token: visit.csrfToken, isUpload: true, Fields.input(field, type: "file", t),
                buttons: "\(Fields.submit(t("试导入，不写入", "Try only"), .secondary, name: "mode", value: "try")) \(Fields.submit(t("导入", "Import"), name: "mode", value: "import"))"))
            """
    }

    /// The file of such a form, and whether it is only tried.
    /// - Throws: ``DocumentError/empty(field:)`` where none was chosen, an error where it is too large.
    public static func file(_ field: String, _ visit: Visit) async throws -> (bytes: [UInt8], name: String, isDry: Bool)
    {
        guard let file = visit.form.file(field) else { throw DocumentError.empty(field: field) }
        return (try await file.bytes(upTo: largest), file.name, visit.form["mode"] != "import")
    }

    /// What is said above the rows.
    public struct Words {
        let written, known, fits: String

        /// - Parameters:
        ///   - written: the file is in.
        ///   - known: nothing of it was new.
        ///   - fits: it was only tried, and could be taken in.
        public init(written: String, known: String, fits: String) {
            self.written = written
            self.known = known
            self.fits = fits
        }
    }

    /// - Parameter columns: what is shown of a row between its number and what became of it.
    public static func result<Import: FileImport>(
        _ result: Import, of name: String? = nil, _ words: Words, _ columns: [Parts.Column], _ t: Say,
        cells: (Import.Line) -> [HTML]
    ) -> HTML {
        let refused = result.count(.refused)
        let said =
            if result.isWritten {
                words.written
            } else if refused > 0 {
                t(
                    "\(refused) 行不能导入，整个文件都没有写入",
                    "\(counted(refused, "row is", "rows are")) refused; nothing of the file was written")
            } else if result.count(.known) == result.lines.count {
                words.known
            } else {
                words.fits
            }
        // What is wrong comes first, since a long file is not shown whole.
        let shown = result.lines.filter { $0.outcome == .refused } + result.lines.filter { $0.outcome != .refused }
        let rows = shown.prefix(500).map { line -> [HTML] in
            [HTML(text: String(line.number))] + cells(line) + [
                Parts.badge(t(line.outcome.title), line.outcome == .refused ? .bad : .good),
                HTML(each: line.problems) { problem in
                    "<p>\(problem.message[t.language])\(with: problem.basis, { " <span class=\"basis\">\($0[t.language])</span>" })</p>"
                },
            ]
        }
        let table = Parts.table(
            t("逐行结果", "Row by row"),
            [.init(t("行", "Row"), numeric: true)] + columns
                + [.init(t("结果", "Result")), .init(t("问题", "What is wrong"))], rows, empty: "—")
        return Parts.notice(
            refused > 0 ? .bad : .good, name.map { "\($0)\(t.colon)\(said)" } ?? said,
            "<details\(attribute: "open", if: refused > 0)><summary>\(t("逐行结果", "Row by row"))</summary>\(table)</details>"
        )
    }

    /// A file with the titles of the columns and one row to show how it is meant.
    public static func template(
        _ table: FilledTable, name: String, sample: [String], _ visit: Visit
    ) throws -> Answer {
        let columns = table.columns.enumerated().map { index, column in
            ExportColumn<[String]>(column.title, text: { index < $0.count ? $0[index] : "" })
        }
        return .list(name, as: try visit.exportFormat() ?? .xlsx, columns, visit.language) { last, _ in
            last == nil ? [sample] : []
        }
    }
}
