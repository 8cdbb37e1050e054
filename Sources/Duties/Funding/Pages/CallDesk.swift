import Kernel
import Portal
import Store

/// The bureau's desk: calls, and the applications of a call.
struct CallDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    static let staff: RouteAccess = .roles([.officer, .leader, .treasurer, .auditor])

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route("desk", .get, "/desk", access: CallDesk.staff, summary: Bilingual("业务", "Desk"), handler: home),
            Route(
                "desk.calls", .get, "/desk/calls", access: CallDesk.staff, summary: Bilingual("指南管理", "Calls"),
                handler: calls),
            Route(
                "desk.applications", .get, "/desk/calls/{id}/applications", access: CallDesk.staff,
                summary: Bilingual("某指南的申请", "Applications of a call"), handler: applications),
        ]
    }

    static let crumb = Crumb.desk

    /// The views of one call, as links.
    static func tabs(_ call: Call, _ current: String, _ visit: Visit) -> HTML {
        let t = visit.say
        let base = "/desk/calls/\(call.id.text)"
        let items: [(String, String, String)] = [
            ("edit", t("指南", "Call"), base), ("applications", t("申请", "Applications"), "\(base)/applications"),
            ("review", t("评审", "Review"), "\(base)/review"), ("ranking", t("排序", "Ranking"), "\(base)/ranking"),
            ("line", t("立项线", "Funding line"), "\(base)/line"),
            ("sheets", t("评审质量", "Quality"), "\(base)/sheets"), ("feedback", t("意见反馈", "Feedback"), "\(base)/feedback"),
            ("fees", t("咨询费", "Fees"), "\(base)/fees"),
        ]
        return Parts.tabs(
            t("指南各环节", "Parts of the call"),
            items.compactMap { name, title, address in
                guard let url = SafeURL(checking: address), visit.mayOpen(url) else { return nil }
                return (title: title, url: url, isCurrent: name == current)
            })
    }

    /// Where the desk leads: address, title, what is there.
    private static func links(_ t: Say) -> [(SafeURL, String, String)] {
        [
            (
                "/desk/calls", t("指南管理", "Calls"),
                t("编制、发布申报指南，查看申请、评审和立项。", "Write and publish calls; applications, review and awards.")
            ),
            (
                "/desk/programmes", t("年度预算", "Budgets"),
                t("批复、专项预算、调整、付款预测与结账。", "Grants, programme budgets, changes, forecast and closing.")
            ),
            (
                "/desk/decisions", t("立项决定", "Decisions"),
                t("待审定、公示中和已生效的立项决定。", "Decisions proposed, under publicity and in effect.")
            ),
            ("/desk/projects", t("项目", "Projects"), t("合同、实施、验收。", "Contracts, running projects, acceptance.")),
            (
                "/desk/tranches", t("拨款", "Tranches"),
                t("开具拨款单，在办拨款，应退资金。", "Orders, those under way, and money due back.")
            ),
            (
                "/desk/treasury", t("支付业务", "Treasury desk"),
                t("付款单复核与审批、支付批次、银行回单、收款账户。", "Checks and approvals, runs, the bank's answers, bank accounts.")
            ),
            (
                "/desk/spending", t("支出进度", "Progress of spending"),
                t("各项目、计划和年度的支出，支出缓慢提示。", "Spending by project, programme and year; what lags.")
            ),
            ("/desk/recoveries", t("应退资金", "Money due back"), t("分期、滞纳金、核销。", "Parts, penalties, writing off.")),
            (
                "/ledger", t("资金总表", "Budget board"),
                t("批复、预留、承诺、拨付与余额，逐笔可查。", "Appropriated, reserved, committed, paid and left, down to each posting.")
            ),
            (
                "/desk/talent", t("外国专家", "Foreign experts"),
                t("名册、到期许可、请求与投诉、统计。", "Register, permits that end, requests, statistics.")
            ),
            (
                "/rules", t("规则与法定参数", "Rules"),
                t("法定数值及依据、调整、政策试算。", "Legal numbers with their sources, changes, laboratory.")
            ),
            ("/desk/experts", t("专家库", "Expert pool"), t("专家及其领域。", "Experts and their fields.")),
            (
                "/desk/duplicates", t("查重", "Near-duplicates"),
                t("申报书、往年材料和报告之间的相近文字。", "What applications, other years and reports have in common.")
            ),
            (
                "/desk/organisations", t("单位", "Organisations"),
                t("主体库中的单位和隶属关系。", "What is known of organisations, and to whom they belong.")
            ),
        ]
    }

    private func home(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (house, actor, today) = (house, visit.actor, house.today)
        let (open, waiting, decisions, ordered) = try await house.db.read { tx in
            (
                try CallStore.list(CallFilter(phase: .open), today: today, limit: 50, tx),
                try Worklist.mine(actor, limit: 200, tx).count + house.waiting(actor, today, tx).count,
                try DecisionStore.list(state: .proposed, limit: 50, tx).count,
                try TrancheStore.list(state: .ordered, limit: 200, tx).count
            )
        }
        let body: HTML = """
            <h1>\(t("业务", "Desk"))</h1>\(Parts.tiles([
                (String(waiting), t("待我办理", "Waiting for me"), "/work"), (String(open.count), t("正在申报的指南", "Open calls"), "/desk/calls"),
                (String(decisions), t("待审定", "Decisions proposed"), "/desk/decisions"), (String(ordered), t("在办项目拨款", "Project tranches under way"), "/desk/tranches"),
            ]))<div class="columns">\(each: Self.links(t).filter { visit.mayOpen($0.0) }, { "<section class=\"card\"><h2><a href=\"\($0.0)\">\($0.1)</a></h2><p>\($0.2)</p></section>" })</div>
            """
        return .page(Page(title: Bilingual("业务", "Desk"), width: .desk, body: body))
    }

    private func calls(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let (today, place) = (house.today, cursor?.dayAndID)
        let calls = try await house.db.read { tx in
            try CallStore.list(CallFilter(phase: .all, includesDrafts: true), today: today, after: place, limit: 51, tx)
        }
        let rows = calls.prefix(50).map { call -> [HTML] in
            [
                "<a href=\"/desk/calls/\(call.id.text)\">\(call.number)</a>", HTML(text: t(call.title)),
                HTML(text: t(call.programme)), CallDesk.state(call.state, until: call.closesOn, today: today, t),
                "\(call.opensOn.description) – \(call.closesOn.description)", HTML(text: call.budget.yuanText),
            ]
        }
        let next: SafeURL? =
            calls.count > 50
            ? calls.prefix(50).last.map { last in
                "/desk/calls?after=\(Cursor(last.closesOn, last.id.text).text)"
            } : nil
        let add: HTML =
            Policy.may(visit.actor, .editCalls)
            ? "<p>\(Parts.button(t("编制新指南", "Write a call"), to: "/desk/calls/new"))</p>" : .empty
        let body: HTML = """
            <h1>\(t("指南管理", "Calls"))</h1>\(add)\(Parts.table(t("指南", "Calls"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("科技计划", "Programme")), .init(t("状态", "State")),
                .init(t("申报时间", "Open")), .init(t("预算（元）", "Budget (yuan)"), numeric: true),
            ], Array(rows), empty: "<p>\(t("还没有指南。", "No calls yet."))</p>"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/calls", t))
            """
        return .page(Page(title: Bilingual("指南管理", "Calls"), trail: [CallDesk.crumb], width: .desk, body: body))
    }

    /// The state of a call as of a day: what was published is closed after its last day.
    static func state(_ state: Call.State, until closesOn: Day, today: Day, _ t: Say) -> HTML {
        switch state {
        case .draft: Parts.badge(t("编制中", "Draft"))
        case .proposed: Parts.badge(t("待批准", "Proposed"), .warning)
        case .published where closesOn < today: Parts.badge(t("已截止", "Closed"))
        case .published: Parts.badge(t("已发布", "Published"), .good)
        case .cancelled: Parts.badge(t("已取消", "Cancelled"), .bad)
        }
    }

    private func applications(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let id: ID<Call> = try visit.id("id")
        let step = visit.query("step").flatMap { $0.isEmpty ? nil : $0 }
        let after = visit.query("after")
        let definition = try house.procedures.newest("funding.application")
        let stepNames = definition.steps.map(\.id)
        let (call, list, counts, names) = try await house.db.read { tx in
            let call = try CallStore.require(id, tx)
            let list = try ApplicationStore.list(call: id, step: step, after: after, limit: 51, tx)
            return (
                call, list, try ApplicationStore.counts(call: id, steps: stepNames, tx),
                try Registry.organisations(list.map(\.organisation), tx)
            )
        }
        let steps = definition.steps.filter { $0.id != "draft" }.map { step -> (String, String) in
            let count = counts[step.id] ?? 0
            let limit = ApplicationStore.countLimit
            return (step.id, t(step.title) + t.beside(count > limit ? "\(limit)+" : String(count)))
        }
        let rows = list.prefix(50).map { item -> [HTML] in
            [
                "<a href=\"/cases/\(item.id.text)\">\(item.number)</a>", HTML(text: t(item.title)),
                HTML(text: names[item.organisation].map { t($0.name) } ?? ""), HTML(text: item.investigatorName),
                HTML(text: item.requested.yuanText),
                Parts.badge(
                    definition.step(item.step).map { t($0.title) } ?? item.step, ApplicationPanel.tone(item.step)),
            ]
        }
        let next: SafeURL? =
            list.count > 50
            ? list.prefix(50).last.map { "/desk/calls/\(id.text)/applications?step=\(step ?? "")&after=\($0.number)" }
            : nil
        let body: HTML = """
            <h1>\(t(call.title))</h1>\(CallDesk.tabs(call, "applications", visit))\
            \(Fields.filters("/desk/calls/\(id.text)/applications", Fields.select(.init("step", t("环节", "Step")), steps, value: step, none: t("全部", "All"), t), t))\
            \(Parts.table(t("申请", "Applications"), [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("单位", "Organisation")), .init(t("负责人", "Investigator")),
                .init(t("申请金额（元）", "Asked for (yuan)"), numeric: true), .init(t("环节", "Step")),
            ], Array(rows), empty: "<p>\(t("没有申请。", "No applications."))</p>"))\(Parts.pager(next: next, first: after == nil ? nil : "/desk/calls/\(id.text)/applications", t))
            """
        return .page(
            Page(
                title: Bilingual("申请列表", "Applications"),
                trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body))
    }
}
