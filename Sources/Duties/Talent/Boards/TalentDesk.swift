import Kernel
import Portal
import Store

/// The officers' and leaders' boards: permits that end, quotas, statistics, requests and complaints.
struct TalentDesk: Sendable {
    let talent: Talent

    init(_ talent: Talent) { self.talent = talent }

    private var house: House { talent.house }

    var routes: [Route] {
        let staff = ExpertPages.staff
        return [
            Route(
                "talent.desk", .get, "/desk/talent", access: staff,
                summary: Bilingual("外国专家业务", "Foreign experts' desk"),
                handler: home),
            Route(
                "talent.desk.permits", .get, "/desk/talent/permits", access: staff,
                summary: Bilingual("即将到期的许可", "Permits that end soon"), handler: permits),
            Route(
                "talent.desk.cases", .get, "/desk/talent/cases", access: staff,
                summary: Bilingual("请求、投诉与报告", "Requests, complaints, notices"), handler: cases),
            Route(
                "talent.desk.statistics", .get, "/desk/talent/statistics", access: staff,
                summary: Bilingual("外国人来华工作统计", "Statistics of foreign staff"), handler: statistics),
            Route(
                "talent.desk.summary", .get, "/desk/talent/summary", access: .roles([.leader, .auditor]),
                summary: Bilingual("外国专家工作摘要", "Summary for leaders"), handler: summary),
        ]
    }

    private struct Overview: Sendable {
        let months: [MonthCount]
        /// Days within which a permit ends soon.
        let horizon: Int
        /// How many do, and the first of them.
        let soon: Int
        let due: [BoardPermit]
        let used: Int
        let cases: [(kind: ExpertCase.Kind, state: String, count: Int)]
    }

    private func overview(_ today: Day) async throws -> Overview {
        let horizon = Reminders(house).horizon(on: today)
        let last = today.adding(days: horizon)
        return try await house.db.read { tx in
            Overview(
                months: try BoardStore.months(from: today, count: 12, tx), horizon: horizon,
                soon: try BoardStore.endingCount(from: today, through: last, tx),
                due: try BoardStore.ending(from: today, through: last, limit: 10, tx),
                used: try BoardStore.usedPlaces(year: today.parts.year, tx), cases: try BoardStore.cases(tx))
        }
    }

    private func home(_ visit: Visit) async throws -> Answer {
        let (t, today) = (visit.say, house.today)
        let view = try await overview(today)
        let lastDay = try? house.city.rules.number("talent.permit.extension.latest", on: today)
        var cards: [(SafeURL, String, String)] = [
            (
                "/desk/talent/experts", t("外国专家名册", "Register of foreign experts"),
                t("事实、来源、许可与办件。", "Facts, sources, permits and cases.")
            ),
            (
                "/desk/talent/permits", t("即将到期的许可", "Permits that end soon"),
                t("按到期日排列，可导出。", "By their end, for export.")
            ),
            (
                "/desk/talent/cases", t("请求、投诉与报告", "Requests, complaints, notices"),
                t("外国专家提出的和单位报告的。", "From experts and employers.")
            ),
            (
                "/desk/talent/statistics", t("统计", "Statistics"),
                t("按国家、类别、行业和区。", "By country, category, trade, district.")
            ),
            (
                "/desk/talent/exports", t("向其他部门提供", "For other departments"),
                t("只含对方可以取得的字段，逐次登记。", "Only what the recipient may have; each one is logged.")
            ),
        ]
        if !visit.actor.roles.isDisjoint(with: [.leader, .auditor]) {
            cards.append(("/desk/talent/summary", t("工作摘要", "Summary"), t("一页看全。", "All on one page.")))
        }
        let links = HTML(each: cards) { card in
            "<section class=\"card\"><h2><a href=\"\(card.0)\">\(card.1)</a></h2><p>\(card.2)</p></section>"
        }
        let rest: HTML =
            view.soon > view.due.count
            ? "<p><a href=\"\(Self.ending(view.horizon))\">\(t("全部 \(view.soon) 件", "All \(view.soon)"))</a></p>"
            : .empty
        let body: HTML = """
            <h1>\(t("外国专家业务", "Foreign experts' desk"))</h1>\(tiles(view, today, t))\(quota(view.used, today, t))<div class="columns">\(links)</div>\
            \(Parts.card(t("\(view.horizon) 天内到期", "Ending within \(view.horizon) days"), BoardParts.due(view.due, today: today, lastDay: lastDay, showsEmployer: true, t, empty: t("没有。", "None.")) + rest))\
            \(Parts.card(nil, BoardParts.monthsChart(view.months, id: "months", t)))
            """
        return .page(
            Page(
                title: Bilingual("外国专家业务", "Foreign experts' desk"), trail: [ExpertPages.crumbs[0]], width: .desk,
                body: body))
    }

