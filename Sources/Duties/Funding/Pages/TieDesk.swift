import Kernel
import Portal
import Review
import Store

/// Ties of experts to people and organisations: the list, and files of them.
struct TieDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    static let readers: RouteAccess = .roles([.officer, .leader, .auditor])
    static let trail = [CallDesk.crumb, Crumb(Bilingual("专家库", "Expert pool"), "/desk/experts")]
    private static let title = Bilingual("专家的利害关系", "Ties of experts")
    private static let size = 50

    var routes: [Route] {
        [
            Route("desk.ties", .get, "/desk/ties", access: TieDesk.readers, summary: TieDesk.title) { visit in
                try await page(visit, nil, nil)
            },
            Route(
                "desk.ties.template", .get, "/desk/ties/template", access: TieDesk.readers,
                summary: Bilingual("利害关系导入模板", "Template of an import of ties"), handler: template),
            Route(
                "desk.ties.import", .post, "/desk/ties/import", access: .roles([.officer]),
                summary: Bilingual("导入利害关系", "Import ties"), limits: .uploads(files: 1, bytes: ImportView.largest),
                handler: load),
        ]
    }

    /// A tie with names instead of identities.
    private struct Line: Sendable {
        let kept: KeptTie
        let expert: Bilingual?
        let subject: Bilingual?

        /// Three queries, whatever the length.
        static func lines(_ list: [KeptTie], _ tx: Tx) throws -> [Line] {
            let experts = try ExpertStore.all(Array(Set(list.map(\.expert))), tx)
            let names = try Registry.called(Array(Set(list.map(\.tie.subject))), tx)
            return list.map { kept in
                Line(kept: kept, expert: experts[kept.expert]?.introduced, subject: names[kept.tie.subject])
            }
        }
    }

    private static func columns(_ language: Language) -> [ExportColumn<Line>] {
        [
            ExportColumn(Bilingual("专家", "Expert"), text: { $0.expert?[language] ?? "" }),
            ExportColumn(Bilingual("关系", "Relation"), text: { $0.kept.tie.kind.title[language] }),
            ExportColumn(Bilingual("对方", "With whom"), text: { $0.subject?[language] ?? "" }),
            ExportColumn(Bilingual("开始", "From")) { $0.kept.tie.from.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("结束", "To")) { $0.kept.tie.to.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("来源", "Source"), text: \.kept.tie.source),
        ]
    }

    private func page(_ visit: Visit, _ imported: TieImport?, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let kind = visit.query("kind").flatMap(TieKind.init(rawValue:))
        let login = visit.query("login") ?? ""
        let before = visit.query("before")
        let db = house.db
        let expert = try await db.read { tx -> ID<Expert>? in
            guard !login.isEmpty else { return nil }
            let account = try AccountStore.find(login: login, tx)
            // Nobody's ties, where there is no such expert.
            return try account.flatMap { try ExpertStore.find(account: $0.id, tx)?.id } ?? ID("")
        }
        let file = try visit.export(TieDesk.title, TieDesk.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try Line.lines(
                    try TieStore.list(of: expert, kind: kind, before: last?.kept.id, limit: limit, tx), tx)
            }
        }
        if let file { return file }
        let found = try await db.read { tx in
            try Line.lines(
                try TieStore.list(of: expert, kind: kind, before: before, limit: TieDesk.size + 1, tx), tx)
        }
        let next: SafeURL? =
            found.count > TieDesk.size
            ? found.prefix(TieDesk.size).last.map {
                "/desk/ties?kind=\(kind?.rawValue ?? "")&login=\(login)&before=\($0.kept.id)"
            } : nil
        let kinds = TieKind.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let filters: HTML = """
            \(Fields.input(.init("login", t("专家登录名", "Expert's login")), value: login, isWide: false, t))\
            \(Fields.select(.init("kind", t("关系", "Relation")), kinds, value: kind?.rawValue, none: t("全部", "All"), t))
            """
        let body: HTML = """
            <h1>\(t(TieDesk.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(with: imported, { TieDesk.result($0, t) })\
            <p class="lead">\(t("回避由这些关系和任职、单位隶属、项目等事实算出；事实一变，在办的各轮评审立即重新核对。", "Conflicts follow from these and from employments, parents of organisations and projects; when a fact changes, every round under way is looked at again at once."))</p>\
            \(Fields.filters("/desk/ties", filters, t))\(visit.exports)\(TieDesk.table(Array(found.prefix(TieDesk.size)), t))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/desk/ties", t))\
            \(if: Policy.may(visit.actor, .runReviews), TieDesk.form(visit))
            """
        return .page(
            Page(title: TieDesk.title, trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? ((imported?.count(.refused) ?? 0) > 0 ? 422 : 200))
    }

    private static func table(_ lines: [Line], _ t: Say) -> HTML {
        let rows = lines.map { line -> [HTML] in
            let tie = line.kept.tie
            let from = tie.from.map { $0.text(t.language) } ?? "—"
            let to = tie.to.map { $0.text(t.language) } ?? t("至今", "goes on")
            return [
                HTML(text: t(line.expert) ?? ""), HTML(text: t(tie.kind.title)), HTML(text: t(line.subject) ?? ""),
                HTML(text: "\(from) – \(to)"), HTML(text: tie.source),
            ]
        }
        return Parts.table(
            t(title),
            [
                .init(t("专家", "Expert")), .init(t("关系", "Relation")), .init(t("对方", "With whom")),
                .init(t("期间", "Time")), .init(t("来源", "Source")),
            ], rows, empty: "<p>\(t("没有登记的利害关系。", "No tie is recorded."))</p>")
    }

    private static func form(_ visit: Visit) -> HTML {
        let t = visit.say
        return Parts.card(
            t("导入利害关系", "Import ties"),
            ImportView.form(
                "/desk/ties/import", template: "/desk/ties/template", field: .init("ties", t("关系文件", "File of ties")),
                words: t(
                    "对方填 ORCID、统一社会信用代码或登录名。",
                    "The other side is an ORCID iD, a credit code or a login."), visit), id: "import")
    }

    private static func result(_ result: TieImport, _ t: Say) -> HTML {
        let known = result.count(.known)
        return ImportView.result(
            result,
            .init(
                written: t(
                    "已登记 \(result.count(.imported)) 条，此前已登记 \(known) 条；\(result.recused) 份在办评审因此回避",
                    "\(counted(result.count(.imported), "tie")) recorded, \(known) known before; \(counted(result.recused, "open review was", "open reviews were")) taken away"
                ),
                known: t("这些关系此前都已登记，没有改变", "All of these were recorded before; nothing has changed"),
                fits: t(
                    "\(result.count(.fits)) 行可导入，\(known) 行此前已登记；尚未写入",
                    "\(counted(result.count(.fits), "row fits", "rows fit")), \(counted(known, "is", "are")) known; nothing is written yet"
                )),
            [.init(t("专家登录名", "Expert's login")), .init(t("关系", "Relation")), .init(t("对方", "With whom"))], t
        ) { line in
            [HTML(text: line.expert), HTML(text: line.kind.map { t($0.title) } ?? "—"), HTML(text: line.with)]
        }
    }

    private func load(_ visit: Visit) async throws -> Answer {
        do {
            let file = try await ImportView.file("ties", visit)
            let result = try await funding.review.actions.importTies(
                file.bytes, name: file.name, isDry: file.isDry, by: visit.actor)
            return try await page(visit, result, nil)
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, nil, problem)
        }
    }

    private func template(_ visit: Visit) async throws -> Answer {
        let sample = [
            "expert1", visit.say(TieKind.adviser.title), "0000-0002-1825-0097", "2015-09-01", "2019-06-30",
            visit.say("学位论文", "doctoral thesis"),
        ]
        return try ImportView.template(
            TieImport.table, name: visit.say("利害关系模板", "ties-template"), sample: sample, visit)
    }
}
