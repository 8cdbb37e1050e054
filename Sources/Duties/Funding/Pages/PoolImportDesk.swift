import Kernel
import Portal
import Review

/// Files of experts for the pool.
struct PoolImportDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private static let title = Bilingual("导入专家", "Import experts")
    private static let largest = 20 << 20

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route("desk.experts.file", .get, "/desk/experts/import", access: officer, summary: PoolImportDesk.title) {
                visit in page(visit, nil, nil)
            },
            Route(
                "desk.experts.template", .get, "/desk/experts/template", access: officer,
                summary: Bilingual("专家导入模板", "Template of an import of experts"), handler: template),
            Route(
                "desk.experts.import", .post, "/desk/experts/import", access: officer, summary: PoolImportDesk.title,
                limits: .uploads(files: 1, bytes: PoolImportDesk.largest), handler: load),
        ]
    }

    private func page(_ visit: Visit, _ imported: PoolImport?, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let form = Fields.form(
            "/desk/experts/import", token: visit.csrfToken, isUpload: true,
            Fields.input(.init("experts", t("专家文件", "File of experts")), type: "file", t),
            buttons:
                "\(Fields.submit(t("试导入，不写入", "Try only"), .secondary, name: "mode", value: "try")) \(Fields.submit(t("导入", "Import"), name: "mode", value: "import"))"
        )
        let body: HTML = """
            <h1>\(t(PoolImportDesk.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(with: imported, { PoolImportDesk.result($0, t) })\
            <p class="lead">\(t("按已有账号把专家加入专家库，或更新其职称、单位、学科和关键词。本局工作人员不能担任专家。全部行都能导入才会导入；同一文件再次导入不重复。", "Adds the holders of accounts to the pool, or brings title, employer, disciplines and keywords up to date. Bureau staff cannot be experts. Either all rows are imported or none; the same file again changes nothing."))</p>\
            <p>\(t("下载模板：", "Template: "))<a href="/desk/experts/template?format=xlsx">XLSX</a> <a href="/desk/experts/template?format=csv">CSV</a></p>\
            \(Parts.card(nil, form))
            """
        return .page(
            Page(title: PoolImportDesk.title, trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? ((imported?.count(.refused) ?? 0) > 0 ? 422 : 200))
    }

    private static func result(_ result: PoolImport, _ t: Say) -> HTML {
        let (refused, known) = (result.count(.refused), result.count(.known))
        let words: String
        if result.isWritten {
            words = t(
                "已导入 \(result.count(.imported)) 位专家，\(known) 位没有变化",
                "\(result.count(.imported)) experts imported, \(known) were as they are")
        } else if refused > 0 {
            words = t("\(refused) 行不能导入，整个文件都没有写入", "\(refused) rows are refused; nothing of the file was written")
        } else if known == result.lines.count {
            words = t("这些专家都已在库，没有改变", "All of these are in the pool; nothing has changed")
        } else {
            words = t(
                "\(result.count(.fits)) 行可导入，\(known) 行没有变化；尚未写入",
                "\(result.count(.fits)) rows fit, \(known) change nothing; nothing is written yet")
        }
        // What is wrong comes first, since a long file is not shown whole.
        let shown = result.lines.filter { $0.outcome == .refused } + result.lines.filter { $0.outcome != .refused }
        let rows = shown.prefix(500).map { line -> [HTML] in
            [
                HTML(text: String(line.number)), HTML(text: line.login), HTML(text: line.employer),
                Parts.badge(t(line.outcome.title), line.outcome == .refused ? .bad : .good),
                HTML(each: line.problems) { "<p>\($0.message[t.language])</p>" },
            ]
        }
        let table = Parts.table(
            t("逐行结果", "Row by row"),
            [
                .init(t("行", "Row"), numeric: true), .init(t("登录名", "Login")),
                .init(t("单位信用代码", "Employer's credit code")), .init(t("结果", "Result")),
                .init(t("问题", "What is wrong")),
            ], rows, empty: "—")
        return Parts.notice(
            refused > 0 ? .bad : .good, words,
            "<details\(attribute: "open", if: refused > 0)><summary>\(t("逐行结果", "Row by row"))</summary>\(table)</details>"
        )
    }

    private func load(_ visit: Visit) async throws -> Answer {
        do {
            guard let file = visit.form.file("experts") else { throw DocumentError.empty(field: "experts") }
            let result = try await funding.review.actions.importExperts(
                try await file.bytes(upTo: PoolImportDesk.largest), name: file.name,
                isDry: visit.form["mode"] != "import", by: visit.actor)
            return page(visit, result, nil)
        } catch let problem as any Problem where problem.kind != .broken {
            return page(visit, nil, problem)
        }
    }

    private func template(_ visit: Visit) async throws -> Answer {
        let columns = PoolImport.columns.enumerated().map { index, column in
            ExportColumn<[String]>(column.title, text: { index < $0.count ? $0[index] : "" })
        }
        let sample = [
            "wang.xm", visit.say("教授", "Professor"), "91440300708461136T", "520; 510", "联邦学习; graph learning", "12",
        ]
        return .list(
            visit.say("专家模板", "experts-template"), as: try visit.exportFormat() ?? .xlsx, columns, visit.language
        ) { last, _ in last == nil ? [sample] : [] }
    }
}
