import Kernel

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

    static let width = 340
    static let rowHeight = 30
    /// Where the letters of a row stand, from its upper edge.
    static let baseline = 19
    /// Where the bar of a row lies, from the row's upper edge.
    static let bar = (top: 6, height: 18)

    /// One bar for each item, from the left, with its value at its end.
    public static func bars(_ text: ChartText, _ items: [(label: String, value: Int)], _ t: Say) -> HTML {
        let most = max(1, items.map(\.value).max() ?? 1)
        let numbers = items.map { grouped($0.value) }
        let room = RowRoom(names: items.map(\.label), numbers: numbers)
        let body = HTML(each: items.enumerated()) { index, item in
            let y = index * rowHeight
            let length = Scale.part(item.value, of: most, room.length)
            return """
                \(room.name(item.label, y: y))\
                <rect class="s0" x="\(room.start)" y="\(y + bar.top)" width="\(length)" height="\(bar.height)"/>\
                <text class="value" x="\(room.start + length + 6)" y="\(y + baseline)">\(numbers[index])</text>
                """
        }
        let table = Parts.table(
            text.title, [.init(t("项目", "Item")), .init(unit(text, t), numeric: true)],
            zip(items, numbers).map { [HTML(text: $0.label), HTML(text: $1)] }, empty: "—")
        return figure(text, height: max(1, items.count) * rowHeight, body, table, isEmpty: items.isEmpty, t)
    }

    /// One bar for each item, made of one piece for each series, with the sum at its end.
    /// - Parameter series: at most ``mostSeries`` names; every item has a value for each.
    public static func stacked(
        _ text: ChartText, series: [String], _ items: [(label: String, values: [Int])], _ t: Say
    ) -> HTML {
        let sums = items.map { $0.values.reduce(0, +) }
        let most = max(1, sums.max() ?? 1)
        let room = RowRoom(names: items.map(\.label), numbers: sums.map { grouped($0) })
        let body = HTML(each: items.enumerated()) { index, item in
            let y = index * rowHeight
            var before = 0
            let pieces = HTML(each: item.values.enumerated()) { place, value in
                let start = Scale.part(before, of: most, room.length)
                before += value
                let length = Scale.part(before, of: most, room.length) - start
                guard length > 0 else { return .empty }
                return """
                    <rect fill="\(fill(text, place))" class="piece s\(place % mostSeries)" x="\(room.start + start)" \
                    y="\(y + bar.top)" width="\(length)" height="\(bar.height)"/>
                    """
            }
            let end = room.start + Scale.part(sums[index], of: most, room.length) + 6
            return """
                \(room.name(item.label, y: y))\(pieces)\
                <text class="value" x="\(end)" y="\(y + baseline)">\(grouped(sums[index]))</text>
                """
        }
        let columns =
            [Parts.Column(t("项目", "Item"))] + series.map { .init($0, numeric: true) } + [
                .init(t("合计", "Sum"), numeric: true)
            ]
        let rows = zip(items, sums).map { item, sum in
            [HTML(text: item.label)] + item.values.map { HTML(text: grouped($0)) } + [HTML(text: grouped(sum))]
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
        let most = Scale.roundedUp(max(1, series.flatMap(\.values).max() ?? 1))
        let longest = points.map(Lettering.width(of:)).max() ?? 0
        let (left, top, tall) = (Lettering.width(of: grouped(most)) + 8, 10, 170)
        let plot = width - left - max(12, longest / 2)
        func x(_ index: Int) -> Int { left + (points.count < 2 ? plot / 2 : plot * index / (points.count - 1)) }
        func y(_ value: Int) -> Int { top + tall - Scale.part(value, of: most, tall) }
        let rules = HTML(each: [0, most / 2, most]) { value in
            """
            <line class="rule" x1="\(left)" x2="\(left + plot)" y1="\(y(value))" y2="\(y(value))"/>\
            <text class="value" x="\(left - 6)" y="\(y(value) + 4)" text-anchor="end">\(grouped(value))</text>
            """
        }
        // As many names as stand beside each other.
        let fit = max(1, plot / (longest + 10))
        let every = max(1, (points.count + fit - 1) / fit)
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
            [HTML(text: name)] + series.map { HTML(text: index < $0.values.count ? grouped($0.values[index]) : "—") }
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
        let room = RowRoom(names: rows, numbers: [])
        let cell = columns.isEmpty ? 1 : room.length / columns.count
        let heads = HTML(each: columns.enumerated()) { index, name in
            """
            <text class="label" x="\(room.start + index * cell + cell / 2)" y="\(baseline)" text-anchor="middle">\(Lettering.cut(name, to: cell - 4))</text>
            """
        }
        let body = HTML(each: zip(rows, values).enumerated()) { index, row in
            let y = (index + 1) * rowHeight
            let cells = HTML(each: row.1.enumerated()) { place, value in
                let level = value == 0 ? 0 : 1 + Scale.part(value, of: most, 4)
                let x = room.start + place * cell
                return """
                    <rect class="heat h\(level)" x="\(x)" y="\(y)" width="\(cell - 2)" height="\(rowHeight - 2)"/>\
                    <text class="on-h\(level)" x="\(x + cell / 2 - 1)" y="\(y + baseline)" text-anchor="middle">\(grouped(value))</text>
                    """
            }
            return "\(room.name(row.0, y: y))\(cells)"
        }
        let table = Parts.table(
            text.title, [.init("")] + columns.map { .init($0, numeric: true) },
            zip(rows, values).map { row in [HTML(text: row.0)] + row.1.map { HTML(text: grouped($0)) } }, empty: "—")
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
            <figure class="chart"><figcaption>\(text.title)\(if: !text.unit.isEmpty, "<span class=\"hint\">\(t.beside(text.unit))</span>")</figcaption>\
            <div class="plot" tabindex="0" role="group" aria-label="\(text.title)">\
            <svg viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="\(text.id)-title \(text.id)-text">\
            <title id="\(text.id)-title">\(text.title)</title><desc id="\(text.id)-text">\(text.description)</desc>\(body)</svg></div>\(legend)\
            <details><summary>\(t("数据表：", "Table: "))\(text.title)</summary>\(table)</details></figure>
            """
    }

    private static func unit(_ text: ChartText, _ t: Say) -> String {
        text.unit.isEmpty ? t("数量", "Number") : text.unit
    }

    static func fill(_ text: ChartText, _ place: Int) -> String {
        place % mostSeries == 0 ? "currentColor" : "url(#\(text.id)-p\(place % mostSeries))"
    }
}
