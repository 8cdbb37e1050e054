import Kernel
import Portal
import Store

/// The rooms of the bureau as people see them: a public home for each, the officers' desk, the leaders' summary.
struct RoomPages: Sendable {
    let house: House
    let duties: [any Duty]

    static let staff: RouteAccess = .roles([.officer, .leader, .auditor])

    var routes: [Route] {
        [
            Route("rooms", .get, "/rooms", access: .everyone, summary: Bilingual("业务领域", "Rooms"), handler: rooms),
            Route(
                "rooms.show", .get, "/rooms/{room}", access: .everyone, summary: Bilingual("一个业务领域", "A room"),
                handler: room),
            Route(
                "desk.rooms", .get, "/desk/rooms", access: Self.staff, summary: Bilingual("全部业务", "All rooms"),
                handler: desks),
            Route(
                "desk.rooms.show", .get, "/desk/rooms/{room}", access: Self.staff,
                summary: Bilingual("一个领域的业务", "The desk of a room"), handler: desk),
            Route(
                "desk.rooms.summary", .get, "/desk/rooms/{room}/summary", access: Self.staff,
                summary: Bilingual("一个领域的工作摘要", "The summary of a room"), handler: summary),
        ]
    }

    static let crumb = Crumb(Bilingual("业务领域", "Rooms"), "/rooms")
    static let deskCrumb = Crumb(Bilingual("全部业务", "All rooms"), "/desk/rooms")

    /// The way to a room's page for everybody; to all rooms where nobody shows such a page.
    static func trail(to room: String) -> [Crumb] {
        guard let face = shown(room) else { return [crumb] }
        return [crumb, Crumb(face.title, "/rooms/\(face.id)")]
    }

    /// The same at the desk.
    static func deskTrail(to room: String) -> [Crumb] {
        guard let face = shown(room) else { return [.desk, deskCrumb] }
        return [.desk, deskCrumb, Crumb(face.title, "/desk/rooms/\(face.id)")]
    }

    private static func shown(_ id: String) -> RoomFace? {
        Services.dutyTypes.compactMap { $0.room }.first { $0.id == id }
    }

    /// A duty with its face.
    private func found(_ visit: Visit) throws -> (duty: any Duty, face: RoomFace) {
        let id = visit.path("room")
        for duty in duties {
            if let face = type(of: duty).room, face.id == id { return (duty, face) }
        }
        throw RequestProblem.nothingHere
    }

    private func procedures(_ face: RoomFace) -> [ProcedureDefinition] {
        house.procedures.current.filter { $0.duty == face.id }
    }

    private func registers(_ face: RoomFace) -> [RegisterDefinition] {
        house.registers.definitions.filter { $0.duty == face.id }
    }

    private func cards(_ items: [(address: SafeURL, title: String, lead: String)]) -> HTML {
        let list = HTML(each: items) { item in
            "<section class=\"card\"><h2><a href=\"\(item.address)\">\(item.title)</a></h2><p>\(item.lead)</p></section>"
        }
        return "<div class=\"columns\">\(list)</div>"
    }

    // MARK: For everybody

    private func rooms(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let items = duties.compactMap { type(of: $0).room }.map { face -> (SafeURL, String, String) in
            ("/rooms/\(face.id)", t(face.title), t(face.lead))
        }
        return .page(
            Page(
                title: Bilingual("业务领域", "Rooms"), width: .desk,
                body: "<h1>\(t("业务领域", "What the bureau does"))</h1>\(cards(items))"))
    }

