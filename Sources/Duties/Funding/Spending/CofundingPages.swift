import Kernel
import Portal
import Store

/// What partners promised to a project and what came, with evidence.
struct CofundingPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "cofunding.show", .get, "/projects/{number}/partners", access: .signedIn,
                summary: Bilingual("配套资金", "Money of partners"), handler: show),
            Route(
                "cofunding.promise", .post, "/projects/{number}/partners", access: .signedIn,
                summary: Bilingual("登记出资承诺", "Enter a promise"), handler: promise),
            Route(
                "cofunding.receive", .post, "/projects/{number}/partners/receipts", access: .signedIn,
                summary: Bilingual("登记配套到账", "Enter money that came"), limits: .uploads(files: 1),
                handler: receive),
        ]
    }

    /// One row of the list: a partner with all that came from it.
    private struct Line: Sendable {
        let partner: Partner
        let receipts: [PartnerReceipt]
        var received: Money { Money.sum(receipts.map(\.amount)) }
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let (project, file, lines) = try await house.db.read { tx -> (Project, CaseFile, [Line]) in
            let (project, file) = try MoneyPages.find(visit, tx)
            let receipts = Dictionary(grouping: try PartnerStore.receipts(project: project.id, tx), by: \.partner)
            return (
                project, file,
                try PartnerStore.list(project: project.id, tx).map {
                    Line(partner: $0, receipts: receipts[$0.id] ?? [])
                }
            )
        }
        let columns: [ExportColumn<Line>] = [
            ExportColumn(Bilingual("出资单位", "Partner"), text: \.partner.name),
            ExportColumn(Bilingual("承诺（元）", "Promised (yuan)")) { .money($0.partner.promised) },
            ExportColumn(Bilingual("到账（元）", "Received (yuan)")) { .money($0.received) },
        ]
        let export = try visit.export(Bilingual("配套资金", "Money of partners"), columns) { last, _ in
            last == nil ? lines : []
        }
        if let export { return export }
        let keeps = SpendingActions.keeps(visit.actor, file) && project.step == "running"
        let rows = lines.map { line -> [HTML] in
            let papers = HTML(each: line.receipts) { receipt in
                """
                <p>\(receipt.day.text(t.language)) \(receipt.amount.text(t.language)) \(with: receipt.foreign, { "(\($0.text)) " })\
                <a href="/documents/\(receipt.file.text)">\(t("凭据", "Evidence"))</a> \(receipt.note)</p>
                """
            }
            return [
                HTML(text: line.partner.name), HTML(text: line.partner.promised.yuanText),
                HTML(text: line.received.yuanText), papers.isEmpty ? "—" : papers,
            ]
        }
        let chart = Chart.stacked(
            ChartText(
                id: "partners", title: t("配套资金到位", "Money of partners"),
                description: t("各出资单位承诺中已到账和未到账的部分。", "Of what each partner promised: received and not received."),
                unit: t("元", "yuan")),
            series: [t("已到账", "Received"), t("未到账", "Not received")],
            lines.map { line in
                let open = max(0, (line.partner.promised - line.received).fen)
                return (line.partner.name, [line.received, Money(fen: open)].wholeYuan)
            }, t)
        let body: HTML = """
            <h1>\(t("配套资金", "Money of partners"))</h1><p class="lead">\(t(project.title)) · \(project.number)</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\(visit.exports)\(Parts.table(t("配套资金", "Money of partners"), [
                .init(t("出资单位", "Partner")), .init(t("承诺（元）", "Promised (yuan)"), numeric: true), .init(t("到账（元）", "Received (yuan)"), numeric: true), .init(t("到账记录", "What came")),
            ], rows, empty: "<p>\(t("没有配套资金。", "No partner has promised money."))</p>"))\(chart)\(if: keeps, forms(project, lines, problem?.fields ?? [], visit))
            """
        return .page(
            Page(
                title: Bilingual("配套资金", "Money of partners"),
                trail: [Crumb(Bilingual("项目资金", "The project's money"), "/projects/\(project.number)/money")],
                width: .desk, body: body), status: problem?.kind.status ?? 200)
    }

    private func forms(_ project: Project, _ lines: [Line], _ problems: [FieldProblem], _ visit: Visit) -> HTML {
        let (t, form) = (visit.say, visit.form)
        func line(_ name: String, _ zh: String, _ en: String, type: String = "text", required: Bool = true) -> HTML {
            Fields.input(
                .init(name, t(zh, en), required: required), type: type, value: form[name] ?? "",
                problem: Fields.problem(name, problems, t), isWide: false, t)
        }
        let promise = Fields.form(
            "/projects/\(project.number)/partners", token: visit.csrfToken,
            "\(line("partner", "出资单位", "Partner"))\(line("promised", "承诺金额（元）", "Promised (yuan)"))",
            buttons: Fields.submit(t("登记出资承诺", "Enter a promise")))
        guard !lines.isEmpty else { return Parts.card(t("出资承诺", "Promises"), promise) }
        let receive = Fields.form(
            "/projects/\(project.number)/partners/receipts", token: visit.csrfToken, isUpload: true,
            """
            \(Fields.select(.init("from", t("出资单位", "Partner")), lines.map { ($0.partner.id.text, $0.partner.name) }, value: form["from"], problem: Fields.problem("from", problems, t), t))\
            \(line("day", "到账日期", "Day", type: "date"))\(line("amount", "金额（元）", "Amount (yuan)", required: false))\
            \(line("currency", "币种（外币时）", "Currency, where foreign", required: false))\(line("foreign", "外币金额", "Foreign amount", required: false))\
            \(line("rate", "汇率", "Rate", required: false))\(line("rate-day", "汇率日期", "Day of the rate", type: "date", required: false))\
            \(Fields.input(.init("evidence", t("到账凭据", "Evidence")), type: "file", t))\(line("note", "备注", "Note", required: false))
            """, buttons: Fields.submit(t("登记配套到账", "Enter money that came")))
        return "\(Parts.card(t("出资承诺", "Promises"), promise))\(Parts.card(t("配套到账", "Money that came"), receive))"
    }

    private func attempt(_ visit: Visit, _ act: (Project) async throws -> Void) async throws -> Answer {
        let (project, _) = try await house.db.read { tx in try MoneyPages.find(visit, tx) }
        do {
            try await act(project)
            return .redirect("/projects/\(project.number)/partners")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func promise(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { project in
            let partner = visit.form["partner"] ?? ""
            let promised = (try? Money(parsing: visit.form["promised"] ?? "")).flatMap { $0 > .zero ? $0 : nil }
            var wrong = Words.problems(partner, "partner", Bilingual("出资单位", "Partner"), most: 120)
            if promised == nil {
                wrong.append(
                    FieldProblem(field: "promised", code: "cofunding.amount", message: CofundingError.amount.message))
            }
            guard wrong.isEmpty, let promised else { throw PlainProblem.incomplete(wrong) }
            try await funding.spending.promise(partner, promised, to: project.id, by: visit.actor)
        }
    }

    private func receive(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { project in
            let form = visit.form
            var problems: [FieldProblem] = []
            let foreign = VoucherEntry.foreign({ (form[$0] ?? "").trimmed }, &problems)
            let amount = foreign?.amount ?? (try? Money(parsing: form["amount"] ?? ""))
            let (day, file) = (Day(form["day"] ?? ""), form.file("evidence"))
            func miss(_ field: String, _ problem: any Problem) {
                problems.append(FieldProblem(field: field, code: problem.code, message: problem.message))
            }
            let partners = try await house.db.read { tx in try PartnerStore.list(project: project.id, tx) }
            if !partners.contains(where: { $0.id.text == form["from"] }) { miss("from", CofundingError.unknown) }
            if amount == nil, !problems.contains(where: { $0.field != "from" }) {
                miss("amount", CofundingError.amount)
            }
            if day == nil { miss("day", CofundingError.day) }
            if file == nil { problems += DocumentError.empty(field: "evidence").fields }
            problems += Words.problems(form["note"] ?? "", "note", Bilingual("备注", "Note"), isRequired: false)
            guard problems.isEmpty, let amount, let day, let file else { throw PlainProblem.incomplete(problems) }
            try await funding.spending.receive(
                amount, foreign: foreign, from: ID(form["from"] ?? ""), of: project.id, on: day,
                note: form["note"] ?? "",
                evidence: (file.name, try await file.bytes(upTo: DocumentStore.largest)), by: visit.actor)
        }
    }
}
