import Kernel
import Portal
import Review
import Store

/// Panels of experts that procedures define for a step: the officer names them, each hands in a sheet.
struct PanelPages: Sendable {
    let house: House

    private static let staff = RouteAccess.roles([.officer, .leader, .auditor])
    /// Most experts offered for choice.
    private static let most = 500

    private var actions: PanelActions {
        PanelActions(db: house.db, clock: house.clock, zone: house.city.zone, procedures: house.procedures)
    }

    var routes: [Route] {
        [
            Route(
                "panels.desk", .get, "/desk/panels/{id}", access: Self.staff,
                summary: Bilingual("专家组", "Panel of a case"), handler: desk),
            Route(
                "panels.name", .post, "/desk/panels/{id}", access: .roles([.officer]),
                summary: Bilingual("确定专家组", "Name the panel"), handler: name),
            Route(
                "panels.show", .get, "/panels/{id}", access: .roles([.expert]), summary: Bilingual("评分表", "A sheet"),
                handler: show),
            Route(
                "panels.fill", .post, "/panels/{id}", access: .roles([.expert]),
                summary: Bilingual("提交评分", "Hand in a sheet"), handler: fill),
            Route(
                "panels.recuse", .post, "/panels/{id}/recuse", access: .roles([.expert]),
                summary: Bilingual("申请回避", "Withdraw from a case"), handler: recuse),
        ]
    }

    /// The way to the panel, on the page of a case that has one now.
    func link(_ file: CaseFile, _ actor: Actor, _ t: Say) -> HTML {
        guard Self.staff.allows(actor), PanelActions.panel(of: file, house.procedures) != nil else { return .empty }
        return "<p>\(Parts.button(t("专家组和评分", "Panel and sheets"), to: "/desk/panels/\(file.id.text)", .secondary))</p>"
    }

    /// What waits for an expert.
    static func waiting(_ actor: Actor, _ tx: Tx) throws -> [WaitingItem] {
        guard actor.roles.contains(.expert), let account = actor.account else { return [] }
        return try PanelSheet.open(of: account, limit: 20, tx).map { item in
            WaitingItem(
                Bilingual("提交评分", "Hand in a sheet"), item.file.title, at: "/panels/\(item.file.id.text)",
                dueOn: item.file.dueOn)
        }
    }

    // MARK: The officer's side

    private func desk(_ visit: Visit) async throws -> Answer { try await deskPage(visit, []) }

