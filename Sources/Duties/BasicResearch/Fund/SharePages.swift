import Kernel
import Portal
import Store

/// The share of basic research in the municipal R&D budget, year by year, beside what the law asks.
struct SharePages: Sendable {
    static let register = "basic.investment"

    let house: House

    var routes: [Route] {
        [
            Route(
                "basic.share", .get, "/basic-research/share", access: .everyone,
                summary: Bilingual("基础研究投入占比", "Share of basic research"), handler: show),
            Route(
                "api.basic.share", .get, "/api/v1/basic-research/share", access: .everyone,
                summary: Bilingual("基础研究投入占比", "Share of basic research"),
                api: APIDescription(tag: "basic-research", answer: .any), handler: json),
        ]
    }

    private static let title = Bilingual("基础研究投入占比", "Share of basic research")

    private struct Year: Sendable {
        let year: String
        let total: Money
        let basic: Money
        let ruling: Ruling
        let perMille: Int64
    }

    private func years() async throws -> [Year] {
        let (totals, basics) = try await house.db.read { tx in
            (
                try RegisterStore.sums(Self.register, "total", tx), try RegisterStore.sums(Self.register, "basic", tx)
            )
        }
        let basic = Dictionary(basics.map { ($0.period, $0.sum) }, uniquingKeysWith: +)
        return try totals.compactMap { item in
            // The law of the year's last day, or of today while it lasts.
            let end = Day(year: Int(item.period) ?? 0, month: 12, day: 31) ?? house.today
            let day = min(end, house.today)
            let facts = ShareFacts(total: Money(fen: item.sum), basic: basic[item.period].map(Money.init(fen:)))
            let ruling = try ShareRule(house.city.rules.law(on: day)).ruling(facts, on: day)
            guard let perMille = ruling.outcome["perMille"]?.integer else { return nil }
            return Year(
                year: item.period, total: Money(fen: item.sum), basic: facts.basic ?? .zero, ruling: ruling,
                perMille: perMille)
        }
    }

    private func least() -> Legal<Int64>? {
        try? house.city.rules.law(on: house.today).number("basic.share.least")
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let years = try await years()
        let rows = years.reversed().map { year -> [HTML] in
            let met = year.ruling.outcome["met"]?.bool
            let state: HTML =
                met.map {
                    $0 ? Parts.badge(t("达到", "met"), .good) : Parts.badge(t("未达到", "not met"), .bad)
                } ?? Parts.badge(t("无要求", "no law"))
            return [
                HTML(text: year.year), HTML(text: year.total.yuanText), HTML(text: year.basic.yuanText),
                HTML(text: CutShare.text(year.perMille)), state,
            ]
        }
        let law: HTML =
            least().map { law in
                let source = law.reference.source
                return """
                    <p>\(t("法定比例", "The law asks for")) \(law.value / 10)% — \(t(source.cited)) \
                    \(if: source.confidence.needsChecking, Parts.toBeChecked(t))</p>
                    """
            } ?? "<p>\(t("本市没有法定比例。", "No law of the city asks for a share."))</p>"
        let table = Parts.table(
            t(Self.title),
            [
                .init(t("年度", "Year")), .init(t("市级科技研发资金（元）", "Municipal R&D budget, yuan"), numeric: true),
                .init(t("基础研究（元）", "Basic research, yuan"), numeric: true), .init(t("占比", "Share"), numeric: true),
                .init(t("对照", "Against the law")),
            ], rows, empty: "<p>\(t("还没有数据。", "There are no figures yet."))</p>")
        let hint: HTML = "<p class=\"hint\">\(t(CutShare.rounding))</p>"
        let body: HTML = """
            <h1>\(t(Self.title))</h1>\(law)\(Parts.card(nil, draw(years, t)))\(Parts.card(nil, table + hint))\
            <p><a href="/registers/\(Self.register)">\(t("数据来源", "Where the figures come from"))</a></p>
            """
        return .page(Page(title: Self.title, trail: [BasicResearch.crumb], width: .desk, body: body))
    }

    private func draw(_ years: [Year], _ t: Say) -> HTML {
        let text = ChartText(
            id: "share", title: t("基础研究占市级科技研发资金的比例（‰）", "Basic research in the municipal R&D budget, per mille"),
            description: t(
                "每年的占比，另一条线为法定最低比例。", "The share of each year; the other line is the least that the law asks."))
        var series = [(t("占比", "Share"), years.map { Int($0.perMille) })]
        if let least = least() { series.append((t("法定比例", "Law"), years.map { _ in Int(least.value) })) }
        return Chart.lines(text, points: years.map(\.year), series: series, t)
    }

    /// The chart alone, for the leader's summary.
    func chart(_ visit: Visit) async throws -> HTML { Parts.card(nil, draw(try await years(), visit.say)) }

    private func json(_ visit: Visit) async throws -> Answer {
        let rows = try await years().map { year -> JSONValue in
            [
                "year": .string(year.year), "totalFen": .integer(year.total.fen), "basicFen": .integer(year.basic.fen),
                "perMille": .integer(year.perMille), "met": year.ruling.outcome["met"] ?? .null,
            ]
        }
        let least: JSONValue = least().map { .integer($0.value) } ?? .null
        let content: JSONValue = ["leastPerMille": least, "years": .array(rows)]
        return .json(content)
    }
}
