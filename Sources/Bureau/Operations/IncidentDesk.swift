import Kernel
import Portal
import Store

/// Where administrators open incidents, say how far they have come, and keep the list of who must be told.
struct IncidentDesk: Sendable {
    let house: House

    private var incidents: Incidents { Incidents(house) }
    private static let access: RouteAccess = .roles([.systemAdministrator])
    private static let crumb = Crumb(Bilingual("事件通报", "Incidents"), "/admin/incidents")

    var routes: [Route] {
        [
            Route(
                "admin.incidents", .get, "/admin/incidents", access: Self.access,
                summary: Bilingual("管理事件通报", "Incidents of the administrators"),
                handler: { try await listPage($0, []) }),
            Route(
                "admin.incidents.open", .post, "/admin/incidents", access: Self.access,
                summary: Bilingual("发布事件", "Open an incident"), handler: publish),
            Route(
                "admin.incidents.show", .get, "/admin/incidents/{id}", access: Self.access,
                summary: Bilingual("管理一个事件", "An incident of the administrators"),
                handler: { try await page($0, [], nil) }),
            Route(
                "admin.incidents.follow", .post, "/admin/incidents/{id}/updates", access: Self.access,
                summary: Bilingual("发布进展", "Say how far an incident has come"), handler: follow),
            Route(
                "admin.incidents.telling", .post, "/admin/incidents/{id}/tellings", access: Self.access,
                summary: Bilingual("登记须告知对象", "Note who must be told"), handler: addTelling),
            Route(
                "admin.incidents.told", .post, "/admin/incidents/{id}/told", access: Self.access,
                summary: Bilingual("登记已告知", "Note that somebody was told"), handler: told),
        ]
    }

    // MARK: All of them

    private func listPage(_ visit: Visit, _ problems: [FieldProblem]) async throws -> Answer {
        let t = visit.say
        let after = visit.query("after")
        let reports = try await house.db.read { tx in try IncidentStore.list(after: after, limit: 51, tx) }
        let rows = reports.prefix(50).map { report -> [HTML] in
            [
                "<a href=\"/admin/incidents/\(report.id.text)\">\(report.number)</a>", HTML(text: t(report.title)),
                HTML(text: t(report.kind.title)), HTML(text: house.city.zone.clockText(report.beganAt)),
                IncidentPages.badge(report.state, t),
            ]
        }
        let next: SafeURL? =
            reports.count > 50 ? reports.prefix(50).last.map { "/admin/incidents?after=\($0.number)" } : nil
        let body: HTML = """
            <h1>\(t("事件通报", "Incidents"))</h1><p class="lead">\(t("发布的内容立即公开，此后不能修改，只能增加新的进展。", "What is said here is public at once. It cannot be changed afterwards, only followed."))</p>\
            \(Parts.errors(problems, t))\(Parts.table(t("事件通报", "Incidents"), [
                .init(t("编号", "Number")), .init(t("标题", "Title")), .init(t("类别", "Kind")), .init(t("开始", "Began")), .init(t("状态", "State")),
            ], Array(rows), empty: "<p>\(t("没有事件。", "No incidents."))</p>"))\
            \(Parts.pager(next: next, first: after == nil ? nil : "/admin/incidents", t))\
            \(Parts.card(t("发布事件", "Open an incident"), openForm(visit, problems, t)))
            """
        return Page(title: Self.crumb.title, trail: [.administration], width: .desk, body: body).withProblems(problems)
    }

    private func openForm(_ visit: Visit, _ problems: [FieldProblem], _ t: Say) -> HTML {
        let form = visit.form
        let now = house.city.zone.clockText(house.clock.now())
        func input(_ name: String, _ label: String, type: String = "text", standing: String = "") -> HTML {
            Fields.input(
                .init(name, label), type: type, value: form[name] ?? standing,
                problem: Fields.problem(name, problems, t), isWide: name.hasPrefix("title"), t)
        }
        let kinds = IncidentReport.Kind.allCases.map { ($0.rawValue, t($0.title)) }
        let fields: HTML = """
            \(Fields.select(.init("kind", t("类别", "Kind"), hint: t("涉及个人信息的选“数据”：须告知对象随即列入清单。", "Choose data where personal information is touched: who must be told is then put on the list.")), kinds, value: form["kind"], problem: Fields.problem("kind", problems, t), t))\
            \(input("day", t("开始日期", "Day"), type: "date", standing: String(now.prefix(10))))\
            \(input("time", t("开始时间", "Time"), standing: String(now.suffix(5))))\
            \(input("title-zh", t("标题（中文）", "Title in Chinese")))\(input("title-en", t("标题（英文）", "Title in English")))\
            \(wordFields(form, problems, standing: .looking, t))
            """
        return Fields.form(
            "/admin/incidents", token: visit.csrfToken, fields, buttons: Fields.submit(t("公开发布", "Publish it")))
    }