    private func room(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (duty, face) = try found(visit)
        let guides = procedures(face).filter { $0.isOffered(to: visit.actor) }.map {
            ("/guides/\($0.id)" as SafeURL, $0.title, $0.summary)
        }
        let registers = registers(face).filter(\.isPublic).map {
            ("/registers/\($0.id)" as SafeURL, $0.title, $0.summary)
        }
        func links(_ audience: RoomLink.Audience) -> [(SafeURL, Bilingual, Bilingual)] {
            duty.links.filter { $0.audience == audience && visit.mayOpen($0.address) }.map {
                ($0.address, $0.title, $0.lead)
            }
        }
        func part(_ title: String, _ items: [(SafeURL, Bilingual, Bilingual)]) -> HTML {
            items.isEmpty ? .empty : "<h2>\(title)</h2>\(cards(items.map { ($0.0, t($0.1), t($0.2)) }))"
        }
        let isStaff = RoomPages.staff.allows(visit.actor)
        let body: HTML = """
            <h1>\(t(face.title))</h1><p class="lead">\(t(face.lead))</p>\
            <p>\(t("承办：", "Answers for it: "))\(t(house.city.division(house.city.handling(face.division))))</p>\
            \(part(t("公开信息", "Open to all"), links(.everyone) + registers))\(part(t("可以办理", "What you can file"), links(.filers) + guides))\
            \(if: isStaff, "<p class=\"buttons\">\(Parts.button(t("进入业务", "To the desk"), to: "/desk/rooms/\(face.id)", .secondary))</p>")
            """
        return .page(Page(title: face.title, trail: [Self.crumb], width: .desk, body: body))
    }

    // MARK: At the desk

    private func desks(_ visit: Visit) async throws -> Answer {
        let (t, today) = (visit.say, house.today)
        let current = house.procedures.current
        let known = current.filter { $0.duty != nil }.map(\.id)
        let counts = try await house.db.read { tx in try CaseLists.open(known, on: today, tx) }
        let rows = duties.compactMap { type(of: $0).room }.map { face -> [HTML] in
            let own = Set(current.filter { $0.duty == face.id }.map(\.id))
            let open = Self.sum(counts.filter { own.contains($0.procedure) })
            return [
                "<a href=\"/desk/rooms/\(face.id)\">\(t(face.title))</a>",
                HTML(text: t(house.city.division(house.city.handling(face.division)))),
                HTML(text: String(open.count)), HTML(text: String(open.late)),
                "<a href=\"/desk/rooms/\(face.id)/summary\">\(t("摘要", "Summary"))</a>",
            ]
        }
        let table = Parts.table(
            t("全部业务", "All rooms"),
            [
                .init(t("领域", "Room")), .init(t("承办", "Division")), .init(t("在办", "Open"), numeric: true),
                .init(t("超期", "Late"), numeric: true), .init(t("摘要", "Summary")),
            ], rows, empty: "—")
        return .page(
            Page(
                title: Self.deskCrumb.title, trail: [.desk], width: .desk,
                body: "<h1>\(t(Self.deskCrumb.title))</h1>\(table)"))
    }

    private static func sum(_ counts: [CaseCount]) -> (count: Int, late: Int) {
        counts.reduce(into: (0, 0)) { sum, count in
            sum.0 += count.count
            sum.1 += count.late
        }
    }

    private func desk(_ visit: Visit) async throws -> Answer {
        let (t, today) = (visit.say, house.today)
        let (duty, face) = try found(visit)
        let procedures = procedures(face)
        let registers = registers(face)
        let (counts, states) = try await house.db.read { tx in
            (
                try CaseLists.open(procedures.map(\.id), on: today, tx),
                try RegisterStore.states(registers.map(\.id), tx)
            )
        }
        let all = Self.sum(counts)
        let tiles = Parts.tiles([
            (String(all.count), t("在办", "open"), nil), (String(all.late), t("超期", "late"), nil),
            (String(states.values.joined().reduce(0) { $0 + $1.count }), t("名册条目", "entries of registers"), nil),
        ])
        let rows = procedures.map { procedure -> [HTML] in
            let own = Self.sum(counts.filter { $0.procedure == procedure.id })
            let start: HTML =
                procedure.filing?.by == .officer && visit.actor.roles.contains(.officer)
                ? "<a href=\"/procedures/\(procedure.id)/start\">\(t("新建", "New"))</a>" : "—"
            let address: SafeURL = "/desk/procedures/\(procedure.id)"
            // Steps that only programs take have no list of their own.
            let name: HTML =
                procedure.filing != nil && visit.mayOpen(address)
                ? "<a href=\"\(address)\">\(t(procedure.title))</a>" : HTML(text: t(procedure.title))
            return [
                name, HTML(text: String(own.count)),
                HTML(text: String(own.late)), start,
            ]
        }
        let table = Parts.table(
            t("办件", "Cases"),
            [
                .init(t("事项", "Procedure")), .init(t("在办", "Open"), numeric: true),
                .init(t("超期", "Late"), numeric: true), .init(t("新建", "New")),
            ], rows, empty: "<p>\(t("该领域的办件见下列页面。", "The cases of this room are on the pages below."))</p>")
        let lists = registers.map { register in
            (
                "/registers/\(register.id)" as SafeURL, t(register.title),
                (states[register.id] ?? []).map { count in
                    "\(register.state(count.state).map { t($0.title) } ?? count.state) \(count.count)"
                }
                .joined(separator: " · ")
            )
        }
        let links = duty.links.filter { visit.mayOpen($0.address) }.map { ($0.address, t($0.title), t($0.lead)) }
        let body: HTML = """
            <h1>\(t(face.title))</h1><p class="lead">\(t(house.city.division(house.city.handling(face.division))))</p>\(tiles)\
            <p class="buttons">\(Parts.button(t("工作摘要", "Summary"), to: "/desk/rooms/\(face.id)/summary", .secondary))</p>\
            \(Parts.card(t("办件", "Cases"), table))\(if: !lists.isEmpty, "<h2>\(t("名册", "Registers"))</h2>\(cards(lists))")\
            \(if: !links.isEmpty, "<h2>\(t("更多", "More"))</h2>\(cards(links))")
            """
        return .page(Page(title: face.title, trail: [.desk, Self.deskCrumb], width: .desk, body: body))
    }

