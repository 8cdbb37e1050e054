import Kernel
import Portal
import Store

/// The register of foreign experts, for the bureau.
struct ExpertPages: Sendable {
    let talent: Talent

    init(_ talent: Talent) { self.talent = talent }

    private var house: House { talent.house }

    static let staff: RouteAccess = .roles([.officer, .leader, .auditor])
    static let crumbs = [
        Crumb.desk, Crumb(Bilingual("外国专家", "Foreign experts"), "/desk/talent"),
    ]

    var routes: [Route] {
        [
            Route(
                "talent.experts", .get, "/desk/talent/experts", access: Self.staff,
                summary: Bilingual("外国专家名册", "Register of foreign experts"), handler: list),
            Route(
                "talent.experts.new", .get, "/desk/talent/experts/new", access: .roles([.officer]),
                summary: Bilingual("登记外国专家", "Register a foreign expert"), handler: new),
            Route(
                "talent.experts.add", .post, "/desk/talent/experts", access: .roles([.officer]),
                summary: Bilingual("保存新登记", "Save a new entry"), handler: save),
            Route(
                "talent.experts.show", .get, "/desk/talent/experts/{id}", access: Self.staff,
                summary: Bilingual("一位外国专家", "A foreign expert"), handler: show),
            Route(
                "talent.experts.edit", .get, "/desk/talent/experts/{id}/edit", access: .roles([.officer]),
                summary: Bilingual("修改登记", "Change an entry"), handler: edit),
            Route(
                "talent.experts.save", .post, "/desk/talent/experts/{id}", access: .roles([.officer]),
                summary: Bilingual("保存修改", "Save a change"), handler: save),
        ]
    }

    static func columns(_ language: Language, _ countries: Countries) -> [ExportColumn<ForeignExpert>] {
        [
            ExportColumn(Bilingual("姓名", "Name"), text: \.name),
            ExportColumn(Bilingual("国家或地区", "Country"), text: { countries.title($0.country)[language] }),
            ExportColumn(Bilingual("领域", "Field"), text: { ExpertField.title($0.field)[language] }),
            ExportColumn(Bilingual("用人单位", "Employer"), text: { Bilingual(written: $0.employer)[language] }),
            ExportColumn(Bilingual("类别", "Category"), text: \.category),
            ExportColumn(Bilingual("来华起", "In China since")) { $0.since.map { .day($0) } ?? .none },
            ExportColumn(Bilingual("状态", "State"), text: { $0.state.title[language] }),
        ]
    }

