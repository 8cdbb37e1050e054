import Kernel
import Portal
import Store

/// Registers for everybody: lists with filters, files and charts, and each entry with its history and figures.
struct RegisterPages: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "registers.list", .get, "/registers/{id}", access: .everyone, summary: Bilingual("名册", "A register"),
                handler: list),
            Route(
                "registers.show", .get, "/registers/{id}/{number}", access: .everyone,
                summary: Bilingual("名册条目", "An entry of a register"), handler: show),
        ]
    }

    /// The register, if the visitor may see it.
    /// - Throws: ``RegisterError/unknownRegister(_:)``.
    func register(_ visit: Visit) throws -> (definition: RegisterDefinition, isStaff: Bool) {
        let definition = try house.registers.require(visit.path("id"))
        let isStaff = RoomPages.staff.allows(visit.actor)
        guard definition.isPublic || isStaff else { throw RegisterError.unknownRegister(definition.id) }
        return (definition, isStaff)
    }

    static func filter(
        _ definition: RegisterDefinition, isStaff: Bool, _ query: (String) -> String?
    ) -> RegisterFilter {
        var filter = RegisterFilter(
            state: query("state").flatMap { $0.isEmpty ? nil : $0 },
            name: query("name").flatMap { $0.isEmpty ? nil : $0 })
        for field in shown(definition, isStaff: isStaff) {
            if let value = query("f-\(field.name)"), !value.isEmpty { filter.fields[field.name] = value }
        }
        return filter
    }

    /// The shown fields that the visitor may see.
    static func shown(_ definition: RegisterDefinition, isStaff: Bool) -> [FormField] {
        definition.shownFields.filter { isStaff || !definition.internalFields.contains($0.name) }
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (definition, isStaff) = try register(visit)
        let filter = Self.filter(definition, isStaff: isStaff) { visit.query($0) }
        let (db, id) = (house.db, definition.id)
        let file = try visit.export(definition.title, Self.columns(definition, isStaff: isStaff, visit.language)) {
            last, limit in
            try await db.read { tx in try RegisterStore.list(id, filter, before: last?.number, limit: limit, tx) }
        }
        if let file { return file }
        let before = visit.query("before")
        let (found, charts) = try await db.read { tx in
            (
                try RegisterStore.list(id, filter, before: before, limit: 51, tx),
                before == nil ? try RegisterCharts.read([definition], tx).first : nil
            )
        }
        let shown = Array(found.prefix(50))
        let kept = visit.query.filter { !["before", "format"].contains($0.name) }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))"
        }.joined(separator: "&")
        let next: SafeURL? =
            found.count > 50
            ? shown.last.flatMap { SafeURL(checking: "/registers/\(id)?\(kept)&before=\(SafeURL.encode($0.number))") }
            : nil
        let mayAdd = definition.editing == .officer && visit.actor.roles.contains(.officer)
        let body: HTML = """
            <h1>\(t(definition.title))</h1><p class="lead">\(t(definition.summary))</p>\
            \(if: mayAdd, "<p class=\"buttons\">\(Parts.button(t("新增条目", "Add an entry"), to: "/desk/registers/\(id)/new", .secondary))</p>")\
            \(filters(definition, filter, isStaff: isStaff, t))\(visit.exports)\
            \(Self.table(definition, shown, isStaff: isStaff, t))\
            \(Parts.pager(next: next, first: before == nil ? nil : "/registers/\(id)", t))\
            \(with: charts, { "<div class=\"charts\">\(RegisterCharts.draw($0, t))</div>" })
            """
        return .page(Page(title: definition.title, trail: trail(definition), width: .desk, body: body))
    }

    func trail(_ definition: RegisterDefinition) -> [Crumb] {
        RoomPages.trail(to: definition.duty)
    }

    private func filters(
        _ definition: RegisterDefinition, _ filter: RegisterFilter, isStaff: Bool, _ t: Say
    ) -> HTML {
        var fields = Fields.input(.init("name", t("名称开头", "Name begins with")), value: filter.name ?? "", t)
        fields += Fields.select(
            .init("state", t("状态", "State")), definition.states.map { ($0.id, t($0.title)) }, value: filter.state,
            none: t("全部", "All"), t)
        for field in Self.shown(definition, isStaff: isStaff) where field.name != definition.name {
            let name = "f-\(field.name)"
            let chosen = filter.fields[field.name]
            if let options = field.options, !options.isEmpty {
                fields += Fields.select(
                    .init(name, t(field.label)), options.map { ($0.value, t($0.label)) }, value: chosen,
                    none: t("全部", "All"), t)
            } else {
                fields += Fields.input(.init(name, t(field.label)), value: chosen ?? "", t)
            }
        }
        return Fields.filters("/registers/\(definition.id)", fields, t)
    }

    static func table(
        _ definition: RegisterDefinition, _ entries: [RegisterEntry], isStaff: Bool, _ t: Say
    ) -> HTML {
        let shown = shown(definition, isStaff: isStaff).filter { $0.name != definition.name }
        let rows = entries.map { entry -> [HTML] in
            [
                "<a href=\"/registers/\(entry.register)/\(entry.number)\">\(entry.number)</a>", HTML(text: entry.name),
            ] + shown.map { HTML(text: FieldText.text($0, entry.content[$0.name] ?? .null, t.language)) } + [
                Parts.badge(t(definition.state(entry.state)?.title) ?? entry.state)
            ]
        }
        let columns =
            [Parts.Column(t("编号", "Number")), .init(t("名称", "Name"))] + shown.map { .init(t($0.label)) } + [
                .init(t("状态", "State"))
            ]
        return Parts.table(t(definition.title), columns, rows, empty: "<p>\(t("没有符合条件的条目。", "No entry fits."))</p>")
    }

    static func columns(
        _ definition: RegisterDefinition, isStaff: Bool, _ language: Language
    ) -> [ExportColumn<RegisterEntry>] {
        let fields = definition.form(isStaff: isStaff).fields.filter {
            ![.files, .table, .budget].contains($0.kind)
        }
        return [ExportColumn(Bilingual("编号", "Number"), text: \.number)]
            + fields.map { field in
                ExportColumn(field.label) { FieldText.cell(field, $0.content[field.name] ?? .null, language) }
            } + [
                ExportColumn(
                    Bilingual("状态", "State"),
                    text: { entry in
                        definition.state(entry.state)?.title[language] ?? entry.state
                    })
            ]
    }

    // MARK: An entry

    private func show(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let (definition, isStaff) = try register(visit)
        let number = visit.path("number")
        let (entry, history, figures) = try await house.db.read { tx in
            let entry = try RegisterStore.require(definition.id, number, tx)
            return (
                entry, isStaff ? try RegisterStore.history(of: entry.id, tx) : [],
                definition.figures == nil ? [:] : try RegisterStore.figures(of: entry.id, tx)
            )
        }
        let mayEdit = definition.editing == .officer && visit.actor.roles.contains(.officer)
        let edit: HTML =
            mayEdit
            ? "<p class=\"buttons\">\(Parts.button(t("修改", "Change"), to: "/desk/registers/\(definition.id)/\(number)/edit", .secondary))</p>"
            : .empty
        let filed = house.procedures.current.filter {
            $0.filing?.about == definition.id && $0.isOffered(to: visit.actor)
        }
        let starts = HTML(each: filed) {
            "<li><a href=\"/procedures/\($0.id)/start?entry=\(entry.number)\">\(t($0.title))</a></li>"
        }
        let body: HTML = """
            <div class="title-row"><h1>\(entry.name)</h1>\(Parts.badge(t(definition.state(entry.state)?.title) ?? entry.state, .info))</div>\
            <p>\(t(definition.title)) · \(entry.number)</p>\(edit)\
            \(Parts.card(nil, FormView.read(definition.form(isStaff: isStaff), entry.content, level: 2, t)))\
            \(if: !filed.isEmpty, Parts.card(t("可以办理", "What you can file"), "<ul>\(starts)</ul>"))\
            \(with: definition.figures, { Self.figures($0, figures, entry, t) })\
            \(if: !history.isEmpty, Parts.card(t("变更记录", "History"), self.history(history, definition, t)))
            """
        return .page(
            Page(
                title: Bilingual(entry.name, entry.name),
                trail: trail(definition) + [Crumb(definition.title, "/registers/\(definition.id)")], width: .desk,
                body: body))
    }

    private static func figures(
        _ definition: RegisterDefinition.Figures, _ figures: [String: [String: Int64]], _ entry: RegisterEntry, _ t: Say
    ) -> HTML {
        let periods = figures.keys.sorted()
        let rows = periods.reversed().map { period -> [HTML] in
            [HTML(text: period)]
                + definition.fields.map { field in
                    let value = figures[period]?[field.name]
                    return HTML(
                        text: value.map { field.kind == .money ? Money(fen: $0).yuanText : String($0) } ?? "—")
                }
        }
        let columns =
            [Parts.Column(t("期间", "Period"))]
            + definition.fields.map { field in
                let unit = field.kind == .money ? t("元", "RMB") : t(field.unit) ?? ""
                return .init(unit.isEmpty ? t(field.label) : t(field.label) + t.beside(unit), numeric: true)
            }
        let table = Parts.table(
            t("统计数据", "Figures"), columns, rows, empty: "<p>\(t("还没有数据。", "No figures yet."))</p>")
        let charts = HTML(each: periods.count > 1 ? definition.fields.filter(\.isSummed) : []) { field in
            let isMoney = field.kind == .money
            return Chart.lines(
                ChartText(
                    id: "figure-\(field.name)", title: t(field.label),
                    description: t("各期的数值。", "The value of each period."),
                    unit: isMoney ? t("万元", "RMB 10,000") : t(field.unit) ?? ""),
                points: periods,
                series: [
                    (
                        t(field.label),
                        periods.map { Int((figures[$0]?[field.name] ?? 0) / (isMoney ? 1_000_000 : 1)) }
                    )
                ], t)
        }
        return Parts.card(t("统计数据", "Figures"), "\(table)<div class=\"charts\">\(charts)</div>")
    }

    private func history(_ changes: [RegisterChange], _ definition: RegisterDefinition, _ t: Say) -> HTML {
        let names: [String: String] = [
            "added": t("列入", "Added"), "changed": t("修改", "Changed"), "state": t("状态变更", "State set"),
            "figures": t("填报数据", "Figures given"),
        ]
        return Parts.timeline(
            changes.map { change in
                let detail: HTML = """
                    <p>\(t(change.reason))</p>\(with: change.caseID, { "<p class=\"hint\"><a href=\"/cases/\($0.text)\">\(t("依据的办件", "The case behind it"))</a></p>" })
                    """
                return (
                    when: house.city.zone.clockText(change.at), what: names[change.kind] ?? change.kind, who: "",
                    detail: detail
                )
            })
    }
}