    private func summary(_ visit: Visit) async throws -> Answer {
        let (t, today) = (visit.say, house.today)
        let (duty, face) = try found(visit)
        let procedures = procedures(face)
        let registers = registers(face)
        let months = Self.months(through: today)
        let edges = months.map { house.city.zone.start(of: $0) }
        let (counts, opened, charts) = try await house.db.read { tx in
            (
                try CaseLists.open(procedures.map(\.id), on: today, tx),
                try CaseLists.opened(procedures.map(\.id), between: edges, tx),
                try RegisterCharts.read(registers, tx)
            )
        }
        let items = procedures.map { procedure -> (label: String, values: [Int]) in
            let own = Self.sum(counts.filter { $0.procedure == procedure.id })
            return (t(procedure.title), [own.count - own.late, own.late])
        }
        let busy = items.filter { $0.values != [0, 0] }
        let open = Chart.stacked(
            ChartText(
                id: "open", title: t("在办与超期", "Open and late"),
                description: t("每个事项在办的办件，其中超过时限的另计。", "Open cases of each procedure, late ones apart.")),
            series: [t("按时", "On time"), t("超期", "Late")], busy.isEmpty ? items : busy, t)
        let filed = Chart.lines(
            ChartText(
                id: "filed", title: t("近 12 个月新收办件", "Cases opened in the last 12 months"),
                description: t("每月新开的办件数。", "How many cases were opened in each month.")),
            points: months.dropLast().map { String($0.description.prefix(7)) },
            series: [(t("新收", "Opened"), opened)], t)
        let more = try await duty.summary(visit)
        let drawn = HTML(each: charts) { Parts.card(nil, RegisterCharts.draw($0, t)) }
        let general: HTML =
            procedures.isEmpty ? .empty : "\(Parts.card(nil, open))\(Parts.card(nil, filed))"
        let title = Bilingual("\(face.title.zh)：工作摘要", "\(face.title.en): summary")
        let body: HTML = """
            <h1>\(t(title))</h1><p class="lead">\(today.text(t.language))</p><div class="charts">\(general)\(drawn)</div>\(more)
            """
        return .page(
            Page(
                title: title, trail: Self.deskTrail(to: face.id), width: .desk, body: body))
    }

    /// The first days of the last twelve months and of the next one.
    private static func months(through day: Day) -> [Day] {
        let parts = day.parts
        guard let first = Day(year: parts.year, month: parts.month, day: 1) else { return [] }
        return (-11...1).map { first.adding(months: $0) }
    }
}

extension ProcedureDefinition {
    /// Whether somebody is told that they can file it: what officers file by themselves is offered to officers alone.
    func isOffered(to actor: Actor) -> Bool {
        isPublic && (filing?.by != .officer || actor.roles.contains(.officer))
    }
}
