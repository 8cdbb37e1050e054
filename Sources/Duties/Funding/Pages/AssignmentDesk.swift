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

    private static func options(_ read: (String) -> String?, seats: Int) -> AssignmentOptions? {
        guard let mode = read("mode").flatMap(AssignmentMode.init(rawValue:)), mode != .draw else { return nil }
        func number(_ name: String, _ otherwise: Int) -> Int { read(name).flatMap(Int.init) ?? otherwise }
        return AssignmentOptions(
            mode: mode, seats: number("seats", seats), leastLoad: number("least-load", 0), load: number("load", 15),
            apart: read("apart") == "yes", outside: read("outside") == "yes",
            leastAffinity: number("least-affinity", 0), capPercent: number("cap", 60))
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let model = try await CallPlan.load(try visit.id("id"), funding)
        let call = model.matter.call
        let read: (String) -> String? = { visit.query($0) ?? visit.form[$0] }
        var content: HTML
        var problems = problem?.fields ?? []
        if let round = model.round {
            content = round.mode == .draw ? Self.drawn(call, t) : try fixed(visit, model, round)
        } else {
            let options = Self.options(read, seats: call.content.expertsEach)
            content = asking(visit, call, options, problems)
            if let options {
                problems += options.problems
                if options.problems.isEmpty {
                    let outcome = try await funding.review.proposal(model.matter, options).outcome
                    content = "\(content)\(proposed(visit, model, outcome))"
                }
            }
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

    private static func drawn(_ call: Call, _ t: Say) -> HTML {
        """
        <p>\(t("本批次采用公开抽签。", "This call's experts are drawn in public."))</p>\
        <p><a href="/desk/calls/\(call.id.text)/review">\(t("组织评审", "Run the review"))</a></p>
        """
    }

    /// The options, sent with GET: looking at what would come out changes nothing.
    private func asking(_ visit: Visit, _ call: Call, _ options: AssignmentOptions?, _ problems: [FieldProblem]) -> HTML
    {
        let t = visit.say
        let chosen = options ?? AssignmentOptions(mode: .best, seats: call.content.expertsEach, load: 15)
        func number(_ name: String, _ label: String, _ value: Int) -> HTML {
            Fields.input(.init(name, label), type: "number", value: String(value), isWide: false, t)
        }
        let modes = AssignmentMode.allCases.filter { $0 != .draw }.map { (value: $0.rawValue, title: t($0.title)) }
        let fields: HTML = """
            \(Fields.select(.init("mode", t("分配方式", "Mode")), modes, value: chosen.mode.rawValue, t))\
            \(number("seats", t("每项专家数", "Experts for each"), chosen.seats))\
            \(number("load", t("每人最多", "Most for one expert"), chosen.load))\
            \(number("least-load", t("每人最少", "Least for one expert"), chosen.leastLoad))\
            \(number("least-affinity", t("最低匹配度（千分）", "Least affinity, in thousandths"), chosen.leastAffinity))\
            \(number("cap", t("随机方式的概率上限（%）", "Cap of a pair's probability in random mode, %"), chosen.capPercent))\
            \(Fields.tick(.init("apart", t("同一单位的专家不评同一项", "No two experts of one employer on an application"), required: false), isOn: options == nil || chosen.apart, t))\
            \(Fields.tick(.init("outside", t("每项至少一位外市专家", "At least one expert from another city on each"), required: false), isOn: chosen.outside, t))
            """
        let lead = t(
            "先试算，看总匹配度、最弱一项和每一对的理由；满意后固定方案并公布摘要，再邀请专家。默认方式仍是公开抽签。",
            "Try first and look at the total, the weakest application and why each pair fits; then fix the plan, which publishes its hash, and invite. The default remains the public draw."
        )
        return Parts.card(
            t("分配条件", "Conditions"),
            "<p>\(lead)</p>\(Fields.filters("/desk/calls/\(call.id.text)/assignment", fields, ask: Bilingual("试算", "Try"), t))"
        )
    }

    /// What would come out, and the form that fixes it.
    private func proposed(_ visit: Visit, _ model: CallPlan, _ outcome: AssignmentProtocol) -> HTML {
        let t = visit.say
        let options = outcome.plan.options
        let hidden: [(String, String)] = [
            ("mode", options.mode.rawValue), ("seats", "\(options.seats)"), ("load", "\(options.load)"),
            ("least-load", "\(options.leastLoad)"), ("least-affinity", "\(options.leastAffinity)"),
            ("cap", "\(options.capPercent)"), ("apart", options.apart ? "yes" : "no"),
            ("outside", options.outside ? "yes" : "no"), ("commitment", outcome.commitment),
        ]
        let due = Fields.input(
            .init("due", t("评审截止日期", "Due")), type: "date",
            value: visit.form["due"] ?? house.today.adding(days: 21).description, isWide: false, t)
        let form = Fields.form(
            "/desk/calls/\(model.matter.call.id.text)/assignment", token: visit.csrfToken,
            "\(Parts.hidden(hidden))\(due)",
            buttons: Fields.submit(t("固定方案并公布摘要", "Fix the plan and publish its hash")))
        let mayFix = Policy.may(visit.actor, .runReviews) && outcome.missing == 0 && !outcome.results.isEmpty
        return """
            \(Parts.card(t("试算结果", "What would come out"), "\(AssignmentView.proof(outcome, t))\(if: mayFix, form)"))\
            \(AssignmentView.shortages(outcome, model.names, t))\(table(visit, model, outcome))
            """
    }

    /// Once the plan is fixed: its proof, who is chosen, and the button that invites.
    private func fixed(_ visit: Visit, _ model: CallPlan, _ round: Round) throws -> HTML {
        let t = visit.say
        guard let outcome = try model.outcome() else { return .empty }
        let seed: HTML =
            round.mode == .random
            ? Fields.input(
                .init(
                    "seed", t("公开随机种子", "Public seed"),
                    hint: t("使用方案公布后才产生的公开随机数。", "Public chance that came after the plan was published.")), t) : .empty
        let form = Fields.form(
            "/desk/calls/\(model.matter.call.id.text)/assignment/assign", token: visit.csrfToken,
            "\(Parts.hidden([("commitment", round.commitment)]))\(seed)",
            buttons: Fields.submit(t("分配并邀请专家", "Assign and invite")))
        let mayRun = Policy.may(visit.actor, .runReviews) && round.state == .committed
        let hash: HTML = "<p>\(t("方案摘要", "Hash of the plan")) <code>\(round.commitment)</code></p>"
        let note: HTML =
            round.mode == .random && model.ran == nil
            ? "<p class=\"hint\">\(t("以下是一次示例抽样，实际结果由公开种子决定。", "Below is one sample; the public seed will decide."))</p>"
            : .empty
        return """
            \(Parts.card(t(round.mode.title), "\(hash)\(AssignmentView.proof(outcome, t))\(note)\(if: mayRun, form)"))\
            \(table(visit, model, outcome))
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
            guard let options = Self.options({ visit.form[$0] }, seats: 3) else {
                throw ReviewError.incomplete([
                    FieldProblem(
                        field: "mode", code: "review.mode", message: Bilingual("请选择分配方式", "Choose a mode"))
                ])
            }
            let due = visit.form["due"].flatMap { Day($0) }
            try ReviewDesk.check(load: options.load, due: due, today: house.today)
            guard let due else { return .redirect("/desk/calls/\(id)/assignment") }
            try await funding.review.open(
                id, options, city: funding.cityDigits, dueOn: due, expecting: visit.form["commitment"], by: visit.actor)
            // The commitment is published before anybody is invited.
            try await house.record.sign()
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
