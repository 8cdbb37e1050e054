import Kernel
import Portal
import Review
import Store

/// What the case page shows of a case whose procedure is data: the form as filled in, what was asked on the way, what
/// rooms worked out, and the cases that hang on it.
struct AnswersPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let definition = try house.procedures.definition(of: file)
        guard definition.filing != nil, let form = definition.form else { return .empty }
        let isOwn = actor.account != nil && actor.account == file.applicant
        let kept = try CaseStore.answers(file.id, tx).content
        let words = Withheld.words(in: t.language)
        let answers =
            isOwn ? kept.readable(by: house.vault, or: words) : kept.readable(form, by: house.vault, or: words)
        let mayOpen = house.procedures.maySeeFiles(actor, file)
        let files = mayOpen ? try DocumentStore.list(of: file.id, tx) : []
        let own = try CaseValues.own(of: file.id, tx)
        let entries = try RegisterStore.entries(of: file.id, tx)
        let edit: HTML =
            (try? Filings.editable(file.id, actor, house.procedures, tx)) == nil
            ? .empty
            : "<p>\(Parts.button(t("填写内容", "Fill in the form"), to: "/drafts/\(file.id.text)", .secondary))</p>"
        return """
            \(edit)\(Parts.card(t("办件内容", "Content"), "\(FormView.read(form, answers, files: files, t))\(if: !isOwn, sealed(file, form, kept, actor, t, token))"))\
            \(try asked(file, definition, t, tx))\(values(own, definition, actor, t))\
            \(if: !entries.isEmpty, Parts.card(t("名册", "Registers"), "<ul>\(each: entries, { "<li>\(entry($0.register, $0.number, actor)) \($0.name)</li>" })</ul>"))\
            \(try relatives(file, actor, t, tx))
            """
    }

    /// A form behind which those who handle the case see sealed answers, with a reason that is written down.
    private func sealed(
        _ file: CaseFile, _ form: Form, _ answers: JSONValue, _ actor: Actor, _ t: Say, _ token: String
    ) -> HTML {
        let hidden = form.fields.contains { $0.personal == true && answers[$0.name]?.isSealed == true }
        guard hidden, Policy.handles(actor, file) else { return .empty }
        return """
            <details><summary>\(t("查看加密内容", "See what is sealed"))</summary>\(RevealPage.form(file.id, "", [], token, t))</details>
            """
    }

    private func asked(_ file: CaseFile, _ definition: ProcedureDefinition, _ t: Say, _ tx: Tx) throws -> HTML {
        let actions = Dictionary(
            definition.steps.flatMap(\.actions).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let parts = try CaseValues.asked(of: file.id, tx).compactMap { item -> HTML? in
            guard let action = actions[item.action], !action.asks.isEmpty else { return nil }
            let form = Form(sections: [FormSection(name: action.id, title: action.done, fields: action.asks)])
            return FormView.read(form, item.answers, t)
        }
        guard !parts.isEmpty else { return .empty }
        return Parts.card(t("办理意见", "What was said on the way"), HTML.join(parts))
    }

    /// Values that have a name a person understands: an issued number, and shown fields that are not in the form.
    private func values(
        _ own: [String: JSONValue], _ definition: ProcedureDefinition, _ actor: Actor, _ t: Say
    ) -> HTML {
        var rows: [(String, HTML)] = []
        if let number = own[RegisterHooks.numberField]?.string {
            rows.append((t("文号", "Number issued"), HTML(text: number)))
        }
        if let number = own[RegisterHooks.entryField]?.string {
            let shown = definition.filing?.about.map { entry($0, number, actor) } ?? HTML(text: number)
            rows.append((t("名册编号", "Number in the register"), shown))
        }
        if let score = own[PanelHooks.scoreField]?.string {
            rows.append((t("专家平均分", "Mean of the experts"), HTML(text: score)))
        }
        return rows.isEmpty ? .empty : Parts.card(nil, Parts.facts(rows))
    }

    /// An entry's number, as a link for those who may see the register.
    private func entry(_ register: String, _ number: String, _ actor: Actor) -> HTML {
        let isOpen = (try? house.registers.require(register).isPublic) ?? false
        guard isOpen || RoomPages.staff.allows(actor) else { return HTML(text: number) }
        return "<a href=\"/registers/\(register)/\(number)\">\(number)</a>"
    }

    private func relatives(_ file: CaseFile, _ actor: Actor, _ t: Say, _ tx: Tx) throws -> HTML {
        let parent = try file.parent.flatMap { try CaseStore.find($0, tx) }
        let related = ([parent].compactMap(\.self) + (try CaseStore.children(of: file.id, tx))).filter {
            house.procedures.maySee(actor, $0)
        }
        guard !related.isEmpty else { return .empty }
        let items = HTML(each: related) { other in
            let step = (try? house.procedures.step(of: other))?.title
            return
                "<li><a href=\"/cases/\(other.id.text)\">\(other.number)</a> \(t(other.title)) \(Parts.badge(t(step) ?? other.step))</li>"
        }
        return Parts.card(t("相关办件", "Related cases"), "<ul>\(items)</ul>")
    }
}

