import Kernel
import Portal
import Review
import Store

/// One report of spending: its vouchers, typing and importing them, the officer's remarks.
struct ReportPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "spending.template", .get, "/spending/template", access: .signedIn,
                summary: Bilingual("凭证导入模板", "Template of an import of vouchers"), handler: template),
            Route(
                "spending.report", .get, "/spending/{id}", access: .signedIn,
                summary: Bilingual("支出报告", "A report of spending"), handler: show),
            Route(
                "spending.enter", .post, "/spending/{id}/vouchers", access: .signedIn,
                summary: Bilingual("登记凭证", "Enter a voucher"), limits: .uploads(files: 1), handler: enter),
            Route(
                "spending.import", .post, "/spending/{id}/import", access: .signedIn,
                summary: Bilingual("导入凭证", "Import vouchers"), limits: .uploads(files: 1, bytes: 20 << 20),
                handler: load),
            Route(
                "spending.voucher.remove", .post, "/vouchers/{id}/remove", access: .signedIn,
                summary: Bilingual("移除凭证", "Take a voucher out"), handler: remove),
            Route(
                "spending.voucher.ask-back", .post, "/vouchers/{id}/ask-back", access: .signedIn,
                summary: Bilingual("申请撤回凭证", "Ask to withdraw a voucher"), handler: askBack),
            Route(
                "spending.voucher.decide-back", .post, "/vouchers/{id}/decide-back", access: .roles([.officer]),
                summary: Bilingual("决定撤回凭证", "Decide on a withdrawal"), handler: decideBack),
            Route(
                "spending.voucher.remark", .post, "/vouchers/{id}/remark", access: .roles([.officer]),
                summary: Bilingual("填写审核意见", "Note a remark"), handler: remark),
        ]
    }

    /// What the page shows beside the report: what was typed and what is wrong with it, or the result of an import.
    private struct Shown {
        var problem: (any Problem)?
        var problems: [FieldProblem] = []
        var imported: VoucherImport?
    }

    private struct Book {
        let report: SpendingReport
        let file: CaseFile
        let project: Project
        let budget: ContractBudget
        let vouchers: [Voucher]
    }

    private func read(_ id: ID<CaseFile>, _ actor: Actor) async throws -> Book {
        try await house.db.read { tx in
            guard let file = try CaseStore.find(id, tx),
                Policy.maySee(actor, file) || SpendingActions.keeps(actor, file)
            else { throw SpendingError.unknownReport }
            let report = try SpendingReportStore.require(id, tx)
            let project = try ProjectStore.require(report.project, tx)
            return Book(
                report: report, file: file, project: project, budget: try ContractBudget.current(project, tx),
                vouchers: try VoucherStore.list(report: id, tx))
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        return try await page(visit, id, Shown())
    }

    private func page(_ visit: Visit, _ id: ID<CaseFile>, _ shown: Shown) async throws -> Answer {
        let t = visit.say
        let book = try await read(id, visit.actor)
        let db = house.db
        let columns = VoucherView.columns(book.budget, visit.language)
        let file = try visit.export(Bilingual("支出凭证", "Vouchers"), columns) { last, limit in
            try await db.read { tx in
                try VoucherStore.list(
                    VoucherFilter(report: id), before: last.map { ($0.draft.day, $0.id.text) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let keeps = SpendingActions.keeps(visit.actor, book.file)
        let isOpen = keeps && book.report.isOpen && book.file.step == "draft"
        let live = book.vouchers.filter { $0.state != .withdrawn }
        let step = try? house.procedures.step(of: book.file)
        let body: HTML = """
            <div class="title-row"><h1>\(t("支出报告", "Report of spending"))</h1>\(Parts.badge(step.map { t($0.title) } ?? "", .info))</div>\
            <p class="lead">\(t(book.project.title)) · \(book.report.number) · \(book.report.from.text(t.language)) – \(book.report.to.text(t.language))</p>\
            \(with: shown.problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(shown.problems, t))\
            \(if: !book.report.remark.isEmpty, Parts.notice(.warning, t("市局或单位退回意见", "Remarks with which it was sent back"), Parts.paragraphs(book.report.remark)))\
            \(with: shown.imported, { ReportPages.imported($0, t) })\
            <p>\(Parts.button(isOpen ? t("提交报告", "Hand the report in") : t("办理", "The case"), to: "/cases/\(id.text)")) \
            \(Parts.button(t("项目资金", "The project's money"), to: "/projects/\(book.project.number)/money", .secondary))</p>\
            \(Parts.card(t("凭证（\(live.count) 张，合计 \(Money.sum(live.map(\.draft.amount)).yuanText) 元）", "Vouchers: \(live.count), RMB \(Money.sum(live.map(\.draft.amount)).yuanText) in all"), """
                \(visit.exports)\(VoucherView.table(book.vouchers, book.budget, visit) {
                    actions($0, book, keeps: keeps, visit)
                })
                """))\(if: isOpen, entry(book, shown, visit))\(if: isOpen, ReportPages.importForm(id, visit))
            """
        return .page(
            Page(
                title: Bilingual("支出报告 \(book.report.number)", "Report of spending \(book.report.number)"),
                trail: [
                    Crumb(Bilingual(book.project.number, book.project.number), "/projects/\(book.project.number)/money")
                ], width: .desk, body: body), status: shown.problem?.kind.status ?? 200)
    }

    /// What may be done with one voucher.
    private func actions(_ voucher: Voucher, _ book: Book, keeps: Bool, _ visit: Visit) -> HTML {
        let (t, token) = (visit.say, visit.csrfToken)
        let base = "/vouchers/\(voucher.id.text)"
        func words(_ action: String, _ field: String, _ label: String, _ button: String, value: String = "") -> HTML {
            """
            <details><summary>\(button)</summary><form method="post" action="\(SafeURL(checking: "\(base)/\(action)") ?? "#")">\(Parts.hidden([(FormSeal.field, token)]))\
            <input name="\(field)" aria-label="\(label)" value="\(value)"> <button class="button secondary">\(button)</button></form></details>
            """
        }
        switch voucher.state {
        case .entered where keeps && book.report.isOpen:
            return Parts.post(SafeURL(checking: "\(base)/remove") ?? "#", t("移除", "Take out"), token: token)
        case .entered where book.file.step == "check" && Policy.handles(visit.actor, book.file):
            return words(
                "remark", "remark", t("审核意见", "Remark"), t("填写意见", "Remark"), value: voucher.remark)
        case .accepted where keeps && book.project.step == "running":
            return words("ask-back", "reason", t("撤回原因", "Reason to withdraw"), t("申请撤回", "Ask to withdraw"))
        case .withdrawing where Policy.handles(visit.actor, book.file):
            return """
                \(Parts.post(SafeURL(checking: "\(base)/decide-back") ?? "#", t("同意撤回", "Withdraw"), token: token, .primary, fields: [("agreed", "yes")])) \
                \(Parts.post(SafeURL(checking: "\(base)/decide-back") ?? "#", t("不同意", "Keep"), token: token))
                """
        default: return .empty
        }
    }

    private func entry(_ book: Book, _ shown: Shown, _ visit: Visit) -> HTML {
        let t = visit.say
        let form = visit.form
        func line(
            _ name: String, _ zh: String, _ en: String, type: String = "text", hint: String? = nil,
            required: Bool = true, wide: Bool = true
        ) -> HTML {
            Fields.input(
                .init(name, t(zh, en), hint: hint, required: required), type: type, value: form[name] ?? "",
                problem: Fields.problem(name, shown.problems, t), isWide: wide, t)
        }
        let ranks = ExpertFeeFacts.Rank.allCases.map { ($0.rawValue, t($0.title)) }
        let forms = ExpertFeeFacts.Form.allCases.map { ($0.rawValue, t($0.title)) }
        let fields: HTML = """
            \(line("number", "凭证号", "Number", wide: false))\(line("day", "日期", "Date", type: "date", wide: false))\
            \(Fields.select(.init("heading", t("费用科目", "Cost heading")), book.budget.headings.map { ($0.value, t($0.label)) }, value: form["heading"], problem: Fields.problem("heading", shown.problems, t), t))\
            \(line("payee", "收款方", "Payee"))\(line("payee-code", "收款方统一社会信用代码", "Payee's credit code", required: false))\
            \(line("amount", "金额（元）", "Amount (yuan)", wide: false))\(line("purpose", "用途", "Purpose"))\
            \(Fields.input(.init("file", t("票据文件", "File"), hint: t("PDF、PNG 或 JPEG。", "PDF, PNG or JPEG."), required: false), type: "file", problem: Fields.problem("file", shown.problems, t), t))\
            <details\(attribute: "open", if: !(form["currency"] ?? "").isEmpty)><summary>\(t("外币支出", "A foreign sum"))</summary>\
            \(line("currency", "币种", "Currency", hint: "USD", required: false, wide: false))\(line("foreign", "外币金额", "Foreign amount", required: false, wide: false))\
            \(line("rate", "汇率", "Rate", hint: t("一单位外币折合人民币元，最多六位小数。", "Yuan for one unit, at most six decimals."), required: false, wide: false))\
            \(line("rate-day", "汇率日期", "Day of the rate", type: "date", required: false, wide: false))</details>\
            <details\(attribute: "open", if: !(form["expert-rank"] ?? "").isEmpty || shown.problems.contains { $0.field == "expert" })><summary>\(t("专家费", "A fee of experts"))</summary>\
            \(Fields.select(.init("expert-rank", t("专家级别", "Rank"), required: false), ranks, value: form["expert-rank"], t))\
            \(Fields.select(.init("expert-form", t("咨询形式", "Form"), required: false), forms, value: form["expert-form"], t))\
            \(line("expert-count", "天数或次数", "Days or times", type: "number", required: false, wide: false))</details>\
            \(Fields.textarea(.init("reason", t("理由", "Reason"), hint: t("提示如关联方、整数金额、疑似拆分时须说明。", "Wanted where a warning such as a related party, a round sum or a split comes up."), required: false), value: form["reason"] ?? "", rows: 2, t))
            """
        return Parts.card(
            t("登记凭证", "Enter a voucher"),
            Fields.form(
                "/spending/\(book.report.id.text)/vouchers", token: visit.csrfToken, isUpload: true, fields,
                buttons: Fields.submit(t("登记凭证", "Enter the voucher"))), id: "entry")
    }

    private func enter(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let form = visit.form
        let book = try await read(id, visit.actor)
        let parts = ["expert-rank", "expert-form", "expert-count"].map { (form[$0] ?? "").trimmed }
        let expert = parts.allSatisfy(\.isEmpty) ? "" : parts.joined(separator: " ")
        let (draft, problems) = VoucherEntry.read(
            { $0 == "expert" ? expert : form[$0] ?? "" }, headings: book.budget.headings)
        guard let draft else {
            return try await page(visit, id, Shown(problem: SpendingError.refused(problems), problems: problems))
        }
        do {
            var paper: (name: String, bytes: [UInt8])?
            if let file = form.file("file") {
                paper = (file.name, try await file.bytes(upTo: DocumentStore.largest))
            }
            try await funding.spending.enter(draft, file: paper, into: id, by: visit.actor)
            return .redirect("/spending/\(id)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, id, Shown(problem: problem, problems: problem.fields))
        }
    }

    private func load(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        do {
            let file = try await ImportView.file("vouchers", visit)
            let result = try await funding.spending.load(
                file.bytes, name: file.name, into: id, isDry: file.isDry, by: visit.actor)
            return try await page(visit, id, Shown(imported: result))
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, id, Shown(problem: problem))
        }
    }

    private static func importForm(_ report: ID<CaseFile>, _ visit: Visit) -> HTML {
        let t = visit.say
        return Parts.card(
            t("导入凭证", "Import vouchers"),
            ImportView.form(
                "/spending/\(report.text)/import", template: "/spending/template",
                field: .init("vouchers", t("凭证文件", "File of vouchers")), words: "", visit), id: "import")
    }

    private static func imported(_ result: VoucherImport, _ t: Say) -> HTML {
        let (count, total) = (result.lines.count, result.total.yuanText)
        return ImportView.result(
            result, of: result.name,
            .init(
                written: t("已导入 \(count) 张凭证，合计 \(total) 元", "\(counted(count, "voucher")) imported, RMB \(total)"),
                known: t("这个文件此前已导入，没有改变", "This file was imported before; nothing has changed"),
                fits: t(
                    "\(count) 行都可导入，合计 \(total) 元；尚未写入",
                    "\(counted(count, "row fits", "rows fit")), RMB \(total); nothing is written yet")),
            [.init(t("凭证号", "Number")), .init(t("金额（元）", "Amount (yuan)"), numeric: true)], t
        ) { line in
            [HTML(text: line.draft?.number ?? "—"), HTML(text: line.draft?.amount.yuanText ?? "—")]
        }
    }

    private func template(_ visit: Visit) async throws -> Answer {
        let sample = [
            "FP-20260302-01", "2026-03-02", visit.say("业务费", "Operations"),
            visit.say("深圳市某仪器有限公司", "Some Instruments Ltd"), "",
            "1234.56", visit.say("实验材料", "Materials"),
        ]
        return try ImportView.template(
            VoucherFile.table, name: visit.say("支出凭证模板", "vouchers-template"), sample: sample, visit)
    }

    // MARK: One voucher

    private func attempt(_ visit: Visit, _ act: (ID<Voucher>) async throws -> Void) async throws -> Answer {
        let id: ID<Voucher> = try visit.id("id")
        guard let voucher = try await house.db.read({ tx in try VoucherStore.find(id, tx) }) else {
            throw SpendingError.unknownVoucher
        }
        do {
            try await act(id)
            return .redirect("/spending/\(voucher.report)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, voucher.report, Shown(problem: problem))
        }
    }

    private func remove(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { try await funding.spending.remove($0, by: visit.actor) }
    }

    private func askBack(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.spending.askBack($0, reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func decideBack(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.spending.decideBack($0, agreed: visit.form["agreed"] == "yes", by: visit.actor)
        }
    }

    private func remark(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.spending.remark($0, visit.form["remark"] ?? "", by: visit.actor)
        }
    }
}