    private func deskPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let (actor, procedures, today) = (visit.actor, house.procedures, house.today)
        let (file, sheets, experts) = try await house.db.read { tx in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file) else { throw ProcedureError.unknownCase }
            let sheets = try PanelSheet.list(id, at: file.step, tx)
            return (
                file, sheets,
                try ExpertStore.available(on: today, and: sheets.map(\.account), limit: Self.most, tx)
            )
        }
        guard let panel = PanelActions.panel(of: file, procedures) else { throw ProcedureError.unknownCase }
        let rows = sheets.map { sheet -> [HTML] in
            [
                HTML(text: sheet.name), Self.badge(sheet.state, t),
                HTML(text: sheet.total.map { Self.points($0) } ?? "—"),
                HTML(
                    text: panel.verdicts.first { $0.value == sheet.answers["verdict"]?.string }.map { t($0.label) }
                        ?? ""),
                Parts.paragraphs(sheet.answers["comment"]?.string ?? sheet.reason),
            ]
        }
        let least = try house.city.rules.dated(panel.least, on: house.today)
        let chosen = problems.isEmpty ? sheets.map(\.account.text) : visit.form.all("experts")
        let naming: HTML =
            Policy.handles(actor, file)
            ? Parts.card(
                t("确定专家", "Name the experts"),
                Fields.form(
                    "/desk/panels/\(id.text)", token: visit.csrfToken,
                    Fields.choices(
                        .init("experts", t("专家", "Experts")),
                        experts.map { ($0.account.text, t($0.introduced)) }, chosen: chosen,
                        isMany: true, problem: Fields.problem("experts", problems, t), t),
                    buttons: Fields.submit(t("确定", "Name them")))) : .empty
        let number = try house.city.rules.number(panel.least, on: house.today)
        let body: HTML = """
            <h1>\(t("专家组和评分", "Panel and sheets"))</h1><p><a href="/cases/\(id.text)">\(file.number)</a> \(t(file.title))</p>\(Parts.errors(problems, t))\
            <p>\(t("专家不少于 \(number) 人。", "At least \(counted(number, "expert"))."))<span class="basis"> \(t(least.source.cited)) \(if: least.source.confidence.needsChecking, Parts.toBeChecked(t))</span> \
            \(with: PanelSheet.mean(sheets), { "\(t("平均分", "Mean"))\(t.colon)\(Self.points($0 * 10))" })</p>\
            \(Parts.table(t("评分表", "Sheets"), [
                .init(t("专家", "Expert")), .init(t("状态", "State")), .init(t("总分", "Total"), numeric: true), .init(t("总体意见", "Verdict")), .init(t("评语", "Comment")),
            ], rows, empty: "<p>\(t("还没有确定专家。", "No experts were named yet."))</p>"))\(naming)
            """
        return Page(
            title: Bilingual("专家组和评分", "Panel and sheets"), trail: [Crumb(file.title, "/cases/\(id.text)")],
            width: .desk, body: body
        ).withProblems(problems)
    }

    private static func badge(_ state: PanelSheet.State, _ t: Say) -> HTML {
        switch state {
        case .open: Parts.badge(t("未提交", "Open"), .warning)
        case .filled: Parts.badge(t("已提交", "Handed in"), .good)
        case .recused: Parts.badge(t("已回避", "Withdrew"), .neutral)
        }
    }

    /// Thousandths of a point with two decimals, half up.
    private static func points(_ total: Int) -> String {
        let hundredths = (total + 5) / 10
        return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
    }

    private func name(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        do {
            try await actions.name(visit.form.all("experts").map { ID($0) }, of: id, by: visit.actor)
            return .redirect("/desk/panels/\(id.text)")
        } catch PanelError.incomplete(let problems) {
            return try await deskPage(visit, problems)
        }
    }

    // MARK: The expert's side

    private func show(_ visit: Visit) async throws -> Answer { try await sheetPage(visit, [:], []) }

    private func sheetPage(_ visit: Visit, _ typed: JSONValue, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let account = visit.actor.account
        let (file, own, answers, files) = try await house.db.read { tx in
            let found = try CaseStore.find(id, tx)
            // Asked of what is not there as well, so that the time tells no more than the answer.
            let sheets = try PanelSheet.list(id, at: found?.step ?? "", tx)
            guard let file = found, let own = sheets.first(where: { $0.account == account }) else {
                throw PanelError.unknown
            }
            return (file, own, try CaseStore.answers(id, tx).content, try DocumentStore.list(of: id, tx))
        }
        guard let panel = PanelActions.panel(of: file, house.procedures) else { throw PanelError.unknown }
        let form = ScoringSheet(panel).form
        let content: HTML
        switch own.state {
        case .open:
            let fields = HTML(each: form.sections) { FormView.edit($0, typed, problems, t) }
            content =
                Parts.card(
                    t("评分表", "Sheet"),
                    Fields.form(
                        "/panels/\(id.text)", token: visit.csrfToken, fields,
                        buttons: Fields.submit(t("提交评分（提交后不能修改）", "Hand it in; it cannot be changed afterwards"))))
                + Parts.card(
                    t("存在利害关系", "There is a conflict"),
                    Fields.form(
                        "/panels/\(id.text)/recuse", token: visit.csrfToken,
                        Fields.input(
                            .init("reason", t("回避理由", "Why you withdraw")), value: visit.form["reason"] ?? "",
                            problem: Fields.problem("reason", problems, t), t),
                        buttons: Fields.submit(t("申请回避", "Withdraw"), .danger)))
        case .filled:
            content =
                Parts.notice(.good, t("您的评分已提交。谢谢。", "Your sheet is in. Thank you."))
                + Parts.card(t("评分表", "Sheet"), FormView.read(form, own.answers, t))
        case .recused: content = Parts.notice(.info, t("您已回避该件。", "You withdrew from this."))
        }
        // Who withdrew reads nothing more of the case.
        let definition = try house.procedures.definition(of: file)
        let material: HTML =
            own.state == .recused
            ? .empty
            : Parts.card(
                t("申报内容", "What is to be judged"),
                HTML(each: [definition.form].compactMap(\.self)) {
                    FormView.read($0, answers.withheld($0, or: .words(in: t.language)), files: files, t)
                })
        let body: HTML = """
            <h1>\(t(file.title))</h1><p>\(file.number)</p>\(Parts.errors(problems, t))\(content)\(material)
            """
        return Page(title: Bilingual("评分表", "Sheet"), trail: [.work], body: body).withProblems(problems)
    }

    private func fill(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let step = try await house.db.read { tx in try CaseStore.find(id, tx) }
        guard let file = step, let panel = PanelActions.panel(of: file, house.procedures) else {
            throw PanelError.unknown
        }
        let body = visit.form
        let answers = ScoringSheet(panel).form.read(section: nil, from: { body.all($0) })
        do {
            try await actions.fill(id, answers, by: visit.actor)
            return .redirect("/panels/\(id.text)")
        } catch PanelError.incomplete(let problems) {
            return try await sheetPage(visit, answers, problems)
        }
    }

    private func recuse(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        do {
            try await actions.recuse(id, reason: visit.form["reason"] ?? "", by: visit.actor)
            return .redirect("/panels/\(id.text)")
        } catch PanelError.incomplete(let problems) {
            return try await sheetPage(visit, [:], problems)
        }
    }
}
