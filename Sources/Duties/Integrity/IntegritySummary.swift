import Kernel
import Portal
import Store

/// The leader's further charts: bars in force by what they forbid, and the three lists as they stand.
struct IntegritySummary: Sendable {
    let house: House

    func show(_ visit: Visit) async throws -> HTML {
        let t = visit.say
        let today = house.today
        let (bars, lists) = try await house.db.read { tx -> ([Bar.Activity: Int], [Int]) in
            var counts: [Bar.Activity: Int] = [:]
            for bar in try Bars.all(inForceOn: today, tx) {
                for activity in bar.activities { counts[activity, default: 0] += 1 }
            }
            let states = try RegisterStore.states(CreditStore.lists, tx)
            let lists = CreditStore.lists.map { list in
                states[list]?.first { $0.state == "listed" }?.count ?? 0
            }
            return (counts, lists)
        }
        let barred = Chart.bars(
            ChartText(
                id: "integrity-bars", title: t("在期限制措施", "Bars in force"),
                description: t("按限制事项统计；一项措施可限制多个事项。", "By what they forbid; one bar may forbid several.")),
            Bar.Activity.allCases.map { (t($0.title), bars[$0] ?? 0) }, t)
        let listed = Chart.bars(
            ChartText(
                id: "integrity-lists", title: t("三张名单", "The three lists"),
                description: t("现在在册的项目数。", "Projects on each list now.")),
            zip(CreditStore.lists, lists).map { (house.registers[$0].map { t($0.title) } ?? $0, $1) }, t)
        return "<div class=\"charts\">\(Parts.card(nil, barred))\(Parts.card(nil, listed))</div>"
    }
}
