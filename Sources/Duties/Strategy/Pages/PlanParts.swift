import Kernel
import Portal

/// Charts of a plan.
enum PlanCharts {
    /// Targets and what was reached, from the baseline on.
    static func lines(_ item: Indicator, _ plan: Plan, id: String, _ t: Say) -> HTML {
        let years =
            [item.baselineYear] + (plan.fromYear...max(plan.fromYear, plan.toYear)).filter { $0 > item.baselineYear }
        var target = item.baseline
        let targets = years.map { year -> Int in
            target = item.targets[year] ?? target
            return target
        }
        // The line of what was reached ends with the last year that was reported; a year without a report in between
        // stays at what was known before.
        var actuals: [Int] = [item.actuals[item.baselineYear] ?? item.baseline]
        for year in years.dropFirst() where year <= item.lastYear ?? 0 {
            actuals.append(item.actuals[year] ?? actuals[actuals.count - 1])
        }
        return Chart.lines(
            ChartText(
                id: id, title: item.name,
                description: t(
                    "基期 \(item.baselineYear) 年 \(item.baseline)；\(t(item.standing.title))。未填报的年度沿用上年。数据来源：\(item.source)。",
                    "Baseline \(item.baseline) in \(item.baselineYear); \(t(item.standing.title)). A year without a report repeats the one before. Source: \(item.source)."
                ),
                unit: item.unit),
            points: years.map(String.init),
            series: [(t("目标", "Target"), targets), (t("实际", "Reached"), actuals)], t)
    }

    /// How much of the way each indicator has gone.
    static func done(_ whole: PlanWhole, _ t: Say) -> HTML {
        Chart.bars(
            ChartText(
                id: "done", title: t("指标完成度", "How far the indicators are"),
                description: t("从基期到期末目标已完成的比例。", "The share of the way from the baseline to the last target."),
                unit: "%"),
            whole.indicators.map { (label: $0.name, value: $0.done ?? 0) }, t)
    }

    /// Measures by responsible division and state.
    static func measures(_ whole: PlanWhole, _ city: Jurisdiction, _ today: Day, _ t: Say) -> HTML {
        let groups = Dictionary(grouping: whole.measures, by: \.division)
        let states = Measure.State.allCases
        let items = groups.keys.sorted().map { division -> (label: String, values: [Int]) in
            let own = groups[division] ?? []
            return (
                t(city.division(division)), states.map { state in own.filter { $0.state(on: today) == state }.count }
            )
        }
        return Chart.stacked(
            ChartText(
                id: "measures", title: t("任务进展（按责任处室）", "Measures by division"),
                description: t("每个责任处室的任务按状态计数。", "The measures of each division, counted by state."),
                unit: t("项", "measures")), series: states.map { t($0.title) }, items, t)
    }
}

/// Tables of a plan.
enum PlanTablesView {
    static func indicators(_ whole: PlanWhole, _ t: Say) -> HTML {
        let rows = whole.indicators.map { item -> [HTML] in
            let year = item.lastYear
            let tone: Parts.Tone =
                item.standing == .met ? .good : item.standing == .behind ? .warning : .neutral
            let reached = year.flatMap { item.actuals[$0] }.map { "\($0) (\(year ?? 0))" } ?? "—"
            let wanted = item.targets.max { $0.key < $1.key }.map { "\($0.value) (\($0.key))" } ?? "—"
            return [
                HTML(text: item.code), HTML(text: item.objective), HTML(text: item.name), HTML(text: item.unit),
                HTML(text: "\(item.baseline) (\(item.baselineYear))"), HTML(text: wanted), HTML(text: reached),
                Parts.badge(t(item.standing.title), tone),
                HTML(text: year.flatMap { item.evidence[$0] } ?? item.source),
            ]
        }
        return Parts.table(
            t("指标", "Indicators"),
            [
                .init(t("代码", "Code")), .init(t("目标", "Objective")), .init(t("指标", "Indicator")),
                .init(t("单位", "Unit")), .init(t("基期", "Baseline"), numeric: true),
                .init(t("期末目标", "Last target"), numeric: true), .init(t("最新", "Latest"), numeric: true),
                .init(t("状态", "State")), .init(t("来源与依据", "Source and evidence")),
            ], rows, empty: "—")
    }

    static func measures(_ whole: PlanWhole, _ city: Jurisdiction, _ today: Day, _ t: Say) -> HTML {
        let rows = whole.measures.map { item -> [HTML] in
            let state = item.state(on: today)
            let tone: Parts.Tone =
                switch state {
                case .done: .good
                case .late: .bad
                case .underWay: .info
                case .notStarted: .neutral
                }
            return [
                HTML(text: item.code), HTML(text: item.objective), HTML(text: item.title),
                HTML(text: t(city.division(item.division))), HTML(text: item.dueOn.text(t.language)),
                Parts.badge(t(state.title), tone),
                HTML(text: [item.note, item.evidence].filter { !$0.isEmpty }.joined(separator: " — ")),
            ]
        }
        return Parts.table(
            t("任务", "Measures"),
            [
                .init(t("代码", "Code")), .init(t("目标", "Objective")), .init(t("任务", "Measure")),
                .init(t("责任处室", "Division")), .init(t("完成时限", "By")), .init(t("状态", "State")),
                .init(t("进展与依据", "Progress and evidence")),
            ], rows, empty: "—")
    }
}
