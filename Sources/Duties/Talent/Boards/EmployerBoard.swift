import Kernel
import Portal
import Store

/// What an employer of foreigners sees: permits that end, extensions due, its experts and notices.
struct EmployerBoard: Sendable {
    let talent: Talent

    init(_ talent: Talent) { self.talent = talent }

    private var house: House { talent.house }

    private static let members: RouteAccess = .members([.administrator, .sealHolder, .handler])

    var routes: [Route] {
        [
            Route(
                "talent.employers", .get, "/talent/employers", access: Self.members,
                summary: Bilingual("本单位外国人", "Our foreign staff"), handler: choose),
            Route(
                "talent.employer", .get, "/talent/employers/{id}", access: Self.members,
                summary: Bilingual("一个单位的外国人", "Foreign staff of an organisation"), handler: board),
        ]
    }

    /// One organisation leads straight on; several are listed.
    private func choose(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let ids = visit.actor.memberships
            .filter { !$0.roles.isDisjoint(with: [.administrator, .sealHolder, .handler]) }.map(\.organisation)
        if ids.count == 1, let only = ids.first { return .redirect("/talent/employers/\(only)") }
        let places = try await house.db.read { tx in try Registry.organisations(ids, tx) }
        let items = HTML(each: ids) { id in
            "<li><a href=\"/talent/employers/\(id.text)\">\(places[id].map { t($0.name) } ?? "")</a></li>"
        }
        let title = Bilingual("本单位外国人", "Our foreign staff")
        return .page(Page(title: title, trail: [.work], body: "<h1>\(t(title))</h1><ul>\(items)</ul>"))
    }

    private struct Model: Sendable {
        let place: Organisation
        let months: [MonthCount]
        let due: [BoardPermit]
        let experts: [ForeignExpert]
        let notices: [(row: ExpertCase, file: CaseFile)]
    }

    private func board(_ visit: Visit) async throws -> Answer {
        let id: ID<OrganisationMark> = try visit.id("id")
        guard visit.actor.belongs(to: id, as: [.administrator, .sealHolder, .handler]) else {
            throw PrivacyError.unknown
        }
        let (t, today, db) = (visit.say, house.today, house.db)
        let days = Reminders(house).horizon(on: today)
        let horizon = today.adding(days: days)
        let file = try visit.export(
            Bilingual("即将到期的许可", "Permits that end soon"), BoardParts.columns(visit.language, house.city)
        ) { last, limit in
            try await db.read { tx in
                try BoardStore.ending(
                    from: today, through: horizon, organisation: id, after: last.map { ($0.endsOn, $0.id) },
                    limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = BoardPlace.read(cursor)
        let model = try await db.read { tx -> Model in
            guard let organisation = try Registry.organisation(id, tx) else { throw PrivacyError.unknown }
            return Model(
                place: organisation, months: try BoardStore.months(from: today, count: 12, organisation: id, tx),
                due: try BoardStore.ending(
                    from: today, through: horizon, organisation: id, after: place, limit: 31, tx),
                experts: try ForeignExpertStore.list(ExpertFilter(organisation: id), after: nil, limit: 100, tx),
                notices: try ExpertCaseStore.list(
                    ExpertCaseFilter(organisation: id), before: nil, limit: 50, tx
                ).filter { $0.row.kind.isNotice })
        }
        let next: SafeURL? =
            model.due.count > 30
            ? model.due.prefix(30).last.map { "/talent/employers/\(id.text)?after=\(BoardPlace.cursor($0).text)" } : nil
        let lastDay = try? house.city.rules.number("talent.permit.extension.latest", on: today)
        let people = model.experts.map { expert -> [HTML] in
            [
                HTML(text: expert.name), HTML(text: t(house.city.countries.title(expert.country))),
                HTML(text: expert.category), Parts.badge(t(expert.state.title)),
            ]
        }
        let body: HTML = """
            <h1>\(t("本单位外国人", "Our foreign staff"))</h1><p class="lead">\(t(model.place.name))</p>\
            <p class="buttons">\(Parts.button(t("报告到岗离岗", "Give notice of arrival or departure"), to: "/talent/employers/\(id.text)/notices/new"))</p>\
            \(Parts.card(t("即将到期", "Ending soon"), """
                \(BoardParts.due(model.due.prefix(30), today: today, lastDay: lastDay, showsEmployer: false, t, empty: t("\(days) 天内没有到期的许可。", "No permit ends within \(days) days.")))\
                <p class="hint">\(t("列出 \(days) 天内到期的许可；全部见", "Permits that end within \(days) days; for all see")) <a href="/permits">\(t("外国人工作许可", "Work permits"))</a></p>\(visit.exports)\(Parts.pager(next: next, first: cursor == nil ? nil : "/talent/employers/\(id.text)", t))
                """))\
            \(Parts.card(nil, BoardParts.monthsChart(model.months, id: "months", t)))\
            \(Parts.card(t("名册中的外国专家", "Experts of the register"), Parts.table(t("外国专家", "Foreign experts"), [
                .init(t("姓名", "Name")), .init(t("国家或地区", "Country")), .init(t("类别", "Category")), .init(t("在岗", "State")),
            ], people, empty: "<p>\(t("名册中没有本单位的专家。", "The register has no expert of this organisation."))</p>")))\
            \(Parts.card(t("到岗离岗报告", "Notices"), ExpertCaseParts.table(model.notices, house, t, empty: t("没有报告。", "No notices."))))
            """
        return .page(Page(title: Bilingual("本单位外国人", "Our foreign staff"), trail: [.work], width: .desk, body: body))
    }
}

/// Where a list of permits goes on.
enum BoardPlace {
    static func read(_ cursor: Cursor?) -> (Day, String)? {
        guard let cursor, let day = cursor.values[0].string.flatMap(Day.init), let id = cursor.values[1].string else {
            return nil
        }
        return (day, id)
    }

    static func cursor(_ permit: BoardPermit) -> Cursor {
        Cursor([.string(permit.endsOn.description), .string(permit.id)])
    }
}
