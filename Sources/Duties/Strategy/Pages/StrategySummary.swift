import Kernel
import Portal
import Store

/// The leader's further charts: answers to comments, standing of indicators and measures, documents by their end.
struct StrategySummary: Sendable {
    let house: House

    func html(_ visit: Visit) async throws -> HTML {
        let t = visit.say
        let today = house.today
        let (counts, wholes, ends) = try await house.db.read { tx in
            (
                try ConsultationStore.counts(tx),
                try PlanStore.whole(try PlanStore.list(kind: nil, before: nil, limit: 50, tx), tx),
                try Self.ends(tx)
            )
        }
        return """
            <div class="charts">\(Parts.card(nil, CommentParts.chart(counts, id: "comments", t)))\(Parts.card(nil, indicators(wholes, t)))\
            \(Parts.card(nil, measures(wholes, today, t)))\(Parts.card(nil, expiry(ends, today, t)))</div>
            """
    }

    /// How many documents in force end in each year.
    private static func ends(_ tx: Tx) throws -> [(year: String, count: Int)] {
        try tx.rows(
            """
            SELECT SUBSTR(v.value, 1, 4) AS year, COUNT(*) AS count FROM register_value v
            JOIN register_entry e ON e.id = v.entry
            WHERE v.register = \(NormIssue.register) AND v.field = 'expires-on' AND v.value > ''
                AND e.state = 'in-force'
            GROUP BY SUBSTR(v.value, 1, 4) ORDER BY SUBSTR(v.value, 1, 4) LIMIT 30
            """
        ) { (year: try $0["year"], count: try $0["count"]) }
    }

    private func indicators(_ wholes: [PlanWhole], _ t: Say) -> HTML {
        let states = Indicator.Standing.allCases
        return Chart.stacked(
            ChartText(
                id: "indicators", title: t("各规划指标达标情况", "Indicators of the plans"),
                description: t("每个规划的指标按最新年度是否达标计数。", "The indicators of each plan, by their last reported year."),
                unit: t("项", "indicators")), series: states.map { t($0.title) },
            wholes.map { whole in
                (whole.plan.name, states.map { state in whole.indicators.filter { $0.standing == state }.count })
            }, t)
    }

    private func measures(_ wholes: [PlanWhole], _ today: Day, _ t: Say) -> HTML {
        let states = Measure.State.allCases
        return Chart.stacked(
            ChartText(
                id: "measures", title: t("各规划任务进展", "Measures of the plans"),
                description: t("每个规划的任务按状态计数。", "The measures of each plan, by their state."),
                unit: t("项", "measures")), series: states.map { t($0.title) },
            wholes.map { whole in
                (whole.plan.name, states.map { state in whole.measures.filter { $0.state(on: today) == state }.count })
            }, t)
    }

    private func expiry(_ ends: [(year: String, count: Int)], _ today: Day, _ t: Say) -> HTML {
        let soon = ends.first { $0.year == String(today.parts.year) }?.count ?? 0
        return Chart.bars(
            ChartText(
                id: "expiry", title: t("现行文件到期年份", "When documents in force end"),
                description: t("今年到期 \(soon) 件。", "\(soon) end this year."), unit: t("件", "documents")),
            ends.map { ($0.year, $0.count) }, t)
    }
}