    private func filter(_ visit: Visit) -> ExpertFilter {
        func word(_ name: String) -> String? { visit.query(name).flatMap { $0.isEmpty ? nil : $0 } }
        return ExpertFilter(
            words: word("q"), country: word("country"), field: word("field"), category: word("category"),
            organisation: word("organisation").map { ID($0) })
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (filter, db) = (filter(visit), house.db)
        let columns = Self.columns(visit.language, house.city.countries)
        let file = try visit.export(Bilingual("外国专家名册", "Foreign experts"), columns) { last, limit in
            try await db.read { tx in
                try ForeignExpertStore.list(filter, after: last.map { ($0.name, $0.id.text) }, limit: limit, tx)
            }
        }
        if let file { return file }
        let cursor = try visit.query("after").map { try Cursor(parsing: $0, count: 2) }
        let place = cursor.flatMap { cursor -> (String, String)? in
            guard let name = cursor.values[0].string, let id = cursor.values[1].string else { return nil }
            return (name, id)
        }
        let experts = try await db.read { tx in
            try ForeignExpertStore.list(filter, after: place, limit: 51, tx)
        }
        let rows = experts.prefix(50).map { expert -> [HTML] in
            [
                "<a href=\"/desk/talent/experts/\(expert.id.text)\">\(expert.name)</a>",
                HTML(text: t(house.city.countries.title(expert.country))),
                HTML(text: t(ExpertField.title(expert.field))),
                HTML(text: t(written: expert.employer)), HTML(text: expert.category),
                HTML(text: expert.since?.text(t.language) ?? "—"),
                Parts.badge(t(expert.state.title), expert.state == .present ? .good : .neutral),
            ]
        }
        var next: SafeURL?
        if experts.count > 50, let last = experts.prefix(50).last {
            let cursor = Cursor([.string(last.name), .string(last.id.text)])
            next =
                "/desk/talent/experts?q=\(filter.words ?? "")&country=\(filter.country ?? "")&field=\(filter.field ?? "")&category=\(filter.category ?? "")&after=\(cursor.text)"
        }
        let add: HTML =
            Policy.may(visit.actor, .editExperts)
            ? "<p>\(Parts.button(t("登记外国专家", "Register an expert"), to: "/desk/talent/experts/new"))</p>" : .empty
        let body: HTML = """
            <h1>\(t("外国专家名册", "Register of foreign experts"))</h1>\(filters(filter, t))\(add)\(visit.exports)\
            \(Parts.table(t("外国专家", "Foreign experts"), [
                .init(t("姓名", "Name")), .init(t("国家或地区", "Country")), .init(t("领域", "Field")), .init(t("用人单位", "Employer")),
                .init(t("类别", "Category")), .init(t("来华起", "In China since")), .init(t("在岗", "State")),
            ], Array(rows), empty: "<p>\(t("没有符合条件的外国专家。", "No expert fits."))</p>"))\
            \(Parts.pager(next: next, first: cursor == nil ? nil : "/desk/talent/experts", t))
            """
        return .page(
            Page(
                title: Bilingual("外国专家名册", "Register of foreign experts"), trail: Self.crumbs, width: .desk, body: body)
        )
    }

    private func filters(_ filter: ExpertFilter, _ t: Say) -> HTML {
        Fields.filters(
            "/desk/talent/experts",
            """
            \(Fields.input(.init("q", t("姓名开头", "Name starts with")), value: filter.words ?? "", t))\
            \(Fields.select(.init("country", t("国家或地区", "Country")), house.city.countries.options(t.language), value: filter.country, t))\
            \(Fields.select(.init("field", t("领域", "Field")), ExpertField.all.map { ($0.code, t($0.name)) }, value: filter.field, t))\
            \(Fields.select(.init("category", t("类别", "Category")), ["A", "B", "C"].map { ($0, $0) }, value: filter.category, t))
            """, t)
    }

    // MARK: One expert

    private struct Card: Sendable {
        let expert: ForeignExpert
        let facts: [Fact]
        let contents: [(PersonalContent, String)]
        let permits: [BoardPermit]
        let cases: [(row: ExpertCase, file: CaseFile)]
    }

    private func show(_ visit: Visit) async throws -> Answer {
        let id: ID<ForeignExpert> = try visit.id("id")
        let (t, vault) = (visit.say, house.vault)
        let card = try await house.db.read { tx -> Card in
            guard let expert = try ForeignExpertStore.find(id, tx) else { throw PrivacyError.unknown }
            return Card(
                expert: expert, facts: try Registry.history(of: expert.person.text, tx),
                contents: try Personal.list(of: expert.person, tx).map { ($0, try $0.masked(vault)) },
                permits: try expert.foreigner.map { try BoardStore.permits(of: $0, tx) } ?? [],
                cases: try ExpertCaseStore.list(ExpertCaseFilter(expert: id), before: nil, limit: 50, tx))
        }
        let expert = card.expert
        let change: HTML =
            Policy.may(visit.actor, .editExperts)
            ? Parts.button(t("修改登记", "Change the entry"), to: "/desk/talent/experts/\(id.text)/edit", .secondary)
            : .empty
        let body: HTML = """
            <div class="title-row"><h1>\(expert.name)</h1>\(Parts.badge(t(expert.state.title), expert.state == .present ? .good : .neutral))</div>\
            \(Parts.facts([
                (t("国家或地区", "Country"), HTML(text: t(house.city.countries.title(expert.country)))), (t("领域", "Field"), HTML(text: t(ExpertField.title(expert.field)))),
                (t("用人单位", "Employer"), HTML(text: t(written: expert.employer))), (t("类别", "Category"), HTML(text: expert.category)),
                (t("来华起", "In China since"), HTML(text: expert.since?.text(t.language) ?? "—")),
            ]))<p>\(change)</p>\(personal(card.contents, visit))\
            \(permits(card.permits, t))\(cases(card.cases, t))\(facts(card.facts, t))
            """
        return .page(
            Page(
                title: Bilingual("外国专家", "Foreign expert"),
                trail: Self.crumbs + [Crumb(Bilingual("名册", "Register"), "/desk/talent/experts")], width: .desk,
                body: body))
    }

