import Kernel
import Portal
import Review
import Store

/// Sharing out experts by affinity: options, what would come out with its proof, and why each pair fits.
struct AssignmentDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private let trail = [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")]
    /// Applications on one page.
    private static let size = 50

    var routes: [Route] {
        let officer: RouteAccess = .roles([.officer])
        return [
            Route(
                "desk.assignment", .get, "/desk/calls/{id}/assignment", access: CallDesk.staff,
                summary: Bilingual("按匹配度分配专家", "Assign experts by affinity")
            ) { visit in try await page(visit, nil) },
            Route(
                "desk.assignment.open", .post, "/desk/calls/{id}/assignment", access: officer,
                summary: Bilingual("固定分配方案", "Fix the assignment"), handler: open),
            Route(
                "desk.assignment.assign", .post, "/desk/calls/{id}/assignment/assign", access: officer,
                summary: Bilingual("分配并邀请专家", "Assign and invite"), handler: assign),
        ]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let read: (String) -> String? = { visit.query($0) ?? visit.form[$0] }
        let typed = AssignmentForm(seats: 0, read)
        let model = try await CallPlan.load(
            try visit.id("id"), funding, items: typed.items, experts: typed.experts)
        let call = model.matter.call
        let content: HTML
        var problems = problem?.fields ?? []
        if let round = model.round {
            content = round.mode == .draw ? Self.drawn(call, t) : try fixed(visit, model, round)
        } else {
            let form = AssignmentForm(seats: call.content.expertsEach, read)
            let (outcome, found) = try await tried(model, form, through: Day(typedDue(visit)))
            let told = problems
            problems += found.filter { !told.contains($0) }
            let proposal = outcome.map { proposed(visit, model, form, $0, problems) } ?? .empty
            content = "\(form.card(model, problems, t))\(proposal)"
        }
        let body: HTML = """
            <h1>\(t(call.title))</h1>\(CallDesk.tabs(call, "review", visit))\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\(content)
            """
        return .page(
            Page(
                title: Bilingual("按匹配度分配专家", "Assign experts by affinity"), trail: trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    /// The due day as it was typed, else the one that the page proposes.
    private func typedDue(_ visit: Visit) -> String {
        visit.form["due"] ?? house.today.adding(days: 21).description
    }

    /// What would come out of the conditions, or what is wrong with them.
    /// - Parameter due: who is away until this day is left out.
    private func tried(
        _ model: CallPlan, _ form: AssignmentForm, through due: Day?
    ) async throws -> (outcome: AssignmentProtocol?, problems: [FieldProblem]) {
        guard form.isAsked else { return (nil, []) }
        let (options, problems) = form.read(model.named)
        guard problems.isEmpty else { return (nil, problems) }
        do {
            return (try await funding.review.proposal(model.matter, options, through: due).outcome, [])
        } catch ReviewError.incomplete(let problems) {
            return (nil, problems)
        }
    }

    private static func drawn(_ call: Call, _ t: Say) -> HTML {
        """
        <p>\(t("本批次采用公开抽签。", "This call's experts are drawn in public."))</p>\
        <p><a href="/desk/calls/\(call.id.text)/review">\(t("组织评审", "Run the review"))</a></p>
        """
    }

    /// What would come out, and the form that fixes it.
    private func proposed(
        _ visit: Visit, _ model: CallPlan, _ form: AssignmentForm, _ outcome: AssignmentProtocol,
        _ problems: [FieldProblem]
    ) -> HTML {
        let t = visit.say
        let due = Fields.input(
            .init("due", t("评审截止日期", "Due")), type: "date", value: typedDue(visit),
            problem: Fields.problem("due", problems, t), isWide: false, t)
        let fixing = Fields.form(
            "/desk/calls/\(model.matter.call.id.text)/assignment", token: visit.csrfToken,
            "\(Parts.hidden(form.hidden + [("commitment", outcome.commitment)]))\(form.reasonFields(problems, t))\(due)",
            buttons: Fields.submit(t("固定方案并公布摘要", "Fix the plan and publish its hash")))
        let mayFix = Policy.may(visit.actor, .runReviews) && outcome.isWhole
        return """
            \(Parts.card(t("试算结果", "What would come out"), "\(AssignmentView.proof(outcome, t))\(if: mayFix, fixing)"))\
            \(AssignmentView.shortages(outcome, model.names, t))\(table(visit, model, outcome))
            """
    }

    /// Once the plan is fixed: its proof, who is chosen, and the button that invites.
    private func fixed(_ visit: Visit, _ model: CallPlan, _ round: Round) throws -> HTML {
        let t = visit.say
        guard let outcome = try model.outcome() else { return .empty }
        let seed: HTML =
            round.mode.isRandom
            ? Fields.input(
                .init(
                    "seed", t("公开随机种子", "Public seed"),
                    hint: t("使用方案公布后才产生的公开随机数。", "Public chance that came after the plan was published.")),
                value: visit.form["seed"] ?? "", t) : .empty
        let form = Fields.form(
            "/desk/calls/\(model.matter.call.id.text)/assignment/assign", token: visit.csrfToken,
            "\(Parts.hidden([("commitment", round.commitment)]))\(seed)",
            buttons: Fields.submit(t("分配并邀请专家", "Assign and invite")))
        let mayRun = Policy.may(visit.actor, .runReviews) && round.state == .committed
        let hash: HTML = "<p>\(t("方案摘要", "Hash of the plan")) <code>\(round.commitment)</code></p>"
        let note: HTML =
            round.mode.isRandom && model.ran == nil
            ? "<p class=\"hint\">\(t("以下是一次示例抽样，实际结果由公开种子决定。", "Below is one sample; the public seed will decide."))</p>"
            : .empty
        let asked = AssignmentView.conditions(outcome.plan.options, model.kept?.reasons ?? [], model.names, t)
        return """
            \(Parts.card(t(round.mode.title), "\(hash)\(AssignmentView.proof(outcome, t))\(note)\(if: mayRun, form)"))\
            \(Parts.card(t("分配条件", "Conditions"), asked))\(table(visit, model, outcome))
            """
    }

    /// One page of applications with their experts and why each fits.
    private func table(_ visit: Visit, _ model: CallPlan, _ outcome: AssignmentProtocol) -> HTML {
        let t = visit.say
        let from = min(max(0, visit.query("from").flatMap(Int.init) ?? 0), outcome.results.count)
        let shown = Array(outcome.results.dropFirst(from).prefix(Self.size))
        let explained = model.explain(shown)
        let names = model.names
        let rows = shown.map { result -> [HTML] in
            let pairs = explained[result.item] ?? []
            return [
                "<a href=\"/cases/\(result.item.text)\">\(names.items[result.item] ?? "")</a>",
                HTML(text: model.applications[result.item].map { t($0.title) } ?? ""),
                AssignmentView.experts(result, pairs, names, t),
            ]
        }
        let kept = visit.query.isEmpty ? "" : Self.keeping(visit)
        let more = from + Self.size < outcome.results.count
        let next = more ? SafeURL(checking: "?\(kept)from=\(from + Self.size)") : nil
        let first = from > 0 ? SafeURL(checking: "?\(kept)from=0") : nil
        let columns: [Parts.Column] = [
            .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("专家、匹配度和理由", "Experts, affinity and why")),
        ]
        return Parts.table(
            t("分配结果", "Assignment"), columns, rows,
            empty: "<p>\(t("没有待评审的申请。", "No application waits for review."))</p>")
            + Parts.pager(next: next, first: first, t)
    }

    private static func keeping(_ visit: Visit) -> String {
        visit.query.filter { $0.name != "from" }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))&"
        }.joined()
    }

    private func open(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            let form = AssignmentForm(seats: 3) { visit.form[$0] }
            let named = try await house.db.read { tx in
                try CallReview.named(items: form.items, experts: form.experts, in: id, tx)
            }
            let due = visit.form["due"].flatMap { Day($0) }
            let (options, wrong) = form.read(named)
            var problems = wrong
            for one in ReviewDesk.problems(load: options.load, due: due, today: house.today) + form.reasonProblems
            where !problems.contains(one) { problems.append(one) }
            guard problems.isEmpty, let due else { throw ReviewError.incomplete(problems) }
            try await funding.review.open(
                id, options, city: funding.cityDigits, dueOn: due, reasons: form.pairs.map(\.reason),
                expecting: visit.form["commitment"], by: visit.actor)
            return .redirect("/desk/calls/\(id)/assignment")
        } catch let problem as ReviewError {
            return try await page(visit, problem)
        }
    }

    private func assign(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        do {
            try await funding.review.assign(
                id, seed: visit.form["seed"] ?? "", expecting: visit.form["commitment"], by: visit.actor)
            return .redirect("/desk/calls/\(id)/review")
        } catch let problem as ReviewError {
            return try await page(visit, problem)
        }
    }
}