    /// The list of all permits that end within so many days.
    private static func ending(_ days: Int) -> SafeURL { "/desk/talent/permits?days=\(days)" }

    private func tiles(_ view: Overview, _ today: Day, _ t: Say) -> HTML {
        func count(_ kind: ExpertCase.Kind) -> Int {
            view.cases.filter { $0.kind == kind && $0.state == "open" }.reduce(0) { $0 + $1.count }
        }
        return Parts.tiles([
            (
                String(view.soon), t("\(view.horizon) 天内到期", "end within \(view.horizon) days"),
                Self.ending(view.horizon)
            ),
            (String(count(.service)), t("待答复请求", "open requests"), "/desk/talent/cases?kind=service&state=open"),
            (String(count(.complaint)), t("办理中投诉", "open complaints"), "/desk/talent/cases?kind=complaint&state=open"),
            (
                String(count(.arrival) + count(.departure)), t("待核对报告", "notices to check"),
                "/desk/talent/cases?state=open"
            ),
        ])
    }

    /// The places of category C in the year, with the use counted.
    private func quota(_ used: Int, _ today: Day, _ t: Say) -> HTML {
        let year = today.parts.year
        guard let dated = try? house.city.rules.dated("talent.quota.c", on: today),
            let places = try? house.city.rules.number("talent.quota.c", on: today)
        else {
            return Parts.notice(
                .info,
                t(
                    "\(year) 年 C 类名额未公布，已用 \(used)。",
                    "The places of category C for \(year) are not known; \(used) are used."))
        }
        let tone: Parts.Tone = used >= places ? .bad : used * 10 >= places * 9 ? .warning : .info
        return Parts.notice(
            tone,
            t(
                "\(year) 年 C 类名额 \(places)，已用 \(used)，剩余 \(max(0, places - used))。",
                "Category C in \(year): \(counted(places, "place")), \(used) used, \(max(0, places - used)) left."),
            "<p class=\"basis\">\(t(dated.source.cited)) \(if: dated.source.confidence.needsChecking, Parts.toBeChecked(t))</p>"
        )
    }

