import Kernel
import Portal
import Review
import Store

/// The funding line, proposals, decisions and their effect.
struct DecisionDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }
    private let trail = [CallDesk.crumb, Crumb(Bilingual("立项决定", "Decisions"), "/desk/decisions")]

    var routes: [Route] {
        [
            Route(
                "desk.line", .get, "/desk/calls/{id}/line", access: CallDesk.staff,
                summary: Bilingual("立项线", "Funding line"), handler: line),
            Route(
                "desk.decisions.propose", .post, "/desk/calls/{id}/decisions", access: .roles([.officer]),
                summary: Bilingual("提出立项建议", "Propose awards"), handler: propose),
            Route(
                "desk.decisions", .get, "/desk/decisions", access: CallDesk.staff,
                summary: Bilingual("立项决定", "Decisions"), handler: list),
            Route(
                "desk.decisions.show", .get, "/desk/decisions/{id}", access: CallDesk.staff,
                summary: Bilingual("一份立项决定", "A decision"), handler: show),
            Route(
                "desk.decisions.approve", .post, "/desk/decisions/{id}/approve", access: .roles([.leader]),
                summary: Bilingual("批准立项建议", "Approve a proposal"), handler: approve),
            Route(
                "desk.decisions.return", .post, "/desk/decisions/{id}/return", access: .roles([.leader]),
                summary: Bilingual("退回立项建议", "Return a proposal"), handler: sendBack),
            Route(
                "desk.decisions.effect", .post, "/desk/decisions/{id}/effect", access: .roles([.officer, .leader]),
                summary: Bilingual("立项生效", "Give effect"), handler: effect),
        ]
    }

    /// What the line tool reads: the ranking of applications that wait for a decision, and the money left.
    private struct LineModel: Sendable {
        let call: Call
        let left: Money
        let line: FundingLine
        let applications: [ApplicationID: Application]
    }

    private func model(_ id: ID<Call>, method: FundingLine.Method, floor: Int, share: Int) async throws -> LineModel {
        try await house.db.read { tx in
            let call = try CallStore.require(id, tx)
            let left = try FundingBooks.left(of: call, tx)
            guard let round = try RoundStore.find(subject: id.text, tx), round.state == .closed else {
                return LineModel(
                    call: call, left: left,
                    line: FundingLine([], amounts: [:], budget: left, floor: floor, method: method), applications: [:])
            }
            let ranking = try RoundStore.ranking(round, disagreement: call.content.disagreementThousandths, tx)
            let all = try ApplicationStore.all(ranking.ranked.map(\.item), tx)
            let waiting = ranking.ranked.filter { all[$0.item]?.step == "decision" }
            let amounts = all.mapValues { DecisionDesk.amount($0.requested, share: share) }
            return LineModel(
                call: call, left: left,
                line: FundingLine(waiting, amounts: amounts, budget: left, floor: floor, method: method),
                applications: all)
        }
    }

    /// A share in per cent of what was asked for, in whole yuan, rounded down.
    static func amount(_ requested: Money, share: Int) -> Money {
        Money(fen: requested.fen / 100 * Int64(share) / 100 * 100)
    }

    private func choice(_ get: (String) -> String?) -> (method: FundingLine.Method, floor: Int, share: Int) {
        let method = get("method").flatMap(FundingLine.Method.init(rawValue:)) ?? .strict
        let floor = get("floor").flatMap(Int.init).map { min(100, max(0, $0)) } ?? 60
        let share = get("share").flatMap(Int.init).map { min(100, max(1, $0)) } ?? 100
        return (method, floor, share)
    }

    private func line(_ visit: Visit) async throws -> Answer {
        if visit.query("method") == FundingLine.Method.best.rawValue {
            return try await LineDesk(funding: funding).page(visit, visit.query, nil)
        }
        return try await linePage(visit, visit.query, nil)
    }

    private func linePage(_ visit: Visit, _ get: (String) -> String?, _ problem: (any Problem)?) async throws -> Answer
    {
        let t = visit.say
        let id: ID<Call> = try visit.id("id")
        let (method, floor, share) = choice(get)
        let model = try await model(id, method: method, floor: floor * 1_000, share: share)
        let rows = model.line.entries.map { entry -> [HTML] in
            let application = model.applications[entry.item.item]
            return [
                HTML(text: String(entry.item.rank)),
                "<a href=\"/cases/\(entry.item.item.text)\">\(application?.number ?? "")</a>",
                HTML(text: application.map { t($0.title) } ?? ""), HTML(text: ApplicationPanel.points(entry.item.mean)),
                HTML(text: entry.amount.yuanText), HTML(text: entry.running.yuanText),
                entry.isFunded ? Parts.badge(t("拟立项", "Fund"), .good) : Parts.badge(t("不立项", "Do not fund")),
            ]
        }
        let funded = model.line.entries.filter(\.isFunded).count
        let propose: HTML =
            Policy.may(visit.actor, .proposeAwards) && !model.line.entries.isEmpty
            ? Parts.card(
                t("提出立项建议", "Propose"),
                Fields.form(
                    "/desk/calls/\(id.text)/decisions", token: visit.csrfToken,
                    """
                    \(Parts.hidden([("method", method.rawValue), ("floor", String(floor)), ("share", String(share))]))\
                    \(Fields.textarea(.init("reasons", t("理由", "Reasons"), hint: model.line.cutsTie ? t("立项线切开了并列的项目，请说明取舍。", "The line cuts between tied applications: say why.") : nil), value: visit.form["reasons"] ?? "", rows: 3, t))
                    """,
                    buttons: Fields.submit(t("提交 \(funded) 项立项建议", "Propose \(counted(funded, "award"))")))) : .empty
        let base = "/desk/calls/\(id.text)/line"
        let body: HTML = """
            <h1>\(t(model.call.title))</h1>\(CallDesk.tabs(model.call, "line", visit))\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Fields.filters(SafeURL(checking: base) ?? "#", """
                \(Fields.select(.init("method", t("方式", "Method")), FundingLine.Method.allCases.map { ($0.rawValue, t($0.title)) }, value: method.rawValue, t))\
                \(Fields.input(.init("floor", t("最低平均分", "Least mean")), value: String(floor), isWide: false, t))\
                \(Fields.input(.init("share", t("按申请金额的百分比", "Per cent of the amount asked")), value: String(share), isWide: false, t))
                """, t))\(Parts.tiles([
                (model.left.yuanText, t("可用预算（元）", "Budget left (yuan)"), nil), (model.line.total.yuanText, t("拟立项金额（元）", "Proposed (yuan)"), nil),
                ("\(funded) / \(model.line.entries.count)", t("拟立项数", "Proposed awards"), nil),
            ]))\(if: model.line.cutsTie, Parts.notice(.warning, t("立项线切开了并列的项目，须说明取舍理由", "The line cuts between tied applications; reasons are needed")))\
            \(Parts.table(t("立项线", "Funding line"), [
                .init(t("名次", "Rank")), .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("平均分", "Mean"), numeric: true),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("累计（元）", "Running total (yuan)"), numeric: true), .init(t("建议", "Proposal")),
            ], rows, empty: "<p>\(t("评审结束后，这里列出待决定的申请。", "Applications that wait for a decision are listed after the review is closed."))</p>"))\(propose)
            """
        return .page(
            Page(
                title: Bilingual("立项线", "Funding line"),
                trail: [CallDesk.crumb, Crumb(Bilingual("指南管理", "Calls"), "/desk/calls")], width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        let id: ID<Call> = try visit.id("id")
        let form = visit.form
        let (method, floor, share) = choice { form[$0] }
        if method == .best { return try await LineDesk(funding: funding).propose(visit) }
        do {
            let decision = try await funding.proposeLine(
                id, method: method, floor: floor, share: share, reasons: form["reasons"] ?? "", by: visit.actor)
            return .redirect("/desk/decisions/\(decision.id)")
        } catch let problem as DecisionError {
            return try await linePage(visit, { form[$0] }, problem)
        }
    }

    static func title(_ state: Decision.State) -> Bilingual {
        switch state {
        case .proposed: Bilingual("待审定", "Proposed")
        case .returned: Bilingual("已退回", "Returned")
        case .approved: Bilingual("公示中", "Under publicity")
        case .effective: Bilingual("已生效", "In effect")
        }
    }

    static func state(_ state: Decision.State, _ t: Say) -> HTML {
        let tone: Parts.Tone =
            switch state {
            case .proposed: .warning
            case .returned: .bad
            case .approved: .info
            case .effective: .good
            }
        return Parts.badge(t(title(state)), tone)
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let state = visit.query("state").flatMap(Decision.State.init(rawValue:))
        let before: ID<Decision>? = visit.query("before").map { ID($0) }
        let (decisions, calls) = try await house.db.read { tx in
            let decisions = try DecisionStore.list(state: state, before: before, limit: 51, tx)
            return (decisions, try CallStore.titles(Array(Set(decisions.map(\.call))), tx))
        }
        let rows = decisions.prefix(50).map { decision -> [HTML] in
            [
                "<a href=\"/desk/decisions/\(decision.id.text)\">\(decision.number)</a>",
                HTML(text: calls[decision.call].map { t($0) } ?? ""), DecisionDesk.state(decision.state, t),
                HTML(text: house.city.zone.clockText(decision.proposedAt)),
            ]
        }
        let all = (title: t("全部", "All"), url: "/desk/decisions" as SafeURL, isCurrent: state == nil)
        let tabs = Decision.State.allCases.map { one in
            (
                title: t(DecisionDesk.title(one)), url: "/desk/decisions?state=\(one.rawValue)" as SafeURL,
                isCurrent: state == one
            )
        }
        let query = state.map { "state=\($0.rawValue)&" } ?? ""
        let next: SafeURL? =
            decisions.count > 50
            ? decisions.prefix(50).last.flatMap { SafeURL(checking: "/desk/decisions?\(query)before=\($0.id.text)") }
            : nil
        let first: SafeURL? =
            before == nil ? nil : state.map { "/desk/decisions?state=\($0.rawValue)" } ?? "/desk/decisions"
        let body: HTML = """
            <h1>\(t("立项决定", "Decisions"))</h1>\(Parts.tabs(t("状态", "State"), [all] + tabs))\(Parts.table(t("立项决定", "Decisions"), [
                .init(t("编号", "Number")), .init(t("指南", "Call")), .init(t("状态", "State")), .init(t("提出时间", "Proposed")),
            ], Array(rows), empty: "<p>\(t("没有这样的立项建议。评审结束后，在指南的「立项线」中提出。", "No such proposal. They are made on the funding line of a call once its review is closed."))</p>"))\(Parts.pager(next: next, first: first, t))
            """
        return .page(Page(title: Bilingual("立项决定", "Decisions"), trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let id: ID<Decision> = try visit.id("id")
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Int, String)? in
            guard let rank = cursor.values[0].integer, let item = cursor.values[1].string else { return nil }
            return (Int(rank), item)
        }
        let (decision, call, items, applications, notice, awarded) = try await house.db.read { tx in
            let decision = try DecisionStore.require(id, tx)
            let items = try DecisionStore.items(id, after: place, limit: 201, tx)
            return (
                decision, try CallStore.require(decision.call, tx), items,
                try ApplicationStore.all(items.map(\.application), tx),
                try decision.notice.flatMap { try NoticeStore.find($0, tx) }, try DecisionStore.awarded(id, tx)
            )
        }
        let next: SafeURL? =
            items.count > 200
            ? items.prefix(200).last.map {
                "/desk/decisions/\(id.text)?after=\(Cursor([.integer(Int64($0.rank)), .string($0.application.text)]).text)"
            } : nil
        let rows = items.prefix(200).map { DecisionDesk.row($0, applications[$0.application], t) }
        let facts: [(String, HTML)] = [
            (t("指南", "Call"), "<a href=\"/desk/calls/\(call.id.text)\">\(t(call.title))</a>"),
            (
                t("方式", "Method"),
                HTML(text: FundingLine.Method(rawValue: decision.method).map { t($0.title) } ?? decision.method)
            ),
            (t("理由", "Reasons"), HTML(text: decision.reasons)),
            (
                t("立项合计", "Awarded"),
                HTML(
                    text: t(
                        "\(awarded.count) 项，\(awarded.total.text(.chinese))",
                        "\(counted(awarded.count, "award")), \(awarded.total.text(.english))"))
            ),
            (t("审定意见", "Leader's opinion"), HTML(text: decision.decisionReason ?? "—")),
            (
                t("公示", "Notice"),
                notice.map {
                    "<a href=\"/notices/\($0.number)\">\($0.number)</a> \(t("至", "until")) \($0.closesOn.text(t.language)) 24:00"
                } ?? "—"
            ),
        ]
        let body: HTML = """
            <div class="title-row"><h1>\(decision.number)</h1>\(DecisionDesk.state(decision.state, t))</div>\(with: problem, { Parts.notice(.bad, t($0.message)) })\
            \(Parts.card(nil, Parts.facts(facts)))\(steps(visit, decision))\(Parts.table(t("项目", "Applications"), [
                .init(t("名次", "Rank")), .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("平均分", "Mean"), numeric: true),
                .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("结论", "Outcome")), .init(t("理由", "Reason")),
            ], Array(rows), empty: "—"))\(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/decisions/\(id.text)", t))
            """
        return .page(
            Page(title: Bilingual("立项决定", "Decision"), trail: trail, width: .desk, body: body),
            status: problem?.kind.status ?? 200)
    }

    /// What the decision says of one application.
    private static func row(_ item: DecisionItem, _ application: Application?, _ t: Say) -> [HTML] {
        [
            HTML(text: String(item.rank)),
            "<a href=\"/cases/\(item.application.text)\">\(application?.number ?? "")</a>",
            HTML(text: application.map { t($0.title) } ?? ""),
            HTML(text: item.score.map(ApplicationPanel.points) ?? "—"),
            HTML(text: item.outcome == .award ? item.amount.yuanText : "—"),
            item.outcome == .award
                ? Parts.badge(t("立项", "Award"), .good)
                : Parts.badge(item.outcome == .struck ? t("撤下", "Struck") : t("不立项", "Not funded")),
            HTML(text: t(item.reason)),
        ]
    }

    /// What may be done with a decision now.
    private func steps(_ visit: Visit, _ decision: Decision) -> HTML {
        let t = visit.say
        let id = decision.id
        let token = visit.csrfToken
        let url = "/desk/decisions/\(id.text)"
        let approval: HTML =
            decision.state == .proposed && Policy.may(visit.actor, .decideAwards)
            ? Parts.card(
                t("审定", "Decide"),
                """
                \(Fields.form(SafeURL(checking: "\(url)/approve") ?? "#", token: token, Fields.textarea(.init("reason", t("意见", "Opinion"), required: false), rows: 2, t), buttons: Fields.submit(t("批准并公示", "Approve and publish"))))\
                \(Fields.form(SafeURL(checking: "\(url)/return") ?? "#", token: token, Fields.input(.init("reason", t("退回理由", "Reason to return")), t), buttons: Fields.submit(t("退回", "Return"), .danger)))
                """) : .empty
        let effect: HTML =
            decision.state == .approved && Policy.may(visit.actor, .effectAwards)
            ? Parts.card(
                t("生效", "Effect"),
                "<p>\(t("公示期满且异议全部答复后，可以使立项决定生效。", "Once the publicity has closed and all objections are answered, the decision can take effect."))</p>\(Parts.post(SafeURL(checking: "\(url)/effect") ?? "#", t("立项生效", "Give effect"), token: token, .primary))"
            )
            : .empty
        return approval + effect
    }

    private func attempt(_ visit: Visit, _ act: (ID<Decision>) async throws -> Void) async throws -> Answer {
        let id: ID<Decision> = try visit.id("id")
        do {
            try await act(id)
            return .redirect("/desk/decisions/\(id)")
        } catch let problem as DecisionError {
            return try await page(visit, problem)
        }
    }

    private func approve(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            _ = try await funding.decisions.approve(id, reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func sendBack(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in
            _ = try await funding.decisions.sendBack(id, reason: visit.form["reason"] ?? "", by: visit.actor)
        }
    }

    private func effect(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) { id in _ = try await funding.decisions.takeEffect(id, by: visit.actor) }
    }
}
