import Kernel
import Portal
import Review
import Store

/// Auditors read everything; administrators keep accounts; the demonstration moves its clock.
struct AdminPages: Sendable {
    let house: House
    let accounts: Accounts
    /// Present in a demonstration only.
    let demonstration: MovableClock?
    /// Whether there is a provider whose identities accounts may have.
    var hasProvider = false
    let tick: @Sendable () async -> Void

    var routes: [Route] {
        let auditor: RouteAccess = .roles([.auditor])
        let administrator: RouteAccess = .roles([.systemAdministrator])
        var routes = [
            Route("audit.home", .get, "/audit", access: auditor, summary: Bilingual("审计", "Audit"), handler: audit),
            Route(
                "audit.cases", .get, "/audit/cases", access: auditor, summary: Bilingual("全部办件", "All cases"),
                handler: cases),
            Route(
                "audit.events", .get, "/audit/events", access: auditor, summary: Bilingual("全部记录", "All events"),
                handler: events),
            Route(
                "audit.chain", .get, "/audit/cases/{id}", access: auditor,
                summary: Bilingual("核对一个办件的记录链", "Check the chain of a case"), handler: chain),
            Route(
                "admin.home", .get, "/admin", access: administrator, summary: Bilingual("管理", "Administration"),
                handler: admin),
            Route(
                "admin.account", .post, "/admin/accounts/{id}", access: administrator,
                summary: Bilingual("修改账号", "Change an account"), handler: changeAccount),
        ]
        if demonstration != nil {
            routes += [
                Route(
                    "demo.show", .get, "/demo", access: .session, summary: Bilingual("演示", "Demonstration"),
                    handler: demo),
                Route(
                    "demo.move", .post, "/demo", access: .session, summary: Bilingual("拨动时钟", "Move the clock"),
                    handler: moveClock),
            ]
        }
        return routes
    }

    private func audit(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let body: HTML = """
            <h1>\(t("审计", "Audit"))</h1><div class="columns"><section class="card"><h2><a href="/audit/cases">\(t("全部办件", "All cases"))</a></h2><p>\(t("查看任何办件，核对其记录链是否完整。", "Read any case and check that its chain of events is unbroken."))</p></section>\
            <section class="card"><h2><a href="/audit/events">\(t("全部记录", "All events"))</a></h2><p>\(t("谁在何时做了什么，按时间倒序。", "Who did what and when, newest first."))</p></section>\
            <section class="card"><h2><a href="/ledger">\(t("资金总表", "Budget board"))</a></h2><p>\(t("从总表到科目、到每一笔记账及其办件。", "From the board to an account, a posting and its case."))</p></section>\
            <section class="card"><h2><a href="/desk/treasury">\(t("支付业务", "Treasury desk"))</a></h2><p>\(t("付款单、支付批次、银行回单和收款账户。", "Payment orders, runs, the bank's answers and bank accounts."))</p></section>\
            <section class="card"><h2><a href="/audit/trail">\(t("资金轨迹", "Trail of money"))</a></h2><p>\(t("从任何编号或金额找到依据、决定、合同、拨款和凭证。", "From any number or amount to rule, decision, contract, payment and voucher."))</p></section>\
            <section class="card"><h2><a href="/audit/flags">\(t("红旗", "Red flags"))</a></h2><p>\(t("对每一笔交易提出的问题、命中和核查结论。", "Questions to every transaction, hits, and what was made of them."))</p></section>\
            <section class="card"><h2><a href="/audit/samples">\(t("抽样", "Samples"))</a></h2><p>\(t("用种子抽样，任何人可以重算。", "Drawn with a seed; anybody can draw again."))</p></section>\
            <section class="card"><h2><a href="/audit/looks">\(t("个人信息查看记录", "Looks at personal content"))</a></h2><p>\(t("谁在何时为何看过谁的个人信息。", "Who looked at whose personal content, when and why."))</p><p><a href="/audit/privacy">\(t("保存期限", "How long it is kept"))</a></p></section>\
            <section class="card"><h2><a href="/desk">\(t("业务页面", "The desk"))</a></h2><p>\(t("查看指南、评审、决定、项目和拨款，不能修改。", "Read calls, reviews, decisions, projects and money; change nothing."))</p></section></div>
            """
        return .page(Page(title: Bilingual("审计", "Audit"), body: body))
    }

