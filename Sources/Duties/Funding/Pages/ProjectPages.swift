import Kernel
import Portal
import Store

/// Funded projects for the public, and the forms that their carriers fill in.
struct ProjectPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "projects.list", .get, "/projects", access: .everyone, summary: Bilingual("资助项目", "Funded projects"),
                handler: list),
            Route(
                "projects.show", .get, "/projects/{number}", access: .everyone,
                summary: Bilingual("一个资助项目", "A funded project"), handler: show),
            Route(
                "projects.form", .get, "/projects/{number}/form", access: .signedIn,
                summary: Bilingual("合同书或验收申请", "Contract or acceptance file"), handler: form),
            Route(
                "projects.save", .post, "/projects/{number}/form", access: .signedIn,
                summary: Bilingual("保存合同书或验收申请", "Save contract or acceptance file"), handler: save),
            Route(
                "projects.change", .post, "/projects/{number}/changes", access: .signedIn,
                summary: Bilingual("申请变更", "Ask for a change"), handler: openChange),
            Route(
                "projects.midterm", .post, "/projects/{number}/midterm", access: .roles([.officer]),
                summary: Bilingual("发起中期检查", "Open a mid-term check"), handler: openMidterm),
            Route(
                "changes.form", .get, "/changes/{id}", access: .signedIn,
                summary: Bilingual("变更申请", "A change request"), handler: change),
            Route(
                "changes.save", .post, "/changes/{id}", access: .signedIn,
                summary: Bilingual("保存变更申请", "Save a change request"), handler: saveChange),
        ]
    }

    static func columns(_ language: Language) -> [ExportColumn<Project>] {
        [
            ExportColumn(Bilingual("编号", "Number"), text: \.number),
            ExportColumn(Bilingual("名称", "Title"), text: { $0.title[language] }),
            ExportColumn(Bilingual("承担单位", "Organisation"), text: { $0.organisationName[language] }),
            ExportColumn(Bilingual("负责人", "Investigator"), text: \.investigatorName),
            ExportColumn(Bilingual("金额（元）", "Amount (yuan)")) { .money($0.amount) },
            ExportColumn(Bilingual("年度", "Year")) { .number(Int64($0.year)) },
            ExportColumn(Bilingual("到期", "Ends")) { $0.endsOn.map { .day($0) } ?? .none },
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let year = visit.query("year").flatMap(Int.init)
        let programme = visit.query("programme").flatMap { $0.isEmpty ? nil : $0 }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Int, String)? in
            guard let year = cursor.values[0].integer, let number = cursor.values[1].string else { return nil }
            return (Int(year), number)
        }
        let db = house.db
        let file = try visit.export(Bilingual("资助项目", "Funded projects"), Self.columns(visit.language)) { last, limit in
            try await db.read { tx in
                let id = try programme.flatMap { code in try ProgrammeStore.all(tx).first { $0.code == code }?.id }
                return try ProjectStore.list(
                    ProjectFilter(year: year, programme: id), after: last.map { ($0.year, $0.number) }, limit: limit, tx
                )
            }
        }
        if let file { return file }
        let (projects, programmes) = try await db.read { tx -> ([Project], [Programme]) in
            let programmes = try ProgrammeStore.all(tx)
            let id = programme.flatMap { code in programmes.first { $0.code == code }?.id }
            return (
                try ProjectStore.list(ProjectFilter(year: year, programme: id), after: place, limit: 51, tx), programmes
            )
        }
        let rows = projects.prefix(50).map { project -> [HTML] in
            [
                "<a href=\"/projects/\(project.number)\">\(project.number)</a>", HTML(text: t(project.title)),
                HTML(text: t(project.organisationName)), HTML(text: project.investigatorName),
                HTML(text: project.amount.yuanText), HTML(text: String(project.year)),
            ]
        }
        let next: SafeURL? =
            projects.count > 50
            ? projects.prefix(50).last.map {
                "/projects?year=\(year.map(String.init) ?? "")&programme=\(programme ?? "")&after=\(Cursor([.integer(Int64($0.year)), .string($0.number)]).text)"
            } : nil
        let thisYear = house.today.parts.year
        let years = ((thisYear - 5)...thisYear).reversed().map { (String($0), String($0)) }
        let body: HTML = """
            <h1>\(t("资助项目", "Funded projects"))</h1>\(Fields.filters("/projects", """
                \(Fields.select(.init("year", t("年度", "Year")), years, value: year.map(String.init), none: t("全部", "All"), t))\
                \(Fields.select(.init("programme", t("科技计划", "Programme")), programmes.map { ($0.code, t($0.name)) }, value: programme, none: t("全部", "All"), t))
                """, t))<p><a href="/public-money">\(t("资金去向", "Where the money went"))</a> · <a href="/search?kind=project">\(t("按名称、单位、负责人检索", "Search by title, organisation or investigator"))</a></p>\
            \(visit.exports)\(Parts.table(t("资助项目", "Funded projects"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("承担单位", "Organisation")), .init(t("负责人", "Investigator")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("年度", "Year"), numeric: true),
            ], Array(rows), empty: "<p>\(t("没有符合条件的项目。", "No project fits."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/projects", t))
            """
        return .page(Page(title: Bilingual("资助项目", "Funded projects"), width: .desk, body: body))
    }

    private func find(_ visit: Visit) async throws -> (project: Project, call: Call, programme: Programme?) {
        let number = visit.path("number")
        return try await house.db.read { tx in
            guard let project = try ProjectStore.find(number: number, tx) else { throw ProjectError.unknown }
            return (project, try CallStore.require(project.call, tx), try ProgrammeStore.find(project.programme, tx))
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (project, call, programme) = try await find(visit)
        let step = try house.procedures.newest("funding.project").step(project.step)
        let facts: [(String, HTML)] = [
            (t("项目编号", "Number"), HTML(text: project.number)),
            (t("科技计划", "Programme"), HTML(text: programme.map { t($0.name) } ?? "")),
            (t("申报指南", "Call"), "<a href=\"/calls/\(call.number)\">\(t(call.title))</a>"),
            (t("承担单位", "Organisation"), HTML(text: t(project.organisationName))),
            (t("负责人", "Investigator"), HTML(text: project.investigatorName)),
            (t("资助金额", "Amount"), HTML(text: project.amount.text(t.language))),
            (
                t("起止日期", "Term"),
                HTML(
                    text: project.startsOn.map { "\($0.text(t.language)) – \(project.endsOn?.text(t.language) ?? "")" }
                        ?? "—")
            ),
            (t("状态", "State"), HTML(text: project.outcome.map { t($0.title) } ?? step.map { t($0.title) } ?? "")),
        ]
        let award = try await house.db.read { tx in try PublicAwards.find(number: project.number, tx) }
        let money: HTML = award.map { PublicMoneyPages.card($0, visit.actor, t) } ?? .empty
        let body: HTML = "<h1>\(t(project.title))</h1>\(Parts.card(nil, Parts.facts(facts)))\(money)"
        return .page(
            Page(title: project.title, trail: [Crumb(Bilingual("资助项目", "Funded projects"), "/projects")], body: body))
    }

    private func form(_ visit: Visit) async throws -> Answer { try await formPage(visit, nil, [], nil) }

    private func formPage(
        _ visit: Visit, _ typed: JSONValue?, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let (project, call, _) = try await find(visit)
        let actor = visit.actor
        let (file, answers) = try await house.db.read { tx in
            (try CaseStore.require(project.id, tx), try CaseStore.answers(project.id, tx))
        }
        guard actor.account != nil, file.applicant == actor.account else { throw ProjectError.unknown }
        let form = try ProjectActions.form(at: file.step, call)
        guard let section = form.sections.first else { throw ProjectError.unknown }
        let body: HTML = """
            <h1>\(t(section.title))</h1><p class="lead">\(t(project.title)) · \(project.number)</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form(
                "/projects/\(project.number)/form", token: visit.csrfToken,
                "\(Parts.hidden([("revision", String(answers.revision))]))\(FormView.edit(section, typed ?? answers.content, problems, t))",
                buttons: "\(Fields.submit(t("保存", "Save")))\(Parts.button(t("返回办件", "Back to the case"), to: "/cases/\(project.id.text)", .secondary))")))
            """
        return .page(
            Page(
                title: section.title, trail: [Crumb(Bilingual(project.number, project.number), "/cases/\(project.id)")],
                body: body),
            status: problem?.kind.status ?? (problems.isEmpty || visit.method == .get ? 200 : 422))
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let (project, call, _) = try await find(visit)
        let body = visit.form
        let file = try await house.db.read { tx in try CaseStore.require(project.id, tx) }
        let typed = try ProjectActions.form(at: file.step, call).read(section: nil, from: { body.all($0) })
        do {
            let saved = try await funding.projects.save(
                project.id, values: { body.all($0) }, expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
            guard saved.problems.isEmpty else { return try await formPage(visit, typed, saved.problems, nil) }
            return .redirect("/cases/\(project.id)")
        } catch let problem as ProcedureError {
            return try await formPage(visit, typed, problem.fields, problem)
        }
    }

    private func openChange(_ visit: Visit) async throws -> Answer {
        let (project, _, _) = try await find(visit)
        let child = try await funding.projects.openChange(project.id, by: visit.actor)
        return .redirect("/changes/\(child.id)")
    }

    private func openMidterm(_ visit: Visit) async throws -> Answer {
        let (project, _, _) = try await find(visit)
        let child = try await funding.projects.openMidterm(project.id, by: visit.actor)
        return .redirect("/cases/\(child.id)")
    }

    private func change(_ visit: Visit) async throws -> Answer { try await changePage(visit, nil, [], nil) }

    private func changePage(
        _ visit: Visit, _ typed: JSONValue?, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let id: ID<CaseFile> = try visit.id("id")
        let account = visit.actor.account
        let (file, answers) = try await house.db.read { tx in
            guard let file = try CaseStore.find(id, tx), let account, file.applicant == account,
                file.procedure == "funding.change"
            else { throw ProjectError.unknown }
            return (file, try CaseStore.answers(id, tx))
        }
        guard file.step == "draft", let section = ContractForm.change.sections.first else {
            return .redirect("/cases/\(id)")
        }
        let body: HTML = """
            <h1>\(t(section.title))</h1><p class="lead">\(t(file.title))</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(section.hint.map { t($0) }, Fields.form(
                "/changes/\(id.text)", token: visit.csrfToken,
                "\(Parts.hidden([("revision", String(answers.revision))]))\(FormView.edit(section, typed ?? answers.content, problems, t))",
                buttons: "\(Fields.submit(t("保存", "Save")))\(Parts.button(t("返回办件", "Back to the case"), to: "/cases/\(id.text)", .secondary))")))
            """
        return .page(
            Page(title: section.title, trail: [Crumb(Bilingual(file.number, file.number), "/cases/\(id)")], body: body),
            status: problem?.kind.status ?? (problems.isEmpty || visit.method == .get ? 200 : 422))
    }

    private func saveChange(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let body = visit.form
        let typed = ContractForm.change.read(section: nil, from: { body.all($0) })
        do {
            let saved = try await funding.projects.saveChange(
                id, values: { body.all($0) }, expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
            guard saved.problems.isEmpty else { return try await changePage(visit, typed, saved.problems, nil) }
            return .redirect("/cases/\(id)")
        } catch let problem as ProcedureError {
            return try await changePage(visit, typed, problem.fields, problem)
        }
    }
}
