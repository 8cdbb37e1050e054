import Kernel
import Ledger
import Portal

/// The board as tiles, charts, tables and files.
struct BoardView: Sendable {
    let city: Jurisdiction
    /// The public sees no difference between what is free and what calls that wait for their publication hold.
    var isPublic = false

    /// One line of the board, whatever it is cut by.
    struct Row: Sendable {
        let name: Bilingual
        let address: String?
        let cells: [Cell]

        enum Cell: Sendable {
            case money(Money)
            case count(Int)
        }
    }

    static func heads(_ cut: BoardPages.Cut) -> [Bilingual] {
        switch cut {
        case .programme:
            [
                Bilingual("预算（元）", "Budget (yuan)"), Bilingual("批次占用（元）", "In calls (yuan)"),
                Bilingual("立项承诺（元）", "Committed (yuan)"), Bilingual("已拨付（元）", "Paid (yuan)"),
                Bilingual("已支出（元）", "Spent (yuan)"), Bilingual("余额（元）", "Left (yuan)"),
            ]
        case .month:
            [
                Bilingual("批复（元）", "Appropriated (yuan)"), Bilingual("批次预留（元）", "Reserved (yuan)"),
                Bilingual("立项承诺（元）", "Committed (yuan)"), Bilingual("拨付（元）", "Paid (yuan)"),
                Bilingual("支出（元）", "Spent (yuan)"), Bilingual("退回（元）", "Returned (yuan)"),
            ]
        case .district, .field:
            [
                Bilingual("项目数", "Projects"), Bilingual("立项承诺（元）", "Committed (yuan)"),
                Bilingual("已拨付（元）", "Paid (yuan)"), Bilingual("已支出（元）", "Spent (yuan)"),
                Bilingual("待拨付（元）", "To be paid (yuan)"),
            ]
        }
    }

    static func columns(_ cut: BoardPages.Cut, _ language: Language) -> [ExportColumn<Row>] {
        [ExportColumn(cut.line, text: { $0.name[language] })]
            + heads(cut).enumerated().map { index, head in
                ExportColumn(head) { row in
                    switch row.cells[index] {
                    case .money(let money): .money(money)
                    case .count(let count): .number(Int64(count))
                    }
                }
            }
    }

    func rows(_ model: BoardPages.Model, _ cut: BoardPages.Cut) -> [Row] {
        switch cut {
        case .programme:
            model.programmeLines.map { line in
                let sum = line.figures
                return Row(
                    name: line.name, address: "/ledger/accounts?year=\(model.year)&kind=budget&programme=\(line.code)",
                    cells: [sum.budget, inCalls(sum), sum.committed, sum.paid, sum.spent, left(sum)].map { .money($0) })
            }
        case .month:
            BoardMonth.all(model.months, model.ends).map { item in
                let name = item.month.description
                return Row(
                    name: Bilingual(name, name), address: nil,
                    cells: [
                        item.granted, item.reserved, item.committed, item.paid, item.spent, item.returned,
                    ].map { .money($0) })
            }
        case .district, .field:
            model.parts.map { part in
                Row(
                    name: cut == .district ? district(part.part) : field(part.part), address: nil,
                    cells: [
                        .count(part.projects), .money(part.committed), .money(part.paid), .money(part.spent),
                        .money(part.committed - part.paid),
                    ])
            }
        }
    }

    private func inCalls(_ sum: BoardFigures) -> Money { isPublic ? sum.reserved : sum.reserved + sum.held }
    private func left(_ sum: BoardFigures) -> Money { isPublic ? sum.left + sum.held : sum.left }

    private func district(_ code: String) -> Bilingual {
        guard let known = city.districts.first(where: { $0.code == code }) else {
            return code.isEmpty ? Bilingual("未登记", "Not known") : Bilingual("市外或市级（\(code)）", "Elsewhere (\(code))")
        }
        return known.name
    }

    private func field(_ code: String) -> Bilingual {
        code.isEmpty ? Bilingual("不限领域", "Any field") : Disciplines.name(code)
    }

    /// What the year has and where it is. What only some years have stands there where it is not nothing.
    func tiles(_ model: BoardPages.Model, _ t: Say) -> HTML {
        let (sum, ends) = (model.total, model.ends)
        let all: [(money: Money, label: String, isAlways: Bool)] = [
            (model.granted, t("年度批复（万元）", "Appropriated (RMB 10,000)"), true),
            (ends.carriedIn, t("上年结转合计（万元）", "All carried over (RMB 10,000)"), false),
            (inCalls(sum), t("批次占用（万元）", "In calls (RMB 10,000)"), true),
            (sum.committed, t("立项承诺（万元）", "Committed (RMB 10,000)"), true),
            (sum.paid, t("已拨付（万元）", "Paid (RMB 10,000)"), true),
            (sum.spent, t("已支出（万元）", "Spent (RMB 10,000)"), true),
            (left(sum), t("余额（万元）", "Left (RMB 10,000)"), true),
            (model.notGiven, t("未安排专项（万元）", "Not given out (RMB 10,000)"), false),
            (ends.settledOut, t("年末结转或收回（万元）", "Gone at the year's end (RMB 10,000)"), false),
        ]
        return Parts.tiles(
            all.filter { $0.isAlways || $0.money != .zero }.map { (value: wan($0.money), label: $0.label, url: nil) })
    }