    private func personal(_ contents: [(PersonalContent, String)], _ visit: Visit) -> HTML {
        let t = visit.say
        let mayLook = Policy.may(visit.actor, .lookAtPrivateContent)
        let rows = contents.map { content, masked -> [HTML] in
            let link: HTML =
                mayLook && content.erasedAt == nil
                ? "<a href=\"/privacy/contents/\(content.id.text)\">\(t("查看", "Show"))<span class=\"unseen\"> \(t(PersonalKind.named(content.kind).title))</span></a>"
                : "—"
            return [
                HTML(text: t(PersonalKind.named(content.kind).title)), HTML(text: masked),
                HTML(text: t(Parts.source(content.source))),
                HTML(text: content.from.text(t.language)), link,
            ]
        }
        return Parts.card(
            t("个人信息（遮盖显示，查看须写明理由）", "Personal content, masked; seeing it needs a reason"),
            Parts.table(
                t("个人信息", "Personal content"),
                [
                    .init(t("种类", "Kind")), .init(t("内容", "Content")), .init(t("来源", "Source")), .init(t("起", "From")),
                    .init(t("操作", "Do")),
                ], rows, empty: "<p>\(t("没有保存。", "Nothing is kept."))</p>"))
    }

    private func permits(_ permits: [BoardPermit], _ t: Say) -> HTML {
        Parts.card(
            t("工作许可", "Work permits"),
            BoardParts.table(permits, house.city.countries, t, empty: t("没有关联的工作许可。", "No work permit is linked.")))
    }

    private func cases(_ cases: [(row: ExpertCase, file: CaseFile)], _ t: Say) -> HTML {
        Parts.card(
            t("请求、投诉与报告", "Requests, complaints, notices"),
            ExpertCaseParts.table(cases, house, t, empty: t("没有办件。", "There are no cases.")))
    }

    private func facts(_ facts: [Fact], _ t: Say) -> HTML {
        let names: [String: Bilingual] = [
            "talent.country": Bilingual("国家或地区", "Country"), "talent.field": Bilingual("领域", "Field"),
            "talent.employer": Bilingual("用人单位", "Employer"), "talent.category": Bilingual("类别", "Category"),
            "talent.since": Bilingual("来华起", "In China since"), "talent.state": Bilingual("状态", "State"),
        ]
        let rows = facts.map { fact -> [HTML] in
            [
                HTML(text: names[fact.name].map { t($0) } ?? fact.name), HTML(text: fact.value.string ?? "—"),
                HTML(text: t(Parts.source(fact.source))), HTML(text: fact.from.text(t.language)),
                HTML(text: house.city.zone.clockText(fact.recordedAt)),
            ]
        }
        return Parts.card(
            t("事实与来源", "Facts and sources"),
            Parts.table(
                t("事实", "Facts"),
                [
                    .init(t("事实", "Fact")), .init(t("值", "Value")), .init(t("来源", "Source")), .init(t("起", "From")),
                    .init(t("记录时间", "Recorded")),
                ], rows, empty: "—"))
    }
}