    private func cases(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before: ID<CaseFile>? = visit.query("before").map { ID($0) }
        let files = try await house.db.read { tx in try Worklist.all(before: before, limit: 51, tx) }
        let rows = files.prefix(50).map { file -> [HTML] in
            [
                "<a href=\"/cases/\(file.id.text)\">\(file.number)</a>", HTML(text: t(file.title)),
                Parts.badge((try? house.procedures.step(of: file)).map { t($0.title) } ?? file.step),
                HTML(text: house.city.zone.clockText(file.openedAt)),
                "<a href=\"/audit/cases/\(file.id.text)\">\(t("核对", "Check"))</a>",
            ]
        }
        let next: SafeURL? = files.count > 50 ? files.prefix(50).last.map { "/audit/cases?before=\($0.id.text)" } : nil
        let body: HTML = """
            <h1>\(t("全部办件", "All cases"))</h1>\(Parts.table(t("办件", "Cases"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("环节", "Step")), .init(t("开始", "Opened")), .init(t("记录链", "Chain")),
            ], Array(rows), empty: "—"))\(Parts.pager(next: next, first: before == nil ? nil : "/audit/cases", t))
            """
        return .page(
            Page(
                title: Bilingual("全部办件", "All cases"), trail: [.audit], width: .desk,
                body: body))
    }

    private func admin(_ visit: Visit) async throws -> Answer { try await adminPage(visit, nil) }

