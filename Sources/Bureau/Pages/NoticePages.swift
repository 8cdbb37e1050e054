import Kernel
import Portal
import Store

/// Notices under publicity and objections to them.
struct NoticePages: Sendable {
    let house: House

    private var objections: Objections {
        Objections(vault: house.vault, zone: house.city.zone, division: house.city.objectionsDivision)
    }

    var routes: [Route] {
        [
            Route(
                "notices.list", .get, "/notices", access: .everyone, summary: Bilingual("公示列表", "Notices"),
                handler: list),
            Route(
                "notices.show", .get, "/notices/{number}", access: .everyone, summary: Bilingual("公示", "A notice"),
                handler: show),
            Route(
                "notices.proof", .get, "/notices/{number}/proof", access: .everyone,
                summary: Bilingual("公示存证文件", "A notice with its proof"), handler: proof),
            Route(
                "notices.object", .get, "/notices/{number}/object", access: .session,
                summary: Bilingual("提出异议", "Object"), handler: form),
            Route(
                "notices.file", .post, "/notices/{number}/object", access: .session,
                summary: Bilingual("提交异议", "File an objection"), limits: .uploads(files: 1), handler: file),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let onlyOpen = visit.query("phase") != "all"
        let today = house.today
        let before: ID<Notice>? = visit.query("before").map { ID($0) }
        let place = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }?.dayAndID
        let notices = try await house.db.read { tx in
            try onlyOpen
                ? NoticeStore.open(on: today, after: place, limit: 21, tx)
                : NoticeStore.list(before: before, limit: 21, tx)
        }
        let items = HTML(each: notices.prefix(20)) { notice in
            """
            <li><h2><a href="/notices/\(notice.number)">\(t(notice.title))</a></h2><p>\(phase(notice, today, t)) \(notice.number) · \
            \(notice.opensOn.text(t.language)) – \(notice.closesOn.text(t.language)) 24:00</p></li>
            """
        }
        let next: SafeURL? =
            notices.count > 20
            ? notices.prefix(20).last.map { last -> SafeURL in
                onlyOpen
                    ? "/notices?after=\(Cursor(last.closesOn, last.id.text).text)"
                    : "/notices?phase=all&before=\(last.id.text)"
            } : nil
        let body: HTML = """
            <h1>\(t("公示", "Notices"))</h1>\(Parts.tabs(t("公示", "Notices"), [
                (title: t("公示中", "Open to objection"), url: "/notices", isCurrent: onlyOpen), (title: t("全部", "All"), url: "/notices?phase=all", isCurrent: !onlyOpen),
            ]))\(if: notices.isEmpty, "<div class=\"empty\">\(t("目前没有公示。", "No notices now."))</div>", else: "<ul class=\"calls\">\(items)</ul>")\(Parts.pager(next: next, first: nil, t))
            """
        return .page(Page(title: Bilingual("公示", "Notices"), body: body))
    }

    private func phase(_ notice: Notice, _ today: Day, _ t: Say) -> HTML {
        today <= notice.closesOn ? Parts.badge(t("公示中", "Open"), .good) : Parts.badge(t("已结束", "Closed"))
    }

