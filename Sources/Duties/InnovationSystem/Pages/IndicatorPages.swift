import Kernel
import Portal
import Store

/// The city's innovation indicators on one page, and enterprises whose yearly reports are missing.
struct IndicatorPages: Sendable {
    let house: House

    static let indicators = "innovation.indicators"
    static let enterprises = "innovation.high-tech"

    var routes: [Route] {
        [
            Route(
                "innovation.indicators", .get, "/innovation/indicators", access: .everyone,
                summary: Bilingual("创新指标与目标", "Indicators and targets"), handler: page),
            Route(
                "innovation.reports", .get, "/desk/innovation/reports", access: .roles([.officer, .leader, .auditor]),
                summary: Bilingual("年报情况", "Yearly reports"), handler: reports),
        ]
    }

    /// An indicator with its values and targets by year.
    struct Indicator: Hashable, Sendable {
        let number: String
        let name: String
        let unit: String
        let source: String
        let lowerIsBetter: Bool
        var values: [String: Int64] = [:]
        var targets: [String: Int64] = [:]

        var lastYear: String? { values.keys.max() }

        /// Whether the last value has reached its target; nil without one.
        var isReached: Bool? {
            guard let year = lastYear, let value = values[year], let target = targets[year] else { return nil }
            return lowerIsBetter ? value <= target : value >= target
        }
    }

    /// All indicators; two queries.
    static func all(_ tx: Tx) throws -> [Indicator] {
        let entries = try RegisterStore.list(indicators, RegisterFilter(state: "current"), limit: 200, tx)
        var found: [ID<RegisterMark>: Indicator] = [:]
        for entry in entries {
            found[entry.id] = Indicator(
                number: entry.number, name: entry.name, unit: entry.content["unit"]?.string ?? "",
                source: entry.content["source"]?.string ?? "",
                lowerIsBetter: entry.content["better"]?.string == "lower")
        }
        try tx.forEach(
            "SELECT entry, period, field, value FROM register_figure WHERE register = \(indicators) ORDER BY period"
        ) { row in
            let (entry, period, value): (ID<RegisterMark>, String, Int64) = (
                try row["entry"], try row["period"], try row["value"]
            )
            let field: String = try row["field"]
            if field == "value" { found[entry]?.values[period] = value } else { found[entry]?.targets[period] = value }
        }
        return found.values.sorted { $0.number < $1.number }
    }

    private func page(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let all = try await house.db.read { tx in try Self.all(tx) }
        let rows = all.map { indicator -> [HTML] in
            let year = indicator.lastYear
            let before = year.flatMap { Int($0) }.map { String($0 - 1) }
            return [
                "<a href=\"/registers/innovation.indicators/\(indicator.number)\">\(indicator.name)</a>",
                HTML(text: indicator.unit), HTML(text: before.flatMap { indicator.values[$0] }.map(String.init) ?? "—"),
                HTML(text: year.flatMap { indicator.values[$0] }.map(String.init) ?? "—"),
                HTML(text: year.flatMap { indicator.targets[$0] }.map(String.init) ?? "—"),
                Self.verdict(indicator.isReached, t), HTML(text: year ?? "—"), HTML(text: indicator.source),
            ]
        }
        let charts = HTML(each: all.filter { $0.values.count > 1 }.enumerated()) { index, indicator in
            let years = indicator.values.keys.sorted()
            return Chart.bars(
                ChartText(
                    id: "indicator-\(index)", title: indicator.name,
                    description: t("逐年数值。", "Values by year."), unit: indicator.unit),
                years.map { (label: $0, value: Int(indicator.values[$0] ?? 0)) }, t)
        }
        let body: HTML = """
            <h1>\(t("创新指标与目标", "Indicators and targets"))</h1>\(Parts.table(t("创新指标", "Innovation indicators"), [
                .init(t("指标", "Indicator")), .init(t("单位", "Unit")), .init(t("上年", "Year before"), numeric: true), .init(t("最近一年", "Last year"), numeric: true),
                .init(t("目标", "Target"), numeric: true), .init(t("情况", "State")), .init(t("年份", "Year")), .init(t("来源", "Source")),
            ], rows, empty: "<p>\(t("还没有登记指标。", "No indicators are entered yet."))</p>"))\(charts)
            """
        return .page(
            Page(
                title: Bilingual("创新指标与目标", "Indicators and targets"),
                trail: [Crumb(Bilingual("创新体系", "Innovation system"), "/rooms/innovation")], width: .desk, body: body))
    }