    private func permits(_ visit: Visit) async throws -> Answer {
        let (t, today, db) = (visit.say, house.today, house.db)
        let horizon = Reminders(house).horizon(on: today)
        let days = visit.query("days").flatMap(Int.init).flatMap { (1...730).contains($0) ? $0 : nil } ?? horizon
        let choices = Set([30, 60, 90, 120, 365, horizon, days]).sorted().map { String($0) }
        let category = visit.query("category").flatMap { ["A", "B", "C"].contains($0) ? $0 : nil }
        let through = today.adding(days: days)
        let file = try visit.export(
            Bilingual("即将到期的许可", "Permits that end soon"), BoardParts.columns(visit.language, house.city)
        ) { last, limit in
            try await db.read { tx in
                try BoardStore.ending(
                    from: today, through: through, category: category, after: last.map { ($0.endsOn, $0.id) },
                    limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let list = try await db.read { tx in
            try BoardStore.ending(
                from: today, through: through, category: category, after: BoardPlace.read(cursor), limit: 51, tx)
        }
        let next: SafeURL? =
            list.count > 50
            ? list.prefix(50).last.map {
                "/desk/talent/permits?days=\(days)&category=\(category ?? "")&after=\(BoardPlace.cursor($0).text)"
            } : nil
        let lastDay = try? house.city.rules.number("talent.permit.extension.latest", on: today)
        let filters = Fields.filters(
            "/desk/talent/permits",
            """
            \(Fields.select(.init("days", t("几天内", "Within days")), choices.map { ($0, $0) }, value: String(days), t))\
            \(Fields.select(.init("category", t("类别", "Category")), ["A", "B", "C"].map { ($0, $0) }, value: category, t))
            """, t)
        let body: HTML = """
            <h1>\(t("即将到期的许可", "Permits that end soon"))</h1>\(filters)\(visit.exports)\
            \(BoardParts.due(list.prefix(50), today: today, lastDay: lastDay, showsEmployer: true, t, empty: t("没有。", "None.")))\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/talent/permits", t))
            """
        return .page(
            Page(
                title: Bilingual("即将到期的许可", "Permits that end soon"), trail: ExpertPages.crumbs, width: .desk,
                body: body))
    }

    private func cases(_ visit: Visit) async throws -> Answer {
        let (t, db, procedures) = (visit.say, house.db, house.procedures)
        let filter = ExpertCaseFilter(
            kind: visit.query("kind").flatMap(ExpertCase.Kind.init(rawValue:)),
            state: visit.query("state").flatMap { $0.isEmpty ? nil : $0 })
        let language = visit.language
        let columns: [ExportColumn<ExpertCaseLine>] = [
            ExportColumn(Bilingual("编号", "Number"), text: \.file.number),
            ExportColumn(Bilingual("种类", "Kind"), text: { $0.row.kind.title[language] }),
            ExportColumn(Bilingual("事由", "About"), text: { ExpertTopic.title($0.row.kind, $0.row.topic)[language] }),
            ExportColumn(Bilingual("提出", "Filed")) { .day($0.row.filedOn) },
            ExportColumn(Bilingual("环节", "Step"), text: { (try? procedures.step(of: $0.file))?.title[language] ?? "" }),
            ExportColumn(Bilingual("期限", "Due")) { $0.file.dueOn.map { .day($0) } ?? .none },
        ]
        let file = try visit.export(Bilingual("外国专家办件", "Cases of foreign experts"), columns) { last, limit in
            try await db.read { tx in
                try ExpertCaseStore.list(filter, before: last?.file.id, limit: limit, tx).map(ExpertCaseLine.init)
            }
        }
        if let file { return file }
        let before: ID<CaseFile>? = visit.query("before").map { ID($0) }
        let list = try await db.read { tx in try ExpertCaseStore.list(filter, before: before, limit: 51, tx) }
        let (kind, state) = (filter.kind?.rawValue ?? "", filter.state ?? "")
        let next: SafeURL? =
            list.count > 50
            ? list.prefix(50).last.map {
                "/desk/talent/cases?kind=\(kind)&state=\(state)&before=\($0.file.id.text)"
            } : nil
        let states = [("open", t("办理中", "Open")), ("done", t("已办", "Done")), ("refused", t("不予受理或退回", "Refused"))]
        let filters = Fields.filters(
            "/desk/talent/cases",
            """
            \(Fields.select(.init("kind", t("种类", "Kind")), ExpertCase.Kind.allCases.map { ($0.rawValue, t($0.title)) }, value: kind, t))\
            \(Fields.select(.init("state", t("办理", "State")), states.map { (value: $0.0, title: $0.1) }, value: state, t))
            """, t)
        let title = Bilingual("请求、投诉与报告", "Requests, complaints, notices")
        let body: HTML = """
            <h1>\(t(title))</h1>\(filters)\(visit.exports)\(ExpertCaseParts.table(Array(list.prefix(50)), house, t, empty: t("没有符合条件的办件。", "No case fits.")))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/desk/talent/cases", t))
            """
        return .page(Page(title: title, trail: ExpertPages.crumbs, width: .desk, body: body))
    }

    // MARK: Statistics

    private func statistics(_ visit: Visit) async throws -> Answer {
        let (t, db, city) = (visit.say, house.db, house.city)
        let language = visit.language
        let columns: [ExportColumn<PermitCensus.Cell>] = [
            ExportColumn(Bilingual("国家或地区", "Country"), text: { city.countries.title($0.nationality)[language] }),
            ExportColumn(Bilingual("类别", "Category"), text: \.category),
            ExportColumn(Bilingual("行业", "Trade"), text: { city.trade($0.trade)[language] }),
            ExportColumn(Bilingual("区", "District"), text: { city.district($0.district)[language] }),
            ExportColumn(Bilingual("有效许可", "Valid permits")) { .number(Int64($0.count)) },
        ]
        let census = try await db.read { tx in try BoardStore.census(tx) }
        let file = try visit.export(Bilingual("外国人来华工作统计", "Statistics of foreign staff"), columns) { last, _ in
            // The counts are one short table, given whole as the first page.
            last == nil ? census.cells : []
        }
        if let file { return file }
        let title = Bilingual("外国人来华工作统计", "Statistics of foreign staff")
        let body: HTML = """
            <h1>\(t(title))</h1><p class="lead">\(t("有效许可共 \(census.total) 件。", "\(counted(census.total, "valid permit"))."))</p>\(visit.exports)\
            \(StatisticsParts.charts(census, city, t))
            """
        return .page(Page(title: title, trail: ExpertPages.crumbs, width: .desk, body: body))
    }

    private func summary(_ visit: Visit) async throws -> Answer {
        let (t, today, countries) = (visit.say, house.today, house.city.countries)
        let view = try await overview(today)
        let (census, begun) = try await house.db.read { tx in
            (try BoardStore.census(tx), try BoardStore.begun(through: today, count: 12, tx))
        }
        let title = Bilingual("外国专家工作摘要", "Foreign experts: summary")
        let body: HTML = """
            <h1>\(t(title))</h1><p class="lead">\(today.text(t.language)) · \(t("有效许可 \(census.total) 件", counted(census.total, "valid permit")))</p>\
            \(tiles(view, today, t))\(quota(view.used, today, t))<div class="charts">\
            \(Parts.card(nil, BoardParts.monthsChart(view.months, id: "months", t)))\(Parts.card(nil, StatisticsParts.begun(begun, t)))\
            \(Parts.card(nil, BoardParts.bars(census.sums(by: \.nationality), id: "countries", title: Bilingual("按国家或地区", "By country"), most: 8, t) { t(countries.title($0)) }))\
            \(Parts.card(nil, BoardParts.bars(census.sums(by: \.category), id: "categories", title: Bilingual("按类别", "By category"), t) { t("\($0) 类", "Category \($0)") }))</div>
            """
        return .page(Page(title: title, trail: ExpertPages.crumbs, width: .desk, body: body))
    }
}

/// A case with its row, as the export walks through them.
struct ExpertCaseLine: Sendable {
    let row: ExpertCase
    let file: CaseFile

    init(_ pair: (row: ExpertCase, file: CaseFile)) {
        row = pair.row
        file = pair.file
    }
}

/// Charts of the statistics.
enum StatisticsParts {
    static func charts(_ census: PermitCensus, _ city: Jurisdiction, _ t: Say) -> HTML {
        let districts = census.sums(by: \.district).prefix(12).map(\.key)
        let categories = ["A", "B", "C"]
        let values = districts.map { district in
            categories.map { category in
                census.cells.filter { $0.district == district && $0.category == category }.reduce(0) { $0 + $1.count }
            }
        }
        let heat = Chart.heat(
            ChartText(
                id: "districts", title: t("各区与类别", "Districts and categories"),
                description: t("每格是该区该类别的有效许可数。", "Each cell holds the valid permits of a category in a district.")),
            rows: districts.map { t(city.district($0)) }, columns: categories.map { t("\($0) 类", "Cat. \($0)") },
            values, t)
        return """
            <div class="charts">\(Parts.card(nil, BoardParts.bars(census.sums(by: \.nationality), id: "countries", title: Bilingual("按国家或地区", "By country"), t) { t(city.countries.title($0)) }))\
            \(Parts.card(nil, BoardParts.bars(census.sums(by: \.category), id: "categories", title: Bilingual("按类别", "By category"), t) { t("\($0) 类", "Category \($0)") }))\
            \(Parts.card(nil, BoardParts.bars(census.sums(by: \.trade), id: "trades", title: Bilingual("按行业", "By trade"), t) { t(city.trade($0)) }))\(Parts.card(nil, heat))</div>
            """
    }

    /// Permits that began, by month, a line for each category.
    static func begun(_ months: [MonthCount], _ t: Say) -> HTML {
        let text = ChartText(
            id: "begun", title: t("近 12 个月新开始的许可", "Permits begun in the last 12 months"),
            description: t("每月开始生效的许可数，每个类别一条线。", "Permits that began in each month, a line for each category."),
            unit: t("件", "permits"))
        return Chart.lines(
            text, points: months.map(\.month),
            series: ["A", "B", "C"].map { category in
                (t("\(category) 类", "Category \(category)"), months.map { $0.byCategory[category] ?? 0 })
            }, t)
    }
}
