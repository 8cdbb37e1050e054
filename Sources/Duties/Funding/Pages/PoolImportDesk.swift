import Kernel
import Portal
import Review

/// Files of experts for the pool.
struct PoolImportDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private static let title = Bilingual("导入专家", "Import experts")

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
                limits: .uploads(files: 1, bytes: ImportView.largest), handler: load),
        ]
    }

    private func page(_ visit: Visit, _ imported: PoolImport?, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let form = ImportView.form(
            "/desk/experts/import", template: "/desk/experts/template",
            field: .init("experts", t("专家文件", "File of experts")), words: "", visit)
        let body: HTML = """
            <h1>\(t(PoolImportDesk.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(with: imported, { PoolImportDesk.result($0, t) })\
            <p class="lead">\(t("按已有账号把专家加入专家库，或更新其职称、单位、学科、关键词和评审语言。本局工作人员不能担任专家。", "Adds the holders of accounts to the pool, or brings title, employer, disciplines, keywords and languages up to date. Bureau staff cannot be experts."))</p>\
            \(Parts.card(nil, form))
            """
        return .page(
            Page(title: PoolImportDesk.title, trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? ((imported?.count(.refused) ?? 0) > 0 ? 422 : 200))
    }

    private static func result(_ result: PoolImport, _ t: Say) -> HTML {
        let known = result.count(.known)
        return ImportView.result(
            result,
            .init(
                written: t(
                    "已导入 \(result.count(.imported)) 位专家，\(known) 位没有变化",
                    "\(counted(result.count(.imported), "expert")) imported, \(counted(known, "was as it is", "were as they are"))"
                ),
                known: t("这些专家都已在库，没有改变", "All of these are in the pool; nothing has changed"),
                fits: t(
                    "\(result.count(.fits)) 行可导入，\(known) 行没有变化；尚未写入",
                    "\(counted(result.count(.fits), "row fits", "rows fit")), \(counted(known, "changes", "change")) nothing; nothing is written yet"
                )),
            [.init(t("登录名", "Login")), .init(t("单位信用代码", "Employer's credit code"))], t
        ) { line in
            [HTML(text: line.login), HTML(text: line.employer)]
        }
    }

    private func load(_ visit: Visit) async throws -> Answer {
        do {
            let file = try await ImportView.file("experts", visit)
            let result = try await funding.review.actions.importExperts(
                file.bytes, name: file.name, isDry: file.isDry, by: visit.actor)
            return page(visit, result, nil)
        } catch let problem as any Problem where problem.kind != .broken {
            return page(visit, nil, problem)
        }
    }

    private func template(_ visit: Visit) async throws -> Answer {
        let sample = [
            "wang.xm", visit.say("教授", "Professor"), "91440300708461136T", "520; 510", "联邦学习; graph learning", "12",
            "zh; en",
        ]
        return try ImportView.template(
            PoolImport.table, name: visit.say("专家模板", "experts-template"), sample: sample, visit)
    }
}
