import Kernel
import Portal
import Store
import Treasury

/// The bureau's pages on projects and their money.
struct ProjectDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "desk.projects", .get, "/desk/projects", access: CallDesk.staff, summary: Bilingual("项目管理", "Projects"),
                handler: projects),
            Route(
                "desk.tranches", .get, "/desk/tranches", access: CallDesk.staff, summary: Bilingual("拨款", "Tranches"),
                handler: tranches),
            Route(
                "desk.tranches.order", .post, "/desk/tranches/{id}/order", access: .roles([.officer]),
                summary: Bilingual("开具拨款单", "Order a tranche"), handler: order),
            Route(
                "desk.tranches.confirm", .post, "/desk/tranches/{id}/confirm", access: .roles([.treasurer]),
                summary: Bilingual("复核拨款单", "Confirm a tranche"), handler: confirm),
            Route(
                "desk.tranches.return", .post, "/desk/tranches/{id}/return", access: .roles([.treasurer]),
                summary: Bilingual("退回拨款单", "Return an order"), handler: sendBack),
            Route(
                "desk.recoveries.settle", .post, "/desk/recoveries/{id}/settle", access: .roles([.treasurer]),
                summary: Bilingual("确认退款到账", "Settle a recovery"), handler: settle),
        ]
    }

    private func projects(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let step = visit.query("step").flatMap { $0.isEmpty ? nil : $0 }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Int, String)? in
            guard let year = cursor.values[0].integer, let number = cursor.values[1].string else { return nil }
            return (Int(year), number)
        }
        let db = house.db
        let file = try visit.export(Bilingual("项目", "Projects"), ProjectPages.columns(visit.language)) { last, limit in
            try await db.read { tx in
                try ProjectStore.list(
                    ProjectFilter(step: step), after: last.map { ($0.year, $0.number) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let list = try await db.read { tx in
            try ProjectStore.list(ProjectFilter(step: step), after: place, limit: 51, tx)
        }
        let definition = try house.procedures.newest("funding.project")
        let rows = list.prefix(50).map { project -> [HTML] in
            [
                "<a href=\"/cases/\(project.id.text)\">\(project.number)</a>", HTML(text: t(project.title)),
                HTML(text: t(project.organisationName)), HTML(text: project.amount.yuanText),
                HTML(text: project.endsOn?.text(t.language) ?? "—"),
                Parts.badge(
                    definition.step(project.step).map { t($0.title) } ?? "", ApplicationPanel.tone(project.step)),
            ]
        }
        let next: SafeURL? =
            list.count > 50
            ? list.prefix(50).last.map {
                "/desk/projects?step=\(step ?? "")&after=\(Cursor([.integer(Int64($0.year)), .string($0.number)]).text)"
            } : nil
        let body: HTML = """
            <h1>\(t("项目管理", "Projects"))</h1>\(Fields.filters("/desk/projects", Fields.select(.init("step", t("环节", "Step")), definition.steps.map { ($0.id, t($0.title)) }, value: step, none: t("全部", "All"), t), t))\
            \(visit.exports)\(Parts.table(t("项目", "Projects"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("承担单位", "Organisation")),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("到期", "Ends")), .init(t("环节", "Step")),
            ], Array(rows), empty: "<p>\(t("没有项目。", "No projects."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/projects", t))
            """
        return .page(Page(title: Bilingual("项目管理", "Projects"), trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private func tranches(_ visit: Visit) async throws -> Answer { try await tranchesPage(visit, nil) }

    /// What the page of tranches reads: three lists, each with its own place and one row more than it shows.
    private struct Lists {
        let ordered: [Tranche]
        let planned: [Tranche]
        let due: [Recovery]
        /// Of them those that come back in agreed parts, which are booked one by one on a page of their own.
        let inParts: Set<String>
        let projects: [ID<CaseFile>: Project]
        let orders: [String: PaymentOrder]
    }

    private func tranchesPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let places = (
            planned: try place("planned", visit), ordered: try place("ordered", visit), due: try place("due", visit)
        )
        let lists = try await house.db.read { tx in
            let planned = try TrancheStore.list(state: .planned, after: places.planned, limit: 26, tx)
            let ordered = try TrancheStore.list(state: .ordered, after: places.ordered, limit: 26, tx)
            let due = try RecoveryStore.list(state: .due, after: places.due, limit: 26, tx)
            let ids = Set(planned.map(\.project) + ordered.map(\.project) + due.map(\.project))
            return Lists(
                ordered: ordered, planned: planned, due: due,
                inParts: try RecoveryStore.inParts(due.map(\.id), tx), projects: try ProjectStore.all(Array(ids), tx),
                orders: try PaymentStore.newest(Tranches.subject, ordered.map(\.id.text), tx))
        }
        let pagers = (
            ordered: pager(
                "ordered", lists.ordered.prefix(25).last.map { ($0.dueOn, $0.id.text) }, lists.ordered, visit),
            planned: pager(
                "planned", lists.planned.prefix(25).last.map { ($0.dueOn, $0.id.text) }, lists.planned, visit),
            due: pager("due", lists.due.prefix(25).last.map { ($0.dueOn, $0.id) }, lists.due, visit)
        )
        let body: HTML = """
            <h1>\(t("拨款", "Tranches"))</h1>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(t("在办的拨款单", "Orders under way"), Parts.table(t("在办", "Under way"), columns(t), waiting(lists, visit), empty: "<p>\(t("没有在办的拨款单。", "No order is under way."))</p>") + pagers.ordered))\
            \(Parts.card(t("计划中的拨款", "Planned"), Parts.table(t("计划", "Planned"), columns(t), plan(lists, visit), empty: "<p>\(t("没有计划中的拨款。", "Nothing is planned."))</p>") + pagers.planned))\
            \(Parts.card(t("应退资金", "Money due back"), Parts.table(t("应退资金", "Money due back"), [
                .init(t("项目", "Project")), .init(t("单位", "Organisation")), .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("原因", "Reason")), .init(t("期限", "Due")), .init(t("操作", "Do")),
            ], back(lists, visit), empty: "<p>\(t("没有应退资金。", "Nothing is due back."))</p>") + pagers.due))
            """
        return .page(
            Page(title: Bilingual("拨款", "Tranches"), trail: [CallDesk.crumb], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func cells(_ project: ID<CaseFile>, _ lists: Lists, _ t: Say) -> [HTML] {
        [
            "<a href=\"/cases/\(project.text)\">\(lists.projects[project]?.number ?? "")</a>",
            HTML(text: lists.projects[project].map { t($0.organisationName) } ?? ""),
        ]
    }

    private func waiting(_ lists: Lists, _ visit: Visit) -> [[HTML]] {
        let (t, token) = (visit.say, visit.csrfToken)
        let mayConfirm = Policy.may(visit.actor, .confirmTranches)
        return lists.ordered.prefix(25).map { item in
            let sendBack: HTML = """
                <details><summary>\(t("退回", "Return"))</summary><form method="post" action="/desk/tranches/\(item.id.text)/return">\(Parts.hidden([(FormSeal.field, token)]))\
                <input class="short" name="reason" aria-label="\(t("退回原因", "Reason to return"))"> <button class="button danger">\(t("退回拨款单", "Return the order"))</button></form></details>
                """
            let order = lists.orders[item.id.text]
            let state: HTML =
                order.map { "<a href=\"/desk/treasury/orders/\($0.id.text)\">\($0.number) \(t($0.state.name))</a>" }
                ?? .empty
            let mayCheck = mayConfirm && order?.state == .ordered
            return cells(item.project, lists, t) + [
                HTML(text: String(item.position)), HTML(text: item.amount.yuanText),
                HTML(text: item.note.map { t(BankReason.words($0)) } ?? ""),
                mayCheck
                    ? "\(Parts.post("/desk/tranches/\(item.id.text)/confirm", t("复核通过", "Check and pass"), token: token, .primary)) \(sendBack)"
                    : state,
            ]
        }
    }

    private func plan(_ lists: Lists, _ visit: Visit) -> [[HTML]] {
        let t = visit.say
        let mayOrder = Policy.may(visit.actor, .orderTranches)
        return lists.planned.prefix(25).map { item in
            cells(item.project, lists, t) + [
                HTML(text: String(item.position)), HTML(text: item.amount.yuanText),
                "\(t(item.condition)) \(item.dueOn?.text(t.language) ?? "")",
                mayOrder
                    ? Parts.post(
                        "/desk/tranches/\(item.id.text)/order", t("开具拨款单", "Order"), token: visit.csrfToken)
                    : Parts.badge(t("计划", "Planned")),
            ]
        }
    }

    private func back(_ lists: Lists, _ visit: Visit) -> [[HTML]] {
        let t = visit.say
        let mayConfirm = Policy.may(visit.actor, .confirmTranches)
        let today = house.today
        return lists.due.prefix(25).map { item -> [HTML] in
            let isLate = item.dueOn.map { $0 < today } ?? false
            let due: HTML = """
                \(item.dueOn?.text(t.language) ?? "—") \(if: isLate, Parts.badge(t("逾期", "Overdue"), .bad))
                """
            let act: HTML =
                if lists.inParts.contains(item.id) {
                    "<a href=\"/desk/recoveries/\(item.id)\">\(t("分期退回", "In parts"))</a>"
                } else if mayConfirm {
                    Parts.post(
                        "/desk/recoveries/\(item.id)/settle", t("已到账", "Received"), token: visit.csrfToken)
                } else {
                    Parts.badge(t("应退", "Due back"), .bad)
                }
            return cells(item.project, lists, t) + [
                HTML(text: item.amount.yuanText), HTML(text: t(item.reason)), due, act,
            ]
        }
    }

    /// The way on in one of the lists.
    private func pager<Item>(_ list: String, _ last: (Day?, String)?, _ items: [Item], _ visit: Visit) -> HTML {
        let next = last.flatMap { last -> SafeURL? in
            guard items.count > 25, let day = last.0 else { return nil }
            return "/desk/tranches?\(list)=\(Cursor([.string(day.description), .string(last.1)]).text)"
        }
        return Parts.pager(next: next, first: visit.query(list) == nil ? nil : "/desk/tranches", visit.say)
    }

    /// Where one of the lists goes on.
    private func place(_ list: String, _ visit: Visit) throws -> (Day, String)? {
        guard let text = visit.query(list) else { return nil }
        let cursor = try Cursor(parsing: text, count: 2)
        guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
            return nil
        }
        return (day, id)
    }

    private func columns(_ t: Say) -> [Parts.Column] {
        [
            .init(t("项目", "Project")), .init(t("单位", "Organisation")), .init(t("期次", "No.")),
            .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("条件与备注", "Condition, note")),
            .init(t("操作", "Do")),
        ]
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/desk/tranches")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await tranchesPage(visit, problem)
        }
    }

    private func order(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await funding.tranches.order(try visit.id("id"), note: visit.form["note"] ?? "", by: visit.actor)
        }
    }

    private func confirm(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { _ = try await funding.tranches.confirm(try visit.id("id"), by: visit.actor) }
    }

    private func sendBack(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            _ = try await funding.tranches.sendBack(
                try visit.id("id"), reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func settle(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { try await funding.projects.settle(visit.path("id"), by: visit.actor) }
    }
}
