import Kernel
import Portal
import Store

/// What a foreign expert sees and files, and the notices of employers.
struct MyExpertPages: Sendable {
    let talent: Talent

    init(_ talent: Talent) { self.talent = talent }

    private var house: House { talent.house }

    private static let members: RouteAccess = .members([.administrator, .sealHolder, .handler])

    var routes: [Route] {
        [
            Route(
                "talent.me", .get, "/talent/me", access: .signedIn,
                summary: Bilingual("我的外国专家页面", "My page as a foreign expert"), handler: me),
            Route(
                "talent.requests.new", .get, "/talent/requests/new", access: .signedIn,
                summary: Bilingual("提出请求或投诉", "Ask for a service or complain"), handler: newRequest),
            Route(
                "talent.requests.file", .post, "/talent/requests", access: .signedIn,
                summary: Bilingual("提交请求或投诉", "File a request or complaint"), handler: fileRequest),
            Route(
                "talent.notices.new", .get, "/talent/employers/{id}/notices/new", access: Self.members,
                summary: Bilingual("报告到岗离岗", "Give notice of arrival or departure"), handler: newNotice),
            Route(
                "talent.notices.file", .post, "/talent/employers/{id}/notices", access: Self.members,
                summary: Bilingual("提交到岗离岗报告", "File a notice"), handler: fileNotice),
        ]
    }

    static let crumb = Crumb(Bilingual("外国专家", "Foreign experts"), "/talent/me")

    private func me(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        guard let account = visit.actor.account else { throw AccessError.unknownAccount }
        let (expert, permits, cases) = try await house.db.read {
            tx -> (ForeignExpert?, [BoardPermit], [(row: ExpertCase, file: CaseFile)]) in
            guard let expert = try ForeignExpertStore.find(account: account, tx) else { return (nil, [], []) }
            return (
                expert, try expert.foreigner.map { try BoardStore.permits(of: $0, tx) } ?? [],
                // Notices are between the employer and the bureau.
                try ExpertCaseStore.list(ExpertCaseFilter(expert: expert.id), before: nil, limit: 50, tx).filter {
                    !$0.row.kind.isNotice
                }
            )
        }
        guard let expert else {
            let body: HTML = """
                <h1>\(t("外国专家", "Foreign experts"))</h1>\(Parts.notice(.info, t("您的账号还没有关联外国专家名册。", "Your account is not linked to the register of foreign experts."), "<p>\(t("请联系用人单位或外国专家处。", "Ask your employer or the division of foreign experts."))</p>"))
                """
            return .page(Page(title: Self.crumb.title, trail: [.work], body: body))
        }
        let body: HTML = """
            <h1>\(expert.name)</h1>\(Parts.facts([
                (t("国家或地区", "Country"), HTML(text: t(house.city.countries.title(expert.country)))), (t("领域", "Field"), HTML(text: t(ExpertField.title(expert.field)))),
                (t("用人单位", "Employer"), HTML(text: t(written: expert.employer))), (t("来华起", "In China since"), HTML(text: expert.since?.text(t.language) ?? "—")),
            ]))<p class="buttons">\(Parts.button(t("请求服务", "Ask for a service"), to: "/talent/requests/new?kind=service"))\
            \(Parts.button(t("投诉", "Complain"), to: "/talent/requests/new?kind=complaint", .secondary))\
            \(Parts.button(t("我的个人信息", "My personal content"), to: "/privacy", .secondary))</p>\
            \(Parts.card(t("我的工作许可", "My work permits"), BoardParts.table(permits, house.city.countries, t, empty: t("没有工作许可。", "No work permit."))))\
            \(Parts.card(t("我的请求与投诉", "My requests and complaints"), ExpertCaseParts.table(cases, house, t, empty: t("还没有提出过。", "Nothing yet."))))
            """
        return .page(Page(title: Self.crumb.title, trail: [.work], width: .desk, body: body))
    }

    // MARK: Requests and complaints

    private func kind(_ word: String?) -> ExpertCase.Kind { word == "complaint" ? .complaint : .service }

    private func newRequest(_ visit: Visit) async throws -> Answer {
        requestPage(visit, kind(visit.query("kind")), nil)
    }

