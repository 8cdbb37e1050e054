import Kernel
import Portal
import Review
import Store

/// Opinions before their applicants read them: what tells who wrote them is found, and mended by the officer.
struct FeedbackDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("意见反馈", "Feedback to applicants")
    private static let size = 25

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.feedback", .get, "/desk/calls/{id}/feedback", access: officer, summary: FeedbackDesk.title,
                handler: list),
            Route(
                "desk.feedback.mend", .post, "/desk/calls/{id}/feedback/{assignment}", access: officer,
                summary: Bilingual("修改反馈文字", "Mend what the applicant reads"), handler: mend),
        ]
    }

    private struct Model: Sendable {
        let call: Call
        let round: Round?
        let list: [Feedback]
        let applications: [ApplicationID: Application]
    }

    private func load(_ visit: Visit, after: (String, String)?, limit: Int) async throws -> Model {
        let id: ID<Call> = try visit.id("id")
        let actor = visit.actor
        return try await house.db.read { tx in
            let call = try CallStore.require(id, tx)
            try Policy.require(actor, .runReviews, in: call.division)
            guard let round = try RoundStore.find(subject: id.text, tx) else {
                return Model(call: call, round: nil, list: [], applications: [:])
            }
            let list = try FeedbackStore.list(round, after: after, limit: limit, tx)
            return Model(
                call: call, round: round, list: list,
                applications: try ApplicationStore.all(Array(Set(list.map(\.assignment.item))), tx))
        }
    }

    private func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil, nil) }

    private static let columns: [ExportColumn<(feedback: Feedback, number: String, text: String)>] = [
        ExportColumn(Bilingual("申请", "Application"), text: \.number),
        ExportColumn(Bilingual("状态", "State"), text: { $0.feedback.isReleased ? "可反馈 released" : "待修改 held" }),
        ExportColumn(Bilingual("修改过", "Mended"), text: { $0.feedback.isMended ? "是 yes" : "" }),
        ExportColumn(Bilingual("发现", "Found"), text: { words($0.feedback, .chinese) }),
        ExportColumn(Bilingual("意见", "Opinion"), text: \.text),
    ]

    private static func words(_ feedback: Feedback, _ language: Language) -> String {
        feedback.findings.sorted { $0.key < $1.key }.flatMap(\.value).map {
            "\($0.kind.title[language]): \($0.text)"
        }.joined(separator: "; ")
    }

    private func page(
        _ visit: Visit, _ wrong: ID<Assignment>?, _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (String, String)? in
            guard let item = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (item, id)
        }
        // Before a file begins, so that whoever may not see it is refused and gets no torn one.
        let model = try await load(visit, after: place, limit: FeedbackDesk.size + 1)
        let file = try visit.export(FeedbackDesk.title, FeedbackDesk.columns) { last, limit in
            let after = last.map { ($0.feedback.assignment.item.text, $0.feedback.assignment.id.text) }
            let model = try await self.load(visit, after: after, limit: limit)
            return model.list.map { one in
                (
                    feedback: one, number: model.applications[one.assignment.item]?.number ?? "",
                    text: one.answers["comment"]?.string ?? ""
                )
            }
        }
        if let file { return file }
        let base = "/desk/calls/\(model.call.id.text)/feedback"
        let shown = model.list.prefix(FeedbackDesk.size)
        let next =
            model.list.count > FeedbackDesk.size
            ? shown.last.flatMap {
                SafeURL(
                    checking:
                        "\(base)?after=\(Cursor([.string($0.assignment.item.text), .string($0.assignment.id.text)]).text)"
                )
            } : nil
        let cards = HTML(each: shown) { one in
            card(one, model, visit, wrong == one.assignment.id ? problem?.fields ?? [] : [])
        }
        let empty: HTML = "<p>\(t("还没有提交的评审意见。", "No opinions are in yet."))</p>"
        let body: HTML = """
            <h1>\(t(model.call.title))</h1>\(CallDesk.tabs(model.call, "feedback", visit))\
            <p class="lead">\(t("决定之后，申请人可以看到不含专家身份的意见。含有姓名、单位、电话、邮箱的意见先不显示，由经办人修改文字后反馈；评审表本身不变，分数和总体意见不能修改。", "After the decision applicants read opinions that tell nobody's name. Those that hold a name, an employer, a telephone number or an e-mail address are held back until the officer has mended the words; the sheet itself stays, and so do scores and verdict."))</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            \(if: !shown.isEmpty, visit.exports)\(if: shown.isEmpty, empty)\(cards)\
            \(Parts.pager(next: next, first: place == nil ? nil : SafeURL(checking: base), t))
            """
        return .page(
            Page(
                title: FeedbackDesk.title,
                trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func card(_ one: Feedback, _ model: Model, _ visit: Visit, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        guard let round = model.round else { return .empty }
        let number = model.applications[one.assignment.item]?.number ?? ""
        let state: HTML =
            one.isReleased
            ? Parts.badge(one.isMended ? t("已修改，可反馈", "Mended, can be read") : t("可反馈", "Can be read"), .good)
            : Parts.badge(t("含身份信息，未反馈", "Held back"), .bad)
        let texts = round.sheet.form.fields.filter { one.answers[$0.name]?.string != nil && $0.kind == .longText }
        guard !one.isReleased || !problems.isEmpty else {
            let read = HTML(each: texts) { Parts.paragraphs(one.answers[$0.name]?.string ?? "") }
            return Parts.card(number, "<p>\(state)</p>\(read)")
        }
        let found = HTML(each: one.findings.sorted { $0.key < $1.key }.flatMap(\.value)) { match in
            "<li>\(t(match.kind.title))\(t.colon)<mark>\(match.text)</mark></li>"
        }
        let fields = HTML(each: texts) { field in
            Fields.textarea(
                .init(field.name, t(field.label)),
                value: (problems.isEmpty ? nil : visit.form[field.name]) ?? one.answers[field.name]?.string ?? "",
                rows: 4,
                most: FeedbackStore.longest, problem: Fields.problem(field.name, problems, t), t)
        }
        let address = SafeURL(checking: "/desk/calls/\(model.call.id.text)/feedback/\(one.assignment.id.text)") ?? "#"
        return Parts.card(
            number,
            "<p>\(state)</p><ul>\(found)</ul>\(Fields.form(address, token: visit.csrfToken, fields, buttons: Fields.submit(t("保存修改后的文字", "Save the mended words"))))"
        )
    }

    private func mend(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let assignment: ID<Assignment> = try visit.id("assignment")
        let body = visit.form
        do {
            try await funding.review.mend(assignment, in: id, values: { body[$0] }, by: visit.actor)
            return .redirect("/desk/calls/\(id)/feedback")
        } catch let problem as ReviewError where problem.kind == .invalid {
            return try await page(visit, assignment, problem)
        }
    }
}
