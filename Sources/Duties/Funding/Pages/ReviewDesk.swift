import Kernel
import Portal
import Review
import Store

/// The officer's pages of a review: plan, draw, progress.
struct ReviewDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private let trail = [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")]

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.review", .get, "/desk/calls/{id}/review", access: CallDesk.staff,
                summary: Bilingual("组织评审", "Run the review"), handler: show),
            Route(
                "desk.review.open", .post, "/desk/calls/{id}/review/open", access: officer,
                summary: Bilingual("固定抽签方案", "Fix the plan of the draw"), handler: open),
            Route(
                "desk.review.draw", .post, "/desk/calls/{id}/review/draw", access: officer,
                summary: Bilingual("抽取专家", "Draw the experts"), handler: draw),
            Route(
                "desk.review.protocol", .get, "/desk/calls/{id}/review/protocol", access: .everyone,
                summary: Bilingual("抽签记录", "Protocol of the draw"), handler: protocolFile),
            Route(
                "desk.review.remind", .post, "/desk/calls/{id}/review/remind", access: officer,
                summary: Bilingual("催办", "Remind"), handler: remind),
            Route(
                "desk.review.replace", .post, "/desk/assignments/{id}/replace", access: officer,
                summary: Bilingual("更换专家", "Replace an expert"), handler: replace),
            Route(
                "desk.review.close", .post, "/desk/calls/{id}/review/close", access: officer,
                summary: Bilingual("结束评审", "Close the review"), handler: close),
        ]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        if let file = try AssignmentExport(house).file(visit) { return file }
        return try await page(visit, nil)
    }

    /// What the page of a review reads, in a constant number of queries.
    private struct Model: Sendable {
        let call: Call
        let round: Round?
        /// One page of them, and one more where there is a next.
        let assignments: [Assignment]
        let states: [Assignment.State: Int]
        let experts: [ID<Expert>: Expert]
        let applications: [ApplicationID: Application]
        let counts: [String: Int]
    }

    private func load(_ visit: Visit) async throws -> Model {
        let id: ID<Call> = try visit.id("id")
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (String, String)? in
            guard let item = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (item, id)
        }
        return try await house.db.read { tx in
            let call = try CallStore.require(id, tx)
            let round = try RoundStore.find(subject: id.text, tx)
            let assignments = try round.map { try RoundStore.assignments($0.id, after: place, limit: 101, tx) } ?? []
            return Model(
                call: call, round: round, assignments: assignments,
                states: try round.map { try RoundStore.counts($0.id, tx) } ?? [:],
                experts: try ExpertStore.all(Array(Set(assignments.map(\.expert))), tx),
                applications: try ApplicationStore.all(Array(Set(assignments.map(\.item))), tx),
                counts: try ApplicationStore.counts(call: id, steps: CallReview.before + ["review"], tx))
        }
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let model = try await load(visit)
        let content = model.round.map { running(visit, model, $0) } ?? planning(visit, model, problem?.fields ?? [])
        let body: HTML = """
            <h1>\(t(model.call.title))</h1>\(CallDesk.tabs(model.call, "review", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\(content)
            """
        return .page(
            Page(title: Bilingual("组织评审", "Review"), trail: trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func address(_ model: Model, _ action: String) -> SafeURL {
        "/desk/calls/\(model.call.id.text)/review/\(action)"
    }

    /// Before the plan is fixed.
    private func planning(_ visit: Visit, _ model: Model, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        let waiting = CallReview.before.map { model.counts[$0] ?? 0 }.reduce(0, +)
        let ready = model.counts["review"] ?? 0
        let fields: HTML = """
            \(Fields.input(.init("load", t("每位专家最多评审几项", "Most applications for one expert")), value: visit.form["load"] ?? String(AssignmentOptions.usualLoad), problem: Fields.problem("load", problems, t), isWide: false, t))\
            \(Fields.input(.init("due", t("评审截止日期", "Due")), type: "date", value: visit.form["due"] ?? house.today.adding(days: 21).description, problem: Fields.problem("due", problems, t), isWide: false, t))
            """
        let form = Fields.form(
            address(model, "open"), token: visit.csrfToken, fields,
            buttons: Fields.submit(t("固定方案并公布摘要", "Fix the plan and publish its hash")))
        return Parts.card(
            t("固定抽签方案", "Fix the plan of the draw"),
            """
            <p>\(t("已通过形式审查 \(ready) 项；还在推荐、审查、补正环节 \(waiting) 项。指南截止、全部审查完毕后可以固定方案。", "\(counted(ready, "application")) passed the formal check; \(counted(waiting, "is", "are")) still before it. The plan can be fixed after the call has closed and all are checked."))</p>\
            <p>\(t("系统排除与申请人同单位、本批申报、共同项目、已申报利害关系的专家，把候选名单固定下来并公布摘要；之后才能填写随机种子。", "Experts with the same employer, an application in the round, a shared project or a declared relation are left out. The list is fixed and its hash published; only then can a seed be given."))</p>\
            \(if: Policy.may(visit.actor, .runReviews), form)\
            <p><a href="/desk/calls/\(model.call.id.text)/assignment">\(t("不抽签，按匹配度分配", "Assign by affinity instead of drawing"))</a></p>
            """)
    }

    /// Once the plan is fixed: draw, progress, close.
    private func running(_ visit: Visit, _ model: Model, _ round: Round) -> HTML {
        let t = visit.say
        let facts: [(String, HTML)] = [
            (t("状态", "State"), state(round.state, t)), (t("分配方式", "Mode"), HTML(text: t(round.mode.title))),
            (t("方案摘要（抽签前公布）", "Hash of the plan, published before the draw"), "<code>\(round.commitment)</code>"),
            (t("公开页面", "Public page"), "<a href=\"/draws/\(round.id.text)\">/draws/\(round.id.text)</a>"),
            (t("随机种子", "Seed"), round.seed.map { "<code>\($0)</code>" } ?? "—"),
            (t("评审截止", "Due"), HTML(text: round.dueOn.text(t.language))),
            (t("每项专家数 / 每人最多", "Experts for each / most for one"), "\(round.wanted) / \(round.load)"),
        ]
        let mayRun = Policy.may(visit.actor, .runReviews)
        let submitted = model.states[.submitted] ?? 0
        let open = (model.states[.invited] ?? 0) + (model.states[.accepted] ?? 0)
        let invited = model.states.values.reduce(0, +)
        let link: HTML =
            round.state == .committed
            ? .empty
            : "<p><a href=\"\(address(model, "protocol"))\">\(t("抽签记录（可重算）", "Protocol of the draw, to run again"))</a></p>"
        let run: HTML =
            round.state == .drawn && mayRun
            ? """
            <p class="hint">\(t("系统每天提醒临近到期的专家，并用候补专家更换逾期未答复、未提交的专家。", "Every day the system reminds those whose time is ending, and replaces those who let it lapse by reserves."))</p>\
            <div class="buttons">\(if: open > 0, Parts.post(address(model, "remind"), t("催办 \(open) 份", "Remind \(open)"), token: visit.csrfToken))\
            \(Parts.post(address(model, "close"), t("结束评审，进入排序", "Close and rank"), token: visit.csrfToken, .primary))</div>
            """ : .empty
        return """
            \(Parts.card(nil, "\(Parts.facts(facts))\(link)\(if: round.state == .committed && mayRun && round.mode == .draw, drawing(visit, model))\(links(visit, model, round))"))\
            \(Parts.tiles([
                (String(invited), t("邀请", "Invitations"), nil), (String(submitted), t("已提交", "Submitted"), nil),
                (String(open), t("未完成", "Open"), nil),
            ]))\(run)\(assignments(visit, model, round))
            """
    }

    private func links(_ visit: Visit, _ model: Model, _ round: Round) -> HTML {
        let t = visit.say
        let base = "/desk/calls/\(model.call.id.text)"
        let plan: HTML =
            round.mode == .draw
            ? .empty
            : "<p><a href=\"\(base)/assignment\">\(t("分配方案、匹配理由和最优性证明", "The plan, why each pair fits, and the proof"))</a></p>"
        return "\(plan)<p><a href=\"\(base)/conflicts\">\(t("回避情形", "Conflicts of interest"))</a></p>"
    }

    private func drawing(_ visit: Visit, _ model: Model) -> HTML {
        let t = visit.say
        let hint = t(
            "使用方案公布后才产生的公开随机数，如当日彩票号码。任何人可用抽签记录重新计算。",
            "Public chance that came after the plan, such as today's lottery numbers. Anyone can run the draw again.")
        return Fields.form(
            address(model, "draw"), token: visit.csrfToken,
            Fields.input(
                .init("seed", t("公开随机种子", "Public seed"), hint: hint), value: visit.form["seed"] ?? "", t),
            buttons: Fields.submit(t("抽取并邀请专家", "Draw and invite")))
    }

    private func assignments(_ visit: Visit, _ model: Model, _ round: Round) -> HTML {
        let t = visit.say
        let mayReplace = Policy.may(visit.actor, .runReviews) && round.state == .drawn
        let rows = model.assignments.prefix(100).map { row -> [HTML] in
            let isOpen = [.invited, .accepted].contains(row.state)
            let replace: HTML =
                mayReplace && isOpen
                ? Parts.post(
                    "/desk/assignments/\(row.id.text)/replace", t("更换", "Replace"), token: visit.csrfToken,
                    fields: [("call", model.call.id.text)]) : .empty
            return [
                "<a href=\"/cases/\(row.item.text)\">\(model.applications[row.item]?.number ?? "")</a>",
                HTML(text: t(model.experts[row.expert]?.introduced) ?? ""),
                Parts.badge(
                    t(row.state.title), row.state == .submitted ? .good : row.state == .invited ? .warning : .neutral),
                HTML(text: row.total.map(ApplicationPanel.points) ?? "—"), HTML(text: t(row.why) ?? ""), replace,
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("申请", "Application")), .init(t("专家", "Expert")), .init(t("状态", "State")),
            .init(t("总分", "Total"), numeric: true), .init(t("说明", "Reason")), .init(t("操作", "Do")),
        ]
        let next: SafeURL? =
            model.assignments.count > 100
            ? model.assignments.prefix(100).last.map {
                "/desk/calls/\(model.call.id.text)/review?after=\(Cursor([.string($0.item.text), .string($0.id.text)]).text)"
            } : nil
        let first: SafeURL? = visit.query("after") == nil ? nil : "/desk/calls/\(model.call.id.text)/review"
        return visit.exports
            + Parts.table(
                t("评审任务", "Assignments"), columns, Array(rows),
                empty: "<p>\(t("抽签后这里显示评审任务。", "Assignments appear here after the draw."))</p>")
            + Parts.pager(next: next, first: first, t)
    }

    private func state(_ state: Round.State, _ t: Say) -> HTML {
        switch state {
        case .committed: Parts.badge(t("方案已固定，待抽签", "Plan fixed, not drawn"), .warning)
        case .drawn: Parts.badge(t("评审中", "Under review"), .info)
        case .closed: Parts.badge(t("评审结束", "Closed"), .good)
        }
    }

    /// Runs an action and shows the page again with what went wrong.
    private func attempt(_ visit: Visit, _ act: (ID<Call>) async throws -> Void) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            try await act(id)
            return .redirect("/desk/calls/\(id)/review")
        } catch let problem as ReviewError {
            return try await page(visit, problem)
        }
    }

    private func open(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            let load = visit.form["load"].flatMap(Int.init) ?? 0
            let due = visit.form["due"].flatMap { Day($0) }
            try ReviewDesk.check(load: load, due: due, today: house.today)
            guard let due else { return }
            _ = try await funding.review.open(id, load: load, dueOn: due, by: visit.actor)
        }
    }

    /// Refuses a plan that nobody can have meant, with every point.
    static func check(load: Int, due: Day?, today: Day) throws {
        let problems = problems(load: load, due: due, today: today)
        guard problems.isEmpty else { throw ReviewError.incomplete(problems) }
    }

    /// Every point that nobody can have meant.
    static func problems(load: Int, due: Day?, today: Day) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if !(1...200).contains(load) {
            problems.append(
                FieldProblem(
                    field: "load", code: "review.load",
                    message: Bilingual("每位专家的项数应为 1 至 200", "An expert takes from 1 to 200 applications")))
        }
        return problems + [dueProblem(due, today: today)].compactMap(\.self)
    }

    /// What is wrong with a due day; nil where it is right.
    static func dueProblem(_ due: Day?, today: Day) -> FieldProblem? {
        guard due.map({ $0 < today || $0 > today.adding(years: 1) }) ?? true else { return nil }
        return FieldProblem(
            field: "due", code: "review.due",
            message: Bilingual("评审截止日期应在今天之后一年以内", "The due day is within a year from today"))
    }

    private func draw(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            try await funding.review.draw(id, seed: visit.form["seed"] ?? "", by: visit.actor)
        }
    }

    private func protocolFile(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        return try await DrawPages(funding).protocolFile(visit) { tx in try RoundStore.find(subject: id.text, tx) }
    }

    private func remind(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in try await funding.review.remind(id, by: visit.actor) }
    }

    private func replace(_ visit: Visit) async throws -> Answer {
        let reason = visit.form["reason"] ?? visit.text(Bilingual("经办人更换", "replaced by the officer"))
        let call = try await funding.review.replace(try visit.id("id"), reason: reason, by: visit.actor)
        return .redirect("/desk/calls/\(call)/review")
    }

    private func close(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in try await funding.review.close(id, by: visit.actor) }
    }
}
