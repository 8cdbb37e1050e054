import Kernel
import Portal
import Store

/// The leader's charts: heads at events by country, money of mega-science by source, hours used.
struct CooperationCharts: Sendable {
    let events: [RegisterEntry]
    let money: [(source: String, points: [(period: String, sum: Int64)])]
    let hours: [(kind: String, points: [(period: String, sum: Int64)])]

    static func read(_ tx: Tx) throws -> CooperationCharts {
        func sums(_ field: String) throws -> [(period: String, sum: Int64)] {
            try RegisterStore.sums("cooperation.facilities", field, tx)
        }
        return CooperationCharts(
            events: try RegisterStore.list(
                "cooperation.events", RegisterFilter(state: "held"), limit: AgreementBoard.most, tx),
            money: try ["central", "province", "city", "other"].map { (source: $0, points: try sums($0)) },
            hours: try ["planned-hours", "used-hours", "open-hours"].map { (kind: $0, points: try sums($0)) })
    }

    /// Heads of all events by country, the most first.
    var heads: [(country: String, count: Int)] {
        var heads: [String: Int] = [:]
        for row in events.flatMap({ $0.content["attended"]?.array ?? [] }) {
            guard let country = row["country"]?.string else { continue }
            heads[country, default: 0] += Int(row["heads"]?.integer ?? 0)
        }
        return heads.map { (country: $0.key, count: $0.value) }.sorted {
            ($1.count, $0.country) < ($0.count, $1.country)
        }
    }

    func draw(_ countries: Countries, _ t: Say) -> HTML {
        let periods = Array(Set((money.flatMap(\.points) + hours.flatMap(\.points)).map(\.period))).sorted()
        func value(_ points: [(period: String, sum: Int64)], _ period: String) -> Int64 {
            points.first { $0.period == period }?.sum ?? 0
        }
        let names = [t("中央", "Central"), t("省级", "Province"), t("市级", "City"), t("其他", "Other")]
        let kinds = [t("计划", "Planned"), t("使用", "Used"), t("开放", "Open")]
        let people = heads.prefix(12).map { head in
            (label: countries[head.country].map { t($0.name) } ?? head.country, value: head.count)
        }
        let sums = periods.map { period in
            (label: period, values: money.map { Int(value($0.points, period) / 1_000_000) })
        }
        let lines = zip(kinds, hours).map { kind, line in
            (name: kind, values: periods.map { Int(value(line.points, $0)) })
        }
        let headText = ChartText(
            id: "event-heads", title: t("活动参会人数（按国家和地区）", "Heads at events by country"),
            description: t("已举办活动的参会人数合计。", "Heads of all events held."), unit: t("人", "people"))
        let moneyText = ChartText(
            id: "mega-money", title: t("大科学投资（按来源）", "Mega-science money by source"),
            description: t("各年度各来源的投资。", "Money of each source, year by year."), unit: t("万元", "RMB 10,000"))
        let hourText = ChartText(
            id: "mega-hours", title: t("大科学装置机时", "Hours of facilities"),
            description: t("各年度计划、使用和开放的机时。", "Hours planned, used and open, year by year."),
            unit: t("小时", "hours"))
        return """
            \(Chart.bars(headText, people, t))\(Chart.stacked(moneyText, series: names, sums, t))\
            \(Chart.lines(hourText, points: periods, series: lines, t))
            """
    }
}
