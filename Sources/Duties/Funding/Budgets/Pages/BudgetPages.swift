import Kernel
import Ledger
import Portal
import Store

/// The budgets of a year: what each source grants, what programmes have of it, papers, and the payments to come.
struct BudgetPages: Sendable {
    let house: House

    static let crumb = Crumb(Bilingual("年度预算", "Budgets"), "/desk/programmes")

    var routes: [Route] {
        [
            Route(
                "desk.programmes", .get, "/desk/programmes", access: CallDesk.staff,
                summary: Bilingual("年度预算", "Budgets of a year"), handler: show),
            Route(
                "desk.forecast", .get, "/desk/forecast", access: CallDesk.staff,
                summary: Bilingual("付款预测", "Forecast of payments"), handler: forecast),
        ]
    }

    private struct Model: Sendable {
        let grants: [BudgetGrant]
        let budgets: YearBudgets
        let papers: [CaseLine]
        let years: [Int]
        let grades: [String: PerformanceResult]
    }

    /// One programme with its money, as lists and files show it.
    private struct Line: Sendable {
        let balance: ProgrammeBalance
        let carried: Money
        let settled: Money
        let outside: [BudgetSource: Money]
        let grade: PerformanceResult?
    }

    private static func load(_ year: Int, _ tx: Tx) throws -> Model {
        let budgets = try YearBudgets.of(year: year, tx)
        return Model(
            grants: try BudgetGrant.list(year: year, budgets.ends, tx), budgets: budgets,
            papers: try CaseLists.list(
                CaseFilter(BudgetHooks.procedure, fields: ["year": String(year)]), limit: 10, tx),
            years: try Board.years(tx), grades: try PerformanceStore.newest(before: year, tx))
    }

    private func year(_ visit: Visit) -> Int {
        visit.query("year").flatMap(Int.init).flatMap { (2_000...2_100).contains($0) ? $0 : nil }
            ?? house.today.parts.year
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let year = year(visit)
        let db = house.db
        let lines: @Sendable (Model) -> [Line] = { model in
            model.budgets.programmes.map {
                Line(
                    balance: $0, carried: model.budgets.carried($0.programme),
                    settled: model.budgets.settled($0.programme),
                    outside: model.budgets.outside[$0.programme.code] ?? [:], grade: model.grades[$0.programme.code])
            }
        }
        let file = try visit.export(
            Bilingual("\(year) 年专项预算", "Programme budgets of \(year)"), columns(visit.language)
        ) { last, _ in
            guard last == nil else { return [] }
            return lines(try await db.read { tx in try Self.load(year, tx) })
        }
        if let file { return file }
        let model = try await db.read { tx in try Self.load(year, tx) }
        let current = house.today.parts.year
        let tabs = Set(model.years + [current, current + 1]).sorted(by: >).prefix(8).map {
            (String($0), "/desk/programmes?year=\(String($0))" as SafeURL, $0 == year)
        }
        let title = Bilingual("\(year) 年度预算", "Budgets of \(year)")
        let body: HTML = """
            <h1>\(t(title))</h1>\(Parts.tabs(t("预算年度", "Budget year"), Array(tabs)))\(actions(visit))\
            \(Parts.card(t("年度预算批复", "Granted for the year"), grants(model, t)))\(share(model, t))\
            \(Parts.card(t("专项预算", "Programme budgets"), visit.exports + programmes(lines(model), year, t) + whole(lines(model), model.grants, t)))\
            \(Parts.card(t("预算文件", "Budget papers"), papers(model, visit)))
            """
        return .page(Page(title: title, trail: [CallDesk.crumb], width: .desk, body: body))
    }

    private func actions(_ visit: Visit) -> HTML {
        let t = visit.say
        let start: HTML =
            visit.actor.roles.contains(.officer)
            ? """
            \(Parts.button(t("提出预算或调整", "Propose a budget or a change"), to: "/procedures/funding.budget/start"))
            """ : .empty
        let yearEnd: SafeURL = "/desk/procedures/funding.year-end"
        return """
            <div class="buttons">\(start) \(Parts.button(t("付款预测", "Forecast of payments"), to: "/desk/forecast", .secondary)) \
            \(Parts.button(t("资金总表", "Budget board"), to: "/ledger", .secondary)) \
            \(Parts.button(t("结账", "Closing months"), to: "/ledger/periods", .secondary)) \
            \(if: visit.mayOpen(yearEnd), Parts.button(t("年末结转", "Year-end"), to: yearEnd, .secondary))</div>
            """
    }

