import Kernel
import Portal
import Store

/// Consultations for everybody: the draft by clause, comments, and the board of answers.
struct ConsultationPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "consultations.list", .get, "/consultations", access: .everyone,
                summary: Bilingual("征求意见", "Consultations"), handler: list),
            Route(
                "consultations.show", .get, "/consultations/{number}", access: .everyone,
                summary: Bilingual("一次征求意见", "A consultation"), handler: show),
            Route(
                "consultations.compare", .get, "/consultations/{number}/compare", access: .everyone,
                summary: Bilingual("公开文本的比较", "Comparison of published texts"), handler: compare),
            Route(
                "consultations.write", .get, "/consultations/{number}/comment", access: .session,
                summary: Bilingual("提意见", "Write a comment"), handler: write),
            Route(
                "consultations.comment", .post, "/consultations/{number}/comment", access: .session,
                summary: Bilingual("提交意见", "Send a comment"), handler: comment),
        ]
    }

    static let crumb = Crumb(Bilingual("征求意见", "Consultations"), "/consultations")
    private static let trail = [PlanPages.room, crumb]

    // MARK: All

    static let columns: [ExportColumn<Consultation>] = [
        ExportColumn(Bilingual("编号", "Number"), text: \.number),
        ExportColumn(Bilingual("名称", "Title"), text: \.title),
        ExportColumn(Bilingual("轮次", "Round")) { .number(Int64($0.round)) },
        ExportColumn(Bilingual("开始", "Opens")) { .day($0.opensOn) },
        ExportColumn(Bilingual("截止", "Closes")) { .day($0.closesOn) },
    ]

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (db, today) = (house.db, house.today)
        let isOpen = visit.query("phase") != "closed"
        let file = try visit.export(Bilingual("征求意见", "Consultations"), Self.columns) { last, limit in
            try await db.read { tx in
                try ConsultationStore.list(
                    openOn: isOpen ? today : nil, before: isOpen ? nil : today,
                    after: last.map { ($0.closesOn, $0.caseID.text, $0.round) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 3) }
        let place = cursor.flatMap { cursor -> (Day, String, Int)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string,
                let round = cursor.values[2].integer
            else { return nil }
            return (day, id, Int(round))
        }
        let found = try await db.read { tx in
            try ConsultationStore.list(
                openOn: isOpen ? today : nil, before: isOpen ? nil : today, after: place, limit: 21, tx)
        }
        let items = HTML(each: found.prefix(20)) { item in
            """
            <li><h2><a href="/consultations/\(item.number)">\(item.title)</a></h2><p>\(phase(item, today, t)) \(item.number) · \
            \(item.opensOn.text(t.language)) – \(item.closesOn.text(t.language)) 24:00</p></li>
            """
        }
        var next: SafeURL?
        if found.count > 20, let last = found.prefix(20).last {
            let cursor = Cursor([
                .string(last.closesOn.description), .string(last.caseID.text), .integer(Int64(last.round)),
            ])
            next = "/consultations?phase=\(isOpen ? "open" : "closed")&after=\(cursor.text)"
        }
        let body: HTML = """
            <h1>\(t("征求意见", "Consultations"))</h1><p class="lead">\(t("法规、规章和规范性文件公布前向社会公开征求意见；每一条意见都会得到答复。", "Laws, rules and normative documents are open to the public before they are issued; every comment is answered."))</p>\
            \(Parts.tabs(t("征求意见", "Consultations"), [
                (t("正在征求", "Open"), "/consultations", isOpen), (t("已结束", "Closed"), "/consultations?phase=closed", !isOpen),
            ]))\(if: found.isEmpty, "<div class=\"empty\"><p>\(t("目前没有。", "None now."))</p></div>", else: "<ul class=\"calls\">\(items)</ul>")\
            \(visit.exports)\(Parts.pager(next: next, first: nil, t))
            """
        return .page(Page(title: Self.crumb.title, trail: [PlanPages.room], body: body))
    }

    private func phase(_ item: Consultation, _ today: Day, _ t: Say) -> HTML {
        item.isOpen(on: today)
            ? Parts.badge(t("征求意见中", "Open"), .good) : Parts.badge(t("已结束", "Closed"))
    }

    // MARK: One

    /// What the page of a consultation reads.
    struct Model: Sendable {
        let norm: Norm
        let rounds: [Consultation]
        let item: Consultation
        let version: NormVersion
        let counts: CommentCounts
        let answered: [Comment]
    }

    private func load(_ visit: Visit) async throws -> Model {
        let number = visit.path("number")
        let wanted = visit.query("round").flatMap(Int.init)
        let after = visit.query("after")
        return try await house.db.read { tx in
            guard let norm = try NormStore.find(number: number, tx),
                let item = try ConsultationStore.find(norm.caseID, round: wanted ?? norm.round, tx),
                let version = try NormStore.version(item.version, of: norm.caseID, tx)
            else { throw RequestProblem.nothingHere }
            return Model(
                norm: norm, rounds: try ConsultationStore.rounds(of: norm.caseID, tx), item: item, version: version,
                counts: try ConsultationStore.counts(of: norm.caseID, round: item.round, tx),
                answered: try ConsultationStore.comments(
                    of: norm.caseID, round: item.round, state: "answered", after: after, limit: 101, tx))
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let model = try await load(visit)
        let item = model.item
        let isOpen = item.isOpen(on: house.today)
        let write: HTML =
            isOpen
            ? "<p class=\"buttons\">\(Parts.button(t("提出意见", "Write a comment"), to: "/consultations/\(item.number)/comment"))</p>"
            : .empty
        let compared: HTML =
            model.rounds.count > 1
            ? "<p><a href=\"/consultations/\(item.number)/compare\">\(t("比较各轮征求意见稿", "Compare the drafts of the rounds"))</a></p>"
            : .empty
        let body: HTML = """
            <div class="title-row"><h1>\(item.title)</h1>\(phase(item, house.today, t))</div>\
            \(Parts.facts(facts(model, t)))\(write)\(compared)\
            \(Parts.card(t("起草说明", "Explanation"), Parts.paragraphs(item.explanation)))\
            <h2>\(t("征求意见稿", "The draft"))</h2>\(clauses(model.version, item, isOpen: isOpen, t))\
            \(board(model, t))
            """
        return .page(Page(title: Bilingual(item.title, item.title), trail: Self.trail, body: body))
    }

    private func facts(_ model: Model, _ t: Say) -> [(String, HTML)] {
        let item = model.item
        var facts: [(String, HTML)] = [
            (t("编号", "Number"), HTML(text: item.number)), (t("种类", "Kind"), HTML(text: t(model.norm.kind.title))),
            (
                t("期限", "Window"),
                "\(item.opensOn.text(t.language)) – \(item.closesOn.text(t.language)) 24:00 <span class=\"basis\">\(t(item.basis))</span>"
            ),
            (t("意见", "Comments"), HTML(text: t("收到 \(model.counts.all) 条", "\(model.counts.all) received"))),
        ]
        if !item.shortReason.isEmpty {
            facts.append((t("缩短期限的理由", "Why the time is shorter"), HTML(text: item.shortReason)))
        }
        if let hearing = item.hearingOn {
            facts.append(
                (t("听证会", "Hearing"), HTML(text: "\(hearing.text(t.language)) \(item.hearingPlace)")))
        }
        return facts
    }

    private func clauses(_ version: NormVersion, _ item: Consultation, isOpen: Bool, _ t: Say) -> HTML {
        HTML(each: version.clauses.enumerated()) { index, clause in
            switch clause.kind {
            case .heading: return "<h3>\(clause.label) \(clause.text)</h3>"
            case .preamble: return Parts.paragraphs(clause.text)
            case .clause:
                let link: HTML =
                    isOpen
                    ? " <a href=\"/consultations/\(item.number)/comment?clause=\(clause.label)\">\(t("对本条提意见", "Comment"))<span class=\"unseen\"> \(clause.label)</span></a>"
                    : .empty
                return
                    "<div id=\"c\(index)\"><p><strong>\(clause.label)</strong> \(ComparisonView.lines(clause.text))\(link)</p></div>"
            }
        }
    }

    private func board(_ model: Model, _ t: Say) -> HTML {
        let shown = model.answered.prefix(100)
        let items = shown.map { comment -> [HTML] in
            [
                HTML(text: comment.clause.isEmpty ? t("全文", "The whole text") : comment.clause),
                ComparisonView.lines(comment.text), CommentParts.badge(comment, t),
                ComparisonView.lines(comment.reason),
            ]
        }
        let next: SafeURL? =
            model.answered.count > 100
            ? shown.last.map { "/consultations/\(model.item.number)?round=\(model.item.round)&after=\($0.id)" } : nil
        let table = Parts.table(
            t("意见采纳情况", "Answers to the comments"),
            [
                .init(t("条文", "Clause")), .init(t("意见", "Comment")), .init(t("采纳情况", "Answer")),
                .init(t("理由", "Why")),
            ], items,
            empty: "<p>\(t("还没有答复。收到的意见在答复后公开。", "No answers yet. A comment is shown once it is answered."))</p>")
        return """
            <h2>\(t("意见采纳情况", "Answers to the comments"))</h2>\(if: model.counts.all > 0, CommentParts.chart(model.counts, id: "answers", t))\
            \(table)\(Parts.pager(next: next, first: nil, t))
            """
    }

    // MARK: Comparing

    private func compare(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        // The public sees what was shown to it: drafts of consultations, and the text that was issued in the end.
        let (norm, versions) = try await house.db.read { tx -> (Norm, [NormVersion]) in
            guard let norm = try NormStore.find(number: number, tx) else { throw RequestProblem.nothingHere }
            let file = try CaseStore.require(norm.caseID, tx)
            var shown = Set(try ConsultationStore.rounds(of: norm.caseID, tx).map(\.version))
            guard !shown.isEmpty else { throw RequestProblem.nothingHere }
            let all = try NormStore.versions(of: norm.caseID, tx)
            if NormPublication.published.contains(file.step), let last = all.last { shown.insert(last.version) }
            return (norm, all.filter { shown.contains($0.version) })
        }
        let from = visit.query("from").flatMap(Int.init) ?? versions.first?.version ?? 1
        let to = visit.query("to").flatMap(Int.init) ?? versions.last?.version ?? 1
        guard let old = versions.first(where: { $0.version == from }),
            let new = versions.first(where: { $0.version == to })
        else { throw RequestProblem.nothingHere }
        let body: HTML = """
            <h1>\(norm.title)</h1>\(ComparisonView.choice("/consultations/\(number)/compare", versions, from: from, to: to, t))\
            \(ComparisonView.show(old, new, onlyChanges: visit.query("show") == "changes", t))
            """
        return .page(
            Page(
                title: Bilingual("文本比较", "Comparison"),
                trail: Self.trail + [Crumb(Bilingual(norm.title, norm.title), "/consultations/\(number)")],
                body: body))
    }

    // MARK: Commenting

    private func write(_ visit: Visit) async throws -> Answer {
        let draft = NormActions.CommentDraft(clause: visit.query("clause") ?? "", text: "", name: "", contact: "")
        return try await form(visit, draft, [])
    }

    private func form(
        _ visit: Visit, _ draft: NormActions.CommentDraft, _ problems: [FieldProblem]
    ) async throws -> Answer {
        let t = visit.say
        let model = try await load(visit)
        let item = model.item
        guard item.isOpen(on: house.today) else {
            throw PlainProblem(
                .gone, "consultation.closed",
                Bilingual("征求意见已于 \(item.closesOn) 24:00 结束。", "The consultation ended on \(item.closesOn) at 24:00."))
        }
        let options = model.version.clauses.filter { $0.kind == .clause }.map {
            ($0.label, "\($0.label) \($0.text.prefix(20))")
        }
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let fields: HTML = """
            \(Fields.select(.init("clause", t("针对的条文", "Clause"), required: false), options, value: draft.clause, problem: wrong("clause"), none: t("全文", "The whole text"), t))\
            \(Fields.textarea(.init("text", t("意见", "Comment"), hint: t("最多 2000 字；答复后与答复一并公开，请勿写入个人信息。", "At most 2,000 characters. It is shown with its answer, so write nothing personal.")), value: draft.text, rows: 8, most: 2_000, problem: wrong("text"), t))\
            \(Fields.input(.init("name", t("姓名或单位", "Name or organisation"), hint: t("不公开", "Not shown"), required: false), value: draft.name, problem: wrong("name"), t))\
            \(Fields.input(.init("contact", t("联系方式", "Contact"), hint: t("不公开，仅用于核实意见", "Not shown; only to ask back"), required: false), value: draft.contact, problem: wrong("contact"), t))
            """
        let body: HTML = """
            <h1>\(t("提出意见", "Write a comment"))</h1><p class="lead">\(item.title)</p>\(Parts.errors(problems, t))\
            \(Fields.form("/consultations/\(item.number)/comment", token: visit.csrfToken, fields, buttons: Fields.submit(t("提交意见", "Send the comment"))))
            """
        return Page(
            title: Bilingual("提出意见", "Write a comment"),
            trail: Self.trail + [Crumb(Bilingual(item.title, item.title), "/consultations/\(item.number)")], body: body
        ).withProblems(problems)
    }

    private func comment(_ visit: Visit) async throws -> Answer {
        let draft = NormActions.CommentDraft(
            clause: visit.form["clause"] ?? "", text: visit.form["text"] ?? "", name: visit.form["name"] ?? "",
            contact: visit.form["contact"] ?? "")
        do {
            _ = try await NormActions(house: house).comment(draft, on: visit.path("number"))
        } catch let problem as ProcedureError where !problem.fields.isEmpty {
            return try await form(visit, draft, problem.fields)
        }
        let t = visit.say
        let number = visit.path("number")
        let body: HTML = """
            \(Parts.notice(.good, t("意见已收到", "Your comment has arrived"), "<p>\(t("征求意见结束前后我局逐条答复，答复在征求意见页面公开。", "The bureau answers each comment; answers are shown on the page of the consultation."))</p>"))\
            <p class="buttons">\(Parts.button(t("再提一条", "Write another"), to: "/consultations/\(number)/comment", .secondary))\(Parts.button(t("返回征求意见稿", "Back to the draft"), to: "/consultations/\(number)", .secondary))</p>
            """
        return .page(Page(title: Bilingual("意见已收到", "Comment received"), trail: Self.trail, body: body))
    }
}

/// From which steps on the text of a case is public.
enum NormPublication {
    static let published: Set<String> = ["filing-document", "filing-rule", "in-force"]
}
