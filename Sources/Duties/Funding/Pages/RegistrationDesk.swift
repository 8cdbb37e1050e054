import Kernel
import Portal
import Review
import Store

/// Requests to come into the pool of experts or to be changed in it, for officers to decide.
struct RegistrationDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("专家库申请", "Requests to the expert pool")
    private static let size = 20

    var routes: [Route] {
        [
            Route(
                "desk.experts.requests", .get, "/desk/experts/requests", access: TieDesk.readers,
                summary: RegistrationDesk.title
            ) { visit in try await page(visit) },
            Route(
                "desk.experts.decide", .post, "/desk/experts/requests/{id}", access: .roles([.officer]),
                summary: Bilingual("审核专家库申请", "Decide on a request to the pool"), handler: decide),
        ]
    }

    /// - Parameters:
    ///   - refused: the request whose decision was sent back.
    ///   - problem: why.
    private func page(
        _ visit: Visit, _ refused: ID<ExpertRequest>? = nil, _ problem: (any Problem)? = nil
    ) async throws -> Answer {
        let t = visit.say
        let after: ID<ExpertRequest>? = visit.query("after").flatMap { $0.isEmpty ? nil : ID($0) }
        let found = try await house.db.read { tx in
            try WaitingExpert.list(after: after, limit: RegistrationDesk.size + 1, tx)
        }
        let shown = found.prefix(RegistrationDesk.size)
        let next: SafeURL? =
            found.count > shown.count
            ? shown.last.map { "/desk/experts/requests?after=\($0.request.id.text)" } : nil
        let cards = HTML(each: shown) { card($0, visit, $0.request.id == refused ? problem : nil) }
        let body: HTML = """
            <h1>\(t(RegistrationDesk.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            <p class="lead">\(t("通过即按所填内容登记；原单位保留在任职经历中，利害关系随即重新计算。", "To admit is to register what is asked for. The former employer stays among the employments, and conflicts are looked up again at once."))</p>\
            \(shown.isEmpty ? "<div class=\"empty\"><p>\(t("没有待审核的申请。", "No request waits."))</p></div>" : cards)\
            \(Parts.pager(next: next, first: after == nil ? nil : "/desk/experts/requests", t))
            """
        return .page(
            Page(title: RegistrationDesk.title, trail: TieDesk.trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    /// - Parameter problem: why the decision on this one was sent back; what was typed stays.
    private func card(_ one: WaitingExpert, _ visit: Visit, _ problem: (any Problem)?) -> HTML {
        let t = visit.say
        let (entry, held) = (one.request.entry, one.held)
        func changed(_ new: String, _ old: String?) -> HTML {
            let was: HTML =
                old.map { old in
                    old == new
                        ? .empty : " <span class=\"hint\">\(t("原为", "was")) \(old.isEmpty ? "—" : old)</span>"
                } ?? .empty
            return "\(new.isEmpty ? "—" : new)\(was)"
        }
        func names(_ codes: [String]) -> String {
            codes.sorted().map { "\($0) \(t(Disciplines.name($0)))" }.joined(separator: t("、", ", "))
        }
        let languages = entry.languages.compactMap { ReviewLanguage(typed: $0) }
        // The pool keeps the Chinese name.
        let former = held.flatMap { $0.organisationName == one.employer?.zh ? nil : $0.organisationName }
        let facts: [(String, HTML)] = [
            (t("职称", "Title"), changed(t(written: entry.title), held.map { t(written: $0.title) })),
            (t("单位", "Employer"), changed(one.employer.map { t($0) } ?? entry.employer, former)),
            (t("学科", "Disciplines"), changed(names(entry.fields), held.map { names($0.fields) })),
            (
                t("评审语言", "Languages"),
                changed(ExpertDesk.names(languages, t), held.map { ExpertDesk.names($0.languages, t) })
            ),
            (t("关键词", "Keywords"), HTML(text: entry.keywords)),
            (t("每轮最多项数", "Most in a round"), changed(entry.load, held.map { $0.maxLoad.map(String.init) ?? "" })),
            (t("提出日期", "Asked on"), HTML(text: house.city.zone.day(of: one.request.askedAt).text(t.language))),
        ]
        let reason = RegistrationDesk.reason(one.request.id)
        let problems = problem?.fields ?? []
        // They are of the entry, which has no fields here to point at.
        let others = problems.filter { $0.field != "reason" }.map {
            FieldProblem(field: "", code: $0.code, message: $0.message, basis: $0.basis)
        }
        let form: HTML = Fields.form(
            "/desk/experts/requests/\(one.request.id.text)?after=\(visit.query("after") ?? "")", token: visit.csrfToken,
            """
            \(Parts.errors(others, t))\
            \(Fields.input(.init(reason, t("不通过的理由（通过可不填）", "Reason to refuse; not needed to admit")), value: visit.form[reason] ?? "", problem: Fields.problem("reason", problems, t), t))
            """,
            buttons: Fields.submit(t("通过并登记", "Admit"), name: "decision", value: "admit")
                + Fields.submit(t("不通过", "Refuse"), .danger, name: "decision", value: "refuse"))
        let kind = held == nil ? Bilingual("新入库", "New") : Bilingual("修改或返回", "Change or return")
        return """
            <section class="card"><div class="title-row"><h2>\(one.name)\(t.beside(one.login))</h2>\(Parts.badge(t(kind), .info))</div>\
            \(Parts.facts(facts))\(if: Policy.may(visit.actor, .runReviews), form)</section>
            """
    }

    /// The name of the field for the reason on a request's card.
    static func reason(_ id: ID<ExpertRequest>) -> String { "reason-\(id.text)" }

    private func decide(_ visit: Visit) async throws -> Answer {
        let id: ID<ExpertRequest> = try visit.id("id")
        do {
            guard let decision = visit.form["decision"], ["admit", "refuse"].contains(decision) else {
                throw PlainProblem(
                    .invalid, "field.required", Bilingual("请选择通过或不通过", "Choose to admit or to refuse"))
            }
            try await funding.review.actions.decide(
                id, admits: decision == "admit", reason: visit.form[RegistrationDesk.reason(id)] ?? "",
                try PoolCare(house.city.rules, on: house.today), by: visit.actor)
            return .redirect("/desk/experts/requests")
        } catch let problem as any Problem where problem.kind != .broken && problem.kind != .forbidden {
            return try await page(visit, id, problem)
        }
    }
}
