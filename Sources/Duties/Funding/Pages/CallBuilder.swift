import Kernel
import Portal
import Review
import Store

/// Writing a call in the browser: basics, conditions, the form built from fields, criteria, tranches, publication.
struct CallBuilder: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.calls.new", .get, "/desk/calls/new", access: officer, summary: Bilingual("编制指南", "Write a call"),
                handler: new),
            Route(
                "desk.calls.create", .post, "/desk/calls", access: officer, summary: Bilingual("新建指南", "Create a call"),
                handler: create),
            Route(
                "desk.calls.show", .get, "/desk/calls/{id}", access: CallDesk.staff,
                summary: Bilingual("指南编制页", "A call at the desk"), handler: show),
            Route(
                "desk.calls.save", .post, "/desk/calls/{id}", access: officer,
                summary: Bilingual("保存指南", "Save a call"),
                handler: save),
            Route(
                "desk.calls.publish", .post, "/desk/calls/{id}/publish", access: .roles([.leader]),
                summary: Bilingual("批准发布", "Publish"), handler: publish),
            Route(
                "desk.calls.return", .post, "/desk/calls/{id}/return", access: .roles([.leader]),
                summary: Bilingual("退回指南", "Send a call back"), handler: sendBack),
            Route(
                "desk.calls.finish", .post, "/desk/calls/{id}/finish", access: officer,
                summary: Bilingual("收回指南余额", "Free what a finished call did not award"), handler: finish),
        ]
    }

    private let trail = [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")]

    private func new(_ visit: Visit) async throws -> Answer { try await newPage(visit, []) }

    private func newPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let programmes = try await house.db.read { tx in try ProgrammeStore.all(tx) }
        let form = visit.form
        let body: HTML = """
            <h1>\(t("编制新指南", "Write a call"))</h1>\(Parts.errors(problems, t))\(Parts.card(nil, Fields.form(
                "/desk/calls", token: visit.csrfToken,
                """
                \(Fields.select(.init("programme", t("科技计划", "Programme")), programmes.map { ($0.code, t($0.name)) }, value: form["programme"], problem: Fields.problem("programme", problems, t), t))\
                \(Fields.input(.init("title-zh", t("名称（中文）", "Title in Chinese")), value: form["title-zh"] ?? "", problem: Fields.problem("title-zh", problems, t), t))\
                \(Fields.input(.init("title-en", t("名称（英文）", "Title in English")), value: form["title-en"] ?? "", problem: Fields.problem("title-en", problems, t), t))
                """, buttons: Fields.submit(t("开始编制", "Begin")))))
            """
        return .page(
            Page(title: Bilingual("编制新指南", "Write a call"), trail: trail, body: body),
            status: problems.isEmpty ? 200 : 422)
    }

    private func create(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let today = house.today
        let title = Bilingual(form["title-zh"] ?? "", form["title-en"] ?? "")
        do {
            let call = try await funding.calls.draft(
                CallContent.standard(title: title), programme: form["programme"] ?? "", year: today.parts.year,
                opensOn: today, closesOn: today.adding(months: 1), budget: .zero, by: visit.actor)
            return .redirect("/desk/calls/\(call.id)")
        } catch let problem as PlainProblem where !problem.fields.isEmpty {
            return try await newPage(visit, problem.fields)
        }
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let call = try await house.db.read { tx in try CallStore.require(id, tx) }
        return page(visit, call, CallForm.answers(call), [], nil)
    }

    private func page(
        _ visit: Visit, _ call: Call, _ answers: JSONValue, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) -> Answer {
        let t = visit.say
        let mayEdit = Policy.may(visit.actor, .editCalls) && call.state == .draft
        let content: HTML
        if mayEdit {
            let sections = HTML(each: CallForm.form.sections) { section in
                let hint: HTML =
                    section.hint.map { (hint: Bilingual) -> HTML in "<p class=\"hint\">\(t(hint))</p>" } ?? .empty
                return Parts.card(t(section.title), hint + FormView.edit(section, answers, problems, t))
            }
            content = Fields.form(
                "/desk/calls/\(call.id.text)", token: visit.csrfToken,
                "\(Parts.hidden([("revision", String(call.revision))]))\(sections)",
                buttons:
                    "\(Fields.submit(t("保存", "Save")))\(Fields.submit(t("保存并提请发布", "Save and propose for publication"), .secondary, name: "propose", value: "yes"))"
            )
        } else {
            content = Parts.card(nil, FormView.read(CallForm.form, answers, level: 2, t))
        }
        let leader: HTML =
            call.state == .proposed && Policy.may(visit.actor, .publishCalls)
            ? Parts.card(
                t("审批", "Approval"),
                """
                <div class="buttons">\(Parts.post("/desk/calls/\(call.id.text)/publish", t("批准发布", "Publish"), token: visit.csrfToken, .primary))</div>\
                \(Fields.form("/desk/calls/\(call.id.text)/return", token: visit.csrfToken, Fields.input(.init("reason", t("退回原因", "Reason")), t), buttons: Fields.submit(t("退回", "Send back"), .danger)))
                """) : .empty
        let view: HTML =
            call.state == .published
            ? "<p><a href=\"/calls/\(call.number)\">\(t("查看公开页", "See the public page"))</a></p>" : .empty
        let isOver = call.state == .published && call.closesOn < house.today
        let rest: HTML =
            isOver && Policy.may(visit.actor, .editCalls)
            ? Parts.card(
                t("余额", "What is left"),
                """
                <p>\(t("全部申请办结后，未立项的金额退回专项预算。", "When all applications are done, what was not awarded goes back to the programme's budget."))</p>\
                <div class="buttons">\(Parts.post("/desk/calls/\(call.id.text)/finish", t("收回余额", "Free the rest"), token: visit.csrfToken))</div>
                """) : .empty
        let body: HTML = """
            <div class="title-row"><h1>\(t(call.title))</h1>\(CallDesk.state(call.state, until: call.closesOn, today: house.today, t)) \(call.number)</div>\(CallDesk.tabs(call, "edit", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(view)\(leader)\(rest)\(content)
            """
        return .page(
            Page(title: call.title, trail: trail, width: .desk, body: body), status: problem?.kind.status ?? 200)
    }

    private func save(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let body = visit.form
        let before = try await house.db.read { tx in try CallStore.require(id, tx) }
        let answers = CallForm.form.read(section: nil, from: { body.all($0) })
        let problems = CallForm.form.problems(answers, complete: false) + CallForm.problems(answers)
        guard problems.isEmpty else {
            let wrong = PlainProblem(
                .invalid, "call.form", Bilingual("还没有保存，请先改正。", "Not saved yet; mend these first."))
            return page(visit, before, answers, problems, wrong)
        }
        do {
            let saved = try await funding.calls.save(
                id, expecting: Int(body["revision"] ?? "") ?? -1, by: visit.actor
            ) { call in CallForm.apply(answers, to: &call) }
            if body["propose"] != nil { _ = try await funding.calls.propose(id, by: visit.actor) }
            return .redirect("/desk/calls/\(saved.id)")
        } catch let problem as CallError {
            let now = try await house.db.read { tx in try CallStore.require(id, tx) }
            return page(visit, now, answers, problem.fields, problem)
        }
    }

    private func publish(_ visit: Visit) async throws -> Answer {
        let call = try await funding.calls.publish(try visit.id("id"), by: visit.actor)
        return .redirect("/desk/calls/\(call.id)")
    }

    private func finish(_ visit: Visit) async throws -> Answer {
        let call = try await funding.calls.finish(try visit.id("id"), by: visit.actor)
        return .redirect("/desk/calls/\(call.id)")
    }

    private func sendBack(_ visit: Visit) async throws -> Answer {
        let call = try await funding.calls.sendBack(
            try visit.id("id"), reason: visit.form["reason"] ?? "", by: visit.actor)
        return .redirect("/desk/calls/\(call.id)")
    }
}
