import Kernel
import Ledger
import Portal
import Store

/// How far spending has come, for the bureau: by project, by programme and by year, and what lags.
struct SpendingDesk: Sendable {
    let funding: Funding

    init(_ funding: Funding) { self.funding = funding }

    private var house: House { funding.house }

    var routes: [Route] {
        [
            Route(
                "desk.spending", .get, "/desk/spending", access: CallDesk.staff,
                summary: Bilingual("支出进度", "Progress of spending"), handler: progress),
            Route(
                "desk.spending.programmes", .get, "/desk/spending/programmes", access: CallDesk.staff,
                summary: Bilingual("各计划支出进度", "Progress by programme"), handler: programmes),
        ]
    }

    private static func columns(_ language: Language) -> [ExportColumn<SpendingProgress>] {
        [
            ExportColumn(Bilingual("编号", "Number"), text: \.project.number),
            ExportColumn(Bilingual("名称", "Title"), text: { $0.project.title[language] }),
            ExportColumn(Bilingual("承担单位", "Organisation"), text: { $0.project.organisationName[language] }),
            ExportColumn(Bilingual("资助金额（元）", "Awarded (yuan)")) { .money($0.project.amount) },
            ExportColumn(Bilingual("已拨付（元）", "Paid (yuan)")) { .money($0.paid) },
            ExportColumn(Bilingual("已支出（元）", "Spent (yuan)")) { .money($0.spent) },
            ExportColumn(Bilingual("支出率（‰）", "Spent (per mille)")) { $0.share.map { .number(Int64($0)) } ?? .none },
            ExportColumn(Bilingual("期限已过（‰）", "Term passed (per mille)")) { .number(Int64($0.elapsed)) },
            ExportColumn(Bilingual("支出缓慢", "Slow"), text: { $0.isSlow ? (language == .chinese ? "是" : "yes") : "" }),
        ]
    }

