import Kernel
import Portal
import Review
import Store

/// The panel of an enterprise as officers name it, and the experts' sheets.
struct RecognitionPages: Sendable {
    let house: House

    private var actions: RecognitionActions { RecognitionActions(house: house) }
    private static let staff = RouteAccess.roles([.officer, .leader, .auditor])
    /// Most experts offered for choice.
    private static let most = 500

    var routes: [Route] {
        [
            Route(
                "innovation.panel", .get, "/desk/innovation/recognition/{id}", access: Self.staff,
                summary: Bilingual("评审专家组", "Panel of an enterprise"), handler: panel),
            Route(
                "innovation.panel.name", .post, "/desk/innovation/recognition/{id}", access: .roles([.officer]),
                summary: Bilingual("确定专家组", "Name the panel"), handler: name),
            Route(
                "innovation.sheets.mine", .get, "/innovation/recognition", access: .roles([.expert]),
                summary: Bilingual("我的企业评审", "My sheets on enterprises"), handler: mine),
            Route(
                "innovation.sheets.show", .get, "/innovation/recognition/{id}", access: .roles([.expert]),
                summary: Bilingual("评分表", "A sheet"), handler: sheet),
            Route(
                "innovation.sheets.fill", .post, "/innovation/recognition/{id}", access: .roles([.expert]),
                summary: Bilingual("提交评分", "Hand in a sheet"), handler: fill),
        ]
    }

    /// What the case page shows: the rulings, and the way to the panel.
    var casePanel: CasePanel {
        let house = house
        return { file, actor, t, _, tx in
            guard !actor.roles.isDisjoint(with: [.officer, .leader, .auditor]) else { return .empty }
            var body: HTML = .empty
            if file.step == "review" {
                body +=
                    "<p>\(Parts.button(t("评审专家组和评分", "Panel and sheets"), to: SafeURL(checking: "/desk/innovation/recognition/\(file.id.text)") ?? "#", .secondary))</p>"
            }
            for stored in try RulingStore.list(of: file.id, tx) where stored.ruling.rule.hasPrefix("recognition.") {
                let title = (try? house.rules.entry(stored.ruling.rule)).map { t($0.title) } ?? stored.ruling.rule
                body += Parts.card(title, RulingView.show(stored.ruling, t))
            }
            return body
        }
    }

    // MARK: The officer's side

    private func panel(_ visit: Visit) async throws -> Answer { try await panelPage(visit, []) }