    private func grants(_ model: Model, _ t: Say) -> HTML {
        let rows = model.grants.map { grant -> [HTML] in
            [
                "<a href=\"/ledger/accounts/\(grant.account.text)\">\(t(grant.source.name))</a>",
                HTML(text: grant.granted.yuanText), HTML(text: grant.carried.yuanText),
                HTML(text: grant.given.yuanText), HTML(text: grant.settled.yuanText), HTML(text: grant.left.yuanText),
            ]
        }
        return Parts.table(
            t("年度预算批复", "Granted for the year"),
            [
                .init(t("资金来源", "Source")), .init(t("批复（元）", "Granted (yuan)"), numeric: true),
                .init(t("上年未安排结转（元）", "Carried over, not given out (yuan)"), numeric: true),
                .init(t("已安排专项（元）", "Given to programmes (yuan)"), numeric: true),
                .init(t("年末结转或收回（元）", "Gone at the year's end (yuan)"), numeric: true),
                .init(t("未安排（元）", "Not given out (yuan)"), numeric: true),
            ], rows, empty: "<p>\(t("这一年还没有批复预算。", "Nothing was granted for this year yet."))</p>")
    }

    private func share(_ model: Model, _ t: Say) -> HTML {
        let facts = model.budgets.share()
        guard let total = facts.total, let basic = facts.basic, total > .zero,
            let rule = try? BudgetShareRule(house.city.rules.law(on: house.today))
        else { return .empty }
        let ruling = rule.ruling(facts, on: house.today)
        let met = ruling.outcome["met"]?.bool
        let law = ruling.trace.flatMap(\.flattened).compactMap(\.law).first
        let today = house.today
        let sums = t(
            "截至 \(today.text(.chinese))，为本年批复、已安排给各专项的市级资金共 \(total.text(.chinese))，其中基础研究 \(basic.text(.chinese))。上年结转计入批复它的年度。",
            "As of \(today.text(.english)), programmes were given \(total.text(.english)) of municipal money granted for this year, \(basic.text(.english)) of it for basic research. What was carried over counts in the year for which it was granted."
        )
        return Parts.notice(
            met == false ? .warning : .info, t(ruling.words),
            """
            \(with: law, { law in
                "<p class=\"basis\">\(t(law.source.cited)) \(if: law.source.confidence.needsChecking, Parts.toBeChecked(t))</p>"
            })<p class="hint">\(sums) \(t(CutShare.rounding))</p>
            """)
    }

    /// How the budgets of programmes follow from what was given.
    private func whole(_ lines: [Line], _ grants: [BudgetGrant], _ t: Say) -> HTML {
        let (all, given) = (Money.sum(lines.map(\.balance.budget)), Money.sum(grants.map(\.given)))
        let (carried, settled) = (Money.sum(lines.map(\.carried)), Money.sum(lines.map(\.settled)))
        let words = t(
            "各专项预算合计 \(all.yuanText) 元：已安排 \(given.yuanText) 元，加各专项上年结转 \(carried.yuanText) 元，减年末结转或收回 \(settled.yuanText) 元。",
            "All budgets are RMB \(all.yuanText): RMB \(given.yuanText) given, RMB \(carried.yuanText) carried over by programmes, less RMB \(settled.yuanText) gone at the year's end."
        )
        return "<p class=\"hint\">\(words)</p>"
    }

    private func columns(_ language: Language) -> [ExportColumn<Line>] {
        [
            ExportColumn(Bilingual("专项", "Programme"), text: { $0.balance.programme.name[language] }),
            ExportColumn(Bilingual("预算（元）", "Budget (yuan)")) { .money($0.balance.budget) },
            ExportColumn(Bilingual("其中上年结转（元）", "Of it carried over (yuan)")) { .money($0.carried) },
            ExportColumn(Bilingual("其中市级以外（元）", "Of it not municipal (yuan)")) {
                .money(Money.sum($0.outside.values))
            },
            ExportColumn(Bilingual("已承诺（元）", "Promised (yuan)")) { .money($0.balance.promised) },
            ExportColumn(Bilingual("余额（元）", "Left (yuan)")) { .money($0.balance.left) },
            ExportColumn(Bilingual("年末结转或收回（元）", "Gone at the year's end (yuan)")) { .money($0.settled) },
            ExportColumn(Bilingual("上次绩效等级", "Last performance grade"), text: { $0.grade?.grade[language] ?? "" }),
        ]
    }