    private func progress(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let rule = try SlowRule(house.city.rules.law(on: house.today))
        let code = visit.query("programme").flatMap { $0.isEmpty ? nil : $0 }
        let year = visit.query("year").flatMap(Int.init)
        let slow = visit.query("slow") == "yes"
        let db = house.db
        let programmes = try await db.read { tx in try ProgrammeStore.all(tx) }
        let filter = ProgressFilter(
            year: year, programme: programmes.first { $0.code == code }?.id, isSlow: slow)
        let file = try visit.export(Bilingual("支出进度", "Progress of spending"), Self.columns(visit.language)) {
            last, limit in
            try await db.read { tx in
                try ProgressStore.list(
                    filter, rule, after: last.map { ($0.project.year, $0.project.number) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (Int, String)? in
            guard let year = cursor.values[0].integer, let number = cursor.values[1].string else { return nil }
            return (Int(year), number)
        }
        let (list, asked) = try await db.read { tx in
            (
                try ProgressStore.list(filter, rule, after: place, limit: 51, tx),
                try VoucherStore.list(VoucherFilter(state: .withdrawing), limit: 25, tx)
            )
        }
        let kept = "year=\(year.map(String.init) ?? "")&programme=\(code ?? "")&slow=\(slow ? "yes" : "")"
        let next =
            list.count > 50
            ? list.prefix(50).last.flatMap {
                SafeURL(
                    checking:
                        "/desk/spending?\(kept)&after=\(Cursor([.integer(Int64($0.project.year)), .string($0.project.number)]).text)"
                )
            } : nil
        let thisYear = house.today.parts.year
        let body: HTML = """
            <h1>\(t("支出进度", "Progress of spending"))</h1><p><a href="/desk/spending/programmes">\(t("按计划和年度", "By programme and year"))</a></p>\
            \(law(rule, t))\(Fields.filters("/desk/spending", """
                \(Fields.select(.init("year", t("年度", "Year")), ((thisYear - 5)...(thisYear + 1)).reversed().map { (String($0), String($0)) }, value: year.map(String.init), none: t("全部", "All"), t))\
                \(Fields.select(.init("programme", t("科技计划", "Programme")), programmes.map { ($0.code, t($0.name)) }, value: code, none: t("全部", "All"), t))\
                \(Fields.select(.init("slow", t("支出缓慢", "Slow spending")), [("yes", t("仅支出缓慢", "Slow only"))], value: slow ? "yes" : nil, none: t("全部", "All"), t))
                """, t))\(visit.exports)\(table(Array(list.prefix(50)), t))\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/spending", t))\(withdrawals(asked, t))
            """
        return .page(
            Page(title: Bilingual("支出进度", "Progress of spending"), trail: [CallDesk.crumb], width: .desk, body: body))
    }

    /// What counts as slow, with its source.
    private func law(_ rule: SlowRule, _ t: Say) -> HTML {
        let source = rule.share.reference.source
        return """
            <p class="hint">\(t("合同开始满 \(rule.months.value) 个月后，支出低于按期限应支出的 \(rule.share.value / 10)% 的，为支出缓慢。", "From \(counted(rule.months.value, "month")) after the first day, spending below \(rule.share.value / 10) % of what was due by time is slow.")) \
            \(source.cited[t.language]) \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</p>
            """
    }

    /// What stands against a project's spending; of one that runs no more, where it has come to.
    private func warning(_ item: SpendingProgress, _ t: Say) -> HTML {
        if item.isSlow { return Parts.badge(t("支出缓慢", "Slow"), .warning) }
        guard item.project.step != "running" else { return "—" }
        let step = (try? house.procedures.newest("funding.project"))?.step(item.project.step)
        return step.map { Parts.badge(t($0.title), .neutral) } ?? "—"
    }

    private func table(_ list: [SpendingProgress], _ t: Say) -> HTML {
        let rows = list.map { item -> [HTML] in
            [
                "<a href=\"/projects/\(item.project.number)/money\">\(item.project.number)</a>",
                "\(t(item.project.title))<br><span class=\"hint\">\(t(item.project.organisationName))</span>",
                HTML(text: item.paid.yuanText), HTML(text: item.spent.yuanText),
                HTML(text: item.spent.percent(of: item.paid).map { "\($0)%" } ?? "—"),
                HTML(text: "\(item.elapsed / 10)%"),
                warning(item, t),
            ]
        }
        return Parts.table(
            t("支出进度", "Progress of spending"),
            [
                .init(t("编号", "Number")), .init(t("名称", "Title")), .init(t("已拨付（元）", "Paid (yuan)"), numeric: true),
                .init(t("已支出（元）", "Spent (yuan)"), numeric: true), .init(t("支出率", "Spent"), numeric: true),
                .init(t("期限已过", "Term passed"), numeric: true), .init(t("提示", "Warning")),
            ], rows, empty: "<p>\(t("没有符合条件的项目。", "No project fits."))</p>")
    }

    private func withdrawals(_ vouchers: [Voucher], _ t: Say) -> HTML {
        let rows = vouchers.map { voucher -> [HTML] in
            [
                "<a href=\"/spending/\(voucher.report.text)\">\(voucher.draft.number)</a>",
                HTML(text: voucher.draft.payee),
                HTML(text: voucher.draft.amount.yuanText),
            ]
        }
        return Parts.card(
            t("待决定的凭证撤回", "Withdrawals to decide"),
            Parts.table(
                t("待决定的凭证撤回", "Withdrawals to decide"),
                [
                    .init(t("凭证号", "Number")), .init(t("收款方", "Payee")),
                    .init(t("金额（元）", "Amount (yuan)"), numeric: true),
                ], rows, empty: "<p>\(t("没有待决定的撤回。", "None waits."))</p>"))
    }

    // MARK: By programme and year

    /// One programme's money of one budget year.
    private struct Line: Sendable {
        let year: Int
        let name: Bilingual
        let paid: Money
        let spent: Money
    }

    private func lines() async throws -> [Line] {
        try await house.db.read { tx in
            let names = Dictionary(
                try ProgrammeStore.all(tx).map { (LedgerAccount.code($0.code), $0.name) },
                uniquingKeysWith: { first, _ in first })
            return try ProgressStore.years(6, tx).flatMap { year, lines in
                lines.filter { !$0.programme.isEmpty && $0[.paid].inward > .zero }.map { line in
                    Line(
                        year: year, name: names[line.programme] ?? Bilingual(line.programme, line.programme),
                        paid: line[.paid].inward, spent: line[.spent].balance)
                }
            }
        }
    }

    private func programmes(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let lines = try await lines()
        let columns: [ExportColumn<Line>] = [
            ExportColumn(Bilingual("年度", "Year")) { .number(Int64($0.year)) },
            ExportColumn(Bilingual("科技计划", "Programme"), text: { $0.name[visit.language] }),
            ExportColumn(Bilingual("已拨付（元）", "Paid (yuan)")) { .money($0.paid) },
            ExportColumn(Bilingual("已支出（元）", "Spent (yuan)")) { .money($0.spent) },
        ]
        let file = try visit.export(Bilingual("各计划支出进度", "Progress by programme"), columns) { last, _ in
            last == nil ? lines : []
        }
        if let file { return file }
        let newest = lines.first?.year
        let years = Dictionary(grouping: lines, by: \.year).sorted { $0.key < $1.key }
        func values(_ paid: Money, _ spent: Money) -> [Int] {
            [spent, max(.zero, paid - spent)].wholeYuan
        }
        let series = [t("已支出", "Spent"), t("已拨付未支出", "Paid, not spent")]
        let byProgramme = Chart.stacked(
            ChartText(
                id: "programmes",
                title: t(
                    "\(newest.map(String.init) ?? "") 预算年度各计划",
                    "Programmes of budget year \(newest.map(String.init) ?? "")"),
                description: t("各计划已拨付资金中已支出和未支出的部分。", "Of what each programme paid: spent and not spent."),
                unit: t("元", "yuan")),
            series: series,
            lines.filter { $0.year == newest }.map { (t($0.name), values($0.paid, $0.spent)) }, t)
        let byYear = Chart.stacked(
            ChartText(
                id: "years", title: t("各预算年度", "Budget years"),
                description: t("各预算年度已拨付资金中已支出和未支出的部分。", "Of what was paid of each budget year: spent and not spent."),
                unit: t("元", "yuan")),
            series: series,
            years.map { year, lines in
                (String(year), values(Money.sum(lines.map(\.paid)), Money.sum(lines.map(\.spent))))
            }, t)
        let rows = lines.map { line -> [HTML] in
            [
                HTML(text: String(line.year)), HTML(text: t(line.name)), HTML(text: line.paid.yuanText),
                HTML(text: line.spent.yuanText), HTML(text: line.spent.percent(of: line.paid).map { "\($0)%" } ?? "—"),
            ]
        }
        let body: HTML = """
            <h1>\(t("各计划支出进度", "Progress by programme"))</h1>\(visit.exports)\(Parts.table(t("各计划支出进度", "Progress by programme"), [
                .init(t("年度", "Year"), numeric: true), .init(t("科技计划", "Programme")), .init(t("已拨付（元）", "Paid (yuan)"), numeric: true),
                .init(t("已支出（元）", "Spent (yuan)"), numeric: true), .init(t("支出率", "Spent"), numeric: true),
            ], rows, empty: "<p>\(t("还没有拨付的资金。", "Nothing has been paid yet."))</p>"))<div class="columns">\(byProgramme)\(byYear)</div>
            """
        return .page(
            Page(
                title: Bilingual("各计划支出进度", "Progress by programme"),
                trail: [CallDesk.crumb, Crumb(Bilingual("支出进度", "Progress of spending"), "/desk/spending")],
                width: .desk, body: body))
    }
}
