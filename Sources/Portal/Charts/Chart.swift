/// What a chart is called and what it shows, for those who see it and those who hear it.
public struct ChartText: Hashable, Sendable {
    /// Unique on its page; letters, digits and hyphens.
    public let id: String
    public let title: String
    /// One sentence: what is compared, and what stands out.
    public let description: String
    /// The unit of the values; empty for plain counts.
    public let unit: String

    public init(id: String, title: String, description: String, unit: String = "") {
        self.id = id
        self.title = title
        self.description = description
        self.unit = unit
    }
}

/// Charts as SVG, made on the server: each with title, description and its table under `details`. Values are whole
/// numbers; series differ by pattern or dash as well as by colour, and print in black and white.
public enum Chart {
    /// Most series that patterns tell apart.
    public static let mostSeries = 5

    static let width = 440
    static let labelWidth = 136
    static let rowHeight = 28
    static let valueWidth = 52

    /// One bar for each item, from the left, with its value at its end.
    public static func bars(_ text: ChartText, _ items: [(label: String, value: Int)], _ t: Say) -> HTML {
        let most = max(1, items.map(\.value).max() ?? 1)
        let room = width - labelWidth - valueWidth
        let body = HTML(each: items.enumerated()) { index, item in
            let y = index * rowHeight
            let length = Scale.part(item.value, of: most, room)
            return """
                <text class="label" x="\(labelWidth - 8)" y="\(y + 18)" text-anchor="end">\(short(item.label))</text>\
                <rect class="s0" x="\(labelWidth)" y="\(y + 5)" width="\(length)" height="\(rowHeight - 10)"/>\
                <text class="value" x="\(labelWidth + length + 6)" y="\(y + 18)">\(item.value)</text>
                """
        }
        let table = Parts.table(
            text.title, [.init(t("项目", "Item")), .init(unit(text, t), numeric: true)],
            items.map { [HTML(text: $0.label), HTML(text: String($0.value))] }, empty: "—")
        return figure(text, height: max(1, items.count) * rowHeight, body, table, isEmpty: items.isEmpty, t)
    }

    /// One bar for each item, made of one piece for each series, with the sum at its end.
    /// - Parameter series: at most ``mostSeries`` names; every item has a value for each.
    public static func stacked(
        _ text: ChartText, series: [String], _ items: [(label: String, values: [Int])], _ t: Say
    ) -> HTML {
        let sums = items.map { $0.values.reduce(0, +) }
        let most = max(1, sums.max() ?? 1)
        let room = width - labelWidth - valueWidth
        let body = HTML(each: items.enumerated()) { index, item in
            let y = index * rowHeight
            var before = 0
            let pieces = HTML(each: item.values.enumerated()) { place, value in
                let start = Scale.part(before, of: most, room)
                before += value
                let length = Scale.part(before, of: most, room) - start
                guard length > 0 else { return .empty }
                return """
                    <rect fill="\(fill(text, place))" class="piece s\(place % mostSeries)" x="\(labelWidth + start)" y="\(y + 5)" \
                    width="\(length)" height="\(rowHeight - 10)"/>
                    """
            }
            return """
                <text class="label" x="\(labelWidth - 8)" y="\(y + 18)" text-anchor="end">\(short(item.label))</text>\(pieces)\
                <text class="value" x="\(labelWidth + Scale.part(sums[index], of: most, room) + 6)" y="\(y + 18)">\(sums[index])</text>
                """
        }
        let columns =
            [Parts.Column(t("项目", "Item"))] + series.map { .init($0, numeric: true) } + [
                .init(t("合计", "Sum"), numeric: true)
            ]
        let rows = zip(items, sums).map { item, sum in
            [HTML(text: item.label)] + item.values.map { HTML(text: String($0)) } + [HTML(text: String(sum))]
        }
        let height = max(1, items.count) * rowHeight
        return figure(
            text, height: height, "\(Patterns.definitions(text, series.count))\(body)",
            Parts.table(text.title, columns, rows, empty: "—"), legend: Patterns.legend(text, series),
            isEmpty: items.isEmpty, t)
    }

