import Kernel
import Portal
import Store

/// The list of all cases of a procedure, with its shown fields as columns and filters, and as files.
struct ProcedureDesk: Sendable {
    let house: House

    var routes: [Route] {
        [
            Route(
                "desk.procedures", .get, "/desk/procedures/{id}", access: RoomPages.staff,
                summary: Bilingual("一个事项的办件", "Cases of a procedure"), handler: list)
        ]
    }

    private func list(_ visit: Visit) async throws -> Answer {
        let t = visit.say
        let definition = try house.procedures.newest(visit.path("id"))
        guard definition.filing != nil else { throw RequestProblem.nothingHere }
        let actor = visit.actor
        let filter = Self.filter(definition, actor) { visit.query($0) }
        let (db, procedures) = (house.db, house.procedures)
        let columns = Self.columns(definition, visit.language, house)
        let file = try visit.export(definition.title, columns) { last, limit in
            try await db.read { tx in
                try CaseLists.list(filter, before: last?.file.id, limit: limit, tx)
            }
        }
        if let file { return file }
        let before: ID<CaseFile>? = visit.query("before").map { ID($0) }
        let found = try await db.read { tx in try CaseLists.list(filter, before: before, limit: 51, tx) }
        let shown = found.prefix(50)
        let kept = visit.query.filter { !["before", "format"].contains($0.name) }.map {
            "\(SafeURL.encode($0.name))=\(SafeURL.encode($0.value))"
        }.joined(separator: "&")
        let base = "/desk/procedures/\(definition.id)"
        let next: SafeURL? =
            found.count > 50
            ? shown.last.flatMap { SafeURL(checking: "\(base)?\(kept)&before=\($0.file.id.text)") } : nil
        let body: HTML = """
            <h1>\(t(definition.title))</h1>\(filters(definition, filter, t))\(visit.exports)\
            \(table(definition, Array(shown), procedures, t))\
            \(Parts.pager(next: next, first: before == nil ? nil : SafeURL(checking: base), t))
            """
        return .page(
            Page(
                title: definition.title, trail: RoomPages.deskTrail(to: definition.duty ?? ""), width: .desk,
                body: body))
    }

    /// The filter of a query; officers of a division see its own confidential cases only.
    static func filter(
        _ definition: ProcedureDefinition, _ actor: Actor, _ query: (String) -> String?
    ) -> CaseFilter {
        var filter = CaseFilter(definition.id, step: query("step").flatMap { $0.isEmpty ? nil : $0 })
        for name in definition.shownFields {
            if let value = query(name)?.trimmingPrefix(" "), !value.isEmpty { filter.fields[name] = String(value) }
        }
        if actor.roles.isDisjoint(with: [.leader, .auditor]) {
            filter.viewer = actor.division
            filter.isConfidential = definition.isConfidential
        }
        return filter
    }

    private func filters(_ definition: ProcedureDefinition, _ filter: CaseFilter, _ t: Say) -> HTML {
        let steps = definition.steps.map { (value: $0.id, title: t($0.title)) }
        var fields = Fields.select(
            .init("step", t("环节", "Step"), required: true), steps, value: filter.step, none: t("全部", "All"), t)
        for name in definition.shownFields {
            guard let field = definition.form?.field(name) else { continue }
            let chosen = filter.fields[name]
            if let options = field.options, !options.isEmpty {
                fields += Fields.select(
                    .init(name, t(field.label)), options.map { ($0.value, t($0.label)) }, value: chosen,
                    none: t("全部", "All"), t)
            } else {
                fields += Fields.input(.init(name, t(field.label)), value: chosen ?? "", t)
            }
        }
        return Fields.filters("/desk/procedures/\(definition.id)", fields, t)
    }

    private func table(
        _ definition: ProcedureDefinition, _ lines: [CaseLine], _ procedures: Procedures, _ t: Say
    ) -> HTML {
        let today = house.today
        let shown = definition.shownFields.compactMap { definition.form?.field($0) }
        let rows = lines.map { line -> [HTML] in
            let file = line.file
            let left = file.dueOn.flatMap { try? house.city.calendar.workingDays(after: today, through: $0) }
            let step = try? procedures.definition(of: file).step(file.step)
            return [
                "<a href=\"/cases/\(file.id.text)\">\(file.number)</a>", HTML(text: t(file.title)),
            ] + shown.map { HTML(text: FieldText.text($0, line.values[$0.name] ?? .null, t.language)) } + [
                Parts.badge(step.map { t($0.title) } ?? file.step, step?.isFinal == true ? .neutral : .info),
                Parts.clock(
                    due: file.dueOn, left: left, unit: Bilingual("个工作日", "working days"),
                    holder: t(house.holder(of: file, at: step)), t),
            ]
        }
        let columns =
            [Parts.Column(t("编号", "Number")), .init(t("名称", "Title"))] + shown.map { .init(t($0.label)) } + [
                .init(t("环节", "Step")), .init(t("时限与办理人", "Clock and holder")),
            ]
        return Parts.table(
            t(definition.title), columns, rows, empty: "<p>\(t("没有符合条件的办件。", "No case fits."))</p>")
    }

    private static func columns(
        _ definition: ProcedureDefinition, _ language: Language, _ house: House
    ) -> [ExportColumn<CaseLine>] {
        let shown = definition.shownFields.compactMap { definition.form?.field($0) }
        let procedures = house.procedures
        return [
            ExportColumn(Bilingual("编号", "Number"), text: \.file.number),
            ExportColumn(Bilingual("名称", "Title"), text: { $0.file.title[language] }),
        ]
            + shown.map { field in
                ExportColumn(field.label) { FieldText.cell(field, $0.values[field.name] ?? .null, language) }
            } + [
                ExportColumn(
                    Bilingual("环节", "Step"),
                    text: { line in
                        (try? procedures.step(of: line.file))?.title[language] ?? line.file.step
                    }),
                ExportColumn(Bilingual("期限", "Due")) { $0.file.dueOn.map { .day($0) } ?? .none },
            ]
    }
}

/// Values of form fields as short texts and cells.
enum FieldText {
    static func text(_ field: FormField, _ value: JSONValue, _ language: Language) -> String {
        switch value {
        case .null: ""
        case .integer(let number) where field.kind == .money: Money(fen: number).yuanText
        case .bool(let flag): flag ? Bilingual("是", "Yes")[language] : Bilingual("否", "No")[language]
        case .array(let items):
            items.map { text(field, $0, language) }.joined(separator: Bilingual("、", ", ")[language])
        case .object: "…"
        default: option(field, value.plainText ?? "", language)
        }
    }

    static func cell(_ field: FormField, _ value: JSONValue, _ language: Language) -> ListCell {
        switch (field.kind, value) {
        case (.money, .integer(let fen)): .money(Money(fen: fen))
        case (.number, .integer(let number)): .number(number)
        case (.day, .string(let text)): Day(text).map { .day($0) } ?? .text(text)
        case (_, .null): .none
        default: .text(text(field, value, language))
        }
    }

    private static func option(_ field: FormField, _ value: String, _ language: Language) -> String {
        field.options?.first { $0.value == value }?.label[language] ?? value
    }
}