    private func programmes(_ lines: [Line], _ year: Int, _ t: Say) -> HTML {
        let rows = lines.map { line -> [HTML] in
            let programme = line.balance.programme
            let account = LedgerAccount.budget(programme.code, year: year)
            let grade: HTML =
                line.grade.map {
                    "<a href=\"/cases/\($0.caseID.text)\">\(String($0.year)) · \(t($0.grade)) · \($0.scoreText)</a>"
                } ?? "—"
            return [
                HTML(text: t(programme.name)),
                "<a href=\"/ledger/accounts/\(account.text)\">\(line.balance.budget.yuanText)</a>",
                HTML(text: line.carried.yuanText), HTML(text: Money.sum(line.outside.values).yuanText),
                HTML(text: line.balance.promised.yuanText), HTML(text: line.balance.left.yuanText), grade,
            ]
        }
        return Parts.table(
            t("专项预算", "Programme budgets"),
            [
                .init(t("专项", "Programme")), .init(t("预算（元）", "Budget (yuan)"), numeric: true),
                .init(t("其中上年结转（元）", "Of it carried over (yuan)"), numeric: true),
                .init(t("其中市级以外（元）", "Of it not municipal (yuan)"), numeric: true),
                .init(t("已承诺（元）", "Promised (yuan)"), numeric: true), .init(t("余额（元）", "Left (yuan)"), numeric: true),
                .init(t("上次绩效", "Last performance")),
            ], rows, empty: "—")
    }

    private func papers(_ model: Model, _ visit: Visit) -> HTML {
        let t = visit.say
        let all: SafeURL = "/desk/procedures/funding.budget"
        let rows = model.papers.map { line -> [HTML] in
            let step = (try? house.procedures.step(of: line.file)).map { t($0.title) } ?? line.file.step
            return [
                "<a href=\"/cases/\(line.file.id.text)\">\(line.file.number)</a>", HTML(text: t(line.file.title)),
                Parts.badge(step, line.file.step == "decision" ? .warning : .neutral),
            ]
        }
        return """
            \(Parts.table(t("预算文件", "Budget papers"), [.init(t("编号", "Number")), .init(t("事项", "What")), .init(t("状态", "State"))], rows, empty: "<p>\(t("这一年还没有预算文件。", "There is no paper for this year yet."))</p>"))\
            \(if: visit.mayOpen(all), "<p><a href=\"\(all)\">\(t("全部预算文件", "All papers"))</a></p>")
            """
    }
}

extension BudgetPages {
    private func forecast(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (db, today) = (house.db, house.today)
        let file = try visit.export(Bilingual("付款预测", "Forecast of payments"), ForecastView.columns(visit.language)) {
            last, _ in
            guard last == nil else { return [] }
            return try await db.read { tx in try ForecastView.rows(try Forecast.of(today, tx), tx) }
        }
        if let file { return file }
        let (months, programmes, lines) = try await db.read { tx in
            (
                try Forecast.of(today, tx), try ProgrammeStore.all(tx),
                try [today.parts.year, today.parts.year + 1].map { (year: $0, lines: try Board.of(year: $0, tx)) }
            )
        }
        let title = Bilingual("付款预测", "Forecast of payments")
        let view = ForecastView(months: months, programmes: programmes, boards: lines)
        let body: HTML = """
            <h1>\(t(title))</h1><p>\(t("按已签合同的拨款计划，逾期未拨的计入本月；没有计划日的按项目期限。", "By the tranches of signed contracts; what is overdue counts in the present month, what has no day at the end of the term."))</p>\
            \(Parts.card(t("每月应付", "Due by month"), view.chart(t) + visit.exports + view.table(t)))\
            \(Parts.card(t("与可用预算对照", "Beside what is free"), view.free(t)))
            """
        return .page(
            Page(title: title, trail: [CallDesk.crumb, BudgetPages.crumb], width: .desk, body: body))
    }
}
