import Kernel
import Portal
import Store

/// The figures of the entry that a case is about.
struct FiguresPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        guard let register = try house.procedures.definition(of: file).filing?.about,
            let number = try CaseValues.own(of: file.id, tx)[RegisterHooks.entryField]?.string,
            let entry = try RegisterStore.find(register, number, tx), let definition = house.registers[register]
        else { return .empty }
        let figures = try RegisterStore.figures(of: entry.id, tx)
        return Parts.card(t("已报送的数据", "Figures on file"), FiguresPanel.table(figures, definition, t))
    }

    /// One row for each period, newest first.
    static func table(_ figures: [String: [String: Int64]], _ definition: RegisterDefinition, _ t: Say) -> HTML {
        let fields = definition.figures?.fields ?? []
        let rows = figures.keys.sorted(by: >).prefix(40).map { period -> [HTML] in
            [HTML(text: period)]
                + fields.map { field in
                    let value = figures[period]?[field.name]
                    let text = value.map { field.kind == .money ? Money(fen: $0).yuanText : String($0) }
                    return HTML(text: text ?? "—")
                }
        }
        let columns =
            [Parts.Column(t("期间", "Period"))]
            + fields.map { field in
                let unit = field.kind == .money ? t("元", "yuan") : field.unit.map { t($0) } ?? ""
                return Parts.Column("\(t(field.label))\(unit.isEmpty ? "" : " (\(unit))")", numeric: true)
            }
        return Parts.table(
            t("数据", "Figures"), columns, Array(rows), empty: "<p>\(t("还没有数据。", "There are no figures yet."))</p>")
    }
}

/// The grades that follow from the scores, before a leader confirms them.
struct GradesPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        let asked = try CaseValues.asked("score", of: file.id, tx)
        guard let scores = asked["scores"]?.array, !scores.isEmpty else { return .empty }
        let grades = try LaboratoryHooks(city: house.city).grades(scores, on: house.today)
        let names = Dictionary(
            try tx.rows(
                """
                SELECT number, name FROM register_entry
                WHERE register = \(LaboratoryHooks.register) AND number IN \(list: grades.map(\.number))
                """
            ) { (try $0["number"] as String, try $0["name"] as String) }, uniquingKeysWith: { $1 })
        let rows = grades.sorted { $0.score > $1.score }.map { item -> [HTML] in
            [
                HTML(text: item.number), HTML(text: names[item.number] ?? "—"), HTML(text: String(item.score)),
                HTML(text: t(item.grade.title)),
            ]
        }
        let columns: [Parts.Column] = [
            .init(t("编号", "Number")), .init(t("实验室", "Laboratory")), .init(t("得分", "Score"), numeric: true),
            .init(t("等级", "Grade")),
        ]
        return Parts.card(t("评估等级", "Grades"), Parts.table(t("评估等级", "Grades"), columns, rows, empty: "—"))
    }
}
