import Kernel
import Portal
import Store

/// Plans and their progress, for everybody.
struct PlanPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "plans.list", .get, "/plans", access: .everyone, summary: Bilingual("规划", "Plans"), handler: list),
            Route(
                "plans.show", .get, "/plans/{number}", access: .everyone,
                summary: Bilingual("规划进展", "Progress of a plan"),
                handler: show),
        ]
    }

    /// The room's page for everybody.
    static let room = Crumb(Bilingual("战略规划与政策法规", "Strategy, policies and law"), "/rooms/strategy")
    static let crumb = Crumb(Bilingual("规划与进展", "Plans and progress"), "/plans")

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (db, language) = (house.db, visit.language)
        let kind = visit.query("kind").flatMap { $0.isEmpty ? nil : $0 }
        let columns: [ExportColumn<Plan>] = [
            ExportColumn(Bilingual("编号", "Number"), text: \.number),
            ExportColumn(Bilingual("名称", "Name"), text: \.name),
            ExportColumn(Bilingual("种类", "Kind"), text: { $0.kind.title[language] }),
            ExportColumn(Bilingual("开始年", "From")) { .number(Int64($0.fromYear)) },
            ExportColumn(Bilingual("结束年", "To")) { .number(Int64($0.toYear)) },
        ]
        let file = try visit.export(Bilingual("规划", "Plans"), columns) { last, limit in
            try await db.read { tx in try PlanStore.list(kind: kind, before: last?.number, limit: limit, tx) }
        }
        if let file { return file }
        let before = visit.query("before")
        let (found, wholes) = try await db.read { tx in
            let found = try PlanStore.list(kind: kind, before: before, limit: 21, tx)
            return (found, try PlanStore.whole(Array(found.prefix(20)), tx))
        }
        let today = house.today
        let rows = wholes.map { whole -> [HTML] in
            let met = whole.indicators.filter { $0.standing == .met }.count
            let done = whole.measures.filter { $0.state(on: today) == .done }.count
            return [
                "<a href=\"/plans/\(whole.plan.number)\">\(whole.plan.name)</a>", HTML(text: t(whole.plan.kind.title)),
                HTML(text: "\(whole.plan.fromYear)–\(whole.plan.toYear)"),
                HTML(text: "\(met) / \(whole.indicators.count)"),
                HTML(text: "\(done) / \(whole.measures.count)"),
            ]
        }
        let kinds = PlanKind.allCases.map { ($0.rawValue, t($0.title)) }
        let next: SafeURL? =
            found.count > 20 ? wholes.last.map { "/plans?kind=\(kind ?? "")&before=\($0.plan.number)" } : nil
        let body: HTML = """
            <h1>\(t("规划与进展", "Plans and progress"))</h1><p class="lead">\(t("目标、指标、任务和年度进展。", "Objectives, indicators, measures, and what was achieved each year."))</p>\
            \(Fields.filters("/plans", Fields.select(.init("kind", t("种类", "Kind")), kinds, value: kind, none: t("全部", "All"), t), t))\(visit.exports)\
            \(Parts.table(t("规划", "Plans"), [
                .init(t("名称", "Name")), .init(t("种类", "Kind")), .init(t("规划期", "Years")),
                .init(t("达标指标", "Indicators met"), numeric: true), .init(t("完成任务", "Measures done"), numeric: true),
            ], rows, empty: "<p>\(t("还没有公布的规划。", "No plan is published yet."))</p>"))\(Parts.pager(next: next, first: nil, t))
            """
        return .page(Page(title: Self.crumb.title, trail: [Self.room], width: .desk, body: body))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let whole = try await house.db.read { tx -> PlanWhole in
            guard let plan = try PlanStore.find(number: number, tx),
                let whole = try PlanStore.whole([plan], tx).first
            else { throw RequestProblem.nothingHere }
            return whole
        }
        if let file = try export(whole, visit) { return file }
        let today = house.today
        let plan = whole.plan
        let met = whole.indicators.filter { $0.standing == .met }.count
        let done = whole.measures.filter { $0.state(on: today) == .done }.count
        let late = whole.measures.filter { $0.state(on: today) == .late }.count
        let charts = HTML(each: whole.indicators.enumerated()) { index, indicator in
            Parts.card(nil, PlanCharts.lines(indicator, plan, id: "indicator-\(index)", t))
        }
        let report: HTML =
            visit.actor.roles.contains(.officer)
            ? "<p class=\"buttons\">\(Parts.button(t("填报进展", "Report progress"), to: "/procedures/strategy.progress/start?parent=\(plan.number)", .secondary))</p>"
            : .empty
        let body: HTML = """
            <h1>\(plan.name)</h1><p>\(t(plan.kind.title)) · \(plan.fromYear)–\(plan.toYear) · \(t("牵头", "led by")) \(t(house.city.division(plan.lead)))</p>\(report)\
            \(Parts.tiles([
                ("\(met) / \(whole.indicators.count)", t("项指标达到年度目标", "indicators at their target"), nil),
                ("\(done) / \(whole.measures.count)", t("项任务完成", "measures done"), nil), (String(late), t("项任务逾期", "measures late"), nil),
            ]))\(Parts.card(nil, Parts.paragraphs(plan.summary)))<div class="charts">\(PlanCharts.done(whole, t))\(PlanCharts.measures(whole, house.city, today, t))</div>\
            <h2>\(t("指标", "Indicators"))</h2>\(PlanTablesView.indicators(whole, t))\
            <h2>\(t("任务", "Measures"))</h2>\(PlanTablesView.measures(whole, house.city, today, t))\(visit.exports)\
            <h2>\(t("指标逐年进展", "Each indicator by year"))</h2><div class="charts">\(charts)</div>
            """
        return .page(
            Page(title: Bilingual(plan.name, plan.name), trail: [Self.room, Self.crumb], width: .desk, body: body))
    }

    private func export(_ whole: PlanWhole, _ visit: Visit) throws -> Answer? {
        let (today, city, language) = (house.today, house.city, visit.language)
        let columns: [ExportColumn<PlanLine>] = [
            ExportColumn(Bilingual("类型", "Type"), text: { $0.type[language] }),
            ExportColumn(Bilingual("代码", "Code"), text: \.code),
            ExportColumn(Bilingual("目标", "Objective"), text: \.objective),
            ExportColumn(Bilingual("名称", "Name"), text: \.name),
            ExportColumn(Bilingual("年度", "Year")) { $0.year.map { .number(Int64($0)) } ?? .none },
            ExportColumn(Bilingual("目标值", "Target")) { $0.target.map { .number(Int64($0)) } ?? .none },
            ExportColumn(Bilingual("实际值", "Actual")) { $0.actual.map { .number(Int64($0)) } ?? .none },
            ExportColumn(Bilingual("单位或责任处室", "Unit or division"), text: { $0.unit[language] }),
            ExportColumn(Bilingual("状态", "State"), text: { $0.state[language] }),
            ExportColumn(Bilingual("依据", "Evidence"), text: \.evidence),
        ]
        let lines = PlanLine.lines(whole, city, today)
        return try visit.export(Bilingual(whole.plan.name, whole.plan.name), columns) { last, limit in
            let start = last.map { $0.place + 1 } ?? 0
            return Array(lines.dropFirst(start).prefix(limit))
        }
    }
}

