import Kernel
import Portal
import Store

/// Key laboratories as everybody sees them, and the beginning of a yearly report with what the city knows already.
struct LaboratoryPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "laboratories", .get, "/laboratories", access: .everyone,
                summary: Bilingual("重点实验室", "Key laboratories"), handler: list),
            Route(
                "laboratories.show", .get, "/laboratories/{number}", access: .everyone,
                summary: Bilingual("一个重点实验室", "A key laboratory"), handler: show),
            Route(
                "laboratories.report", .post, "/laboratories/{number}/report", access: .signedIn,
                summary: Bilingual("开始年度报告", "Begin a yearly report"), handler: report),
        ]
    }

    private static let title = Bilingual("重点实验室", "Key laboratories")

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before = visit.query("before")
        let found = try await house.db.read { tx in
            try RegisterStore.list(LaboratoryHooks.register, before: before, limit: 51, tx)
        }
        let definition = try house.registers.require(LaboratoryHooks.register)
        let rows = found.prefix(50).map { entry -> [HTML] in
            [
                "<a href=\"/laboratories/\(entry.number)\">\(entry.name)</a>", HTML(text: entry.number),
                HTML(text: label(definition, "level", entry, t)), HTML(text: entry.content["host"]?.string ?? "—"),
                HTML(text: label(definition, "last-grade", entry, t)),
                HTML(text: definition.state(entry.state).map { t($0.title) } ?? entry.state),
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("名称", "Name")), .init(t("编号", "Number")), .init(t("级别", "Level")), .init(t("依托单位", "Host")),
            .init(t("最近评估", "Last grade")), .init(t("状态", "State")),
        ]
        let next: SafeURL? = found.count > 50 ? found.prefix(50).last.map { "/laboratories?before=\($0.number)" } : nil
        let table = Parts.table(t(Self.title), columns, Array(rows), empty: "<p>\(t("还没有实验室。", "None yet."))</p>")
        return .page(
            Page(
                title: Self.title, trail: [BasicResearch.crumb], width: .desk,
                body: """
                    <h1>\(t(Self.title))</h1>\(table)\
                    \(Parts.pager(next: next, first: before == nil ? nil : "/laboratories", t))
                    """))
    }

    private func label(_ definition: RegisterDefinition, _ name: String, _ entry: RegisterEntry, _ t: Say) -> String {
        let value = entry.content[name]?.string
        return definition.form.field(name)?.options?.first { $0.value == value }.map { t($0.label) } ?? value ?? "—"
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let definition = try house.registers.require(LaboratoryHooks.register)
        let (entry, figures, instruments) = try await house.db.read { tx in
            let entry = try RegisterStore.require(LaboratoryHooks.register, number, tx)
            return (
                entry, try RegisterStore.figures(of: entry.id, tx),
                try entry.organisation.map {
                    try RegisterStore.entries(of: $0, in: InstrumentHooks.register, limit: 50, tx)
                } ?? []
            )
        }
        let facts: [(String, HTML)] = [
            (t("编号", "Number"), HTML(text: entry.number)),
            (t("状态", "State"), HTML(text: definition.state(entry.state).map { t($0.title) } ?? entry.state)),
            (t("依托单位", "Host"), HTML(text: entry.content["host"]?.string ?? "—")),
            (t("主任", "Director"), HTML(text: entry.content["director"]?.string ?? "—")),
            (t("研究方向", "Direction"), HTML(text: entry.content["direction"]?.string ?? "—")),
            (t("最近评估", "Last grade"), HTML(text: label(definition, "last-grade", entry, t))),
        ]
        let isHost = visit.actor.memberships.contains { $0.organisation == entry.organisation }
        let year = house.today.parts.year - 1
        let begin: HTML =
            isHost && entry.state != "cancelled"
            ? Parts.post(
                "/laboratories/\(entry.number)/report",
                t("填报 \(year) 年度报告（已有数据自动填入）", "Report for \(year), filled with what is known"),
                token: visit.csrfToken) : .empty
        let list = HTML(each: instruments) {
            "<li><a href=\"/instruments/\($0.number)\">\($0.name)</a></li>"
        }
        let body: HTML = """
            <h1>\(entry.name)</h1>\(Parts.card(nil, Parts.facts(facts)))\(begin)\
            \(Parts.card(t("年度数据", "Yearly figures"), FiguresPanel.table(figures, definition, t)))\
            \(if: !instruments.isEmpty, Parts.card(t("依托单位的开放仪器", "Open instruments of the host"), "<ul>\(list)</ul>"))\
            <p><a href="/registers/\(LaboratoryHooks.register)/\(entry.number)">\(t("名册条目和变更记录", "Entry and history"))</a></p>
            """
        return .page(
            Page(
                title: Bilingual(entry.name, entry.name),
                trail: [BasicResearch.crumb, Crumb(Self.title, "/laboratories")], width: .desk, body: body))
    }

    /// Starts the report and fills in what the house knows: nobody types twice what the city has.
    private func report(_ visit: Visit) async throws -> Answer {
        let number = visit.path("number")
        let (actor, now, year) = (visit.actor, house.clock.now(), house.today.parts.year - 1)
        let entry = try await house.db.read { tx in try RegisterStore.require(LaboratoryHooks.register, number, tx) }
        let file = try await Filings(house).start(
            "basic.lab-report", .init(organisation: entry.organisation, entry: number), by: actor)
        try await house.db.write { tx in
            let known = try KnownFigures.of(entry, year: year, tx)
            try CaseStore.saveAnswers(known, of: file.id, expecting: 0, by: actor, at: now, tx)
            try CaseValues.set(file.id, "period", .string(String(year)), tx)
        }
        return .redirect("/drafts/\(file.id)")
    }
}

/// What the city knows of a laboratory's year before anybody reports it.
enum KnownFigures {
    /// Projects that the host carries and their money, from the cases of the house; shared hours of its instruments,
    /// from their quarters; staff as last reported.
    static func of(_ entry: RegisterEntry, year: Int, _ tx: Tx) throws -> JSONValue {
        var known: [String: JSONValue] = ["period": .string(String(year))]
        let before = try RegisterStore.figures(of: entry.id, tx)[String(year - 1)] ?? [:]
        if let staff = before["staff"] { known["staff"] = .integer(staff) }
        guard let host = entry.organisation else { return .object(known) }
        let contracts = try tx.rows(
            """
            SELECT a.content FROM case_file f JOIN case_answers a ON a.case_id = f.id
            WHERE f.organisation = \(host) AND f.procedure = 'funding.project'
                AND f.step NOT IN ('contract', 'contract-check', 'contract-signing', 'terminated') LIMIT 1000
            """
        ) { try $0["content"] as JSONValue }
        known["projects"] = .integer(Int64(contracts.count))
        known["funding"] = .integer(contracts.compactMap { $0["amount"]?.integer }.reduce(0, +))
        let hours: Int64? = try tx.value(
            """
            SELECT CAST(COALESCE(SUM(f.value), 0) AS BIGINT) FROM register_figure f
            JOIN register_entry e ON e.id = f.entry
            WHERE f.register = \(InstrumentHooks.register) AND f.field = 'hours-shared' AND e.organisation = \(host)
                AND f.period >= \("\(year)-Q1") AND f.period <= \("\(year)-Q4")
            """)
        known["hours"] = .integer(hours ?? 0)
        return .object(known)
    }
}
