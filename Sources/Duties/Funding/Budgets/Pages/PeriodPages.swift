import Kernel
import Ledger
import Portal
import Store

/// Closing and reopening the months of the books: one person proposes, another decides.
struct PeriodPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "ledger.periods", .get, "/ledger/periods", access: CallDesk.staff,
                summary: Bilingual("结账", "Closing months"), handler: { try await page($0, nil) }),
            Route(
                "ledger.periods.propose", .post, "/ledger/periods", access: .roles([.treasurer, .officer]),
                summary: Bilingual("提出结账或反结账", "Propose to close or reopen a month"), handler: propose),
            Route(
                "ledger.periods.decide", .post, "/ledger/periods/{month}", access: .roles([.leader]),
                summary: Bilingual("批准或不批准", "Decide on it"), handler: decide),
        ]
    }

    private func page(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let (db, today) = (house.db, house.today)
        let columns: [ExportColumn<BookPeriod>] = [
            ExportColumn(Bilingual("月份", "Month"), text: \.month.description),
            ExportColumn(Bilingual("状态", "Books"), text: { $0.state.name[visit.language] }),
            ExportColumn(Bilingual("笔数", "Postings")) { $0.postings.map { .number(Int64($0)) } ?? .none },
            ExportColumn(Bilingual("发生额（元）", "Turnover (yuan)")) { $0.turnover.map { .money($0) } ?? .none },
            ExportColumn(Bilingual("理由", "Reason"), text: \.reason),
        ]
        let file = try visit.export(Bilingual("结账", "Closed months"), columns) { last, _ in
            guard last == nil else { return [] }
            return try await db.read { tx in try Periods.list(limit: 600, tx) }
        }
        if let file { return file }
        let periods = try await db.read { tx in try Periods.list(limit: 60, tx) }
        let rows = periods.map { period -> [HTML] in
            [
                HTML(text: period.month.description), Parts.badge(t(period.state.name), tone(period.state)),
                HTML(text: period.postings.map(String.init) ?? "—"), HTML(text: period.turnover?.yuanText ?? "—"),
                HTML(text: period.reason), doing(period, visit),
            ]
        }
        let body: HTML = """
            <h1>\(t("结账", "Closing months"))</h1><p>\(t("已结账的月份不再记账；结账和反结账都由一人提出、另一人批准。", "A closed month takes no postings. One person proposes to close or reopen it, another decides."))</p>\
            \(with: problem, { said($0, t) })\(form(visit, today, problem?.fields ?? []))\
            \(visit.exports)\(Parts.table(t("各月", "Months"), [
                .init(t("月份", "Month")), .init(t("结账情况", "Books")), .init(t("笔数", "Postings"), numeric: true),
                .init(t("发生额（元）", "Turnover (yuan)"), numeric: true), .init(t("理由", "Reason")), .init(t("操作", "Do")),
            ], rows, empty: "<p>\(t("还没有结过账。", "No month was closed yet."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("结账", "Closing months"), trail: [CallDesk.crumb, BudgetPages.crumb], width: .desk,
                body: body), status: problem?.kind.status ?? 200)
    }

    private func said(_ problem: any Problem, _ t: Say) -> HTML {
        problem.fields.isEmpty ? Parts.notice(.bad, t(problem.message)) : Parts.errors(problem.fields, t)
    }

    private func tone(_ state: BookPeriod.State) -> Parts.Tone {
        switch state {
        case .closed: .good
        case .closing, .reopening: .warning
        case .open: .neutral
        }
    }

    private func form(_ visit: Visit, _ today: Day, _ problems: [FieldProblem]) -> HTML {
        let t = visit.say
        guard Policy.may(visit.actor, .proposeClosing) else { return .empty }
        let last = Month(Month(today).firstDay.adding(days: -1))
        return Parts.card(
            t("提出", "Propose"),
            Fields.form(
                "/ledger/periods", token: visit.csrfToken,
                """
                \(Fields.input(.init("month", t("月份", "Month"), hint: t("如 2026-02", "Such as 2026-02")), value: visit.form["month"] ?? last.description, problem: Fields.problem("month", problems, t), isWide: false, t))\
                \(Fields.choices(.init("act", t("事项", "What")), [("close", t("结账", "Close")), ("reopen", t("反结账", "Reopen"))], chosen: [visit.form["act"] ?? "close"], isMany: false, problem: Fields.problem("act", problems, t), t))\
                \(Fields.input(.init("reason", t("理由", "Reason")), value: visit.form["reason"] ?? "", problem: Fields.problem("reason", problems, t), t))
                """, buttons: Fields.submit(t("提出", "Propose"))))
    }

    private func doing(_ period: BookPeriod, _ visit: Visit) -> HTML {
        let t = visit.say
        guard period.state == .closing || period.state == .reopening, Policy.may(visit.actor, .decideClosing),
            period.proposedBy != visit.actor.account?.text
        else { return "—" }
        let address: SafeURL = "/ledger/periods/\(period.month.description)"
        return """
            \(Parts.post(address, t("批准", "Approve"), token: visit.csrfToken, .primary, fields: [("decision", "approve")])) \
            \(Parts.post(address, t("不批准", "Refuse"), token: visit.csrfToken, .danger, fields: [("decision", "refuse")]))
            """
    }

    private func attempt(_ visit: Visit, _ act: () async throws -> Void) async throws -> Answer {
        do {
            try await act()
            return .redirect("/ledger/periods")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await page(visit, problem)
        }
    }

    private func propose(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try Policy.require(visit.actor, .proposeClosing)
            let (reason, act) = (visit.form["reason"] ?? "", visit.form["act"] ?? "")
            let month = Month(visit.form["month"] ?? "")
            var wrong = Words.problems(reason, "reason", Bilingual("理由", "Reason"))
            if month == nil {
                wrong.append(
                    FieldProblem(
                        field: "month", code: "period.month",
                        message: Bilingual("月份应写作 2026-02", "Write the month as 2026-02")))
            }
            if !["close", "reopen"].contains(act) {
                wrong.append(
                    FieldProblem(
                        field: "act", code: "field.choice",
                        message: Bilingual("请选择结账或反结账", "Choose to close or to reopen it")))
            }
            guard wrong.isEmpty, let month else { throw PlainProblem.incomplete(wrong) }
            let (now, today, closing) = (house.clock.now(), house.today, act == "close")
            try await house.db.write { tx in
                try Periods.propose(
                    closing: closing, month, reason: reason, by: visit.actor, on: today, at: now, tx)
            }
        }
    }

    private func decide(_ visit: Visit) async throws -> Answer {
        try await attempt(visit) {
            try Policy.require(visit.actor, .decideClosing)
            guard let month = Month(visit.path("month")), let decision = visit.form["decision"],
                ["approve", "refuse"].contains(decision)
            else { throw RequestProblem.nothingHere }
            let now = house.clock.now()
            try await house.db.write { tx in
                try Periods.decide(month, approve: decision == "approve", by: visit.actor, at: now, tx)
            }
        }
    }
}
