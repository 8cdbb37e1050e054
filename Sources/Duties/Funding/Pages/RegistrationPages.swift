import Kernel
import Portal
import Review
import Store

/// How a person comes into the pool of experts, confirms the entry every year, changes it, tells of times away, and
/// leaves.
struct RegistrationPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private static let title = Bilingual("我的专家信息", "My entry in the expert pool")
    private static let address: SafeURL = "/reviews/registration"

    var routes: [Route] {
        let expert: RouteAccess = .roles([.expert])
        return [
            Route(
                "reviews.registration", .get, "/reviews/registration", access: .signedIn,
                summary: RegistrationPages.title
            ) { visit in try await page(visit, nil) },
            Route(
                "reviews.registration.send", .post, "/reviews/registration", access: .signedIn,
                summary: Bilingual("申请入库、确认或修改专家信息", "Ask to be an expert, confirm or change the entry"), handler: send),
            Route(
                "reviews.registration.leave", .post, "/reviews/registration/leave", access: expert,
                summary: Bilingual("退出专家库", "Leave the pool"), handler: leave),
            Route(
                "reviews.absences.add", .post, "/reviews/absences", access: expert,
                summary: Bilingual("登记不能评审的时间", "Keep a time away"), handler: addAbsence),
            Route(
                "reviews.absences.remove", .post, "/reviews/absences/{id}/remove", access: expert,
                summary: Bilingual("移除不能评审的时间", "Take a time away off"), handler: removeAbsence),
        ]
    }

    private struct Model: Sendable {
        let expert: Expert?
        let held: ExpertEntry
        let last: ExpertRequest?
        let absences: [Absence]
    }

    /// - Parameter isAbsence: whether the form that was sent back is the one of times away.
    private func page(_ visit: Visit, _ problem: (any Problem)?, isAbsence: Bool = false) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let today = house.today
        let model = try await house.db.read { tx -> Model in
            guard let account = actor.account else { throw ReviewError.notYours }
            let expert = try ExpertStore.find(account: account, tx)
            let last = try ExpertRequest.last(of: account, tx)
            let waiting = last.flatMap { $0.state == .waiting ? $0.entry : nil }
            return Model(
                expert: expert, held: try waiting ?? expert.map { try ExpertEntry.held(of: $0, tx) } ?? ExpertEntry(),
                last: last, absences: try expert.map { try AbsenceStore.list(of: $0.id, tx) } ?? [])
        }
        let problems = problem?.fields ?? []
        let entry = problem == nil || isAbsence ? model.held : RegistrationPages.typed(visit)
        let isIn = model.expert?.isActive ?? false
        let isStaff = !actor.roles.isDisjoint(with: Role.staff)
        let form =
            isStaff
            ? Parts.notice(.info, t("本局工作人员不能担任评审专家，无需申请", "You work for the bureau: there is nothing to ask for"))
            : Parts.card(nil, RegistrationPages.form(visit, entry, isAbsence ? [] : problems, isIn: isIn))
        let lead = t(
            "评审专家来自这里。学科、单位和职称由经办人核对后登记；每年请确认一次，逾期未确认的不再收到新的邀请。本局工作人员不能担任专家。",
            "Experts of reviews come from here. An officer checks disciplines, employer and title before they are registered. Confirm once a year: an entry not confirmed gets no new invitations. Bureau staff cannot be experts."
        )
        let body: HTML = """
            <h1>\(t(RegistrationPages.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(RegistrationPages.state(model, today, t))\
            <p class="lead">\(lead)</p>\(form)\
            \(if: isIn, AbsenceParts.card(model.absences, at: "/reviews/absences", mayEdit: true, visit, isAbsence ? problems : []))\
            \(if: isIn, Parts.card(t("退出专家库", "Leave the pool"), """
                <p>\(t("退出后不再收到新的评审邀请，手头的评审照常完成；以后可以申请返回。", "No new invitations reach you; what you have in hand stays with you. You may ask to return later."))</p>\
                \(Parts.post("/reviews/registration/leave", t("退出", "Leave"), token: visit.csrfToken, .danger))
                """))
            """
        return .page(
            Page(title: RegistrationPages.title, trail: [.work], body: body), status: problem?.kind.status ?? 200)
    }

    /// How the entry stands, and what became of the last request.
    private static func state(_ model: Model, _ today: Day, _ t: Say) -> HTML {
        let entry: HTML =
            switch model.expert {
            case nil: .empty
            case .some(let expert) where !expert.isActive:
                Parts.notice(.info, t("您已退出专家库", "You have left the pool"))
            case .some(let expert):
                expert.confirmBy.map { day in
                    day < today
                        ? Parts.notice(
                            .warning,
                            t(
                                "专家信息已于 \(day.text(t.language)) 到期，请核对后确认",
                                "Your entry ran out on \(day.text(t.language)): look it over and confirm"))
                        : Parts.notice(
                            .good,
                            t("专家信息有效至 \(day.text(t.language))", "Your entry holds until \(day.text(t.language))"))
                } ?? .empty
            }
        let request: HTML =
            switch model.last?.state {
            case .waiting: Parts.notice(.info, t("申请已提交，待经办人审核", "Your request waits for an officer"))
            case .refused:
                Parts.notice(
                    .bad, t("申请未通过", "Your request was refused"), "<p>\(model.last?.reason ?? "")</p>")
            default: .empty
            }
        return entry + request
    }

    private static func form(_ visit: Visit, _ entry: ExpertEntry, _ problems: [FieldProblem], isIn: Bool) -> HTML {
        let t = visit.say
        func problem(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let known = Disciplines.options.map { ($0.value, t($0.label)) }
        let others = entry.fields.filter { !Disciplines.isKnown($0) }.map { ($0, $0) }
        let languages = ReviewLanguage.allCases.map { (value: $0.rawValue, title: t($0.title)) }
        let fields: HTML = """
            \(Fields.input(.init("title", t("职称", "Title"), hint: t("如：教授、研究员、正高级工程师", "such as professor, senior engineer")), value: entry.title, problem: problem("title"), t))\
            \(Fields.input(.init("employer", t("单位信用代码", "Employer's credit code"), hint: t("18 位统一社会信用代码，单位须已登记", "18 characters; the employer must be registered here")), value: entry.employer, problem: problem("employer"), isWide: false, t))\
            \(Fields.choices(.init("fields", t("学科（1 至 10 个）", "Disciplines (1 to 10)")), known + others, chosen: entry.fields, isMany: true, problem: problem("fields"), t))\
            \(Fields.choices(.init("languages", t("能评审的语言（至少一种）", "Languages you can judge in (at least one)")), languages, chosen: entry.languages, isMany: true, problem: problem("languages"), t))\
            \(Fields.textarea(.init("keywords", t("关键词", "Keywords"), hint: t("中文或英文，用分号隔开", "In Chinese or English, with semicolons between"), required: false), value: entry.keywords, rows: 3, problem: problem("keywords"), t))\
            \(Fields.input(.init("load", t("每轮最多项数", "Most in a round"), hint: t("不填则按各轮的安排", "Left empty, as each round has it"), required: false), type: "number", value: entry.load, problem: problem("load"), isWide: false, t))
            """
        return Fields.form(
            address, token: visit.csrfToken, fields,
            buttons: Fields.submit(
                isIn ? t("确认或提交修改", "Confirm or send changes") : t("申请入库", "Ask to be an expert")))
    }

    private static func typed(_ visit: Visit) -> ExpertEntry {
        let form = visit.form
        var entry = ExpertEntry()
        entry.title = form["title"] ?? ""
        entry.employer = form["employer"] ?? ""
        entry.fields = form.all("fields")
        entry.keywords = form["keywords"] ?? ""
        entry.load = form["load"] ?? ""
        entry.languages = form.all("languages").filter { !$0.isEmpty }
        return entry
    }

    private func attempt(
        _ visit: Visit, isAbsence: Bool = false, _ act: () async throws -> Void
    ) async throws -> Answer {
        do {
            try await act()
            return .redirect(RegistrationPages.address.text)
        } catch let problem as any Problem where problem.kind == .invalid {
            return try await page(visit, problem, isAbsence: isAbsence)
        }
    }

    private func send(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await funding.review.actions.register(
                RegistrationPages.typed(visit), try PoolCare(house.city.rules, on: house.today), by: visit.actor)
        }
    }

    private func leave(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { try await funding.review.actions.leavePool(by: visit.actor) }
    }

    private func addAbsence(_ visit: Visit) async throws -> Answer {
        try await attempt(visit, isAbsence: true) {
            try await funding.review.actions.addAbsence(AbsenceParts.typed(visit), by: visit.actor)
        }
    }

    private func removeAbsence(_ visit: Visit) async throws -> Answer {
        try await attempt(visit, isAbsence: true) {
            try await funding.review.actions.removeAbsence(try visit.id("id"), by: visit.actor)
        }
    }
}