    /// What every word on an incident has: how far it has come, and the text in both languages.
    private func wordFields(
        _ form: FormBody, _ problems: [FieldProblem], standing: IncidentReport.State, _ t: Say
    ) -> HTML {
        let states = IncidentReport.State.allCases.map { ($0.rawValue, t($0.title)) }
        func text(_ name: String, _ label: String) -> HTML {
            Fields.textarea(
                .init(name, label), value: form[name] ?? "", most: IncidentWord.longest,
                problem: Fields.problem(name, problems, t), t)
        }
        return """
            \(Fields.select(.init("state", t("状态", "State")), states, value: form["state"] ?? standing.rawValue, problem: Fields.problem("state", problems, t), t))\
            \(text("text-zh", t("说明（中文）", "Text in Chinese")))\(text("text-en", t("说明（英文）", "Text in English")))
            """
    }

    private func word(_ form: FormBody) -> IncidentWord {
        IncidentWord(state: form["state"] ?? "", zh: form["text-zh"] ?? "", en: form["text-en"] ?? "")
    }

    private func publish(_ visit: Visit) async throws -> Answer {
        let form = visit.form
        let draft = IncidentDraft(
            kind: form["kind"] ?? "", day: form["day"] ?? "", time: form["time"] ?? "",
            titleZh: form["title-zh"] ?? "", titleEn: form["title-en"] ?? "", word: word(form))
        do {
            return .redirect("/admin/incidents/\(try await incidents.open(draft, by: visit.actor).id)")
        } catch let problem as PlainProblem {
            return try await listPage(visit, problem.fields)
        }
    }
}

// MARK: One of them

extension IncidentDesk {
    private func page(
        _ visit: Visit, _ problems: [FieldProblem], _ problem: (any Problem)?
    ) async throws -> Answer {
        let t = visit.say
        let id: ID<IncidentReport> = try visit.id("id")
        let (report, tellings) = try await house.db.read { tx in
            guard let report = try IncidentStore.find(id, tx) else { throw IncidentError.unknown }
            return (report, try IncidentTellingStore.list(of: id, tx))
        }
        let zone = house.city.zone
        let said = IncidentPages.said(report, zone, t) { Parts.paragraphs($0.zh) + Parts.paragraphs($0.en) }
        let form = Fields.form(
            "/admin/incidents/\(id.text)/updates", token: visit.csrfToken,
            "\(Parts.hidden([("seen", String(report.updates.count))]))\(wordFields(visit.form, problems, standing: report.state, t))",
            buttons: Fields.submit(t("公开发布进展", "Publish it")))
        let body: HTML = """
            <div class="title-row"><h1>\(t(report.title))</h1>\(IncidentPages.badge(report.state, t))</div>\
            <p><a href="/incidents/\(report.number)">\(report.number)</a> · \(t(report.kind.title)) · \(t("开始于", "began")) \(zone.clockText(report.beganAt))</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problems, t))\
            \(Parts.card(t("已公开的内容", "What is public"), Parts.timeline(said)))\
            \(Parts.card(t("发布进展", "Say how far it has come"), form))\
            \(Parts.card(t("须告知对象（不公开）", "Who must be told (not public)"), tellingPart(id, tellings, visit, problems, t)))
            """
        return .page(
            Page(title: report.title, trail: [.administration, Self.crumb], width: .desk, body: body),
            status: problem?.kind.status ?? (problems.isEmpty ? 200 : 422))
    }

    private func tellingPart(
        _ id: ID<IncidentReport>, _ tellings: [IncidentTelling], _ visit: Visit, _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let rows = tellings.map { telling -> [HTML] in
            [
                HTML(text: t(telling.title)), HTML(text: telling.dueOn.text(t.language)),
                telling.doneOn.map { HTML(text: $0.text(t.language)) } ?? Parts.badge(t("未告知", "Not told"), .warning),
                HTML(text: telling.doneNote),
            ]
        }
        let waiting = tellings.filter { $0.doneOn == nil }
        return """
            <p class="hint">\(t("《个人信息保护法》第五十七条：个人信息泄露、篡改、丢失的，应当立即补救，并通知履行个人信息保护职责的部门和个人；采取措施能够有效避免危害的，可以不通知个人。", "Personal Information Protection Law, article 57: where personal information leaked, was changed or lost, mend it at once and tell the authority and the people concerned; people need not be told where the measures taken effectively avoid harm."))</p>\
            \(Parts.table(t("须告知对象", "Who must be told"), [
                .init(t("谁", "Whom")), .init(t("期限", "By when")), .init(t("告知日期", "Told on")), .init(t("告知情况", "How")),
            ], rows, empty: "<p>\(t("没有登记须告知的对象。", "Nobody is on the list."))</p>"))\
            \(if: !waiting.isEmpty, "<h3>\(t("登记已告知", "Note that somebody was told"))</h3>\(toldForm(id, waiting, visit, problems, t))")\
            <h3>\(t("增加须告知的对象", "Add who must be told"))</h3>\(tellingForm(id, visit, problems, t))
            """
    }