    private func find(_ visit: Visit) async throws -> (notice: Notice, rows: [NoticeRow]) {
        let number = visit.path("number")
        let after = visit.query("after").flatMap(Int.init) ?? 0
        return try await house.db.read { tx in
            guard let notice = try NoticeStore.find(number: number, tx) else { throw PublicityError.unknown }
            return (notice, try NoticeStore.rows(of: notice.id, after: after, limit: 201, tx))
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (notice, rows) = try await find(visit)
        let receipt = try await house.db.read { tx in
            try Receipt.find("notice.published", about: "notice", notice.id.text, tx)
        }
        let start = visit.query("after").flatMap(Int.init) ?? 0
        let table = rows.prefix(200).enumerated().map { index, row -> [HTML] in
            [
                HTML(text: String(start + index + 1)), HTML(text: row.number), HTML(text: t(row.title)),
                HTML(text: t(row.organisation)), HTML(text: row.person), HTML(text: row.amount?.yuanText ?? "—"),
            ]
        }
        let isOpen = house.today <= notice.closesOn
        let object: HTML =
            isOpen
            ? Parts.card(
                t("有异议？", "Do you object?"),
                "<p>\(t("异议须在公示期内书面提出，署真实姓名（个人手签、单位盖章），附联系方式和地址；匿名、冒名或逾期的不予受理。身份保密，由\(house.city.division(house.city.objectionsDivision).zh)办理。", "Object in writing before the window closes, under your real name (signed by hand, or sealed by an organisation), with contact and address. Anonymous, false or late objections are not taken. Your identity is kept confidential by the \(house.city.division(house.city.objectionsDivision).en)."))</p>\(Parts.button(t("提出异议", "File an objection"), to: "/notices/\(notice.number)/object", .secondary))"
            )
            : .empty
        let next: SafeURL? = rows.count > 200 ? "/notices/\(notice.number)?after=\(start + 200)" : nil
        let body: HTML = """
            <div class="title-row"><h1>\(t(notice.title))</h1>\(phase(notice, house.today, t))</div>\(Parts.paragraphs(t(notice.intro)))\
            \(Parts.facts([
                (t("编号", "Number"), HTML(text: notice.number)),
                (t("公示期", "Window"), "\(notice.opensOn.text(t.language)) – \(notice.closesOn.text(t.language)) 24:00"),
                (t("依据", "Basis"), HTML(text: t(notice.basis))), (t("内容摘要（SHA-256）", "Content digest (SHA-256)"), "<code>\(notice.contentHash)</code>"),
                (t("存证日志", "The record"), recorded(notice, receipt, t)),
            ]))\(Parts.table(t("公示内容", "What is announced"), [
                .init(t("序号", "No."), numeric: true), .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("单位", "Organisation")),
                .init(t("负责人", "Person")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
            ], table, empty: "—"))\(Parts.pager(next: next, first: start == 0 ? nil : "/notices/\(notice.number)", t))\(object)
            """
        return .page(
            Page(title: notice.title, trail: [Crumb(Bilingual("公示", "Notices"), "/notices")], width: .desk, body: body))
    }

    private func proof(_ visit: Visit) async throws -> Answer {
        let number = visit.path("number")
        let json = try await house.db.read { tx in
            guard let notice = try NoticeStore.find(number: number, tx) else { throw PublicityError.unknown }
            return try NoticeFile.make(notice, tx)
        }
        return .bytes(json.canonicalBytes, type: "application/json", name: "\(number).json")
    }

    /// Where the notice stands in the record.
    private func recorded(_ notice: Notice, _ receipt: Receipt?, _ t: Say) -> HTML {
        guard let receipt else { return HTML(text: t("正在写入存证日志", "being entered")) }
        return """
            <a href="/record/leaf?index=\(receipt.index)&hash=\(receipt.leafHash)">\(t("第 \(receipt.index) 条", "leaf \(receipt.index)"))</a> \
            · <a href="/notices/\(notice.number)/proof">\(t("下载证明", "Download the proof"))</a>
            """
    }

    private func form(_ visit: Visit) async throws -> Answer { try await formPage(visit, []) }

    private func formPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let (notice, _) = try await find(visit)
        guard house.today <= notice.closesOn else { throw PublicityError.closed(notice.closesOn) }
        let form = visit.form
        func input(_ name: String, _ label: String, required: Bool = true) -> HTML {
            Fields.input(
                .init(name, label, required: required), value: form[name] ?? "",
                problem: Fields.problem(name, problems, t), t)
        }
        let fields: HTML = """
            \(Fields.choices(.init("objector", t("异议人", "Who objects")), [("person", t("个人", "A person")), ("organisation", t("单位", "An organisation"))], chosen: [form["objector"] ?? "person"], isMany: false, problem: Fields.problem("objector", problems, t), t))\
            \(input("name", t("姓名或单位名称", "Name of the person or organisation")))\(input("contact", t("联系电话", "Telephone")))\(input("address", t("地址", "Address")))\
            \(input("row", t("针对第几项（整体异议留空）", "Which line (empty for the whole notice)"), required: false))\
            \(Fields.textarea(.init("statement", t("异议内容和理由", "What you object to, and why")), value: form["statement"] ?? "", rows: 8, most: 4_000, problem: Fields.problem("statement", problems, t), t))\
            \(Fields.input(.init("signed-page", t("手签或盖章的异议书（PDF 或图片）", "The page signed by hand or sealed (PDF or picture)")), type: "file", problem: Fields.problem("signed-page", problems, t), t))
            """
        let body: HTML = """
            <h1>\(t("提出异议", "File an objection"))</h1><p class="lead">\(t(notice.title))</p>\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form("/notices/\(notice.number)/object", token: visit.csrfToken, isUpload: true, fields, buttons: Fields.submit(t("提交异议", "File")))))
            """
        return .page(
            Page(
                title: Bilingual("提出异议", "File an objection"),
                trail: [Crumb(notice.title, "/notices/\(notice.number)")], body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    /// Takes an objection in, from a page or a program.
    /// - Throws: ``PublicityError``, or ``DocumentError`` about the signed page.
    func take(_ visit: Visit) async throws -> CaseFile {
        let form = visit.form
        let id: ID<CaseFile> = house.ids.make()
        let now = house.clock.now()
        let number = visit.path("number")
        let row = form["row"].flatMap { $0.isEmpty ? nil : Int($0) ?? 0 }
        var draft = ObjectionDraft(
            objector: ObjectionDraft.Objector(rawValue: form["objector"] ?? "person"),
            name: form["name"] ?? "", contact: form["contact"] ?? "", address: form["address"] ?? "", row: row,
            statement: form["statement"] ?? "")
        if let page = form.file("signed-page") {
            let bytes = try await page.bytes(upTo: DocumentStore.largest)
            draft.signedPage = Document(
                id: house.ids.make(), caseID: id, field: "signed-page", name: page.name, size: bytes.count,
                hash: try house.files.keep(bytes), type: FileStore.sniff(bytes), uploadedBy: "", uploadedAt: now)
        }
        let (sealed, objections, procedures, actor) = (draft, objections, house.procedures, visit.actor)
        return try await house.db.write { tx in
            try objections.file(sealed, against: number, as: id, procedures: procedures, by: actor, at: now, tx)
        }
    }

    private func file(_ visit: Visit) async throws -> Answer {
        do {
            let filed = try await take(visit)
            let t = visit.say
            let body: HTML = Parts.notice(
                .good, t("异议已提交", "The objection is filed"),
                "<p>\(t("受理编号", "Number")) <strong>\(filed.number)</strong>\(t("。", ". "))\(t("我局将在 5 个工作日内决定是否受理。请记下编号。", "Within 5 working days the bureau decides whether to admit it. Keep the number."))</p>"
            )
            return .page(
                Page(
                    title: Bilingual("异议已提交", "Objection filed"),
                    trail: [Crumb(Bilingual("公示", "Notices"), "/notices")], body: body))
        } catch let problem as PublicityError where problem.kind == .invalid {
            return try await formPage(visit, problem.fields)
        } catch let problem as DocumentError where !problem.fields.isEmpty {
            return try await formPage(visit, problem.fields)
        }
    }

    /// What the bureau sees of an objection on its case page.
    var panel: CasePanel {
        let vault = house.vault
        return { file, actor, t, _, tx in
            guard let objection = try Objections.find(file.id, tx),
                let notice = try NoticeStore.find(objection.notice, tx)
            else { return .empty }
            // Who objected is shown to the handling division alone, not to everybody in the bureau.
            let handles = Policy.handles(actor, file)
            let identity: [(String, HTML)] =
                try handles
                ? {
                    let person = try objection.objector(vault)
                    return [
                        (t("异议人（保密）", "Objector (confidential)"), HTML(text: person.name)),
                        (t("联系方式", "Contact"), HTML(text: person.contact)),
                    ]
                }() : []
            let files = try DocumentStore.list(of: file.id, tx)
            let list = HTML(each: handles ? files : []) { "<p><a href=\"/documents/\($0.id.text)\">\($0.name)</a></p>" }
            let facts: [(String, HTML)] =
                [
                    (t("公示", "Notice"), "<a href=\"/notices/\(notice.number)\">\(t(notice.title))</a>"),
                    (
                        t("针对", "About"),
                        HTML(text: objection.row.map { t("第 \($0) 项", "line \($0)") } ?? t("整体", "the whole"))
                    ),
                ] + identity + [
                    (t("异议内容", "Statement"), Parts.paragraphs(objection.statement)), (t("附件", "File"), list),
                    (t("答复", "Answer"), HTML(text: objection.answer.map { t($0) } ?? "—")),
                ]
            return Parts.card(t("异议", "Objection"), Parts.facts(facts))
        }
    }
}
