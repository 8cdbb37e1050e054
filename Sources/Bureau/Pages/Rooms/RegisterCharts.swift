import Kernel
import Portal
import Store

/// What the charts of a register are drawn from.
struct RegisterCharts: Sendable {
    let definition: RegisterDefinition
    let counts: [(value: String, count: Int)]
    let sums: [(field: FigureField, points: [(period: String, sum: Int64)])]

    static func read(_ definition: RegisterDefinition, _ tx: Tx) throws -> RegisterCharts {
        let counts = try definition.chartField.map {
            try RegisterStore.counts(definition.id, by: $0.name, state: definition.states.first?.id, tx)
        }
        let sums = try (definition.figures?.fields ?? []).filter(\.isSummed).map {
            (field: $0, points: try RegisterStore.sums(definition.id, $0.name, tx))
        }
        return RegisterCharts(definition: definition, counts: counts ?? [], sums: sums)
    }

    static func draw(_ charts: RegisterCharts, _ t: Say) -> HTML {
        let definition = charts.definition
        let slug = definition.id.replacing(".", with: "-")
        var drawn = HTML()
        if let field = definition.chartField {
            let items = charts.counts.prefix(12).map { item in
                (
                    label: field.options?.first { $0.value == item.value }.map { t($0.label) } ?? item.value,
                    value: item.count
                )
            }
            drawn += Chart.bars(
                ChartText(
                    id: "\(slug)-counts",
                    title: t(
                        "\(definition.title.zh)：按\(field.label.zh)", "\(definition.title.en) by \(field.label.en)"),
                    description: t("每类的在册条目数。", "How many entries each kind has.")), items, t)
        }
        for (field, points) in charts.sums where !points.isEmpty {
            let isMoney = field.kind == .money
            let unit = isMoney ? t("万元", "RMB 10,000") : t(field.unit) ?? ""
            drawn += Chart.lines(
                ChartText(
                    id: "\(slug)-\(field.name)",
                    title: t("\(definition.title.zh)：\(field.label.zh)", "\(definition.title.en): \(field.label.en)"),
                    description: t("各期全部条目的合计。", "The sum over all entries, period by period."), unit: unit),
                points: points.map(\.period),
                series: [(t(field.label), points.map { Int(isMoney ? $0.sum / 1_000_000 : $0.sum) })], t)
        }
        return drawn
    }
}
