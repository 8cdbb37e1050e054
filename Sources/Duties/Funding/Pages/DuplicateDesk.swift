import Kernel
import Portal
import Review
import Store

/// Pairs of texts that have much in common, for the divisions concerned and Integrity.
struct DuplicateDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("查重", "Near-duplicates")
    private static let size = 50

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.duplicates", .get, "/desk/duplicates", access: officer, summary: DuplicateDesk.title,
                handler: list),
            Route(
                "desk.duplicates.run", .post, "/desk/duplicates", access: officer,
                summary: Bilingual("全部重新比对", "Compare all texts"), handler: run),
            Route(
                "desk.duplicates.show", .get, "/desk/duplicates/{id}", access: officer,
                summary: Bilingual("左右对照", "Side by side"), handler: show),
            Route(
                "desk.duplicates.look", .post, "/desk/duplicates/{id}", access: officer,
                summary: Bilingual("记录处理结果", "Write down what was made of it"), handler: look),
            Route(
                "api.duplicates", .get, "/api/v1/duplicates", access: officer, summary: DuplicateDesk.title,
                api: APIDescription(
                    tag: "reviews", scope: "desk:read", query: APIDescription.Parameter.paging, answer: .listing(.any)),
                handler: listing),
        ]
    }

    /// Officers of a division see pairs that touch it; Integrity, and who acts for all divisions, sees all.
    private static func filter(_ actor: Actor) -> QuestionFilter {
        QuestionFilter(.duplicates, division: Watch.mayRead(actor) ? nil : actor.division)
    }

    private static func question(_ id: ID<Question>, _ actor: Actor, _ tx: Tx) throws -> Question {
        guard let found = try Questions.find(id, tx), found.desk == .duplicates,
            Watch.mayRead(actor) || [found.division, found.otherDivision].contains(actor.division ?? "")
        else { throw ReviewError.unknown }
        return found
    }

    private static func figure(_ name: String, _ question: Question) -> Int64 {
        question.figures[name]?.integer ?? 0
    }

    private static func word(_ name: String, _ question: Question) -> String { question.figures[name]?.string ?? "" }

    private static func columns(_ language: Language) -> [ExportColumn<Question>] {
        [
            ExportColumn(Bilingual("较新", "Newer"), text: { word("newer", $0) }),
            ExportColumn(Bilingual("类别", "Kind"), text: { DuplicateTexts.title(word("newerKind", $0))[language] }),
            ExportColumn(Bilingual("较早", "Older"), text: { word("older", $0) }),
            ExportColumn(Bilingual("类别", "Kind"), text: { DuplicateTexts.title(word("olderKind", $0))[language] }),
            ExportColumn(Bilingual("相似度（‰）", "Similarity (‰)")) { .number(figure("similarity", $0)) },
            ExportColumn(Bilingual("包含度（‰）", "Containment (‰)")) { .number(figure("containment", $0)) },
            ExportColumn(Bilingual("最长连续相同", "Longest passage")) { .number(figure("longest", $0)) },
            ExportColumn(Bilingual("处理", "Disposition"), text: { $0.disposition?.title[language] ?? "" }),
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let filter = QuestionParts.filter(visit, DuplicateDesk.filter(visit.actor))
        let before: ID<Question>? = visit.query("before").map { ID($0) }
        let db = house.db
        let file = try visit.export(DuplicateDesk.title, DuplicateDesk.columns(visit.language)) { last, limit in
            try await db.read { tx in try Questions.list(filter, before: last?.id, limit: limit, tx) }
        }
        if let file { return file }
        let list = try await db.read { tx in
            try Questions.list(filter, before: before, limit: DuplicateDesk.size + 1, tx)
        }
        let rows = list.prefix(DuplicateDesk.size).map { one -> [HTML] in
            [
                "<a href=\"/desk/duplicates/\(one.id.text)\">\(DuplicateDesk.word("newer", one))</a>",
                HTML(text: DuplicateDesk.word("older", one)),
                HTML(
                    text:
                        "\(t(DuplicateTexts.title(DuplicateDesk.word("newerKind", one)))) / \(t(DuplicateTexts.title(DuplicateDesk.word("olderKind", one))))"
                ),
                HTML(text: "\(DuplicateDesk.figure("similarity", one) / 10) %"),
                HTML(text: "\(DuplicateDesk.figure("containment", one) / 10) %"),
                HTML(text: String(DuplicateDesk.figure("longest", one))), QuestionParts.state(one.disposition, t),
            ]
        }
        let next = QuestionParts.next(list, DuplicateDesk.size, "/desk/duplicates", filter)
        let state = Fields.select(
            .init("state", t("状态", "State")), [("open", t("未处理", "Open"))], value: filter.isOpen ? "open" : nil,
            none: t("全部", "All"), t)
        let body: HTML = """
            <h1>\(t(DuplicateDesk.title))</h1><p class="lead">\(t("新提交的申报书与已有的申报书、往年材料和项目报告逐一比对。命中是形式审查的一条意见，不会自动退回；由经办人对照后记录理由。", "Every application that comes in is compared with all applications, other years and project reports. A hit is a finding of the formal check and refuses nothing by itself: the officer compares and says why."))</p>\
            \(Parts.post("/desk/duplicates", t("全部重新比对", "Compare all texts"), token: visit.csrfToken))\
            \(Fields.filters("/desk/duplicates", state, t))\(visit.exports)\(Parts.table(t(DuplicateDesk.title), [
                .init(t("较新", "Newer")), .init(t("较早", "Older")), .init(t("类别", "Kinds")), .init(t("相似度", "Similarity"), numeric: true),
                .init(t("包含度", "Containment"), numeric: true), .init(t("最长连续相同", "Longest passage"), numeric: true), .init(t("处理", "Disposition")),
            ], Array(rows), empty: "<p>\(t("没有相近的材料。", "No texts have much in common."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/desk/duplicates", t))
            """
        return .page(Page(title: DuplicateDesk.title, trail: [CallDesk.crumb], width: .desk, body: body))
    }

    /// A pair as programs read it.
    private struct Shown: Encodable {
        let id: ID<Question>
        let newer: String
        let older: String
        let figures: JSONValue
        let disposition: String?
    }

    private func listing(_ visit: Visit) async throws -> Answer {
        let paging = try visit.paging(values: 1)
        let before = paging.after?.values[0].string.map { ID<Question>($0) }
        let filter = DuplicateDesk.filter(visit.actor)
        let rows = try await house.db.read { tx in
            try Questions.list(filter, before: before, limit: paging.limit + 1, tx)
        }
        return .json(
            Listing(
                rows, paging, cursor: { Cursor([.string($0.id.text)]) },
                item: {
                    Shown(
                        id: $0.id, newer: $0.subject, older: $0.other, figures: $0.figures,
                        disposition: $0.disposition?.rawValue)
                }))
    }

    private func run(_ visit: Visit) async throws -> Answer {
        try Policy.require(visit.actor, .checkApplications)
        try await house.db.write { tx in try Duplicates.wantBatch(tx) }
        return .redirect("/desk/duplicates")
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, []) }

    private func page(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let id: ID<Question> = try visit.id("id")
        let actor = visit.actor
        let (question, looks, texts) = try await house.db.read { tx in
            let question = try DuplicateDesk.question(id, actor, tx)
            let texts = try DuplicateTexts().texts([ID(question.subject), ID(question.other)], tx)
            return (question, try Questions.looks(id, tx), texts)
        }
        let newer = texts.first { $0.caseID.text == question.subject }
        let older = texts.first { $0.caseID.text == question.other }
        let sides = SideBySide(newer?.text ?? "", older?.text ?? "")
        func side(_ text: ComparedText?, _ pieces: [SideBySide.Piece]) -> HTML {
            let body = HTML(each: pieces) { piece -> HTML in
                guard let passage = piece.passage else { return HTML(text: DuplicateDesk.short(piece.text)) }
                return "<mark><sup>\(passage)</sup>\(piece.text)</mark>"
            }
            let head = text.map { "\($0.number) · \(t(DuplicateTexts.title($0.kind)))" } ?? ""
            let link: HTML = text.map { "<p><a href=\"/cases/\($0.caseID.text)\">\(t($0.title))</a></p>" } ?? .empty
            return Parts.card(head, "\(link)<p class=\"compared\">\(body)</p>")
        }
        let facts: [(String, HTML)] = [
            (t("相似度", "Similarity"), HTML(text: "\(DuplicateDesk.figure("similarity", question) / 10) %")),
            (t("包含度", "Containment"), HTML(text: "\(DuplicateDesk.figure("containment", question) / 10) %")),
            (t("最长连续相同", "Longest passage"), HTML(text: String(DuplicateDesk.figure("longest", question)))),
            (t("现在的相似度", "Similarity now"), HTML(text: "\(sides.similarity / 10) %")),
        ]
        let body: HTML = """
            <div class="title-row"><h1>\(t("左右对照", "Side by side"))</h1>\(QuestionParts.state(question.disposition, t))</div>\
            \(Parts.errors(problems, t))\(Parts.card(nil, Parts.facts(facts)))\
            <div class="columns">\(side(newer, sides.left))\(side(older, sides.right))</div>\
            \(QuestionParts.form("/desk/duplicates/\(id.text)", visit, problems))\(QuestionParts.looks(looks, house.city.zone, t))
            """
        return .page(
            Page(
                title: DuplicateDesk.title, trail: [CallDesk.crumb, Crumb(DuplicateDesk.title, "/desk/duplicates")],
                width: .desk, body: body), status: problems.isEmpty ? 200 : 422)
    }

    /// A long stretch that both texts do not share, with its middle left out.
    private static func short(_ text: String) -> String {
        guard text.count > 400 else { return text }
        return "\(text.prefix(160)) …… \(text.suffix(160))"
    }

    private func look(_ visit: Visit) async throws -> Answer {
        let id: ID<Question> = try visit.id("id")
        let (actor, now) = (visit.actor, house.clock.now())
        do {
            let (disposition, reason) = try QuestionParts.disposition(visit)
            try await house.db.write { tx in
                let question = try DuplicateDesk.question(id, actor, tx)
                try Questions.look(question, disposition, reason: reason, by: actor, at: now, tx)
            }
            return .redirect("/desk/duplicates/\(id)")
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await page(visit, problem.fields)
        }
    }
}