    private func wan(_ money: Money) -> String {
        let tens = money.fen / 10_000
        return Money(fen: tens).yuanText
    }

    func content(_ model: BoardPages.Model, _ cut: BoardPages.Cut, links: Bool, _ t: Say) -> HTML {
        let rows = rows(model, cut)
        let table = Parts.table(
            t(cut.name), [.init(t(cut.line))] + BoardView.heads(cut).map { .init(t($0), numeric: true) },
            rows.map { row in
                let name: HTML =
                    (links ? row.address.flatMap { SafeURL(checking: $0) } : nil).map {
                        "<a href=\"\($0)\">\(t(row.name))</a>"
                    } ?? HTML(text: t(row.name))
                return [name]
                    + row.cells.map { cell in
                        switch cell {
                        case .money(let money): HTML(text: money.yuanText)
                        case .count(let count): HTML(text: String(count))
                        }
                    }
            }, empty: "<p>\(t("这一年还没有记账。", "Nothing was posted for this year."))</p>")
        let made: HTML =
            cut == .district || cut == .field
            ? """
            <p class="hint">\(model.madeAt.map { t("汇总时间：\(city.zone.clockText($0))", "Added up at \(city.zone.clockText($0))") } ?? t("尚未汇总，稍后再看。", "Not added up yet; come back in a moment."))</p>
            """ : .empty
        return "\(Parts.card(nil, chart(model, cut, rows, t)))\(Parts.card(nil, table + made))"
    }

    private func chart(_ model: BoardPages.Model, _ cut: BoardPages.Cut, _ rows: [Row], _ t: Say) -> HTML {
        func whole(_ money: Money) -> Int { Int(money.fen / 1_000_000) }
        func text(_ title: Bilingual, _ description: Bilingual) -> ChartText {
            ChartText(
                id: "board-\(cut.rawValue)", title: t(title), description: t(description), unit: t("万元", "RMB 10,000"))
        }
        switch cut {
        case .programme:
            let items = model.programmeLines.map { line in
                (
                    label: t(line.name),
                    values: [
                        line.figures.paid, line.figures.committed - line.figures.paid, inCalls(line.figures),
                        left(line.figures),
                    ].wholeTenThousands
                )
            }
            return Chart.stacked(
                text(
                    Bilingual("各专项预算的去向", "What became of each programme's budget"),
                    Bilingual("每条一个专项，全长为预算。", "One bar a programme; its whole length is the budget.")),
                series: [
                    t("已拨付", "Paid"), t("已承诺待拨付", "Committed, to be paid"), t("批次占用", "In calls"), t("余额", "Left"),
                ], items, t)
        case .month:
            let months = BoardMonth.all(model.months, model.ends)
            return Chart.lines(
                text(
                    Bilingual("各月承诺、拨付与支出", "Committed, paid and spent by month"),
                    Bilingual("每月发生额。", "What moved in each month.")),
                points: months.map(\.month.description),
                series: [
                    (t("立项承诺", "Committed"), months.map { whole($0.committed) }),
                    (t("拨付", "Paid"), months.map { whole($0.paid) }),
                    (t("支出", "Spent"), months.map { whole($0.spent) }),
                ], t)
        case .district, .field:
            let items = zip(model.parts, rows).prefix(20).map { part, row in
                (label: t(row.name), values: [part.paid, part.committed - part.paid].wholeTenThousands)
            }
            return Chart.stacked(
                text(
                    cut == .district
                        ? Bilingual("各区项目资金", "Money by district") : Bilingual("各领域项目资金", "Money by field"),
                    Bilingual("每条全长为立项承诺。", "The whole length of a bar is what is committed.")),
                series: [t("已拨付", "Paid"), t("待拨付", "To be paid")], Array(items), t)
        }
    }

    /// What the words mean.
    func words(_ t: Say) -> HTML {
        let items: [(String, HTML)] = [
            (
                t("年度批复", "Appropriated"),
                HTML(
                    text: t(
                        "各来源为这一年批复的资金。加上上年结转合计（各专项结转与未安排结转），等于批次占用、立项承诺、余额、未安排专项与年末结转或收回之和。",
                        "What sources granted for the year. With all that was carried over, by programmes and not given out, it is all that is in calls, committed, left, not given out and gone at the year's end together."
                    ))
            ),
            (
                t("预算", "Budget"),
                HTML(
                    text: t(
                        "该专项现有的全部资金，含上年结转，无论现在到了哪一步；等于批次占用、立项承诺与余额之和。",
                        "All that the programme has, what was carried over included, wherever it lies by now: in calls, committed and left together."
                    ))
            ),
            (t("批次占用", "In calls"), HTML(text: t("为申报指南留出、尚未立项的资金。", "Set aside for calls and not awarded yet."))),
            (t("立项承诺", "Committed"), HTML(text: t("已授予项目的资金，含已拨付的。", "Awarded to projects, what was paid included."))),
            (t("已拨付", "Paid"), HTML(text: t("已拨给承担单位的资金，含其后退回的。", "Paid to awardees, what came back later included."))),
            (t("已支出", "Spent"), HTML(text: t("承担单位已凭凭证列支的资金。", "What awardees accounted for by vouchers."))),
        ]
        return "<details><summary>\(t("指标说明", "What the words mean"))</summary>\(Parts.facts(items))</details>"
    }
}