    private func adminPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let after = visit.query("after")
        let words = visit.query("q")
        let list = try await house.db.read { tx in try AccountStore.list(after: after, words: words, limit: 26, tx) }
        let rows = list.prefix(25).map { account -> [HTML] in
            let boxes = HTML(each: Role.allCases) { role in
                "<label class=\"choice\"><input type=\"checkbox\" name=\"roles\" value=\"\(role.rawValue)\"\(attribute: "checked", if: account.roles.contains(role))> \(t(role.title))</label> "
            }
            let divisions = HTML(each: house.city.divisions) {
                "<option value=\"\($0.code)\"\(attribute: "selected", if: $0.code == account.division)>\(t($0.name))</option>"
            }
            return [
                "\(account.name)<br><span class=\"hint\">\(account.login)</span>",
                """
                <form method="post" action="/admin/accounts/\(account.id.text)">\(Parts.hidden([(FormSeal.field, visit.csrfToken)]))<fieldset class="field inline"><legend class="unseen">\(t("角色", "Roles")) \(account.login)</legend>\(boxes)</fieldset>\
                <div class="row"><div class="field"><label for="division-\(account.id.text)">\(t("处室", "Division"))<span class="unseen"> \(account.login)</span></label>\
                <select id="division-\(account.id.text)" name="division"><option value="">—</option>\(divisions)</select></div>\
                <div class="field"><label for="state-\(account.id.text)">\(t("状态", "State"))<span class="unseen"> \(account.login)</span></label>\
                <select id="state-\(account.id.text)" name="state"><option value="active">\(t("启用", "Active"))</option>\
                <option value="closed"\(attribute: "selected", if: account.state == .closed)>\(t("停用", "Closed"))</option></select></div>\
                <button class="button secondary">\(t("保存", "Save"))</button></div></form>\
                <div class="buttons">\(Parts.post("/admin/accounts/\(account.id.text)/second-factor/reset", t("重置两步验证", "Reset the second factor"), token: visit.csrfToken, .danger))\(if: hasProvider, Parts.button(t("关联身份", "Linked identities"), to: "/admin/accounts/\(account.id.text)/identities", .secondary))</div>
                """,
            ]
        }
        let next: SafeURL? =
            list.count > 25 ? list.prefix(25).last.map { "/admin?q=\(words ?? "")&after=\($0.login)" } : nil
        let body: HTML = """
            <h1>\(t("账号管理", "Accounts"))</h1><p><a href="/admin/incidents">\(t("事件通报", "Incidents"))</a></p>\(with: problem, { Parts.notice(.bad, t($0.message)) })\(Fields.filters("/admin", Fields.input(.init("q", t("姓名或账号", "Name or account")), value: words ?? "", t), t))\
            \(Parts.table(t("账号", "Accounts"), [.init(t("账号", "Account")), .init(t("角色与处室", "Roles and division"))], Array(rows), empty: "—"))\(Parts.pager(next: next, first: after == nil ? nil : "/admin", t))
            """
        return .page(
            Page(title: Bilingual("账号管理", "Accounts"), width: .desk, body: body), status: problem?.kind.status ?? 200)
    }

    private func changeAccount(_ visit: Visit) async throws -> Answer {
        let division = visit.form["division"].flatMap { $0.isEmpty ? nil : $0 }
        let asked = visit.form.all("roles")
        let roles = Set(asked.compactMap(Role.init(rawValue:)))
        let state = AccountCard.State(rawValue: visit.form["state"] ?? "")
        var wrong: [Bilingual] = []
        if roles.count < Set(asked).count {
            wrong.append(Bilingual("没有这种角色，请从所列角色中选择。", "There is no such role; choose among those shown."))
        }
        if division != nil, !house.city.divisions.contains(where: { $0.code == division }) {
            wrong.append(AccessError.unknownDivision.message)
        }
        if state == nil {
            wrong.append(Bilingual("没有这种状态，请选择启用或停用。", "There is no such state; choose active or closed."))
        }
        guard wrong.isEmpty, let state else {
            let all = Bilingual(wrong.map(\.zh).joined(), wrong.map(\.en).joined(separator: " "))
            return try await adminPage(visit, PlainProblem(.invalid, "account.invalid", all))
        }
        do {
            try await accounts.change(
                try visit.id("id"), roles: roles, division: division, state: state, by: visit.actor)
            return .redirect("/admin")
        } catch let problem as AccessError {
            return try await adminPage(visit, problem)
        }
    }

    private func demo(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let buttons = HTML(each: [1, 3, 7, 14, 30]) { days in
            Parts.post(
                "/demo", t("前进 \(days) 天", "\(counted(days, "day")) on"), token: visit.csrfToken,
                fields: [("days", String(days))])
        }
        let busy = try await house.db.read { tx in try ExpertStore.busy(limit: 30, tx) }
        func row(_ login: String, _ what: String) -> [HTML] {
            let enter = Parts.post(
                "/sign-in", t("以此身份登录", "Sign in"), token: visit.csrfToken,
                fields: [("login", login), ("password", DemonstrationCity.password)])
            return [HTML(text: what), "<code>\(login)</code>", enter]
        }
        let columns: [Parts.Column] = [
            .init(t("身份", "Who")), .init(t("账号", "Account")), .init(t("操作", "Do")),
        ]
        let rows = (DemonstrationCity.accounts + TalentCity.accounts).map { row($0.login, t($0.what)) }
        let experts = busy.map { row($0.login, t("\($0.name)，\($0.count) 项待评审", "\($0.name), \($0.count) to review")) }
        let reviewing: HTML =
            experts.isEmpty
            ? .empty
            : Parts.card(
                t("有评审任务的专家", "Experts with something to review"),
                Parts.table(t("有评审任务的专家", "Experts with something to review"), columns, experts, empty: "—"))
        let body: HTML = """
            <h1>\(t("演示城市", "Demonstration city"))</h1><p class="lead">\(t("这里的人和单位都是虚构的。拨动时钟，就能在几分钟内走完一轮资助；每个人的「我的工作台」写明下一步。", "People and organisations here are invented. Move the clock to live through a whole round in minutes; everybody's \u{201C}My work\u{201D} says what comes next."))</p>\
            \(Parts.card(t("城市时钟", "The city's clock"), "<p><strong>\(house.city.zone.clockText(house.clock.now()))</strong></p><div class=\"buttons\">\(buttons)</div>"))\
            \(reviewing)\(Parts.card(t("演示账号", "Accounts"), "<p>\(t("所有账号的密码都是", "The password of all of them is")) <code>\(DemonstrationCity.password)</code></p>\(Parts.table(t("演示账号", "Accounts"), columns, rows, empty: "—"))"))
            """
        return .page(Page(title: Bilingual("演示", "Demonstration"), body: body))
    }

    private func moveClock(_ visit: Visit) async throws -> Answer {
        guard let demonstration, let days = visit.form["days"].flatMap(Int.init), (1...366).contains(days) else {
            throw PlainProblem(.invalid, "demo.days", Bilingual("请前进 1 至 366 天", "Move on by 1 to 366 days"))
        }
        demonstration.lead += Int64(days) * 86_400_000_000
        let lead = demonstration.lead
        try await house.db.write { tx in try Settings.set("demonstration.lead", String(lead), tx) }
        await tick()
        return .redirect("/demo")
    }
}

extension Role {
    /// As administrators read it.
    var title: Bilingual {
        switch self {
        case .applicant: Bilingual("申请人", "applicant")
        case .expert: Bilingual("专家", "expert")
        case .officer: Bilingual("经办人", "officer")
        case .leader: Bilingual("局领导", "leader")
        case .treasurer: Bilingual("财务复核", "treasurer")
        case .auditor: Bilingual("审计", "auditor")
        case .systemAdministrator: Bilingual("系统管理员", "system administrator")
        }
    }
}