    private static func verdict(_ isReached: Bool?, _ t: Say) -> HTML {
        switch isReached {
        case true: Parts.badge(t("达到", "Reached"), .good)
        case false: Parts.badge(t("未达到", "Not reached"), .warning)
        default: "—"
        }
    }

    // MARK: Yearly reports

    /// A recognised enterprise and the years for which it should have reported and did not.
    struct Missing: Hashable, Sendable {
        let number: String
        let name: String
        let years: [Int]
    }

    /// Reports are due by the end of May of the next year, for whole years after the recognition; two queries.
    static func missing(on day: Day, _ tx: Tx) throws -> [Missing] {
        let entries = try RegisterStore.list(enterprises, RegisterFilter(state: "valid"), limit: 2_000, tx)
        var reported: [ID<RegisterMark>: Set<Int>] = [:]
        try tx.forEach(
            "SELECT DISTINCT entry, period FROM register_figure WHERE register = \(enterprises) AND field = 'sales'"
        ) { row in
            let (entry, period): (ID<RegisterMark>, String) = (try row["entry"], try row["period"])
            if let year = Int(period) { reported[entry, default: []].insert(year) }
        }
        let last = day.parts.month > 5 ? day.parts.year - 1 : day.parts.year - 2
        return entries.compactMap { entry in
            guard let issued = entry.content["issued"]?.string.flatMap({ Day($0) }), issued.parts.year <= last else {
                return nil
            }
            let open = (issued.parts.year...last).filter { !(reported[entry.id]?.contains($0) ?? false) }
            return open.isEmpty ? nil : Missing(number: entry.number, name: entry.name, years: open)
        }
    }

    private func reports(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let today = house.today
        let dated = try house.city.rules.dated("recognition.after.misses", on: today)
        let most = try house.city.rules.number("recognition.after.misses", on: today)
        let missing = try await house.db.read { tx in try Self.missing(on: today, tx) }
        let rows = missing.map { item -> [HTML] in
            [
                "<a href=\"/registers/innovation.high-tech/\(item.number)\">\(item.number)</a>", HTML(text: item.name),
                HTML(text: item.years.map(String.init).joined(separator: t("、", ", "))),
                item.years.count >= most
                    ? Parts.badge(t("应取消资格", "To be cancelled"), .bad)
                    : Parts.badge(t("请催报", "Remind"), .warning),
            ]
        }
        let body: HTML = """
            <h1>\(t("年报情况", "Yearly reports"))</h1>\
            <p>\(t("年报于次年 5 月底前报送；累计 \(most) 年未报的，启动取消资格。", "Reports are due by the end of May of the next year; \(most) missed years end the recognition."))\
             <span class="basis">\(t(dated.source.cited))</span>\(if: dated.source.confidence.needsChecking, Parts.toBeChecked(t))</p>\
            \(Parts.table(t("未报年报的企业", "Enterprises without reports"), [
                .init(t("编号", "Number")), .init(t("企业", "Enterprise")), .init(t("未报年度", "Missing years")), .init(t("处理", "To do")),
            ], rows, empty: "<p>\(t("没有缺报的企业。", "No report is missing."))</p>"))
            """
        return .page(
            Page(
                title: Bilingual("年报情况", "Yearly reports"),
                trail: [Crumb(Bilingual("创新体系", "Innovation system"), "/desk/rooms/innovation")], width: .desk,
                body: body))
    }
}
