public import Kernel
import Store

/// Filling in the form of a case: task list, one page a section, files, check your answers.
public struct DraftPages: Sendable {
    /// What every page of a draft shows; read in a constant number of queries.
    public struct Draft: Sendable {
        public let file: CaseFile
        public let title: Bilingual
        public let form: Form
        public let answers: JSONValue
        public let revision: Int
        public let files: [Document]
        public let findings: [Finding]
        /// What stands above the task list, e.g. until when.
        public let lead: Bilingual
        /// What stands above a section, by its name.
        public let notes: [String: HTML]
        /// The action that hands it in; nil where the room's steps have the usual names.
        public let handingIn: ActionDefinition?

        public init(
            file: CaseFile, title: Bilingual, form: Form, answers: JSONValue, revision: Int, files: [Document],
            findings: [Finding], lead: Bilingual, notes: [String: HTML] = [:],
            handingIn: ActionDefinition? = nil
        ) {
            self.file = file
            self.title = title
            self.form = form
            self.answers = answers
            self.revision = revision
            self.files = files
            self.findings = findings
            self.lead = lead
            self.notes = notes
            self.handingIn = handingIn
        }

        var counts: [String: Int] { Dictionary(files.map { ($0.field, 1) }, uniquingKeysWith: +) }
        var isDraft: Bool { ["draft", "correction"].contains(file.step) }
    }

    /// What the machine says of a draft before it is submitted.
    public struct Check: Sendable {
        /// Keeps it from being submitted.
        public let blocking: [FieldProblem]
        /// Will be raised by those who check it.
        public let warnings: [FindingDraft]

        public init(blocking: [FieldProblem], warnings: [FindingDraft]) {
            self.blocking = blocking
            self.warnings = warnings
        }
    }

    /// How a room words its drafts.
    public struct Words: Sendable {
        let submit: Bilingual
        let warnings: Bilingual
        let declaration: Bilingual

        public init(submit: Bilingual, warnings: Bilingual, declaration: Bilingual) {
            self.submit = submit
            self.warnings = warnings
            self.declaration = declaration
        }
    }

    /// Address of a draft without its identity, e.g. `/applications`.
    let base: SafeURL
    /// Prefix of the routes' names.
    let name: String
    let drafts: Drafts
    let words: Words
    let suggesting: Suggesting?
    let load: @Sendable (ID<CaseFile>, Visit) async throws -> Draft
    let check: @Sendable (ID<CaseFile>, Visit) async throws -> Check

    public init(
        base: SafeURL, name: String, drafts: Drafts, words: Words, suggesting: Suggesting? = nil,
        load: @escaping @Sendable (ID<CaseFile>, Visit) async throws -> Draft,
        check: @escaping @Sendable (ID<CaseFile>, Visit) async throws -> Check
    ) {
        self.base = base
        self.name = name
        self.drafts = drafts
        self.words = words
        self.suggesting = suggesting
        self.load = load
        self.check = check
    }

    public var routes: [Route] {
        [
            Route(
                "\(name).show", .get, "\(base.text)/{id}", access: .signedIn,
                summary: Bilingual("填写", "A form to fill in"), handler: overview),
            Route(
                "\(name).section", .get, "\(base.text)/{id}/sections/{section}", access: .signedIn,
                summary: Bilingual("填写一部分", "Fill in a section"), handler: section),
            Route(
                "\(name).save", .post, "\(base.text)/{id}/sections/{section}", access: .signedIn,
                summary: Bilingual("保存一部分", "Save a section"), handler: save),
            Route(
                "\(name).autosave", .post, "\(base.text)/{id}/sections/{section}/autosave", access: .signedIn,
                summary: Bilingual("自动保存", "Save while typing"), handler: autosave),
            Route(
                "\(name).attach", .post, "\(base.text)/{id}/files/{field}", access: .signedIn,
                summary: Bilingual("上传附件", "Attach a file"), limits: .uploads(files: 1), handler: attach),
            Route(
                "\(name).detach", .post, "\(base.text)/{id}/files/{document}/remove", access: .signedIn,
                summary: Bilingual("移除附件", "Take a file off"), handler: detach),
            Route(
                "\(name).check", .get, "\(base.text)/{id}/check", access: .signedIn,
                summary: Bilingual("核对并提交", "Check and submit"), handler: check),
        ]
    }

    private func draft(_ visit: Visit) async throws -> Draft { try await load(try visit.id("id"), visit) }

    private func crumbs(_ draft: Draft) -> [Crumb] {
        let number = draft.file.number
        return [.work, Crumb(Bilingual(number, number), "\(base)/\(draft.file.id)")]
    }

