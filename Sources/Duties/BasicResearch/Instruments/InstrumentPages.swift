import Kernel
import Portal
import Store

/// Large instruments that may be booked, and which of their hours are given.
struct InstrumentPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "instruments", .get, "/instruments", access: .everyone,
                summary: Bilingual("大型仪器", "Large instruments"), handler: list),
            Route(
                "instruments.show", .get, "/instruments/{number}", access: .everyone,
                summary: Bilingual("一台大型仪器", "A large instrument"), handler: show),
        ]
    }

    private static let title = Bilingual("大型仪器", "Large instruments")

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let before = visit.query("before")
        let found = try await house.db.read { tx in
            try RegisterStore.list(
                InstrumentHooks.register, RegisterFilter(state: "active"), before: before, limit: 51, tx)
        }
        let rows = found.prefix(50).map { entry -> [HTML] in
            [
                "<a href=\"/instruments/\(entry.number)\">\(entry.name)</a>",
                HTML(text: entry.content["model"]?.string ?? "—"), HTML(text: entry.content["owner"]?.string ?? "—"),
                HTML(text: entry.content["place"]?.string ?? "—"),
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("仪器", "Instrument")), .init(t("型号", "Model")), .init(t("所属单位", "Owner")), .init(t("地点", "Place")),
        ]
        let next: SafeURL? = found.count > 50 ? found.prefix(50).last.map { "/instruments?before=\($0.number)" } : nil
        let table = Parts.table(t(Self.title), columns, Array(rows), empty: "<p>\(t("还没有仪器。", "None yet."))</p>")
        return .page(
            Page(
                title: Self.title, trail: [BasicResearch.crumb], width: .desk,
                body: """
                    <h1>\(t(Self.title))</h1>\(table)\
                    \(Parts.pager(next: next, first: before == nil ? nil : "/instruments", t))
                    """))
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let number = visit.path("number")
        let today = house.today
        let definition = try house.registers.require(InstrumentHooks.register)
        let (entry, figures, slots) = try await house.db.read { tx in
            let entry = try RegisterStore.require(InstrumentHooks.register, number, tx)
            let slots = try tx.rows(
                """
                SELECT day, from_hour, to_hour FROM basic_booking
                WHERE entry = \(number) AND day >= \(today) AND is_given = \(true) ORDER BY day, from_hour LIMIT 100
                """
            ) { (try $0["day"] as Day, try $0["from_hour"] as Int, try $0["to_hour"] as Int) }
            return (entry, try RegisterStore.figures(of: entry.id, tx), slots)
        }
        let facts: [(String, HTML)] = [
            (t("编号", "Number"), HTML(text: entry.number)),
            (t("型号", "Model"), HTML(text: entry.content["model"]?.string ?? "—")),
            (t("所属单位", "Owner"), HTML(text: entry.content["owner"]?.string ?? "—")),
            (t("地点", "Place"), HTML(text: entry.content["place"]?.string ?? "—")),
            (t("服务内容", "Services"), HTML(text: entry.content["services"]?.string ?? "—")),
            (t("收费说明", "Fees"), HTML(text: entry.content["fee-note"]?.string ?? "—")),
        ]
        let given = slots.map { slot -> [HTML] in
            [HTML(text: slot.0.text(t.language)), HTML(text: "\(slot.1):00–\(slot.2):00")]
        }
        let book: HTML =
            entry.state == "active"
            ? "<p class=\"buttons\">\(Parts.button(t("预约", "Book"), to: "/procedures/basic.booking/start?entry=\(entry.number)"))</p>"
            : .empty
        let table = Parts.table(
            t("已预约的时段", "Hours given"), [.init(t("日期", "Day")), .init(t("时段", "Hours"))], given,
            empty: "<p>\(t("没有已预约的时段。", "No hours are given yet."))</p>")
        let body: HTML = """
            <h1>\(entry.name)</h1>\(Parts.card(nil, Parts.facts(facts)))\(book)\
            \(Parts.card(t("已预约的时段", "Hours given"), table))\
            \(Parts.card(t("季度使用数据", "Quarterly use"), FiguresPanel.table(figures, definition, t)))
            """
        return .page(
            Page(
                title: Bilingual(entry.name, entry.name),
                trail: [BasicResearch.crumb, Crumb(Self.title, "/instruments")], width: .desk, body: body))
    }
}
