import Kernel
import Portal
import Review
import Store

/// Disciplines suggested for applications: to the applicant while filling in, to the officer beside the case.
struct DisciplineDesk: Sendable {
    private let house: House
    private let guide: DisciplineGuide

    init(_ house: House) {
        self.house = house
        guide = DisciplineGuide(Disciplines.options) { limit, tx in
            try tx.rows(
                """
                SELECT field, title_zh, title_en FROM project WHERE field <> '' ORDER BY number DESC LIMIT \(limit)
                """
            ) { DisciplineGuide.Example(try $0["field"], texts: [try $0["title_zh"], try $0["title_en"]]) }
        }
    }

    /// The steps at which an officer may still name the discipline; and no plan of the review is fixed.
    private static let steps: Set = ["formal-check", "correction", "review"]

    var routes: [Route] {
        [
            Route(
                "desk.applications.discipline", .post, "/desk/applications/{id}/discipline", access: .roles([.officer]),
                summary: Bilingual("确定申请的学科", "Name the discipline of an application"), handler: name),
            Route(
                "api.applications.disciplines", .get, "/api/v1/applications/{id}/disciplines", access: .signedIn,
                summary: Bilingual("推荐的学科", "Suggested disciplines"),
                api: APIDescription(tag: "applications", scope: "applications:read", answer: .any), handler: list),
        ]
    }

    /// What the form of an application asks.
    var suggesting: DraftPages.Suggesting {
        DraftPages.Suggesting(
            "discipline", ask: Bilingual("推荐学科", "Suggest a discipline"),
            none: Bilingual(
                "没有找到相近的学科。请补充题目、关键词或摘要后再试，或直接选择。",
                "Nothing close was found. Add to the title, keywords or abstract and ask again, or choose one yourself."
            )
        ) { typed in
            try await house.db.read { tx in
                try suggestions(typed, tx).map {
                    .init($0.code, Disciplines.name($0.code), because: $0.terms)
                }
            }
        }
    }

    private func suggestions(_ answers: JSONValue, _ tx: Tx) throws -> [SuggestedDiscipline] {
        let texts = ["title-zh", "title-en", "abstract"].compactMap { answers[$0]?.string }
        let keywords = Keywords.list(answers["keywords"]?.string ?? "")
        return try guide.suggestions(keywords: keywords, texts: texts, on: house.today, tx)
    }

    /// What the officer sees beside an application of a call that is open to every discipline.
    func panel(
        _ application: Application, _ call: Call, _ file: CaseFile, _ answers: JSONValue, _ actor: Actor,
        _ token: String, _ t: Say, _ tx: Tx
    ) throws -> HTML {
        guard Policy.handles(actor, file), call.content.field.isEmpty, Self.steps.contains(file.step),
            try RoundStore.find(subject: call.id.text, tx) == nil
        else { return .empty }
        let found = try suggestions(answers, tx)
        let items = HTML(each: found) { one in
            """
            <li>\(Parts.post("/desk/applications/\(file.id.text)/discipline", t("采用：", "Take: ") + "\(one.code) \(t(Disciplines.name(one.code)))", token: token, .secondary, fields: [("discipline", one.code)])) \
            <span class="hint">\(t("依据：", "Because of: "))\(one.terms.joined(separator: t("、", ", ")))</span></li>
            """
        }
        let options = Disciplines.options.map { (value: $0.value, title: t($0.label)) }
        let form = Fields.form(
            "/desk/applications/\(file.id.text)/discipline", token: token,
            Fields.select(
                .init("discipline", t("学科（GB/T 13745）", "Discipline (GB/T 13745)"), required: false), options,
                value: application.field, none: t("不限", "Any"), t),
            buttons: Fields.submit(t("确定学科", "Name the discipline"), .secondary))
        return Parts.card(
            t("学科", "Discipline"),
            """
            <p>\(t("专家按学科抽取。推荐来自题目、关键词和摘要，与学科名称、专家领域和已立项题目比较。", "Experts are drawn by it. Suggestions come from title, keywords and abstract, compared with the names of disciplines, the fields of experts and the titles of awards."))</p>\
            \(if: found.isEmpty, "<p>\(t("没有找到相近的学科。", "Nothing close was found."))</p>", else: "<ul>\(items)</ul>")\(form)
            """)
    }

    private func name(_ visit: Visit) async throws -> Answer {
        let id: ApplicationID = try visit.id("id")
        try await name(id, visit.form["discipline"] ?? "", by: visit.actor)
        return .redirect("/cases/\(id)")
    }

    /// Names the discipline by which experts are drawn; empty for any.
    /// - Throws: ``ApplicationError/unknown``, ``ApplicationError/noSuchDiscipline``, and
    ///   ``ApplicationError/disciplineFixed`` where the call or a fixed plan has settled it.
    func name(_ id: ApplicationID, _ code: String, by actor: Actor) async throws {
        try Policy.require(actor, .checkApplications)
        let now = house.clock.now()
        try await house.db.write { tx in
            let file = try CaseStore.require(id, tx)
            var application = try ApplicationStore.require(id, tx)
            let call = try CallStore.require(application.call, tx)
            guard Policy.handles(actor, file) else { throw ApplicationError.unknown }
            guard code.isEmpty || Disciplines.isKnown(code) else { throw ApplicationError.noSuchDiscipline }
            guard call.content.field.isEmpty, Self.steps.contains(file.step),
                try RoundStore.find(subject: call.id.text, tx) == nil
            else { throw ApplicationError.disciplineFixed }
            let before = application.field
            guard before != code else { return }
            application.field = code
            try ApplicationStore.save(application, tx)
            try Record.append(
                Event(
                    room: "funding", kind: "application.discipline-named", subjectKind: "case", subject: id.text,
                    caseID: id, actor: actor, at: now, content: ["from": .string(before), "to": .string(code)]), tx)
        }
    }

    private struct Line: Encodable {
        let code: String
        let name: Bilingual
        let millionths: Int
        let terms: [String]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let id: ApplicationID = try visit.id("id")
        let actor = visit.actor
        let lines = try await house.db.read { tx in
            guard let file = try CaseStore.find(id, tx), Policy.maySee(actor, file) else {
                throw ApplicationError.unknown
            }
            return try suggestions(try CaseStore.answers(id, tx).content, tx).map {
                Line(code: $0.code, name: Disciplines.name($0.code), millionths: $0.millionths, terms: $0.terms)
            }
        }
        return .json(Listing(items: lines, next: nil))
    }
}
