import Kernel
import Portal
import Store

/// Starting an application; its draft is filled in as all drafts are.
struct ApplicationPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "applications.new", .get, "/applications/new", access: .signedIn,
                summary: Bilingual("开始申报", "Start an application"), handler: new),
            Route(
                "applications.start", .post, "/applications", access: .signedIn,
                summary: Bilingual("新建申请", "Create an application"), handler: start),
        ] + drafts.routes
    }

    private var drafts: DraftPages {
        let (db, vault, rules, today) = (house.db, house.vault, house.city.rules, house.today)
        return DraftPages(
            base: "/applications", name: "applications", drafts: funding.applications.drafts,
            words: .init(
                submit: Bilingual("确认并提交单位推荐", "Confirm and submit to the organisation"),
                warnings: Bilingual("形式审查时将提出", "The formal check will raise"),
                declaration: Bilingual(
                    "提交即表示：所填内容真实，并遵守科研诚信要求。",
                    "By submitting you state that what you filled in is true and that you keep to research integrity.")),
            suggesting: funding.disciplines.suggesting,
            load: { id, visit in try await load(id, visit.actor) },
            check: { id, _ in
                try await db.read { tx in
                    let application = try ApplicationStore.require(id, tx)
                    let result = try ApplicationCheck.run(application, vault: vault, rules: rules, on: today, tx)
                    return DraftPages.Check(blocking: result.blocking, warnings: result.warnings)
                }
            })
    }

    private func load(_ id: ApplicationID, _ actor: Actor) async throws -> DraftPages.Draft {
        let vault = house.vault
        return try await house.db.read { tx in
            let application = try ApplicationStore.require(id, tx)
            guard application.applicant == actor.account else { throw ApplicationError.unknown }
            let answers = try Drafts.fillable(id, vault: vault, tx)
            let call = try CallStore.require(application.call, tx)
            let closes = call.closesOn
            return DraftPages.Draft(
                file: try CaseStore.require(id, tx),
                title: application.title.zh.isEmpty ? call.title : application.title, form: call.content.wholeForm,
                answers: answers.content, revision: answers.revision, files: try DocumentStore.list(of: id, tx),
                findings: try FindingStore.list(of: id, tx),
                lead: Bilingual(
                    "申报截止 \(closes.text(.chinese)) 24:00；须在此前完成单位推荐。",
                    "Closes \(closes.text(.english)) 24:00. The organisation must endorse before then."))
        }
    }

    private func new(_ visit: Visit) async throws -> Answer {
        try await startPage(visit, number: visit.query("call") ?? "", problem: nil)
    }

    private func startPage(_ visit: Visit, number: String, problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let actor = visit.actor
        let (call, organisations) = try await house.db.read { tx in
            (
                try CallStore.find(number: number, tx),
                try Registry.organisations(actor.memberships.map(\.organisation), tx)
            )
        }
        guard let call, call.state == .published else { throw CallError.unknown }
        let options = organisations.values.sorted { $0.uscc < $1.uscc }.map { ($0.id.text, t($0.name)) }
        let form: HTML =
            options.isEmpty
            ? Parts.notice(
                .warning, t("您还不是任何单位的成员", "You are not a member of any organisation yet"),
                "<p>\(t("申报须由单位提出。请先登记单位，或请单位管理员将您加入。", "Organisations apply. Register yours first, or ask its administrator to add you."))</p>\(Parts.button(t("登记单位", "Register an organisation"), to: "/organisation/new"))"
            )
            : Fields.form(
                "/applications", token: visit.csrfToken,
                """
                \(Parts.hidden([("call", number)]))\(Fields.choices(.init("organisation", t("由哪个单位申报", "Which organisation applies")), options, chosen: options.count == 1 ? [options[0].0] : [], isMany: false, problem: problem.map { t($0.message) }, t))
                """, buttons: Fields.submit(t("开始填写", "Begin")))
        let body: HTML = """
            <h1>\(t("开始申报", "Start an application"))</h1><p class="lead">\(t(call.title))</p>\(Parts.card(nil, form))
            """
        return .page(
            Page(
                title: Bilingual("开始申报", "Start an application"), trail: [Crumb(call.title, "/calls/\(number)")],
                body: body), status: problem?.kind.status ?? 200)
    }

    private func start(_ visit: Visit) async throws -> Answer {
        let number = visit.form["call"] ?? ""
        let organisation: ID<OrganisationMark> = ID(visit.form["organisation"] ?? "")
        let own = visit.actor.memberships
        guard own.isEmpty || own.contains(where: { $0.organisation == organisation }) else {
            let wrong = PlainProblem(
                .invalid, "field.choice", Bilingual("请选择您所在的一个单位", "Choose one of your organisations"))
            return try await startPage(visit, number: number, problem: wrong)
        }
        let application = try await funding.applications.start(
            call: number, organisation: organisation, by: visit.actor)
        return .redirect("/applications/\(application.id)")
    }
}
