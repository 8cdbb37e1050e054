import Kernel
import Portal
import Review
import Store

/// What an expert says of the own work: keywords, titles and abstracts, by which applications find experts.
struct ExpertProfilePages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("我的研究方向", "What I work on")

    var routes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route("reviews.profile", .get, "/reviews/profile", access: expert, summary: ExpertProfilePages.title) {
                visit in try await page(visit, nil)
            },
            Route(
                "reviews.profile.save", .post, "/reviews/profile", access: expert,
                summary: Bilingual("保存关键词和题目", "Save keywords and titles"), handler: save),
            Route(
                "reviews.profile.add", .post, "/reviews/profile/works", access: expert,
                summary: Bilingual("增加一项成果", "Add a work"), handler: add),
            Route(
                "reviews.profile.remove", .post, "/reviews/profile/works/{id}/remove", access: expert,
                summary: Bilingual("移除一项成果", "Take a work off"), handler: remove),
        ]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let (expert, texts, works) = try await house.db.read { tx in
            guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else {
                throw ReviewError.unknown
            }
            return (
                try ExpertStore.fields(of: expert.id, tx), try ExpertTexts.find(expert.id, tx),
                try ExpertTexts.works(of: expert.id, tx)
            )
        }
        let form = visit.form
        let problems = problem?.fields ?? []
        let rows = works.map { work -> [HTML] in
            [
                HTML(text: work.title),
                work.abstract.isEmpty
                    ? "—" : "<details><summary>\(t("摘要", "Abstract"))</summary><p>\(work.abstract)</p></details>",
                Parts.post(
                    "/reviews/profile/works/\(work.id.text)/remove", t("移除", "Take off"), token: visit.csrfToken,
                    .danger),
            ]
        }
        let table = Parts.table(
            t("成果", "Works"),
            [.init(t("题目", "Title")), .init(t("摘要", "Abstract")), .init(t("操作", "Do"))], rows,
            empty: "<p>\(t("还没有登记成果。", "No work is given yet."))</p>")
        let fields = expert.map { "\($0) \(t(Disciplines.name($0)))" }.joined(separator: t("、", ", "))
        let body: HTML = """
            <h1>\(t(ExpertProfilePages.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\
            <p class="lead">\(t("申请与专家按学科、关键词和这些文字匹配；填写越准，收到的申请越对口。", "Applications find experts by disciplines, keywords and these texts: the truer they are, the better the match."))</p>\
            \(Parts.card(nil, Parts.facts([(t("学科", "Disciplines"), HTML(text: fields.isEmpty ? "—" : fields))])))\
            \(Parts.card(t("关键词和题目", "Keywords and titles"), Fields.form(
                "/reviews/profile", token: visit.csrfToken,
                """
                \(Fields.textarea(.init("keywords", t("关键词", "Keywords"), hint: t("中文或英文，每行一个，或用分号隔开", "In Chinese or English, one a line or with semicolons between"), required: false), value: form["keywords"] ?? texts.keywords.joined(separator: "\n"), rows: 6, problem: Fields.problem("keywords", problems, t), t))\
                \(Fields.textarea(.init("titles", t("论文、项目题目", "Titles of papers and projects"), hint: t("每行一个", "One a line"), required: false), value: form["titles"] ?? texts.titles.joined(separator: "\n"), rows: 8, problem: Fields.problem("titles", problems, t), t))
                """, buttons: Fields.submit(t("保存", "Save")))))\
            \(Parts.card(t("成果摘要", "Works with abstracts"), """
                \(table)\(Fields.form(
                    "/reviews/profile/works", token: visit.csrfToken,
                    """
                    \(Fields.input(.init("title", t("题目", "Title")), value: form["title"] ?? "", problem: Fields.problem("title", problems, t), t))\
                    \(Fields.textarea(.init("abstract", t("摘要", "Abstract"), required: false), value: form["abstract"] ?? "", most: ExpertTexts.longestAbstract, problem: Fields.problem("abstract", problems, t), t))
                    """, buttons: Fields.submit(t("增加", "Add"), .secondary)))
                """))
            """
        return .page(
            Page(
                title: ExpertProfilePages.title, trail: [.reviews], body: body),
            status: problem?.kind.status ?? 200)
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/reviews/profile")
        } catch let problem as any Problem where problem.kind == .invalid {
            return try await page(visit, problem)
        }
    }

    private func save(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            let titles = (visit.form["titles"] ?? "").split(whereSeparator: \.isNewline).map { line in
                line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
            try await funding.review.actions.setTexts(
                keywords: Keywords.list(visit.form["keywords"] ?? ""), titles: titles.filter { !$0.isEmpty },
                by: visit.actor)
        }
    }

    private func add(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.review.actions.addWork(
                title: visit.form["title"] ?? "", abstract: visit.form["abstract"] ?? "", by: visit.actor)
        }
    }

    private func remove(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try await funding.review.actions.removeWork(try visit.id("id"), by: visit.actor)
        }
    }
}
