import Kernel
import Portal

/// Tables and charts that the boards share.
enum BoardParts {
    static func columns(_ language: Language, _ city: Jurisdiction) -> [ExportColumn<BoardPermit>] {
        [
            ExportColumn(Bilingual("姓名", "Name"), text: \.name),
            ExportColumn(Bilingual("国家或地区", "Country"), text: { city.countries.title($0.nationality)[language] }),
            ExportColumn(Bilingual("用人单位", "Employer"), text: { $0.employer[language] }),
            ExportColumn(Bilingual("类别", "Category"), text: \.category),
            ExportColumn(Bilingual("职务", "Post"), text: { Bilingual(written: $0.post)[language] }),
            ExportColumn(Bilingual("行业", "Trade"), text: { city.trade($0.trade)[language] }),
            ExportColumn(Bilingual("区", "District"), text: { city.district($0.district)[language] }),
            ExportColumn(Bilingual("起", "From")) { .day($0.startsOn) },
            ExportColumn(Bilingual("止", "Until")) { .day($0.endsOn) },
        ]
    }

    static func table(
        _ permits: some Sequence<BoardPermit>, _ countries: Countries, _ t: Say, empty: String
    ) -> HTML {
        Parts.table(
            t("工作许可", "Work permits"),
            [
                .init(t("姓名", "Name")), .init(t("国家或地区", "Country")), .init(t("用人单位", "Employer")),
                .init(t("类别", "Category")), .init(t("职务", "Post")), .init(t("有效期", "Valid")), .init(t("效力", "State")),
            ],
            permits.map { permit in
                [
                    HTML(text: permit.name), HTML(text: t(countries.title(permit.nationality))),
                    HTML(text: t(permit.employer)), HTML(text: permit.category), HTML(text: t(written: permit.post)),
                    HTML(text: "\(permit.startsOn.text(t.language)) – \(permit.endsOn.text(t.language))"),
                    Parts.badge(t(permit.stateTitle), permit.state == "valid" ? .good : .neutral),
                ]
            }, empty: "<p>\(empty)</p>")
    }

    /// Permits that end soon, with the last day on which their extension can be asked for.
    static func due(
        _ permits: some Sequence<BoardPermit>, today: Day, lastDay: Int?, showsEmployer: Bool, _ t: Say, empty: String
    ) -> HTML {
        var columns: [Parts.Column] = [.init(t("姓名", "Name"))]
        if showsEmployer { columns.append(.init(t("用人单位", "Employer"))) }
        columns += [
            .init(t("类别", "Category")), .init(t("职务", "Post")), .init(t("到期", "Ends")),
            .init(t("最迟申请延期", "Ask for extension by")), .init(t("申请剩余", "Left to ask")),
        ]
        let rows = permits.map { permit -> [HTML] in
            let filing = permit.term == .long ? lastDay.map { permit.endsOn.adding(days: -$0) } : nil
            var cells: [HTML] = [HTML(text: permit.name)]
            if showsEmployer { cells.append(HTML(text: t(permit.employer))) }
            return cells + [
                HTML(text: permit.category), HTML(text: t(written: permit.post)),
                HTML(text: permit.endsOn.text(t.language)),
                HTML(text: filing?.text(t.language) ?? "—"), left(permit, filing: filing, today, t),
            ]
        }
        return Parts.table(t("即将到期的许可", "Permits that end soon"), columns, rows, empty: "<p>\(empty)</p>")
    }

    /// How long an extension can still be asked for; where no last day is known, how long the permit lasts.
    private static func left(_ permit: BoardPermit, filing: Day?, _ today: Day, _ t: Say) -> HTML {
        guard permit.term == .long else { return Parts.badge(t("不能延期", "Cannot be extended")) }
        let days = (filing ?? permit.endsOn).number - today.number
        return switch days {
        case ..<0: Parts.badge(t("已过申请期限", "Too late to extend"), .bad)
        case 0: Parts.badge(t("今天截止", "Last day today"), .warning)
        default: Parts.badge(t("\(days) 天", counted(days, "day")), days <= 15 ? .warning : .good)
        }
    }

    /// Permits that end, by month and category.
    static func monthsChart(_ months: [MonthCount], id: String, _ t: Say) -> HTML {
        let peak = months.max { $0.total < $1.total }
        let text = ChartText(
            id: id, title: t("按月到期的许可", "Ending permits by month"),
            description: t(
                "未来 \(months.count) 个月每月到期的许可数，按类别堆叠；最多的是 \(peak?.month ?? "—")，\(peak?.total ?? 0) 件。",
                "Permits that end in each of the next \(months.count) months, stacked by category; most in \(peak?.month ?? "—"): \(peak?.total ?? 0)."
            ), unit: t("件", "permits"))
        return Chart.stacked(
            text, series: ["A", "B", "C"].map { t("\($0) 类", "Category \($0)") },
            months.map { month in (month.month, ["A", "B", "C"].map { month.byCategory[$0] ?? 0 }) }, t)
    }

    /// Counts of one feature, largest first; the rest together.
    static func bars(
        _ sums: [(key: String, count: Int)], id: String, title: Bilingual, most: Int = 10, _ t: Say,
        name: (String) -> String
    ) -> HTML {
        var items = sums.prefix(most).map { (label: name($0.key), value: $0.count) }
        let rest = sums.dropFirst(most).reduce(0) { $0 + $1.count }
        if rest > 0 { items.append((t("其他", "Others"), rest)) }
        let first = items.first
        let text = ChartText(
            id: id, title: t(title),
            description: t(
                "有效许可数；最多的是\(first?.label ?? "—")，\(first?.value ?? 0) 件。",
                "Valid permits; most are \(first?.label ?? "—"): \(first?.value ?? 0)."), unit: t("件", "permits"))
        return Chart.bars(text, items, t)
    }
}
