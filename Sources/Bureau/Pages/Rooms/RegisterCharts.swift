import Kernel
import Portal
import Store

/// What the charts of a register are drawn from.
struct RegisterCharts: Sendable {
    let definition: RegisterDefinition
    let counts: [(value: String, count: Int)]
    let sums: [(field: FigureField, points: [(period: String, sum: Int64)])]

    /// Reads the charts of several registers at once.
    static func read(_ definitions: [RegisterDefinition], _ tx: Tx) throws -> [RegisterCharts] {
        let counts = try RegisterStore.counts(
            definitions.compactMap { definition in
                definition.chartField.map {
                    RegisterStore.CountedField(definition.id, $0.name, state: definition.states.first?.id)
                }
            }, tx)
        let figures = definitions.map { ($0, ($0.figures?.fields ?? []).filter(\.isSummed)) }
        let sums = try RegisterStore.sums(
            figures.flatMap { definition, fields in fields.map { (register: definition.id, field: $0.name) } }, tx)
        return figures.map { definition, fields in
            RegisterCharts(
                definition: definition,
                counts: counts.filter { $0.register == definition.id }.map { (value: $0.value, count: $0.count) },
                sums: fields.map { field in
                    let own = sums.filter { $0.register == definition.id && $0.field == field.name }
                    return (field: field, points: own.map { (period: $0.period, sum: $0.sum) })
                })
        }
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
