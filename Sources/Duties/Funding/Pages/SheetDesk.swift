import Kernel
import Portal
import Review
import Store

/// Questions about the sheets of a call: empty words, copies, scores against words, late work.
struct SheetDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("评审质量", "Quality of sheets")
    private static let size = 50
    private static let trail = [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")]

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.sheets", .get, "/desk/calls/{id}/sheets", access: officer, summary: SheetDesk.title, handler: list
            ),
            Route(
                "desk.sheets.check", .post, "/desk/calls/{id}/sheets", access: officer,
                summary: Bilingual("检查评审表", "Look over the sheets"), handler: check),
            Route(
                "desk.sheets.show", .get, "/desk/calls/{id}/sheets/{question}", access: officer,
                summary: Bilingual("一份评审表的问题", "A question about a sheet"), handler: show),
            Route(
                "desk.sheets.look", .post, "/desk/calls/{id}/sheets/{question}", access: officer,
                summary: Bilingual("记录处理结果", "Write down what was made of it"), handler: look),
        ]
    }

    private func call(_ visit: Visit, _ tx: Tx) throws -> (call: Call, round: Round?) {
        let id: ID<Call> = try visit.id("id")
        let call = try CallStore.require(id, tx)
        try Policy.require(visit.actor, .runReviews, in: call.division)
        return (call, try RoundStore.find(subject: id.text, tx))
    }

    /// A question with the sheet that it is about.
    private struct Row: Sendable {
        let question: Question
        let sheet: Assignment?
        let number: String
        let expert: String
    }

    private static func rows(
        _ filter: QuestionFilter, before: ID<Question>?, limit: Int, _ tx: Tx
    ) throws -> [Row] {
        let list = try Questions.list(filter, before: before, limit: limit, tx)
        let sheets = try RoundStore.assignments(ids: list.map { ID($0.place) }, tx)
        let experts = try ExpertStore.all(Array(Set(sheets.values.map(\.expert))), tx)
        let applications = try ApplicationStore.all(Array(Set(sheets.values.map(\.item))), tx)
        return list.map { question in
            let sheet = sheets[ID(question.place)]
            return Row(
                question: question, sheet: sheet, number: sheet.flatMap { applications[$0.item]?.number } ?? "",
                expert: sheet.flatMap { experts[$0.expert]?.name } ?? "")
        }
    }

    private static func columns(_ language: Language) -> [ExportColumn<Row>] {
        [
            ExportColumn(
                Bilingual("问题", "Question"), text: { SheetCheck.kind($0.question.kind)?.title[language] ?? "" }),
            ExportColumn(Bilingual("申请", "Application"), text: \.number),
            ExportColumn(Bilingual("专家", "Expert"), text: \.expert),
            ExportColumn(Bilingual("说明", "What"), text: { $0.question.text[language] }),
            ExportColumn(Bilingual("处理", "Disposition"), text: { $0.question.disposition?.title[language] ?? "" }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before: ID<Question>? = visit.query("before").map { ID($0) }
        let db = house.db
        let (call, round) = try await db.read { tx in try self.call(visit, tx) }
        let filter = QuestionParts.filter(visit, QuestionFilter(.sheets, subject: round?.id.text ?? "-"))
        let file = try visit.export(SheetDesk.title, SheetDesk.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try SheetDesk.rows(filter, before: last?.question.id, limit: limit, tx)
            }
        }
        if let file { return file }
        let (list, counts) = try await db.read { tx in
            (
                try SheetDesk.rows(filter, before: before, limit: SheetDesk.size + 1, tx),
                try Questions.counts(QuestionFilter(.sheets, subject: round?.id.text ?? "-"), tx)
            )
        }
        let base = "/desk/calls/\(call.id.text)/sheets"
        let rows = list.prefix(SheetDesk.size).map { row -> [HTML] in
            [
                "<a href=\"\(SafeURL(checking: "\(base)/\(row.question.id.text)") ?? "#")\">\(t(SheetCheck.kind(row.question.kind)?.title ?? SheetDesk.title))</a>",
                HTML(text: row.number), HTML(text: row.expert), HTML(text: t(row.question.text)),
                QuestionParts.state(row.question.disposition, t),
            ]
        }
        let next = QuestionParts.next(list.map(\.question), SheetDesk.size, base, filter)
        let body: HTML = """
            <h1>\(t(call.title))</h1>\(CallDesk.tabs(call, "sheets", visit))\
            <p class="lead">\(t("系统对已提交的评审表提出以下问题。命中不等于有错，由经办人查看并说明。", "The system asks this of sheets that are in. A hit is no fault: the officer looks and says why."))</p>\
            \(if: round != nil, Parts.post(SafeURL(checking: base) ?? "#", t("立即检查", "Look over now"), token: visit.csrfToken))\
            \(QuestionParts.kinds(SheetCheck.kinds, counts, base, t))\
            \(QuestionParts.filters(base, SheetCheck.kinds, filter, t))\(visit.exports)\
            \(Parts.table(t(SheetDesk.title), [
                .init(t("问题", "Question")), .init(t("申请", "Application")), .init(t("专家", "Expert")), .init(t("说明", "What")), .init(t("处理", "Disposition")),
            ], Array(rows), empty: "<p>\(t("没有问题。", "Nothing is asked."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : SafeURL(checking: base), t))
            """
        return .page(Page(title: SheetDesk.title, trail: SheetDesk.trail, width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<Question> = try visit.id("question")
        let (call, round, question, looks, sheets, experts, applications) = try await house.db.read { tx in
            let (call, round) = try self.call(visit, tx)
            guard let round, let question = try Questions.find(id, tx), question.desk == .sheets,
                question.subject == round.id.text
            else { throw ReviewError.unknown }
            let ids = [question.place, question.figures["like"]?.string].compactMap(\.self)
            let found = try RoundStore.assignments(ids: ids.map { ID($0) }, tx)
            let sheets = ids.compactMap { found[ID($0)] }
            return (
                call, round, question, try Questions.looks(id, tx), sheets,
                try ExpertStore.all(sheets.map(\.expert), tx), try ApplicationStore.all(sheets.map(\.item), tx)
            )
        }
        let kind = SheetCheck.kind(question.kind)
        let cards = HTML(each: sheets) { sheet in
            let name = t(experts[sheet.expert]?.introduced) ?? ""
            return Parts.card(
                "\(applications[sheet.item]?.number ?? "") · \(name) · \(ApplicationPanel.points(sheet.total ?? 0))",
                FormView.read(round.sheet.form, sheet.answers, t))
        }
        let base = "/desk/calls/\(call.id.text)/sheets"
        let body: HTML = """
            <div class="title-row"><h1>\(t(kind?.title ?? SheetDesk.title))</h1>\(QuestionParts.state(question.disposition, t))</div>\
            <p class="lead">\(t(kind?.definition ?? SheetDesk.title))</p><p>\(t(question.text))</p>\(Parts.errors(problems, t))\
            <div class="columns">\(cards)</div>\(QuestionParts.form(SafeURL(checking: "\(base)/\(id.text)") ?? "#", visit, problems))\
            \(QuestionParts.looks(looks, house.city.zone, t))
            """
        return .page(
            Page(
                title: SheetDesk.title,
                trail: SheetDesk.trail + [Crumb(SheetDesk.title, base)], width: .desk,
                body: body), status: problems.isEmpty ? 200 : 422)
    }

    private func check(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        try await funding.review.checkSheets(id, by: visit.actor)
        return .redirect("/desk/calls/\(id)/sheets")
    }

    private func look(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            let (disposition, reason) = try QuestionParts.disposition(visit)
            try await funding.review.look(
                try visit.id("question"), in: id, disposition, reason: reason, by: visit.actor)
            return .redirect("/desk/calls/\(id)/sheets/\(visit.path("question"))")
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await page(visit, problem.fields)
        }
    }
}