    private func overview(_ visit: Visit) async throws -> Answer {
        let draft = try await draft(visit)
        let t = visit.say
        let id = draft.file.id.text
        guard draft.isDraft else { return .redirect("/cases/\(id)") }
        var allDone = true
        let tasks = HTML(each: draft.form.sections) { section in
            let isDone = draft.form.isComplete(section, draft.answers, files: draft.counts)
            let isStarted = section.fields.contains { (draft.answers[$0.name] ?? .null) != .null }
            allDone = allDone && isDone
            let badge =
                isDone
                ? Parts.badge(t("已完成", "Done"), .good)
                : isStarted ? Parts.badge(t("填写中", "Started"), .info) : Parts.badge(t("未开始", "To do"))
            return "<li><a href=\"\(base)/\(id)/sections/\(section.name)\">\(t(section.title))</a>\(badge)</li>"
        }
        let open = draft.findings.filter { $0.state == .open }
        let corrections: HTML =
            draft.file.step == "correction"
            ? Parts.notice(
                .warning, t("请按以下意见补正", "Please correct these points"),
                "<ul>\(each: open, { "<li>\(t($0.draft.message)) <span class=\"basis\">\(t($0.draft.basis))</span>\(with: $0.draft.remedy, { "<p>\(t($0))</p>" })</li>" })</ul>"
            )
            : .empty
        let body: HTML = """
            <div class="title-row"><h1>\(t(draft.title))</h1>\(Parts.badge(draft.file.number))</div>\
            <p class="lead">\(t(draft.lead))</p>\(corrections)<ul class="tasks">\(tasks)</ul><div class="buttons">\
            \(Parts.button(t("核对并提交", "Check and submit"), to: "\(base)/\(id)/check", allDone ? .primary : .secondary))\
            \(Parts.button(t("查看办件", "See the case"), to: "/cases/\(id)", .secondary))</div>
            """
        return .page(
            Page(title: Bilingual("填写申请", "Fill in the application"), trail: [.work], body: body))
    }

    private func section(_ visit: Visit) async throws -> Answer {
        let draft = try await draft(visit)
        let name = visit.path("section")
        let started = draft.form.problems(draft.answers, complete: false, section: name)
        return try sectionPage(visit, draft, name, draft.answers, problems: started, problem: nil)
    }

    private func sectionPage(
        _ visit: Visit, _ draft: Draft, _ name: String, _ answers: JSONValue, problems: [FieldProblem],
        problem: (any Problem)?, suggested: [Suggesting.Suggestion]? = nil
    ) throws -> Answer {
        let t = visit.say
        let id = draft.file.id.text
        guard let section = draft.form.sections.first(where: { $0.name == name }) else {
            throw RequestProblem.nothingHere
        }
        let url: SafeURL = "\(base)/\(id)/sections/\(section.name)"
        let uploads = HTML(each: section.fields.filter { $0.kind == .files }) { field in
            self.upload(field, in: name, draft, id, visit, problems, t)
        }
        let revision = suggested == nil ? String(draft.revision) : visit.form["revision"] ?? ""
        let suggestions: HTML =
            section.fields.contains { $0.name == suggesting?.field }
            ? suggesting?.buttons(suggested, t) ?? .empty : .empty
        let trouble: HTML = problem.map { Parts.notice(.bad, t($0.message)) } ?? .empty
        let plain = Parts.card(
            nil,
            Fields.form(
                url, token: visit.csrfToken, autosave: "\(base)/\(id)/sections/\(section.name)/autosave",
                "\(Parts.hidden([("revision", revision)]))\(FormView.edit(section, answers, problems, t))",
                buttons:
                    "\(Fields.submit(t("保存并继续", "Save and go on")))\(Fields.submit(t("保存", "Save"), .secondary, name: "stay", value: "yes"))\(suggestions)"
            ))
        let body: HTML = """
            <h1>\(t(section.title))</h1>\(with: section.hint, { "<p class=\"lead\">\(t($0))</p>" })\(trouble)\(Parts.errors(problems, t))\
            \(draft.notes[name] ?? .empty)\(plain)\(uploads)
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
            \(Parts.post("\(base)/\(id)/files/\(file.id.text)/remove", t("移除", "Remove"), token: visit.csrfToken, .danger, fields: [("section", section)]))</li>
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
            \(Fields.form("\(base)/\(id)/files/\(field.name)", token: visit.csrfToken, isUpload: true, "\(Parts.hidden([("section", section)]))\(input)", buttons: Fields.submit(t("上传", "Upload"), .secondary)))
            """)
    }
}