/// Shows the sealed answers of a case to those who handle it, and writes down who looked, and why.
struct RevealPage: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "cases.reveal", .post, "/cases/{id}/reveal", access: .roles([.officer]),
                summary: Bilingual("查看加密内容", "See what is sealed"), handler: reveal)
        ]
    }

    private func reveal(_ visit: Visit) async throws -> Answer {
        let id: ID<CaseFile> = try visit.id("id")
        let reason = visit.form["reason"] ?? ""
        if let problem = Words.problem(reason, "reason", Self.reason) {
            let again = Self.form(id, reason, [problem], visit.csrfToken, visit.say)
            return page(id, again, status: ProblemKind.invalid.status)
        }
        let (actor, now, vault, procedures, t) = (
            visit.actor, house.clock.now(), house.vault, house.procedures, visit.say
        )
        let (file, shown) = try await house.db.write { tx -> (CaseFile, HTML) in
            let file = try CaseStore.require(id, tx)
            guard procedures.maySee(actor, file), let form = try procedures.definition(of: file).form else {
                throw ProcedureError.unknownCase
            }
            guard Policy.handles(actor, file) else { throw ProcedureError.notYours }
            let answers = try CaseStore.answers(id, tx).content.readable(by: vault, or: .words(in: t.language))
            let fields = form.fields.filter { $0.personal == true && $0.kind != .files }
            try Record.append(
                Event(
                    room: "procedures", kind: "personal.shown", subjectKind: "case", subject: id.text, caseID: id,
                    actor: actor, at: now,
                    content: ["reason": .string(reason), "fields": .array(fields.map { .string($0.name) })]), tx)
            let section = FormSection(name: "sealed", title: Bilingual("加密内容", "Sealed content"), fields: fields)
            return (file, FormView.read(Form(sections: [section]), answers, t))
        }
        let body: HTML = """
            <h1>\(file.number)</h1>\(Parts.card(nil, shown))<p>\(t("本次查看已记录。", "This look was written down."))</p>
            """
        return page(id, body)
    }

    private func page(_ id: ID<CaseFile>, _ body: HTML, status: Int = 200) -> Answer {
        .page(
            Page(
                title: Bilingual("加密内容", "Sealed content"), trail: [Crumb(Bilingual("办件", "Case"), "/cases/\(id)")],
                body: body), status: status)
    }

    private static let reason = Bilingual("查看加密内容的理由", "Why you need to see what is sealed")

    /// The form that asks for the reason.
    static func form(
        _ id: ID<CaseFile>, _ typed: String, _ problems: [FieldProblem], _ token: String, _ t: Say
    ) -> HTML {
        let field = Fields.input(
            .init("reason", t(reason)), value: typed, problem: Fields.problem("reason", problems, t), t)
        return Fields.form(
            "/cases/\(id.text)/reveal", token: token, field,
            buttons: Fields.submit(t("查看并记录", "See it, and note that I did"), .secondary))
    }
}
