import Kernel
import Portal
import Review
import Store

/// What is asked of those who judge, for Integrity alone.
struct WatchDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("评审监督", "Watching the judges")
    private static let size = 50

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route("desk.watch", .get, "/desk/watch", access: officer, summary: WatchDesk.title, handler: list),
            Route(
                "desk.watch.run", .post, "/desk/watch", access: officer,
                summary: Bilingual("立即核查", "Ask now"), handler: run),
            Route(
                "desk.watch.show", .get, "/desk/watch/{id}", access: officer,
                summary: Bilingual("一个问题", "A question"), handler: show),
            Route(
                "desk.watch.look", .post, "/desk/watch/{id}", access: officer,
                summary: Bilingual("记录处理结果", "Write down what was made of it"), handler: look),
        ]
    }

    private static func kind(_ id: String) -> SheetCheck.Kind? { Watch.kinds.first { $0.id == id } }

    private static func columns(_ language: Language) -> [ExportColumn<Question>] {
        [
            ExportColumn(Bilingual("问题", "Question"), text: { kind($0.kind)?.title[language] ?? "" }),
            ExportColumn(Bilingual("说明", "What"), text: { $0.text[language] }),
            ExportColumn(Bilingual("处理", "Disposition"), text: { $0.disposition?.title[language] ?? "" }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        try Watch.require(visit.actor)
        let t = visit.say
        let filter = QuestionParts.filter(visit, QuestionFilter(.watch))
        let before: ID<Question>? = visit.query("before").map { ID($0) }
        let db = house.db
        let file = try visit.export(WatchDesk.title, WatchDesk.columns(visit.language)) { last, limit in
            try await db.read { tx in try Questions.list(filter, before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let (list, counts) = try await db.read { tx in
            (
                try Questions.list(filter, before: before, limit: WatchDesk.size + 1, tx),
                try Questions.counts(QuestionFilter(.watch), tx)
            )
        }
        let rows = list.prefix(WatchDesk.size).map { one -> [HTML] in
            [
                "<a href=\"/desk/watch/\(one.id.text)\">\(t(WatchDesk.kind(one.kind)?.title ?? WatchDesk.title))</a>",
                HTML(text: t(one.text)), QuestionParts.state(one.disposition, t),
            ]
        }
        let next = QuestionParts.next(list, WatchDesk.size, "/desk/watch", filter)
        let body: HTML = """
            <h1>\(t(WatchDesk.title))</h1><p class="lead">\(t("对最近三年已结束的各轮评审提出同样的问题。命中只是问题，不是结论，也不影响专家的资格；由本处核查并说明理由。", "The same questions to all rounds of the last three years that are over. A hit is a question and no verdict, and touches nobody's place in the pool: this division looks and gives reasons."))</p>\
            \(Parts.post("/desk/watch", t("立即核查", "Ask now"), token: visit.csrfToken))\
            \(QuestionParts.kinds(Watch.kinds, counts, "/desk/watch", t))\(QuestionParts.filters("/desk/watch", Watch.kinds, filter, t))\(visit.exports)\
            \(Parts.table(t(WatchDesk.title), [
                .init(t("问题", "Question")), .init(t("说明", "What")), .init(t("处理", "Disposition")),
            ], Array(rows), empty: "<p>\(t("没有问题。", "Nothing is asked."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/watch", t))
            """
        return .page(Page(title: WatchDesk.title, trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        try Watch.require(visit.actor)
        let t = visit.say
        let id: ID<Question> = try visit.id("id")
        let (question, looks, experts) = try await house.db.read { tx in
            guard let question = try Questions.find(id, tx), question.desk == .watch else { throw ReviewError.unknown }
            let ids = question.figures["experts"]?.array?.compactMap { $0.string.map { ID<Expert>($0) } } ?? []
            return (question, try Questions.looks(id, tx), try ExpertStore.all(ids, tx))
        }
        let kind = WatchDesk.kind(question.kind)
        let people = experts.values.sorted { $0.id.text < $1.id.text }.map { expert -> [HTML] in
            [HTML(text: t(expert.called)), HTML(text: t(written: expert.title)), HTML(text: t(expert.employer))]
        }
        let columns: [Parts.Column] = [
            .init(t("姓名", "Name")), .init(t("职称", "Title")), .init(t("单位", "Employer")),
        ]
        let told: HTML =
            "<p>\(t(question.text))</p>\(Parts.table(t("专家", "Experts"), columns, people, empty: .empty))"
        let body: HTML = """
            <div class="title-row"><h1>\(t(kind?.title ?? WatchDesk.title))</h1>\(QuestionParts.state(question.disposition, t))</div>\
            <p class="lead">\(t(kind?.definition ?? WatchDesk.title))</p>\(Parts.errors(problems, t))\
            \(Parts.card(nil, told))\
            \(QuestionParts.form("/desk/watch/\(id.text)", visit, problems))\(QuestionParts.looks(looks, house.city.zone, t))
            """
        return .page(
            Page(
                title: WatchDesk.title, trail: [CallDesk.crumb, Crumb(WatchDesk.title, "/desk/watch")], body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func run(_ visit: Visit) async throws -> Answer {
        try Watch.require(visit.actor)
        try await funding.watch.run()
        return .redirect("/desk/watch")
    }

    private func look(_ visit: Visit) async throws -> Answer {
        do {
            let (disposition, reason) = try QuestionParts.disposition(visit)
            try await funding.watch.look(try visit.id("id"), disposition, reason: reason, by: visit.actor)
            return .redirect("/desk/watch/\(visit.path("id"))")
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await page(visit, problem.fields)
        }
    }
}