    /// One line for each series over points in order, for instance months.
    public static func lines(
        _ text: ChartText, points: [String], series: [(name: String, values: [Int])], _ t: Say
    ) -> HTML {
        let (left, top, plot, tall) = (48, 10, width - 60, 170)
        let most = Scale.roundedUp(max(1, series.flatMap(\.values).max() ?? 1))
        func x(_ index: Int) -> Int { left + (points.count < 2 ? plot / 2 : plot * index / (points.count - 1)) }
        func y(_ value: Int) -> Int { top + tall - Scale.part(value, of: most, tall) }
        let rules = HTML(each: [0, most / 2, most]) { value in
            """
            <line class="rule" x1="\(left)" x2="\(left + plot)" y1="\(y(value))" y2="\(y(value))"/>\
            <text class="value" x="\(left - 6)" y="\(y(value) + 4)" text-anchor="end">\(value)</text>
            """
        }
        let every = max(1, (points.count + 5) / 6)
        let names = HTML(each: points.enumerated()) { index, name in
            guard index % every == 0 else { return .empty }
            return
                "<text class=\"label\" x=\"\(x(index))\" y=\"\(top + tall + 20)\" text-anchor=\"middle\">\(name)</text>"
        }
        let drawn = HTML(each: series.enumerated()) { place, item in
            let path = item.values.enumerated().map { "\(x($0.offset)),\(y($0.element))" }.joined(separator: " ")
            let dots = HTML(each: item.values.enumerated()) { index, value in
                Patterns.marker(place, x: x(index), y: y(value))
            }
            return "<polyline class=\"line s\(place % mostSeries) d\(place % mostSeries)\" points=\"\(path)\"/>\(dots)"
        }
        let rows = points.enumerated().map { index, name in
            [HTML(text: name)] + series.map { HTML(text: index < $0.values.count ? String($0.values[index]) : "—") }
        }
        let table = Parts.table(
            text.title, [.init(t("时间", "When"))] + series.map { .init($0.name, numeric: true) }, rows, empty: "—")
        return figure(
            text, height: top + tall + 30, "\(rules)\(names)\(drawn)", table,
            legend: Patterns.lineLegend(text, series.map(\.name)), isEmpty: points.isEmpty, t)
    }

    /// Numbers in rows and columns; the darker the more. Every cell shows its number.
    /// - Parameter values: one row of numbers for each name in `rows`, one number for each name in `columns`.
    public static func heat(
        _ text: ChartText, rows: [String], columns: [String], _ values: [[Int]], _ t: Say
    ) -> HTML {
        let most = max(1, values.flatMap(\.self).max() ?? 1)
        let cell = columns.isEmpty ? 1 : (width - labelWidth) / columns.count
        let heads = HTML(each: columns.enumerated()) { index, name in
            """
            <text class="label" x="\(labelWidth + index * cell + cell / 2)" y="18" text-anchor="middle">\(short(name, max(2, cell / 12)))</text>
            """
        }
        let body = HTML(each: zip(rows, values).enumerated()) { index, row in
            let y = (index + 1) * rowHeight
            let cells = HTML(each: row.1.enumerated()) { place, value in
                let level = value == 0 ? 0 : 1 + Scale.part(value, of: most, 4)
                let x = labelWidth + place * cell
                return """
                    <rect class="heat h\(level)" x="\(x)" y="\(y)" width="\(cell - 2)" height="\(rowHeight - 2)"/>\
                    <text class="on-h\(level)" x="\(x + cell / 2 - 1)" y="\(y + 18)" text-anchor="middle">\(value)</text>
                    """
            }
            return """
                <text class="label" x="\(labelWidth - 8)" y="\(y + 18)" text-anchor="end">\(short(row.0))</text>\(cells)
                """
        }
        let table = Parts.table(
            text.title, [.init("")] + columns.map { .init($0, numeric: true) },
            zip(rows, values).map { row in [HTML(text: row.0)] + row.1.map { HTML(text: String($0)) } }, empty: "—")
        return figure(
            text, height: (rows.count + 1) * rowHeight, "\(heads)\(body)", table,
            isEmpty: rows.isEmpty || columns.isEmpty, t)
    }

    private static func figure(
        _ text: ChartText, height: Int, _ body: HTML, _ table: HTML, legend: HTML = .empty, isEmpty: Bool, _ t: Say
    ) -> HTML {
        guard !isEmpty else {
            return
                "<figure class=\"chart\"><figcaption>\(text.title)</figcaption><div class=\"empty\">\(t("没有数据。", "No data."))</div></figure>"
        }
        return """
            <figure class="chart"><figcaption>\(text.title)\(if: !text.unit.isEmpty, "<span class=\"hint\"> \(text.unit)</span>")</figcaption>\
            <svg viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="\(text.id)-title \(text.id)-text">\
            <title id="\(text.id)-title">\(text.title)</title><desc id="\(text.id)-text">\(text.description)</desc>\(body)</svg>\(legend)\
            <details><summary>\(t("数据表：", "Table: "))\(text.title)</summary>\(table)</details></figure>
            """
    }

    private static func unit(_ text: ChartText, _ t: Say) -> String {
        text.unit.isEmpty ? t("数量", "Number") : text.unit
    }

    /// A name that fits beside its bar; the table has it whole. Chinese characters are twice as wide as Latin letters.
    static func short(_ label: String, _ most: Int = 16) -> String {
        var width = 0
        var shown = ""
        for letter in label {
            width += letter.unicodeScalars.first.map { $0.value > 0x2E7F } ?? false ? 2 : 1
            if width > most { return shown + "…" }
            shown.append(letter)
        }
        return shown
    }

    static func fill(_ text: ChartText, _ place: Int) -> String {
        place % mostSeries == 0 ? "currentColor" : "url(#\(text.id)-p\(place % mostSeries))"
    }
}