extension DraftPages {
    private func save(_ visit: Visit) async throws -> Answer {
        let draft = try await draft(visit)
        let name = visit.path("section")
        let body = visit.form
        let chosen = suggesting.flatMap { suggesting in body["suggested"].map { (suggesting.field, $0) } }
        let values = { @Sendable (field: String) in field == chosen?.0 ? [chosen?.1 ?? ""] : body.all(field) }
        let typed = draft.form.read(section: name, from: values, over: draft.answers)
        if let suggesting, body["suggest"] != nil {
            return try sectionPage(
                visit, draft, name, typed, problems: [], problem: nil, suggested: try await suggesting.suggest(typed))
        }
        do {
            let saved = try await drafts.save(
                draft.file.id, section: name, values: values,
                expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
            guard saved.problems.isEmpty else {
                return try sectionPage(
                    visit, try await self.draft(visit), name, typed, problems: saved.problems, problem: nil)
            }
        } catch let problem as any Problem {
            return try sectionPage(
                visit, try await self.draft(visit), name, typed, problems: problem.fields, problem: problem)
        }
        let names = draft.form.sections.map(\.name)
        let next = names.firstIndex(of: name).map { $0 + 1 } ?? names.count
        if body["stay"] != nil || chosen != nil { return .redirect("\(base.text)/\(draft.file.id)/sections/\(name)") }
        return next < names.count
            ? .redirect("\(base.text)/\(draft.file.id)/sections/\(names[next])")
            : .redirect("\(base.text)/\(draft.file.id)")
    }

    private func autosave(_ visit: Visit) async throws -> Answer {
        let body = visit.form
        let saved = try await drafts.save(
            try visit.id("id"), section: visit.path("section"), values: { body.all($0) },
            expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
        return .json(["revision": saved.revision])
    }

    private func attach(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let field = visit.path("field")
        let section = visit.form["section"] ?? ""
        do {
            guard let file = visit.form.file(field) else { throw DocumentError.empty(field: field) }
            let bytes = try await file.bytes(upTo: DocumentStore.largest)
            _ = try await drafts.attach(id, field: field, name: file.name, bytes: bytes, by: visit.actor)
        } catch let problem as any Problem where !problem.fields.isEmpty {
            let draft = try await draft(visit)
            let holder = draft.form.sections.first { $0.fields.contains { $0.name == field } }
            return try sectionPage(
                visit, draft, holder?.name ?? section, draft.answers, problems: problem.fields, problem: problem)
        }
        return .redirect("\(base.text)/\(id)/sections/\(section)")
    }

    private func detach(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        try await drafts.detach(try visit.id("document"), from: id, by: visit.actor)
        return .redirect("\(base.text)/\(id)/sections/\(visit.form["section"] ?? "")")
    }

    private func check(_ visit: Visit) async throws -> Answer {
        let draft = try await draft(visit)
        let t = visit.say
        let id = draft.file.id.text
        let result = try await check(draft.file.id, visit)
        let blocking = result.blocking
        let action = draft.handingIn?.id ?? (draft.file.step == "correction" ? "resubmit" : "submit")
        let faults: HTML =
            blocking.isEmpty
            ? .empty
            : Parts.notice(
                .bad, t("提交前须改正 \(blocking.count) 处", "Mend \(counted(blocking.count, "thing")) before you submit"),
                "<ul>\(each: blocking, { problem in "<li>\(link(problem.field, problem.message, draft.form, id, t)) <span class=\"basis\">\(t(problem.basis) ?? "")</span></li>" })</ul>"
            )
        let warnings: HTML =
            result.warnings.isEmpty
            ? .empty
            : Parts.notice(
                .warning, t(words.warnings),
                "<ul>\(each: result.warnings, { "<li>\(link($0.field, $0.message, draft.form, id, t)) <span class=\"basis\">\(t($0.basis))</span>\(with: $0.remedy, { "<p>\(t($0))</p>" })</li>" })</ul>"
            )
        let title =
            draft.handingIn?.title ?? (action == "submit" ? words.submit : Bilingual("提交补正", "Send the corrections"))
        // What the action asks for is asked on the page of the case.
        let submit: HTML =
            !blocking.isEmpty || !draft.isDraft
            ? .empty
            : draft.handingIn?.asks.isEmpty == false
                ? Parts.button(t(title), to: "/cases/\(id)", .primary)
                : Parts.post(
                    "/cases/\(id)/actions/\(action)", t(title), token: visit.csrfToken, .primary,
                    fields: [("revision", String(draft.file.revision))])
        let body: HTML = """
            <h1>\(t("核对申请内容", "Check your answers"))</h1>\(faults)\(warnings)\(Parts.card(nil, FormView.read(draft.form, draft.answers, files: draft.files, level: 2, t)))\
            <p>\(t(words.declaration))</p>\
            <div class="buttons">\(submit)\(Parts.button(t("返回修改", "Back to change"), to: "\(base)/\(id)", .secondary))</div>
            """
        return .page(Page(title: Bilingual("核对并提交", "Check and submit"), trail: crumbs(draft), body: body))
    }

    /// A problem that leads to the field where it can be mended.
    private func link(_ field: String, _ message: Bilingual, _ form: Form, _ id: String, _ t: Say) -> HTML {
        let name = field.split(separator: ".").first.map(String.init) ?? ""
        guard let section = form.sections.first(where: { $0.fields.contains { $0.name == name } }) else {
            return HTML(text: t(message))
        }
        return "<a href=\"\(base)/\(id)/sections/\(section.name)#f-\(field)\">\(t(message))</a>"
    }
}
