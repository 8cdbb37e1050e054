import Foundation
import FoundationXML
import Kernel
import Testing

@testable import Portal

@Suite("Charts")
struct ChartTests {
    static let text = ChartText(id: "c", title: "到期 & <许可>", description: "每月 \"到期\" 数", unit: "件")

    /// Collects elements of well-formed markup.
    final class Reader: NSObject, XMLParserDelegate {
        var elements: [(name: String, attributes: [String: String])] = []
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) { elements.append((name, attributes)) }
    }

    private func parse(_ html: HTML) throws -> [(name: String, attributes: [String: String])] {
        let reader = Reader()
        let parser = XMLParser(data: Data(html.bytes))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError)) in \(html.string.prefix(400))")
        return reader.elements
    }

    @Test("Parts of a sum in whole yuan add up to the sum in whole yuan")
    func wholeYuan() {
        #expect([5_518_456, 2_000_000, 8_481_544].map { Money(fen: $0) }.wholeYuan == [55_184, 20_000, 84_816])
        #expect([Money](repeating: Money(fen: 50), count: 4).wholeYuan == [0, 1, 0, 1])
        #expect([Money]().wholeYuan.isEmpty)
        let parts = [Money(fen: 1_999_999_900), Money(fen: 20_950_000_050), Money(fen: 50_000_050)]
        #expect(parts.wholeTenThousands == [1_999, 20_950, 51])
    }

    private static let fixtures: [(String, HTML)] = Language.allCases.flatMap { language -> [(String, HTML)] in
        let t = Say(language)
        return [
            ("bars", Chart.bars(text, [("<德国>", 12), ("法国", 0), ("日本 & 韩国", 3)], t)),
            (
                "stacked",
                Chart.stacked(text, series: ["A", "B", "C"], [("2026-03", [1, 2, 3]), ("2026-04", [0, 0, 0])], t)
            ),
            ("lines", Chart.lines(text, points: ["1", "2", "3"], series: [("A", [1, 5, 3]), ("B", [0, 0, 9])], t)),
            ("heat", Chart.heat(text, rows: ["南山", "福田"], columns: ["A", "B"], [[1, 0], [40, 7]], t)),
        ]
    }

    @Test("Every chart is well formed, has its title, description and its table, and escapes what it shows")
    func wellFormed() throws {
        for (name, html) in Self.fixtures {
            let elements = try parse(html)
            let svg = try #require(elements.first { $0.name == "svg" }, "\(name)")
            #expect(svg.attributes["role"] == "img" && svg.attributes["aria-labelledby"] == "c-title c-text")
            #expect(elements.contains { $0.name == "title" && $0.attributes["id"] == "c-title" })
            #expect(elements.contains { $0.name == "desc" && $0.attributes["id"] == "c-text" })
            #expect(elements.contains { $0.name == "details" } && elements.contains { $0.name == "table" })
            #expect(!html.string.contains("<许可>") && html.string.contains("&lt;许可&gt;"))
        }
    }

    @Test("Bars are in proportion, and stacked pieces add up to their sum without a gap")
    func proportions() throws {
        let bars = try parse(Chart.bars(Self.text, [("a", 100), ("b", 50), ("c", 25)], Say(.english)))
        let widths = bars.filter { $0.attributes["class"] == "s0" }.compactMap {
            $0.attributes["width"].flatMap(Int.init)
        }
        let room = RowRoom(names: ["a", "b", "c"], numbers: ["100", "50", "25"])
        #expect(widths == [room.length, room.length / 2, room.length / 4])
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            let values = (0..<3).map { _ in Int.random(in: 1...1_000_000, using: &random) }
            let sum = values.reduce(0, +)
            let html = Chart.stacked(
                Self.text, series: ["A", "B", "C"], [("x", values), ("y", [sum, 0, 0])], Say(.chinese))
            let pieces = try parse(html).filter {
                $0.attributes["class"]?.hasPrefix("piece") == true && $0.attributes["y"] == String(Chart.bar.top)
            }
            let room = RowRoom(names: ["x", "y"], numbers: [grouped(sum)])
            var end = room.start
            for piece in pieces {
                #expect(Int(piece.attributes["x"] ?? "") == end, "seed 5")
                end += Int(piece.attributes["width"] ?? "") ?? 0
            }
            #expect(end == room.start + room.length, "equal sums end at the same place, seed 5")
        }
    }

    @Test("The scale of a line reaches every value and halves into whole numbers")
    func scale() {
        var random = SeededRandom(seed: 6)
        for _ in 0..<10_000 {
            let value = Int.random(in: 1...1_000_000_000, using: &random)
            let top = Scale.roundedUp(value)
            #expect(top >= value && top.isMultiple(of: 2) && top / 5 <= max(2, value), "\(value), seed 6")
        }
        #expect(Scale.part(Int.max / 2, of: Int.max, 400) == 199)
        #expect(Scale.part(-5, of: 10, 400) == 0 && Scale.part(5, of: 0, 400) == 0)
    }

    @Test("A chart without data says so")
    func empty() {
        let html = Chart.bars(Self.text, [], Say(.english)).string
        #expect(html.contains("No data") && !html.contains("<svg"))
    }

    @Test("The unit stands in brackets behind the title, and thousands are set apart")
    func figures() {
        let items: [(label: String, value: Int)] = [("a", 120_000), ("b", 7)]
        let english = Chart.bars(Self.text, items, Say(.english)).string
        #expect(english.contains("<span class=\"hint\"> (件)</span>"))
        #expect(english.contains(">120,000</text>") && english.contains(">120,000</td>") && !english.contains("120000"))
        #expect(Chart.bars(Self.text, items, Say(.chinese)).string.contains("<span class=\"hint\">（件）</span>"))
    }

    @Test("Names take two lines before they are cut, and numbers always have their room")
    func names() {
        #expect(Lettering.lines("Germany", in: 160) == ["Germany"])
        #expect(
            Lettering.lines("International Cooperation Projects", in: 160) == ["International Cooperation", "Projects"])
        #expect(Lettering.lines("信息传输、软件和信息技术服务业", in: 160) == ["信息传输、软件和信息技术服", "务业"])
        let long = Lettering.lines("Scientific research and technical services of a very long name", in: 160)
        #expect(long == ["Scientific research and", "technical services of a…"])
        #expect(Lettering.lines("Donaudampfschifffahrtsgesellschaft", in: 160) == ["Donaudampfschifffahrts…"])
        var random = SeededRandom(seed: 7)
        for _ in 0..<200 {
            let name = String(repeating: "长 long", count: Int.random(in: 1...12, using: &random))
            let room = RowRoom(names: [name], numbers: [grouped(Int.random(in: 0...Int.max, using: &random))])
            #expect(room.length > 20 && room.start + room.length < Chart.width, "seed 7")
            #expect(Lettering.lines(name, in: 160).allSatisfy { Lettering.width(of: $0) <= 165 }, "seed 7")
        }
    }
}