    private func panelPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let today = house.today
        let (file, sheets, experts) = try await house.db.read { tx in
            let sheets = try RecognitionSheet.list(id, tx)
            return (
                try CaseStore.require(id, tx), sheets,
                try ExpertStore.available(on: today, and: sheets.map(\.account), limit: Self.most, tx)
            )
        }
        guard file.procedure == "innovation.recognition" else { throw ProcedureError.unknownCase }
        let rows = sheets.map { sheet -> [HTML] in
            [
                HTML(text: sheet.name), HTML(text: t(sheet.kind.title)),
                sheet.points == nil
                    ? Parts.badge(t("未提交", "Open"), .warning) : Parts.badge(t("已提交", "Handed in"), .good),
                HTML(text: sheet.points.map { String($0.values.reduce(0, +)) } ?? "—"), Parts.paragraphs(sheet.opinion),
            ]
        }
        let options = experts.map { ($0.account.text, t($0.introduced)) }
        let isNaming = file.step == "review" && visit.actor.roles.contains(.officer)
        let naming: HTML =
            isNaming
            ? Parts.card(
                t("确定专家组", "Name the panel"),
                Fields.form(
                    SafeURL(checking: "/desk/innovation/recognition/\(id.text)") ?? "#", token: visit.csrfToken,
                    HTML(each: RecognitionSheet.Kind.allCases) { kind in
                        Fields.choices(
                            .init(kind.rawValue, t(kind.title)), options,
                            chosen: visit.form.all(kind.rawValue)
                                + sheets.filter { $0.kind == kind }.map(\.account.text), isMany: true,
                            problem: Fields.problem(kind.rawValue, problems, t), t)
                    }, buttons: Fields.submit(t("确定", "Name them")))) : .empty
        let body: HTML = """
            <h1>\(t("评审专家组", "Panel"))</h1><p><a href="/cases/\(id.text)">\(file.number)</a> \(t(file.title))</p>\(Parts.errors(problems, t))\
            \(Parts.table(t("评分表", "Sheets"), [
                .init(t("专家", "Expert")), .init(t("类别", "Kind")), .init(t("状态", "State")), .init(t("合计", "Sum"), numeric: true), .init(t("意见", "Opinion")),
            ], rows, empty: "<p>\(t("还没有确定专家。不少于 5 人，技术专家不少于六成，至少 1 名财务专家。", "No experts yet: at least five, six in ten of them technical, one for finance."))</p>"))\(naming)
            """
        return Page(
            title: Bilingual("评审专家组", "Panel"),
            trail: [Crumb(Bilingual("创新体系", "Innovation system"), "/desk/rooms/innovation")], width: .desk, body: body
        ).withProblems(problems)
    }

    private func name(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let panel = RecognitionSheet.Kind.allCases.flatMap { kind in
            visit.form.all(kind.rawValue).map { (account: ID<Account>($0), kind: kind) }
        }
        do {
            try await actions.name(panel, of: id, by: visit.actor)
            return .redirect("/desk/innovation/recognition/\(id.text)")
        } catch ProcedureError.refused(let problems) {
            return try await panelPage(visit, problems)
        }
    }

    // MARK: The expert's side

    private func mine(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw ProcedureError.unknownCase }
        let own = try await house.db.read { tx in try RecognitionSheet.list(of: account, limit: 100, tx) }
        let rows = own.map { item -> [HTML] in
            [
                "<a href=\"/innovation/recognition/\(item.file.id.text)\">\(item.file.number)</a>",
                HTML(text: t(item.file.title)),
                item.sheet.points == nil
                    ? Parts.badge(t("待评分", "To fill in"), .warning) : Parts.badge(t("已提交", "Handed in"), .good),
            ]
        }
        let body: HTML = """
            <h1>\(t("高新技术企业评审", "Reviews of enterprises"))</h1>\(Parts.table(t("评分表", "Sheets"), [
                .init(t("编号", "Number")), .init(t("企业", "Enterprise")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("没有请您评审的企业。", "No enterprise asks for your review."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("高新技术企业评审", "Reviews of enterprises"), trail: [.reviews], width: .desk,
                body: body))
    }

    private func sheet(_ visit: Visit) async throws -> Answer { try await sheetPage(visit, []) }

    private func sheetPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (file, own, values) = try await house.db.read { tx in
            guard let own = try RecognitionSheet.list(id, tx).first(where: { $0.account == visit.actor.account }) else {
                throw ProcedureError.unknownCase
            }
            return (try CaseStore.require(id, tx), own, try CaseValues.all(of: id, tx))
        }
        let bands = try ScoreBands(RecognitionAnswers(values: values), law: house.city.rules.law(on: house.today))
        let form = try house.procedures.definition(of: file).form
        let fields = HTML(each: ScoreItem.allCases) { item in
            let range = bands.ranges[item]
            return Fields.input(
                .init(
                    item.field, t(item.title),
                    hint: range.map {
                        t(
                            "按所填事实可给 \($0.lowerBound)–\($0.upperBound) 分",
                            "The facts allow \($0.lowerBound) to \($0.upperBound)")
                    }),
                value: visit.form[item.field] ?? "", problem: Fields.problem(item.field, problems, t), isWide: false, t)
        }
        let content: HTML =
            own.points != nil || file.step != "review"
            ? Parts.notice(.info, t("您的评分已提交，或评审已结束。", "Your sheet is in, or the review is over."))
            : Fields.form(
                SafeURL(checking: "/innovation/recognition/\(id.text)") ?? "#", token: visit.csrfToken,
                "\(fields)\(Fields.textarea(.init("opinion", t("评审意见", "Opinion")), value: visit.form["opinion"] ?? "", rows: 4, most: 1_000, problem: Fields.problem("opinion", problems, t), t))",
                buttons: Fields.submit(t("提交评分", "Hand it in")))
        let body: HTML = """
            <h1>\(t("评分表", "Sheet"))</h1><p>\(file.number) \(t(file.title))</p>\(Parts.errors(problems, t))\
            \(with: form, { FormView.read($0, values, t) })\(content)
            """
        return Page(
            title: Bilingual("评分表", "Sheet"),
            trail: [
                .reviews,
                Crumb(Bilingual("高新技术企业评审", "Reviews of enterprises"), "/innovation/recognition"),
            ], body: body
        ).withProblems(problems)
    }

    private func fill(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        var points: [ScoreItem: Int] = [:]
        for item in ScoreItem.allCases { points[item] = visit.form[item.field].flatMap { Int($0) } }
        do {
            try await actions.fill(id, points, opinion: visit.form["opinion"] ?? "", by: visit.actor)
            return .redirect("/innovation/recognition/\(id.text)")
        } catch ProcedureError.refused(let problems) {
            return try await sheetPage(visit, problems)
        }
    }
}