    private func toldForm(
        _ id: ID<IncidentReport>, _ waiting: [IncidentTelling], _ visit: Visit, _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let form = visit.form
        let fields: HTML = """
            \(Fields.select(.init("telling", t("已告知对象", "Who was told")), waiting.map { ($0.id.text, t($0.title)) }, value: form["telling"], problem: Fields.problem("telling", problems, t), t))\
            \(Fields.input(.init("told-on", t("告知日期", "Told on")), type: "date", value: form["told-on"] ?? house.today.description, problem: Fields.problem("told-on", problems, t), isWide: false, t))\
            \(Fields.textarea(.init("how", t("告知情况", "How"), hint: t("方式和内容；依法无须告知的，写明理由", "By what means, and what was said; or why the law does not ask for it")), value: form["how"] ?? "", rows: 3, most: Incidents.TellingDraft.longest, problem: Fields.problem("how", problems, t), t))
            """
        return Fields.form(
            "/admin/incidents/\(id.text)/told", token: visit.csrfToken, fields,
            buttons: Fields.submit(t("登记", "Note it"), .secondary))
    }

    private func tellingForm(
        _ id: ID<IncidentReport>, _ visit: Visit, _ problems: [FieldProblem], _ t: Say
    ) -> HTML {
        let form = visit.form
        let whom = IncidentTelling.Whom.allCases.map { ($0.rawValue, t($0.title)) }
        let fields: HTML = """
            \(Fields.select(.init("whom", t("谁", "Whom")), whom, value: form["whom"], problem: Fields.problem("whom", problems, t), t))\
            \(Fields.input(.init("due", t("期限", "By when")), type: "date", value: form["due"] ?? house.today.description, problem: Fields.problem("due", problems, t), isWide: false, t))\
            \(Fields.textarea(.init("note", t("说明", "Note"), hint: t("选“其他”的必填；可用中英文书写，中间加「 / 」", "Needed where others are chosen; in both languages if you like: Chinese, then \" / \", then English"), required: false), value: form["note"] ?? "", rows: 3, most: Incidents.TellingDraft.longest, problem: Fields.problem("note", problems, t), t))
            """
        return Fields.form(
            "/admin/incidents/\(id.text)/tellings", token: visit.csrfToken, fields,
            buttons: Fields.submit(t("增加", "Add"), .secondary))
    }

    private func follow(_ visit: Visit) async throws -> Answer {
        let id: ID<IncidentReport> = try visit.id("id")
        return try await done(id, visit) {
            try await incidents.follow(
                id, with: word(visit.form), seen: visit.form["seen"].flatMap(Int.init), by: visit.actor)
        }
    }

    private func addTelling(_ visit: Visit) async throws -> Answer {
        let id: ID<IncidentReport> = try visit.id("id")
        let form = visit.form
        let draft = Incidents.TellingDraft(
            whom: form["whom"] ?? "", due: form["due"] ?? "", note: form["note"] ?? "")
        return try await done(id, visit) { try await incidents.add(draft, to: id, by: visit.actor) }
    }

    private func told(_ visit: Visit) async throws -> Answer {
        let id: ID<IncidentReport> = try visit.id("id")
        let form = visit.form
        let draft = Incidents.ToldDraft(
            telling: form["telling"] ?? "", day: form["told-on"] ?? "", how: form["how"] ?? "")
        return try await done(id, visit) { try await incidents.told(draft, of: id, by: visit.actor) }
    }

    /// Does something with an incident and shows it again: whole, or with what has to be mended.
    private func done(
        _ id: ID<IncidentReport>, _ visit: Visit, _ work: () async throws -> Void
    ) async throws -> Answer {
        do {
            try await work()
            return .redirect("/admin/incidents/\(id)")
        } catch let problem as PlainProblem {
            return try await page(visit, problem.fields, nil)
        } catch IncidentError.stale {
            return try await page(visit, [], IncidentError.stale)
        }
    }
}
