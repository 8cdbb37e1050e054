import Kernel
import Ledger
import Portal
import Store

/// The payments to come as tables and a chart.
struct ForecastView {
    let months: [ForecastMonth]
    let programmes: [Programme]
    let boards: [(year: Int, lines: [BoardLine])]

    /// A month and a programme, as files list them.
    struct Row: Sendable {
        let month: String
        let programme: Bilingual
        let amount: Money
    }

    static func columns(_ language: Language) -> [ExportColumn<Row>] {
        [
            ExportColumn(Bilingual("月份", "Month"), text: \.month),
            ExportColumn(Bilingual("专项", "Programme"), text: { $0.programme[language] }),
            ExportColumn(Bilingual("应付（元）", "Due (yuan)")) { .money($0.amount) },
        ]
    }

    static func rows(_ months: [ForecastMonth], _ tx: Tx) throws -> [Row] {
        let programmes = try ProgrammeStore.all(tx)
        return months.flatMap { item in
            programmes.compactMap { programme in
                item.programmes[programme.code].map {
                    Row(month: item.month?.description ?? "", programme: programme.name, amount: $0)
                }
            }
        }
    }

    /// Programmes that have something to pay, those with most first; the chart names the first few.
    private var named: [Programme] {
        func total(_ programme: Programme) -> Money {
            Money.sum(months.map { $0.programmes[programme.code] ?? .zero })
        }
        return programmes.filter { total($0) > .zero }.sorted { total($0) > total($1) }
    }

    func chart(_ t: Say) -> HTML {
        let shown = Array(named.prefix(Chart.mostSeries - 1))
        let hasRest = named.count > shown.count
        let items = months.filter { $0.month != nil }.map { item in
            let values = shown.map { (item.programmes[$0.code] ?? .zero).fen / 1_000_000 }
            let rest = item.total.fen / 1_000_000 - values.reduce(0, +)
            return (label: item.month?.description ?? "", values: (values + (hasRest ? [rest] : [])).map(Int.init))
        }
        let text = ChartText(
            id: "forecast", title: t("每月应付", "Due by month"),
            description: t("每条一个月，分段为各专项。", "One bar a month, one piece a programme."),
            unit: t("万元", "RMB 10,000"))
        return Chart.stacked(
            text, series: shown.map { t($0.name) } + (hasRest ? [t("其他专项", "Other programmes")] : []), items, t)
    }

    func table(_ t: Say) -> HTML {
        let rows = months.map { item -> [HTML] in
            [
                HTML(text: item.month?.description ?? t("没有日期", "No day")), HTML(text: String(item.tranches)),
                HTML(text: item.total.yuanText),
            ]
        }
        return Parts.table(
            t("每月应付", "Due by month"),
            [
                .init(t("月份", "Month")), .init(t("笔数", "Tranches"), numeric: true),
                .init(t("应付（元）", "Due (yuan)"), numeric: true),
            ], rows, empty: "<p>\(t("没有待付的拨款。", "Nothing is due."))</p>")
    }

    /// What falls due in a year beside what is owed and free in its budget.
    func free(_ t: Say) -> HTML {
        let rows = boards.map { board -> [HTML] in
            let sum = board.lines.filter { !$0.programme.isEmpty }.map(BoardFigures.init).reduce(BoardFigures(), +)
            let owed = Money.sum(board.lines.flatMap { [$0[.contract].balance, $0[.order].balance] })
            let due = Money.sum(
                months.filter { $0.month?.description.hasPrefix("\(board.year)-") == true }.map(\.total))
            return [
                HTML(text: String(board.year)), HTML(text: due.yuanText), HTML(text: owed.yuanText),
                HTML(text: (sum.reserved + sum.held).yuanText), HTML(text: sum.left.yuanText),
            ]
        }
        return """
            \(Parts.table(t("与可用预算对照", "Beside what is free"), [
                .init(t("年度", "Year")), .init(t("当年应付（元）", "Falls due in it (yuan)"), numeric: true),
                .init(t("该年预算合同欠付（元）", "Owed by contracts of its budget (yuan)"), numeric: true),
                .init(t("批次占用（元）", "In calls (yuan)"), numeric: true), .init(t("可用余额（元）", "Free (yuan)"), numeric: true),
            ], rows, empty: "—"))<p class="hint">\(t("合同应付在签订时已从原预算年度中留出，不占用可用余额。", "What contracts owe was set aside in the budget of its own year; it does not come out of what is free."))</p>
            """
    }
}
