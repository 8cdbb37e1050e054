import Kernel
import Ledger
import Portal
import Store

/// A project's money for its people and for the bureau: headings, vouchers, tranches and where every fen lies.
struct MoneyPages: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "money.project", .get, "/projects/{number}/money", access: .signedIn,
                summary: Bilingual("项目资金", "A project's money"), handler: money),
            Route(
                "money.vouchers", .get, "/projects/{number}/vouchers", access: .signedIn,
                summary: Bilingual("项目支出凭证", "A project's vouchers"), handler: vouchers),
            Route(
                "money.report", .post, "/projects/{number}/money/reports", access: .signedIn,
                summary: Bilingual("新建支出报告", "Begin a report of spending"), handler: openReport),
        ]
    }

    /// What the page reads, in a number of queries that does not depend on how much there is.
    private struct Book {
        let project: Project
        let file: CaseFile
        let budget: ContractBudget
        let sums: [String: (entered: Money, booked: Money)]
        let accounts: [AccountBalance]
        let tranches: [Tranche]
        let reports: [SpendingReport]
        let recoveries: [Recovery]
        let months: [(month: String, spent: Money)]

        func balance(_ kind: AccountKind) -> Money {
            Money.sum(accounts.filter { $0.account.kind == kind }.map(\.balance))
        }
        var paid: Money { Money.sum(accounts.filter { $0.account.kind == .paid }.map(\.inward)) }
    }

    /// The project, for those who may see its money.
    static func find(_ visit: Visit, _ tx: Tx) throws -> (Project, CaseFile) {
        guard let project = try ProjectStore.find(number: visit.path("number"), tx) else { throw ProjectError.unknown }
        let file = try CaseStore.require(project.id, tx)
        guard Policy.maySee(visit.actor, file) || SpendingActions.keeps(visit.actor, file) else {
            throw ProjectError.unknown
        }
        return (project, file)
    }

    private func money(_ visit: Visit) async throws -> Answer { try await moneyPage(visit, nil) }

    private func read(_ visit: Visit) async throws -> Book {
        try await house.db.read { tx in
            let (project, file) = try Self.find(visit, tx)
            return Book(
                project: project, file: file, budget: try ContractBudget.current(project, tx),
                sums: try VoucherStore.sums(project: project.id, tx),
                accounts: try Balances.list(project: project.number, tx),
                tranches: try TrancheStore.list(project: project.id, tx),
                reports: try SpendingReportStore.list(project: project.id, tx),
                recoveries: try RecoveryStore.list(project: project.id, tx),
                months: try ProgressStore.months(project: project.id, tx))
        }
    }

    private func moneyPage(_ visit: Visit, _ problem: (any Problem)?) async throws -> Answer {
        let t = visit.say
        let book = try await read(visit)
        let project = book.project
        let tiles: [(value: String, label: String, url: SafeURL?)] = [
            (project.amount.yuanText, t("资助金额（元）", "Awarded (yuan)"), nil),
            (book.paid.yuanText, t("已拨付（元）", "Paid (yuan)"), nil),
            (book.balance(.spent).yuanText, t("已支出（元）", "Spent (yuan)"), nil),
            (book.balance(.paid).yuanText, t("已拨付未支出（元）", "Paid, not spent (yuan)"), nil),
        ]
        let keeps = SpendingActions.keeps(visit.actor, book.file)
        let warning = try slow(book, t)
        let body: HTML = """
            <h1>\(t("项目资金", "The project's money"))</h1><p class="lead">\(t(project.title)) · \(project.number) · \(t(book.budget.mode.title))</p>\
            \(with: problem, { Parts.notice(.bad, t($0.message)) })\(Parts.errors(problem?.fields ?? [], t))\
            \(Parts.tiles(tiles))\(warning)\
            \(headings(book, t))\(reports(book, keeps && project.step == "running", problem?.fields ?? [], visit))\(tranches(book, t))\(months(book, t))\
            \(recoveries(book, visit))\(trail(book, visit))
            """
        return .page(
            Page(
                title: Bilingual("项目资金", "The project's money"),
                trail: [Crumb(Bilingual(project.number, project.number), "/cases/\(project.id)")], width: .desk,
                body: body),
            status: problem?.kind.status ?? 200)
    }

    /// Says so where spending lags behind the time that has passed, by the rule of the list of progress.
    private func slow(_ book: Book, _ t: Say) throws -> HTML {
        let rule = try SlowRule(house.city.rules.law(on: house.today))
        let (paid, spent) = (book.paid, book.balance(.spent))
        let elapsed = SlowRule.elapsed(book.project, on: house.today)
        guard let share = spent.percent(of: paid),
            rule.isSlow(book.project, paid: paid, spent: spent, elapsed: elapsed)
        else { return .empty }
        return Parts.notice(
            .warning,
            t(
                "支出缓慢：项目期限已过 \(elapsed / 10)%，已拨付资金只支出 \(share)%。请报送支出报告，或者说明原因。",
                "Slow spending: \(elapsed / 10) % of the term has passed, and \(share) % of what was paid is spent. Report what was spent, or say why it is late."
            ))
    }

    /// Cost headings with budget, spent and left.
    private func headings(_ book: Book, _ t: Say) -> HTML {
        let budget = book.budget
        let used = budget.headings.filter { budget.amounts[$0.value] != nil || book.sums[$0.value] != nil }
        let rows = used.map { heading -> [HTML] in
            let sum = book.sums[heading.value] ?? (.zero, .zero)
            let cap = budget.cap(heading.value)
            return [
                HTML(text: t(heading.label)), HTML(text: cap?.yuanText ?? "—"), HTML(text: sum.booked.yuanText),
                HTML(text: sum.entered.yuanText),
                HTML(text: cap.map { ($0 - sum.booked - sum.entered).yuanText } ?? "—"),
            ]
        }
        let bars = used.map { heading -> (label: String, values: [Int]) in
            let sum = book.sums[heading.value] ?? (.zero, .zero)
            let left = max(0, ((budget.cap(heading.value) ?? .zero) - sum.booked - sum.entered).fen)
            return (t(heading.label), [sum.booked, sum.entered, Money(fen: left)].wholeYuan)
        }
        let chart = Chart.stacked(
            ChartText(
                id: "headings", title: t("各科目支出", "Spending by heading"),
                description: t("每个科目已入账、待审核和剩余的预算。", "Of each heading: in the books, to be checked, and left."),
                unit: t("元", "yuan")),
            series: [t("已入账", "In the books"), t("待审核", "To be checked"), t("剩余", "Left")], bars, t)
        return Parts.card(
            t("经费科目", "Cost headings"),
            """
            \(Parts.table(t("经费科目", "Cost headings"), [
                .init(t("科目", "Heading")), .init(t("预算（元）", "Budget (yuan)"), numeric: true), .init(t("已入账（元）", "Spent (yuan)"), numeric: true),
                .init(t("待审核（元）", "To be checked (yuan)"), numeric: true), .init(t("剩余（元）", "Left (yuan)"), numeric: true),
            ], rows, empty: "<p>\(t("合同没有分科目预算。", "The contract has no budget by headings."))</p>"))\(chart)
            """)
    }

    private func reports(_ book: Book, _ mayOpen: Bool, _ problems: [FieldProblem], _ visit: Visit) -> HTML {
        let t = visit.say
        let procedure = try? house.procedures.newest("funding.spending")
        let rows = book.reports.map { report -> [HTML] in
            [
                "<a href=\"/spending/\(report.id.text)\">\(report.number)</a>",
                HTML(text: report.from.text(t.language)), HTML(text: report.to.text(t.language)),
                Parts.badge(
                    (procedure?.step(report.step)).map { t($0.title) } ?? report.step,
                    report.step == "accepted" ? .good : .info),
            ]
        }
        let starts = book.reports.last { $0.step != "withdrawn" }.map { $0.to.adding(days: 1) } ?? book.project.startsOn
        let form = Fields.form(
            "/projects/\(book.project.number)/money/reports", token: visit.csrfToken,
            """
            \(Fields.input(.init("from", t("报告期自", "Period from")), type: "date", value: visit.form["from"] ?? starts?.description ?? "", problem: Fields.problem("from", problems, t), isWide: false, t))\
            \(Fields.input(.init("to", t("报告期至", "Period to")), type: "date", value: visit.form["to"] ?? "", problem: Fields.problem("to", problems, t), isWide: false, t))
            """, buttons: Fields.submit(t("新建支出报告", "Begin a report")))
        return Parts.card(
            t("支出报告", "Reports of spending"),
            """
            \(Parts.table(t("支出报告", "Reports of spending"), [
                .init(t("编号", "Number")), .init(t("自", "From")), .init(t("至", "To")), .init(t("状态", "State")),
            ], rows, empty: "<p>\(t("还没有支出报告。", "There is no report yet."))</p>"))\
            <p><a href="/projects/\(book.project.number)/vouchers">\(t("全部凭证", "All vouchers"))</a> · <a href="/projects/\(book.project.number)/partners">\(t("配套资金", "Money of partners"))</a></p>\(if: mayOpen, form)
            """)
    }

    private func tranches(_ book: Book, _ t: Say) -> HTML {
        let rows = book.tranches.map { tranche -> [HTML] in
            [
                HTML(text: String(tranche.position)), HTML(text: t(tranche.condition)),
                HTML(text: tranche.dueOn?.text(t.language) ?? "—"), HTML(text: tranche.amount.yuanText),
                ProjectPanel.state(tranche.state, nil, t),
            ]
        }
        return Parts.card(
            t("拨款", "Tranches"),
            Parts.table(
                t("拨款", "Tranches"),
                [
                    .init(t("期次", "No.")), .init(t("条件", "Condition")), .init(t("计划日期", "Due")),
                    .init(t("金额（元）", "Amount (yuan)"), numeric: true), .init(t("状态", "State")),
                ], rows, empty: "<p>\(t("合同签署后生成拨款计划。", "Tranches are planned when the contract is signed."))</p>"))
    }

    private func months(_ book: Book, _ t: Say) -> HTML {
        var sum = Money.zero
        let values = book.months.map { item -> Int in
            sum = sum + item.spent
            return Int(sum.fen / 100)
        }
        return Parts.card(
            t("累计支出", "Spent over time"),
            Chart.lines(
                ChartText(
                    id: "months", title: t("按票据月份累计支出", "Spent in total by month of the voucher"),
                    description: t("到每个月为止入账的支出合计。", "What was spent up to each month."), unit: t("元", "yuan")),
                points: book.months.map(\.month), series: [(t("累计支出", "Spent"), values)], t))
    }

    private func recoveries(_ book: Book, _ visit: Visit) -> HTML {
        guard !book.recoveries.isEmpty else { return .empty }
        let t = visit.say
        let isStaff = CallDesk.staff.allows(visit.actor)
        let rows = book.recoveries.map { item -> [HTML] in
            [
                isStaff
                    ? "<a href=\"/desk/recoveries/\(item.id)\">\(t(item.reason))</a>" : HTML(text: t(item.reason)),
                HTML(text: item.amount.yuanText), HTML(text: item.interest.yuanText),
                HTML(text: item.dueOn?.text(t.language) ?? "—"),
                Parts.badge(t(item.state.title), item.isSettled ? .good : .bad),
            ]
        }
        return Parts.card(
            t("应退资金", "Money due back"),
            Parts.table(
                t("应退资金", "Money due back"),
                [
                    .init(t("原因", "Reason")), .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                    .init(t("利息（元）", "Interest (yuan)"), numeric: true), .init(t("期限", "Due")), .init(t("状态", "State")),
                ], rows, empty: "—"))
    }

    /// Every account of the project: where its money came from and where it lies.
    private func trail(_ book: Book, _ visit: Visit) -> HTML {
        let t = visit.say
        let isStaff = CallDesk.staff.allows(visit.actor)
        let names = AccountNames(house.city)
        let rows = book.accounts.map { item -> [HTML] in
            let name = t(names.name(item.account))
            return [
                HTML(
                    text: t(item.account.kind.name)
                        + (item.account[.heading].map { " · \(t(book.budget.title($0)))" } ?? "")),
                isStaff ? "<a href=\"/ledger/accounts/\(item.account.text)\">\(name)</a>" : HTML(text: name),
                HTML(text: item.inward.yuanText), HTML(text: item.outward.yuanText), HTML(text: item.balance.yuanText),
            ]
        }
        return Parts.card(
            t("账目", "In the books"),
            Parts.table(
                t("账目", "In the books"),
                [
                    .init(t("环节", "Station")), .init(t("账户", "Account")), .init(t("转入（元）", "In (yuan)"), numeric: true),
                    .init(t("转出（元）", "Out (yuan)"), numeric: true), .init(t("余额（元）", "Balance (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("还没有账目。", "Nothing is in the books yet."))</p>"))
    }

    // MARK: Vouchers of a project

    private func vouchers(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (project, budget) = try await house.db.read { tx in
            let (project, _) = try Self.find(visit, tx)
            return (project, try ContractBudget.current(project, tx))
        }
        let filter = VoucherFilter(
            project: project.id, state: visit.query("state").flatMap(Voucher.State.init(rawValue:)),
            heading: visit.query("heading").flatMap { $0.isEmpty ? nil : $0 })
        let db = house.db
        let columns = VoucherView.columns(budget, visit.language)
        let file = try visit.export(Bilingual("支出凭证", "Vouchers"), columns) { last, limit in
            try await db.read { tx in
                try VoucherStore.list(filter, before: last.map { ($0.draft.day, $0.id.text) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Day, String)? in
            guard let day = cursor.values[0].string.flatMap({ Day($0) }), let id = cursor.values[1].string else {
                return nil
            }
            return (day, id)
        }
        let list = try await db.read { tx in try VoucherStore.list(filter, before: place, limit: 51, tx) }
        let base = "/projects/\(project.number)/vouchers"
        let kept = "state=\(filter.state?.rawValue ?? "")&heading=\(filter.heading ?? "")"
        let next =
            list.count > 50
            ? list.prefix(50).last.flatMap {
                SafeURL(
                    checking:
                        "\(base)?\(kept)&after=\(Cursor([.string($0.draft.day.description), .string($0.id.text)]).text)"
                )
            } : nil
        let body: HTML = """
            <h1>\(t("支出凭证", "Vouchers"))</h1><p class="lead">\(t(project.title)) · \(project.number)</p>\
            \(Fields.filters(SafeURL(checking: base) ?? "#", """
                \(Fields.select(.init("state", t("状态", "State")), Voucher.State.allCases.map { ($0.rawValue, t($0.title)) }, value: filter.state?.rawValue, none: t("全部", "All"), t))\
                \(Fields.select(.init("heading", t("科目", "Heading")), budget.headings.map { ($0.value, t($0.label)) }, value: filter.heading, none: t("全部", "All"), t))
                """, t))\(visit.exports)\(VoucherView.table(Array(list.prefix(50)), budget, visit) { _ in .empty })\
            \(Parts.pager(next: next, first: cursor == nil ? nil : SafeURL(checking: base), t))
            """
        return .page(
            Page(
                title: Bilingual("支出凭证", "Vouchers"),
                trail: [Crumb(Bilingual("项目资金", "The project's money"), "/projects/\(project.number)/money")],
                width: .desk, body: body))
    }

    private func openReport(_ visit: Visit) async throws -> Answer {
        let (project, _) = try await house.db.read { tx in try Self.find(visit, tx) }
        do {
            let (from, to) = (Day(visit.form["from"] ?? ""), Day(visit.form["to"] ?? ""))
            guard let from, let to else {
                let wrong = [
                    ("from", from, Bilingual("报告期自", "Period from")), ("to", to, Bilingual("报告期至", "Period to")),
                ]
                throw PlainProblem.incomplete(
                    wrong.filter { $0.1 == nil }.map { name, _, label in
                        FieldProblem(
                            field: name, code: "field.day",
                            message: Bilingual(
                                "「\(label.zh)」请按 2026-01-31 的格式填写", "\(label.en): write the day as 2026-01-31"))
                    })
            }
            let report = try await funding.spending.open(project.id, from: from, to: to, by: visit.actor)
            return .redirect("/spending/\(report.id)")
        } catch let problem as any Problem where problem.kind != .broken {
            return try await moneyPage(visit, problem)
        }
    }
}