    private func requestPage(_ visit: Visit, _ kind: ExpertCase.Kind, _ problem: (any Problem)?) -> Answer {
        let t = visit.say
        let problems = problem?.fields ?? []
        let topics = ExpertTopic.all(kind).map { (value: $0.code, title: t($0.name)) }
        let hint =
            kind == .complaint
            ? t(
                "投诉内容加密保存，办理人每次查看都要写明理由并被记录。",
                "The text is kept sealed; whoever handles it gives a reason each time, and it is logged.") : nil
        let fields: HTML = """
            \(Parts.hidden([("kind", kind.rawValue)]))\
            \(Fields.select(.init("topic", t("事由", "About")), topics, value: visit.form["topic"], problem: Fields.problem("topic", problems, t), t))\
            \(Fields.textarea(.init("text", t("说明", "Text"), hint: hint), value: visit.form["text"] ?? "", rows: 8, most: 4_000, problem: Fields.problem("text", problems, t), t))
            """
        let body: HTML = """
            <h1>\(t(kind.title))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.errors(problems, t))\(Fields.form("/talent/requests", token: visit.csrfToken, fields, buttons: Fields.submit(t("提交请求", "Send"))))
            """
        return .page(
            Page(title: kind.title, trail: [.work, Self.crumb], body: body), status: problem?.kind.status ?? 200)
    }

    private func fileRequest(_ visit: Visit) async throws -> Answer {
        let kind = kind(visit.form["kind"])
        let filing = ExpertActions.Filing(
            kind: kind, topic: visit.form["topic"] ?? "", text: visit.form["text"]?.trimmed ?? "")
        do {
            let file = try await talent.experts.file(filing, by: visit.actor)
            return .redirect("/cases/\(file.id)")
        } catch let problem as ProcedureError {
            return requestPage(visit, kind, problem)
        }
    }

    // MARK: Notices

    private func newNotice(_ visit: Visit) async throws -> Answer { try await noticePage(visit, nil) }

    private func noticePage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let id: ID<OrganisationMark> = try visit.id("id")
        guard visit.actor.belongs(to: id, as: [.administrator, .sealHolder, .handler]) else {
            throw PrivacyError.unknown
        }
        let t = visit.say
        let problems = problem?.fields ?? []
        let experts = try await house.db.read { tx in
            try ForeignExpertStore.reportable(by: id, limit: 200, tx)
        }
        func wrong(_ name: String) -> String? { Fields.problem(name, problems, t) }
        let kinds: [ExpertCase.Kind] = [.arrival, .departure]
        let topics = kinds.flatMap { kind in
            ExpertTopic.all(kind).map { (value: $0.code, title: "\(t(kind.title)) · \(t($0.name))") }
        }
        let fields: HTML = """
            \(Fields.select(.init("expert", t("外国专家", "Expert")), experts.map { ($0.id.text, $0.name) }, value: visit.form["expert"], problem: wrong("expert"), t))\
            \(Fields.select(.init("topic", t("事由", "Reason")), topics, value: visit.form["topic"], problem: wrong("topic"), t))\
            \(Fields.input(.init("day", t("日期", "Day")), type: "date", value: visit.form["day"] ?? "", problem: wrong("day"), t))\
            \(Fields.textarea(.init("text", t("说明", "Remarks"), required: false), value: visit.form["text"] ?? "", rows: 3, problem: wrong("text"), t))
            """
        let title = Bilingual("报告到岗离岗", "Notice of arrival or departure")
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.errors(problems, t))\
            \(Parts.notice(.info, t("离职、变更工作地域、死亡或失踪，还须向公安机关报告。", "Departures, moves, deaths and disappearances must also be reported to the police."), "<p class=\"basis\">\(t("外国人入境出境管理条例第二十六条", "Regulation on the Entry and Exit of Foreigners, article 26"))</p>"))\
            \(Fields.form("/talent/employers/\(id.text)/notices", token: visit.csrfToken, fields, buttons: Fields.submit(t("提交报告", "Send the notice"))))
            """
        return .page(
            Page(
                title: title, trail: [Crumb(Bilingual("本单位外国人", "Our foreign staff"), "/talent/employers/\(id)")],
                body: body), status: problem?.kind.status ?? 200)
    }

    private func fileNotice(_ visit: Visit) async throws -> Answer {
        let id: ID<OrganisationMark> = try visit.id("id")
        let topic = visit.form["topic"] ?? ""
        let kind: ExpertCase.Kind = ExpertTopic.arrival.contains { $0.code == topic } ? .arrival : .departure
        let expert = visit.form["expert"].flatMap { $0.isEmpty ? nil : ID<ForeignExpert>($0) }
        let filing = ExpertActions.Filing(
            kind: kind, topic: topic, text: visit.form["text"]?.trimmed ?? "", day: visit.form["day"] ?? "",
            expert: expert, organisation: id)
        do {
            let file = try await talent.experts.file(filing, by: visit.actor)
            return .redirect("/cases/\(file.id)")
        } catch let problem as ProcedureError {
            return try await noticePage(visit, problem)
        }
    }
}