/// One line of a plan as a file: an indicator in a year, or a measure.
struct PlanLine: Sendable {
    let place: Int
    let type: Bilingual
    let code: String
    let objective: String
    let name: String
    let year: Int?
    let target: Int?
    let actual: Int?
    let unit: Bilingual
    let state: Bilingual
    let evidence: String

    static func lines(_ whole: PlanWhole, _ city: Jurisdiction, _ today: Day) -> [PlanLine] {
        var lines: [PlanLine] = []
        for item in whole.indicators {
            for year in Set(item.targets.keys).union(item.actuals.keys).sorted() {
                lines.append(
                    PlanLine(
                        place: lines.count, type: Bilingual("指标", "Indicator"), code: item.code,
                        objective: item.objective, name: item.name, year: year, target: item.targets[year],
                        actual: item.actuals[year], unit: Bilingual(item.unit, item.unit), state: item.standing.title,
                        evidence: item.evidence[year] ?? ""))
            }
        }
        for item in whole.measures {
            lines.append(
                PlanLine(
                    place: lines.count, type: Bilingual("任务", "Measure"), code: item.code, objective: item.objective,
                    name: item.title, year: item.dueOn.parts.year, target: nil, actual: nil,
                    unit: city.division(item.division), state: item.state(on: today).title, evidence: item.evidence))
        }
        return lines
    }
}
