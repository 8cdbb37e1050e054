/// Whole-number arithmetic of charts.
enum Scale {
    /// The share of a length, never below nothing.
    static func part(_ value: Int, of most: Int, _ length: Int) -> Int {
        guard most > 0, value > 0 else { return 0 }
        let product = min(value, most).multipliedFullWidth(by: length)
        return most.dividingFullWidth(product).quotient
    }

    /// The next number of the form 2, 4 or 10 times a power of ten, so that half of it is whole as well.
    static func roundedUp(_ value: Int) -> Int {
        var power = 1
        while power < Int.max / 100 {
            for step in [2, 4, 10] where step * power >= value { return step * power }
            power *= 10
        }
        return value
    }
}

/// How series are told apart without colour: a pattern in a bar, a dash and a mark on a line.
enum Patterns {
    /// The fills of the series of one chart; the first is plain.
    static func definitions(_ text: ChartText, _ count: Int) -> HTML {
        let shapes: [HTML] = [
            "", "<path d=\"M0 6L6 0\"/>", "<path d=\"M0 3H6\"/>", "<path d=\"M3 0V6\"/>",
            "<circle cx=\"3\" cy=\"3\" r=\"1.3\"/>",
        ]
        let items = HTML(each: 1..<max(2, min(count, Chart.mostSeries))) { place in
            """
            <pattern id="\(text.id)-p\(place)" width="6" height="6" patternUnits="userSpaceOnUse">\
            <rect class="ground s\(place)" width="6" height="6"/><g class="hatch">\(shapes[place])</g></pattern>
            """
        }
        return "<defs>\(items)</defs>"
    }

    static func legend(_ text: ChartText, _ series: [String]) -> HTML {
        let items = HTML(each: series.enumerated()) { place, name in
            """
            <li><svg class="key" viewBox="0 0 18 12" aria-hidden="true"><rect class="piece s\(place % Chart.mostSeries)" \
            fill="\(Chart.fill(text, place))" width="18" height="12"/></svg> \(name)</li>
            """
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }

    static func lineLegend(_ text: ChartText, _ series: [String]) -> HTML {
        guard series.count > 1 else { return .empty }
        let items = HTML(each: series.enumerated()) { place, name in
            let index = place % Chart.mostSeries
            return """
                <li><svg class="key" viewBox="0 0 24 12" aria-hidden="true"><polyline class="line s\(index) d\(index)" points="0,6 24,6"/>\
                \(marker(place, x: 12, y: 6))</svg> \(name)</li>
                """
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }

    /// A mark on a point: circle, square, triangle, diamond, bar.
    static func marker(_ place: Int, x: Int, y: Int) -> HTML {
        let name = "dot s\(place % Chart.mostSeries)"
        switch place % Chart.mostSeries {
        case 0: return "<circle class=\"\(name)\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>"
        case 1: return "<rect class=\"\(name)\" x=\"\(x - 3)\" y=\"\(y - 3)\" width=\"6\" height=\"6\"/>"
        case 2: return "<path class=\"\(name)\" d=\"M\(x - 4) \(y + 3)H\(x + 4)L\(x) \(y - 4)Z\"/>"
        case 3: return "<path class=\"\(name)\" d=\"M\(x - 4) \(y)L\(x) \(y - 4)L\(x + 4) \(y)L\(x) \(y + 4)Z\"/>"
        default: return "<rect class=\"\(name)\" x=\"\(x - 1)\" y=\"\(y - 5)\" width=\"3\" height=\"10\"/>"
        }
    }
}
