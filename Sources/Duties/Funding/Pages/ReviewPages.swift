import Kernel
import Portal
import Review
import Store

/// An expert's pages: what is to be judged, the declaration, the sheet.
struct ReviewPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route(
                "reviews.list", .get, "/reviews", access: expert, summary: Bilingual("我的评审", "My reviews"),
                handler: list),
            Route(
                "reviews.show", .get, "/reviews/{id}", access: expert, summary: Bilingual("评审任务", "A review"),
                handler: show),
            Route(
                "reviews.answer", .post, "/reviews/{id}/answer", access: expert,
                summary: Bilingual("答复邀请", "Answer an invitation"), handler: answer),
            Route(
                "reviews.save", .post, "/reviews/{id}/sheet", access: expert,
                summary: Bilingual("保存评审表", "Save the sheet"), handler: save),
            Route(
                "reviews.autosave", .post, "/reviews/{id}/sheet/autosave", access: expert,
                summary: Bilingual("自动保存评审表", "Save the sheet while typing"), handler: autosave),
        ] + offlineRoutes
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let before: ID<Assignment>? = visit.query("before").map { ID($0) }
        let (open, done, applications) = try await house.db.read {
            tx -> ([Assignment], [Assignment], [ApplicationID: Application]) in
            guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else {
                return ([], [], [:])
            }
            let open = before == nil ? try RoundStore.open(of: expert.id, tx) : []
            let done = try RoundStore.done(of: expert.id, before: before, limit: 26, tx)
            return (open, done, try ApplicationStore.all((open + done).map(\.item), tx))
        }
        let next: SafeURL? = done.count > 25 ? done.prefix(25).last.map { "/reviews?before=\($0.id.text)" } : nil
        let today = house.today
        let rows = (open + done.prefix(25)).map { item -> [HTML] in
            let open = [.invited, .accepted].contains(item.state)
            return [
                "<a href=\"/reviews/\(item.id.text)\">\(applications[item.item].map { t($0.title) } ?? "")</a>",
                Parts.badge(t(item.state.title), item.state == .submitted ? .good : open ? .warning : .neutral),
                open
                    ? Parts.clock(
                        due: item.dueOn, left: item.dueOn.number - today.number, unit: Bilingual("天", "days"),
                        holder: "", t)
                    : "—",
            ]
        }
        let body: HTML = """
            <h1>\(t("我的评审", "My reviews"))</h1><p><a href="/reviews/profile">\(t("我的研究方向", "What I work on"))</a> · <a href="/reviews/conflicts">\(t("我的回避情形", "My conflicts of interest"))</a> · <a href="/reviews/registration">\(t("我的专家信息", "My entry in the pool"))</a></p>\(Parts.table(t("评审任务", "Reviews"), [
                .init(t("申请", "Application")), .init(t("状态", "State")), .init(t("期限", "Due")),
            ], rows, empty: "<p>\(t("目前没有评审任务。收到邀请后会显示在这里，并有消息通知。", "There is nothing to review now. Invitations appear here, and a message tells you."))</p>"))\(Parts.pager(next: next, first: before == nil ? nil : "/reviews", t))
            """
        return .page(Page(title: Bilingual("我的评审", "My reviews"), body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil, [], nil) }

    func page(
        _ visit: Visit, _ typed: JSONValue?, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let id: ID<Assignment> = try visit.id("id")
        let actor = visit.actor
        let (assignment, round, seen) = try await house.db.read { tx in
            let assignment = try SheetActions.mine(id, actor, tx)
            guard let round = try RoundStore.find(assignment.round, tx) else { throw ReviewError.unknown }
            let application = try ApplicationStore.require(assignment.item, tx)
            let call = try CallStore.require(application.call, tx)
            return (assignment, round, try BlindReview.load(application, call, or: .words(in: t.language), tx))
        }
        let who: HTML =
            seen.applicant.map { "\(t($0.organisation)) · \($0.investigator) · " }
            ?? "\(Parts.badge(t("双盲评审", "Double blind"))) "
        let head: HTML = """
            <div class="title-row"><h1>\(t(seen.title))</h1>\(Parts.badge(t(assignment.state.title), .info))</div>\
            <p>\(who)\(seen.requested.text(t.language)) · \(t("截止", "Due")) \(assignment.dueOn.text(t.language))</p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))
            """
        let content: HTML
        switch assignment.state {
        case .invited: content = invitation(visit, assignment, t)
        case .accepted:
            content =
                sheet(visit, assignment, round, typed ?? assignment.answers, problems, t) + offline(visit, assignment)
                + Parts.card(
                    t("申报内容", "The application"), FormView.read(seen.form, seen.answers, files: seen.files, t))
        case .submitted:
            content =
                Parts.notice(.good, t("您已提交评审意见，不能再修改。谢谢。", "Your review is submitted and final. Thank you."))
                + Parts.card(t("评审表", "Your sheet"), FormView.read(round.sheet.form, assignment.answers, t))
        default:
            content = Parts.notice(.info, t("您不再承担这项评审。", "This review is no longer yours."))
        }
        return .page(
            Page(title: Bilingual("评审", "Review"), trail: [.reviews], body: head + content),
            status: problem?.kind.status ?? (problems.isEmpty || visit.method == .get ? 200 : 422))
    }

    private func invitation(_ visit: Visit, _ assignment: Assignment, _ t: Say) -> HTML {
        let url: SafeURL = "/reviews/\(assignment.id.text)/answer"
        let token = visit.csrfToken
        return Parts.card(
            t("利害关系声明", "Declaration"),
            """
            <p>\(t("请确认您与申请人及其单位没有近亲属、师生、同单位、合作、经济往来等可能影响公正的关系，并承诺对评审内容保密、亲自评审。", "Please confirm that no kinship, supervision, shared employer, cooperation or financial tie with the applicant or the organisation could affect your fairness, and that you keep everything confidential and review in person."))</p>\
            \(Parts.post(url, t("没有利害关系，接受评审", "No conflict: accept"), token: token, .primary, fields: [("answer", "accept")]))
            """)
            + Parts.card(
                t("不能评审", "I cannot review it"),
                Fields.form(
                    url, token: token, Fields.input(.init("reason", t("理由", "Reason")), t),
                    buttons:
                        "\(Fields.submit(t("存在利害关系，回避", "There is a conflict: recuse me"), .danger, name: "answer", value: "recuse"))\(Fields.submit(t("因其他原因谢绝", "Decline for another reason"), .secondary, name: "answer", value: "decline"))"
                ))
    }

    private func sheet(
        _ visit: Visit, _ assignment: Assignment, _ round: Round, _ answers: JSONValue, _ problems: [FieldProblem],
        _ t: Say
    ) -> HTML {
        let id = assignment.id.text
        let fields = HTML(each: round.sheet.form.sections) { FormView.edit($0, answers, problems, t) }
        return Parts.card(
            t("评审表", "Scoring sheet"),
            Fields.form(
                "/reviews/\(id)/sheet", token: visit.csrfToken, autosave: "/reviews/\(id)/sheet/autosave",
                "\(Parts.hidden([("revision", String(assignment.revision))]))\(fields)",
                buttons:
                    "\(Fields.submit(t("提交评审意见", "Submit"), name: "submit", value: "yes"))\(Fields.submit(t("保存草稿", "Save the draft"), .secondary))"
            ))
    }

    private func answer(_ visit: Visit) async throws -> Answer {
        let id: ID<Assignment> = try visit.id("id")
        let reason = visit.form["reason"] ?? ""
        do {
            switch visit.form["answer"] {
            case "accept": try await funding.sheets.accept(id, by: visit.actor)
            case "recuse": try await funding.sheets.recuse(id, reason: reason, by: visit.actor)
            default: try await funding.sheets.decline(id, reason: reason, by: visit.actor)
            }
            return .redirect("/reviews/\(id)")
        } catch let problem as ReviewError where problem.kind == .invalid {
            return try await page(visit, nil, problem.fields, problem)
        }
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let id: ID<Assignment> = try visit.id("id")
        let body = visit.form
        let actor = visit.actor
        let typed = try await house.db.read { tx -> JSONValue in
            let assignment = try SheetActions.mine(id, actor, tx)
            guard let round = try RoundStore.find(assignment.round, tx) else { throw ReviewError.unknown }
            return round.sheet.form.read(section: nil, from: { body.all($0) }, over: assignment.answers)
        }
        do {
            let saved = try await funding.sheets.save(
                id, values: { body.all($0) }, expecting: Int(body["revision"] ?? "") ?? -1, by: actor)
            guard saved.problems.isEmpty else { return try await page(visit, typed, saved.problems, nil) }
            guard body["submit"] != nil else { return .redirect("/reviews/\(id)") }
            try await funding.sheets.submit(id, by: actor)
            return .redirect("/reviews/\(id)")
        } catch let problem as ReviewError {
            return try await page(visit, typed, problem.fields, problem)
        }
    }

    private func autosave(_ visit: Visit) async throws -> Answer {
        let body = visit.form
        let saved = try await funding.sheets.save(
            try visit.id("id"), values: { body.all($0) }, expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor)
        return .json(["revision": saved.revision])
    }
}
