import Kernel
import Portal
import Store

/// Drafting an application: start, task list, one page a section, check your answers.
struct ApplicationPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "applications.new", .get, "/applications/new", access: .signedIn,
                summary: Bilingual("开始申报", "Start an application"), handler: new),
            Route(
                "applications.start", .post, "/applications", access: .signedIn,
                summary: Bilingual("新建申请", "Create an application"), handler: start),
            Route(
                "applications.show", .get, "/applications/{id}", access: .signedIn,
                summary: Bilingual("申请填报", "An application to fill in"), handler: overview),
            Route(
                "applications.section", .get, "/applications/{id}/sections/{section}", access: .signedIn,
                summary: Bilingual("填写一部分", "Fill in a section"), handler: section),
            Route(
                "applications.save", .post, "/applications/{id}/sections/{section}", access: .signedIn,
                summary: Bilingual("保存一部分", "Save a section"), handler: save),
            Route(
                "applications.autosave", .post, "/applications/{id}/sections/{section}/autosave", access: .signedIn,
                summary: Bilingual("自动保存", "Save while typing"), handler: autosave),
            Route(
                "applications.attach", .post, "/applications/{id}/files/{field}", access: .signedIn,
                summary: Bilingual("上传附件", "Attach a file"), limits: .uploads(files: 1), handler: attach),
            Route(
                "applications.detach", .post, "/applications/{id}/files/{document}/remove", access: .signedIn,
                summary: Bilingual("移除附件", "Take a file off"), handler: detach),
            Route(
                "applications.check", .get, "/applications/{id}/check", access: .signedIn,
                summary: Bilingual("核对并提交", "Check and submit"), handler: check),
        ]
    }

    /// What every page of a draft reads, in a constant number of queries.
    private struct Draft: Sendable {
        let application: Application
        let file: CaseFile
        let call: Call
        let answers: JSONValue
        let revision: Int
        let files: [Document]
        let findings: [Finding]

        var counts: [String: Int] {
            Dictionary(files.map { ($0.field, 1) }, uniquingKeysWith: +)
        }
    }

    private func load(_ visit: Visit) async throws -> Draft {
        let id: ApplicationID = try visit.id("id")
        let actor = visit.actor
        return try await house.db.read { tx in
            let application = try ApplicationStore.require(id, tx)
            guard application.applicant == actor.account else { throw ApplicationError.unknown }
            let answers = try CaseStore.answers(id, tx)
            return Draft(
                application: application, file: try CaseStore.require(id, tx),
                call: try CallStore.require(application.call, tx), answers: answers.content, revision: answers.revision,
                files: try DocumentStore.list(of: id, tx), findings: try FindingStore.list(of: id, tx))
        }
    }

    private func new(_ visit: Visit) async throws -> Answer {
        try await startPage(visit, number: visit.query("call") ?? "", problem: nil)
    }

    private func startPage(_ visit: Visit, number: String, problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let (call, organisations) = try await house.db.read { tx in
            (
                try CallStore.find(number: number, tx),
                try Registry.organisations(actor.memberships.map(\.organisation), tx)
            )
        }
        guard let call, call.state == .published else { throw CallError.unknown }
        let options = organisations.values.sorted { $0.uscc < $1.uscc }.map { ($0.id.text, t($0.name)) }
        let form: HTML =
            options.isEmpty
            ? Parts.notice(
                .warning, t("您还不是任何单位的成员", "You are not a member of any organisation yet"),
                "<p>\(t("申报须由单位提出。请先登记单位，或请单位管理员将您加入。", "Organisations apply. Register yours first, or ask its administrator to add you."))</p>\(Parts.button(t("登记单位", "Register an organisation"), to: "/organisation/new"))"
            )
            : Fields.form(
                "/applications", token: visit.csrfToken,
                """
                \(Parts.hidden([("call", number)]))\(Fields.choices(.init("organisation", t("由哪个单位申报", "Which organisation applies")), options, chosen: options.count == 1 ? [options[0].0] : [], isMany: false, problem: problem.map { t($0.message) }, t))
                """, buttons: Fields.submit(t("开始填写", "Begin")))
        let body: HTML = """
            <h1>\(t("开始申报", "Start an application"))</h1><p class="lead">\(t(call.title))</p>\(Parts.card(nil, form))
            """
        return .page(
            Page(
                title: Bilingual("开始申报", "Start an application"), trail: [Crumb(call.title, "/calls/\(number)")],
                body: body), status: problem?.kind.status ?? 200)
    }

    private func start(_ visit: Visit) async throws -> Answer {
        let number = visit.form["call"] ?? ""
        guard let organisation = visit.form["organisation"], !organisation.isEmpty else {
            let missing = PlainProblem(.invalid, "field.required", Bilingual("请选择申报单位", "Choose the organisation"))
            return try await startPage(visit, number: number, problem: missing)
        }
        let application = try await funding.applications.start(
            call: number, organisation: ID(organisation), by: visit.actor)
        return .redirect("/applications/\(application.id)")
    }

    private func crumbs(_ draft: Draft) -> [Crumb] {
        [
            Crumb(Bilingual("我的工作台", "My work"), "/work"),
            Crumb(
                Bilingual(draft.application.number, draft.application.number), "/applications/\(draft.application.id)"),
        ]
    }

    private func overview(_ visit: Visit) async throws -> Answer {
        let draft = try await load(visit)
        let t = visit.say
        let id = draft.application.id.text
        guard ["draft", "correction"].contains(draft.application.step) else { return .redirect("/cases/\(id)") }
        let form = draft.call.content.wholeForm
        var allDone = true
        let tasks = HTML(each: form.sections) { section in
            let isDone = form.isComplete(section, draft.answers, files: draft.counts)
            let isStarted = section.fields.contains { (draft.answers[$0.name] ?? .null) != .null }
            allDone = allDone && isDone
            let badge =
                isDone
                ? Parts.badge(t("已完成", "Done"), .good)
                : isStarted ? Parts.badge(t("填写中", "Started"), .info) : Parts.badge(t("未开始", "To do"))
            return "<li><a href=\"/applications/\(id)/sections/\(section.name)\">\(t(section.title))</a>\(badge)</li>"
        }
        let open = draft.findings.filter { $0.state == .open }
        let corrections: HTML =
            draft.application.step == "correction"
            ? Parts.notice(
                .warning, t("请按以下意见补正", "Please correct these points"),
                "<ul>\(each: open, { "<li>\(t($0.draft.message)) <span class=\"basis\">\(t($0.draft.basis))</span></li>" })</ul>"
            )
            : .empty
        let title = draft.application.title.zh.isEmpty ? draft.call.title : draft.application.title
        let body: HTML = """
            <div class="title-row"><h1>\(t(title))</h1>\(Parts.badge(draft.application.number))</div>\
            <p class="lead">\(t("申报截止", "Closes")) \(draft.call.closesOn.text(t.language)) 24:00\(t("；须在此前完成单位推荐。", ". The organisation must endorse before then."))</p>\
            \(corrections)<ul class="tasks">\(tasks)</ul><div class="buttons">\
            \(Parts.button(t("核对并提交", "Check and submit"), to: "/applications/\(id)/check", allDone ? .primary : .secondary))\
            \(Parts.button(t("查看办件", "See the case"), to: "/cases/\(id)", .secondary))</div>
            """
        return .page(
            Page(
                title: Bilingual("填写申请", "Fill in the application"),
                trail: [Crumb(Bilingual("我的工作台", "My work"), "/work")],
                body: body))
    }

    private func section(_ visit: Visit) async throws -> Answer {
        let draft = try await load(visit)
        let name = visit.path("section")
        let started = draft.call.content.wholeForm.problems(draft.answers, complete: false, section: name)
        return try sectionPage(visit, draft, name, draft.answers, problems: started, problem: nil)
    }

    private func sectionPage(
        _ visit: Visit, _ draft: Draft, _ name: String, _ answers: JSONValue, problems: [FieldProblem],
        problem: (any Problem)?
    ) throws -> Answer {
        let t = visit.say
        let id = draft.application.id.text
        let form = draft.call.content.wholeForm
        guard let section = form.sections.first(where: { $0.name == name }) else {
            throw RequestProblem.nothingHere
        }
        let url: SafeURL = "/applications/\(id)/sections/\(section.name)"
        let uploads = HTML(each: section.fields.filter { $0.kind == .files }) { field in
            self.upload(field, in: name, draft, id, visit, problems, t)
        }
        let trouble: HTML = problem.map { Parts.notice(.bad, t($0.message)) } ?? .empty
        let body: HTML = """
            <h1>\(t(section.title))</h1>\(with: section.hint, { "<p class=\"lead\">\(t($0))</p>" })\(trouble)\(Parts.errors(problems, t))\
            \(Parts.card(nil, Fields.form(
                url, token: visit.csrfToken, autosave: "/applications/\(id)/sections/\(section.name)/autosave",
                "\(Parts.hidden([("revision", String(draft.revision))]))\(FormView.edit(section, answers, problems, t))",
                buttons: "\(Fields.submit(t("保存并继续", "Save and go on")))\(Fields.submit(t("保存", "Save"), .secondary, name: "stay", value: "yes"))")))\(uploads)
            """
        return .page(
            Page(title: section.title, trail: crumbs(draft), body: body),
            status: problem?.kind.status ?? (visit.method == .post && !problems.isEmpty ? 422 : 200))
    }

    private func upload(
        _ field: FormField, in section: String, _ draft: Draft, _ id: String, _ visit: Visit,
        _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let own = draft.files.filter { $0.field == field.name }
        let list = HTML(each: own) { file in
            """
            <li><a href="/documents/\(file.id.text)">\(file.name)</a> <span class="hint">\(FormView.size(file.size)) · SHA-256 \(String(file.hash.prefix(12)))…</span> \
            \(Parts.post("/applications/\(id)/files/\(file.id.text)/remove", t("移除", "Remove"), token: visit.csrfToken, .danger, fields: [("section", section)]))</li>
            """
        }
        let input = Fields.input(
            .init(
                field.name, t("选择文件", "Choose a file"),
                hint: t(field.hint) ?? t("PDF、PNG 或 JPEG，最大 50 MB", "PDF, PNG or JPEG, at most 50 MB")),
            type: "file", problem: Fields.problem(field.name, problems, t), t)
        return Parts.card(
            t(field.label),
            """
            \(if: own.isEmpty, "<p>\(t("尚未上传。", "Nothing yet."))</p>", else: "<ul>\(list)</ul>")\
            \(Fields.form("/applications/\(id)/files/\(field.name)", token: visit.csrfToken, isUpload: true, "\(Parts.hidden([("section", section)]))\(input)", buttons: Fields.submit(t("上传", "Upload"), .secondary)))
            """)
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let draft = try await load(visit)
        let form = draft.call.content.wholeForm
        let name = visit.path("section")
        let body = visit.form
        let typed = form.read(section: name, from: { body.all($0) }, over: draft.answers)
        do {
            let saved = try await funding.applications.save(
                draft.application.id, section: name, values: { body.all($0) },
                expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
            guard saved.problems.isEmpty else {
                return try sectionPage(
                    visit, try await load(visit), name, typed, problems: saved.problems, problem: nil)
            }
        } catch let problem as any Problem {
            return try sectionPage(
                visit, try await load(visit), name, typed, problems: problem.fields, problem: problem)
        }
        let names = form.sections.map(\.name)
        let next = names.firstIndex(of: name).map { $0 + 1 } ?? names.count
        if body["stay"] != nil { return .redirect("/applications/\(draft.application.id)/sections/\(name)") }
        // A section with files stays open after its fields are saved, so that the files are not forgotten.
        return next < names.count
            ? .redirect("/applications/\(draft.application.id)/sections/\(names[next])")
            : .redirect("/applications/\(draft.application.id)")
    }

    private func autosave(_ visit: Visit) async throws -> Answer {
        let body = visit.form
        let saved = try await funding.applications.save(
            try visit.id("id"), section: visit.path("section"), values: { body.all($0) },
            expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
        return .json(["revision": saved.revision])
    }

    private func attach(_ visit: Visit) async throws -> Answer {
        let id: ApplicationID = try visit.id("id")
        let field = visit.path("field")
        let section = visit.form["section"] ?? ""
        do {
            guard let file = visit.form.file(field) else { throw DocumentError.empty(field: field) }
            let bytes = try await file.bytes(upTo: DocumentStore.largest)
            _ = try await funding.applications.attach(id, field: field, name: file.name, bytes: bytes, by: visit.actor)
        } catch let problem as DocumentError {
            let draft = try await load(visit)
            let holder = draft.call.content.wholeForm.sections.first { $0.fields.contains { $0.name == field } }
            return try sectionPage(
                visit, draft, holder?.name ?? section, draft.answers, problems: problem.fields, problem: problem)
        }
        return .redirect("/applications/\(id)/sections/\(section)")
    }

    private func detach(_ visit: Visit) async throws -> Answer {
        let id: ApplicationID = try visit.id("id")
        try await funding.applications.detach(try visit.id("document"), from: id, by: visit.actor)
        return .redirect("/applications/\(id)/sections/\(visit.form["section"] ?? "")")
    }

    private func check(_ visit: Visit) async throws -> Answer {
        let draft = try await load(visit)
        let t = visit.say
        let id = draft.application.id.text
        let today = house.today
        let rules = house.city.rules
        let result = try await house.db.read { tx in
            try ApplicationCheck.run(draft.application, rules: rules, on: today, tx)
        }
        let form = draft.call.content.wholeForm
        let blocking = result.blocking
        let action = draft.application.step == "correction" ? "resubmit" : "submit"
        let faults: HTML =
            blocking.isEmpty
            ? .empty
            : Parts.notice(
                .bad, t("提交前须改正 \(blocking.count) 处", "Mend \(blocking.count) things before you submit"),
                "<ul>\(each: blocking, { problem in "<li>\(link(problem, form, id, t)) <span class=\"basis\">\(t(problem.basis) ?? "")</span></li>" })</ul>"
            )
        let warnings: HTML =
            result.warnings.isEmpty
            ? .empty
            : Parts.notice(
                .warning, t("形式审查时将提出", "The formal check will raise"),
                "<ul>\(each: result.warnings, { "<li>\(t($0.message)) <span class=\"basis\">\(t($0.basis))</span></li>" })</ul>"
            )
        let submit: HTML =
            blocking.isEmpty
            ? Parts.post(
                "/cases/\(id)/actions/\(action)",
                action == "submit"
                    ? t("确认并提交单位推荐", "Confirm and submit to the organisation") : t("提交补正", "Send the corrections"),
                token: visit.csrfToken, .primary, fields: [("revision", String(draft.file.revision))])
            : .empty
        let body: HTML = """
            <h1>\(t("核对申请内容", "Check your answers"))</h1>\(faults)\(warnings)\(Parts.card(nil, FormView.read(form, draft.answers, files: draft.files, level: 2, t)))\
            <p>\(t("提交即表示：所填内容真实，并遵守科研诚信要求。", "By submitting you state that what you filled in is true and that you keep to research integrity."))</p>\
            <div class="buttons">\(submit)\(Parts.button(t("返回修改", "Back to change"), to: "/applications/\(id)", .secondary))</div>
            """
        return .page(Page(title: Bilingual("核对并提交", "Check and submit"), trail: crumbs(draft), body: body))
    }

    /// A problem that leads to the field where it can be mended.
    private func link(_ problem: FieldProblem, _ form: Form, _ id: String, _ t: Say) -> HTML {
        let name = problem.field.split(separator: ".").first.map(String.init) ?? ""
        guard let section = form.sections.first(where: { $0.fields.contains { $0.name == name } }) else {
            return HTML(text: t(problem.message))
        }
        return "<a href=\"/applications/\(id)/sections/\(section.name)#f-\(problem.field)\">\(t(problem.message))</a>"
    }
}
